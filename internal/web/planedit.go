// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/roadmap"
	"greenroom/internal/web/ui"
)

// planEditBody is what planedit.html shows: the form of a plan or of a task.
type planEditBody struct {
	Head    ui.Head
	Form    ui.Form
	Clashes *ui.Table
	Remove  *ui.Action
}

func (p *roadmapPages) taskOf(r *http.Request) (roadmap.Task, error) {
	plan, err := pathID(r)
	if err != nil {
		return roadmap.Task{}, err
	}
	id, err := strconv.ParseInt(r.PathValue("task"), 10, 64)
	if err != nil {
		return roadmap.Task{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	return p.cfg.Plans.Task(r.Context(), plan, id)
}

func (p *roadmapPages) showTask(w http.ResponseWriter, r *http.Request) error {
	t := roadmap.Task{Days: 1}
	var err error
	if r.PathValue("task") != "" {
		t, err = p.taskOf(r)
	} else {
		t.Plan, err = pathID(r)
	}
	if err != nil {
		return err
	}
	return p.taskForm(w, r, &t, roadmap.AfterText(t.After), nil)
}

// taskForm draws a task's form: as it is, or with what stood in the way of saving it. Where somebody else changed the same,
// both values are shown, and what is in the form is what was merged, with theirs where it clashes.
func (p *roadmapPages) taskForm(w http.ResponseWriter, r *http.Request, t *roadmap.Task, waits string, problem error) error {
	v, err := p.cfg.Plans.View(r.Context(), t.Plan)
	if err != nil {
		return err
	}
	here := planHref(t.Plan)
	body := planEditBody{Head: ui.Head{Title: firstText(t.Title, "New task"), Subtitle: v.Title, Back: &ui.Action{Label: v.Title, Href: here}}}
	post := here + "/tasks/new"
	if t.ID > 0 {
		post = taskHref(t.Plan, t.ID)
		body.Remove = &ui.Action{Label: "Remove the task", Post: post + "/mark", Hidden: []ui.Hidden{{Name: "do", Value: "remove"}}, Style: ui.StyleDanger}
		for i := range v.Tasks {
			if row := &v.Tasks[i]; row.ID == t.ID {
				body.Head.Subtitle += " · " + dayText(row.Start) + " to " + dayText(row.End) + " as it is now"
			}
		}
	}
	body.Form = ui.Form{Post: post, Hidden: []ui.Hidden{{Name: "version", Value: idText(t.Version)}}}
	body.Clashes = explainProblem(&body.Form, problem)
	others := make([]string, 0, len(v.Tasks))
	for i := range v.Tasks {
		if len(others) < 40 && v.Tasks[i].ID != t.ID {
			others = append(others, idText(v.Tasks[i].ID)+" "+v.Tasks[i].Title)
		}
	}
	body.Form.Fields = []ui.Field{
		{Name: "title", Label: "Title", Value: t.Title, Required: true},
		{Name: "owner", Label: "Owner", Value: t.Owner, Placeholder: "ana@example.org"},
		{Name: "days", Label: "Working days", Type: "number", Value: strconv.Itoa(t.Days), Required: true, Help: "0 is a milestone."},
		{Name: "after", Label: "Waits for", Value: waits, Placeholder: "3; 4 start-start +2", Help: "Numbers of tasks, apart by semicolons; perhaps with a kind and a lag in working days. There are: " + strings.Join(others, " · ")},
		{Name: "not_before", Label: "Not before", Type: "date", Value: t.NotBefore},
		{Name: "due", Label: "Due", Type: "date", Value: t.Due},
		{Name: "began", Label: "Began", Type: "date", Value: t.Began},
		{Name: "ended", Label: "Last day of work", Type: "date", Value: t.Ended},
		{Name: "note", Label: "Note", Type: "textarea", Value: t.Note},
	}
	body.Form.Actions = []ui.Action{{Label: "Cancel", Href: here}, {Label: "Save", Submit: true, Style: ui.StylePrimary}}
	return render(p.Site, w, r, p.edit, body.Head.Title, body)
}

// explainProblem says in a form why it was not saved, and of a conflict gives both values.
func explainProblem(f *ui.Form, problem error) *ui.Table {
	if problem == nil {
		return nil
	}
	f.Error = sentence(greenroom.ErrorMessage(problem))
	var c *roadmap.ConflictError
	if !errors.As(problem, &c) {
		return nil
	}
	t := &ui.Table{Caption: "What both of you changed", Columns: []ui.Column{{Label: "Field"}, {Label: "It was"}, {Label: "Now, by " + c.By}, {Label: "You wrote"}}}
	for _, x := range c.Clashes {
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: title(strings.ReplaceAll(x.Field, "_", " "))}, {Text: valueText(x.Before)}, {Text: valueText(x.Theirs)}, {Text: valueText(x.Yours)}}})
	}
	return t
}

