// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"greenroom"
	"greenroom/internal/tool"
)

func (s *Store) toolReviews(ctx context.Context, where string, args ...any) ([]tool.Review, error) {
	rows, err := s.query(ctx, "SELECT id, version, body FROM tool_review WHERE "+where+" ORDER BY id DESC", args...)
	if err != nil {
		return nil, err
	}
	all := []tool.Review{}
	err = scan(rows, func() error {
		var id, version int64
		var body string
		if err := rows.Scan(&id, &version, &body); err != nil {
			return err
		}
		var r tool.Review
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			return fmt.Errorf("decoding review %d: %w", id, err)
		}
		r.ID, r.Version = id, version
		all = append(all, r)
		return nil
	})
	return all, err
}

// ToolReviews lists reviews of vendors, the newest first.
func (s *Store) ToolReviews(ctx context.Context) ([]tool.Review, error) {
	return s.toolReviews(ctx, "1 = 1")
}

// ToolReview finds one.
func (s *Store) ToolReview(ctx context.Context, id int64) (tool.Review, error) {
	all, err := s.toolReviews(ctx, "id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no review %d", id)
	}
	if err != nil {
		return tool.Review{}, err
	}
	return all[0], nil
}

// KeepToolReview stores a review with the next version; without id it is new. With another version than is there it is
// CodeConflict.
func (s *Store) KeepToolReview(ctx context.Context, r tool.Review) (tool.Review, error) {
	err := s.write(ctx, func(w *writer) error {
		before := r.Version
		if r.ID == 0 {
			last, err := w.lastID("tool_review")
			if err != nil {
				return err
			}
			r.ID, before = last+1, 0
		}
		r.Version = before + 1
		body, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("encoding a review: %w", err)
		}
		if before == 0 {
			_, err = w.exec("INSERT INTO tool_review (id, version, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING", r.ID, r.Version, string(body))
			return err
		}
		n, err := w.exec("UPDATE tool_review SET version = ?, body = ? WHERE id = ? AND version = ?", r.Version, string(body), r.ID, before)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", r.Title)
		}
		return err
	})
	if err != nil {
		return r, fmt.Errorf("storing a review: %w", err)
	}
	return r, nil
}

// ToolScores lists what everybody gave in a review.
func (s *Store) ToolScores(ctx context.Context, review int64) ([]tool.Score, error) {
	rows, err := s.query(ctx, "SELECT candidate, criterion, person, score, note, at FROM tool_score WHERE review_id = ? ORDER BY candidate, criterion, person", review)
	if err != nil {
		return nil, err
	}
	all := []tool.Score{}
	err = scan(rows, func() error {
		var x tool.Score
		var at int64
		err := rows.Scan(&x.Candidate, &x.Criterion, &x.Person, &x.Score, &x.Note, &at)
		x.At = fromMicros(at)
		all = append(all, x)
		return err
	})
	return all, err
}

// KeepToolScores stores scores; one below 0 is taken back.
func (s *Store) KeepToolScores(ctx context.Context, review int64, all []tool.Score) error {
	err := s.write(ctx, func(w *writer) error {
		for i := range all {
			x := &all[i]
			var err error
			if x.Score < 0 {
				_, err = w.exec("DELETE FROM tool_score WHERE review_id = ? AND candidate = ? AND criterion = ? AND person = ?", review, x.Candidate, x.Criterion, x.Person)
			} else {
				_, err = w.exec(`INSERT INTO tool_score (review_id, candidate, criterion, person, score, note, at) VALUES (?, ?, ?, ?, ?, ?, ?)
					ON CONFLICT (review_id, candidate, criterion, person) DO UPDATE SET score = excluded.score, note = excluded.note, at = excluded.at`, review, x.Candidate, x.Criterion, x.Person, x.Score, x.Note, micros(x.At))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing scores: %w", err)
	}
	return nil
}
