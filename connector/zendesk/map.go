// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package zendesk

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/htmltext"
)

// channel is the place that conversations of tickets stand in.
const channel = "tickets"

func id(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// home is where people open the account, from the address that an object has in the API.
func home(url string) string {
	base, _, ok := strings.Cut(url, "/api/v2/")
	if !ok {
		return ""
	}
	return base
}

func (s *source) user(u *wireUser, raw []byte, out *connector.Sink) {
	who := connector.Identity{
		ExternalID: id(u.ID), Name: u.Name, TimeZone: u.Zone, AvatarURL: u.Photo.URL, Bio: u.Details, Tags: u.Tags, JoinedAt: u.CreatedAt,
		Staff: u.Role == "agent" || u.Role == "admin", Deleted: !u.Active, Raw: out.Raw(raw), Fields: s.fields(u.Fields),
	}
	if at := home(u.URL); at != "" {
		who.ProfileURL = at + "/agent/users/" + who.ExternalID
	}
	if u.ExternalID != "" {
		who.Fields["external id"] = u.ExternalID
	}
	if u.Suspended {
		who.Fields["suspended"] = "true"
	}
	if mail := strings.ToLower(strings.TrimSpace(u.Email)); strings.Count(mail, "@") == 1 {
		who.Emails = []greenroom.Email{{Address: mail, Verified: u.Verified}}
	}
	out.Identity(who)
	if u.Organization != 0 && u.Active {
		out.Membership(connector.Membership{Identity: who.ExternalID, Organization: id(u.Organization)})
	}
}

func (s *source) organization(o *wireOrganization, raw []byte, out *connector.Sink) {
	if !o.DeletedAt.IsZero() {
		out.LeftOut("deleted organizations", 1)
		return
	}
	org := connector.Organization{ExternalID: id(o.ID), Name: o.Name, Tags: o.Tags, Fields: s.fields(o.Fields), Raw: out.Raw(raw)}
	for _, d := range o.Domains {
		if d = strings.ToLower(strings.TrimSpace(d)); strings.Contains(d, ".") && !strings.ContainsAny(d, "@ ") { // single addresses are none
			org.Domains = append(org.Domains, d)
		}
	}
	out.Organization(org)
}

// fields are those of a user's or an organization's own fields that are wanted.
func (s *source) fields(all map[string]any) map[string]string {
	f := map[string]string{}
	for _, key := range s.set.List(optFields) {
		switch v := all[key].(type) {
		case string:
			if v = strings.TrimSpace(v); v != "" {
				f[key] = v
			}
		case bool:
			f[key] = strconv.FormatBool(v)
		case float64:
			f[key] = strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	return f
}

// ticket pushes a ticket with what Zendesk measured of it.
func (s *source) ticket(t *wireTicket, m *wireMetrics, agent string, raw []byte, out *connector.Sink) {
	if t.Status == "deleted" {
		s.deleted(t.ID, t.UpdatedAt, out)
		return
	}
	r := connector.Record{
		ExternalID: id(t.ID), Type: "case", Name: t.Subject, Organization: id(t.Organization), Identity: id(t.Requester), Stage: t.Status,
		OpenedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, Stages: []connector.StageChange{{Stage: "new", At: t.CreatedAt}}, Raw: out.Raw(ticketPayload(raw)),
		Fields: map[string]string{},
	}
	for name, v := range map[string]string{"priority": t.Priority, "ticket type": t.Type, "came by": t.Via.Channel, "tags": strings.Join(t.Tags, ", "), "owner": agent} {
		if v != "" {
			r.Fields[name] = v
		}
	}
	if t.Rating != nil && (t.Rating.Score == "good" || t.Rating.Score == "bad") {
		r.Fields["satisfaction"] = t.Rating.Score
	}
	solved := t.Status == "solved" || t.Status == "closed"
	if m != nil {
		if !m.SolvedAt.IsZero() && solved {
			r.ClosedAt = m.SolvedAt
			r.Stages = append(r.Stages, connector.StageChange{Stage: "solved", At: m.SolvedAt})
		}
		if !m.StatusAt.IsZero() && m.StatusAt.After(t.CreatedAt) && t.Status != "new" {
			r.Stages = append(r.Stages, connector.StageChange{Stage: t.Status, At: m.StatusAt})
		}
		if m.FirstWait.Calendar != nil {
			r.Fields["first reply minutes"] = strconv.FormatInt(*m.FirstWait.Calendar, 10)
		}
		if m.Reopens > 0 {
			r.Fields["reopened"] = strconv.FormatInt(m.Reopens, 10)
		}
		slices.SortStableFunc(r.Stages, func(a, b connector.StageChange) int { return a.At.Compare(b.At) })
		r.Stages = slices.CompactFunc(r.Stages, func(a, b connector.StageChange) bool { return a.Stage == b.Stage })
	}
	if r.ClosedAt.IsZero() && solved {
		r.ClosedAt = t.UpdatedAt
	}
	out.Record(r)
	if s.set.On(optComments) {
		c := connector.Conversation{Thread: thread(t.ID), Title: t.Subject, State: greenroom.StateOpen, UpdatedAt: t.UpdatedAt}
		if at := home(t.URL); at != "" {
			c.URL = at + "/agent/tickets/" + id(t.ID)
		}
		if solved {
			c.State, c.ResolvedAt = greenroom.StateResolved, r.ClosedAt
		}
		out.Conversation(c)
	}
}

func thread(ticket int64) string { return "ticket/" + id(ticket) }

func (s *source) deleted(ticket int64, at time.Time, out *connector.Sink) {
	out.Record(connector.Record{ExternalID: id(ticket), Type: "case", Deleted: true, UpdatedAt: at})
	out.Conversation(connector.Conversation{Thread: thread(ticket), Deleted: true, UpdatedAt: at}) // comments may have been wanted once
}

// place is the channel that comments and ratings stand in.
func place(out *connector.Sink) { out.Channel(connector.Channel{ExternalID: channel, Name: channel}) }

// comment pushes a public comment. first says that it opened the ticket, edited when something of it was changed.
func (s *source) comment(ticket int64, c *wireComment, first bool, edited time.Time, raw []byte, out *connector.Sink) {
	if !c.Public {
		out.LeftOut("internal notes", 1)
		return
	}
	a := connector.Activity{
		ExternalID: comment(c.ID), Kind: greenroom.KindReply, Channel: channel, Author: id(c.Author), OccurredAt: c.CreatedAt, EditedAt: edited,
		Thread: thread(ticket), Body: strings.TrimSpace(strings.ReplaceAll(c.Body, "\x00", "")), Raw: out.Raw(raw),
	}
	if first {
		a.Kind = greenroom.KindMessage
	}
	if a.Body == "" && c.HTML != "" {
		a.Body = htmltext.Text(c.HTML)
	}
	place(out)
	out.Activity(a)
}

func comment(n int64) string { return "comment/" + strconv.FormatInt(n, 10) }

// rating pushes what a customer said of the help.
func (s *source) rating(r *wireRating, raw []byte, out *connector.Sink) {
	if r.Score != "good" && r.Score != "bad" {
		out.LeftOut("ratings that nobody gave", 1)
		return
	}
	text := strings.TrimSpace(r.Comment)
	if r.Reason != "" && r.Reason != "No reason provided" {
		text = strings.TrimSpace(fmt.Sprintf("%s (%s)", text, r.Reason))
	}
	a := connector.Activity{
		ExternalID: "rating/" + id(r.ID), Kind: greenroom.KindSurveyAnswer, Channel: channel, Author: id(r.Requester), OccurredAt: r.CreatedAt,
		Title: "Satisfaction: " + r.Score, Body: text, Raw: out.Raw(raw),
	}
	if r.UpdatedAt.After(r.CreatedAt) {
		a.EditedAt = r.UpdatedAt
	}
	if s.set.On(optComments) {
		a.Thread = thread(r.Ticket)
	}
	place(out)
	out.Activity(a)
}

// sorted are the ids of a set, in order.
func sorted(set map[int64]bool) []int64 {
	all := make([]int64, 0, len(set))
	for n := range set {
		if n > 0 { // -1 is Zendesk itself
			all = append(all, n)
		}
	}
	slices.SortFunc(all, cmp.Compare)
	return all
}
