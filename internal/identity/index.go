// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"math/bits"
	"sort"
)

// maxBlock is the largest number of records that are all compared with each
// other because of one key.
const maxBlock = 48

// entry puts a record under a key.
type entry struct {
	key  uint64
	rec  uint32
	attr uint8 // the first attribute by which the block may be split (again)
	part bool  // the key comes of a split
}

// index finds the records that share a key. Keys that more than maxBlock
// records share are split by an attribute, every remaining attribute giving
// one way to split, and again where that is not enough; so cost grows with
// the number of records, and no pair is lost because a block was large unless
// it has no attribute in common.
type index struct {
	levels [][]entry // sorted by key; each level splits the one before
}

// keyFilter remembers, with some error towards yes, which keys were seen by
// more than one record, so that the many keys of one record take no room.
type keyFilter struct {
	once, twice []uint64
	shift       uint
}

func newKeyFilter(records int) *keyFilter {
	size := bits.Len(uint(records)|1<<10) + 1 // 128 to 256 bits for a record
	return &keyFilter{once: make([]uint64, 1<<size), twice: make([]uint64, 1<<size), shift: uint(64 - size)}
}

func (f *keyFilter) see(key uint64, _ uint8) {
	word, bit := key>>f.shift, uint64(1)<<(key&63)
	if f.once[word]&bit != 0 {
		f.twice[word] |= bit
	}
	f.once[word] |= bit
}

func (f *keyFilter) shared(key uint64) bool {
	return f.twice[key>>f.shift]&(1<<(key&63)) != 0
}

// join adds what another filter of the same size has seen.
func (f *keyFilter) join(o *keyFilter) {
	for i := range f.once {
		f.twice[i] |= o.twice[i] | f.once[i]&o.once[i]
		f.once[i] |= o.once[i]
	}
}

// sharedKeys indexes the records by the keys that at least two have.
func (r *Result) sharedKeys(workers int) *index {
	workers = max(1, workers)
	filters := make([]*keyFilter, workers)
	for w := range filters {
		filters[w] = newKeyFilter(len(r.profiles))
	}
	parallel(len(r.profiles), workers, func(w, i int) { r.model.keys(&r.profiles[i], filters[w].see) })
	for _, f := range filters[1:] {
		filters[0].join(f)
	}
	return r.allKeys(workers, filters[0].shared)
}

// allKeys indexes the records by all their keys that pass keep.
func (r *Result) allKeys(workers int, keep func(key uint64) bool) *index {
	parts := make([]entryList, max(1, workers))
	parallel(len(r.profiles), workers, func(w, i int) {
		r.model.keys(&r.profiles[i], func(key uint64, split uint8) {
			if keep(key) {
				parts[w].add(entry{key: key, rec: uint32(i), attr: split})
			}
		})
	})
	entries := joinEntries(parts)
	return r.model.buildIndex(entries, r.profiles)
}

// buildIndex takes the plain entries in any order and sorts them.
func (m *model) buildIndex(entries []entry, profiles []profile) *index {
	ix := &index{}
	for {
		sortEntries(entries)
		ix.levels = append(ix.levels, entries)
		var next entryList
		eachGroup(entries, func(g []entry) {
			if len(g) <= maxBlock {
				return
			}
			split := false
			for k := g[0].attr; k < splitNever; k++ {
				if !m.tellsApart(g, profiles, k) {
					continue
				}
				split = true
				for _, e := range g {
					if a := m.attribute(&profiles[e.rec], k); a != 0 {
						next.add(entry{subKey(e.key, k, a), e.rec, k + 1, true})
					}
				}
			}
			if !split && g[0].attr < splitNever {
				g[0].part = true // as small as it gets
			}
		})
		if entries = joinEntries([]entryList{next}); len(entries) == 0 {
			return ix
		}
	}
}

// tellsApart reports whether an attribute differs within a block; splitting
// by one that does not would only repeat the block.
func (m *model) tellsApart(g []entry, profiles []profile, k uint8) bool {
	first := m.attribute(&profiles[g[0].rec], k)
	for _, e := range g[1:] {
		if m.attribute(&profiles[e.rec], k) != first {
			return true
		}
	}
	return false
}

// entryList grows in pieces, so that a long one is never copied while it does.
type entryList struct {
	full [][]entry
	last []entry
}

const entryPiece = 1 << 14

