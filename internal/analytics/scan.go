// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"context"
	"math/bits"
	"sync"
	"sync/atomic"

	"greenroom/internal/priority"
)

// piece is a stretch of a run that one worker takes at a time.
type piece struct {
	r      *run
	lo, hi int
}

// pieceSize keeps pieces small enough to share them out evenly.
const pieceSize = 1 << 17

// pieces lists the stretches of the activities from from up to but not including to, as far as the filter's times go.
func (n *near) pieces(f *filter, s span) []piece {
	var all []piece
	for _, t := range f.times {
		from, to := max(s.from, t.from), min(s.to, t.to)
		if from >= to {
			continue
		}
		for _, r := range n.runs {
			lo, hi := r.span(from, to)
			for ; lo < hi; lo += pieceSize {
				all = append(all, piece{r, lo, min(hi, lo+pieceSize)})
			}
		}
	}
	return all
}

// eachBlock calls do for blocks of a piece with the mask of the mixed conditions.
func (f *filter) eachBlock(p piece, do func(p piece, m *mask)) {
	var all, one mask
	for lo := p.lo; lo < p.hi; lo += blockSize {
		hi := min(p.hi, lo+blockSize)
		f.mixed[0].mark(p.r, lo, hi, &all)
		for _, c := range f.mixed[1:] {
			c.mark(p.r, lo, hi, &one)
			for w := range all {
				all[w] &= one[w]
			}
		}
		do(piece{p.r, lo, hi}, &all)
	}
}

// bit is 1 where i, which must be within the length, is in the set.
func (b bitset) bit(i uint32) uint64 { return b[i>>6] >> (i & 63) & 1 }

// mark sets the bits of the identities whose activities in the piece count, whoever they are.
func (f *filter) mark(p piece, out bitset) {
	kinds := p.r.kind[p.lo:p.hi]
	who := p.r.who[p.lo:p.hi][:len(kinds)]
	switch {
	case len(f.mixed) > 0:
		f.eachBlock(p, func(p piece, m *mask) {
			for i := range p.hi - p.lo {
				w := p.r.who[p.lo+i]
				out[w>>6] |= f.counts(p.r, p.lo+i) & (m[i>>6] >> (i & 63)) << (w & 63)
			}
		})
	case f.places == nil:
		for i, k := range kinds {
			w := who[i]
			out[w>>6] |= uint64(f.kinds[k]) << (w & 63)
		}
	default:
		place := p.r.place[p.lo:p.hi][:len(kinds)]
		for i, k := range kinds {
			w := who[i]
			out[w>>6] |= (uint64(f.kinds[k]) & f.places.bit(place[i])) << (w & 63)
		}
	}
}

// counts is 1 where the activity at i counts, whoever did it and mixed conditions aside.
func (f *filter) counts(r *run, i int) uint64 {
	n := uint64(f.kinds[r.kind[i]])
	if f.places != nil {
		n &= f.places.bit(r.place[i])
	}
	return n
}

// each calls do for the activities of the piece that count.
func (f *filter) each(p piece, do func(r *run, i int)) {
	if len(f.mixed) > 0 {
		f.eachBlock(p, func(p piece, m *mask) {
			for i := range p.hi - p.lo {
				if f.counts(p.r, p.lo+i)&(m[i>>6]>>(i&63))&f.who.bit(p.r.who[p.lo+i]) != 0 {
					do(p.r, p.lo+i)
				}
			}
		})
		return
	}
	for i := p.lo; i < p.hi; i++ {
		if f.counts(p.r, i)&f.who.bit(p.r.who[i]) != 0 {
			do(p.r, i)
		}
	}
}

// count is the number of activities of the piece that count.
func (f *filter) count(p piece) int64 {
	n := uint64(0)
	if f.places != nil || len(f.mixed) > 0 {
		f.each(p, func(*run, int) { n++ })
		return int64(n)
	}
	kinds := p.r.kind[p.lo:p.hi]
	who := p.r.who[p.lo:p.hi][:len(kinds)]
	for i, k := range kinds {
		n += uint64(f.kinds[k]) & f.who.bit(who[i])
	}
	return int64(n)
}

// tally adds up the activities of the piece by identity.
func (f *filter) tally(p piece, to *counter) {
	if f.places != nil || len(f.mixed) > 0 {
		f.each(p, func(r *run, i int) { to.add(r.who[i], 1) })
		return
	}
	kinds := p.r.kind[p.lo:p.hi]
	who := p.r.who[p.lo:p.hi][:len(kinds)]
	for i, k := range kinds {
		w := who[i]
		to.add(w, uint8(uint64(f.kinds[k])&f.who.bit(w)))
	}
}

// parallel calls do for 0 to n-1, on so many workers at once; worker numbers them. It stops early when ctx ends.
func parallel(ctx context.Context, workers, n int, do func(worker, i int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	work := func(worker int) {
		for {
			i := int(next.Add(1)) - 1
			if i >= n || ctx.Err() != nil {
				return
			}
			priority.Breathe(ctx)
			do(worker, i)
		}
	}
	if priority.InBackground(ctx) { // threads beside this one would not be lowered
		workers = 1
	}
	for worker := 1; worker < min(workers, n); worker++ {
		wg.Go(func() { work(worker) })
	}
	work(0)
	wg.Wait()
	return ctx.Err()
}

// members sets in out the members of the identities in ids that count, and empties ids.
func (c *calc) members(ids, out bitset) {
	member, who := c.img.who.member, c.f.who[:len(ids)]
	for w, x := range ids {
		if x == 0 {
			continue
		}
		ids[w] = 0
		x &= who[w]
		for x != 0 {
			m := member[w<<6|bits.TrailingZeros64(x)]
			out[m>>6] |= 1 << (m & 63)
			x &= x - 1
		}
	}
	out.unset(0) // nobody
}

// membersIn is the set of members with activities in a long stretch.
func (c *calc) membersIn(s span) (bitset, error) {
	set := newBitset(c.img.who.members)
	err := c.f.look.active(c, []span{s}, nil, func(_ int, ids bitset) { c.members(ids, set) })
	return set, err
}

// eachSet calls yield, in order, with the set of members who were active in each of the spans. The set is only valid
// until yield returns.
func (c *calc) eachSet(spans []span, yield func(i int, set bitset)) error {
	wave := min(c.f.look.wave(c), len(spans))
	sets := make([]bitset, wave)
	for i := range sets {
		sets[i] = newBitset(c.img.who.members)
	}
	for start := 0; start < len(spans); start += wave {
		n := min(wave, len(spans)-start)
		for _, set := range sets[:n] {
			clear(set)
		}
		if err := c.f.look.active(c, spans[start:start+n], nil, func(i int, ids bitset) { c.members(ids, sets[i]) }); err != nil {
			return err
		}
		for i := range n {
			yield(start+i, sets[i])
		}
	}
	return nil
}
