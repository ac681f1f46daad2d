// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/workflow"
)

// FlowMoving is who goes on in another version of a workflow than the one that members enter.
type FlowMoving struct {
	To    int64            `json:"to" doc:"The version that members enter now."`
	Moves int64            `json:"moves" doc:"Runs in other versions that can go on with it."`
	Stays int64            `json:"stays" doc:"Runs in other versions that can not."`
	Steps []FlowMovingStep `json:"steps" doc:"Where they stand."`
}

// FlowMovingStep is a step of another version at which runs stand.
type FlowMovingStep struct {
	Version int64  `json:"version" doc:"The version that these runs go through."`
	Step    string `json:"step" doc:"The step's id; empty behind the last one."`
	Kind    string `json:"kind,omitempty" doc:"The kind of the step, as definitions have it."`
	Words   string `json:"words" doc:"What the step does."`
	State   string `json:"state" doc:"waiting or failed."`
	Runs    int64  `json:"runs" doc:"How many stand there."`
	Why     string `json:"why,omitempty" doc:"Why they can not go on with the version that members enter now; left out where they can."`
}

// FlowMoved is how many runs were moved.
type FlowMoved struct {
	Moved int64 `json:"moved" doc:"Runs that go on with the version from now on."`
}

func movingOf(m *workflow.Moving) FlowMoving {
	v := FlowMoving{To: m.To, Moves: m.Moves, Stays: m.Stays, Steps: make([]FlowMovingStep, len(m.Steps))}
	for i := range m.Steps {
		x := &m.Steps[i]
		v.Steps[i] = FlowMovingStep{x.Version, x.Step, string(x.Kind), x.Words, string(x.State), x.Runs, x.Why}
	}
	return v
}

func (a *api) workflowMoveOps(ref param) []op {
	return []op{
		{
			method: http.MethodGet, path: "/workflows/{workflow}/move-runs", id: "previewWorkflowMove", tag: "Workflows", need: auth.Read, params: []param{ref},
			summary: "Runs in older versions", text: "Who goes on in another version than the one that members enter now, and which of them can go on with it: those who wait at a step that it has, too.",
			reply: content{of: FlowMoving{}, example: FlowMoving{To: 3, Moves: 14, Stays: 2, Steps: []FlowMovingStep{{Version: 2, Step: "s2", Kind: "wait", Words: "3 days", State: "waiting", Runs: 14}, {Version: 2, Step: "s4", Kind: "tag", Words: "pilot", State: "failed", Runs: 2, Why: "they are stuck: try again, skip the step or end them first"}}}},
			do: func(c *call) (answer, error) {
				m, err := a.Workflows.Moving(c.ctx(), c.text("workflow"))
				return given(movingOf(&m), err)
			},
		},
		{
			method: http.MethodPost, path: "/workflows/{workflow}/move-runs", id: "moveWorkflowRuns", tag: "Workflows", need: auth.Write, codes: []greenroom.Code{greenroom.CodeConflict},
			params:  []param{ref, {name: "version", form: formInteger, required: true, min: 1, text: "The version that members enter now, as the preview says it.", example: "3"}},
			summary: "Move runs to the new version", text: "Those who can go on with the version that members enter now, at the step where they are; the others go on as they began. It fails with 409 where members enter another version by now.",
			reply: content{of: FlowMoved{}, example: FlowMoved{Moved: 14}},
			do: func(c *call) (answer, error) {
				n, err := a.Workflows.MoveRuns(c.ctx(), c.text("workflow"), c.integer("version"), c.by())
				return given(FlowMoved{n}, err)
			},
		},
	}
}
