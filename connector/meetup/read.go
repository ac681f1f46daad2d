// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package meetup

import (
	"context"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// Read goes through the groups.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	var all []walk.Section
	for _, g := range s.groups() {
		if s.set.On(optMembers) {
			all = append(all, s.members(g, out))
		}
		all = append(all, s.events(g, out))
	}
	return walk.Sections(ctx, all, from, s.env.Now(), out)
}

// group asks for a part of a group.
func (s *source) group(ctx context.Context, query, name string, variables map[string]any) (*wireGroup, error) {
	var got struct {
		Group *wireGroup `json:"groupByUrlname"`
	}
	if variables == nil {
		variables = map[string]any{}
	}
	variables["urlname"] = name
	if err := s.ask(ctx, query, variables, &got); err != nil {
		return nil, err
	}
	if got.Group == nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s knows no group %s, or does not show it to this token; check its name in the settings of the source", title, name)
	}
	return got.Group, nil
}

// page is the variables of a page.
func page(after string, first int) map[string]any {
	v := map[string]any{"first": first}
	if after != "" {
		v["after"] = after
	}
	return v
}

// members is the section of who joined a group, the newest first.
func (s *source) members(name string, out *connector.Sink) walk.Section {
	return walk.Section{Name: "members/" + name, Title: name + ": members", Read: func(ctx context.Context, at *walk.At) (string, error) {
		g, err := s.group(ctx, queryMembers, name, page(at.Page, pageMany))
		if err != nil {
			return "", err
		}
		out.Channel(channel(&g.wireHead))
		for i, raw := range g.Memberships.Edges {
			out.Read(1)
			var m wireMembership
			if err := rest.Unmarshal(raw, &m); err != nil || m.Node.ID == "" {
				reject(out, name+": members", i+1, raw, "this is not a member with an id")
				continue
			}
			if !m.Metadata.Joined.IsZero() && m.Metadata.Joined.Before(at.Since) {
				return "", nil
			}
			membership(g, &m, raw, out)
		}
		return g.Memberships.next(), nil
	}}
}

// events is the section of a group's events with their RSVPs. A page's name has four parts, parted by "|": the day from
// which events are read, where the list goes on, the events of the page whose RSVPs are still to be read, and where those
// of the first of them go on.
func (s *source) events(name string, out *connector.Sink) walk.Section {
	return walk.Section{Name: "events/" + name, Title: name + ": events", Read: func(ctx context.Context, at *walk.At) (string, error) {
		p := strings.Split(at.Page, "|")
		if len(p) != 4 {
			p = []string{s.day(at), "", "", ""}
		}
		if p[2] != "" {
			return s.rsvps(ctx, p, out)
		}
		variables := page(p[1], pageEvents)
		variables["status"] = []string{"ACTIVE", "PAST", canceled}
		if p[0] != "" {
			variables["from"] = p[0]
		}
		g, err := s.group(ctx, queryEvents, name, variables)
		if err != nil {
			return "", err
		}
		out.Channel(channel(&g.wireHead))
		var held []string
		for i, raw := range g.Events.Edges {
			out.Read(1)
			var edge struct {
				Node wireEvent `json:"node"`
			}
			e := &edge.Node
			if err := rest.Unmarshal(raw, &edge); err != nil || e.ID == "" || e.Begins.IsZero() {
				reject(out, name+": events", i+1, raw, "this is not an event with an id and a time")
				continue
			}
			event(g, e, raw, out)
			switch {
			case e.Status == canceled:
			case e.Begins.After(s.env.Now()):
				out.LeftOut("events that are to come, whose RSVPs come in when they have taken place", 1)
			default:
				held = append(held, e.ID)
			}
		}
		return name4(p[0], g.Events.next(), held, ""), nil
	}}
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

// name4 is the name of the page that comes next; "" = there is none.
func name4(from, list string, events []string, rsvps string) string {
	if list == "" && len(events) == 0 {
		return ""
	}
	return from + "|" + list + "|" + strings.Join(events, ",") + "|" + rsvps
}

// rsvps reads a page of the RSVPs to the first of the events that are held.
func (s *source) rsvps(ctx context.Context, p []string, out *connector.Sink) (string, error) {
	held := strings.Split(p[2], ",")
	var got struct {
		Event *wireEvent `json:"event"`
	}
	variables := page(p[3], pageMany)
	variables["id"] = held[0]
	if err := s.ask(ctx, queryRSVPs, variables, &got); err != nil {
		return "", err
	}
	e := got.Event
	if e == nil { // deleted meanwhile
		return name4(p[0], p[1], held[1:], ""), nil
	}
	if e.Group.ID != "" {
		out.Channel(channel(&e.Group))
	}
	for i, raw := range e.RSVPs.Edges {
		out.Read(1)
		var edge struct {
			Node wireRSVP `json:"node"`
		}
		if err := rest.Unmarshal(raw, &edge); err != nil || edge.Node.ID == "" {
			reject(out, "RSVPs to event "+e.ID, i+1, raw, "this is not an RSVP with an id")
			continue
		}
		s.rsvp(e, &edge.Node, raw, out)
	}
	if next := e.RSVPs.next(); next != "" {
		return name4(p[0], p[1], held, next), nil
	}
	return name4(p[0], p[1], held[1:], ""), nil
}
