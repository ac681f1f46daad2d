// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/consent"
	"greenroom/internal/member"
	"greenroom/internal/outbox"
	"greenroom/internal/segment"
	"greenroom/internal/store"
	"greenroom/internal/workflow"
)

// who are the members in a workflow, with how far they are.
func (f *flows) who(w workflow.Workflow) string {
	f.t.Helper()
	runs, err := f.WorkflowRuns(f.t.Context(), workflow.Filter{Workflow: w.ID})
	if err != nil {
		f.t.Fatal(err)
	}
	var all []string
	for i := len(runs) - 1; i >= 0; i-- {
		all = append(all, fmt.Sprintf("%s %s %s", runs[i].Member, runs[i].State, runs[i].EnteredAt.Format("02 15:04")))
	}
	return strings.Join(all, "; ")
}

func tag(name string) []workflow.Step { return []workflow.Step{{Kind: workflow.StepTag, Tag: name}} }

// Every day at nine, whom a query fits; a date and some days; by hand; by another system. Each lets in once.
func TestWorkflowTriggers(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		f := newFlows(t, s, clock)
		f.writes("ana", "", "Hello")
		f.writes("ben", "", "Hello")
		ids := map[string]int64{}
		for _, m := range members(t, s, "") {
			ids[m.Name] = m.ID
		}
		if err := s.EditMember(t.Context(), ids["Ben Stone"], member.Edit{Fields: map[string]string{"trial_started": "2026-11-21"}}); err != nil {
			t.Fatal(err)
		}
		daily := f.start("Daily", workflow.Definition{Trigger: workflow.Trigger{Kind: workflow.OnSchedule, Hour: 9}, Where: "name:ana", Again: 2, Steps: tag("daily")})
		trial := f.start("Trial", workflow.Definition{Trigger: workflow.Trigger{Kind: workflow.OnDate, Of: "member", Field: "trial_started", Days: 7, Hour: 10}, Steps: tag("trial")})
		hand := f.start("Hand", workflow.Definition{Trigger: workflow.Trigger{Kind: workflow.OnHand}, Where: "name:ben", Steps: tag("hand")})
		hook := f.start("Hook", workflow.Definition{Trigger: workflow.Trigger{Kind: workflow.OnWebhook}, Steps: tag("hook")})
		token, err := f.service.NewHook(t.Context(), hook.Key, "eve")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.service.Hook(t.Context(), hook.Key, token+"x", workflow.Called{Member: ids["Ana Stone"], Key: "1"}); greenroom.ErrorCode(err) != greenroom.CodeForbidden {
			t.Errorf("a wrong address: %v", err)
		}
		for range 2 {
			if _, err := f.service.EnterByHand(t.Context(), hand.Key, []int64{ids["Ana Stone"], ids["Ben Stone"]}, "k", "chosen", "eve"); err != nil {
				t.Fatal(err)
			}
			if _, err := f.service.Hook(t.Context(), hook.Key, token, workflow.Called{Email: "ana@example.com", Key: "1"}); err != nil {
				t.Fatal(err)
			}
		}
		for range 8 * 24 {
			f.pass(time.Hour)
		}
		for w, want := range map[*workflow.Workflow]string{
			&daily: "Ana Stone done 25 09:00; Ana Stone done 27 09:00; Ana Stone done 29 09:00; Ana Stone done 01 09:00",
			&trial: "Ben Stone done 28 10:00", &hand: "Ben Stone done 24 12:00", &hook: "Ana Stone done 24 12:00",
		} {
			if got := f.who(*w); got != want {
				t.Errorf("%s: %s; want %s", w.Name, got, want)
			}
		}
		if got := members(t, s, "tag:trial tag:hand"); len(got) != 1 || got[0].Name != "Ben Stone" {
			t.Errorf("tagged: %+v", got)
		}
	})
}

