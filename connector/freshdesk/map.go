// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package freshdesk

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/htmltext"
)

type wireAgent struct {
	ID      int64 `json:"id"`
	Scope   int64 `json:"ticket_scope"`
	Contact struct {
		Name  string `json:"name"`
		Email string `json:"email"`
		Title string `json:"job_title"`
	} `json:"contact"`
}

type wireContact struct {
	ID          int64          `json:"id"`
	Name        string         `json:"name"`
	Email       string         `json:"email"`
	Other       []string       `json:"other_emails"`
	Title       string         `json:"job_title"`
	Company     int64          `json:"company_id"`
	Address     string         `json:"address"`
	Description string         `json:"description"`
	Twitter     string         `json:"twitter_id"`
	ExternalID  string         `json:"unique_external_id"`
	Tags        []string       `json:"tags"`
	Active      bool           `json:"active"` // signed in after a mail to the address
	Deleted     bool           `json:"deleted"`
	Fields      map[string]any `json:"custom_fields"`
	CreatedAt   time.Time      `json:"created_at"`
	UpdatedAt   time.Time      `json:"updated_at"`
	Avatar      struct {
		URL string `json:"avatar_url"`
	} `json:"avatar"`
}

type wireCompany struct {
	ID       int64          `json:"id"`
	Name     string         `json:"name"`
	Domains  []string       `json:"domains"`
	Industry string         `json:"industry"`
	Tier     string         `json:"account_tier"`
	Health   string         `json:"health_score"`
	Fields   map[string]any `json:"custom_fields"`
}

type wireTicket struct {
	ID          int64          `json:"id"`
	Subject     string         `json:"subject"`
	Text        string         `json:"description_text"`
	Status      int64          `json:"status"`
	Priority    int64          `json:"priority"`
	Source      int64          `json:"source"`
	Type        string         `json:"type"`
	Requester   int64          `json:"requester_id"`
	Responder   int64          `json:"responder_id"`
	Company     int64          `json:"company_id"`
	Tags        []string       `json:"tags"`
	Spam        bool           `json:"spam"`
	Deleted     bool           `json:"deleted"`
	CreatedAt   time.Time      `json:"created_at"`
	UpdatedAt   time.Time      `json:"updated_at"`
	CustomField map[string]any `json:"custom_fields"`
	Stats       *struct {
		ResolvedAt  time.Time `json:"resolved_at"`
		ClosedAt    time.Time `json:"closed_at"`
		ReopenedAt  time.Time `json:"reopened_at"`
		PendingAt   time.Time `json:"pending_since"`
		StatusAt    time.Time `json:"status_updated_at"`
		RespondedAt time.Time `json:"first_responded_at"`
	} `json:"stats"`
}

