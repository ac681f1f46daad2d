// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"greenroom/internal/maturity"
)

// MaturityAnswers lists what people answered, by question and person.
func (s *Store) MaturityAnswers(ctx context.Context) ([]maturity.Answer, error) {
	rows, err := s.query(ctx, "SELECT question, person, level, note, at FROM maturity_answer ORDER BY question, person")
	if err != nil {
		return nil, err
	}
	all := []maturity.Answer{}
	err = scan(rows, func() error {
		var a maturity.Answer
		var at int64
		err := rows.Scan(&a.Question, &a.Person, &a.Level, &a.Note, &at)
		a.At = fromMicros(at)
		all = append(all, a)
		return err
	})
	return all, err
}

// KeepMaturityAnswers stores answers; one of level 0 is taken back.
func (s *Store) KeepMaturityAnswers(ctx context.Context, all []maturity.Answer) error {
	err := s.write(ctx, func(w *writer) error {
		for i := range all {
			a := &all[i]
			var err error
			if a.Level == 0 {
				_, err = w.exec("DELETE FROM maturity_answer WHERE question = ? AND person = ?", a.Question, a.Person)
			} else {
				_, err = w.exec(`INSERT INTO maturity_answer (question, person, level, note, at) VALUES (?, ?, ?, ?, ?)
					ON CONFLICT (question, person) DO UPDATE SET level = excluded.level, note = excluded.note, at = excluded.at`, a.Question, a.Person, a.Level, a.Note, micros(a.At))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing answers: %w", err)
	}
	return nil
}

// Assessments lists them, the newest first.
func (s *Store) Assessments(ctx context.Context) ([]maturity.Assessment, error) {
	rows, err := s.query(ctx, "SELECT id, at, body FROM maturity_assessment ORDER BY at DESC, id DESC")
	if err != nil {
		return nil, err
	}
	all := []maturity.Assessment{}
	err = scan(rows, func() error {
		var id, at int64
		var body string
		if err := rows.Scan(&id, &at, &body); err != nil {
			return err
		}
		var a maturity.Assessment
		if err := json.Unmarshal([]byte(body), &a); err != nil {
			return fmt.Errorf("decoding assessment %d: %w", id, err)
		}
		a.ID, a.At = id, fromMicros(at)
		all = append(all, a)
		return nil
	})
	return all, err
}

// AddAssessment stores one.
func (s *Store) AddAssessment(ctx context.Context, a maturity.Assessment) (maturity.Assessment, error) {
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("maturity_assessment")
		if err != nil {
			return err
		}
		a.ID = last + 1
		body, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("encoding an assessment: %w", err)
		}
		_, err = w.exec("INSERT INTO maturity_assessment (id, at, body) VALUES (?, ?, ?)", a.ID, micros(a.At), string(body))
		return err
	})
	if err != nil {
		return a, fmt.Errorf("storing an assessment: %w", err)
	}
	return a, nil
}

const settingMaturity = "maturity"

// MaturitySettings are how the team goes about it; the usual ones while none are set.
func (s *Store) MaturitySettings(ctx context.Context) (maturity.Settings, error) {
	v := maturity.Settings{Months: maturity.UsualMonths}
	err := s.toolSetting(ctx, settingMaturity, &v)
	return v, err
}

// SetMaturitySettings sets them.
func (s *Store) SetMaturitySettings(ctx context.Context, v maturity.Settings) error {
	return s.setToolSetting(ctx, settingMaturity, v)
}
