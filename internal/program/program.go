// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package program

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"greenroom"
)

// Kind says what sort of program something is; it chooses words and the template, nothing else.
type Kind string

// The kinds.
const (
	Champions Kind = "champions"
	Nurture   Kind = "nurture"
	Beta      Kind = "beta"
	Speakers  Kind = "speakers"
	Chapters  Kind = "chapters"
	Experts   Kind = "experts"
	Content   Kind = "content"
	Other     Kind = "other"
)

// Kinds lists them.
func Kinds() []Kind {
	return []Kind{Champions, Nurture, Beta, Speakers, Chapters, Experts, Content, Other}
}

// Label is the kind's name for people.
func (k Kind) Label() string {
	switch k {
	case Champions:
		return "Champions"
	case Nurture:
		return "Nurture"
	case Beta:
		return "Beta testers"
	case Speakers:
		return "Speakers"
	case Chapters:
		return "Meetups and chapters"
	case Experts:
		return "Subject experts"
	case Content:
		return "Content collaborators"
	case Other:
	}
	return "Other"
}

// State says how far a program is.
type State string

// The states. A program that is planned or closed enrolls nobody.
const (
	Planned State = "planned"
	Running State = "running"
	Closed  State = "closed"
)

// Program is a lasting initiative with members enrolled in it.
type Program struct {
	ID         int64     `json:"id"`
	Key        string    `json:"key"` // how queries name it; never changes
	Name       string    `json:"name"`
	Kind       Kind      `json:"kind"`
	State      State     `json:"state"`
	Owner      string    `json:"owner"`             // mail address of a user
	Sponsor    string    `json:"sponsor,omitempty"` // who answers for the money; they approve the plan
	ApprovedBy string    `json:"approved_by,omitempty"`
	ApprovedAt time.Time `json:"approved_at,omitzero"`
	Plan       Plan      `json:"plan"`
	CreatedBy  string    `json:"created_by"`
	CreatedAt  time.Time `json:"created_at"`
	ChangedAt  time.Time `json:"changed_at"`
	StartedAt  time.Time `json:"started_at,omitzero"`
	ClosedAt   time.Time `json:"closed_at,omitzero"`

	Enrolled int64 `json:"enrolled"` // people in it now
	Waiting  int64 `json:"waiting"`  // applications that nobody has decided
}

// Plan is what a program is to be. It is kept as one text, since it is read and written as a whole.
type Plan struct {
	Purpose   string     `json:"purpose"`
	Public    bool       `json:"public,omitempty"` // whoever has its address sees what it is, and members can ask for their link
	Goal      string     `json:"goal,omitempty"`
	Targets   []Target   `json:"targets,omitempty"`
	Qualifies string     `json:"qualifies,omitempty"` // a query over members; "" = nobody is proposed
	Form      []Question `json:"form,omitempty"`      // what applicants are asked
	Stages    []Stage    `json:"stages"`              // in order; the first is where members begin
	Perks     []Perk     `json:"perks,omitempty"`
	Budget    int64      `json:"budget,omitempty"`   // hundredths of Currency
	Currency  string     `json:"currency,omitempty"` // ISO 4217
	Cohort    string     `json:"cohort,omitempty"`   // that new members belong to, such as "2026 autumn"
	Places    int64      `json:"places,omitempty"`   // how many can be in it at a time; 0 = any
	Runbook   []RunStep  `json:"runbook,omitempty"`
	Dates     []Date     `json:"dates,omitempty"`
}

// Target is a figure that the program should reach. Metric is one of the catalog, over those who are enrolled, or Enrolled.
type Target struct {
	Metric string  `json:"metric"`
	Query  string  `json:"query,omitempty"` // narrows the metric; over what it is about
	Value  float64 `json:"value"`
	Per    Per     `json:"per"`
}

// Enrolled as a target's metric is how many people are in the program.
const Enrolled = "enrolled"

// Per is the period that a target is for.
type Per string

// The periods.
const (
	PerMonth   Per = "month"
	PerQuarter Per = "quarter"
)

// Question is a field of the application form.
type Question struct {
	Key      string   `json:"key"`
	Label    string   `json:"label"`
	Type     string   `json:"type"` // Text, Choice or Link
	Options  []string `json:"options,omitempty"`
	Required bool     `json:"required,omitempty"`
}

// The types of questions.
const (
	Text   = "text"
	Choice = "choice"
	Link   = "link"
)

// Stage is a part of the way through a program.
type Stage struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Text  string `json:"text,omitempty"`
	Steps []Step `json:"steps,omitempty"`
}

// Step is something that a member does in a stage.
type Step struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Link  string `json:"link,omitempty"`
}

// Perk is something that members get.
type Perk struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Cost  int64  `json:"cost,omitempty"`  // planned for each member, hundredths of the currency
	Stage string `json:"stage,omitempty"` // key of the stage from which on; "" = from the first
}

// RunStep is a step of what the team does in a run, such as for a new cohort.
type RunStep struct {
	Title string `json:"title"`
	Owner string `json:"owner,omitempty"` // mail address of a user; "" = the program's owner
	Days  int    `json:"days"`            // after the run begins
}

// Date is an entry of the program's calendar.
type Date struct {
	At    time.Time `json:"at"`
	Title string    `json:"title"`
	Link  string    `json:"link,omitempty"`
}

// Stage finds a stage by its key.
func (p *Plan) Stage(key string) (Stage, bool) {
	for _, s := range p.Stages {
		if s.Key == key {
			return s, true
		}
	}
	return Stage{}, false
}

// First is the key of the stage in which members begin.
func (p *Plan) First() string {
	if len(p.Stages) == 0 {
		return ""
	}
	return p.Stages[0].Key
}

// PlannedCost is what the perks of so many members cost, in hundredths of the currency.
func (p *Plan) PlannedCost(members int64) int64 {
	var sum int64
	for _, k := range p.Perks {
		sum += k.Cost * members
	}
	return sum
}

// Limits of what people write.
const (
	maxName  = 80
	maxText  = 5000
	maxKey   = 60
	maxLines = 50
)

var keyForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// keyOf makes a key of a name.
func keyOf(name, or string) string {
	var sb strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			sb.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // the accent of a letter before
		case sb.Len() > 0 && !strings.HasSuffix(sb.String(), "-"):
			sb.WriteByte('-')
		}
	}
	key := strings.Trim(sb.String(), "-")
	if len(key) > maxKey-4 { // room for a number that tells it from others
		key = strings.TrimRight(key[:maxKey-4], "-")
	}
	if key == "" {
		return or
	}
	return key
}

func invalid(format string, args ...any) error {
	return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
}
