// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
)

// Problem is something that keeps a workflow from being turned on.
type Problem struct {
	Step  string `json:"step,omitempty"`  // its id; "" = of the workflow itself
	Field string `json:"field,omitempty"` // of the definition or the step, as it is written in JSON
	Text  string `json:"text"`
}

// String says where the problem is and what it is.
func (p Problem) String() string {
	switch {
	case p.Step == "" && p.Field == "":
		return p.Text
	case p.Step == "":
		return p.Field + ": " + p.Text
	case p.Field == "":
		return "step " + p.Step + ": " + p.Text
	}
	return "step " + p.Step + ", " + p.Field + ": " + p.Text
}

// Invalid makes problems one error of CodeInvalid; nil where there are none.
func Invalid(all []Problem) error {
	if len(all) == 0 {
		return nil
	}
	var parts []string
	for _, p := range all {
		parts = append(parts, p.String())
	}
	return greenroom.Errorf(greenroom.CodeInvalid, "the workflow cannot be turned on: %s", strings.Join(parts, "; "))
}

// Known is what definitions may name.
type Known struct {
	Segments     []string
	Destinations map[int64]outbox.Destination
	People       map[string]string           // names by mail address in lower case
	Ways         map[outbox.Channel][]string // sources by which messages can go out
	Mail         bool                        // a mail server is set
	Programs     bool
	Surveys      bool
	Desk         bool
	CRMs         []string // sources whose contacts can be written to
}

// Limits of definitions.
const (
	maxStepsHave = 100
	maxDepth     = 5
	maxAmount    = 400
	maxHeld      = 50
)

// checker gathers problems.
type checker struct {
	queries queries
	known   *Known
	d       *Definition
	all     []Problem
}

func (c *checker) add(step, field, format string, args ...any) {
	c.all = append(c.all, Problem{step, field, fmt.Sprintf(format, args...)})
}

// check says what is wrong with a definition.
func (q queries) check(d *Definition, known *Known) []Problem {
	c := &checker{queries: q, known: known, d: d}
	c.trigger(&d.Trigger)
	c.query("", "where", query.Members, d.Where, false)
	c.query("", "stop.did", query.Activities, d.Stop.Did, false)
	if d.Again < 0 || d.Again > 3650 {
		c.add("", "again", "somebody can enter again after 1 to 3650 days, or never")
	}
	if d.Minutes < 0 || d.Minutes > 6000 {
		c.add("", "minutes", "a run by hand takes up to 6000 minutes")
	}
	c.person("", "sender", d.Sender)
	c.holdOut(&d.HoldOut)
	if len(d.Steps) == 0 {
		c.add("", "steps", "there is no step yet")
	}
	n := 0
	seen := make(map[string]bool)
	d.Walk(func(s *Step, depth int) bool {
		n++
		if seen[s.ID] {
			c.add(s.ID, "id", "two steps have one id")
		}
		seen[s.ID] = true
		if depth > maxDepth {
			c.add(s.ID, "", "branches lie at most %d deep", maxDepth)
		}
		c.step(s)
		return true
	})
	if n > maxStepsHave {
		c.add("", "steps", "a workflow has %d steps at most", maxStepsHave)
	}
	return c.all
}

func (c *checker) holdOut(h *HoldOut) {
	if h.Percent == 0 {
		return
	}
	if h.Percent < 0 || h.Percent > maxHeld {
		c.add("", "hold_out.percent", "up to %d percent can be held out", maxHeld)
	}
	if h.Outcome == "" {
		c.add("", "hold_out.outcome", "say what those who enter are to do, so that both groups can be compared")
	}
	c.query("", "hold_out.outcome", query.Activities, h.Outcome, false)
	if h.Days < 1 || h.Days > 365 {
		c.add("", "hold_out.days", "the outcome is looked at after 1 to 365 days")
	}
}

func (c *checker) query(step, field string, e query.Entity, text string, needed bool) {
	if text == "" {
		if needed {
			c.add(step, field, "there is no query")
		}
		return
	}
	if _, err := c.queries.parse(e, text); err != nil {
		c.add(step, field, "%s", greenroom.ErrorMessage(err))
	}
}

func (c *checker) person(step, field, who string) {
	if who == "" {
		return
	}
	if _, ok := c.known.People[strings.ToLower(who)]; !ok {
		c.add(step, field, "nobody of the team has the address %s", who)
	}
}

