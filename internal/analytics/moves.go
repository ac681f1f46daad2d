// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"greenroom/internal/query"
)

// Members change jobs, and what they did stays with the organization of then. An account of somebody who has moved carries
// its stays; of everybody else the one organization is all there is, and nothing is looked up. So a condition on
// organizations is a set of accounts, as every condition on people is, and beside it, for the few who have moved, the
// stretches of time in which it holds of them (condition.moved).

// Move is that a member was with an organization from a moment on.
type Move struct {
	Since        int64 // microseconds; 0 = from the beginning
	Organization int64 // 0 = none
}

// Moves are where a member was who has moved: ascending, the first from the beginning. None = they have not.
type Moves []Move

// At is the organization at a moment, in microseconds.
func (m Moves) At(at int64) int64 {
	org := int64(0)
	for i, x := range m {
		if i == 0 || x.Since <= at {
			org = x.Organization
		}
	}
	return org
}

// String writes moves as a text that ParseMoves reads; "" = none.
func (m Moves) String() string {
	parts := make([]string, len(m))
	for i, x := range m {
		parts[i] = strconv.FormatInt(x.Since, 10) + ":" + strconv.FormatInt(x.Organization, 10)
	}
	return strings.Join(parts, " ")
}

// ParseMoves reads what String wrote.
func ParseMoves(text string) (Moves, error) {
	var all Moves
	for _, part := range strings.Fields(text) {
		since, org, _ := strings.Cut(part, ":")
		at, err := strconv.ParseInt(since, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a move %q: %w", part, err)
		}
		id, err := strconv.ParseInt(org, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a move %q: %w", part, err)
		}
		all = append(all, Move{at, id})
	}
	return all, nil
}

// Organizations answers conditions on organizations; the record store does.
type Organizations interface {
	// OrganizationSet returns the ids of the organizations that fit a term on organizations.
	OrganizationSet(ctx context.Context, node query.Node) ([]int64, error)
}

// stay is that somebody was with an organization from a second on.
type stay struct{ from, org uint32 }

// stays turns moves into the columns' time.
func (m Moves) stays() []stay {
	if len(m) < 2 {
		return nil
	}
	all := make([]stay, len(m))
	for i, x := range m {
		if i > 0 {
			all[i].from = seconds(x.Since)
		}
		all[i].org = uint32(x.Organization) //nolint:gosec // ids fit, see Delta
	}
	return all
}

// putMoves notes where an account's member was when. The map may be shared with other images until then.
func (p *people) putMoves(id uint32, m Moves) {
	all := m.stays()
	if _, had := p.moves[id]; !had && all == nil {
		return
	}
	p.moves = maps.Clone(p.moves)
	if p.moves == nil {
		p.moves = make(map[uint32][]stay)
	}
	if all == nil {
		delete(p.moves, id)
	} else {
		p.moves[id] = all
	}
}

