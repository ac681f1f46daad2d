// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"fmt"
	"slices"
	"strings"

	"greenroom"
)

// Kind is how a task depends on another.
type Kind string

// The kinds, named by what waits for what.
const (
	FinishStart  Kind = "finish-start"  // it begins when the other has ended
	StartStart   Kind = "start-start"   // it begins when the other begins
	FinishFinish Kind = "finish-finish" // it ends when the other ends
	StartFinish  Kind = "start-finish"  // it ends when the other begins
)

// Dependency is what a task waits for.
type Dependency struct {
	On   int64 `json:"on" doc:"The task that it waits for."`
	Kind Kind  `json:"kind,omitempty" doc:"Left out: finish-start, it begins when the other has ended."` // "" = FinishStart
	Lag  int   `json:"lag,omitempty" doc:"Working days in between; below 0 they overlap."`               // negative = they overlap
}

// Task is one task of a plan.
type Task struct {
	ID        int64
	Name      string // in errors
	Days      int    // working days that it takes; 0 = a milestone, which happens in the morning of its day
	After     []Dependency
	NotBefore Date // NoDate = as soon as it can
	Began     Date // NoDate = it has not
	Ended     Date // the last day of work on it; NoDate = it is not done
	Due       Date // when it should be done; NoDate = when the plan ends
}

// Place is when a task is done.
type Place struct {
	Start, End         Date  // the first and the last day of work; of a milestone both are its day
	LateStart, LateEnd Date  // the latest that delays nothing beyond the plan's end, or a task's due date
	Slack              int   // working days by which it can be late without that; negative = it is late for a due date
	Critical           bool  // it has no slack
	Driver             int64 // the task that keeps it from beginning earlier; 0 = its own date, today, or what has happened

	start, end int // numbers of working days; end is the first one after it
}

// Plan is when all tasks are done.
type Plan struct {
	Places map[int64]*Place
	Order  []int64 // the tasks, each after those that it depends on
	Start  Date    // of the first task
	End    Date    // of the last; NoDate where there is no task
}

// Limits of a plan.
const (
	maxDays = 5000
	maxLag  = 1000
)

// Make computes a plan. What has not begun begins on from or after today, whichever is later; from may be NoDate. Errors
// have CodeInvalid: an unknown task, a circle (with the tasks on it named), or numbers that make no sense.
func Make(tasks []Task, c *Calendar, from, today Date) (*Plan, error) {
	m := &maker{c: c, tasks: make(map[int64]*Task, len(tasks)), plan: &Plan{Places: make(map[int64]*Place, len(tasks)), Start: NoDate, End: NoDate}}
	for i := range tasks {
		t := &tasks[i]
		if m.tasks[t.ID] != nil {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "there are two tasks with the id %d", t.ID)
		}
		m.tasks[t.ID] = t
	}
	for i := range tasks {
		if err := m.check(&tasks[i]); err != nil {
			return nil, err
		}
	}
	order, circle := Sort(tasks)
	if circle != nil {
		return nil, m.goesRound(circle)
	}
	m.plan.Order = order
	m.floor = c.before(today)
	if from != NoDate {
		m.floor = max(m.floor, c.before(from))
	}
	m.today = c.before(today)
	m.forward()
	m.backward()
	m.tell()
	return m.plan, nil
}

type maker struct {
	c            *Calendar
	tasks        map[int64]*Task
	plan         *Plan
	floor, today int
}

func (m *maker) name(id int64) string {
	if t := m.tasks[id]; t != nil && t.Name != "" {
		return "“" + t.Name + "”"
	}
	return fmt.Sprintf("task %d", id)
}

