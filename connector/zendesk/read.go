// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package zendesk

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// Read goes through the exports.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	if err := s.team(ctx); err != nil {
		return err
	}
	sections := []walk.Section{
		s.timed("organizations", "organizations", "", time.Time{}, out, func(_ context.Context, item []byte) error {
			var o wireOrganization
			err := read(item, &o, func() bool { return o.ID != 0 })
			if err == nil {
				s.organization(&o, item, out)
			}
			return err
		}),
		s.cursored("users", "", time.Time{}, func(p *export) {
			each("users", p.Users, out, func(item []byte) error {
				var u wireUser
				err := read(item, &u, func() bool { return u.ID != 0 })
				if err == nil {
					s.user(&u, item, out)
				}
				return err
			})
		}),
		s.cursored("tickets", "metric_sets", s.set.Since(optSince), func(p *export) { s.tickets("tickets", p, out) }),
	}
	if s.set.On(optComments) {
		sections = append(sections, s.timed("comments", "ticket_events", "comment_events", s.set.Since(optSince), out, func(ctx context.Context, item []byte) error {
			var e wireEvent
			if err := read(item, &e, func() bool { return e.ID != 0 }); err != nil {
				return err
			}
			return s.event(ctx, &e, eventPayload(&e, item), out)
		}))
	}
	sections = append(sections, s.ratings(out))
	return walk.Sections(ctx, sections, from, s.env.Now(), out)
}

// team asks for the names of agents and administrators.
func (s *source) team(ctx context.Context) error {
	agents := map[int64]string{}
	path, q := "/api/v2/users", url.Values{"role[]": {"agent", "admin"}, "page[size]": {"100"}}
	for {
		var page struct {
			Users []wireUser `json:"users"`
			Meta  struct {
				More bool `json:"has_more"`
			} `json:"meta"`
			Links struct {
				Next string `json:"next"`
			} `json:"links"`
		}
		_, err := s.client.Into(ctx, path, q, &page)
		if rest.Refused(err) {
			break
		}
		if err != nil {
			return err
		}
		for i := range page.Users {
			agents[page.Users[i].ID] = page.Users[i].Name
		}
		if !page.Meta.More || page.Links.Next == "" || page.Links.Next == path {
			break
		}
		path, q = page.Links.Next, nil
	}
	s.mu.Lock()
	s.agents = agents
	s.mu.Unlock()
	return nil
}

func (s *source) agent(n int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.agents[n]
}

// export is a page of an export.
type export struct {
	Users         []jsontext.Value `json:"users"`
	Tickets       []jsontext.Value `json:"tickets"`
	Metrics       []wireMetrics    `json:"metric_sets"`
	Organizations []jsontext.Value `json:"organizations"`
	Events        []jsontext.Value `json:"ticket_events"`
	Cursor        string           `json:"after_cursor"`
	EndTime       int64            `json:"end_time"`
	Next          string           `json:"next_page"`
	Count         int64            `json:"count"`
	End           bool             `json:"end_of_stream"`
}

// start is the time that an export begins at, as Zendesk takes it: every request has to name one, behind a cursor too.
func start(at time.Time) string { return strconv.FormatInt(max(1, at.Unix()), 10) }

// cursored is the section of an export behind a cursor. The last cursor is where the next read goes on.
func (s *source) cursored(name, include string, since time.Time, pass func(*export)) walk.Section {
	return walk.Section{Name: name, Read: func(ctx context.Context, at *walk.At) (string, error) {
		cursor := at.Page
		if cursor == "" && at.Since.IsZero() {
			cursor = at.Mark
		}
		if !at.Since.IsZero() {
			since = at.Since
		}
		q := url.Values{"start_time": {start(since)}}
		if include != "" {
			q.Set("include", include)
		}
		if cursor != "" {
			q.Set("cursor", cursor)
		}
		var p export
		if _, err := s.exports.Into(ctx, "/api/v2/incremental/"+name+"/cursor", q, &p); err != nil {
			return "", explain(err)
		}
		pass(&p)
		next := p.Cursor
		if next == "" {
			next = cursor
		}
		at.Leave(next)
		if p.End || next == cursor {
			return "", nil
		}
		return next, nil
	}}
}