// valueText writes a value for people: texts without quotes, nothing as such.
func valueText(v json.RawMessage) string {
	var text string
	if len(v) == 0 {
		return "nothing"
	}
	if json.Unmarshal(v, &text) == nil {
		return firstText(text, "nothing")
	}
	return string(v)
}

func (p *roadmapPages) saveTask(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	v := r.PostForm
	var t roadmap.Task
	var err error
	if r.PathValue("task") != "" {
		t, err = p.taskOf(r)
	} else {
		t.Plan, err = pathID(r)
	}
	if err != nil {
		return err
	}
	if t.ID > 0 {
		if t.Version, err = formID(r, "version"); err != nil {
			return err
		}
	}
	t.Title, t.Owner, t.NotBefore, t.Due, t.Began, t.Ended, t.Note = v.Get("title"), v.Get("owner"), v.Get("not_before"), v.Get("due"), v.Get("began"), v.Get("ended"), v.Get("note")
	t.After, err = roadmap.ParseAfter(v.Get("after"))
	if err == nil {
		if t.Days, err = strconv.Atoi(strings.TrimSpace(v.Get("days"))); err != nil {
			err = greenroom.Errorf(greenroom.CodeInvalid, "say how many working days the task takes, as a whole number such as 3, not %q", v.Get("days"))
		}
	}
	kept := t
	switch {
	case err != nil:
	case t.ID > 0:
		kept, err = p.cfg.Plans.EditTask(r.Context(), t, person(r).Actor)
	default:
		kept, err = p.cfg.Plans.AddTask(r.Context(), t, person(r).Actor)
	}
	if err == nil {
		return p.back(w, r, planHref(t.Plan), kept.Title+" is saved. Dates follow.", "")
	}
	if !forPeople(err) {
		return err
	}
	waits := v.Get("after")
	var c *roadmap.ConflictError
	if errors.As(err, &c) && c.Task != nil {
		t, waits = *c.Task, roadmap.AfterText(c.Task.After)
		t.Version = c.Version
	}
	return p.taskForm(w, r, &t, waits, err)
}

func (p *roadmapPages) showEdit(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	return p.planForm(w, r, &v.Plan, nil)
}

