// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tool

import "slices"

// Need is something that a community's stack has to do in a phase of its maturity.
type Need struct {
	Stage    Stage   `json:"stage" doc:"The phase from which on it is needed."`
	Category string  `json:"category" doc:"What kind of tool does it."`
	What     string  `json:"what" doc:"What it has to do."`
	Why      string  `json:"why" doc:"Why then."`
	Must     bool    `json:"must" doc:"Without it the phase does not work; else it helps."`
	By       []int64 `json:"by,omitempty" doc:"Tools in use or on trial that do it and suit the phase."`
	Other    []int64 `json:"other,omitempty" doc:"Tools that might: wanted ones, and those that are said to suit other phases."`
}

// needs lists what is needed, by the phase from which on. They are rules of thumb of ours, written down to be argued with.
func needs() []Need {
	return []Need{
		{Stage: Seed, Category: "platform", Must: true, What: "One place where people talk", Why: "A few people who meet in one place are a community; the same few in four places are not."},
		{Stage: Seed, Category: "email", Must: true, What: "Write to members one by one", Why: "The first hundred are asked and thanked in person."},
		{Stage: Seed, Category: "events", What: "Meet, on line or in a room", Why: "People who have met come back."},
		{Stage: Seed, Category: "planning", What: "Keep goals and tasks in sight", Why: "Greenroom's own goals and roadmap do for a small team."},
		{Stage: Grow, Category: "analytics", Must: true, What: "See who comes, stays and leaves, over all places", Why: "Nobody knows everybody any more."},
		{Stage: Grow, Category: "content", Must: true, What: "Keep answers where they are found", Why: "The same questions come again and again."},
		{Stage: Grow, Category: "automation", Must: true, What: "Do routine by rule", Why: "Work by hand grows with every member; a team does not."},
		{Stage: Grow, Category: "surveys", What: "Ask many people the same", Why: "Talking to ten no longer says what all think."},
		{Stage: Grow, Category: "support", What: "Hand over what the community cannot answer", Why: "Questions about accounts need somebody who may look at them."},
		{Stage: Grow, Category: "rewards", What: "Thank people with something in their hands", Why: "Those who help many deserve more than a word."},
		{Stage: Impact, Category: "crm", Must: true, What: "Know which member belongs to which account", Why: "What the community does for the business shows in accounts, deals and renewals."},
		{Stage: Impact, Category: "product", Must: true, What: "Know what members do in the product", Why: "Adoption is what most communities are paid for."},
		{Stage: Impact, Category: "support", Must: true, What: "Count the cases that were not opened", Why: "Answers that serve everybody are worth something once cases are counted beside them."},
		{Stage: Impact, Category: "analytics", What: "Figures in the company's own warehouse", Why: "Who pays believes figures that stand beside their own."},
	}
}

// missing says what each need up to a stage is done by. Those of the stage itself come first, then those of the earlier ones.
func missing(stage Stage, all []Tool) []Need {
	upTo := slices.Index(Stages(), stage)
	var out []Need
	for i := upTo; i >= 0; i-- {
		for _, n := range needs() {
			if n.Stage != Stages()[i] {
				continue
			}
			for j := range all {
				t := &all[j]
				if t.Category != n.Category && (n.Category != "platform" || t.Category != "chat") || t.State == Retired {
					continue
				}
				if suits := len(t.Suits) == 0 || slices.Contains(t.Suits, stage); suits && t.State.Paid() {
					n.By = append(n.By, t.ID)
				} else {
					n.Other = append(n.Other, t.ID)
				}
			}
			out = append(out, n)
		}
	}
	return out
}
