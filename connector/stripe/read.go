// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stripe

import (
	"context"
	"errors"
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

const (
	pageSize = 100
	eventAge = 29 * 24 * time.Hour // Stripe keeps events for thirty days
)

// wantedEvents are the types of events that tell what comes in.
func wantedEvents() []string {
	return []string{
		"customer.created", "customer.updated", "customer.deleted", "customer.subscription.created", "customer.subscription.updated",
		"customer.subscription.deleted", "customer.subscription.paused", "customer.subscription.resumed", "invoice.paid", "invoice.payment_failed",
	}
}

// Read notes the newest event first, so that what happens during a long first read is told by the next one.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	sections := []walk.Section{
		{Name: "events", Read: func(ctx context.Context, at *walk.At) (string, error) { return s.events(ctx, at, out) }},
		s.list("customers", url.Values{}, out, func(item []byte) error {
			var c wireCustomer
			err := rest.Unmarshal(item, &c)
			if err == nil && c.ID == "" {
				err = errRecord
			}
			if err == nil {
				s.customer(&c, item, out)
			}
			return err
		}),
		s.list("subscriptions", url.Values{"status": {"all"}, "expand[]": {"data.customer", "data.latest_invoice"}}, out, func(item []byte) error {
			var sub wireSubscription
			err := rest.Unmarshal(item, &sub)
			if err == nil && (sub.ID == "" || sub.Created == 0) {
				err = errRecord
			}
			if err == nil {
				s.subscription(&sub, s.env.Now().UTC().Truncate(time.Second), nil, item, out)
			}
			return err
		}),
	}
	return walk.Sections(ctx, sections, from, s.env.Now(), out)
}

var errRecord = errors.New("the id or the time is missing")

// page is a page of any list.
type page struct {
	Data []jsontext.Value `json:"data"`
	More bool             `json:"has_more"`
}

type object struct {
	ID string `json:"id"`
}

// list is the section of a list that is read once, and again only when events of the time between are gone.
func (s *source) list(name string, query url.Values, out *connector.Sink, pass func([]byte) error) walk.Section {
	return walk.Section{Name: name, Read: func(ctx context.Context, at *walk.At) (string, error) {
		if at.Page == "" && !at.Since.IsZero() {
			if s.env.Now().Sub(at.Since) < eventAge {
				return "", nil
			}
			s.env.Meter.Warn("The last read is more than 29 days ago, and Stripe keeps events for 30: everything is listed again.")
		}
		q := url.Values{"limit": {strconv.Itoa(pageSize)}}
		for key, v := range query {
			q[key] = v
		}
		if at.Page != "" {
			q.Set("starting_after", at.Page)
		}
		p, err := s.page(ctx, "/v1/"+name, q)
		if rest.Refused(err) && q.Has("expand[]") { // invoices may not be read
			q["expand[]"] = []string{"data.customer"}
			s.env.Meter.Warn("The key may not read invoices, so whether the last one was paid is not known.")
			p, err = s.page(ctx, "/v1/"+name, q)
		}
		if err != nil {
			return "", err
		}
		last := each(name, p.Data, out, pass)
		if !p.More || last == at.Page {
			return "", nil
		}
		return last, nil
	}}
}

func (s *source) page(ctx context.Context, path string, q url.Values) (*page, error) {
	var p page
	_, err := s.client.Into(ctx, path, q, &p)
	return &p, err
}

// each passes on the objects of a list and returns the id of the last one.
func each(file string, items []jsontext.Value, out *connector.Sink, pass func([]byte) error) (last string) {
	for i, item := range items {
		out.Read(1)
		var o object
		if rest.Unmarshal(item, &o) == nil && o.ID != "" {
			last = o.ID
		}
		if err := pass(item); err != nil {
			out.Reject(greenroom.Reject{File: file, Line: int64(i) + 1, Reason: err.Error(), Expected: "an object as Stripe's API describes it", Excerpt: string(item)})
		}
	}
	return last
}

// events reads what happened behind the last event that was seen. The first time there is none: the newest one is noted.
func (s *source) events(ctx context.Context, at *walk.At, out *connector.Sink) (string, error) {
	q := url.Values{"limit": {"1"}, "types[]": wantedEvents()}
	behind := at.Page
	if behind == "" && at.Since.IsZero() {
		behind = at.Mark
	}
	switch {
	case behind != "":
		q.Set("limit", strconv.Itoa(pageSize))
		q.Set("ending_before", behind)
	case !at.Since.IsZero(): // there was no event at all then
		q.Set("limit", strconv.Itoa(pageSize))
		q.Set("created[gte]", strconv.FormatInt(at.Since.Unix(), 10))
	}
	p, err := s.page(ctx, "/v1/events", q)
	if status := rest.Status(err); behind != "" && (status == http.StatusBadRequest || status == http.StatusNotFound) { // it is older than thirty days
		q.Del("ending_before")
		q.Set("limit", "1")
		behind = ""
		p, err = s.page(ctx, "/v1/events", q)
	}
	if err != nil {
		return "", err
	}
	newest := behind
	if len(p.Data) > 0 {
		var o object
		if rest.Unmarshal(p.Data[0], &o) == nil && o.ID != "" {
			newest = o.ID
		}
	}
	at.Leave(newest)
	if behind == "" && at.Since.IsZero() {
		return "", nil
	}
	var all []event
	each("events", p.Data, out, func(item []byte) error {
		var e event
		err := rest.Unmarshal(item, &e)
		if err == nil && (e.ID == "" || e.Created == 0) {
			err = errRecord
		}
		all = append(all, e)
		return err
	})
	slices.Reverse(all) // the oldest first
	if err := s.touch(ctx, all, out); err != nil || !p.More || newest == behind {
		return "", err
	}
	return newest, nil
}
