// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/team"
)

const messageColumns = `o.id, o.key, o.channel, o.purpose, o.origin, o.origin_id, o.run_id, o.step, coalesce(h.id, o.member_id), coalesce(h.name, m.name, ''), o.recipient, o.destination_id,
	o.source, o.thread, o.sender, o.reply_to, o.subject, o.body, o.html, o.data, o.unsubscribe, o.state, o.reason, o.attempts, o.created_at, o.next_at, o.not_after,
	o.approved_by, o.approved_at, o.sent_at, o.receipt, o.url, o.edited, o.owner`

// messageTables joins a message with the member that its own is part of now.
const messageTables = ` FROM outbox o LEFT JOIN member m ON m.id = o.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0`

func scanMessage(row rowScanner) (outbox.Message, error) {
	var m outbox.Message
	var data string
	var created, next, until, approved, sent, edited int64
	err := row.Scan(&m.ID, &m.Key, &m.Channel, &m.Purpose, &m.Origin.Kind, &m.Origin.ID, &m.Origin.Run, &m.Origin.Step, &m.MemberID, &m.Member, &m.To, &m.Destination,
		&m.Source, &m.Thread, &m.Sender, &m.ReplyTo, &m.Subject, &m.Text, &m.HTML, &data, &m.Unsubscribe, &m.State, &m.Reason, &m.Attempts, &created, &next, &until,
		&m.ApprovedBy, &approved, &sent, &m.Receipt, &m.URL, &edited, &m.Owner)
	if data != "" {
		m.Data = json.RawMessage(data)
	}
	m.CreatedAt, m.NextAt, m.NotAfter, m.ApprovedAt, m.SentAt, m.Edited = fromMicros(created), fromMicros(next), fromMicros(until), fromMicros(approved), fromMicros(sent), edited != 0
	return m, err
}

