// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"strconv"

	"greenroom/internal/consent"
	"greenroom/internal/outbox"
)

// TriggerKind is what lets members in.
type TriggerKind string

// The triggers.
const (
	OnActivity TriggerKind = "activity" // a member does something
	OnEntered  TriggerKind = "entered"  // enters a segment
	OnLeft     TriggerKind = "left"     // leaves one
	OnSchedule TriggerKind = "schedule" // every day or week: all whom Where fits
	OnSurvey   TriggerKind = "survey"   // answers a survey
	OnDate     TriggerKind = "date"     // a date of theirs, and some days
	OnWebhook  TriggerKind = "webhook"  // another system says so
	OnHand     TriggerKind = "hand"     // somebody of the team chooses them
)

// Trigger says what lets members in.
type Trigger struct {
	Kind    TriggerKind `json:"kind"`
	Query   string      `json:"query,omitempty"`   // OnActivity, OnSurvey: over activities; "" = any
	First   bool        `json:"first,omitempty"`   // OnActivity: only the first such activity of a member
	Segment string      `json:"segment,omitempty"` // OnEntered, OnLeft: its key
	Survey  string      `json:"survey,omitempty"`  // OnSurvey: its title; "" = any
	Weekday int         `json:"weekday,omitempty"` // OnSchedule: 0 = every day, 1 = Monday to 7 = Sunday
	Hour    int         `json:"hour,omitempty"`    // OnSchedule, OnDate: in the team's time zone
	Of      string      `json:"of,omitempty"`      // OnDate: "member", "organization" or "record"
	Field   string      `json:"field,omitempty"`   // OnDate: of the object, such as trial_started
	Days    int         `json:"days,omitempty"`    // OnDate: after the date; below 0 = before
}

// Stop says what ends a run before its last step, beside "do not contact", which always does.
type Stop struct {
	Reply bool   `json:"reply,omitempty"` // they write back after a message
	Left  bool   `json:"left,omitempty"`  // they leave the segment that let them in
	Did   string `json:"did,omitempty"`   // they do something: over activities
}

// HoldOut says how it is told whether a workflow helps.
type HoldOut struct {
	Percent int    `json:"percent,omitempty"` // of those who would enter; 0 = nobody is held out
	Outcome string `json:"outcome,omitempty"` // over activities: what they are to do
	Days    int    `json:"days,omitempty"`    // within so many days
}

// Definition is what a workflow does.
type Definition struct {
	Trigger Trigger `json:"trigger"`
	Where   string  `json:"where,omitempty"` // over members: who of them; "" = all
	Again   int     `json:"again,omitempty"` // days after which somebody may enter again; 0 = never
	Stop    Stop    `json:"stop,omitzero"`
	HoldOut HoldOut `json:"hold_out,omitzero"`
	Sender  string  `json:"sender,omitempty"`  // mail address of the person of the team in whose name it writes
	Minutes float64 `json:"minutes,omitempty"` // that one run takes somebody by hand
	Steps   []Step  `json:"steps"`
}

// StepKind is what a step does.
type StepKind string

// The steps.
const (
	StepMessage StepKind = "message" // write to the member
	StepWait    StepKind = "wait"
	StepBranch  StepKind = "branch"
	StepTask    StepKind = "task"
	StepAssign  StepKind = "assign" // give the conversation to somebody
	StepTag     StepKind = "tag"
	StepUntag   StepKind = "untag"
	StepField   StepKind = "field"
	StepEnroll  StepKind = "enroll"
	StepSurvey  StepKind = "survey"
	StepCRM     StepKind = "crm" // set a property of the member's contact in a CRM
	StepWebhook StepKind = "webhook"
	StepAlert   StepKind = "alert" // tell the team
	StepEnd     StepKind = "end"
)

// Until is what a wait waits for.
type Until string

// The waits.
const (
	UntilTime    Until = "time"    // Amount of Unit
	UntilWorking Until = "working" // Amount working hours of the member's
	UntilHour    Until = "hour"    // Hour of the member's day, on Weekday
	UntilDate    Until = "date"    // Date, at Hour of the member's day
	UntilEvent   Until = "event"   // something happens, at most Amount of Unit
)

// Event is something that a wait waits for.
type Event string

// The events.
const (
	EventReply    Event = "reply"    // they write back
	EventAnswer   Event = "answer"   // somebody else answers in the conversation with which it began
	EventActivity Event = "activity" // they do what Query says
	EventEntered  Event = "entered"  // they enter Segment
)

// Condition is what a branch asks.
type Condition string

// The conditions.
const (
	IfUnanswered   Condition = "unanswered"   // nobody else has answered in the conversation with which it began
	IfSilent       Condition = "silent"       // they have not written back
	IfMember       Condition = "member"       // Query fits the member
	IfActivity     Condition = "activity"     // Query fits the activity with which it began
	IfConversation Condition = "conversation" // Query fits the conversation with which it began
)

// Place is where a message on a chat, forum or code host goes.
type Place string

