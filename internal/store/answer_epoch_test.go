// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"testing"
	"time"
)

// TestEpochs has answers kept while derived state changes time and again, and thrown away when it rests, when a person
// changes something, and by what follows from that.
func TestEpochs(t *testing.T) {
	const keep = 3 * time.Second
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	now := func() time.Time { return at }
	c := &answerCache{keep: keep}
	epoch := func() uint64 {
		_, epoch, _ := c.place("a list", now)
		return epoch
	}
	before := epoch()
	step := func(what string, renewed bool, do func()) {
		t.Helper()
		do()
		after := epoch()
		if (after != before) != renewed {
			t.Errorf("%s: answers were thrown away: %v, want %v", what, after != before, renewed)
		}
		before = after
	}
	pass := func(d time.Duration) { at = at.Add(d) }
	derive := func() { c.derived(now) }
	person := func() { c.changed(now) }
	step("something new is derived", true, derive)
	for range 10 {
		pass(keep / 3)
		step("derived again, in a stream", false, derive)
	}
	step("a person changes something", true, person)
	step("what follows from it is derived", true, derive)
	pass(keep / 3)
	step("derived again at once", false, derive)
	pass(keep / 3)
	step("no rest yet", false, func() {})
	pass(restless*keep - keep)
	step("no rest yet, as the next may take that long", false, func() {})
	pass(keep)
	step("derived state has come to rest", true, func() {})
	step("nothing has changed since", false, func() { pass(keep) })
	step("an import runs", false, func() { c.running(1); derive() })
	step("it has ended, and its last facts are derived", true, func() { c.running(-1); derive() })
	step("the clock was put back", true, func() { pass(-time.Hour); derive() })
}

// factsAt are figures of a version that have just read the record store.
type factsAt struct {
	Figures

	now     *time.Time
	version uint64
}

func (f *factsAt) AsOf() time.Time { return *f.now }
func (f *factsAt) Version() uint64 { return f.version }

// TestCostlyAnswers has an answer that took long given again for longer, until there are new facts, people change something,
// or fifteen seconds are over.
func TestCostlyAnswers(t *testing.T) {
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	facts := &factsAt{now: &at, version: 1}
	s := &Store{now: func() time.Time { return at }, figures: facts}
	s.CacheAnswers(3*time.Second, func(func()) bool { return false })
	takes, computed := 10*time.Millisecond, 0
	step := func(what string, computes bool, do func()) {
		t.Helper()
		before := computed
		do()
		if _, err := cached(t.Context(), s, "a list", func(context.Context) (int, error) {
			computed++
			at = at.Add(takes)
			return computed, nil
		}); err != nil {
			t.Fatal(err)
		}
		if got := computed > before; got != computes {
			t.Errorf("%s: computed %v, want %v", what, got, computes)
		}
	}
	pass := func(d time.Duration) func() { return func() { at = at.Add(d) } }
	step("the first time", true, func() {})
	step("five hundred times as long as it took have not passed", false, pass(4900*time.Millisecond))
	step("they have", true, pass(100*time.Millisecond))
	step("there are new facts, but it is as new as answers are", false, func() { facts.version++; at = at.Add(2 * time.Second) })
	step("it is not", true, pass(time.Second))
	step("there are new facts all the time, and it is given as if there were none", false, func() {
		s.cache.derived(s.now)
		s.cache.derived(s.now)
		at = at.Add(time.Millisecond)
		facts.version++
		if _, err := cached(t.Context(), s, "a list", func(context.Context) (int, error) {
			at = at.Add(takes)
			return computed, nil
		}); err != nil {
			t.Fatal(err)
		}
		at = at.Add(4 * time.Second)
		facts.version++
	})
	takes = time.Second
	step("a person changes something", true, func() { s.cache.changed(s.now); at = at.Add(time.Second) })
	step("it takes longer", false, pass(13*time.Second))
	step("fifteen seconds are over", true, pass(time.Second))
	s.figures = nil
	step("it is not known whether there are new facts", true, pass(3*time.Second))
}
