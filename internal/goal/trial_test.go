// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package goal_test

import (
	"context"
	"testing"

	"greenroom/internal/goal"
)

// trials are what came of a goal's workflows.
type trials []goal.Trial

func (t *trials) Trials(context.Context, int64) ([]goal.Trial, error) { return *t, nil }

// TestTrialsAreKept closes a goal: its retrospective has what came of trials on that day, whatever they say later, until the goal
// is opened again.
func TestTrialsAreKept(t *testing.T) {
	ctx := t.Context()
	s, _ := service(func(int) float64 { return 5 })
	seen := &trials{{Title: "Check-ins", With: goal.Group{Members: 80, Did: 40}, Without: goal.Group{Members: 20, Did: 5}, Difference: .25, Low: .02, High: .42}}
	s = s.Trying(seen)
	g, err := s.Add(ctx, goal.Draft{Kind: goal.Community, Title: "People stay", From: "2026-09-28", To: "2026-12-20"}, "ana", true)
	if err != nil {
		t.Fatal(err)
	}
	share := func(when string, want float64) {
		t.Helper()
		st, err := s.Get(ctx, g.ID)
		if err != nil || len(st.Trials) != 1 || st.Trials[0].With.Share() != want {
			t.Errorf("%s: %+v, %v", when, st.Trials, err)
		}
	}
	share("open", .5)
	if g, err = s.Close(ctx, g.ID, goal.Retro{Outcome: "They did.", Trials: []goal.Trial{{Title: "made up"}}}, "ana"); err != nil || len(g.Retro.Trials) != 1 || g.Retro.Trials[0].Low != .02 {
		t.Fatalf("closed as %+v, %v", g.Retro, err)
	}
	*seen = trials{{Title: "Check-ins", With: goal.Group{Members: 80, Did: 60}}}
	share("closed", .5)
	if _, err := s.Reopen(ctx, g.ID, "ana"); err != nil {
		t.Fatal(err)
	}
	share("open again", .75)
}
