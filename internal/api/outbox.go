// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/outbox"
)

// Outbox is what is sent; outbox.Service keeps it.
type Outbox interface {
	Message(ctx context.Context, id int64) (outbox.Message, error)
	List(ctx context.Context, f outbox.Filter) ([]outbox.Message, error)
	Edit(ctx context.Context, id int64, subject, text, by string) error
	Approve(ctx context.Context, ids []int64, by string) (int64, error)
	Skip(ctx context.Context, ids []int64, reason, by string) (int64, error)
	Again(ctx context.Context, ids []int64, by string) (int64, error)
}

// OutboxMessage is a message that goes out, or went.
type OutboxMessage struct {
	ID          int64     `json:"id" doc:"The message's id."`
	Channel     string    `json:"channel" doc:"email, slack, teams, discord, discourse, github or webhook."`
	State       string    `json:"state" doc:"draft (waits for approval), queued, sending, sent, failed, uncertain (nobody knows whether it arrived) or skipped."`
	Reason      string    `json:"reason,omitempty" doc:"Why it failed, waits or is not sent."`
	Purpose     string    `json:"purpose,omitempty" doc:"Why a member is written to."`
	Origin      string    `json:"origin" doc:"What wanted it sent."`
	OriginID    int64     `json:"origin_id,omitempty" doc:"The id of that."`
	RunID       int64     `json:"run_id,omitempty" doc:"Of a workflow, the run."`
	MemberID    int64     `json:"member_id,omitempty" doc:"To whom; left out where it goes to the team or a system."`
	Member      string    `json:"member,omitempty" doc:"By name."`
	To          string    `json:"to,omitempty" doc:"The address on the channel."`
	Destination int64     `json:"destination_id,omitempty" doc:"The destination of the team that it goes to."`
	Sender      string    `json:"sender,omitempty" doc:"The person of the team in whose name it goes."`
	Owner       string    `json:"owner,omitempty" doc:"Of a draft: whose word it waits for; while that one is away, their stand-in."`
	Subject     string    `json:"subject,omitempty" doc:"The subject."`
	Text        string    `json:"text" doc:"The text, as Markdown."`
	Attempts    int64     `json:"attempts" doc:"How often it was tried."`
	CreatedAt   time.Time `json:"created_at" doc:"When it was written."`
	NextAt      time.Time `json:"next_at,omitzero" doc:"Not before."`
	SentAt      time.Time `json:"sent_at,omitzero" doc:"When it was sent."`
	ApprovedBy  string    `json:"approved_by,omitempty" doc:"Who approved it."`
	Edited      bool      `json:"edited,omitempty" doc:"A person changed the draft."`
	URL         string    `json:"url,omitempty" doc:"Where it can be seen."`
}

// MessageEdit is what a draft is to say.
type MessageEdit struct {
	Subject string `json:"subject,omitempty" doc:"The subject, of a mail."`
	Text    string `json:"text" doc:"The text, as Markdown."`
}

func messageOf(m *outbox.Message) OutboxMessage {
	return OutboxMessage{
		ID: m.ID, Channel: string(m.Channel), State: string(m.State), Reason: m.Reason, Purpose: string(m.Purpose), Origin: m.Origin.Kind, OriginID: m.Origin.ID, RunID: m.Origin.Run, MemberID: m.MemberID, Member: m.Member, To: m.To, Destination: m.Destination,
		Sender: m.Sender, Owner: m.Owner, Subject: m.Subject, Text: m.Text, Attempts: m.Attempts, CreatedAt: m.CreatedAt, NextAt: m.NextAt, SentAt: m.SentAt, ApprovedBy: m.ApprovedBy, Edited: m.Edited, URL: m.URL,
	}
}

