// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
)

// Die leaves the store as a process that is killed leaves it: what was not committed is gone, and nobody remembers it.
func (s *Store) Die() {
	s.wmu.Lock()
	defer s.wmu.Unlock()
	if s.held.run.ID != 0 {
		_ = s.end(errors.New("killed"))
	}
	s.lost = nil
}

// RemovePortion removes one portion of a source, of a size.
func (s *Store) RemovePortion(ctx context.Context, sourceID int64, size int) (more bool, err error) {
	return s.removePortion(ctx, sourceID, size)
}

// BesideImport runs f as while this process runs an import, and says how often answers were thrown away meanwhile.
func (s *Store) BesideImport(f func()) uint64 {
	s.cache.running(1)
	defer s.cache.running(-1)
	_, before := s.cache.state()
	f()
	_, after := s.cache.state()
	return after - before
}

// RowsOf counts the rows that the tables hold of a source, those that hold some.
func (s *Store) RowsOf(ctx context.Context, sourceID int64) (map[string]int64, error) {
	left := make(map[string]int64)
	for _, table := range []string{
		"run", "raw_block", "channel", "organization_ref", "identity", "business_record", "conversation", "activity", "thread", "erased", "delivery", "tombstone", "shape", "shape_field",
		"pushed_member", "source_removal", "source_alias", "expired",
	} {
		var n int64
		if err := s.queryRow(ctx, "SELECT count(*) FROM "+table+" WHERE source_id = ?", []any{sourceID}, &n); err != nil {
			return nil, err
		}
		if n > 0 {
			left[table] = n
		}
	}
	return left, nil
}

// ProgramGaps counts stays of a program that do not begin where the stay before ended, or end where their enrollment does not.
func (s *Store) ProgramGaps(ctx context.Context, program int64) (n int64, err error) {
	err = s.queryRow(ctx, `SELECT (SELECT count(*) FROM program_stay a WHERE a.program_id = ? AND a.until > 0 AND NOT EXISTS (SELECT 1 FROM program_stay b WHERE b.enrollment_id = a.enrollment_id AND b.id > a.id AND b.since = a.until)
			AND NOT EXISTS (SELECT 1 FROM program_enrollment e WHERE e.id = a.enrollment_id AND e.until = a.until))
		+ (SELECT count(*) FROM program_enrollment e WHERE e.program_id = ? AND 1 <> (SELECT count(*) FROM program_stay a WHERE a.enrollment_id = e.id AND a.until = e.until AND a.stage = e.stage
			AND a.id = (SELECT max(c.id) FROM program_stay c WHERE c.enrollment_id = e.id)))`, []any{program, program}, &n)
	return n, err
}

// Writer is the process of PostgreSQL that writes for the store.
func (s *Store) Writer(ctx context.Context) (pid int64, err error) {
	err = s.write(ctx, func(w *writer) error { return w.row("SELECT pg_backend_pid()", nil, &pid) })
	return pid, err
}

// Terminate ends a process of PostgreSQL, as a restart of the server does.
func (s *Store) Terminate(ctx context.Context, pid int64) error {
	var done bool
	return s.queryRow(ctx, "SELECT pg_terminate_backend(?)", []any{pid}, &done)
}

// Readers is how many queries of requests run at a time, and how many of background work.
func (s *Store) Readers() int { return s.d.readers }
