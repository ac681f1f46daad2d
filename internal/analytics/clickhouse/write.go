// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/analytics"
)

// writing is the rows of a batch.
type writing struct {
	batch         int64
	facts         lines
	conversations lines
	reach         uint32 // the greatest identity that they speak of
	seen          map[analytics.Place]bool
}

// writing makes the rows of a batch: what is new and, of what has changed, what takes back how it was and how it is now.
func (p *Projection) writing(ctx context.Context, b *batch, number uint64) (*writing, error) {
	w := &writing{batch: int64(number), seen: make(map[analytics.Place]bool)} //nolint:gosec // counted from 1
	changed := make(map[int64]bool, len(b.changed))
	for _, id := range b.changed {
		changed[id] = true
	}
	says := b.says()
	says(b.facts)
	w.putFacts(b.facts, 1, func(id int64) bool { return !changed[id] })
	before, err := p.factsByID(ctx, b.changed, p.hist.last)
	if err != nil {
		return nil, fmt.Errorf("reading what has changed: %w", err)
	}
	w.putFacts(before, -1, func(int64) bool { return true })
	says(b.now)
	w.putFacts(b.now, 1, func(id int64) bool { return id <= b.to.fact }) // later ones come as new ones
	if err := p.putReadings(ctx, b, w, changed); err != nil {
		return nil, err
	}
	return w, p.putConversations(ctx, b, w)
}

// says has facts say what was read of them in the batch: readings are asked for after facts, so they are as new or newer.
func (b *batch) says() func(f *analytics.Facts) {
	now := make(map[int64]analytics.Said, len(b.readings))
	for _, r := range b.readings {
		now[r.ID] = r.Said
	}
	return func(f *analytics.Facts) {
		if f == nil {
			return // nothing has changed
		}
		for i, id := range f.ID {
			if said, ok := now[id]; ok {
				f.Said[i] = uint8(said)
			}
		}
	}
}

// putReadings appends, of activities that only say something else now, what takes back how they were and how they are.
func (p *Projection) putReadings(ctx context.Context, b *batch, w *writing, changed map[int64]bool) error {
	ids := make([]int64, 0, len(b.readings))
	for _, r := range b.readings {
		if r.ID <= b.from.fact && !changed[r.ID] {
			ids = append(ids, r.ID)
		}
	}
	before, err := p.factsByID(ctx, ids, p.hist.last)
	if err != nil {
		return fmt.Errorf("reading what was said: %w", err)
	}
	now := *before
	now.Said = slices.Clone(before.Said)
	b.says()(&now)
	other := make(map[int64]bool)
	for i, id := range now.ID {
		if now.Said[i] != before.Said[i] {
			other[id] = true
		}
	}
	w.putFacts(before, -1, func(id int64) bool { return other[id] })
	w.putFacts(&now, 1, func(id int64) bool { return other[id] })
	return nil
}

// putFacts appends the rows of activities.
func (w *writing) putFacts(f *analytics.Facts, sign int64, keep func(id int64) bool) {
	for i := range f.Len() {
		if !keep(f.ID[i]) {
			continue
		}
		kind := analytics.PackKind(greenroom.Kind(f.Kind[i]), f.Flags[i])
		w.facts.row(f.ID[i], int64(analytics.Seconds(f.At[i])), int64(f.Identity[i]), int64(f.Source[i]), int64(f.Channel[i]), int64(kind), int64(f.Said[i]), w.batch, sign)
		w.reach = max(w.reach, f.Identity[i])
		w.seen[analytics.Place{Source: f.Source[i], Channel: f.Channel[i]}] = true
	}
}

// putConversations appends the rows of conversations that are not there as they are now. Many change in nothing that
// figures look at, such as the time of their last activity.
func (p *Projection) putConversations(ctx context.Context, b *batch, w *writing) error {
	now := make(map[int64]analytics.Conversation, len(b.conversations))
	ids := make([]int64, 0, len(b.conversations))
	for _, v := range b.conversations {
		if _, twice := now[v.ID]; !twice {
			ids = append(ids, v.ID)
		}
		now[v.ID] = v
	}
	err := p.conversationsByID(ctx, ids, func(before *analytics.Conversation) {
		if v := now[before.ID]; same(&v, before) {
			delete(now, before.ID)
			return
		}
		w.putConversation(before, -1)
	})
	if err != nil {
		return fmt.Errorf("reading what conversations were: %w", err)
	}
	for _, id := range ids {
		if v, ok := now[id]; ok && v.OpenedAt != 0 { // others count nowhere
			w.putConversation(&v, 1)
		}
	}
	return nil
}

// same reports whether two tellings of a conversation make the same row.
func same(a, b *analytics.Conversation) bool {
	var x, y lines
	x.conversation(a, 0, 0)
	y.conversation(b, 0, 0)
	return string(x.text) == string(y.text)
}

