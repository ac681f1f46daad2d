// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/consent"
)

// Reach is whether and how a member can be written to, and what they were sent.
type Reach struct {
	Silent    bool        `json:"do_not_contact"`
	Purposes  []Agreement `json:"purposes"`
	Addresses []string    `json:"addresses"`        // mail addresses that do not refuse mail
	Refusing  []string    `json:"refusing"`         // those that do
	May       bool        `json:"may"`              // a personal message may go out now
	At        time.Time   `json:"at,omitzero"`      // where not: when it may; left out = not at all
	Reason    string      `json:"reason,omitempty"` // why not
	Messages  []Message   `json:"messages"`         // the last ones, the newest first
}

// Agreement is whether a member takes messages of a purpose.
type Agreement struct {
	Purpose consent.Purpose `json:"purpose"`
	Label   string          `json:"label"`
	Allowed bool            `json:"allowed"`
	Chosen  bool            `json:"chosen"` // they said so themselves, or the team for them; otherwise it is as usual
}

// reachMessages is how many messages a Reach has.
const reachMessages = 10

// Reach tells whether and how a member can be written to.
func (s *Service) Reach(ctx context.Context, member int64) (*Reach, error) {
	c, err := s.Contact(ctx, member)
	if err != nil {
		return nil, err
	}
	rules, err := s.store.ContactRules(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the rules on writing to members: %w", err)
	}
	r := &Reach{Silent: consent.Silent(c.Choices), Addresses: []string{}, Refusing: []string{}}
	for _, a := range c.Addresses {
		if c.Bounced[a] {
			r.Refusing = append(r.Refusing, a)
		} else {
			r.Addresses = append(r.Addresses, a)
		}
	}
	for _, i := range consent.Purposes() {
		r.Purposes = append(r.Purposes, Agreement{i.Purpose, i.Label, consent.Agrees(c.Choices, i.Purpose), slices.ContainsFunc(c.Choices, func(ch consent.Choice) bool { return ch.Purpose == i.Purpose })})
	}
	v := Judge(&rules, &c, &Message{MemberID: member, Purpose: consent.Care}, s.now(), s.zone())
	r.May, r.At, r.Reason = v.May, v.At, v.Reason
	r.Messages, err = s.store.MessageList(ctx, Filter{Member: member, Limit: reachMessages})
	return r, err
}

// Letter is a mail that somebody of the team writes to a member.
type Letter struct {
	Key     string `json:"key,omitempty"` // unique; "" = each sending is another letter
	To      string `json:"to,omitempty"`  // one of the member's addresses; "" = the first
	Subject string `json:"subject"`
	Text    string `json:"text"` // Markdown
}

// Write queues a letter to a member. Caps and quiet hours do not hold it up, since a person writes to a person; what the
// member chose does.
func (s *Service) Write(ctx context.Context, member int64, l Letter, name, by string) (Message, error) {
	r, err := s.Reach(ctx, member)
	if err != nil {
		return Message{}, err
	}
	to := strings.ToLower(strings.TrimSpace(l.To))
	switch {
	case r.Silent:
		return Message{}, greenroom.Errorf(greenroom.CodeConflict, "they are not to be contacted")
	case len(r.Addresses) == 0:
		return Message{}, greenroom.Errorf(greenroom.CodeConflict, "no mail address of theirs is known that takes mail")
	case to == "":
		to = r.Addresses[0]
	case !slices.Contains(r.Addresses, to):
		return Message{}, greenroom.Errorf(greenroom.CodeInvalid, "%s is none of their mail addresses that take mail", l.To)
	}
	if l.Key == "" {
		l.Key = rand.Text()
	}
	m := Message{
		Key: "letter " + l.Key, Channel: Email, Purpose: consent.Answer, Origin: Origin{Kind: "person"}, MemberID: member, To: to, Sender: name, ReplyTo: by,
		Subject: strings.TrimSpace(l.Subject), Text: l.Text, State: Queued, CreatedAt: s.now(),
	}
	if m.Subject == "" {
		return m, greenroom.Errorf(greenroom.CodeInvalid, "the mail needs a subject")
	}
	if _, err := s.Queue(ctx, m); err != nil {
		return m, err
	}
	return m, s.audit.Audit(ctx, by, "message.write", fmt.Sprintf("member %d", member), m.Subject)
}
