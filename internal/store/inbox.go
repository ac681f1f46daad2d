// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/inbox"
	"greenroom/internal/outbox"
)

// followInbox grows with each change of the inbox.
const followInbox = "inbox"

// InboxSignal says how far the store has come, as far as the inbox depends on it.
func (s *Store) InboxSignal(ctx context.Context) (g inbox.Signal, err error) {
	_, g.Decided = s.cache.state() // first: what is decided while the others are asked has to show
	err = s.queryRow(ctx, `SELECT (SELECT coalesce(max(value), 0) FROM follower WHERE name = '`+followDerive+`'), `+sealed+`,
		(SELECT coalesce(max(changed), 0) FROM reading), (SELECT coalesce(max(value), 0) FROM follower WHERE name = '`+followInbox+`')`, nil, &g.Activity, &g.Version, &g.Reading, &g.Event)
	return g, err
}

const inboxStateColumns = "conversation_id, owner, why, snoozed_at, snoozed_until, until_reply, seen_last, done_at, done_by, elsewhere, reopened_at, merged_into"

func scanInboxState(row rowScanner) (id int64, st inbox.State, err error) {
	var snoozed, until, reply, seen, done, reopened int64
	err = row.Scan(&id, &st.Owner, &st.Why, &snoozed, &until, &reply, &seen, &done, &st.DoneBy, &st.Elsewhere, &reopened, &st.MergedInto)
	st.SnoozedAt, st.SnoozedUntil, st.UntilReply, st.SeenLast = fromMicros(snoozed), fromMicros(until), reply != 0, fromMicros(seen)
	st.DoneAt, st.ReopenedAt = fromMicros(done), fromMicros(reopened)
	return id, st, err
}

// InboxStates gives the states of conversations that are not done, and of those that were done since a time.
func (s *Store) InboxStates(ctx context.Context, since time.Time) (map[int64]inbox.State, error) {
	rows, err := s.query(ctx, "SELECT "+inboxStateColumns+" FROM inbox_item WHERE done_at = 0 OR done_at >= ?", micros(since))
	if err != nil {
		return nil, err
	}
	all := make(map[int64]inbox.State)
	err = scan(rows, func() error {
		id, st, err := scanInboxState(rows)
		all[id] = st
		return err
	})
	return all, err
}

// InboxState gives the state of one conversation; the zero State where nobody has touched it.
func (s *Store) InboxState(ctx context.Context, id int64) (st inbox.State, err error) {
	rows, err := s.query(ctx, "SELECT "+inboxStateColumns+" FROM inbox_item WHERE conversation_id = ?", id)
	if err != nil {
		return st, err
	}
	err = scan(rows, func() error {
		_, st, err = scanInboxState(rows)
		return err
	})
	return st, err
}

func (w *writer) inboxState(id int64) (st inbox.State, err error) {
	rows, err := w.query("SELECT "+inboxStateColumns+" FROM inbox_item WHERE conversation_id = ?", id)
	if err != nil {
		return st, err
	}
	err = scan(rows, func() error {
		_, st, err = scanInboxState(rows)
		return err
	})
	return st, err
}

