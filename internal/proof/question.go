// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// ExposureKind is what somebody, or the community, was exposed to.
type ExposureKind string

// The kinds of exposure.
const (
	ByWorkflow ExposureKind = "workflow" // entered it; with a hold-out, chance decided
	ByProgram  ExposureKind = "program"  // was enrolled
	ByEvent    ExposureKind = "event"    // came
	BySurvey   ExposureKind = "survey"   // was asked
	ByActivity ExposureKind = "activity" // did something, as a query says
	ByTeam     ExposureKind = "team"     // was answered by the team within some hours
	ByAnswer   ExposureKind = "answer"   // was answered by anybody within some hours
	ByLaunch   ExposureKind = "launch"   // something happened on a day

	ByCommunity ExposureKind = "community" // of an account: somebody was in the community in the days before
)

// ExposureKinds lists them.
func ExposureKinds() []ExposureKind {
	return []ExposureKind{ByWorkflow, ByProgram, ByEvent, BySurvey, ByActivity, ByTeam, ByAnswer, ByLaunch, ByCommunity}
}

// Label is the kind as pages write it.
func (k ExposureKind) Label() string {
	switch k {
	case ByWorkflow:
		return "Entering a workflow"
	case ByProgram:
		return "Being enrolled in a program"
	case ByEvent:
		return "Coming to an event"
	case BySurvey:
		return "Being asked by a survey"
	case ByActivity:
		return "Doing something, by a query"
	case ByTeam:
		return "Being answered by the team in time"
	case ByAnswer:
		return "Being answered in time"
	case ByLaunch:
		return "A launch or change on a day"
	case ByCommunity:
		return "An account having somebody in the community"
	}
	return string(k)
}

// Exposure is what a study asks about.
type Exposure struct {
	Kind  ExposureKind `json:"kind" doc:"What somebody was exposed to."`
	Ref   int64        `json:"ref,omitempty" doc:"The number of the workflow, program, event or survey."`
	Name  string       `json:"name,omitempty" doc:"What it is called."`
	Query string       `json:"query,omitempty" doc:"Of an activity: a query over activities. Of a launch: a query over members that says whom it concerned; left out, everybody."`
	Hours int          `json:"hours,omitempty" doc:"Of answers: within how many hours."`
	Day   string       `json:"day,omitempty" doc:"Of a launch: its day."`
	Days  int          `json:"days,omitempty" doc:"Of accounts: in how many days before somebody was in the community; left out, 90."`
}

// OutcomeKind is what may follow.
type OutcomeKind string

// The kinds of outcome.
const (
	Active   OutcomeKind = "active"  // did anything within some days: a share
	Says     OutcomeKind = "says"    // wrote or answered something within some days: a share
	Acts     OutcomeKind = "acts"    // how much they did within some days: a mean
	Stays    OutcomeKind = "stays"   // how long until nothing is heard of them for some days: a duration
	Next     OutcomeKind = "next"    // how long until they write or answer: a duration
	Monthly  OutcomeKind = "monthly" // how much they do, by month: changes
	ByMetric OutcomeKind = "metric"  // a metric over time, of a launch

	Won      OutcomeKind = "won"      // of an account: its deal is won within some days of being opened: a share
	Closes   OutcomeKind = "closes"   // of an account: how long from opening a deal to winning it: a duration
	Renewed  OutcomeKind = "renewed"  // of an account: it pays a month after a renewal: a share
	Expanded OutcomeKind = "expanded" // of an account that pays: it pays more after some days: a share
	Leaves   OutcomeKind = "leaves"   // of an account that pays: how long until it does not: a duration
)

// OutcomeKinds lists them.
func OutcomeKinds() []OutcomeKind {
	return []OutcomeKind{Active, Says, Acts, Stays, Next, Monthly, ByMetric, Won, Closes, Renewed, Expanded, Leaves}
}

// Label is the kind as pages write it.
func (k OutcomeKind) Label() string {
	switch k {
	case Active:
		return "Is active within the days"
	case Says:
		return "Writes or answers within the days"
	case Acts:
		return "How much they do within the days"
	case Stays:
		return "How long they stay: until the days without anything"
	case Next:
		return "How long until they write or answer"
	case Monthly:
		return "How much they do, month by month"
	case ByMetric:
		return "A metric over time (of a launch)"
	case Won:
		return "Its deal is won within the days"
	case Closes:
		return "How long until its deal is won"
	case Renewed:
		return "It renews"
	case Expanded:
		return "It pays more after the days"
	case Leaves:
		return "How long until it pays no more"
	}
	return string(k)
}

