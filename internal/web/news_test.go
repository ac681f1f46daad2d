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
	look := func() ([]ui.Row, bool) {
		rows, whole, _ := newNews(s.standsOut(), s.cfg.Log, s.cfg.Now).look(t.Context())
		return rows, whole
	}
	got, whole := look()
	want := []ui.Row{{
		Lead: &ui.Pill{Text: "Spike", Tone: ui.ToneWarn}, Href: "/topics/3", Title: "“webhook retries” came up 41 times since 16 November, 6.2× as often as usual",
		Meta: []ui.Meta{{Text: "See the 41 messages", Href: "/activities?q=topic%3A3+occurred%3A2026-11-16..2026-11-19"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" || !whole {
		t.Errorf("whole %v (-want +got):\n%s", whole, diff)
	}
	topics.err = errors.New("gone")
	if got, whole := look(); len(got) != 0 || !whole {
		t.Errorf("a part that fails is waited for, or tells %v", got)
	}
}

// What stands out is looked for when somebody asks, and each part again after a while: soon where it was not ready, later
// where it took long.
func TestNewsGetOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looked, long, ready := 0, 0, false
		n := newNews([]newsPart{
			{name: "quick", find: func(context.Context) ([]ui.Row, error) {
				looked++
				if !ready {
					return nil, errSoon
				}
				return []ui.Row{{Title: "quick"}}, nil
			}},
			{name: "long", find: func(context.Context) ([]ui.Row, error) {
				long++
				time.Sleep(time.Minute)
				return []ui.Row{{Title: "long"}}, nil
			}},
		}, slog.New(slog.DiscardHandler), time.Now)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go n.run(ctx)
		step := func(after time.Duration, wantLooked, wantLong, wantRows int) {
			t.Helper()
			time.Sleep(after)
			n.get()
			time.Sleep(time.Minute) // as long as it takes
			synctest.Wait()
			n.mu.Lock()
			rows := n.rows
			n.mu.Unlock()
			if looked != wantLooked || long != wantLong || len(rows) != wantRows {
				t.Errorf("looked %d and %d times, %d rows; want %d, %d, %d", looked, long, len(rows), wantLooked, wantLong, wantRows)
			}
		}
		step(time.Hour, 1, 1, 1)
		ready = true
		step(newsSoon, 2, 1, 2)
		step(newsFresh, 3, 1, 2)
		step(newsCostly*time.Minute, 4, 2, 2)
	})
}
