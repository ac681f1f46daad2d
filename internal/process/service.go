// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/query"
)

// Store keeps processes, timings and documents.
type Store interface {
	// Processes lists all, archived ones too, the oldest first.
	Processes(ctx context.Context) ([]Process, error)
	Process(ctx context.Context, id int64) (Process, error)
	AddProcess(ctx context.Context, p Process) (Process, error)
	// ChangeProcess stores a process whose version is still the one that it was read with, and returns it with the next one.
	// CodeConflict where somebody else was first.
	ChangeProcess(ctx context.Context, p Process) (Process, error)
	Timings
	Documents
	Happenings
}

// Timings are what the timer measured.
type Timings interface {
	// ProcessTimings lists the last ones of a process, or of all for 0, the newest first; running ones are among them.
	ProcessTimings(ctx context.Context, process int64, limit int) ([]Timing, error)
	// StartTiming starts a person's timer. CodeConflict where one of theirs runs.
	StartTiming(ctx context.Context, t Timing) (Timing, error)
	// StopTiming stops a person's timer. CodeNotFound where none of theirs runs.
	StopTiming(ctx context.Context, id int64, person string, runs int, at time.Time) (Timing, error)
	AddTiming(ctx context.Context, t Timing) (Timing, error)
	RemoveTiming(ctx context.Context, id int64) (Timing, error)
}

// Documents keeps documents.
type Documents interface {
	// ProcessDocuments lists them without what stands in them, the newest first.
	ProcessDocuments(ctx context.Context) ([]Document, error)
	ProcessDocument(ctx context.Context, id int64) (Document, error)
	AddProcessDocument(ctx context.Context, d Document) (Document, error)
}

