// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/store"
)

// place is where messages go: it remembers what it took, knows messages by their keys where it is asked to, and breaks as it
// is told.
type place struct {
	mu    sync.Mutex
	keyed bool
	got   map[string]int // times by key
	err   func(n int) error
	n     int
}

func (p *place) Repeatable(*outbox.Message) bool { return p.keyed }

func (p *place) Send(_ context.Context, m *outbox.Message) (outbox.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	if p.err != nil {
		if err := p.err(p.n); err != nil {
			return outbox.Receipt{}, err
		}
	}
	if p.got[m.Key] == 0 || !p.keyed {
		p.got[m.Key]++
	}
	return outbox.Receipt{ID: "r" + m.Key}, nil
}

// hook is a message to a webhook.
func hook(key string) outbox.Message {
	return outbox.Message{Key: key, Channel: outbox.Webhook, To: "https://example.com/in", Text: "hello", Origin: outbox.Origin{Kind: "alert", ID: 1}}
}

func sending(s outbox.Queue, channel outbox.Channel, to outbox.Sender, holder string, clock *time.Time) *outbox.Runner {
	return outbox.NewRunner(s, map[outbox.Channel]outbox.Sender{channel: to}, holder, slog.New(slog.DiscardHandler), func() time.Time { return *clock }, func() *time.Location { return time.UTC })
}

// deaf is a store that a dead process cannot tell what became of its messages.
type deaf struct{ *store.Store }

func (deaf) MarkMessages(context.Context, string, []outbox.Message) error {
	return errors.New("the process is gone")
}

// A message of which the dead process could not say what became of it goes out again where the receiver knows its key, and
// else waits for a person.
func TestOutboxKilled(t *testing.T) {
	for _, keyed := range []bool{true, false} {
		t.Run(fmt.Sprint("keyed ", keyed), func(t *testing.T) {
			onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
				var all []outbox.Message
				for i := range 100 {
					all = append(all, hook(fmt.Sprint("m", i)))
				}
				for range 2 { // wanting the same twice
					if _, err := s.AddMessages(t.Context(), all); err != nil {
						t.Fatal(err)
					}
				}
				p := &place{keyed: keyed, got: make(map[string]int)}
				if _, err := sending(deaf{s}, outbox.Webhook, p, "first", clock).Drain(t.Context()); err != nil {
					t.Fatal(err)
				}
				*clock = clock.Add(time.Minute) // the lease is over
				if _, err := sending(s, outbox.Webhook, p, "second", clock).Drain(t.Context()); err != nil {
					t.Fatal(err)
				}
				counts, err := s.MessageCounts(t.Context(), outbox.Filter{})
				if err != nil {
					t.Fatal(err)
				}
				want := outbox.Counts{outbox.Sent: 100}
				if !keyed {
					want = outbox.Counts{outbox.Uncertain: 100}
				}
				if diff := cmp.Diff(want, counts); diff != "" {
					t.Errorf("states (-want +got):\n%s", diff)
				}
				for key, n := range p.got {
					if n != 1 {
						t.Errorf("%s arrived %d times", key, n)
					}
				}
				if len(p.got) != 100 {
					t.Errorf("%d messages arrived, want 100", len(p.got))
				}
			})
		})
	}
}

// What passes is tried again later, and meanwhile its place is left alone; what is refused is a dead letter, until a person
// sends it again.
func TestOutboxFailures(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		if _, err := s.AddMessages(t.Context(), []outbox.Message{hook("a"), hook("b")}); err != nil {
			t.Fatal(err)
		}
		p := &place{keyed: true, got: make(map[string]int), err: func(n int) error {
			switch {
			case n <= 2:
				return greenroom.Errorf(greenroom.CodeUnavailable, "nobody there")
			case n == 3:
				return greenroom.Errorf(greenroom.CodeInvalid, "refused")
			}
			return nil
		}}
		r := sending(s, outbox.Webhook, p, "me", clock)
		states := func() outbox.Counts {
			t.Helper()
			if _, err := r.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			c, err := s.MessageCounts(t.Context(), outbox.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		if diff := cmp.Diff(outbox.Counts{outbox.Queued: 2}, states()); diff != "" {
			t.Error("while nobody is there: ", diff)
		}
		*clock = clock.Add(time.Minute)
		if diff := cmp.Diff(outbox.Counts{outbox.Sent: 1, outbox.Failed: 1}, states()); diff != "" {
			t.Error("later: ", diff)
		}
		dead, err := s.MessageList(t.Context(), outbox.Filter{States: []outbox.State{outbox.Failed}})
		if err != nil || len(dead) != 1 || dead[0].Reason != "refused" {
			t.Fatalf("dead letters %+v, %v", dead, err)
		}
		if n, err := s.MoveMessages(t.Context(), []int64{dead[0].ID}, []outbox.State{outbox.Failed}, outbox.Queued, "", "ana@example.com"); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if diff := cmp.Diff(outbox.Counts{outbox.Sent: 2}, states()); diff != "" {
			t.Error("sent again: ", diff)
		}
	})
}

