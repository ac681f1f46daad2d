// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/goal"
	"greenroom/internal/store"
)

func TestGoals(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		base := 3.5
		want := goal.Goal{
			Kind: goal.KeyResult, Title: "Möre", Audience: goal.External, From: "2026-10-01", To: "2026-12-31", State: goal.Active, CreatedBy: "ana", CreatedAt: clock().UTC(),
			Measure: &goal.Measure{Metric: "activities", How: goal.Level, Every: "month", Baseline: &base, Target: 10},
		}
		g, err := s.AddGoal(ctx, want)
		if err != nil {
			t.Fatal(err)
		}
		want.ID, want.Version = 1, 1
		got, err := s.Goal(ctx, g.ID)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		g.Title = "Other"
		if _, err = s.ChangeGoal(ctx, g); err != nil {
			t.Fatal(err)
		}
		g.Title = "Late"
		if _, err = s.ChangeGoal(ctx, g); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a change from an old version: %v", err)
		}
		for i, v := range []*float64{nil, &base} {
			if _, err := s.AddCheckIn(ctx, goal.CheckIn{GoalID: 1, Confidence: 60 + i, Note: "n", Status: goal.AtRisk, Value: v, By: "ana", At: clock()}); err != nil {
				t.Fatal(err)
			}
		}
		words, err := s.CheckIns(ctx, 1)
		if err != nil || len(words) != 2 || words[0].Confidence != 61 || *words[0].Value != base || words[1].Value != nil {
			t.Errorf("check-ins %+v, %v", words, err)
		}
		all, err := s.Goals(ctx)
		if err != nil || len(all) != 1 || all[0].Title != "Other" || all[0].Confidence != 61 || all[0].Version != 2 {
			t.Errorf("goals %+v, %v", all, err)
		}
		if _, err := s.Goal(ctx, 9); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("an unknown goal: %v", err)
		}
	})
}
