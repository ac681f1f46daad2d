// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package program

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"greenroom"
)

// Admission says how somebody is enrolled. The zero value is in the first stage, in the program's cohort.
type Admission struct {
	Stage  string `json:"stage,omitempty"` // key or name
	Cohort string `json:"cohort,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// maxReason is how long a reason can be, in characters.
const maxReason = 2000

func reasonable(reason string) (string, error) {
	if reason = strings.TrimSpace(reason); utf8.RuneCountInString(reason) > maxReason {
		return "", invalid("a reason has at most %d characters", maxReason)
	}
	return reason, nil
}

// stageOf finds a stage by its key or name; "" is the first.
func (p *Program) stageOf(ref string) (Stage, error) {
	if ref = strings.TrimSpace(ref); ref == "" {
		ref = p.Plan.First()
	}
	var names []string
	for _, s := range p.Plan.Stages {
		if s.Key == ref || strings.EqualFold(s.Name, ref) {
			return s, nil
		}
		names = append(names, s.Key)
	}
	return Stage{}, invalid("%s has no stage %q; it has %s", p.Name, ref, strings.Join(names, ", "))
}

// Enroll enrolls a member in the first stage of a program. Who is in it already stays as they are, so that a workflow can
// do it again after a crash.
func (s *Service) Enroll(ctx context.Context, key string, member int64, by, reason string) error {
	_, err := s.Admit(ctx, key, member, Admission{Reason: reason}, by)
	return err
}

// Admit enrolls a member as an admission says. Who is in the program already stays as they are.
func (s *Service) Admit(ctx context.Context, key string, member int64, a Admission, by string) (Enrollment, error) {
	p, err := s.Store.Program(ctx, key)
	if err != nil {
		return Enrollment{}, err
	}
	e, err := p.enrollment(member, a, by)
	if err != nil {
		return e, err
	}
	e, added, err := s.Store.EnrollMember(ctx, e)
	if err != nil {
		return e, fmt.Errorf("enrolling a member in %s: %w", p.Key, err)
	}
	if !added {
		return e, nil
	}
	return e, s.note(ctx, by, "program.enroll", &p, member, e.Reason)
}

// enrollment is what an admission makes of a member.
func (p *Program) enrollment(member int64, a Admission, by string) (Enrollment, error) {
	stage, err := p.stageOf(a.Stage)
	if err != nil {
		return Enrollment{}, err
	}
	reason, err := reasonable(a.Reason)
	if err != nil {
		return Enrollment{}, err
	}
	if a.Cohort = strings.TrimSpace(a.Cohort); a.Cohort == "" {
		a.Cohort = p.Plan.Cohort
	}
	return Enrollment{ProgramID: p.ID, Program: p.Key, MemberID: member, Stage: stage.Key, Cohort: a.Cohort, Reason: reason, By: by}, nil
}

func (s *Service) note(ctx context.Context, by, what string, p *Program, member int64, detail string) error {
	if err := s.Audit.Audit(ctx, by, what, fmt.Sprintf("member %d in program %s", member, p.Key), detail); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}

// in finds the enrollment of a member that has not ended.
func (s *Service) in(ctx context.Context, key string, member int64) (Program, Enrollment, error) {
	p, err := s.Store.Program(ctx, key)
	if err != nil {
		return p, Enrollment{}, err
	}
	all, err := s.Store.Enrollments(ctx, PeopleFilter{Program: p.ID, Member: member, Limit: 1})
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "member %d is not in %s", member, p.Name)
	}
	if err != nil {
		return p, Enrollment{}, err
	}
	return p, all[0], nil
}

// Stage puts a member into another stage, by its key or name.
func (s *Service) Stage(ctx context.Context, key string, member int64, stage, reason, by string) (Enrollment, error) {
	p, e, err := s.in(ctx, key, member)
	if err != nil {
		return e, err
	}
	to, err := p.stageOf(stage)
	if err != nil {
		return e, err
	}
	if reason, err = reasonable(reason); err != nil || to.Key == e.Stage {
		return e, err
	}
	if err := s.Store.MoveProgramStage(ctx, e.ID, to.Key, reason, by); err != nil {
		return e, fmt.Errorf("moving a member to the stage %s: %w", to.Key, err)
	}
	if err := s.note(ctx, by, "program.stage", &p, member, to.Key); err != nil {
		return e, err
	}
	return s.Store.Enrollment(ctx, e.ID)
}

// Leave ends a member's time in a program.
func (s *Service) Leave(ctx context.Context, key string, member int64, reason, by string) (Enrollment, error) {
	p, e, err := s.in(ctx, key, member)
	if err != nil {
		return e, err
	}
	if reason, err = reasonable(reason); err != nil {
		return e, err
	}
	if err := s.Store.LeaveProgram(ctx, e.ID, reason, by); err != nil {
		return e, fmt.Errorf("ending an enrollment: %w", err)
	}
	if err := s.note(ctx, by, "program.leave", &p, member, reason); err != nil {
		return e, err
	}
	return s.Store.Enrollment(ctx, e.ID)
}

// Step says that a member has done a step of the stage that they are in, or takes that back.
func (s *Service) Step(ctx context.Context, key string, member int64, step string, done bool, by string) (Enrollment, error) {
	p, e, err := s.in(ctx, key, member)
	if err != nil {
		return e, err
	}
	stage, _ := p.Plan.Stage(e.Stage)
	for _, x := range stage.Steps {
		if x.Key != step && !strings.EqualFold(x.Title, step) {
			continue
		}
		if err := s.Store.MarkProgramStep(ctx, e.ID, stage.Key, x.Key, done, by); err != nil {
			return e, fmt.Errorf("marking a step: %w", err)
		}
		return s.Store.Enrollment(ctx, e.ID)
	}
	return e, invalid("the stage %s has no step %q", stage.Name, step)
}

// Enrollments lists who is in a program, or was.
func (s *Service) Enrollments(ctx context.Context, f PeopleFilter) ([]Enrollment, error) {
	return s.Store.Enrollments(ctx, f)
}

// History lists what happened in a program, to a member, or both, the newest first.
func (s *Service) History(ctx context.Context, ref string, member, below int64, limit int) ([]Happening, error) {
	var id int64
	if ref != "" {
		p, err := s.Store.Program(ctx, ref)
		if err != nil {
			return nil, err
		}
		id = p.ID
	}
	if limit <= 0 || limit > 1000 {
		limit = 100
	}
	return s.Store.ProgramHistory(ctx, id, member, below, limit)
}
