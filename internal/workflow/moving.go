// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"context"
	"fmt"

	"greenroom"
)

// Stand is a step at which runs stand that are not over, in the version that they entered.
type Stand struct {
	Version int64
	State   RunState
	Step    string // "" = behind the last
	Runs    int64
}

// Shift says that the runs of a version that wait at one of some steps are to go on in another.
type Shift struct {
	Version int64
	Steps   []string
}

// Moving is what it means to have those who entered with another version go on with the one that members enter now.
type Moving struct {
	To    int64 // the version that members enter now
	Moves int64 // runs that would go on with it
	Stays int64 // runs that can not
	Steps []MovingStep
}

// MovingStep is a step of another version at which runs stand.
type MovingStep struct {
	Version int64
	Step    string   // its id; "" = behind the last
	Kind    StepKind // "" = behind the last
	Words   string
	State   RunState
	Runs    int64
	Why     string // they can not go on with the new version; "" = they can
}

// Moving says which runs go on in another version than the one that members enter now, and which of them MoveRuns would
// move: those that wait at a step that the new version has, too. A step keeps its id in all versions, so what a run has
// done is not done again.
func (s *Service) Moving(ctx context.Context, ref string) (Moving, error) {
	f, err := s.store.Workflow(ctx, ref)
	if err != nil {
		return Moving{}, err
	}
	return s.moving(ctx, &f)
}

func (s *Service) moving(ctx context.Context, f *Workflow) (Moving, error) {
	m := Moving{To: f.Version}
	stands, err := s.store.RunStands(ctx, f.ID)
	if err != nil {
		return m, fmt.Errorf("asking where the runs of workflow %s stand: %w", f.Key, err)
	}
	plans := make(map[int64]*plan)
	for _, x := range stands {
		if x.Version == f.Version {
			continue
		}
		for _, version := range []int64{f.Version, x.Version} {
			if plans[version] != nil {
				continue
			}
			v, err := s.store.Definition(ctx, f.ID, version)
			if err != nil {
				return m, fmt.Errorf("reading version %d of workflow %s: %w", version, f.Key, err)
			}
			plans[version] = v.Definition.plan()
		}
		step := MovingStep{Version: x.Version, Step: x.Step, Words: "The end", State: x.State, Runs: x.Runs, Why: staysBecause(&x, plans[x.Version], plans[f.Version], f.Version)}
		if at, ok := plans[x.Version].at[x.Step]; ok {
			step.Kind, step.Words = at.step.Kind, at.step.Words()
		}
		if step.Why == "" {
			m.Moves += x.Runs
		} else {
			m.Stays += x.Runs
		}
		m.Steps = append(m.Steps, step)
	}
	return m, nil
}

// staysBecause says why runs at a place can not go on with another version; "" = they can.
func staysBecause(x *Stand, was, will *plan, version int64) string {
	if x.State == Stuck {
		return "they are stuck: try again, skip the step or end them first"
	}
	if x.Step == "" {
		return ""
	}
	to, ok := will.at[x.Step]
	if !ok {
		return fmt.Sprintf("version %d does not have this step", version)
	}
	if from, ok := was.at[x.Step]; ok && from.step.Kind != to.step.Kind {
		return fmt.Sprintf("in version %d the step does something else", version)
	}
	return ""
}

// MoveRuns has those who entered with another version go on with the one that members enter now, as far as Moving says
// that they can; the others go on as they began. version is the one that was looked at: CodeConflict where members enter
// another one by now, or the workflow is archived. It returns how many go on with it.
func (s *Service) MoveRuns(ctx context.Context, ref string, version int64, by string) (int64, error) {
	f, err := s.store.Workflow(ctx, ref)
	if err != nil {
		return 0, err
	}
	if f.Version == 0 || f.State == Archived {
		return 0, greenroom.Errorf(greenroom.CodeConflict, "nobody enters the workflow, so there is no version to go on with")
	}
	if version != f.Version {
		return 0, greenroom.Errorf(greenroom.CodeConflict, "members enter version %d by now, not %d; look at it again", f.Version, version)
	}
	return s.moveRuns(ctx, &f, by)
}

func (s *Service) moveRuns(ctx context.Context, f *Workflow, by string) (int64, error) {
	m, err := s.moving(ctx, f)
	if err != nil || m.Moves == 0 {
		return 0, err
	}
	var all []Shift
	for _, x := range m.Steps { // in order of version
		if x.Why != "" {
			continue
		}
		if len(all) == 0 || all[len(all)-1].Version != x.Version {
			all = append(all, Shift{Version: x.Version})
		}
		last := &all[len(all)-1]
		last.Steps = append(last.Steps, x.Step)
	}
	n, err := s.store.MoveRuns(ctx, f.ID, f.Version, all)
	if err != nil {
		return 0, fmt.Errorf("moving the runs of workflow %s to version %d: %w", f.Key, f.Version, err)
	}
	s.engine.Wake()
	return n, s.audit.Audit(ctx, by, "workflow.move-runs", f.Name, fmt.Sprintf("%d runs to version %d", n, f.Version))
}
