// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stripe

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/signature"
)

// tooOld is the age at which a signature is good no longer, as Stripe's own libraries have it.
const tooOld = 5 * time.Minute

// Verify checks the signature, which covers the time and the body: "t=1492774577,v1=5257a8…,v1=…", of which one has to be
// right while a secret is being changed.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) {
	wrong := signature.Wrong("Stripe")
	secret := s.set.Text(optSecret)
	var stamp string
	var given []string
	for part := range strings.SplitSeq(d.Header.Get("Stripe-Signature"), ",") {
		switch key, v, _ := strings.Cut(strings.TrimSpace(part), "="); key {
		case "t":
			stamp = v
		case "v1":
			given = append(given, v)
		}
	}
	at, err := strconv.ParseInt(stamp, 10, 64)
	if secret == "" || err != nil {
		return connector.Reply{}, wrong
	}
	want := signature.Hex256(secret, slices.Concat([]byte(stamp+"."), d.Body))
	if !slices.ContainsFunc(given, func(g string) bool { return signature.Equal(want, g) }) {
		return connector.Reply{}, wrong
	}
	if age := d.ReceivedAt.Sub(time.Unix(at, 0)); age > tooOld || age < -tooOld {
		return connector.Reply{}, greenroom.Errorf(greenroom.CodeForbidden, "the delivery was signed more than five minutes ago; check the clock of this server")
	}
	var o object
	_ = rest.Unmarshal(d.Body, &o) // Receive says what is wrong with it
	return connector.Reply{ID: o.ID}, nil
}

// event is one of Stripe's events. The object in it is as it was then, and in the version that the webhook was made with.
type event struct {
	thin bool // only the id of its object is known

	ID      string  `json:"id"`
	Type    string  `json:"type"`
	Created seconds `json:"created"`
	Data    struct {
		Object struct {
			ID           string      `json:"id"`
			Status       string      `json:"status"`
			Customer     customerRef `json:"customer"`
			Subscription text        `json:"subscription"` // of invoices
			Parent       struct {    // of invoices in later versions
				Details struct {
					Subscription text `json:"subscription"`
				} `json:"subscription_details"`
			} `json:"parent"`
		} `json:"object"`
		Previous struct {
			Status string `json:"status"`
		} `json:"previous_attributes"`
	} `json:"data"`
}

// text is an id, or "" where the object itself or nothing stands in its place.
type text string

// UnmarshalJSON reads an id.
func (t *text) UnmarshalJSON(data []byte) error {
	if len(data) > 1 && data[0] == '"' {
		*t = text(data[1 : len(data)-1])
	}
	return nil
}

// Receive asks for what the event is about.
func (s *source) Receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) error {
	out.Read(1)
	e, err := readEvent(d.Body)
	if err != nil {
		out.Reject(greenroom.Reject{File: "webhook", Reason: err.Error(), Expected: "an event as Stripe's API describes it", Excerpt: string(d.Body)})
		return nil //nolint:nilerr // it is rejected
	}
	if o := &e.Data.Object; e.thin && strings.HasPrefix(e.Type, "invoice.") {
		if o.Subscription, err = s.subscriptionOf(ctx, o.ID); err != nil {
			return err
		}
	}
	return s.touch(ctx, []event{e}, out)
}

// thinEvent is an event that names what it is about and does not hold it, as webhooks of the payload style "thin" deliver.
// Its type is that of the other style with "v1." in front, or one that there is only here.
type thinEvent struct {
	ID      string    `json:"id"`
	Type    string    `json:"type"`
	Created time.Time `json:"created"`
	About   struct {
		ID   string `json:"id"`
		Type string `json:"type"` // e.g. "subscription"
	} `json:"related_object"`
	Changes struct {
		Before struct {
			Status string `json:"status"`
		} `json:"before"`
		After struct {
			Status string `json:"status"`
		} `json:"after"`
	} `json:"changes"`
}

// readEvent reads an event of either payload style. Of one that is about something else, whose fields may hold anything,
// it reads what it is called.
func readEvent(body []byte) (e event, err error) {
	var kind struct {
		ID     string `json:"id"`
		Object string `json:"object"`
		Type   string `json:"type"`
	}
	if err := rest.Unmarshal(body, &kind); err != nil {
		return e, err //nolint:wrapcheck // the decoder wraps it
	}
	switch {
	case kind.ID == "" || kind.Type == "":
		return e, errRecord
	case kind.Object == "v2.core.event":
		var thin thinEvent
		err = rest.Unmarshal(body, &thin)
		e = thin.event()
	case strings.HasPrefix(kind.Type, "customer."), strings.HasPrefix(kind.Type, "invoice."):
		err = rest.Unmarshal(body, &e)
	default:
		return event{ID: kind.ID, Type: kind.Type}, nil
	}
	if err == nil && e.Created <= 0 {
		err = errRecord
	}
	return e, err //nolint:wrapcheck // the decoder wraps it
}

