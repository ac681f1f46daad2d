// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// activities counts the activities of each period.
func activities(c *calc) ([]Point, error) {
	sums, err := c.f.look.count(c, c.spans())
	points := make([]Point, len(sums))
	for i, n := range sums {
		points[i] = c.counted(i, n)
	}
	return points, err
}

// spread says how many members had how many activities in a period.
type spread struct {
	few   [256]int64 // members with so many activities
	many  []uint32   // the activities of those with more
	total int64
	n     int64 // members
}

func (s *spread) add(activities uint32) {
	s.n++
	s.total += int64(activities)
	if int(activities) < len(s.few) {
		s.few[activities]++
	} else {
		s.many = append(s.many, activities)
	}
}

// descend calls f with numbers of activities and how many members had so many, the most active first, until it returns
// false.
func (s *spread) descend(f func(activities, members int64) bool) {
	slices.Sort(s.many)
	for _, a := range slices.Backward(s.many) {
		if !f(int64(a), 1) {
			return
		}
	}
	for a := len(s.few) - 1; a > 0; a-- {
		if s.few[a] > 0 && !f(int64(a), s.few[a]) {
			return
		}
	}
}

// half is the smallest number of members who together have half of the activities.
func (s *spread) half() int64 {
	left, needed := (s.total+1)/2, int64(0)
	s.descend(func(activities, members int64) bool {
		take := min(members, (left+activities-1)/activities)
		needed += take
		left -= take * activities
		return left > 0
	})
	return needed
}

// top is how many activities the n most active members have.
func (s *spread) top(n int64) int64 {
	sum := int64(0)
	s.descend(func(activities, members int64) bool {
		take := min(members, n)
		sum += take * activities
		n -= take
		return n > 0
	})
	return sum
}

// counter is what a worker counts with; all zero between periods. The counts by identity are bytes, so that a million
// of them stay in the processor's second cache: what does not fit one goes to over.
type counter struct {
	byIdentity []uint8 // as long as a whole number of words
	over       map[uint32]uint32
	byMember   []uint32
	members    bitset
}

func newCounter(who *people) *counter {
	return &counter{
		byIdentity: make([]uint8, (who.len()+7)/8*8), over: make(map[uint32]uint32),
		byMember: make([]uint32, who.members), members: newBitset(who.members),
	}
}

// add counts n, 0 or 1, activities of an identity. A count that has begun never goes back to 0.
func (k *counter) add(identity uint32, n uint8) {
	c := k.byIdentity[identity] + n
	if c == 0 && n > 0 {
		k.over[identity] += 255
		c = 1
	}
	k.byIdentity[identity] = c
}

// spreads counts the activities of each member in each period.
func (c *calc) spreads() ([]spread, error) {
	spans := c.spans()
	out := make([]spread, len(spans))
	err := c.f.look.tally(c, spans, func(i int, k *counter) { c.gather(k, &out[i]) })
	return out, err
}

// drain calls yield with how many activities each identity has that has some, and empties the counter.
func (k *counter) drain(yield func(identity, activities uint32)) {
	spilled := len(k.over) > 0
	for at := 0; at < len(k.byIdentity); at += 8 {
		eight := k.byIdentity[at : at+8 : at+8]
		left := binary.LittleEndian.Uint64(eight)
		if left == 0 {
			continue
		}
		binary.LittleEndian.PutUint64(eight, 0)
		for left != 0 {
			j := bits.TrailingZeros64(left) &^ 7
			i, activities := uint32(at+j/8), uint32(uint8(left>>j))
			left &^= 0xff << j
			if spilled {
				activities += k.over[i]
			}
			yield(i, activities)
		}
	}
	clear(k.over)
}

// gather adds up a counter by member and empties it.
func (c *calc) gather(k *counter, s *spread) {
	member, shared := c.img.who.member, c.img.who.shared()
	k.drain(func(identity, activities uint32) {
		m := member[identity]
		if shared.bit(identity) == 0 && m != 0 {
			s.add(activities)
			return
		}
		k.byMember[m] += activities
		k.members.set(m)
	})
	k.members.unset(0)
	k.byMember[0] = 0
	k.members.each(func(m uint32) {
		s.add(k.byMember[m])
		k.byMember[m] = 0
	})
	clear(k.members)
}

// concentration is the contributor absence factor of each period.
func concentration(c *calc) ([]Point, error) {
	spreads, err := c.spreads()
	points := make([]Point, len(spreads))
	for i := range spreads {
		points[i] = c.point(i)
		if s := &spreads[i]; s.n > 0 {
			n := s.half()
			v := float64(n)
			points[i].Value, points[i].Count, points[i].N = &v, n, s.n
		}
	}
	return points, err
}

// topMembers is how many members top_share looks at.
const topMembers = 10

// topShare is the share of activities by the most active members.
func topShare(c *calc) ([]Point, error) {
	spreads, err := c.spreads()
	points := make([]Point, len(spreads))
	for i := range spreads {
		points[i] = c.point(i)
		if s := &spreads[i]; s.total > 0 {
			top := s.top(topMembers)
			v := float64(top) / float64(s.total)
			points[i].Value, points[i].Count, points[i].N = &v, top, s.total
		}
	}
	return points, err
}
