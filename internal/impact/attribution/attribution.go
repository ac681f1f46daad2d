// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package attribution gives credit for deals to what happened before them.
//
// Credit is bookkeeping and not effect: a touch before a deal says that the community was there, and not that the deal would not
// have been made without. Every figure of this package has to stand beside an answer of package study, or beside the words that
// there is none.
//
//   - [Sourced] says by three definitions, side by side, whether the community was first. They differ, often by half, so a report
//     names one and keeps to it.
//   - [Influenced] says whether the community was there at all in the time before a deal was created, or closed.
//   - Sourced deals are influenced ones as well: [Totals] keeps the two apart and has no sum of them.
//   - [Split] spreads a deal over its touches by a model, all channels alike, so that shares add up to one.
//
// Definitions: thewayhow.com/learn-something/marketing-attribution-models and
// blog.hubspot.com/customers/a-closer-look-at-attribution-models-in-hubspot for the models;
// saasdash.ai/blog/community-to-pipeline-attribution-model for sourced and influenced, and why they are never added.
package attribution

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Touch is something that somebody did, or that was done to them, before a deal.
type Touch struct {
	At           time.Time
	Contact      int64 // who; 0 = not known
	Organization int64 // whose; 0 = not known
	Channel      string
	Community    bool // it happened in the community
}

// Deal is what a CRM calls a deal or an opportunity.
type Deal struct {
	ID           int64
	Organization int64
	Contacts     []int64 // those the CRM has on the deal
	Created      time.Time
	Closed       time.Time // zero = open
	Won          bool
	Amount       float64 // in the report's currency
	// Source is what the buyer said when asked how they heard of us, or what the CRM has as first source of the oldest contact.
	Source string
}

// Origin says whether the community was first, by each of the three definitions.
type Origin struct {
	ByContact      bool // the first touch of any contact on the deal, before it was created, was in the community
	ByOrganization bool // the first touch of anybody of the organization, before it was created, was in the community
	ByRecord       bool // the buyer, or the first record of them, names the community
	Touched        bool // there is any touch before; without one the first two say nothing
}

// Sourced looks at the touches before a deal was created. names are the words by which the community goes in [Deal.Source],
// compared without regard to case. Where several touches are first at the same time, it is enough that one is in the community.
func Sourced(d Deal, touches []Touch, names []string) Origin {
	var o Origin
	first := func(of func(t Touch) bool) (community, found bool) {
		var at time.Time
		for _, t := range touches {
			if !of(t) || !t.At.Before(d.Created) {
				continue
			}
			switch {
			case !found || t.At.Before(at):
				at, found, community = t.At, true, t.Community
			case t.At.Equal(at):
				community = community || t.Community
			}
		}
		return community, found
	}
	var byContact, byOrganization bool
	o.ByContact, byContact = first(func(t Touch) bool { return t.Contact != 0 && slices.Contains(d.Contacts, t.Contact) })
	o.ByOrganization, byOrganization = first(func(t Touch) bool { return concerns(d, t) })
	o.Touched = byContact || byOrganization
	for _, name := range names {
		o.ByRecord = o.ByRecord || strings.EqualFold(strings.TrimSpace(d.Source), name)
	}
	return o
}

// concerns says whether a touch is of the deal's organization, or of one of its contacts.
func concerns(d Deal, t Touch) bool {
	return t.Organization != 0 && t.Organization == d.Organization || t.Contact != 0 && slices.Contains(d.Contacts, t.Contact)
}

// Influence says whether the community was there.
type Influence struct {
	Creation int // touches in the community in the time before the deal was created: pipeline
	Close    int // touches in the community in the time before it was closed, or before now where it is open: revenue
}

// Influenced counts the touches in the community within lookBack before creation and before the close; now stands for the close
// of an open deal. A touch at the end of the time counts, one at its beginning does, too.
func Influenced(d Deal, touches []Touch, lookBack time.Duration, now time.Time) Influence {
	end := d.Closed
	if end.IsZero() {
		end = now
	}
	var v Influence
	for _, t := range touches {
		if !t.Community || !concerns(d, t) {
			continue
		}
		if within(t.At, d.Created, lookBack) {
			v.Creation++
		}
		if within(t.At, end, lookBack) {
			v.Close++
		}
	}
	return v
}

func within(at, end time.Time, lookBack time.Duration) bool {
	return !at.After(end) && !at.Before(end.Add(-lookBack))
}

// Sum is a number of deals and what they are worth.
type Sum struct {
	Deals  int     `json:"deals"`
	Amount float64 `json:"amount"`
}

func (s *Sum) add(d Deal, is bool) {
	if is {
		s.Deals++
		s.Amount += d.Amount
	}
}

// Totals are the figures of many deals. Sourced deals are among the influenced ones, mostly, so no sum of both means anything.
type Totals struct {
	All                   Sum `json:"all"`
	SourcedByContact      Sum `json:"sourced_by_contact"`
	SourcedByOrganization Sum `json:"sourced_by_organization"`
	SourcedByRecord       Sum `json:"sourced_by_record"`
	InfluencedPipeline    Sum `json:"influenced_pipeline"`
	InfluencedRevenue     Sum `json:"influenced_revenue"` // of deals that were won
	Won                   Sum `json:"won"`
	Untouched             Sum `json:"untouched"` // deals of which no touch of any kind is known before: nobody can say
}

// Total sums up over deals. touches are those of all deals.
func Total(deals []Deal, touches []Touch, names []string, lookBack time.Duration, now time.Time) Totals {
	var t Totals
	byContact, byOrganization := make(map[int64][]Touch), make(map[int64][]Touch)
	for _, touch := range touches {
		if touch.Contact != 0 {
			byContact[touch.Contact] = append(byContact[touch.Contact], touch)
		}
		if touch.Organization != 0 {
			byOrganization[touch.Organization] = append(byOrganization[touch.Organization], touch)
		}
	}
	for _, d := range deals {
		var mine []Touch
		if d.Organization != 0 {
			mine = slices.Clone(byOrganization[d.Organization])
		}
		for _, c := range d.Contacts {
			for _, touch := range byContact[c] {
				if touch.Organization == 0 || touch.Organization != d.Organization {
					mine = append(mine, touch)
				}
			}
		}
		o := Sourced(d, mine, names)
		v := Influenced(d, mine, lookBack, now)
		t.All.add(d, true)
		t.SourcedByContact.add(d, o.ByContact)
		t.SourcedByOrganization.add(d, o.ByOrganization)
		t.SourcedByRecord.add(d, o.ByRecord)
		t.InfluencedPipeline.add(d, v.Creation > 0)
		t.InfluencedRevenue.add(d, v.Close > 0 && d.Won)
		t.Won.add(d, d.Won)
		t.Untouched.add(d, !o.Touched)
	}
	return t
}

// ordered are a deal's touches up to its close, the first first.
func ordered(touches []Touch) []Touch {
	out := slices.Clone(touches)
	slices.SortStableFunc(out, func(a, b Touch) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Channel, b.Channel)) })
	return out
}
