// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"strings"
	"testing"

	"greenroom"
	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
	"greenroom/internal/store"
)

// Two people edit the same plan on a real store: what goes together is merged, what does not is shown, and undo puts back.
func TestRoadmap(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		r := roadmap.New(s, s, clock)
		v, err := r.Add(ctx, roadmap.Plan{Title: "Läunch", Goal: 2}, []roadmap.Task{
			{Title: "Brief", Days: 2}, {Title: "Page", Days: 3, After: []schedule.Dependency{{On: -1}}}, {Title: "Open", After: []schedule.Dependency{{On: -2}}},
		}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		if len(v.Tasks) != 3 || v.Tasks[1].After[0].On != v.Tasks[0].ID || v.Tasks[2].Start <= v.Tasks[0].Start || !v.Tasks[2].Critical {
			t.Fatalf("%+v", v)
		}
		if err := r.Promise(ctx, v.ID, "ana"); err != nil {
			t.Fatal(err)
		}
		seen, err := r.Task(ctx, v.ID, v.Tasks[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		ben := seen
		ben.Owner = "ben"
		if _, err := r.EditTask(ctx, ben, "ben"); err != nil {
			t.Fatal(err)
		}
		ana := seen
		ana.Days = 5
		got, err := r.EditTask(ctx, ana, "ana")
		if err != nil || got.Owner != "ben" || got.Days != 5 {
			t.Errorf("merged into %+v, %v", got, err)
		}
		ana.Owner = "cleo"
		var c *roadmap.ConflictError
		if _, err := r.EditTask(ctx, ana, "ana"); !errors.As(err, &c) || greenroom.ErrorCode(err) != greenroom.CodeConflict || len(c.Clashes) != 1 || c.Clashes[0].Field != "owner" {
			t.Errorf("a conflict is %v", err)
		}
		if v, err = r.View(ctx, v.ID); err != nil || v.Slipped != 3 || v.Tasks[2].Inherited != 3 || v.Tasks[0].Own != 3 {
			t.Errorf("slipped %+v, %v", v, err)
		}
		circle := v.Tasks[0].Task
		circle.After = []schedule.Dependency{{On: v.Tasks[2].ID}}
		if _, err := r.EditTask(ctx, circle, "ana"); greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(greenroom.ErrorMessage(err), "“Brief” waits for “Open” waits for “Page” waits for “Brief”") {
			t.Errorf("a circle: %v", err)
		}
		if _, err := r.AddTask(ctx, roadmap.Task{Plan: v.ID, Title: "More"}, "ana"); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"added More", "changed Brief", "changed Brief", "promised the dates of"} {
			if what, err := r.Undo(ctx, v.ID, "ana"); err != nil || !strings.HasPrefix(what, want) {
				t.Errorf("undid %q, %v; want %q", what, err, want)
			}
		}
		if _, err := r.Undo(ctx, v.ID, "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("undid the beginning: %v", err)
		}
		if v, err = r.View(ctx, v.ID); err != nil || len(v.Tasks) != 3 || v.Tasks[0].Days != 2 || v.Tasks[0].Owner != "" || v.BaseEnd != "" {
			t.Errorf("after undoing all: %+v, %v", v, err)
		}
		p := v.Plan
		p.Title, p.Risks = "Launch", []roadmap.Risk{{What: "late"}}
		if p, err = r.EditPlan(ctx, p, "ana"); err != nil || p.Title != "Launch" || len(p.Risks) != 1 || p.Version != 2 {
			t.Errorf("%+v, %v", p, err)
		}
		if err := r.SetDays(ctx, roadmap.Days{Weekdays: []int{1}, Holidays: []string{"2026-12-25"}}); err != nil {
			t.Fatal(err)
		}
		if d, err := r.Days(ctx); err != nil || len(d.Weekdays) != 1 {
			t.Errorf("%+v, %v", d, err)
		}
	})
}
