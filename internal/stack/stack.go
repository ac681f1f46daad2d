// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// Store is what the package needs of the record store.
type Store interface {
	Sources(ctx context.Context) ([]greenroom.Source, error)
	LastRuns(ctx context.Context) (map[int64]greenroom.Run, error)
	// Survey returns what a platform last said of itself, and when; the zero time where it never did.
	Survey(ctx context.Context, sourceID int64) (connector.Survey, time.Time, error)
	KeepSurvey(ctx context.Context, sourceID int64, v connector.Survey) error
	Contents
	Counts
	Traffic
}

// Contents tells what came in from a source, and what was removed again.
type Contents interface {
	// Fields returns what is known of the payloads of a source, by record, path and type.
	Fields(ctx context.Context, sourceID int64) ([]greenroom.PayloadField, error)
	// Expired tells how much of a source was removed because its platform's terms let nobody keep it, by the name of a kind
	// of activity, or "accounts" or "profiles".
	Expired(ctx context.Context, sourceID int64) (map[string]int64, error)
}

// Traffic tells what is pushed to Greenroom, and what it pushes.
type Traffic interface {
	// DeliveryCounts says how many pushes wait to become facts, and how many were given up.
	DeliveryCounts(ctx context.Context, sourceID int64) (waiting, lost int64, err error)
	// ScheduleTroubles tells what does not work of the actions that are repeated on sources' platforms.
	ScheduleTroubles(ctx context.Context) ([]action.Trouble, error)
}

// Counts counts exactly what a list with a query holds.
type Counts interface {
	CountAll(ctx context.Context, e query.Entity, q *query.Query) (int64, error)
	CountRecords(ctx context.Context, sourceID int64, kind string) (int64, error)
	Ledger(ctx context.Context, sourceID int64) (greenroom.Ledger, error)
}

// Figures computes metrics; analytics.Engine does.
type Figures interface {
	Compute(ctx context.Context, r analytics.Request) (*analytics.Result, error)
	// Records gives the list, and the query, of what a point of a result counted.
	Records(r analytics.Request, res *analytics.Result, point int) (query.Entity, string, error)
}

// Platforms opens sources for questions to their platforms.
type Platforms interface {
	Specs() []connector.Spec
	// Open opens a source as it is configured.
	Open(src *greenroom.Source) (connector.Source, error)
	// Running reports whether a source is being read at this moment.
	Running(source string) (greenroom.Run, bool)
}

// Service answers questions about sources.
type Service struct {
	store     Store
	figures   Figures
	platforms Platforms
	log       *slog.Logger
	now       func() time.Time
	zone      func() *time.Location
	specs     map[string]connector.Spec
	schemas   map[query.Entity]*query.Schema
	waits     func() string // see Watch

	mu      sync.Mutex
	last    []Report // of all sources
	lastAt  time.Time
	changed map[int64][]Change // by source
	seenAt  map[int64]time.Time
}

// For how long what was found is given again: every page shows alerts, and shapes change slowly.
const (
	keepReports = 5 * time.Second
	keepChanges = time.Minute
)

// New returns a service. zone is the community's time zone, in which days begin.
func New(store Store, figures Figures, platforms Platforms, log *slog.Logger, now func() time.Time, zone func() *time.Location) *Service {
	s := &Service{store: store, figures: figures, platforms: platforms, log: log, now: now, zone: zone, specs: make(map[string]connector.Spec), schemas: make(map[query.Entity]*query.Schema)}
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	for _, e := range query.Entities() {
		s.schemas[e] = query.NewSchema(e, kinds)
	}
	for _, spec := range platforms.Specs() {
		s.specs[spec.Kind] = spec
	}
	return s
}

// Watch has reports raise an alert while waits says what the figures wait for; "" = for nothing.
func (s *Service) Watch(waits func() string) *Service {
	s.waits = waits
	return s
}

// Report is what is known of one source.
type Report struct {
	Source  greenroom.Source `json:"source"`
	State   State            `json:"state"`
	Says    string           `json:"says"`             // the state in a sentence
	Advice  string           `json:"advice,omitempty"` // what to do about it
	Live    bool             `json:"live"`             // it is kept in sync by itself
	Rhythm  int64            `json:"rhythm_seconds"`   // how often it is read by itself; 0 = only when told to
	ReadAt  time.Time        `json:"read_at,omitzero"` // when it was last read to its end
	Waiting int64            `json:"deliveries_waiting"`
	Lost    int64            `json:"deliveries_failed"`

	Budgets  []greenroom.Budget `json:"budgets"`
	Warnings map[string]int64   `json:"warnings,omitempty"`
	Changes  []Change           `json:"changes"` // of what the platform's answers look like
	Volume   []Day              `json:"volume"`  // the last eight weeks and today
	Alerts   []Alert            `json:"alerts"`
	Expiry   *Expiry            `json:"expiry,omitempty" doc:"What is not kept, because the platform's terms let nobody keep it; left out where all is kept."`

	Surveyed time.Time         `json:"surveyed_at,omitzero"` // when the platform was last asked for its own counts; left out = never
	CanAsk   bool              `json:"can_survey"`           // the connector can ask for them
	Places   []connector.Place `json:"places,omitempty"`
	Covered  int               `json:"places_covered"`
	Entries  []Entry           `json:"reconciliation,omitempty"`
}

