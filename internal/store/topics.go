// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"greenroom"
	"greenroom/internal/topic"
)

// The followers of topics.
const (
	followTopics       = "topics"         // the last activity that was placed
	followTopicChanges = "topics:changes" // the last change of activities that was
)

const topicColumns = "id, origin, name, name_set, terms, rule, parent, hidden, merged_into, gone, created_at"

// Topics returns all topics, hidden and merged ones included, by id.
func (s *Store) Topics(ctx context.Context) ([]topic.Topic, error) {
	rows, err := s.query(ctx, "SELECT "+topicColumns+" FROM topic ORDER BY id")
	if err != nil {
		return nil, err
	}
	all := []topic.Topic{}
	err = scan(rows, func() error {
		var t topic.Topic
		var set, terms string
		var hidden, gone, created int64
		if err := rows.Scan(&t.ID, &t.Origin, &t.Name, &set, &terms, &t.Rule, &t.Parent, &hidden, &t.MergedInto, &gone, &created); err != nil {
			return err
		}
		if set != "" {
			t.FoundName, t.Name = t.Name, set
		}
		t.Hidden, t.Gone, t.CreatedAt = hidden != 0, gone != 0, fromMicros(created)
		all = append(all, t)
		return json.Unmarshal([]byte(terms), &all[len(all)-1].Terms)
	})
	return all, err
}

// SaveTopic stores what people decided of a topic; one without id is new.
func (s *Store) SaveTopic(ctx context.Context, t topic.Topic) (topic.Topic, error) {
	if t.Terms == nil {
		t.Terms = []string{}
	}
	err := s.write(ctx, func(w *writer) error {
		if t.ID == 0 {
			last, err := w.lastID("topic")
			if err != nil {
				return err
			}
			t.ID, t.Origin, t.CreatedAt = last+1, topic.Hand, s.now()
			_, err = w.exec("INSERT INTO topic (id, origin, name, rule, parent, created_at) VALUES (?, ?, ?, ?, ?, ?)", t.ID, string(t.Origin), t.Name, t.Rule, t.Parent, micros(t.CreatedAt))
			return err
		}
		set := t.Name
		if t.FoundName == "" || t.Name == t.FoundName {
			set = ""
		}
		n, err := w.exec("UPDATE topic SET name_set = ?, rule = ?, parent = ?, hidden = ?, merged_into = ? WHERE id = ?", set, t.Rule, t.Parent, bit(t.Hidden), t.MergedInto, t.ID)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no topic %d", t.ID)
		}
		return err
	})
	if err != nil {
		return t, fmt.Errorf("storing a topic: %w", err)
	}
	return t, nil
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// LastFit returns the last fit with its model; the zero Fit where there was none.
func (s *Store) LastFit(ctx context.Context) (topic.Fit, []byte, error) {
	var f topic.Fit
	var at int64
	var model []byte
	err := s.queryRow(ctx, "SELECT fitted_at, messages, position, sampled, topics, quality, actor, model FROM topic_fit ORDER BY id DESC LIMIT 1", nil, &at, &f.Messages, &f.Position, &f.Sampled, &f.Topics, &f.Quality, &f.By, &model)
	if errors.Is(err, sql.ErrNoRows) || greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return topic.Fit{}, nil, nil
	}
	f.At = fromMicros(at)
	return f, model, err
}

// SaveFit stores a fit with its model and the topics it found, by their ids, and has all messages placed again.
func (s *Store) SaveFit(ctx context.Context, f topic.Fit, model []byte, found []topic.Topic) error {
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("topic_fit")
		if err != nil {
			return err
		}
		if _, err := w.exec("INSERT INTO topic_fit (id, fitted_at, messages, position, sampled, topics, quality, actor, model) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			last+1, micros(f.At), f.Messages, f.Position, f.Sampled, f.Topics, f.Quality, f.By, model); err != nil {
			return err
		}
		if err := w.setFollowed("last:topic_fit", last+1); err != nil {
			return err
		}
		for _, q := range []string{"DELETE FROM topic_fit WHERE id <= ?", "UPDATE topic SET gone = 1 WHERE origin = 'found' AND ? >= 0"} {
			if _, err := w.exec(q, last); err != nil {
				return err
			}
		}
		for i := range found {
			terms, err := json.Marshal(found[i].Terms)
			if err != nil {
				return fmt.Errorf("encoding the words of a topic: %w", err)
			}
			if _, err := w.exec(`INSERT INTO topic (id, origin, name, terms, created_at) VALUES (?, 'found', ?, ?, ?)
				ON CONFLICT (id) DO UPDATE SET name = excluded.name, terms = excluded.terms, gone = 0`, found[i].ID, found[i].Name, string(terms), micros(f.At)); err != nil {
				return err
			}
		}
		return w.setFollowed(followTopics, 0)
	})
	if err != nil {
		return fmt.Errorf("storing topics: %w", err)
	}
	return nil
}

