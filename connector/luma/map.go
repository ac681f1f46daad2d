// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package luma

import (
	"net/mail"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// calendar is the channel: a key sees one calendar.
const calendar = "calendar"

func eventID(id string) string { return "event:" + id }

// announce pushes an event, as it was announced.
func announce(e *wireEvent, raw []byte, out *connector.Sink) {
	a := connector.Activity{
		ExternalID: eventID(e.ID), Kind: greenroom.KindAnnouncement, Channel: calendar, OccurredAt: e.Created.UTC(), Thread: eventID(e.ID), Title: clean(e.Name),
		Body: clean(first(e.Description, e.OldText)), URL: e.URL, Raw: out.Raw(raw),
	}
	if e.Created.IsZero() {
		a.OccurredAt = e.Starts.UTC()
	}
	if !strings.HasPrefix(e.URL, "http") {
		a.URL = ""
		if e.URL != "" {
			a.URL = "https://luma.com/" + strings.TrimPrefix(e.URL, "/")
		}
	}
	when := e.Starts
	if zone, err := time.LoadLocation(e.TimeZone); err == nil && e.TimeZone != "" {
		when = when.In(zone)
	}
	where := ""
	if e.Address != nil {
		where = first(e.Address.Full, e.Address.City)
	}
	a.Body = strings.TrimSpace(strings.TrimSpace(when.Format("2 January 2006 15:04 -07:00")+" "+where) + "\n\n" + a.Body)
	for i := range e.Hosts {
		h := &e.Hosts[i]
		id := first(h.ID, h.OldID)
		if id == "" {
			continue
		}
		out.Identity(connector.Identity{ExternalID: id, Name: clean(h.Name), Emails: emails(h.Email), Staff: true})
		if a.Author == "" {
			a.Author = id
		} else {
			a.Mentions = append(a.Mentions, id)
		}
	}
	out.Activity(a)
}

// emails is an address that somebody typed in, which Luma does not vouch for.
func emails(text string) []greenroom.Email {
	text = strings.ToLower(strings.TrimSpace(text))
	if at, err := mail.ParseAddress(text); err != nil || at.Address != text || strings.Count(text, "@") != 1 {
		return nil
	}
	return []greenroom.Email{{Address: text}}
}

// profiles are the kinds of questions that ask for another profile, and what an answer without an address is behind.
var profiles = map[string]string{
	"linkedin": "https://www.linkedin.com", "github": "https://github.com/", "twitter": "https://x.com/", "instagram": "https://instagram.com/", "youtube": "https://youtube.com", "telegram": "https://t.me/",
}

// person pushes a guest and returns the external id: that of the account, or of the guest where there is none.
func person(g *wireGuest, out *connector.Sink) string {
	who := connector.Identity{ExternalID: first(g.UserID, g.ID), Name: clean(first(g.Name, strings.TrimSpace(g.Given+" "+g.Family))), Emails: emails(g.Email)}
	if strings.Contains(who.Name, "@") { // Luma puts the address where there is no name
		who.Name = ""
	}
	for i := range g.Answers {
		q := &g.Answers[i]
		text, ok := q.Answer.(string)
		if !ok {
			text, _ = q.Value.(string)
		}
		text = clean(strings.TrimSpace(text))
		base, is := profiles[q.Type]
		switch {
		case q.Type == "company":
			work, _ := q.Value.(map[string]any)
			company, _ := work["company"].(string)
			job, _ := work["job_title"].(string)
			who.Company, who.JobTitle = clean(first(q.Company, company, text)), clean(first(q.JobTitle, job))
		case text == "":
		case strings.HasPrefix(text, "https://"), strings.HasPrefix(text, "http://"):
			if is || q.Type == "url" {
				who.Links = append(who.Links, text)
			}
		case is && strings.HasPrefix(text, "/"):
			who.Links = append(who.Links, strings.TrimSuffix(base, "/")+text)
		case is && !strings.ContainsAny(text, " ./"):
			who.Links = append(who.Links, base+strings.TrimPrefix(text, "@"))
		}
	}
	out.Identity(who)
	return who.ExternalID
}

// attend pushes that somebody came to an event.
func (s *source) attend(e *wireEvent, g *wireGuest, raw []byte, out *connector.Sink) {
	who, at := person(g, out), g.came()
	if at.IsZero() && s.set.Text(optAttendance) == cameApproved && g.Status == "approved" {
		at = e.Starts
	}
	if at.IsZero() {
		out.LeftOut("guests with status "+first(g.Status, "unknown")+" who were not checked in and did not join online", 1)
		return
	}
	out.Activity(connector.Activity{
		ExternalID: "guest:" + g.ID, Kind: greenroom.KindAttendance, Channel: calendar, Author: who, OccurredAt: at.UTC(), Thread: eventID(e.ID), ReplyTo: eventID(e.ID), Raw: out.Raw(raw),
	})
}

func clean(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
}

func reject(out *connector.Sink, file string, line int, raw []byte, reason string) {
	out.Reject(greenroom.Reject{File: file, Line: int64(line), Reason: reason, Expected: "an object as Luma's API describes it", Excerpt: string(raw)})
}
