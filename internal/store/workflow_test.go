// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/bounce"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/store"
	"greenroom/internal/workflow"
)

// silent is an audit log that nobody reads.
type silent struct{}

func (silent) Audit(context.Context, string, string, string, string) error { return nil }

// flows is a Greenroom with workflows, whose clock the test sets.
type flows struct {
	*store.Store

	t       *testing.T
	clock   *time.Time
	engine  *workflow.Engine
	service *workflow.Service
	mail    *place
	hook    *place
	posted  int
}

func inUTC() *time.Location { return time.UTC }

func newFlows(t *testing.T, s *store.Store, clock *time.Time) *flows {
	t.Helper()
	f := &flows{Store: s, t: t, clock: clock, mail: &place{got: make(map[string]int)}, hook: &place{keyed: true, got: make(map[string]int)}}
	f.engine = f.newEngine("me")
	f.service = workflow.New(s, f.engine, silent{}, func() time.Time { return *clock }, func(ctx context.Context) ([]string, error) { return []string{"quiet"}, nil }, func(context.Context) bool { return true })
	if err := s.SetContactRules(t.Context(), consent.Rules{}); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *flows) newEngine(holder string) *workflow.Engine {
	return workflow.NewEngine(f.Store, workflow.Parts{Base: "https://greenroom.example"}, holder, slog.New(slog.DiscardHandler), func() time.Time { return *f.clock }, inUTC, func() {})
}

// start makes a workflow and turns it on.
func (f *flows) start(name string, d workflow.Definition) workflow.Workflow {
	f.t.Helper()
	w, err := f.service.Add(f.t.Context(), name, d, "ana")
	if err != nil {
		f.t.Fatal(err)
	}
	if w, err = f.service.Turn(f.t.Context(), w.Key, workflow.On, "ana"); err != nil {
		f.t.Fatal(err)
	}
	return w
}

// pass lets time go by, and everything happen that is to happen then.
func (f *flows) pass(d time.Duration) {
	f.t.Helper()
	*f.clock = f.clock.Add(d)
	f.now()
}

func (f *flows) now() {
	f.t.Helper()
	for range 20 {
		w, err := f.engine.Step(f.t.Context())
		if err != nil {
			f.t.Fatal(err)
		}
		r := outbox.NewRunner(f.Store, map[outbox.Channel]outbox.Sender{outbox.Email: f.mail, outbox.Webhook: f.hook}, "me", slog.New(slog.DiscardHandler), func() time.Time { return *f.clock }, inUTC)
		n, err := r.Drain(f.t.Context())
		if err != nil {
			f.t.Fatal(err)
		}
		if w.Entered+w.Advanced+n == 0 {
			return
		}
	}
	f.t.Fatal("it never comes to rest")
}

// writes has somebody write something now: in a conversation, or a new one where thread is "".
func (f *flows) writes(who, thread, text string) string {
	f.t.Helper()
	f.posted++
	id := fmt.Sprintf("p%d", f.posted)
	if thread == "" {
		thread = id
	}
	tell(f.t, f.Store, "chat", func(out *connector.Sink) {
		person(out, who, strings.ToUpper(who[:1])+who[1:]+" Stone", who+"@example.com")
		kind := greenroom.KindReply
		if thread == id {
			kind = greenroom.KindMessage
		}
		out.Activity(connector.Activity{ExternalID: id, Kind: kind, Author: who, Thread: thread, OccurredAt: *f.clock, Body: text, Raw: out.Raw([]byte(`{"id":"` + id + `"}`))})
	})
	return id
}

func (f *flows) log(w workflow.Workflow) string {
	f.t.Helper()
	runs, err := f.WorkflowRuns(f.t.Context(), workflow.Filter{Workflow: w.ID})
	if err != nil {
		f.t.Fatal(err)
	}
	var sb strings.Builder
	for i := len(runs) - 1; i >= 0; i-- {
		r := runs[i]
		fmt.Fprintf(&sb, "%s %s %s\n", r.Member, r.State, r.Reason)
		log, err := f.RunLog(f.t.Context(), r.ID)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, e := range log {
			fmt.Fprintf(&sb, "  %s %s: %s\n", e.At.Format("02 15:04"), e.Step, e.Text)
		}
	}
	return sb.String()
}

