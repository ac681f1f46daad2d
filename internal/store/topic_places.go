// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"greenroom/internal/text"
	"greenroom/internal/topic"
)

// TopicPosition is how far messages are placed, and how far there are any that have been derived.
func (s *Store) TopicPosition(ctx context.Context) (done, end int64, err error) {
	err = s.queryRow(ctx, `SELECT coalesce((SELECT value FROM follower WHERE name = '`+followTopics+`'), 0), coalesce((SELECT value FROM follower WHERE name = '`+followDerive+`'), 0)`, nil, &done, &end)
	return done, end, err
}

// TopicTextsAfter returns messages with greater ids, and the last id that was looked at.
func (s *Store) TopicTextsAfter(ctx context.Context, after int64, limit int) (all []topic.Said, last int64, err error) {
	if err := s.queryRow(ctx, `SELECT coalesce(max(id), 0) FROM (SELECT id FROM activity WHERE id > ? AND id <= coalesce((SELECT value FROM follower WHERE name = '`+followDerive+`'), 0)
		ORDER BY id LIMIT ?) x`, []any{after, limit}, &last); err != nil || last == 0 {
		return nil, after, err
	}
	rows, err := s.query(ctx, "SELECT "+saidColumns+saidFrom+" WHERE a.id > ? AND a.id <= ?"+said(false)+" ORDER BY a.id", after, last)
	if err != nil {
		return nil, after, err
	}
	err = scan(rows, func() error {
		m, err := scanSaid(rows)
		all = append(all, m)
		return err
	})
	return all, last, err
}

// TextChanges returns messages that were edited or deleted and wait to be placed again, and the last change looked at; 0 =
// none waits. One that is gone altogether, or a bot's, is as deleted.
func (s *Store) TextChanges(ctx context.Context, limit int) (all []topic.Said, last int64, err error) {
	rows, err := s.query(ctx, `SELECT c.seq, c.activity_id, coalesce(a.occurred_at, 0), coalesce(a.title, ''), coalesce(substr(a.body, 1, 4000), ''), CASE WHEN a.id > 0`+said(false)+` THEN 0 ELSE 1 END
		FROM (SELECT seq, activity_id FROM activity_change WHERE seq > coalesce((SELECT value FROM follower WHERE name = '`+followTopicChanges+`'), 0) ORDER BY seq LIMIT ?) c
		LEFT JOIN activity a ON a.id = c.activity_id LEFT JOIN identity i ON i.id = a.identity_id LEFT JOIN member m ON m.id = i.member_id ORDER BY c.seq`, limit)
	if err != nil {
		return nil, 0, err
	}
	seen := make(map[int64]bool)
	err = scan(rows, func() error {
		var m topic.Said
		var at, deleted int64
		var title, body string
		if err := rows.Scan(&last, &m.ID, &at, &title, &body, &deleted); err != nil {
			return err
		}
		if m.At, m.Text, m.Deleted = fromMicros(at), title+"\n"+body, deleted != 0; !seen[m.ID] {
			seen[m.ID] = true
			all = append(all, m)
		}
		return nil
	})
	return all, last, err
}

// Place replaces what the model said of messages with ids above from up to to.
func (s *Store) Place(ctx context.Context, from, to int64, all []topic.Placed) error {
	err := s.writeAlong(ctx, func(w *writer) error {
		if _, err := w.exec("DELETE FROM topic_activity WHERE activity_id > ? AND activity_id <= ? AND origin = 'model'", from, to); err != nil {
			return err
		}
		if err := w.place(all, "model"); err != nil {
			return err
		}
		return w.setFollowed(followTopics, to)
	})
	if err != nil {
		return fmt.Errorf("putting messages into topics: %w", err)
	}
	return nil
}

// place adds rows, of messages that are still there.
func (w *writer) place(all []topic.Placed, origin string) error {
	return w.bulk("INSERT INTO topic_activity (activity_id, topic_id, origin, weight, occurred_at) SELECT a.id, ?, ?, ?, a.occurred_at FROM activity a WHERE a.id = ? ON CONFLICT DO NOTHING", len(all), func(i int) []any {
		return []any{all[i].Topic, origin, all[i].Weight, all[i].Activity}
	})
}

// PlaceAgain replaces what the model and the rules said of some messages.
func (s *Store) PlaceAgain(ctx context.Context, ids []int64, all []topic.Placed, change int64) error {
	err := s.writeAlong(ctx, func(w *writer) error {
		if err := w.bulk("DELETE FROM topic_activity WHERE activity_id = ? AND (origin = 'model' OR NOT EXISTS (SELECT 1 FROM activity a WHERE a.id = activity_id AND a.deleted = 0))", len(ids), func(i int) []any {
			return []any{ids[i]}
		}); err != nil {
			return err
		}
		if err := w.place(all, "model"); err != nil {
			return err
		}
		return w.setFollowed(followTopicChanges, change)
	})
	if err != nil {
		return fmt.Errorf("putting changed messages into topics: %w", err)
	}
	return nil
}

// PlaceByRule replaces what the rule of a topic says.
func (s *Store) PlaceByRule(ctx context.Context, id int64, ids []int64) error {
	all := make([]topic.Placed, len(ids))
	for i, a := range ids {
		all[i] = topic.Placed{Activity: a, Topic: id, Weight: 1}
	}
	err := s.writeAlong(ctx, func(w *writer) error {
		if _, err := w.exec("DELETE FROM topic_activity WHERE origin = 'rule' AND topic_id = ?", id); err != nil {
			return err
		}
		return w.place(all, "rule")
	})
	if err != nil {
		return fmt.Errorf("applying the rule of topic %d: %w", id, err)
	}
	return nil
}

