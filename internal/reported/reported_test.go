// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reported_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
	"greenroom/internal/reported"
	"greenroom/internal/store"
)

// meter gives every metric the same value.
type meter struct {
	value float64
	asOf  time.Time
}

func (m *meter) Compute(_ context.Context, r analytics.Request) (*analytics.Result, error) {
	info, err := analytics.Lookup(r.Metric)
	if err != nil {
		return nil, err
	}
	v := m.value
	return &analytics.Result{Name: info.Name, Version: info.Version, Unit: info.Unit, AsOf: m.asOf, Series: []analytics.Point{{From: r.From, To: r.To, Value: &v, N: 3}}}, nil
}

// TestReported keeps a week once it is over and read, and gives it back when the figure has changed since.
func TestReported(t *testing.T) {
	now := time.Date(2026, 11, 16, 0, 5, 0, 0, time.UTC) // the Monday after
	clock := func() time.Time { return now }
	log := slog.New(slog.DiscardHandler)
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "greenroom.db"), log, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	m := &meter{value: 40, asOf: now.Add(-time.Hour)}
	s := reported.New(st, m, log, clock, func() *time.Location { return time.UTC })
	req := analytics.Request{Metric: "active_members", From: time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC), Granularity: analytics.Week, Zone: time.UTC}
	points := func() []reported.Point {
		t.Helper()
		if err := s.Keep(t.Context()); err != nil {
			t.Fatal(err)
		}
		res, err := m.Compute(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Points(t.Context(), req, res)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := points(); len(got) != 0 {
		t.Errorf("kept before all was read: %+v", got)
	}
	m.asOf = now
	if got := points(); len(got) != 1 || *got[0].Value != 40 || got[0].Says != "As it was reported." {
		t.Errorf("got %+v", got)
	}
	now, m.value = now.Add(24*time.Hour), 44.5
	got := points()
	if len(got) != 1 || *got[0].Value != 40 || *got[0].Now != 44.5 || !got[0].At.Equal(now.Add(-24*time.Hour)) || got[0].Says == "As it was reported." {
		t.Errorf("got %+v", got)
	}
	req.Query = &query.Query{} // as an empty search box gives it
	if got := points(); len(got) != 1 {
		t.Errorf("got %+v", got)
	}
	req.Query.Root = &query.Not{}
	if _, err := s.Points(t.Context(), req, &analytics.Result{Name: "active_members"}); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("got %v", err)
	}
}
