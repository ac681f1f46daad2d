// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"math/bits"
	"slices"
	"strings"
	"time"

	"greenroom/internal/query"
)

// members is a set of members by id.
type members []uint64

func (s members) has(id int64) bool {
	w := int(id >> 6)
	return w < len(s) && s[w]>>(id&63)&1 != 0
}

func (s members) put(id int64) {
	if w := int(id >> 6); w < len(s) {
		s[w] |= 1 << (id & 63)
	}
}

// crowdQuery resolves a condition on members to the set of those whom it fits. What the crowd does not know it asks the
// record store for, where that is few.
type crowdQuery struct {
	store *Store
	asked *asked
	now   time.Time
	size  int // of the crowd when the query began; it only grows
}

// ask begins a query.
func (c *crowd) ask(s *Store, a *asked, now time.Time) *crowdQuery {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return &crowdQuery{store: s, asked: a, now: now, size: len(c.people)}
}

// membersThat resolves a condition; false where it has to be left to the record store.
func (q *crowdQuery) membersThat(ctx context.Context, n query.Node) (members, bool, error) {
	switch n := n.(type) {
	case nil:
		return q.where(func(*person) bool { return true }), true, nil
	case *query.And:
		texts, rest := topTexts(n)
		if len(texts) > 1 { // a word that is in every name costs nothing beside one that is in few
			set, ok, err := q.texts(ctx, texts)
			if !ok || err != nil || rest == nil {
				return set, ok, err
			}
			others, ok, err := q.membersThat(ctx, rest)
			others.keep(set)
			return others, ok, err
		}
		return q.joined(ctx, n.Nodes, func(all, one members) {
			all.keep(one)
		})
	case *query.Or:
		return q.joined(ctx, n.Nodes, func(all, one members) {
			for w := range all {
				all[w] |= one[w]
			}
		})
	case *query.Not:
		set, ok, err := q.membersThat(ctx, n.Node)
		set.turn()
		return set, ok, err
	case *query.Term:
		return q.term(ctx, n)
	case *query.Did:
		return q.doing(ctx, n, n)
	case *query.Text:
		return q.texts(ctx, []*query.Text{n})
	}
	return nil, false, nil
}

// texts is the set of those whom a full-text search for all of some texts finds, however many; so they are not kept.
func (q *crowdQuery) texts(ctx context.Context, texts []*query.Text) (members, bool, error) {
	match := q.store.d.matchOf(texts)
	if match == "" {
		return q.these(nil), true, nil
	}
	ids, err := q.store.idsThat(ctx, "SELECT rowid FROM member_search WHERE words "+q.store.d.searchMatch, []any{match}, q.size)
	return q.these(ids), err == nil, err
}

func (q *crowdQuery) joined(ctx context.Context, nodes []query.Node, join func(all, one members)) (members, bool, error) {
	var all members
	for _, n := range nodes {
		one, ok, err := q.membersThat(ctx, n)
		switch {
		case !ok || err != nil:
			return nil, false, err
		case all == nil:
			all = one
		default:
			join(all, one)
		}
	}
	return all, true, nil
}

// where is the set of those who pass a test.
func (q *crowdQuery) where(fits func(*person) bool) members {
	set := q.these(nil)
	c := &q.store.crowd
	c.mu.RLock()
	defer c.mu.RUnlock()
	for id := range c.people[:q.size] {
		if fits(&c.people[id]) {
			set[id>>6] |= 1 << (id & 63)
		}
	}
	return set
}

