// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package intercom

import (
	"context"
	"net/http"
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

const (
	pageSize    = 150
	companySize = 60
	// early is how much earlier a search begins than what is wanted, because Intercom reads "after a time" as "after the
	// day of that time" in the workspace's time zone, and one day in the year has 25 hours.
	early = 25 * time.Hour
	// deletedSize is how many deleted conversations a page lists at most.
	deletedSize = 60
	// mostListed is how many companies Intercom lists; where there are more, it wants them to be scrolled.
	mostListed = 10_000
)

// Read goes through teammates, companies, contacts and conversations.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	if err := s.ask(ctx); err != nil {
		return err
	}
	return walk.Sections(ctx, []walk.Section{
		{Name: "teammates", Always: true, Read: func(ctx context.Context, _ *walk.At) (string, error) {
			all, err := s.teammates(ctx)
			for i := range all {
				s.teammate(&all[i], out)
			}
			return "", err
		}},
		{Name: "companies", Always: true, Read: func(ctx context.Context, at *walk.At) (string, error) { return s.companies(ctx, at.Page, out) }},
		s.searched("contacts", time.Time{}, out, func(_ context.Context, item []byte) error {
			var c wireContact
			err := rest.Unmarshal(item, &c)
			if err == nil && c.ID == "" {
				err = invalid("contact")
			}
			if err == nil {
				s.contact(&c, item, out)
			}
			return err
		}),
		s.searched("conversations", s.set.Since(optSince), out, func(ctx context.Context, item []byte) error { return s.one(ctx, item, out) }),
		{Name: "deleted conversations", Read: func(ctx context.Context, at *walk.At) (string, error) { return s.deleted(ctx, at, out) }},
	}, from, s.env.Now(), out)
}

// found is a page of a search or a list.
type found struct {
	Data          []jsontext.Value `json:"data"`
	Conversations []jsontext.Value `json:"conversations"`
	Total         int64            `json:"total_count"`
	Pages         struct {
		Page  int64 `json:"page"`
		Total int64 `json:"total_pages"`
		Next  any   `json:"next"` // of searches {"starting_after": "…"}, of lists an address
	} `json:"pages"`
}

func (f *found) after() string {
	next, ok := f.Pages.Next.(map[string]any)
	if !ok {
		return ""
	}
	after, _ := next["starting_after"].(string) // no text is no page
	return after
}

// query is the request of a search.
type query struct {
	Query      map[string]any `json:"query"`
	Pagination pagination     `json:"pagination"`
	Sort       map[string]any `json:"sort"`
}

type pagination struct {
	Size  int    `json:"per_page"`
	After string `json:"starting_after,omitempty"`
}

// search asks for what was updated since, in the order of updates.
func (s *source) search(since time.Time, after string, size int) query {
	from := max(0, since.Add(-early).Unix())
	return query{
		Query:      map[string]any{"operator": "AND", "value": []map[string]any{{"field": "updated_at", "operator": ">", "value": strconv.FormatInt(from, 10)}}},
		Pagination: pagination{Size: size, After: after}, Sort: map[string]any{"field": "updated_at", "order": "ascending"},
	}
}

func (s *source) searched(name string, since time.Time, out *connector.Sink, pass func(context.Context, []byte) error) walk.Section {
	return walk.Section{Name: name, Read: func(ctx context.Context, at *walk.At) (string, error) {
		from := since
		if !at.Since.IsZero() {
			from = at.Since
		}
		path := "/" + name + "/search"
		if name == "contacts" {
			path += "?include_merge_history=true"
		}
		var page found
		_, err := s.client.Post(ctx, path, s.search(from, at.Page, pageSize), &page)
		if rest.Refused(err) {
			s.env.Meter.Warn("Intercom does not let this token read " + name + "; choose the permission in the Developer Hub.")
			return "", nil
		}
		if err != nil {
			return "", err
		}
		items := page.Data
		if name == "conversations" {
			items = page.Conversations
		}
		for i, item := range items {
			var o struct {
				UpdatedAt seconds `json:"updated_at"`
			}
			if rest.Unmarshal(item, &o) == nil && o.UpdatedAt > 0 && o.UpdatedAt.time().Before(from) {
				continue
			}
			out.Read(1)
			if err := pass(ctx, item); greenroom.ErrorCode(err) == greenroom.CodeInvalid || err != nil && greenroom.ErrorCode(err) == greenroom.CodeInternal && ctx.Err() == nil {
				reject(out, name, int64(i)+1, item, err)
			} else if err != nil {
				return "", err
			}
		}
		next := page.after()
		if next == at.Page || len(items) == 0 {
			return "", nil
		}
		return next, nil
	}}
}

func reject(out *connector.Sink, file string, line int64, item []byte, err error) {
	out.Reject(greenroom.Reject{File: file, Line: line, Reason: err.Error(), Expected: "an object as Intercom's API describes it", Excerpt: string(item)})
}

// one pushes a conversation of a search. Its parts are told only where it is asked for by itself.
func (s *source) one(ctx context.Context, item []byte, out *connector.Sink) error {
	var c wireConversation
	err := rest.Unmarshal(item, &c)
	if err == nil && (c.ID == "" || c.CreatedAt == 0) {
		err = invalid("conversation")
	}
	if err != nil {
		return err
	}
	if !s.set.On(optMessages) {
		s.conversation(&c, item, out)
		return nil
	}
	return s.whole(ctx, string(c.ID), out)
}