// Outcome is what a study asks for.
type Outcome struct {
	Kind   OutcomeKind `json:"kind" doc:"What may follow."`
	Days   int         `json:"days,omitempty" doc:"Within how many days; of stays, how many days without anything end it."`
	Metric string      `json:"metric,omitempty" doc:"Of a launch: the metric."`
}

// Likes is how likes are found.
type Likes string

// The ways to find likes.
const (
	ByPropensity Likes = ""      // who was as likely to be exposed
	ByBands      Likes = "bands" // who is in the same bands of what was before
)

// Draft is what is asked.
type Draft struct {
	Title      string   `json:"title" doc:"What the study is called."`
	Decides    string   `json:"decides,omitempty" doc:"What will be decided by it, in words."`
	Exposure   Exposure `json:"exposure" doc:"Of what the effect is looked for."`
	Outcome    Outcome  `json:"outcome" doc:"On what."`
	Population string   `json:"population,omitempty" doc:"Among whom: a query over members, of accounts over organizations; left out, all but the team and bots, or all with deals or subscriptions."`
	From       string   `json:"from" doc:"First day on which somebody was exposed; of a launch, from when on the metric is read."`
	To         string   `json:"to" doc:"Last day."`
	Owner      string   `json:"owner,omitempty" doc:"Who asks."`
	Control    string   `json:"control,omitempty" doc:"A query over activities that the exposure cannot have changed, and that whatever else drives the outcome would: looked at in the same time. Left out, the light is weak evidence at best, but for experiments."`
	Likes      Likes    `json:"likes,omitempty" doc:"How likes are found: by propensity (left out), or bands: coarsened exact matching. Durations are compared by propensity only."`
	Measures   []string `json:"measures,omitempty" doc:"The measures beside which its light stands."`
}

// State of a study.
type State string

// The states.
const (
	Open    State = "open"
	Removed State = "removed"
)

// Study is a question with its version.
type Study struct {
	Draft

	ID        int64     `json:"id" doc:"The study's number."`
	State     State     `json:"state" doc:"Open, or removed."`
	Version   int64     `json:"version" doc:"Grows with each change."`
	CreatedBy string    `json:"created_by" doc:"Who made it."`
	CreatedAt time.Time `json:"created_at" doc:"When it was made."`
	Latest    *Run      `json:"latest,omitempty" doc:"Its newest run."`
}

// maxTitle is how many characters a title may have, maxWords a text.
const (
	maxTitle = 200
	maxWords = 4000
	maxDays  = 730
)

func invalid(format string, args ...any) error {
	return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
}

// Validate says what is wrong with a draft; queries and names are checked by the service.
func (d *Draft) Validate() error {
	for _, s := range []*string{&d.Title, &d.Decides, &d.Population, &d.Control, &d.Exposure.Query} {
		*s = strings.TrimSpace(*s)
	}
	if n := utf8.RuneCountInString(d.Title); n == 0 || n > maxTitle {
		return invalid("a study has a title of at most %d characters", maxTitle)
	}
	if utf8.RuneCountInString(d.Decides) > maxWords {
		return invalid("say in at most %d characters what it decides", maxWords)
	}
	from, err1 := time.Parse(time.DateOnly, d.From)
	to, err2 := time.Parse(time.DateOnly, d.To)
	if err1 != nil || err2 != nil || to.Before(from) {
		return invalid("a study has a first and a last day, as 2026-01-31, in this order")
	}
	if err := d.exposed(); err != nil {
		return err
	}
	if err := d.followed(); err != nil {
		return err
	}
	if d.Control != "" && (d.Exposure.Kind == ByCommunity || d.Outcome.Kind == ByMetric) {
		return invalid("a control is what members do: leave it out of studies of accounts and of metrics")
	}
	if d.Control != "" && d.Control == d.Exposure.Query {
		return invalid("the control is what the exposure itself is; choose something that it cannot have changed")
	}
	switch k := d.Outcome.Kind; {
	case d.Likes == ByPropensity:
		return nil
	case d.Likes != ByBands:
		return invalid("likes are found by propensity (leave it out) or by bands, not by %q", d.Likes)
	case k.lasts() || k == Monthly || k == ByMetric:
		return invalid("bands are for what happens or is done within some days; how long it takes is compared by propensity, and changes and metrics need no likes")
	}
	return nil
}

