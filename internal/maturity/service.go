// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package maturity

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/schedule"
	"greenroom/internal/task"
)

// Store keeps answers and assessments.
type Store interface {
	MaturityAnswers(ctx context.Context) ([]Answer, error)
	// KeepMaturityAnswers stores what one person says; level 0 takes an answer back.
	KeepMaturityAnswers(ctx context.Context, all []Answer) error
	// Assessments lists them, the newest first.
	Assessments(ctx context.Context) ([]Assessment, error)
	AddAssessment(ctx context.Context, a Assessment) (Assessment, error)
	MaturitySettings(ctx context.Context) (Settings, error)
	SetMaturitySettings(ctx context.Context, v Settings) error
	// AddTasks stores tasks; those whose key is known are left as they are.
	AddTasks(ctx context.Context, all ...task.Task) (int, error)
}

// Facts tells what data say, by the keys of Rules; what cannot be told is left out.
type Facts interface {
	MaturityFacts(ctx context.Context) (map[string]Fact, error)
}

// Planner makes plans of ideas; it returns the plan's number.
type Planner interface {
	PlanIdea(ctx context.Context, i Idea, by string) (int64, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Settings are how the team goes about it.
type Settings struct {
	Stage  Stage  `json:"stage,omitempty" doc:"The stage, as the team says; left out = as data say."`
	Months int    `json:"months" doc:"After how many months it is looked at again; 0 = never."`
	Owner  string `json:"owner,omitempty" doc:"Who is given the task to."`
}

// UsualMonths is the rhythm while none is set.
const UsualMonths = 6

// The most that texts and the rhythm hold.
const (
	maxNote   = 4_000
	maxMonths = 60
)

// Service says where the community stands.
type Service struct {
	store Store
	facts Facts
	plans Planner
	audit Auditor
	log   *slog.Logger
	now   func() time.Time
}

// New returns the service.
func New(store Store, facts Facts, plans Planner, audit Auditor, log *slog.Logger, now func() time.Time) *Service {
	return &Service{store: store, facts: facts, plans: plans, audit: audit, log: log, now: now}
}

func bad(format string, args ...any) error {
	return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
}

// Result says where the community stands now.
func (s *Service) Result(ctx context.Context) (*Result, error) {
	facts, err := s.facts.MaturityFacts(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking at the data: %w", err)
	}
	answers, err := s.store.MaturityAnswers(ctx)
	if err != nil {
		return nil, err
	}
	set, err := s.store.MaturitySettings(ctx)
	if err != nil {
		return nil, err
	}
	r := weigh(answers, facts, set.Stage)
	due, err := s.due(ctx, &set)
	if err == nil && due != schedule.NoDate {
		r.Due = due.String()
	}
	return r, err
}

// due is when it is to be looked at again; NoDate before the first assessment, and without a rhythm.
func (s *Service) due(ctx context.Context, set *Settings) (schedule.Date, error) {
	all, err := s.store.Assessments(ctx)
	if err != nil || len(all) == 0 || set.Months == 0 {
		return schedule.NoDate, err
	}
	return schedule.DateOf(all[0].At.In(s.now().Location()).AddDate(0, set.Months, 0)), nil
}

// Answer stores what a person says; what they said to other questions stays.
func (s *Service) Answer(ctx context.Context, all []Answer, by string) (*Result, error) {
	for i := range all {
		a := &all[i]
		a.Note = strings.TrimSpace(a.Note)
		if !slices.ContainsFunc(Questions(), func(q Question) bool { return q.Key == a.Question }) {
			return nil, bad("there is no question %q", a.Question)
		}
		if a.Level < 0 || a.Level > maxLevel {
			return nil, bad("a level is from %d to %d, not %d", minLevel, maxLevel, a.Level)
		}
		if utf8.RuneCountInString(a.Note) > maxNote {
			return nil, bad("a note has at most %d characters", maxNote)
		}
		a.Person, a.At = by, s.now()
	}
	if err := s.store.KeepMaturityAnswers(ctx, all); err != nil {
		return nil, err
	}
	return s.Result(ctx)
}

// Keep stores the result of now as an assessment.
func (s *Service) Keep(ctx context.Context, note, by string) (Assessment, error) {
	note = strings.TrimSpace(note)
	if utf8.RuneCountInString(note) > maxNote {
		return Assessment{}, bad("a note has at most %d characters", maxNote)
	}
	r, err := s.Result(ctx)
	if err != nil {
		return Assessment{}, err
	}
	a := Assessment{At: s.now(), By: by, Note: note, Stage: r.Stage, People: r.People, Levels: []Level{}}
	for i := range r.Standing {
		c := &r.Standing[i]
		a.Levels = append(a.Levels, Level{Competency: c.Key, Level: c.Level, Low: c.Low, High: c.High})
	}
	if a, err = s.store.AddAssessment(ctx, a); err != nil {
		return a, err
	}
	return a, s.audit.Audit(ctx, by, "maturity.keep", string(a.Stage), note)
}

// Assessments lists what was kept, the newest first.
func (s *Service) Assessments(ctx context.Context) ([]Assessment, error) {
	return s.store.Assessments(ctx)
}

// Settings are the team's.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	return s.store.MaturitySettings(ctx)
}

// Set changes them.
func (s *Service) Set(ctx context.Context, v Settings, by string) error {
	v.Owner = strings.TrimSpace(v.Owner)
	switch {
	case v.Stage != "" && !slices.Contains(Stages(), v.Stage):
		return bad("%q is no stage; they are seed, grow and impact", v.Stage)
	case v.Months < 0 || v.Months > maxMonths:
		return bad("it is looked at again after 1 to %d months, or with 0 never", maxMonths)
	case utf8.RuneCountInString(v.Owner) > maxNote:
		return bad("an owner is a mail address")
	}
	if err := s.store.SetMaturitySettings(ctx, v); err != nil {
		return err
	}
	return s.audit.Audit(ctx, by, "maturity.settings", string(v.Stage), "")
}

// Plan makes the plan of an idea, and returns its number.
func (s *Service) Plan(ctx context.Context, key, by string) (int64, error) {
	i, is := idea(key)
	if !is {
		return 0, greenroom.Errorf(greenroom.CodeNotFound, "there is no idea %q", key)
	}
	return s.plans.PlanIdea(ctx, i, by)
}

// Watch writes the task to look again when it is due, once for each time.
func (s *Service) Watch(ctx context.Context) error {
	set, err := s.store.MaturitySettings(ctx)
	if err != nil {
		return err
	}
	due, err := s.due(ctx, &set)
	if err != nil || due == schedule.NoDate || due > schedule.DateOf(s.now()) {
		return err
	}
	_, err = s.store.AddTasks(ctx, task.Task{
		Key: "maturity " + due.String(), Title: "Look again at where the community stands", Note: "Answer the questions anew, ask others to, and keep the assessment.", Link: "/maturity", Origin: "maturity", Owner: set.Owner,
		DueAt: (due + 1).Begin(s.now().Location()).Add(-time.Second), CreatedBy: "maturity", CreatedAt: s.now(),
	})
	return err
}

// watchEvery is how often it is looked at whether it is due.
const watchEvery = time.Hour

// Run watches until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		if err := s.Watch(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("looking at when maturity is due", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