// Entering a segment lets in, leaving it ends; who is in when the workflow is turned on has not entered.
func TestWorkflowSegments(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		f := newFlows(t, s, clock)
		f.writes("ana", "", "Hello")
		segments := segment.New(s, silent{}, nil, func() time.Time { return *clock })
		if _, err := segments.Add(t.Context(), segment.Draft{Name: "Quiet", Query: "tag:quiet"}, "eve"); err != nil {
			t.Fatal(err)
		}
		f.writes("ben", "", "Hello")
		ids := map[string]int64{}
		for _, m := range members(t, s, "") {
			ids[m.Name] = m.ID
		}
		edit := func(who string, e member.Edit) {
			t.Helper()
			if err := s.EditMember(t.Context(), ids[who], e); err != nil {
				t.Fatal(err)
			}
			*clock = clock.Add(time.Hour)
			if err := segments.Evaluate(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.now()
		}
		edit("Ana Stone", member.Edit{AddTags: []string{"quiet"}})
		w := f.start("Quiet ones", workflow.Definition{
			Trigger: workflow.Trigger{Kind: workflow.OnEntered, Segment: "quiet"}, Stop: workflow.Stop{Left: true},
			Steps: append([]workflow.Step{{Kind: workflow.StepWait, Until: workflow.UntilTime, Amount: 5, Unit: "days"}}, tag("asked")...),
		})
		edit("Ben Stone", member.Edit{AddTags: []string{"quiet"}})
		if got := f.who(w); got != "Ben Stone waiting 24 14:00" {
			t.Errorf("entered: %s", got)
		}
		edit("Ben Stone", member.Edit{RemoveTags: []string{"quiet"}})
		if got := f.who(w); got != "Ben Stone stopped 24 14:00" {
			t.Errorf("left: %s", got)
		}
	})
}

// The dry run says who would have entered and what each would have had when, with the caps; and stores nothing.
func TestWorkflowDryRun(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		f := newFlows(t, s, clock)
		if err := s.SetContactRules(t.Context(), consent.Rules{QuietFrom: 20, QuietTo: 8}); err != nil {
			t.Fatal(err)
		}
		ben := f.writes("ben", "", "Hello")
		*clock = clock.Add(10 * time.Hour)
		f.writes("ana", "", "How do I begin?")
		f.writes("cleo", ben, "Hello Ben")
		*clock = clock.AddDate(0, 0, 10)
		w, err := f.service.Add(t.Context(), "Welcome", welcome(), "eve")
		if err != nil {
			t.Fatal(err)
		}
		d, err := f.service.DryRun(t.Context(), w.Key, 30)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range d.Runs {
			got = append(got, m.Member+" "+string(m.State))
			for _, e := range m.Log {
				got = append(got, "  "+e.At.Format("02 15:04")+" "+e.Text)
			}
			for _, x := range m.Messages {
				got = append(got, "  "+x.At.Format("02 15:04")+" "+x.Subject+" / "+x.Text+" / "+x.Reason)
			}
		}
		want := []string{
			"Ben Stone done", "  24 12:00 Sent on E-mail", "  24 22:00 It happened: somebody answers them", "  24 12:00 Welcome, Ben / Hi Ben / ",
			"Ana Stone done", "  25 08:00 Sent on E-mail", "  28 08:00 It did not happen in time: somebody answers them", "  28 08:00 Task made: Nobody has answered Ana Stone", "  28 08:00 Tagged unanswered", "  25 08:00 Welcome, Ana / Hi Ana / it is quiet time where they live",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("dry run (-want +got):\n%s", diff)
		}
		counts, err := s.MessageCounts(t.Context(), outbox.Filter{})
		if err != nil || len(counts) > 0 || f.who(w) != "" || len(members(t, s, "tag:unanswered")) > 0 {
			t.Errorf("a dry run left %v, %q, %v", counts, f.who(w), err)
		}
	})
}

