// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import "slices"

// activities counts the activities of each period.
func activities(c *calc) ([]Point, error) {
	type part struct {
		piece
		period int
	}
	var parts []part
	for i, s := range c.spans() {
		for _, p := range c.f.pieces(s) {
			parts = append(parts, part{p, i})
		}
	}
	counts := make([]int64, len(parts))
	err := parallel(c.ctx, c.e.workers, len(parts), func(_, i int) { counts[i] = c.f.count(parts[i].piece) })
	sums := make([]int64, len(c.periods))
	for i, p := range parts {
		sums[p.period] += counts[i]
	}
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

// counter is what a worker counts with; all zero between periods.
type counter struct {
	byIdentity, byMember []uint32
	ids, members         bitset
}

// spreads counts the activities of each member in each period.
func (c *calc) spreads() ([]spread, error) {
	spans := c.spans()
	out := make([]spread, len(spans))
	counters := make([]*counter, c.e.workers)
	err := parallel(c.ctx, c.e.workers, len(spans), func(worker, i int) {
		k := counters[worker]
		if k == nil {
			who := c.img.who
			k = &counter{
				byIdentity: make([]uint32, who.len()), byMember: make([]uint32, who.members),
				ids: newBitset(who.len()), members: newBitset(who.members),
			}
			counters[worker] = k
		}
		for _, p := range c.f.pieces(spans[i]) {
			c.f.mark(p, k.ids)
			c.f.tally(p, k.byIdentity)
		}
		c.gather(k, &out[i])
	})
	return out, err
}

// gather adds up a counter by member and empties it.
func (c *calc) gather(k *counter, s *spread) {
	k.ids.each(func(i uint32) {
		n := k.byIdentity[i]
		k.byIdentity[i] = 0
		m := c.img.who.member[i]
		if m != 0 && n > 0 && c.f.who.bit(i) != 0 {
			k.byMember[m] += n
			k.members.set(m)
		}
	})
	clear(k.ids)
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
