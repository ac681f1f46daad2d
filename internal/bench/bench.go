// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/gharchive"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
	"greenroom/internal/store/baseline"
)

// Options say what to measure.
type Options struct {
	Activities  int              // how many events to make
	Dir         string           // folder to work in; "" = a new one that is removed at the end
	Rounds      int              // how often each query is asked; 0 = 20
	SkipBare    bool             // leave the plain loop out
	SkipQueries bool             // leave the queries out
	SkipImport  bool             // measure only queries, over what an earlier run left in Dir
	Until       time.Time        // the day of the last events, and the product's today; zero = 2026-06-30
	KeepBack    int              // the events of every so many-th day are made and not imported: for a server to import under load; 0 = none
	Log         *slog.Logger     // of the product
	Memory      int64            // Go's memory limit while it imports, in bytes, as imports have it; 0: as it is
	Now         func() time.Time // measures; the product itself runs on a fixed date
	Say         func(string)     // told what is being done
}

// Report is what was measured.
type Report struct {
	Activities int64   `json:"activities"`
	Processors int     `json:"processors"`
	Events     Events  `json:"events"`
	Import     *Import `json:"import,omitempty"`
	Bare       *Bare   `json:"bare_loop,omitempty"`
	// Ratio is the rate of the import as a part of the rate of the plain loop.
	Ratio   float64      `json:"import_to_bare_ratio,omitempty"`
	Queries []QueryTimes `json:"queries"`
	// QueryMemory is the most memory that was held while queries were asked.
	QueryMemory int64 `json:"query_peak_memory_mb"`
}

// Events describes the files that were made.
type Events struct {
	PackedBytes int64 `json:"packed_bytes"`
	PlainBytes  int64 `json:"plain_bytes"`
}

// Import is what bringing the events in took.
type Import struct {
	Cost
	Stored        int64   `json:"stored"`
	Identities    int64   `json:"identities"`
	Members       int64   `json:"members"`
	StoredSeconds float64 `json:"seconds_until_stored"` // until all facts were there; the rest is derived state
	DatabaseBytes int64   `json:"database_bytes"`
}

// Bare is what the plain loop over the same rows took.
type Bare struct {
	Cost
	Rows            int64   `json:"rows"`
	FullTextSeconds float64 `json:"full_text_seconds"` // the part that went into the full-text tables
	// WithoutFullText is the rate without the full-text tables.
	WithoutFullText float64 `json:"activities_per_second_without_full_text"`
}

// defaultRounds is how often each query is asked.
const defaultRounds = 20

// run is a benchmark on its way.
type run struct {
	Options
	start time.Time
	app   *server.App
	rep   Report
}

// Run makes the data and measures.
func Run(ctx context.Context, o Options) (rep Report, err error) {
	if o.Activities < days {
		return rep, greenroom.Errorf(greenroom.CodeInvalid, "%d activities are too few to measure; ask for at least %d", o.Activities, days)
	}
	if o.Rounds == 0 {
		o.Rounds = defaultRounds
	}
	if o.Dir == "" {
		dir, err := os.MkdirTemp("", "greenroom-bench-")
		if err != nil {
			return rep, fmt.Errorf("making a folder for the benchmark: %w", err)
		}
		o.Dir = dir
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	if o.Until.IsZero() {
		o.Until = time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)
	}
	r := &run{Options: o, start: o.Now(), rep: Report{Processors: runtime.GOMAXPROCS(0)}}
	defer func() {
		if r.app != nil {
			err = errors.Join(err, r.app.Close())
		}
	}()
	steps := []func(context.Context) error{r.open, r.events, r.importEvents, r.bare, r.business, r.queries}
	if o.SkipQueries {
		steps = []func(context.Context) error{r.open, r.events, r.importEvents, r.bare, r.business}
	}
	if o.SkipImport {
		steps = []func(context.Context) error{r.open, r.queries}
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return r.rep, err
		}
	}
	return r.rep, nil
}

// clock is the product's: the evening of the last day, going on from there.
func (r *run) clock() time.Time { return r.Until.Add(20*time.Hour + r.Now().Sub(r.start)) }

func (r *run) data() string     { return filepath.Join(r.Dir, "data") }
func (r *run) database() string { return filepath.Join(r.data(), "greenroom.db") }

