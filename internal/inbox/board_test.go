// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"greenroom/internal/query"
)

// largeStore is a store whose board takes some time to gather.
type largeStore struct {
	Store

	now      time.Time
	takes    time.Duration
	signal   Signal
	gathered int
}

func (s *largeStore) InboxSettings(context.Context) (string, error)       { return "", nil }
func (s *largeStore) InboxSignal(context.Context) (Signal, error)         { return s.signal, nil }
func (s *largeStore) InboxFacts(context.Context, []int64) ([]Fact, error) { return nil, nil }

func (s *largeStore) InboxWaiting(context.Context, []*query.Query, time.Time, int) ([]int64, error) {
	s.gathered++
	s.now = s.now.Add(s.takes)
	return nil, nil
}

func (s *largeStore) InboxStates(context.Context, time.Time) (map[int64]State, error) {
	return map[int64]State{}, nil
}

// TestBoardIsKept has a board that took long to gather stay while facts come in, and gathered at once when the team changes
// something; a quick one is always as new as the facts.
func TestBoardIsKept(t *testing.T) {
	s := &largeStore{now: time.Date(2026, 6, 1, 12, 0, 30, 0, time.UTC), takes: 100 * time.Millisecond}
	box := New(s, nil, slog.New(slog.DiscardHandler), func() time.Time { return s.now }, func() *time.Location { return time.UTC })
	step := func(what string, gathers bool, do func()) {
		t.Helper()
		before := s.gathered
		do()
		if _, err := box.Counts(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if got := s.gathered > before; got != gathers {
			t.Errorf("%s: gathered %v, want %v", what, got, gathers)
		}
	}
	pass := func(d time.Duration) { s.now = s.now.Add(d) }
	step("the first time", true, func() {})
	step("nothing has changed", false, func() { pass(time.Second) })
	step("facts have come within twenty times as long as it took", false, func() { s.signal.Activity++; pass(500 * time.Millisecond) })
	step("after that", true, func() { pass(500 * time.Millisecond) })
	step("the team has changed something", true, func() { s.signal.Event++; s.signal.Decided++ })
	step("the team has changed something else", false, func() { s.signal.Decided++ })
	step("and facts have come since", false, func() { s.signal.Activity++ })
	step("the team has corrected a reading", true, func() { s.signal.Reading++; s.signal.Decided++ })
	s.takes = 2 * time.Second
	step("it takes longer", true, func() { pass(time.Minute) })
	step("facts have come for a while", false, func() { s.signal.Activity++; pass(12 * time.Second) })
	step("for no longer than that", true, func() { pass(time.Second) })
	s.takes = time.Millisecond
	step("it takes a moment", true, func() { pass(time.Minute) })
	step("facts come in", true, func() { s.signal.Activity++ })
	step("the clock was put back", true, func() { pass(-time.Hour) })
}
