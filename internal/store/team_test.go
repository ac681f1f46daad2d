// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/roadmap"
	"greenroom/internal/store"
	"greenroom/internal/task"
	"greenroom/internal/team"
)

// away stores an absence of whole days from a moment on.
func away(t *testing.T, s *store.Store, who, standIn string, from time.Time, days int) team.Absence {
	t.Helper()
	a, err := s.AddTeamAbsence(t.Context(), team.Absence{Person: who, StandIn: standIn, From: "f", To: "t", BeginsAt: from, EndsAt: from.AddDate(0, 0, days), CreatedBy: who, CreatedAt: from})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func owners(t *testing.T, s *store.Store) map[string]string {
	t.Helper()
	all, err := s.Tasks(t.Context(), task.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for i := range all {
		got[all[i].Key] = all[i].Owner
	}
	return got
}

func TestHandOver(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		ctx := t.Context()
		move := func() {
			t.Helper()
			if _, err := s.HandOver(ctx); err != nil {
				t.Fatal(err)
			}
		}
		add := func(key, owner string) {
			t.Helper()
			if _, err := s.AddTasks(ctx, task.Task{Key: key, Title: key, Owner: owner, CreatedBy: "x"}); err != nil {
				t.Fatal(err)
			}
		}
		want := func(when string, all map[string]string) {
			t.Helper()
			if got := owners(t, s); fmt.Sprint(got) != fmt.Sprint(all) {
				t.Errorf("%s: %v, want %v", when, got, all)
			}
		}
		add("before", "ana")
		add("done", "ana")
		begin := *clock
		ana := away(t, s, "ana", "ben", begin, 10)
		if _, err := s.AddTeamAbsence(ctx, team.Absence{Person: "ana", BeginsAt: begin, EndsAt: begin.AddDate(0, 0, 1)}); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("away twice at once: %v", err)
		}
		move()
		add("while", "ana")
		want("away", map[string]string{"before": "ben", "done": "ben", "while": "ben"})
		all, _ := s.Tasks(ctx, task.Filter{})
		for i := range all {
			if all[i].Key == "done" {
				if err := s.FinishTask(ctx, all[i].ID, true, "ben"); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := s.AddNotices(ctx, task.Notice{Key: "k", Person: "ana", Kind: "mention", Title: "Hello"}); err != nil {
			t.Fatal(err)
		}
		for who, title := range map[string]string{"ana": "Hello", "ben": "For ana: Hello"} {
			if told, err := s.Notices(ctx, who, true, 0, 1); err != nil || len(told) != 1 || told[0].Title != title {
				t.Errorf("%s was told %+v, %v", who, told, err)
			}
		}

		// The stand-in goes too, and comes back later than who they stand in for.
		*clock = begin.AddDate(0, 0, 2)
		away(t, s, "ben", "cy", *clock, 20)
		move()
		add("later", "ana")
		want("both away", map[string]string{"before": "cy", "while": "cy", "later": "cy"})
		*clock = begin.AddDate(0, 0, 10)
		move()
		want("back", map[string]string{"before": "ana", "while": "ana", "later": "ana"})
		*clock = begin.AddDate(0, 0, 30)
		move()
		want("all back", map[string]string{"before": "ana", "while": "ana", "later": "ana"})
		list, err := s.TeamAbsences(ctx, begin)
		if err != nil || len(list) != 2 || list[0].ID != ana.ID || list[0].Moved != 4 || list[0].Returned != 3 || list[0].BackAt.IsZero() {
			t.Errorf("absences %+v, %v", list, err)
		}

		// Nobody is left: it stays.
		away(t, s, "ana", "ben", *clock, 5)
		away(t, s, "ben", "ana", *clock, 5)
		move()
		want("a circle", map[string]string{"before": "ana", "while": "ana", "later": "ana"})
		if a, err := s.EndTeamAbsence(ctx, 3, *clock); err != nil || !a.EndsAt.Equal(*clock) {
			t.Errorf("ended %+v, %v", a, err)
		}
		if _, err := s.EndTeamAbsence(ctx, 3, *clock); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("ended twice: %v", err)
		}
	})
}

