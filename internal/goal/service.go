// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package goal

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/query"
)

// Store keeps goals and what was said of them.
type Store interface {
	// Goals lists all, the oldest first.
	Goals(ctx context.Context) ([]Goal, error)
	Goal(ctx context.Context, id int64) (Goal, error)
	AddGoal(ctx context.Context, g Goal) (Goal, error)
	// ChangeGoal stores a goal whose version is still the one it was read with, and returns it with the next one.
	// CodeConflict where somebody else was first.
	ChangeGoal(ctx context.Context, g Goal) (Goal, error)
	// AddCheckIn stores a check-in and its confidence as that of the goal.
	AddCheckIn(ctx context.Context, c CheckIn) (CheckIn, error)
	// CheckIns lists those of a goal, the newest first.
	CheckIns(ctx context.Context, goal int64) ([]CheckIn, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service keeps goals and says how they stand.
type Service struct {
	store   Store
	figures Figures
	audit   Auditor
	trials  Trials           // nil = none are known
	entries Entries          // nil = nobody knows
	now     func() time.Time // in the team's zone
	schemas map[query.Entity]*query.Schema
}

// New returns the service. The clock's location is the zone in which days begin.
func New(store Store, figures Figures, audit Auditor, now func() time.Time) *Service {
	s := &Service{store: store, figures: figures, audit: audit, now: now, schemas: make(map[query.Entity]*query.Schema)}
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	for _, e := range query.Entities() {
		s.schemas[e] = query.NewSchema(e, kinds)
	}
	return s
}

// Standing is a goal with how it stands and what serves it.
type Standing struct {
	Goal
	Status   Status     `json:"status" doc:"Of a key result by rule; of a goal, the worst of what serves it."`
	Progress *Progress  `json:"progress,omitempty" doc:"Of a key result: how far it is."`
	Problem  string     `json:"problem,omitempty" doc:"Why a key result cannot be measured."`
	Serving  []Standing `json:"serving,omitempty" doc:"The goals and key results below it."`
	Trials   []Trial    `json:"trials,omitempty" doc:"What came of the workflows of its plans that held members out. In lists it is left out."`
}

// List lists all goals without computing anything, the oldest first.
func (s *Service) List(ctx context.Context) ([]Goal, error) { return s.store.Goals(ctx) }

// Tree gives the goals that serve none, each with what serves it. Declined ones are left out, and closed ones unless they
// are asked for.
func (s *Service) Tree(ctx context.Context, closed bool) ([]Standing, error) {
	all, err := s.store.Goals(ctx)
	if err != nil {
		return nil, err
	}
	shown := all[:0]
	for i := range all {
		if all[i].State != Declined && (closed || all[i].State != Closed) {
			shown = append(shown, all[i])
		}
	}
	return s.below(ctx, shown, 0)
}

// below gives what serves a goal; 0 = what serves none of those that are there.
func (s *Service) below(ctx context.Context, all []Goal, parent int64) ([]Standing, error) {
	there := make(map[int64]bool, len(all))
	for i := range all {
		there[all[i].ID] = true
	}
	var out []Standing
	for i := range all {
		g := &all[i]
		if g.Parent != parent && (parent != 0 || there[g.Parent]) {
			continue
		}
		st, err := s.stand(ctx, g)
		if err != nil {
			return nil, err
		}
		if st.Serving, err = s.below(ctx, all, g.ID); err != nil {
			return nil, err
		}
		for j := range st.Serving {
			if below := &st.Serving[j]; below.State != Proposed && below.Status.worse() > st.Status.worse() {
				st.Status = below.Status
			}
		}
		out = append(out, st)
	}
	return out, nil
}

// stand says how a goal stands by itself. What stands in the way of measuring it is said, and does not keep others from
// being measured.
func (s *Service) stand(ctx context.Context, g *Goal) (Standing, error) {
	st := Standing{Goal: *g, Status: Unknown}
	if g.Measure == nil {
		if g.Retro != nil {
			st.Status = g.Retro.Status
		}
		return st, nil
	}
	d := g.draft()
	own := *g.Measure
	d.Measure = &own
	x, err := s.meter(&d)
	if err == nil {
		st.Progress, err = x.measure(ctx)
	}
	switch {
	case err == nil:
		st.Status = st.Progress.Status
	case ctx.Err() != nil:
		return st, fmt.Errorf("measuring %q: %w", g.Title, err)
	default:
		st.Problem = greenroom.ErrorMessage(err)
	}
	if g.Retro != nil {
		st.Status = g.Retro.Status
	}
	return st, nil
}

// Get gives a goal with how it stands and what serves it.
func (s *Service) Get(ctx context.Context, id int64) (Standing, error) {
	g, err := s.store.Goal(ctx, id)
	if err != nil {
		return Standing{}, err
	}
	all, err := s.store.Goals(ctx)
	if err != nil {
		return Standing{}, err
	}
	kept := all[:0]
	for i := range all {
		if all[i].State != Declined {
			kept = append(kept, all[i])
		}
	}
	st, err := s.stand(ctx, &g)
	if err != nil {
		return st, err
	}
	if st.Serving, err = s.below(ctx, kept, id); err != nil {
		return st, err
	}
	for i := range st.Serving {
		if below := &st.Serving[i]; below.State != Proposed && g.Retro == nil && below.Status.worse() > st.Status.worse() {
			st.Status = below.Status
		}
	}
	if g.Retro != nil {
		st.Trials = g.Retro.Trials
	} else if s.trials != nil {
		if st.Trials, err = s.trials.Trials(ctx, id); err != nil {
			return st, fmt.Errorf("asking what came of those who were held out: %w", err)
		}
	}
	return st, nil
}

// CheckIns lists what was said of a goal, the newest first.
func (s *Service) CheckIns(ctx context.Context, id int64) ([]CheckIn, error) {
	return s.store.CheckIns(ctx, id)
}

// Preview computes how a draft would stand, and its baseline, without storing anything.
func (s *Service) Preview(ctx context.Context, d Draft) (Draft, *Progress, error) {
	if err := s.check(ctx, 0, &d); err != nil || d.Measure == nil {
		return d, nil, err
	}
	x, err := s.meter(&d)
	if err != nil {
		return d, nil, err
	}
	p, err := x.measure(ctx)
	return d, p, err
}

// Add makes a goal: at once for somebody who may approve, else it is proposed.
func (s *Service) Add(ctx context.Context, d Draft, by string, mayApprove bool) (Goal, error) {
	if err := s.check(ctx, 0, &d); err != nil {
		return Goal{}, err
	}
	g := Goal{State: Proposed, CreatedBy: by, CreatedAt: s.now()}
	if mayApprove {
		g.State, g.DecidedBy, g.DecidedAt = Active, by, s.now()
	}
	g.take(&d)
	g, err := s.store.AddGoal(ctx, g)
	if err != nil {
		return g, fmt.Errorf("making a goal: %w", err)
	}
	return g, s.note(ctx, by, "goal."+string(g.State), &g)
}

// Edit changes a goal from the version that it was looked at in. Of one that was approved, what it aims at is changed by
// somebody who may approve.
func (s *Service) Edit(ctx context.Context, id, version int64, d Draft, by string, mayApprove bool) (Goal, error) {
	g, err := s.open(ctx, id)
	if err != nil {
		return g, err
	}
	if g.Version != version {
		return g, greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", g.Title)
	}
	if g.State == Active && !mayApprove {
		return g, greenroom.Errorf(greenroom.CodeForbidden, "%q was approved; a manager changes it", g.Title)
	}
	if err := s.check(ctx, id, &d); err != nil {
		return g, err
	}
	g.take(&d)
	if g, err = s.store.ChangeGoal(ctx, g); err != nil {
		return g, fmt.Errorf("changing a goal: %w", err)
	}
	return g, s.note(ctx, by, "goal.change", &g)
}

// Decide approves a proposed goal, or declines it.
func (s *Service) Decide(ctx context.Context, id int64, approve bool, reason, by string) (Goal, error) {
	g, err := s.store.Goal(ctx, id)
	if err != nil {
		return g, err
	}
	if g.State != Proposed {
		return g, greenroom.Errorf(greenroom.CodeConflict, "%q is not proposed any more: it is %s", g.Title, g.State)
	}
	g.State, g.DecidedBy, g.DecidedAt, g.Reason = Declined, by, s.now(), strings.TrimSpace(reason)
	if approve {
		g.State = Active
	}
	if g, err = s.store.ChangeGoal(ctx, g); err != nil {
		return g, fmt.Errorf("deciding on a goal: %w", err)
	}
	return g, s.note(ctx, by, "goal."+string(g.State), &g)
}

// CheckIn notes how sure its people are of a goal, with its figure of now.
func (s *Service) CheckIn(ctx context.Context, id int64, confidence int, text, by string) (CheckIn, error) {
	text = strings.TrimSpace(text)
	if confidence < 0 || confidence > 100 || utf8.RuneCountInString(text) > maxText {
		return CheckIn{}, greenroom.Errorf(greenroom.CodeInvalid, "a check-in has a confidence from 0 to 100 percent and a note of at most %d characters", maxText)
	}
	if _, err := s.open(ctx, id); err != nil {
		return CheckIn{}, err
	}
	st, err := s.Get(ctx, id)
	if err != nil {
		return CheckIn{}, err
	}
	c := CheckIn{GoalID: id, Confidence: confidence, Note: text, Status: st.Status, By: by, At: s.now()}
	if st.Progress != nil {
		c.Value = st.Progress.Value
	}
	if c, err = s.store.AddCheckIn(ctx, c); err != nil {
		return c, fmt.Errorf("storing a check-in: %w", err)
	}
	return c, nil
}

// Close ends a goal with a retrospective. The figure, its interval and whether the target was met are computed here.
func (s *Service) Close(ctx context.Context, id int64, r Retro, by string) (Goal, error) {
	g, err := s.open(ctx, id)
	if err != nil {
		return g, err
	}
	r.Outcome, r.Learned, r.Next = strings.TrimSpace(r.Outcome), strings.TrimSpace(r.Learned), strings.TrimSpace(r.Next)
	if r.Outcome == "" {
		return g, greenroom.Errorf(greenroom.CodeInvalid, "a retrospective says what came out")
	}
	st, err := s.Get(ctx, id)
	if err != nil {
		return g, err
	}
	r.By, r.At, r.Status = by, s.now(), st.Status
	r.Value, r.Low, r.High, r.Change, r.Results, r.Trials = nil, nil, nil, nil, outcomes(st.Serving), st.Trials
	if p := st.Progress; p != nil && p.Value != nil {
		r.Value, r.Low, r.High, r.Change, r.Status = p.Value, p.Low, p.High, p.Change, Missed
		m := *g.Measure
		if reached := (&meter{of: &m}).reaches(*p.Value); reached {
			r.Status = Met
		}
	}
	g.State, g.Retro = Closed, &r
	if g, err = s.store.ChangeGoal(ctx, g); err != nil {
		return g, fmt.Errorf("closing a goal: %w", err)
	}
	return g, s.note(ctx, by, "goal.close", &g)
}

// Reopen takes back that a goal was closed or declined.
func (s *Service) Reopen(ctx context.Context, id int64, by string) (Goal, error) {
	g, err := s.store.Goal(ctx, id)
	if err != nil {
		return g, err
	}
	if g.State != Closed && g.State != Declined {
		return g, greenroom.Errorf(greenroom.CodeConflict, "%q is neither closed nor declined", g.Title)
	}
	g.State, g.Retro, g.DecidedBy, g.DecidedAt, g.Reason = Active, nil, by, s.now(), ""
	if g, err = s.store.ChangeGoal(ctx, g); err != nil {
		return g, fmt.Errorf("opening a goal again: %w", err)
	}
	return g, s.note(ctx, by, "goal.reopen", &g)
}

// open finds a goal that can still be worked on.
func (s *Service) open(ctx context.Context, id int64) (Goal, error) {
	g, err := s.store.Goal(ctx, id)
	if err == nil && g.State != Active && g.State != Proposed {
		err = greenroom.Errorf(greenroom.CodeConflict, "%q is %s; open it again first", g.Title, g.State)
	}
	return g, err
}

// check says what is wrong with a draft, also with its place in the tree and its metric, and reads its baseline.
func (s *Service) check(ctx context.Context, id int64, d *Draft) error {
	if err := d.Validate(); err != nil {
		return err
	}
	if err := s.place(ctx, id, d); err != nil {
		return err
	}
	if d.Measure == nil {
		return nil
	}
	own := *d.Measure // what was given stays as it is
	d.Measure = &own
	x, err := s.meter(d)
	if err != nil {
		return err
	}
	if own.Baseline == nil {
		v, err := x.baseline(ctx)
		if err != nil {
			return err
		}
		d.Measure.Baseline = &v
	}
	if *d.Measure.Baseline == d.Measure.Target {
		return greenroom.Errorf(greenroom.CodeInvalid, "baseline and target are both %g; then there is nothing to reach", d.Measure.Target)
	}
	return nil
}

// place checks what a goal serves.
func (s *Service) place(ctx context.Context, id int64, d *Draft) error {
	for at := d.Parent; at != 0; {
		if at == id {
			return greenroom.Errorf(greenroom.CodeInvalid, "a goal cannot serve itself, nor what serves it")
		}
		p, err := s.store.Goal(ctx, at)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			return greenroom.Errorf(greenroom.CodeInvalid, "there is no goal %d for this one to serve", at)
		}
		if err != nil {
			return err
		}
		if at == d.Parent && p.Kind == KeyResult {
			return greenroom.Errorf(greenroom.CodeInvalid, "%q is a key result, which nothing else serves; choose a goal", p.Title)
		}
		at = p.Parent
	}
	return nil
}

func (s *Service) note(ctx context.Context, by, what string, g *Goal) error {
	if err := s.audit.Audit(ctx, by, what, fmt.Sprintf("goal %d", g.ID), g.Title); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}
