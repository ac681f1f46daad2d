// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/workflow"
)

// RunStands counts the runs of a workflow that are not over by where they stand, in order of version and step.
func (s *Store) RunStands(ctx context.Context, id int64) ([]workflow.Stand, error) {
	rows, err := s.query(ctx, "SELECT version, state, step, count(*) FROM workflow_run WHERE workflow_id = ? AND state IN ('waiting', 'failed') GROUP BY version, state, step ORDER BY version, step, state DESC", id)
	if err != nil {
		return nil, err
	}
	all := []workflow.Stand{}
	err = scan(rows, func() error {
		var x workflow.Stand
		err := rows.Scan(&x.Version, &x.State, &x.Step, &x.Runs)
		all = append(all, x)
		return err
	})
	return all, err
}

// MoveRuns has waiting runs of other versions, at some steps, go on in a version; they look at once what to do. CodeConflict
// where that is not the version that members enter. It returns how many go on in it.
func (s *Store) MoveRuns(ctx context.Context, id, to int64, all []workflow.Shift) (moved int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		moved = 0
		var version int64
		if err := w.row("SELECT version FROM workflow WHERE id = ?", []any{id}, &version); err != nil {
			return err
		}
		if version != to {
			return greenroom.Errorf(greenroom.CodeConflict, "members enter version %d by now; look at it again", version)
		}
		now := micros(s.now())
		for _, x := range all {
			for part := range slices.Chunk(x.Steps, inChunk) {
				args := []any{to, now, id, x.Version}
				for _, step := range part {
					args = append(args, step)
				}
				n, err := w.exec("UPDATE workflow_run SET version = ?, due_at = ?, holder = '', lease_until = 0, seq = seq + 1 WHERE workflow_id = ? AND version = ? AND state = 'waiting' AND step IN (?"+strings.Repeat(", ?", len(part)-1)+")", args...)
				if err != nil {
					return err
				}
				moved += n
			}
		}
		return nil
	})
	return moved, err
}
