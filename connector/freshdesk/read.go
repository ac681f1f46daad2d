// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package freshdesk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

const pageSize = 100

// updatedSince is the parameter of lists for what was changed since a time.
const updatedSince = "updated_since"

// Read goes through agents, companies, contacts and tickets.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	if err := s.ask(ctx); err != nil {
		return err
	}
	return walk.Sections(ctx, []walk.Section{
		{Name: "agents", Always: true, Read: func(context.Context, *walk.At) (string, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			ids := make([]int64, 0, len(s.agents))
			for n := range s.agents {
				ids = append(ids, n)
			}
			slices.Sort(ids)
			for _, n := range ids {
				a := s.agents[n]
				s.agent(&a, out)
			}
			return "", nil
		}},
		s.list("companies", "/companies", updatedSince, nil, out, func(item []byte) error { return s.readCompany(item, out) }),
		s.list("contacts", "/contacts", updatedSince, nil, out, func(item []byte) error { return s.readContact(item, out) }),
		s.list("deleted contacts", "/contacts", updatedSince, url.Values{"state": {"deleted"}}, out, func(item []byte) error {
			var c wireContact
			err := read(item, &c, func() bool { return c.ID != 0 })
			if err == nil {
				out.Identity(connector.Identity{ExternalID: id(c.ID), Deleted: true})
			}
			return err
		}),
		s.tickets("tickets", nil, out),
		s.tickets("deleted tickets", url.Values{"filter": {"deleted"}}, out),
		s.tickets("spam", url.Values{"filter": {"spam"}}, out),
		s.ratings(out),
	}, from, s.env.Now(), out)
}

// again is for how long a rating is asked for anew: what a customer writes with it may come later, and Freshdesk tells what
// ratings were made since a time, but not which were changed.
const again = 7 * 24 * time.Hour

// ratings is the section of what customers thought of the help.
func (s *source) ratings(out *connector.Sink) walk.Section {
	section := s.list("ratings", "/surveys/satisfaction_ratings", "created_since", nil, out, func(item []byte) error {
		var r wireRating
		err := read(item, &r, func() bool { return r.ID != 0 && !r.CreatedAt.IsZero() })
		if err == nil {
			s.rating(&r, item, out)
		}
		return err
	})
	page := section.Read
	section.Read = func(ctx context.Context, at *walk.At) (string, error) {
		if at.Since.IsZero() {
			at.Since = s.set.Since(optSince)
		} else {
			at.Since = at.Since.Add(-again)
		}
		return page(ctx, at)
	}
	return section
}

