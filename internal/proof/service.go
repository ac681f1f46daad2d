// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// Parts are what the service is made of.
type Parts struct {
	Studies Store
	Runs    Runs
	Facts   Facts
	Figures Figures
	Audit   Auditor
	Log     *slog.Logger
	Now     func() time.Time // in the team's zone
}

// Service keeps studies and computes them, and the measures.
type Service struct {
	studies Store
	runs    Runs
	facts   Facts
	figures Figures
	audit   Auditor
	log     *slog.Logger
	now     func() time.Time
	schemas map[query.Entity]*query.Schema
	wake    chan struct{}

	business Business // nil until UseBusiness
	ledger   Ledger
}

// New returns the service. The clock's location is the zone in which days begin.
func New(p Parts) *Service {
	s := &Service{
		studies: p.Studies, runs: p.Runs, facts: p.Facts, figures: p.Figures, audit: p.Audit, log: p.Log, now: p.Now,
		schemas: make(map[query.Entity]*query.Schema), wake: make(chan struct{}, 1),
	}
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	for _, e := range query.Entities() {
		s.schemas[e] = query.NewSchema(e, kinds)
	}
	return s
}

func (s *Service) parse(e query.Entity, text string) (*query.Query, error) {
	q, err := query.Parse(s.schemas[e], text)
	if err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the query over %s “%s” cannot be read: %s", e, text, err)
	}
	return q, nil
}

