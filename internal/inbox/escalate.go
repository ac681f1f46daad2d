// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
	"greenroom/internal/task"
)

// every is how often rules are looked at.
const every = 30 * time.Second

// Run applies the rules on what is past its target, tells owners of what wakes up, and reopens what a reply did not reach,
// until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := s.Watch(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("looking after the inbox", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Watch does once what Run does again and again.
func (s *Service) Watch(ctx context.Context) error {
	b, set, err := s.board(ctx)
	if err != nil {
		return err
	}
	now := s.now()
	for i := range set.Escalations {
		if err := s.escalateAll(ctx, b, &set.Escalations[i], now); err != nil {
			return err
		}
	}
	for i := range b.entries {
		if e := &b.entries[i]; set.Assign != "" && e.status == Waiting && e.state.Owner == "" && !e.opened.Before(set.AssignSince) {
			if err := s.giveOut(ctx, set, e.id); err != nil {
				return err
			}
		}
	}
	for i := range b.entries {
		if e := &b.entries[i]; e.status == Waiting && !e.state.SnoozedAt.IsZero() && e.state.Owner != "" {
			if err := s.back(ctx, e); err != nil {
				return err
			}
		}
	}
	return s.failures(ctx)
}

// once is a change that was made already: no fault.
func once(_ Event, err error) error {
	if greenroom.ErrorCode(err) == greenroom.CodeConflict {
		return nil
	}
	return err
}

// giveOut gives what came in to whom the settings say, once: who gives it back, or on, is right.
func (s *Service) giveOut(ctx context.Context, set *Settings, id int64) error {
	p, why, err := s.whom(ctx, id, set.Assign)
	if greenroom.ErrorCode(err) == greenroom.CodeConflict {
		return nil // nobody has answered anything like it
	}
	if err != nil {
		return err
	}
	return once(s.change(ctx, id, Greenroom, func(st State) (Change, error) {
		c := assign(id, &st, p, why, Greenroom)
		c.Once = fmt.Sprintf("given %d", id)
		return c, nil
	}))
}

// escalateAll applies a rule to everything that is past its time.
func (s *Service) escalateAll(ctx context.Context, b *board, r *Escalation, now time.Time) error {
	var late []int64
	for i := range b.entries {
		e := &b.entries[i]
		at := e.due.Add(time.Duration(r.After * float64(time.Hour)))
		if e.status == Waiting && !at.After(now) && !at.Before(r.Since) {
			late = append(late, e.id)
		}
	}
	if r.Query != "" && len(late) > 0 {
		q, err := query.Parse(s.schema, r.Query)
		if err != nil {
			s.log.Warn("an escalation of the inbox cannot be used", "query", r.Query, "error", err)
			return nil
		}
		slices.Sort(late)
		if late, err = s.store.WhichFit(ctx, query.Conversations, q, late); err != nil {
			return err
		}
	}
	if len(late) == 0 {
		return nil
	}
	items, err := s.items(ctx, b, late)
	if err != nil {
		return err
	}
	for i := range items {
		if err := s.escalate(ctx, r, &items[i]); err != nil {
			return fmt.Errorf("escalating conversation %d: %w", items[i].Conversation.ID, err)
		}
	}
	return nil
}