func (l *entryList) add(e entry) {
	if len(l.last) == cap(l.last) {
		if l.last != nil {
			l.full = append(l.full, l.last)
		}
		l.last = make([]entry, 0, entryPiece)
	}
	l.last = append(l.last, e)
}

// joinEntries empties the lists into one slice.
func joinEntries(lists []entryList) []entry {
	n := 0
	for i := range lists {
		n += len(lists[i].full)*entryPiece + len(lists[i].last)
	}
	all := make([]entry, 0, n)
	for i := range lists {
		for _, p := range lists[i].full {
			all = append(all, p...)
		}
		all = append(all, lists[i].last...)
		lists[i] = entryList{}
	}
	return all
}

func subKey(key uint64, attr uint8, value uint64) uint64 {
	return pair(key, pair(uint64(attr), value))
}

// eachGroup calls f with every run of entries of one key, without doubles.
func eachGroup(entries []entry, f func([]entry)) {
	for i := 0; i < len(entries); {
		j := i + 1
		for j < len(entries) && entries[j].key == entries[i].key {
			j++
		}
		f(entries[i:j])
		i = j
	}
}

// blocks calls f with the records of every block of two to maxBlock records.
// Records that cannot be told apart by any attribute are chained: each part
// of the block holds the first record too.
func (ix *index) blocks(f func([]entry)) {
	for _, level := range ix.levels {
		eachGroup(level, func(g []entry) {
			switch {
			case len(g) < 2:
			case len(g) <= maxBlock:
				f(g)
			case g[0].part:
				// Whatever finer splits find besides, neighbors meet.
				for i := 1; i < len(g); i += 4 {
					part := append([]entry{g[0]}, g[i:min(i+4, len(g))]...)
					f(part)
				}
			}
		})
	}
}

// lookup calls f with every record that shares a key with profile p.
func (ix *index) lookup(m *model, p *profile, f func(rec uint32)) {
	m.keys(p, func(key uint64, _ uint8) { ix.find(m, p, 0, key, f) })
}

func (ix *index) find(m *model, p *profile, level int, key uint64, f func(rec uint32)) {
	if level >= len(ix.levels) {
		return
	}
	entries := ix.levels[level]
	lo := sort.Search(len(entries), func(i int) bool { return entries[i].key >= key })
	hi := lo
	for hi < len(entries) && hi-lo <= maxBlock && entries[hi].key == key {
		hi++
	}
	if hi-lo <= maxBlock {
		for _, e := range entries[lo:hi] {
			f(e.rec)
		}
		return
	}
	for k := entries[lo].attr; k < splitNever; k++ {
		if a := m.attribute(p, k); a != 0 {
			ix.find(m, p, level+1, subKey(key, k, a), f)
		}
	}
	if entries[lo].part {
		for _, e := range entries[lo : lo+5] {
			f(e.rec)
		}
	}
}

// sortEntries sorts by key and record with a radix sort on the key's upper
// half and comparison within; it removes doubles in place by neighboring.
func sortEntries(e []entry) {
	if len(e) < 1<<12 {
		sort.Slice(e, func(i, j int) bool { return entryLess(&e[i], &e[j]) })
		return
	}
	scratch := make([]entry, len(e))
	src, dst := e, scratch
	for _, shift := range []uint{32, 43, 54} {
		var count [1 << 11]int
		for i := range src {
			count[src[i].key>>shift&0x7ff]++
		}
		sum := 0
		for i, n := range count {
			count[i] = sum
			sum += n
		}
		for i := range src {
			k := src[i].key >> shift & 0x7ff
			dst[count[k]] = src[i]
			count[k]++
		}
		src, dst = dst, src
	}
	copy(e, src)
	// The upper 32 bits are in order; settle the rest within short runs.
	for i := 0; i < len(e); {
		j := i + 1
		for j < len(e) && e[j].key>>32 == e[i].key>>32 {
			j++
		}
		if run := e[i:j]; len(run) > 1 {
			settle(run)
		}
		i = j
	}
}

func entryLess(a, b *entry) bool {
	if a.key != b.key {
		return a.key < b.key
	}
	return a.rec < b.rec
}

func settle(run []entry) {
	sorted := true
	for i := 1; i < len(run) && sorted; i++ {
		sorted = !entryLess(&run[i], &run[i-1])
	}
	if sorted {
		return
	}
	sort.Slice(run, func(i, j int) bool { return entryLess(&run[i], &run[j]) })
}
