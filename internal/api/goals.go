// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"reflect"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/goal"
)

// Goals are what the organization aims at; goal.Service keeps them.
type Goals interface {
	Tree(ctx context.Context, closed bool) ([]goal.Standing, error)
	Get(ctx context.Context, id int64) (goal.Standing, error)
	Add(ctx context.Context, d goal.Draft, by string, mayApprove bool) (goal.Goal, error)
	Edit(ctx context.Context, id, version int64, d goal.Draft, by string, mayApprove bool) (goal.Goal, error)
	GoalSteps
}

// GoalSteps are what happens to a goal on its way.
type GoalSteps interface {
	CheckIns(ctx context.Context, id int64) ([]goal.CheckIn, error)
	CheckIn(ctx context.Context, id int64, confidence int, text, by string) (goal.CheckIn, error)
	Decide(ctx context.Context, id int64, approve bool, reason, by string) (goal.Goal, error)
	Close(ctx context.Context, id int64, r goal.Retro, by string) (goal.Goal, error)
	Reopen(ctx context.Context, id int64, by string) (goal.Goal, error)
}

// GoalChange is all that can be changed of a goal, with the version that it was made from.
type GoalChange struct {
	goal.Draft
	Version int64 `json:"version" doc:"The version that was looked at. With another one nothing is changed."`
}

// GoalDecision approves a proposed goal, or declines it.
type GoalDecision struct {
	Approve bool   `json:"approve" doc:"False = decline it."`
	Reason  string `json:"reason,omitempty" doc:"What is said with it."`
}

// GoalWord is a check-in.
type GoalWord struct {
	Confidence int    `json:"confidence" doc:"How sure you are, in percent."`
	Note       string `json:"note,omitempty" doc:"What happened."`
}

// GoalEnd is a retrospective; the figure, its interval and whether the target was met are computed.
type GoalEnd struct {
	Outcome string `json:"outcome" doc:"What came out, in words."`
	Learned string `json:"learned,omitempty" doc:"What we learned."`
	Next    string `json:"next,omitempty" doc:"What we do otherwise from now on."`
}

