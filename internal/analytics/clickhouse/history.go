// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"greenroom/internal/analytics"
)

// position says how far the projection has come in the record store.
type position struct {
	fact, change          int64
	conversation, reading analytics.Mark
}

// step is a batch as the table step tells of it.
type step struct {
	batch uint64
	after uint64 // the batch that was the last one when it was written; 0 = it begins a chain
	done  bool
	to    position
}

// history says which batches count: those of the chain that ends with the last one that is done.
type history struct {
	first uint64   // of the chain; 0 = there is none
	last  uint64   // of the chain
	dead  []uint64 // not of the chain, from its first on: between its batches, or beyond the last one; ascending
	taken uint64   // the greatest number that was ever announced
	to    position
}

// readHistory reads the steps and follows the chain back from its end.
func (c *client) readHistory(ctx context.Context) (*history, error) {
	sql := fmt.Sprintf("SELECT batch, max(after), max(done), max(fact), max(change), max(version), max(conversation), max(said), max(reading) FROM %s "+
		"GROUP BY batch ORDER BY batch FORMAT RowBinary", stepTable)
	var all []step
	err := c.query(ctx, sql, func(r *rows) error {
		for r.next(8*8 + 1) {
			s := step{batch: r.u64(), after: r.u64(), done: r.u8() != 0}
			s.to = position{fact: r.i64(), change: r.i64(), conversation: analytics.Mark{Version: r.i64(), ID: r.i64()}, reading: analytics.Mark{Version: r.i64(), ID: r.i64()}}
			all = append(all, s)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what was written: %w", err)
	}
	return chain(all), nil
}

// chain finds the chain in steps that are sorted by batch.
func chain(all []step) *history {
	h := &history{}
	next := uint64(0) // the batch that is looked for; 0 = any that is done
	for _, s := range slices.Backward(all) {
		h.taken = max(h.taken, s.batch)
		switch {
		case h.last == 0 && s.done:
			h.last, h.to = s.batch, s.to
		case h.last == 0 || s.batch != next: // never done, or beside the chain; beyond its end, the next batch will lie behind it
			h.dead = append(h.dead, s.batch)
			continue
		}
		h.first, next = s.batch, s.after
		if next == 0 {
			break
		}
	}
	if next != 0 { // a step is missing, so it is not known what counts
		return &history{taken: h.taken}
	}
	slices.Reverse(h.dead)
	return h
}

// visible is the condition for rows of batches that count, up to a batch.
func (h *history) visible(upTo uint64) string {
	if h.first == 0 || upTo < h.first {
		return "0"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "batch >= %d AND batch <= %d", h.first, upTo)
	var dead []uint64
	for _, n := range h.dead {
		if n > h.first && n < upTo {
			dead = append(dead, n)
		}
	}
	if len(dead) > 0 {
		b.WriteString(" AND batch NOT IN (")
		list(&b, dead)
		b.WriteString(")")
	}
	return b.String()
}

// list writes numbers with commas between them.
func list[T uint8 | uint32 | uint64 | int64](b *strings.Builder, all []T) {
	for i, v := range all {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatUint(uint64(v), 10))
	}
}

// announce says that a batch is about to be written, and conclude that it was.
func (c *client) announce(ctx context.Context, s *step, now uint32) error {
	var l lines
	done := int64(0)
	if s.done {
		done = 1
	}
	l.row(int64(s.batch), int64(s.after), done, s.to.fact, s.to.change, //nolint:gosec // counted from 1
		s.to.conversation.Version, s.to.conversation.ID, s.to.reading.Version, s.to.reading.ID, int64(now))
	return c.insert(ctx, stepTable, names(stepColumns), l.text)
}

// lines are rows to be inserted.
type lines struct{ text []byte }

func (l *lines) row(values ...int64) {
	for i, v := range values {
		if i > 0 {
			l.text = append(l.text, '\t')
		}
		l.text = strconv.AppendInt(l.text, v, 10)
	}
	l.text = append(l.text, '\n')
}
