// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package luma

import (
	"context"
	"net/url"
	"strings"
	"time"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// Read goes through the events.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	return walk.Sections(ctx, []walk.Section{s.events(out)}, from, s.env.Now(), out)
}

// list asks for a page.
func (s *source) list(ctx context.Context, path, cursor string, q url.Values) (*wireList, error) {
	if cursor != "" {
		q.Set("pagination_cursor", cursor)
	}
	var l wireList
	_, err := s.client.Into(ctx, path, q, &l)
	return &l, err
}

// events is the section of the calendar's events with their guests. A page's name has four parts, parted by "|": the day
// from which events are read, where the list goes on, the events of the page whose guests are still to be read with when
// they begin, and where those of the first of them go on.
func (s *source) events(out *connector.Sink) walk.Section {
	return walk.Section{Name: "events", Title: "events", Read: func(ctx context.Context, at *walk.At) (string, error) {
		out.Channel(connector.Channel{ExternalID: calendar, Name: "Events"})
		p := strings.Split(at.Page, "|")
		if len(p) != 4 {
			p = []string{s.day(at), "", "", ""}
		}
		if p[2] != "" {
			return s.guests(ctx, p, out)
		}
		q := url.Values{"pagination_limit": {pageEvents}, "sort_column": {"start_at"}, "sort_direction": {"asc"}}
		if p[0] != "" {
			q.Set("after", p[0])
		}
		l, err := s.list(ctx, "/calendars/events/list", p[1], q)
		if err != nil {
			return "", err
		}
		var held []string
		for i, raw := range l.Entries {
			out.Read(1)
			e, ok := event(raw)
			if !ok {
				reject(out, "events", i+1, raw, "this is not an event with an id and a time")
				continue
			}
			if e, raw, err = s.whole(ctx, e, raw); err != nil {
				return "", err
			}
			announce(e, raw, out)
			if e.Starts.After(s.env.Now()) {
				out.LeftOut("events that are to come, whose guests come in when they have begun", 1)
			} else {
				held = append(held, e.ID+"@"+e.Starts.UTC().Format(time.RFC3339))
			}
		}
		return name(p[0], l.next(), held, ""), nil
	}}
}

// whole asks for an event with its description and hosts, which the list does not have. Where the key may not see it, or it
// was deleted meanwhile, the list's entry stays.
func (s *source) whole(ctx context.Context, e *wireEvent, raw []byte) (*wireEvent, []byte, error) {
	ans, err := s.client.Get(ctx, "/events/get", url.Values{"event_id": {e.ID}})
	if rest.Refused(err) || rest.Gone(err) {
		return e, raw, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if all, ok := event(ans.Body); ok && all.ID == e.ID {
		return all, ans.Body, nil
	}
	return e, raw, nil
}

// day is from when on events are read.
func (s *source) day(at *walk.At) string {
	from := s.set.Since(optSince)
	if again := at.Since.AddDate(0, 0, -int(s.set.Number(optAgain))); !at.Since.IsZero() && again.After(from) {
		from = again
	}
	if from.IsZero() {
		return ""
	}
	return from.UTC().Format(time.RFC3339)
}

// name is that of the page that comes next; "" = there is none.
func name(from, list string, events []string, guests string) string {
	if list == "" && len(events) == 0 {
		return ""
	}
	return from + "|" + list + "|" + strings.Join(events, ",") + "|" + guests
}

// guests reads a page of the guests of the first of the events that are held.
func (s *source) guests(ctx context.Context, p []string, out *connector.Sink) (string, error) {
	held := strings.Split(p[2], ",")
	id, begins, _ := strings.Cut(held[0], "@")
	e := &wireEvent{ID: id}
	if at, err := time.Parse(time.RFC3339, begins); err == nil {
		e.Starts = at
	}
	l, err := s.list(ctx, "/events/guests/list", p[3], url.Values{"event_id": {id}, "pagination_limit": {pageGuests}})
	if rest.Refused(err) || rest.Gone(err) { // it is another calendar's, or was deleted meanwhile
		out.LeftOut("events whose guests the key may not see", 1)
		return name(p[0], p[1], held[1:], ""), nil
	}
	if err != nil {
		return "", err
	}
	for i, raw := range l.Entries {
		out.Read(1)
		g, ok := guest(raw)
		if !ok {
			reject(out, "guests of "+id, i+1, raw, "this is not a guest with an id")
			continue
		}
		s.attend(e, g, raw, out)
	}
	if next := l.next(); next != "" {
		return name(p[0], p[1], held, next), nil
	}
	return name(p[0], p[1], held[1:], ""), nil
}
