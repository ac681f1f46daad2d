// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/process"
	"greenroom/internal/web/ui"
)

func (p *processPages) showNew(w http.ResponseWriter, r *http.Request) error {
	d := process.Draft{Minutes: process.Range{Low: 5, Likely: 10, High: 20}, Runs: process.Runs{Per: process.PerMonth, Each: process.Exactly(4)}}
	if key := r.URL.Query().Get("template"); key != "" {
		t, err := process.FindTemplate(key)
		if err != nil {
			return err
		}
		d = t.Draft
	}
	return p.showForm(w, r, processValues(&d, 0), nil)
}

func (p *processPages) showEdit(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	l, err := p.cfg.Processes.Get(r.Context(), id)
	if err != nil {
		return err
	}
	return p.showForm(w, r, processValues(&l.Draft, l.Version), nil)
}

// processValues writes a process as its form sends it.
func processValues(d *process.Draft, version int64) url.Values {
	v := url.Values{
		"version": {idText(version)}, "name": {d.Name}, "purpose": {d.Purpose}, "owner": {d.Owner}, "doers": {strings.Join(d.Doers, ", ")}, "role": {d.Role}, "minutes": {d.Minutes.Format()}, "origin": {string(d.Origin)},
		"per": {string(d.Runs.Per)}, "each": {d.Runs.Each.Format()}, "metric": {d.Runs.Metric}, "query": {d.Runs.Query}, "template": {d.Template},
	}
	var steps, surfaces, flows []string
	for _, s := range d.Steps {
		minutes := ""
		if s.Minutes > 0 {
			minutes = strconv.FormatFloat(s.Minutes, 'f', -1, 64)
		}
		steps = append(steps, cellsText(s.What, s.Role, minutes, s.Link))
	}
	for _, s := range d.Surfaces {
		minutes := ""
		if s.Minutes != nil {
			minutes = s.Minutes.Format()
		}
		surfaces = append(surfaces, cellsText(s.Name, s.Query, minutes))
	}
	for _, a := range d.Automation {
		flows = append(flows, cellsText(idText(a.Workflow), a.Share.Scale(100).Format()))
	}
	v.Set("steps", strings.Join(steps, "\n"))
	v.Set("surfaces", strings.Join(surfaces, "\n"))
	v.Set("automation", strings.Join(flows, "\n"))
	return v
}

// cellsText joins the cells of a line; empty ones at its end are left out.
func cellsText(cells ...string) string {
	for len(cells) > 1 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return strings.Join(cells, " | ")
}

// cellLines reads lines of cells; missing cells are empty.
func cellLines(text string, n int) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		cells := make([]string, n)
		for i, c := range strings.SplitN(line, "|", n) {
			cells[i] = strings.TrimSpace(c)
		}
		out = append(out, cells)
	}
	return out
}

func (p *processPages) showForm(w http.ResponseWriter, r *http.Request, v url.Values, problem error) error {
	body := goalEditBody{Head: ui.Head{Title: "New process", Back: &ui.Action{Label: "Processes", Href: processesPath}}, Form: ui.Form{Post: r.URL.Path, Hidden: []ui.Hidden{{Name: "version", Value: v.Get("version")}, {Name: "origin", Value: v.Get("origin")}, {Name: "template", Value: v.Get("template")}}}}
	save, back := "Make it", processesPath
	if r.PathValue("id") != "" {
		body.Head.Title, save, back = "Change: "+v.Get("name"), "Save", processesPath+"/"+url.PathEscape(r.PathValue("id"))
	}
	if problem != nil {
		body.Form.Error = sentence(greenroom.ErrorMessage(problem))
	}
	minutes := "At least, most likely, at most. It is an estimate until there are five timings."
	if v.Get("origin") == string(process.Typical) {
		minutes = "Typical for the field. Once you change it, it counts as your estimate; five timings replace it."
	}
	var per []ui.Option
	for _, b := range process.Bases() {
		per = append(per, ui.Option{Value: string(b), Label: b.Label()})
	}
	body.Form.Fields = []ui.Field{
		{Name: "name", Label: "Name", Value: v.Get("name"), Required: true, Placeholder: "Welcome new members"},
		{Name: "purpose", Label: "What it is for", Type: "textarea", Value: v.Get("purpose"), Rows: 2},
		{Name: "minutes", Label: "Minutes once", Value: v.Get("minutes"), Required: true, Placeholder: "5-10-20", Help: minutes},
		{Name: "per", Label: "It is done", Type: "select", Value: v.Get("per"), Options: per, Help: "What depends on members or on what they do is counted from your data."},
		{Name: "each", Label: "How often for each; how often a month", Value: v.Get("each"), Required: true, Placeholder: "1", Help: "A number or a range, such as 0.3-0.5-0.7."},
		{Name: "role", Label: "Role that does it", Type: "select", Value: v.Get("role"), Options: processRoleOptions(v.Get("role"), true)},
		{Name: "doers", Label: "Who does it", Value: v.Get("doers"), Placeholder: "ana@example.org, ben@example.org", Help: "Mail addresses, with commas between. They share it evenly."},
		{Name: "owner", Label: "Owner", Value: v.Get("owner"), Placeholder: "ana@example.org", Help: "Who answers for it; does it where nobody else is named."},
		{Name: "steps", Label: "Steps", Type: "textarea", Value: v.Get("steps"), Rows: 6, Placeholder: "Greet by name | Community manager | 3 | https://wiki.example.org/welcome", Help: "One a line: what | role | minutes | link. All but the first can be left out. Their minutes share out the hours among roles."},
		{Name: "surfaces", Label: "Surfaces", Type: "textarea", Value: v.Get("surfaces"), Rows: 3, Placeholder: "Slack | source:slack | 5", Help: "One a line: name | query that says what is counted there | minutes once there. Empty = done in one place."},
	}
	body.Form.More = []ui.Field{
		{Name: "automation", Label: "Workflows that do part of it", Type: "textarea", Value: v.Get("automation"), Rows: 2, Placeholder: "3 | 50-70-80", Help: "One a line: number of the workflow | how many percent of a run's minutes one of its runs saves. Their runs are counted."},
		{Name: "query", Label: "What counts, as a query", Value: v.Get("query"), Placeholder: "channel:#help"},
		{Name: "metric", Label: "Metric, where it is done for each unit of one", Type: "select", Value: v.Get("metric"), Options: append([]ui.Option{{Label: "None"}}, measurable()...)},
	}
	body.Form.Actions = []ui.Action{{Label: "Cancel", Href: back}, {Label: save, Submit: true, Style: ui.StylePrimary}}
	return render(p.Site, w, r, p.edit, body.Head.Title, body)
}

