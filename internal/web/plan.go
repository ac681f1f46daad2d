// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/roadmap"
	"greenroom/internal/web/ui"
)

// planBody is what plan.html shows.
type planBody struct {
	Head    ui.Head
	Views   ui.Segments
	Intent  string
	Problem string
	KPIs    []ui.KPI
	Time    *timelineIsland
	Tasks   []planRow
	Columns []planColumn
	Empty   *ui.Empty
	Facts   []ui.Fact
	Checks  ui.Rows
	Signed  ui.Rows
	Risks   ui.Rows
	Decided ui.Rows
	History ui.Rows
	Files   []ui.Action
	Dialogs []ui.Dialog
}

// planRow is a line of the list of tasks.
type planRow struct {
	ID          int64
	Title, Href string
	Pills       []ui.Pill
	Owner       ui.Cell
	Start, End  string
	After       string
	Slack       string
	Late, Cause string
	Tone        ui.Tone
	Do          *ui.Action
	Made        []ui.Action // the ways to what was made for it
	Make        *ui.Action
}

// planColumn is a column of the board.
type planColumn struct {
	Title string
	Rows  ui.Rows
}

func (p *roadmapPages) show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	names, err := p.goalNames(r)
	if err != nil {
		return err
	}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	here, may := planHref(v.ID), person(r).MayWrite
	at := r.URL.Query().Get("view")
	body := planBody{
		Head: ui.Head{Title: v.Title, Subtitle: v.Intent, Back: &ui.Action{Label: "Roadmap", Href: "/roadmap"}, Pills: append([]ui.Pill{planPill(v.State)}, slipPills(v)...)}, Problem: v.Problem,
		Views: ui.Segments{Label: "View", Items: []ui.Segment{{Label: "List", Href: here, Active: at != "board" && at != "timeline"}, {Label: "Timeline", Href: here + "?view=timeline", Active: at == "timeline"}, {Label: "Board", Href: here + "?view=board", Active: at == "board"}, {Label: "Calendar", Href: "/roadmap/calendar?plan=" + idText(v.ID)}}},
	}
	p.planKPIs(v, &body)
	switch {
	case at == "board":
		body.Columns = board(v, team)
	case at == "timeline" && len(v.Tasks) > 0:
		body.Time = timelineOf(v.ID, v.Title)
	default:
		for i := range v.Tasks {
			body.Tasks = append(body.Tasks, rowOfTask(v, &v.Tasks[i], team, may))
		}
	}
	if len(v.Tasks) == 0 {
		body.Empty = &ui.Empty{Title: "No tasks yet", Text: "Add the first one, or import a table with a column title and, if you like, owner, days and after."}
	}
	planFacts(v, names, team, &body)
	changes, err := p.cfg.Plans.Changes(r.Context(), v.ID)
	if err != nil {
		return err
	}
	body.History.Label = "History"
	for i, c := range changes {
		if i == 12 {
			break
		}
		row := ui.Row{Title: c.What, Meta: []ui.Meta{team.meta("", c.By), {Time: c.At}}}
		if c.Undone {
			row.Badge = &ui.Pill{Text: "undone"}
		}
		body.History.Items = append(body.History.Items, row)
	}
	p.lifeFacts(r, v, &body)
	p.signOffs(v, changes, team, &body)
	body.Files = []ui.Action{{Label: "CSV", Href: here + "/plan.csv", Small: true}, {Label: "Markdown", Href: here + "/plan.md", Small: true}, {Label: "iCal", Href: here + "/plan.ics", Small: true}}
	if may {
		body.Head.Actions = []ui.Action{
			{Label: "Edit plan", Href: here + "/edit"}, {Label: "Undo", Label2: "Undo the last change", Post: here + "/undo"}, {Label: "Promise these dates", Post: here + "/promise"}, {Label: "Add a task", Href: here + "/tasks/new", Style: ui.StylePrimary},
		}
		body.Files = append(body.Files, ui.Action{Label: "Import CSV…", Dialog: "import", Small: true})
		body.Dialogs = append(body.Dialogs, ui.Dialog{ID: "import", Title: "Import tasks", Text: "A table with a column title; id, owner, days, after, not_before, due, began, ended and note are read where they are there.", Form: ui.Form{
			Post: here + "/import", Fields: []ui.Field{{Name: "table", Label: "The table, as CSV", Type: "textarea", Rows: 8, Required: true, Placeholder: "id,title,days,after\n1,Brief,2,\n2,Page,3,1"}}, Actions: []ui.Action{{Label: "Import", Submit: true, Style: ui.StylePrimary}},
		}})
	}
	lifeActions(v, person(r), &body)
	return render(p.Site, w, r, p.one, v.Title, body)
}