func (q *crowdQuery) term(ctx context.Context, t *query.Term) (members, bool, error) {
	owner, attr := t.Field.Owner, t.Field.Attr
	switch {
	case owner == query.Organizations:
		return q.ofOrganizations(ctx, t)
	case owner != query.Members, attr == "source", attr == "country": // what the crowd does not know, or what fits most
		return nil, false, nil
	case t.Op != query.Has && attr == "name" && !q.store.d.postgres:
		ids, err := q.store.membersCalled(ctx, nameParts(t), q.size)
		return q.these(ids), err == nil, err
	case t.Op != query.Has && attr == "segment":
		return q.inSegments(ctx, t)
	case t.Op != query.Has && attr == "tag":
		return q.tagged(ctx, t)
	case t.Op != query.Has && attr == "channel":
		return q.doing(ctx, &query.Did{In: t.Values, Min: 1, Max: query.Unlimited}, t)
	}
	if fits := q.test(t); fits != nil {
		return q.where(fits), true, nil
	}
	return q.asking(ctx, t)
}

// tagged is the set of those who have a tag, however many; so they are not kept.
func (q *crowdQuery) tagged(ctx context.Context, t *query.Term) (members, bool, error) {
	c := &compiler{ctx: ctx, store: q.store, d: q.store.d, now: q.now, asked: q.asked, entity: query.Members}
	cond := c.keyword(t, "x.tag")
	if c.err != nil {
		return nil, false, c.err
	}
	ids, err := q.store.idsThat(ctx, "SELECT DISTINCT x.member_id FROM member_tag x WHERE "+cond, c.args, q.size)
	return q.these(ids), err == nil, err
}

// inSegments is the set of the members of segments, however many; false where days are named.
func (q *crowdQuery) inSegments(ctx context.Context, t *query.Term) (members, bool, error) {
	set := q.these(nil)
	for _, v := range t.Values {
		if strings.Contains(v.Text, "@") {
			return q.asking(ctx, t)
		}
		c := &compiler{ctx: ctx, store: q.store, d: q.store.d, now: q.now, asked: q.asked, entity: query.Members}
		segments, err := c.segmentsCalled(v.Text, v.Prefix)
		if err != nil {
			return nil, false, err
		}
		ids, _ := c.ask("SELECT x.member_id FROM segment_member x WHERE "+among("x.segment_id", segments), nil, q.size)
		if c.err != nil {
			return nil, false, c.err
		}
		for _, id := range ids {
			set.put(id)
		}
	}
	return set, true, nil
}

// test is the test for a term that the crowd knows about; nil for others.
func (q *crowdQuery) test(t *query.Term) func(*person) bool {
	switch t.Field.Attr {
	case "last_active":
		return q.date(t, func(p *person) int64 { return p.last })
	case "first_active":
		return q.date(t, func(p *person) int64 { return p.first })
	case "joined":
		return q.date(t, func(p *person) int64 { return p.joined })
	case "activities":
		return number(t, func(p *person) uint32 { return p.activities })
	case "identities":
		return number(t, func(p *person) uint32 { return p.identities })
	case "is":
		return q.flags(t)
	}
	return nil
}

func (q *crowdQuery) date(t *query.Term, of func(*person) int64) func(*person) bool {
	if t.Op == query.Has {
		return func(p *person) bool { return of(p) > 0 }
	}
	intervals := t.Intervals(q.now)
	return func(p *person) bool {
		v := of(p)
		return v > 0 && slices.ContainsFunc(intervals, func(iv query.Interval) bool {
			return (iv.From.IsZero() || v >= micros(iv.From)) && (iv.To.IsZero() || v < micros(iv.To))
		})
	}
}

func number(t *query.Term, of func(*person) uint32) func(*person) bool {
	if t.Op == query.Has {
		return func(p *person) bool { return of(p) > 0 }
	}
	bounds := t.Bounds()
	return func(p *person) bool {
		v := float64(of(p))
		return slices.ContainsFunc(bounds, func(b query.Bounds) bool { return b.Contains(v) })
	}
}

