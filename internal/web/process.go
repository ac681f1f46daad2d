// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strconv"

	"greenroom"
	"greenroom/internal/process"
	"greenroom/internal/web/ui"
)

// processBody is what process.html shows.
type processBody struct {
	Head    ui.Head
	Problem string
	KPIs    []ui.KPI
	Parts   *ui.Table
	Savings *ui.Table
	Steps   *ui.Table
	NoSteps *ui.Empty
	Timer   *ui.Form // stops the timer that runs
	Timings ui.Rows
	NoTimes *ui.Empty
	Purpose string
	Facts   []ui.Fact
	Dialogs []ui.Dialog
}

func (p *processPages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	l, err := p.cfg.Processes.Get(r.Context(), id)
	if err != nil {
		return err
	}
	timings, err := p.cfg.Processes.Timings(r.Context(), id)
	if err != nil {
		return err
	}
	body := processBody{Head: ui.Head{Title: l.Name, Subtitle: l.Role, Back: &ui.Action{Label: "Processes", Href: processesPath}, Pills: []ui.Pill{originPill(l.Once)}}, Problem: l.Problem, Purpose: l.Purpose}
	if l.Archived {
		body.Head.Pills = append(body.Head.Pills, ui.Pill{Text: "archived", Tone: ui.ToneInfo})
	}
	once, onceSub := amounts(l.Once.Range, " min")
	body.KPIs = []ui.KPI{{Label: "Once", Value: once, Note: onceSub + note(onceSub) + l.Once.Says}, rangeKPI("Work a month", "without workflows", l.Gross), rangeKPI("Saved by workflows", "a month", l.Saved), rangeKPI("Left for people", "a month", l.Net)}
	body.Parts = partTable(&l)
	if len(l.Savings) > 0 {
		body.Savings = &ui.Table{Caption: "What workflows save", Columns: []ui.Column{{Label: "Workflow"}, {Label: "Runs a month", Number: true}, {Label: "From"}, {Label: "Hours a month", Number: true}}}
		for _, s := range l.Savings {
			runs, runsSub := amounts(s.Runs.Range, "")
			hours, hoursSub := amounts(s.Hours, " h")
			body.Savings.Rows = append(body.Savings.Rows, ui.TableRow{Cells: []ui.Cell{{Text: s.Name, Href: "/workflows/" + idText(s.Workflow)}, {Text: runs, Sub: runsSub}, {Sub: s.Runs.Says}, {Text: hours, Sub: hoursSub}}})
		}
	}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	p.processFacts(&l, team, &body)
	p.timer(r, &l, timings, team, &body)
	if who := person(r); who.MayWrite {
		archive, value := "Archive", "1"
		if l.Archived {
			archive, value = "Take it back", ""
		}
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: archive, Post: processHref(id) + "/archive", Hidden: []ui.Hidden{{Name: "away", Value: value}}}, ui.Action{Label: "Edit", Href: processHref(id) + "/edit", Key: "e"})
	}
	return render(p.Site, w, r, p.one, l.Name, body)
}

func note(sub string) string {
	if sub == "" {
		return ""
	}
	return " min, "
}

// partTable has the sum, surface by surface.
func partTable(l *process.Load) *ui.Table {
	t := &ui.Table{Caption: "The sum: minutes once / 60 × runs a month, surface by surface", Columns: []ui.Column{{Label: "Surface"}, {Label: "Minutes once", Number: true}, {Label: "Runs a month", Number: true}, {Label: "From"}, {Label: "Hours a month", Number: true}}}
	for i := range l.Parts {
		x := &l.Parts[i]
		name := x.Surface
		if name == "" {
			name = "everywhere"
		}
		min, minSub := amounts(x.Minutes, "")
		runs, runsSub := amounts(x.Runs.Range, "")
		hours, hoursSub := amounts(x.Hours, " h")
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{
			{Text: name}, {Text: min, Sub: minSub}, {Text: runs, Sub: runsSub, Href: recordsHref(x.Runs.Entity, x.Runs.Query)}, {Pills: []ui.Pill{originPill(x.Runs)}, Sub: x.Runs.Says}, {Text: hours, Sub: hoursSub},
		}})
	}
	return t
}

func (p *processPages) processFacts(l *process.Load, team teamNames, body *processBody) {
	body.Facts = []ui.Fact{team.fact("Owner", "nobody yet", l.Owner), {Label: "Role", Value: firstText(l.Role, "nobody's yet")}, {Label: "Runs", Value: l.Runs.Each.String() + " " + l.Runs.Per.Label()}}
	for _, d := range l.Doers {
		by := team.fact("Done by", "", d)
		by.Href = crewHref(d)
		body.Facts = append(body.Facts, by)
	}
	if l.Runs.Query != "" {
		body.Facts = append(body.Facts, ui.Fact{Label: "What counts", Value: l.Runs.Query})
	}
	body.Facts = append(body.Facts, ui.Fact{Label: "Made by", Value: named(team, l.CreatedBy) + ", " + ui.Date(l.CreatedAt.In(p.cfg.Zones.Zone()))})
	if len(l.Steps) == 0 {
		body.NoSteps = &ui.Empty{Title: "No steps yet", Text: "Write down what is done, by whom and how long it takes. Somebody else can do it then, and the division of labor knows who does what."}
		return
	}
	body.Steps = &ui.Table{Caption: "What is done, step by step", Columns: []ui.Column{{Label: "Step"}, {Label: "Who"}, {Label: "Minutes", Number: true}}}
	for i, s := range l.Steps {
		c := ui.Cell{Text: strconv.Itoa(i+1) + ". " + s.What, Href: s.Link}
		min := ui.Cell{}
		if s.Minutes > 0 {
			min.Text = process.Amount(s.Minutes)
		}
		body.Steps.Rows = append(body.Steps.Rows, ui.TableRow{Cells: []ui.Cell{c, {Text: firstText(s.Role, l.Role)}, min}})
	}
}

