// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/task"
)

// Ways to find out whose an item is, beside naming a person.
const (
	ByTurn      = "rotation" // of those who take turns, who was given something longest ago
	ByExpertise = "expert"   // of the team, who answered most of its kind
)

// fieldTo is the field that says whose an item is to be.
const fieldTo = "to"

// Greenroom is who acts where nobody does: rules.
const Greenroom = "greenroom"

// Path is the address of an item in Greenroom.
func Path(id int64) string { return fmt.Sprintf("/inbox/%d", id) }

// change makes a change and notes it in the audit log.
func (s *Service) change(ctx context.Context, id int64, by string, f func(State) (Change, error)) (Event, error) {
	e, err := s.store.ChangeItem(ctx, id, func(st State) (Change, error) {
		c, err := f(st)
		c.Actor = by
		return c, err
	})
	if err != nil {
		return e, fmt.Errorf("changing item %d of the inbox: %w", id, err)
	}
	return e, s.audit.Audit(ctx, by, "inbox."+string(e.What), fmt.Sprintf("conversation %d", id), e.Detail)
}

// Assign gives an item to a person, by mail address, or to whom ByTurn or ByExpertise finds; "" takes it away from everybody.
// CodeInvalid where nobody of the team has that address. Whoever has left since keeps what is theirs: an item can be given to
// them who have it already.
func (s *Service) Assign(ctx context.Context, id int64, to, by string) (Event, error) {
	p, why, err := s.whom(ctx, id, to)
	if greenroom.ErrorField(err) == fieldTo {
		st, serr := s.store.InboxState(ctx, id)
		if serr != nil {
			return Event{}, serr
		}
		if st.Owner != "" && strings.EqualFold(st.Owner, to) {
			p, err = Person{Email: st.Owner}, nil
		}
	}
	if err != nil {
		return Event{}, err
	}
	return s.change(ctx, id, by, func(st State) (Change, error) { return assign(id, &st, p, why, by), nil })
}

func assign(id int64, st *State, p Person, why, by string) Change {
	st.Owner, st.Why = p.Email, why
	c := Change{State: *st, What: WhatAssign, Detail: "to nobody"}
	if p.Email == "" {
		return c
	}
	c.Detail = "to " + p.Label()
	if why != "" {
		c.Detail += ": " + why
	}
	if why == whyTurn {
		c.Turn = p.Email
	}
	if p.Email != by {
		c.Notices = []task.Notice{{Person: p.Email, Kind: "assigned", Title: by + " gave you a conversation to answer", Text: why, Link: Path(id)}}
	}
	return c
}

// whom finds who an item is to be given to, and why.
func (s *Service) whom(ctx context.Context, id int64, to string) (Person, string, error) {
	if to == "" {
		return Person{}, "", nil
	}
	team, err := s.store.InboxTeam(ctx)
	if err != nil {
		return Person{}, "", fmt.Errorf("listing the team: %w", err)
	}
	switch to {
	case ByTurn:
		set, err := s.Settings(ctx)
		if err != nil {
			return Person{}, "", err
		}
		last, err := s.store.InboxTurns(ctx)
		if err != nil {
			return Person{}, "", err
		}
		p, ok := turn(set.Rotation, team, last)
		if !ok {
			return p, "", greenroom.Errorf(greenroom.CodeConflict, "nobody takes turns; choose who does in the settings of the inbox")
		}
		return p, whyTurn, nil
	case ByExpertise:
		h, err := s.Help(ctx, id)
		if err != nil {
			return Person{}, "", err
		}
		for i := range h.Team {
			if p, ok := task.Find(team, h.Team[i].Person); ok {
				return p, h.Team[i].Why, nil
			}
		}
		return Person{}, "", greenroom.Errorf(greenroom.CodeConflict, "nobody of the team who can sign in has answered anything like this in half a year; choose somebody by hand")
	}
	p, ok := task.Find(team, to)
	if !ok {
		return p, "", task.Nobody(team, fieldTo, to)
	}
	return p, "", nil
}

// whyTurn is why an item is somebody's whose turn it was.
const whyTurn = "it was their turn"

