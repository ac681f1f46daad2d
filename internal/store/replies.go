// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"greenroom"
)

// tiesMost bounds how many pairs of members are read: those who answered each other most.
const tiesMost = 1_000_000

// Ties lists who answered whom since a time, member by member: each pair once, those who answered most first. A tie is
// from who answered to who had begun the conversation. Bots, hidden members, contacts and hidden channels are left out;
// the team is not.
func (s *Store) Ties(ctx context.Context, since time.Time) ([]greenroom.Tie, error) {
	var kinds []string
	for _, k := range greenroom.Kinds() {
		if k.Info().Answers {
			kinds = append(kinds, strconv.Itoa(int(k)))
		}
	}
	rows, err := s.query(ctx, `SELECT f.id, t.id, count(*), max(a.occurred_at)
		FROM activity a JOIN conversation c ON c.id = a.conversation_id
		JOIN identity fi ON fi.id = a.identity_id JOIN identity ti ON ti.id = c.author_id
		JOIN member f ON f.id = fi.member_id JOIN member t ON t.id = ti.member_id
		LEFT JOIN channel ch ON ch.id = a.channel_id
		WHERE a.occurred_at >= ? AND a.conversation_id > 0 AND a.deleted = 0 AND a.kind IN (`+strings.Join(kinds, ", ")+`) AND f.id <> t.id
		AND f.bot = 0 AND f.hidden = 0 AND f.contact = 0 AND t.bot = 0 AND t.hidden = 0 AND t.contact = 0 AND coalesce(ch.hidden, 0) = 0
		GROUP BY f.id, t.id ORDER BY count(*) DESC, f.id, t.id LIMIT `+strconv.Itoa(tiesMost), micros(since))
	if err != nil {
		return nil, err
	}
	var all []greenroom.Tie
	err = scan(rows, func() error {
		var tie greenroom.Tie
		var last int64
		err := rows.Scan(&tie.From, &tie.To, &tie.Count, &last)
		tie.Last = fromMicros(last)
		all = append(all, tie)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading who answered whom: %w", err)
	}
	return all, nil
}

// FirstResponders counts, by member, the questions opened since a time to which they gave the first response.
func (s *Store) FirstResponders(ctx context.Context, since time.Time) (map[int64]int64, error) {
	rows, err := s.query(ctx, `SELECT m.id, count(*) FROM conversation c JOIN identity r ON r.id = c.responder_id JOIN member m ON m.id = r.member_id
		LEFT JOIN channel ch ON ch.id = c.channel_id
		WHERE c.opened_at >= ? AND c.question = 1 AND c.first_response > 0 AND m.bot = 0 AND m.hidden = 0 AND m.contact = 0 AND coalesce(ch.hidden, 0) = 0 GROUP BY m.id`, micros(since))
	if err != nil {
		return nil, err
	}
	all := make(map[int64]int64)
	err = scan(rows, func() error {
		var id, n int64
		err := rows.Scan(&id, &n)
		all[id] = n
		return err
	})
	return all, err
}