func (w *writing) putConversation(v *analytics.Conversation, sign int64) {
	w.conversations.conversation(v, w.batch, sign)
	w.reach = max(w.reach, uint32(v.Author)) //nolint:gosec // ids fit, see analytics.Delta
	w.seen[analytics.Place{Source: uint32(v.Source), Channel: uint32(v.Channel)}] = true
}

// states are the states of conversations, by the number that stands for them.
var states = []greenroom.State{greenroom.StateOpen, greenroom.StateAnswered, greenroom.StateResolved, greenroom.StateIgnored}

func (l *lines) conversation(v *analytics.Conversation, batch, sign int64) {
	var flags uint8
	if v.Question {
		flags = analytics.FactQuestion
	}
	l.row(v.ID, v.OpenedAt, v.FirstResponse, v.FirstStaff, v.FirstMember, v.ResolvedAt, v.Author, v.Source, v.Channel,
		int64(analytics.PackKind(v.Kind, flags)), int64(max(slices.Index(states, v.State), 0)), int64(v.Said), batch, sign)
}

// places lists the places that the rows are in.
func (w *writing) places() []analytics.Place {
	all := make([]analytics.Place, 0, len(w.seen))
	for p := range w.seen {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b analytics.Place) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Channel, b.Channel))
	})
	return all
}

// insert writes the rows. Where it fails, some of them may be there.
func (w *writing) insert(ctx context.Context, c *client) error {
	if err := c.insert(ctx, factTable, names(factColumns), w.facts.text); err != nil {
		return err
	}
	return c.insert(ctx, conversationTable, names(conversationTypes), w.conversations.text)
}

// idChunk is how many ids are asked for at a time.
const idChunk = 20_000

// FactsByID implements analytics.FactReader.
func (p *Projection) FactsByID(ctx context.Context, ids []int64) (*analytics.Facts, error) {
	p.told.RLock()
	last := p.hist.last
	p.told.RUnlock()
	facts, err := p.factsByID(ctx, ids, last)
	if p.noted(err) {
		return nil, p.waiting(err)
	}
	return facts, err
}

func (p *Projection) factsByID(ctx context.Context, ids []int64, upTo uint64) (*analytics.Facts, error) {
	f := &analytics.Facts{}
	p.told.RLock()
	visible := p.hist.visible(upTo)
	p.told.RUnlock()
	const columns = "id, at, identity, source, channel, kind, said"
	for chunk := range slices.Chunk(ids, idChunk) {
		sql := byID(columns, factTable, visible, chunk)
		if err := p.client.query(ctx, sql, func(r *rows) error {
			for r.next(26) {
				f.ID, f.At = append(f.ID, r.i64()), append(f.At, int64(r.u32())*1_000_000)
				f.Identity, f.Source, f.Channel = append(f.Identity, r.u32()), append(f.Source, r.u32()), append(f.Channel, r.u32())
				kind, flags := analytics.UnpackKind(r.u8())
				f.Kind, f.Flags, f.Said = append(f.Kind, uint8(kind)), append(f.Flags, flags), append(f.Said, r.u8())
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// byID asks for rows by id, as they are.
func byID(columns, table, visible string, ids []int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "SELECT %s FROM %s WHERE %s AND id IN (", columns, table, visible)
	list(&b, ids)
	fmt.Fprintf(&b, ") GROUP BY %s HAVING sum(sign) > 0 FORMAT RowBinary", columns)
	return b.String()
}

// conversationColumns are those that make a conversation, in the order in which readConversation reads them.
const (
	conversationColumns = "id, opened, first, staff, member, resolved, author, source, channel, kind, state, said"
	conversationWidth   = 6*8 + 3*4 + 3
)

func (r *rows) conversation(v *analytics.Conversation) {
	v.ID, v.OpenedAt, v.FirstResponse, v.FirstStaff, v.FirstMember, v.ResolvedAt = r.i64(), r.i64(), r.i64(), r.i64(), r.i64(), r.i64()
	v.Author, v.Source, v.Channel = int64(r.u32()), int64(r.u32()), int64(r.u32())
	kind, flags := analytics.UnpackKind(r.u8())
	v.Kind, v.Question = kind, flags&analytics.FactQuestion != 0
	v.State = states[int(r.u8())%len(states)]
	v.Said = analytics.Said(r.u8())
}

// conversationsByID yields conversations as they are in the table.
func (p *Projection) conversationsByID(ctx context.Context, ids []int64, yield func(v *analytics.Conversation)) error {
	visible := p.hist.visible(p.hist.last)
	for chunk := range slices.Chunk(ids, idChunk) {
		if err := p.client.query(ctx, byID(conversationColumns, conversationTable, visible, chunk), func(r *rows) error {
			var v analytics.Conversation
			for r.next(conversationWidth) {
				r.conversation(&v)
				yield(&v)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