func (c *checker) segment(step, field, key string) {
	switch {
	case key == "":
		c.add(step, field, "choose a segment")
	case !slices.Contains(c.known.Segments, key):
		c.add(step, field, "there is no segment %q", key)
	}
}

func (c *checker) hour(step, field string, hour, weekday int) {
	if hour < 0 || hour > 23 || weekday < 0 || weekday > 7 {
		c.add(step, field, "an hour is 0 to 23, and a day of the week 1 (Monday) to 7, or 0 for any")
	}
}

func (c *checker) trigger(t *Trigger) {
	const field = "trigger."
	switch t.Kind {
	case OnActivity, OnSurvey:
		c.query("", field+"query", query.Activities, t.Query, false)
		if t.Kind == OnActivity && t.Query == "" && !t.First {
			c.add("", field+"query", "say what they do; every activity would let somebody in")
		}
	case OnEntered, OnLeft:
		c.segment("", field+"segment", t.Segment)
	case OnSchedule:
		c.hour("", field+"hour", t.Hour, t.Weekday)
		if c.d.Where == "" {
			c.add("", "where", "say who enters; else all members would at once")
		}
	case OnDate:
		if !slices.Contains([]string{"member", "organization", "record"}, t.Of) {
			c.add("", field+"of", "a date is of a member, an organization or a record")
		}
		if t.Field == "" {
			c.add("", field+"field", "name the field that has the date, such as trial_started")
		}
		if t.Days < -3650 || t.Days > 3650 {
			c.add("", field+"days", "up to 3650 days before or after the date")
		}
		c.hour("", field+"hour", t.Hour, 0)
	case OnWebhook, OnHand:
	default:
		c.add("", field+"kind", "there is no trigger %q", t.Kind)
	}
}

// began reports whether runs begin with an activity.
func (d *Definition) began() bool {
	return d.Trigger.Kind == OnActivity || d.Trigger.Kind == OnSurvey
}

func (c *checker) text(step, field, text string, needed bool) {
	if strings.TrimSpace(text) == "" && needed {
		c.add(step, field, "it is empty")
	}
	if why := checkText(text, c.d.began()); why != "" {
		c.add(step, field, "%s", why)
	}
	if utf8.RuneCountInString(text) > 20_000 {
		c.add(step, field, "at most 20,000 characters")
	}
}

func (c *checker) step(s *Step) {
	if !s.Forks() && len(s.Yes)+len(s.No) > 0 {
		c.add(s.ID, "", "only a branch, and a wait for an event, have steps below them")
	}
	switch s.Kind {
	case StepMessage:
		c.message(s)
	case StepWait:
		c.wait(s)
	case StepBranch:
		c.branch(s)
	case StepTask:
		c.text(s.ID, "title", s.Title, true)
		c.text(s.ID, "text", s.Text, false)
		c.person(s.ID, "owner", s.Owner)
		if s.Days < 0 || s.Days > 365 {
			c.add(s.ID, "days", "a task is due in up to 365 days")
		}
	case StepAlert:
		c.text(s.ID, "title", s.Title, true)
		c.text(s.ID, "text", s.Text, false)
		if s.Destination == 0 && s.Owner == "" {
			c.add(s.ID, "destination_id", "choose who is told")
		}
		c.person(s.ID, "owner", s.Owner)
		if _, ok := c.known.Destinations[s.Destination]; s.Destination > 0 && !ok {
			c.add(s.ID, "destination_id", "the place where the team is told was removed")
		}
	case StepWebhook:
		if d, ok := c.known.Destinations[s.Destination]; !ok || d.Channel != outbox.Webhook {
			c.add(s.ID, "destination_id", "choose a destination that is a webhook")
		}
		c.text(s.ID, "text", s.Text, false)
	case StepTag, StepUntag:
		if t := strings.TrimSpace(s.Tag); t == "" || len(t) > 60 || strings.ContainsAny(t, "\n\t,") {
			c.add(s.ID, "tag", "a tag is one to sixty characters without commas")
		}
	case StepField:
		if s.Field == "" || len(s.Field) > 60 {
			c.add(s.ID, "field", "name the field")
		}
		c.text(s.ID, "value", s.Value, false)
	case StepAssign:
		if s.Owner == "" {
			c.add(s.ID, "owner", "choose who gets the conversation")
		}
		c.person(s.ID, "owner", s.Owner)
		c.part(s, c.known.Desk)
	case StepEnroll:
		if s.Program == "" {
			c.add(s.ID, "program", "choose a program")
		}
		c.part(s, c.known.Programs)
	case StepSurvey:
		if s.Survey == "" {
			c.add(s.ID, "survey", "choose a survey")
		}
		c.part(s, c.known.Surveys)
	case StepCRM:
		if !slices.Contains(c.known.CRMs, s.Source) {
			c.add(s.ID, "source", "choose a CRM; one that can be written to is connected under Sources")
		}
		if s.Property == "" || len(s.Property) > 200 {
			c.add(s.ID, "property", "name the property of contacts, as the CRM calls it")
		}
		c.text(s.ID, "value", s.Value, false)
	case StepEnd:
	default:
		c.add(s.ID, "kind", "there is no step %q", s.Kind)
	}
}