// Members are written to as they chose, not more often than the caps say, and one message at a time.
func TestOutboxConsent(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		tell(t, s, "chat", func(out *connector.Sink) {
			for _, w := range []string{"ana", "ben", "cleo"} {
				person(out, w, w)
			}
		})
		derive(t, s, 1000)
		var ids []int64
		for _, name := range []string{"ana", "ben", "cleo"} {
			for _, m := range members(t, s, "name:"+name) {
				ids = append(ids, m.ID)
			}
		}
		if err := s.SetContactRules(t.Context(), consent.Rules{Caps: []consent.Cap{{Messages: 1, Days: 7}}}); err != nil {
			t.Fatal(err)
		}
		if err := s.SetChoice(t.Context(), ids[1], consent.Choice{Purpose: consent.Care, At: *clock, How: "link in a mail"}); err != nil {
			t.Fatal(err)
		}
		var all []outbox.Message
		for i, m := range ids {
			for n := range 2 {
				all = append(all, outbox.Message{Key: fmt.Sprintf("m%d%d", i, n), Channel: outbox.Email, Purpose: consent.Care, MemberID: m, To: "x@example.com", Text: "welcome"})
			}
		}
		if _, err := s.AddMessages(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		p := &place{got: make(map[string]int)}
		if _, err := sending(s, outbox.Email, p, "me", clock).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]int{"m00": 1, "m20": 1}, p.got); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		counts, err := s.MessageCounts(t.Context(), outbox.Filter{})
		if diff := cmp.Diff(outbox.Counts{outbox.Sent: 2, outbox.Skipped: 2, outbox.Queued: 2}, counts); diff != "" || err != nil {
			t.Errorf("states: %v (-want +got):\n%s", err, diff)
		}
		*clock = clock.AddDate(0, 0, 7)
		if _, err := sending(s, outbox.Email, p, "me", clock).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p.got["m01"] != 1 || p.got["m21"] != 1 {
			t.Errorf("a week later %v had been sent", p.got)
		}
	})
}

// onBothAt is onBoth with a clock that the test sets.
func onBothAt(t *testing.T, f func(t *testing.T, s *store.Store, clock *time.Time)) {
	t.Helper()
	for name, dsn := range map[string]func(*testing.T) string{"sqlite": sqliteFile, "postgres": postgresDSN} {
		t.Run(name, func(t *testing.T) {
			at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
			f(t, openAt(t, dsn(t), func() time.Time { return at }), &at)
		})
	}
}

// BenchmarkOutbox hands messages over to a receiver that answers at once.
func BenchmarkOutbox(b *testing.B) {
	s, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "greenroom.db"), slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	const each = 1000
	n := 0
	now := time.Now()
	for b.Loop() {
		all := make([]outbox.Message, each)
		for i := range all {
			n++
			all[i] = hook(fmt.Sprint("m", n))
			all[i].To = fmt.Sprintf("https://r%d.example.com/in", n%10)
		}
		if _, err := s.AddMessages(b.Context(), all); err != nil {
			b.Fatal(err)
		}
		p := &place{keyed: true, got: make(map[string]int)}
		if _, err := sending(s, outbox.Webhook, p, "me", &now).Drain(b.Context()); err != nil || len(p.got) != each {
			b.Fatal(len(p.got), err)
		}
		now = time.Now()
	}
	b.ReportMetric(float64(b.N*each)/b.Elapsed().Seconds(), "messages/s")
}