// Held out members get nothing, and both groups are compared by what they did in the days after.
func TestWorkflowHoldOut(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		f := newFlows(t, s, clock)
		d := welcome()
		d.HoldOut = workflow.HoldOut{Percent: 50, Outcome: "kind:reply", Days: 7}
		w := f.start("Welcome", d)
		threads := map[string]string{}
		tell(t, s, "chat", func(out *connector.Sink) {
			for i := range 40 {
				who := fmt.Sprintf("w%d", i)
				person(out, who, "Wim "+who, who+"@example.com")
				threads[who] = "t" + who
				out.Activity(connector.Activity{ExternalID: "t" + who, Kind: greenroom.KindMessage, Author: who, Thread: "t" + who, OccurredAt: *clock, Body: "Hello"})
			}
		})
		f.now()
		*clock = clock.AddDate(0, 0, 2)
		tell(t, s, "chat", func(out *connector.Sink) {
			for i := 0; i < 40; i += 4 {
				who := fmt.Sprintf("w%d", i)
				out.Activity(connector.Activity{ExternalID: "r" + who, Kind: greenroom.KindReply, Author: who, Thread: threads[who], OccurredAt: *clock, Body: "Me again"})
			}
		})
		for range 10 {
			f.pass(24 * time.Hour)
		}
		tallies, err := s.WorkflowTallies(t.Context(), w.ID)
		if err != nil {
			t.Fatal(err)
		}
		tally := tallies[w.ID]
		if got := tally.With.Members + tally.Without.Members; got != 40 || tally.With.Did+tally.Without.Did != 10 || tally.States[workflow.Held] != tally.Without.Members || tally.Open != 0 {
			t.Errorf("%+v", tally)
		}
		if int64(len(f.mail.got)) != tally.With.Members {
			t.Errorf("%d mails for %d members", len(f.mail.got), tally.With.Members)
		}
	})
}

// A new version is for who enters from then on; whoever is in it goes on as they began, unless they are moved.
func TestWorkflowVersions(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		f := newFlows(t, s, clock)
		wait := workflow.Step{Kind: workflow.StepWait, Until: workflow.UntilTime, Amount: 1, Unit: "days"}
		w := f.start("Two", workflow.Definition{Trigger: workflow.Trigger{Kind: workflow.OnActivity, Query: "kind:message"}, Steps: append([]workflow.Step{wait}, tag("old")...)})
		f.writes("ana", "", "Hello")
		f.now()
		if _, err := f.service.Edit(t.Context(), w.Key, 0, "eve", func(_ *string, d *workflow.Definition) error { d.Steps[1].Tag = "new"; return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := f.service.Publish(t.Context(), w.Key, false, "eve"); err != nil {
			t.Fatal(err)
		}
		f.writes("ben", "", "Hello")
		f.now()
		if _, err := f.service.Turn(t.Context(), w.Key, workflow.Off, "eve"); err != nil {
			t.Fatal(err)
		}
		f.pass(30 * time.Hour)
		if got := len(members(t, s, "tag:old,new")); got != 0 {
			t.Errorf("%d went on while it was off", got)
		}
		if _, err := f.service.Turn(t.Context(), w.Key, workflow.On, "eve"); err != nil {
			t.Fatal(err)
		}
		f.now()
		for name, want := range map[string]string{"old": "Ana Stone", "new": "Ben Stone"} {
			if got := members(t, s, "tag:"+name); len(got) != 1 || got[0].Name != want {
				t.Errorf("tagged %s: %+v", name, got)
			}
		}
	})
}

