// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/alert"
)

const alertColumns = "SELECT id, spec, created_at, changed_at, muted_until, problem, from_id, version, looked FROM alert"

func (s *Store) alerts(ctx context.Context, q string, args ...any) ([]alert.Alert, error) {
	rows, err := s.query(ctx, alertColumns+" WHERE "+q, args...)
	if err != nil {
		return nil, err
	}
	all := []alert.Alert{}
	err = scan(rows, func() error {
		var a alert.Alert
		var spec string
		var created, changed, muted int64
		if err := rows.Scan(&a.ID, &spec, &created, &changed, &muted, &a.Problem, &a.From, &a.Version, &a.Looked); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(spec), &a.Draft); err != nil {
			return fmt.Errorf("decoding alert %d: %w", a.ID, err)
		}
		a.CreatedAt, a.ChangedAt, a.MutedUntil = fromMicros(created), fromMicros(changed), fromMicros(muted)
		all = append(all, a)
		return nil
	})
	return all, err
}

// Alerts lists those that are not removed, by name.
func (s *Store) Alerts(ctx context.Context) ([]alert.Alert, error) {
	return s.alerts(ctx, "removed_at = 0 ORDER BY lower(name)"+s.d.collate+", id")
}

// Alert finds one that is not removed.
func (s *Store) Alert(ctx context.Context, id int64) (alert.Alert, error) {
	all, err := s.alerts(ctx, "id = ? AND removed_at = 0", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no alert %d", id)
	}
	if err != nil {
		return alert.Alert{}, err
	}
	return all[0], nil
}

func (w *writer) freeAlert(a *alert.Alert) error {
	var taken int64
	if err := w.row("SELECT count(*) FROM alert WHERE lower(name) = lower(?) AND removed_at = 0 AND id <> ?", []any{a.Name, a.ID}, &taken); err != nil {
		return err
	}
	if taken > 0 {
		return greenroom.Errorf(greenroom.CodeConflict, "there is an alert %q already; choose another name", a.Name)
	}
	return nil
}

// AddAlert gives an alert an id and stores it. Activities that are there now are older than it.
func (s *Store) AddAlert(ctx context.Context, a alert.Alert) (alert.Alert, error) {
	spec, err := json.Marshal(a.Draft)
	if err != nil {
		return a, fmt.Errorf("encoding an alert: %w", err)
	}
	err = s.write(ctx, func(w *writer) error {
		if err := w.freeAlert(&a); err != nil {
			return err
		}
		last, err := w.lastID("alert")
		if err != nil {
			return err
		}
		if a.From, err = w.lastID("activity"); err != nil {
			return err
		}
		a.ID, a.Version = last+1, 1
		_, err = w.exec("INSERT INTO alert (id, name, spec, created_at, changed_at, from_id) VALUES (?, ?, ?, ?, ?, ?)", a.ID, a.Name, string(spec), micros(a.CreatedAt), micros(a.ChangedAt), a.From)
		return err
	})
	return a, err
}

// ChangeAlert stores what people say of an alert. afresh = it watches something else now.
func (s *Store) ChangeAlert(ctx context.Context, a alert.Alert, afresh bool) error {
	spec, err := json.Marshal(a.Draft)
	if err != nil {
		return fmt.Errorf("encoding an alert: %w", err)
	}
	return s.write(ctx, func(w *writer) error {
		if err := w.freeAlert(&a); err != nil {
			return err
		}
		if _, err := w.exec("UPDATE alert SET name = ?, spec = ?, changed_at = ? WHERE id = ?", a.Name, string(spec), micros(s.now()), a.ID); err != nil || !afresh {
			return err
		}
		last, err := w.lastID("activity")
		if err != nil {
			return err
		}
		if _, err := w.exec("UPDATE alert SET from_id = ?, version = version + 1, looked = 0, problem = '' WHERE id = ?", last, a.ID); err != nil {
			return err
		}
		_, err = w.exec("DELETE FROM alert_object WHERE alert_id = ?", a.ID)
		return err
	})
}

// MuteAlert has an alert fire nothing until a time.
func (s *Store) MuteAlert(ctx context.Context, id int64, until time.Time) error {
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("UPDATE alert SET muted_until = ? WHERE id = ?", micros(until), id)
		return err
	})
}

// RemoveAlert takes an alert away, with what it would have told later.
func (s *Store) RemoveAlert(ctx context.Context, id int64) error {
	return s.write(ctx, func(w *writer) error {
		for _, q := range []string{"UPDATE alert_firing SET state = 'dropped' WHERE alert_id = ? AND state = 'held'", "DELETE FROM alert_object WHERE alert_id = ?", "DELETE FROM alert_told WHERE alert_id = ?"} {
			if _, err := w.exec(q, id); err != nil {
				return err
			}
		}
		_, err := w.exec("UPDATE alert SET removed_at = ? WHERE id = ? AND removed_at = 0", micros(s.now()), id)
		return err
	})
}

// Fitted gives what fitted an alert when it was looked at last, in order.
func (s *Store) Fitted(ctx context.Context, id int64) ([]int64, error) {
	rows, err := s.query(ctx, "SELECT object_id FROM alert_object WHERE alert_id = ? ORDER BY object_id", id)
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

// AlertTallies count what alerts did, by their ids.
func (s *Store) AlertTallies(ctx context.Context) (map[int64]alert.Tally, error) {
	now := s.now()
	all := make(map[int64]alert.Tally)
	rows, err := s.query(ctx, `SELECT alert_id, sum(CASE WHEN at >= ? THEN 1 ELSE 0 END), sum(CASE WHEN at >= ? THEN 1 ELSE 0 END), sum(CASE WHEN state = 'held' THEN 1 ELSE 0 END),
		sum(CASE WHEN useful > 0 THEN 1 ELSE 0 END), sum(CASE WHEN useful < 0 THEN 1 ELSE 0 END), max(at) FROM alert_firing GROUP BY alert_id`, micros(now.AddDate(0, 0, -7)), micros(now.AddDate(0, 0, -30)))
	if err != nil {
		return nil, err
	}
	if err := scan(rows, func() error {
		var id, last int64
		var t alert.Tally
		err := rows.Scan(&id, &t.Week, &t.Month, &t.Held, &t.Useful, &t.Useless, &last)
		t.LastAt = fromMicros(last)
		all[id] = t
		return err
	}); err != nil {
		return nil, err
	}
	if rows, err = s.query(ctx, "SELECT origin_id, state, count(*) FROM outbox WHERE origin = 'alert' GROUP BY origin_id, state"); err != nil {
		return nil, err
	}
	err = scan(rows, func() error {
		var id, n int64
		var state string
		err := rows.Scan(&id, &state, &n)
		t := all[id]
		switch state {
		case "failed", "uncertain":
			t.Failed += n
		case "queued", "sending", "draft":
			t.Waiting += n
		case "sent":
			t.Arrived += n
		}
		all[id] = t
		return err
	})
	return all, err
}