// employers lists the organizations that those who have moved were ever with, ascending, and none first.
func (p *people) employers() []uint32 {
	all := []uint32{0}
	for _, stays := range p.moves {
		for _, s := range stays {
			all = append(all, s.org)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// during lists the stretches in which keep holds of the organization of somebody who has moved.
func during(stays []stay, keep func(org uint32) bool) []span {
	var all []span
	for i, s := range stays {
		to := endOfTime
		if i+1 < len(stays) {
			to = stays[i+1].from
		}
		if keep(s.org) {
			all = append(all, span{s.from, to})
		}
	}
	return union(all, nil)
}

// employerOf is the organization of somebody who has moved, at a time.
func employerOf(stays []stay, at uint32) uint32 {
	org := uint32(0)
	for i, s := range stays {
		if i == 0 || s.from <= at {
			org = s.org
		}
	}
	return org
}

// employer compiles a term on organizations where somebody has moved: of the others, the record store says who is with them.
func (c *compiler) employer(t *query.Term, today bitset) (*condition, error) {
	cond := &condition{about: aboutWho, set: today}
	ids, err := c.members.OrganizationSet(c.ctx, t)
	if err != nil {
		return nil, err
	}
	fit := make(map[uint32]bool, len(ids))
	for _, id := range ids {
		fit[uint32(id)] = true //nolint:gosec // ids fit, see Delta
	}
	for id, stays := range c.img.who.moves {
		cond.hold(id, during(stays, func(org uint32) bool { return org != 0 && fit[org] }))
	}
	return cond, nil
}

// holding is when a condition on people holds of an account.
func (c *condition) holding(id uint32) []span {
	if times, ok := c.moved[id]; ok {
		return times
	}
	if c.set.has(id) {
		return complement(nil)
	}
	return nil
}

// hold says when a condition on people holds of an account. In the set are those of whom it ever does.
func (c *condition) hold(id uint32, times []span) {
	if len(times) > 0 {
		c.set.set(id)
	} else {
		c.set.unset(id)
	}
	if len(times) == 0 || wholly(times) {
		delete(c.moved, id)
		if c.away != nil {
			c.away.unset(id)
		}
		return
	}
	if c.moved == nil {
		c.moved, c.away = make(map[uint32][]span), make(bitset, len(c.set))
	}
	c.moved[id] = times
	c.away.set(id)
}

// timed lists the accounts for which one of two conditions holds now and then, with when both, or either, do.
func timed(and bool, a, b *condition) map[uint32][]span {
	if len(a.moved) == 0 && len(b.moved) == 0 {
		return nil
	}
	all := make(map[uint32][]span, len(a.moved)+len(b.moved))
	for _, c := range []*condition{a, b} {
		for id := range c.moved {
			x, y := a.holding(id), b.holding(id)
			if and {
				all[id] = complement(union(complement(x), complement(y)))
			} else {
				all[id] = union(x, y)
			}
		}
	}
	return all
}

// fits reports whether a condition on people holds of an account at a time.
func (c *condition) fits(id, at uint32) bool {
	if !c.set.has(id) {
		return false
	}
	return len(c.moved) == 0 || !c.away.has(id) || within(c.moved[id], at)
}

// asksWhen adds to set the accounts of whom it depends on the time whether a condition holds.
func (c *condition) asksWhen(set bitset) {
	for id := range c.moved {
		set.set(id)
	}
	for _, p := range c.parts {
		p.asksWhen(set)
	}
}

// since is the first moment from at on at which the query's conditions on people alone hold of an account; false where
// there is none.
func (f *filter) since(id, at uint32) (uint32, bool) {
	times := complement(nil)
	some := false
	for _, c := range f.mixed {
		if c.about == aboutWho {
			if _, ok := c.moved[id]; ok {
				some = true
				times = complement(union(complement(times), complement(c.moved[id])))
			}
		}
	}
	if !some {
		return at, true
	}
	for _, s := range times {
		if at < s.to {
			return max(at, s.from), true
		}
	}
	return 0, false
}

// ofMovers counts what those did who have moved, by where they were then: for the span i what was done with the k-th of
// employers is at i*len(employers)+k.
func (c *calc) ofMovers(count func(part *calc, size int) ([]int64, error)) (employers []uint32, counts []int64, err error) {
	who := c.img.who
	if len(who.moves) == 0 {
		return nil, nil, nil
	}
	employers = who.employers()
	ids := slices.Sorted(maps.Keys(who.moves))
	for some := range slices.Chunk(ids, maxListed) {
		part := *c
		part.f = c.f.clone()
		these := newBitset(who.len())
		for _, id := range some {
			these.set(id)
		}
		part.f.who.and(these)
		n, err := count(&part, len(employers))
		if err != nil {
			return nil, nil, err
		}
		if counts == nil {
			counts = n
			continue
		}
		for i := range n {
			counts[i] += n[i]
		}
	}
	return employers, counts, nil
}

// employerKey is the place of an account's organization, at a time, among employers.
func (p *people) employerKey(id, at uint32) uint32 {
	k, _ := slices.BinarySearch(p.listed(), employerOf(p.moves[id], at))
	return uint32(k) //nolint:gosec // a place in a list
}