func (w *writer) setInboxState(id int64, st *inbox.State) error {
	_, err := w.exec(`INSERT INTO inbox_item (`+inboxStateColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (conversation_id) DO UPDATE SET
		owner = excluded.owner, why = excluded.why, snoozed_at = excluded.snoozed_at, snoozed_until = excluded.snoozed_until, until_reply = excluded.until_reply, seen_last = excluded.seen_last,
		done_at = excluded.done_at, done_by = excluded.done_by, elsewhere = excluded.elsewhere, reopened_at = excluded.reopened_at, merged_into = excluded.merged_into`,
		id, st.Owner, st.Why, micros(st.SnoozedAt), micros(st.SnoozedUntil), flag(st.UntilReply), micros(st.SeenLast), micros(st.DoneAt), st.DoneBy, st.Elsewhere, micros(st.ReopenedAt), st.MergedInto)
	return err
}

// touchInbox notes that something of the inbox has changed.
func (w *writer) touchInbox() error {
	n, err := w.followed(followInbox)
	if err != nil {
		return err
	}
	return w.setFollowed(followInbox, n+1)
}

// ChangeItem gives change the state of a conversation and stores what it returns, in one transaction.
func (s *Store) ChangeItem(ctx context.Context, id int64, change func(inbox.State) (inbox.Change, error)) (e inbox.Event, err error) {
	err = s.write(ctx, func(w *writer) error {
		var there int64
		if err := w.row("SELECT count(*) FROM conversation WHERE id = ?", []any{id}, &there); err != nil {
			return err
		}
		if there == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no conversation %d", id)
		}
		before, err := w.inboxState(id)
		if err != nil {
			return err
		}
		c, err := change(before)
		if err != nil {
			return err
		}
		e, err = w.changeItem(id, &before, &c, s.now())
		return err
	})
	return e, err
}

func (w *writer) changeItem(id int64, before *inbox.State, c *inbox.Change, now time.Time) (inbox.Event, error) {
	e := inbox.Event{ConversationID: id, What: c.What, Actor: c.Actor, Detail: c.Detail, Note: c.Note, At: now, MayUndo: mayUndo(c.What) && (!c.Kept || c.What == inbox.WhatNote)}
	if c.Once != "" {
		n, err := w.exec("INSERT INTO inbox_once (name, at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", c.Once, micros(now))
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "this has been done already")
		}
		if err != nil {
			return e, err
		}
	}
	last, err := w.lastID("inbox_event")
	if err != nil {
		return e, err
	}
	e.ID = last + 1
	if e.MessageID, err = w.inboxMessage(c.Message, e.ID, now); err != nil {
		return e, err
	}
	for i := range c.Notices {
		if c.Notices[i].Key == "" {
			c.Notices[i].Key = fmt.Sprintf("inbox %d", e.ID)
		}
	}
	if err := w.addNotices(c.Notices, now); err != nil {
		return e, err
	}
	undo := ""
	if !c.Kept {
		text, err := json.Marshal(before)
		if err != nil {
			return e, fmt.Errorf("encoding the state of conversation %d: %w", id, err)
		}
		undo = string(text)
		if err := w.setInboxState(id, &c.State); err != nil {
			return e, err
		}
		if err := w.ownerAway(handInbox, id, c.State.Owner, now); err != nil {
			return e, err
		}
	}
	if _, err := w.exec("INSERT INTO inbox_event (id, conversation_id, what, actor, detail, note, asked_id, message_id, turn, before, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		e.ID, id, string(e.What), e.Actor, e.Detail, e.Note, c.Asked, e.MessageID, c.Turn, undo, micros(now)); err != nil {
		return e, err
	}
	return e, w.touchInbox()
}

// inboxMessage stores the message of an event, and gives its id; 0 = there is none.
func (w *writer) inboxMessage(m *outbox.Message, event int64, now time.Time) (int64, error) {
	if m == nil {
		return 0, nil
	}
	m.Origin.Run = event
	if m.Key == "" {
		m.Key = fmt.Sprintf("inbox %d", event)
	}
	if err := m.Validate(); err != nil {
		return 0, err
	}
	all := []outbox.Message{*m}
	if _, err := w.addMessages(all, now); err != nil {
		return 0, err
	}
	return all[0].ID, nil
}

// mayUndo reports whether an event of a kind can be taken back at all.
func mayUndo(what inbox.What) bool {
	return what != inbox.WhatBack && what != inbox.WhatFailed
}

// inboxEvent is an event as it is stored.
type inboxEvent struct {
	inbox.Event

	before string
}

const inboxEventColumns = "SELECT id, conversation_id, what, actor, detail, note, message_id, before, at, undone_at, undone_by FROM inbox_event"

func scanInboxEvent(row rowScanner) (e inboxEvent, err error) {
	var at, undone int64
	err = row.Scan(&e.ID, &e.ConversationID, &e.What, &e.Actor, &e.Detail, &e.Note, &e.MessageID, &e.before, &at, &undone, &e.UndoneBy)
	e.At, e.UndoneAt = fromMicros(at), fromMicros(undone)
	return e, err
}

// InboxEvents lists what happened to a conversation, the latest first.
func (s *Store) InboxEvents(ctx context.Context, id int64) ([]inbox.Event, error) {
	rows, err := s.query(ctx, inboxEventColumns+" WHERE conversation_id = ? ORDER BY id DESC LIMIT 200", id)
	if err != nil {
		return nil, err
	}
	all := []inbox.Event{}
	changed := false // a later event that stands has changed the state
	err = scan(rows, func() error {
		e, err := scanInboxEvent(rows)
		stands := e.UndoneAt.IsZero()
		e.MayUndo = stands && mayUndo(e.What) && (e.before == "" && (e.What == inbox.WhatNote) || e.before != "" && !changed)
		changed = changed || stands && e.before != ""
		all = append(all, e.Event)
		return err
	})
	return all, err
}

// UndoItem takes an event back.
func (s *Store) UndoItem(ctx context.Context, event int64, by string) (e inbox.Event, err error) {
	err = s.write(ctx, func(w *writer) error {
		found, err := w.inboxEvent(event)
		if err != nil {
			return err
		}
		if err := w.mayUndoItem(&found); err != nil {
			return err
		}
		if found.before != "" {
			var st inbox.State
			if err := json.Unmarshal([]byte(found.before), &st); err != nil {
				return fmt.Errorf("decoding the state before event %d: %w", event, err)
			}
			if err := w.setInboxState(found.ConversationID, &st); err != nil {
				return err
			}
			if err := w.ownerAway(handInbox, found.ConversationID, st.Owner, s.now()); err != nil {
				return err
			}
		}
		now := s.now()
		if _, err := w.exec("UPDATE inbox_event SET undone_at = ?, undone_by = ?, note = '' WHERE id = ?", micros(now), by, event); err != nil {
			return err
		}
		// What people were told of it is told no more, unless they have seen it.
		if _, err := w.exec("DELETE FROM notice WHERE key = ? AND seen_at = 0", fmt.Sprintf("inbox %d", event)); err != nil {
			return err
		}
		e = found.Event
		e.UndoneAt, e.UndoneBy, e.MayUndo = now, by, false
		return w.touchInbox()
	})
	return e, err
}

func (w *writer) inboxEvent(id int64) (inboxEvent, error) {
	rows, err := w.query(inboxEventColumns+" WHERE id = ?", id)
	if err != nil {
		return inboxEvent{}, err
	}
	var found []inboxEvent
	if err := scan(rows, func() error {
		e, err := scanInboxEvent(rows)
		found = append(found, e)
		return err
	}); err != nil {
		return inboxEvent{}, err
	}
	if len(found) == 0 {
		return inboxEvent{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no event %d in the inbox", id)
	}
	return found[0], nil
}

// mayUndoItem makes sure that an event can be taken back, and takes back its message.
func (w *writer) mayUndoItem(e *inboxEvent) error {
	conflict := func(text string) error { return greenroom.Errorf(greenroom.CodeConflict, "%s", text) }
	switch {
	case !e.UndoneAt.IsZero():
		return conflict("this was taken back already")
	case !mayUndo(e.What) || e.before == "" && e.What != inbox.WhatNote:
		return conflict("this cannot be taken back")
	}
	if e.before != "" {
		var later int64
		if err := w.row("SELECT count(*) FROM inbox_event WHERE conversation_id = ? AND id > ? AND before <> '' AND undone_at = 0", []any{e.ConversationID, e.ID}, &later); err != nil {
			return err
		}
		if later > 0 {
			return conflict("something was changed since; undo that first")
		}
	}
	if e.MessageID == 0 || e.What != inbox.WhatReply {
		return nil
	}
	n, err := w.exec("UPDATE outbox SET state = 'skipped', reason = ? WHERE id = ? AND state IN ('draft', 'queued')", inbox.TakenBack, e.MessageID)
	if err == nil && n == 0 {
		err = conflict("the reply is on its way already; delete it at the source, and reopen the conversation")
	}
	return err
}

// InboxTurns says when each person was given something by turn last.
func (s *Store) InboxTurns(ctx context.Context) (map[string]time.Time, error) {
	rows, err := s.query(ctx, "SELECT turn, max(at) FROM inbox_event WHERE turn <> '' AND undone_at = 0 GROUP BY turn")
	if err != nil {
		return nil, err
	}
	all := make(map[string]time.Time)
	err = scan(rows, func() error {
		var who string
		var at int64
		err := rows.Scan(&who, &at)
		all[who] = fromMicros(at)
		return err
	})
	return all, err
}

const settingInbox = "inbox"

// InboxSettings are the settings of the inbox as they were stored; "" = none were.
func (s *Store) InboxSettings(ctx context.Context) (text string, err error) {
	err = s.queryRow(ctx, "SELECT value FROM setting WHERE key = '"+settingInbox+"'", nil, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		err = nil
	}
	return text, err
}

// SetInboxSettings stores them.
func (s *Store) SetInboxSettings(ctx context.Context, text string) error {
	return s.write(ctx, func(w *writer) error {
		if _, err := w.exec("INSERT INTO setting (key, value) VALUES ('"+settingInbox+"', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", text); err != nil {
			return err
		}
		return w.touchInbox()
	})
}

// inboxOf takes what an account wrote out of what the inbox keeps of conversations that it began: excerpts in notices and
// in messages to the team. What people of the team wrote in notes stays.
func (e *eraser) inboxOf(identity int64) error {
	ids, err := e.ints("SELECT id FROM conversation WHERE author_id = ?", identity)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := e.exec("UPDATE notice SET text = '' WHERE link = ? AND kind <> 'mention'", inbox.Path(id)); err != nil {
			return err
		}
		if _, err := e.exec(`UPDATE outbox SET subject = '', body = '', html = '', data = '', thread = '', url = '', reason = CASE WHEN state IN ('draft', 'queued') THEN 'the member was erased' ELSE reason END,
			state = CASE WHEN state IN ('draft', 'queued') THEN 'skipped' ELSE state END WHERE origin = 'inbox' AND origin_id = ?`, id); err != nil {
			return err
		}
	}
	return nil
}

// inboxAsks forgets that a member was asked to help.
func (e *eraser) inboxAsks(member int64) error {
	_, err := e.exec("UPDATE inbox_event SET asked_id = 0, detail = '' WHERE asked_id > 0 AND asked_id IN (SELECT id FROM member WHERE id = ? OR merged_into = ?)", member, member)
	return err
}

// inboxData is what the inbox keeps about a member: what the team did with the conversations that they began, and when
// they were asked to help.
func (s *Store) inboxData(ctx context.Context, member int64) ([]inbox.Event, error) {
	rows, err := s.query(ctx, inboxEventColumns+` WHERE asked_id IN (SELECT id FROM member WHERE id = ? OR merged_into = ?)
		OR conversation_id IN (SELECT c.id FROM conversation c JOIN identity i ON i.id = c.author_id WHERE i.member_id = ?) ORDER BY id`, member, member, member)
	if err != nil {
		return nil, err
	}
	all := []inbox.Event{}
	err = scan(rows, func() error {
		e, err := scanInboxEvent(rows)
		all = append(all, e.Event)
		return err
	})
	return slices.Clip(all), err
}
