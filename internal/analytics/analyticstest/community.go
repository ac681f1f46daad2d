// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package analyticstest is the conformance suite of analytics engines: whatever holds the facts, the figures are the same.
//
// Run computes figures that were worked out by hand, also while what the engine follows changes. RunExact draws communities
// of chance, with merges, splits, edits, deletions and erased accounts, in several time zones, and compares every metric with
// a slow reference that is written straight from its definition (reference.go).
package analyticstest

import (
	"context"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// Projection is an engine's projection, open.
type Projection interface {
	analytics.FactReader
	Update(ctx context.Context) error
	Rebuild(ctx context.Context) error
	Close() error
}

// Engine is an engine under test.
type Engine struct {
	// Place makes an empty place to keep a projection in: a folder, for one thing.
	Place func(tb testing.TB) string
	// Open opens the projection in a place.
	Open func(tb testing.TB, place string, f *Feed, log *slog.Logger, now func() time.Time) (Projection, *analytics.Columns, error)
}

// Community is the little community of TableFeed, or another one, projected. Now may be changed.
type Community struct {
	*Feed
	Place  string
	Cols   *analytics.Columns
	Proj   Projection
	Now    time.Time
	engine *analytics.Engine
}

// Community projects a feed into a place, and closes the projection when the test ends.
func (e Engine) Community(tb testing.TB, f *Feed, place string) *Community {
	tb.Helper()
	c := &Community{Feed: f, Place: place, Now: at(tb, berlin(tb), "2026-04-08 12:00")}
	clock := func() time.Time { return c.Now }
	var err error
	if c.Proj, c.Cols, err = e.Open(tb, place, f, slog.New(slog.NewTextHandler(tb.Output(), nil)), clock); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close(tb) })
	from := answers{
		members: map[string][]int64{"tag:champion": {1, 2, 3}, `org:"Blue Harbor"`: {1, 2, 4}},
		found:   map[string][]int64{"webhook": {2, 8, 9, 21}, "webhook or kind:star": {2, 8, 9, 15, 21}},
	}
	c.engine = analytics.NewEngine(c.Cols, analytics.Answers{Members: from, Finder: from, Facts: c.Proj, Names: from, Organizations: from}, clock)
	return c
}

// Close closes the projection.
func (c *Community) Close(tb testing.TB) {
	tb.Helper()
	if c.Proj == nil {
		return
	}
	if err := c.Proj.Close(); err != nil {
		tb.Error(err)
	}
	c.Proj = nil
}

// Update brings the projection up to date.
func (c *Community) Update(tb testing.TB) {
	tb.Helper()
	if err := c.Proj.Update(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// Ask computes a metric over the five weeks.
func (c *Community) Ask(tb testing.TB, r analytics.Request, text string) *analytics.Result {
	tb.Helper()
	zone := berlin(tb)
	if r.From.IsZero() {
		r.From, r.To = at(tb, zone, "2026-03-02"), at(tb, zone, "2026-04-06")
	}
	if r.Granularity == "" {
		r.Granularity = analytics.Week
	}
	r.Zone = zone
	if text != "" {
		m, err := analytics.Lookup(r.Metric)
		if err != nil {
			tb.Fatal(err)
		}
		var kinds []string
		for _, k := range greenroom.Kinds() {
			kinds = append(kinds, k.String())
		}
		if r.Query, err = query.Parse(query.NewSchema(m.Entity, kinds), text); err != nil {
			tb.Fatal(err)
		}
	}
	res, err := c.engine.Compute(tb.Context(), r)
	if err != nil {
		tb.Fatal(err)
	}
	return res
}

// Row prints a series on one line: the values, - for none, with the group or the offset before them.
func Row(res *analytics.Result) string {
	var parts []string
	group := ""
	for _, p := range res.Series {
		if p.Group != group {
			group = p.Group
			parts = append(parts, group+":")
		}
		if p.Offset != nil && *p.Offset == 0 {
			parts = append(parts, p.From.Format("2.1.")+"/"+strconv.FormatInt(p.N, 10)+":")
		}
		v := "-"
		if p.Value != nil {
			v = strconv.FormatFloat(math.Round(*p.Value*10000)/10000, 'f', -1, 64)
		}
		if p.Partial {
			v += "~"
		}
		parts = append(parts, v)
	}
	return strings.Join(parts, " ")
}

// All is a figure of everything: how many activities and members there are, and so on, until now.
func (c *Community) All(tb testing.TB) string {
	tb.Helper()
	far := analytics.Request{From: time.Unix(0, 0), To: c.Now, Granularity: analytics.Total, Options: analytics.Options{Staff: true, Bots: true}}
	var parts []string
	for _, m := range []string{"activities", "members", "conversations", "questions", "time_to_first_response"} {
		far.Metric = m
		parts = append(parts, Row(c.Ask(tb, far, "")))
	}
	return strings.Join(parts, " ")
}
