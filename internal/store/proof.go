// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"greenroom"
	"greenroom/internal/proof"
)

func (s *Store) proofStudies(ctx context.Context, where string, args ...any) ([]proof.Study, error) {
	rows, err := s.query(ctx, "SELECT id, state, version, body, created_at FROM proof_study WHERE "+where+" ORDER BY id DESC", args...)
	if err != nil {
		return nil, err
	}
	all := []proof.Study{}
	err = scan(rows, func() error {
		var id, version, created int64
		var state, body string
		if err := rows.Scan(&id, &state, &version, &body, &created); err != nil {
			return err
		}
		var x proof.Study
		if err := json.Unmarshal([]byte(body), &x); err != nil {
			return fmt.Errorf("decoding study %d: %w", id, err)
		}
		x.ID, x.State, x.Version, x.CreatedAt, x.Latest = id, proof.State(state), version, fromMicros(created), nil
		all = append(all, x)
		return nil
	})
	return all, err
}

// Studies lists the studies that are not removed, the newest first.
func (s *Store) Studies(ctx context.Context) ([]proof.Study, error) {
	return s.proofStudies(ctx, "state = 'open'")
}

// Study finds a study, also a removed one.
func (s *Store) Study(ctx context.Context, id int64) (proof.Study, error) {
	all, err := s.proofStudies(ctx, "id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no study %d", id)
	}
	if err != nil {
		return proof.Study{}, err
	}
	return all[0], nil
}

// AddStudy stores a new study.
func (s *Store) AddStudy(ctx context.Context, x proof.Study) (proof.Study, error) {
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("proof_study")
		if err != nil {
			return err
		}
		x.ID, x.Version, x.Latest = last+1, 1, nil
		body, err := json.Marshal(x)
		if err != nil {
			return fmt.Errorf("encoding a study: %w", err)
		}
		_, err = w.exec("INSERT INTO proof_study (id, state, version, body, created_at) VALUES (?, ?, ?, ?, ?)", x.ID, string(x.State), x.Version, string(body), micros(x.CreatedAt))
		return err
	})
	if err != nil {
		return x, fmt.Errorf("storing a study: %w", err)
	}
	return x, nil
}

// ChangeStudy stores a study unless it was changed since it was read; that is CodeConflict.
func (s *Store) ChangeStudy(ctx context.Context, x proof.Study) (proof.Study, error) {
	err := s.write(ctx, func(w *writer) error {
		before := x.Version
		x.Version++
		x.Latest = nil
		body, err := json.Marshal(x)
		if err != nil {
			return fmt.Errorf("encoding a study: %w", err)
		}
		n, err := w.exec("UPDATE proof_study SET state = ?, version = ?, body = ? WHERE id = ? AND version = ?", string(x.State), x.Version, string(body), x.ID, before)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", x.Title)
		}
		return err
	})
	if err != nil {
		return x, fmt.Errorf("storing a study: %w", err)
	}
	return x, nil
}

func (s *Store) proofRuns(ctx context.Context, where string, args ...any) ([]proof.Run, error) {
	rows, err := s.query(ctx, "SELECT id, study_id, state, phase, done, total, problem, result, actor, asked_at, seen_at, ended_at FROM proof_run WHERE "+where+" ORDER BY id DESC", args...)
	if err != nil {
		return nil, err
	}
	all := []proof.Run{}
	err = scan(rows, func() error {
		var r proof.Run
		var state, result string
		var asked, seen, ended int64
		if err := rows.Scan(&r.ID, &r.StudyID, &state, &r.Phase, &r.Done, &r.Total, &r.Problem, &result, &r.By, &asked, &seen, &ended); err != nil {
			return err
		}
		r.State, r.AskedAt, r.SeenAt, r.EndedAt = proof.RunState(state), fromMicros(asked), fromMicros(seen), fromMicros(ended)
		if result != "" {
			r.Result = &proof.Result{}
			if err := json.Unmarshal([]byte(result), r.Result); err != nil {
				return fmt.Errorf("decoding the result of run %d: %w", r.ID, err)
			}
		}
		all = append(all, r)
		return nil
	})
	return all, err
}

// StudyRuns lists the runs of a study, the newest first; of study 0, those of all studies that are not over.
func (s *Store) StudyRuns(ctx context.Context, study int64) ([]proof.Run, error) {
	if study == 0 {
		return s.proofRuns(ctx, "state IN ('waiting', 'running', 'canceling')")
	}
	return s.proofRuns(ctx, "study_id = ?", study)
}

// StudyRun finds a run.
func (s *Store) StudyRun(ctx context.Context, id int64) (proof.Run, error) {
	all, err := s.proofRuns(ctx, "id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no run %d of a study", id)
	}
	if err != nil {
		return proof.Run{}, err
	}
	return all[0], nil
}

