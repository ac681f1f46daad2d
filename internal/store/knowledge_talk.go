// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/knowledge"
	"greenroom/internal/text/alike"
)

// indexedText is how much of a document's text it is found by, in characters.
const indexedText = 3000

// DocumentTexts are the beginnings of all texts that are not archived. The text of a forum's topic is that of its first message.
func (s *Store) DocumentTexts(ctx context.Context) ([]alike.Doc, error) {
	rows, err := s.query(ctx, `SELECT d.id, d.body, substr(d.text, 1, ?), coalesce(substr(a.body, 1, ?), '') FROM document d
		LEFT JOIN conversation c ON c.id = d.conversation_id AND d.conversation_id > 0 LEFT JOIN activity a ON a.id = c.opening_id AND a.deleted = 0 ORDER BY d.id`, indexedText, indexedText)
	if err != nil {
		return nil, err
	}
	var all []alike.Doc
	err = scan(rows, func() error {
		var x alike.Doc
		var body, text, said string
		if err := rows.Scan(&x.ID, &body, &text, &said); err != nil {
			return err
		}
		var d knowledge.Document
		if err := json.Unmarshal([]byte(body), &d); err != nil {
			return fmt.Errorf("decoding document %d: %w", x.ID, err)
		}
		if d.State == knowledge.Archived {
			return nil
		}
		x.Title, x.Body = d.Title+" "+strings.Join(d.Tags, " "), text+"\n"+said
		all = append(all, x)
		return nil
	})
	return all, err
}

const askedColumns = `SELECT c.id, c.title, coalesce(substr(a.body, 1, 600), ''), c.opened_at, c.state FROM conversation c
	LEFT JOIN activity a ON a.id = c.opening_id AND a.deleted = 0 LEFT JOIN identity i ON i.id = c.author_id LEFT JOIN member m ON m.id = i.member_id
	WHERE c.question = 1 AND c.ignored = 0 AND coalesce(m.staff, 0) = 0 AND coalesce(m.bot, 0) = 0 AND c.opened_at >= ?`

func (s *Store) askedQuestions(ctx context.Context, q string, args ...any) ([]knowledge.Question, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	var all []knowledge.Question
	err = scan(rows, func() error {
		var x knowledge.Question
		var at int64
		var state string
		err := rows.Scan(&x.Conversation, &x.Title, &x.Body, &at, &state)
		x.At, x.Open = fromMicros(at), state == "open"
		all = append(all, x)
		return err
	})
	return all, err
}

// AskedSince lists what members asked, the latest first, with the topics of each.
func (s *Store) AskedSince(ctx context.Context, since time.Time, limit int) ([]knowledge.Question, error) {
	all, err := s.askedQuestions(ctx, askedColumns+" ORDER BY c.opened_at DESC, c.id LIMIT ?", micros(since), limit)
	if err != nil {
		return nil, err
	}
	at := make(map[int64]int, len(all))
	for i := range all {
		at[all[i].Conversation] = i
	}
	rows, err := s.query(ctx, `SELECT DISTINCT c.id, CASE t.merged_into WHEN 0 THEN t.id ELSE t.merged_into END FROM conversation c JOIN topic_activity x ON x.activity_id = c.opening_id
		JOIN topic t ON t.id = x.topic_id WHERE c.question = 1 AND c.opened_at >= ? ORDER BY 1, 2`, micros(since))
	if err != nil {
		return nil, err
	}
	err = scan(rows, func() error {
		var id, topic int64
		err := rows.Scan(&id, &topic)
		if i, ok := at[id]; ok {
			all[i].Topics = append(all[i].Topics, topic)
		}
		return err
	})
	return all, err
}

// TopicQuestions lists what members asked about a topic, the latest first.
func (s *Store) TopicQuestions(ctx context.Context, topic int64, since time.Time, limit int) ([]knowledge.Question, error) {
	return s.askedQuestions(ctx, askedColumns+` AND c.opening_id IN (SELECT x.activity_id FROM topic_activity x JOIN topic t ON t.id = x.topic_id WHERE t.id = ? OR t.merged_into = ?)
		ORDER BY c.opened_at DESC, c.id LIMIT ?`, micros(since), topic, topic, limit)
}

