// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/outbox"
)

// message writes to the member, and waits until it is known what became of that: what comes behind it, such as three days,
// is meant from when they have it.
func (m *mover) message(s *Step) (done, error) {
	if m.run.Message != "" {
		return m.heard(s)
	}
	msg, why := m.compose(s)
	if why != "" {
		return done{text: "Not written: " + why}, nil
	}
	if v := outbox.Judge(m.rules, m.contact, msg, m.now, m.zone); !v.May && v.At.IsZero() {
		return done{text: "Not written: " + v.Reason}, nil
	}
	m.out.Messages = append(m.out.Messages, *msg)
	m.run.Message = msg.Key
	text := ""
	if s.Approve {
		text = "Draft written; it waits for approval"
	}
	return done{turn: stay, at: m.now.Add(recheck), text: text, key: msg.Key}, nil
}

// compose makes the message of a step, or says why there is none.
func (m *mover) compose(s *Step) (msg *outbox.Message, why string) {
	t := m.texts(s)
	text, err1 := t.Fill(s.Text)
	subject, err2 := t.Fill(s.Subject)
	if err := errors.Join(err1, err2); err != nil {
		return nil, greenroom.ErrorMessage(err)
	}
	msg = &outbox.Message{
		Key: m.key(s), Channel: s.Channel, Purpose: s.Purpose, Origin: m.origin(s), MemberID: m.who.ID, Sender: cmp.Or(s.Sender, m.plan.Sender),
		Subject: clip(subject, 300), Text: text, State: outbox.Queued, CreatedAt: m.now,
	}
	msg.ReplyTo = msg.Sender
	if s.Approve {
		msg.State, msg.Owner = outbox.Draft, cmp.Or(msg.Sender, m.workflow.CreatedBy)
	}
	if why := m.address(s, msg); why != "" {
		return nil, why
	}
	return msg, ""
}

// address says where a message goes, or why nowhere.
func (m *mover) address(s *Step, msg *outbox.Message) (why string) {
	if s.Channel == outbox.Email {
		for _, e := range m.who.Emails {
			if !m.contact.Bounced[strings.ToLower(e)] {
				msg.To = e
				return ""
			}
		}
		return "no mail address of theirs is known that takes mail"
	}
	ways := m.ways[s.Channel]
	if len(ways) == 0 {
		return "no source is connected that can send on " + s.Channel.Label()
	}
	if s.Place == Thread {
		switch {
		case m.begun == nil:
			return "it began with no conversation to reply in"
		case !slices.Contains(ways, m.begun.Source):
			return "the conversation is not on a source that can send on " + s.Channel.Label()
		}
		b := m.begun
		msg.Source, msg.To, msg.Thread = b.Source, cmp.Or(b.ChannelID, b.Root), b.Root
		switch {
		case s.Channel == outbox.GitHub:
			msg.To = b.URL
		case s.Channel == outbox.Discord && b.Thread: // a thread is a channel there
			msg.To = b.Root
		case s.Channel == outbox.Discord:
			msg.Thread = b.External
		}
		if msg.To == "" {
			return "the conversation has no address"
		}
		return ""
	}
	for _, a := range m.who.Accounts {
		if slices.Contains(ways, a.Source) {
			msg.Source, msg.To = a.Source, a.External
			if s.Channel == outbox.Discourse {
				msg.To = cmp.Or(a.Handle, a.External)
			}
			return ""
		}
	}
	return "they have no account on " + s.Channel.Label() + " that can be written to"
}

// heard looks what became of the message of a step.
func (m *mover) heard(s *Step) (done, error) {
	msg := m.world.became(m.run.Message)
	if msg == nil || !msg.State.Over() {
		return done{turn: stay, at: m.now.Add(recheck)}, nil
	}
	key := msg.Key
	switch msg.State {
	case outbox.Sent:
		if s.Kind == StepMessage && m.run.WroteAt.IsZero() {
			m.run.WroteAt = msg.SentAt
		}
		what := "Sent on " + msg.Channel.Label()
		if msg.Edited {
			what += ", as edited by " + msg.ApprovedBy
		} else if msg.ApprovedBy != "" {
			what += ", approved by " + msg.ApprovedBy
		}
		return done{at: msg.SentAt, text: what, key: key}, nil
	case outbox.Skipped:
		return done{text: "Not sent: " + msg.Reason, key: key}, nil
	case outbox.Uncertain:
		if s.Kind == StepMessage && m.run.WroteAt.IsZero() {
			m.run.WroteAt = m.now
		}
		return done{text: "Sent, but nobody knows whether it arrived", key: key}, nil
	case outbox.Failed, outbox.Draft, outbox.Queued, outbox.Sending:
	}
	return done{turn: stuck, text: msg.Reason, key: key}, nil
}
