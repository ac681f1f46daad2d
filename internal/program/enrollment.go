// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package program

import (
	"slices"
	"time"
)

// Enrollment is that somebody is in a program, or was: from Since on, up to but not including Until.
type Enrollment struct {
	ID         int64     `json:"id"`
	ProgramID  int64     `json:"program_id"`
	Program    string    `json:"program"` // its key
	MemberID   int64     `json:"member_id"`
	Member     string    `json:"member"` // by name; of one that was merged, of whom it is part now
	Stage      string    `json:"stage"`  // key; the last one where it has ended
	StageSince time.Time `json:"stage_since"`
	Cohort     string    `json:"cohort,omitempty"`
	Since      time.Time `json:"since"`
	Until      time.Time `json:"until,omitzero"` // zero = still in it
	Reason     string    `json:"reason,omitempty"`
	By         string    `json:"by"`
	LeftReason string    `json:"left_reason,omitempty"`
	LeftBy     string    `json:"left_by,omitempty"`
	Done       []string  `json:"done,omitempty"`  // STAGE/STEP of the steps that they have done
	Spent      int64     `json:"spent,omitempty"` // on them, in hundredths of the program's currency
}

// Verdict says how far an application is.
type Verdict string

// The verdicts. Open and Waiting are no decision yet.
const (
	Open      Verdict = "open"
	Waiting   Verdict = "waiting" // not now: asked again when there is room
	Accepted  Verdict = "accepted"
	Declined  Verdict = "declined"
	Withdrawn Verdict = "withdrawn" // by themselves
)

// Verdicts lists them.
func Verdicts() []Verdict { return []Verdict{Open, Waiting, Accepted, Declined, Withdrawn} }

// moves are the verdicts that may follow each. What is decided stays: who applies again makes a new application.
var moves = map[Verdict][]Verdict{
	Open:    {Waiting, Accepted, Declined, Withdrawn},
	Waiting: {Accepted, Declined, Withdrawn},
}

// May reports whether an application may go from one verdict to another.
func (v Verdict) May(to Verdict) bool { return slices.Contains(moves[v], to) }

// Decided reports whether the verdict is final.
func (v Verdict) Decided() bool { return len(moves[v]) == 0 }

// Application is that somebody wants to be in a program, or that the team wants them in.
type Application struct {
	ID        int64             `json:"id"`
	ProgramID int64             `json:"program_id"`
	Program   string            `json:"program"` // its key
	MemberID  int64             `json:"member_id"`
	Member    string            `json:"member"`
	Origin    string            `json:"origin"` // "form", "team", "workflow", "survey"
	Answers   map[string]string `json:"answers,omitempty"`
	Note      string            `json:"note,omitempty"` // why they are suggested
	By        string            `json:"by"`
	At        time.Time         `json:"at"`
	Verdict   Verdict           `json:"verdict"`
	Reason    string            `json:"reason,omitempty"` // of the verdict
	DecidedBy string            `json:"decided_by,omitempty"`
	DecidedAt time.Time         `json:"decided_at,omitzero"`
}

// Happening is a line of a program's history.
type Happening struct {
	ID        int64     `json:"id"`
	ProgramID int64     `json:"program_id"`
	Program   string    `json:"program"`
	MemberID  int64     `json:"member_id,omitempty"` // 0 = it is about the program
	Member    string    `json:"member,omitempty"`
	At        time.Time `json:"at"`
	What      string    `json:"what"`             // "applied", "waiting", "accepted", "declined", "withdrawn", "enrolled", "stage", "step", "unstep", "spent", "left", ...
	Detail    string    `json:"detail,omitempty"` // the stage, the step, the amount
	Reason    string    `json:"reason,omitempty"`
	By        string    `json:"by"`
}

// Spend is money that was spent on a member.
type Spend struct {
	ID        int64     `json:"id"`
	ProgramID int64     `json:"program_id"`
	MemberID  int64     `json:"member_id,omitempty"` // 0 = on the program as a whole
	Member    string    `json:"member,omitempty"`
	Perk      string    `json:"perk,omitempty"` // key
	Amount    int64     `json:"amount"`         // hundredths of the program's currency
	Note      string    `json:"note,omitempty"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}

// Run is that the team goes through the runbook.
type Run struct {
	ID        int64     `json:"id"`
	ProgramID int64     `json:"program_id"`
	Name      string    `json:"name"`
	At        time.Time `json:"at"`
	By        string    `json:"by"`
	Tasks     int64     `json:"tasks"`
	Done      int64     `json:"done"` // tasks that are done
}

// Decision is what the team decided about a program as a whole.
type Decision string

// The decisions.
const (
	Scale  Decision = "scale"
	Keep   Decision = "keep"
	Fix    Decision = "fix"
	Retire Decision = "retire"
)

// Decisions lists them.
func Decisions() []Decision { return []Decision{Scale, Keep, Fix, Retire} }

// Review is a decision about a program, with the figures as they were.
type Review struct {
	ID        int64     `json:"id"`
	ProgramID int64     `json:"program_id"`
	Decision  Decision  `json:"decision"`
	Reason    string    `json:"reason"`
	Evidence  Figures   `json:"evidence"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}

// Candidate is somebody who is proposed.
type Candidate struct {
	MemberID     int64    `json:"member_id"`
	Member       string   `json:"member"`
	Organization string   `json:"organization,omitempty"`
	Score        float64  `json:"score"` // by which they are ranked, from 0 to 1
	Reasons      []string `json:"reasons"`
}

// Standing is what is known of a member that speaks for them.
type Standing struct {
	MemberID     int64
	Member       string
	Organization string
	Level        int64   // of the orbit model, 1 to 4; 0 = none
	Points       float64 // by the team's weights
	Answers      int64   // replies and answers in the last 90 days
	Accepted     int64   // answers that were accepted, in the last year
	Days         int64   // days with an activity in the last 90 days
	LastActive   time.Time
}

// PeopleFilter chooses enrollments. The zero value is all that have not ended.
type PeopleFilter struct {
	Program int64 // 0 = of all programs
	Member  int64
	Stage   string
	Cohort  string
	Ended   bool // those that have ended instead
	All     bool // both
	Below   int64
	Limit   int // 0 = 200
}

// ApplicationFilter chooses applications.
type ApplicationFilter struct {
	Program  int64
	Member   int64
	Verdicts []Verdict // none = all
	Limit    int       // 0 = 200
}
