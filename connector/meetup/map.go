// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package meetup

import (
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

func channel(g *wireHead) connector.Channel {
	link := g.Link
	if link == "" && g.Urlname != "" {
		link = "https://www.meetup.com/" + g.Urlname
	}
	return connector.Channel{ExternalID: g.ID, Name: g.Name, URL: link}
}

// person pushes a member and returns the external id.
func person(m *wireMember, staff bool, joined time.Time, out *connector.Sink) string {
	if m.ID == "" {
		return ""
	}
	who := connector.Identity{ExternalID: m.ID, Name: clean(m.Name), Bio: clean(m.Bio), ProfileURL: m.URL, Staff: staff, JoinedAt: joined.UTC()}
	if joined.IsZero() {
		who.JoinedAt = time.Time{}
	}
	for _, part := range []string{m.City, strings.ToUpper(m.Country)} {
		if part != "" {
			who.Location = strings.TrimPrefix(who.Location+", "+part, ", ")
		}
	}
	if m.Photo != nil { // the base address alone is a directory
		who.AvatarURL = m.Photo.Standard
	}
	out.Identity(who)
	return m.ID
}

// membership pushes that somebody joined a group.
func membership(g *wireGroup, m *wireMembership, raw []byte, out *connector.Sink) {
	if m.Node.Bio == "" {
		m.Node.Bio = m.Metadata.Bio
	}
	leads := m.Metadata.Role != "" && m.Metadata.Role != "MEMBER"
	who := person(&m.Node, leads, m.Metadata.Joined, out)
	if m.Metadata.Joined.IsZero() {
		out.LeftOut("members who show no date of joining", 1)
		return
	}
	out.Activity(connector.Activity{
		ExternalID: "join:" + g.ID + ":" + m.Node.ID, Kind: greenroom.KindJoin, Channel: g.ID, Author: who, OccurredAt: m.Metadata.Joined.UTC(), Title: strings.ToLower(strings.ReplaceAll(m.Metadata.Role, "_", " ")),
		Raw: out.Raw(raw),
	})
}

// canceled is the status of an event that will not take place.
const canceled = "CANCELLED" //nolint:misspell // Meetup spells it so

func eventID(id string) string { return "event:" + id }

// event pushes an event, as it was announced.
func event(g *wireGroup, e *wireEvent, raw []byte, out *connector.Sink) {
	a := connector.Activity{
		ExternalID: eventID(e.ID), Kind: greenroom.KindAnnouncement, Channel: g.ID, OccurredAt: e.Created.UTC(), Thread: eventID(e.ID), Title: clean(e.Title), Body: clean(e.Description),
		URL: e.URL, Raw: out.Raw(raw),
	}
	if e.Created.IsZero() {
		a.OccurredAt = e.Begins.UTC()
	}
	if e.Status == canceled {
		a.Title = "Canceled: " + a.Title
	}
	var where []string
	for i := range e.Venues {
		for _, part := range []string{e.Venues[i].Name, e.Venues[i].City, strings.ToUpper(e.Venues[i].Country)} {
			if part = strings.Trim(part, " ,"); part != "" {
				where = append(where, part)
			}
		}
	}
	if !e.Begins.IsZero() { // by the clock of the place
		a.Body = strings.TrimSpace(e.Begins.Format("2 January 2006 15:04 -07:00") + " " + strings.Join(where, ", ") + "\n\n" + a.Body)
	}
	for i := range e.Hosts {
		h := &e.Hosts[i]
		id := person(&wireMember{ID: h.ID, Name: h.Name}, true, time.Time{}, out)
		switch {
		case id == "":
		case a.Author == "":
			a.Author = id
		default:
			a.Mentions = append(a.Mentions, id)
		}
	}
	out.Activity(a)
}

// rsvp pushes that somebody came to an event, with the guests that they brought.
func (s *source) rsvp(e *wireEvent, r *wireRSVP, raw []byte, out *connector.Sink) {
	came := r.Status == "ATTENDED" || r.Status == "YES" && s.set.Text(optAttendance) == cameSaid
	who := person(&r.Member, r.Host, time.Time{}, out)
	id := "rsvp:" + r.ID
	if !came {
		out.LeftOut("RSVPs with status "+strings.ToLower(r.Status), 1)
		if r.Status == "NO_SHOW" || r.Status == "EXCUSED_ABSENCE" || r.Status == "NO" { // it may have been told that they came
			at := r.Updated
			if end := e.end(); at.Before(end) {
				at = end
			}
			out.Activity(connector.Activity{ExternalID: id, Deleted: true, EditedAt: at.UTC(), Raw: out.Raw(raw)})
		}
		return
	}
	ref := out.Raw(raw)
	a := connector.Activity{
		ExternalID: id, Kind: greenroom.KindAttendance, Channel: e.Group.ID, Author: who, OccurredAt: e.Begins.UTC(), EditedAt: r.Updated.UTC(), Thread: eventID(e.ID), ReplyTo: eventID(e.ID), Raw: ref,
	}
	if r.Updated.IsZero() {
		a.EditedAt = time.Time{}
	}
	if r.Host {
		a.Title = "host"
	}
	out.Activity(a)
	for i := range min(r.Guests, maxGuests) {
		guest := a
		guest.ExternalID, guest.Author, guest.Title = id+":guest:"+strconv.Itoa(i+1), "", "guest"
		out.Activity(guest)
	}
}

// maxGuests bounds a number that Meetup bounds itself, at far less.
const maxGuests = 100

// end is when an event is over.
func (e *wireEvent) end() time.Time {
	if e.Ends.After(e.Begins) {
		return e.Ends
	}
	return e.Begins
}

func clean(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
}

func reject(out *connector.Sink, file string, line int, raw []byte, reason string) {
	out.Reject(greenroom.Reject{File: file, Line: int64(line), Reason: reason, Expected: "an object as Meetup's GraphQL schema describes it", Excerpt: string(raw)})
}
