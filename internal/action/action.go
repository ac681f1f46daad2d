// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package action

import (
	"encoding/json"
	"time"
)

// State says how far an action is.
type State string

// The states of an action.
const (
	Proposed State = "proposed" // waits for a person
	Approved State = "approved" // is to be carried out
	Running  State = "running"  // is being carried out, or goes on where it was
	Done     State = "done"     // all of its items have an outcome
	Failed   State = "failed"   // could not go on; Error says why
	Canceled State = "canceled" // ended by a person; what was done stays
)

// Action is one logged intent and how it went.
type Action struct {
	ID         int64           `json:"id"`
	Key        string          `json:"key"`    // unique; asking again with it gives this action
	Kind       string          `json:"kind"`   // which performer carries it out, e.g. "write-back"
	Source     string          `json:"source"` // the source whose platform it changes
	Title      string          `json:"title"`  // what it does, for people
	Plan       json.RawMessage `json:"plan"`   // what was asked for, as its kind writes it
	State      State           `json:"state"`
	Error      string          `json:"error,omitempty"` // why it failed or waits
	CreatedBy  string          `json:"created_by"`
	ApprovedBy string          `json:"approved_by,omitempty"`
	CreatedAt  time.Time       `json:"created_at"`
	ApprovedAt time.Time       `json:"approved_at,omitzero"`
	StartedAt  time.Time       `json:"started_at,omitzero"`
	FinishedAt time.Time       `json:"finished_at,omitzero"`
	RetryAt    time.Time       `json:"retry_at,omitzero"` // when it goes on after a failure that passes
	Items      int64           `json:"items"`
	Done       int64           `json:"done"`
	Unchanged  int64           `json:"unchanged"` // items whose effect was there already
	Failed     int64           `json:"failed"`
}

// Waiting is how many items have no outcome yet.
func (a *Action) Waiting() int64 { return a.Items - a.Done - a.Unchanged - a.Failed }

// Over reports whether nothing more happens by itself.
func (a *Action) Over() bool { return a.State == Done || a.State == Failed || a.State == Canceled }

// ItemState says how far an item is.
type ItemState string

// The states of an item.
const (
	ItemWaits     ItemState = "waits"
	ItemSent      ItemState = "sent" // it was given to the platform; whether it arrived is not known yet
	ItemDone      ItemState = "done"
	ItemUnchanged ItemState = "unchanged"
	ItemFailed    ItemState = "failed"
)

// Item is one effect of an action.
type Item struct {
	Seq      int64             `json:"seq"`                 // from 1 on, in the order in which they are carried out
	Target   string            `json:"target"`              // what it changes, by the platform's id
	MemberID int64             `json:"member_id,omitempty"` // the member that it is about; 0 = none
	Account  int64             `json:"account,omitempty"`   // the account that it is about, by its organization's id; 0 = none
	Name     string            `json:"name"`                // of the target, for people
	Before   map[string]string `json:"before,omitempty"`    // what was there, known when it was carried out
	After    map[string]string `json:"after"`               // what is to be there
	Note     string            `json:"note,omitempty"`      // a text that goes along
	Link     string            `json:"link,omitempty"`      // of the note
	State    ItemState         `json:"state"`
	Reason   string            `json:"reason,omitempty"` // why it failed
	Result   string            `json:"result,omitempty"` // address of what was made, on the platform
	At       time.Time         `json:"at,omitzero"`      // when it got its state
	Again    bool              `json:"-"`                // it was sent before, and what became of that is not known
	// Claim is what may be done once only, in all actions; "" = anything may. While an item has it that is done or still can be, no
	// other gets it. Once that item has failed, or its action ended before it, the claim can go to another item, and it has none.
	Claim string `json:"-"`
}

// OfAccount is an item that is about an account, with what is said of its action.
type OfAccount struct {
	ID     int64  `json:"action"`
	Kind   string `json:"kind"`
	Source string `json:"source"`
	Title  string `json:"title"`
	State  State  `json:"state"` // of the action
	Item   Item   `json:"item"`
}

// Open reports whether something is still to become of it.
func (x *OfAccount) Open() bool {
	return (x.Item.State == ItemWaits || x.Item.State == ItemSent) && x.State != Canceled
}