// event is the same in the other payload style. What a thin event does not tell is asked for as always; only which status
// a subscription came to has to be known from it.
func (t *thinEvent) event() event {
	e := event{ID: t.ID, Type: strings.TrimPrefix(t.Type, "v1."), Created: seconds(t.Created.Unix()), thin: true}
	o := &e.Data.Object
	o.ID, o.Status, e.Data.Previous.Status = t.About.ID, t.Changes.After.Status, t.Changes.Before.Status
	if t.About.Type == "subscription" {
		switch what, _ := strings.CutPrefix(e.Type, "customer.subscription."); what {
		case "active", "incomplete", "incomplete_expired", "past_due", "paused", "trialing", "unpaid":
			o.Status = what
		case "deleted":
			o.Status = "canceled"
		}
	}
	return e
}

// subscriptionOf asks which subscription an invoice is of; "" where it is of none, or may not be read.
func (s *source) subscriptionOf(ctx context.Context, invoice string) (text, error) {
	var i struct {
		Subscription text `json:"subscription"`
	}
	_, err := s.client.Into(ctx, "/v1/invoices/"+url.PathEscape(invoice), nil, &i)
	if rest.Gone(err) || rest.Refused(err) {
		return "", nil
	}
	return i.Subscription, err
}

// touched is a subscription that events were about.
type touched struct {
	id    string
	at    time.Time
	steps []connector.StageChange
}

// touch asks for the customers and subscriptions that events are about, each once.
func (s *source) touch(ctx context.Context, all []event, out *connector.Sink) error {
	var customers []string
	var subs []*touched
	for i := range all {
		e := &all[i]
		o := &e.Data.Object
		switch {
		case e.Type == "customer.deleted":
			out.Identity(connector.Identity{ExternalID: o.ID, Deleted: true})
		case strings.HasPrefix(e.Type, "customer.subscription."):
			subs = note(subs, o.ID, e)
		case e.Type == "customer.created" || e.Type == "customer.updated":
			if o.ID != "" && !slices.Contains(customers, o.ID) {
				customers = append(customers, o.ID)
			}
		case strings.HasPrefix(e.Type, "invoice."):
			subs = note(subs, firstOf(string(o.Subscription), string(o.Parent.Details.Subscription)), e)
		default:
			out.LeftOut("event "+e.Type, 1)
		}
	}
	for _, id := range customers {
		if err := s.askCustomer(ctx, id, out); err != nil {
			return err
		}
	}
	for _, t := range subs {
		if err := s.askSubscription(ctx, t, out); err != nil {
			return err
		}
	}
	return nil
}

// note adds what an event says of a subscription.
func note(subs []*touched, id string, e *event) []*touched {
	if id == "" { // an invoice of something else
		return subs
	}
	i := slices.IndexFunc(subs, func(t *touched) bool { return t.id == id })
	if i < 0 {
		subs, i = append(subs, &touched{id: id}), len(subs)
	}
	t := subs[i]
	if at := e.Created.time(); at.After(t.at) {
		t.at = at
	}
	if strings.HasPrefix(e.Type, "customer.subscription.") && e.Data.Object.Status != "" && (e.Data.Previous.Status != "" || e.Type != "customer.subscription.updated") {
		t.steps = append(t.steps, connector.StageChange{Stage: e.Data.Object.Status, At: e.Created.time()})
	}
	return subs
}

func (s *source) askCustomer(ctx context.Context, id string, out *connector.Sink) error {
	ans, err := s.client.Get(ctx, "/v1/customers/"+url.PathEscape(id), nil)
	if rest.Gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var c wireCustomer
	if err := s.client.Decode(ans, &c); err != nil {
		return err
	}
	if c.ID != "" {
		s.customer(&c, ans.Body, out)
	}
	return nil
}

// askSubscription asks for a subscription and tells its customer first, who may be new.
func (s *source) askSubscription(ctx context.Context, t *touched, out *connector.Sink) error {
	ans, err := s.client.Get(ctx, "/v1/subscriptions/"+url.PathEscape(t.id), url.Values{"expand[]": {"customer", "latest_invoice"}})
	if rest.Refused(err) {
		ans, err = s.client.Get(ctx, "/v1/subscriptions/"+url.PathEscape(t.id), url.Values{"expand[]": {"customer"}})
	}
	if rest.Gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var sub wireSubscription
	if err := s.client.Decode(ans, &sub); err != nil {
		return err
	}
	if sub.ID == "" {
		return nil
	}
	if c := &sub.Customer.wireCustomer; c.ID != "" && (c.Created > 0 || c.Deleted) {
		s.customer(c, ans.Body, out)
	}
	if err := s.complete(ctx, &sub); err != nil {
		return err
	}
	s.subscription(&sub, t.at, t.steps, ans.Body, out)
	return nil
}