func (a *api) outboxOps() []op {
	if a.Outbox == nil {
		return nil
	}
	id := idParam("The message's id.")
	example := OutboxMessage{ID: 9, Channel: "email", State: "draft", Purpose: "care", Origin: "workflow", OriginID: 3, RunID: 12, MemberID: 42, Member: "Ana Torres", To: "ana@example.com", Subject: "Welcome", Text: "Hi Ana", CreatedAt: exampleTime(3)}
	one := content{of: OutboxMessage{}, example: example}
	move := func(path, opID, summary, text string, f func(c *call, ids []int64) (int64, error)) op {
		return op{
			method: http.MethodPost, path: "/messages/{id}/" + path, id: opID, tag: "Outbox", need: auth.Write, params: []param{id}, reply: one, codes: []greenroom.Code{greenroom.CodeConflict}, summary: summary, text: text,
			do: func(c *call) (answer, error) {
				if _, err := a.Outbox.Message(c.ctx(), c.id()); err != nil {
					return answer{}, err
				}
				if _, err := f(c, []int64{c.id()}); err != nil {
					return answer{}, err
				}
				return a.message(c)
			},
		}
	}
	return []op{
		{
			method: http.MethodGet, path: "/messages", id: "listMessages", tag: "Outbox", need: auth.Read,
			summary: "What is sent", text: "Messages to members and to the team, the newest first. For the next page give the last id as `below`.",
			params: []param{
				{name: "state", form: formText, choices: words(outbox.States()), text: "Only those in this state.", example: "draft"},
				{name: "channel", form: formText, choices: words(outbox.Channels()), text: "Only those on a channel.", example: "email"},
				{name: "workflow", form: formInteger, min: 1, text: "Only those of a workflow, by id.", example: "3"},
				{name: "member", form: formInteger, min: 1, text: "Only those to a member, by id.", example: "42"},
				{name: "owner", form: formText, text: "Only drafts that wait for somebody, by mail address.", example: "ana@example.com"},
				{name: "below", form: formInteger, min: 1, text: "Only those with a lower id.", example: "120"},
				{name: "limit", form: formInteger, min: 1, max: 500, initial: "100", text: "How many at most.", example: "20"},
			},
			reply: content{of: Items[OutboxMessage]{}, example: Items[OutboxMessage]{Items: []OutboxMessage{example}}},
			do: func(c *call) (answer, error) {
				f := outbox.Filter{Channel: outbox.Channel(c.text("channel")), Member: c.integer("member"), Owner: c.text("owner"), Below: c.integer("below"), Limit: int(c.integer("limit"))}
				if s := c.text("state"); s != "" {
					f.States = []outbox.State{outbox.State(s)}
				}
				if f.ID = c.integer("workflow"); f.ID > 0 {
					f.Origin = "workflow"
				}
				all, err := a.Outbox.List(c.ctx(), f)
				if err != nil {
					return answer{}, err
				}
				items := make([]OutboxMessage, len(all))
				for i := range all {
					items[i] = messageOf(&all[i])
				}
				return itemsOf(items)
			},
		},
		{
			method: http.MethodGet, path: "/messages/{id}", id: "getMessage", tag: "Outbox", need: auth.Read, params: []param{id}, reply: one,
			summary: "A message", text: "What it says, and what became of it.", do: a.message,
		},
		{
			method: http.MethodPatch, path: "/messages/{id}", id: "changeMessage", tag: "Outbox", need: auth.Write, params: []param{id}, reply: one, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Change a draft", text: "Only a message that waits for approval can be changed.", body: &content{of: MessageEdit{}, text: "What it is to say.", example: MessageEdit{Subject: "Welcome", Text: "Hi Ana"}},
			do: func(c *call) (answer, error) {
				e, err := decode[MessageEdit](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Outbox.Edit(c.ctx(), c.id(), e.Subject, e.Text, c.by()); err != nil {
					return answer{}, err
				}
				return a.message(c)
			},
		},
		move("approve", "approveMessage", "Approve a draft", "It goes out as soon as consent and caps allow.", func(c *call, ids []int64) (int64, error) { return a.Outbox.Approve(c.ctx(), ids, c.by()) }),
		move("skip", "skipMessage", "Skip a message", "One that waits is not sent. The workflow that wrote it goes on.", func(c *call, ids []int64) (int64, error) { return a.Outbox.Skip(c.ctx(), ids, "", c.by()) }),
		move("again", "sendMessageAgain", "Send a message again", "One that failed, or of which nobody knows whether it arrived.", func(c *call, ids []int64) (int64, error) { return a.Outbox.Again(c.ctx(), ids, c.by()) }),
	}
}

func (a *api) message(c *call) (answer, error) {
	m, err := a.Outbox.Message(c.ctx(), c.id())
	if err != nil {
		return answer{}, err
	}
	return ok(messageOf(&m))
}