// TestStandInsCover says of plans and tasks who stands in for whose they are, and of drafts whose word they wait for.
func TestStandInsCover(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		ctx := t.Context()
		plans := roadmap.New(s, s, func() time.Time { return *clock }).Covering(s)
		v, err := plans.Add(ctx, roadmap.Plan{Title: "Launch", State: roadmap.Active, Owner: "Ana@acme.example"}, []roadmap.Task{{Title: "Brief", Days: 2, Owner: "ben@acme.example"}, {Title: "Page", Days: 1}}, "x")
		if err != nil {
			t.Fatal(err)
		}
		for i, state := range []outbox.State{outbox.Draft, outbox.Draft, outbox.Queued} {
			m := outbox.Message{Key: strconv.Itoa(i), Channel: outbox.Email, Purpose: consent.Care, Sender: []string{"Ana@acme.example", "ben@acme.example", "ana@acme.example"}[i], To: "ida@example.org", Text: "Hello", State: state, CreatedAt: *clock}
			if _, err := s.AddMessages(ctx, []outbox.Message{m}); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := s.MessageList(ctx, outbox.Filter{States: []outbox.State{outbox.Draft}, Sender: "ana@acme.example"}); err != nil || len(all) != 1 || all[0].Key != "0" {
			t.Errorf("drafts in the name of ana: %+v, %v", all, err)
		}
		want := func(when, plan, task string) {
			t.Helper()
			all, err := plans.Views(ctx)
			if err != nil || len(all) != 1 || all[0].CoveredBy != plan || all[0].Tasks[0].CoveredBy != task || all[0].Tasks[1].CoveredBy != "" {
				t.Errorf("%s: %+v, %v", when, all, err)
			}
			if one, err := plans.View(ctx, v.ID); err != nil || one.CoveredBy != plan {
				t.Errorf("%s: the plan is covered by %q, %v; want %q", when, one.CoveredBy, err, plan)
			}
		}
		want("all there", "", "")
		away(t, s, "ana@acme.example", "ben@acme.example", *clock, 10)
		want("ana away", "ben@acme.example", "")
		if _, err := s.HandOver(ctx); err != nil {
			t.Fatal(err)
		}
		if told, err := s.Notices(ctx, "ben@acme.example", true, 0, 1); err != nil || len(told) != 1 || !strings.Contains(told[0].Text, "wait for an approval: 1.") {
			t.Errorf("the stand-in was told %+v, %v", told, err)
		}
		away(t, s, "ben@acme.example", "cy@acme.example", *clock, 5)
		want("both away", "cy@acme.example", "cy@acme.example")
		whose := func(when string, owners map[string]string) {
			t.Helper()
			if _, err := s.HandOver(ctx); err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			all, err := s.MessageList(ctx, outbox.Filter{States: []outbox.State{outbox.Draft}})
			for i := range all {
				got[all[i].Key] = all[i].Owner
			}
			if diff := cmp.Diff(owners, got); diff != "" || err != nil {
				t.Errorf("%s, drafts: %v %s", when, err, diff)
			}
		}
		const ana, ben, cy = "ana@acme.example", "ben@acme.example", "cy@acme.example"
		whose("both away", map[string]string{"0": cy, "1": cy})
		late := outbox.Message{Key: "late", Channel: outbox.Email, Purpose: consent.Care, Owner: "Ana@acme.example", To: "ida@example.org", Text: "Hello", State: outbox.Draft, CreatedAt: *clock}
		if _, err := s.AddMessages(ctx, []outbox.Message{late}); err != nil {
			t.Fatal(err)
		}
		whose("one more", map[string]string{"0": cy, "1": cy, "late": cy})
		first, err := s.MessageList(ctx, outbox.Filter{Owner: cy, Sender: ben})
		if err != nil || len(first) != 1 {
			t.Fatalf("%+v, %v", first, err)
		}
		if _, err := s.MoveMessages(ctx, []int64{first[0].ID}, []outbox.State{outbox.Draft}, outbox.Queued, "", cy); err != nil {
			t.Fatal(err)
		}
		*clock = clock.AddDate(0, 0, 6)
		want("ben back", "ben@acme.example", "")
		whose("ben back", map[string]string{"0": ben, "late": cy}) // it came to cy at once
		*clock = clock.AddDate(0, 0, 6)
		want("all back", "", "")
		whose("all back", map[string]string{"0": ana, "late": ana})
	})
}

