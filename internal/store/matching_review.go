// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"greenroom"
	"greenroom/internal/matching"
)

// waiting is what waits for a person: pairs of different members that nobody put off. Kept apart are those of whom
// somebody said so after they had been suggested.
const suggestionsWaiting = ` FROM match_suggestion x JOIN identity a ON a.id = x.a JOIN identity b ON b.id = x.b
	WHERE a.member_id <> b.member_id AND x.probability >= ?
	AND NOT EXISTS (SELECT 1 FROM match_review r WHERE r.a = x.a AND r.b = x.b AND r.verdict = 'later' AND r.undone_at = 0)
	AND NOT EXISTS (SELECT 1 FROM apart p WHERE p.a = x.a AND p.b = x.b AND p.overruled = 0)`

// Suggestions lists what waits for a person, what is worth most first, and counts the whole.
func (s *Store) Suggestions(ctx context.Context, q matching.Query) ([]matching.Suggested, int64, error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	all, total := []matching.Suggested{}, int64(0)
	rows, err := s.query(ctx, "SELECT x.a, x.b, x.probability, x.value, x.evidence, a.member_id, b.member_id"+suggestionsWaiting+" ORDER BY x.value DESC, x.a, x.b", q.AtLeast)
	if err != nil {
		return nil, 0, err
	}
	err = scan(rows, func() error {
		p, err := scanSuggested(rows)
		if err != nil || q.Kind != "" && strongest(p.Evidence) != q.Kind {
			return err
		}
		if total++; len(all) < q.Limit {
			all = append(all, p)
		}
		return nil
	})
	return all, total, err
}

// strongest is the kind of evidence that speaks most for a pair.
func strongest(all []matching.Evidence) string {
	var kind string
	var most float64
	for _, e := range all {
		if e.Weight > most {
			kind, most = e.Kind, e.Weight
		}
	}
	return kind
}

func scanSuggested(rows rowScanner) (matching.Suggested, error) {
	var p matching.Suggested
	var text string
	if err := rows.Scan(&p.A, &p.B, &p.Probability, &p.Value, &text, &p.MemberA, &p.MemberB); err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(text), &p.Evidence); err != nil {
		return p, fmt.Errorf("decoding the evidence about identities %d and %d: %w", p.A, p.B, err)
	}
	return p, nil
}

// Suggestion finds one pair of identities, in whatever order.
func (s *Store) Suggestion(ctx context.Context, a, b int64) (matching.Suggested, error) {
	rows, err := s.query(ctx, "SELECT x.a, x.b, x.probability, x.value, x.evidence, a.member_id, b.member_id FROM match_suggestion x JOIN identity a ON a.id = x.a JOIN identity b ON b.id = x.b WHERE x.a = ? AND x.b = ?",
		min(a, b), max(a, b))
	if err != nil {
		return matching.Suggested{}, err
	}
	var found []matching.Suggested
	if err := scan(rows, func() error {
		p, err := scanSuggested(rows)
		found = append(found, p)
		return err
	}); err != nil {
		return matching.Suggested{}, err
	}
	if len(found) == 0 {
		return matching.Suggested{}, greenroom.Errorf(greenroom.CodeNotFound, "accounts %d and %d are not suggested as one person; they may have been judged already", a, b)
	}
	return found[0], nil
}

// Unchecked draws links that nobody has checked yet: by a number made of their ids, so that the order has nothing to do
// with what they are.
func (s *Store) Unchecked(ctx context.Context, limit int) ([]matching.Suggested, error) {
	rows, err := s.query(ctx, `SELECT x.a, x.b, x.probability, 0.0, x.evidence, a.member_id, b.member_id FROM match_link x JOIN identity a ON a.id = x.a JOIN identity b ON b.id = x.b
		WHERE a.member_id = b.member_id AND NOT EXISTS (SELECT 1 FROM match_review r WHERE r.a = x.a AND r.b = x.b AND r.undone_at = 0)
		ORDER BY ((x.a * 40503 + x.b) * 48271) % 65521, x.a, x.b LIMIT ?`, limit)
	if err != nil {
		return nil, err
	}
	all := []matching.Suggested{}
	err = scan(rows, func() error {
		p, err := scanSuggested(rows)
		all = append(all, p)
		return err
	})
	return all, err
}

// Separate says that two identities are not one person: what else was known of either stays.
func (s *Store) Separate(ctx context.Context, a, b int64, by string) (decision int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		var member int64
		if err := w.row("SELECT x.member_id FROM identity x JOIN identity y ON y.member_id = x.member_id WHERE x.id = ? AND y.id = ?", []any{a, b}, &member); err != nil {
			if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
				return greenroom.Errorf(greenroom.CodeConflict, "accounts %d and %d do not belong to one member", a, b)
			}
			return err
		}
		if decision, err = w.decide("apart", member, member, []int64{a, b}, "the model was wrong", by, micros(s.now())); err != nil {
			return err
		}
		if err := w.keepApart([]int64{a}, []int64{b}, decision); err != nil {
			return err
		}
		return w.resolveNow([]int64{a, b})
	})
	return decision, err
}

// AddReview keeps what somebody said of a pair.
func (s *Store) AddReview(ctx context.Context, r matching.Review) (id int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		last, err := w.lastID("match_review")
		if err != nil {
			return err
		}
		id = last + 1
		_, err = w.exec("INSERT INTO match_review (id, a, b, probability, verdict, checked, decision_id, batch, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			id, r.A, r.B, r.Probability, string(r.Verdict), flag(r.Checked), r.Decision, r.Batch, r.By, micros(s.now()))
		return err
	})
	return id, err
}

// UndoReview takes a judgement back, with those that were given at once with it, and returns the decisions that have to be
// undone, the latest first.
func (s *Store) UndoReview(ctx context.Context, id int64, _ string) (decisions []int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE match_review SET undone_at = ? WHERE (id = ? OR batch = ?) AND undone_at = 0", micros(s.now()), id, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "there is no judgement %d, or it was taken back already", id)
		}
		decisions, err = w.ints("SELECT decision_id FROM match_review WHERE (id = ? OR batch = ?) AND decision_id > 0 ORDER BY id DESC", id, id)
		return err
	})
	return decisions, err
}

// ReviewCounts counts judgements.
func (s *Store) ReviewCounts(ctx context.Context) (matching.Counts, error) {
	var c matching.Counts
	err := s.queryRow(ctx, `SELECT
		coalesce(sum(CASE WHEN checked = 0 AND verdict = 'same' THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN checked = 0 AND verdict = 'other' THEN 1 ELSE 0 END), 0),
		coalesce(sum(CASE WHEN checked = 0 AND verdict = 'later' THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN checked = 1 AND verdict = 'same' THEN 1 ELSE 0 END), 0),
		coalesce(sum(CASE WHEN checked = 1 AND verdict = 'other' THEN 1 ELSE 0 END), 0),
		(SELECT count(*) FROM match_link x WHERE NOT EXISTS (SELECT 1 FROM match_review r WHERE r.a = x.a AND r.b = x.b AND r.undone_at = 0))
		FROM match_review WHERE undone_at = 0`, nil, &c.Same, &c.Other, &c.Later, &c.CheckedRight, &c.CheckedWrong, &c.Unchecked)
	return c, err
}
