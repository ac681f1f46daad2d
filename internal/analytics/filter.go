// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"greenroom"
	"greenroom/internal/query"
)

// filter says which activities, or conversations, count. Its tables are all asked; mixed too, where the query joins
// conditions on different subjects by or.
type filter struct {
	look   scanner // where to look
	kinds  [256]uint8
	places bitset // nil = all
	who    bitset // whose activities count: neither left out nor outside of the query
	asked  bitset // who is within the query; nil = all. What this has more than who was left out.
	times  []span
	states [4]bool
	mixed  []*condition
	convs  map[int64]bool // conversations found by the record store; nil = not asked
	narrow bool           // the query asks for more than who
}

// baseFilter lets everything count that counts without a query.
func baseFilter(img *image, o *Options) *filter {
	f := &filter{look: img.look(), times: complement(nil), states: [4]bool{true, true, true, true}}
	who := img.who
	f.who = newBitset(who.len())
	f.who.fill()
	if !o.Staff {
		f.who.andNot(who.staff)
	}
	if !o.Bots {
		f.who.andNot(who.bot)
	}
	f.who.andNot(who.hidden)
	f.who.andNot(who.contact)
	if h := img.places.hidden; h != nil {
		f.places = h.clone().grown(img.places.len())
		f.places.not()
	}
	return f
}

// setKinds lets kinds count: those that make a member active, or all where the query names kinds.
func (f *filter) setKinds(all bool) {
	for b := range f.kinds {
		if k := greenroom.Kind(b & kindMask); k != kindDead && (all || k.Info().Active) {
			f.kinds[b] = 1
		}
	}
}

// clone copies the filter, so that it can be narrowed.
func (f *filter) clone() *filter {
	c := *f
	c.places, c.who = f.places.clone(), f.who.clone()
	if f.places == nil {
		c.places = nil
	}
	if f.asked != nil {
		c.asked = f.asked.clone()
	}
	c.mixed = append([]*condition(nil), f.mixed...)
	return &c
}

// add narrows the filter by a condition.
func (f *filter) add(c *condition) {
	switch c.about {
	case aboutKind:
		f.narrow = true
		for b, keep := range c.kinds {
			if !keep {
				f.kinds[b] = 0
			}
		}
	case aboutPlace:
		f.narrow = true
		if f.places == nil {
			f.places = c.set.clone()
		} else {
			f.places.and(c.set)
		}
	case aboutWho:
		f.who.and(c.set)
		if f.asked == nil {
			f.asked = c.set.clone()
		} else {
			f.asked.and(c.set)
		}
		if len(c.moved) > 0 {
			f.mixed = append(f.mixed, c)
		}
	case aboutTime:
		f.narrow = true
		f.times = complement(union(complement(f.times), complement(c.times)))
	case aboutState:
		for i, keep := range c.state {
			f.states[i] = f.states[i] && keep
		}
	case aboutSaid:
		f.narrow = true
		f.mixed = append(f.mixed, c)
	case aboutMany:
		if c.op == opAnd {
			for _, p := range c.parts {
				f.add(p)
			}
			return
		}
		f.narrow = true
		f.mixed = append(f.mixed, c)
	}
}

// blockSize is how many activities a mixed condition is evaluated for at a time.
const blockSize = 4096

type mask [blockSize / 64]uint64

// mark sets in out the bits of the activities lo to hi, at most blockSize of them, for which the condition holds.
func (c *condition) mark(r *run, lo, hi int, out *mask) {
	switch c.about {
	case aboutKind:
		for i, k := range r.kind[lo:hi] {
			out.put(i, c.kinds[k])
		}
	case aboutPlace:
		for i, p := range r.place[lo:hi] {
			out.put(i, c.set.has(p))
		}
	case aboutWho:
		for i, w := range r.who[lo:hi] {
			out.put(i, c.fits(w, r.at[lo+i]))
		}
	case aboutTime:
		for i, t := range r.at[lo:hi] {
			out.put(i, within(c.times, t))
		}
	case aboutSaid:
		for i, s := range r.said[lo:hi] {
			out.put(i, c.said[s])
		}
	case aboutState: // activities have none
		*out = mask{}
	case aboutMany:
		c.markMany(r, lo, hi, out)
	}
}

func (c *condition) markMany(r *run, lo, hi int, out *mask) {
	c.parts[0].mark(r, lo, hi, out)
	if c.op == opNot {
		for w := range out {
			out[w] = ^out[w]
		}
		return
	}
	var next mask
	for _, p := range c.parts[1:] {
		p.mark(r, lo, hi, &next)
		for w := range out {
			if c.op == opAnd {
				out[w] &= next[w]
			} else {
				out[w] |= next[w]
			}
		}
	}
}

func (m *mask) put(i int, on bool) {
	bit := uint64(1) << (i & 63)
	if on {
		m[i>>6] |= bit
	} else {
		m[i>>6] &^= bit
	}
}

func within(times []span, t uint32) bool {
	for _, s := range times {
		if t >= s.from && t < s.to {
			return true
		}
	}
	return false
}

// holds reports whether the condition holds for a conversation.
func (c *condition) holds(v *conversation) bool {
	switch c.about {
	case aboutKind:
		return c.kinds[v.kind]
	case aboutPlace:
		return c.set.has(v.place)
	case aboutWho:
		return c.fits(v.author, seconds(v.opened))
	case aboutTime:
		return within(c.times, seconds(v.opened))
	case aboutState:
		return c.state[v.state]
	case aboutSaid:
		return c.said[v.said]
	case aboutMany:
		if c.op == opNot {
			return !c.parts[0].holds(v)
		}
		for _, p := range c.parts {
			if p.holds(v) != (c.op == opAnd) {
				return c.op == opOr
			}
		}
		return c.op == opAnd
	}
	return false
}

// keeps reports whether a conversation counts that was opened at a time.
func (f *filter) keeps(v *conversation, at uint32) bool {
	if f.kinds[v.kind] == 0 || !f.states[v.state] || f.places != nil && !f.places.has(v.place) || !f.who.has(v.author) {
		return false
	}
	if f.convs != nil && !f.convs[v.id] {
		return false
	}
	if !within(f.times, at) {
		return false
	}
	for _, c := range f.mixed {
		if !c.holds(v) {
			return false
		}
	}
	return true
}

// split takes what is not known out of a condition: the known part, and the rest for the record store to answer.
func split(n query.Node) (own, rest query.Node) {
	if n == nil || known(n) {
		return n, nil
	}
	and, ok := n.(*query.And)
	if !ok {
		return nil, n
	}
	var mine, theirs []query.Node
	for _, p := range and.Nodes {
		if known(p) {
			mine = append(mine, p)
		} else {
			theirs = append(theirs, p)
		}
	}
	return query.AllOf(mine...), query.AllOf(theirs...)
}
