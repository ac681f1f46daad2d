// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"testing"
	"time"

	"greenroom"
)

// TestNews reads a source for its news once, not while it is read or fails, and not without end where there is always some.
func TestNews(t *testing.T) {
	n, src, now := newNews(), &greenroom.Source{ID: 1}, time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		what     string
		told     bool
		reading  bool
		failures int64
		after    time.Duration
		want     bool
	}{
		{what: "nothing was told"},
		{what: "told", told: true, want: true},
		{what: "told once"},
		{what: "told again at once", told: true},
		{what: "still read", reading: true, after: readsApart},
		{what: "it fails", failures: 1},
		{what: "after a while", want: true},
		{what: "that was all", after: readsApart},
	} {
		if step.told {
			n.of(1)
		}
		now, src.Failures = now.Add(step.after), step.failures
		if got := n.due(src, step.reading, now); got != step.want {
			t.Errorf("%s: due is %v", step.what, got)
		}
	}
	if n.due(&greenroom.Source{ID: 2}, false, now) {
		t.Error("another source is due")
	}
}
