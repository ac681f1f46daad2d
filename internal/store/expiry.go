// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"time"

	"greenroom"
)

// This file removes what the terms of a source's platform let nobody keep for longer (connector.Expiry). That is done in
// portions, each in one transaction with its count: what was removed is not there to be removed again, so it can stop
// anywhere. What is left of it are numbers.

// Expiring says what of a source may not be kept any longer.
type Expiring struct {
	SourceID int64
	Accounts string    // how the external ids of the accounts begin that it is about
	Done     time.Time // activities of theirs before this are removed, and then accounts without any
	Told     time.Time // what was told of them before this is forgotten, beyond their ids
}

// Expire removes it, and returns how many rows that were. Nobody else may be reading the source: that is CodeConflict.
func (s *Store) Expire(ctx context.Context, x Expiring) (int64, error) {
	if some, err := s.expires(ctx, &x); err != nil || !some {
		return 0, err
	}
	for _, lane := range []greenroom.Lane{greenroom.LaneRead, greenroom.LanePush} {
		unlock, err := s.LockSource(ctx, x.SourceID, lane)
		if err != nil {
			return 0, err
		}
		defer unlock()
	}
	if err := s.overwrite(ctx); err != nil {
		return 0, err
	}
	total := int64(0)
	for n := int64(1); n > 0; total += n {
		if err := ctx.Err(); err != nil {
			return total, fmt.Errorf("removing what may not be kept of source %d: %w", x.SourceID, err)
		}
		if err := s.writeAlong(ctx, func(w *writer) (err error) {
			r := &remover{eraser: &eraser{writer: w, at: micros(s.now())}, source: x.SourceID, size: removedAtOnce}
			n, err = r.expire(&x)
			return err
		}); err != nil {
			return total, fmt.Errorf("removing what may not be kept of source %d: %w", x.SourceID, err)
		}
	}
	s.wmu.Lock()
	s.known.forget()
	s.names.forget()
	s.wmu.Unlock()
	s.cache.changed(s.now) // what may not be kept is not shown for a moment more
	if s.d.postgres {
		return total, nil
	}
	return total, s.maintain(ctx, "PRAGMA secure_delete = FAST")
}

// What is to be removed, each with the source, the length of the accounts' beginning, that beginning, and a time.
const (
	theirAccounts    = "i.source_id = ? AND substr(i.external_id, 1, ?) = ?"
	expiredActs      = "FROM identity i JOIN activity a ON a.identity_id = i.id WHERE " + theirAccounts + " AND a.occurred_at < ?"
	expiredAccounts  = "FROM identity i WHERE " + theirAccounts + " AND NOT EXISTS (SELECT 1 FROM activity a WHERE a.identity_id = i.id)"
	expiredProfiles  = "FROM identity i LEFT JOIN raw_block b ON b.id = i.raw_block WHERE " + theirAccounts + " AND (i.name <> '' OR i.handle <> '' OR i.profile <> '{}') AND coalesce(b.stored_at, 0) < ?"
	accountsExpired  = "accounts"
	profilesExpired  = "profiles"
	microsecondsADay = int64(24 * time.Hour / time.Microsecond)
)

func (x *Expiring) theirs(more ...any) []any {
	return append([]any{x.SourceID, len(x.Accounts), x.Accounts}, more...)
}

// expires reports whether there is anything to remove.
func (s *Store) expires(ctx context.Context, x *Expiring) (bool, error) {
	for _, q := range []struct {
		from string
		args []any
	}{{expiredActs, x.theirs(micros(x.Done))}, {expiredAccounts, x.theirs()}, {expiredProfiles, x.theirs(micros(x.Told))}} {
		var some int64
		if err := s.queryRow(ctx, "SELECT count(*) FROM (SELECT 1 "+q.from+" LIMIT 1) x", q.args, &some); err != nil || some > 0 {
			return some > 0, err
		}
	}
	return false, nil
}

// expire removes a portion of what comes next.
func (r *remover) expire(x *Expiring) (int64, error) {
	for _, step := range []func(*Expiring) (int64, error){r.expireActivities, r.expireAccounts, r.expireProfiles} {
		if n, err := step(x); err != nil || n > 0 {
			return n, err
		}
	}
	return 0, nil
}

// expiringRow is something that is to be removed.
type expiringRow struct {
	id, kind, at int64
	raw          place
}

func (r *remover) expiring(q string, args ...any) ([]expiringRow, error) {
	rows, err := r.query(q+" LIMIT ?", append(args, r.size)...)
	if err != nil {
		return nil, err
	}
	var all []expiringRow
	return all, scan(rows, func() error {
		var e expiringRow
		err := rows.Scan(&e.id, &e.kind, &e.at, &e.raw.block, &e.raw.pos)
		all = append(all, e)
		return err
	})
}

func (r *remover) expireActivities(x *Expiring) (int64, error) {
	all, err := r.expiring("SELECT a.id, a.kind, a.occurred_at, a.raw_block, a.raw_pos "+expiredActs+" ORDER BY a.id", x.theirs(micros(x.Done))...)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	if err := r.mark("activity"); err != nil {
		return 0, err
	}
	raw := make([]place, len(all))
	for i := range all {
		raw[i] = all[i].raw
		if err := r.unfire(all[i].id); err != nil {
			return 0, err
		}
		if err := r.activity(all[i].id); err != nil {
			return 0, err
		}
		if err := r.countExpired(greenroom.Kind(all[i].kind).String(), all[i].at); err != nil {
			return 0, err
		}
	}
	// The topics' model has words of what they wrote, and answers of the language model may rest on it.
	for _, q := range []string{"UPDATE topic_fit SET fitted_at = 0", "DELETE FROM llm_cache"} {
		if _, err := r.exec(q); err != nil {
			return 0, err
		}
	}
	return int64(len(all)), r.payloads(raw)
}

