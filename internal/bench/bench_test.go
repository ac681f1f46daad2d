// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"
)

func options(tb testing.TB, activities int) Options {
	tb.Helper()
	return Options{
		Activities: activities, Dir: tb.TempDir(), Rounds: 1, Log: slog.New(slog.NewTextHandler(tb.Output(), nil)), Now: time.Now, Say: func(s string) { tb.Log(s) },
	}
}

// TestRun measures a small community: everything comes in, the plain loop copies it, and queries find something.
func TestRun(t *testing.T) {
	rep, err := Run(t.Context(), options(t, 1000))
	if err != nil {
		t.Fatal(err)
	}
	if rep.Import == nil || rep.Import.Stored != 1000 || rep.Import.Members < 100 {
		t.Errorf("the import gave %+v; want 1000 activities of more than 100 members", rep.Import)
	}
	if rep.Bare == nil || rep.Bare.Rows < 1500 || rep.Ratio <= 0 {
		t.Errorf("the plain loop gave %+v and the ratio %v; want more than 1500 rows", rep.Bare, rep.Ratio)
	}
	empty := map[string]bool{"list members that never match": true, "list activities of a rare kind": true}
	found := 0
	for _, q := range rep.Queries {
		if q.Rows > 0 {
			found++
		} else if !empty[q.Name] {
			t.Logf("%s found nothing", q.Name)
		}
	}
	if found < len(rep.Queries)/2 {
		t.Errorf("%d of %d queries found something", found, len(rep.Queries))
	}
}

// TestEvents makes the same events from the same seed, and each is a JSON object of a plausible size.
func TestEvents(t *testing.T) {
	a, b := newCommunity(3000), newCommunity(3000)
	at := time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)
	size := 0
	for range 3000 {
		line := a.event(at)
		if !bytes.Equal(line, b.event(at)) {
			t.Fatal("two communities from one seed differ")
		}
		if !json.Valid(line) {
			t.Fatalf("not JSON: %s", line)
		}
		size += len(line)
	}
	if mean := size / 3000; mean < 1000 || mean > 3000 {
		t.Errorf("an event has %d bytes on average; want 1000 to 3000", mean)
	}
}

// BenchmarkImport brings in 20,000 activities, to the end.
func BenchmarkImport(b *testing.B) { measure(b, true) }

// BenchmarkBare puts the rows of 20,000 activities into a database by the plain loop.
func BenchmarkBare(b *testing.B) { measure(b, false) }

func measure(b *testing.B, imported bool) {
	b.Helper()
	const n = 20_000
	var took float64
	for b.Loop() {
		r := &run{Options: options(b, n), start: time.Now()}
		for _, step := range []func(context.Context) error{r.open, r.events, r.importEvents, r.bare} {
			if err := step(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		if err := r.app.Close(); err != nil {
			b.Fatal(err)
		}
		if took += r.rep.Bare.Seconds; imported {
			took += r.rep.Import.Seconds - r.rep.Bare.Seconds
		}
	}
	b.ReportMetric(n*float64(b.N)/took, "activities/s")
}

// BenchmarkQueries asks every query of the table over 20,000 activities.
func BenchmarkQueries(b *testing.B) {
	r := &run{Options: options(b, 20_000), start: time.Now()}
	for _, step := range []func(context.Context) error{r.open, r.events, r.importEvents, r.business} {
		if err := step(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(func() {
		if err := r.app.Close(); err != nil {
			b.Error(err)
		}
	})
	known, err := r.learn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range r.questions(known) {
		b.Run(q.name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if _, err := q.ask(b.Context(), i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
