// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package server wires the product together: stores, importer, projector, services and the HTTP server over them.
package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/analytics/clickhouse"
	"greenroom/internal/ask"
	"greenroom/internal/auth"
	"greenroom/internal/event"
	"greenroom/internal/health"
	"greenroom/internal/inbox"
	"greenroom/internal/ingest"
	"greenroom/internal/knowledge"
	"greenroom/internal/matching"
	"greenroom/internal/member"
	"greenroom/internal/organization"
	"greenroom/internal/priority"
	"greenroom/internal/program"
	"greenroom/internal/projection"
	"greenroom/internal/proof"
	"greenroom/internal/report"
	"greenroom/internal/reported"
	"greenroom/internal/seal"
	"greenroom/internal/segment"
	"greenroom/internal/store"
	"greenroom/internal/task"
	"greenroom/internal/topic"
	"greenroom/internal/understand"
)

// requestTimeout is how long one request of a connector may take.
const requestTimeout = time.Minute

// Options say where the data are.
type Options struct {
	Data     string // folder; made when absent
	Database string // postgres:// URL; "" = SQLite in Data
	// Analytics is a clickhouse:// URL; "" = DuckDB in Data.
	Analytics string
	Log       *slog.Logger
	Now       func() time.Time
	School    understand.School // makes who reads messages; nil = the models that are part of the program
}

// App is the opened product, for the HTTP server and for the command line alike.
type App struct {
	Options
	Store         *store.Store
	Importer      *ingest.Importer
	Projector     *projection.Projector
	Members       *member.Service
	Employers     *member.Employers
	Organizations *organization.Service
	Matcher       *matching.Matcher
	Reviews       *matching.Reviewer
	Segments      *segment.Service
	Programs      *program.Service
	Events        *event.Service
	Auth          *auth.Service
	Topics        *topic.Service
	Inbox         *inbox.Service
	Tasks         *task.Service
	library       *knowledge.Service // of the server
	Reporting     *report.Service    // while it serves
	keys          *keyring
	clock         *clock
	long          *priority.Turn // of work in the background that takes seconds
	public        string         // where people reach Greenroom, as scheme://host; "" = not known

	figures   *analytics.Engine      // nil until Analytics
	projected projected              // what they are computed from; nil until it is opened
	cluster   *clickhouse.Projection // the same, where it is ClickHouse
	scratch   string                 // folder of a projection that is thrown away

	reading sync.Once
	reader  *understand.Service // see Understanding

	proving sync.Once
	proved  *proof.Service // see Proof

	asking    sync.Once
	questions *ask.Service // see Questions
}

// Open opens the record store in the data folder and the services over it.
func Open(ctx context.Context, o Options) (*App, error) {
	if err := os.MkdirAll(o.Data, 0o750); err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: fmt.Sprintf("the data folder %s cannot be made", o.Data), Err: err}
	}
	dsn := o.Database
	if dsn == "" {
		dsn = filepath.Join(o.Data, "greenroom.db")
	}
	c := &clock{now: o.Now}
	o.Now = c.Now // for everything that is made here
	st, err := store.Open(ctx, dsn, o.Log, o.Now)
	if err != nil {
		return nil, fmt.Errorf("opening the record store: %w", err)
	}
	a := &App{Options: o, Store: st, clock: c}
	if err := a.readZone(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reading the team's time zone: %w", err), st.Close())
	}
	if a.keys, err = newKeyring(filepath.Join(o.Data, "key"), os.Getenv(seal.EnvVar)); err != nil {
		return nil, errors.Join(fmt.Errorf("loading the key for secrets: %w", err), st.Close())
	}
	a.Importer = ingest.New(st, o.Log, o.Now, &http.Client{Timeout: requestTimeout}, a.keys)
	a.Auth = auth.New(st, o.Log, o.Now, rand.Reader)
	a.Matcher = matching.New(st, o.Log, o.Now)
	a.Segments = segment.New(st, auditor{a.Auth}, o.Log, o.Now)
	a.Programs, a.Events = a.programs(), a.events(nil)
	a.long = priority.NewTurn()
	a.Matcher.Turn = a.long
	a.Projector = projection.New(st, o.Log, a.Matcher, a, a.Segments)
	a.Topics = topic.New(st, st, o.Log, o.Now, func() *time.Location { return zones{a}.Zone() })
	a.Topics.Turn = a.long
	a.Inbox = inbox.New(st, auditor{a.Auth}, o.Log, o.Now, func() *time.Location { return zones{a}.Zone() })
	a.Tasks = task.New(st, auditor{a.Auth}, o.Now)
	a.Members = member.New(st, auditor{a.Auth}, a.Projector.Wake)
	a.Employers = member.NewEmployers(st, auditor{a.Auth}, a.Projector.Wake, o.Now)
	a.Organizations = organization.New(st, st, st, auditor{a.Auth}, a.Projector.Wake, o.Now)
	a.Reviews = matching.NewReviewer(a.Matcher, st, st, a.Members, auditor{a.Auth}, a.Projector.Wake)
	return a, nil
}