// whole asks for a conversation with its parts.
func (s *source) whole(ctx context.Context, id string, out *connector.Sink) error {
	ans, err := s.client.Get(ctx, "/conversations/"+url.PathEscape(id), nil)
	if rest.Gone(err) { // it was deleted meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	var c wireConversation
	if err := s.client.Decode(ans, &c); err != nil {
		return err
	}
	if c.ID == "" || c.CreatedAt == 0 {
		return invalid("conversation")
	}
	s.conversation(&c, ans.Body, out)
	return nil
}

func (s *source) listCompanies(ctx context.Context, number string, size int, page *found) error {
	ans, err := s.client.Do(ctx, rest.Request{Method: http.MethodPost, Path: "/companies/list", Query: url.Values{"page": {number}, "per_page": {strconv.Itoa(size)}, "order": {"asc"}}})
	if err != nil {
		return err
	}
	return s.client.Decode(ans, page)
}

// The names of pages of companies that are scrolled begin with one of these, the parameter of the page follows.
const (
	scrolled      = "scroll "
	scrolledAgain = "scroll-again " // the first try broke off
)

// companies reads a page of companies. Of more than 10,000 Intercom lists the first only; these are scrolled.
func (s *source) companies(ctx context.Context, number string, out *connector.Sink) (string, error) {
	for _, prefix := range []string{scrolled, scrolledAgain} {
		if param, ok := strings.CutPrefix(number, prefix); ok {
			return s.scroll(ctx, prefix, param, out)
		}
	}
	if number == "" {
		number = "1"
	}
	var page found
	err := s.listCompanies(ctx, number, companySize, &page)
	if rest.Refused(err) {
		s.env.Meter.Warn("Intercom does not let this token read companies; choose the permission in the Developer Hub.")
		return "", nil
	}
	if page.Total > mostListed || rest.Status(err) == http.StatusBadRequest && number != "1" {
		return scrolled, nil
	}
	if err != nil {
		return "", err
	}
	s.told(page.Data, out)
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || len(page.Data) == 0 || n >= page.Pages.Total {
		return "", nil //nolint:nilerr // a number that is none ends the list
	}
	return strconv.FormatInt(n+1, 10), nil
}

// scroll reads the page of companies behind a parameter, "" = the first. Its end is a page without companies. A scroll
// that was not used for a minute is gone, and is begun anew once.
func (s *source) scroll(ctx context.Context, prefix, param string, out *connector.Sink) (string, error) {
	q := url.Values{}
	if param != "" {
		q.Set("scroll_param", param)
	}
	var page struct {
		Data  []jsontext.Value `json:"data"`
		Param string           `json:"scroll_param"`
	}
	_, err := s.client.Into(ctx, "/companies/scroll", q, &page)
	switch expired := param != "" && (rest.Gone(err) || rest.Status(err) == http.StatusBadRequest); {
	case expired && prefix == scrolled:
		return scrolledAgain, nil
	case expired:
		s.env.Meter.Warn("Intercom broke off twice while it told the companies; the others come in with the next read.")
		return "", nil
	case err != nil:
		return "", err
	}
	s.told(page.Data, out)
	if len(page.Data) == 0 || page.Param == "" {
		return "", nil
	}
	return prefix + page.Param, nil
}

// told pushes the companies of a page.
func (s *source) told(items []jsontext.Value, out *connector.Sink) {
	for i, item := range items {
		out.Read(1)
		var c wireCompany
		err := rest.Unmarshal(item, &c)
		if err == nil && c.ID == "" {
			err = invalid("company")
		}
		if err != nil {
			reject(out, "companies", int64(i)+1, item, err)
			continue
		}
		s.company(&c, item, out)
	}
}

// deleted takes back conversations that were deleted since the last read. What was never read need not be taken back.
func (s *source) deleted(ctx context.Context, at *walk.At, out *connector.Sink) (string, error) {
	if at.Since.IsZero() {
		return "", nil
	}
	number := at.Page
	if number == "" {
		number = "1"
	}
	var page found
	_, err := s.client.Into(ctx, "/conversations/deleted", url.Values{"page": {number}, "per_page": {strconv.Itoa(deletedSize)}, "order": {"desc"}}, &page)
	if rest.Refused(err) || rest.Gone(err) || rest.Status(err) == http.StatusBadRequest {
		return "", nil // said with the conversations, or not there in this workspace
	}
	if err != nil {
		return "", err
	}
	fresh := false
	for i, item := range page.Conversations {
		out.Read(1)
		var c struct {
			ID text    `json:"id"`
			At seconds `json:"deleted_at"`
		}
		err := rest.Unmarshal(item, &c)
		if err == nil && (c.ID == "" || c.At == 0) {
			err = invalid("deleted conversation")
		}
		switch {
		case err != nil:
			reject(out, "deleted conversations", int64(i)+1, item, err)
		case !c.At.time().Before(at.Since):
			fresh = true
			s.gone(string(c.ID), c.At.time(), out)
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || !fresh || n >= page.Pages.Total {
		return "", nil //nolint:nilerr // a number that is none ends the list
	}
	return strconv.FormatInt(n+1, 10), nil
}

// gone takes back a conversation.
func (s *source) gone(id string, at time.Time, out *connector.Sink) {
	out.Record(connector.Record{ExternalID: id, Type: "case", Deleted: true, UpdatedAt: at})
	out.Conversation(connector.Conversation{Thread: "conversation/" + id, Deleted: true, UpdatedAt: at}) // messages may have been wanted once
}