func welcome() workflow.Definition {
	return workflow.Definition{
		Trigger: workflow.Trigger{Kind: workflow.OnActivity, Query: "kind:message", First: true},
		Steps: []workflow.Step{
			{Kind: workflow.StepMessage, Channel: outbox.Email, Purpose: consent.Care, Subject: "Welcome, {{first_name|friend}}", Text: "Hi {{first_name|there}}"},
			{Kind: workflow.StepWait, Until: workflow.UntilEvent, Event: workflow.EventAnswer, Amount: 3, Unit: "days", No: []workflow.Step{
				{Kind: workflow.StepTask, Title: "Nobody has answered {{name}}", Days: 1}, {Kind: workflow.StepTag, Tag: "unanswered"},
			}},
		},
	}
}

// Whoever writes for the first time after the workflow was turned on is welcomed, and what follows depends on what others
// do.
func TestWorkflowRuns(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		f := newFlows(t, s, clock)
		f.writes("dora", "", "I was here before")
		*clock = clock.Add(time.Hour)
		w := f.start("Welcome", welcome())
		f.writes("ana", "", "How do I begin?")
		f.now()
		ben := f.writes("ben", "", "Hello")
		f.writes("dora", "", "And I am still here")
		f.now()
		f.pass(24 * time.Hour)
		f.writes("cleo", ben, "Hello Ben") // an answer, and no conversation of her own
		f.now()
		f.pass(48 * time.Hour)
		f.pass(time.Hour)
		want := `Ana Stone done 
  24 13:00 s1: Sent on E-mail
  27 13:00 s2: It did not happen in time: somebody answers them
  27 13:00 s3: Task made: Nobody has answered Ana Stone
  27 13:00 s4: Tagged unanswered
Ben Stone done 
  24 13:00 s1: Sent on E-mail
  25 13:00 s2: It happened: somebody answers them
`
		if diff := cmp.Diff(want, f.log(w)); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
		if got := members(t, s, "tag:unanswered"); len(got) != 1 || got[0].Name != "Ana Stone" {
			t.Errorf("tagged are %+v", got)
		}
		if len(f.mail.got) != 2 {
			t.Errorf("%d mails, want 2", len(f.mail.got))
		}
	})
}

// A draft waits for a person, time counts from when it was sent, and a reply ends the run.
func TestWorkflowApproval(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		f := newFlows(t, s, clock)
		d := welcome()
		d.Steps[0].Approve, d.Stop.Reply = true, true
		w := f.start("Welcome", d)
		ana := f.writes("ana", "", "How do I begin?")
		f.writes("ben", "", "Hello")
		f.now()
		f.pass(5 * 24 * time.Hour)
		drafts, err := s.MessageList(t.Context(), outbox.Filter{States: []outbox.State{outbox.Draft}})
		if err != nil || len(drafts) != 2 {
			t.Fatal(drafts, err)
		}
		for _, m := range drafts {
			to, reason := outbox.Queued, ""
			if m.Member == "Ben Stone" {
				to, reason = outbox.Skipped, "knows us already"
			}
			if _, err := s.MoveMessages(t.Context(), []int64{m.ID}, []outbox.State{outbox.Draft}, to, reason, "eve"); err != nil {
				t.Fatal(err)
			}
		}
		f.now()
		f.pass(time.Hour)
		f.writes("ana", ana, "Thank you!")
		f.now()
		f.pass(4 * 24 * time.Hour)
		got := f.log(w)
		for _, line := range []string{"Ana Stone stopped they replied", "29 13:00 s2: Ended: they replied", "approved by eve", "Ben Stone done", "29 12:00 s1: Not sent: knows us already"} {
			if !strings.Contains(got, line) {
				t.Errorf("the log lacks %q:\n%s", line, got)
			}
		}
	})
}

