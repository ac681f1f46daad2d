// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stripe

import (
	"context"
	"errors"
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
	pageSize = 100
	eventAge = 29 * 24 * time.Hour // Stripe keeps events for thirty days
)

// wantedEvents are the types of events that tell what comes in; Stripe takes twenty at most.
func wantedEvents() []string {
	return []string{
		"customer.created", "customer.updated", "customer.deleted", "customer.subscription.created", "customer.subscription.updated",
		"customer.subscription.deleted", "customer.subscription.paused", "customer.subscription.resumed",
		"invoice.paid", "invoice.payment_failed", "invoice.voided", "invoice.marked_uncollectible",
	}
}

// Read notes the newest event first, so that what happens during a long first read is told by the next one.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	sections := []walk.Section{
		{Name: "events", Read: func(ctx context.Context, at *walk.At) (string, error) { return s.events(ctx, at, out) }},
		s.list("customers", url.Values{}, out, func(_ context.Context, item []byte) (bad, err error) {
			var c wireCustomer
			if bad = rest.Unmarshal(item, &c); bad == nil && c.ID == "" {
				bad = errRecord
			}
			if bad == nil {
				s.customer(&c, item, out)
			}
			return bad, nil
		}),
		s.list("subscriptions", url.Values{"status": {"all"}, "expand[]": {"data.customer", "data.latest_invoice"}}, out, func(ctx context.Context, item []byte) (bad, err error) {
			var sub wireSubscription
			if bad = rest.Unmarshal(item, &sub); bad == nil && (sub.ID == "" || sub.Created == 0) {
				bad = errRecord
			}
			if bad != nil {
				return bad, nil
			}
			if err := s.complete(ctx, &sub); err != nil {
				return nil, err
			}
			s.subscription(&sub, s.env.Now().UTC().Truncate(time.Second), nil, item, out)
			return nil, nil
		}),
	}
	return walk.Sections(ctx, sections, from, s.env.Now(), out)
}

// pass takes an object of a list: bad says what is wrong with it, err that nothing further can be read.
type pass func(ctx context.Context, item []byte) (bad, err error)

var errRecord = errors.New("the id, the type or the time is missing")

// page is a page of any list.
type page struct {
	Data []jsontext.Value `json:"data"`
	More bool             `json:"has_more"`
}

type object struct {
	ID      string  `json:"id"`
	Created seconds `json:"created"`
}

// last is the object behind which the next page begins; it has no id where there is none.
func (p *page) last() (last object) {
	for _, item := range p.Data {
		var o object
		if rest.Unmarshal(item, &o) == nil && o.ID != "" {
			last = o
		}
	}
	return last
}

// forgotten reports whether Stripe says that there is nothing of the id that a page is to begin behind.
func forgotten(err error) bool {
	status := rest.Status(err)
	return status == http.StatusBadRequest || status == http.StatusNotFound
}

// list is the section of a list that is read once, and again only when events of the time between are gone.
func (s *source) list(name string, query url.Values, out *connector.Sink, take pass) walk.Section {
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
		after, created, _ := strings.Cut(at.Page, "@")
		if after != "" {
			q.Set("starting_after", after)
		}
		p, err := s.page(ctx, "/v1/"+name, q)
		if after != "" && forgotten(err) { // it was deleted: the newest stand first, so what is as old or older follows
			q.Del("starting_after")
			if created != "" {
				q.Set("created[lte]", created)
			}
			p, err = s.page(ctx, "/v1/"+name, q)
		}
		if rest.Refused(err) && q.Has("expand[]") { // invoices may not be read
			q["expand[]"] = []string{"data.customer"}
			s.env.Meter.Warn("The key may not read invoices, so whether the last one was paid is not known.")
			p, err = s.page(ctx, "/v1/"+name, q)
		}
		if err != nil {
			return "", err
		}
		last := p.last()
		if err := each(ctx, name, p.Data, out, take); err != nil || !p.More || last.ID == "" || last.ID == after {
			return "", err
		}
		return last.ID + "@" + strconv.FormatInt(int64(last.Created), 10), nil
	}}
}

func (s *source) page(ctx context.Context, path string, q url.Values) (*page, error) {
	var p page
	_, err := s.client.Into(ctx, path, q, &p)
	return &p, err
}

// each passes on the objects of a list.
func each(ctx context.Context, file string, items []jsontext.Value, out *connector.Sink, take pass) error {
	for i, item := range items {
		out.Read(1)
		bad, err := take(ctx, item)
		if err != nil {
			return err
		}
		if bad != nil {
			out.Reject(greenroom.Reject{File: file, Line: int64(i) + 1, Reason: bad.Error(), Expected: "an object as Stripe's API describes it", Excerpt: string(item)})
		}
	}
	return nil
}

// complete asks for what a list leaves out of a subscription: items behind the first ones, and what prices are in its
// currency where their own is another one. Lists cannot be asked for that: Stripe expands four levels at most.
func (s *source) complete(ctx context.Context, sub *wireSubscription) error {
	if !sub.Items.More && !s.abroad(sub) {
		return nil
	}
	q := url.Values{"subscription": {sub.ID}, "limit": {strconv.Itoa(pageSize)}, "expand[]": {"data.price.currency_options"}}
	var all []wireItem
	for {
		var p struct {
			Data []wireItem `json:"data"`
			More bool       `json:"has_more"`
		}
		if _, err := s.client.Into(ctx, "/v1/subscription_items", q, &p); rest.Gone(err) {
			return nil
		} else if rest.Refused(err) {
			s.env.Meter.Warn("The key may not read the items of subscriptions, so what some of them cost is not known.")
			return nil
		} else if err != nil {
			return err
		}
		for i := range p.Data {
			item := &p.Data[i]
			all = append(all, *item)
			s.prices.Store(item.Price.ID, item.Price.Options)
			q.Set("starting_after", item.ID)
		}
		if !p.More || len(p.Data) == 0 {
			break
		}
	}
	sub.Items.Data = all
	return nil
}

// abroad reports whether a price of a subscription is of another currency and its options have not been asked for yet; those
// that have are filled in.
func (s *source) abroad(sub *wireSubscription) (unknown bool) {
	for i := range sub.Items.Data {
		price := &sub.Items.Data[i].Price
		if !price.foreign(sub.Currency) || price.Options != nil {
			continue
		}
		known, ok := s.prices.Load(price.ID)
		price.Options, _ = known.(map[string]wireAmount)
		unknown = unknown || !ok
	}
	return unknown
}