func (d *Draft) exposed() error {
	e := &d.Exposure
	switch e.Kind {
	case ByWorkflow, ByProgram, ByEvent, BySurvey:
		if e.Ref <= 0 {
			return invalid("say which %s, by its number", e.Kind)
		}
	case ByActivity:
		if e.Query == "" {
			return invalid("say by a query over activities what they did, such as kind:attendance")
		}
	case ByTeam, ByAnswer:
		if e.Hours < 1 || e.Hours > 24*30 {
			return invalid("the hours within which the answer came are from 1 to %d, not %d", 24*30, e.Hours)
		}
	case ByLaunch:
		day, err := time.Parse(time.DateOnly, e.Day)
		if err != nil || e.Day <= d.From || e.Day >= d.To {
			return invalid("a launch has a day, as 2026-01-31, between the first and the last day of the study")
		}
		_ = day
	case ByCommunity:
		if e.Days == 0 {
			e.Days = usualSpan
		}
		if e.Days < 1 || e.Days > maxDays {
			return invalid("the days before in which somebody was in the community are from 1 to %d, not %d", maxDays, e.Days)
		}
	default:
		return invalid("%q is no kind of exposure", e.Kind)
	}
	return nil
}

func (d *Draft) followed() error {
	o := &d.Outcome
	launch := d.Exposure.Kind == ByLaunch
	if accounts := d.Exposure.Kind == ByCommunity; accounts != o.Kind.OfAccounts() {
		return invalid("of accounts with somebody in the community ask for won, closes, renewed, expanded or leaves, and for these of accounts only")
	}
	switch o.Kind {
	case Active, Says, Acts, Stays, Next:
		if launch {
			return invalid("a launch comes to everybody at once: ask for a metric over time, or with a query that says whom it concerned for activity by month")
		}
		if o.Kind != Next && (o.Days < 1 || o.Days > maxDays) {
			return invalid("the days that are waited for the outcome are from 1 to %d, not %d", maxDays, o.Days)
		}
	case Won, Expanded:
		if o.Days < 1 || o.Days > maxDays {
			return invalid("the days that are waited for the outcome are from 1 to %d, not %d", maxDays, o.Days)
		}
	case Closes, Renewed, Leaves:
		o.Days = 0
	case Monthly:
		if launch && d.Exposure.Query == "" {
			return invalid("to compare changes, say by a query over members whom the launch concerned")
		}
		if d.Exposure.Kind == ByTeam || d.Exposure.Kind == ByAnswer {
			return invalid("for answers ask for what follows within some days")
		}
	case ByMetric:
		if !launch {
			return invalid("a metric over time is an outcome of a launch only; ask for what members do within some days")
		}
		if o.Metric == "" {
			return invalid("say which metric")
		}
	default:
		return invalid("%q is no kind of outcome", o.Kind)
	}
	return nil
}

// Question says what a study asks, as one sentence.
func (d *Draft) Question() string {
	return "What would have happened without " + d.Exposure.words() + "? Looked for in " + d.Outcome.words() + "."
}

func (e *Exposure) words() string {
	name := e.Name
	if name == "" {
		name = strconv.FormatInt(e.Ref, 10)
	}
	switch e.Kind {
	case ByWorkflow:
		return "the workflow “" + name + "”"
	case ByProgram:
		return "the program “" + name + "”"
	case ByEvent:
		return "the event “" + name + "”"
	case BySurvey:
		return "the survey “" + name + "”"
	case ByActivity:
		return "what “" + e.Query + "” finds"
	case ByTeam:
		return "an answer by the team within " + hours(e.Hours)
	case ByAnswer:
		return "an answer within " + hours(e.Hours)
	case ByLaunch:
		if e.Name != "" {
			return "“" + e.Name + "” of " + e.Day
		}
		return "what began on " + e.Day
	case ByCommunity:
		return "somebody of an account in the community in the " + strconv.Itoa(e.Days) + " days before"
	}
	return string(e.Kind)
}

func hours(n int) string {
	if n == 1 {
		return "one hour"
	}
	return strconv.Itoa(n) + " hours"
}

func (o *Outcome) words() string {
	days := strconv.Itoa(o.Days) + " days"
	switch o.Kind {
	case Active:
		return "whether members are active within " + days
	case Says:
		return "whether members write or answer within " + days
	case Acts:
		return "how much members do within " + days
	case Stays:
		return "how long members stay before they are quiet for " + days
	case Next:
		return "how long it takes until members write or answer"
	case Monthly:
		return "how much members do, month by month"
	case ByMetric:
		return "the metric “" + o.Metric + "”"
	case Won:
		return "whether the account's deal is won within " + days
	case Closes:
		return "how long it takes until the account's deal is won"
	case Renewed:
		return "whether the account renews"
	case Expanded:
		return "whether the account pays more after " + days
	case Leaves:
		return "how long it takes until the account pays no more"
	}
	return string(o.Kind)
}