// List lists studies, the newest first, each with its newest run.
func (s *Service) List(ctx context.Context) ([]Study, error) {
	all, err := s.studies.Studies(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := s.latest(ctx, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// latest gives a study its newest run: the newest with a result, unless one is under way or none ever came.
func (s *Service) latest(ctx context.Context, x *Study) error {
	runs, err := s.runs.StudyRuns(ctx, x.ID)
	if err != nil {
		return fmt.Errorf("reading the runs of a study: %w", err)
	}
	for i := range runs {
		if runs[i].State == Done {
			x.Latest = &runs[i]
			return nil
		}
	}
	if len(runs) > 0 {
		x.Latest = &runs[0]
	}
	return nil
}

// Get gives a study with its newest run.
func (s *Service) Get(ctx context.Context, id int64) (Study, error) {
	x, err := s.studies.Study(ctx, id)
	if err != nil {
		return x, err
	}
	return x, s.latest(ctx, &x)
}

// Subjects lists the workflows, programs, events and surveys that studies can be about.
func (s *Service) Subjects(ctx context.Context) ([]Subject, error) { return s.facts.StudySubjects(ctx) }

// check says what is wrong with a draft, also with its queries and names, and looks up what it is about.
func (s *Service) check(ctx context.Context, d *Draft) error {
	if err := d.Validate(); err != nil {
		return err
	}
	if d.Population != "" {
		among := query.Members
		if d.Exposure.Kind == ByCommunity {
			among = query.Organizations
		}
		if _, err := s.parse(among, d.Population); err != nil {
			return err
		}
	}
	if d.Control != "" {
		if _, err := s.parse(query.Activities, d.Control); err != nil {
			return err
		}
	}
	switch d.Exposure.Kind {
	case ByActivity:
		_, err := s.parse(query.Activities, d.Exposure.Query)
		return err
	case ByLaunch:
		if d.Exposure.Query != "" {
			if _, err := s.parse(query.Members, d.Exposure.Query); err != nil {
				return err
			}
		}
		if d.Outcome.Kind == ByMetric {
			m, err := analytics.Lookup(d.Outcome.Metric)
			if err != nil {
				return invalid("there is no metric %q; `greenroom metric` lists them", d.Outcome.Metric)
			}
			if !m.Total {
				return invalid("%s is a table of cohorts, not one figure over time; choose another metric", m.Label)
			}
		}
		return nil
	case ByTeam, ByAnswer, ByCommunity:
		return nil
	case ByWorkflow, ByProgram, ByEvent, BySurvey: // each has a name
	}
	name, err := s.facts.StudySubject(ctx, d.Exposure.Kind, d.Exposure.Ref)
	if err != nil {
		return err
	}
	d.Exposure.Name = name
	return nil
}

// Add makes a study. It is not run yet.
func (s *Service) Add(ctx context.Context, d Draft, by string) (Study, error) {
	if err := s.check(ctx, &d); err != nil {
		return Study{}, err
	}
	x, err := s.studies.AddStudy(ctx, Study{Draft: d, State: Open, CreatedBy: by, CreatedAt: s.now()})
	if err != nil {
		return x, fmt.Errorf("making a study: %w", err)
	}
	return x, s.note(ctx, by, "study.add", &x)
}

// Edit changes a study from the version that it was looked at in. Results that are there stay as they are, with the question
// that they answer.
func (s *Service) Edit(ctx context.Context, id, version int64, d Draft, by string) (Study, error) {
	x, err := s.current(ctx, id, version)
	if err != nil {
		return x, err
	}
	if err := s.check(ctx, &d); err != nil {
		return x, err
	}
	x.Draft = d
	if x, err = s.studies.ChangeStudy(ctx, x); err != nil {
		return x, fmt.Errorf("changing a study: %w", err)
	}
	return x, s.note(ctx, by, "study.change", &x)
}

// Remove takes a study off the list, or puts it back. Its results are kept.
func (s *Service) Remove(ctx context.Context, id, version int64, back bool, by string) (Study, error) {
	x, err := s.current(ctx, id, version)
	if err != nil {
		return x, err
	}
	x.State = Removed
	if back {
		x.State = Open
	}
	if x, err = s.studies.ChangeStudy(ctx, x); err != nil {
		return x, fmt.Errorf("removing a study: %w", err)
	}
	return x, s.note(ctx, by, "study."+string(x.State), &x)
}

func (s *Service) current(ctx context.Context, id, version int64) (Study, error) {
	x, err := s.studies.Study(ctx, id)
	if err == nil && x.Version != version {
		err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", x.Title)
	}
	return x, err
}

func (s *Service) note(ctx context.Context, by, what string, x *Study) error {
	if err := s.audit.Audit(ctx, by, what, "study "+strconv.FormatInt(x.ID, 10), x.Title); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}

// Runs lists the runs of a study, the newest first.
func (s *Service) Runs(ctx context.Context, id int64) ([]Run, error) {
	if _, err := s.studies.Study(ctx, id); err != nil {
		return nil, err
	}
	return s.runs.StudyRuns(ctx, id)
}

// Run gives a run.
func (s *Service) Run(ctx context.Context, id int64) (Run, error) { return s.runs.StudyRun(ctx, id) }

// Compared lists who was compared in a run, at most so many. Those of old runs are forgotten.
func (s *Service) Compared(ctx context.Context, run int64, limit int) ([]Compared, error) {
	return s.runs.StudyCompared(ctx, run, limit)
}

// Ask puts a run of a study in line, unless one is there already. [Service.Work] computes it.
func (s *Service) Ask(ctx context.Context, id int64, by string) (Run, error) {
	if _, err := s.studies.Study(ctx, id); err != nil {
		return Run{}, err
	}
	runs, err := s.runs.StudyRuns(ctx, id)
	if err != nil {
		return Run{}, err
	}
	if len(runs) > 0 && !runs[0].State.Over() && s.alive(&runs[0]) {
		return runs[0], nil
	}
	r, err := s.runs.AddStudyRun(ctx, Run{StudyID: id, State: Waiting, Total: steps, By: by, AskedAt: s.now(), SeenAt: s.now()})
	if err != nil {
		return r, fmt.Errorf("putting a run in line: %w", err)
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return r, nil
}

// Cancel stops a run that is not over. Nothing of it is kept.
func (s *Service) Cancel(ctx context.Context, id int64) (Run, error) {
	r, err := s.runs.StudyRun(ctx, id)
	if err != nil || r.State.Over() {
		return r, err
	}
	was := r.State
	r.State = Canceling
	if was == Waiting || !s.alive(&r) {
		r.State, r.EndedAt = Canceled, s.now()
	}
	if _, err := s.runs.MoveStudyRun(ctx, r, was); err != nil {
		return r, fmt.Errorf("canceling a run: %w", err)
	}
	return s.runs.StudyRun(ctx, id)
}

// silence is after what time nobody is believed to compute a run any more that is said to be running.
const silence = 10 * time.Minute

func (s *Service) alive(r *Run) bool {
	return r.State == Waiting || s.now().Sub(r.SeenAt) < silence
}

// Work computes what is in line, one at a time, until ctx is done.
func (s *Service) Work(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if err := s.WorkOnce(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("studies could not be computed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-tick.C:
		}
	}
}

// WorkOnce computes what is in line now.
func (s *Service) WorkOnce(ctx context.Context) error {
	for ctx.Err() == nil {
		open, err := s.runs.StudyRuns(ctx, 0)
		if err != nil {
			return fmt.Errorf("reading what is in line: %w", err)
		}
		var mine *Run
		for i := range open { // the newest first: the last one waiting is the oldest
			r := &open[i]
			switch {
			case r.State == Waiting:
				mine = r
			case !s.alive(r):
				lost := *r
				lost.State, lost.Problem, lost.EndedAt = Failed, "the process that computed it stopped; run it again", s.now()
				if _, err := s.runs.MoveStudyRun(ctx, lost, r.State); err != nil {
					return fmt.Errorf("noting that a run stopped: %w", err)
				}
			}
		}
		if mine == nil {
			return nil
		}
		if err := s.compute(ctx, *mine); err != nil {
			return err
		}
	}
	return nil
}

// errCanceled says that somebody stopped a run.
var errCanceled = errors.New("it was canceled")

// compute computes one run.
func (s *Service) compute(ctx context.Context, r Run) error {
	x, err := s.studies.Study(ctx, r.StudyID)
	if err != nil {
		return err
	}
	r.State, r.SeenAt = Running, s.now()
	if mine, err := s.runs.MoveStudyRun(ctx, r, Waiting); err != nil || !mine {
		return err
	}
	step := func(phase string) error {
		r.Phase, r.SeenAt = phase, s.now()
		r.Done = min(r.Done+1, steps-1)
		if err := ctx.Err(); err != nil {
			return err
		}
		goesOn, err := s.runs.MoveStudyRun(ctx, r, Running)
		if err == nil && !goesOn {
			err = errCanceled
		}
		return err
	}
	result, units, err := s.answer(ctx, x.Draft, x.Version, x.ID, step)
	r.EndedAt, r.Phase, r.State = s.now(), "", Done
	switch {
	case errors.Is(err, errCanceled):
		r.State = Canceled
	case ctx.Err() != nil: // the server stops: it is computed again after the start
		r.State, r.EndedAt, r.Done = Waiting, time.Time{}, 0
		ctx = context.WithoutCancel(ctx)
	case err != nil:
		r.State, r.Problem = Failed, greenroom.ErrorMessage(err)
		if greenroom.ErrorCode(err) == greenroom.CodeInternal {
			s.log.Error("a study could not be computed", "study", x.ID, "error", err)
		}
	default:
		r.Result, r.Done = result, steps
		if err := s.runs.KeepCompared(ctx, r.ID, units); err != nil {
			return fmt.Errorf("keeping who was compared: %w", err)
		}
	}
	if _, err := s.runs.MoveStudyRun(ctx, r, Running, Canceling); err != nil {
		return fmt.Errorf("storing a result: %w", err)
	}
	return nil
}