// ask learns the names of agents and of the account's own statuses.
func (s *source) ask(ctx context.Context) error {
	s.mu.Lock()
	known := s.agents != nil
	s.mu.Unlock()
	if known {
		return nil
	}
	agents := map[int64]wireAgent{}
	for page := 1; ; page++ {
		var some []wireAgent
		_, err := s.client.Into(ctx, "/agents", url.Values{"per_page": {strconv.Itoa(pageSize)}, "page": {strconv.Itoa(page)}}, &some)
		if rest.Refused(err) {
			s.env.Meter.Warn("Freshdesk does not tell this key who the agents are, so nobody is marked as the team.")
			break
		}
		if err != nil {
			return err
		}
		for i := range some {
			agents[some[i].ID] = some[i]
		}
		if len(some) < pageSize {
			break
		}
	}
	var fields []struct {
		Type    string `json:"type"`
		Choices any    `json:"choices"` // of the status {"2": ["Open", "Being processed"]}
	}
	if _, err := s.client.Into(ctx, "/ticket_fields", nil, &fields); err != nil && rest.Status(err) < http.StatusBadRequest {
		return err
	}
	statuses := map[int64]string{}
	for i := range fields {
		choices, ok := fields[i].Choices.(map[string]any)
		if fields[i].Type != "default_status" || !ok {
			continue
		}
		for key, v := range choices {
			n, err := strconv.ParseInt(key, 10, 64)
			labels, ok := v.([]any)
			if err != nil || !ok || len(labels) == 0 {
				continue
			}
			if label, ok := labels[0].(string); ok {
				statuses[n] = label
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.agents, s.statuses = agents, statuses
	return nil
}

// list is the section of a list with numbered pages. since names the parameter for what is new; without one it is listed
// whole each time.
func (s *source) list(name, path, since string, more url.Values, out *connector.Sink, pass func([]byte) error) walk.Section {
	return walk.Section{Name: name, Always: since == "", Read: func(ctx context.Context, at *walk.At) (string, error) {
		number := at.Page
		if number == "" {
			number = "1"
		}
		q := url.Values{"per_page": {strconv.Itoa(pageSize)}, "page": {number}}
		for key, v := range more {
			q[key] = v
		}
		if since != "" && !at.Since.IsZero() {
			q.Set(since, at.Since.UTC().Format(time.RFC3339))
		}
		var items []jsontext.Value
		ans, err := s.client.Get(ctx, path, q)
		if when := q.Get(since); rest.Status(err) == http.StatusBadRequest && when != "" && since == updatedSince {
			q.Del(since) // older documentation of contacts has another name, and that of companies none
			q.Set("_"+since, when)
			if ans, err = s.client.Get(ctx, path, q); rest.Status(err) == http.StatusBadRequest {
				q.Del("_" + since)
				ans, err = s.client.Get(ctx, path, q)
			}
		}
		if rest.Refused(err) || rest.Gone(err) { // the role or the plan does not have it
			s.env.Meter.Warn("Freshdesk does not let this key read " + name + ".")
			return "", nil
		}
		if err == nil {
			err = s.client.Decode(ans, &items)
		}
		if err != nil {
			return "", err
		}
		for i, item := range items {
			out.Read(1)
			if err := pass(item); err != nil {
				reject(out, name, int64(i)+1, item, err)
			}
		}
		n, err := strconv.Atoi(number)
		if err != nil || len(items) == 0 || ans.Link("next") == "" {
			return "", nil //nolint:nilerr // a number that is none ends the list
		}
		return strconv.Itoa(n + 1), nil
	}}
}

// tickets is the section of a list of tickets in the order of their updates.
func (s *source) tickets(name string, filter url.Values, out *connector.Sink) walk.Section {
	return walk.Section{Name: name, Read: func(ctx context.Context, at *walk.At) (string, error) {
		since := s.set.Since(optSince)
		if !at.Since.IsZero() {
			since = at.Since
		} else if filter != nil {
			return "", nil // what was never read need not be taken back
		}
		w := parseWindow(at.Page, since)
		q := url.Values{
			updatedSince: {w.since.Format(time.RFC3339)}, "order_by": {"updated_at"}, "order_type": {"asc"}, "per_page": {strconv.Itoa(pageSize)}, "page": {strconv.Itoa(w.page)},
		}
		switch {
		case filter != nil:
			q.Set("filter", filter.Get("filter"))
		case s.set.On(optMessages):
			q.Set("include", "stats,description")
		default:
			q.Set("include", "stats")
		}
		var items []jsontext.Value
		ans, err := s.client.Get(ctx, "/tickets", q)
		if err == nil {
			err = s.client.Decode(ans, &items)
		}
		if err != nil {
			return "", err
		}
		all := make([]wireTicket, len(items))
		for i, item := range items {
			if err := s.one(ctx, item, &all[i], w.told, filter.Get("filter"), out); errors.Is(err, errRecord) {
				reject(out, name, int64(i)+1, item, err)
			} else if err != nil {
				return "", err
			}
		}
		if len(items) == 0 || ans.Link("next") == "" {
			return "", nil
		}
		next := w.next(all)
		return next.String(), nil
	}}
}

// one pushes a ticket of a list that is not told already, and its messages where these are wanted.
func (s *source) one(ctx context.Context, item []byte, t *wireTicket, told []int64, filter string, out *connector.Sink) error {
	if err := read(item, t, func() bool { return t.ID != 0 && !t.CreatedAt.IsZero() && !t.UpdatedAt.IsZero() }); err != nil {
		out.Read(1)
		return err
	}
	if slices.Contains(told, t.ID) {
		return nil
	}
	out.Read(1)
	t.Deleted, t.Spam = t.Deleted || filter == "deleted", t.Spam || filter == "spam"
	if !s.ticket(t, item, out) || !s.set.On(optMessages) {
		return nil
	}
	return s.messages(ctx, t.ID, nil, out)
}

// messages asks for the replies to a ticket.
func (s *source) messages(ctx context.Context, ticket int64, people map[int64]bool, out *connector.Sink) error {
	for page := 1; ; page++ {
		var items []jsontext.Value
		ans, err := s.client.Get(ctx, "/tickets/"+id(ticket)+"/conversations", url.Values{"per_page": {strconv.Itoa(pageSize)}, "page": {strconv.Itoa(page)}})
		if rest.Gone(err) {
			return nil
		}
		if err == nil {
			err = s.client.Decode(ans, &items)
		}
		if err != nil {
			return err
		}
		for i, item := range items {
			out.Read(1)
			var m wireMessage
			if err := read(item, &m, func() bool { return m.ID != 0 && !m.CreatedAt.IsZero() }); err != nil {
				reject(out, "conversations of ticket "+id(ticket), int64(i)+1, item, err)
				continue
			}
			if people != nil && !m.Private {
				people[m.User] = true
			}
			s.message(ticket, &m, item, out)
		}
		if len(items) < pageSize && ans.Link("next") == "" || len(items) == 0 {
			return nil
		}
	}
}

func (s *source) readContact(item []byte, out *connector.Sink) error {
	var c wireContact
	err := read(item, &c, func() bool { return c.ID != 0 })
	if err == nil {
		s.contact(&c, item, out)
	}
	return err
}

func (s *source) readCompany(item []byte, out *connector.Sink) error {
	var c wireCompany
	err := read(item, &c, func() bool { return c.ID != 0 })
	if err == nil {
		s.company(&c, item, out)
	}
	return err
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

func reject(out *connector.Sink, file string, line int64, item []byte, err error) {
	out.Reject(greenroom.Reject{File: file, Line: line, Reason: err.Error(), Expected: "an object as Freshdesk's API describes it", Excerpt: string(item)})
}