// Happenings counts what no metric counts.
type Happenings interface {
	CountAll(ctx context.Context, e query.Entity, q *query.Query) (int64, error)
	// InboxDone counts conversations that were marked as done in the inbox from one time to another.
	InboxDone(ctx context.Context, from, to time.Time) (int64, error)
	// EventsHeld counts our events that began from one time to another and were not canceled.
	EventsHeld(ctx context.Context, from, to time.Time) (int64, error)
	// WorkflowDone counts a workflow's runs that came to their end from one time to another.
	WorkflowDone(ctx context.Context, workflow int64, from, to time.Time) (int64, error)
	// WorkflowNames are the names of workflows by number.
	WorkflowNames(ctx context.Context) (map[int64]string, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Person is somebody of the team with the time that they have and what is planned for them.
type Person struct {
	Email   string   `json:"email" doc:"Who."`
	Name    string   `json:"name,omitempty" doc:"Their name."`
	Role    string   `json:"role,omitempty" doc:"Their role in the community team."`
	Hours   float64  `json:"hours" doc:"Hours that they work in the next 30 days, absences taken off."`
	Away    float64  `json:"away" doc:"Hours of theirs in these days that absences take."`
	Planned float64  `json:"planned" doc:"Hours of the tasks of plans that are theirs in these days."`
	Unsaid  bool     `json:"unsaid,omitempty" doc:"Nobody said when they work: 40 hours a week are taken."`
	Duties  []string `json:"duties,omitempty" doc:"What they are accountable or responsible for."`
}

// Team says who is there.
type Team interface {
	People(ctx context.Context, from, to time.Time) ([]Person, error)
}

// Service keeps processes and says how much work they are.
type Service struct {
	store   Store
	figures Figures
	team    Team
	audit   Auditor
	now     func() time.Time
	schemas map[query.Entity]*query.Schema
}

// New returns the service. The clock's location is the zone in which days begin.
func New(store Store, figures Figures, team Team, audit Auditor, now func() time.Time) *Service {
	s := &Service{store: store, figures: figures, team: team, audit: audit, now: now, schemas: make(map[query.Entity]*query.Schema)}
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	for _, e := range query.Entities() {
		s.schemas[e] = query.NewSchema(e, kinds)
	}
	return s
}

// List lists processes without computing anything, the oldest first; archived ones are left out unless they are asked for.
func (s *Service) List(ctx context.Context, archived bool) ([]Process, error) {
	all, err := s.store.Processes(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(p Process) bool { return p.Archived && !archived }), nil
}

// Get gives a process with the work that it is.
func (s *Service) Get(ctx context.Context, id int64) (Load, error) {
	p, err := s.store.Process(ctx, id)
	if err != nil {
		return Load{}, err
	}
	return s.load(ctx, &p)
}

// Workload gives the sum of all processes, the one with the most hours first.
func (s *Service) Workload(ctx context.Context) (Sum, error) {
	sum := Sum{Loads: []Load{}, Notes: []string{}}
	all, err := s.List(ctx, false)
	if err != nil {
		return sum, err
	}
	for i := range all {
		l, err := s.load(ctx, &all[i])
		if err != nil {
			return sum, err
		}
		sum.add(&l)
	}
	slices.SortStableFunc(sum.Loads, func(a, b Load) int { return cmp.Compare(b.Net.Likely, a.Net.Likely) })
	sum.notes()
	return sum, nil
}

// shownTimings is how many of the last timings count.
const shownTimings = 50

// load computes the work of a process.
func (s *Service) load(ctx context.Context, p *Process) (Load, error) {
	l := Load{Process: *p, Parts: []Part{}}
	timings, err := s.store.ProcessTimings(ctx, p.ID, shownTimings)
	if err != nil {
		return l, fmt.Errorf("reading the timings of %q: %w", p.Name, err)
	}
	for i := range timings {
		if !timings[i].StoppedAt.IsZero() {
			l.Timings++
		}
	}
	l.Once = once(&p.Draft, timings)
	surfaces := p.Surfaces
	if len(surfaces) == 0 {
		surfaces = []Surface{{}}
	}
	runs := make([]Figure, len(surfaces))
	for i := range surfaces {
		if runs[i], err = s.runs(ctx, &p.Runs, surfaces[i].Query); err == nil {
			continue
		}
		if ctx.Err() != nil {
			return l, fmt.Errorf("counting the runs of %q: %w", p.Name, err)
		}
		runs[i] = Figure{Origin: Counted, Says: "could not be counted"}
		l.Problem = "its runs could not be counted: " + greenroom.ErrorMessage(err)
	}
	names, err := s.store.WorkflowNames(ctx)
	if err != nil {
		return l, err
	}
	flows, called := make([]Figure, len(p.Automation)), make([]string, len(p.Automation))
	for i, a := range p.Automation {
		if called[i] = names[a.Workflow]; called[i] == "" {
			called[i] = fmt.Sprintf("workflow %d, which is gone", a.Workflow)
		}
		if flows[i], err = s.monthly(ctx, "runs of "+called[i], func(from, to time.Time) (int64, error) { return s.store.WorkflowDone(ctx, a.Workflow, from, to) }); err != nil {
			return l, err
		}
	}
	l.work(runs, flows, called)
	return l, nil
}

// Preview computes the work of a draft without storing anything.
func (s *Service) Preview(ctx context.Context, d Draft) (Load, error) {
	if err := s.check(ctx, &d); err != nil {
		return Load{}, err
	}
	return s.load(ctx, &Process{Draft: d, ID: -1})
}

// Add makes a process.
func (s *Service) Add(ctx context.Context, d Draft, by string) (Process, error) {
	if err := s.check(ctx, &d); err != nil {
		return Process{}, err
	}
	p, err := s.store.AddProcess(ctx, Process{Draft: d, CreatedBy: by, CreatedAt: s.now()})
	if err != nil {
		return p, fmt.Errorf("making a process: %w", err)
	}
	return p, s.note(ctx, by, "process.add", &p)
}

// Edit changes a process from the version that it was looked at in.
func (s *Service) Edit(ctx context.Context, id, version int64, d Draft, by string) (Process, error) {
	p, err := s.at(ctx, id, version)
	if err != nil {
		return p, err
	}
	if err := s.check(ctx, &d); err != nil {
		return p, err
	}
	if d.Origin == Typical && d.Minutes != p.Minutes {
		d.Origin = Estimate // somebody replaced the typical minutes
	}
	p.Draft = d
	if p, err = s.store.ChangeProcess(ctx, p); err != nil {
		return p, fmt.Errorf("changing a process: %w", err)
	}
	return p, s.note(ctx, by, "process.change", &p)
}

// Archive puts a process away, which counts nowhere then, or takes it back.
func (s *Service) Archive(ctx context.Context, id int64, away bool, by string) (Process, error) {
	p, err := s.store.Process(ctx, id)
	if err != nil || p.Archived == away {
		return p, err
	}
	p.Archived = away
	if p, err = s.store.ChangeProcess(ctx, p); err != nil {
		return p, fmt.Errorf("putting a process away: %w", err)
	}
	what := "process.archive"
	if !away {
		what = "process.restore"
	}
	return p, s.note(ctx, by, what, &p)
}

// at reads a process that is to be changed.
func (s *Service) at(ctx context.Context, id, version int64) (Process, error) {
	p, err := s.store.Process(ctx, id)
	if err == nil && p.Version != version {
		err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", p.Name)
	}
	return p, err
}

// check says what is wrong with a draft, also with its metric, queries and workflows.
func (s *Service) check(ctx context.Context, d *Draft) error {
	if err := d.Validate(); err != nil {
		return err
	}
	texts := []string{""}
	for i := range d.Surfaces {
		texts = append(texts, d.Surfaces[i].Query)
	}
	for _, text := range texts {
		if _, err := s.counted(&d.Runs, text); err != nil {
			return err
		}
	}
	if len(d.Automation) == 0 {
		return nil
	}
	names, err := s.store.WorkflowNames(ctx)
	if err != nil {
		return err
	}
	for _, a := range d.Automation {
		if _, ok := names[a.Workflow]; !ok {
			return bad("there is no workflow %d", a.Workflow)
		}
	}
	return nil
}

// Timings lists the last timings of a process, or of all for 0, the newest first.
func (s *Service) Timings(ctx context.Context, id int64) ([]Timing, error) {
	return s.store.ProcessTimings(ctx, id, shownTimings)
}

// Start starts somebody's timer for a process. They have one at a time.
func (s *Service) Start(ctx context.Context, id int64, person string) (Timing, error) {
	p, err := s.store.Process(ctx, id)
	if err != nil {
		return Timing{}, err
	}
	if p.Archived {
		return Timing{}, greenroom.Errorf(greenroom.CodeConflict, "%q is archived; take it back first", p.Name)
	}
	return s.store.StartTiming(ctx, Timing{ProcessID: id, Person: person, Runs: 1, StartedAt: s.now()})
}

// The most that one timing covers.
const (
	maxRuns    = 10_000
	maxMinutes = 10_000
)

// Stop stops somebody's timer, in which a process was done so many times.
func (s *Service) Stop(ctx context.Context, id int64, person string, runs int) (Timing, error) {
	if runs < 1 || runs > maxRuns {
		return Timing{}, bad("say how many times it was done in this time: a whole number from 1 to %d, not %d", maxRuns, runs)
	}
	return s.store.StopTiming(ctx, id, person, runs, s.now())
}

// Note stores a timing that somebody took by other means: minutes for so many runs, up to now.
func (s *Service) Note(ctx context.Context, id int64, minutes float64, runs int, person string) (Timing, error) {
	switch {
	case !(minutes > 0 && minutes <= maxMinutes):
		return Timing{}, bad("the minutes of a timing are a number above 0, up to %d, not %g", maxMinutes, minutes)
	case runs < 1 || runs > maxRuns:
		return Timing{}, bad("the runs of a timing, the times that it was done, are a whole number from 1 to %d, not %d", maxRuns, runs)
	}
	if _, err := s.store.Process(ctx, id); err != nil {
		return Timing{}, err
	}
	now := s.now()
	return s.store.AddTiming(ctx, Timing{ProcessID: id, Person: person, Runs: runs, StartedAt: now.Add(-time.Duration(minutes * float64(time.Minute))), StoppedAt: now})
}

// Forget removes a timing, such as one that was left running.
func (s *Service) Forget(ctx context.Context, id int64, by string) error {
	t, err := s.store.RemoveTiming(ctx, id)
	if err != nil {
		return err
	}
	return s.audit.Audit(ctx, by, "process.timing.remove", fmt.Sprintf("process %d", t.ProcessID), fmt.Sprintf("timing %d of %s", id, t.Person))
}

func (s *Service) note(ctx context.Context, by, what string, p *Process) error {
	if err := s.audit.Audit(ctx, by, what, fmt.Sprintf("process %d", p.ID), p.Name); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}