// processIn reads a process's form.
func processIn(v url.Values) (process.Draft, error) {
	get := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	d := process.Draft{
		Name: get("name"), Purpose: get("purpose"), Owner: get("owner"), Doers: listIn(get("doers")), Role: get("role"), Origin: process.Origin(get("origin")), Template: get("template"),
		Runs: process.Runs{Per: process.Basis(get("per")), Metric: get("metric"), Query: get("query")},
	}
	if d.Origin != process.Typical {
		d.Origin = process.Estimate
	}
	var err error
	if d.Minutes, err = process.ParseRange(get("minutes")); err != nil {
		return d, greenroom.Errorf(greenroom.CodeInvalid, "minutes once: %s", greenroom.ErrorMessage(err))
	}
	if d.Runs.Each, err = process.ParseRange(get("each")); err != nil {
		return d, greenroom.Errorf(greenroom.CodeInvalid, "how often for each, or a month: %s", greenroom.ErrorMessage(err))
	}
	if t, found := process.FindTemplate(d.Template); d.Template != "" && (found != nil || t.Draft.Minutes != d.Minutes) {
		d.Origin = process.Estimate
	}
	for i, c := range cellLines(v.Get("steps"), 4) {
		s := process.Step{What: c[0], Role: c[1], Link: c[3]}
		if c[2] != "" {
			if s.Minutes, err = strconv.ParseFloat(c[2], 64); err != nil {
				return d, greenroom.Errorf(greenroom.CodeInvalid, "step %d: %q is no number of minutes; a line is what | role | minutes | link", i+1, c[2])
			}
		}
		d.Steps = append(d.Steps, s)
	}
	for _, c := range cellLines(v.Get("surfaces"), 3) {
		s := process.Surface{Name: c[0], Query: c[1]}
		if c[2] != "" {
			m, err := process.ParseRange(c[2])
			if err != nil {
				return d, err
			}
			s.Minutes = &m
		}
		d.Surfaces = append(d.Surfaces, s)
	}
	for i, c := range cellLines(v.Get("automation"), 2) {
		id, err := strconv.ParseInt(c[0], 10, 64)
		if err != nil {
			return d, greenroom.Errorf(greenroom.CodeInvalid, "workflow %d: %q is no number of a workflow", i+1, c[0])
		}
		share, err := process.ParseRange(strings.TrimSpace(strings.TrimSuffix(c[1], "%")))
		if err != nil {
			return d, err
		}
		d.Automation = append(d.Automation, process.Automation{Workflow: id, Share: share.Scale(.01)})
	}
	return d, nil
}

// listIn reads what stands between commas or on lines.
func listIn(text string) []string {
	var all []string
	for _, x := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || c == '\n' }) {
		if x = strings.TrimSpace(x); x != "" {
			all = append(all, x)
		}
	}
	return all
}

func (p *processPages) save(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	v, by := r.PostForm, person(r).Actor
	d, err := processIn(v)
	var x process.Process
	said := " is made."
	switch {
	case err != nil:
	case r.PathValue("id") == "":
		x, err = p.cfg.Processes.Add(r.Context(), d, by)
	default:
		id, wrong := pathID(r)
		if wrong != nil {
			return wrong
		}
		version, wrong := formID(r, "version")
		if wrong != nil {
			return wrong
		}
		x, err = p.cfg.Processes.Edit(r.Context(), id, version, d, by)
		said = " is changed."
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.showForm(w, r, v, err)
	}
	return p.back(w, r, processHref(x.ID), x.Name+said, "")
}
