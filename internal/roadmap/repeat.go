// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package roadmap

import (
	"context"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/schedule"
)

// Rhythm is how often a plan comes again.
type Rhythm string

// The rhythms; Once is none.
const (
	Once      Rhythm = ""
	Monthly   Rhythm = "month"
	Quarterly Rhythm = "quarter"
	Yearly    Rhythm = "year"
)

// ahead is how many days before its first day the next plan is made.
const ahead = 14

// months are how many months a rhythm has.
func (r Rhythm) months() int { return map[Rhythm]int{Monthly: 1, Quarterly: 3, Yearly: 12}[r] }

// after is the same day of the month so many months later; of a month that has it not, its last one.
func (r Rhythm) after(d schedule.Date) schedule.Date {
	y, m, day := d.Begin(time.UTC).Date()
	last := schedule.MakeDate(y, m+time.Month(r.months())+1, 0)
	return min(schedule.MakeDate(y, m+time.Month(r.months()), day), last)
}

// Repeat makes the next plans of those that come again and are due, and says how many. It can be called as often as one
// wants, by several processes: a plan has one next one.
func (s *Service) Repeat(ctx context.Context, by string) (int, error) {
	all, err := s.store.Plans(ctx)
	if err != nil {
		return 0, err
	}
	made := 0
	for i := range all {
		p := &all[i]
		if p.Every == Once || p.Repeated || p.State == Draft || p.State == Dropped {
			continue
		}
		if start := date(p.Start); start == schedule.NoDate || p.Every.after(start)-ahead > s.today() {
			continue
		}
		if _, err := s.Next(ctx, p.ID, by); err != nil && greenroom.ErrorCode(err) != greenroom.CodeConflict {
			return made, err
		} else if err == nil {
			made++
		}
	}
	return made, nil
}

// Next makes the next plan of one that comes again, with it as the template: the same tasks, not begun, and checkpoints as
// much later as the plan is. Promises, decisions, what was spent and who signed off stay behind. CodeConflict where there is
// one already.
func (s *Service) Next(ctx context.Context, plan int64, by string) (*View, error) {
	p, err := s.store.Plan(ctx, plan)
	if err != nil {
		return nil, err
	}
	all, err := s.store.Plans(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].From == plan {
			return nil, greenroom.Errorf(greenroom.CodeConflict, "the next one of %q is there already: %q", p.Title, all[i].Title)
		}
	}
	start := date(p.Start)
	switch {
	case p.Every == Once:
		return nil, bad("%q does not come again; say how often it does first", p.Title)
	case start == schedule.NoDate:
		return nil, bad("%q has no first day (“Not before”) to count from", p.Title)
	}
	tasks, err := s.store.PlanTasks(ctx, plan)
	if err != nil {
		return nil, err
	}
	span := p.Every.after(start) - start
	next := again(p, span)
	next.CreatedBy, next.CreatedAt = by, s.now()
	p.Repeated = true
	id, err := s.store.KeepStep(ctx, Step{What: "made the plan", By: by, Plans: []Plan{p, next}, Tasks: againTasks(tasks, span)})
	if err != nil {
		return nil, fmt.Errorf("making the next plan: %w", err)
	}
	return s.View(ctx, id)
}

const fromDay = ", from "

func later(day string, by schedule.Date) string {
	if d := date(day); d != schedule.NoDate {
		return (d + by).String()
	}
	return day
}

// again is a plan that begins some days after another.
func again(p Plan, by schedule.Date) Plan {
	next := p
	next.ID, next.Version, next.From, next.Repeated, next.State = 0, 0, p.ID, false, Draft
	next.Start = later(p.Start, by)
	next.Committed, next.Spent, next.Decisions, next.SignOffs, next.Requests = 0, 0, nil, nil, nil
	if i := strings.LastIndex(next.Title, fromDay); i > 0 && date(next.Title[i+len(fromDay):]) != schedule.NoDate {
		next.Title = next.Title[:i]
	}
	if r := []rune(next.Title); len(r) > maxTitle-20 {
		next.Title = string(r[:maxTitle-20])
	}
	next.Title += fromDay + next.Start
	next.Checkpoints = make([]Checkpoint, len(p.Checkpoints))
	for i, c := range p.Checkpoints {
		next.Checkpoints[i] = Checkpoint{Day: later(c.Day, by), Title: c.Title}
	}
	return next
}

// againTasks are tasks that are new again.
func againTasks(all []Task, by schedule.Date) []Task {
	given := make(map[int64]int64)
	var out []Task
	for i := range all {
		if !all[i].Removed {
			given[all[i].ID] = -int64(len(given)) - 1
		}
	}
	for i := range all {
		t := &all[i]
		if t.Removed {
			continue
		}
		x := Task{ID: given[t.ID], Place: int64(len(out)) + 1, Title: t.Title, Note: t.Note, Owner: t.Owner, Days: t.Days, Makes: t.Makes, NotBefore: later(t.NotBefore, by), Due: later(t.Due, by)}
		for _, d := range t.After {
			if to, ok := given[d.On]; ok {
				x.After = append(x.After, schedule.Dependency{On: to, Kind: d.Kind, Lag: d.Lag})
			}
		}
		out = append(out, x)
	}
	return out
}
