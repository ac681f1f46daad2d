// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/bounce"
)

const settingBounces = "bounces"

// Bounced notes a report: the addresses that refused mail, and that the message did not arrive. Reading the same report
// again changes nothing but when it was read last.
func (s *Store) Bounced(ctx context.Context, r *bounce.Report) error {
	err := s.write(ctx, func(w *writer) error {
		now := micros(s.now())
		for _, to := range r.Recipients {
			if _, err := w.exec(`INSERT INTO mail_bounce (address, permanent, reason, times, at) VALUES (?, ?, ?, 1, ?) ON CONFLICT (address) DO UPDATE SET
				permanent = CASE WHEN excluded.permanent = 1 THEN 1 ELSE mail_bounce.permanent END, reason = excluded.reason, times = mail_bounce.times + 1, at = excluded.at`,
				addressDigest(to.Address), flag(to.Permanent), to.Reason, now); err != nil {
				return err
			}
			if r.MessageID == "" || !to.Permanent {
				continue
			}
			reason := "it came back: " + to.Reason
			if _, err := w.exec("UPDATE outbox SET state = 'failed', reason = ? WHERE receipt = ? AND channel = 'email' AND state IN ('sent', 'uncertain')", reason, r.MessageID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing mail that came back: %w", err)
	}
	return nil
}

// Replied notes when somebody wrote back to mail that was sent from here, the first time, and wakes the workflows that wait
// for it.
func (s *Store) Replied(ctx context.Context, r *bounce.Reply) (known bool, err error) {
	err = s.write(ctx, func(w *writer) error {
		now := micros(s.now())
		at := now
		if !r.At.IsZero() {
			at = min(at, micros(r.At))
		}
		for _, id := range r.To {
			rows, err := w.query("SELECT id, run_id, sent_at FROM outbox WHERE receipt = ? AND receipt <> '' AND channel = 'email' AND replied_at = 0", id)
			if err != nil {
				return err
			}
			type sent struct{ id, run, at int64 }
			var all []sent
			if err := scan(rows, func() error {
				var m sent
				err := rows.Scan(&m.id, &m.run, &m.at)
				all = append(all, m)
				return err
			}); err != nil {
				return err
			}
			for _, m := range all {
				known = true
				// A clock that is slow must not have them answer before they were written to.
				if _, err := w.exec("UPDATE outbox SET replied_at = ? WHERE id = ?", max(at, m.at+1), m.id); err != nil {
					return err
				}
				if _, err := w.exec("UPDATE workflow_run SET due_at = ?, holder = '', lease_until = 0, seq = seq + 1 WHERE id = ? AND state = 'waiting' AND listens = 1", now, m.run); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("storing that somebody wrote back: %w", err)
	}
	return known, nil
}

// RunAnswered is when the member of a run first wrote back by mail in a span of time; zero = they did not.
func (s *Store) RunAnswered(ctx context.Context, run int64, after, until time.Time) (time.Time, error) {
	var at int64
	err := s.queryRow(ctx, "SELECT coalesce(min(replied_at), 0) FROM outbox WHERE run_id = ? AND origin = 'workflow' AND replied_at > ? AND replied_at <= ?", []any{run, micros(after), micros(until)}, &at)
	return fromMicros(at), err
}

// BounceSettings gives where mail comes back to, as it was stored; "" = nowhere.
func (s *Store) BounceSettings(ctx context.Context) (string, error) {
	var text string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{settingBounces}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return "", nil
	}
	return text, err
}

// SetBounceSettings stores it, unless it is not what it was when it was read.
func (s *Store) SetBounceSettings(ctx context.Context, before, after string) error {
	return s.write(ctx, func(w *writer) error {
		var have string
		err := w.row("SELECT value FROM setting WHERE key = ?", []any{settingBounces}, &have)
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return err
		}
		if have != before {
			return greenroom.Errorf(greenroom.CodeConflict, "where mail comes back to was changed meanwhile; look at it again")
		}
		_, err = w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", settingBounces, after)
		return err
	})
}

// BouncedAddresses counts addresses that refuse mail for good.
func (s *Store) BouncedAddresses(ctx context.Context) (int64, error) {
	var n int64
	err := s.queryRow(ctx, "SELECT count(*) FROM mail_bounce WHERE permanent = 1", nil, &n)
	return n, err
}
