// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"testing"

	"greenroom/internal/auth"
	"greenroom/internal/goal"
)

// aims is a fake of goals with one in it.
type aims struct{ *fake }

func (a aims) one() goal.Goal {
	base := 1.0
	return goal.Goal{ID: 3, Kind: goal.KeyResult, Title: "More", Audience: goal.External, From: "2026-10-01", To: "2026-12-31", State: goal.Active, Version: 2, CreatedBy: "ana", CreatedAt: now, Measure: &goal.Measure{Metric: "activities", How: goal.Level, Every: "week", Baseline: &base, Target: 2}}
}

func (a aims) Tree(ctx context.Context, _ bool) ([]goal.Standing, error) {
	st, err := a.Get(ctx, 3)
	return []goal.Standing{st}, err
}

func (a aims) Get(context.Context, int64) (goal.Standing, error) {
	return goal.Standing{Goal: a.one(), Status: goal.OnTrack, Progress: &goal.Progress{Unit: "activities", Status: goal.OnTrack, Says: "fine", AsOf: now, Series: []goal.Period{}}}, a.err
}

func (a aims) Add(_ context.Context, _ goal.Draft, by string, may bool) (goal.Goal, error) {
	a.did = append(a.did, "goal by "+by)
	g := a.one()
	if !may {
		g.State = goal.Proposed
	}
	return g, a.err
}

func (a aims) Edit(context.Context, int64, int64, goal.Draft, string, bool) (goal.Goal, error) {
	return a.one(), a.err
}

func (a aims) CheckIns(context.Context, int64) ([]goal.CheckIn, error) {
	return []goal.CheckIn{{ID: 1, GoalID: 3, Status: goal.OnTrack, By: "ana", At: now}}, a.err
}

func (a aims) CheckIn(_ context.Context, id int64, confidence int, text, by string) (goal.CheckIn, error) {
	return goal.CheckIn{ID: 2, GoalID: id, Confidence: confidence, Note: text, Status: goal.OnTrack, By: by, At: now}, a.err
}

func (a aims) Decide(context.Context, int64, bool, string, string) (goal.Goal, error) {
	return a.one(), a.err
}

func (a aims) Close(context.Context, int64, goal.Retro, string) (goal.Goal, error) {
	return a.one(), a.err
}

func (a aims) Reopen(context.Context, int64, string) (goal.Goal, error) { return a.one(), a.err }

func TestGoals(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), user(auth.RoleManager))
	for _, x := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/goals", "", 200},
		{"GET", "/goals/3", "", 200},
		{"GET", "/goals/3/check-ins", "", 200},
		{"POST", "/goals", `{"kind":"community","title":"A","from":"2026-10-01","to":"2026-12-31"}`, 201},
		{"POST", "/goals", `{"title":7}`, 400},
		{"PUT", "/goals/3", `{"kind":"community","title":"A","from":"2026-10-01","to":"2026-12-31","version":2}`, 200},
		{"POST", "/goals/3/check-ins", `{"confidence":60}`, 201},
		{"POST", "/goals/3/decision", `{"approve":true}`, 200},
		{"POST", "/goals/3/close", `{"outcome":"well"}`, 200},
		{"POST", "/goals/3/reopen", "", 200},
	} {
		if w := c.do(t, x.method, base+x.path, x.body); w.Code != x.want {
			t.Errorf("%s %s: %d, want %d; %s", x.method, x.path, w.Code, x.want, w.Body)
		}
	}
	if w := c.as(user(auth.RoleContributor)).do(t, "POST", base+"/goals/3/decision", `{"approve":true}`); w.Code != 403 {
		t.Errorf("a contributor decides: %d", w.Code)
	}
}
