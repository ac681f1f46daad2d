// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package luma

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector/internal/rest"
)

// The sizes of pages.
const (
	pageEvents = "50"
	pageGuests = "100"
)

// wireList is a page. A cursor can stand there although nothing follows.
type wireList struct {
	Entries []jsontext.Value `json:"entries"`
	More    bool             `json:"has_more"`
	Next    string           `json:"next_cursor"`
}

func (l *wireList) next() string {
	if !l.More || len(l.Entries) == 0 {
		return ""
	}
	return l.Next
}

// wireEvent is an event. Luma's list leaves out the description, since July 2026, and the hosts: they come with the event alone.
type wireEvent struct {
	ID          string    `json:"id"`
	OldID       string    `json:"api_id"`
	Name        string    `json:"name"`
	Description string    `json:"description_md"`
	OldText     string    `json:"description"`
	URL         string    `json:"url"`
	Created     time.Time `json:"created_at"`
	Starts      time.Time `json:"start_at"`
	Ends        time.Time `json:"end_at"`
	TimeZone    string    `json:"timezone"`
	Address     *struct {
		Full string `json:"full_address"`
		City string `json:"city_state"`
	} `json:"geo_address_json"`
	Hosts []struct {
		ID    string `json:"id"`
		OldID string `json:"api_id"`
		Name  string `json:"name"`
		Email string `json:"email"`
	} `json:"hosts"`
}

type wireGuest struct {
	ID         string    `json:"id"`
	OldID      string    `json:"api_id"`
	UserID     string    `json:"user_id"`
	OldUserID  string    `json:"user_api_id"`
	Name       string    `json:"user_name"`
	Given      string    `json:"user_first_name"`
	Family     string    `json:"user_last_name"`
	Email      string    `json:"user_email"`
	Status     string    `json:"approval_status"` // approved, pending_approval, invited, declined, waitlist, session
	Registered time.Time `json:"registered_at"`
	CheckedIn  time.Time `json:"checked_in_at"` // until 2026; now it is each ticket's
	Joined     time.Time `json:"joined_at"`     // of events online: when the link to it was first opened
	Tickets    []struct {
		CheckedIn time.Time `json:"checked_in_at"`
	} `json:"event_tickets"`
	Answers []struct {
		Type   string `json:"question_type"`
		Label  string `json:"label"`
		Answer any    `json:"answer"`
		Value  any    `json:"value"` // of a company, {"company": …, "job_title": …}
		// Of a company:
		Company  string `json:"answer_company"`
		JobTitle string `json:"answer_job_title"`
	} `json:"registration_answers"`
}

// came is when a guest was first checked in or, online, opened the link to the event; zero = never.
func (g *wireGuest) came() time.Time {
	at := g.CheckedIn
	earlier := func(in time.Time) {
		if !in.IsZero() && (at.IsZero() || in.Before(at)) {
			at = in
		}
	}
	for i := range g.Tickets {
		earlier(g.Tickets[i].CheckedIn)
	}
	earlier(g.Joined)
	return at
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// event decodes an entry. Until 2026 the event stood inside of it.
func event(raw jsontext.Value) (*wireEvent, bool) {
	e := new(wireEvent)
	in := struct {
		Event jsontext.Value `json:"event"`
	}{}
	if rest.Unmarshal(raw, &in) == nil && len(in.Event) > 0 && in.Event[0] == '{' {
		raw = in.Event
	}
	err := rest.Unmarshal(raw, e)
	e.ID = first(e.ID, e.OldID)
	return e, err == nil && e.ID != "" && !e.Starts.IsZero()
}

// guest decodes an entry. Until 2026 the guest stood inside of it.
func guest(raw jsontext.Value) (*wireGuest, bool) {
	g := new(wireGuest)
	in := struct {
		Guest jsontext.Value `json:"guest"`
	}{}
	if rest.Unmarshal(raw, &in) == nil && len(in.Guest) > 0 && in.Guest[0] == '{' {
		raw = in.Guest
	}
	err := rest.Unmarshal(raw, g)
	g.ID, g.UserID = first(g.ID, g.OldID), first(g.UserID, g.OldUserID)
	return g, err == nil && g.ID != ""
}
