// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/workflow"
)

// flowsFake is one workflow with one run.
type flowsFake struct{ *fake }

func (f flowsFake) one() workflow.Workflow {
	return workflow.Workflow{ID: 3, Key: "welcome", Name: "Welcome", State: workflow.On, Version: 1, CreatedBy: "ana", CreatedAt: now, ChangedAt: now, Draft: workflow.Definition{Trigger: workflow.Trigger{Kind: workflow.OnHand}, Steps: []workflow.Step{{ID: "s1", Kind: workflow.StepTag, Tag: "seen"}}}}
}

func (f flowsFake) List(context.Context, bool) ([]workflow.Workflow, error) {
	return []workflow.Workflow{f.one()}, f.err
}

func (f flowsFake) Get(_ context.Context, ref string) (workflow.Workflow, error) {
	if ref == "nothing" {
		return workflow.Workflow{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no workflow %q", ref)
	}
	return f.one(), f.err
}

func (f flowsFake) Tallies(context.Context, int64) (map[int64]*workflow.Tally, error) {
	return map[int64]*workflow.Tally{3: {States: map[workflow.RunState]int64{workflow.Done: 2}, Messages: outbox.Counts{outbox.Sent: 2}, With: workflow.Arm{Members: 100, Did: 40}, Without: workflow.Arm{Members: 30, Did: 9}}}, f.err
}

func (f flowsFake) Check(context.Context, *workflow.Definition) ([]workflow.Problem, error) {
	return []workflow.Problem{{Step: "s1", Field: "tag", Text: "no"}}, f.err
}

func (f flowsFake) Add(context.Context, string, workflow.Definition, string) (workflow.Workflow, error) {
	return f.one(), f.err
}

func (f flowsFake) Edit(_ context.Context, _ string, _ int64, _ string, change func(*string, *workflow.Definition) error) (workflow.Workflow, error) {
	w := f.one()
	return w, change(&w.Name, &w.Draft)
}

func (f flowsFake) Publish(context.Context, string, bool, string) (workflow.Workflow, error) {
	return f.one(), f.err
}

func (f flowsFake) Turn(context.Context, string, workflow.State, string) (workflow.Workflow, error) {
	return f.one(), f.err
}

func (f flowsFake) DryRun(context.Context, string, int) (*workflow.DryRun, error) {
	return &workflow.DryRun{Since: now, Until: now, Entered: 1, Runs: []workflow.DryMember{{MemberID: 42, Member: "Ana", EnteredAt: now}}}, f.err
}

func (f flowsFake) Runs(context.Context, workflow.Filter) ([]workflow.Run, error) {
	return []workflow.Run{{ID: 12, WorkflowID: 3, MemberID: 42, Member: "Ana", State: workflow.Waiting, EnteredAt: now, DueAt: now}}, f.err
}

func (f flowsFake) Run(_ context.Context, id int64) (workflow.Run, []workflow.Entry, workflow.Version, error) {
	if id == 999999 {
		return workflow.Run{}, nil, workflow.Version{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no run %d", id)
	}
	return workflow.Run{ID: id, WorkflowID: 3, MemberID: 42, Member: "Ana", State: workflow.Done, EnteredAt: now, EndedAt: now}, []workflow.Entry{{Step: "s1", Text: "Tagged seen", At: now}}, workflow.Version{}, f.err
}

func (f flowsFake) Move(ctx context.Context, id int64, _, _ string) (workflow.Run, error) {
	r, _, _, err := f.Run(ctx, id)
	return r, err
}

func (f flowsFake) EnterByHand(_ context.Context, _ string, members []int64, _, _, _ string) (int, error) {
	return len(members), f.err
}

func (f flowsFake) EnterQuery(context.Context, string, string, string, string) (int, error) {
	return 1, f.err
}

func (f flowsFake) Moving(ctx context.Context, ref string) (workflow.Moving, error) {
	if _, err := f.Get(ctx, ref); err != nil {
		return workflow.Moving{}, err
	}
	return workflow.Moving{To: 1, Moves: 2, Steps: []workflow.MovingStep{{Version: 2, Step: "s1", Words: "Tag seen", State: workflow.Waiting, Runs: 2}}}, f.err
}

func (f flowsFake) MoveRuns(context.Context, string, int64, string) (int64, error) { return 2, f.err }

// outboxFake is one draft.
type outboxFake struct{ *fake }

func (f outboxFake) Message(_ context.Context, id int64) (outbox.Message, error) {
	if id == 999999 {
		return outbox.Message{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no message %d", id)
	}
	return outbox.Message{ID: id, Channel: outbox.Email, State: outbox.Draft, Origin: outbox.Origin{Kind: "workflow", ID: 3}, MemberID: 42, Text: "Hi", CreatedAt: now}, f.err
}

func (f outboxFake) List(ctx context.Context, _ outbox.Filter) ([]outbox.Message, error) {
	m, err := f.Message(ctx, 9)
	return []outbox.Message{m}, err
}

func (f outboxFake) Edit(context.Context, int64, string, string, string) error { return f.err }
func (f outboxFake) Approve(context.Context, []int64, string) (int64, error)   { return 1, f.err }

func (f outboxFake) Skip(context.Context, []int64, string, string) (int64, error) { return 1, f.err }

func (f outboxFake) Again(context.Context, []int64, string) (int64, error) { return 1, f.err }