// Snooze has an item sleep until a time, until somebody writes, or until the first of both.
func (s *Service) Snooze(ctx context.Context, id int64, until time.Time, untilReply bool, by string) (Event, error) {
	now := s.now()
	switch {
	case until.IsZero() && !untilReply:
		return Event{}, greenroom.Errorf(greenroom.CodeInvalid, "say until when it sleeps: a time, or until somebody writes")
	case !until.IsZero() && !until.After(now):
		return Event{}, greenroom.Errorf(greenroom.CodeInvalid, "%s is over already; an item sleeps until a time to come", until.Format(time.DateTime))
	}
	facts, err := s.store.InboxFacts(ctx, []int64{id})
	if err != nil {
		return Event{}, err
	}
	return s.change(ctx, id, by, func(st State) (Change, error) {
		st.SnoozedAt, st.SnoozedUntil, st.UntilReply, st.SeenLast = now, until, untilReply, time.Time{}
		if len(facts) > 0 {
			st.SeenLast = facts[0].Last
		}
		var parts []string
		if !until.IsZero() {
			parts = append(parts, "until "+until.In(s.zone()).Format("Monday 2 January 15:04"))
		}
		if untilReply {
			parts = append(parts, "until somebody writes")
		}
		return Change{State: st, What: WhatSnooze, Detail: strings.Join(parts, ", or ")}, nil
	})
}

// Wake ends a snooze.
func (s *Service) Wake(ctx context.Context, id int64, by string) (Event, error) {
	return s.change(ctx, id, by, func(st State) (Change, error) {
		if st.SnoozedAt.IsZero() {
			return Change{}, greenroom.Errorf(greenroom.CodeConflict, "the conversation does not sleep")
		}
		st.wake()
		return Change{State: st, What: WhatWake}, nil
	})
}

func (s *State) wake() {
	s.SnoozedAt, s.SnoozedUntil, s.SeenLast, s.UntilReply = time.Time{}, time.Time{}, time.Time{}, false
}

// Note keeps an internal note, and tells those whom it names with an @.
func (s *Service) Note(ctx context.Context, id int64, text, by string) (Event, error) {
	text, err := checkText("note", text)
	if err != nil {
		return Event{}, err
	}
	team, err := s.store.InboxTeam(ctx)
	if err != nil {
		return Event{}, fmt.Errorf("listing the team: %w", err)
	}
	return s.change(ctx, id, by, func(st State) (Change, error) {
		c := Change{State: st, Kept: true, What: WhatNote, Note: text}
		var names []string
		for _, p := range Mentioned(text, team) {
			names = append(names, p.Label())
			if p.Email != by {
				c.Notices = append(c.Notices, task.Notice{Person: p.Email, Kind: "mention", Title: by + " mentioned you in a note", Text: text, Link: Path(id)})
			}
		}
		if len(names) > 0 {
			c.Detail = "for " + strings.Join(names, ", ")
		}
		return c, nil
	})
}

// Finish says that an item is done; with a link, that it was answered elsewhere.
func (s *Service) Finish(ctx context.Context, id int64, elsewhere, by string) (Event, error) {
	what, detail := WhatDone, ""
	if elsewhere = strings.TrimSpace(elsewhere); elsewhere != "" {
		u, err := url.Parse(elsewhere)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return Event{}, greenroom.Errorf(greenroom.CodeInvalid, "where it was answered is an address that begins with https://, not %q", elsewhere)
		}
		what, detail = WhatElsewhere, elsewhere
	}
	return s.change(ctx, id, by, func(st State) (Change, error) {
		if !st.DoneAt.IsZero() && st.Elsewhere == elsewhere {
			return Change{}, greenroom.Errorf(greenroom.CodeConflict, "it is done already")
		}
		st.finish(s.now(), by)
		st.Elsewhere = elsewhere
		return Change{State: st, What: what, Detail: detail}, nil
	})
}

func (s *State) finish(now time.Time, by string) {
	s.DoneAt, s.DoneBy = now, by
	s.wake()
}

// Reopen says that an item waits, also where it was done, merged or answered.
func (s *Service) Reopen(ctx context.Context, id int64, by string) (Event, error) {
	return s.change(ctx, id, by, func(st State) (Change, error) {
		st.DoneAt, st.DoneBy, st.Elsewhere, st.MergedInto, st.ReopenedAt = time.Time{}, "", "", 0, s.now()
		st.wake()
		return Change{State: st, What: WhatReopen}, nil
	})
}

