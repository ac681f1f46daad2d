// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/text"
)

// The feed is what internal/analytics/duckdb follows. It goes as far as derived state does: what is stored and not yet
// derived has no member and no conversation, and comes when it has. Versions count up to the last one that a finished
// transaction has given, since later transactions can still give the one after it.

// sealed is the last version of identities and conversations that no later transaction gives again.
const sealed = `(SELECT coalesce(max(value), 0) FROM follower WHERE name = 'version')`

// End says how far the feed goes: the last activity, and the last version of identities and conversations.
func (s *Store) End(ctx context.Context) (activity, version int64, err error) {
	err = s.queryRow(ctx, `SELECT (SELECT coalesce(max(value), 0) FROM follower WHERE name = 'derive'), `+sealed, nil, &activity, &version)
	return activity, version, err
}

const factColumns = "a.id, a.occurred_at, a.identity_id, a.channel_id, a.source_id, a.kind, a.question, a.edited_at, a.deleted, coalesce(rd.category, -1), coalesce(rd.sentiment, 0), coalesce(rd.urgency, 0)"

// scanFact reads a row of factColumns, and appends it unless it is deleted.
func scanFact(rows rowScanner, into *analytics.Facts) (id int64, err error) {
	var f analytics.Fact
	var kind, question, edited, deleted, category, sentiment, urgency int64
	if err := rows.Scan(&f.ID, &f.At, &f.Identity, &f.Channel, &f.Source, &kind, &question, &edited, &deleted, &category, &sentiment, &urgency); err != nil {
		return 0, err
	}
	if deleted != 0 {
		return f.ID, nil
	}
	f.Kind, f.Question, f.Edited, f.Said = greenroom.Kind(kind), question != 0, edited != 0, saidOf(category, sentiment, urgency)
	return f.ID, into.Add(f)
}

// factTables are what factColumns are read from.
const factTables = "activity a LEFT JOIN reading rd ON rd.activity_id = a.id"

// saidOf packs a reading; a category of -1 stands for none.
func saidOf(category, sentiment, urgency int64) analytics.Said {
	if category < 0 {
		return 0
	}
	return analytics.SaidOf(text.Category(category), text.Sentiment(sentiment), text.Urgency(urgency))
}

// FactsAfter appends to into the activities with greater ids than after, limit at most, deleted ones left out. It
// returns the last id that it looked at, or after where there was none.
func (s *Store) FactsAfter(ctx context.Context, after int64, limit int, into *analytics.Facts) (last int64, err error) {
	rows, err := s.query(ctx, `SELECT `+factColumns+` FROM `+factTables+`
		WHERE a.id > ? AND a.id <= (SELECT coalesce(max(value), 0) FROM follower WHERE name = 'derive') ORDER BY a.id LIMIT ?`, after, limit)
	if err != nil {
		return after, err
	}
	last = after
	err = scan(rows, func() (err error) {
		last, err = scanFact(rows, into)
		return err
	})
	return last, err
}

