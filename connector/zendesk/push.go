// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package zendesk

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/signature"
)

// Verify checks the signature, which covers the time and the body, and leaves of the body only what it is about.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) {
	secret := s.set.Text(optSecret)
	want := signature.Base256(secret, slices.Concat([]byte(d.Header.Get("X-Zendesk-Webhook-Signature-Timestamp")), d.Body))
	if secret == "" || !signature.Equal(want, d.Header.Get("X-Zendesk-Webhook-Signature")) {
		return connector.Reply{}, signature.Wrong("Zendesk")
	}
	var e struct {
		ID string `json:"id"`
	}
	_ = rest.Unmarshal(d.Body, &e) // a trigger's body has none
	d.Body = deliveryPayload(d.Body)
	return connector.Reply{ID: e.ID}, nil
}

// delivery is an event, or the body that a trigger's webhook was given.
type delivery struct {
	Type    string    `json:"type,omitempty"`    // e.g. "zen:event-type:ticket.comment_added"
	Subject string    `json:"subject,omitempty"` // e.g. "zen:ticket:35436"
	Time    time.Time `json:"time,omitzero"`
	Ticket  any       `json:"ticket_id,omitempty"`
	Event   struct {
		Comment struct {
			ID string `json:"id"`
		} `json:"comment"`
	} `json:"event"`
}

// Receive asks for what an event is about.
func (s *source) Receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) error {
	out.Read(1)
	var e delivery
	if err := rest.Unmarshal(d.Body, &e); err != nil {
		reject(out, "webhook", 0, d.Body, err)
		return nil
	}
	what, n := e.about()
	if n == 0 {
		out.LeftOut("event "+e.name()+" of other objects", 1)
		return nil
	}
	s.mu.Lock()
	unknown := s.agents == nil
	s.mu.Unlock()
	if unknown {
		if err := s.team(ctx); err != nil {
			return err
		}
	}
	switch what {
	case "ticket":
		return s.ticketEvent(ctx, &e, n, out)
	case "user":
		if e.name() == "user.deleted" {
			out.Identity(connector.Identity{ExternalID: id(n), Deleted: true})
			return nil
		}
		return s.users(ctx, []int64{n}, out)
	case "organization":
		if e.name() == "organization.deleted" {
			out.LeftOut("deleted organizations", 1)
			return nil
		}
		return s.organizations(ctx, n, out)
	}
	out.LeftOut("event "+e.name()+" of other objects", 1)
	return nil
}

func (e *delivery) name() string { return strings.TrimPrefix(e.Type, "zen:event-type:") }

// about is the kind of object that an event is about, and its id.
func (e *delivery) about() (what string, n int64) {
	if e.Ticket != nil {
		switch v := e.Ticket.(type) {
		case string:
			n, _ = strconv.ParseInt(v, 10, 64) // 0 is none
		case float64:
			n = int64(v)
		}
		return "ticket", n
	}
	parts := strings.Split(e.Subject, ":")
	if len(parts) != 3 || parts[0] != "zen" {
		return "", 0
	}
	n, _ = strconv.ParseInt(parts[2], 10, 64) // 0 is none
	return parts[1], n
}

func (s *source) ticketEvent(ctx context.Context, e *delivery, n int64, out *connector.Sink) error {
	edited := map[int64]time.Time{}
	switch changed, _ := strconv.ParseInt(e.Event.Comment.ID, 10, 64); e.name() { // 0 is none
	case "ticket.soft_deleted", "ticket.permanently_deleted", "ticket.marked_as_spam":
		s.deleted(n, e.Time, out)
		return nil
	case "ticket.comment_made_private":
		if changed != 0 && s.set.On(optComments) {
			out.Activity(connector.Activity{ExternalID: comment(changed), Deleted: true, EditedAt: e.Time})
		}
	case "ticket.comment_redacted", "ticket.attachment_redacted_from_comment":
		edited[changed] = e.Time
	}
	return s.refetch(ctx, n, edited, out)
}

// refetch asks for a ticket, and before it for the people that it and its comments name, so that these are known.
func (s *source) refetch(ctx context.Context, n int64, edited map[int64]time.Time, out *connector.Sink) error {
	var p export
	if _, err := s.client.Into(ctx, "/api/v2/tickets/show_many", url.Values{"ids": {id(n)}, "include": {"metric_sets"}}, &p); err != nil && !rest.Gone(err) {
		return err
	}
	people := map[int64]bool{}
	for _, item := range p.Tickets {
		var t wireTicket
		if rest.Unmarshal(item, &t) == nil {
			people[t.Requester] = true
			if err := s.organizations(ctx, t.Organization, out); err != nil {
				return err
			}
		}
	}
	s.tickets("webhook", &p, out)
	if s.set.On(optComments) && len(p.Tickets) > 0 {
		if err := s.comments(ctx, n, edited, false, people, out); err != nil {
			return err
		}
	}
	return s.users(ctx, sorted(people), out)
}

func (s *source) users(ctx context.Context, ids []int64, out *connector.Sink) error {
	for some := range slices.Chunk(ids, 100) {
		list := make([]string, len(some))
		for i, n := range some {
			list[i] = id(n)
		}
		var page struct {
			Users []jsontext.Value `json:"users"`
		}
		if _, err := s.client.Into(ctx, "/api/v2/users/show_many", url.Values{"ids": {strings.Join(list, ",")}}, &page); err != nil && !rest.Gone(err) {
			return err
		}
		each("webhook", page.Users, out, func(item []byte) error {
			var u wireUser
			err := read(item, &u, func() bool { return u.ID != 0 })
			if err == nil {
				s.user(&u, item, out)
			}
			return err
		})
	}
	return nil
}

func (s *source) organizations(ctx context.Context, n int64, out *connector.Sink) error {
	if n == 0 {
		return nil
	}
	var page struct {
		Organizations []jsontext.Value `json:"organizations"`
	}
	if _, err := s.client.Into(ctx, "/api/v2/organizations/show_many", url.Values{"ids": {id(n)}}, &page); err != nil && !rest.Gone(err) {
		return err
	}
	each("webhook", page.Organizations, out, func(item []byte) error {
		var o wireOrganization
		err := read(item, &o, func() bool { return o.ID != 0 })
		if err == nil {
			s.organization(&o, item, out)
		}
		return err
	})
	return nil
}
