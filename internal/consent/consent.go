// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package consent judges whether a member may be written to, and when: by what they chose, by what they were sent of late,
// and by the time of day where they live. It knows nothing of channels or of what is written. Everything that writes to
// members asks it, first when somebody is to be written to, and again just before the message goes out.
//
// The rules, in this order; the first that holds decides:
//
//  1. An answer to what a member asked for goes to everybody but those who are not to be contacted at all.
//  2. "Do not contact" and a refusal of a purpose are for good, until the member or the team takes them back. Of each,
//     the newest choice holds; that somebody may be contacted again does not take back what they refused apart from it.
//  3. News needs consent: a purpose that is opt-in is refused where nothing was chosen.
//  4. An address that bounced for good is not tried again.
//  5. Caps count all messages over all workflows, surveys and programs. Who has had enough waits until the oldest leaves
//     the window; the gap is a cap of one message.
//  6. Quiet hours and, where the team wants it, weekends put the message off to the next morning of a working day there.
package consent

import (
	"fmt"
	"slices"
	"time"

	"greenroom"
)

// Purpose is why a member is written to.
type Purpose string

// The purposes.
const (
	All     Purpose = ""        // in a choice: every purpose, "do not contact"
	Answer  Purpose = "answer"  // the answer to something that they asked for
	Care    Purpose = "care"    // welcome, check-in, thanks
	Survey  Purpose = "survey"  // a question to them
	Program Purpose = "program" // what they are enrolled in or invited to
	Event   Purpose = "event"   // a meeting that they may come to
	News    Purpose = "news"    // announcements and offers

	Research Purpose = "research" // an interview, a usability test, a beta
)

// Info tells people about a purpose.
type Info struct {
	Purpose Purpose `json:"purpose"`
	Label   string  `json:"label"`
	Text    string  `json:"text"`
	OptIn   bool    `json:"opt_in"` // nothing is sent unless they agreed
}

// Purposes lists those that members can choose about.
func Purposes() []Info {
	return []Info{
		{Care, "Personal messages", "Welcome, check-ins and thanks from the community team.", false},
		{Survey, "Surveys", "Questions about what you need and how we do.", false},
		{Program, "Programs", "Invitations to programs, and news of those you are in.", false},
		{Event, "Events", "Invitations to events, and reminders of those you come to.", false},
		{Research, "Interviews", "Invitations to talk with us about what you need.", false},
		{News, "News", "Announcements and offers.", true},
	}
}

// Valid reports whether messages can have the purpose.
func (p Purpose) Valid() bool {
	return p == Answer || slices.ContainsFunc(Purposes(), func(i Info) bool { return i.Purpose == p })
}

func (p Purpose) optIn() bool {
	return slices.ContainsFunc(Purposes(), func(i Info) bool { return i.Purpose == p && i.OptIn })
}

// Choice is what a member decided, or the team for them.
type Choice struct {
	Purpose Purpose   `json:"purpose"` // All = every purpose
	Allowed bool      `json:"allowed"`
	At      time.Time `json:"at"`
	How     string    `json:"how"` // where it was made: "link in a mail", "preferences", "by the team", "import"
	By      string    `json:"by,omitempty"`
}

// Cap is the most messages that a member gets within some days.
type Cap struct {
	Messages int `json:"messages"`
	Days     int `json:"days"`
}

// Rules are the team's rules on writing to members.
type Rules struct {
	Caps      []Cap `json:"caps"`
	GapHours  int   `json:"gap_hours"`  // the least time between two messages
	QuietFrom int   `json:"quiet_from"` // hours of the member's day, 0 to 23; equal = no quiet hours
	QuietTo   int   `json:"quiet_to"`
	Weekdays  bool  `json:"weekdays"` // nothing on Saturdays and Sundays
}

// Usual are the rules while the team has set none.
func Usual() Rules {
	return Rules{Caps: []Cap{{Messages: 2, Days: 7}, {Messages: 5, Days: 30}}, GapHours: 24, QuietFrom: 20, QuietTo: 8, Weekdays: true}
}

// Most that rules can say.
const (
	maxCaps = 5
	maxDays = 365
	maxGap  = 24 * 90
)

// Validate says what is wrong with rules, as an error of CodeInvalid.
func (r *Rules) Validate() error {
	switch {
	case len(r.Caps) > maxCaps:
		return greenroom.Errorf(greenroom.CodeInvalid, "there can be %d caps at most", maxCaps)
	case r.GapHours < 0 || r.GapHours > maxGap:
		return greenroom.Errorf(greenroom.CodeInvalid, "the hours between two messages to the same member are from 0 to %d, not %d", maxGap, r.GapHours)
	case r.QuietFrom < 0 || r.QuietFrom > 23 || r.QuietTo < 0 || r.QuietTo > 23:
		return greenroom.Errorf(greenroom.CodeInvalid, "quiet hours begin and end at an hour from 0 to 23, not at %d and %d", r.QuietFrom, r.QuietTo)
	}
	for _, c := range r.Caps {
		if c.Messages < 1 || c.Days < 1 || c.Days > maxDays {
			return greenroom.Errorf(greenroom.CodeInvalid, "a cap is of at least 1 message in 1 to %d days, not of %d in %d", maxDays, c.Messages, c.Days)
		}
	}
	return nil
}

