// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/alert"
	"greenroom/internal/text"
)

// Excerpts in messages of alerts have at most so many characters.
const alertExcerpt = 500

// The parts of what a message of an alert says, from the activity on: who said it, where, what it was read as, whom they
// are with, and the organization's newest deal.
const (
	subjectColumns = `coalesce(a.id, 0), coalesce(a.kind, 0), coalesce(s.name, ''), coalesce(ch.name, ''), coalesce(a.occurred_at, 0), coalesce(a.url, ''), coalesce(a.title, ''), coalesce(a.body, ''), coalesce(a.question, 0),
		coalesce(rd.category, -1), coalesce(rd.sentiment, 0), coalesce(rd.urgency, 0), coalesce(c.id, 0), coalesce(c.title, ''), coalesce(c.state, ''), coalesce(c.replies, 0), coalesce(c.opened_at, 0), coalesce(c.url, ''),
		coalesce(m.id, 0), coalesce(m.name, ''), coalesce(m.first_active, 0), coalesce(m.activities, 0), coalesce(o.id, 0), coalesce(o.name, ''), coalesce(o.lifecycle, ''), coalesce(o.members, 0),
		coalesce(br.name, ''), coalesce(br.stage, ''), coalesce(br.amount, 0), coalesce(br.currency, '')`
	subjectMember = ` LEFT JOIN organization o ON o.id = m.organization_id AND m.organization_id > 0` + subjectDeal
	subjectDeal   = ` LEFT JOIN business_record br ON br.id = (SELECT b.id FROM business_record b WHERE b.organization_id = o.id AND b.type = 'deal' AND b.deleted = 0 ORDER BY b.opened_at DESC, b.id DESC LIMIT 1)`
	subjectSaid   = ` LEFT JOIN channel ch ON ch.id = a.channel_id LEFT JOIN identity i ON i.id = a.identity_id LEFT JOIN member m ON m.id = i.member_id LEFT JOIN reading rd ON rd.activity_id = a.id`
	nothingSaid   = ` LEFT JOIN activity a ON a.id = -1 LEFT JOIN conversation c ON c.id = -1 LEFT JOIN source s ON s.id = -1 LEFT JOIN channel ch ON ch.id = -1 LEFT JOIN reading rd ON rd.activity_id = -1`
)

// subjectTables are, by kind of object, the column of its id and the tables.
func subjectTables(kind string) (id, tables string) {
	switch kind {
	case "activity":
		return "a.id", "activity a LEFT JOIN conversation c ON c.id = a.conversation_id AND a.conversation_id > 0 LEFT JOIN source s ON s.id = a.source_id" + subjectSaid + subjectMember
	case "conversation":
		return "c.id", `conversation c LEFT JOIN activity a ON a.id = (SELECT x.id FROM activity x WHERE x.conversation_id = c.id AND x.conversation_id > 0 AND x.deleted = 0 ORDER BY x.occurred_at, x.id LIMIT 1)
			LEFT JOIN source s ON s.id = c.source_id` + subjectSaid + subjectMember
	case "member":
		return "m.id", "member m" + nothingSaid + subjectMember
	default:
		return "o.id", "organization o" + nothingSaid + " LEFT JOIN member m ON m.id = -1" + subjectDeal
	}
}

// AlertSubjects tells of objects of a kind what a message says of them, in the order of their ids.
func (s *Store) AlertSubjects(ctx context.Context, kind string, ids []int64) ([]alert.Match, error) {
	column, tables := subjectTables(kind)
	var all []alert.Match
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	err := s.eachOf(ctx, "SELECT "+column+", "+subjectColumns+" FROM "+tables+" WHERE "+column+" IN (%s) ORDER BY "+column, args, func(row rowScanner) error {
		m, err := scanSubject(row)
		m.Object.Kind = kind
		all = append(all, m)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading what an alert says: %w", err)
	}
	return all, s.subjectTopics(ctx, all)
}

func scanSubject(row rowScanner) (alert.Match, error) {
	var m alert.Match
	var kind, at, question, category, sentiment, urgency int64
	var c alert.Conversation
	var p alert.Person
	var o alert.Company
	var opened, first int64
	var url string
	if err := row.Scan(&m.Object.ID, &m.ActivityID, &kind, &m.Source, &m.Channel, &at, &m.URL, &m.Title, &m.Text, &question, &category, &sentiment, &urgency, &c.ID, &c.Title, &c.State, &c.Replies, &opened, &url,
		&p.ID, &p.Name, &first, &p.Activities, &o.ID, &o.Name, &o.Lifecycle, &o.Members, &o.Deal, &o.Stage, &o.Amount, &o.Currency); err != nil {
		return m, err
	}
	m.OccurredAt = fromMicros(at)
	m.At = m.OccurredAt
	if m.ActivityID > 0 {
		m.Kind = greenroom.Kind(kind).String()
	}
	m.Text, m.Question = shortened(m.Text), question != 0
	if category >= 0 {
		m.Category, m.Sentiment = known(text.Category(category).String()), known(text.Sentiment(sentiment).String())
		if u := text.Urgency(urgency); u != text.UrgencyNone {
			m.Urgency = u.String()
		}
	}
	if c.ID > 0 {
		c.OpenedAt = fromMicros(opened)
		m.Conversation = &c
		if m.URL == "" {
			m.URL = url
		}
	}
	if p.ID > 0 {
		p.FirstActive = fromMicros(first)
		m.Member = &p
	}
	if o.ID > 0 {
		m.Organization = &o
	}
	if !strings.HasPrefix(m.URL, "https://") && !strings.HasPrefix(m.URL, "http://") {
		m.URL = ""
	}
	return m, nil
}

// known is what a message was read as; nothing where that was left open.
func known(word string) string {
	if word == "unsure" || word == "neutral" || word == "other" {
		return ""
	}
	return word
}

// shortened is the beginning of a text.
func shortened(body string) string {
	body = strings.TrimSpace(body)
	if utf8.RuneCountInString(body) <= alertExcerpt {
		return body
	}
	return strings.TrimSpace(string([]rune(body)[:alertExcerpt-1])) + "…"
}

// subjectTopics adds what the messages are about.
func (s *Store) subjectTopics(ctx context.Context, all []alert.Match) error {
	by := make(map[int64][]int)
	var ids []any
	for i := range all {
		if id := all[i].ActivityID; id > 0 {
			by[id] = append(by[id], i)
			ids = append(ids, id)
		}
	}
	return s.eachOf(ctx, `SELECT DISTINCT ta.activity_id, CASE WHEN t.name_set <> '' THEN t.name_set ELSE t.name END AS called FROM topic_activity ta JOIN topic t ON t.id = ta.topic_id AND t.hidden = 0 AND t.merged_into = 0 AND t.gone = 0
		WHERE ta.activity_id IN (%s) ORDER BY ta.activity_id, called`, ids, func(row rowScanner) error {
		var id int64
		var name string
		err := row.Scan(&id, &name)
		for _, i := range by[id] {
			all[i].Topics = append(all[i].Topics, name)
		}
		return err
	})
}
