// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package goal

import (
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/schedule"
)

// Kind is what a goal is in the tree.
type Kind string

// The kinds: a company goal has community goals below it, and these have key results.
const (
	Company   Kind = "company"
	Community Kind = "community"
	KeyResult Kind = "key_result"
)

// Kinds lists them, from the top down.
func Kinds() []Kind { return []Kind{Company, Community, KeyResult} }

// Label is the kind as people write it.
func (k Kind) Label() string {
	switch k {
	case Company:
		return "Company goal"
	case Community:
		return "Community goal"
	default:
		return "Key result"
	}
}

// Audience is whom a goal is for.
type Audience string

// The audiences.
const (
	External Audience = "external" // members feel it
	Internal Audience = "internal" // the team's own work: efficiency, tools, knowledge
)

// Audiences lists them.
func Audiences() []Audience { return []Audience{External, Internal} }

// State is how far a goal has come in the hands of people.
type State string

// The states.
const (
	Proposed State = "proposed" // waits for a manager
	Active   State = "active"
	Declined State = "declined"
	Closed   State = "closed" // with a retrospective
)

// States lists them.
func States() []State { return []State{Proposed, Active, Declined, Closed} }

// Letter is what a community does for the business, by the SPACES model.
type Letter string

// Letters lists them with what they stand for, in the model's order.
func Letters() []Letter { return []Letter{"S", "P", "A", "C", "E", "U"} }

// Name is what a letter stands for.
func (l Letter) Name() string {
	switch l {
	case "S":
		return "Support"
	case "P":
		return "Product"
	case "A":
		return "Acquisition"
	case "C":
		return "Contribution"
	case "E":
		return "Engagement"
	case "U":
		return "Success"
	default:
		return ""
	}
}

// Goal is something to be reached, with an owner and a time.
type Goal struct {
	ID         int64     `json:"id" doc:"The goal's number."`
	Parent     int64     `json:"parent,omitempty" doc:"The goal that it serves; left out where it serves none."`
	Kind       Kind      `json:"kind" doc:"Company goal, community goal or key result."`
	Title      string    `json:"title" doc:"One line."`
	Why        string    `json:"why,omitempty" doc:"What it is for."`
	Audience   Audience  `json:"audience" doc:"external: members feel it; internal: the team's own work."`
	Letter     Letter    `json:"letter,omitempty" doc:"What it does for the business, by the SPACES model: S support, P product, A acquisition, C contribution, E engagement, U success."`
	Owner      string    `json:"owner,omitempty" doc:"Who answers for it; left out while nobody does."`
	From       string    `json:"from" doc:"The first day, such as 2026-10-01."`
	To         string    `json:"to" doc:"The last day, such as 2026-12-31."`
	Confidence int       `json:"confidence,omitempty" doc:"How sure its people are, in percent, as of the last check-in."`
	Measure    *Measure  `json:"measure,omitempty" doc:"Of a key result: how it is measured."`
	State      State     `json:"state" doc:"proposed, active, declined or closed."`
	Version    int64     `json:"version" doc:"Grows with every change; a change names the one that it was made from."`
	CreatedBy  string    `json:"created_by" doc:"Who made or proposed it."`
	CreatedAt  time.Time `json:"created_at" doc:"When."`
	DecidedBy  string    `json:"decided_by,omitempty" doc:"Who approved or declined it."`
	DecidedAt  time.Time `json:"decided_at,omitzero" doc:"When."`
	Reason     string    `json:"reason,omitempty" doc:"What was said with the decision."`
	Retro      *Retro    `json:"retro,omitempty" doc:"The retrospective of a closed goal."`
}

// Measure is how a key result is measured.
type Measure struct {
	Metric   string   `json:"metric" doc:"A metric of the catalog."`
	Query    string   `json:"query,omitempty" doc:"What counts, in the query language."`
	Segment  string   `json:"segment,omitempty" doc:"Whose activities count: a query about members."`
	Entry    string   `json:"entry,omitempty" doc:"Left out: of everybody. trial or customer: each figure is of the members of those organizations whose trial began, or that became customers, in the period itself; of who goes quiet or comes back, in the period before."`
	How      How      `json:"how" doc:"level: the figure of the last whole period; total: the figure since the first day."`
	Every    string   `json:"every" doc:"The length of periods: week, month or quarter."`
	Baseline *float64 `json:"baseline,omitempty" doc:"Where it began. Left out: read from the metric when the goal is made."`
	Target   float64  `json:"target" doc:"Where it is to come to, in the metric's unit: shares from 0 to 1, times in seconds."`
}

// How says what of a metric counts.
type How string

// The ways.
const (
	Level How = "level"
	Total How = "total"
)

// Ways lists them.
func Ways() []How { return []How{Level, Total} }

// Up reports whether more is better, which the target says: it lies above the baseline or below.
func (m *Measure) Up() bool { return m.Baseline == nil || m.Target >= *m.Baseline }