// The places.
const (
	Direct Place = "direct" // a message to them alone
	Thread Place = "thread" // a reply in the conversation with which it began
)

// Step is one step. What its kind does not use is empty.
type Step struct {
	ID   string   `json:"id"` // unique in the workflow, in all of its versions; one that is "" is given one
	Kind StepKind `json:"kind"`

	Channel outbox.Channel  `json:"channel,omitempty"`
	Place   Place           `json:"place,omitempty"` // "" = direct
	Purpose consent.Purpose `json:"purpose,omitempty"`
	Sender  string          `json:"sender,omitempty"` // "" = the workflow's
	Subject string          `json:"subject,omitempty"`
	Text    string          `json:"text,omitempty"`    // Markdown with personal fields: of a message, alert, webhook, or a task's note
	Approve bool            `json:"approve,omitempty"` // a person approves it first

	Until   Until  `json:"until,omitempty"`
	Amount  int    `json:"amount,omitempty"`
	Unit    string `json:"unit,omitempty"` // "minutes", "hours" or "days"
	Hour    int    `json:"hour,omitempty"`
	Weekday int    `json:"weekday,omitempty"` // 0 = any day, 1 = Monday to 7 = Sunday
	Date    string `json:"date,omitempty"`    // 2006-01-02
	Event   Event  `json:"event,omitempty"`

	If      Condition `json:"if,omitempty"`
	Query   string    `json:"query,omitempty"`
	Segment string    `json:"segment,omitempty"`

	Title       string `json:"title,omitempty"` // of a task or alert, with personal fields
	Owner       string `json:"owner,omitempty"` // mail address of who is to do it, or is told
	Days        int    `json:"days,omitempty"`  // in which a task is due; 0 = no date
	Tag         string `json:"tag,omitempty"`
	Field       string `json:"field,omitempty"`
	Value       string `json:"value,omitempty"`    // with personal fields
	Source      string `json:"source,omitempty"`   // of a CRM
	Property    string `json:"property,omitempty"` // of its contacts; Value is what it becomes
	Program     string `json:"program,omitempty"`
	Survey      string `json:"survey,omitempty"`
	Destination int64  `json:"destination_id,omitempty"`

	Yes []Step `json:"yes,omitempty"` // of a branch, and of a wait for an event: it holds, it happened
	No  []Step `json:"no,omitempty"`
}

// Forks reports whether a step has branches.
func (s *Step) Forks() bool {
	return s.Kind == StepBranch || s.Kind == StepWait && s.Until == UntilEvent
}

// spot is where a step is in a definition.
type spot struct {
	step *Step
	next string // the step behind it; "" = the end
}

// plan is a definition in which steps are found by their ids.
type plan struct {
	*Definition

	first string
	at    map[string]spot
}

func (d *Definition) plan() *plan {
	p := &plan{Definition: d, at: make(map[string]spot)}
	p.first = p.lay(d.Steps, "")
	return p
}

// lay notes where steps are that go on at after, and returns the first.
func (p *plan) lay(steps []Step, after string) string {
	for i := range steps {
		next := after
		if i+1 < len(steps) {
			next = steps[i+1].ID
		}
		p.at[steps[i].ID] = spot{&steps[i], next}
		p.lay(steps[i].Yes, next)
		p.lay(steps[i].No, next)
	}
	if len(steps) == 0 {
		return after
	}
	return steps[0].ID
}

// branch is where a step leads to when it holds, or does not.
func (s *spot) branch(yes bool) string {
	steps := s.step.No
	if yes {
		steps = s.step.Yes
	}
	if len(steps) == 0 {
		return s.next
	}
	return steps[0].ID
}

// Walk calls f for each step with how deep it lies, in the order in which they are written, until f returns false.
func (d *Definition) Walk(f func(s *Step, depth int) bool) { walk(d.Steps, 0, f) }

func walk(steps []Step, depth int, f func(*Step, int) bool) bool {
	for i := range steps {
		if !f(&steps[i], depth) || !walk(steps[i].Yes, depth+1, f) || !walk(steps[i].No, depth+1, f) {
			return false
		}
	}
	return true
}

// Name gives ids to steps that have none, from the number behind last on, and returns the last number that is used. What is
// given once is never given again, so that a log always says which step it means.
func (d *Definition) Name(last int) int {
	d.Walk(func(s *Step, _ int) bool {
		if n, ok := number(s.ID); ok {
			last = max(last, n)
		}
		return true
	})
	seen := make(map[string]bool)
	d.Walk(func(s *Step, _ int) bool {
		if s.ID == "" || seen[s.ID] {
			last++
			s.ID = "s" + strconv.Itoa(last)
		}
		seen[s.ID] = true
		return true
	})
	return last
}

func number(id string) (int, bool) {
	if len(id) < 2 || id[0] != 's' {
		return 0, false
	}
	n, err := strconv.Atoi(id[1:])
	return n, err == nil && n > 0 && n < 1_000_000
}
