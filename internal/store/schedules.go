// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/action"
)

const scheduleColumns = "id, kind, source, title, plan, every, created_by, created_at, next_at, stopped_at, times, last_action, last_at, error, failures"

func scanSchedule(row rowScanner) (action.Schedule, error) {
	var s action.Schedule
	var plan string
	var created, next, stopped, last int64
	err := row.Scan(&s.ID, &s.Kind, &s.Source, &s.Title, &plan, &s.Every, &s.CreatedBy, &created, &next, &stopped, &s.Times, &s.LastAction, &last, &s.Error, &s.Failures)
	s.Plan = json.RawMessage(plan)
	s.CreatedAt, s.NextAt, s.StoppedAt, s.LastAt = fromMicros(created), fromMicros(next), fromMicros(stopped), fromMicros(last)
	return s, err
}

// AddSchedule stores a schedule, which gets its id.
func (s *Store) AddSchedule(ctx context.Context, x *action.Schedule) error {
	return s.write(ctx, func(w *writer) error {
		last, err := w.lastID("action_schedule")
		if err != nil {
			return err
		}
		x.ID, x.CreatedAt = last+1, s.now()
		_, err = w.exec("INSERT INTO action_schedule ("+scheduleColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			x.ID, x.Kind, x.Source, x.Title, string(x.Plan), x.Every, x.CreatedBy, micros(x.CreatedAt), micros(x.NextAt), micros(x.StoppedAt), x.Times, x.LastAction, micros(x.LastAt), x.Error, x.Failures)
		return err
	})
}

// Schedules lists schedules, the oldest first: of one source, or of all where it is "".
func (s *Store) Schedules(ctx context.Context, source string) ([]action.Schedule, error) {
	return s.schedules(ctx, "? = '' OR source = ? ORDER BY id", source, source)
}

// ActionSchedule returns a schedule of actions.
func (s *Store) ActionSchedule(ctx context.Context, id int64) (action.Schedule, error) {
	all, err := s.schedules(ctx, "id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no repeated action %d", id)
	}
	if err != nil {
		return action.Schedule{}, err
	}
	return all[0], nil
}

// DueSchedules lists the schedules whose time has come, the longest due first.
func (s *Store) DueSchedules(ctx context.Context, now time.Time) ([]action.Schedule, error) {
	return s.schedules(ctx, "next_at > 0 AND next_at <= ? ORDER BY next_at, id", micros(now))
}

func (s *Store) schedules(ctx context.Context, condition string, args ...any) ([]action.Schedule, error) {
	rows, err := s.query(ctx, "SELECT "+scheduleColumns+" FROM action_schedule WHERE "+condition, args...)
	if err != nil {
		return nil, err
	}
	all := []action.Schedule{}
	err = scan(rows, func() error {
		x, err := scanSchedule(rows)
		all = append(all, x)
		return err
	})
	return all, err
}

// KeepSchedule stores how a schedule went on, unless it has gone on otherwise since times; that is CodeConflict.
func (s *Store) KeepSchedule(ctx context.Context, x *action.Schedule, times int64) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE action_schedule SET next_at = CASE WHEN stopped_at > 0 THEN 0 ELSE ? END, times = ?, last_action = ?, last_at = ?, error = ?, failures = ? WHERE id = ? AND times = ?",
			micros(x.NextAt), x.Times, x.LastAction, micros(x.LastAt), x.Error, x.Failures, x.ID, times)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "repeated action %d has gone on otherwise", x.ID)
		}
		return err
	})
}

// StopSchedule stops a schedule, or lets it go on: then it is due at once.
func (s *Store) StopSchedule(ctx context.Context, id int64, stopped bool) error {
	at, next := micros(s.now()), int64(0)
	if !stopped {
		at, next = 0, at
	}
	return s.oneSchedule(ctx, id, "UPDATE action_schedule SET stopped_at = ?, next_at = ?, error = '', failures = 0 WHERE id = ?", at, next, id)
}

// DropSchedule removes a schedule. The actions that it made stay.
func (s *Store) DropSchedule(ctx context.Context, id int64) error {
	return s.write(ctx, func(w *writer) error {
		if err := (&eraser{writer: w}).mark("action_schedule"); err != nil { // the keys of its actions have its id
			return err
		}
		n, err := w.exec("DELETE FROM action_schedule WHERE id = ?", id)
		return noSchedule(id, n, err)
	})
}

func (s *Store) oneSchedule(ctx context.Context, id int64, q string, args ...any) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec(q, args...)
		return noSchedule(id, n, err)
	})
}

func noSchedule(id, n int64, err error) error {
	if err == nil && n == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no repeated action %d", id)
	}
	return err
}

// ScheduleTroubles lists what does not work of repeated actions that go on: those that could not be made, and those whose
// last action failed or has items that did.
func (s *Store) ScheduleTroubles(ctx context.Context) ([]action.Trouble, error) {
	rows, err := s.query(ctx, `SELECT s.id, s.source, s.title, s.error, coalesce(a.id, 0), coalesce(a.state, ''), coalesce(a.error, ''), coalesce(a.failed, 0), coalesce(a.items, 0)
		FROM action_schedule s LEFT JOIN action a ON a.id = s.last_action
		WHERE s.stopped_at = 0 AND (s.error <> '' OR a.state = 'failed' OR a.failed > 0 OR a.error <> '') ORDER BY s.id`)
	if err != nil {
		return nil, err
	}
	var all []action.Trouble
	err = scan(rows, func() error {
		var t action.Trouble
		var unmade, state, reason string
		var failed, items int64
		if err := rows.Scan(&t.Schedule, &t.Source, &t.Title, &unmade, &t.Action, &state, &reason, &failed, &items); err != nil {
			return err
		}
		switch {
		case unmade != "":
			t.Action, t.Text = 0, unmade
		case state == string(action.Failed) || reason != "":
			t.Text = reason
		default:
			t.Text = fmt.Sprintf("%d of %d items failed", failed, items)
		}
		all = append(all, t)
		return nil
	})
	return all, err
}

// NotePushed notes that members' rows stand in a source's table.
func (s *Store) NotePushed(ctx context.Context, source string, members []int64) error {
	return s.write(ctx, func(w *writer) error {
		var id int64
		if err := w.row("SELECT id FROM source WHERE name = ?", []any{source}, &id); err != nil {
			return err
		}
		return w.bulk("INSERT INTO pushed_member (source_id, member_id) VALUES (?, ?) ON CONFLICT DO NOTHING", len(members), func(i int) []any { return []any{id, members[i]} })
	})
}

// ForgetPushed notes that members' rows stand in a source's table no longer.
func (s *Store) ForgetPushed(ctx context.Context, source string, members []int64) error {
	return s.write(ctx, func(w *writer) error {
		return w.bulk("DELETE FROM pushed_member WHERE source_id = (SELECT id FROM source WHERE name = ?) AND member_id = ?", len(members), func(i int) []any { return []any{source, members[i]} })
	})
}

// PushedGone lists the members whose rows stand in a source's table though they are no more: they were erased, or are
// part of another member by now.
func (s *Store) PushedGone(ctx context.Context, source string) ([]int64, error) {
	rows, err := s.query(ctx, `SELECT p.member_id FROM pushed_member p JOIN source s ON s.id = p.source_id LEFT JOIN member m ON m.id = p.member_id AND m.merged_into = 0
		WHERE s.name = ? AND m.id IS NULL ORDER BY p.member_id`, source)
	if err != nil {
		return nil, err
	}
	var all []int64
	err = scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		all = append(all, id)
		return err
	})
	return all, err
}