// saidColumns are what topics read of an activity. What bots write is about nothing that the community says.
const (
	saidColumns = "a.id, a.occurred_at, a.title, substr(a.body, 1, 4000), a.deleted"
	saidFrom    = " FROM activity a LEFT JOIN identity i ON i.id = a.identity_id LEFT JOIN member m ON m.id = i.member_id"
	saidWhere   = " AND a.deleted = 0 AND (a.title <> '' OR a.body <> '') AND coalesce(m.bot, 0) = 0"
)

// said is the condition that an activity is something that somebody said. To find topics in, short replies are left out:
// most of them are about nothing by themselves.
func said(telling bool) string {
	opens, answers := "", ""
	for _, k := range greenroom.Kinds() {
		switch info := k.Info(); {
		case info.Opens:
			opens += "," + strconv.Itoa(int(k))
		case info.Answers && k != greenroom.KindMerge && k != greenroom.KindClose && k != greenroom.KindFile:
			answers += "," + strconv.Itoa(int(k))
		}
	}
	if telling {
		return saidWhere + " AND (a.kind IN (-1" + opens + ") OR a.kind IN (-1" + answers + ") AND length(a.body) >= " + strconv.Itoa(tellingLength) + ")"
	}
	return saidWhere + " AND a.kind IN (-1" + opens + answers + ")"
}

// tellingLength is how many letters a reply has that topics are found in.
const tellingLength = 160

func scanSaid(row rowScanner) (topic.Said, error) {
	var m topic.Said
	var at, deleted int64
	var title, body string
	err := row.Scan(&m.ID, &at, &title, &body, &deleted)
	m.At, m.Deleted, m.Text = fromMicros(at), deleted != 0, title+"\n"+body
	return m, err
}

// SampleTexts returns how many messages there are, and at most so many of them, evenly picked, in order.
func (s *Store) SampleTexts(ctx context.Context, most int) (total int64, all []string, err error) {
	if err := s.queryRow(ctx, "SELECT count(*)"+saidFrom+" WHERE a.id > 0"+said(true), nil, &total); err != nil {
		return 0, nil, err
	}
	every := total/int64(max(most, 1)) + 1
	for after := int64(0); ; {
		rows, err := s.query(ctx, "SELECT "+saidColumns+saidFrom+" WHERE a.id > ? AND a.id % ? = 0"+said(true)+" ORDER BY a.id LIMIT 2000", after, every)
		if err != nil {
			return 0, nil, err
		}
		n := 0
		if err := scan(rows, func() error {
			m, err := scanSaid(rows)
			all, after, n = append(all, m.Text), m.ID, n+1
			return err
		}); err != nil {
			return 0, nil, err
		}
		if n == 0 || len(all) >= most {
			return total, all[:min(len(all), most)], nil
		}
	}
}

// Examples are the messages that people put into topics.
func (s *Store) Examples(ctx context.Context) (map[int64][]string, error) {
	rows, err := s.query(ctx, "SELECT t.topic_id, "+saidColumns+" FROM topic_activity t JOIN activity a ON a.id = t.activity_id WHERE t.origin = 'hand' ORDER BY t.topic_id, a.id")
	if err != nil {
		return nil, err
	}
	all := make(map[int64][]string)
	err = scan(rows, func() error {
		var id, activity, at, deleted int64
		var title, body string
		err := rows.Scan(&id, &activity, &at, &title, &body, &deleted)
		all[id] = append(all[id], title+"\n"+body)
		return err
	})
	return all, err
}