// Window is how far back messages count.
func (r *Rules) Window() time.Duration {
	w := time.Duration(r.GapHours) * time.Hour
	for _, c := range r.Caps {
		w = max(w, time.Duration(c.Days)*day)
	}
	return w
}

const day = 24 * time.Hour

// Case is one message to one member, as far as it matters here.
type Case struct {
	Purpose Purpose
	Choices []Choice    // in any order
	Sent    []time.Time // messages that they were sent within Rules.Window, in any order
	Bounced bool        // the address refuses mail for good
	Now     time.Time   // in the zone that the member lives in
}

// Verdict is whether a message may go out.
type Verdict struct {
	May    bool
	At     time.Time // where not: when to ask again; the zero time = never
	Reason string    // in words for people, "" where it may
}

// Judge says whether a message may go out now.
func (r *Rules) Judge(c *Case) Verdict {
	if v, decided := chosen(c); decided {
		return v
	}
	if c.Bounced {
		return Verdict{Reason: "their address refused a message for good"}
	}
	if c.Purpose == Answer {
		return Verdict{May: true}
	}
	sent := slices.Clone(c.Sent)
	slices.SortFunc(sent, func(a, b time.Time) int { return b.Compare(a) })
	for _, limit := range r.limits() {
		if len(sent) < limit.messages {
			continue
		}
		if free := sent[limit.messages-1].Add(limit.within); free.After(c.Now) {
			return Verdict{At: free.In(c.Now.Location()), Reason: limit.reason}
		}
	}
	if at := r.awake(c.Now); at.After(c.Now) {
		return Verdict{At: at, Reason: "it is quiet time where they live"}
	}
	return Verdict{May: true}
}

// chosen applies what the member decided.
func chosen(c *Case) (Verdict, bool) {
	all, this := newest(c.Choices, All), newest(c.Choices, c.Purpose)
	switch {
	case all != nil && !all.Allowed:
		return Verdict{Reason: "they are not to be contacted"}, true
	case this != nil && !this.Allowed:
		return Verdict{Reason: "they do not want messages of this kind"}, true
	case this == nil && c.Purpose.optIn():
		return Verdict{Reason: "they have not agreed to messages of this kind"}, true
	}
	return Verdict{}, false
}

// newest is the last choice about a purpose; of two at once, the refusal. Nil = there is none.
func newest(choices []Choice, p Purpose) *Choice {
	var last *Choice
	for i := range choices {
		c := &choices[i]
		if c.Purpose == p && (last == nil || c.At.After(last.At) || c.At.Equal(last.At) && !c.Allowed) {
			last = c
		}
	}
	return last
}

type limit struct {
	messages int
	within   time.Duration
	reason   string
}

func (r *Rules) limits() []limit {
	var all []limit
	for _, c := range r.Caps {
		all = append(all, limit{c.Messages, time.Duration(c.Days) * day, fmt.Sprintf("they have had %d messages in %d days", c.Messages, c.Days)})
	}
	if r.GapHours > 0 {
		all = append(all, limit{1, time.Duration(r.GapHours) * time.Hour, fmt.Sprintf("they were written to less than %d hours ago", r.GapHours)})
	}
	return all
}

// awake is the first time from now on that is not quiet.
func (r *Rules) awake(now time.Time) time.Time {
	at := now
	for range 8 { // a weekend and the nights around it take fewer steps
		next := at
		if r.quiet(at.Hour()) {
			next = time.Date(at.Year(), at.Month(), at.Day(), r.QuietTo, 0, 0, 0, at.Location())
			if !next.After(at) {
				next = time.Date(at.Year(), at.Month(), at.Day()+1, r.QuietTo, 0, 0, 0, at.Location())
			}
		} else if r.Weekdays && (at.Weekday() == time.Saturday || at.Weekday() == time.Sunday) {
			next = time.Date(at.Year(), at.Month(), at.Day()+1, r.morning(), 0, 0, 0, at.Location())
		}
		if !next.After(at) {
			return at
		}
		at = next
	}
	return at
}

// morning is the hour at which a day begins.
func (r *Rules) morning() int {
	if r.QuietFrom == r.QuietTo {
		return 0
	}
	return r.QuietTo
}

func (r *Rules) quiet(hour int) bool {
	switch {
	case r.QuietFrom == r.QuietTo:
		return false
	case r.QuietFrom < r.QuietTo:
		return hour >= r.QuietFrom && hour < r.QuietTo
	default:
		return hour >= r.QuietFrom || hour < r.QuietTo
	}
}

// Agrees reports whether a member takes messages of a purpose, whatever the hour and however many they have had.
func Agrees(choices []Choice, p Purpose) bool {
	_, decided := chosen(&Case{Purpose: p, Choices: choices})
	return !decided
}

// Silent reports whether a member is not to be contacted at all: not even with answers.
func Silent(choices []Choice) bool { return !Agrees(choices, Answer) }
