// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"strings"
	"time"

	"greenroom"
)

// Account is what the team decided of an organization: who looks after it, and what comes next.
type Account struct {
	Organization int64  `json:"organization"`
	Owner        string `json:"owner,omitempty"`     // a person's address, "" = nobody
	NextStep     string `json:"next_step,omitempty"` // in words
	FollowUp     string `json:"follow_up,omitempty"` // the day of the next step, YYYY-MM-DD
	Snoozed      string `json:"snoozed,omitempty"`   // the last day on which it is left out of the lists
	Version      int64  `json:"version"`             // 0 = nothing was decided yet
}

// Validate says what is wrong, as CodeInvalid.
func (a *Account) Validate() error {
	for name, day := range map[string]string{"follow-up": a.FollowUp, "snooze": a.Snoozed} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "%q is no day for the %s; expected one such as 2026-01-31", day, name)
		}
	}
	switch {
	case len(a.Owner) > 200:
		return greenroom.Errorf(greenroom.CodeInvalid, "the owner is an address, and no longer than 200 characters")
	case len(a.NextStep) > 500:
		return greenroom.Errorf(greenroom.CodeInvalid, "the next step is a sentence, and no longer than 500 characters")
	}
	return nil
}

// Note is what somebody wrote down of an account.
type Note struct {
	ID           int64     `json:"id"`
	Organization int64     `json:"organization"`
	At           time.Time `json:"at"`
	By           string    `json:"by"`
	Text         string    `json:"text"`
}

// NoteLimit is how many characters a note can have.
const NoteLimit = 4000

func noteText(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > NoteLimit {
		return "", greenroom.Errorf(greenroom.CodeInvalid, "a note has 1 to %d characters", NoteLimit)
	}
	return text, nil
}

// Weeks is how many weeks of activity are looked at.
const Weeks = 26

// Evidence is what an account's people did. Staff, bots and hidden members are left out.
type Evidence struct {
	Members    int64          // who belong to it, contacts left out
	Contacts   int64          // who are known from business systems only
	Activity   [Weeks]int     // by week: the last is the seven days up to now
	Usage      [Weeks]int     // product usage, likewise
	Active     int            // people who were active in the last 90 days
	Before     int            // and in the 90 days before
	New        int            // people who were first active in the last 90 days
	Messages   int            // that were read for sentiment, of the last 60 days
	Negative   int            // of these
	Unanswered int            // questions that have waited longer than three days
	Questions  int            // questions that are open
	Asked      []AskedMessage // questions of the last 90 days, the newest first
	LastActive time.Time
}

// AskedMessage is a question that somebody of an account asked.
type AskedMessage struct {
	Activity     int64
	Conversation int64
	At           time.Time
	Title, Body  string
}

// View is an account with everything that is reckoned from what is known of it. Money is in the reporting currency.
type View struct {
	Account

	Name       string              `json:"name"`
	Lifecycle  greenroom.Lifecycle `json:"lifecycle"`
	MRR        float64             `json:"mrr"`                // of the subscriptions that are paid for
	Pipeline   float64             `json:"pipeline"`           // of the open deals
	Currency   string              `json:"currency"`           // of both
	Problems   []string            `json:"problems,omitempty"` // what could not be reckoned, such as a missing rate; it is in no sum
	Renewal    time.Time           `json:"renewal,omitzero"`   // the next one
	RenewalOf  string              `json:"renewal_of,omitempty"`
	Health     Health              `json:"health"`
	Chances    []Reason            `json:"chances"`       // signals that it could buy more
	ChancePts  int                 `json:"chance_points"` // their sum, at most 100
	People     int64               `json:"people"`        // members of it
	Active     int                 `json:"active"`        // in the last 90 days
	Open       int                 `json:"open_tickets"`
	Questions  int                 `json:"open_questions"`
	LastActive time.Time           `json:"last_active,omitzero"`
	Activity   []int               `json:"activity"` // by week, the last is the seven days up to now
	Usage      []int               `json:"usage,omitempty"`
}

// TopicCount is a topic that people of an account talked about.
type TopicCount struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Messages int    `json:"messages"`
}
