// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package intercom

import (
	"context"
	"crypto/sha1" //nolint:gosec // Intercom signs with it
	"net/http"
	"net/url"
	"strings"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/signature"
)

// Verify checks the signature, HMAC-SHA1 of the body, and leaves of the body only what it is about. Intercom asks with HEAD whether the address is there.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) {
	if d.Method == http.MethodHead {
		return connector.Reply{Drop: true}, nil
	}
	secret := s.set.Text(optSecret)
	want := "sha1=" + signature.Hex(sha1.New, secret, d.Body)
	if secret == "" || !signature.Equal(want, d.Header.Get("X-Hub-Signature")) {
		return connector.Reply{}, signature.Wrong("Intercom")
	}
	var n notification
	if rest.Unmarshal(d.Body, &n) == nil && n.Topic == "ping" {
		return connector.Reply{Drop: true}, nil
	}
	d.Body = deliveryPayload(d.Body)
	return connector.Reply{ID: n.ID}, nil
}

// notification is a delivery: the topic, and the object as it was then.
type notification struct {
	ID        string  `json:"id"`
	Topic     string  `json:"topic"`
	CreatedAt seconds `json:"created_at"`
	Data      struct {
		Item item `json:"item"`
	} `json:"data"`
}

// item is what a notification is about: a conversation, a contact or a company itself, or something that names one, such as
// a tag that was given to a contact or a part of a conversation.
type item struct {
	Type           string `json:"type,omitempty"`
	ID             text   `json:"id,omitempty"`
	ConversationID text   `json:"conversation_id,omitempty"` // of deletions
	Conversation   named  `json:"conversation,omitzero"`
	Contact        named  `json:"contact,omitzero"`
	Company        named  `json:"company,omitzero"`
	MergedFrom     named  `json:"merged_from,omitzero"` // the contact that is no more
}

type named struct {
	ID text `json:"id,omitempty"`
}

// about is the id of the object of a kind that an item is or names; "" = none.
func (i *item) about(kind string) string {
	inside := map[string]text{"conversation": i.Conversation.ID, "contact": i.Contact.ID, "company": i.Company.ID}[kind]
	switch {
	case kind == "conversation" && i.ConversationID != "":
		return string(i.ConversationID)
	case inside != "":
		return string(inside)
	case i.Type == kind || i.Type == "":
		return string(i.ID)
	}
	return ""
}

// Receive asks for what a notification is about.
func (s *source) Receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) error {
	out.Read(1)
	var n notification
	if err := rest.Unmarshal(d.Body, &n); err != nil {
		reject(out, "webhook", 0, d.Body, err)
		return nil
	}
	what, how, _ := strings.Cut(n.Topic, ".")
	what = strings.TrimSuffix(what, "_part") // a part is told with its conversation
	id := n.Data.Item.about(what)
	at := n.CreatedAt.time()
	if at.IsZero() {
		at = d.ReceivedAt
	}
	if id == "" || what != "conversation" && what != "contact" && what != "company" {
		out.LeftOut("topic "+n.Topic, 1)
		return nil
	}
	if err := s.ask(ctx); err != nil {
		return err
	}
	switch {
	case what == "conversation" && how == "deleted":
		s.gone(id, at, out)
		return nil
	case what == "conversation":
		return s.talk(ctx, id, out)
	case what == "contact" && how == "deleted":
		out.Identity(connector.Identity{ExternalID: id, Deleted: true})
		return nil
	case what == "contact":
		if err := s.person(ctx, id, out); err != nil {
			return err
		}
		s.merged(id, string(n.Data.Item.MergedFrom.ID), out)
		return nil
	case how == "deleted":
		out.LeftOut("deleted companies", 1)
		return nil
	}
	return s.firm(ctx, id, out)
}

// talk asks for a conversation, and first for the company and the contact that it concerns, which may be new.
func (s *source) talk(ctx context.Context, id string, out *connector.Sink) error {
	ans, err := s.client.Get(ctx, "/conversations/"+url.PathEscape(id), nil)
	if rest.Gone(err) {
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
		reject(out, "webhook", 0, ans.Body, invalid("conversation"))
		return nil
	}
	if c.Company.ID != "" {
		if err := s.firm(ctx, c.Company.ID, out); err != nil {
			return err
		}
	}
	if len(c.Contacts.Contacts) > 0 {
		if err := s.person(ctx, c.Contacts.Contacts[0].ID, out); err != nil {
			return err
		}
	}
	s.conversation(&c, ans.Body, out)
	return nil
}

func (s *source) person(ctx context.Context, id string, out *connector.Sink) error {
	ans, err := s.client.Get(ctx, "/contacts/"+url.PathEscape(id), url.Values{"include_merge_history": {"true"}})
	if rest.Gone(err) {
		return nil
	}
	if rest.Refused(err) {
		s.env.Meter.Warn("Intercom does not let this token read single contacts and companies; choose Read one user and one company in the Developer Hub.")
		return nil
	}
	if err != nil {
		return err
	}
	var c wireContact
	if err := s.client.Decode(ans, &c); err != nil {
		return err
	}
	if c.ID != "" {
		s.contact(&c, ans.Body, out)
	}
	return nil
}

func (s *source) firm(ctx context.Context, id string, out *connector.Sink) error {
	ans, err := s.client.Get(ctx, "/companies/"+url.PathEscape(id), nil)
	if rest.Gone(err) {
		return nil
	}
	if rest.Refused(err) {
		s.env.Meter.Warn("Intercom does not let this token read single contacts and companies; choose Read one user and one company in the Developer Hub.")
		return nil
	}
	if err != nil {
		return err
	}
	var c wireCompany
	if err := s.client.Decode(ans, &c); err != nil {
		return err
	}
	if c.ID != "" {
		s.company(&c, ans.Body, out)
	}
	return nil
}