func (c *checker) part(s *Step, there bool) {
	if !there {
		c.add(s.ID, "kind", "this Greenroom has nothing that does it")
	}
}

func (c *checker) message(s *Step) {
	c.text(s.ID, "text", s.Text, true)
	c.text(s.ID, "subject", s.Subject, s.Channel == outbox.Email)
	c.person(s.ID, "sender", s.Sender)
	if !s.Purpose.Valid() {
		c.add(s.ID, "purpose", "choose why they are written to")
	}
	switch s.Channel {
	case outbox.Email:
		if !c.known.Mail {
			c.add(s.ID, "channel", "no mail server is set; an owner sets one under Settings, Mail server")
		}
	case outbox.Slack, outbox.Discord, outbox.Discourse, outbox.GitHub:
		if s.Channel == outbox.GitHub && s.Place != Thread {
			c.add(s.ID, "place", "on GitHub nobody can be written to alone; reply in the conversation")
		}
		if len(c.known.Ways[s.Channel]) == 0 {
			c.add(s.ID, "channel", "no source is connected that can send on %s", s.Channel.Label())
		}
		if s.Place == Thread && !c.d.began() {
			c.add(s.ID, "place", "it begins with no conversation to reply in")
		}
	default:
		c.add(s.ID, "channel", "members are written to by email, slack, discord, discourse or github, not by %q", s.Channel)
	}
}

func (c *checker) wait(s *Step) {
	amount := func() {
		if s.Amount < 1 || s.Amount > maxAmount {
			c.add(s.ID, "amount", "the length of a wait is a whole number from 1 to %d, not %d", maxAmount, s.Amount)
		}
		if s.Until != UntilWorking && !slices.Contains([]string{"minutes", "hours", "days"}, s.Unit) {
			c.add(s.ID, "unit", "a wait is in minutes, hours or days")
		}
	}
	switch s.Until {
	case UntilTime, UntilWorking:
		amount()
	case UntilHour:
		c.hour(s.ID, "hour", s.Hour, s.Weekday)
	case UntilDate:
		if _, err := time.Parse(time.DateOnly, s.Date); err != nil {
			c.add(s.ID, "date", "write the date as 2026-12-31")
		}
		c.hour(s.ID, "hour", s.Hour, 0)
	case UntilEvent:
		amount()
		switch s.Event {
		case EventReply:
		case EventAnswer:
			if !c.d.began() {
				c.add(s.ID, "event", "it begins with no conversation in which somebody could answer")
			}
		case EventActivity:
			c.query(s.ID, "query", query.Activities, s.Query, true)
		case EventEntered:
			c.segment(s.ID, "segment", s.Segment)
		default:
			c.add(s.ID, "event", "nothing can wait for %q", s.Event)
		}
	default:
		c.add(s.ID, "until", "there is no wait %q", s.Until)
	}
}

func (c *checker) branch(s *Step) {
	switch s.If {
	case IfSilent:
	case IfMember:
		c.query(s.ID, "query", query.Members, s.Query, true)
	case IfUnanswered, IfActivity, IfConversation:
		if !c.d.began() {
			c.add(s.ID, "if", "it begins with no activity that could be asked about")
		}
		if s.If == IfActivity {
			c.query(s.ID, "query", query.Activities, s.Query, true)
		}
		if s.If == IfConversation {
			c.query(s.ID, "query", query.Conversations, s.Query, true)
		}
	default:
		c.add(s.ID, "if", "there is no condition %q", s.If)
	}
}
