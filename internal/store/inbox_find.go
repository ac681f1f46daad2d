// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/inbox"
	"greenroom/internal/query"
	"greenroom/internal/text/alike"
)

// InboxWaiting lists conversations that one of some queries fits and that began since a time, the latest first.
func (s *Store) InboxWaiting(ctx context.Context, queries []*query.Query, since time.Time, limit int) ([]int64, error) {
	seen := make(map[int64]int64) // when it began, by conversation
	l := conversationListing()
	for _, q := range queries {
		f, err := s.filter(ctx, l, q)
		if err != nil {
			return nil, err
		}
		f.now = s.now()
		cond, args, err := f.where(ctx, 0)
		if err != nil {
			return nil, err
		}
		cond += " AND c.opened_at >= ?"
		rows, err := s.query(ctx, "SELECT c.id, c.opened_at FROM "+l.tables(cond)+" WHERE "+cond+" ORDER BY c.opened_at DESC, c.id LIMIT ?", append(args, micros(since), limit)...)
		if err != nil {
			return nil, err
		}
		if err := scan(rows, func() error {
			var id, opened int64
			err := rows.Scan(&id, &opened)
			seen[id] = opened
			return err
		}); err != nil {
			return nil, err
		}
	}
	ids := make([]int64, 0, len(seen))
	for id := range seen {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b int64) int { return cmp.Or(cmp.Compare(seen[b], seen[a]), cmp.Compare(a, b)) })
	return ids[:min(limit, len(ids))], nil
}