// An answer by mail ends a run, or is what a wait waits for, whether or not their mailbox is a source.
func TestWorkflowMailReply(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		f := newFlows(t, s, clock)
		d := welcome()
		d.Stop.Reply = true
		ends := f.start("Welcome", d)
		d.Stop.Reply = false
		d.Steps[1].Event = workflow.EventReply
		waits := f.start("Ask", d)
		f.writes("ana", "", "How do I begin?")
		f.now()
		f.pass(time.Hour)
		sent, err := s.MessageList(t.Context(), outbox.Filter{States: []outbox.State{outbox.Sent}})
		if err != nil || len(sent) != 2 {
			t.Fatal(sent, err)
		}
		for i := range sent {
			for _, want := range []bool{true, false} { // the same mail read again is no news
				known, err := s.Replied(t.Context(), &bounce.Reply{To: []string{"other@example.com", sent[i].Receipt}, At: clock.Add(-48 * time.Hour)}) // their clock is slow
				if err != nil || known != want {
					t.Errorf("it is known: %v, %v; want %v", known, err, want)
				}
			}
		}
		f.now()
		if got := f.log(ends); !strings.Contains(got, "Ana Stone stopped they replied") {
			t.Errorf("it goes on:\n%s", got)
		}
		if got := f.log(waits); !strings.Contains(got, "It happened: they write back") {
			t.Errorf("it waits on:\n%s", got)
		}
		if known, err := s.Replied(t.Context(), &bounce.Reply{To: []string{"", "nobody@example.com"}}); known || err != nil {
			t.Errorf("an answer to something else: %v, %v", known, err)
		}
	})
}

// What cannot be sent is a dead letter; the run stands still until it is sent again.
func TestWorkflowDeadLetter(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		f := newFlows(t, s, clock)
		w := f.start("Welcome", welcome())
		f.mail.err = func(n int) error {
			if n == 1 {
				return greenroom.Errorf(greenroom.CodeInvalid, "no such mailbox")
			}
			return nil
		}
		f.writes("ana", "", "How do I begin?")
		f.now()
		runs, err := s.WorkflowRuns(t.Context(), workflow.Filter{Workflow: w.ID, State: workflow.Stuck})
		if err != nil || len(runs) != 1 || runs[0].Reason != "no such mailbox" {
			t.Fatalf("stuck: %+v, %v", runs, err)
		}
		dead, err := s.MessageList(t.Context(), outbox.Filter{States: []outbox.State{outbox.Failed}})
		if err != nil || len(dead) != 1 {
			t.Fatal(dead, err)
		}
		if _, err := s.MoveMessages(t.Context(), []int64{dead[0].ID}, []outbox.State{outbox.Failed}, outbox.Queued, "", "eve"); err != nil {
			t.Fatal(err)
		}
		f.now()
		if got := f.log(w); !strings.Contains(got, "Ana Stone waiting") || !strings.Contains(got, "Sent on E-mail") {
			t.Errorf("after sending it again:\n%s", got)
		}
	})
}

var errDead = errors.New("the process is gone")

// mortal is a store that a process dies at, now and then: before something is stored, or after.
type mortal struct {
	*store.Store

	mu   sync.Mutex
	dice *rand.Rand
	left int // deaths
	dead bool
	odds int
}

func (m *mortal) die() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return errDead
	}
	if m.left > 0 && m.dice.IntN(m.odds) == 0 {
		m.left--
		m.dead = true
		return errDead
	}
	return nil
}

func (m *mortal) around(f func() error) error {
	if err := m.die(); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	return m.die()
}

func (m *mortal) AdvanceRuns(ctx context.Context, holder string, all []workflow.Advance) error {
	return m.around(func() error { return m.Store.AdvanceRuns(ctx, holder, all) })
}