// AddMessages stores messages; those whose key is known are left as they are. It returns how many are new.
func (s *Store) AddMessages(ctx context.Context, all []outbox.Message) (added int, err error) {
	err = s.write(ctx, func(w *writer) error {
		added, err = w.addMessages(all, s.now())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("storing messages: %w", err)
	}
	return added, nil
}

// addMessages is AddMessages in the transaction of whatever wants them sent. It gives the new ones their ids.
func (w *writer) addMessages(all []outbox.Message, now time.Time) (added int, err error) {
	keys := make([]any, len(all))
	for i := range all {
		keys[i] = all[i].Key
	}
	known := make(map[string]bool)
	if err := w.eachIn("SELECT key FROM outbox WHERE key IN (%IN%)", nil, keys, func(row rowScanner) error {
		var k string
		err := row.Scan(&k)
		known[k] = true
		return err
	}); err != nil {
		return 0, err
	}
	last, err := w.lastID("outbox")
	if err != nil {
		return 0, err
	}
	fresh := make([]*outbox.Message, 0, len(all))
	for i := range all {
		m := &all[i]
		if known[m.Key] {
			continue
		}
		known[m.Key] = true
		last++
		m.ID = last
		if m.CreatedAt.IsZero() {
			m.CreatedAt = now
		}
		if m.State == "" {
			m.State = outbox.Queued
		}
		if m.Owner = strings.ToLower(cmp.Or(m.Owner, m.Sender, m.ReplyTo)); m.State != outbox.Draft || !strings.Contains(m.Owner, "@") {
			m.Owner = ""
		}
		fresh = append(fresh, m)
	}
	if err := w.addMessageFiles(fresh); err != nil {
		return 0, err
	}
	if err := w.bulk(`INSERT INTO outbox (id, key, channel, purpose, origin, origin_id, run_id, step, member_id, recipient, destination_id, source, thread, sender, reply_to,
		subject, body, html, data, unsubscribe, lane, state, reason, created_at, next_at, not_after, owner) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, len(fresh), func(i int) []any {
		m := fresh[i]
		return []any{
			m.ID, m.Key, string(m.Channel), string(m.Purpose), m.Origin.Kind, m.Origin.ID, m.Origin.Run, m.Origin.Step, m.MemberID, m.To, m.Destination, m.Source, m.Thread, m.Sender, m.ReplyTo,
			m.Subject, m.Text, m.HTML, string(m.Data), m.Unsubscribe, m.Lane(), string(m.State), m.Reason, micros(m.CreatedAt), micros(m.NextAt), micros(m.NotAfter), m.Owner,
		}
	}); err != nil {
		return 0, err
	}
	return len(fresh), w.draftsAway(fresh, now)
}

// draftsAway gives drafts whose owner is away to who stands in.
func (w *writer) draftsAway(fresh []*outbox.Message, now time.Time) error {
	var away map[string]team.Absence
	for i, m := range fresh {
		if m.Owner == "" {
			continue
		}
		if away == nil {
			var err error
			if away, err = w.standIns(now); err != nil || len(away) == 0 {
				return err
			}
		}
		if err := w.ownerAway(handDraft, m.ID, m.Owner, now); err != nil {
			return err
		}
		fresh[i].Owner = team.StandIn(away, m.Owner)
	}
	return nil
}

// Message finds a message.
func (s *Store) Message(ctx context.Context, id int64) (outbox.Message, error) {
	all, err := s.messages(ctx, "SELECT "+messageColumns+messageTables+" WHERE o.id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no message %d", id)
	}
	if err != nil {
		return outbox.Message{}, err
	}
	return all[0], nil
}

func (s *Store) messages(ctx context.Context, q string, args ...any) ([]outbox.Message, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	all := []outbox.Message{}
	err = scan(rows, func() error {
		m, err := scanMessage(rows)
		all = append(all, m)
		return err
	})
	return all, err
}

func messageFilter(f *outbox.Filter, states bool) (cond string, args []any) {
	parts := []string{"1 = 1"}
	add := func(c string, arg ...any) { parts, args = append(parts, c), append(args, arg...) }
	if states && len(f.States) > 0 {
		for _, st := range f.States {
			args = append(args, string(st))
		}
		parts = append(parts, "o.state IN ("+placeholders(len(f.States))+")")
	}
	if f.Origin != "" {
		add("o.origin = ?", f.Origin)
	}
	if f.ID > 0 {
		add("o.origin_id = ?", f.ID)
	}
	if f.Run > 0 {
		add("o.run_id = ?", f.Run)
	}
	if f.Member > 0 {
		add("o.member_id > 0 AND o.member_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0)", f.Member, f.Member)
	}
	if f.Channel != "" {
		add("o.channel = ?", string(f.Channel))
	}
	if f.Sender != "" {
		add("lower(o.sender) = ?", strings.ToLower(f.Sender))
	}
	if f.Owner != "" {
		add("o.owner = ?", strings.ToLower(f.Owner))
	}
	return strings.Join(parts, " AND "), args
}

// MessageList lists messages, the newest first.
func (s *Store) MessageList(ctx context.Context, f outbox.Filter) ([]outbox.Message, error) {
	cond, args := messageFilter(&f, true)
	if f.Below > 0 {
		cond, args = cond+" AND o.id < ?", append(args, f.Below)
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	return s.messages(ctx, "SELECT "+messageColumns+messageTables+" WHERE "+cond+" ORDER BY o.id DESC LIMIT ?", append(args, f.Limit)...)
}

// MessageCounts counts messages by state.
func (s *Store) MessageCounts(ctx context.Context, f outbox.Filter) (outbox.Counts, error) {
	cond, args := messageFilter(&f, false)
	rows, err := s.query(ctx, "SELECT o.state, count(*) FROM outbox o WHERE "+cond+" GROUP BY o.state", args...)
	if err != nil {
		return nil, err
	}
	counts := make(outbox.Counts)
	err = scan(rows, func() error {
		var st outbox.State
		var n int64
		err := rows.Scan(&st, &n)
		counts[st] = n
		return err
	})
	return counts, err
}

// EditMessage changes subject and text of a draft.
func (s *Store) EditMessage(ctx context.Context, id int64, subject, text string) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE outbox SET subject = ?, body = ?, html = '', edited = 1 WHERE id = ? AND state = 'draft'", subject, text, id)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "message %d is no draft any more", id)
		}
		return err
	})
}

// MoveMessages sets the state of messages that are in one of from, and returns how many were.
func (s *Store) MoveMessages(ctx context.Context, ids []int64, from []outbox.State, to outbox.State, reason, by string) (moved int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		now := micros(s.now())
		for _, id := range ids {
			for _, f := range from {
				// Sending again is a new try: it has all attempts before it, and its time is not over.
				n, err := w.exec(`UPDATE outbox SET state = ?, reason = ?, next_at = CASE WHEN state IN ('failed', 'uncertain') THEN 0 ELSE next_at END,
					not_after = CASE WHEN state IN ('failed', 'uncertain') THEN 0 ELSE not_after END, attempts = 0, holder = '', lease_until = 0,
					approved_by = CASE ? WHEN 'queued' THEN ? ELSE approved_by END, approved_at = CASE ? WHEN 'queued' THEN ? ELSE approved_at END WHERE id = ? AND state = ?`,
					string(to), reason, string(to), by, string(to), now, id, string(f))
				if err != nil {
					return err
				}
				moved += n
			}
		}
		if to.Over() {
			return w.wakeMoved(ids, now)
		}
		return nil
	})
	return moved, err
}

// TakeMessages marks messages that are due as sending and returns them.
func (s *Store) TakeMessages(ctx context.Context, holder string, until time.Time, limit int, busy []string) ([]outbox.Message, error) {
	now := micros(s.now())
	// Looked at without the writer first, since there mostly is nothing.
	var open int64
	if err := s.queryRow(ctx, "SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'queued' AND next_at <= ? LIMIT 1) q) + (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'sending' AND lease_until <= ? LIMIT 1) r)",
		[]any{now, now}, &open); err != nil || open == 0 {
		return nil, err
	}
	var all []outbox.Message
	err := s.writeAlong(ctx, func(w *writer) error {
		all = all[:0]
		shut := make(map[string]bool, len(busy))
		for _, l := range busy {
			shut[l] = true
		}
		again := make(map[int64]bool)
		candidates, err := w.dueMessages(now, limit, busy, again)
		if err != nil {
			return err
		}
		members := make(map[int64]bool)
		for i := range candidates {
			m := &candidates[i]
			if len(all) == limit || shut[m.Lane()] || m.MemberID > 0 && members[m.MemberID] {
				continue
			}
			if m.MemberID > 0 && !again[m.ID] {
				var sending int64
				if err := w.row(`SELECT count(*) FROM outbox x WHERE x.state = 'sending' AND x.member_id IN (SELECT y.id FROM member y WHERE y.id = ? OR y.merged_into = ? AND y.merged_into > 0)`, []any{m.MemberID, m.MemberID}, &sending); err != nil {
					return err
				}
				if sending > 0 {
					continue
				}
			}
			members[m.MemberID] = true
			m.Again = again[m.ID]
			if _, err := w.exec("UPDATE outbox SET state = 'sending', holder = ?, lease_until = ? WHERE id = ?", holder, micros(until), m.ID); err != nil {
				return err
			}
			m.State = outbox.Sending
			all = append(all, *m)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("taking messages: %w", err)
	}
	return all, nil
}

// dueMessages reads what could be taken: messages whose holder is gone, then those whose time has come. Several to one
// member are looked at although only the first is taken, so that many who wait do not hide others.
func (w *writer) dueMessages(now int64, limit int, busy []string, again map[int64]bool) ([]outbox.Message, error) {
	var all []outbox.Message
	read := func(q string, lost bool, args ...any) error {
		rows, err := w.query(q, args...)
		if err != nil {
			return err
		}
		return scan(rows, func() error {
			m, err := scanMessage(rows)
			again[m.ID] = lost
			all = append(all, m)
			return err
		})
	}
	if err := read("SELECT "+messageColumns+messageTables+" WHERE o.state = 'sending' AND o.lease_until <= ? ORDER BY o.id LIMIT ?", true, now, limit); err != nil {
		return nil, err
	}
	cond, args := "", []any{now}
	if len(busy) > 0 {
		padded := busy
		for len(padded) < paddedSize(len(busy)) {
			padded = append(padded[:len(padded):len(padded)], busy[0])
		}
		for _, l := range padded {
			args = append(args, l)
		}
		cond = " AND o.lane NOT IN (" + placeholders(len(padded)) + ")"
	}
	return all, read("SELECT "+messageColumns+messageTables+" WHERE o.state = 'queued' AND o.next_at <= ?"+cond+" ORDER BY o.next_at, o.id LIMIT ?", false, append(args, 4*limit)...)
}

// MarkMessages stores what became of messages.
func (s *Store) MarkMessages(ctx context.Context, holder string, all []outbox.Message) error {
	return s.writeAlong(ctx, func(w *writer) error {
		for i := range all {
			m := &all[i]
			if _, err := w.exec(`UPDATE outbox SET state = ?, reason = ?, attempts = ?, next_at = ?, sent_at = ?, receipt = ?, url = ?, holder = '', lease_until = 0
				WHERE id = ? AND holder = ? AND state = 'sending'`, string(m.State), m.Reason, m.Attempts, micros(m.NextAt), micros(m.SentAt), m.Receipt, m.URL, m.ID, holder); err != nil {
				return err
			}
			if m.Destination == 0 {
				continue
			}
			q, args := "UPDATE destination SET problem = ? WHERE id = ?", []any{m.Reason, m.Destination}
			if m.State == outbox.Sent {
				q, args = "UPDATE destination SET problem = '', sent_at = ? WHERE id = ?", []any{micros(m.SentAt), m.Destination}
			}
			if _, err := w.exec(q, args...); err != nil {
				return err
			}
		}
		return w.wakeForMessages(all, micros(s.now()))
	})
}

// HoldMessages renews the lease of all that holder has.
func (s *Store) HoldMessages(ctx context.Context, holder string, until time.Time) error {
	return s.writeAlong(ctx, func(w *writer) error {
		_, err := w.exec("UPDATE outbox SET lease_until = ? WHERE state = 'sending' AND holder = ?", micros(until), holder)
		return err
	})
}

// outboxOf takes a member out of what was sent, what the team is to do, and what they chose: what was sent keeps its
// outcome only, what waits is not sent. Refusals stay by the digests of their addresses.
func (e *eraser) outboxOf(member int64) error {
	const theirs = "member_id > 0 AND member_id IN (SELECT id FROM member WHERE id = ? OR merged_into = ?)"
	for _, q := range []string{
		`UPDATE outbox SET recipient = '', subject = '', body = '', html = '', data = '', thread = '', unsubscribe = '', receipt = '', url = '',
			reason = CASE WHEN state IN ('draft', 'queued', 'sending') THEN 'the member was erased' ELSE '' END,
			state = CASE WHEN state IN ('draft', 'queued') THEN 'skipped' WHEN state = 'sending' THEN 'uncertain' ELSE state END, holder = '', member_id = 0 WHERE ` + theirs,
		"DELETE FROM task WHERE " + theirs,
	} {
		if _, err := e.exec(q, member, member); err != nil {
			return err
		}
	}
	return nil
}
