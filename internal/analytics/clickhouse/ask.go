// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse

import (
	"context"
	"fmt"

	"greenroom"
	"greenroom/internal/analytics"
)

// maxSeries is how many series of spans one question has: each is a branch that is computed for every row.
const maxSeries = 48

// Tally implements analytics.Warehouse.
func (p *Projection) Tally(ctx context.Context, q *analytics.Tally, yield func(r *analytics.TallyRow)) error {
	visible, err := p.visible(q.Snapshot)
	if err != nil || visible == "" {
		return err
	}
	for first := 0; first < len(q.Spans); {
		n := fitting(q.Spans[first:])
		t := tallySQL(q, q.Spans[first:first+n], first, visible)
		if err := p.client.query(ctx, t.sql, func(r *rows) error {
			var to analytics.TallyRow
			for r.next(t.width) {
				for _, read := range t.read {
					read(r, &to)
				}
				if q.Exists || to.N > 0 {
					yield(&to)
				}
			}
			return nil
		}); err != nil {
			return p.asked(err)
		}
		first += n
	}
	return p.asked(nil)
}

// fitting is how many of the spans one question takes.
func fitting(spans []analytics.Span) int {
	all := inSeries(spans)
	if len(all) <= maxSeries {
		return len(spans)
	}
	return all[maxSeries].first
}

// visible is the condition for the rows that a question sees; "" where there are none yet.
func (p *Projection) visible(snapshot uint64) (string, error) {
	p.told.RLock()
	defer p.told.RUnlock()
	if snapshot == 0 {
		if _, since := p.Waiting(); !since.IsZero() {
			return "", p.waiting(nil)
		}
		return "", nil
	}
	if snapshot < p.hist.first {
		return "", greenroom.Errorf(greenroom.CodeUnavailable, "the figures are just being built again; ask once more")
	}
	return p.hist.visible(snapshot), nil
}

// asked says what went wrong with a question.
func (p *Projection) asked(err error) error {
	if err == nil {
		return nil
	}
	if p.noted(err) {
		return p.waiting(err)
	}
	return fmt.Errorf("asking ClickHouse: %w", err)
}

// Conversations implements analytics.Warehouse.
func (p *Projection) Conversations(ctx context.Context, q *analytics.Opened, yield func(v *analytics.Conversation, sign int)) error {
	visible, err := p.visible(q.Snapshot)
	if err != nil || visible == "" {
		return err
	}
	const perSecond = 1_000_000
	where := visible + " AND opened != 0"
	if q.Span.From > 0 {
		where += fmt.Sprintf(" AND opened >= %d", int64(q.Span.From)*perSecond)
	}
	if q.Span.To != analytics.EndOfTime {
		where += fmt.Sprintf(" AND opened < %d", int64(q.Span.To)*perSecond)
	}
	if c := condition(&q.Where, "", "author"); c != "" {
		where += " AND " + c
	}
	sql := fmt.Sprintf("SELECT %s, sign FROM %s WHERE %s FORMAT RowBinary", conversationColumns, conversationTable, where)
	return p.asked(p.client.query(ctx, sql, func(r *rows) error {
		var v analytics.Conversation
		for r.next(conversationWidth + 1) {
			r.conversation(&v)
			yield(&v, int(int8(r.u8()))) //nolint:gosec // these are its bits
		}
		return nil
	}))
}