// Replies are what was answered in conversations by others than who asked, in the order in which it was said.
func (s *Store) Replies(ctx context.Context, conversations []int64) ([]knowledge.Reply, error) {
	if len(conversations) == 0 {
		return nil, nil
	}
	rows, err := s.query(ctx, `SELECT a.id, c.id, c.title, substr(a.body, 1, 4000), a.kind, a.url, CASE WHEN h.activity_id IS NULL THEN 0 ELSE 1 END,
		(SELECT count(*) FROM activity r WHERE r.conversation_id = c.id AND r.conversation_id > 0 AND r.kind = `+strconv.Itoa(int(greenroom.KindReaction))+` AND r.reply_to = a.external_id AND r.deleted = 0)
		FROM activity a JOIN conversation c ON c.id = a.conversation_id LEFT JOIN thanks h ON h.activity_id = a.id
		WHERE `+among("a.conversation_id", conversations)+` AND a.deleted = 0 AND a.body <> '' AND a.identity_id <> c.author_id AND a.kind IN (`+programReplies()+`) ORDER BY a.id`)
	if err != nil {
		return nil, err
	}
	var all []knowledge.Reply
	err = scan(rows, func() error {
		var r knowledge.Reply
		var kind, thanked int64
		err := rows.Scan(&r.Activity, &r.Conversation, &r.Question, &r.Body, &kind, &r.URL, &thanked, &r.Likes)
		r.Accepted, r.Thanked = greenroom.Kind(kind) == greenroom.KindAcceptedAnswer, thanked == 1
		all = append(all, r)
		return err
	})
	return all, err
}

// Subjects are the topics that are shown.
func (s *Store) Subjects(ctx context.Context) ([]knowledge.Subject, error) {
	topics, err := s.Topics(ctx)
	if err != nil {
		return nil, err
	}
	var all []knowledge.Subject
	for i := range topics {
		if t := &topics[i]; !t.Hidden && !t.Gone && t.MergedInto == 0 {
			all = append(all, knowledge.Subject{ID: t.ID, Name: t.Name, Terms: t.Terms})
		}
	}
	return all, nil
}

// ReleasesSince lists releases, the oldest first: those that are activities and those that somebody noted.
func (s *Store) ReleasesSince(ctx context.Context, since time.Time) ([]knowledge.Release, error) {
	all, err := s.Annotations(ctx, since, s.now())
	if err != nil {
		return nil, err
	}
	var out []knowledge.Release
	for i := range all {
		if all[i].Kind == "release" {
			out = append(out, knowledge.Release{Title: all[i].Title, At: all[i].At})
		}
	}
	return out, nil
}

// ForumTopics are the topics of a channel as entries of a collection, those that were opened first before the others.
func (s *Store) ForumTopics(ctx context.Context, source, channel string, limit int) ([]knowledge.Item, error) {
	var id int64
	err := s.queryRow(ctx, `SELECT ch.id FROM channel ch JOIN source s ON s.id = ch.source_id WHERE s.name = ? AND (lower(ch.name) = ? OR ch.external_id = ?) ORDER BY ch.id LIMIT 1`,
		[]any{source, strings.ToLower(strings.TrimPrefix(channel, "#")), channel}, &id)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the source %s has no channel %s", source, channel)
	}
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `SELECT c.id, c.title, coalesce(nullif(c.url, ''), a.url, ''), coalesce(a.occurred_at, c.opened_at), coalesce(a.edited_at, 0) FROM conversation c
		LEFT JOIN activity a ON a.id = c.opening_id WHERE c.channel_id = ? AND c.ignored = 0 AND c.title <> '' ORDER BY c.id LIMIT ?`, id, limit)
	if err != nil {
		return nil, err
	}
	var all []knowledge.Item
	err = scan(rows, func() error {
		var it knowledge.Item
		var at, edited int64
		err := rows.Scan(&it.Conversation, &it.Title, &it.Address, &at, &edited)
		it.Place, it.ChangedAt = fmt.Sprintf("conversation %d", it.Conversation), fromMicros(max(at, edited))
		it.Title = strings.TrimSpace(it.Title)
		if r := []rune(it.Title); len(r) > 290 {
			it.Title = string(r[:290]) + "…"
		}
		if it.Address == "" {
			it.Address = fmt.Sprintf("/conversations/%d", it.Conversation)
		}
		all = append(all, it)
		return err
	})
	return all, err
}

