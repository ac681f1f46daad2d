// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"math/bits"
	"slices"
	"sort"
	"sync/atomic"
)

// maxBlock is the largest number of records that are all compared with each
// other because of one key.
const maxBlock = 48

// entry puts a record under a key, packed so that sorting numbers sorts by
// key, then record, then strength:
//
//	32 bits of the key (the shard has 10 more) · 27 bits record, which is
//	134 million · 1 bit weak · 3 bits first attribute to split by · 1 bit part
type entry uint64

const (
	entryPart    entry = 1
	entryWeak    entry = 1 << 4
	shardBits          = 10
	leastPiece         = 1 << 5 // entries in the first piece of a shard's list
	largestPiece       = 1 << 11
)

func newEntry(key uint64, rec uint32, split uint8, weak bool) entry {
	e := entry(key<<shardBits&^(1<<32-1)) | entry(rec)<<5 | entry(split)<<1
	if weak {
		e |= entryWeak
	}
	return e
}

func shardOf(key uint64) int      { return int(key >> (64 - shardBits)) }
func (e entry) rec() uint32       { return uint32(e) >> 5 }
func (e entry) split() uint8      { return uint8(e>>1) & 7 }
func (e entry) weak() bool        { return e&entryWeak != 0 }
func (e entry) key() uint32       { return uint32(e >> 32) }
func (e entry) same(o entry) bool { return e.key() == o.key() }

// shard holds the entries whose keys begin with the same bits, sorted; each
// level splits what is too large in the one before.
type shard struct {
	levels [][]entry
}

// index finds the records that share a key. Keys that more than maxBlock
// records share are split by an attribute, every remaining attribute giving
// one way to split, and again where that is not enough; so cost grows with
// the number of records, and no pair is lost because a block was large unless
// it has no attribute in common.
type index struct {
	shards []shard
}

// keyFilter remembers, with some error towards yes, which keys were seen by
// more than one record, so that the many keys of one record take no room. A
// key that was only ever seen weakly brings no pair and counts as unseen.
type keyFilter struct {
	cells []filterCell
	shift uint
}

type filterCell struct{ any, strong, shared atomic.Uint64 }

func newKeyFilter(records int) *keyFilter {
	size := bits.Len(uint(records)|1<<10) + 1 // 128 to 256 bits for a record
	return &keyFilter{cells: make([]filterCell, 1<<size), shift: uint(64 - size)}
}

// see may be called by several goroutines; what is remembered does not depend
// on their order.
func (f *keyFilter) see(key uint64, _ uint8, weak bool) {
	c, bit := &f.cells[key>>f.shift], uint64(1)<<(key&63)
	if !weak && c.strong.Load()&bit == 0 {
		c.strong.Or(bit)
	}
	again := c.any.Load()&bit != 0 || c.any.Or(bit)&bit != 0
	if (!weak && again) || (weak && c.strong.Load()&bit != 0) {
		c.shared.Or(bit)
	}
}

func (f *keyFilter) shared(key uint64) bool {
	return f.cells[key>>f.shift].shared.Load()&(1<<(key&63)) != 0
}

// sharedKeys returns the blocks of the keys that at least two records have.
func (r *Result) sharedKeys(workers int) *blockList {
	filter := newKeyFilter(len(r.profiles))
	parallel(len(r.profiles), workers, func(_, i int) { r.model.keys(&r.profiles[i], filter.see) })
	parts := r.collectKeys(workers, filter.shared)
	filter = nil
	lists := make([]blockList, max(1, workers))
	parallelBy(1, 1<<shardBits, workers, func(w, i int) {
		s := r.model.buildShard(joinEntries(parts, i), r.profiles)
		s.blocks(&lists[w])
	})
	return joinBlocks(lists)
}

// allKeys indexes the records by all their keys.
func (r *Result) allKeys(workers int) *index {
	parts := r.collectKeys(workers, func(uint64) bool { return true })
	ix := &index{shards: make([]shard, 1<<shardBits)}
	parallelBy(1, 1<<shardBits, workers, func(_, i int) {
		ix.shards[i] = r.model.buildShard(joinEntries(parts, i), r.profiles)
	})
	return ix
}

// collectKeys gathers the entries of the keys that pass keep, by worker and
// shard.
func (r *Result) collectKeys(workers int, keep func(key uint64) bool) [][]entryList {
	parts := make([][]entryList, max(1, workers))
	for w := range parts {
		parts[w] = make([]entryList, 1<<shardBits)
	}
	parallel(len(r.profiles), workers, func(w, i int) {
		r.model.keys(&r.profiles[i], func(key uint64, split uint8, weak bool) {
			if keep(key) {
				parts[w][shardOf(key)].add(newEntry(key, uint32(i), split, weak))
			}
		})
	})
	return parts
}

