// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"context"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
	"greenroom/internal/task"
	"greenroom/internal/text/alike"
)

// State is what the team decided about a conversation. The zero State is one that nobody has touched.
type State struct {
	Owner        string    `json:"owner,omitempty"`        // mail address of a user; "" = nobody
	Why          string    `json:"why,omitempty"`          // why it is theirs, where that was not by hand
	SnoozedAt    time.Time `json:"snoozed_at,omitzero"`    // since when it sleeps; zero = it does not
	SnoozedUntil time.Time `json:"snoozed_until,omitzero"` // until when; zero = only until somebody writes
	UntilReply   bool      `json:"until_reply,omitempty"`  // it wakes when somebody writes
	SeenLast     time.Time `json:"seen_last,omitzero"`     // the last message in it when it was put to sleep
	DoneAt       time.Time `json:"done_at,omitzero"`       // zero = not
	DoneBy       string    `json:"done_by,omitempty"`      // who said so
	Elsewhere    string    `json:"elsewhere,omitempty"`    // link to where it was answered
	ReopenedAt   time.Time `json:"reopened_at,omitzero"`   // somebody said that it waits, whatever the facts say
	MergedInto   int64     `json:"merged_into,omitempty"`  // the conversation that is answered for both; 0 = itself
}

// Status is where a conversation stands in the inbox.
type Status string

// The statuses.
const (
	Waiting  Status = "waiting"
	Snoozed  Status = "snoozed"
	Done     Status = "done"
	Merged   Status = "merged"
	Answered Status = "answered" // it does not wait, as far as the facts say
)

// status says where a conversation stands; waits = the facts say that it waits, last = when somebody last wrote in it.
func (s *State) status(waits bool, last, now time.Time) Status {
	switch {
	case s.MergedInto > 0:
		return Merged
	case !s.DoneAt.IsZero():
		return Done
	case !waits && s.ReopenedAt.IsZero():
		return Answered
	case s.asleep(last, now):
		return Snoozed
	}
	return Waiting
}

// asleep reports whether a snooze holds.
func (s *State) asleep(last, now time.Time) bool {
	switch {
	case s.SnoozedAt.IsZero(), s.UntilReply && last.After(s.SeenLast):
		return false
	case s.SnoozedUntil.IsZero():
		return s.UntilReply
	}
	return now.Before(s.SnoozedUntil)
}

// Item is a conversation in the inbox.
type Item struct {
	Conversation greenroom.Conversation `json:"conversation"`
	State
	Status     Status    `json:"status"`
	Target     Target    `json:"target"`
	DueAt      time.Time `json:"due_at"`
	LateHours  float64   `json:"late_hours"`           // past the target; below 0 = so much is left
	Duplicates []int64   `json:"duplicates,omitempty"` // conversations that were merged into it
	OwnerName  string    `json:"owner_name,omitempty"`
}

// What is what happened to an item.
type What string

// What can happen. The first group changes the state.
const (
	WhatAssign    What = "assign"
	WhatSnooze    What = "snooze"
	WhatWake      What = "wake"
	WhatDone      What = "done"
	WhatElsewhere What = "elsewhere"
	WhatReopen    What = "reopen"
	WhatMerge     What = "merge"
	WhatReply     What = "reply"
	WhatFailed    What = "failed" // a reply did not go out

	WhatNote     What = "note"
	WhatAsk      What = "ask" // a member was asked to help
	WhatEscalate What = "escalate"
	WhatBack     What = "back" // it has slept long enough
)

// Event is something that happened to an item: who did what, when.
type Event struct {
	ID             int64     `json:"id"`
	ConversationID int64     `json:"conversation_id"`
	What           What      `json:"what"`
	Actor          string    `json:"actor"`            // who: mail address, or "greenroom"
	Detail         string    `json:"detail,omitempty"` // to whom, until when, ... in words
	Note           string    `json:"note,omitempty"`   // what a note says
	MessageID      int64     `json:"message_id,omitempty"`
	At             time.Time `json:"at"`
	UndoneAt       time.Time `json:"undone_at,omitzero"`
	UndoneBy       string    `json:"undone_by,omitempty"`
	MayUndo        bool      `json:"may_undo"` // it can be taken back now
}

// Change is what a change of an item stores, all of it or nothing.
type Change struct {
	State   State
	Kept    bool // the state is as it was: the event is about something else
	What    What
	Actor   string
	Detail  string
	Note    string
	Asked   int64           // member who is asked to help
	Turn    string          // mail address of whom it is given to because it is their turn
	Notices []task.Notice   // those without a key get the event's
	Message *outbox.Message // likewise; Origin.Run becomes the event
	Once    string          // where it is set and was stored before, nothing is stored and the change is CodeConflict
}

// View is a part of the inbox.
type View string

// The views.
const (
	ViewWaiting    View = "waiting"
	ViewMine       View = "mine"
	ViewUnassigned View = "unassigned"
	ViewOverdue    View = "overdue"
	ViewSnoozed    View = "snoozed"
	ViewDone       View = "done"
)

// Views lists all.
func Views() []View {
	return []View{ViewWaiting, ViewMine, ViewUnassigned, ViewOverdue, ViewSnoozed, ViewDone}
}

