// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package roadmap

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/schedule"
)

// Step is what is changed together: one entry of a plan's history.
type Step struct {
	Plan   int64
	What   string // in words
	By     string
	Plans  []Plan // without id it is new; the last one is the one that the step and its tasks belong to
	Tasks  []Task // those without id, or with one below 0, are new
	Undoes int64  // the step that this one takes back; 0 = none
	// Follows is how requests follow the plan.
	Follows []Following
}

// Change is an entry of a plan's history.
type Change struct {
	Step   int64     `json:"step" doc:"Its number."`
	What   string    `json:"what" doc:"In words."`
	By     string    `json:"by" doc:"Who."`
	At     time.Time `json:"at" doc:"When."`
	Undone bool      `json:"undone,omitempty" doc:"It was taken back, or takes something back."`
}

// Before is what a step changed, as it was.
type Before struct {
	Plans []Plan
	Tasks []Task
}

// Store keeps plans and every version of them.
type Store interface {
	Plans(ctx context.Context) ([]Plan, error)
	Plan(ctx context.Context, id int64) (Plan, error)
	// PlanTasks lists the tasks of a plan, or with 0 of all, by place.
	PlanTasks(ctx context.Context, plan int64) ([]Task, error)
	// KeepStep stores plans and tasks with the next version, and how requests follow, all or nothing. Each has to have the version that is there, else it is
	// CodeConflict. A new plan's tasks, and tasks that wait for new ones by numbers below 0, get theirs.
	KeepStep(ctx context.Context, s Step) (plan int64, err error)
	VersionStore
}

// VersionStore tells of what was.
type VersionStore interface {
	PlanVersion(ctx context.Context, id, version int64) (Plan, string, error)
	TaskVersion(ctx context.Context, id, version int64) (Task, string, error)
	PlanChanges(ctx context.Context, plan int64, limit int) ([]Change, error)
	// StepBefore gives what a step changed as it was before; what it made is given as removed.
	StepBefore(ctx context.Context, step int64) (Before, error)
}

// Days is the team's working calendar.
type Days struct {
	Weekdays []int    `json:"weekdays" doc:"The weekdays on which there is work; 0 = Sunday."`
	Holidays []string `json:"holidays" doc:"Days on which there is none all the same."`
}

// UsualDays is Monday to Friday without holidays.
func UsualDays() Days { return Days{Weekdays: []int{1, 2, 3, 4, 5}, Holidays: []string{}} }

// calendar is the calendar of package schedule.
func (d *Days) calendar() (*schedule.Calendar, error) {
	week := make([]time.Weekday, len(d.Weekdays))
	for i, w := range d.Weekdays {
		week[i] = time.Weekday(w)
	}
	free := make([]schedule.Date, len(d.Holidays))
	for i, h := range d.Holidays {
		var err error
		if free[i], err = schedule.ParseDate(h); err != nil {
			return nil, err
		}
	}
	return schedule.NewCalendar(week, free)
}

// Settings keeps the calendar.
type Settings interface {
	WorkingDays(ctx context.Context) (Days, error)
	SetWorkingDays(ctx context.Context, d Days) error
}

// Service keeps plans.
type Service struct {
	store    Store
	settings Settings
	now      func() time.Time // in the team's zone
	askers   Askers           // nil = nobody hears
	maker    Maker            // nil = tasks make nothing
	covers   Covers           // nil = nobody stands in
}

// New returns the service. The clock's location is where days begin.
func New(store Store, settings Settings, now func() time.Time) *Service {
	return &Service{store: store, settings: settings, now: now}
}

func (s *Service) today() schedule.Date { return schedule.DateOf(s.now()) }

// Days is the team's working calendar.
func (s *Service) Days(ctx context.Context) (Days, error) { return s.settings.WorkingDays(ctx) }

// SetDays sets the team's working calendar; all plans follow.
func (s *Service) SetDays(ctx context.Context, d Days) error {
	if _, err := d.calendar(); err != nil {
		return err
	}
	slices.Sort(d.Holidays)
	return s.settings.SetWorkingDays(ctx, d)
}

