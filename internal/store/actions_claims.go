// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"greenroom/internal/action"
	"greenroom/internal/writeback"
)

// claimHolds is what is true of an item that keeps its claim: it has not failed, and its action was not ended before it.
const claimHolds = "x.state <> 'failed' AND NOT (a.state IN ('failed', 'canceled') AND x.state IN ('waits', 'sent'))"

// claimed leaves out the items whose claims are taken, and takes claims from items that do not hold them any more.
func (w *writer) claimed(items []action.Item) ([]action.Item, error) {
	left := make([]action.Item, 0, len(items))
	mine := make(map[string]bool)
	for i := range items {
		claim := items[i].Claim
		if claim != "" {
			var held int64
			if err := w.row("SELECT count(*) FROM action_item x JOIN action a ON a.id = x.action_id WHERE x.claim = ? AND "+claimHolds, []any{claim}, &held); err != nil {
				return nil, err
			}
			if held > 0 || mine[claim] {
				continue
			}
			if _, err := w.exec("UPDATE action_item SET claim = '' WHERE claim = ?", claim); err != nil {
				return nil, err
			}
			mine[claim] = true
		}
		left = append(left, items[i])
	}
	return left, nil
}

// AccountTasks lists the tasks that were made, or are about to be, for the accounts of a source, the oldest first.
func (s *Store) AccountTasks(ctx context.Context, source string) ([]writeback.MadeTask, error) {
	rows, err := s.query(ctx, "SELECT x.account_id, x.claim, a.created_at FROM action_item x JOIN action a ON a.id = x.action_id WHERE x.claim <> '' AND a.kind = ? AND a.source = ? AND "+claimHolds+" ORDER BY a.id, x.seq", writeback.TasksKind, source)
	if err != nil {
		return nil, err
	}
	all := []writeback.MadeTask{}
	err = scan(rows, func() error {
		var t writeback.MadeTask
		var at int64
		err := rows.Scan(&t.Account, &t.Claim, &at)
		t.At = fromMicros(at)
		all = append(all, t)
		return err
	})
	return all, err
}

// AccountActions lists what was done, or is to be done, of an account on other systems, the newest first.
func (s *Store) AccountActions(ctx context.Context, organization int64, limit int) ([]action.OfAccount, error) {
	rows, err := s.query(ctx, "SELECT x.action_id, x.seq FROM action_item x WHERE x.account_id > 0 AND (x.account_id = ? OR x.account_id IN (SELECT o.id FROM organization o WHERE o.merged_into = ? AND o.merged_into > 0)) ORDER BY x.action_id DESC, x.seq DESC LIMIT ?", organization, organization, limit)
	if err != nil {
		return nil, err
	}
	var at [][2]int64
	if err := scan(rows, func() error {
		var x [2]int64
		err := rows.Scan(&x[0], &x[1])
		at = append(at, x)
		return err
	}); err != nil {
		return nil, err
	}
	all := make([]action.OfAccount, 0, len(at))
	for _, x := range at {
		a, err := s.Action(ctx, x[0])
		if err != nil {
			return nil, fmt.Errorf("reading an action of organization %d: %w", organization, err)
		}
		items, err := s.ActionItems(ctx, x[0], "", x[1]-1, 1)
		if err != nil {
			return nil, fmt.Errorf("reading an item of action %d: %w", x[0], err)
		}
		for i := range items {
			all = append(all, action.OfAccount{ID: a.ID, Kind: a.Kind, Source: a.Source, Title: a.Title, State: a.State, Item: items[i]})
		}
	}
	return all, nil
}