// timed is the section of an export since a time. The time at which it ended is where the next read goes on.
func (s *source) timed(name, resource, include string, since time.Time, out *connector.Sink, pass func(context.Context, []byte) error) walk.Section {
	return walk.Section{Name: name, Read: func(ctx context.Context, at *walk.At) (string, error) {
		from := at.Page
		switch {
		case from != "":
		case !at.Since.IsZero():
			from = start(at.Since)
		case at.Mark != "":
			from = at.Mark
		default:
			from = start(since)
		}
		q := url.Values{"start_time": {from}}
		if include != "" {
			q.Set("include", include)
		}
		var p export
		if _, err := s.exports.Into(ctx, "/api/v2/incremental/"+resource, q, &p); err != nil {
			return "", explain(err)
		}
		items := p.Organizations
		if resource == "ticket_events" {
			items = p.Events
		}
		for i, item := range items {
			out.Read(1)
			if err := pass(ctx, item); errors.Is(err, errRecord) {
				reject(out, name, int64(i)+1, item, err)
			} else if err != nil {
				return "", err
			}
		}
		next := strconv.FormatInt(p.EndTime, 10)
		if p.EndTime == 0 {
			next = from
		}
		at.Leave(next)
		if p.End || len(items) == 0 || next == from || p.Next == "" {
			return "", nil
		}
		return next, nil
	}}
}

// explain says who may use exports.
func explain(err error) error {
	if rest.Refused(err) {
		return &greenroom.Error{Code: greenroom.CodeForbidden, Message: "Zendesk's exports are for administrators; use the e-mail address and a token of one", Err: err}
	}
	return err
}

// tickets pushes tickets with their metrics.
func (s *source) tickets(file string, p *export, out *connector.Sink) {
	metrics := make(map[int64]*wireMetrics, len(p.Metrics))
	for i := range p.Metrics {
		metrics[p.Metrics[i].Ticket] = &p.Metrics[i]
	}
	each(file, p.Tickets, out, func(item []byte) error {
		var t wireTicket
		err := read(item, &t, func() bool { return t.ID != 0 && !t.CreatedAt.IsZero() })
		if err != nil {
			return err
		}
		m := metrics[t.ID]
		if m == nil {
			m = t.Metrics
		}
		s.ticket(&t, m, s.agent(t.Assignee), item, out)
		return nil
	})
}

