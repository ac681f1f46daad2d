// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/alert"
	"greenroom/internal/goal"
	"greenroom/internal/program"
	"greenroom/internal/report"
	"greenroom/internal/roadmap"
	"greenroom/internal/survey"
	"greenroom/internal/workflow"
)

// planMaker makes what tasks of plans name: from the templates that people begin with, narrowed to whom the plan's goal is about.
type planMaker struct {
	*parts

	app *App
}

// planning is the roadmap of a process that can make what tasks name.
func (a *App) planning(p *parts) *roadmap.Service { return a.Plans().Making(planMaker{p, a}) }

// heldOut is how many percent of the members a check-in workflow leaves out, so that its effect can be told.
const heldOut = 20

// Make makes one thing.
func (m planMaker) Make(ctx context.Context, kind, template string, p roadmap.Plan, by string) ([]roadmap.Made, error) {
	who, err := m.who(ctx, p.Goal)
	if err != nil {
		return nil, err
	}
	made := func(title, path string, err error) ([]roadmap.Made, error) {
		if err != nil {
			return nil, err
		}
		return []roadmap.Made{{Title: title, Path: path}}, nil
	}
	switch kind {
	case roadmap.MakesWorkflow:
		f, err := m.workflow(ctx, template, who, by)
		return made("Workflow: "+f.Name, "/workflows/"+f.Key, err)
	case roadmap.MakesSurvey:
		v, err := m.survey(ctx, template, who, by)
		return made("Survey: "+v.Name, "/surveys/"+v.Key, err)
	case roadmap.MakesProgram:
		g, err := m.program(ctx, template, who, p, by)
		return made("Program: "+g.Name, "/programs/"+g.Key, err)
	case roadmap.MakesAlert:
		x, err := m.alert(ctx, template, who, by)
		return made("Alert: "+x.Name, fmt.Sprintf("/alerts/%d", x.ID), err)
	case roadmap.MakesTopics:
		v := url.Values{"breakdown": {"category"}}
		if who != "" {
			v.Set("segment", who)
		}
		return []roadmap.Made{{Title: "Topic trends", Path: "/topics"}, {Title: "What they write about", Path: "/insights/activities?" + v.Encode()}}, nil
	case roadmap.MakesReport:
		r, err := m.report(ctx, template, who, p, by)
		return made("Report: "+r.Title, fmt.Sprintf("/reports/%d", r.ID), err)
	}
	return nil, greenroom.Errorf(greenroom.CodeInvalid, "nothing is known that makes a %s", kind)
}

// who is whom a goal is about, as its key results say; "" = everybody.
func (m planMaker) who(ctx context.Context, id int64) (string, error) {
	if id == 0 {
		return "", nil
	}
	all, err := m.app.Goals(m.engine).List(ctx)
	if err != nil {
		return "", err //nolint:wrapcheck // its words are for people
	}
	for i := range all {
		if g := &all[i]; (g.ID == id || g.Parent == id) && g.State != goal.Declined && g.Measure != nil && g.Measure.Whom() != "" {
			return g.Measure.Whom(), nil
		}
	}
	return "", nil
}

func noTemplate(what, name string) error {
	return greenroom.Errorf(greenroom.CodeInvalid, "there is no %s to begin with called %q; change what the task makes", what, name)
}

func (m planMaker) workflow(ctx context.Context, key, who, by string) (workflow.Workflow, error) {
	all := workflow.Templates()
	i := slices.IndexFunc(all, func(t workflow.Template) bool { return t.Key == key })
	if i < 0 {
		return workflow.Workflow{}, noTemplate("workflow", key)
	}
	d := all[i].Definition
	if who != "" {
		d.Where = who
	}
	if d.HoldOut.Outcome == "" { // what a member is hoped to do is to take part
		d.HoldOut = workflow.HoldOut{Outcome: workflow.TakesPart, Days: 30}
	}
	if d.HoldOut.Percent == 0 {
		d.HoldOut.Percent = heldOut
	}
	return m.flows.Add(ctx, all[i].Name, d, by) //nolint:wrapcheck // its words are for people
}

func (m planMaker) survey(ctx context.Context, key, who, by string) (survey.Survey, error) {
	all := survey.Templates()
	i := slices.IndexFunc(all, func(t survey.Template) bool { return t.New.Key == key })
	if i < 0 {
		return survey.Survey{}, noTemplate("survey", key)
	}
	n := all[i].New
	n.Key = "" // the next one that is free
	if who != "" {
		n.Settings.Query = strings.TrimSpace(who + " " + n.Settings.Query)
	}
	return m.surveys.Add(ctx, &n, by) //nolint:wrapcheck // its words are for people
}

func (m planMaker) program(ctx context.Context, name, who string, p roadmap.Plan, by string) (program.Program, error) {
	all := program.Templates()
	i := slices.IndexFunc(all, func(d program.Draft) bool { return d.Name == name })
	if i < 0 {
		return program.Program{}, noTemplate("program", name)
	}
	d := all[i]
	d.Owner = p.Owner
	if d.Plan.Cohort = p.Start; len(p.Start) >= len("2026-11") {
		d.Plan.Cohort = p.Start[:len("2026-11")]
	}
	if who != "" {
		d.Plan.Qualifies = who + " -is:staff -is:bot"
	}
	made, err := m.app.Programs.Add(ctx, d, by)
	if greenroom.ErrorCode(err) == greenroom.CodeConflict && d.Plan.Cohort != "" { // another cohort of the same
		d.Name += " " + d.Plan.Cohort
		made, err = m.app.Programs.Add(ctx, d, by)
	}
	return made, err //nolint:wrapcheck // its words are for people
}

// alert narrows to whom it is about where that can be asked about what is watched.
func (m planMaker) alert(ctx context.Context, name, who, by string) (alert.Alert, error) {
	all := alert.Templates()
	i := slices.IndexFunc(all, func(d alert.Draft) bool { return d.Name == name })
	if i < 0 {
		return alert.Alert{}, noTemplate("alert", name)
	}
	d := all[i]
	d.People = []string{"*"}
	if strings.Contains(by, "@") {
		d.Owner = by
	}
	if who != "" {
		narrow := d
		narrow.Query += " " + who
		narrow.Name += ", of those of the plan"
		made, err := m.alerts.Add(ctx, narrow, by)
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			return made, err //nolint:wrapcheck // its words are for people
		}
	}
	return m.alerts.Add(ctx, d, by) //nolint:wrapcheck // the same
}

// report is for stakeholders: the plan's goal first, then the template's figures, of those that the goal is about.
func (m planMaker) report(ctx context.Context, to, who string, p roadmap.Plan, by string) (report.Report, error) {
	t, err := report.TemplateFor(report.Stakeholder(to))
	if err != nil {
		return report.Report{}, noTemplate("report", to)
	}
	d := t.New
	d.Title, d.Owner = p.Title+": what came out", p.Owner
	var blocks []report.Block
	for _, b := range d.Blocks {
		switch {
		case b.Kind == report.Goal && p.Goal > 0:
			b.Goal, b.Title = p.Goal, "What we aimed at"
		case who != "" && (b.Kind == report.Metric || b.Kind == report.Chart) && b.Metric == "active_members":
			b.Segment, b.Title = who, "Active, of those whom it is about"
		}
		blocks = append(blocks, b)
	}
	d.Blocks = blocks
	return m.app.Reporting.Add(ctx, d, by) //nolint:wrapcheck // its words are for people
}