// timer shows the timer and what it measured.
func (p *processPages) timer(r *http.Request, l *process.Load, timings []process.Timing, team teamNames, body *processBody) {
	here, who := processHref(l.ID), person(r)
	body.Timings.Label = "Timings"
	running := false
	for i := range timings {
		t := &timings[i]
		row := ui.Row{Title: named(team, t.Person), Meta: []ui.Meta{{Time: t.StartedAt}}}
		if t.StoppedAt.IsZero() {
			row.Pills = []ui.Pill{{Text: "runs", Tone: ui.ToneInfo}}
			running = running || t.Person == who.Seed
		} else {
			row.Value = process.Amount(t.Minutes()) + " min"
			if t.Runs > 1 {
				row.Meta = append(row.Meta, ui.Meta{Text: "each of " + strconv.Itoa(t.Runs) + " times"})
			}
		}
		if who.MayWrite {
			row.Actions = []ui.Action{{Label: "Remove", Label2: "Remove the timing of " + row.Title, Post: here + "/timings/" + idText(t.ID) + "/remove", Small: true, Style: ui.StyleQuiet}}
		}
		body.Timings.Items = append(body.Timings.Items, row)
	}
	if len(timings) == 0 {
		body.NoTimes = &ui.Empty{Title: "Not timed yet", Text: "Start the timer when you begin, stop it when you are done. From five timings on, their median and quartiles replace the estimate."}
	}
	if !who.MayWrite || l.Archived {
		return
	}
	if running {
		body.Timer = &ui.Form{Post: here + "/stop", Fields: []ui.Field{{Name: "runs", Label: "How often was it done in this time", Type: "number", Value: "1", Required: true}}, Actions: []ui.Action{{Label: "Stop the timer", Submit: true, Style: ui.StylePrimary}}}
	} else {
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Start the timer", Post: here + "/start", Key: "t", Style: ui.StylePrimary})
	}
	body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Note a timing…", Dialog: "timing"})
	body.Dialogs = append(body.Dialogs, ui.Dialog{ID: "timing", Title: "Note a timing", Text: "What you measured by other means, for one or more runs together.", Form: ui.Form{Post: here + "/timings", Fields: []ui.Field{
		{Name: "minutes", Label: "Minutes in all", Required: true}, {Name: "runs", Label: "For how many runs", Type: "number", Value: "1", Required: true, Prefix: "note"},
	}, Actions: []ui.Action{{Label: "Note it", Submit: true, Style: ui.StylePrimary}}}})
}

func (p *processPages) archive(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	x, err := p.cfg.Processes.Archive(r.Context(), id, r.FormValue("away") != "", person(r).Actor)
	if err != nil {
		return err
	}
	said := " is archived. It counts nowhere, and can be taken back."
	if !x.Archived {
		said = " counts again."
	}
	return p.back(w, r, processHref(id), x.Name+said, "")
}

func (p *processPages) start(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := p.cfg.Processes.Start(r.Context(), id, person(r).Seed); err != nil {
		return err
	}
	return p.back(w, r, processHref(id), "Your timer runs. It goes on while you are elsewhere.", "")
}

func runsIn(r *http.Request) (int, error) {
	n, err := strconv.Atoi(r.FormValue("runs"))
	if err != nil {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is no number of runs", r.FormValue("runs"))
	}
	return n, nil
}

func (p *processPages) stop(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	runs, err := runsIn(r)
	if err != nil {
		return err
	}
	t, err := p.cfg.Processes.Stop(r.Context(), id, person(r).Seed, runs)
	if err != nil {
		return err
	}
	return p.back(w, r, processHref(id), "Timed: "+process.Amount(t.Minutes())+" minutes once.", "")
}

func (p *processPages) noteTiming(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	runs, err := runsIn(r)
	if err != nil {
		return err
	}
	minutes, err := strconv.ParseFloat(r.FormValue("minutes"), 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is no number of minutes", r.FormValue("minutes"))
	}
	if _, err := p.cfg.Processes.Note(r.Context(), id, minutes, runs, person(r).Seed); err != nil {
		return err
	}
	return p.back(w, r, processHref(id), "The timing is noted.", "")
}

func (p *processPages) forget(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	timing, err := strconv.ParseInt(r.PathValue("timing"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no such timing")
	}
	if err := p.cfg.Processes.Forget(r.Context(), timing, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, processHref(id), "The timing is removed.", "")
}
