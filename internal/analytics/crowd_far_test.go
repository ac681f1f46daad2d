// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
)

// elsewhere is a warehouse that counts what it is asked for, in windows.
type elsewhere struct {
	at     []uint32 // of the activities of account 1, ascending
	counts int      // questions for numbers
	spans  []analytics.Span
	fail   error
}

func (w *elsewhere) Tally(_ context.Context, q *analytics.Tally, yield func(*analytics.TallyRow)) error {
	if q.By&analytics.ByMoment == 0 {
		w.counts++
	} else {
		w.spans = append(w.spans, q.Spans...)
	}
	for i, s := range q.Spans {
		for _, at := range w.at {
			if s.From <= at && at < s.To {
				yield(&analytics.TallyRow{Span: i, Who: 1, At: at, Kind: analytics.PackKind(greenroom.KindMessage, 0), N: 600_000})
			}
		}
	}
	return w.fail
}

func (*elsewhere) Conversations(context.Context, *analytics.Opened, func(*analytics.Conversation, int)) error {
	return nil
}

// What goes by single activities is asked for in windows of about a million, and says what went wrong where it is not there.
func TestCrowdOfActivitiesElsewhere(t *testing.T) {
	day := func(n int) uint32 { return uint32(1_700_000_000 + n*86400) }
	w := &elsewhere{at: []uint32{day(0), day(3), day(100), day(130), day(131)}}
	cols := analytics.NewColumnsOver(w)
	if err := cols.Apply(&analytics.Delta{Snapshot: 1, Reach: 1, Identities: []analytics.Identity{{ID: 1, Member: 7}}, Places: []analytics.Place{{}}}); err != nil {
		t.Fatal(err)
	}
	crowd := analytics.NewEngine(cols, analytics.Answers{}, time.Now).Crowd()
	n, last := 0, int64(0)
	if err := crowd.Each(t.Context(), time.Unix(0, 0), time.Unix(int64(day(131)), 0), false, func(a analytics.Act) {
		if n++; a.Member != 7 || a.At < last || a.Kind != greenroom.KindMessage {
			t.Fatalf("act %d: %+v after %d", n, a, last)
		}
		last = a.At
	}); err != nil || n != 4*600_000 {
		t.Errorf("%d activities, %v", n, err)
	}
	if len(w.spans) < 2 || w.counts != 1 {
		t.Errorf("asked for %v after %d questions for numbers", w.spans, w.counts)
	}
	for range 2 {
		if first, ok, err := crowd.First(t.Context()); err != nil || !ok || first.Unix() > int64(day(0)) || first.Unix() < int64(day(0))-3600 {
			t.Errorf("began %v, %v, %v", first, ok, err)
		}
	}
	if w.counts != 4 {
		t.Errorf("%d questions for numbers; the beginning is asked for once", w.counts)
	}
	w.fail = errors.New("a shard is away")
	if err := crowd.Each(t.Context(), time.Time{}, time.Now(), true, func(analytics.Act) {}); !errors.Is(err, w.fail) {
		t.Errorf("a failure is told as %v", err)
	}
}
