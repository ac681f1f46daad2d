// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"greenroom/internal/analytics"
	"greenroom/internal/analytics/clickhouse"
	"greenroom/internal/analytics/duckdb"
)

// projected is the copy of the facts that figures are computed from, in whichever engine.
type projected interface {
	analytics.FactReader
	Update(ctx context.Context) error
	Rebuild(ctx context.Context) error
	Close() error
}

// use says what a process needs the analytics for.
type use uint8

const (
	toCompute use = iota
	toFollow      // keep them current, and compute nothing
	toRead        // compute beside the process that keeps them current
)

// openAnalytics opens the engine that Options name. Here, and nowhere else, it is chosen. The columns are nil for toFollow.
func (a *App) openAnalytics(ctx context.Context, u use) (projected, *analytics.Columns, error) {
	if a.Options.Analytics != "" {
		return a.openClickHouse(ctx, u)
	}
	dir := a.Data
	switch u {
	case toFollow:
		p, err := duckdb.OpenFile(ctx, dir, a.Store, a.Log, a.Now)
		return known(p, err), nil, err
	case toRead: // the file has one user at a time, so this one gets a copy that is thrown away
		var err error
		if dir, err = os.MkdirTemp("", "greenroom-figures-"); err != nil {
			return nil, nil, fmt.Errorf("making a folder for figures: %w", err)
		}
		a.scratch = dir
	case toCompute:
	}
	cols := analytics.NewColumns()
	p, err := duckdb.Open(ctx, dir, a.Store, cols, a.Log, a.Now)
	return known(p, err), cols, err
}

func (a *App) openClickHouse(ctx context.Context, u use) (projected, *analytics.Columns, error) {
	c, err := clickhouse.ParseURL(a.Options.Analytics)
	if err != nil {
		return nil, nil, err
	}
	open := func(ctx context.Context, c clickhouse.Config, feed analytics.Feed, log *slog.Logger, now func() time.Time) (*clickhouse.Projection, *analytics.Columns, error) {
		return clickhouse.Open(ctx, c, a.Data, feed, log, now)
	}
	if u == toRead {
		open = clickhouse.OpenReader
	}
	p, cols, err := open(ctx, c, a.Store, a.Log, a.Now)
	if err == nil {
		a.cluster = p
	}
	return known(p, err), cols, err
}

// known is p, or nothing where it could not be opened.
func known[P projected](p P, err error) projected {
	if err != nil {
		return nil
	}
	return p
}

// Follow keeps the figures current where this process computes them; otherwise whoever does follows by itself.
func (a *App) Follow(ctx context.Context) error {
	if err := a.Store.Follow(ctx); err != nil {
		return err
	}
	switch {
	case a.cluster != nil:
		return a.cluster.Follow(ctx)
	case a.projected != nil:
		return a.projected.Update(ctx)
	default:
		return nil
	}
}

// waits says for what part of a cluster the figures wait; "" = for none.
func (a *App) waits() string {
	if a.cluster == nil {
		return ""
	}
	who, since := a.cluster.Waiting()
	if since.IsZero() {
		return ""
	}
	return fmt.Sprintf("analytics waits for shard %s since %s", who, since.In(a.Zone()).Format("2 January 15:04"))
}

// Analytics opens the engine for figures. One process of a data folder keeps them current at a time: while another one
// does, the error has CodeUnavailable.
func (a *App) Analytics(ctx context.Context) (*analytics.Engine, error) {
	if a.figures != nil {
		return a.figures, nil
	}
	return a.analyticsTo(ctx, toCompute)
}

// AnalyticsFile keeps the figures' copy of the facts current without computing any, for a command that imports and ends.
func (a *App) AnalyticsFile(ctx context.Context) error {
	p, _, err := a.openAnalytics(ctx, toFollow)
	if err != nil {
		return fmt.Errorf("opening the analytics: %w", err)
	}
	a.projected = p
	return nil
}

// AnalyticsApart opens the engine for a command beside a running server.
func (a *App) AnalyticsApart(ctx context.Context) (*analytics.Engine, error) {
	return a.analyticsTo(ctx, toRead)
}

func (a *App) analyticsTo(ctx context.Context, u use) (*analytics.Engine, error) {
	p, cols, err := a.openAnalytics(ctx, u)
	if err != nil {
		return nil, fmt.Errorf("opening the analytics: %w", err)
	}
	a.projected = p
	a.figures = analytics.NewEngine(cols, analytics.Answers{Members: a.Store, Finder: a.Store, Facts: p, Names: a.Store, Organizations: a.Store}, a.Now)
	return a.figures, nil
}
