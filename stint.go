// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package greenroom

import "time"

// Stint is the time that a member was with one organization. Members who have never changed jobs have none: all that they
// did counts for the organization that they are with. Those who have moved were with one organization, or none, at any
// time, and what they did counts for the one of then.
type Stint struct {
	MemberID       int64  `json:"member_id"`
	Member         string `json:"member"` // by name
	OrganizationID int64  `json:"organization_id,omitempty"`
	Organization   string `json:"organization"` // by name; "" = with none
	// Since is the first day in UTC; zero in the first stint, which holds from the beginning. Until is the day after the last;
	// zero = it is where they are now.
	Since      time.Time   `json:"since,omitzero"`
	Until      time.Time   `json:"until,omitzero"`
	Seen       time.Time   `json:"seen,omitzero"` // when it is first known of, also in the first stint
	Origin     StintOrigin `json:"origin"`
	Dated      StintDating `json:"dated"`
	DecisionID int64       `json:"decision_id,omitempty"` // what a person said, and can be undone
}

// StintOrigin says who tells that a member was with an organization.
type StintOrigin string

// The origins.
const (
	StintHand     StintOrigin = "hand"     // somebody of the team
	StintBusiness StintOrigin = "business" // a business system, such as the CRM
	StintSource   StintOrigin = "source"   // another source, by name
	StintEmail    StintOrigin = "email"    // the domain of an e-mail address
	StintProfile  StintOrigin = "profile"  // what a profile calls the company, where nothing better is known; never a move
)

// StintDating says how the beginning of a stint is known.
type StintDating string

// The ways to know it.
const (
	DatedHand    StintDating = "hand"    // somebody of the team gave the day
	DatedTold    StintDating = "told"    // the source gave the day
	DatedRead    StintDating = "read"    // the day on which the source was first read to tell another organization than before
	DatedActive  StintDating = "active"  // the first activity of the account that says so
	DatedAccount StintDating = "account" // the day on which the account that says so was made
	DatedUnknown StintDating = ""        // nobody knows: from the beginning
)

// Words says in a few words how the beginning of a stint is known.
func (d StintDating) Words() string {
	switch d {
	case DatedHand:
		return "entered by hand"
	case DatedTold:
		return "as the source told it"
	case DatedRead:
		return "when the source was first read to say so"
	case DatedActive:
		return "the first activity of the account that says so"
	case DatedAccount:
		return "when the account that says so was made"
	default:
		return "not known since when"
	}
}

// PlacementKind is what somebody says of where a member works.
type PlacementKind string

// The kinds.
const (
	PlacedMoved   PlacementKind = "moved"   // they moved to the organization on a day; before that it stays as it was
	PlacedAlways  PlacementKind = "always"  // they were never with another: a correction of everything
	PlacedNever   PlacementKind = "never"   // they were never with it, whatever sources say
	PlacedSources PlacementKind = "sources" // as the sources say: takes back all that was said before
)

// Placement is what somebody of the team said of where a member works.
type Placement struct {
	ID             int64         `json:"id"`
	MemberID       int64         `json:"member_id"`
	Kind           PlacementKind `json:"kind"`
	OrganizationID int64         `json:"organization_id,omitempty"` // 0 = none
	Organization   string        `json:"organization"`              // by name
	Since          time.Time     `json:"since,omitzero"`            // of a move: the first day, in UTC
	By             string        `json:"by"`
	At             time.Time     `json:"at"`
	UndoneAt       time.Time     `json:"undone_at,omitzero"`
}

// Validate checks a placement before it is kept.
func (p *Placement) Validate() error {
	switch {
	case p.OrganizationID < 0:
		return Errorf(CodeInvalid, "an organization is named by its id, or 0 for none")
	case p.Kind == PlacedMoved && p.Since.IsZero():
		return Errorf(CodeInvalid, "a move needs the day on which it happened, such as 2026-03-01")
	case p.Kind == PlacedMoved && p.Since.Year() < 1971:
		return Errorf(CodeInvalid, "a move cannot lie before 1971")
	case p.Kind != PlacedMoved && !p.Since.IsZero():
		return Errorf(CodeInvalid, "only a move has a day; a correction holds for all time")
	case p.Kind == PlacedNever && p.OrganizationID == 0:
		return Errorf(CodeInvalid, "say which organization they were never with")
	case p.Kind != PlacedMoved && p.Kind != PlacedAlways && p.Kind != PlacedNever && p.Kind != PlacedSources:
		return Errorf(CodeInvalid, "a placement is moved, always, never or sources, not %q", p.Kind)
	}
	return nil
}
