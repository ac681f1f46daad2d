// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package maturity

// Competency is something that a community has to be good at.
type Competency struct {
	Key   string `json:"key" doc:"Names it."`
	Name  string `json:"name" doc:"As the field calls it."`
	About string `json:"about" doc:"What it is."`
	idea  string // what helps
}

// Competencies lists the eight.
func Competencies() []Competency {
	return []Competency{
		{"strategy", "Strategy", "Why the community exists, for members and for the business, and what follows from that.", "goals"},
		{"leadership", "Leadership", "Who leads, in the company and among members.", "champions"},
		{"culture", "Culture", "How people treat each other, and who feels at home.", "welcome"},
		{"management", "Community management", "The daily work: answering, connecting, handing over.", "answers"},
		{"content", "Content and programming", "What people come for: events, programs, things worth reading.", "meetups"},
		{"policies", "Policies and governance", "What is allowed, who decides, and how people's data are treated.", "policies"},
		{"tools", "Tools", "The stack, and whether it does its work.", "stack"},
		{"metrics", "Metrics and measurement", "What is known, how well, and whether anything follows from it.", "measure"},
	}
}

// Question is asked of several people. It is answered by a level.
type Question struct {
	Key        string `json:"key" doc:"Names it."`
	Competency string `json:"competency" doc:"What it is about."`
	Text       string `json:"text" doc:"A sentence that holds more or less."`
	Fact       string `json:"fact,omitempty" doc:"What data can tell of it."`
}

// Questions lists them by competency.
func Questions() []Question {
	return []Question{
		{"why", "strategy", "It is written down why the community exists, for its members and for the business, and people can say it.", ""},
		{"goals", "strategy", "Goals have a number, an owner and an end.", "key_results"},
		{"follow", "strategy", "What is done next follows from the goals; what serves none is dropped.", "plans"},
		{"sponsor", "leadership", "Somebody who leads the company answers for the community, and is seen in it.", ""},
		{"led", "leadership", "Members lead: they host, moderate, or speak for others.", "enrolled"},
		{"away", "leadership", "The community would go on if its most active people were away for a month.", "absence"},
		{"newcomers", "culture", "Who comes for the first time is welcomed, and comes back.", "returning"},
		{"peers", "culture", "Members answer each other.", "answered_by_members"},
		{"heard", "culture", "People say openly what does not work, and hear what came of it.", ""},
		{"answered", "management", "Questions do not stay without an answer.", "answered"},
		{"soon", "management", "Answers come while they still help.", "response"},
		{"shared", "management", "The work is shared out: somebody is there on every working day, and knows what was before.", ""},
		{"programs", "content", "Programs with a purpose go on, and members are in them.", "programs"},
		{"events", "content", "There is a rhythm of events that members count on.", "events"},
		{"kept", "content", "What was asked twice is written down where it is found.", ""},
		{"conduct", "policies", "There are rules of conduct that people know, and they are acted upon.", ""},
		{"rights", "policies", "It is clear who may moderate, publish, and see data about persons.", ""},
		{"consent", "policies", "Who does not want to be written to is not, and who wants to be forgotten is, in all tools.", ""},
		{"fit", "tools", "Every tool has an owner and a purpose; what is not used is given up.", "owned"},
		{"seen", "tools", "What happens in all places is seen in one, and is complete.", "sources"},
		{"rule", "tools", "Routine is done by rule, and people do what only people can.", "workflows"},
		{"rhythm", "metrics", "Figures about people who matter are looked at in a rhythm, and something follows from them.", "segments"},
		{"asked", "metrics", "Members are asked what they think, again and again.", "surveys"},
		{"business", "metrics", "What the community does for the business is shown by data that the business trusts.", "accounts"},
	}
}

// Levels of an answer.
const (
	minLevel = 1
	maxLevel = 4
)

// LevelName is a level as people write it.
func LevelName(level int) string {
	switch level {
	case 1:
		return "Not yet"
	case 2:
		return "Here and there"
	case 3:
		return "Usually"
	case 4:
		return "Always, and it gets better"
	default:
		return ""
	}
}

// Rule says how data are read.
type Rule struct {
	Key   string
	Label string
	Unit  string     // "", "share" or "seconds"
	At    [3]float64 // from where on it is level 2, 3 and 4; where less is better, up to where
	Lower bool       // less is better
}

// Rules lists what data can tell. The thresholds are rules of thumb of ours.
func Rules() []Rule {
	return []Rule{
		{Key: "active", Label: "Members active in the last whole month", At: [3]float64{50, 250, 1000}},
		{Key: "returning", Label: "Share of them who were there before", Unit: "share", At: [3]float64{.2, .4, .6}},
		{Key: "helpers", Label: "Members who answered somebody in the last whole month", At: [3]float64{5, 25, 100}},
		{Key: "absence", Label: "The fewest people who make half of the contributions", At: [3]float64{2, 5, 10}},
		{Key: "answered", Label: "Questions of the last whole month that are answered", Unit: "share", At: [3]float64{.5, .75, .9}},
		{Key: "answered_by_members", Label: "Questions that members answered", Unit: "share", At: [3]float64{.1, .3, .5}},
		{Key: "response", Label: "Time to the first response, median", Unit: "seconds", At: [3]float64{24 * 3600, 8 * 3600, 2 * 3600}, Lower: true},
		{Key: "key_results", Label: "Key results that are measured", At: [3]float64{1, 3, 6}},
		{Key: "plans", Label: "Active plans that serve a goal", At: [3]float64{1, 3, 6}},
		{Key: "programs", Label: "Programs that are running", At: [3]float64{1, 2, 4}},
		{Key: "enrolled", Label: "Members in programs", At: [3]float64{1, 10, 30}},
		{Key: "events", Label: "Events in the last 90 days", At: [3]float64{1, 3, 6}},
		{Key: "owned", Label: "Tools with an owner", Unit: "share", At: [3]float64{.5, .8, 1}},
		{Key: "sources", Label: "Sources that are as they should be", Unit: "share", At: [3]float64{.5, .8, 1}},
		{Key: "workflows", Label: "Workflows that are on", At: [3]float64{1, 3, 8}},
		{Key: "segments", Label: "Segments that are followed", At: [3]float64{1, 4, 10}},
		{Key: "surveys", Label: "Surveys that were sent or are open", At: [3]float64{1, 2, 4}},
		{Key: "accounts", Label: "Organizations whose lifecycle is known", At: [3]float64{1, 25, 100}},
	}
}

func rule(key string) (Rule, bool) {
	for _, r := range Rules() {
		if r.Key == key {
			return r, true
		}
	}
	return Rule{}, false
}

// level is what a figure says by a rule, from 1 to 4.
func (r *Rule) level(v float64) int {
	n := minLevel
	for _, at := range r.At {
		if r.Lower && v <= at || !r.Lower && v >= at {
			n++
		}
	}
	return n
}
