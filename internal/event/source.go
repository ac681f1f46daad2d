// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"context"
	"fmt"
	"strconv"

	"greenroom"
	"greenroom/connector"
)

// SourceName is what the source of Greenroom's own events is called, and SourceKind its kind.
const (
	SourceName = "Events"
	SourceKind = "greenroom-events"

	sourcePlatform = "events"
)

// Facts reads what is told as activities.
type Facts interface {
	EventList(ctx context.Context, f Filter) ([]Event, error)
	// Told gives registrations of all events that are, or were once, told as attendance: those that have an address, after
	// an id, in order.
	ToldRegistrations(ctx context.Context, after int64, limit int) ([]Registration, error)
}

// Spec describes the events as a source, so that attendance comes in as everything else does.
func Spec(facts Facts) connector.Spec {
	return connector.Spec{
		Kind: SourceKind, Title: "Events in Greenroom", Platform: sourcePlatform, Summary: "Events that are planned here, and who came.", Group: connector.GroupCommunity,
		New: func(connector.Env, connector.Values) (connector.Source, error) { return &source{facts: facts}, nil },
	}
}

type source struct{ facts Facts }

// channel is where events are announced.
const channel = "events"

func eventID(id int64) string { return "event:" + strconv.FormatInt(id, 10) }

// pageSize is how many registrations are read at a time.
const pageSize = 1000

// Read tells all events and all attendance. Reading is quick, and what did not change is known, so there is no place to go
// on from.
func (s *source) Read(ctx context.Context, _ connector.Cursor, out *connector.Sink) error {
	events, err := s.facts.EventList(ctx, Filter{Limit: 1 << 30})
	if err != nil {
		return fmt.Errorf("reading events: %w", err)
	}
	out.Channel(connector.Channel{ExternalID: channel, Name: "events"})
	byID := make(map[int64]*Event, len(events))
	for i := range events {
		e := &events[i]
		byID[e.ID] = e
		s.announce(e, out)
	}
	for after := int64(0); ; {
		page, err := s.facts.ToldRegistrations(ctx, after, pageSize)
		if err != nil {
			return fmt.Errorf("reading who came: %w", err)
		}
		for i := range page {
			if e := byID[page[i].EventID]; e != nil && page[i].Address != "" {
				attend(e, &page[i], out)
			}
			after = page[i].ID
		}
		if err := out.Checkpoint("", connector.Progress{Unit: "records"}); err != nil {
			return err //nolint:wrapcheck // the sink's own
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

// announce tells an event that members know of.
func (s *source) announce(e *Event, out *connector.Sink) {
	if e.State == Planned && e.Counts.Attended == 0 {
		return
	}
	a := connector.Activity{ExternalID: eventID(e.ID), Kind: greenroom.KindAnnouncement, Channel: channel, OccurredAt: e.CreatedAt, EditedAt: e.ChangedAt, Thread: eventID(e.ID), Title: e.Title, Body: e.Text, URL: e.Link}
	if e.CreatedAt.After(e.Start) { // it was put in afterwards
		a.OccurredAt = e.Start
	}
	if e.State == Canceled {
		a.Title = "Canceled: " + a.Title
	}
	out.Activity(a)
}

// attend tells that somebody came, or that they did not after all.
func attend(e *Event, r *Registration, out *connector.Sink) {
	a := connector.Activity{
		ExternalID: "attendance:" + strconv.FormatInt(r.ID, 10), Kind: greenroom.KindAttendance, Channel: channel, Author: r.Address, OccurredAt: r.Came, EditedAt: r.Changed, Thread: eventID(e.ID), ReplyTo: eventID(e.ID), Deleted: r.State != Attended,
	}
	if a.OccurredAt.IsZero() {
		a.OccurredAt = e.Start
	}
	out.Identity(connector.Identity{ExternalID: r.Address, Name: r.Name, Emails: []greenroom.Email{{Address: r.Address}}})
	out.Activity(a)
}
