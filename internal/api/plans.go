// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
)

// Plans are what is done for goals; roadmap.Service keeps them.
type Plans interface {
	Views(ctx context.Context) ([]*roadmap.View, error)
	View(ctx context.Context, id int64) (*roadmap.View, error)
	Changes(ctx context.Context, plan int64) ([]roadmap.Change, error)
	Mine(ctx context.Context, owner string) ([]roadmap.Mine, error)
	PlanWork
	TaskWork
}

// PlanWork changes plans.
type PlanWork interface {
	Add(ctx context.Context, p roadmap.Plan, tasks []roadmap.Task, by string) (*roadmap.View, error)
	EditPlan(ctx context.Context, yours roadmap.Plan, by string) (roadmap.Plan, error)
	Promise(ctx context.Context, plan int64, by string) error
	Undo(ctx context.Context, plan int64, by string) (string, error)
	Days(ctx context.Context) (roadmap.Days, error)
	SetDays(ctx context.Context, d roadmap.Days) error
	PlanLife
}

// PlanLife signs plans off and makes them again.
type PlanLife interface {
	SignOff(ctx context.Context, plan int64, as, comment, by string) (roadmap.Plan, error)
	Next(ctx context.Context, plan int64, by string) (*roadmap.View, error)
}

// PlanSignOff is somebody's word that a plan holds.
type PlanSignOff struct {
	As      string `json:"as" doc:"approval or sponsor."`
	Comment string `json:"comment,omitempty" doc:"What is said."`
}

// TaskWork changes tasks.
type TaskWork interface {
	AddTask(ctx context.Context, t roadmap.Task, by string) (roadmap.Task, error)
	EditTask(ctx context.Context, yours roadmap.Task, by string) (roadmap.Task, error)
	Import(ctx context.Context, plan int64, tasks []roadmap.Task, by string) (int, error)
	Make(ctx context.Context, plan, task int64, by string) (roadmap.Task, error)
}

// NewPlan is a plan that is to be made.
type NewPlan struct {
	Title    string `json:"title,omitempty" doc:"Left out: the template's."`
	Template string `json:"template,omitempty" doc:"retention, champions, meetups, launch, beta, content, vendor-review, first-months or empty; empty where it is left out."`
	Goal     int64  `json:"goal,omitempty" doc:"The goal that it serves."`
	Owner    string `json:"owner,omitempty" doc:"Who answers for it."`
	Start    string `json:"start,omitempty" doc:"No task begins before this day."`
	Intent   string `json:"intent,omitempty" doc:"Why it is done."`

	Requests []int64 `json:"requests,omitempty" doc:"The requests of members that it serves."`
}

// PlanTable is a table of tasks.
type PlanTable struct {
	CSV string `json:"csv" doc:"With a column title; id, owner, days, after, not_before, due, began, ended and note are read where they are there."`
}

// PlanUndone is what was taken back.
type PlanUndone struct {
	Undone string `json:"undone" doc:"The step, in words."`
}

