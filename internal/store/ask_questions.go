// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"greenroom"
	"greenroom/internal/ask"
)

func questionNumbers(q *ask.Saved, id, version int64) { q.ID, q.Version = id, version }

// Questions lists the questions that are kept, the oldest first.
func (s *Store) Questions(ctx context.Context) ([]ask.Saved, error) {
	return bodies(ctx, s, questionNumbers, "SELECT id, version, body FROM question ORDER BY id")
}

// Question finds one.
func (s *Store) Question(ctx context.Context, id int64) (ask.Saved, error) {
	all, err := bodies(ctx, s, questionNumbers, "SELECT id, version, body FROM question WHERE id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no question %d", id)
	}
	if err != nil {
		return ask.Saved{}, err
	}
	return all[0], nil
}

// AddQuestion stores a new question.
func (s *Store) AddQuestion(ctx context.Context, q ask.Saved) (ask.Saved, error) {
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("question")
		if err != nil {
			return err
		}
		q.ID, q.Version = last+1, 1
		body, err := json.Marshal(q)
		if err != nil {
			return fmt.Errorf("encoding a question: %w", err)
		}
		_, err = w.exec("INSERT INTO question (id, version, body) VALUES (?, ?, ?)", q.ID, q.Version, string(body))
		return err
	})
	if err != nil {
		return q, fmt.Errorf("storing a question: %w", err)
	}
	return q, nil
}

// ChangeQuestion stores a question unless it was changed since it was read; that is CodeConflict.
func (s *Store) ChangeQuestion(ctx context.Context, q ask.Saved) (ask.Saved, error) {
	err := s.write(ctx, func(w *writer) error {
		before := q.Version
		q.Version++
		body, err := json.Marshal(q)
		if err != nil {
			return fmt.Errorf("encoding a question: %w", err)
		}
		n, err := w.exec("UPDATE question SET version = ?, body = ? WHERE id = ? AND version = ?", q.Version, string(body), q.ID, before)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", q.Title)
		}
		return err
	})
	if err != nil {
		return q, fmt.Errorf("storing a question: %w", err)
	}
	return q, nil
}

// RemoveQuestion takes a question away.
func (s *Store) RemoveQuestion(ctx context.Context, id int64) error {
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("DELETE FROM question WHERE id = ?", id)
		return err
	})
}

// askedKept is how many questions of a person are kept.
const askedKept = 100

// KeepAsked notes what somebody asked, and forgets what is old.
func (s *Store) KeepAsked(ctx context.Context, a ask.Asked) error {
	return s.write(ctx, func(w *writer) error {
		last, err := w.lastID("question_asked")
		if err != nil {
			return err
		}
		if _, err := w.exec("INSERT INTO question_asked (id, actor, at, text, rows, took, problem) VALUES (?, ?, ?, ?, ?, ?, ?)", last+1, a.By, micros(a.At), a.SQL, a.Rows, a.Took, a.Problem); err != nil {
			return err
		}
		_, err = w.exec(`DELETE FROM question_asked WHERE actor = ? AND id <= (SELECT id FROM question_asked WHERE actor = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`, a.By, a.By, askedKept)
		return err
	})
}

// AskedBy lists what somebody asked, the newest first.
func (s *Store) AskedBy(ctx context.Context, by string, limit int) ([]ask.Asked, error) {
	rows, err := s.query(ctx, "SELECT id, actor, at, text, rows, took, problem FROM question_asked WHERE actor = ? ORDER BY id DESC LIMIT ?", by, limit)
	if err != nil {
		return nil, err
	}
	all := []ask.Asked{}
	err = scan(rows, func() error {
		var a ask.Asked
		var at int64
		err := rows.Scan(&a.ID, &a.By, &at, &a.SQL, &a.Rows, &a.Took, &a.Problem)
		a.At = fromMicros(at)
		all = append(all, a)
		return err
	})
	return all, err
}
