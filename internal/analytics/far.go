// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"math"
	"math/bits"
	"slices"

	"greenroom"
)

// far has a warehouse go through the facts. What it asks for is as small as can be said in a question: conditions on kind,
// place and time go along; who counts goes along where that is a short list, and is applied to the answer elsewhere.
type far struct {
	w        Warehouse
	snapshot uint64
}

// The sizes of what is asked for at a time.
const (
	maxListed  = 5000     // identities in a question
	waveBytes  = 32 << 20 // of sets
	tallySpans = 8
)

// wave implements scanner.
func (f *far) wave(c *calc) int {
	return min(max(waveBytes/(max(c.img.who.len(), c.img.who.members)/4+1), 8), 400)
}

// active implements scanner.
func (f *far) active(c *calc, spans []span, among bitset, done func(i int, ids bitset)) error {
	q, ev, err := f.tallied(c)
	if err != nil {
		return err
	}
	q.By, q.Exists = ByIdentity, true
	narrow := c.f.who
	if among != nil {
		narrow = among
	}
	if choice := narrow.choice(c.img.who.len()); choice != nil && !choice.Not {
		q.Where.Who = choice
	}
	pieces, of := elementary(spans)
	sets := make([]bitset, len(spans))
	for i := range sets {
		sets[i] = newBitset(c.img.who.len())
	}
	q.Spans = pieces
	if err := f.askAll(c, q, ev, narrow, func(r *TallyRow) {
		if int(r.Who) >= c.img.who.len() || !ev.holds(r) {
			return
		}
		for _, i := range of[r.Span] {
			sets[i].set(r.Who)
		}
	}); err != nil {
		return err
	}
	for i, set := range sets {
		done(i, set)
	}
	return nil
}

