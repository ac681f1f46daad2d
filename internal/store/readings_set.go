// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"greenroom"
	"greenroom/internal/understand"
)

const correctionColumns = "id, activity_id, category, sentiment, actor, at, undone_at"

func scanCorrection(rows rowScanner) (c understand.Correction, err error) {
	var at, undone int64
	err = rows.Scan(&c.ID, &c.ActivityID, &c.Category, &c.Sentiment, &c.By, &at, &undone)
	c.At, c.UndoneAt = fromMicros(at), fromMicros(undone)
	return c, err
}

// CorrectReading stores what a person says of a message. What they leave open stays as it is. It holds at once, also
// where the message was not read yet.
func (s *Store) CorrectReading(ctx context.Context, c understand.Correction) (id int64, err error) {
	if c.Category == 0 && c.Sentiment == 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "say what the message is: a category, a sentiment or both")
	}
	err = s.write(ctx, func(w *writer) error {
		var t understand.Text
		var kind, deleted int64
		err := w.row("SELECT "+textColumns+" FROM activity a WHERE a.id = ?", []any{c.ActivityID}, &t.ID, &kind, &t.ReplyTo, &t.Title, &t.Body, &deleted)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no activity %d", c.ActivityID)
		}
		if err != nil {
			return err
		}
		t.Kind, t.Deleted = greenroom.Kind(kind), deleted != 0
		if _, ok := t.Says(); !ok {
			return greenroom.Errorf(greenroom.CodeInvalid, "activity %d is no message with a text; there is nothing to correct", c.ActivityID)
		}
		before, err := w.held(c.ActivityID)
		if err != nil {
			return err
		}
		c.Category, c.Sentiment = holds(c.Category, before.Category), holds(c.Sentiment, before.Sentiment)
		last, err := w.lastID("reading_set")
		if err != nil {
			return err
		}
		id = last + 1
		if _, err := w.exec("INSERT INTO reading_set (id, activity_id, category, sentiment, actor, at) VALUES (?, ?, ?, ?, ?, ?)",
			id, c.ActivityID, int64(c.Category), int64(c.Sentiment), c.By, micros(c.At)); err != nil {
			return err
		}
		return w.applyCorrection(c.ActivityID)
	})
	return id, err
}

// held is the correction that holds for an activity; zero where there is none.
func (w *writer) held(activity int64) (c understand.Correction, err error) {
	err = w.row("SELECT category, sentiment FROM reading_set WHERE activity_id = ? AND undone_at = 0 ORDER BY id DESC LIMIT 1", []any{activity}, &c.Category, &c.Sentiment)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return c, nil
	}
	return c, err
}

// applyCorrection makes a reading what holds now. One that is not there yet is made, without anything read.
func (w *writer) applyCorrection(activity int64) error {
	c, err := w.held(activity)
	if err != nil {
		return err
	}
	changed, err := w.nextReading()
	if err != nil {
		return err
	}
	if _, err := w.exec(`INSERT INTO reading (activity_id, category, sentiment, urgency, question, language, strength, read_category, category_p, read_sentiment,
			sentiment_p, judge, changed) VALUES (?, ?, ?, 0, 0, '', 0, 0, 0, 0, 0, 0, ?)
		ON CONFLICT (activity_id) DO UPDATE SET changed = excluded.changed,
			category = CASE WHEN excluded.category > 0 THEN excluded.category ELSE reading.read_category END,
			sentiment = CASE WHEN excluded.sentiment > 0 THEN excluded.sentiment ELSE reading.read_sentiment END`,
		activity, int64(c.Category), int64(c.Sentiment), changed); err != nil {
		return err
	}
	return w.bumpConversations([]any{activity})
}

// UndoCorrection takes a correction back; what held before it holds again.
func (s *Store) UndoCorrection(ctx context.Context, id int64) (c understand.Correction, err error) {
	err = s.write(ctx, func(w *writer) error {
		rows, err := w.query("SELECT "+correctionColumns+" FROM reading_set WHERE id = ?", id)
		if err != nil {
			return err
		}
		if err := scan(rows, func() (err error) {
			c, err = scanCorrection(rows)
			return err
		}); err != nil {
			return err
		}
		switch {
		case c.ID == 0:
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no correction %d", id)
		case !c.UndoneAt.IsZero():
			return greenroom.Errorf(greenroom.CodeConflict, "correction %d was undone before", id)
		}
		c.UndoneAt = s.now()
		if _, err := w.exec("UPDATE reading_set SET undone_at = ? WHERE id = ?", micros(c.UndoneAt), id); err != nil {
			return err
		}
		return w.applyCorrection(c.ActivityID)
	})
	return c, err
}