func (m *maker) check(t *Task) error {
	bad := func(format string, args ...any) error {
		return greenroom.Errorf(greenroom.CodeInvalid, "%s: %s", m.name(t.ID), fmt.Sprintf(format, args...))
	}
	switch {
	case t.Days < 0 || t.Days > maxDays:
		return bad("it takes from 0 to %d working days, not %d", maxDays, t.Days)
	case t.Ended != NoDate && t.Began == NoDate:
		return bad("it has ended, but not begun; say when it began")
	case t.Ended != NoDate && t.Ended < t.Began:
		return bad("it ended on %s, before it began on %s", t.Ended, t.Began)
	}
	for _, d := range t.After {
		switch {
		case m.tasks[d.On] == nil:
			return bad("it depends on task %d, which is not there", d.On)
		case d.Lag < -maxLag || d.Lag > maxLag:
			return bad("the lag after task %d is from %d to %d working days, not %d", d.On, -maxLag, maxLag, d.Lag)
		}
		switch d.Kind {
		case "", FinishStart, StartStart, FinishFinish, StartFinish:
		default:
			return bad("%q is no kind of dependency; expected %s, %s, %s or %s", d.Kind, FinishStart, StartStart, FinishFinish, StartFinish)
		}
	}
	return nil
}

func (m *maker) goesRound(circle []int64) error {
	names := make([]string, 0, len(circle)+1)
	for _, id := range circle {
		names = append(names, m.name(id))
	}
	names = append(names, names[0])
	return greenroom.Errorf(greenroom.CodeInvalid, "the dependencies go round in a circle: %s; take one of them away", strings.Join(names, " waits for "))
}

// Sort orders tasks so that each comes after those that it depends on, and otherwise as they were given. Where that cannot
// be, it gives the ids of a circle, in the order in which each waits for the next. Dependencies on tasks that are not there
// are left out.
func Sort(tasks []Task) (order, circle []int64) {
	at := make(map[int64]int, len(tasks))
	for i := range tasks {
		at[tasks[i].ID] = i
	}
	const (
		fresh = iota
		open
		closed
	)
	state := make([]int, len(tasks))
	next := make([]int, len(tasks)) // of its dependencies
	order = make([]int64, 0, len(tasks))
	var path []int
	for root := range tasks {
		if state[root] != fresh {
			continue
		}
		path = append(path[:0], root)
		state[root] = open
		for len(path) > 0 {
			i := path[len(path)-1]
			t := &tasks[i]
			if next[i] == len(t.After) {
				state[i] = closed
				order = append(order, t.ID)
				path = path[:len(path)-1]
				continue
			}
			j, ok := at[t.After[next[i]].On]
			next[i]++
			switch {
			case !ok || state[j] == closed:
			case state[j] == open:
				for _, k := range path[slices.Index(path, j):] {
					circle = append(circle, tasks[k].ID)
				}
				return nil, circle
			default:
				state[j] = open
				path = append(path, j)
			}
		}
	}
	return order, nil
}

// ends reports whether the dependency is about a task's end.
func (d *Dependency) ends() bool { return d.Kind == FinishFinish || d.Kind == StartFinish }

// least is the earliest start that a dependency allows a task of some days.
func (d *Dependency) least(on *Place, days int) int {
	switch d.Kind {
	case StartStart:
		return on.start + d.Lag
	case FinishFinish:
		return on.end + d.Lag - days
	case StartFinish:
		return on.start + d.Lag - days
	case FinishStart:
	}
	return on.end + d.Lag
}

// forward finds the earliest places.
func (m *maker) forward() {
	for _, id := range m.plan.Order {
		t := m.tasks[id]
		p := &Place{}
		m.plan.Places[id] = p
		switch {
		case t.Ended != NoDate:
			p.start, p.end = m.c.before(t.Began), max(m.c.before(t.Ended+1), m.c.before(t.Began))
			continue
		case t.Began != NoDate:
			// What is not done takes until today at least.
			p.start = m.c.before(t.Began)
			p.end = max(p.start+t.Days, m.today)
			if t.Days > 0 {
				p.end = max(p.end, m.today+1)
			}
			for i := range t.After {
				if d := &t.After[i]; d.ends() {
					p.end = max(p.end, d.least(m.plan.Places[d.On], 0))
				}
			}
			continue
		}
		p.start = m.floor
		if t.NotBefore != NoDate {
			p.start = max(p.start, m.c.before(t.NotBefore))
		}
		for i := range t.After {
			d := &t.After[i]
			if least := d.least(m.plan.Places[d.On], t.Days); least > p.start {
				p.start, p.Driver = least, d.On
			}
		}
		p.end = p.start + t.Days
	}
}