// Filter says which items are listed.
type Filter struct {
	View   View   // "" = ViewWaiting
	Query  string // over conversations; "" = all
	Person string // whose, for ViewMine
	Offset int
	Limit  int // 0 = 30
}

// Counts are how many items each view has.
type Counts struct {
	Waiting    int `json:"waiting"`
	Mine       int `json:"mine"`
	Unassigned int `json:"unassigned"`
	Overdue    int `json:"overdue"`
	Snoozed    int `json:"snoozed"`
	Done       int `json:"done"`
	OnMe       int `json:"on_me"` // mine, and what is overdue and nobody's
}

// Of is the count of a view.
func (c *Counts) Of(v View) int {
	switch v {
	case ViewMine:
		return c.Mine
	case ViewUnassigned:
		return c.Unassigned
	case ViewOverdue:
		return c.Overdue
	case ViewSnoozed:
		return c.Snoozed
	case ViewDone:
		return c.Done
	case ViewWaiting:
	}
	return c.Waiting
}

// Page is a part of a view.
type Page struct {
	Items     []Item  `json:"items"`
	Total     int     `json:"total"`
	Next      int     `json:"next,omitempty"` // offset of the next page; 0 = this is the last
	Counts    Counts  `json:"counts"`         // of all views, without the query
	WaitHours float64 `json:"wait_hours"`     // median wait of what waits now
}

// Fact is what the board knows of a conversation from the facts.
type Fact struct {
	ID     int64
	Opened time.Time
	Last   time.Time // the latest message in it
}

// Signal says how far the store has come: while it is the same, the board is. Decided grows with what people change, and
// now and then without; it alone changes nothing on the board.
type Signal struct {
	Activity, Version, Reading, Event int64
	Decided                           uint64
}

// same reports whether a board is the same at both signals.
func (g Signal) same(other Signal) bool {
	other.Decided = g.Decided
	return g == other
}

// Topic is something that a conversation is about.
type Topic struct {
	ID   int64
	Name string
}

// Place is where a conversation is, for those who write there.
type Place struct {
	Source   string // its name
	Kind     string // of the connector
	Platform string
	Live     bool   // it is connected, not only imported
	Channel  string // external id of the channel
	Thread   string // external id of the thread, or of the message that opened it
	MemberID int64  // who opened it
}

// Board is what the store knows of what waits.
type Board interface {
	InboxSignal(ctx context.Context) (Signal, error)
	// InboxWaiting lists conversations that one of some queries fits and that began since a time, the latest first.
	InboxWaiting(ctx context.Context, queries []*query.Query, since time.Time, limit int) ([]int64, error)
	// InboxStates gives the states of items that are not done, and of those that were done since a time.
	InboxStates(ctx context.Context, since time.Time) (map[int64]State, error)
	InboxFacts(ctx context.Context, ids []int64) ([]Fact, error)
	WhichFit(ctx context.Context, e query.Entity, q *query.Query, ids []int64) ([]int64, error)
	ConversationsByID(ctx context.Context, ids []int64) (map[int64]greenroom.Conversation, error)
	// InboxWaits lists questions of people outside the team that began since a time.
	InboxWaits(ctx context.Context, since time.Time) ([]Wait, error)
}

// Keeper keeps what people decided.
type Keeper interface {
	// ChangeItem gives change the state of a conversation and stores what it returns, in one transaction. CodeNotFound where
	// there is no such conversation.
	ChangeItem(ctx context.Context, id int64, change func(State) (Change, error)) (Event, error)
	// UndoItem takes an event back. CodeConflict where something came after it that it would undo, too.
	UndoItem(ctx context.Context, event int64, by string) (Event, error)
	InboxState(ctx context.Context, id int64) (State, error)
	InboxEvents(ctx context.Context, id int64) ([]Event, error)
	// InboxTurns says when each person was given something by turn last.
	InboxTurns(ctx context.Context) (map[string]time.Time, error)
	InboxSettings(ctx context.Context) (text string, err error)
	SetInboxSettings(ctx context.Context, text string) error
}

// Lore is what the store knows of people who answer.
type Lore interface {
	InboxTeam(ctx context.Context) ([]Person, error)
	InboxTopics(ctx context.Context, id int64) ([]Topic, error)
	// InboxAnswerers lists who answered questions on some topics or in a channel since a time, at most limit of them.
	InboxAnswerers(ctx context.Context, channel int64, topics []int64, since, now time.Time, limit int) ([]Answerer, error)
	// InboxAnswered lists the latest questions that were answered.
	InboxAnswered(ctx context.Context, limit int) ([]alike.Doc, error)
	InboxPlace(ctx context.Context, id int64) (Place, error)
	// InboxAccount is the external id of a member's account on a source; "" = they have none.
	InboxAccount(ctx context.Context, member int64, source string) (string, error)
}

// Outlet is what the inbox reads of the outbox.
type Outlet interface {
	Destination(ctx context.Context, id int64) (outbox.Destination, error)
	Destinations(ctx context.Context) ([]outbox.Destination, error)
	MessageList(ctx context.Context, f outbox.Filter) ([]outbox.Message, error)
}
