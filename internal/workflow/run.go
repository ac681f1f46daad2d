// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
	"greenroom/internal/task"
)

// State says whether a workflow does anything.
type State string

// The states of a workflow.
const (
	Draft    State = "draft"    // was never turned on
	On       State = "on"       // members enter, and runs go on
	Off      State = "off"      // nobody enters, and runs stand still
	Archived State = "archived" // for good; its runs have ended
)

// Workflow is a workflow as it is kept.
type Workflow struct {
	ID        int64      `json:"id"`
	Key       string     `json:"key"` // lower case, digits and hyphens; never changes
	Name      string     `json:"name"`
	State     State      `json:"state"`
	Version   int64      `json:"version"` // the one that members enter; 0 = none yet
	Draft     Definition `json:"draft"`
	Changed   bool       `json:"changed"` // the draft differs from the version
	Steps     int        `json:"-"`       // the last number that a step was given
	Revision  int64      `json:"revision"`
	CreatedBy string     `json:"created_by"`
	CreatedAt time.Time  `json:"created_at"`
	ChangedAt time.Time  `json:"changed_at"`
	OnSince   time.Time  `json:"on_since,omitzero"`
	NextAt    time.Time  `json:"next_at,omitzero"` // of a schedule, or when dates are looked at
	Hook      string     `json:"-"`                // digest of the token of its address; "" = it has none
	Activity  int64      `json:"-"`                // the last activity before it was turned on
	Event     int64      `json:"-"`                // the last segment event before
	Problem   string     `json:"problem,omitempty"`
}

// Version is a definition that members have entered.
type Version struct {
	Version    int64      `json:"version"`
	Definition Definition `json:"definition"`
	By         string     `json:"by"`
	At         time.Time  `json:"at"`
}

// RunState says how far a run is.
type RunState string

// The states of a run.
const (
	Waiting RunState = "waiting" // at a step, until a time or until something happens
	Stuck   RunState = "failed"  // a step failed for good, and a person decides: the dead letters
	Done    RunState = "done"
	Stopped RunState = "stopped" // ended before its last step; Reason says why
	Held    RunState = "held"    // held out: nothing was done, and they are compared with the others
)

// RunStates lists them.
func RunStates() []RunState { return []RunState{Waiting, Stuck, Done, Stopped, Held} }

// Run is a member in a workflow.
type Run struct {
	ID             int64     `json:"id"`
	WorkflowID     int64     `json:"workflow_id"`
	Version        int64     `json:"version"`
	MemberID       int64     `json:"member_id"`
	Member         string    `json:"member"` // by name; of one that was merged, of whom they are part now
	State          RunState  `json:"state"`
	Step           string    `json:"step,omitempty"`    // that it is at
	Since          time.Time `json:"since,omitzero"`    // when it came there
	DueAt          time.Time `json:"due_at,omitzero"`   // when it looks again
	Message        string    `json:"message,omitempty"` // key of the message of which it waits to hear
	EnteredAt      time.Time `json:"entered_at"`
	Cause          string    `json:"cause"` // in words
	Key            string    `json:"key"`   // of the entry, unique in the workflow
	ActivityID     int64     `json:"activity_id,omitempty"`
	ConversationID int64     `json:"conversation_id,omitempty"`
	WroteAt        time.Time `json:"wrote_at,omitzero"` // when the first message was sent
	Attempts       int64     `json:"attempts,omitempty"`
	Reason         string    `json:"reason,omitempty"`
	EndedAt        time.Time `json:"ended_at,omitzero"`
	Outcome        int64     `json:"outcome"` // 1 = did what was hoped for, 0 = did not, -1 = not known yet
	Seq            int64     `json:"-"`       // grows with each change
	Listens        bool      `json:"-"`       // something that happens may concern it before it is due
}