// CorrectedTexts gives the messages for which corrections hold, the latest correction first.
func (s *Store) CorrectedTexts(ctx context.Context, limit int) ([]understand.Corrected, error) {
	rows, err := s.query(ctx, "SELECT "+textColumns+`, x.category, x.sentiment, coalesce(rd.read_category, 0), coalesce(rd.category_p, 0), coalesce(rd.read_sentiment, 0),
			coalesce(rd.sentiment_p, 0), coalesce(rj.version, '')
		FROM reading_set x JOIN activity a ON a.id = x.activity_id
		LEFT JOIN reading rd ON rd.activity_id = x.activity_id LEFT JOIN reading_judge rj ON rj.id = rd.judge
		WHERE x.undone_at = 0 AND a.deleted = 0 AND x.id = (SELECT max(y.id) FROM reading_set y WHERE y.activity_id = x.activity_id AND y.undone_at = 0)
		ORDER BY x.id DESC LIMIT ?`, limit)
	if err != nil {
		return nil, err
	}
	var all []understand.Corrected
	err = scan(rows, func() error {
		var c understand.Corrected
		err := scanText(rows, &c.Text, &c.Category, &c.Sentiment, &c.Read.Category, &c.Read.CategoryP, &c.Read.Sentiment, &c.Read.SentimentP, &c.Read.Judge)
		all = append(all, c)
		return err
	})
	return all, err
}

// AddTextModel stores a model; the one that is active reads from now on.
func (s *Store) AddTextModel(ctx context.Context, m understand.Model, data []byte) (understand.Model, error) {
	figures, err := json.Marshal(m.Gain)
	if err != nil {
		return m, fmt.Errorf("encoding figures: %w", err)
	}
	err = s.write(ctx, func(w *writer) error {
		last, err := w.lastID("text_model")
		if err != nil {
			return err
		}
		m.ID = last + 1
		if m.Active {
			if _, err := w.exec("UPDATE text_model SET active = 0 WHERE active <> 0"); err != nil {
				return err
			}
		}
		_, err = w.exec("INSERT INTO text_model (id, version, base, data, trained_at, actor, corrections, figures, active) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			m.ID, m.Version, m.Base, data, micros(m.TrainedAt), m.By, m.Corrections, string(figures), flag(m.Active))
		return err
	})
	return m, err
}

// ActivateTextModel lets a model read; 0 is the base model.
func (s *Store) ActivateTextModel(ctx context.Context, id int64) error {
	return s.write(ctx, func(w *writer) error {
		if _, err := w.exec("UPDATE text_model SET active = 0 WHERE active <> 0"); err != nil || id == 0 {
			return err
		}
		n, err := w.exec("UPDATE text_model SET active = 1 WHERE id = ?", id)
		if err == nil && n == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no text model %d", id)
		}
		return err
	})
}

// TextModels lists the models that were trained, the newest first.
func (s *Store) TextModels(ctx context.Context) ([]understand.Model, error) {
	rows, err := s.query(ctx, "SELECT id, version, base, trained_at, actor, corrections, figures, active, length(data) FROM text_model ORDER BY id DESC")
	if err != nil {
		return nil, err
	}
	var all []understand.Model
	err = scan(rows, func() error {
		var m understand.Model
		var at, active int64
		var figures string
		if err := rows.Scan(&m.ID, &m.Version, &m.Base, &at, &m.By, &m.Corrections, &figures, &active, &m.Size); err != nil {
			return err
		}
		m.TrainedAt, m.Active = fromMicros(at), active != 0
		if err := json.Unmarshal([]byte(figures), &m.Gain); err != nil {
			return fmt.Errorf("figures of text model %d: %w", m.ID, err)
		}
		all = append(all, m)
		return nil
	})
	return all, err
}