// backward finds how late each task can be. What is done cannot be late any more, and holds nothing up.
func (m *maker) backward() {
	end := m.floor
	for _, p := range m.plan.Places {
		end = max(end, p.end)
	}
	late := make(map[int64]int, len(m.plan.Places)) // the latest start
	for i := range slices.Backward(m.plan.Order) {
		id := m.plan.Order[i]
		t, p := m.tasks[id], m.plan.Places[id]
		last, limited := late[id]
		if own := end - (p.end - p.start); !limited || own < last {
			last = own
		}
		if t.Due != NoDate {
			last = min(last, m.c.before(t.Due+1)-(p.end-p.start))
		}
		p.Slack = last - p.start
		p.LateStart, p.LateEnd = m.span(last, last+p.end-p.start)
		late[id] = last
		for j := range t.After {
			d := &t.After[j]
			if t.Ended != NoDate || t.Began != NoDate && !d.ends() {
				continue // it is where it is, whatever it depended on
			}
			if most := d.most(last, p.end-p.start, m.plan.Places[d.On]); !has(late, d.On) || most < late[d.On] {
				late[d.On] = most
			}
		}
	}
}

func has(m map[int64]int, id int64) bool {
	_, ok := m[id]
	return ok
}

// most is the latest start of the task that a dependency is on, where the one that depends begins at last.
func (d *Dependency) most(last, days int, on *Place) int {
	length := on.end - on.start
	switch d.Kind {
	case StartStart:
		return last - d.Lag
	case FinishFinish:
		return last + days - d.Lag - length
	case StartFinish:
		return last + days - d.Lag
	case FinishStart:
	}
	return last - d.Lag - length
}

// span is a range of working days as days of the calendar.
func (m *maker) span(start, end int) (first, last Date) {
	first = m.c.on(start)
	if end <= start {
		return first, first
	}
	return first, m.c.on(end - 1)
}

// tell turns numbers of working days into days.
func (m *maker) tell() {
	for id, p := range m.plan.Places {
		p.Start, p.End = m.span(p.start, p.end)
		t := m.tasks[id]
		if t.Began != NoDate { // perhaps on a day off
			p.Start = t.Began
		}
		if t.Ended != NoDate {
			p.End = t.Ended
		}
		p.Critical = p.Slack <= 0 && t.Ended == NoDate
		if m.plan.Start == NoDate || p.Start < m.plan.Start {
			m.plan.Start = p.Start
		}
		if m.plan.End == NoDate || p.End > m.plan.End {
			m.plan.End = p.End
		}
	}
}

// Baseline is what was promised of a task.
type Baseline struct {
	Start Date `json:"start"`
	End   Date `json:"end"`
}

// Slip is by how many working days a task is later than was promised; negative = earlier.
type Slip struct {
	Days      int   // Inherited + Own
	Inherited int   // because what it depends on allowed no earlier beginning
	Own       int   // because it began later than it could have, or takes longer
	From      int64 // the task that it inherited most from; 0 = none
}

// Slips compares a plan with what was promised. Tasks without a baseline are left out.
func (p *Plan) Slips(tasks []Task, c *Calendar, base map[int64]Baseline) map[int64]Slip {
	all := make(map[int64]Slip, len(base))
	for i := range tasks {
		t := &tasks[i]
		was, ok := base[t.ID]
		now := p.Places[t.ID]
		if !ok || now == nil {
			continue
		}
		s := Slip{Days: c.Between(was.End+1, now.End+1)}
		s.Inherited, s.From = p.heldUp(t, now, c, was)
		s.Inherited = min(s.Inherited, max(0, s.Days))
		if s.Inherited == 0 {
			s.From = 0
		}
		s.Own = s.Days - s.Inherited
		all[t.ID] = s
	}
	return all
}

// heldUp says by how many days what a task depends on kept it from beginning when it was promised to.
func (p *Plan) heldUp(t *Task, now *Place, c *Calendar, was Baseline) (days int, by int64) {
	for i := range t.After {
		d := &t.After[i]
		least := d.least(p.Places[d.On], t.Days)
		if held := min(least, now.start) - c.before(was.Start); held > days {
			days, by = held, d.On
		}
	}
	return days, by
}
