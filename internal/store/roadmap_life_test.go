// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
	"greenroom/internal/store"
)

// ears hears which requests follow their plan, and to what.
type ears struct{ heard []roadmap.State }

func (e *ears) Follow(_ context.Context, requests []int64, state roadmap.State, joined bool) ([]roadmap.Following, error) {
	if !slices.Equal(requests, []int64{7}) || joined != (len(e.heard) == 0) {
		return nil, greenroom.Errorf(greenroom.CodeInternal, "heard of %v, joined %v", requests, joined)
	}
	e.heard = append(e.heard, state)
	return nil, nil
}

// A plan is signed off, and what is changed later is told; a plan that comes again comes once each time; and requests follow.
func TestRoadmapLife(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		e := &ears{}
		r := roadmap.New(s, s, clock).Telling(e)
		start := schedule.DateOf(clock()) - 20
		v, err := r.Add(ctx, roadmap.Plan{
			Title: "Meetup", State: roadmap.Draft, Start: start.String(), Every: roadmap.Monthly, Requests: []int64{7}, Spent: 90, SignOffs: []roadmap.SignOff{{As: "sponsor", By: "nobody"}},
			Checkpoints: []roadmap.Checkpoint{{Day: (start + 4).String(), Title: "Look", Outcome: "Good"}},
		}, []roadmap.Task{{Title: "Venue", Days: 2}, {Title: "Evening", After: []schedule.Dependency{{On: -1, Lag: 3}}}}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		if len(v.SignOffs) != 0 {
			t.Error("a plan came with a sign-off that nobody gave")
		}
		if n, err := r.Repeat(ctx, "greenroom"); n != 0 || err != nil {
			t.Errorf("of a draft came %d, %v", n, err)
		}
		p, err := r.SignOff(ctx, v.ID, roadmap.Sponsor, " Go. ", "cleo")
		if err != nil || len(p.SignOffs) != 1 || p.SignOffs[0].Comment != "Go." {
			t.Fatalf("signed off: %+v, %v", p, err)
		}
		since := func() int {
			t.Helper()
			all, err := r.Changes(ctx, v.ID)
			if err != nil {
				t.Fatal(err)
			}
			return len(roadmap.Since(&p, all))
		}
		if n := since(); n != 0 {
			t.Errorf("%d changes right after the sign-off", n)
		}
		p.State, p.SignOffs = roadmap.Active, nil // nobody takes it away so
		if p, err = r.EditPlan(ctx, p, "ana"); err != nil || len(p.SignOffs) != 1 {
			t.Fatalf("edited: %+v, %v", p, err)
		}
		if n := since(); n != 1 {
			t.Errorf("%d changes since the sign-off, want 1", n)
		}
		for want := 1; want >= 0; want-- { // once, however often one asks
			if n, err := r.Repeat(ctx, "greenroom"); n != want || err != nil {
				t.Errorf("made %d, %v; want %d", n, err, want)
			}
		}
		all, err := r.Views(ctx)
		if err != nil || len(all) != 2 {
			t.Fatalf("%d plans, %v", len(all), err)
		}
		next, first := all[1], roadmap.Monthly
		day := func(d schedule.Date) string { return d.String() }
		span := nextMonth(start) - start
		if next.From != v.ID || next.State != roadmap.Draft || next.Every != first || next.Spent != 0 || next.Start != day(start+span) || next.Title != "Meetup, from "+day(start+span) || len(next.SignOffs) != 0 || next.Requests != nil {
			t.Errorf("the next one: %+v", next.Plan)
		}
		if diff := cmp.Diff([]roadmap.Checkpoint{{Day: day(start + 4 + span), Title: "Look"}}, next.Checkpoints); diff != "" {
			t.Error(diff)
		}
		if len(next.Tasks) != 2 || next.Tasks[1].After[0].On != next.Tasks[0].ID || next.Tasks[1].After[0].Lag != 3 || next.Tasks[0].Version != 1 {
			t.Errorf("its tasks: %+v", next.Tasks)
		}
		if _, err := r.Next(ctx, v.ID, "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a second next one: %v", err)
		}
		if p, err = s.Plan(ctx, v.ID); err != nil || !p.Repeated {
			t.Fatalf("%+v, %v", p, err)
		}
		p.State = roadmap.Done
		if _, err = r.EditPlan(ctx, p, "ana"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.UndoStep(ctx, v.ID, 1, "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("undoing what is not last: %v", err)
		}
		if _, err := r.Undo(ctx, v.ID, "ana"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]roadmap.State{roadmap.Draft, roadmap.Active, roadmap.Done, roadmap.Active}, e.heard); diff != "" {
			t.Error(diff)
		}
	})
}

// nextMonth is the same day a month later; of a shorter month its last one.
func nextMonth(d schedule.Date) schedule.Date {
	c := d + 1
	for c.String()[8:] != d.String()[8:] {
		if c-d > 31 {
			panic("the clock of these tests is on a day that not every month has")
		}
		c++
	}
	return c
}
