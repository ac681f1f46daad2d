// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package roadmap

import (
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/schedule"
)

// State is how far a plan has come in the hands of people.
type State string

// The states.
const (
	Draft   State = "draft"
	Active  State = "active"
	Done    State = "done"
	Dropped State = "dropped"
)

// States lists them.
func States() []State { return []State{Draft, Active, Done, Dropped} }

// Plan is something that is done for a goal. Lists of people are mail addresses or names.
type Plan struct {
	ID          int64        `json:"id" doc:"The plan's number."`
	Version     int64        `json:"version" doc:"Grows with every change; a change names the one that it was made from."`
	Goal        int64        `json:"goal,omitempty" doc:"The goal that it serves."`
	Title       string       `json:"title" doc:"One line."`
	Intent      string       `json:"intent,omitempty" doc:"Why it is done."`
	State       State        `json:"state" doc:"draft, active, done or dropped."`
	Internal    bool         `json:"internal,omitempty" doc:"The team's own work; members feel nothing of it."`
	Start       string       `json:"start,omitempty" doc:"No task begins before this day."`
	Owner       string       `json:"owner,omitempty" doc:"Accountable: who answers for it."`
	Responsible []string     `json:"responsible,omitempty" doc:"Who does it."`
	Consulted   []string     `json:"consulted,omitempty" doc:"Who is asked before."`
	Informed    []string     `json:"informed,omitempty" doc:"Who is told after."`
	Currency    string       `json:"currency,omitempty" doc:"Of the budget, such as EUR."`
	Planned     float64      `json:"planned,omitempty" doc:"Budget: what may be spent."`
	Committed   float64      `json:"committed,omitempty" doc:"Budget: what is promised to others."`
	Spent       float64      `json:"spent,omitempty" doc:"Budget: what is paid."`
	Metrics     []string     `json:"metrics,omitempty" doc:"Metrics of the catalog that it is watched by."`
	Documents   []Document   `json:"documents,omitempty" doc:"Where more is written."`
	Checkpoints []Checkpoint `json:"checkpoints,omitempty" doc:"Days on which it is looked at."`
	Risks       []Risk       `json:"risks,omitempty" doc:"What may go wrong."`
	Decisions   []Decision   `json:"decisions,omitempty" doc:"What was decided, with the objections that were heard."`
	Requests    []int64      `json:"requests,omitempty" doc:"The requests of members that it serves; who asked hears when it is done or dropped."`
	Every       Rhythm       `json:"every,omitempty" doc:"How often it comes again: month, quarter or year. The next one is made two weeks before."`
	From        int64        `json:"from,omitempty" doc:"The plan that it was made from, as the next one."`
	Repeated    bool         `json:"repeated,omitempty" doc:"The next one was made."`
	SignOffs    []SignOff    `json:"sign_offs,omitempty" doc:"Who signed it off, and when."`
	CreatedBy   string       `json:"created_by" doc:"Who made it."`
	CreatedAt   time.Time    `json:"created_at" doc:"When."`
}

// Document is a link.
type Document struct {
	Title string `json:"title" doc:"What it is."`
	URL   string `json:"url" doc:"Where it is."`
}

// Checkpoint is a day on which a plan is looked at.
type Checkpoint struct {
	Day     string `json:"day" doc:"The day."`
	Title   string `json:"title" doc:"What is looked at."`
	Outcome string `json:"outcome,omitempty" doc:"What came out."`
}

// Risk is something that may go wrong.
type Risk struct {
	What   string `json:"what" doc:"What may happen."`
	Answer string `json:"answer,omitempty" doc:"What is done about it."`
}

// Decision is something that was decided.
type Decision struct {
	Day        string `json:"day" doc:"When."`
	What       string `json:"what" doc:"What was decided."`
	By         string `json:"by,omitempty" doc:"Who decided."`
	Objections string `json:"objections,omitempty" doc:"What was said against it, and heard."`
}

// Task is a piece of a plan's work. Days are written as 2026-11-22; "" = not said.
type Task struct {
	ID        int64                 `json:"id" doc:"The task's number."`
	Plan      int64                 `json:"plan" doc:"The plan that it is part of."`
	Version   int64                 `json:"version" doc:"Grows with every change."`
	Place     int64                 `json:"place" doc:"Its place in the list."`
	Title     string                `json:"title" doc:"One line."`
	Note      string                `json:"note,omitempty" doc:"More about it."`
	Owner     string                `json:"owner,omitempty" doc:"Who does it."`
	Days      int                   `json:"days" doc:"Working days that it takes; 0 = a milestone."`
	After     []schedule.Dependency `json:"after,omitempty" doc:"What it waits for."`
	NotBefore string                `json:"not_before,omitempty" doc:"It does not begin before this day."`
	Due       string                `json:"due,omitempty" doc:"When it should be done."`
	Began     string                `json:"began,omitempty" doc:"The day on which it began."`
	Ended     string                `json:"ended,omitempty" doc:"The last day of work on it."`
	BaseStart string                `json:"base_start,omitempty" doc:"The first day that was promised."`
	BaseEnd   string                `json:"base_end,omitempty" doc:"The last day that was promised."`
	Makes     string                `json:"makes,omitempty" doc:"What it makes with one click: workflow, survey, program, alert or report with a template after a colon, such as workflow:trial, or topics."`
	Made      []Made                `json:"made,omitempty" doc:"What was made."`
	Removed   bool                  `json:"removed,omitempty" doc:"It was taken away; undo brings it back."`
}