// Expiry says what of a source is removed because its platform's terms let nobody keep it for longer.
type Expiry struct {
	Holds      bool             `json:"holds" doc:"Something is removed; false where the platform has allowed more."`
	Activities int64            `json:"activities_seconds" doc:"For how long what people did is kept, in seconds."`
	Profiles   int64            `json:"profiles_seconds" doc:"For how long people's names are kept, in seconds."`
	Terms      string           `json:"terms" doc:"Address of the platform's terms."`
	Removed    map[string]int64 `json:"removed" doc:"How much has been removed so far, by the name of a kind of activity, or accounts, or profiles."`
}

// Alert is something that a person should look at.
type Alert struct {
	Source string `json:"source"`
	Kind   string `json:"kind"` // late, failing, low, gap, deliveries, changed, analytics, action
	Text   string `json:"text"`
	Do     string `json:"do,omitempty"`
}

// Report tells all that is known of a source, without asking its platform.
func (s *Service) Report(ctx context.Context, name string) (*Report, error) {
	all, err := s.reports(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeNotFound, "there is no source %q", name)
	}
	r := &all[0]
	v, at, err := s.store.Survey(ctx, r.Source.ID)
	if err != nil {
		return nil, fmt.Errorf("reading the survey of %s: %w", name, err)
	}
	if at.IsZero() {
		return r, nil
	}
	r.Surveyed, r.Places = at, v.Places
	for i := range v.Places {
		if v.Places[i].Covered {
			r.Covered++
		}
	}
	r.Entries, err = s.reconcile(ctx, &r.Source, &v)
	return r, err
}

// Reports tells of every source how it is, by name, without coverage and counts. It may be some seconds old.
func (s *Service) Reports(ctx context.Context) ([]Report, error) {
	s.mu.Lock()
	last, at := s.last, s.lastAt
	s.mu.Unlock()
	if age := s.now().Sub(at); last != nil && age >= 0 && age < keepReports {
		return slices.Clone(last), nil
	}
	all, err := s.reports(ctx, "")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.last, s.lastAt = all, s.now()
	s.mu.Unlock()
	return slices.Clone(all), nil
}

// changes finds what has changed in the payloads of a source.
func (s *Service) changes(ctx context.Context, source int64) ([]Change, error) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.seenAt[source]; ok && now.Sub(at) < keepChanges {
		return s.changed[source], nil
	}
	fields, err := s.store.Fields(ctx, source)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says of which source
	}
	if s.changed == nil {
		s.changed, s.seenAt = make(map[int64][]Change), make(map[int64]time.Time)
	}
	s.changed[source], s.seenAt[source] = changes(fields, now), now
	return s.changed[source], nil
}

