// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import "slices"

// cases are the conversations of a period, as one metric needs them.
type cases struct {
	hits, n int64
	waits   durations
}

// collect calls add for every conversation that counts and was opened in one of the periods, with that period's cases.
// It works on several conversations at once, each worker with cases of its own.
func (c *calc) collect(add func(v *conversation, to *cases)) ([]cases, error) {
	spans := c.spans()
	r := span{spans[0].from, spans[len(spans)-1].to}
	plus, minus := make([][]cases, c.e.workers), make([][]cases, c.e.workers)
	err := c.f.look.conversations(c, c.f, r, func(worker int) each {
		if plus[worker] == nil {
			plus[worker] = make([]cases, len(spans))
		}
		of, p := plus[worker], 0 // most were opened in the same period as the one before
		return func(v *conversation, at uint32, sign int) {
			if at < spans[p].from || at >= spans[p].to {
				p, _ = slices.BinarySearchFunc(spans, at, func(s span, t uint32) int { return compareIDs(int64(s.to), int64(t)+1) })
			}
			if sign > 0 {
				add(v, &of[p])
				return
			}
			if minus[worker] == nil {
				minus[worker] = make([]cases, len(spans))
			}
			add(v, &minus[worker][p])
		}
	})
	all := make([]cases, len(spans))
	for i := range all {
		for _, part := range plus {
			if part != nil {
				all[i].hits, all[i].n = all[i].hits+part[i].hits, all[i].n+part[i].n
				all[i].waits = append(all[i].waits, part[i].waits...)
			}
		}
		for _, part := range minus {
			if part != nil {
				all[i].hits, all[i].n = all[i].hits-part[i].hits, all[i].n-part[i].n
				all[i].waits = all[i].waits.without(part[i].waits)
			}
		}
	}
	return all, err
}

// authors is the set of those identities in among that opened conversations in a range.
func (c *calc) authors(s span, among bitset) (bitset, error) {
	f := c.f.clone()
	f.who = among
	opened := make([]map[uint32]int, c.e.workers)
	err := f.look.conversations(c, f, s, func(worker int) each {
		if opened[worker] == nil {
			opened[worker] = make(map[uint32]int)
		}
		own := opened[worker]
		return func(v *conversation, _ uint32, sign int) { own[v.author] += sign }
	})
	set := newBitset(c.img.who.len())
	for _, part := range opened {
		for author, n := range part {
			if n > 0 {
				set.set(author)
			}
		}
	}
	return set, err
}

// together is the union of what the workers have found; those that had nothing to do have no set.
func together(sets []bitset, n int) bitset {
	all := newBitset(n)
	for _, set := range sets {
		all.or(set)
	}
	return all
}

func (v *conversation) question() bool { return v.kind&kindQuestion != 0 }

// asks reports whether the conversation is a question that the team has not decided to ignore.
func (v *conversation) asks() bool { return v.question() && v.state != stateIgnored }

// response is when the first response was given by whom the request asks for, 0 where there is none.
func (c *calc) response(v *conversation) int64 {
	switch c.req.Options.By {
	case ByStaff:
		return v.staff
	case ByMember:
		return v.member
	default:
		return v.first
	}
}

// number counts the conversations for which keep holds.
func number(keep func(v *conversation) bool) func(c *calc) ([]Point, error) {
	return func(c *calc) ([]Point, error) {
		all, err := c.collect(func(v *conversation, to *cases) {
			if keep(v) {
				to.n++
			}
		})
		points := make([]Point, len(all))
		for i := range all {
			points[i] = c.counted(i, all[i].n)
		}
		return points, err
	}
}

// portion is the share of conversations with one property among those with another.
func portion(judge func(c *calc, v *conversation) (counts, hit bool)) func(c *calc) ([]Point, error) {
	return func(c *calc) ([]Point, error) {
		all, err := c.collect(func(v *conversation, to *cases) {
			counts, hit := judge(c, v)
			if counts {
				to.n++
				if hit {
					to.hits++
				}
			}
		})
		points := make([]Point, len(all))
		for i := range all {
			points[i] = c.point(i).share(all[i].hits, all[i].n)
		}
		return points, err
	}
}

func answered(c *calc, v *conversation) (counts, hit bool) {
	return v.asks(), c.response(v) != 0
}

func resolved(_ *calc, v *conversation) (counts, hit bool) {
	return v.asks(), v.state == stateResolved
}

// inTime judges a question by the target: one that still waits and is younger than the target is not due yet.
func inTime(c *calc, v *conversation) (counts, hit bool) {
	target := c.req.Options.Target.Microseconds()
	if at := c.response(v); at != 0 {
		return v.asks(), at-v.opened <= target
	}
	return v.asks() && c.now.UnixMicro()-v.opened >= target, false
}

// timeToResponse is the waiting time that the share q of questions did not exceed, by Kaplan-Meier. Questions without
// a response are counted with the time that they have been waiting: until now or, where they were resolved without one,
// until then.
func timeToResponse(q float64) func(c *calc) ([]Point, error) {
	return func(c *calc) ([]Point, error) {
		now := c.now.UnixMicro()
		all, err := c.collect(func(v *conversation, to *cases) {
			if !v.asks() {
				return
			}
			to.n++
			if at := c.response(v); at != 0 {
				to.hits++
				to.waits = append(to.waits, duration(at-v.opened, true))
				return
			}
			end := now
			if v.state == stateResolved && v.resolved > 0 {
				end = min(end, v.resolved)
			}
			to.waits = append(to.waits, duration(end-v.opened, false))
		})
		if err != nil {
			return nil, err
		}
		points := make([]Point, len(all))
		err = parallel(c.ctx, c.e.workers, len(all), func(_, i int) {
			points[i] = c.point(i)
			points[i].Count, points[i].N = all[i].hits, all[i].n
			points[i].Value = all[i].waits.quantiles(q)[0]
		})
		return points, err
	}
}