func (q *crowdQuery) flags(t *query.Term) func(*person) bool {
	ago := func(d time.Duration) int64 { return micros(q.now.Add(-d)) }
	month, half := ago(30*day), ago(180*day)
	var any []func(*person) bool
	for _, v := range t.Values {
		var fits func(*person) bool
		switch v.Text {
		case "staff":
			fits = func(p *person) bool { return p.is&personStaff != 0 }
		case "bot":
			fits = func(p *person) bool { return p.is&personBot != 0 }
		case "hidden":
			fits = func(p *person) bool { return p.is&personHidden != 0 }
		case "contact":
			fits = func(p *person) bool { return p.is&personContact != 0 }
		case "new":
			fits = func(p *person) bool { return p.first >= month && p.last >= month }
		case "active":
			fits = func(p *person) bool { return p.last >= month }
		case "quiet":
			fits = func(p *person) bool { return p.last < month && p.last >= half }
		case "gone":
			fits = func(p *person) bool { return p.last < half && p.last > 0 }
		default:
			return nil
		}
		any = append(any, fits)
	}
	if len(any) == 1 {
		return any[0]
	}
	return func(p *person) bool {
		return slices.ContainsFunc(any, func(fits func(*person) bool) bool { return fits(p) })
	}
}

// asking has the record store find the members that a condition fits, if they are not too many.
func (q *crowdQuery) asking(ctx context.Context, n query.Node) (members, bool, error) {
	f := &finding{}
	c := &compiler{ctx: ctx, store: q.store, d: q.store.d, now: q.now, asked: q.asked, entity: query.Members, finding: f}
	cond, err := c.compiled(n)
	switch {
	case err != nil:
		return nil, false, err
	case f.tooMany:
		return nil, false, nil
	case !f.done:
		if f.ids, f.done = c.ask("SELECT m.id FROM member m WHERE "+cond, c.args, mostFound); c.err != nil || !f.done {
			return nil, false, c.err
		}
	}
	set := q.these(f.ids)
	if f.not {
		set.turn()
	}
	return set, true, nil
}

// doing is the set of those who did something as often as is asked; or is what the record store is asked otherwise.
func (q *crowdQuery) doing(ctx context.Context, n *query.Did, or query.Node) (members, bool, error) {
	if n.Min <= 0 && n.Max == query.Unlimited {
		return q.membersThat(ctx, nil)
	}
	f := q.store.counting()
	if f == nil {
		return q.asking(ctx, or)
	}
	ids, ok := f.Doers(n, q.now)
	if !ok {
		return q.asking(ctx, or)
	}
	set := q.these(ids)
	if n.Min <= 0 {
		set.turn()
	}
	return set, true, nil
}

// keep leaves those in the set who are in the other one, too.
func (s members) keep(other members) {
	for w := range s {
		s[w] &= other[w]
	}
}

// turn makes the set that of all others.
func (s members) turn() {
	for w := range s {
		s[w] = ^s[w]
	}
}

// finding takes what a condition looks up, instead of having it written out.
type finding struct {
	ids                []int64
	done, tooMany, not bool
}

func (q *crowdQuery) these(ids []int64) members {
	set := make(members, q.size/64+1)
	for _, id := range ids {
		set.put(id)
	}
	return set
}

// ofOrganizations is the set of the members of organizations that a term fits.
func (q *crowdQuery) ofOrganizations(ctx context.Context, t *query.Term) (members, bool, error) {
	c := &compiler{ctx: ctx, store: q.store, d: q.store.d, now: q.now, asked: q.asked, entity: query.Organizations}
	cond, err := c.compiled(t)
	if err != nil {
		return nil, false, err
	}
	ids, all := c.ask("SELECT o.id FROM organization o WHERE "+cond, c.args, mostFound)
	if c.err != nil || !all {
		return nil, false, c.err
	}
	if len(ids) == 0 {
		return q.these(nil), true, nil
	}
	fit := make(members, slices.Max(ids)/64+1)
	for _, id := range ids {
		fit.put(id)
	}
	return q.where(func(p *person) bool {
		return p.organization > 0 && fit.has(int64(p.organization))
	}), true, nil
}

// each calls do for the members of a set in the order of their ids.
func (s members) each(do func(id int64)) {
	for w, x := range s {
		for x != 0 {
			do(int64(w<<6 | bits.TrailingZeros64(x)))
			x &= x - 1
		}
	}
}