func (p *roadmapPages) planKPIs(v *roadmap.View, body *planBody) {
	if len(v.Tasks) == 0 || v.Problem != "" {
		return
	}
	promised := "nothing promised yet"
	if v.BaseEnd != "" {
		promised = "promised: " + dayText(v.BaseEnd)
	}
	critical := 0
	for i := range v.Tasks {
		if v.Tasks[i].Critical {
			critical++
		}
	}
	body.KPIs = []ui.KPI{
		{Label: "Ends", Value: dayText(v.End), Note: promised},
		{Label: "Done", Value: fmt.Sprintf("%d of %d", v.Done, len(v.Tasks)), Note: strconv.Itoa(v.Late) + " late"},
		{Label: "On the critical path", Value: strconv.Itoa(critical), Note: "a day late there is a day late at the end"},
	}
	if v.Planned > 0 || v.Spent > 0 || v.Committed > 0 {
		body.KPIs = append(body.KPIs, ui.KPI{Label: "Spent", Value: ui.Decimal(v.Spent, 0) + " " + v.Currency, Note: "of " + ui.Decimal(v.Planned, 0) + " planned, " + ui.Decimal(v.Committed, 0) + " committed"})
	}
}

func rowOfTask(v *roadmap.View, t *roadmap.Row, team teamNames, may bool) planRow {
	row := planRow{ID: t.ID, Title: t.Title, Owner: team.cell(t.Owner), Start: dayText(t.Start), End: dayText(t.End), After: roadmap.AfterText(t.After), Cause: causeText(v, t)}
	row.Owner.Sub = team.covered(t.CoveredBy)
	if may {
		row.Href = taskHref(v.ID, t.ID)
	}
	switch t.Column {
	case roadmap.Ended:
		row.Pills = append(row.Pills, ui.Pill{Text: "done", Tone: ui.ToneGood})
	case roadmap.Doing:
		row.Pills = append(row.Pills, ui.Pill{Text: "doing", Tone: ui.ToneInfo})
	case roadmap.Todo:
	}
	if t.Days == 0 {
		row.Pills = append(row.Pills, ui.Pill{Text: "milestone", Tone: ui.ToneIdea})
	}
	if t.Critical {
		row.Pills = append(row.Pills, ui.Pill{Text: "critical", Tone: ui.ToneWarn, Title: "No slack: a day late here is a day late at the end"})
	}
	if t.Column != roadmap.Ended {
		row.Slack = strconv.Itoa(t.Slack)
	}
	if t.Slipped > 0 {
		row.Late, row.Tone = days(t.Slipped)+" late", ui.ToneBad
	} else if t.Slipped < 0 {
		row.Late, row.Tone = days(-t.Slipped)+" early", ui.ToneGood
	}
	for _, m := range t.Made {
		row.Made = append(row.Made, ui.Action{Label: m.Title, Href: m.Path})
	}
	if what := t.MakesWhat(); may && what != "" {
		row.Make = &ui.Action{Label: what, Label2: what + ": " + t.Title, Post: taskHref(v.ID, t.ID) + "/make", Small: true}
	}
	if may {
		switch t.Column {
		case roadmap.Todo:
			row.Do = markAction(v, t, "begin", "Begin")
		case roadmap.Doing:
			row.Do = markAction(v, t, "finish", "Done")
		case roadmap.Ended:
		}
	}
	return row
}

func markAction(v *roadmap.View, t *roadmap.Row, do, label string) *ui.Action {
	return &ui.Action{Label: label, Label2: label + ": " + t.Title, Post: taskHref(v.ID, t.ID) + "/mark", Hidden: []ui.Hidden{{Name: "do", Value: do}, {Name: "version", Value: idText(t.Version)}}, Small: true}
}