func (p *roadmapPages) planForm(w http.ResponseWriter, r *http.Request, x *roadmap.Plan, problem error) error {
	goals, err := p.goalOptions(r)
	if err != nil {
		return err
	}
	here := planHref(x.ID)
	body := planEditBody{Head: ui.Head{Title: "Change: " + x.Title, Back: &ui.Action{Label: x.Title, Href: here}}, Form: ui.Form{Post: here + "/edit", Hidden: []ui.Hidden{{Name: "version", Value: idText(x.Version)}}}}
	body.Clashes = explainProblem(&body.Form, problem)
	var states []ui.Option
	for _, s := range roadmap.States() {
		states = append(states, ui.Option{Value: string(s), Label: title(string(s))})
	}
	amount := func(v float64) string {
		if v == 0 {
			return ""
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	lines := func(name, label, value, help string) ui.Field {
		return ui.Field{Name: name, Label: label, Type: "textarea", Rows: 4, Value: value, Help: help}
	}
	body.Form.Fields = []ui.Field{
		{Name: "title", Label: "Title", Value: x.Title, Required: true},
		{Name: "intent", Label: "Why it is done", Type: "textarea", Value: x.Intent},
		{Name: "goal", Label: "For the goal", Type: "select", Value: idText(x.Goal), Options: goals},
		{Name: "state", Label: "State", Type: "select", Value: string(x.State), Options: states},
		{Name: "every", Label: "Comes again", Type: "select", Value: string(x.Every), Options: []ui.Option{{Value: "", Label: "Once only"}, {Value: "month", Label: "Every month"}, {Value: "quarter", Label: "Every quarter"}, {Value: "year", Label: "Every year"}}, Help: "Two weeks before, the next one is made of it, as a draft. Needs a first day below."},
		{Name: "internal", Label: "Internal: the team's own work", Type: "checkbox", Checked: x.Internal},
		{Name: "start", Label: "Not before", Type: "date", Value: x.Start},
		{Name: "owner", Label: "Accountable", Value: x.Owner},
		{Name: "responsible", Label: "Responsible", Value: strings.Join(x.Responsible, ", ")},
		{Name: "consulted", Label: "Consulted", Value: strings.Join(x.Consulted, ", ")},
		{Name: "informed", Label: "Informed", Value: strings.Join(x.Informed, ", ")},
		{Name: "currency", Label: "Currency of the budget", Value: x.Currency, Placeholder: "EUR"},
		{Name: "planned", Label: "Planned", Type: "number", Value: amount(x.Planned)},
		{Name: "committed", Label: "Committed", Type: "number", Value: amount(x.Committed)},
		{Name: "spent", Label: "Spent", Type: "number", Value: amount(x.Spent)},
		{Name: "metrics", Label: "Watched by metrics", Value: strings.Join(x.Metrics, ", "), Placeholder: "active_members, answered_share"},
		lines("checkpoints", "Checkpoints", joined(x.Checkpoints, func(c roadmap.Checkpoint) []string { return []string{c.Day, c.Title, c.Outcome} }), "One a line: day | what is looked at | what came out"),
		lines("risks", "Risks", joined(x.Risks, func(c roadmap.Risk) []string { return []string{c.What, c.Answer} }), "One a line: what may happen | what is done about it"),
		lines("decisions", "Decisions", joined(x.Decisions, func(c roadmap.Decision) []string { return []string{c.Day, c.What, c.By, c.Objections} }), "One a line: day | what was decided | by whom | objections that were heard"),
		lines("documents", "Documents", joined(x.Documents, func(c roadmap.Document) []string { return []string{c.Title, c.URL} }), "One a line: title | address"),
	}
	body.Form.Actions = []ui.Action{{Label: "Cancel", Href: here}, {Label: "Save", Submit: true, Style: ui.StylePrimary}}
	return render(p.Site, w, r, p.edit, body.Head.Title, body)
}

func joined[T any](all []T, parts func(T) []string) string {
	rows := make([]string, len(all))
	for i, x := range all {
		rows[i] = strings.TrimRight(strings.Join(parts(x), " | "), " |")
	}
	return strings.Join(rows, "\n")
}

// divided reads lines of parts; each has n.
func divided[T any](text string, n int, of func(part []string) T) []T {
	var all []T
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		parts := strings.SplitN(line, "|", n)
		for len(parts) < n {
			parts = append(parts, "")
		}
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		all = append(all, of(parts))
	}
	return all
}

func namesIn(text string) []string {
	var all []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

func planIn(x *roadmap.Plan, v url.Values) error {
	x.Title, x.Intent, x.State, x.Internal, x.Start, x.Owner = v.Get("title"), v.Get("intent"), roadmap.State(v.Get("state")), v.Get("internal") != "", v.Get("start"), v.Get("owner")
	x.Responsible, x.Consulted, x.Informed, x.Metrics, x.Currency = namesIn(v.Get("responsible")), namesIn(v.Get("consulted")), namesIn(v.Get("informed")), namesIn(v.Get("metrics")), strings.TrimSpace(v.Get("currency"))
	x.Every = roadmap.Rhythm(v.Get("every"))
	x.Checkpoints = divided(v.Get("checkpoints"), 3, func(s []string) roadmap.Checkpoint {
		return roadmap.Checkpoint{Day: s[0], Title: s[1], Outcome: s[2]}
	})
	x.Risks = divided(v.Get("risks"), 2, func(s []string) roadmap.Risk { return roadmap.Risk{What: s[0], Answer: s[1]} })
	x.Decisions = divided(v.Get("decisions"), 4, func(s []string) roadmap.Decision {
		return roadmap.Decision{Day: s[0], What: s[1], By: s[2], Objections: s[3]}
	})
	x.Documents = divided(v.Get("documents"), 2, func(s []string) roadmap.Document { return roadmap.Document{Title: s[0], URL: s[1]} })
	for name, to := range map[string]*float64{"planned": &x.Planned, "committed": &x.Committed, "spent": &x.Spent} {
		*to = 0
		if text := strings.TrimSpace(v.Get(name)); text != "" {
			n, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return greenroom.Errorf(greenroom.CodeInvalid, "%q is no amount", text)
			}
			*to = n
		}
	}
	var err error
	if x.Goal, err = strconv.ParseInt(firstText(v.Get("goal"), "0"), 10, 64); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "choose a goal from the list")
	}
	return nil
}

func (p *roadmapPages) savePlan(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	x := v.Plan
	if x.Version, err = formID(r, "version"); err != nil {
		return err
	}
	if err = planIn(&x, r.PostForm); err == nil {
		_, err = p.cfg.Plans.EditPlan(r.Context(), x, person(r).Actor)
	}
	if err == nil {
		return p.back(w, r, planHref(x.ID), x.Title+" is saved.", "")
	}
	if !forPeople(err) {
		return err
	}
	var c *roadmap.ConflictError
	if errors.As(err, &c) && c.Plan != nil {
		x = *c.Plan
		x.Version = c.Version
	}
	return p.planForm(w, r, &x, err)
}