// Merge says that a conversation asks the same as another, which is answered for both.
func (s *Service) Merge(ctx context.Context, id, into int64, by string) (Event, error) {
	all, err := s.store.ConversationsByID(ctx, []int64{into})
	if err != nil {
		return Event{}, err
	}
	if _, ok := all[into]; !ok {
		return Event{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no conversation %d", into)
	}
	for at, steps := into, 0; at > 0 && steps < mostWaiting; steps++ {
		if at == id {
			return Event{}, greenroom.Errorf(greenroom.CodeInvalid, "a conversation cannot become part of itself")
		}
		st, err := s.store.InboxState(ctx, at)
		if err != nil {
			return Event{}, err
		}
		at = st.MergedInto
	}
	return s.change(ctx, id, by, func(st State) (Change, error) {
		st.MergedInto = into
		return Change{State: st, What: WhatMerge, Detail: fmt.Sprintf("into conversation %d", into)}, nil
	})
}

// UndoTime is how long a reply waits in the outbox, so that it can be taken back.
const UndoTime = 15 * time.Second

// channels are what messages to a conversation of a connector go out on.
var channels = map[string]outbox.Channel{"slack": outbox.Slack, "discourse": outbox.Discourse, "discord": outbox.Discord, "github": outbox.GitHub}

// ReplyChannel is the channel on which a reply from here would go out; "" = the place takes none.
func (s *Service) ReplyChannel(ctx context.Context, id int64) (outbox.Channel, error) {
	p, err := s.store.InboxPlace(ctx, id)
	if err != nil || !p.Live || p.Thread == "" {
		return "", err
	}
	return channels[p.Kind], nil
}

// Reply queues a reply in the conversation, in the name of a person, and marks the item as done. It goes out after
// UndoTime. CodeInvalid where the place takes no replies from here.
func (s *Service) Reply(ctx context.Context, id int64, text, by string) (Event, error) {
	text, err := checkText("reply", text)
	if err != nil {
		return Event{}, err
	}
	p, err := s.store.InboxPlace(ctx, id)
	if err != nil {
		return Event{}, err
	}
	ch := channels[p.Kind]
	if ch == "" || !p.Live || p.Thread == "" {
		return Event{}, greenroom.Errorf(greenroom.CodeInvalid, "%s takes no replies from here; answer at the source, and mark the conversation as done", cmp.Or(p.Source, "this place"))
	}
	return s.change(ctx, id, by, func(st State) (Change, error) {
		st.finish(s.now(), by)
		m := &outbox.Message{
			Channel: ch, Purpose: consent.Answer, Origin: outbox.Origin{Kind: "inbox", ID: id, Step: "reply"}, MemberID: p.MemberID, To: p.Channel, Source: p.Source, Thread: p.Thread,
			Sender: mailOf(by), ReplyTo: mailOf(by), Text: text, State: outbox.Queued, NextAt: s.now().Add(UndoTime),
		}
		return Change{State: st, What: WhatReply, Detail: "on " + ch.Label(), Message: m}, nil
	})
}

// Ask asks a member to help with a conversation, by a message on its source in the name of a person.
func (s *Service) Ask(ctx context.Context, id, member int64, text, by string) (Event, error) {
	text, err := checkText("message", text)
	if err != nil {
		return Event{}, err
	}
	h, err := s.Help(ctx, id)
	if err != nil {
		return Event{}, err
	}
	name := ""
	for i := range h.Members {
		if c := &h.Members[i]; c.MemberID == member {
			if c.Tired != "" {
				return Event{}, greenroom.Errorf(greenroom.CodeConflict, "%s is not asked now: %s", c.Name, c.Tired)
			}
			name = c.Name
		}
	}
	if name == "" {
		return Event{}, greenroom.Errorf(greenroom.CodeInvalid, "member %d is none of those who could answer this", member)
	}
	p, err := s.store.InboxPlace(ctx, id)
	if err != nil {
		return Event{}, err
	}
	to, err := s.store.InboxAccount(ctx, member, p.Source)
	if err != nil {
		return Event{}, err
	}
	return s.change(ctx, id, by, func(st State) (Change, error) {
		c := Change{State: st, Kept: true, What: WhatAsk, Asked: member, Detail: "member " + strconv.FormatInt(member, 10)}
		if ch := channels[p.Kind]; ch != "" && p.Live && to != "" && ch != outbox.GitHub {
			c.Message = &outbox.Message{
				Channel: ch, Purpose: consent.Care, Origin: outbox.Origin{Kind: "inbox", ID: id, Step: "ask"}, MemberID: member, To: to, Source: p.Source,
				Sender: mailOf(by), ReplyTo: mailOf(by), Text: text, State: outbox.Queued, NextAt: s.now().Add(UndoTime),
			}
		}
		return c, nil
	})
}

// mailOf is the mail address in how the audit log calls somebody; "" where there is none.
func mailOf(actor string) string {
	if address, _, _ := strings.Cut(actor, " "); strings.Contains(address, "@") {
		return address
	}
	return ""
}

// Undo takes back what was done.
func (s *Service) Undo(ctx context.Context, event int64, by string) (Event, error) {
	e, err := s.store.UndoItem(ctx, event, by)
	if err != nil {
		return e, fmt.Errorf("undoing event %d of the inbox: %w", event, err)
	}
	return e, s.audit.Audit(ctx, by, "inbox.undo", fmt.Sprintf("conversation %d", e.ConversationID), string(e.What))
}
