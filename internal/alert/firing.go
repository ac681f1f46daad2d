// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"time"

	"greenroom/internal/impact/noise"
	"greenroom/internal/outbox"
	"greenroom/internal/task"
)

// Object is what fired.
type Object struct {
	Kind string `json:"kind"` // "activity", "conversation", "member", "organization", "period" or "source"
	ID   int64  `json:"id"`   // of a period: its start, Unix seconds
}

// The states of a firing.
const (
	Sent    = "sent"    // its message is in the outbox
	Held    = "held"    // it is told later, with others
	Dropped = "dropped" // it fell into quiet hours of an alert that tells nothing then
)

// Firing is one time that an alert fired.
type Firing struct {
	ID             int64     `json:"id"`
	AlertID        int64     `json:"alert_id"`
	Object         Object    `json:"object"`
	At             time.Time `json:"at"`      // when it fired
	LastAt         time.Time `json:"last_at"` // when something was added to it
	Count          int64     `json:"count"`   // how many matches it stands for
	ActivityID     int64     `json:"activity_id,omitempty"`
	ConversationID int64     `json:"conversation_id,omitempty"`
	MemberID       int64     `json:"member_id,omitempty"`
	Member         string    `json:"member,omitempty"`
	OrganizationID int64     `json:"organization_id,omitempty"`
	Organization   string    `json:"organization,omitempty"`
	Title          string    `json:"title"`
	Excerpt        string    `json:"excerpt,omitempty"` // the beginning of what was said
	State          string    `json:"state"`
	DueAt          time.Time `json:"due_at,omitzero"` // when a held one is told
	Useful         *bool     `json:"useful"`          // nil = nobody said
	JudgedAt       time.Time `json:"judged_at,omitzero"`
	JudgedBy       string    `json:"judged_by,omitempty"`

	Key     string `json:"-"` // unique: the alert and the object
	Group   string `json:"-"` // what is told together
	Message string `json:"-"` // the message's key, without its destination
}

// Subject is what a message can say of an object: who, what they said, who they are to the business.
type Subject struct {
	Object Object `json:"-"`

	ActivityID   int64         `json:"activity_id,omitempty"`
	Kind         string        `json:"kind,omitempty"` // of the activity
	Source       string        `json:"source,omitempty"`
	Channel      string        `json:"channel,omitempty"`
	OccurredAt   time.Time     `json:"occurred_at,omitzero"`
	URL          string        `json:"url,omitempty"` // at the source
	Title        string        `json:"title,omitempty"`
	Text         string        `json:"text,omitempty"`     // an excerpt
	Question     bool          `json:"question,omitempty"` // it asks something, whatever it was read as
	Category     string        `json:"category,omitempty"` // what it asks, shares or needs; "" = not read
	Sentiment    string        `json:"sentiment,omitempty"`
	Urgency      string        `json:"urgency,omitempty"`
	Topics       []string      `json:"topics,omitempty"`
	Conversation *Conversation `json:"conversation,omitempty"`
	Member       *Person       `json:"member,omitempty"`
	Organization *Company      `json:"organization,omitempty"`
	Figure       *Figure       `json:"figure,omitempty"`
	Trouble      *Trouble      `json:"trouble,omitempty"`
}

// Conversation is where it was said.
type Conversation struct {
	ID       int64     `json:"id"`
	Title    string    `json:"title"`
	State    string    `json:"state"`
	Replies  int64     `json:"replies"`
	OpenedAt time.Time `json:"opened_at"`
}

// Person is who it is.
type Person struct {
	ID          int64     `json:"id"`
	Name        string    `json:"name"`
	FirstActive time.Time `json:"first_active,omitzero"`
	Activities  int64     `json:"activities"`
}

// Company is whom they are with.
type Company struct {
	ID        int64   `json:"id"`
	Name      string  `json:"name"`
	Lifecycle string  `json:"lifecycle,omitempty"`
	Members   int64   `json:"members"`
	Deal      string  `json:"deal,omitempty"` // the newest one's name
	Stage     string  `json:"stage,omitempty"`
	Amount    float64 `json:"amount,omitempty"`
	Currency  string  `json:"currency,omitempty"`
}

// Figure is a metric in a period.
type Figure struct {
	Metric   string        `json:"metric"`
	Label    string        `json:"label"`
	From     time.Time     `json:"from"`
	To       time.Time     `json:"to"`
	Value    float64       `json:"value"`
	Shown    string        `json:"shown"` // with its unit
	Previous string        `json:"previous,omitempty"`
	Noise    noise.Verdict `json:"noise"`
}

// Trouble is what is wrong with a source.
type Trouble struct {
	SourceID int64  `json:"source_id"`
	Source   string `json:"source"`
	State    string `json:"state"`
	Says     string `json:"says"`
	Advice   string `json:"advice,omitempty"`
}

// Match is an object that an alert looks for, as it was found.
type Match struct {
	Subject

	At time.Time // when it happened
}

// Past is what deciding needs of what fired before.
type Past struct {
	Open map[string]Firing    // by group: the newest firing of it that takes more
	Last map[string]time.Time // by object key: when it fired last
	Hour int64                // messages that were sent within the last hour
}

// Bump adds matches to a firing that is there.
type Bump struct {
	Firing int64
	Count  int64
	At     time.Time
}

// Commit is everything that follows from one look, for one transaction.
type Commit struct {
	Follow   string // a position that moves; "" = none
	From, To int64
	First    int64 // the id of the first firing; where it is taken, nothing is stored
	Firings  []Firing
	Bumps    []Bump
	Told     []int64 // held firings that a digest tells now
	Digest   string  // the message's key, of those
	Enter    map[int64][]int64
	Leave    map[int64][]int64
	Looked   map[int64]int64  // of alerts
	Problems map[int64]string // of alerts; "" = none
	Messages []outbox.Message
	Notices  []task.Notice
}

// Empty reports whether nothing follows.
func (c *Commit) Empty() bool {
	return c.From == c.To && len(c.Firings)+len(c.Bumps)+len(c.Told)+len(c.Enter)+len(c.Leave)+len(c.Looked)+len(c.Problems)+len(c.Messages)+len(c.Notices) == 0
}

// Tally is how an alert does.
type Tally struct {
	Week    int64     `json:"fired_7d"`
	Month   int64     `json:"fired_30d"`
	Held    int64     `json:"held"`
	Useful  int64     `json:"useful"`
	Useless int64     `json:"not_useful"`
	LastAt  time.Time `json:"last_at,omitzero"`
	Failed  int64     `json:"messages_failed"`  // that did not arrive
	Waiting int64     `json:"messages_waiting"` // in the outbox
	Arrived int64     `json:"messages_sent"`
}

// Precision is the share of judged firings that were useful, with its 95 % interval (Wilson).
type Precision struct {
	Judged int64   `json:"judged"`
	Share  float64 `json:"share"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// Precision is that of a tally.
func (t *Tally) Precision() Precision {
	n := t.Useful + t.Useless
	p := Precision{Judged: n}
	p.Low, p.High = noise.Wilson(t.Useful, n)
	if n > 0 {
		p.Share = float64(t.Useful) / float64(n)
	}
	return p
}
