// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"slices"

	"greenroom"
)

// occasionalMost is how many contributions of a period make a member an occasional contributor at most.
const occasionalMost = 3

// occasional counts the members with few contributions in each period.
func occasional(c *calc) ([]Point, error) {
	spreads, err := c.spreads()
	points := make([]Point, len(spreads))
	for i := range spreads {
		n := int64(0)
		for _, members := range spreads[i].few[1 : occasionalMost+1] {
			n += members
		}
		points[i] = c.counted(i, n)
		points[i].N = spreads[i].n
	}
	return points, err
}

// elephant is the elephant factor of each period.
func elephant(c *calc) ([]Point, error) {
	who := c.img.who
	points := make([]Point, len(c.periods))
	employers, moved, err := c.ofMovers(func(part *calc, size int) ([]int64, error) {
		for id := range who.moves {
			if who.member[id] == 0 {
				part.f.who.unset(id)
			}
		}
		return part.f.look.histogram(part, part.spans(), byEmployer, size)
	})
	if err != nil {
		return nil, err
	}
	err = c.f.look.tally(c, c.spans(), func(i int, k *counter) {
		made := make(map[uint32]uint32)
		k.drain(func(identity, activities uint32) {
			if _, gone := who.moves[identity]; gone {
				return
			}
			if o := who.org[identity]; o != 0 && who.member[identity] != 0 {
				made[o] += activities
			}
		})
		for n, o := range employers {
			if count := moved[i*len(employers)+n]; count > 0 && o != 0 {
				made[o] += uint32(count) //nolint:gosec // a number of activities
			}
		}
		points[i] = c.point(i)
		if len(made) == 0 {
			return
		}
		var s spread
		for _, n := range made {
			s.add(n)
		}
		n := s.half()
		v := float64(n)
		points[i].Value, points[i].Count, points[i].N = &v, n, s.n
	})
	return points, err
}

// memberShare is the share of posts that members wrote among those by members and the team.
func memberShare(c *calc) ([]Point, error) {
	who := c.img.who
	all, members := c.f.clone(), c.f.clone()
	all.who = newBitset(who.len())
	all.who.fill()
	if all.asked != nil {
		all.who.and(all.asked)
	}
	for _, set := range []bitset{who.bot, who.hidden, who.contact} {
		all.who.andNot(set)
	}
	all.who.unset(0) // somebody unknown is neither
	members.who = all.who.clone()
	members.who.andNot(who.staff)
	n, err := c.counting(all)
	if err != nil {
		return nil, err
	}
	hits, err := c.counting(members)
	points := make([]Point, len(hits))
	for i := range points {
		points[i] = c.point(i).share(hits[i], n[i])
	}
	return points, err
}

// counting counts the activities of each period that another filter than the request's keeps.
func (c *calc) counting(f *filter) ([]int64, error) {
	own := *c
	own.f = f
	return f.look.count(&own, own.spans())
}

// byMembers judges who gave the first response.
func byMembers(_ *calc, v *conversation) (counts, hit bool) {
	return v.asks() && v.first != 0, v.member != 0 && v.member == v.first
}

// timeToResolution is the median time until questions are resolved, by Kaplan-Meier.
func timeToResolution(c *calc) ([]Point, error) {
	now := c.now.UnixMicro()
	all, err := c.collect(func(v *conversation, to *cases) {
		done := v.state == stateResolved
		if !v.asks() || done && v.resolved == 0 {
			return
		}
		to.n++
		if done {
			to.hits++
			to.waits = append(to.waits, duration(v.resolved-v.opened, true))
			return
		}
		to.waits = append(to.waits, duration(now-v.opened, false))
	})
	points := make([]Point, len(all))
	for i := range all {
		points[i] = c.point(i)
		points[i].Count, points[i].N = all[i].hits, all[i].n
		points[i].Value = all[i].waits.quantiles(0.5)[0]
	}
	return points, err
}

// restrict lets only those kinds count, of those that count already, that a metric is about.
func (f *filter) restrict(m *Metric) {
	if m.only == nil {
		return
	}
	for b := range f.kinds {
		if !m.only(greenroom.Kind(b & kindMask)) {
			f.kinds[b] = 0
		}
	}
}

// countedKinds lists by name the kinds that a metric counts while the query names none.
func (m *Metric) countedKinds() []string {
	var names []string
	for _, k := range greenroom.Kinds() {
		if k.Info().Active && (m.only == nil || m.only(k)) {
			names = append(names, k.String())
		}
	}
	return names
}

// among leaves of the kinds that a query names those that the metric counts.
func (m *Metric) among(names []string) []string {
	if m.only == nil {
		return names
	}
	counted := m.countedKinds()
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(counted, n) })
}