func (s *Service) calendar(ctx context.Context) (*schedule.Calendar, error) {
	d, err := s.settings.WorkingDays(ctx)
	if err != nil {
		return nil, err
	}
	return d.calendar()
}

// Plans lists all plans as they are stored, the oldest first.
func (s *Service) Plans(ctx context.Context) ([]Plan, error) { return s.store.Plans(ctx) }

// Add makes a plan with its tasks, which may wait for each other by numbers below 0: -1 is the first.
func (s *Service) Add(ctx context.Context, p Plan, tasks []Task, by string) (*View, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if err := s.fits(ctx, &p, tasks); err != nil {
		return nil, err
	}
	p.ID, p.CreatedBy, p.CreatedAt, p.SignOffs, p.From, p.Repeated = 0, by, s.now(), nil, 0, false
	follows, err := s.follow(ctx, nil, &p)
	if err != nil {
		return nil, err
	}
	id, err := s.store.KeepStep(ctx, Step{What: "made the plan", By: by, Plans: []Plan{p}, Tasks: tasks, Follows: follows})
	if err != nil {
		return nil, fmt.Errorf("making a plan: %w", err)
	}
	return s.View(ctx, id)
}

// fits checks tasks, and that they can be put in an order.
func (s *Service) fits(ctx context.Context, p *Plan, tasks []Task) error {
	if len(tasks) > MaxTasks {
		return bad("a plan has at most %d tasks; divide it", MaxTasks)
	}
	for i := range tasks {
		if err := tasks[i].Validate(); err != nil {
			return err
		}
		if tasks[i].ID == 0 {
			tasks[i].ID = -int64(i) - 1
		}
		if tasks[i].Place == 0 {
			tasks[i].Place = int64(i) + 1
		}
	}
	c, err := s.calendar(ctx)
	if err != nil {
		return err
	}
	_, err = schedule.Make(scheduled(tasks), c, date(p.Start), s.today())
	return err
}

// EditPlan changes a plan from the version that it was looked at in. It fails with *ConflictError where somebody else changed
// the same.
func (s *Service) EditPlan(ctx context.Context, yours Plan, by string) (Plan, error) {
	theirs, err := s.store.Plan(ctx, yours.ID)
	if err != nil {
		return theirs, err
	}
	merged := yours
	if yours.Version != theirs.Version {
		before, _, err := s.store.PlanVersion(ctx, yours.ID, yours.Version)
		if err != nil {
			return theirs, err
		}
		var clashes []Clash
		if merged, clashes, err = reconcile(&before, &theirs, &yours); err != nil {
			return theirs, err
		}
		if len(clashes) > 0 {
			who, err := blame(yours.Version, theirs.Version, clashes[0].Field, func(v int64) (Plan, string, error) { return s.store.PlanVersion(ctx, yours.ID, v) })
			if err != nil {
				return theirs, err
			}
			return theirs, &ConflictError{What: theirs.Title, By: who, Version: theirs.Version, Clashes: clashes, Plan: &merged}
		}
	}
	merged.ID, merged.Version, merged.CreatedBy, merged.CreatedAt = theirs.ID, theirs.Version, theirs.CreatedBy, theirs.CreatedAt
	merged.From, merged.Repeated, merged.SignOffs = theirs.From, theirs.Repeated, theirs.SignOffs
	if err := merged.Validate(); err != nil {
		return theirs, err
	}
	follows, err := s.follow(ctx, &theirs, &merged)
	if err != nil {
		return theirs, err
	}
	if _, err = s.store.KeepStep(ctx, Step{Plan: theirs.ID, What: "changed the plan", By: by, Plans: []Plan{merged}, Follows: follows}); err != nil {
		return theirs, fmt.Errorf("changing a plan: %w", err)
	}
	return s.store.Plan(ctx, theirs.ID)
}