// AddStudyRun stores a new run.
func (s *Store) AddStudyRun(ctx context.Context, r proof.Run) (proof.Run, error) {
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("proof_run")
		if err != nil {
			return err
		}
		r.ID = last + 1
		_, err = w.exec("INSERT INTO proof_run (id, study_id, state, total, actor, asked_at, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?)", r.ID, r.StudyID, string(r.State), r.Total, r.By, micros(r.AskedAt), micros(r.SeenAt))
		return err
	})
	if err != nil {
		return r, fmt.Errorf("storing a run: %w", err)
	}
	return r, nil
}

// MoveStudyRun stores a run that is in one of some states; false where it is in another by now.
func (s *Store) MoveStudyRun(ctx context.Context, r proof.Run, from ...proof.RunState) (moved bool, err error) {
	result := ""
	if r.Result != nil {
		body, err := json.Marshal(r.Result)
		if err != nil {
			return false, fmt.Errorf("encoding a result: %w", err)
		}
		result = string(body)
	}
	states := make([]string, len(from))
	for i, f := range from {
		states[i] = "'" + strings.ReplaceAll(string(f), "'", "''") + "'"
	}
	err = s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE proof_run SET state = ?, phase = ?, done = ?, total = ?, problem = ?, result = ?, seen_at = ?, ended_at = ? WHERE id = ? AND state IN ("+strings.Join(states, ", ")+")",
			string(r.State), r.Phase, r.Done, r.Total, r.Problem, result, micros(r.SeenAt), micros(r.EndedAt), r.ID)
		moved = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("storing how far a run is: %w", err)
	}
	return moved, nil
}

// runsKept is of how many runs of a study it is kept who was compared.
const runsKept = 3

// KeepCompared stores who was compared in a run, and forgets those of older runs of its study.
func (s *Store) KeepCompared(ctx context.Context, run int64, all []proof.Compared) error {
	err := s.write(ctx, func(w *writer) error {
		if _, err := w.exec(`DELETE FROM proof_unit WHERE run_id IN (SELECT r.id FROM proof_run r WHERE r.study_id = (SELECT x.study_id FROM proof_run x WHERE x.id = ?) AND r.id NOT IN
			(SELECT n.id FROM proof_run n WHERE n.study_id = r.study_id AND (n.state = 'done' OR n.id = ?) ORDER BY n.id DESC LIMIT ?))`, run, run, runsKept); err != nil {
			return err
		}
		for i, u := range all {
			if _, err := w.exec("INSERT INTO proof_unit (run_id, seq, member_id, organization_id, exposed, compared, at, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", run, i+1, u.MemberID, u.Organization, flag(u.Exposed), flag(u.Compared), micros(u.At), u.Outcome); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing who was compared: %w", err)
	}
	return nil
}

// StudyCompared lists who was compared in a run: those exposed first.
func (s *Store) StudyCompared(ctx context.Context, run int64, limit int) ([]proof.Compared, error) {
	return s.proofCompared(ctx, "u.run_id = ? ORDER BY u.exposed DESC, u.compared DESC, u.seq LIMIT ?", run, limit)
}

func (s *Store) proofCompared(ctx context.Context, where string, args ...any) ([]proof.Compared, error) {
	rows, err := s.query(ctx, `SELECT coalesce(h.id, m.id, u.member_id), u.organization_id, coalesce(h.name, m.name, o.name, ''), u.exposed, u.compared, u.at, u.outcome FROM proof_unit u
		LEFT JOIN member m ON m.id = u.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0 LEFT JOIN organization o ON o.id = u.organization_id WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	all := []proof.Compared{}
	err = scan(rows, func() error {
		var u proof.Compared
		var exposed, compared, at int64
		err := rows.Scan(&u.MemberID, &u.Organization, &u.Name, &exposed, &compared, &at, &u.Outcome)
		u.Exposed, u.Compared, u.At = exposed != 0, compared != 0, fromMicros(at)
		all = append(all, u)
		return err
	})
	return all, err
}

// proofOf lists where a member was compared.
func (s *Store) proofOf(ctx context.Context, id int64) ([]proof.Compared, error) {
	return s.proofCompared(ctx, "u.member_id = ? OR m.merged_into = ? ORDER BY u.run_id, u.seq", id, id)
}

// proofOf forgets where a member was compared. The figures of results name nobody and stay.
func (e *eraser) proofOf(id int64) error {
	_, err := e.exec("DELETE FROM proof_unit WHERE member_id = ? OR member_id IN (SELECT m.id FROM member m WHERE m.merged_into = ?)", id, id)
	return err
}
