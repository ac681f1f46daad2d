// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ical

import (
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/htmltext"
)

// identity pushes a person and returns the external id; "" where there is none.
func (s *source) identity(p *person, out *connector.Sink) string {
	if p.address == "" || strings.HasPrefix(p.address, "urn:") {
		return ""
	}
	who := connector.Identity{ExternalID: "mailto:" + p.address, Name: p.name}
	if name, is := platform(p); is {
		who.Name, who.Bot = name, true
		out.Identity(who)
		return who.ExternalID
	}
	if at, err := mail.ParseAddress(p.address); err == nil && at.Address == p.address && strings.Count(p.address, "@") == 1 {
		who.Emails = []greenroom.Email{{Address: p.address}}
	}
	_, domain, _ := strings.Cut(p.address, "@")
	for _, team := range s.set.List(optTeam) {
		who.Staff = who.Staff || strings.EqualFold(strings.TrimPrefix(team, "@"), domain)
	}
	out.Identity(who)
	return who.ExternalID
}

// platform is the name of the platform or the calendar that an address stands for, which writes the names of different hosts
// beside it.
func platform(p *person) (name string, is bool) {
	switch _, domain, _ := strings.Cut(p.address, "@"); {
	case p.address == "calendar-invite@lu.ma":
		return "Luma", true
	case p.address == "info@meetup.com":
		return "Meetup", true
	case domain == "group.calendar.google.com":
		return p.name, true
	case p.address == "unknownorganizer@calendar.google.com":
		return "", true
	}
	return "", false
}

// push pushes an event or an occurrence of one.
func (s *source) push(e *event, start time.Time, channel string, ref connector.RawRef, out *connector.Sink) {
	id, single := "event:"+e.uid, e.rule == "" && len(e.extra) == 0 && e.recurrence.IsZero()
	switch {
	case !e.recurrence.IsZero():
		id += "/" + e.recurrence.UTC().Format(stamp)
	case !single:
		id += "/" + start.UTC().Format(stamp)
	}
	begun := !start.After(s.env.Now())
	a := connector.Activity{
		ExternalID: id, Kind: greenroom.KindAnnouncement, Channel: channel, OccurredAt: start.UTC(), Thread: id, Title: e.summary, Raw: ref,
		Body: strings.TrimSpace(strings.TrimSpace(start.Format("2 January 2006 15:04 -07:00")+" "+e.location) + "\n\n" + description(e.description)),
	}
	if single && !e.created.IsZero() && e.created.Before(start) {
		a.OccurredAt = e.created.UTC()
	}
	if a.OccurredAt.After(s.env.Now()) {
		out.LeftOut("events that are to come and do not say when they were announced", 1)
		return
	}
	if e.modified.After(a.OccurredAt) {
		a.EditedAt = e.modified.UTC()
	}
	if u, err := url.Parse(e.url); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		a.URL = e.url
	}
	if e.status == "CANCELLED" { //nolint:misspell // RFC 5545 spells it so
		a.Title = "Canceled: " + a.Title
	}
	a.Author = s.identity(&e.organizer, out)
	out.Activity(a)
	if begun && e.status != "CANCELLED" { //nolint:misspell // RFC 5545 spells it so
		s.attend(e, &a, start, out)
	}
}

// stamp writes the time of an occurrence in its id.
const stamp = "20060102T150405Z"

// attend pushes who came.
func (s *source) attend(e *event, a *connector.Activity, start time.Time, out *connector.Sink) {
	told := map[string]bool{}
	for i := range e.attendees {
		p := &e.attendees[i]
		switch {
		case p.kind == "ROOM", p.kind == "RESOURCE", p.kind == "GROUP":
			out.LeftOut("rooms, resources and groups that were invited", 1)
			continue
		case p.status != "ACCEPTED" && (p.status != "TENTATIVE" || !s.set.On(optTentative)):
			s.identity(p, out)
			out.LeftOut("people invited with the answer "+answer(p.status), 1)
			continue
		}
		who := s.identity(p, out)
		if who == "" || told[who] {
			continue
		}
		told[who] = true
		came := connector.Activity{
			ExternalID: a.ExternalID + "/" + p.address, Kind: greenroom.KindAttendance, Channel: a.Channel, Author: who, OccurredAt: start.UTC(), Thread: a.Thread, ReplyTo: a.ExternalID, Raw: a.Raw,
		}
		if e.modified.After(came.OccurredAt) {
			came.EditedAt = e.modified.UTC()
		}
		out.Activity(came)
		for n := range p.guests {
			guest := came
			guest.ExternalID, guest.Author, guest.Title = came.ExternalID+":guest:"+strconv.Itoa(n+1), "", "guest"
			out.Activity(guest)
		}
	}
}

func answer(status string) string {
	if status == "" {
		return "needs-action"
	}
	return strings.ToLower(status)
}

// description is an event's text; some programs write HTML there.
func description(text string) string {
	if strings.Contains(text, "</") || strings.Contains(text, "<br") {
		return htmltext.Text(text)
	}
	return text
}

func reject(out *connector.Sink, file string, c *component, reason string) {
	out.Reject(greenroom.Reject{File: file, Line: c.line, Reason: reason, Expected: "an event as RFC 5545 describes it", Excerpt: string(c.raw[:min(len(c.raw), 400)])})
}
