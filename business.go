// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package greenroom

import (
	"slices"
	"strings"
	"time"
)

// DealState says how a deal stands, whatever its stage is called.
type DealState string

// The states of a deal.
const (
	DealOpen DealState = "open"
	DealWon  DealState = "won"
	DealLost DealState = "lost"
)

// Valid reports whether it is one of the states.
func (s DealState) Valid() bool { return s == DealOpen || s == DealWon || s == DealLost }

// The answers to where a deal's state is known from, the strongest first.
const (
	StateByRule   = "rule"   // people said what its stage means
	StateBySource = "source" // the source said so
	StateByName   = "name"   // from the name of its stage, its probability or its closing date
	StateUnknown  = ""       // nobody can tell: the deal counts as open
)

// DealStep is a stage that a deal entered, and what the stage means.
type DealStep struct {
	Stage     string    `json:"stage"`
	At        time.Time `json:"at"`
	State     DealState `json:"state"`
	Position  int       `json:"position"`  // order within the pipeline, from 1; 0 = not known
	Qualified bool      `json:"qualified"` // whether a deal in this stage counts as qualified
}

// Deal is an opportunity as the CRM tells it, with its stage translated to what it means. Money is in the deal's own
// currency: Rates.Convert makes it comparable.
type Deal struct {
	ID               int64     `json:"id"` // of the business record
	SourceID         int64     `json:"source_id"`
	Source           string    `json:"source"` // name of the source
	ExternalID       string    `json:"external_id"`
	Organization     int64     `json:"organization,omitempty"` // 0 = the source names none
	OrganizationName string    `json:"organization_name,omitempty"`
	Member           int64     `json:"member,omitempty"` // the contact, after all merges; 0 = none
	Name             string    `json:"name"`
	Pipeline         string    `json:"pipeline,omitempty"` // "" = the source has only one, or does not say
	Type             string    `json:"type,omitempty"`     // such as "newbusiness" or "Renewal", in the source's words
	Owner            string    `json:"owner,omitempty"`    // in the source's words
	Stage            string    `json:"stage"`              // in the source's words
	State            DealState `json:"state"`
	StateFrom        string    `json:"state_from"`         // StateByRule, StateBySource, StateByName or StateUnknown
	Position         int       `json:"position,omitempty"` // of the stage, from 1; 0 = not known
	Qualified        bool      `json:"qualified"`          // it was, at some time, in a stage that counts as qualified
	// QualifiedAt is when it first was in such a stage; zero = never, or the source does not tell when.
	QualifiedAt time.Time  `json:"qualified_at,omitzero"`
	Amount      float64    `json:"amount,omitempty"`   // 0 = not told
	Currency    string     `json:"currency,omitempty"` // ISO 4217; "" = not told
	Probability *float64   `json:"probability,omitempty"`
	Opened      time.Time  `json:"opened,omitzero"`
	Closed      time.Time  `json:"closed,omitzero"`   // won or lost; zero = open, or not told
	Expected    time.Time  `json:"expected,omitzero"` // when an open deal is expected to close
	History     []DealStep `json:"history,omitempty"` // the oldest first; the source may not tell all of it
}

// Money is what the deal is worth.
func (d *Deal) Money() Money { return Money{Amount: d.Amount, Currency: d.Currency} }

// Cycle is how long a closed deal took, 0 for one that is open or whose dates are not both told.
func (d *Deal) Cycle() time.Duration {
	if d.State == DealOpen || d.Opened.IsZero() || d.Closed.IsZero() || d.Closed.Before(d.Opened) {
		return 0
	}
	return d.Closed.Sub(d.Opened)
}

// StateAt is how the deal stood at a time; false before it was opened.
func (d *Deal) StateAt(at time.Time) (DealState, bool) {
	if d.Opened.IsZero() || at.Before(d.Opened) {
		return "", false
	}
	if d.State != DealOpen && (d.Closed.IsZero() || !at.Before(d.Closed)) {
		return d.State, true
	}
	return DealOpen, true
}

