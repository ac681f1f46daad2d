// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
)

// Writing is writing to members; outbox.Service does.
type Writing interface {
	Reach(ctx context.Context, member int64) (*outbox.Reach, error)
	Write(ctx context.Context, member int64, l outbox.Letter, name, by string) (outbox.Message, error)
	Choose(ctx context.Context, member int64, c consent.Choice, by string) error
}

// Contact is whether and how a member can be written to.
type Contact struct {
	DoNotContact bool              `json:"do_not_contact" doc:"Nothing is sent to them at all."`
	Purposes     []ContactPurpose  `json:"purposes" doc:"What they take and what not."`
	Addresses    []string          `json:"addresses" doc:"Their mail addresses that take mail."`
	Refusing     []string          `json:"refusing" doc:"Their mail addresses that mail comes back from."`
	May          bool              `json:"may" doc:"A message of the team may go out now."`
	At           time.Time         `json:"at,omitzero" doc:"Where none may now: when one may. Left out: none does."`
	Reason       string            `json:"reason,omitempty" doc:"Why none may now."`
	Messages     []MessageToMember `json:"messages" doc:"The last ten that were sent to them or are to be, the newest first."`
}

// ContactPurpose is whether a member takes messages of a purpose.
type ContactPurpose struct {
	Purpose string `json:"purpose" doc:"care, survey, program, event or news."`
	Allowed bool   `json:"allowed" doc:"They take them."`
	Chosen  bool   `json:"chosen" doc:"They said so themselves, or the team for them; otherwise it is as usual."`
}

// MessageToMember is a message to a member.
type MessageToMember struct {
	ID      int64     `json:"id" doc:"The message's number."`
	Channel string    `json:"channel" doc:"email, slack, discord, discourse or github."`
	Subject string    `json:"subject,omitempty" doc:"Of a mail."`
	Text    string    `json:"text" doc:"Markdown."`
	State   string    `json:"state" doc:"draft, queued, sending, sent, failed, uncertain or skipped."`
	Reason  string    `json:"reason,omitempty" doc:"Why it waits, failed or is not sent."`
	At      time.Time `json:"at" doc:"When it was sent, or else made."`
}

// ContactChoice is what a member chose, as the team knows it.
type ContactChoice struct {
	Purpose string `json:"purpose,omitempty" doc:"care, survey, program, event or news; empty = every purpose."`
	Allowed bool   `json:"allowed" doc:"False = they are not written to for it."`
	How     string `json:"how,omitempty" doc:"Where it was said, such as \"in a call\"."`
}

// Letter is a mail of somebody of the team to a member.
type Letter struct {
	To      string `json:"to,omitempty" doc:"One of the member's addresses; left out, the first."`
	Subject string `json:"subject" doc:"One line."`
	Text    string `json:"text" doc:"Markdown."`
}

func contactOf(r *outbox.Reach) Contact {
	c := Contact{DoNotContact: r.Silent, Purposes: []ContactPurpose{}, Addresses: r.Addresses, Refusing: r.Refusing, May: r.May, At: r.At.UTC(), Reason: r.Reason, Messages: []MessageToMember{}}
	if r.At.IsZero() {
		c.At = time.Time{}
	}
	for _, p := range r.Purposes {
		c.Purposes = append(c.Purposes, ContactPurpose{string(p.Purpose), p.Allowed, p.Chosen})
	}
	for i := range r.Messages {
		c.Messages = append(c.Messages, messageTo(&r.Messages[i]))
	}
	return c
}

func messageTo(m *outbox.Message) MessageToMember {
	at := m.SentAt
	if at.IsZero() {
		at = m.CreatedAt
	}
	return MessageToMember{m.ID, string(m.Channel), m.Subject, m.Text, string(m.State), m.Reason, at.UTC()}
}

func (a *api) contactOps() []op {
	if a.Writing == nil {
		return nil
	}
	id := idParam("The member's id.")
	letter := exampleLetter()
	contact := content{of: Contact{}, example: Contact{
		Purposes: []ContactPurpose{{string(consent.Care), true, false}, {string(consent.News), false, false}}, Addresses: []string{"ana@acme.example"}, Refusing: []string{}, May: true, Messages: []MessageToMember{letter},
	}}
	read := func(c *call) (answer, error) {
		r, err := a.Writing.Reach(c.ctx(), c.id())
		if err != nil {
			return answer{}, err
		}
		return ok(contactOf(r))
	}
	return []op{
		{
			method: http.MethodGet, path: "/members/{id}/contact", id: "getMemberContact", tag: "Members", need: auth.Read, params: []param{id}, reply: contact,
			summary: "Whether and how a member can be written to", text: "What they chose, whether a message may go out now by the team's rules, and what they were sent.", do: read,
		},
		{
			method: http.MethodPost, path: "/members/{id}/contact", id: "chooseMemberContact", tag: "Members", need: auth.Write, params: []param{id}, reply: contact,
			summary: "Note what a member chose", text: "For all of their accounts and mail addresses. The newest choice holds.",
			body: &content{of: ContactChoice{}, text: "The choice.", example: ContactChoice{How: "in a call"}},
			do: func(c *call) (answer, error) {
				ch, err := decode[ContactChoice](c)
				if err != nil {
					return answer{}, err
				}
				if ch.How == "" {
					ch.How = "by the team"
				}
				if err := a.Writing.Choose(c.ctx(), c.id(), consent.Choice{Purpose: consent.Purpose(ch.Purpose), Allowed: ch.Allowed, How: ch.How}, c.by()); err != nil {
					return answer{}, err
				}
				return read(c)
			},
		},
		{
			method: http.MethodPost, path: "/members/{id}/messages", id: "writeToMember", tag: "Members", need: auth.Write, params: []param{id}, status: http.StatusCreated, repeatable: true, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Write a mail to a member", text: "In the name of whose token it is; answers go to their address. Caps and quiet hours do not hold it up; what the member chose does.",
			body: &content{of: Letter{}, text: "The mail.", example: Letter{Subject: letter.Subject, Text: letter.Text}}, reply: content{of: MessageToMember{}, example: letter},
			do: func(c *call) (answer, error) {
				l, err := decode[Letter](c)
				if err != nil {
					return answer{}, err
				}
				m, err := a.Writing.Write(c.ctx(), c.id(), outbox.Letter{To: l.To, Subject: l.Subject, Text: l.Text}, c.caller.User.Name, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(messageTo(&m))
			},
		},
	}
}

func exampleLetter() MessageToMember {
	return MessageToMember{ID: 12, Channel: string(outbox.Email), Subject: "Thank you", Text: "Your answer helped a lot.", State: string(outbox.Queued), At: exampleTime(20)}
}
