// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

// scanner goes through the facts for what the algebra of the metrics is done with: sets of identities, and numbers. Facts
// in this process are gone through by near, those in another engine by far.
type scanner interface {
	// active calls done, for each of the spans and in any order, with the set of the identities that have activities
	// which fit, whoever they are; those outside of among, which may be nil, need not be in it. The set is emptied
	// afterwards; done may be called by several goroutines at once.
	active(c *calc, spans []span, among bitset, done func(i int, ids bitset)) error
	// wave is for how many spans it is asked at best at a time, where each takes a set of members to keep.
	wave(c *calc) int
	// count counts the activities in each span that fit, by those who count.
	count(c *calc, spans []span) ([]int64, error)
	// tally does so for each identity: it calls done as active does, with numbers that done empties.
	tally(c *calc, spans []span, done func(i int, k *counter)) error
	// histogram counts the activities in each of the spans by what is true of them: what the number k stands for is counted,
	// for the span i, at i*size+k.
	histogram(c *calc, spans []span, by key, size int) ([]int64, error)
	// conversations goes through the conversations that f keeps and that were opened in a span. Several goroutines do, each
	// with functions that it gets from do by its number, now and then a new one.
	conversations(c *calc, f *filter, s span, do func(worker int) each) error
}

// each is called for a conversation, with when it was opened in the columns' time. A sign of -1 takes back one that it was,
// or will be, called with.
type each func(v *conversation, at uint32, sign int)

// key is something that is true of an activity or a conversation, and is said by a number.
type key uint8

const (
	byWho      key = iota // the identity
	byPlace               // see places
	byKind                // the kind byte
	bySaid                // Said
	byEmployer            // of those who have moved: the place of their organization at the time, see people.employers
)

func (k key) ofFact(who *people, r *run, i int) uint32 {
	switch k {
	case byEmployer:
		return who.employerKey(r.who[i], r.at[i])
	case byPlace:
		return r.place[i]
	case byKind:
		return uint32(r.kind[i])
	case bySaid:
		return uint32(r.said[i])
	default:
		return r.who[i]
	}
}

func (k key) ofConversation(who *people, v *conversation) uint32 {
	switch k {
	case byEmployer:
		return who.employerKey(v.author, seconds(v.opened))
	case byPlace:
		return v.place
	case byKind:
		return uint32(v.kind)
	case bySaid:
		return uint32(v.said)
	default:
		return v.author
	}
}

// near is facts that this process holds.
type near struct {
	runs  []*run
	convs conversations
}

// wave implements scanner.
func (n *near) wave(*calc) int {
	const spans = 32
	return spans
}

// active implements scanner. Many spans are shared out among the workers, and of few each one.
func (n *near) active(c *calc, spans []span, _ bitset, done func(i int, ids bitset)) error {
	if len(spans) < 2*c.e.workers {
		for i, s := range spans {
			ids, err := n.markAll(c, s)
			if err != nil {
				return err
			}
			done(i, ids)
		}
		return nil
	}
	ids := make([]bitset, c.e.workers)
	return parallel(c.ctx, c.e.workers, len(spans), func(worker, i int) {
		if ids[worker] == nil {
			ids[worker] = newBitset(c.img.who.len())
		}
		for _, p := range n.pieces(c.f, spans[i]) {
			c.f.mark(p, ids[worker])
		}
		done(i, ids[worker])
		clear(ids[worker])
	})
}

// markAll is the set of the identities with activities in a long stretch, by all workers together.
func (n *near) markAll(c *calc, s span) (bitset, error) {
	pieces := n.pieces(c.f, s)
	sets := make([]bitset, c.e.workers)
	err := parallel(c.ctx, c.e.workers, len(pieces), func(worker, i int) {
		if sets[worker] == nil {
			sets[worker] = newBitset(c.img.who.len())
		}
		c.f.mark(pieces[i], sets[worker])
	})
	return together(sets, c.img.who.len()), err
}

// part is a piece of one of several spans.
type part struct {
	piece
	period int
}

func (n *near) parts(f *filter, spans []span) []part {
	var all []part
	for i, s := range spans {
		for _, p := range n.pieces(f, s) {
			all = append(all, part{p, i})
		}
	}
	return all
}

// count implements scanner.
func (n *near) count(c *calc, spans []span) ([]int64, error) {
	parts := n.parts(c.f, spans)
	counts := make([]int64, len(parts))
	err := parallel(c.ctx, c.e.workers, len(parts), func(_, i int) { counts[i] = c.f.count(parts[i].piece) })
	sums := make([]int64, len(spans))
	for i, p := range parts {
		sums[p.period] += counts[i]
	}
	return sums, err
}

// tally implements scanner.
func (n *near) tally(c *calc, spans []span, done func(i int, k *counter)) error {
	counters := make([]*counter, c.e.workers)
	return parallel(c.ctx, c.e.workers, len(spans), func(worker, i int) {
		if counters[worker] == nil {
			counters[worker] = newCounter(c.img.who)
		}
		for _, p := range n.pieces(c.f, spans[i]) {
			c.f.tally(p, counters[worker])
		}
		done(i, counters[worker])
	})
}

// histogram implements scanner.
func (n *near) histogram(c *calc, spans []span, by key, size int) ([]int64, error) {
	parts := n.parts(c.f, spans)
	counts := make([][]uint32, c.e.workers)
	err := parallel(c.ctx, c.e.workers, len(parts), func(worker, i int) {
		if counts[worker] == nil {
			counts[worker] = make([]uint32, len(spans)*size)
		}
		own := counts[worker][parts[i].period*size:][:size]
		c.f.each(parts[i].piece, func(r *run, i int) { own[by.ofFact(c.img.who, r, i)]++ })
	})
	return sums(counts, len(spans)*size), err
}

// sums adds up what the workers have counted; those that had nothing to do have no numbers.
func sums[T uint32 | int64](parts [][]T, size int) []int64 {
	sum := make([]int64, size)
	for _, part := range parts {
		for i, n := range part {
			sum[i] += int64(n)
		}
	}
	return sum
}

// conversations implements scanner.
func (n *near) conversations(c *calc, f *filter, s span, do func(worker int) each) error {
	chunks := n.convs.chunks
	return parallel(c.ctx, c.e.workers, len(chunks), func(worker, i int) {
		one := do(worker)
		for j := range chunks[i] {
			v := &chunks[i][j]
			if v.opened == 0 {
				continue
			}
			if at := seconds(v.opened); at >= s.from && at < s.to && f.keeps(v, at) {
				one(v, at, 1)
			}
		}
	})
}