// Retro is what is said at a goal's end.
type Retro struct {
	Outcome string    `json:"outcome" doc:"What came out, in words."`
	Learned string    `json:"learned,omitempty" doc:"What we learned."`
	Next    string    `json:"next,omitempty" doc:"What we do otherwise from now on."`
	Value   *float64  `json:"value,omitempty" doc:"Of a key result: the figure at the end."`
	Low     *float64  `json:"low,omitempty" doc:"Its interval, where the metric has one."`
	High    *float64  `json:"high,omitempty" doc:"Its interval, where the metric has one."`
	Change  *Shift    `json:"change,omitempty" doc:"Of a key result: the periods since the first day against those before."`
	Results []Outcome `json:"results,omitempty" doc:"Of a goal: what came of the key results below it."`
	Trials  []Trial   `json:"trials,omitempty" doc:"What the workflows of its plans brought about, against members who were held out by lot."`
	Status  Status    `json:"status" doc:"By rule: met or missed."`
	By      string    `json:"by" doc:"Who closed it."`
	At      time.Time `json:"at" doc:"When."`
}

// CheckIn is what was said of a goal on the way.
type CheckIn struct {
	ID         int64     `json:"id" doc:"Its number."`
	GoalID     int64     `json:"goal_id" doc:"The goal."`
	Confidence int       `json:"confidence" doc:"How sure we are, in percent."`
	Note       string    `json:"note,omitempty" doc:"What was said."`
	Value      *float64  `json:"value,omitempty" doc:"Of a key result: the figure then."`
	Status     Status    `json:"status" doc:"By rule, then."`
	By         string    `json:"by" doc:"Who said so."`
	At         time.Time `json:"at" doc:"When."`
}

// Draft is a goal that is to be made, or all that can be changed of one.
type Draft struct {
	Parent     int64    `json:"parent,omitempty" doc:"The goal that it serves; 0 = none."`
	Kind       Kind     `json:"kind" doc:"company, community or key_result."`
	Title      string   `json:"title" doc:"One line."`
	Why        string   `json:"why,omitempty" doc:"What it is for."`
	Audience   Audience `json:"audience,omitempty" doc:"external or internal; external where it is left out."`
	Letter     Letter   `json:"letter,omitempty" doc:"A letter of SPACES."`
	Owner      string   `json:"owner,omitempty" doc:"Who answers for it."`
	From       string   `json:"from" doc:"The first day."`
	To         string   `json:"to" doc:"The last day."`
	Confidence int      `json:"confidence,omitempty" doc:"How sure its people are, in percent."`
	Measure    *Measure `json:"measure,omitempty" doc:"Needed for a key result, and only there."`
}

// The most that texts hold, in characters.
const (
	maxTitle = 200
	maxText  = 10_000
	maxDays  = 366 * 5
)

// Validate says what is wrong with a draft, as an error of CodeInvalid, and fills in what is usual. What the metric makes of
// it is not looked at.
func (d *Draft) Validate() error {
	bad := func(format string, args ...any) error {
		return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
	}
	d.Title, d.Why, d.Owner = strings.TrimSpace(d.Title), strings.TrimSpace(d.Why), strings.TrimSpace(d.Owner)
	if d.Audience == "" {
		d.Audience = External
	}
	switch {
	case d.Kind != Company && d.Kind != Community && d.Kind != KeyResult:
		return bad("%q is no kind of goal; it is company, community or key_result", d.Kind)
	case d.Title == "" || utf8.RuneCountInString(d.Title) > maxTitle:
		return bad("a goal needs a title of at most %d characters", maxTitle)
	case utf8.RuneCountInString(d.Why) > maxText:
		return bad("what a goal is for has at most %d characters", maxText)
	case d.Audience != External && d.Audience != Internal:
		return bad("a goal is external or internal, not %q", d.Audience)
	case d.Letter != "" && d.Letter.Name() == "":
		return bad("%q is no letter of SPACES; they are S, P, A, C, E and U (success)", d.Letter)
	case d.Confidence < 0 || d.Confidence > 100:
		return bad("confidence is in percent, from 0 to 100")
	case d.Kind == KeyResult && d.Measure == nil:
		return bad("a key result needs a metric and a target")
	case d.Kind != KeyResult && d.Measure != nil:
		return bad("only key results are measured; give the goal a key result")
	case d.Kind == Company && d.Parent != 0:
		return bad("a company goal stands at the top; it serves no other goal")
	}
	from, err := schedule.ParseDate(d.From)
	if err != nil {
		return greenroom.FieldErrorf("from", "the first day: %s", greenroom.ErrorMessage(err))
	}
	to, err := schedule.ParseDate(d.To)
	if err != nil {
		return greenroom.FieldErrorf("to", "the last day: %s", greenroom.ErrorMessage(err))
	}
	if to < from || to-from > maxDays {
		return bad("a goal lasts from its first day to its last, at most five years; its first day is %s now, and its last %s", d.From, d.To)
	}
	return nil
}

// draft is what can be changed of a goal.
func (g *Goal) draft() Draft {
	return Draft{
		Parent: g.Parent, Kind: g.Kind, Title: g.Title, Why: g.Why, Audience: g.Audience, Letter: g.Letter, Owner: g.Owner, From: g.From, To: g.To,
		Confidence: g.Confidence, Measure: g.Measure,
	}
}

func (g *Goal) take(d *Draft) {
	g.Parent, g.Kind, g.Title, g.Why, g.Audience, g.Letter, g.Owner = d.Parent, d.Kind, d.Title, d.Why, d.Audience, d.Letter, d.Owner
	g.From, g.To, g.Confidence, g.Measure = d.From, d.To, d.Confidence, d.Measure
}