// AddTask adds a task at a plan's end.
func (s *Service) AddTask(ctx context.Context, t Task, by string) (Task, error) {
	p, err := s.store.Plan(ctx, t.Plan)
	if err != nil {
		return t, err
	}
	all, err := s.store.PlanTasks(ctx, t.Plan)
	if err != nil {
		return t, err
	}
	t.ID, t.Version, t.Place, t.Removed = -1, 0, 1, false
	for i := range all {
		t.Place = max(t.Place, all[i].Place+1)
	}
	if err := s.fits(ctx, &p, append(all, t)); err != nil {
		return t, err
	}
	if _, err := s.store.KeepStep(ctx, Step{Plan: t.Plan, What: "added " + t.Title, By: by, Tasks: []Task{t}}); err != nil {
		return t, fmt.Errorf("adding a task: %w", err)
	}
	if all, err = s.store.PlanTasks(ctx, t.Plan); err != nil {
		return t, err
	}
	return all[len(all)-1], nil
}

// EditTask changes a task from the version that it was looked at in. It fails with *ConflictError where somebody else changed
// the same.
func (s *Service) EditTask(ctx context.Context, yours Task, by string) (Task, error) {
	p, all, at, err := s.find(ctx, yours.Plan, yours.ID)
	if err != nil {
		return yours, err
	}
	theirs, merged := all[at], yours
	if yours.Version != theirs.Version {
		before, _, err := s.store.TaskVersion(ctx, yours.ID, yours.Version)
		if err != nil {
			return theirs, err
		}
		var clashes []Clash
		if merged, clashes, err = reconcile(&before, &theirs, &yours); err != nil {
			return theirs, err
		}
		if len(clashes) > 0 {
			who, err := blame(yours.Version, theirs.Version, clashes[0].Field, func(v int64) (Task, string, error) { return s.store.TaskVersion(ctx, yours.ID, v) })
			if err != nil {
				return theirs, err
			}
			return theirs, &ConflictError{What: theirs.Title, By: who, Version: theirs.Version, Clashes: clashes, Task: &merged}
		}
	}
	merged.ID, merged.Plan, merged.Version = theirs.ID, theirs.Plan, theirs.Version
	what := "changed " + theirs.Title
	if merged.Removed && !theirs.Removed {
		what = "removed " + theirs.Title
	}
	all[at] = merged
	if err := s.fits(ctx, &p, all); err != nil {
		return theirs, err
	}
	if _, err := s.store.KeepStep(ctx, Step{Plan: p.ID, What: what, By: by, Tasks: []Task{all[at]}}); err != nil {
		return theirs, fmt.Errorf("changing a task: %w", err)
	}
	_, all, at, err = s.find(ctx, p.ID, theirs.ID)
	if err != nil {
		return theirs, err
	}
	return all[at], nil
}

// Task finds a task of a plan.
func (s *Service) Task(ctx context.Context, plan, id int64) (Task, error) {
	_, all, at, err := s.find(ctx, plan, id)
	if err != nil {
		return Task{}, err
	}
	return all[at], nil
}

func (s *Service) find(ctx context.Context, plan, id int64) (Plan, []Task, int, error) {
	p, err := s.store.Plan(ctx, plan)
	if err != nil {
		return p, nil, 0, err
	}
	all, err := s.store.PlanTasks(ctx, plan)
	if err != nil {
		return p, nil, 0, err
	}
	for i := range all {
		if all[i].ID == id {
			return p, all, i, nil
		}
	}
	return p, nil, 0, greenroom.Errorf(greenroom.CodeNotFound, "%q has no task %d", p.Title, id)
}