// The most that texts hold, in characters, and plans, in tasks.
const (
	maxTitle = 200
	maxText  = 20_000
	maxList  = 200
	// MaxTasks is how many tasks a plan has at most.
	MaxTasks = 10_000
)

func bad(format string, args ...any) error {
	return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
}

// Validate says what is wrong with a plan, as an error of CodeInvalid.
func (p *Plan) Validate() error {
	p.Title, p.Intent, p.Owner = strings.TrimSpace(p.Title), strings.TrimSpace(p.Intent), strings.TrimSpace(p.Owner)
	if p.State == "" {
		p.State = Draft
	}
	switch {
	case p.Title == "" || utf8.RuneCountInString(p.Title) > maxTitle:
		return bad("a plan needs a title of at most %d characters", maxTitle)
	case utf8.RuneCountInString(p.Intent) > maxText:
		return bad("a plan's intent has at most %d characters", maxText)
	case p.State != Draft && p.State != Active && p.State != Done && p.State != Dropped:
		return bad("a plan is draft, active, done or dropped, not %q", p.State)
	case p.Every != Once && p.Every.months() == 0:
		return bad("a plan comes again every month, quarter or year, not %q", p.Every)
	case len(p.Requests) > maxList:
		return bad("a plan serves at most %d requests", maxList)
	case p.Planned < 0 || p.Committed < 0 || p.Spent < 0:
		return bad("a budget has no amounts below 0")
	case len(p.Checkpoints) > maxList || len(p.Risks) > maxList || len(p.Decisions) > maxList || len(p.Documents) > maxList:
		return bad("a plan has at most %d checkpoints, risks, decisions and documents", maxList)
	}
	days := []string{p.Start}
	for _, c := range p.Checkpoints {
		days = append(days, c.Day)
	}
	for _, d := range p.Decisions {
		days = append(days, d.Day)
	}
	return validDays(days...)
}

func validDays(days ...string) error {
	for _, d := range days {
		if d == "" {
			continue
		}
		if _, err := schedule.ParseDate(d); err != nil {
			return err
		}
	}
	return nil
}

// Validate says what is wrong with a task by itself, as an error of CodeInvalid.
func (t *Task) Validate() error {
	t.Title, t.Owner, t.Note = strings.TrimSpace(t.Title), strings.TrimSpace(t.Owner), strings.TrimSpace(t.Note)
	switch {
	case t.Title == "" || utf8.RuneCountInString(t.Title) > maxTitle:
		return bad("a task needs a title of at most %d characters", maxTitle)
	case utf8.RuneCountInString(t.Note) > maxText:
		return bad("a task's note has at most %d characters", maxText)
	}
	if err := t.validMakes(); err != nil {
		return err
	}
	for _, d := range []struct{ field, label, day string }{{"not_before", "the day before which it does not begin", t.NotBefore}, {"due", "the day on which it is due", t.Due}, {"began", "the day on which it began", t.Began}, {"ended", "the day on which it ended", t.Ended}} {
		if err := validDays(d.day); err != nil {
			return greenroom.FieldErrorf(d.field, "%s: %s", d.label, greenroom.ErrorMessage(err))
		}
	}
	return validDays(t.BaseStart, t.BaseEnd)
}

func date(day string) schedule.Date {
	d, err := schedule.ParseDate(day)
	if err != nil {
		return schedule.NoDate
	}
	return d
}

// scheduled are tasks as package schedule takes them; removed ones are left out, and so is what waits for them.
func scheduled(all []Task) []schedule.Task {
	there := make(map[int64]bool, len(all))
	for i := range all {
		there[all[i].ID] = !all[i].Removed
	}
	out := make([]schedule.Task, 0, len(all))
	for i := range all {
		t := &all[i]
		if t.Removed {
			continue
		}
		s := schedule.Task{ID: t.ID, Name: t.Title, Days: t.Days, NotBefore: date(t.NotBefore), Began: date(t.Began), Ended: date(t.Ended), Due: date(t.Due)}
		for _, d := range t.After {
			if gone, known := there[d.On]; known && !gone {
				continue
			}
			s.After = append(s.After, d)
		}
		out = append(out, s)
	}
	return out
}