type wireMessage struct {
	ID        int64     `json:"id"`
	Body      string    `json:"body"`
	Text      string    `json:"body_text"`
	Private   bool      `json:"private"`
	User      int64     `json:"user_id"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	EditedAt  time.Time `json:"last_edited_at"`
}

type wireRating struct {
	ID        int64            `json:"id"`
	User      int64            `json:"user_id"`
	Ticket    int64            `json:"ticket_id"`
	Feedback  string           `json:"feedback"`
	Ratings   map[string]int64 `json:"ratings"`
	CreatedAt time.Time        `json:"created_at"`
	UpdatedAt time.Time        `json:"updated_at"`
}

// The statuses that every account has; others are the account's own.
const (
	statusOpen     = 2
	statusPending  = 3
	statusResolved = 4
	statusClosed   = 5
)

// channel is the place that conversations of tickets stand in.
const channel = "tickets"

func id(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func (s *source) agent(a *wireAgent, out *connector.Sink) {
	out.Identity(connector.Identity{ExternalID: id(a.ID), Name: a.Contact.Name, JobTitle: a.Contact.Title, Staff: true, Emails: mails(true, a.Contact.Email)})
}

func (s *source) contact(c *wireContact, raw []byte, out *connector.Sink) {
	if c.Deleted {
		out.Identity(connector.Identity{ExternalID: id(c.ID), Deleted: true})
		return
	}
	who := connector.Identity{
		ExternalID: id(c.ID), Name: c.Name, JobTitle: c.Title, Location: strings.Join(strings.Fields(c.Address), " "), Bio: c.Description, AvatarURL: c.Avatar.URL, Tags: c.Tags,
		JoinedAt: c.CreatedAt, Emails: mails(false, append([]string{c.Email}, c.Other...)...), Raw: out.Raw(raw), Fields: s.custom(c.Fields),
	}
	if len(who.Emails) > 0 && c.Email != "" {
		who.Emails[0].Verified = c.Active
	}
	if link := onX(c.Twitter); link != "" {
		who.Links = []string{link}
	}
	if c.ExternalID != "" {
		who.Fields["external id"] = c.ExternalID
	}
	out.Identity(who)
	if c.Company != 0 {
		out.Membership(connector.Membership{Identity: who.ExternalID, Organization: id(c.Company)})
	}
}

// onX is the profile of an account on X: Freshdesk tells its handle, and since 2020 its number.
func onX(account string) string {
	account = strings.TrimPrefix(strings.TrimSpace(account), "@")
	if account == "" || strings.ContainsAny(account, "/ ") {
		return ""
	}
	if _, err := strconv.ParseUint(account, 10, 64); err == nil {
		return "https://x.com/i/user/" + account
	}
	return "https://x.com/" + account
}

func (s *source) company(c *wireCompany, raw []byte, out *connector.Sink) {
	o := connector.Organization{ExternalID: id(c.ID), Name: c.Name, Raw: out.Raw(raw), Fields: s.custom(c.Fields)}
	for name, v := range map[string]string{"industry": c.Industry, "account tier": c.Tier, "health": c.Health} {
		if v != "" {
			o.Fields[name] = v
		}
	}
	for _, d := range c.Domains {
		if d = strings.ToLower(strings.TrimSpace(d)); strings.Contains(d, ".") && !strings.ContainsAny(d, "@ /") {
			o.Domains = append(o.Domains, d)
		}
	}
	out.Organization(o)
}

// status is what a status is called.
func (s *source) status(n int64) string {
	s.mu.Lock()
	name := s.statuses[n]
	s.mu.Unlock()
	switch {
	case name != "":
		return name
	case n == statusOpen:
		return "Open"
	case n == statusPending:
		return "Pending"
	case n == statusResolved:
		return "Resolved"
	case n == statusClosed:
		return "Closed"
	}
	return "Status " + strconv.FormatInt(n, 10)
}

func thread(ticket int64) string { return "ticket/" + strconv.FormatInt(ticket, 10) }

// ticket pushes a ticket, and what was asked in it where messages are wanted. It reports whether there is more to ask for.
func (s *source) ticket(t *wireTicket, raw []byte, out *connector.Sink) (live bool) {
	if t.Deleted || t.Spam {
		out.Record(connector.Record{ExternalID: id(t.ID), Type: "case", Deleted: true, UpdatedAt: t.UpdatedAt})
		out.Conversation(connector.Conversation{Thread: thread(t.ID), Deleted: true, UpdatedAt: t.UpdatedAt}) // messages may have been wanted once
		return false
	}
	r := connector.Record{
		ExternalID: id(t.ID), Type: "case", Name: t.Subject, Organization: id(t.Company), Identity: id(t.Requester), Stage: s.status(t.Status),
		OpenedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, Stages: []connector.StageChange{{Stage: s.status(statusOpen), At: t.CreatedAt}}, Fields: s.custom(t.CustomField), Raw: out.Raw(ticketPayload(raw, s.set.On(optMessages))),
	}
	solved := t.Status == statusResolved || t.Status == statusClosed
	if st := t.Stats; st != nil {
		for _, step := range []connector.StageChange{
			{Stage: s.status(statusPending), At: st.PendingAt},
			{Stage: s.status(statusResolved), At: st.ResolvedAt},
			{Stage: s.status(statusClosed), At: st.ClosedAt},
			{Stage: s.status(statusOpen), At: st.ReopenedAt},
			{Stage: r.Stage, At: st.StatusAt},
		} {
			if !step.At.IsZero() {
				r.Stages = append(r.Stages, step)
			}
		}
		slices.SortStableFunc(r.Stages, func(a, b connector.StageChange) int { return a.At.Compare(b.At) })
		r.Stages = slices.CompactFunc(r.Stages, func(a, b connector.StageChange) bool { return a.Stage == b.Stage })
		if solved {
			r.ClosedAt = st.ResolvedAt
			if r.ClosedAt.IsZero() {
				r.ClosedAt = st.ClosedAt
			}
		}
		if !st.RespondedAt.IsZero() {
			r.Fields["first reply minutes"] = strconv.FormatInt(int64(st.RespondedAt.Sub(t.CreatedAt).Minutes()), 10)
		}
	}
	if solved && r.ClosedAt.IsZero() {
		r.ClosedAt = t.UpdatedAt
	}
	s.mu.Lock()
	owner := s.agents[t.Responder].Contact.Name
	s.mu.Unlock()
	for name, v := range map[string]string{
		"priority": [...]string{"", "low", "medium", "high", "urgent"}[max(0, min(4, t.Priority))], "came by": came(t.Source), "ticket type": t.Type,
		"tags": strings.Join(t.Tags, ", "), "owner": owner,
	} {
		if v != "" {
			r.Fields[name] = v
		}
	}
	out.Record(r)
	if s.set.On(optMessages) {
		s.opening(t, &r, solved, out)
	}
	return true
}

// opening pushes what was asked, and the state of the conversation.
func (s *source) opening(t *wireTicket, r *connector.Record, solved bool, out *connector.Sink) {
	out.Channel(connector.Channel{ExternalID: channel, Name: channel})
	c := connector.Conversation{Thread: thread(t.ID), Title: t.Subject, State: greenroom.StateOpen, UpdatedAt: t.UpdatedAt}
	if solved {
		c.State, c.ResolvedAt = greenroom.StateResolved, r.ClosedAt
	}
	out.Conversation(c)
	out.Activity(connector.Activity{
		ExternalID: thread(t.ID), Kind: greenroom.KindMessage, Channel: channel, Author: id(t.Requester), OccurredAt: t.CreatedAt, Thread: thread(t.ID),
		Title: t.Subject, Body: text(t.Text), Raw: r.Raw,
	})
}

func text(v string) string { return strings.TrimSpace(strings.ReplaceAll(v, "\x00", "")) }

// message pushes a public reply.
func (s *source) message(ticket int64, m *wireMessage, raw []byte, out *connector.Sink) {
	if m.Private {
		out.LeftOut("private notes", 1)
		return
	}
	a := connector.Activity{
		ExternalID: "conversation/" + id(m.ID), Kind: greenroom.KindReply, Channel: channel, Author: id(m.User), OccurredAt: m.CreatedAt, Thread: thread(ticket),
		Body: text(m.Text), Raw: out.Raw(raw),
	}
	if a.Body == "" {
		a.Body = htmltext.Text(m.Body)
	}
	for _, at := range []time.Time{m.UpdatedAt, m.EditedAt} {
		if at.After(m.CreatedAt) && at.After(a.EditedAt) {
			a.EditedAt = at
		}
	}
	out.Activity(a)
}

// satisfaction is what the number of an answer means: 1 (happy), 2 (neutral) and 3 (unhappy) in classic surveys, and
// between 103 (extremely happy) and -103 (extremely unhappy) in the others, whose 100 is neutral.
func satisfaction(n int64) string {
	switch {
	case n == 1 || n > 100:
		return "good"
	case n == 3 || n < 0:
		return "bad"
	}
	return "neutral"
}

// rating pushes what a customer thought of the help.
func (s *source) rating(r *wireRating, raw []byte, out *connector.Sink) {
	n := r.Ratings["default_question"]
	if n == 0 {
		out.LeftOut("ratings without an answer to the first question", 1)
		return
	}
	out.Channel(connector.Channel{ExternalID: channel, Name: channel})
	a := connector.Activity{
		ExternalID: "rating/" + id(r.ID), Kind: greenroom.KindSurveyAnswer, Channel: channel, Author: id(r.User), OccurredAt: r.CreatedAt, Title: "Satisfaction: " + satisfaction(n),
		Body: text(r.Feedback), Raw: out.Raw(raw),
	}
	if r.UpdatedAt.After(r.CreatedAt) {
		a.EditedAt = r.UpdatedAt
	}
	if s.set.On(optMessages) {
		a.Thread = thread(r.Ticket)
	}
	out.Activity(a)
}

// came is how a ticket came in.
func came(source int64) string {
	switch source {
	case 1:
		return "email"
	case 2:
		return "portal"
	case 3:
		return "phone"
	case 7:
		return "chat"
	case 9:
		return "feedback widget"
	case 10:
		return "outbound email"
	}
	return ""
}

func (s *source) custom(all map[string]any) map[string]string {
	f := map[string]string{}
	for _, key := range s.set.List(optFields) {
		switch v := all[key].(type) {
		case string:
			if v = text(v); v != "" {
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

func mails(verified bool, addresses ...string) []greenroom.Email {
	var all []greenroom.Email
	for _, a := range addresses {
		a = strings.ToLower(strings.TrimSpace(a))
		if strings.Count(a, "@") == 1 && !slices.ContainsFunc(all, func(e greenroom.Email) bool { return e.Address == a }) {
			all = append(all, greenroom.Email{Address: a, Verified: verified})
		}
	}
	return all
}

// ticketPayload is a ticket without the words of the customer, where messages are not wanted: Freshdesk tells them in three
// forms, also where only the ticket was asked for. Nothing is kept of one that cannot be taken apart.
func ticketPayload(raw []byte, messages bool) []byte {
	if messages {
		return raw
	}
	fields := make(map[string]json.RawMessage)
	if json.Unmarshal(raw, &fields) != nil {
		return nil
	}
	for _, name := range []string{"description", "description_text", "structured_description"} {
		delete(fields, name)
	}
	text, err := json.Marshal(fields)
	if err != nil { // what was decoded can be encoded
		return nil
	}
	return text
}