// Ticket is a support case.
type Ticket struct {
	ID               int64         `json:"id"` // of the business record
	SourceID         int64         `json:"source_id"`
	Source           string        `json:"source"`
	ExternalID       string        `json:"external_id"`
	Organization     int64         `json:"organization,omitempty"`
	OrganizationName string        `json:"organization_name,omitempty"`
	Member           int64         `json:"member,omitempty"` // who asked, after all merges
	Name             string        `json:"name"`             // its subject
	Stage            string        `json:"stage"`            // its status, in the source's words
	Solved           bool          `json:"solved"`
	Priority         string        `json:"priority,omitempty"` // in the source's words, lower case
	Owner            string        `json:"owner,omitempty"`
	Satisfaction     string        `json:"satisfaction,omitempty"` // "good", "bad" or "" = not rated
	Reopened         int           `json:"reopened,omitempty"`     // how often
	FirstReply       time.Duration `json:"first_reply,omitempty"`  // nanoseconds; 0 = not told
	Opened           time.Time     `json:"opened,omitzero"`
	Closed           time.Time     `json:"closed,omitzero"` // solved; zero = open
	History          []Stage       `json:"history,omitempty"`
}

// Urgent reports whether the ticket's priority is above what is usual.
func (t *Ticket) Urgent() bool {
	switch t.Priority {
	case "high", "urgent", "critical", "highest", "p0", "p1", "blocker", "emergency":
		return true
	}
	return false
}

// SubscriptionState says how a subscription stands.
type SubscriptionState string

// The states of a subscription.
const (
	SubscriptionTrial   SubscriptionState = "trial"
	SubscriptionActive  SubscriptionState = "active"
	SubscriptionLate    SubscriptionState = "past due" // it runs, and is not paid
	SubscriptionPaused  SubscriptionState = "paused"
	SubscriptionEnded   SubscriptionState = "ended"
	SubscriptionPending SubscriptionState = "pending" // it was never paid for
)

// Pays reports whether a subscription in this state counts for recurring revenue. Those that are late do, until they end.
func (s SubscriptionState) Pays() bool { return s == SubscriptionActive || s == SubscriptionLate }

// Recurring is what a subscription brought a month from a time on.
type Recurring struct {
	At  time.Time `json:"at"`
	MRR float64   `json:"mrr"` // in the subscription's currency
}

// Subscription is a contract that is paid for again and again, or tried.
type Subscription struct {
	ID               int64             `json:"id"` // of the business record
	SourceID         int64             `json:"source_id"`
	Source           string            `json:"source"`
	ExternalID       string            `json:"external_id"`
	Organization     int64             `json:"organization,omitempty"`
	OrganizationName string            `json:"organization_name,omitempty"`
	Member           int64             `json:"member,omitempty"`
	Name             string            `json:"name"` // mostly that of the plan
	Stage            string            `json:"stage"`
	State            SubscriptionState `json:"state"`
	// MRR is what it brings a month, discounts taken off as far as the source tells of them, in Currency: of one that has
	// ended what it brought last. Known says whether the source tells enough to say so, and Why what is missing.
	MRR        float64     `json:"mrr"`
	Known      bool        `json:"known"`
	Why        string      `json:"why,omitempty"` // why the MRR is not known, or how it was computed
	Amount     float64     `json:"amount,omitempty"`
	Interval   float64     `json:"interval,omitempty"` // months that Amount is for; 0 = not told
	Currency   string      `json:"currency,omitempty"`
	Seats      float64     `json:"seats,omitempty"`
	SeatsUsed  float64     `json:"seats_used,omitempty"` // 0 = not told
	Start      time.Time   `json:"start,omitzero"`
	End        time.Time   `json:"end,omitzero"`     // ended; zero = runs
	Renewal    time.Time   `json:"renewal,omitzero"` // the next date on which it renews or runs out
	Cancels    bool        `json:"cancels"`          // it runs, and will not be renewed
	TrialStart time.Time   `json:"trial_start,omitzero"`
	TrialEnd   time.Time   `json:"trial_end,omitzero"`
	Owner      string      `json:"owner,omitempty"`
	History    []Stage     `json:"history,omitempty"`  // in the source's words, the oldest first
	Revenue    []Recurring `json:"revenue,omitempty"`  // what the MRR was, the oldest first; empty = only today's is known
	Reason     string      `json:"reason,omitempty"`   // why it was canceled, in the source's words
	Usage      float64     `json:"usage,omitempty"`    // share of what the plan allows that is used, 0 to 1 or more; 0 = not told
	Features   string      `json:"features,omitempty"` // what the plan includes, in the source's words
}

