// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

// blockList holds blocks of records that are to be compared: in each, those
// that bear the key strongly come first, and two weak ones are not compared.
type blockList struct {
	members []uint32
	blocks  []block
}

// block is a run of a list's members.
type block struct {
	start         uint32
	strong, total uint16
}

// blocks adds the blocks of a shard to a list: groups of two to maxBlock
// records. Records that cannot be told apart by any attribute are chained:
// each part of the block holds the first record too.
func (s *shard) blocks(l *blockList) {
	for _, level := range s.levels {
		eachGroup(level, func(g []entry) {
			switch {
			case len(g) < 2:
			case len(g) <= maxBlock:
				l.add(g)
			case g[0]&entryPart != 0:
				// Whatever finer splits find besides, neighbors meet.
				hub := g[0] &^ entryWeak
				for i := 1; i < len(g); i += 4 {
					l.add(append([]entry{hub}, g[i:min(i+4, len(g))]...))
				}
			}
		})
	}
}

func (l *blockList) add(g []entry) {
	b := block{start: uint32(len(l.members)), total: uint16(len(g))}
	for _, e := range g {
		if !e.weak() {
			l.members = append(l.members, e.rec())
			b.strong++
		}
	}
	if b.strong == 0 {
		return
	}
	for _, e := range g {
		if e.weak() {
			l.members = append(l.members, e.rec())
		}
	}
	l.blocks = append(l.blocks, b)
}

// of returns the records to compare with a member of block k, some of which
// may be the member itself or have been its partner the other way round.
func (l *blockList) of(k uint32, weak bool) []uint32 {
	b := l.blocks[k]
	n := uint32(b.total)
	if weak {
		n = uint32(b.strong)
	}
	return l.members[b.start : b.start+n]
}

// joinBlocks makes one list of several and empties them.
func joinBlocks(lists []blockList) *blockList {
	all := &lists[0]
	for i := range lists[1:] {
		l := &lists[1+i]
		shift := uint32(len(all.members))
		all.members = append(all.members, l.members...)
		for _, b := range l.blocks {
			b.start += shift
			all.blocks = append(all.blocks, b)
		}
		*l = blockList{}
	}
	return all
}

// membership lists, record by record, the blocks it is in, each twice its
// number and one more where the record is a weak member.
type membership struct {
	starts []uint32
	in     []uint32
}

func (x *membership) of(rec int) []uint32 { return x.in[x.starts[rec]:x.starts[rec+1]] }

// invert finds the blocks of each record.
func (l *blockList) invert(records int) *membership {
	x := &membership{starts: make([]uint32, records+2)}
	for _, rec := range l.members {
		x.starts[rec+2]++
	}
	for i := 1; i < len(x.starts); i++ {
		x.starts[i] += x.starts[i-1]
	}
	x.in = make([]uint32, len(l.members))
	for k, b := range l.blocks {
		for i, rec := range l.members[b.start : b.start+uint32(b.total)] {
			n := uint32(k) << 1
			if i >= int(b.strong) {
				n |= 1
			}
			x.in[x.starts[rec+1]] = n
			x.starts[rec+1]++
		}
	}
	return x
}