func TestTeam(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		p, err := s.SetTeamProfile(ctx, team.Profile{Email: "ana@acme.example", Role: "Community manager", Days: team.OfficeHours(), Muted: []string{"alert"}})
		if err != nil || p.Version != 1 {
			t.Fatalf("%+v, %v", p, err)
		}
		p.Version = 0
		if _, err := s.SetTeamProfile(ctx, p); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("from an old version: %v", err)
		}
		if err := s.AddNotices(ctx, task.Notice{Key: "a", Person: p.Email, Kind: "alert", Title: "muted"}, task.Notice{Key: "b", Person: p.Email, Kind: "task", Title: "told"}); err != nil {
			t.Fatal(err)
		}
		if told, err := s.Notices(ctx, p.Email, true, 0, 9); err != nil || len(told) != 1 || told[0].Title != "told" {
			t.Errorf("told %+v, %v", told, err)
		}
		if told, err := s.Notices(ctx, p.Email, false, 0, 9); err != nil || len(told) != 2 {
			t.Errorf("all that was told %+v, %v", told, err)
		}
		d, err := s.SaveTeamDuty(ctx, team.Duty{DutyDraft: team.DutyDraft{Kind: team.OfPlan, Subject: "Launch", Accountable: "ana"}})
		if err != nil {
			t.Fatal(err)
		}
		d.Responsible = []string{"ben"}
		if d, err = s.SaveTeamDuty(ctx, d); err != nil || d.Version != 2 {
			t.Errorf("%+v, %v", d, err)
		}
		d.Version = 1
		if _, err := s.SaveTeamDuty(ctx, d); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("from an old version: %v", err)
		}
		if all, err := s.TeamDuties(ctx); err != nil || len(all) != 1 || len(all[0].Responsible) != 1 {
			t.Errorf("duties %+v, %v", all, err)
		}
		if gone, err := s.RemoveTeamDuty(ctx, d.ID); err != nil || gone.Subject != "Launch" {
			t.Errorf("removed %+v, %v", gone, err)
		}
	})
}

// TestAbsenceDays gives days that are none, or the wrong way round, and says which of the two is wrong.
func TestAbsenceDays(t *testing.T) {
	atDesk(t, func(d *desk) {
		s := team.New(d.s, nil, noAudit{}, slog.New(slog.DiscardHandler), func() time.Time { return d.now }, func() *time.Location { return time.UTC })
		for _, c := range []struct{ from, to, field, want string }{
			{"soon", "2026-03-05", "from", `the first day of the absence is a day, written as 2026-12-24, not "soon"`},
			{"2026-03-05", "", "to", `the last day of the absence is a day, written as 2026-12-24, not ""`},
			{"2026-03-05", "2026-03-04", "to", "the last day of the absence (2026-03-04) is before its first (2026-03-05); give the first day itself for an absence of one day"},
			{"2026-03-05", "2126-03-06", "to", "the last day of the absence (2126-03-06) is more than 100 years after its first (2026-03-05)"},
		} {
			_, err := s.Leave(t.Context(), team.Absence{Person: ana, From: c.from, To: c.to}, ana)
			if greenroom.ErrorField(err) != c.field || greenroom.ErrorMessage(err) != c.want {
				t.Errorf("from %q to %q: field %q, %v", c.from, c.to, greenroom.ErrorField(err), err)
			}
		}
		if _, err := s.Leave(t.Context(), team.Absence{Person: ana, From: "2026-03-05", To: "2026-03-05"}, ana); err != nil {
			t.Errorf("of one day: %v", err)
		}
	})
}