// ActiveTextModel is the number of the model that reads; 0 = the base model.
func (s *Store) ActiveTextModel(ctx context.Context) (id int64, err error) {
	err = s.queryRow(ctx, "SELECT coalesce((SELECT max(id) FROM text_model WHERE active <> 0), 0)", nil, &id)
	return id, err
}

// TextModelData is what a model is loaded from.
func (s *Store) TextModelData(ctx context.Context, id int64) (data []byte, err error) {
	if err = s.queryRow(ctx, "SELECT data FROM text_model WHERE id = ?", []any{id}, &data); err != nil {
		return nil, fmt.Errorf("text model %d: %w", id, err)
	}
	return data, nil
}

// How many of the newest readings are looked at, for what is uncertain and for the coverage.
const (
	uncertainAmong = 20_000
	coverageAmong  = 200_000
)

// newestReading is the activity from which on the newest readings are so many.
func (s *Store) newestReading(ctx context.Context, among int) (least int64, err error) {
	err = s.queryRow(ctx, "SELECT coalesce((SELECT activity_id FROM reading ORDER BY activity_id DESC LIMIT 1 OFFSET ?), 0)", []any{among - 1}, &least)
	return least, err
}

// UncertainReadings gives the activities among the newest that were read with the least certainty and not corrected. Bots
// are left out: nobody has to understand them.
func (s *Store) UncertainReadings(ctx context.Context, limit int) ([]int64, error) {
	least, err := s.newestReading(ctx, uncertainAmong)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, `SELECT rd.activity_id FROM reading rd JOIN activity a ON a.id = rd.activity_id
			LEFT JOIN identity i ON i.id = a.identity_id LEFT JOIN member m ON m.id = i.member_id
		WHERE rd.activity_id >= ? AND a.deleted = 0 AND coalesce(m.bot, 0) = 0 AND coalesce(m.hidden, 0) = 0
			AND NOT EXISTS (SELECT 1 FROM reading_set x WHERE x.activity_id = rd.activity_id AND x.undone_at = 0)
		ORDER BY rd.category_p, rd.activity_id DESC LIMIT ?`, least, limit)
	if err != nil {
		return nil, err
	}
	var ids []int64
	err = scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// ReadingCoverage counts the newest readings.
func (s *Store) ReadingCoverage(ctx context.Context) (understand.Coverage, error) {
	return cached(ctx, s, "reading coverage", s.readingCoverage)
}

func (s *Store) readingCoverage(ctx context.Context) (understand.Coverage, error) {
	c := understand.Coverage{Categories: make(map[string]int64), Sentiments: make(map[string]int64)}
	least, err := s.newestReading(ctx, coverageAmong)
	if err != nil {
		return c, err
	}
	rows, err := s.query(ctx, "SELECT language, category, sentiment, count(*) FROM reading WHERE activity_id >= ? GROUP BY language, category, sentiment", least)
	if err != nil {
		return c, err
	}
	languages := make(map[string]*understand.Language)
	if err := scan(rows, func() error {
		var r understand.Reading
		var n int64
		if err := rows.Scan(&r.Language, &r.Category, &r.Sentiment, &n); err != nil {
			return err
		}
		l := languages[r.Language]
		if l == nil {
			l = &understand.Language{Code: r.Language}
			languages[r.Language] = l
		}
		c.Messages, l.Messages = c.Messages+n, l.Messages+n
		if r.Category == 0 {
			c.Unsure, l.Unsure = c.Unsure+n, l.Unsure+n
		}
		c.Categories[r.Category.String()] += n
		c.Sentiments[r.Sentiment.String()] += n
		return nil
	}); err != nil {
		return c, err
	}
	c.Languages = sortedLanguages(languages)
	err = s.queryRow(ctx, "SELECT count(DISTINCT activity_id) FROM reading_set WHERE undone_at = 0", nil, &c.Corrected)
	return c, err
}

// sortedLanguages sorts by how many messages there are, and by the code.
func sortedLanguages(by map[string]*understand.Language) []understand.Language {
	all := make([]understand.Language, 0, len(by))
	for _, l := range by {
		all = append(all, *l)
	}
	slices.SortFunc(all, func(a, b understand.Language) int {
		return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Code, b.Code))
	})
	return all
}