// InboxFacts gives what the board knows of conversations, in order of their ids; those that are not there are left out.
func (s *Store) InboxFacts(ctx context.Context, ids []int64) ([]inbox.Fact, error) {
	var all []inbox.Fact
	for part := range slices.Chunk(ids, inChunk) {
		rows, err := s.query(ctx, "SELECT c.id, c.opened_at, c.last_activity FROM conversation c WHERE "+among("c.id", part)+" AND c.opened_at > 0 AND c.state <> 'ignored'")
		if err != nil {
			return nil, err
		}
		if err := scan(rows, func() error {
			var f inbox.Fact
			var opened, last int64
			err := rows.Scan(&f.ID, &opened, &last)
			f.Opened, f.Last = fromMicros(opened), fromMicros(last)
			all = append(all, f)
			return err
		}); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b inbox.Fact) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// ConversationsByID reads conversations; those that are not there are left out.
func (s *Store) ConversationsByID(ctx context.Context, ids []int64) (map[int64]greenroom.Conversation, error) {
	all := make(map[int64]greenroom.Conversation, len(ids))
	l := conversationListing()
	for part := range slices.Chunk(ids, inChunk) {
		rows, err := s.query(ctx, "SELECT "+l.columns+" FROM "+l.whole()+" WHERE "+among("c.id", part))
		if err != nil {
			return nil, err
		}
		if err := scan(rows, func() error {
			c, id, err := scanConversation(rows)
			all[id] = c
			return err
		}); err != nil {
			return nil, fmt.Errorf("reading conversations: %w", err)
		}
	}
	return all, nil
}

// InboxWaits lists questions of people outside the team that began since a time, as far as they need an answer.
func (s *Store) InboxWaits(ctx context.Context, since time.Time) ([]inbox.Wait, error) {
	rows, err := s.query(ctx, `SELECT c.id, c.opened_at, CASE WHEN c.first_response = 0 AND c.state = 'resolved' THEN c.resolved_at ELSE c.first_response END FROM conversation c LEFT JOIN identity i ON i.id = c.author_id LEFT JOIN member m ON m.id = i.member_id
		LEFT JOIN channel ch ON ch.id = c.channel_id WHERE c.opened_at >= ? AND c.question = 1 AND c.state <> 'ignored' AND coalesce(m.staff, 0) = 0 AND coalesce(m.bot, 0) = 0
		AND coalesce(m.hidden, 0) = 0 AND coalesce(ch.hidden, 0) = 0 ORDER BY c.opened_at, c.id`, micros(since))
	if err != nil {
		return nil, err
	}
	var all []inbox.Wait
	err = scan(rows, func() error {
		var w inbox.Wait
		var opened, response int64
		err := rows.Scan(&w.ID, &opened, &response)
		w.Opened, w.Response = fromMicros(opened), fromMicros(response)
		all = append(all, w)
		return err
	})
	return all, err
}

// InboxTeam lists who can work the inbox: those who may sign in and write, by mail address.
func (s *Store) InboxTeam(ctx context.Context) ([]inbox.Person, error) {
	all, err := s.Users(ctx)
	if err != nil {
		return nil, err
	}
	team := []inbox.Person{}
	for i := range all {
		if u := &all[i]; !u.Disabled && auth.Can(u.Role, auth.Write) {
			team = append(team, inbox.Person{Email: u.Email, Name: u.Name})
		}
	}
	return team, nil
}

// InboxTopics lists what the message is about that opened a conversation.
func (s *Store) InboxTopics(ctx context.Context, id int64) ([]inbox.Topic, error) {
	rows, err := s.query(ctx, `SELECT DISTINCT h.id, CASE WHEN h.name_set <> '' THEN h.name_set ELSE h.name END FROM conversation c JOIN topic_activity x ON x.activity_id = c.opening_id
		JOIN topic t ON t.id = x.topic_id JOIN topic h ON h.id = CASE WHEN t.merged_into > 0 THEN t.merged_into ELSE t.id END
		WHERE c.id = ? AND c.opening_id > 0 AND h.hidden = 0 ORDER BY h.id LIMIT 5`, id)
	if err != nil {
		return nil, err
	}
	var all []inbox.Topic
	err = scan(rows, func() error {
		var t inbox.Topic
		err := rows.Scan(&t.ID, &t.Name)
		all = append(all, t)
		return err
	})
	return all, err
}

// How much of the past is looked through for who answers.
const (
	answersRead = 20_000 // messages of a channel, the latest
	topicRead   = 3_000  // questions on topics
)

// saysKinds are the kinds of messages that can be an answer, as numbers.
func saysKinds() string {
	var kinds []string
	for _, k := range greenroom.Kinds() {
		if i := k.Info(); i.Opens || i.Answers {
			kinds = append(kinds, strconv.Itoa(int(k)))
		}
	}
	return strings.Join(kinds, ", ")
}

// InboxAnswerers lists who answered questions on some topics or in a channel since a time. Of the team, only first answers
// by the team count: who came second knew what to do.
func (s *Store) InboxAnswerers(ctx context.Context, channel int64, topics []int64, since, now time.Time, limit int) ([]inbox.Answerer, error) {
	const who = ` JOIN identity i ON i.id = a.identity_id JOIN member m ON m.id = i.member_id
		WHERE i.id <> c.author_id AND a.id <> c.opening_id AND m.bot = 0 AND m.hidden = 0 AND m.contact = 0 AND (m.staff = 0 OR a.occurred_at = c.first_staff)
		GROUP BY m.id, m.name, m.staff ORDER BY 4 DESC, m.id LIMIT ?`
	counted := "SELECT m.id, m.name, m.staff, count(DISTINCT c.id), sum(CASE WHEN a.kind = " + strconv.Itoa(int(greenroom.KindAcceptedAnswer)) + " THEN 1 ELSE 0 END), max(a.occurred_at) FROM "
	found := make(map[int64]*inbox.Answerer)
	read := func(add func(*inbox.Answerer, int64), q string, args ...any) error {
		rows, err := s.query(ctx, q, args...)
		if err != nil {
			return err
		}
		return scan(rows, func() error {
			var a inbox.Answerer
			var staff, n, accepted, last int64
			err := rows.Scan(&a.MemberID, &a.Name, &staff, &n, &accepted, &last)
			if found[a.MemberID] == nil {
				a.Staff = staff != 0
				found[a.MemberID] = &a
			}
			p := found[a.MemberID]
			p.Accepted = max(p.Accepted, accepted)
			if at := fromMicros(last); at.After(p.Last) {
				p.Last = at
			}
			add(p, n)
			return err
		})
	}
	if channel > 0 {
		if err := read(func(a *inbox.Answerer, n int64) { a.Channel = n }, counted+"(SELECT x.id, x.conversation_id, x.identity_id, x.kind, x.occurred_at FROM activity x WHERE x.channel_id = ? AND x.occurred_at >= ? AND x.deleted = 0 AND x.kind IN ("+
			saysKinds()+") ORDER BY x.occurred_at DESC LIMIT "+strconv.Itoa(answersRead)+") a JOIN conversation c ON c.id = a.conversation_id AND c.question = 1"+who, channel, micros(since), limit); err != nil {
			return nil, err
		}
	}
	if len(topics) > 0 {
		if err := read(func(a *inbox.Answerer, n int64) { a.Topic = n }, counted+"(SELECT DISTINCT q.id, q.author_id, q.opening_id, q.first_staff FROM topic_activity x JOIN conversation q ON q.opening_id = x.activity_id AND q.opening_id > 0 AND q.question = 1 WHERE "+
			among("x.topic_id", topics)+" AND x.occurred_at >= ? LIMIT "+strconv.Itoa(topicRead)+") c JOIN activity a ON a.conversation_id = c.id AND a.conversation_id > 0 AND a.deleted = 0 AND a.kind IN ("+saysKinds()+")"+who, micros(since), limit); err != nil {
			return nil, err
		}
	}
	all := make([]inbox.Answerer, 0, len(found))
	for _, a := range found {
		all = append(all, *a)
	}
	slices.SortFunc(all, func(a, b inbox.Answerer) int { return cmp.Compare(a.MemberID, b.MemberID) })
	return all, s.fillAnswerers(ctx, all, now)
}

// fillAnswerers adds how busy people are, when they were asked last, and the mail addresses of the team.
func (s *Store) fillAnswerers(ctx context.Context, all []inbox.Answerer, now time.Time) error {
	at := make(map[int64]*inbox.Answerer, len(all))
	ids := make([]int64, len(all))
	for i := range all {
		at[all[i].MemberID], ids[i] = &all[i], all[i].MemberID
	}
	each := func(q string, into func(a *inbox.Answerer, rows rowScanner, id *int64) error, args ...any) error {
		for part := range slices.Chunk(ids, inChunk) {
			rows, err := s.query(ctx, strings.Replace(q, "%AMONG%", among("m.id", part), 1), args...)
			if err != nil {
				return err
			}
			if err := scan(rows, func() error {
				var id int64
				var a inbox.Answerer
				if err := into(&a, rows, &id); err != nil {
					return err
				}
				if p := at[id]; p != nil {
					p.Emails, p.Week = append(p.Emails, a.Emails...), p.Week+a.Week
					if a.Asked.After(p.Asked) {
						p.Asked = a.Asked
					}
				}
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	}
	if err := each("SELECT m.id, count(DISTINCT a.conversation_id) FROM member m JOIN identity i ON i.member_id = m.id JOIN activity a ON a.identity_id = i.id JOIN conversation c ON c.id = a.conversation_id "+
		"WHERE %AMONG% AND a.occurred_at >= ? AND a.deleted = 0 AND c.question = 1 AND c.author_id <> i.id GROUP BY m.id", func(a *inbox.Answerer, rows rowScanner, id *int64) error {
		return rows.Scan(id, &a.Week)
	}, micros(now.AddDate(0, 0, -7))); err != nil {
		return err
	}
	if err := each("SELECT m.id, max(e.at) FROM member m JOIN member x ON x.id = m.id OR x.merged_into = m.id JOIN inbox_event e ON e.asked_id = x.id AND e.asked_id > 0 WHERE %AMONG% AND e.undone_at = 0 GROUP BY m.id", func(a *inbox.Answerer, rows rowScanner, id *int64) error {
		var last int64
		err := rows.Scan(id, &last)
		a.Asked = fromMicros(last)
		return err
	}); err != nil {
		return err
	}
	return each("SELECT m.id, k.value FROM member m JOIN identity i ON i.member_id = m.id JOIN identity_key k ON k.identity_id = i.id AND k.kind IN ('email', 'address') WHERE %AMONG% AND m.staff = 1 ORDER BY k.value", func(a *inbox.Answerer, rows rowScanner, id *int64) error {
		var address string
		err := rows.Scan(id, &address)
		a.Emails = []string{address}
		return err
	})
}

// InboxAnswered lists the latest questions that were answered, with what they say.
func (s *Store) InboxAnswered(ctx context.Context, limit int) ([]alike.Doc, error) {
	rows, err := s.query(ctx, `SELECT c.id, c.title, coalesce(substr(a.body, 1, 600), '') FROM (SELECT id, title, opening_id, opened_at FROM conversation WHERE question = 1 AND state IN ('answered', 'resolved')
		ORDER BY opened_at DESC, id LIMIT ?) c LEFT JOIN activity a ON a.id = c.opening_id AND a.deleted = 0 ORDER BY c.id`, limit)
	if err != nil {
		return nil, err
	}
	var all []alike.Doc
	err = scan(rows, func() error {
		var d alike.Doc
		err := rows.Scan(&d.ID, &d.Title, &d.Body)
		all = append(all, d)
		return err
	})
	return all, err
}

// InboxPlace says where a conversation is, for those who write there.
func (s *Store) InboxPlace(ctx context.Context, id int64) (p inbox.Place, err error) {
	var gone int64
	err = s.queryRow(ctx, `SELECT s.name, s.kind, s.platform, s.disconnected_at, coalesce(ch.external_id, ''), coalesce(c.thread, a.external_id, ''), coalesce(i.member_id, 0)
		FROM conversation c JOIN source s ON s.id = c.source_id LEFT JOIN channel ch ON ch.id = c.channel_id LEFT JOIN activity a ON a.id = c.opening_id LEFT JOIN identity i ON i.id = c.author_id WHERE c.id = ?`,
		[]any{id}, &p.Source, &p.Kind, &p.Platform, &gone, &p.Channel, &p.Thread, &p.MemberID)
	p.Live = gone == 0
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no conversation %d", id)
	}
	return p, err
}

// InboxAccount is the external id of a member's account on a source, the busiest one; "" = they have none.
func (s *Store) InboxAccount(ctx context.Context, member int64, source string) (id string, err error) {
	err = s.queryRow(ctx, "SELECT i.external_id FROM identity i JOIN source s ON s.id = i.source_id WHERE i.member_id = ? AND s.name = ? AND i.deleted = 0 ORDER BY i.activities DESC, i.id LIMIT 1", []any{member, source}, &id)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		err = nil
	}
	return id, err
}