// Evidences is what is known of all documents since a time, but for questions and releases.
func (s *Store) Evidences(ctx context.Context, since time.Time) (map[int64]knowledge.Evidence, error) {
	docs, err := s.Documents(ctx)
	if err != nil {
		return nil, err
	}
	all := make(map[int64]knowledge.Evidence, len(docs))
	base := make(map[int64]string, len(docs))
	for i := range docs {
		base[docs[i].ID] = docs[i].Base().Format(time.DateOnly)
	}
	rows, err := s.query(ctx, `SELECT document_id, CASE origin WHEN 'counter' THEN 1 ELSE 0 END, sum(views) FROM document_use WHERE day >= ? GROUP BY 1, 2`, since.UTC().Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	if err := scan(rows, func() error {
		var id, counter, n int64
		err := rows.Scan(&id, &counter, &n)
		e := all[id]
		e.Views = max(e.Views, n)
		all[id] = e
		return err
	}); err != nil {
		return nil, err
	}
	if rows, err = s.query(ctx, "SELECT document_id, day, helpful, unhelpful FROM document_use WHERE helpful + unhelpful > 0"); err != nil {
		return nil, err
	}
	if err := scan(rows, func() error {
		var id, yes, no int64
		var day string
		err := rows.Scan(&id, &day, &yes, &no)
		if e := all[id]; day >= base[id] {
			e.Helpful, e.Unhelpful = e.Helpful+yes, e.Unhelpful+no
			all[id] = e
		}
		return err
	}); err != nil {
		return nil, err
	}
	return all, s.linkEvidence(ctx, all)
}

// linkEvidence adds what the last check of links said.
func (s *Store) linkEvidence(ctx context.Context, all map[int64]knowledge.Evidence) error {
	rows, err := s.query(ctx, "SELECT x.document_id, x.own, x.anchor, l.verdict, l.missing FROM document_link x JOIN link l ON l.id = x.link_id WHERE l.verdict = 'broken' OR l.missing <> '' ORDER BY x.document_id, x.link_id, x.anchor")
	if err != nil {
		return err
	}
	return scan(rows, func() error {
		var id, own int64
		var anchor, verdict, missing string
		if err := rows.Scan(&id, &own, &anchor, &verdict, &missing); err != nil {
			return err
		}
		e := all[id]
		var places []string
		if missing != "" {
			if err := json.Unmarshal([]byte(missing), &places); err != nil {
				return fmt.Errorf("decoding places: %w", err)
			}
		}
		switch {
		case verdict == "broken" && own == 1:
			e.Unreached = true
		case verdict == "broken":
			e.Broken++
		case anchor != "" && slices.Contains(places, anchor):
			e.Missing++
		}
		all[id] = e
		return nil
	})
}

// AddUse adds views and votes up.
func (s *Store) AddUse(ctx context.Context, all []knowledge.Day) error {
	return s.keepUse(ctx, all, `INSERT INTO document_use (document_id, day, origin, views, helpful, unhelpful) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (document_id, day, origin)
		DO UPDATE SET views = document_use.views + excluded.views, helpful = document_use.helpful + excluded.helpful, unhelpful = document_use.unhelpful + excluded.unhelpful`)
}

// KeepViews raises what was said before to what is said now.
func (s *Store) KeepViews(ctx context.Context, all []knowledge.Day) error {
	return s.keepUse(ctx, all, `INSERT INTO document_use (document_id, day, origin, views, helpful, unhelpful) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (document_id, day, origin)
		DO UPDATE SET views = `+s.d.greatest+`(document_use.views, excluded.views)`)
}

func (s *Store) keepUse(ctx context.Context, all []knowledge.Day, q string) error {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b knowledge.Day) int {
		return cmp.Or(cmp.Compare(a.Document, b.Document), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Origin, b.Origin))
	})
	return s.write(ctx, func(w *writer) error {
		return w.bulk(q, len(all), func(i int) []any {
			d := &all[i]
			return []any{d.Document, d.Day, d.Origin, d.Views, d.Helpful, d.Unhelpful}
		})
	})
}

// UseDays lists the use of a document from a day on.
func (s *Store) UseDays(ctx context.Context, document int64, from string) ([]knowledge.Day, error) {
	rows, err := s.query(ctx, "SELECT day, origin, views, helpful, unhelpful FROM document_use WHERE document_id = ? AND day >= ? ORDER BY day, origin", document, from)
	if err != nil {
		return nil, err
	}
	all := []knowledge.Day{}
	err = scan(rows, func() error {
		d := knowledge.Day{Document: document}
		err := rows.Scan(&d.Day, &d.Origin, &d.Views, &d.Helpful, &d.Unhelpful)
		all = append(all, d)
		return err
	})
	return all, err
}

// DocumentKeys gives documents by their public keys and by the keys of their addresses.
func (s *Store) DocumentKeys(ctx context.Context) (public, addresses map[string]int64, err error) {
	rows, err := s.query(ctx, "SELECT id, public_key, address_key FROM document")
	if err != nil {
		return nil, nil, err
	}
	public, addresses = make(map[string]int64), make(map[string]int64)
	err = scan(rows, func() error {
		var id int64
		var key, address string
		err := rows.Scan(&id, &key, &address)
		public[key], addresses[address] = id, id
		return err
	})
	return public, addresses, err
}