// Health makes the service that says how the community is, over the engine for figures.
func (a *App) Health(engine *analytics.Engine) *health.Service {
	s := health.New(engine, a.Store, a.Store, a.Store, a.Log, a.Now, a.Zone)
	s.UseCuts(a.cuts)
	s.UsePrograms(a.comparedPrograms)
	s.Turn = a.long
	return s
}

// Reported makes the service that keeps figures as they were reported.
func (a *App) Reported(engine *analytics.Engine) *reported.Service {
	return reported.New(a.Store, engine, a.Log, a.Now, a.Zone)
}

// comparedPrograms lists the programs that can be compared.
func (a *App) comparedPrograms(ctx context.Context) ([]health.Program, error) {
	open, err := a.Store.Programs(ctx, false)
	if err != nil {
		return nil, fmt.Errorf("listing programs: %w", err)
	}
	all := make([]health.Program, len(open))
	for i := range open {
		all[i] = health.Program{Key: open[i].Key, Name: open[i].Name}
	}
	return all, nil
}

// cuts lists the topics and segments that may explain a change.
func (a *App) cuts(ctx context.Context) ([]health.Cut, error) {
	segments, err := a.Store.Segments(ctx, false)
	if err != nil {
		return nil, fmt.Errorf("listing segments: %w", err)
	}
	topics, err := a.Store.Topics(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing topics: %w", err)
	}
	var all []health.Cut
	for i := range segments {
		all = append(all, health.Cut{Dimension: "segment", Name: segments[i].Name, Value: segments[i].Key})
	}
	for i := range topics {
		if t := &topics[i]; !t.Hidden && !t.Gone && t.MergedInto == 0 {
			all = append(all, health.Cut{Dimension: "topic", Name: t.Name, Value: strconv.FormatInt(t.ID, 10)})
		}
	}
	return all, nil
}

// Rebuild throws away everything that is computed from the facts and computes it again.
func (a *App) Rebuild(ctx context.Context) error {
	if err := a.Store.ForgetDerived(ctx); err != nil {
		return fmt.Errorf("throwing derived state away: %w", err)
	}
	if err := a.Projector.CatchUp(ctx); err != nil {
		return err
	}
	if err := a.Understanding().CatchUp(ctx); err != nil {
		return fmt.Errorf("reading messages again: %w", err)
	}
	if err := a.Topics.Place(ctx); err != nil {
		return fmt.Errorf("putting messages into topics again: %w", err)
	}
	if a.projected == nil {
		return nil
	}
	if err := a.projected.Rebuild(ctx); err != nil {
		return fmt.Errorf("building the analytics again: %w", err)
	}
	return nil
}

// Close closes the stores.
func (a *App) Close() error {
	var errs []error
	if a.projected != nil {
		errs = append(errs, a.projected.Close())
	}
	if a.scratch != "" {
		errs = append(errs, os.RemoveAll(a.scratch))
	}
	return errors.Join(append(errs, a.Store.Close())...)
}
