// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package roadmap

import (
	"context"
	"fmt"
	"strings"

	"greenroom"
	"greenroom/internal/schedule"
)

// Column is where a task stands.
type Column string

// The columns of the board.
const (
	Todo  Column = "todo"
	Doing Column = "doing"
	Ended Column = "done"
)

// Columns lists them.
func Columns() []Column { return []Column{Todo, Doing, Ended} }

// Row is a task with its dates.
type Row struct {
	Task
	Start     string `json:"start" doc:"The first day of work, as it is now."`
	End       string `json:"end" doc:"The last day of work, as it is now."`
	Slack     int    `json:"slack" doc:"Working days by which it can be late without delaying the plan, or its own due date; below 0 it is late for that."`
	Critical  bool   `json:"critical,omitempty" doc:"It has no slack."`
	Slipped   int    `json:"slipped,omitempty" doc:"Working days by which it is later than promised; below 0 = earlier."`
	Inherited int    `json:"inherited,omitempty" doc:"Of these: because what it waits for allowed no earlier beginning."`
	Own       int    `json:"own,omitempty" doc:"Of these: its own."`
	From      int64  `json:"from,omitempty" doc:"The task that it inherited most from."`
	Column    Column `json:"column" doc:"todo, doing or done."`
	Late      bool   `json:"late,omitempty" doc:"It is not done, and past its due date or the day that was promised."`
	CoveredBy string `json:"covered_by,omitempty" doc:"Who stands in for its owner, while that one is away."`
}

// View is a plan with the dates of its tasks.
type View struct {
	Plan
	CoveredBy string `json:"covered_by,omitempty" doc:"Who stands in for the owner, while that one is away."`
	Tasks     []Row  `json:"tasks" doc:"Its tasks, by place."`
	Begin     string `json:"begin,omitempty" doc:"The first day of work."`
	End       string `json:"end,omitempty" doc:"The last day of work."`
	BaseEnd   string `json:"base_end,omitempty" doc:"The last day that was promised."`
	Slipped   int    `json:"slipped,omitempty" doc:"Working days by which the whole is later than promised."`
	Done      int    `json:"done" doc:"Tasks that are done."`
	Late      int    `json:"late,omitempty" doc:"Tasks that are late."`
	Problem   string `json:"problem,omitempty" doc:"Why dates cannot be told."`
	Today     string `json:"today" doc:"The day that dates are told from."`
}

// View gives a plan with the dates of its tasks.
func (s *Service) View(ctx context.Context, id int64) (*View, error) {
	p, err := s.store.Plan(ctx, id)
	if err != nil {
		return nil, err
	}
	tasks, err := s.store.PlanTasks(ctx, id)
	if err != nil {
		return nil, err
	}
	c, err := s.calendar(ctx)
	if err != nil {
		return nil, err
	}
	v := look(p, tasks, c, s.today())
	return v, s.cover(ctx, v)
}

// Covers knows who stands in for whom.
type Covers interface {
	// StandIns says who takes over now from whom, by mail address.
	StandIns(ctx context.Context) (map[string]string, error)
}

// Covering is the service that says who stands in for owners who are away.
func (s *Service) Covering(c Covers) *Service {
	with := *s
	with.covers = c
	return &with
}

// cover says who stands in for the owners of plans and their tasks.
func (s *Service) cover(ctx context.Context, all ...*View) error {
	if s.covers == nil {
		return nil
	}
	in, err := s.covers.StandIns(ctx)
	if err != nil {
		return fmt.Errorf("asking who stands in for whom: %w", err)
	}
	for _, v := range all {
		v.CoveredBy = in[strings.ToLower(v.Owner)]
		for i := range v.Tasks {
			v.Tasks[i].CoveredBy = in[strings.ToLower(v.Tasks[i].Owner)]
		}
	}
	return nil
}

// Views gives all plans with the dates of their tasks; dropped ones are left out.
func (s *Service) Views(ctx context.Context) ([]*View, error) {
	plans, err := s.store.Plans(ctx)
	if err != nil {
		return nil, err
	}
	tasks, err := s.store.PlanTasks(ctx, 0)
	if err != nil {
		return nil, err
	}
	c, err := s.calendar(ctx)
	if err != nil {
		return nil, err
	}
	of := make(map[int64][]Task)
	for i := range tasks {
		of[tasks[i].Plan] = append(of[tasks[i].Plan], tasks[i])
	}
	all := []*View{}
	for i := range plans {
		if plans[i].State != Dropped {
			all = append(all, look(plans[i], of[plans[i].ID], c, s.today()))
		}
	}
	return all, s.cover(ctx, all...)
}

// look computes the dates of a plan's tasks.
func look(p Plan, tasks []Task, c *schedule.Calendar, today schedule.Date) *View {
	v := &View{Plan: p, Tasks: []Row{}, Today: today.String()}
	in := scheduled(tasks)
	made, err := schedule.Make(in, c, date(p.Start), today)
	if err != nil { // no change makes it so, but a version from elsewhere may
		v.Problem = greenroom.ErrorMessage(err)
		made = &schedule.Plan{Start: schedule.NoDate, End: schedule.NoDate}
	}
	base, promised := make(map[int64]schedule.Baseline), schedule.NoDate
	for i := range tasks {
		if t := &tasks[i]; t.BaseStart != "" && t.BaseEnd != "" && !t.Removed {
			base[t.ID] = schedule.Baseline{Start: date(t.BaseStart), End: date(t.BaseEnd)}
			promised = max(promised, date(t.BaseEnd))
		}
	}
	slips := made.Slips(in, c, base)
	v.Begin, v.End, v.BaseEnd = made.Start.String(), made.End.String(), promised.String()
	if promised != schedule.NoDate && made.End != schedule.NoDate {
		v.Slipped = c.Between(promised+1, made.End+1)
	}
	for i := range tasks {
		if tasks[i].Removed {
			continue
		}
		r := row(&tasks[i], made.Places[tasks[i].ID], today)
		if slip, ok := slips[r.ID]; ok {
			r.Slipped, r.Inherited, r.Own, r.From = slip.Days, slip.Inherited, slip.Own, slip.From
		}
		if r.Column == Ended {
			v.Done++
		}
		if r.Late {
			v.Late++
		}
		v.Tasks = append(v.Tasks, r)
	}
	return v
}

func row(t *Task, at *schedule.Place, today schedule.Date) Row {
	r := Row{Task: *t, Column: Todo}
	switch {
	case t.Ended != "":
		r.Column = Ended
	case t.Began != "":
		r.Column = Doing
	}
	if at != nil {
		r.Start, r.End, r.Slack, r.Critical = at.Start.String(), at.End.String(), at.Slack, at.Critical
		if r.Column == Ended {
			r.Slack = 0
		}
	}
	due := date(t.Due)
	if due == schedule.NoDate {
		due = date(t.BaseEnd)
	}
	r.Late = r.Column != Ended && due != schedule.NoDate && (due < today || at != nil && at.End > due)
	return r
}