// escalate applies a rule to an item, unless it has been.
func (s *Service) escalate(ctx context.Context, r *Escalation, it *Item) error {
	c := &it.Conversation
	place := c.Source
	if c.Channel != "" {
		place += ", " + c.Channel
	}
	late := hoursText(it.LateHours) + " past its target"
	var p Person
	var why string
	if r.Assign != "" && it.Owner == "" {
		var err error
		p, why, err = s.whom(ctx, c.ID, r.Assign)
		switch {
		case greenroom.ErrorField(err) == fieldTo:
			// Whom the rule names has left. The rest of it holds, and so do the other rules.
			s.log.Warn("an escalation of the inbox gives conversations to somebody who has left", "escalation", r.ID, "error", err)
		case err != nil && greenroom.ErrorCode(err) != greenroom.CodeConflict:
			return err
		}
	}
	var post *outbox.Message
	if r.DestinationID > 0 {
		d, err := s.store.Destination(ctx, r.DestinationID)
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return err
		}
		if err == nil && d.RemovedAt.IsZero() {
			post = &outbox.Message{
				Channel: d.Channel, Destination: d.ID, Origin: outbox.Origin{Kind: "inbox", ID: c.ID, Step: fmt.Sprintf("escalation %d", r.ID)}, Subject: "A conversation is " + late,
				Text: fmt.Sprintf("**%s** waits in %s, %s.\n\n%s", firstOf(c.Title, "(no text)"), place, late, c.URL), State: outbox.Queued,
			}
		}
	}
	return once(s.change(ctx, c.ID, Greenroom, func(st State) (Change, error) {
		ch := Change{State: st, Kept: true, What: WhatEscalate, Detail: late, Message: post, Once: fmt.Sprintf("escalation %d %d", r.ID, c.ID)}
		if p.Email != "" && st.Owner == "" {
			given := assign(c.ID, &st, p, why, Greenroom)
			ch.State, ch.Kept, ch.Detail = given.State, false, late+"; given "+given.Detail
			ch.Notices, ch.Turn = given.Notices, given.Turn
		}
		for _, email := range r.Notify {
			ch.Notices = append(ch.Notices, task.Notice{Key: fmt.Sprintf("inbox escalation %d %d", r.ID, c.ID), Person: email, Kind: "overdue", Title: "A conversation in " + place + " is " + late, Text: c.Title, Link: Path(c.ID)})
		}
		return ch, nil
	}))
}

// back tells the owner of an item that it has slept long enough, once.
func (s *Service) back(ctx context.Context, e *entry) error {
	return once(s.change(ctx, e.id, Greenroom, func(st State) (Change, error) {
		if !st.SnoozedAt.Equal(e.state.SnoozedAt) {
			return Change{}, greenroom.Errorf(greenroom.CodeConflict, "it was put to sleep again")
		}
		return Change{
			State: st, Kept: true, What: WhatBack, Once: fmt.Sprintf("back %d %d", e.id, st.SnoozedAt.UnixMicro()),
			Notices: []task.Notice{{Person: st.Owner, Kind: "back", Title: "A conversation of yours is back from its snooze", Link: Path(e.id)}},
		}, nil
	}))
}

// failures reopens items whose reply did not go out, and tells who wrote it.
func (s *Service) failures(ctx context.Context) error {
	all, err := s.store.MessageList(ctx, outbox.Filter{Origin: "inbox", States: []outbox.State{outbox.Failed, outbox.Uncertain, outbox.Skipped}})
	if err != nil {
		return fmt.Errorf("reading which replies failed: %w", err)
	}
	for i := range all {
		m := &all[i]
		if m.Origin.Step != "reply" || m.Reason == TakenBack {
			continue
		}
		err := once(s.change(ctx, m.Origin.ID, Greenroom, func(st State) (Change, error) {
			st.DoneAt, st.DoneBy = time.Time{}, ""
			c := Change{State: st, What: WhatFailed, Detail: m.Reason, Once: fmt.Sprintf("failed %d", m.ID)}
			if m.Sender != "" {
				c.Notices = []task.Notice{{Person: m.Sender, Kind: "failed", Title: "A reply of yours did not go out", Text: m.Reason, Link: Path(m.Origin.ID)}}
			}
			return c, nil
		}))
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound { // the conversation is gone
			return err
		}
	}
	return nil
}

// TakenBack is why a reply was not sent that was undone in time.
const TakenBack = "taken back"

// hoursText is a span in words.
func hoursText(h float64) string {
	switch {
	case h < 1:
		return fmt.Sprintf("%d min", max(0, int(h*60)))
	case h < 48:
		return fmt.Sprintf("%d h", int(h))
	}
	return fmt.Sprintf("%d days", int(h/24))
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			return t
		}
	}
	return ""
}
