// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"greenroom"
	"greenroom/internal/analytics"
)

// Template is a report to begin with.
type Template struct {
	Key   Stakeholder `json:"key" doc:"For whom."`
	Title string      `json:"title" doc:"Its name."`
	Text  string      `json:"text" doc:"What the stakeholder wants to know, and what the report says of it."`
	New   Draft       `json:"draft" doc:"The report as it would be made."`
}

// Templates lists one for each stakeholder.
func Templates() []Template {
	var all []Template
	for _, s := range Stakeholders() {
		t, _ := TemplateFor(s) // each has one
		all = append(all, t)
	}
	return all
}

// TemplateFor finds the template of a stakeholder.
func TemplateFor(s Stakeholder) (Template, error) {
	t := Template{Key: s, Title: s.Label()}
	metric := func(name string) Block { return Block{Kind: Metric, Metric: name} }
	chart := func(name string) Block { return Block{Kind: Chart, Metric: name} }
	by := func(name string, d analytics.Dimension) Block {
		return Block{Kind: Breakdown, Metric: name, By: d, Limit: usualLimit}
	}
	proof := func(key string) Block { return Block{Kind: Proof, Measure: key} }
	changes, goals, programs, quotes, unknown := Block{Kind: Changes}, Block{Kind: Goal}, Block{Kind: Program}, Block{Kind: Quotes}, Block{Kind: Unknown}
	intro := func() Block { return Block{Kind: Text, Title: "In short"} } // written by rule until somebody does
	var blocks []Block
	rhythm := Monthly
	switch s {
	case Executive:
		t.Text = "Is it worth it, is it going up, what do you need from me? Few figures, goals, evidence, and what is not known."
		blocks = []Block{
			intro(),
			metric("active_members"), metric("new_members"), metric("questions"), metric("answered_by_members"), chart("active_members"), goals, proof("roi"), proof("revenue_influenced"), changes, programs, quotes, unknown,
		}
	case Product:
		t.Text = "What do people struggle with, ask for and praise, and is it getting more?"
		blocks = []Block{
			intro(),
			metric("bug_reports"), metric("feature_requests"), metric("praise"), metric("net_sentiment"), changes, by("questions", analytics.ByChannel), chart("feature_requests"), by("activities", analytics.BySource), quotes, unknown,
		}
	case Marketing:
		t.Text = "Do new people find us, who speaks for us, and what may be quoted?"
		blocks = []Block{
			intro(),
			metric("new_members"), metric("active_members"), metric("contributors"), metric("praise"), chart("new_members"), by("new_members", analytics.BySource), proof("pipeline_influenced"), changes, quotes, programs, unknown,
		}
	case CustomerSuccess:
		t.Text = "Which customers are here, do they get answers, and who has gone quiet?"
		customers := func(name, title string) Block {
			return Block{Kind: Metric, Metric: name, Title: title, Segment: "org.lifecycle:customer"}
		}
		blocks = []Block{
			intro(),
			customers("active_members", "Active customers"), customers("questions", "Questions of customers"), customers("response_within_target", "Customers answered within a day"), metric("gone_quiet"),
			{Kind: Breakdown, Metric: "questions", By: analytics.ByOrganization, Limit: usualLimit},
			proof("retention_net"), changes, programs, quotes, unknown,
		}
	case Support:
		t.Text = "How many questions come, who answers them, how soon, and what stays open?"
		rhythm = Weekly
		blocks = []Block{
			intro(),
			metric("questions"), metric("response_within_target"), metric("time_to_first_response"), metric("answered_by_members"), chart("questions"), by("questions", analytics.ByChannel), changes, unknown,
		}
	case Team:
		t.Text = "Everything the team works by: health, programs, goals, what changed and who to talk to."
		rhythm = Weekly
		blocks = []Block{
			intro(),
			metric("active_members"), metric("new_members"), metric("contributors"), metric("questions"), metric("time_to_first_response"), metric("gone_quiet"), chart("activities"), changes, goals, programs,
			by("activities", analytics.ByChannel), by("new_members", analytics.BySource), unknown,
		}
	default:
		return t, greenroom.Errorf(greenroom.CodeNotFound, "there is no template %q; choose %s", s, greenroom.AnyOf(Stakeholders()))
	}
	t.New = Draft{Title: "Community report for " + s.Label(), For: s, Rhythm: rhythm, Blocks: blocks, Schedule: Schedule{Day: 2, Hour: 9, Review: true, LinkDays: 90}}
	return t, nil
}
