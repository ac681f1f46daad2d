// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/query"
	"greenroom/internal/task"
)

// Rule says how soon conversations are to be answered that a query fits.
type Rule struct {
	Query    string  `json:"query"`              // over conversations
	Hours    float64 `json:"hours"`              // the target
	Business bool    `json:"business,omitempty"` // counted in working hours
}

// Target is a rule's time as it holds for a conversation.
type Target struct {
	Rule     string  `json:"rule,omitempty"` // the query of the rule; "" = the usual target
	Hours    float64 `json:"hours"`
	Business bool    `json:"business,omitempty"`
}

// Escalation says what happens when a conversation is past its target.
type Escalation struct {
	ID            int64     `json:"id"`                       // given when it is made; a conversation is escalated once by each
	After         float64   `json:"after"`                    // hours past the target
	Query         string    `json:"query,omitempty"`          // only conversations that it fits
	Notify        []string  `json:"notify,omitempty"`         // mail addresses of people, who get a notice
	Assign        string    `json:"assign,omitempty"`         // mail address, "rotation" or "expert"; only what is nobody's
	DestinationID int64     `json:"destination_id,omitempty"` // where a message goes to; 0 = nowhere
	Since         time.Time `json:"since"`                    // what was past it before is left alone
}

// Settings are how the team works the inbox.
type Settings struct {
	Waits       []string     `json:"waits"`                 // queries over conversations: what waits for the team
	Days        int          `json:"days"`                  // what began longer ago is left out, unless somebody reopened it
	Rules       []Rule       `json:"rules"`                 // the first that fits decides
	Usual       float64      `json:"usual"`                 // target in hours where none fits
	Hours       Hours        `json:"hours"`                 // of work
	Rotation    []string     `json:"rotation,omitempty"`    // mail addresses of those who take turns
	Assign      string       `json:"assign,omitempty"`      // who gets what comes in: "rotation" or "expert"; "" = nobody
	AssignSince time.Time    `json:"assign_since,omitzero"` // what began before is left alone
	Escalations []Escalation `json:"escalations,omitempty"` // what happens past a target
	AnswersWeek int          `json:"answers_week"`          // who gave so many answers in 7 days is not suggested
	AskPause    int          `json:"ask_pause_days"`        // nor who was asked in so many days
	Revision    int64        `json:"revision"`              // grows with each change
}

// Usual settings: questions that nobody has answered, and complaints that nobody has reacted to, within a day.
func Usual() Settings {
	return Settings{
		Waits: []string{"is:waiting -is:staff", "is:open category:bug -is:staff", "is:open sentiment:negative -is:staff", "is:open urgency:now -is:staff"}, Days: 30, Usual: 24, Rules: []Rule{}, Hours: OfficeHours(),
		AnswersWeek: 10, AskPause: 14,
	}
}

// The most that settings hold.
const (
	maxRules  = 50
	maxDays   = 3660
	maxHours  = 10_000
	maxPeople = 100
)

// Validate says what is wrong with settings, as an error of CodeInvalid that names the place, and writes queries as
// Greenroom does.
func (s *Settings) Validate(schema *query.Schema) error {
	bad := func(format string, args ...any) error {
		return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
	}
	check := func(what string, i int, text *string) error {
		q, err := query.Parse(schema, *text)
		if err != nil {
			return bad("the query of %s %d cannot be used: %s", what, i+1, err)
		}
		*text = ""
		if q.Root != nil {
			*text = query.Format(q.Root)
		}
		return nil
	}
	switch {
	case len(s.Waits) == 0 || len(s.Waits) > maxRules:
		return bad("say what waits: one to %d queries over conversations, such as is:waiting", maxRules)
	case len(s.Rules) > maxRules || len(s.Escalations) > maxRules:
		return bad("there are at most %d rules of a kind", maxRules)
	case s.Days < 1 || s.Days > maxDays:
		return bad("the days that the inbox goes back are from 1 to %d, not %d", maxDays, s.Days)
	case !(s.Usual > 0 && s.Usual <= maxHours):
		return bad("the usual target is a number of hours above 0, up to %d, not %g", maxHours, s.Usual)
	case len(s.Rotation) > maxPeople:
		return bad("at most %d people take turns", maxPeople)
	case s.Assign != "" && s.Assign != ByTurn && s.Assign != ByExpertise:
		return bad("what comes in is given by %s or by %s, or to nobody", ByTurn, ByExpertise)
	case s.Assign == ByTurn && len(s.Rotation) == 0:
		return bad("nobody takes turns; choose who does, or have what comes in given to nobody")
	case s.AnswersWeek < 1 || s.AskPause < 0:
		return bad("a member can be suggested until they gave at least 1 answer a week, and paused for 0 days or more after being asked")
	}
	for i := range s.Waits {
		if err := check("what waits", i, &s.Waits[i]); err != nil {
			return err
		}
		if s.Waits[i] == "" {
			return bad("query %d of what waits is empty, which would be every conversation", i+1)
		}
	}
	for i := range s.Rules {
		if err := check("rule", i, &s.Rules[i].Query); err != nil {
			return err
		}
		if h := s.Rules[i].Hours; !(h > 0 && h <= maxHours) {
			return bad("the target of rule %d is a number of hours above 0, up to %d, not %g", i+1, maxHours, h)
		}
	}
	for i := range s.Escalations {
		e := &s.Escalations[i]
		if err := check("escalation", i, &e.Query); err != nil {
			return err
		}
		if !(e.After >= 0 && e.After <= maxHours) {
			return bad("escalation %d comes from 0 to %d hours past the target, not %g", i+1, maxHours, e.After)
		}
		if len(e.Notify) == 0 && e.Assign == "" && e.DestinationID == 0 {
			return bad("escalation %d does nothing; say whom to notify, whom to assign to, or where to write", i+1)
		}
	}
	return s.Hours.Validate()
}

// Due is when a conversation is to be answered that began to wait at a time.
func (s *Settings) Due(t Target, since time.Time, zone *time.Location) time.Time {
	d := time.Duration(t.Hours * float64(time.Hour))
	if t.Business {
		return s.Hours.Add(since, d, zone)
	}
	return since.Add(d)
}

// target is that of a rule; i below 0 = the usual one.
func (s *Settings) target(i int) Target {
	if i < 0 {
		return Target{Hours: s.Usual}
	}
	return Target{Rule: s.Rules[i].Query, Hours: s.Rules[i].Hours, Business: s.Rules[i].Business}
}

// Person is somebody of the team who can sign in.
type Person = task.Person

// maxNote is how long a note is at most, in characters.
const maxNote = 10_000

// checkText trims a text that somebody wrote.
func checkText(what, text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", greenroom.Errorf(greenroom.CodeInvalid, "the %s is empty", what)
	case utf8.RuneCountInString(text) > maxNote:
		return "", greenroom.Errorf(greenroom.CodeInvalid, "the %s has more than %d characters", what, maxNote)
	}
	return text, nil
}
