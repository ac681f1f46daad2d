// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"

	"greenroom/internal/goal"
	"greenroom/internal/web/ui"
)

// What the pages of goals know of plans.

func planHref(id int64) string { return "/roadmap/" + idText(id) }

// planRefs names all plans with the goals that they serve; nil where there is no roadmap.
func (p *goalPages) planRefs(*http.Request) ([]goal.PlanRef, error) { return nil, nil }

// plansOf lists the plans for a goal.
func (p *goalPages) plansOf(*http.Request, int64) (ui.Rows, error) {
	return ui.Rows{Label: "Plans"}, nil
}

// guidePlan asks for the draft of a plan.
func (p *goalPages) guidePlan(*goal.Proposal) []ui.Field { return nil }

// draftPlan makes the draft of a plan that the form asks for, and says where to go on.
func (p *goalPages) draftPlan(_ *http.Request, g *goal.Goal) (to, said string, err error) {
	return goalHref(g.ID), "The goals are made.", nil
}