// buildShard takes the plain entries of a shard in any order, sorts them and
// splits what is too large.
func (m *model) buildShard(entries []entry, profiles []profile) shard {
	var s shard
	for len(entries) > 0 {
		slices.Sort(entries)
		entries = slices.CompactFunc(entries, func(a, b entry) bool { return (a^b)>>5 == 0 }) // the strong one stays
		s.levels = append(s.levels, entries)
		var next []entry
		eachGroup(entries, func(g []entry) {
			if len(g) <= maxBlock || g[0].split() >= splitNever {
				return
			}
			split := false
			for k := g[0].split(); k < splitNever; k++ {
				if !m.tellsApart(g, profiles, k) {
					continue
				}
				split = true
				for _, e := range g {
					if a := m.attribute(&profiles[e.rec()], k); a != 0 {
						next = append(next, newEntry(subKey(e.key(), k, a), e.rec(), k+1, e.weak()))
					}
				}
			}
			if !split {
				g[0] |= entryPart // as small as it gets
			}
		})
		entries = next
	}
	return s
}

// tellsApart reports whether an attribute differs within a block; splitting
// by one that does not would only repeat the block.
func (m *model) tellsApart(g []entry, profiles []profile, k uint8) bool {
	first := m.attribute(&profiles[g[0].rec()], k)
	for _, e := range g[1:] {
		if m.attribute(&profiles[e.rec()], k) != first {
			return true
		}
	}
	return false
}

// subKey is the key of a part of a block. It stays in the shard of the block.
func subKey(key uint32, attr uint8, value uint64) uint64 {
	return pair(uint64(key), pair(uint64(attr), value))
}

// entryList grows in pieces, so that a long one is never copied while it does.
type entryList struct {
	full [][]entry
	last []entry
}

func (l *entryList) add(e entry) {
	if len(l.last) == cap(l.last) {
		if l.last != nil {
			l.full = append(l.full, l.last)
		}
		l.last = make([]entry, 0, min(max(2*len(l.last), leastPiece), largestPiece))
	}
	l.last = append(l.last, e)
}

// joinEntries empties the lists of one shard into one slice.
func joinEntries(parts [][]entryList, shard int) []entry {
	n := 0
	for w := range parts {
		l := &parts[w][shard]
		for _, p := range l.full {
			n += len(p)
		}
		n += len(l.last)
	}
	all := make([]entry, 0, n)
	for w := range parts {
		l := &parts[w][shard]
		for _, p := range l.full {
			all = append(all, p...)
		}
		all = append(all, l.last...)
		*l = entryList{}
	}
	return all
}

// eachGroup calls f with every run of entries of one key.
func eachGroup(entries []entry, f func([]entry)) {
	for i := 0; i < len(entries); {
		j := i + 1
		for j < len(entries) && entries[j].same(entries[i]) {
			j++
		}
		f(entries[i:j])
		i = j
	}
}

// lookup calls f with every record that shares a key with profile p.
func (ix *index) lookup(m *model, p *profile, f func(rec uint32)) {
	m.keys(p, func(key uint64, _ uint8, weak bool) {
		ix.shards[shardOf(key)].find(m, p, 0, newEntry(key, 0, 0, weak), f)
	})
}

// find calls f with the records beside which a record with the key and
// strength of want would stand.
func (s *shard) find(m *model, p *profile, level int, want entry, f func(rec uint32)) {
	if level >= len(s.levels) {
		return
	}
	entries := s.levels[level]
	lo := sort.Search(len(entries), func(i int) bool { return entries[i].key() >= want.key() })
	hi := lo
	for hi < len(entries) && hi-lo <= maxBlock && entries[hi].same(want) {
		hi++
	}
	if hi-lo <= maxBlock {
		for _, e := range entries[lo:hi] {
			if !e.weak() || !want.weak() {
				f(e.rec())
			}
		}
		return
	}
	for k := entries[lo].split(); k < splitNever; k++ {
		if a := m.attribute(p, k); a != 0 {
			s.find(m, p, level+1, newEntry(subKey(want.key(), k, a), 0, 0, want.weak()), f)
		}
	}
	if entries[lo]&entryPart != 0 {
		for _, e := range entries[lo : lo+5] {
			f(e.rec())
		}
	}
}
