// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package freshdesk

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/signature"
)

// secretHeader is the header that an automation is told to send.
const secretHeader = "X-Greenroom-Secret" //nolint:gosec // its name

// Verify compares the secret. Freshdesk signs nothing, so that the body may be anything: it names tickets to ask for, and
// nothing in it is believed. Nor is more of it kept than the ticket that it names: automations can send private notes.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) {
	if !signature.Equal(s.set.Text(optSecret), d.Header.Get(secretHeader)) {
		return connector.Reply{}, signature.Wrong("Freshdesk, in the header " + secretHeader + ",")
	}
	var b delivery
	if rest.Unmarshal(d.Body, &b) == nil { // others are rejected when they are received, with their reason
		d.Body = []byte(`{"ticket_id":` + strconv.FormatInt(b.ticket(), 10) + `}`)
	}
	return connector.Reply{}, nil
}

// delivery is what an automation sends: its own choice of members, or those of Freshdesk's simple form.
type delivery struct {
	Ticket any `json:"ticket_id"`
	Simple struct {
		Ticket any `json:"ticket_id"`
	} `json:"freshdesk_webhook"`
}

// ticket is the number of the ticket that a delivery names; 0 = none.
func (b *delivery) ticket() (n int64) {
	for _, v := range []any{b.Ticket, b.Simple.Ticket} {
		switch v := v.(type) {
		case string:
			n, _ = strconv.ParseInt(v, 10, 64) // 0 is none
		case float64:
			n = int64(v)
		}
		if n > 0 {
			return n
		}
	}
	return 0
}

// Receive asks for the ticket that an automation names.
func (s *source) Receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) error {
	out.Read(1)
	var b delivery
	if err := rest.Unmarshal(d.Body, &b); err != nil {
		reject(out, "webhook", 0, d.Body, err)
		return nil
	}
	n := b.ticket()
	if n <= 0 {
		out.LeftOut("deliveries that name no ticket", 1)
		return nil
	}
	if err := s.ask(ctx); err != nil {
		return err
	}
	return s.refetch(ctx, n, out)
}

// refetch asks for a ticket and its messages, and for the people and the company that these name.
func (s *source) refetch(ctx context.Context, n int64, out *connector.Sink) error {
	ans, err := s.client.Get(ctx, "/tickets/"+id(n), url.Values{"include": {"stats"}})
	if rest.Gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var t wireTicket
	if err := read(ans.Body, &t, func() bool { return t.ID != 0 && !t.CreatedAt.IsZero() && !t.UpdatedAt.IsZero() }); err != nil {
		reject(out, "webhook", 0, ans.Body, err)
		return nil
	}
	if t.Company != 0 {
		if err := s.single(ctx, "/companies/"+id(t.Company), out, s.readCompany); err != nil {
			return err
		}
	}
	people := map[int64]bool{t.Requester: true}
	if s.ticket(&t, ans.Body, out) && s.set.On(optMessages) {
		if err := s.messages(ctx, n, people, out); err != nil {
			return err
		}
	}
	ids := make([]int64, 0, len(people))
	for n := range people {
		ids = append(ids, n)
	}
	slices.SortFunc(ids, cmp.Compare)
	for _, n := range ids {
		s.mu.Lock()
		a, staff := s.agents[n]
		s.mu.Unlock()
		switch {
		case staff:
			s.agent(&a, out)
		case n != 0:
			if err := s.single(ctx, "/contacts/"+id(n), out, s.readContact); err != nil {
				return err
			}
		}
	}
	return nil
}

// single asks for one object.
func (s *source) single(ctx context.Context, path string, out *connector.Sink, pass func([]byte, *connector.Sink) error) error {
	ans, err := s.client.Get(ctx, path, nil)
	if rest.Gone(err) || rest.Refused(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := pass(ans.Body, out); err != nil {
		reject(out, "webhook", 0, ans.Body, err)
	}
	return nil
}
