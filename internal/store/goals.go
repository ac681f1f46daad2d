// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"greenroom"
	"greenroom/internal/goal"
)

func (s *Store) goals(ctx context.Context, where string, args ...any) ([]goal.Goal, error) {
	rows, err := s.query(ctx, "SELECT id, parent_id, state, version, body, created_at FROM goal WHERE "+where+" ORDER BY id", args...)
	if err != nil {
		return nil, err
	}
	all := []goal.Goal{}
	err = scan(rows, func() error {
		var id, parent, version, created int64
		var state, body string
		if err := rows.Scan(&id, &parent, &state, &version, &body, &created); err != nil {
			return err
		}
		var g goal.Goal
		if err := json.Unmarshal([]byte(body), &g); err != nil {
			return fmt.Errorf("decoding goal %d: %w", id, err)
		}
		g.ID, g.Parent, g.State, g.Version, g.CreatedAt = id, parent, goal.State(state), version, fromMicros(created)
		all = append(all, g)
		return nil
	})
	return all, err
}

// Goals lists all goals, the oldest first.
func (s *Store) Goals(ctx context.Context) ([]goal.Goal, error) { return s.goals(ctx, "1 = 1") }

// Goal finds a goal.
func (s *Store) Goal(ctx context.Context, id int64) (goal.Goal, error) {
	all, err := s.goals(ctx, "id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no goal %d", id)
	}
	if err != nil {
		return goal.Goal{}, err
	}
	return all[0], nil
}

// AddGoal stores a new goal.
func (s *Store) AddGoal(ctx context.Context, g goal.Goal) (goal.Goal, error) {
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("goal")
		if err != nil {
			return err
		}
		g.ID, g.Version = last+1, 1
		body, err := json.Marshal(g)
		if err != nil {
			return fmt.Errorf("encoding a goal: %w", err)
		}
		_, err = w.exec("INSERT INTO goal (id, parent_id, state, version, body, created_at) VALUES (?, ?, ?, ?, ?, ?)", g.ID, g.Parent, string(g.State), g.Version, string(body), micros(g.CreatedAt))
		return err
	})
	if err != nil {
		return g, fmt.Errorf("storing a goal: %w", err)
	}
	return g, nil
}

// ChangeGoal stores a goal unless it was changed since it was read; that is CodeConflict.
func (s *Store) ChangeGoal(ctx context.Context, g goal.Goal) (goal.Goal, error) {
	err := s.write(ctx, func(w *writer) error {
		before := g.Version
		g.Version++
		body, err := json.Marshal(g)
		if err != nil {
			return fmt.Errorf("encoding a goal: %w", err)
		}
		n, err := w.exec("UPDATE goal SET parent_id = ?, state = ?, version = ?, body = ? WHERE id = ? AND version = ?", g.Parent, string(g.State), g.Version, string(body), g.ID, before)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", g.Title)
		}
		return err
	})
	if err != nil {
		return g, fmt.Errorf("storing a goal: %w", err)
	}
	return g, nil
}

// AddCheckIn stores a check-in, and its confidence as that of the goal.
func (s *Store) AddCheckIn(ctx context.Context, c goal.CheckIn) (goal.CheckIn, error) {
	g, err := s.Goal(ctx, c.GoalID)
	if err != nil {
		return c, err
	}
	err = s.write(ctx, func(w *writer) error {
		last, err := w.lastID("goal_check_in")
		if err != nil {
			return err
		}
		c.ID = last + 1
		var value sql.NullFloat64
		if c.Value != nil {
			value = sql.NullFloat64{Float64: *c.Value, Valid: true}
		}
		if _, err := w.exec("INSERT INTO goal_check_in (id, goal_id, at, actor, confidence, note, status, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			c.ID, c.GoalID, micros(c.At), c.By, c.Confidence, c.Note, string(c.Status), value); err != nil {
			return err
		}
		g.Confidence = c.Confidence
		body, err := json.Marshal(g)
		if err != nil {
			return fmt.Errorf("encoding a goal: %w", err)
		}
		n, err := w.exec("UPDATE goal SET body = ? WHERE id = ? AND version = ?", string(body), g.ID, g.Version)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed in this moment; check in again", g.Title)
		}
		return err
	})
	if err != nil {
		return c, fmt.Errorf("storing a check-in: %w", err)
	}
	return c, nil
}

// CheckIns lists the check-ins of a goal, the newest first.
func (s *Store) CheckIns(ctx context.Context, id int64) ([]goal.CheckIn, error) {
	rows, err := s.query(ctx, "SELECT id, goal_id, at, actor, confidence, note, status, value FROM goal_check_in WHERE goal_id = ? ORDER BY id DESC", id)
	if err != nil {
		return nil, err
	}
	all := []goal.CheckIn{}
	err = scan(rows, func() error {
		var c goal.CheckIn
		var at int64
		var status string
		var value sql.NullFloat64
		err := rows.Scan(&c.ID, &c.GoalID, &at, &c.By, &c.Confidence, &c.Note, &status, &value)
		c.At, c.Status = fromMicros(at), goal.Status(status)
		if value.Valid {
			c.Value = &value.Float64
		}
		all = append(all, c)
		return err
	})
	return all, err
}