func (a *api) goalOps() []op {
	if a.Goals == nil {
		return nil
	}
	id := idParam("The goal's number.")
	one := content{of: goal.Goal{}, example: exampleGoal()}
	standing := content{of: goal.Standing{}, example: exampleStanding()}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	draft := goal.Draft{Kind: goal.Community, Parent: 1, Title: "People on trial find help", From: "2026-10-01", To: "2026-12-31"}
	give := func(g goal.Goal, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return ok(g)
	}
	return []op{
		{
			method: http.MethodGet, path: "/goals", id: "listGoals", tag: "Goals", need: auth.Read, reply: content{of: Items[goal.Standing]{}, example: Items[goal.Standing]{Items: []goal.Standing{exampleStanding()}}},
			summary: "The tree of goals", text: "The goals that serve no other, each with what serves it. The progress of key results is computed.",
			params: []param{{name: "closed", form: formFlag, initial: "false", text: "Those that are closed, too."}},
			do: func(c *call) (answer, error) {
				all, err := a.Goals.Tree(c.ctx(), c.flag("closed"))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/goals", id: "createGoal", tag: "Goals", need: auth.Write, status: http.StatusCreated, repeatable: true, reply: one,
			summary: "Make a goal", text: "Who may connect sources makes it at once; for others it is proposed. The baseline of a key result is read from its metric where it is left out.",
			body: &content{of: goal.Draft{}, text: "The goal.", example: draft},
			do: func(c *call) (answer, error) {
				d, err := decode[goal.Draft](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Goals.Add(c.ctx(), d, c.by(), c.caller.Can(auth.Connect)))
			},
		},
		{
			method: http.MethodGet, path: "/goals/{id}", id: "getGoal", tag: "Goals", need: auth.Read, params: []param{id}, reply: standing,
			summary: "A goal", text: "With its progress and what serves it. Each figure has the query that lists what it counts.",
			do: func(c *call) (answer, error) {
				st, err := a.Goals.Get(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return ok(st)
			},
		},
		{
			method: http.MethodPut, path: "/goals/{id}", id: "changeGoal", tag: "Goals", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Change a goal", text: "Everything is set as it is sent. With another version than the goal has, nothing is changed and the answer is a conflict. Of an approved goal only who may connect sources changes anything.",
			body: &content{of: GoalChange{}, text: "The goal, and its version.", example: GoalChange{Draft: draft, Version: 1}},
			do: func(c *call) (answer, error) {
				d, err := decode[GoalChange](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Goals.Edit(c.ctx(), c.id(), d.Version, d.Draft, c.by(), c.caller.Can(auth.Connect)))
			},
		},
		{
			method: http.MethodPost, path: "/goals/{id}/decision", id: "decideGoal", tag: "Goals", need: auth.Connect, params: []param{id}, reply: one, codes: conflict,
			summary: "Approve or decline a proposed goal", text: "Once.", body: &content{of: GoalDecision{}, text: "The decision.", example: GoalDecision{Approve: true}},
			do: func(c *call) (answer, error) {
				d, err := decode[GoalDecision](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Goals.Decide(c.ctx(), c.id(), d.Approve, d.Reason, c.by()))
			},
		},
		{
			method: http.MethodPost, path: "/goals/{id}/close", id: "closeGoal", tag: "Goals", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Close a goal with a retrospective", text: "The figure of now is kept as what came out.", body: &content{of: GoalEnd{}, text: "The retrospective.", example: GoalEnd{Outcome: "Trials stay longer.", Learned: "A person beats a mail."}},
			do: func(c *call) (answer, error) {
				d, err := decode[GoalEnd](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Goals.Close(c.ctx(), c.id(), goal.Retro{Outcome: d.Outcome, Learned: d.Learned, Next: d.Next}, c.by()))
			},
		},
		{
			method: http.MethodPost, path: "/goals/{id}/reopen", id: "reopenGoal", tag: "Goals", need: auth.Connect, params: []param{id}, reply: one, codes: conflict,
			summary: "Open a goal again", text: "Takes back that it was closed or declined.",
			do: func(c *call) (answer, error) { return give(a.Goals.Reopen(c.ctx(), c.id(), c.by())) },
		},
		a.listCheckIns(id), a.checkIn(id),
	}
}

func (a *api) listCheckIns(id param) op {
	return op{
		method: http.MethodGet, path: "/goals/{id}/check-ins", id: "listCheckIns", tag: "Goals", need: auth.Read, params: []param{id},
		summary: "What was said of a goal on the way", text: "The newest first.",
		reply: content{of: Items[goal.CheckIn]{}, example: Items[goal.CheckIn]{Items: []goal.CheckIn{exampleCheckIn()}}},
		do: func(c *call) (answer, error) {
			all, err := a.Goals.CheckIns(c.ctx(), c.id())
			if err != nil {
				return answer{}, err
			}
			return itemsOf(all)
		},
	}
}

func (a *api) checkIn(id param) op {
	return op{
		method: http.MethodPost, path: "/goals/{id}/check-ins", id: "checkIn", tag: "Goals", need: auth.Write, params: []param{id}, status: http.StatusCreated, codes: []greenroom.Code{greenroom.CodeConflict},
		summary: "Check in", text: "Says how sure you are. The figure of now is kept with it.", body: &content{of: GoalWord{}, text: "The check-in.", example: GoalWord{Confidence: 70, Note: "The first cohort has begun."}},
		reply: content{of: goal.CheckIn{}, example: exampleCheckIn()},
		do: func(c *call) (answer, error) {
			d, err := decode[GoalWord](c)
			if err != nil {
				return answer{}, err
			}
			w, err := a.Goals.CheckIn(c.ctx(), c.id(), d.Confidence, d.Note, c.by())
			if err != nil {
				return answer{}, err
			}
			return ok(w)
		},
	}
}

func exampleGoal() goal.Goal {
	base := .34
	return goal.Goal{
		ID: 3, Parent: 2, Kind: goal.KeyResult, Title: "More questions are answered within a day", Audience: goal.External, Letter: "S", Owner: "ana@acme.example", From: "2026-10-01", To: "2026-12-31",
		Measure: &goal.Measure{Metric: "response_within_target", How: goal.Level, Every: "month", Baseline: &base, Target: .5}, State: goal.Active, Version: 1, CreatedBy: "ana@acme.example", CreatedAt: exampleTime(2), DecidedBy: "ana@acme.example", DecidedAt: exampleTime(2),
	}
}

func exampleStanding() goal.Standing {
	now, share := .42, .5
	return goal.Standing{Goal: exampleGoal(), Status: goal.Unknown, Progress: &goal.Progress{
		Unit: analytics.UnitShare, Value: &now, Share: &share, Status: goal.Unknown, Says: "It cannot be told yet where this goes: there are 1 whole months since the first day, and it takes 4.", AsOf: exampleTime(20), Series: []goal.Period{}, Entity: "conversations", Query: "is:question",
	}}
}

func exampleCheckIn() goal.CheckIn {
	now := .42
	return goal.CheckIn{ID: 1, GoalID: 3, Confidence: 70, Note: "The first cohort has begun.", Value: &now, Status: goal.Unknown, By: "ana@acme.example", At: exampleTime(20)}
}

// goalEnums lists the values of the types of goals.
func goalEnums(all map[reflect.Type][]string) {
	enum(all, goal.Kinds()...)
	enum(all, goal.Audiences()...)
	enum(all, goal.States()...)
	enum(all, goal.Statuses()...)
	enum(all, goal.Ways()...)
	enum(all, append([]goal.Letter{""}, goal.Letters()...)...)
}