// Promise keeps the dates of now as the plan's baseline.
func (s *Service) Promise(ctx context.Context, plan int64, by string) error {
	v, err := s.View(ctx, plan)
	if err != nil {
		return err
	}
	var changed []Task
	for i := range v.Tasks {
		r := &v.Tasks[i]
		t := r.Task
		if t.BaseStart, t.BaseEnd = r.Start, r.End; t.BaseStart != r.BaseStart || t.BaseEnd != r.BaseEnd {
			changed = append(changed, t)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if _, err := s.store.KeepStep(ctx, Step{Plan: plan, What: "promised the dates of " + s.today().String(), By: by, Tasks: changed}); err != nil {
		return fmt.Errorf("keeping a baseline: %w", err)
	}
	return nil
}

// Undo takes the last step of a plan back that is not undone, and says what it was. The making of the plan stays.
func (s *Service) Undo(ctx context.Context, plan int64, by string) (string, error) {
	return s.undo(ctx, plan, 0, by)
}

// UndoStep takes a step of a plan back, if nothing was changed after it; else it is CodeConflict.
func (s *Service) UndoStep(ctx context.Context, plan, step int64, by string) (string, error) {
	return s.undo(ctx, plan, step, by)
}

// undo takes back the last step, which has to be want where that is not 0.
func (s *Service) undo(ctx context.Context, plan, want int64, by string) (string, error) {
	steps, err := s.store.PlanChanges(ctx, plan, 500)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(steps, func(c Change) bool { return !c.Undone })
	if i < 0 || steps[i].What == "made the plan" {
		return "", greenroom.Errorf(greenroom.CodeConflict, "there is nothing to undo")
	}
	if want > 0 && steps[i].Step != want {
		return "", greenroom.Errorf(greenroom.CodeConflict, "%s changed this plan after you (%s), so what you did is not the last step any more; nothing was undone", steps[i].By, steps[i].What)
	}
	before, err := s.store.StepBefore(ctx, steps[i].Step)
	if err != nil {
		return "", err
	}
	now, err := s.store.PlanTasks(ctx, plan)
	if err != nil {
		return "", err
	}
	p, err := s.store.Plan(ctx, plan)
	if err != nil {
		return "", err
	}
	for j := range before.Plans {
		before.Plans[j].Version = p.Version
	}
	version := make(map[int64]int64, len(now))
	for j := range now {
		version[now[j].ID] = now[j].Version
	}
	for j := range before.Tasks {
		before.Tasks[j].Version = version[before.Tasks[j].ID]
	}
	step := Step{Plan: plan, What: "took back: " + steps[i].What, By: by, Plans: before.Plans, Tasks: before.Tasks, Undoes: steps[i].Step}
	for j := range before.Plans {
		if before.Plans[j].ID != plan { // what a step changed of others has no requests
			continue
		}
		if step.Follows, err = s.follow(ctx, &p, &before.Plans[j]); err != nil {
			return "", err
		}
	}
	if _, err := s.store.KeepStep(ctx, step); err != nil {
		return "", fmt.Errorf("undoing: %w", err)
	}
	return steps[i].What, nil
}

// Changes lists the steps of a plan's history, the newest first.
func (s *Service) Changes(ctx context.Context, plan int64) ([]Change, error) {
	return s.store.PlanChanges(ctx, plan, 50)
}

// Mine lists the tasks of one person that are not done, of active plans and drafts, by when they end.
func (s *Service) Mine(ctx context.Context, owner string) ([]Mine, error) {
	plans, err := s.store.Plans(ctx)
	if err != nil {
		return nil, err
	}
	all := []Mine{}
	for i := range plans {
		if plans[i].State != Active && plans[i].State != Draft {
			continue
		}
		v, err := s.View(ctx, plans[i].ID)
		if err != nil {
			return nil, err
		}
		for j := range v.Tasks {
			if t := &v.Tasks[j]; strings.EqualFold(t.Owner, owner) && t.Ended == "" {
				all = append(all, Mine{Row: *t, PlanTitle: plans[i].Title})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Mine) int { return strings.Compare(a.End, b.End) })
	return all, nil
}

// Mine is a task with the plan that it is part of.
type Mine struct {
	Row
	PlanTitle string `json:"plan_title" doc:"The plan's title."`
}

// Import adds tasks as ReadCSV gives them to a plan, in one step.
func (s *Service) Import(ctx context.Context, plan int64, tasks []Task, by string) (int, error) {
	p, err := s.store.Plan(ctx, plan)
	if err != nil {
		return 0, err
	}
	all, err := s.store.PlanTasks(ctx, plan)
	if err != nil {
		return 0, err
	}
	last := int64(0)
	for i := range all {
		last = max(last, all[i].Place)
	}
	for i := range tasks {
		tasks[i].Place += last
	}
	if err := s.fits(ctx, &p, append(all, tasks...)); err != nil {
		return 0, err
	}
	if _, err := s.store.KeepStep(ctx, Step{Plan: plan, What: fmt.Sprintf("imported %d tasks", len(tasks)), By: by, Tasks: tasks}); err != nil {
		return 0, fmt.Errorf("importing tasks: %w", err)
	}
	return len(tasks), nil
}