// unfire takes what was said out of what alerts told of an activity.
func (r *remover) unfire(activity int64) error {
	const keys = "SELECT f.message FROM alert_firing f WHERE f.message <> '' AND f.activity_id = ?"
	for _, q := range []string{
		`UPDATE outbox SET subject = '', body = '', html = '', data = '', reason = CASE WHEN state IN ('draft', 'queued', 'sending') THEN 'what it tells of may not be kept' ELSE reason END,
			state = CASE WHEN state IN ('draft', 'queued') THEN 'skipped' WHEN state = 'sending' THEN 'uncertain' ELSE state END
			WHERE origin = 'alert' AND EXISTS (` + keys + ` AND outbox.key LIKE f.message || ' to %')`,
		"DELETE FROM notice WHERE kind = 'alert' AND key IN (" + keys + ")",
		"UPDATE alert_firing SET title = '', excerpt = '', activity_id = 0 WHERE activity_id = ?",
	} {
		if _, err := r.exec(q, activity); err != nil {
			return err
		}
	}
	return nil
}

// expireAccounts removes accounts that have done nothing that is still kept, and members who have no other.
func (r *remover) expireAccounts(x *Expiring) (int64, error) {
	all, err := r.expiring("SELECT i.id, 0, 0, i.raw_block, i.raw_pos "+expiredAccounts+" ORDER BY i.id", x.theirs()...)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	if err := r.mark("identity"); err != nil {
		return 0, err
	}
	raw := make([]place, len(all))
	for i := range all {
		raw[i] = all[i].raw
		if err := r.removeAccount(all[i].id); err != nil {
			return 0, fmt.Errorf("account %d: %w", all[i].id, err)
		}
		if err := r.countExpired(accountsExpired, r.at); err != nil {
			return 0, err
		}
	}
	removed, err := r.followed("removed") // those who follow look for the missing ones now
	if err != nil {
		return 0, err
	}
	if err := r.setFollowed("removed", removed+1); err != nil {
		return 0, err
	}
	return int64(len(all)), r.payloads(raw)
}

// expireProfiles forgets what was told of accounts beyond their ids. When it is told again, it is stored again.
func (r *remover) expireProfiles(x *Expiring) (int64, error) {
	all, err := r.expiring("SELECT i.id, 0, coalesce(b.stored_at, 0), i.raw_block, i.raw_pos "+expiredProfiles+" ORDER BY i.id", x.theirs(micros(x.Told))...)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	raw := make([]place, len(all))
	for i := range all {
		raw[i] = all[i].raw
		if err := r.forgetProfile(all[i].id); err != nil {
			return 0, fmt.Errorf("account %d: %w", all[i].id, err)
		}
		if err := r.countExpired(profilesExpired, all[i].at); err != nil {
			return 0, err
		}
	}
	return int64(len(all)), r.payloads(raw)
}

func (r *remover) forgetProfile(id int64) error {
	for _, q := range []string{
		`INSERT INTO identity_dirty (identity_id) SELECT DISTINCT k.identity_id FROM identity_key mine
			JOIN identity_key k ON k.kind = mine.kind AND k.value = mine.value WHERE mine.identity_id = ? ON CONFLICT DO NOTHING`,
		"INSERT INTO identity_dirty (identity_id) VALUES (?) ON CONFLICT DO NOTHING",
		"DELETE FROM identity_key WHERE identity_id = ? AND kind <> 'same'",
		// What was read off a profile goes too, unless another account of the member may have told it.
		"DELETE FROM member_field WHERE member_id = (SELECT i.member_id FROM identity i WHERE i.id = ? AND NOT EXISTS (SELECT 1 FROM identity o WHERE o.member_id = i.member_id AND o.id <> i.id))",
		"UPDATE identity SET name = '', handle = '', profile = '{}', company = '', hash = 0, raw_block = 0, raw_pos = 0 WHERE id = ?",
	} {
		if _, err := r.exec(q, id); err != nil {
			return err
		}
	}
	return nil
}

func (r *remover) countExpired(what string, at int64) error {
	_, err := r.exec("INSERT INTO expired (source_id, what, day, count) VALUES (?, ?, ?, 1) ON CONFLICT (source_id, what, day) DO UPDATE SET count = expired.count + 1",
		r.source, what, at-at%microsecondsADay)
	return err
}

// Expired tells how much of a source was removed because it may not be kept, by the name of a kind of activity, or
// "accounts" or "profiles".
func (s *Store) Expired(ctx context.Context, sourceID int64) (map[string]int64, error) {
	rows, err := s.query(ctx, "SELECT what, sum(count) FROM expired WHERE source_id = ? GROUP BY what", sourceID)
	if err != nil {
		return nil, err
	}
	all := make(map[string]int64)
	return all, scan(rows, func() error {
		var what string
		var n int64
		err := rows.Scan(&what, &n)
		all[what] = n
		return err
	})
}