// Entry is a line of a run's log.
type Entry struct {
	Seq  int64     `json:"seq"`
	Step string    `json:"step,omitempty"`
	Kind StepKind  `json:"kind,omitempty"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
	Key  string    `json:"key,omitempty"` // of the message or task that it made
}

// Edit is what a run changes of its member.
type Edit struct {
	Tag, Untag   string
	Field, Value string
}

// Advance is all that a run does at once. It is stored whole, or not at all.
type Advance struct {
	Run      Run // as it is to be; ID and Seq say which, and as of when
	Log      []Entry
	Messages []outbox.Message
	Tasks    []task.Task
	Notices  []task.Notice
	Edits    []Edit
}

// Account is an account of a member.
type Account struct {
	Source, External, Handle string
}

// Person is what steps need to know of a member.
type Person struct {
	ID           int64 // of the member that they are now
	Name         string
	Organization string
	Lifecycle    string
	Country      string
	Emails       []string
	Accounts     []Account
	Fields       map[string]string
	Out          bool // staff, a bot or hidden: no workflow is for them
}

// Begun is the activity with which a run began.
type Begun struct {
	ID           int64
	MemberID     int64 // who did it, as the member that they are now
	At           time.Time
	Source       string
	Channel      string // by name
	ChannelID    string // as the source calls it
	External     string // as the source calls it
	Root         string // the conversation, as the source calls it: its thread, or else what opened it
	Thread       bool   // Root is a thread
	Conversation int64
	Title        string // of the conversation
	Topic        string
	URL          string
}

// Deed is something that was done.
type Deed struct {
	ID, Member int64
	At         time.Time
	Said       bool // something was written
}

// Facts is what steps and triggers are told about members. Members are found also by what they were called before they
// became part of another one.
type Facts interface {
	// WhichFit gives those of some objects that a query fits now, in order.
	WhichFit(ctx context.Context, e query.Entity, q *query.Query, ids []int64) ([]int64, error)
	// WorkflowPeople knows members by the ids that they are asked by; those who are gone are left out.
	WorkflowPeople(ctx context.Context, ids []int64) (map[int64]Person, error)
	// Begun knows activities; those that are gone are left out.
	Begun(ctx context.Context, activities []int64) (map[int64]Begun, error)
	Deeds
	Contacts
}

// Deeds are what was done after a time and not after another.
type Deeds interface {
	// DeedsOf gives what a member did after a time and not after another, in order of time.
	DeedsOf(ctx context.Context, member int64, after, until time.Time) ([]Deed, error)
	// RunAnswered is when the member of a run first wrote back by mail in a span of time; zero = they did not.
	RunAnswered(ctx context.Context, run int64, after, until time.Time) (time.Time, error)
	// DeedsIn gives what was done in a conversation, likewise.
	DeedsIn(ctx context.Context, conversation int64, after, until time.Time) ([]Deed, error)
	// Turned gives the first time in between at which a member entered a segment, or left it; the zero time = never.
	Turned(ctx context.Context, member int64, segment string, entered bool, after, until time.Time) (time.Time, error)
}

// Contacts says whether members may be written to.
type Contacts interface {
	Contacts(ctx context.Context, members []int64, since time.Time) (map[int64]outbox.Contact, error)
	ContactRules(ctx context.Context) (consent.Rules, error)
}

// Programs enroll members; what is asked for twice by one key happens once.
type Programs interface {
	Enroll(ctx context.Context, key, program string, member int64, by string) error
}

// Surveys send surveys to members; what is asked for twice by one key happens once.
type Surveys interface {
	Invite(ctx context.Context, key, survey string, member int64, by string) error
}

// CRM sets a property of a member's contact, as a step of the kind StepCRM says; what is asked for twice by one key happens
// once. Written is false where they have no contact.
type CRM interface {
	Set(ctx context.Context, key string, s *Step, value string, member int64) (written bool, err error)
	// Targets are the CRMs that can be written to, by the names of their sources.
	Targets(ctx context.Context) ([]string, error)
}

// Desk gives conversations to people of the team; doing it twice changes nothing.
type Desk interface {
	Assign(ctx context.Context, conversation int64, owner, by string) error
}

// Ways says by which sources messages can go out on a channel, by their names.
type Ways interface {
	Ways(ctx context.Context) (map[outbox.Channel][]string, error)
}

// Team is what steps need to know of the team.
type Team struct {
	Names        map[string]string // of people, by their mail address in lower case
	Destinations map[int64]outbox.Destination
}

// Parts are what other features do for steps. Each may be nil: then its step cannot be used.
type Parts struct {
	Programs Programs
	Surveys  Surveys
	Desk     Desk
	CRM      CRM
	Ways     Ways
	Base     string // address of this Greenroom for links, without a slash at the end
}

// Decode reads a definition that was kept or was written by hand; what it does not know is an error of CodeInvalid.
func Decode(text []byte) (Definition, error) {
	var d Definition
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return d, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "this is no workflow's definition: " + err.Error(), Err: err}
	}
	return d, nil
}
