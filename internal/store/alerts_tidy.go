// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"strings"
	"time"

	"greenroom"
)

const (
	settingAlertRetention = "alert_retention_days"
	usualAlertRetention   = 400
	tidyBatch             = 500 // rows in one transaction, so that nobody waits for long
)

// AlertRetention is for how many days is kept what alerts fired; 0 = for good.
func (s *Store) AlertRetention(ctx context.Context) (int, error) {
	return s.daysKept(ctx, settingAlertRetention, usualAlertRetention)
}

// SetAlertRetention sets for how many days is kept what alerts fired; 0 = for good.
func (s *Store) SetAlertRetention(ctx context.Context, days int) error {
	if days < 0 {
		return greenroom.Errorf(greenroom.CodeInvalid, "what alerts told is kept for a number of days, or 0 for good; not %d", days)
	}
	return s.setDaysKept(ctx, settingAlertRetention, days)
}

// ForgetOldAlerts removes what alerts fired longer ago than the setting says, with the messages and notices about it, and
// returns how many firings and messages that were. What is still open stays: what is told later, what could not be sent, what
// nobody has seen. So does what somebody judged, which is a decision and makes the alert's precision.
func (s *Store) ForgetOldAlerts(ctx context.Context) (firings, messages int64, err error) {
	days, err := s.AlertRetention(ctx)
	if err != nil || days == 0 {
		return 0, 0, err
	}
	before := micros(s.now().Add(-time.Duration(days) * 24 * time.Hour))
	open, err := s.openAlerts(ctx)
	if err != nil {
		return 0, 0, err
	}
	for last, more := int64(0), true; more; {
		var n int64
		if n, last, more, err = s.forgetFirings(ctx, before, last, open); err != nil {
			return firings, 0, err
		}
		firings += n
	}
	if messages, err = s.forgetOf(ctx, "outbox", "origin = 'alert' AND state IN ('sent', 'skipped') AND created_at < ? AND sent_at < ?", before, before); err != nil {
		return firings, messages, err
	}
	_, err = s.forgetOf(ctx, "notice", "kind = 'alert' AND seen_at > 0 AND at < ?", before)
	return firings, messages, err
}

// openAlerts are the keys of alerts' messages, without the destination, of which something is still to be done or seen.
func (s *Store) openAlerts(ctx context.Context) (map[string]bool, error) {
	rows, err := s.query(ctx, "SELECT key FROM outbox WHERE origin = 'alert' AND state NOT IN ('sent', 'skipped') UNION SELECT key FROM notice WHERE kind = 'alert' AND seen_at = 0")
	if err != nil {
		return nil, err
	}
	open := make(map[string]bool)
	err = scan(rows, func() error {
		var key string
		err := rows.Scan(&key)
		if at := strings.LastIndex(key, " to "); at >= 0 {
			key = key[:at]
		}
		open[key] = true
		return err
	})
	return open, err
}

// toldOf is what an alert told of.
type toldOf struct {
	alert, object int64
	kind          string
}

// forgetFirings removes a batch of old firings behind an id. It returns up to which one it came, and whether there may be more.
func (s *Store) forgetFirings(ctx context.Context, before, after int64, open map[string]bool) (removed, last int64, more bool, err error) {
	err = s.writeAlong(ctx, func(w *writer) error {
		removed, last = 0, after
		told := make(map[toldOf]int64)
		var ids []any
		seen := 0
		rows, err := w.query("SELECT id, alert_id, object_kind, object_id, at, message FROM alert_firing WHERE id > ? AND last_at < ? AND state <> 'held' AND useful = 0 ORDER BY id LIMIT ?", after, before, tidyBatch)
		if err != nil {
			return err
		}
		if err := scan(rows, func() error {
			var x toldOf
			var at int64
			var message string
			if err := rows.Scan(&last, &x.alert, &x.kind, &x.object, &at, &message); err != nil {
				return err
			}
			seen++
			if open[message] {
				return nil
			}
			ids = append(ids, last)
			if x.kind != "activity" { // a message is looked at only once
				told[x] = max(told[x], at)
			}
			return nil
		}); err != nil {
			return err
		}
		more = seen == tidyBatch
		if len(ids) == 0 {
			return nil
		}
		if err := (&eraser{writer: w}).mark("alert_firing"); err != nil {
			return err
		}
		for x, at := range told {
			if _, err := w.exec(`INSERT INTO alert_told (alert_id, object_kind, object_id, at) VALUES (?, ?, ?, ?) ON CONFLICT (alert_id, object_kind, object_id)
				DO UPDATE SET at = CASE WHEN excluded.at > alert_told.at THEN excluded.at ELSE alert_told.at END`, x.alert, x.kind, x.object, at); err != nil {
				return err
			}
		}
		removed, err = w.exec("DELETE FROM alert_firing WHERE id IN (?"+strings.Repeat(", ?", len(ids)-1)+")", ids...)
		return err
	})
	return removed, last, more, err
}

// forgetOf removes the rows of a table that a condition is true of, in batches.
func (s *Store) forgetOf(ctx context.Context, table, cond string, args ...any) (removed int64, err error) {
	for {
		var n int64
		err = s.writeAlong(ctx, func(w *writer) (err error) {
			// Looked at first, since there mostly is nothing.
			if err := w.row("SELECT count(*) FROM (SELECT 1 FROM "+table+" WHERE "+cond+" LIMIT 1) q", args, &n); err != nil || n == 0 {
				return err
			}
			if err := (&eraser{writer: w}).mark(table); err != nil {
				return err
			}
			n, err = w.exec("DELETE FROM "+table+" WHERE id IN (SELECT id FROM "+table+" WHERE "+cond+" ORDER BY id LIMIT ?)", append(args[:len(args):len(args)], tidyBatch)...)
			return err
		})
		removed += n
		if err != nil || n < tidyBatch {
			return removed, err
		}
	}
}