// ChangesAfter returns the ids of the activities that changed after a sequence number, limit changes at most; those of
// them that are not deleted, as they are now; and the last sequence number it looked at.
func (s *Store) ChangesAfter(ctx context.Context, after int64, limit int) (ids []int64, now *analytics.Facts, last int64, err error) {
	now, last = &analytics.Facts{}, after
	rows, err := s.query(ctx, "SELECT seq, activity_id FROM activity_change WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
	if err != nil {
		return nil, nil, after, err
	}
	seen := make(map[int64]bool)
	var args []any
	if err := scan(rows, func() error {
		var id int64
		err := rows.Scan(&last, &id)
		if !seen[id] {
			seen[id] = true
			ids, args = append(ids, id), append(args, id)
		}
		return err
	}); err != nil {
		return nil, nil, after, err
	}
	for start := 0; start < len(args); start += inChunk {
		part := args[start:min(len(args), start+inChunk)]
		rows, err := s.query(ctx, "SELECT "+factColumns+" FROM "+factTables+" WHERE a.id IN ("+placeholders(len(part))+") ORDER BY a.id", part...)
		if err != nil {
			return nil, nil, after, err
		}
		if err := scan(rows, func() error {
			_, err := scanFact(rows, now)
			return err
		}); err != nil {
			return nil, nil, after, err
		}
	}
	return ids, now, last, nil
}

// IdentitiesAfter returns the identities that changed after a mark, with what is true of their members, limit at most,
// and the mark of the last one.
func (s *Store) IdentitiesAfter(ctx context.Context, after analytics.Mark, limit int) ([]analytics.Identity, analytics.Mark, error) {
	rows, err := s.query(ctx, `SELECT i.version, i.id, i.member_id, coalesce(m.organization_id, 0), coalesce(m.country, ''), i.joined_at,
			coalesce(m.staff, 0), coalesce(m.bot, 0), coalesce(m.hidden, 0), coalesce(m.contact, 0), coalesce(m.moved, 0)
		FROM identity i LEFT JOIN member m ON m.id = i.member_id
		WHERE i.version >= ? AND (i.version > ? OR i.id > ?) AND i.version <= `+sealed+` ORDER BY i.version, i.id LIMIT ?`,
		after.Version, after.Version, after.ID, limit)
	if err != nil {
		return nil, after, err
	}
	var all []analytics.Identity
	mark := after
	var moved []any
	err = scan(rows, func() error {
		var i analytics.Identity
		var staff, bot, hidden, contact, mover int64
		err := rows.Scan(&mark.Version, &i.ID, &i.Member, &i.Organization, &i.Country, &i.JoinedAt, &staff, &bot, &hidden, &contact, &mover)
		if mover != 0 {
			moved = append(moved, i.Member)
		}
		i.Staff, i.Bot, i.Hidden, i.Contact = staff != 0, bot != 0, hidden != 0, contact != 0
		mark.ID = i.ID
		all = append(all, i)
		return err
	})
	if err == nil && len(moved) > 0 {
		err = s.addMoves(ctx, moved, all)
	}
	return all, mark, err
}

// addMoves adds to identities where their members were when, of those who have moved.
func (s *Store) addMoves(ctx context.Context, members []any, to []analytics.Identity) error {
	moves := make(map[int64]analytics.Moves)
	if err := s.eachOf(ctx, "SELECT member_id, since, organization_id FROM member_stint WHERE member_id IN (%s) ORDER BY member_id, since", members, func(rows rowScanner) error {
		var id int64
		var m analytics.Move
		err := rows.Scan(&id, &m.Since, &m.Organization)
		moves[id] = append(moves[id], m)
		return err
	}); err != nil {
		return err
	}
	for i := range to {
		to[i].Moves = moves[to[i].Member]
	}
	return nil
}

// ConversationsAfter returns the conversations whose derived state changed after a mark, limit at most, and the mark of
// the last one.
func (s *Store) ConversationsAfter(ctx context.Context, after analytics.Mark, limit int) ([]analytics.Conversation, analytics.Mark, error) {
	rows, err := s.query(ctx, `SELECT c.version, c.id, c.source_id, c.channel_id, c.author_id, c.kind, c.state, c.question, c.opened_at,
			c.first_response, c.first_staff, c.first_member, c.resolved_at, coalesce(rd.category, -1), coalesce(rd.sentiment, 0), coalesce(rd.urgency, 0)
		FROM (SELECT version, id, source_id, channel_id, author_id, kind, state, question, opened_at, first_response, first_staff, first_member, resolved_at, opening_id FROM conversation
			WHERE version >= ? UNION ALL SELECT version, id, 0, 0, 0, 0, 'open', 0, 0, 0, 0, 0, 0, 0 FROM conversation_gone WHERE version >= ?) c
		LEFT JOIN reading rd ON rd.activity_id = c.opening_id
		WHERE (c.version > ? OR c.id > ?) AND c.version <= `+sealed+` ORDER BY c.version, c.id LIMIT ?`,
		after.Version, after.Version, after.Version, after.ID, limit)
	if err != nil {
		return nil, after, err
	}
	var all []analytics.Conversation
	mark := after
	err = scan(rows, func() error {
		var c analytics.Conversation
		var kind, question, category, sentiment, urgency int64
		var state string
		err := rows.Scan(&mark.Version, &c.ID, &c.Source, &c.Channel, &c.Author, &kind, &state, &question, &c.OpenedAt,
			&c.FirstResponse, &c.FirstStaff, &c.FirstMember, &c.ResolvedAt, &category, &sentiment, &urgency)
		c.Said = saidOf(category, sentiment, urgency)
		c.Kind, c.State, c.Question = greenroom.Kind(kind), greenroom.State(state), question != 0
		mark.ID = c.ID
		all = append(all, c)
		return err
	})
	return all, mark, err
}

// ReadingsAfter returns what messages say that were read, or corrected, after a mark, limit at most, and the mark of the
// last one. With a limit of 0 it returns none, and the mark of the last one there is.
func (s *Store) ReadingsAfter(ctx context.Context, after analytics.Mark, limit int) ([]analytics.Reading, analytics.Mark, error) {
	mark := after
	if limit == 0 {
		err := s.queryRow(ctx, `SELECT coalesce((SELECT max(changed) FROM reading), 0),
			coalesce((SELECT max(activity_id) FROM reading WHERE changed = (SELECT max(changed) FROM reading)), 0)`, nil, &mark.Version, &mark.ID)
		return nil, mark, err
	}
	rows, err := s.query(ctx, `SELECT changed, activity_id, category, sentiment, urgency FROM reading
		WHERE changed >= ? AND (changed > ? OR activity_id > ?) ORDER BY changed, activity_id LIMIT ?`, after.Version, after.Version, after.ID, limit)
	if err != nil {
		return nil, after, err
	}
	var all []analytics.Reading
	err = scan(rows, func() error {
		var category, sentiment, urgency int64
		err := rows.Scan(&mark.Version, &mark.ID, &category, &sentiment, &urgency)
		all = append(all, analytics.Reading{ID: mark.ID, Said: saidOf(category, sentiment, urgency)})
		return err
	})
	return all, mark, err
}

// erasedAccounts counts the accounts that were erased or removed with their source; it never goes down.
const erasedAccounts = `((SELECT coalesce(sum(1), 0) FROM erased) + (SELECT coalesce(max(value), 0) FROM follower WHERE name = 'removed'))`

// Erased counts the accounts that were erased. Where there are not as many as known, it also lists the ids of the
// identities that are no more: ids are given without gaps, so these are the ones that are missing.
func (s *Store) Erased(ctx context.Context, known int64) (count int64, ids []int64, err error) {
	var last int64
	if err := s.queryRow(ctx, `SELECT `+erasedAccounts+`, (SELECT coalesce(max(value), 0) FROM follower WHERE name = 'last:identity')`,
		nil, &count, &last); err != nil || count == known {
		return count, nil, err
	}
	rows, err := s.query(ctx, "SELECT id FROM identity ORDER BY id")
	if err != nil {
		return known, nil, err
	}
	next := int64(1)
	err = scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		for ; next < id; next++ {
			ids = append(ids, next)
		}
		next = id + 1
		return err
	})
	for ; next <= last; next++ {
		ids = append(ids, next)
	}
	return count, ids, err
}