// event pushes the comments in a ticket's change. The first change creates the ticket, and its comment opens it.
func (s *source) event(ctx context.Context, e *wireEvent, raw []byte, out *connector.Sink) error {
	first := false
	for i := range e.Children {
		first = first || e.Children[i].Event == "Create"
	}
	for i := range e.Children {
		c := &e.Children[i]
		switch c.Event {
		case "Comment", "VoiceComment":
			if c.CreatedAt.IsZero() {
				c.CreatedAt = e.CreatedAt
			}
			if c.CreatedAt.IsZero() || c.ID == 0 {
				return fmt.Errorf("%w: a comment without id or time", errRecord)
			}
			s.comment(e.Ticket, c, first, time.Time{}, raw, out)
		case "CommentPrivacyChange":
			if c.Comment != 0 && !c.Public {
				out.Activity(connector.Activity{ExternalID: comment(c.Comment), Deleted: true, EditedAt: e.CreatedAt})
			}
		case "CommentRedactionEvent":
			if err := s.comments(ctx, e.Ticket, map[int64]time.Time{c.Comment: e.CreatedAt}, true, nil, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// comments asks for the comments of one ticket: all of them, or those of which something was changed and when.
func (s *source) comments(ctx context.Context, ticket int64, edited map[int64]time.Time, only bool, authors map[int64]bool, out *connector.Sink) error {
	path, q := "/api/v2/tickets/"+id(ticket)+"/comments", url.Values{"page[size]": {"100"}}
	first := true
	for {
		var page struct {
			Comments []jsontext.Value `json:"comments"`
			Meta     struct {
				More bool `json:"has_more"`
			} `json:"meta"`
			Links struct {
				Next string `json:"next"`
			} `json:"links"`
		}
		_, err := s.client.Into(ctx, path, q, &page)
		if rest.Gone(err) { // the ticket was deleted meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		each("comments of ticket "+id(ticket), page.Comments, out, func(item []byte) error {
			var c wireComment
			if err := read(item, &c, func() bool { return c.ID != 0 && !c.CreatedAt.IsZero() }); err != nil {
				return err
			}
			if at, ok := edited[c.ID]; ok || !only {
				s.comment(ticket, &c, first, at, item, out)
				if authors != nil {
					authors[c.Author] = true
				}
			}
			first = false
			return nil
		})
		if !page.Meta.More || page.Links.Next == "" || page.Links.Next == path {
			return nil
		}
		path, q = page.Links.Next, nil
	}
}

// ratings is the section of what customers said of the help. A rating that is changed is told again.
func (s *source) ratings(out *connector.Sink) walk.Section {
	return walk.Section{Name: "ratings", Read: func(ctx context.Context, at *walk.At) (string, error) {
		path, q := at.Page, url.Values(nil)
		if path == "" {
			path, q = "/api/v2/satisfaction_ratings", url.Values{"page[size]": {"100"}, "score": {"received"}}
			since := s.set.Since(optSince)
			if !at.Since.IsZero() {
				since = at.Since
			}
			if !since.IsZero() {
				q.Set("start_time", start(since))
			}
		}
		var page struct {
			Ratings []jsontext.Value `json:"satisfaction_ratings"`
			Meta    struct {
				More bool `json:"has_more"`
			} `json:"meta"`
			Links struct {
				Next string `json:"next"`
			} `json:"links"`
		}
		_, err := s.client.Into(ctx, path, q, &page)
		if rest.Refused(err) || rest.Gone(err) { // ratings are turned off, or not in the plan
			return "", nil
		}
		if err != nil {
			return "", err
		}
		each("ratings", page.Ratings, out, func(item []byte) error {
			var r wireRating
			err := read(item, &r, func() bool { return r.ID != 0 && !r.CreatedAt.IsZero() })
			if err == nil {
				s.rating(&r, item, out)
			}
			return err
		})
		if !page.Meta.More || page.Links.Next == path {
			return "", nil
		}
		return local(page.Links.Next), nil
	}}
}

// local is a link without its host, so that it holds wherever the account is reached.
func local(link string) string {
	u, err := url.Parse(link)
	if err != nil || !strings.HasPrefix(u.Path, "/") {
		return ""
	}
	return u.RequestURI()
}

// errRecord is a record that cannot be read; reading goes on behind it.
var errRecord = errors.New("not an object of this list")

func read(data []byte, v any, good func() bool) error {
	if err := rest.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%w: %w", errRecord, err)
	}
	if !good() {
		return fmt.Errorf("%w: an id or a time is missing", errRecord)
	}
	return nil
}

func each(file string, items []jsontext.Value, out *connector.Sink, pass func([]byte) error) {
	for i, item := range items {
		out.Read(1)
		if err := pass(item); err != nil {
			reject(out, file, int64(i)+1, item, err)
		}
	}
}

func reject(out *connector.Sink, file string, line int64, item []byte, err error) {
	out.Reject(greenroom.Reject{File: file, Line: line, Reason: err.Error(), Expected: "an object as Zendesk's API describes it", Excerpt: string(item)})
}
