// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"slices"
	"sort"
)

// The byte that stands for the kind of an activity: six bits of kind, a bit for questions and one for edited ones. Kind
// 63 is given to no activity; it marks one that was taken out.
const (
	kindMask     = 0x3f
	kindQuestion = 0x40
	kindEdited   = 0x80
	kindDead     = 63
)

// run is a stretch of activities sorted by time. It does not change once it is published.
type run struct {
	at    []uint32 // seconds since 1970
	who   []uint32 // identity
	place []uint32 // see places
	kind  []uint8
	said  []uint8 // Said
	where *positions
}

func newRun(n int) *run {
	return &run{at: make([]uint32, n), who: make([]uint32, n), place: make([]uint32, n), kind: make([]uint8, n), said: make([]uint8, n), where: &positions{}}
}

func (r *run) len() int { return len(r.at) }

// span gives the positions of the activities from from up to but not including to.
func (r *run) span(from, to uint32) (lo, hi int) {
	lo, _ = slices.BinarySearch(r.at, from)
	hi, _ = slices.BinarySearch(r.at[lo:], to)
	return lo, lo + hi
}

// kindByte packs the kind and flags of an activity.
func kindByte(kind, flags uint8) uint8 {
	b := kind
	if kind >= kindDead {
		b = 0
	}
	if flags&FactQuestion != 0 {
		b |= kindQuestion
	}
	if flags&FactEdited != 0 {
		b |= kindEdited
	}
	return b
}

// sortedRun makes a run of a batch.
func sortedRun(f *Facts, place func(source, channel uint32) uint32) *run {
	keys := make([]uint64, f.Len())
	for i, at := range f.At {
		keys[i] = uint64(seconds(at))<<32 | uint64(i)
	}
	sortBits(keys, 32, 64)
	r := newRun(len(keys))
	for to, key := range keys {
		from := uint32(key)
		r.at[to] = uint32(key >> 32)
		r.who[to] = f.Identity[from]
		r.place[to] = place(f.Source[from], f.Channel[from])
		r.kind[to] = kindByte(f.Kind[from], f.Flags[from])
		r.said[to] = f.Said[from]
	}
	return r
}

// sortBits sorts by the bits from low up to but not including high, and keeps the order of equals: by digits where there
// are many, since comparing takes four times as long.
func sortBits(keys []uint64, low, high int) {
	const digit = 11
	if len(keys) < 1<<digit || slices.IsSorted(keys) {
		slices.Sort(keys)
		return
	}
	sorted, other := keys, make([]uint64, len(keys))
	for shift := low; shift < high; shift += digit {
		var next [1 << digit]int
		for _, k := range sorted {
			next[k>>shift&(1<<digit-1)]++
		}
		sum := 0
		for i, n := range next {
			next[i] = sum
			sum += n
		}
		for _, k := range sorted {
			d := k >> shift & (1<<digit - 1)
			other[next[d]] = k
			next[d]++
		}
		sorted, other = other, sorted
	}
	copy(keys, sorted)
}

// merge makes one run of two.
func merge(a, b *run) *run {
	m := newRun(a.len() + b.len())
	to := 0
	for i, j := 0, 0; i < a.len() || j < b.len(); {
		// Copy the stretch of one that lies before the next of the other: long where the two hardly overlap.
		if j == b.len() || i < a.len() && a.at[i] <= b.at[j] {
			end := a.len()
			if j < b.len() {
				end = i + after(a.at[i:], b.at[j])
			}
			to += m.copyFrom(to, a, i, end)
			i = end
		} else {
			end := b.len()
			if i < a.len() {
				end = j + before(b.at[j:], a.at[i])
			}
			to += m.copyFrom(to, b, j, end)
			j = end
		}
	}
	return m
}

// after is the number of times that are not greater than limit, before that of those smaller than it. Both look near
// the start first.
func after(at []uint32, limit uint32) int {
	n := 1
	for n < len(at) && at[n] <= limit {
		n <<= 1
	}
	lo, hi := n>>1, min(n, len(at))
	return lo + sort.Search(hi-lo, func(i int) bool { return at[lo+i] > limit })
}

func before(at []uint32, limit uint32) int {
	n := 1
	for n < len(at) && at[n] < limit {
		n <<= 1
	}
	lo, hi := n>>1, min(n, len(at))
	return lo + sort.Search(hi-lo, func(i int) bool { return at[lo+i] >= limit })
}

func (r *run) copyFrom(to int, src *run, lo, hi int) int {
	copy(r.at[to:], src.at[lo:hi])
	copy(r.who[to:], src.who[lo:hi])
	copy(r.place[to:], src.place[lo:hi])
	copy(r.kind[to:], src.kind[lo:hi])
	copy(r.said[to:], src.said[lo:hi])
	return hi - lo
}

// addRun appends a run to runs and merges runs of like size from the end on, so that their number stays small.
func addRun(runs []*run, r *run) []*run {
	runs = append(slices.Clone(runs), r)
	for n := len(runs); n > 1 && runs[n-2].len() < 2*runs[n-1].len(); n = len(runs) {
		runs = append(runs[:n-2], merge(runs[n-2], runs[n-1]))
	}
	return runs
}

// remover takes activities out of runs. Activities that look the same in the columns are the same to every metric, so
// it does not matter which of them goes.
type remover struct {
	runs   []*run
	copied map[int]bool // runs whose kinds are this remover's own
}

func (m *remover) remove(at, who, place uint32, kind, said uint8) bool {
	n, i := find(m.runs, at, who, place, kind, said)
	if n < 0 {
		return false
	}
	if !m.copied[n] {
		own := *m.runs[n]
		own.kind = slices.Clone(own.kind)
		m.runs[n], m.copied[n] = &own, true
	}
	m.runs[n].kind[i] = kindDead
	return true
}