func (a *api) planOps() []op {
	if a.Plans == nil {
		return nil
	}
	id := idParam("The plan's number.")
	one := content{of: roadmap.View{}, example: examplePlan()}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	view := func(c *call, plan int64) (answer, error) {
		v, err := a.Plans.View(c.ctx(), plan)
		if err != nil {
			return answer{}, err
		}
		return ok(v)
	}
	return append([]op{
		{
			method: http.MethodGet, path: "/plans", id: "listPlans", tag: "Roadmap", need: auth.Read, reply: content{of: Items[roadmap.View]{}, example: Items[roadmap.View]{Items: []roadmap.View{examplePlan()}}},
			summary: "List plans", text: "With the dates of their tasks. Dropped ones are left out.",
			do: func(c *call) (answer, error) {
				all, err := a.Plans.Views(c.ctx())
				if err != nil {
					return answer{}, err
				}
				flat := make([]roadmap.View, len(all))
				for i := range all {
					flat[i] = *all[i]
				}
				return itemsOf(flat)
			},
		},
		{
			method: http.MethodPost, path: "/plans", id: "createPlan", tag: "Roadmap", need: auth.Write, status: http.StatusCreated, repeatable: true, reply: one,
			summary: "Make a plan", text: "From a template. Dates follow from its tasks.", body: &content{of: NewPlan{}, text: "The plan.", example: NewPlan{Template: "champions", Goal: 2}},
			do: func(c *call) (answer, error) {
				n, err := decode[NewPlan](c)
				if err != nil {
					return answer{}, err
				}
				if n.Template == "" {
					n.Template = "empty"
				}
				t, err := roadmap.FindTemplate(n.Template)
				if err != nil {
					return answer{}, err
				}
				p := roadmap.Plan{Title: n.Title, Intent: n.Intent, Goal: n.Goal, Owner: n.Owner, Start: n.Start, Requests: n.Requests}
				if p.Title == "" {
					p.Title = t.Title
				}
				if p.Intent == "" {
					p.Intent = t.Intent
				}
				v, err := a.Plans.Add(c.ctx(), p, t.Tasks(), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
		{
			method: http.MethodGet, path: "/plans/{id}", id: "getPlan", tag: "Roadmap", need: auth.Read, params: []param{id}, reply: one,
			summary: "A plan", text: "With the dates, slack and slippage of its tasks, as of today.", do: func(c *call) (answer, error) { return view(c, c.id()) },
		},
		{
			method: http.MethodPut, path: "/plans/{id}", id: "changePlan", tag: "Roadmap", need: auth.Write, params: []param{id}, reply: content{of: roadmap.Plan{}, example: examplePlan().Plan}, codes: conflict,
			summary: "Change a plan", text: "Everything is set as it is sent. `version` is the one that was looked at: what others changed since then is merged in field by field, and where both changed the same field, the answer is a conflict and nothing is changed.",
			body: &content{of: roadmap.Plan{}, text: "The plan.", example: examplePlan().Plan},
			do: func(c *call) (answer, error) {
				p, err := decode[roadmap.Plan](c)
				if err != nil {
					return answer{}, err
				}
				p.ID = c.id()
				if p, err = a.Plans.EditPlan(c.ctx(), p, c.by()); err != nil {
					return answer{}, err
				}
				return ok(p)
			},
		},
		{
			method: http.MethodPost, path: "/plans/{id}/promise", id: "promisePlan", tag: "Roadmap", need: auth.Write, params: []param{id}, reply: one,
			summary: "Keep the dates of now as the baseline", text: "Slippage is told against it.",
			do: func(c *call) (answer, error) {
				if err := a.Plans.Promise(c.ctx(), c.id(), c.by()); err != nil {
					return answer{}, err
				}
				return view(c, c.id())
			},
		},
		{
			method: http.MethodPost, path: "/plans/{id}/undo", id: "undoPlan", tag: "Roadmap", need: auth.Write, params: []param{id}, codes: conflict, reply: content{of: PlanUndone{}, example: PlanUndone{Undone: "changed Brief"}},
			summary: "Undo the last change of a plan", text: "What was before comes back as a new version.",
			do: func(c *call) (answer, error) {
				what, err := a.Plans.Undo(c.ctx(), c.id(), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(PlanUndone{Undone: what})
			},
		},
		{
			method: http.MethodPost, path: "/plans/{id}/sign-off", id: "signOffPlan", tag: "Roadmap", need: auth.Connect, params: []param{id}, reply: content{of: roadmap.Plan{}, example: examplePlan().Plan}, codes: conflict,
			summary: "Sign a plan off", text: "As it is now. What is changed later stands above it in the history.", body: &content{of: PlanSignOff{}, text: "As what.", example: PlanSignOff{As: "sponsor", Comment: "Go."}},
			do: func(c *call) (answer, error) {
				x, err := decode[PlanSignOff](c)
				if err != nil {
					return answer{}, err
				}
				p, err := a.Plans.SignOff(c.ctx(), c.id(), x.As, x.Comment, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(p)
			},
		},
		{
			method: http.MethodPost, path: "/plans/{id}/next", id: "repeatPlan", tag: "Roadmap", need: auth.Write, status: http.StatusCreated, params: []param{id}, reply: one, codes: conflict,
			summary: "Make the next plan of one that comes again", text: "As a draft, with this one as the template. There is one next plan: a second call is a conflict.",
			do: func(c *call) (answer, error) {
				v, err := a.Plans.Next(c.ctx(), c.id(), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
		{
			method: http.MethodGet, path: "/plans/{id}/changes", id: "listPlanChanges", tag: "Roadmap", need: auth.Read, params: []param{id},
			summary: "The history of a plan", text: "The newest first.", reply: content{of: Items[roadmap.Change]{}, example: Items[roadmap.Change]{Items: []roadmap.Change{{Step: 7, What: "changed Brief", By: "ana@acme.example", At: exampleTime(20)}}}},
			do: func(c *call) (answer, error) {
				all, err := a.Plans.Changes(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
	}, a.planTaskOps(id)...)
}

func (a *api) planTaskOps(id param) []op {
	conflict := []greenroom.Code{greenroom.CodeConflict}
	task := content{of: roadmap.Task{}, example: examplePlan().Tasks[0].Task}
	number := param{name: "task", path: true, form: formInteger, min: 1, text: "The task's number.", example: "7"}
	file := func(c *call, media string, write func(*roadmap.View, *bytes.Buffer) error) (answer, error) {
		v, err := a.Plans.View(c.ctx(), c.id())
		if err != nil {
			return answer{}, err
		}
		var b bytes.Buffer
		if err := write(v, &b); err != nil {
			return answer{}, err
		}
		return answer{raw: b.Bytes(), media: media}, nil
	}
	return []op{
		{
			method: http.MethodPost, path: "/plans/{id}/tasks", id: "addPlanTask", tag: "Roadmap", need: auth.Write, status: http.StatusCreated, params: []param{id}, reply: task,
			summary: "Add a task to a plan", text: "At its end. Dependencies that go round in a circle are refused, with the circle named.", body: &content{of: roadmap.Task{}, text: "The task; its numbers are given.", example: roadmap.Task{Title: "Brief", Days: 2}},
			do: func(c *call) (answer, error) {
				t, err := decode[roadmap.Task](c)
				if err != nil {
					return answer{}, err
				}
				t.Plan = c.id()
				if t, err = a.Plans.AddTask(c.ctx(), t, c.by()); err != nil {
					return answer{}, err
				}
				return ok(t)
			},
		},
		{
			method: http.MethodPut, path: "/plans/{id}/tasks/{task}", id: "changePlanTask", tag: "Roadmap", need: auth.Write, params: []param{id, number}, reply: task, codes: conflict,
			summary: "Change a task", text: "As with plans: what others changed since `version` is merged in, and where both changed the same field, nothing is changed. With `removed` it is taken away.", body: &content{of: roadmap.Task{}, text: "The task.", example: examplePlan().Tasks[0].Task},
			do: func(c *call) (answer, error) {
				t, err := decode[roadmap.Task](c)
				if err != nil {
					return answer{}, err
				}
				t.Plan, t.ID = c.id(), c.integer("task")
				if t, err = a.Plans.EditTask(c.ctx(), t, c.by()); err != nil {
					return answer{}, err
				}
				return ok(t)
			},
		},
		{
			method: http.MethodPost, path: "/plans/{id}/tasks/{task}/make", id: "makeForPlanTask", tag: "Roadmap", need: auth.Write, params: []param{id, number}, reply: task, codes: conflict,
			summary: "Make what a task names", text: "The workflow, survey, program, alert or report of the task's `makes`, about the people that the plan's goal is about. It does nothing before somebody turns it on; the task keeps the way to it in `made`. A second call is a conflict.",
			do: func(c *call) (answer, error) {
				t, err := a.Plans.Make(c.ctx(), c.id(), c.integer("task"), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(t)
			},
		},
		{
			method: http.MethodPost, path: "/plans/{id}/import", id: "importPlanTasks", tag: "Roadmap", need: auth.Write, params: []param{id}, reply: content{of: roadmap.View{}, example: examplePlan()},
			summary: "Import tasks", text: "From a table, in one step of the plan's history. An error names the line.", body: &content{of: PlanTable{}, text: "The table.", example: PlanTable{CSV: "id,title,days,after\n1,Brief,2,\n2,Page,3,1\n"}},
			do: func(c *call) (answer, error) {
				t, err := decode[PlanTable](c)
				if err != nil {
					return answer{}, err
				}
				tasks, err := roadmap.ReadCSV(strings.NewReader(t.CSV))
				if err != nil {
					return answer{}, err
				}
				if _, err := a.Plans.Import(c.ctx(), c.id(), tasks, c.by()); err != nil {
					return answer{}, err
				}
				v, err := a.Plans.View(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
		{
			method: http.MethodGet, path: "/plans/{id}/plan.csv", id: "exportPlanCSV", tag: "Roadmap", need: auth.Read, params: []param{id}, reply: content{media: "text/csv", of: "", example: "id,title\n1,Brief\n"},
			summary: "A plan as CSV", text: "The import reads it again.", do: func(c *call) (answer, error) {
				return file(c, "text/csv; charset=utf-8", func(v *roadmap.View, b *bytes.Buffer) error { return v.WriteCSV(b) })
			},
		},
		{
			method: http.MethodGet, path: "/plans/{id}/plan.md", id: "exportPlanMarkdown", tag: "Roadmap", need: auth.Read, params: []param{id}, reply: content{media: "text/markdown", of: "", example: "# Trial check-ins\n"},
			summary: "A plan as Markdown", text: "For people who read.", do: func(c *call) (answer, error) {
				return file(c, "text/markdown; charset=utf-8", func(v *roadmap.View, b *bytes.Buffer) error { return v.WriteMarkdown(b) })
			},
		},
		{
			method: http.MethodGet, path: "/plans/{id}/plan.ics", id: "exportPlanCalendar", tag: "Roadmap", need: auth.Read, params: []param{id}, reply: content{media: "text/calendar", of: "", example: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"},
			summary: "A plan as a calendar", text: "Whole days, as RFC 5545 has them.", do: func(c *call) (answer, error) {
				return file(c, "text/calendar; charset=utf-8", func(v *roadmap.View, b *bytes.Buffer) error {
					return roadmap.WriteICal(b, []*roadmap.View{v}, a.Now())
				})
			},
		},
		{
			method: http.MethodGet, path: "/plan-tasks", id: "listPlanTasksOf", tag: "Roadmap", need: auth.Read, params: []param{{name: "owner", form: formText, required: true, text: "Whose.", example: "ana@acme.example"}},
			summary: "The tasks of one person", text: "Of all plans, those that are not done, by when they end.", reply: content{of: Items[roadmap.Mine]{}, example: Items[roadmap.Mine]{Items: []roadmap.Mine{{Row: examplePlan().Tasks[0], PlanTitle: "Trial check-ins"}}}},
			do: func(c *call) (answer, error) {
				all, err := a.Plans.Mine(c.ctx(), c.text("owner"))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/working-days", id: "getWorkingDays", tag: "Roadmap", need: auth.Read, reply: content{of: roadmap.Days{}, example: roadmap.UsualDays()},
			summary: "The team's working calendar", text: "All plans count in its days.", do: func(c *call) (answer, error) {
				d, err := a.Plans.Days(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(d)
			},
		},
		{
			method: http.MethodPut, path: "/working-days", id: "setWorkingDays", tag: "Roadmap", need: auth.Connect, reply: content{of: roadmap.Days{}, example: roadmap.UsualDays()}, body: &content{of: roadmap.Days{}, text: "The calendar.", example: roadmap.UsualDays()},
			summary: "Set the team's working calendar", text: "All plans follow.", do: func(c *call) (answer, error) {
				d, err := decode[roadmap.Days](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Plans.SetDays(c.ctx(), d); err != nil {
					return answer{}, err
				}
				return ok(d)
			},
		},
	}
}

func examplePlan() roadmap.View {
	t := roadmap.Task{ID: 7, Plan: 4, Version: 1, Place: 1, Title: "Brief", Owner: "ana@acme.example", Days: 2, After: []schedule.Dependency{{On: 6, Kind: schedule.FinishStart, Lag: 1}}}
	return roadmap.View{
		Plan:  roadmap.Plan{ID: 4, Version: 1, Goal: 2, Title: "Trial check-ins", State: roadmap.Active, Owner: "ana@acme.example", CreatedBy: "ana@acme.example", CreatedAt: exampleTime(2)},
		Tasks: []roadmap.Row{{Task: t, Start: "2026-11-23", End: "2026-11-24", Critical: true, Column: roadmap.Todo}}, Begin: "2026-11-23", End: "2026-11-24", Today: "2026-11-22",
	}
}