// PaidSince is when it first paid: the end of the trial, or the start where there was none; zero = it never did.
func (s *Subscription) PaidSince() time.Time {
	switch {
	case s.State == SubscriptionTrial || s.State == SubscriptionPending:
		return time.Time{}
	case s.TrialEnd.IsZero():
		return s.Start
	case !s.End.IsZero() && !s.End.After(s.TrialEnd):
		return time.Time{} // it ended with its trial
	}
	return s.TrialEnd
}

// MRRAt is what it brought a month at a time, in its currency: 0 before it was paid for and after it ended.
func (s *Subscription) MRRAt(at time.Time) float64 {
	since := s.PaidSince()
	if since.IsZero() || at.Before(since) || !s.End.IsZero() && !at.Before(s.End) || s.State == SubscriptionPaused {
		return 0
	}
	value := s.MRR
	if len(s.Revenue) > 0 {
		value = s.Revenue[0].MRR // before the first that is known
		for _, r := range s.Revenue {
			if r.At.After(at) {
				break
			}
			value = r.MRR
		}
	}
	return value
}

// LifecycleState says what an organization is to the business.
type LifecycleState string

// The states of an organization's lifecycle; "" = nobody tells.
const (
	Prospect LifecycleState = "prospect"
	Trial    LifecycleState = "trial"
	Customer LifecycleState = "customer"
	Churned  LifecycleState = "churned"
)

// Phase is a stay of an organization in one state of its lifecycle.
type Phase struct {
	State  LifecycleState `json:"state"`
	From   time.Time      `json:"from"`
	To     time.Time      `json:"to,omitzero"` // zero = it lasts
	Origin string         `json:"origin"`      // what it is known from, such as "subscription sub_1"
}

// Lifecycle is what an organization was to the business, as its subscriptions and deals tell.
type Lifecycle struct {
	Organization int64            `json:"organization"`
	Name         string           `json:"name"`
	Kind         OrganizationKind `json:"kind,omitempty"`
	State        LifecycleState   `json:"state"` // now
	Said         LifecycleState   `json:"said"`  // what the source says it is; may differ, and then people should look
	Phases       []Phase          `json:"phases,omitempty"`
}

// At is the state at a time, "" before the first phase.
func (l *Lifecycle) At(at time.Time) LifecycleState {
	for _, p := range slices.Backward(l.Phases) {
		if !at.Before(p.From) && (p.To.IsZero() || at.Before(p.To)) {
			return p.State
		}
	}
	return ""
}

// Trials are the phases in which the organization tried the product, the oldest first.
func (l *Lifecycle) Trials() []Phase { return l.Of(Trial) }

// Of lists the phases of a state, the oldest first.
func (l *Lifecycle) Of(s LifecycleState) []Phase {
	var all []Phase
	for _, p := range l.Phases {
		if p.State == s {
			all = append(all, p)
		}
	}
	return all
}

// BusinessFilter says which business records are meant; what is zero does not narrow.
type BusinessFilter struct {
	IDs           []int64
	Organizations []int64
	Source        int64
	OpenedFrom    time.Time // at or after
	OpenedTo      time.Time // before
	ClosedFrom    time.Time // by the source's closing date, at or after
	ClosedTo      time.Time // before
}

// Validate says what is wrong with a filter, as CodeInvalid.
func (f *BusinessFilter) Validate() error {
	if !f.OpenedTo.IsZero() && f.OpenedTo.Before(f.OpenedFrom) || !f.ClosedTo.IsZero() && f.ClosedTo.Before(f.ClosedFrom) {
		return Errorf(CodeInvalid, "the filter ends before it begins")
	}
	return nil
}

// CurrencyCode is a currency as ISO 4217 writes it, or "" for what is none.
func CurrencyCode(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 3 {
		return ""
	}
	for _, r := range s {
		if r < 'A' || r > 'Z' {
			return ""
		}
	}
	return s
}