// elementary cuts spans that may overlap into pieces that do not, and says for each piece which spans it is a part of.
func elementary(spans []span) (pieces []Span, of [][]int) {
	var edges []uint32
	for _, s := range spans {
		if s.from < s.to {
			edges = append(edges, s.from, s.to)
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	for n := 1; n < len(edges); n++ {
		p := Span{edges[n-1], edges[n]}
		var in []int
		for i, s := range spans {
			if s.from <= p.From && p.To <= s.to {
				in = append(in, i)
			}
		}
		if len(in) > 0 {
			pieces, of = append(pieces, p), append(of, in)
		}
	}
	return pieces, of
}

// count implements scanner.
func (f *far) count(c *calc, spans []span) ([]int64, error) {
	sums := make([]int64, len(spans))
	err := f.grouped(c, spans, 0, func(i int, r *TallyRow) { sums[i] += r.N })
	return sums, err
}

// tally implements scanner.
func (f *far) tally(c *calc, spans []span, done func(i int, k *counter)) error {
	counters := make([]*counter, min(tallySpans, len(spans)))
	for i := range counters {
		counters[i] = newCounter(c.img.who)
	}
	for start := 0; start < len(spans); start += tallySpans {
		part := spans[start:min(start+tallySpans, len(spans))]
		if err := f.grouped(c, part, ByIdentity, func(i int, r *TallyRow) { counters[i].addMany(r.Who, r.N) }); err != nil {
			return err
		}
		for i := range part {
			done(start+i, counters[i])
		}
	}
	return nil
}

// histogram implements scanner.
func (f *far) histogram(c *calc, spans []span, by key, size int) ([]int64, error) {
	counts := make([]int64, len(spans)*size)
	keys := []Keys{byWho: ByIdentity, byPlace: ByPlace, byKind: ByKindByte, bySaid: BySaid, byEmployer: ByIdentity | ByMoment}[by]
	places := c.img.places.index()
	err := f.grouped(c, spans, keys, func(i int, r *TallyRow) {
		n := uint32(r.Kind)
		switch by {
		case byWho:
			n = r.Who
		case byPlace:
			place, ok := places[placeKey(r.Place.Source, r.Place.Channel)]
			if !ok {
				return
			}
			n = place
		case bySaid:
			n = uint32(r.Said)
		case byEmployer:
			n = c.img.who.employerKey(r.Who, r.At)
		case byKind:
		}
		counts[i*size+int(n)] += r.N
	})
	return counts, err
}

// countPlaces counts the activities of each period in each place, and returns how many of them are in those of a group: one
// question for all groups. Every page that shows sources asks for their volume by day.
func (f *far) countPlaces(c *calc, places int) (func(g *group) ([]Point, error), error) {
	counts, err := f.histogram(c, c.spans(), byPlace, places)
	return func(g *group) ([]Point, error) {
		points := make([]Point, len(c.periods))
		for i := range points {
			n := int64(0)
			for place, count := range counts[i*places : (i+1)*places] {
				if g.cond.set.has(uint32(place)) {
					n += count
				}
			}
			points[i] = c.counted(i, n)
		}
		return points, nil
	}, err
}

// grouped asks for numbers of activities by those who count, in groups.
func (f *far) grouped(c *calc, spans []span, by Keys, add func(i int, r *TallyRow)) error {
	q, ev, err := f.tallied(c)
	if err != nil {
		return err
	}
	who, all := c.f.who.choice(c.img.who.len()), c.f.who.full(c.img.who.len())
	q.By = by
	switch {
	case who != nil:
		q.Where.Who = who
	case !all:
		q.By |= ByIdentity
	}
	if len(q.Atoms) > 0 || ev.asksWho() {
		q.By |= ByIdentity
	}
	var of [][]int
	q.Spans, of = elementary(spans)
	return f.askAll(c, q, ev, c.f.who, func(r *TallyRow) {
		if q.By&ByIdentity != 0 && (int(r.Who) >= c.img.who.len() || !c.f.who.has(r.Who)) || !ev.holds(r) {
			return
		}
		for _, i := range of[r.Span] {
			add(i, r)
		}
	})
}

// ask puts a question, unless nothing can fit.
func (f *far) ask(c *calc, q *Tally, yield func(r *TallyRow)) error {
	if len(q.Spans) == 0 || q.Where.Times != nil && len(q.Where.Times) == 0 {
		return nil
	}
	return f.w.Tally(c.ctx, q, yield)
}

// askAll puts a question. Of those of whom it depends on the time whether a condition holds, it asks for every moment at
// which they did something, and only of those in among.
func (f *far) askAll(c *calc, q *Tally, ev *evaluation, among bitset, yield func(r *TallyRow)) error {
	when := newBitset(c.img.who.len())
	for _, n := range ev.conditions {
		n.asksWhen(when)
	}
	if when.count() == 0 {
		return f.ask(c, q, yield)
	}
	if err := f.ask(c, q, func(r *TallyRow) {
		if int(r.Who) < c.img.who.len() && when.has(r.Who) {
			return
		}
		yield(r)
	}); err != nil {
		return err
	}
	when.and(among)
	var ids []uint32
	when.each(func(i uint32) { ids = append(ids, i) })
	moments := *q
	moments.By |= ByIdentity | ByMoment
	for some := range slices.Chunk(ids, maxListed) {
		moments.Where.Who = &Choice[uint32]{Of: some}
		if err := f.ask(c, &moments, yield); err != nil {
			return err
		}
	}
	return nil
}

// tallied begins a question about the activities that fit a calculation's filter, and says how to go on with the answer.
func (f *far) tallied(c *calc) (*Tally, *evaluation, error) {
	q := &Tally{Snapshot: f.snapshot, Where: c.f.where(c.img)}
	if t := c.f.times; !wholly(t) {
		q.Where.Times = exported(t)
	}
	ev := &evaluation{atom: make(map[*condition]int)}
	for _, m := range c.f.mixed {
		if m.about == aboutSaid {
			continue // goes along, see where
		}
		ev.conditions = append(ev.conditions, m)
		ev.collect(m, c.img, q)
	}
	if len(q.Atoms) > MaxAtoms {
		return nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "the query joins %d conditions by or; figures take %d at most", len(q.Atoms), MaxAtoms)
	}
	return q, ev, nil
}

// conversations implements scanner.
func (f *far) conversations(c *calc, flt *filter, s span, do func(worker int) each) error {
	q := &Opened{Snapshot: f.snapshot, Span: Span{s.from, s.to}, Where: flt.where(c.img)}
	if choice := flt.who.choice(c.img.who.len()); choice != nil && !choice.Not {
		q.Where.Who = choice
	}
	index := c.img.places.index()
	one := do(0)
	return f.w.Conversations(c.ctx, q, func(told *Conversation, sign int) {
		known := true
		v := held(told, func(source, channel uint32) uint32 {
			place, ok := index[placeKey(source, channel)]
			known = known && ok
			return place
		})
		if at := seconds(v.opened); known && int(v.author) < c.img.who.len() && flt.keeps(&v, at) {
			one(&v, at, sign)
		}
	})
}

// where says what of a filter a warehouse can tell by looking at a row.
func (f *filter) where(img *image) Where {
	w := Where{Said: f.said()}
	in, out := Choice[uint8]{}, Choice[uint8]{Not: true}
	for b, keep := range f.kinds {
		switch {
		case keep != 0:
			in.Of = append(in.Of, uint8(b))
		case b&kindMask != kindDead:
			out.Of = append(out.Of, uint8(b))
		}
	}
	w.Kinds = shorter(&in, &out)
	if f.places != nil {
		w.Places = f.places.places(img.places)
	}
	return w
}

// said is what messages may say by the conditions that all have to hold; nil = anything.
func (f *filter) said() *Choice[uint8] {
	in, out := Choice[uint8]{}, Choice[uint8]{Not: true}
	for b := range allSaid {
		if slices.ContainsFunc(f.mixed, func(c *condition) bool { return c.about == aboutSaid && !c.said[b] }) {
			out.Of = append(out.Of, uint8(b))
		} else {
			in.Of = append(in.Of, uint8(b))
		}
	}
	return shorter(&in, &out)
}

// shorter is the shorter one of two ways to say the same; nil where all fit.
func shorter[T any](in, out *Choice[T]) *Choice[T] {
	switch {
	case len(out.Of) == 0:
		return nil
	case len(in.Of) <= len(out.Of):
		return in
	default:
		return out
	}
}

// places is a set of places as a choice.
func (b bitset) places(all *places) *Choice[Place] {
	in, out := Choice[Place]{}, Choice[Place]{Not: true}
	for i := range all.source {
		p := Place{all.source[i], all.channel[i]}
		if b.has(uint32(i)) {
			in.Of = append(in.Of, p)
		} else {
			out.Of = append(out.Of, p)
		}
	}
	return shorter(&in, &out)
}

// full reports whether all numbers below n are in the set.
func (b bitset) full(n int) bool { return b.countBelow(n) == n }

// countBelow counts the numbers below n that are in the set.
func (b bitset) countBelow(n int) int {
	count := 0
	for w := range (n + 63) / 64 {
		x := b[w]
		if last := n - w*64; last < 64 {
			x &= 1<<last - 1
		}
		count += bits.OnesCount64(x)
	}
	return count
}

// choice is a set of numbers below n as a choice, where it is a short list either way; nil where it is not, or all fit.
func (b bitset) choice(n int) *Choice[uint32] {
	in := b.countBelow(n)
	if in == n || in > maxListed && n-in > maxListed {
		return nil
	}
	c := &Choice[uint32]{Not: in > n-in}
	for i := range uint32(n) {
		if b.has(i) != c.Not {
			c.Of = append(c.Of, i)
		}
	}
	return c
}

// wholly reports whether stretches are all of time.
func wholly(t []span) bool { return len(t) == 1 && t[0] == span{0, endOfTime} }

func exported(t []span) []Span {
	all := make([]Span, len(t))
	for i, s := range t {
		all[i] = Span{s.from, s.to}
	}
	return all
}

// evaluation applies conditions that join several subjects by or to the rows of an answer: their parts about kind, place
// and time were asked for as atoms, those about people are answered here.
type evaluation struct {
	conditions []*condition
	atom       map[*condition]int
}

func (ev *evaluation) asksWho() bool { return len(ev.conditions) > 0 }

func (ev *evaluation) collect(n *condition, img *image, q *Tally) {
	switch n.about {
	case aboutKind:
		f := filter{}
		for b, keep := range n.kinds {
			if keep {
				f.kinds[b] = 1
			}
		}
		ev.put(n, q, f.where(img))
	case aboutPlace:
		ev.put(n, q, Where{Places: n.set.places(img.places)})
	case aboutSaid:
		f := filter{mixed: []*condition{n}}
		ev.put(n, q, Where{Said: f.said()})
	case aboutTime:
		times := exported(n.times)
		if wholly(n.times) {
			times = nil
		}
		ev.put(n, q, Where{Times: times})
	case aboutMany:
		for _, p := range n.parts {
			ev.collect(p, img, q)
		}
	case aboutWho, aboutState:
	}
}

func (ev *evaluation) put(n *condition, q *Tally, w Where) {
	ev.atom[n] = len(q.Atoms)
	q.Atoms = append(q.Atoms, w)
}

// holds reports whether all conditions hold for the activities of a row.
func (ev *evaluation) holds(r *TallyRow) bool {
	for _, n := range ev.conditions {
		if !ev.one(n, r) {
			return false
		}
	}
	return true
}

func (ev *evaluation) one(n *condition, r *TallyRow) bool {
	switch n.about {
	case aboutWho:
		return n.fits(r.Who, r.At)
	case aboutState: // activities have none
		return false
	case aboutMany:
		if n.op == opNot {
			return !ev.one(n.parts[0], r)
		}
		for _, p := range n.parts {
			if ev.one(p, r) != (n.op == opAnd) {
				return n.op == opOr
			}
		}
		return n.op == opAnd
	default:
		return r.Atoms>>ev.atom[n]&1 != 0
	}
}

// addMany counts n activities of an identity.
func (k *counter) addMany(identity uint32, n int64) {
	const most = math.MaxUint8
	n += int64(k.byIdentity[identity]) + int64(k.over[identity])
	low := min(n, most)
	k.byIdentity[identity] = uint8(low)
	if n > low {
		k.over[identity] = uint32(n - low)
	}
}