// Runs go on in a new version where it has the step at which they are; what was done is not done again, and the others go
// on as they began.
func TestWorkflowMoveRuns(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		f := newFlows(t, s, clock)
		wait := workflow.Step{Kind: workflow.StepWait, Until: workflow.UntilTime, Amount: 1, Unit: "days"}
		w := f.start("Two", workflow.Definition{Trigger: workflow.Trigger{Kind: workflow.OnActivity, Query: "kind:message"}, Steps: slices.Concat([]workflow.Step{wait, wait}, tag("old"))})
		f.writes("ana", "", "Hello")
		f.now()
		f.pass(25 * time.Hour) // she is at the second wait
		f.writes("ben", "", "Hello")
		f.now()
		publish := func(moved bool, change func(d *workflow.Definition)) {
			t.Helper()
			if _, err := f.service.Edit(t.Context(), w.Key, 0, "eve", func(_ *string, d *workflow.Definition) error { change(d); return nil }); err != nil {
				t.Fatal(err)
			}
			if _, err := f.service.Publish(t.Context(), w.Key, moved, "eve"); err != nil {
				t.Fatal(err)
			}
		}
		publish(false, func(d *workflow.Definition) { d.Steps = append(d.Steps[:1:1], d.Steps[2:]...); d.Steps[1].Tag = "new" })
		got, err := f.service.Moving(t.Context(), w.Key)
		want := workflow.Moving{To: 2, Moves: 1, Stays: 1, Steps: []workflow.MovingStep{
			{Version: 1, Step: "s1", Kind: workflow.StepWait, Words: "1 day", State: workflow.Waiting, Runs: 1},
			{Version: 1, Step: "s2", Kind: workflow.StepWait, Words: "1 day", State: workflow.Waiting, Runs: 1, Why: "version 2 does not have this step"},
		}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("%v\n%s", err, diff)
		}
		if _, err := f.service.MoveRuns(t.Context(), w.Key, 1, "eve"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("moved to a version that nobody enters: %v", err)
		}
		for _, want := range []int64{1, 0} { // a second time there is nobody left
			if n, err := f.service.MoveRuns(t.Context(), w.Key, 2, "eve"); n != want || err != nil {
				t.Errorf("%d were moved, %v; want %d", n, err, want)
			}
		}
		f.now()
		if runs, err := s.WorkflowRuns(t.Context(), workflow.Filter{Workflow: w.ID, Version: 2}); err != nil || len(runs) != 1 || runs[0].Member != "Ben Stone" || runs[0].State != workflow.Waiting {
			t.Errorf("in version 2: %+v, %v", runs, err)
		}
		f.pass(25 * time.Hour)
		for name, want := range map[string]string{"old": "Ana Stone", "new": "Ben Stone"} {
			if got := members(t, s, "tag:"+name); len(got) != 1 || got[0].Name != want {
				t.Errorf("tagged %s: %+v", name, got)
			}
		}
		// With a version that moves them at once, those whose step it lacks are not ended either.
		f.writes("cay", "", "Hello")
		f.now()
		publish(true, func(d *workflow.Definition) { d.Steps[0].ID = "" })
		if runs, err := s.WorkflowRuns(t.Context(), workflow.Filter{Workflow: w.ID, State: workflow.Waiting}); err != nil || len(runs) != 1 || runs[0].Version != 2 {
			t.Errorf("still in it: %+v, %v", runs, err)
		}
	})
}

// Who is not to be contacted gets nothing and is not kept in; who is erased is gone from runs, and their data name them.
func TestWorkflowPrivacy(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		f := newFlows(t, s, clock)
		w := f.start("Welcome", welcome())
		f.writes("ana", "", "Hello")
		f.writes("ben", "", "Hello")
		ids := map[string]int64{}
		for _, m := range members(t, s, "") {
			ids[m.Name] = m.ID
		}
		if err := s.SetChoice(t.Context(), ids["Ben Stone"], consent.Choice{At: *clock, How: "preferences"}); err != nil {
			t.Fatal(err)
		}
		f.now()
		if got := f.who(w); got != "Ana Stone waiting 24 12:00; Ben Stone stopped 24 12:00" {
			t.Errorf("in it: %s", got)
		}
		if len(f.mail.got) != 1 {
			t.Errorf("%d mails, want 1", len(f.mail.got))
		}
		var data bytes.Buffer
		if err := s.ExportMember(t.Context(), ids["Ana Stone"], &data); err != nil || !strings.Contains(data.String(), `"workflow_id": 1`) {
			t.Errorf("their data lack the run: %v", err)
		}
		if err := s.EraseMember(t.Context(), ids["Ana Stone"]); err != nil {
			t.Fatal(err)
		}
		f.pass(5 * 24 * time.Hour)
		if got := f.who(w); got != " stopped 24 12:00; Ben Stone stopped 24 12:00" {
			t.Errorf("after erasing: %s", got)
		}
	})
}
