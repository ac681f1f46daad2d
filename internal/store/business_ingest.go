// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/business"
)

// revenue keeps what a subscription brings a month when that is another amount than before: sources tell what is, not what was.
// Those that do not tell when a record changed can tell a history of their own (the column "mrr history" of a file).
func (a *appender) revenue(id int64, r *connector.Record) error {
	if r.Type != "subscription" || r.UpdatedAt.IsZero() {
		return nil
	}
	sub := business.Subscription(&greenroom.BusinessRecord{Type: r.Type, Stage: r.Stage, Amount: r.Amount, Currency: r.Currency, OpenedAt: r.OpenedAt, ClosedAt: r.ClosedAt, Fields: r.Fields}, r.UpdatedAt)
	if !sub.Known || !sub.State.Pays() {
		return nil
	}
	var last float64
	err := a.row("SELECT mrr FROM record_revenue WHERE record_id = ? AND at <= ? ORDER BY at DESC LIMIT 1", []any{id, micros(r.UpdatedAt)}, &last)
	switch {
	case err == nil && last == sub.MRR:
		return nil
	case err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound:
		return fmt.Errorf("reading what subscription %q brought: %w", r.ExternalID, err)
	}
	_, err = a.exec("INSERT INTO record_revenue (record_id, at, mrr) VALUES (?, ?, ?) ON CONFLICT (record_id, at) DO UPDATE SET mrr = excluded.mrr", id, micros(r.UpdatedAt), sub.MRR)
	return err
}
