// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package maturity

// Stage is a phase of a community's growth.
type Stage string

// The stages.
const (
	Seed   Stage = "seed"
	Grow   Stage = "grow"
	Impact Stage = "impact"
)

// Stages lists them, in their order.
func Stages() []Stage { return []Stage{Seed, Grow, Impact} }

// Label is the stage as people write it.
func (s Stage) Label() string {
	switch s {
	case Seed:
		return "Seed"
	case Grow:
		return "Grow"
	default:
		return "Business impact"
	}
}

// About says what a stage is.
func (s Stage) About() string {
	switch s {
	case Seed:
		return "The first people come, are asked and answered in person, and find a reason to come back."
	case Grow:
		return "More people come than the team can know; members help each other, and the work goes by rhythm and rule."
	default:
		return "The community is part of how the company works, and what it does for the business can be shown."
	}
}

// Next is the stage after this one; the last one has none.
func (s Stage) Next() Stage {
	switch s {
	case Seed:
		return Grow
	case Grow:
		return Impact
	default:
		return ""
	}
}

// Check is something that holds in a stage.
type Check struct {
	Stage    Stage     `json:"stage" doc:"The stage that needs it."`
	Fact     string    `json:"fact" doc:"What data say it."`
	Needs    string    `json:"needs" doc:"What has to hold, in words."`
	Holds    bool      `json:"holds" doc:"It does."`
	Evidence *Evidence `json:"evidence,omitempty" doc:"What data say; left out where they cannot tell."`
	least    float64
	idea     string
}

// checks lists what stages need, beyond those before. Rules of thumb of ours.
func checks() []Check {
	return []Check{
		{Stage: Grow, Fact: "active", Needs: "50 members or more are active in a month", least: 50, idea: "first"},
		{Stage: Grow, Fact: "returning", Needs: "A third of them were there before", least: 1. / 3, idea: "welcome"},
		{Stage: Grow, Fact: "answered", Needs: "Half of the questions or more are answered", least: .5, idea: "answers"},
		{Stage: Grow, Fact: "helpers", Needs: "5 members or more answer others in a month", least: 5, idea: "champions"},
		{Stage: Grow, Fact: "key_results", Needs: "What is aimed at is measured: a key result or more", least: 1, idea: "goals"},
		{Stage: Impact, Fact: "answered_by_members", Needs: "Members answer 3 questions in 10 or more", least: .3, idea: "champions"},
		{Stage: Impact, Fact: "accounts", Needs: "It is known of 25 organizations or more whether they are on trial, customers, or were", least: 25, idea: "business"},
		{Stage: Impact, Fact: "key_results", Needs: "3 key results or more are measured", least: 3, idea: "goals"},
		{Stage: Impact, Fact: "enrolled", Needs: "10 members or more are in programs", least: 10, idea: "champions"},
		{Stage: Impact, Fact: "workflows", Needs: "Routine goes by rule: 3 workflows or more are on", least: 3, idea: "automate"},
		{Stage: Impact, Fact: "surveys", Needs: "Members are asked: a survey or more", least: 1, idea: "measure"},
	}
}

// reached is the last stage of which all checks but one hold, as those of the stages before do.
func reached(all []Check) Stage {
	at := Seed
	for _, s := range Stages()[1:] {
		missing := 0
		for i := range all {
			if all[i].Stage == s && !all[i].Holds {
				missing++
			}
		}
		if missing > 1 {
			return at
		}
		at = s
	}
	return at
}

// Idea is a plan that helps.
type Idea struct {
	Key      string   `json:"key" doc:"Names it."`
	Title    string   `json:"title" doc:"What the plan is called."`
	Intent   string   `json:"intent" doc:"Why it is done."`
	Because  []string `json:"because,omitempty" doc:"What speaks for it here."`
	Template string   `json:"template,omitempty" doc:"The template of the roadmap that it is made from; else from steps."`
	Steps    []Step   `json:"steps,omitempty" doc:"What is done, one after the other."`
}

// Step is a task of an idea.
type Step struct {
	Title string `json:"title" doc:"What is done."`
	Days  int    `json:"days" doc:"Working days."`
}

// ideas lists them.
func ideas() []Idea {
	return []Idea{
		{Key: "first", Title: "First months of the community", Intent: "Before it is large, a community is a few people who come back.", Template: "first-months"},
		{Key: "welcome", Title: "Keep people past their first 30 days", Intent: "Who gets an answer and meets somebody in the first weeks stays.", Template: "retention"},
		{Key: "champions", Title: "Champion program", Intent: "A few people help many; they are found, asked, and thanked.", Template: "champions"},
		{Key: "meetups", Title: "Meetup series", Intent: "People who have met come back.", Template: "meetups"},
		{Key: "goals", Title: "Goals with numbers", Intent: "What is not aimed at cannot be reached, and cannot be shown.", Steps: []Step{{"Talk to those who pay about what they need this year", 5}, {"Write the company goal, and the community goals that serve it", 2}, {"Give each a key result with a baseline from data", 1}, {"Have them approved", 2}, {"First check-in", 1}}},
		{Key: "answers", Title: "An answer within a day", Intent: "A question without an answer is the last one that somebody asks.", Steps: []Step{{"Look at what stayed unanswered, and why", 2}, {"Say who looks after which channel on which day", 1}, {"Set the target time, and rules for what is past it", 1}, {"Ask members who know to be asked", 3}, {"Look at the figure after a month", 20}}},
		{Key: "policies", Title: "Rules that people know", Intent: "Who knows what holds feels safe, and the team acts the same way each time.", Steps: []Step{{"Read what is written today, and what was decided in the last ten cases", 2}, {"Write the code of conduct with a few members", 5}, {"Say who decides, and how one objects", 2}, {"Write down who sees data about persons, and for how long they are kept", 3}, {"Publish it, and tell everybody", 1}}},
		{Key: "stack", Title: "Put the stack in order", Intent: "Tools that nobody looks after cost money and lose data.", Steps: []Step{{"Enter all tools with owner, cost and renewal", 2}, {"Give up what nobody uses", 3}, {"Connect what is read by hand", 5}, {"Look at what the next phase needs", 1}, {"Begin a review for the largest gap", 10}}},
		{Key: "automate", Title: "Routine by rule", Intent: "Work by hand grows with every member; a team does not.", Steps: []Step{{"Write down what is done by hand, and how long it takes", 3}, {"Choose the three longest that need no judgment", 1}, {"Build a workflow for each, with a dry run", 5}, {"Turn them on, with approval where members are written to", 2}, {"Look at what was saved", 20}}},
		{Key: "measure", Title: "Ask members, and act on it", Intent: "Who is asked and hears what came of it says more the next time.", Steps: []Step{{"Choose five questions", 1}, {"Send the survey to a segment", 1}, {"Read the answers, and who did not answer", 5}, {"Change one thing, and say so", 10}, {"Ask again in half a year", 1}}},
		{Key: "business", Title: "Connect what the business knows", Intent: "What the community does for the business shows in accounts, trials and renewals.", Steps: []Step{{"Agree with sales and success on what is shared", 5}, {"Connect the CRM", 2}, {"Check who belongs to which account", 3}, {"Choose the first question: trials, renewals, or cases", 1}, {"Show the first result, with what is not known", 5}}},
	}
}

func idea(key string) (Idea, bool) {
	for _, i := range ideas() {
		if i.Key == key {
			return i, true
		}
	}
	return Idea{}, false
}