// board puts tasks into columns by where they stand.
func board(v *roadmap.View, team teamNames) []planColumn {
	titles := map[roadmap.Column]string{roadmap.Todo: "To do", roadmap.Doing: "Doing", roadmap.Ended: "Done"}
	var all []planColumn
	for _, c := range roadmap.Columns() {
		col := planColumn{Title: titles[c], Rows: ui.Rows{Label: titles[c]}}
		for i := range v.Tasks {
			t := &v.Tasks[i]
			if t.Column != c {
				continue
			}
			row := ui.Row{Title: t.Title, Href: taskHref(v.ID, t.ID), Meta: []ui.Meta{team.meta("nobody yet", t.Owner), {Text: "until " + dayText(t.End)}}}
			if t.Late {
				row.Badge = &ui.Pill{Text: "late", Tone: ui.ToneBad}
			}
			col.Rows.Items = append(col.Rows.Items, row)
		}
		col.Title += " · " + strconv.Itoa(len(col.Rows.Items))
		all = append(all, col)
	}
	return all
}

func planFacts(v *roadmap.View, names map[int64]string, team teamNames, body *planBody) {
	add := func(label, value, href string) {
		if value != "" {
			body.Facts = append(body.Facts, ui.Fact{Label: label, Value: value, Href: href})
		}
	}
	if name, ok := names[v.Goal]; ok {
		add("For the goal", name, goalHref(v.Goal))
	} else {
		add("For the goal", "none yet", "")
	}
	owner := team.fact("Accountable", "nobody yet", v.Owner)
	if by := team.covered(v.CoveredBy); by != "" {
		owner.Value += ", away, " + by
	}
	body.Facts = append(body.Facts, owner)
	for _, x := range []ui.Fact{team.fact("Responsible", "", v.Responsible...), team.fact("Consulted", "", v.Consulted...), team.fact("Informed", "", v.Informed...)} {
		if x.Value != "" {
			body.Facts = append(body.Facts, x)
		}
	}
	for _, m := range v.Metrics {
		add("Watched by", metricLabel(m), insightHref(m, nil))
	}
	for _, d := range v.Documents {
		add("Document", d.Title, outside(d.URL))
	}
	body.Checks.Label, body.Risks.Label, body.Decided.Label = "Checkpoints", "Risks", "Decisions"
	for _, c := range v.Checkpoints {
		body.Checks.Items = append(body.Checks.Items, ui.Row{Lead: &ui.Pill{Text: dayText(c.Day)}, Title: c.Title, Text: c.Outcome})
	}
	for _, x := range v.Risks {
		body.Risks.Items = append(body.Risks.Items, ui.Row{Title: x.What, Text: x.Answer})
	}
	for _, d := range v.Decisions {
		row := ui.Row{Lead: &ui.Pill{Text: dayText(d.Day)}, Title: d.What, Meta: []ui.Meta{team.meta("the team", d.By)}}
		if d.Objections != "" {
			row.Text = "Objections heard: " + d.Objections
		}
		body.Decided.Items = append(body.Decided.Items, row)
	}
}

func (p *roadmapPages) promise(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.cfg.Plans.Promise(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, planHref(id), "These dates are the baseline now. Undo takes that back.", "")
}

func (p *roadmapPages) undo(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	what, err := p.cfg.Plans.Undo(r.Context(), id, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, planHref(id), "Took back: "+what+".", "")
}

func (p *roadmapPages) importTasks(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	tasks, err := roadmap.ReadCSV(strings.NewReader(r.FormValue("table")))
	if err != nil {
		return err
	}
	n, err := p.cfg.Plans.Import(r.Context(), id, tasks, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, planHref(id), fmt.Sprintf("Imported %d tasks. Undo takes them out again.", n), "")
}

// mark says that a task has begun or ended today.
func (p *roadmapPages) mark(w http.ResponseWriter, r *http.Request) error {
	t, err := p.taskOf(r)
	if err != nil {
		return err
	}
	today := p.cfg.Now().In(p.cfg.Zones.Zone()).Format("2006-01-02")
	switch r.FormValue("do") {
	case "begin":
		t.Began = today
	case "finish":
		t.Ended = today
		if t.Began == "" {
			t.Began = today
		}
	case "remove":
		t.Removed = true
	default:
		return greenroom.Errorf(greenroom.CodeInvalid, "say whether it begins, is done, or is removed")
	}
	if t, err = p.cfg.Plans.EditTask(r.Context(), t, person(r).Actor); err != nil {
		var c *roadmap.ConflictError
		if errors.As(err, &c) {
			return p.back(w, r, planHref(t.Plan), c.Error(), "")
		}
		return err
	}
	return p.back(w, r, planHref(t.Plan), t.Title+": noted. Undo takes it back.", "")
}
