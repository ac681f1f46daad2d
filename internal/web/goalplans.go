// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"strconv"

	"greenroom/internal/goal"
	"greenroom/internal/web/ui"
)

// What the pages of goals know of plans.

func planHref(id int64) string { return "/roadmap/" + idText(id) }

// planRefs names all plans with the goals that they serve; nil where there is no roadmap.
func (p *goalPages) planRefs(r *http.Request) ([]goal.PlanRef, error) {
	if p.cfg.Plans == nil {
		return nil, nil
	}
	all, err := p.cfg.Plans.Views(r.Context())
	refs := make([]goal.PlanRef, len(all))
	for i, v := range all {
		refs[i] = goal.PlanRef{ID: v.ID, Goal: v.Goal, Name: v.Title}
	}
	return refs, err
}

// plansOf lists the plans for a goal.
func (p *goalPages) plansOf(r *http.Request, id int64) (ui.Rows, error) {
	rows := ui.Rows{Label: "Plans"}
	if p.cfg.Plans == nil {
		return rows, nil
	}
	all, err := p.cfg.Plans.Views(r.Context())
	for _, v := range all {
		if v.Goal == id {
			rows.Items = append(rows.Items, ui.Row{Title: v.Title, Href: planHref(v.ID), Pills: slipPills(v), Meta: []ui.Meta{{Text: strconv.Itoa(v.Done) + " of " + strconv.Itoa(len(v.Tasks)) + " tasks done"}, {Text: "until " + dayText(v.End)}}})
		}
	}
	return rows, err
}

// guidePlan asks for the draft of a plan.
func (p *goalPages) guidePlan(prop *goal.Proposal) []ui.Field {
	if p.cfg.Plans == nil {
		return nil
	}
	return []ui.Field{
		{Name: "template", Label: "Template", Type: "select", Value: prop.Plan, Options: append([]ui.Option{{Value: "", Label: "No plan yet"}}, templateOptions()...)},
		{Name: "plan-title", Label: "Title of the plan", Help: "Left empty, the template's."},
	}
}

// draftPlan makes the draft of a plan that the form asks for, and says where to go on.
func (p *goalPages) draftPlan(r *http.Request, g *goal.Goal) (to, said string, err error) {
	if p.cfg.Plans == nil || r.PostForm.Get("template") == "" {
		return goalHref(g.ID), "The goals are made.", nil
	}
	v, err := p.planFrom(r, url.Values{"template": r.PostForm["template"], "title": r.PostForm["plan-title"], "goal": {idText(g.ID)}, "owner": {g.Owner}, "start": {g.From}})
	if err != nil {
		return "", "", err
	}
	return planHref(v.ID), "The goals are made, and this draft of a plan for them.", nil
}
