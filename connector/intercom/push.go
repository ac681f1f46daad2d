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

// Verify checks the signature: HMAC-SHA1 of the body. Intercom asks with HEAD whether the address is there.
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
	return connector.Reply{ID: n.ID}, nil
}

// notification is a delivery: the topic, and the object as it was then.
type notification struct {
	ID        string  `json:"id"`
	Topic     string  `json:"topic"`
	CreatedAt seconds `json:"created_at"`
	Data      struct {
		Item struct {
			ID           text `json:"id"`
			Conversation text `json:"conversation_id"`
			Contact      struct {
				ID string `json:"id"`
			} `json:"contact"`
		} `json:"item"`
	} `json:"data"`
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
	id := string(n.Data.Item.ID)
	if n.Data.Item.Conversation != "" {
		id = string(n.Data.Item.Conversation)
	}
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
		out.Record(connector.Record{ExternalID: id, Type: "case", Deleted: true, UpdatedAt: at})
		if s.set.On(optMessages) {
			out.Activity(connector.Activity{ExternalID: "conversation/" + id, Deleted: true, EditedAt: at})
		}
		return nil
	case what == "conversation":
		return s.talk(ctx, id, out)
	case what == "contact" && how == "deleted":
		out.Identity(connector.Identity{ExternalID: id, Deleted: true})
		return nil
	case what == "contact":
		if n.Data.Item.Contact.ID != "" { // a tag was given, and the contact stands inside
			id = n.Data.Item.Contact.ID
		}
		return s.person(ctx, id, out)
	case how == "deleted":
		out.LeftOut("deleted companies", 1)
		return nil
	}
	return s.firm(ctx, id, out)
}

// talk asks for a conversation, and first for the contact that it concerns, who may be new.
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
	if len(c.Contacts.Contacts) > 0 {
		if err := s.person(ctx, c.Contacts.Contacts[0].ID, out); err != nil {
			return err
		}
	}
	s.conversation(&c, ans.Body, out)
	return nil
}

func (s *source) person(ctx context.Context, id string, out *connector.Sink) error {
	ans, err := s.client.Get(ctx, "/contacts/"+url.PathEscape(id), nil)
	if rest.Gone(err) {
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
