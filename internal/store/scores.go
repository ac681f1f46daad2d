// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"greenroom"
)

// ScoreVersions lists the versions of a model of scores that the team has saved, the newest first.
func (s *Store) ScoreVersions(ctx context.Context, name string) ([]greenroom.ScoreVersion, error) {
	rows, err := s.query(ctx, "SELECT name, version, spec, note, by, at FROM score_model WHERE name = ? ORDER BY version DESC", name)
	if err != nil {
		return nil, err
	}
	all := []greenroom.ScoreVersion{}
	err = scan(rows, func() error {
		var v greenroom.ScoreVersion
		var at int64
		err := rows.Scan(&v.Name, &v.Version, &v.Spec, &v.Note, &v.By, &at)
		v.At = fromMicros(at)
		all = append(all, v)
		return err
	})
	return all, err
}

// SaveScore stores a new version of a model of scores, which holds from now on. Version is the one that it comes after; where
// somebody else has saved another one since, it fails with CodeConflict.
func (s *Store) SaveScore(ctx context.Context, v greenroom.ScoreVersion) error {
	return s.write(ctx, func(w *writer) error {
		var last int
		if err := w.row("SELECT coalesce(max(version), 0) FROM score_model WHERE name = ?", []any{v.Name}, &last); err != nil {
			return err
		}
		if last != v.Version {
			return greenroom.Errorf(greenroom.CodeConflict, "somebody has saved version %d of this score in the meantime; look at it and try again", last)
		}
		_, err := w.exec("INSERT INTO score_model (name, version, spec, note, by, at) VALUES (?, ?, ?, ?, ?, ?)", v.Name, last+1, v.Spec, v.Note, v.By, micros(s.now()))
		return err
	})
}

// MemberScores lists what the models of scores make of a member.
func (s *Store) MemberScores(ctx context.Context, member int64) ([]greenroom.Score, error) {
	rows, err := s.query(ctx, "SELECT model, member_id, value, level, step, due FROM member_score WHERE member_id = ? ORDER BY model", member)
	if err != nil {
		return nil, err
	}
	all := []greenroom.Score{}
	err = scan(rows, func() error {
		sc, err := scanScore(rows)
		all = append(all, sc)
		return err
	})
	return all, err
}

func scanScore(rows rowScanner) (greenroom.Score, error) {
	var sc greenroom.Score
	var value, due int64
	err := rows.Scan(&sc.Model, &sc.Member, &value, &sc.Level, &sc.Step, &due)
	sc.Value, sc.Due = float64(value)/1000, fromMicros(due)
	return sc, err
}

// scoresAtOnce is how many scores are written in one transaction, so that others who write need not wait.
const scoresAtOnce = 2000

// PutScores makes scores those of a model: only what differs is written, and who has none any more is taken out. It
// returns how many rows that were.
func (s *Store) PutScores(ctx context.Context, model string, scores []greenroom.Score) (changed int, err error) {
	type row struct{ value, level, step, due int64 }
	have := make(map[int64]row)
	rows, err := s.query(ctx, "SELECT member_id, value, level, step, due FROM member_score WHERE model = ?", model)
	if err != nil {
		return 0, err
	}
	if err := scan(rows, func() error {
		var id int64
		var r row
		err := rows.Scan(&id, &r.value, &r.level, &r.step, &r.due)
		have[id] = r
		return err
	}); err != nil {
		return 0, fmt.Errorf("reading scores: %w", err)
	}
	// In the order of the table: a transaction then touches a few pages, instead of one for nearly every row.
	scores = slices.SortedFunc(slices.Values(scores), func(a, b greenroom.Score) int { return cmp.Compare(a.Member, b.Member) })
	var put [][]any
	for i := range scores {
		sc := &scores[i]
		r := row{int64(math.Round(sc.Value * 1000)), int64(sc.Level), int64(sc.Step), micros(sc.Due)}
		if old, ok := have[sc.Member]; !ok || old != r {
			put = append(put, []any{model, sc.Member, r.value, r.level, r.step, r.due})
		}
		delete(have, sc.Member)
	}
	var gone [][]any
	for _, id := range slices.Sorted(maps.Keys(have)) {
		gone = append(gone, []any{model, id})
	}
	for _, part := range []struct {
		q    string
		rows [][]any
	}{
		{`INSERT INTO member_score (model, member_id, value, level, step, due) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (model, member_id) DO UPDATE SET value = excluded.value, level = excluded.level, step = excluded.step, due = excluded.due`, put},
		{"DELETE FROM member_score WHERE model = ? AND member_id = ?", gone},
	} {
		for start := 0; start < len(part.rows); start += scoresAtOnce {
			some := part.rows[start:min(len(part.rows), start+scoresAtOnce)]
			if err := s.writeAlong(ctx, func(w *writer) error {
				return w.bulk(part.q, len(some), func(i int) []any { return some[i] })
			}); err != nil {
				return changed, fmt.Errorf("writing scores: %w", err)
			}
			changed += len(some)
		}
	}
	return changed, nil
}
