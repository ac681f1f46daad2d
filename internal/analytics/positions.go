// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"slices"
	"sync"
)

// positions says where in a column each number stands: where in a run the activities of an identity are, and which
// identities are a member's, so that one member's are found without going through everybody's. It is made when somebody
// first asks for one: 4 bytes for each element, and 4 for each number. Copies of a run that differ in what activities are,
// and not in whose they are and when, share it.
type positions struct {
	once  sync.Once
	begin []uint32 // by number, into at; and the end of the last one's
	at    []uint32 // ascending for each number
}

// shortRun is up to how many activities are gone through for a member's: as many are added every few seconds while facts
// come in.
const shortRun = 1 << 15

// of gives the positions of a number in its column, ascending; the caller does not change them.
func (p *positions) of(column []uint32, number int64) []uint32 {
	p.once.Do(func() { p.fill(column) })
	if number < 0 || number+1 >= int64(len(p.begin)) {
		return nil
	}
	return p.at[p.begin[number]:p.begin[number+1]]
}

func (p *positions) fill(column []uint32) {
	if len(column) == 0 {
		return
	}
	begin := make([]uint32, int(slices.Max(column))+2)
	for _, n := range column {
		begin[n+1]++
	}
	for n := 1; n < len(begin); n++ {
		begin[n] += begin[n-1]
	}
	at := make([]uint32, len(column))
	for i, n := range column {
		at[begin[n]] = uint32(i) //nolint:gosec // a column has fewer than 2^32
		begin[n]++
	}
	copy(begin[1:], begin) // each has moved on to where the next one's begin
	begin[0] = 0
	p.begin, p.at = begin, at
}

// eachOf calls do for the activities of some identities in a span that count; those of a run come in order of time.
func (n *near) eachOf(f *filter, own []uint32, s span, do func(r *run, i int)) {
	for _, t := range f.times {
		from, to := max(s.from, t.from), min(s.to, t.to)
		if from >= to {
			continue
		}
		for _, r := range n.runs {
			if lo, hi := r.span(from, to); lo < hi {
				f.eachOf(piece{r, lo, hi}, own, do)
			}
		}
	}
}

// eachOf is each for the activities of some identities.
func (f *filter) eachOf(p piece, own []uint32, do func(r *run, i int)) {
	if p.r.len() <= shortRun || len(f.mixed) > 0 {
		few := *f
		few.who = make(bitset, len(f.who))
		for _, w := range own {
			few.who[w>>6] |= f.who.bit(w) << (w & 63)
		}
		few.each(p, do)
		return
	}
	var found []uint32
	for _, w := range own {
		if f.who.has(w) {
			at := p.r.where.of(p.r.who, int64(w))
			lo, _ := slices.BinarySearch(at, uint32(p.lo)) //nolint:gosec // as above
			hi, _ := slices.BinarySearch(at, uint32(p.hi)) //nolint:gosec // as above
			found = append(found, at[lo:hi]...)
		}
	}
	slices.Sort(found)
	for _, i := range found {
		if f.counts(p.r, int(i)) != 0 {
			do(p.r, int(i))
		}
	}
}