// Places returns every source, and the channels with greater ids than afterChannel.
func (s *Store) Places(ctx context.Context, afterChannel int64) ([]analytics.Source, []analytics.Channel, error) {
	rows, err := s.query(ctx, "SELECT id, name, platform FROM source ORDER BY id")
	if err != nil {
		return nil, nil, err
	}
	var sources []analytics.Source
	if err := scan(rows, func() error {
		var src analytics.Source
		err := rows.Scan(&src.ID, &src.Name, &src.Platform)
		sources = append(sources, src)
		return err
	}); err != nil {
		return nil, nil, err
	}
	rows, err = s.query(ctx, "SELECT id, source_id, name, hidden FROM channel WHERE id > ? ORDER BY id", afterChannel)
	if err != nil {
		return nil, nil, err
	}
	var channels []analytics.Channel
	err = scan(rows, func() error {
		var c analytics.Channel
		var hidden int64
		err := rows.Scan(&c.ID, &c.Source, &c.Name, &hidden)
		c.Hidden = hidden != 0
		channels = append(channels, c)
		return err
	})
	return sources, channels, err
}

// MemberTags lists every tag that a member carries, members that were merged into others left out.
func (s *Store) MemberTags(ctx context.Context) ([]analytics.Tag, error) {
	rows, err := s.query(ctx, `SELECT t.tag, t.member_id FROM member_tag t JOIN member m ON m.id = t.member_id
		WHERE m.merged_into = 0 ORDER BY t.tag, t.member_id`)
	if err != nil {
		return nil, err
	}
	var all []analytics.Tag
	err = scan(rows, func() error {
		var t analytics.Tag
		err := rows.Scan(&t.Name, &t.Member)
		all = append(all, t)
		return err
	})
	return all, err
}