func (m *mortal) Enter(ctx context.Context, p *workflow.Portion) (n int, err error) {
	err = m.around(func() error { n, err = m.Store.Enter(ctx, p); return err })
	return n, err
}

func (m *mortal) TakeRuns(ctx context.Context, holder string, until time.Time, limit int) (all []workflow.Run, err error) {
	err = m.around(func() error { all, err = m.Store.TakeRuns(ctx, holder, until, limit); return err })
	return all, err
}

func (m *mortal) TakeMessages(ctx context.Context, holder string, until time.Time, limit int, busy []string) (all []outbox.Message, err error) {
	err = m.around(func() error { all, err = m.Store.TakeMessages(ctx, holder, until, limit, busy); return err })
	return all, err
}

func (m *mortal) MarkMessages(ctx context.Context, holder string, all []outbox.Message) error {
	return m.around(func() error { return m.Store.MarkMessages(ctx, holder, all) })
}

// TestWorkflowsOnce runs many members through waits, branches and messages to a receiver that fails now and then, in a
// simulated month, while the process is killed 20 times. By the receiver's own record every step happened exactly once.
// GREENROOM_TEST_RUNS sets how many members there are.
func TestWorkflowsOnce(t *testing.T) {
	runs := 2000
	if v := os.Getenv("GREENROOM_TEST_RUNS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			t.Fatal(err)
		}
		runs = n
	}
	clock := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	s := openAt(t, sqliteFile(t), func() time.Time { return clock })
	f := newFlows(t, s, &clock)
	hook, err := s.AddDestination(t.Context(), outbox.Destination{Name: "crm", Channel: outbox.Webhook, Secret: "sealed", Shown: "crm.example", CreatedBy: "ana", CreatedAt: clock})
	if err != nil {
		t.Fatal(err)
	}
	tell(t, s, "chat", func(out *connector.Sink) {
		for i := range runs {
			person(out, fmt.Sprintf("m%d", i), fmt.Sprintf("Member %d", i), fmt.Sprintf("m%d@example.com", i))
			id := fmt.Sprintf("old%d", i)
			if i%3 == 0 { // who has written before goes another way
				out.Activity(connector.Activity{ExternalID: id, Kind: greenroom.KindMessage, Author: fmt.Sprintf("m%d", i), Thread: id, OccurredAt: clock.AddDate(0, -1, 0), Body: "Hello"})
			}
		}
	})
	call := func(text string) workflow.Step {
		return workflow.Step{Kind: workflow.StepWebhook, Destination: hook.ID, Text: text}
	}
	w := f.start("Onboarding", workflow.Definition{
		Trigger: workflow.Trigger{Kind: workflow.OnActivity, Query: "kind:message"},
		Steps: []workflow.Step{
			call("one"),
			{Kind: workflow.StepWait, Until: workflow.UntilTime, Amount: 2, Unit: "days"},
			{Kind: workflow.StepBranch, If: workflow.IfMember, Query: "activities:>=2", Yes: []workflow.Step{call("often"), {Kind: workflow.StepTag, Tag: "often"}}, No: []workflow.Step{call("new")}},
			{Kind: workflow.StepWait, Until: workflow.UntilEvent, Event: workflow.EventActivity, Query: "kind:reply", Amount: 7, Unit: "days", Yes: []workflow.Step{call("replied")}, No: []workflow.Step{call("silent"), {Kind: workflow.StepTask, Title: "Ask {{name}}"}}},
			call("last"),
		},
	})
	tell(t, s, "chat", func(out *connector.Sink) {
		for i := range runs {
			id := fmt.Sprintf("first%d", i)
			out.Activity(connector.Activity{ExternalID: id, Kind: greenroom.KindMessage, Author: fmt.Sprintf("m%d", i), Thread: id, OccurredAt: clock, Body: "Hello"})
		}
	})
	dice := rand.New(rand.NewPCG(1, 2))
	often := max(11, runs/200) // after each failure the place is left alone for a while
	receiver := &place{keyed: true, got: make(map[string]int), err: func(n int) error {
		switch {
		case n%often == 0:
			return greenroom.Errorf(greenroom.CodeUnavailable, "nobody there")
		case n%(5*often+1) == 0:
			return &outbox.UncertainError{Err: errors.New("cut off")}
		}
		return nil
	}}
	begun := time.Now()
	kills := 20
	life := 0
	var process *mortal
	var engine *workflow.Engine
	var sender *outbox.Runner
	rise := func() {
		life++
		holder := fmt.Sprint("life ", life)
		process = &mortal{Store: s, dice: dice, left: min(kills, 1), odds: max(4, runs/100)}
		engine = workflow.NewEngine(process, workflow.Parts{}, holder, slog.New(slog.DiscardHandler), func() time.Time { return clock }, inUTC, func() {})
		sender = outbox.NewRunner(process, map[outbox.Channel]outbox.Sender{outbox.Webhook: receiver}, holder, slog.New(slog.DiscardHandler), func() time.Time { return clock }, inUTC)
	}
	rise()
	for clock.Before(time.Date(2026, 12, 2, 9, 0, 0, 0, time.UTC)) {
		for range 1000 {
			work, err := engine.Step(t.Context())
			if err != nil && !errors.Is(err, errDead) {
				t.Fatal(err)
			}
			n, err := sender.Drain(t.Context())
			if err != nil && !errors.Is(err, errDead) {
				t.Fatal(err)
			}
			if process.dead {
				kills--
				rise()
				break
			}
			if work.Entered+work.Advanced+n == 0 {
				break
			}
		}
		if clock.Day() == 6 && clock.Hour() == 9 && clock.Minute() < 10 { // half of them reply
			tell(t, s, "chat", func(out *connector.Sink) {
				for i := 0; i < runs; i += 2 {
					out.Activity(connector.Activity{ExternalID: fmt.Sprintf("reply%d", i), Kind: greenroom.KindReply, Author: fmt.Sprintf("m%d", i), Thread: fmt.Sprintf("first%d", i), OccurredAt: clock, Body: "Yes"})
				}
			})
		}
		open, err := s.MessageCounts(t.Context(), outbox.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		switch { // an hour is as long as there is nothing to be sent
		case open[outbox.Queued]+open[outbox.Sending] > 0:
			clock = clock.Add(5 * time.Minute)
		default:
			clock = clock.Truncate(time.Hour).Add(time.Hour)
		}
	}
	took := time.Since(begun)
	if kills > 0 {
		t.Errorf("%d of 20 deaths did not happen", kills)
	}
	tallies, err := s.WorkflowTallies(t.Context(), w.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := tallies[w.ID].States; len(got) != 1 || got[workflow.Done] != int64(runs) {
		t.Errorf("states %v, want all %d done", got, runs)
	}
	all, err := s.WorkflowRuns(t.Context(), workflow.Filter{Workflow: w.ID, Limit: runs + 1})
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]int)
	for _, r := range all {
		i, err := strconv.Atoi(strings.TrimPrefix(r.Member, "Member "))
		if err != nil {
			t.Fatal(err)
		}
		key := func(step string) string { return fmt.Sprintf("workflow/%d/run/%d/%s", w.ID, r.ID, step) }
		want[key("s1")], want[key("s11")] = 1, 1
		if i%3 == 0 {
			want[key("s4")] = 1
		} else {
			want[key("s6")] = 1
		}
		if i%2 == 0 {
			want[key("s8")] = 1
		} else {
			want[key("s9")] = 1
		}
	}
	if diff := cmp.Diff(want, receiver.got); diff != "" {
		t.Errorf("what the receiver got (-want +got):\n%s", diff[:min(len(diff), 3000)])
	}
	t.Logf("%d runs, %d messages taken at %d tries, %d lives, a month in %s", runs, len(receiver.got), receiver.n, life, took.Round(time.Second))
}
