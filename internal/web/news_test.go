// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/topic"
	"greenroom/internal/web/ui"
)

// bursting are topics of which more is said.
type bursting struct {
	Topics
	all []topic.Report
	err error
}

func (b *bursting) Reports(context.Context, bool) ([]topic.Report, error) { return b.all, b.err }

func TestBurstNews(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	topics := &bursting{all: []topic.Report{
		{Topic: topic.Topic{ID: 1, Name: "logins"}, Bursts: []topic.Burst{{From: day(2), To: day(9), Count: 50, Expected: 5}}}, // over for more than a week
		{Topic: topic.Topic{ID: 2, Name: "quiet"}},
		{Topic: topic.Topic{ID: 3, Name: "webhook retries"}, Bursts: []topic.Burst{{From: day(1), To: day(2), Count: 9, Expected: 1}, {From: day(16), To: day(20), Count: 41, Expected: 6.6, Open: true}}},
	}}
	s := &Site{cfg: Config{Topics: topics, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}}
	got, whole := s.standsOut(t.Context())
	want := []ui.Row{{
		Lead: &ui.Pill{Text: "Spike", Tone: ui.ToneWarn}, Href: "/topics/3", Title: "“webhook retries” came up 41 times since 16 November, 6.2× as often as usual",
		Meta: []ui.Meta{{Text: "See the 41 messages", Href: "/activities?q=topic%3A3+occurred%3A2026-11-16..2026-11-19"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" || !whole {
		t.Errorf("whole %v (-want +got):\n%s", whole, diff)
	}
	topics.err = errors.New("gone")
	if got, whole := s.standsOut(t.Context()); len(got) != 0 || !whole {
		t.Errorf("a part that fails is waited for, or tells %v", got)
	}
}

// What stands out is looked for when somebody asks, again after a while, and soon where a part was not ready.
func TestNewsGetOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looked, whole := 0, false
		n := newNews(func(context.Context) ([]ui.Row, bool) {
			looked++
			return nil, whole
		}, time.Now)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go n.run(ctx)
		step := func(after time.Duration, wantLooked int, wantReady bool) {
			t.Helper()
			time.Sleep(after)
			_, ready := n.get()
			synctest.Wait()
			if looked != wantLooked || ready != wantReady {
				t.Errorf("looked %d times, ready %v; want %d, %v", looked, ready, wantLooked, wantReady)
			}
		}
		step(time.Hour, 1, false)
		step(newsSoon-1, 1, false)
		whole = true
		step(1, 2, false)
		step(newsFresh-1, 2, true)
		step(1, 3, true)
	})
}
