// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
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
	pass(keep)
	step("derived state has come to rest", true, func() {})
	step("nothing has changed since", false, func() { pass(keep) })
	step("an import runs", false, func() { c.running(1); derive() })
	step("it has ended, and its last facts are derived", true, func() { c.running(-1); derive() })
	step("the clock was put back", true, func() { pass(-time.Hour); derive() })
}