func (s *Service) reports(ctx context.Context, only string) ([]Report, error) {
	sources, err := s.store.Sources(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the sources: %w", err)
	}
	runs, err := s.store.LastRuns(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the last runs: %w", err)
	}
	volume, err := s.volume(ctx, only)
	if err != nil && greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
		return nil, err
	} // where the figures wait for a part of their cluster, all else is told
	troubles, err := s.store.ScheduleTroubles(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking at repeated actions: %w", err)
	}
	var all []Report
	for i := range sources {
		src := &sources[i]
		if only != "" && src.Name != only {
			continue
		}
		r := Report{Source: *src, Volume: volume[src.Name], Budgets: []greenroom.Budget{}, Alerts: []Alert{}, Changes: []Change{}}
		if r.Volume == nil {
			r.Volume = []Day{}
		}
		spec := s.specs[src.Kind]
		r.Rhythm = int64(spec.Every(src) / time.Second)
		r.Live = r.Rhythm > 0 || spec.Push != nil || spec.Streams
		r.CanAsk = spec.Rhythm > 0
		if r.Waiting, r.Lost, err = s.store.DeliveryCounts(ctx, src.ID); err != nil {
			return nil, fmt.Errorf("counting the deliveries of %s: %w", src.Name, err)
		}
		if spec.Expiry != nil {
			removed, err := s.store.Expired(ctx, src.ID)
			if err != nil {
				return nil, fmt.Errorf("counting what was removed of %s: %w", src.Name, err)
			}
			r.Expiry = &Expiry{
				Holds: spec.Expiry.Holds(src.Config), Activities: int64(spec.Expiry.Activities / time.Second), Profiles: int64(spec.Expiry.Profiles / time.Second),
				Terms: spec.Expiry.Terms, Removed: removed,
			}
		}
		run := runs[src.ID]
		if work, running := s.platforms.Running(src.Name); running {
			run = work
			r.judge(&run, true, s.now())
		} else {
			r.judge(&run, false, s.now())
		}
		if run.Metered.Budgets != nil {
			r.Budgets = run.Metered.Budgets
		}
		r.Warnings = run.Metered.Warnings
		if r.Live {
			found, err := s.changes(ctx, src.ID)
			if err != nil {
				return nil, fmt.Errorf("reading the fields of %s: %w", src.Name, err)
			}
			r.Changes = append(r.Changes, found...)
		}
		r.watch()
		r.watchRepeated(troubles)
		all = append(all, r)
	}
	s.watchFigures(all)
	return all, nil
}

// watchFigures raises the alert of what the figures wait for: once, though it is not about a source.
func (s *Service) watchFigures(all []Report) {
	if s.waits == nil || len(all) == 0 {
		return
	}
	if what := s.waits(); what != "" {
		r := &all[0]
		r.Alerts = append(r.Alerts, Alert{
			Source: r.Source.Name, Kind: "analytics", Text: sentence(what),
			Do: "Look at that server of the ClickHouse cluster. Nothing is lost: what comes in is stored, and figures are complete again when it is back.",
		})
	}
}

// Ask asks the platform of a source for its own counts and its places, keeps the answer and returns the report with it.
func (s *Service) Ask(ctx context.Context, name string) (*Report, error) {
	src, opened, err := s.open(ctx, name)
	if err != nil {
		return nil, err
	}
	surveyor, ok := opened.(connector.Surveyor)
	if !ok {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s gives no counts of its own to compare with", s.specs[src.Kind].Title)
	}
	v, err := surveyor.Survey(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking the platform of %s: %w", name, err)
	}
	if err := s.store.KeepSurvey(ctx, src.ID, v); err != nil {
		return nil, fmt.Errorf("keeping the survey of %s: %w", name, err)
	}
	return s.Report(ctx, name)
}

// Test asks the platform of a source whether reading it would work.
func (s *Service) Test(ctx context.Context, name string) (connector.Check, error) {
	src, opened, err := s.open(ctx, name)
	if err != nil {
		return connector.Check{}, err
	}
	tester, ok := opened.(connector.Tester)
	if !ok {
		return connector.Check{}, greenroom.Errorf(greenroom.CodeInvalid, "%s has no connection to test", s.specs[src.Kind].Title)
	}
	return tester.Test(ctx) //nolint:wrapcheck // the connector's own words are for the user
}

func (s *Service) open(ctx context.Context, name string) (*greenroom.Source, connector.Source, error) {
	sources, err := s.store.Sources(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the sources: %w", err)
	}
	for i := range sources {
		if sources[i].Name == name {
			opened, err := s.platforms.Open(&sources[i])
			return &sources[i], opened, err //nolint:wrapcheck // says what it opened
		}
	}
	return nil, nil, greenroom.Errorf(greenroom.CodeNotFound, "there is no source %q", name)
}

// Keep asks the platforms of live sources for their counts once a day, until ctx ends.
func (s *Service) Keep(ctx context.Context) {
	const every, look = 24 * time.Hour, 10 * time.Minute
	tick := time.NewTicker(look)
	defer tick.Stop()
	tried := make(map[int64]time.Time)
	for {
		sources, err := s.store.Sources(ctx)
		for i := 0; err == nil && i < len(sources); i++ {
			src := &sources[i]
			if src.DueAt.IsZero() || src.Failures > 0 || s.now().Sub(tried[src.ID]) < every {
				continue
			}
			_, at, serr := s.store.Survey(ctx, src.ID)
			if serr != nil || s.now().Sub(at) < every {
				continue
			}
			tried[src.ID] = s.now()
			if _, err := s.Ask(ctx, src.Name); err != nil && ctx.Err() == nil {
				s.log.InfoContext(ctx, "a platform was not asked for its counts", "source", src.Name, "why", greenroom.ErrorMessage(err))
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