func (r *run) open(ctx context.Context) error {
	if _, err := os.Stat(r.database()); (err == nil) != r.SkipImport {
		if r.SkipImport {
			return greenroom.Errorf(greenroom.CodeInvalid, "%s holds no benchmark that was kept; run one with this folder first", r.Dir)
		}
		return greenroom.Errorf(greenroom.CodeInvalid, "%s holds a benchmark already; give another folder", r.Dir)
	}
	app, err := server.Open(ctx, server.Options{Data: r.data(), Log: r.Log, Now: r.clock})
	if err != nil {
		return err
	}
	r.app = app
	return app.AnalyticsFile(ctx) // as greenroom import does
}

func (r *run) events(ctx context.Context) error {
	r.Say(fmt.Sprintf("making %d events", r.Activities))
	for _, dir := range []string{r.eventDir(), r.laterDir()} {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return fmt.Errorf("making events: %w", err)
		}
	}
	var err error
	r.rep.Events.PackedBytes, r.rep.Events.PlainBytes, err = writeEvents(ctx, r.Activities, func(day int) (dir string, date time.Time) {
		dir = r.eventDir()
		if r.KeepBack > 0 && day%r.KeepBack == 0 {
			dir = r.laterDir()
		}
		return dir, r.Until.AddDate(0, 0, day-days+1)
	})
	return err
}

func (r *run) eventDir() string { return filepath.Join(r.Dir, "events") }
func (r *run) laterDir() string { return filepath.Join(r.Dir, "later") }

func (r *run) importEvents(ctx context.Context) error {
	r.Say("importing")
	m := startMeter(r.Now())
	src, done, stored, err := r.bringIn(ctx, gharchive.Spec(), connector.Values{"path": r.eventDir()})
	if err != nil {
		return err
	}
	im := &Import{Cost: m.cost(r.Now(), done.Stored), Stored: done.Stored, StoredSeconds: stored.Sub(m.began).Seconds()}
	im.DatabaseBytes = size(r.database()) + size(r.database()+"-wal")
	if im.Identities, im.Members, err = r.app.Store.SourcePeople(ctx, src.ID); err != nil {
		return fmt.Errorf("counting people: %w", err)
	}
	r.rep.Import, r.rep.Activities = im, done.Stored
	return nil
}

// bringIn imports as the command line does: the projector runs beside and catches up at the end. stored is when the last
// fact was there.
func (r *run) bringIn(ctx context.Context, spec connector.Spec, v connector.Values) (src greenroom.Source, done greenroom.Run, stored time.Time, err error) {
	if r.Memory > 0 {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(r.Memory))
	}
	background, stop := context.WithCancel(ctx)
	projected := make(chan struct{})
	go func() {
		defer close(projected)
		r.app.Projector.RunUnmatched(background)
	}()
	src, done, err = r.app.Importer.Import(ctx, ingest.Request{
		Spec: spec, Name: spec.Kind + " " + filepath.Base(v[spec.Primary]), Values: v, Progress: func(greenroom.Run) { r.app.Projector.Wake() },
	})
	stored = r.Now()
	stop()
	<-projected
	if err != nil {
		return src, done, stored, fmt.Errorf("importing: %w", err)
	}
	if done.Rejected > 0 {
		return src, done, stored, greenroom.Errorf(greenroom.CodeInternal, "%d records of the benchmark's own were rejected", done.Rejected)
	}
	if err := r.app.Projector.CatchUp(ctx); err != nil {
		return src, done, stored, fmt.Errorf("projecting: %w", err)
	}
	return src, done, stored, nil
}

func (r *run) bare(ctx context.Context) error {
	if r.SkipBare {
		return nil
	}
	r.Say("inserting the same rows by a plain loop")
	to := filepath.Join(r.Dir, "bare.db")
	var cpu time.Duration
	resetPeak()
	res, err := baseline.Copy(ctx, r.database(), to, func() func() {
		began := cpuTime()
		return func() { cpu += cpuTime() - began }
	})
	if err != nil {
		return fmt.Errorf("the plain loop: %w", err)
	}
	b := &Bare{Cost: newCost(res.Elapsed, cpu, r.rep.Activities), Rows: res.Rows, FullTextSeconds: res.FullText.Seconds()}
	b.WithoutFullText = float64(r.rep.Activities) / (res.Elapsed - res.FullText).Seconds()
	r.rep.Bare, r.rep.Ratio = b, r.rep.Import.PerSecond/b.PerSecond
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(to + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("removing the copy: %w", err)
		}
	}
	return nil
}

func size(path string) int64 {
	st, err := os.Stat(path)
	if err != nil {
		return 0 // not there
	}
	return st.Size()
}