// PlaceByHand puts a message into a topic, or takes it out.
func (s *Store) PlaceByHand(ctx context.Context, id, activity int64, in bool) error {
	if _, err := s.Activity(ctx, activity); err != nil {
		return err
	}
	err := s.write(ctx, func(w *writer) error {
		if !in {
			_, err := w.exec("DELETE FROM topic_activity WHERE topic_id = ? AND activity_id = ?", id, activity)
			return err
		}
		return w.place([]topic.Placed{{Activity: activity, Topic: id, Weight: 1}}, "hand")
	})
	if err != nil {
		return fmt.Errorf("putting message %d into topic %d: %w", activity, id, err)
	}
	return nil
}

// Moments yields when there was something in any topic; merged topics under what they are now. A message that is in a
// topic for two reasons counts once.
func (s *Store) Moments(ctx context.Context, from, to time.Time) ([]topic.Moment, error) {
	rows, err := s.query(ctx, `SELECT DISTINCT CASE WHEN t.merged_into > 0 THEN t.merged_into ELSE t.id END, x.occurred_at, x.activity_id
		FROM topic t JOIN topic_activity x ON x.topic_id = t.id WHERE x.occurred_at >= ? AND x.occurred_at < ?`, micros(from), micros(to))
	if err != nil {
		return nil, err
	}
	var all []topic.Moment
	err = scan(rows, func() error {
		var m topic.Moment
		var at, activity int64
		err := rows.Scan(&m.Topic, &at, &activity)
		m.At = fromMicros(at)
		all = append(all, m)
		return err
	})
	return all, err
}

// Those are the people and organizations behind topics, the most active first; staff and bots left out.
func (s *Store) Those(ctx context.Context, topics []int64, from, to time.Time, limit int) (people, organizations []topic.Doer, err error) {
	if len(topics) == 0 {
		return nil, nil, nil
	}
	args := make([]any, 0, len(topics)+3)
	for _, id := range topics {
		args = append(args, id)
	}
	args = append(args, micros(from), micros(to), limit)
	for _, v := range []struct {
		id, name, join string
		to             *[]topic.Doer
	}{
		{"m.id", "m.name", "", &people},
		{"o.id", "o.name", " JOIN organization o ON o.id = " + workedAt("a.occurred_at"), &organizations},
	} {
		rows, err := s.query(ctx, "SELECT "+v.id+", "+v.name+", count(DISTINCT x.activity_id) AS n FROM topic_activity x JOIN activity a ON a.id = x.activity_id JOIN identity i ON i.id = a.identity_id JOIN member m ON m.id = i.member_id"+v.join+
			" WHERE x.topic_id IN ("+placeholders(len(topics))+") AND x.occurred_at >= ? AND x.occurred_at < ? AND m.staff = 0 AND m.bot = 0 AND m.hidden = 0 GROUP BY "+v.id+", "+v.name+" ORDER BY n DESC, "+v.id+" LIMIT ?", args...)
		if err != nil {
			return nil, nil, err
		}
		if err := scan(rows, func() error {
			var d topic.Doer
			err := rows.Scan(&d.ID, &d.Name, &d.Count)
			*v.to = append(*v.to, d)
			return err
		}); err != nil {
			return nil, nil, err
		}
	}
	return people, organizations, nil
}

// Mix is what the messages of topics were read as; what the team corrected holds.
func (s *Store) Mix(ctx context.Context, topics []int64, from, to time.Time) (topic.Mix, error) {
	mix := topic.Mix{Categories: []topic.MixPart{}, Sentiments: []topic.MixPart{}}
	if len(topics) == 0 {
		return mix, nil
	}
	args := make([]any, 0, len(topics)+2)
	for _, id := range topics {
		args = append(args, id)
	}
	rows, err := s.query(ctx, "SELECT rd.category, rd.sentiment, count(*) FROM (SELECT DISTINCT x.activity_id FROM topic_activity x WHERE x.topic_id IN ("+placeholders(len(topics))+
		") AND x.occurred_at >= ? AND x.occurred_at < ?) y JOIN reading rd ON rd.activity_id = y.activity_id GROUP BY rd.category, rd.sentiment", append(args, micros(from), micros(to))...)
	if err != nil {
		return mix, err
	}
	categories, sentiments := make(map[string]int64), make(map[string]int64)
	err = scan(rows, func() error {
		var category, sentiment uint8
		var n int64
		if err := rows.Scan(&category, &sentiment, &n); err != nil {
			return err
		}
		mix.Read += n
		categories[text.Category(category).String()] += n
		sentiments[text.Sentiment(sentiment).String()] += n
		return nil
	})
	mix.Categories, mix.Sentiments = mixParts(categories), mixParts(sentiments)
	return mix, err
}

func mixParts(counts map[string]int64) []topic.MixPart {
	parts := make([]topic.MixPart, 0, len(counts))
	for label, n := range counts {
		parts = append(parts, topic.MixPart{Label: label, Count: n})
	}
	slices.SortFunc(parts, func(a, b topic.MixPart) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Label, b.Label))
	})
	return parts
}
