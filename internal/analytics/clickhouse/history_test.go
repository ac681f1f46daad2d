// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"greenroom/internal/analytics"
)

// TestChain finds which batches count. A step is written as its number, > and the one it follows, with ! where it is done.
func TestChain(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps []step
		upTo  uint64
		want  string
		last  uint64
	}{
		{"nothing", nil, 5, "0", 0},
		{"announced and never done", []step{{batch: 1}}, 1, "0", 0},
		{"in order", []step{{batch: 1, done: true}, {batch: 2, after: 1, done: true}}, 2, "batch >= 1 AND batch <= 2", 2},
		{"as it was a batch ago", []step{{batch: 1, done: true}, {batch: 2, after: 1, done: true}}, 1, "batch >= 1 AND batch <= 1", 2},
		{"killed in the third", []step{{batch: 1, done: true}, {batch: 2, after: 1, done: true}, {batch: 3, after: 2}}, 2, "batch >= 1 AND batch <= 2", 2},
		{"killed in the third, and the fourth just written", []step{{batch: 1, done: true}, {batch: 2, after: 1, done: true}, {batch: 3, after: 2}}, 4, "batch >= 1 AND batch <= 4 AND batch NOT IN (3)", 2},
		{"killed in the second and third, and gone on", []step{{batch: 1, done: true}, {batch: 2, after: 1}, {batch: 3, after: 1}, {batch: 4, after: 1, done: true}}, 4, "batch >= 1 AND batch <= 4 AND batch NOT IN (2,3)", 4},
		{"two wrote at once: who was done last counts", []step{{batch: 1, done: true}, {batch: 2, after: 1, done: true}, {batch: 3, after: 1, done: true}}, 3, "batch >= 1 AND batch <= 3 AND batch NOT IN (2)", 3},
		{"begun anew", []step{{batch: 1, done: true}, {batch: 2, after: 1, done: true}, {batch: 3, done: true}, {batch: 4, after: 3, done: true}}, 4, "batch >= 3 AND batch <= 4", 4},
		{"begun anew, asked as it was before", []step{{batch: 1, done: true}, {batch: 2, done: true}}, 1, "0", 2},
		{"a step is lost", []step{{batch: 1, done: true}, {batch: 3, after: 2, done: true}}, 3, "0", 0},
	} {
		h := chain(c.steps)
		if got := h.visible(c.upTo); got != c.want || h.last != c.last {
			t.Errorf("%s: %q up to %d, want %q up to %d", c.name, got, h.last, c.want, c.last)
		}
		if n := len(c.steps); n > 0 && h.taken != c.steps[n-1].batch {
			t.Errorf("%s: %d was taken", c.name, h.taken)
		}
	}
}

// TestSeries cuts spans of chance into series, and finds each moment in the span that it lies in.
func TestSeries(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		var spans []analytics.Span
		at := uint32(rnd.IntN(50))
		width, gap := uint32(rnd.IntN(5)+1), uint32(rnd.IntN(3))
		for range rnd.IntN(12) + 1 {
			if rnd.IntN(4) == 0 {
				width, gap = uint32(rnd.IntN(5)+1), uint32(rnd.IntN(3))
			}
			spans = append(spans, analytics.Span{From: at, To: at + width})
			at += width + gap
		}
		all := inSeries(spans)
		n := 0
		for i := range all {
			s := &all[i]
			if s.first != n {
				t.Fatalf("round %d: series %d of %v begins with %d", round, i, spans, s.first)
			}
			for k := range s.n {
				got := analytics.Span{From: s.from + uint32(k)*s.step, To: s.from + uint32(k)*s.step + s.width}
				if got != spans[n] {
					t.Fatalf("round %d: series %d of %v has %v", round, i, spans, got)
				}
				n++
			}
			if s.end() != spans[n-1].To {
				t.Fatalf("round %d: series %d of %v ends at %d", round, i, spans, s.end())
			}
		}
		if n != len(spans) {
			t.Fatalf("round %d: %d of %d spans", round, n, len(spans))
		}
	}
}

// TestIndexOf shows the expression for days over a change of the clock, and for windows with gaps between them.
func TestIndexOf(t *testing.T) {
	const day = 86400
	clock := []analytics.Span{{From: 0, To: day}, {From: day, To: 2 * day}, {From: 2 * day, To: 3*day - 3600}, {From: 3*day - 3600, To: 4*day - 3600}}
	gaps := []analytics.Span{{From: 100, To: 110}, {From: 200, To: 210}, {From: 300, To: 310}}
	for _, c := range []struct {
		spans []analytics.Span
		want  string
	}{
		{clock, fmt.Sprintf("toUInt16(multiIf(at < %d, 0 + intDiv(at - 0, 86400), at < %d, 2, at < %d, 3, 65535))", 2*day, 3*day-3600, 4*day-3600)},
		{gaps, "toUInt16(multiIf(at < 100, 65535, at < 310, if((at - 100) % 100 < 10, 0 + intDiv(at - 100, 100), 65535), 65535))"},
	} {
		if got := indexOf(inSeries(c.spans)); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
