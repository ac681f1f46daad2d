// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"slices"
	"time"
)

// membersKnown counts, at the end of each period, the members that are known by then: from their first activity that fits or,
// where the query is only about people, from the day their account was made.
func membersKnown(c *calc) ([]Point, error) {
	spans := c.spans()
	seen, err := c.membersIn(span{0, spans[0].from})
	if err != nil {
		return nil, err
	}
	var joined [][]uint32
	if !c.f.narrow {
		joined = c.joined(seen, spans)
	}
	points := make([]Point, len(spans))
	err = c.eachSet(spans, func(i int, set bitset) {
		seen.or(set)
		if joined != nil {
			for _, m := range joined[i] {
				seen.set(m)
			}
		}
		points[i] = c.counted(i, seen.count())
	})
	return points, err
}

// joined lists the members whose accounts were made in each span, and puts those made before into seen.
func (c *calc) joined(seen bitset, spans []span) [][]uint32 {
	who := c.img.who
	lists := make([][]uint32, len(spans))
	last := spans[len(spans)-1].to
	for i, at := range who.joined {
		if at == 0 || at >= last || who.member[i] == 0 || c.f.who.bit(uint32(i)) == 0 {
			continue
		}
		// Who has moved is known from when they had the account and were with the organization that is asked for.
		if from, ok := c.f.since(uint32(i), at); !ok || from >= last {
			continue
		} else {
			at = from
		}
		n, _ := slices.BinarySearchFunc(spans, at, func(s span, t uint32) int { return compareIDs(int64(s.to), int64(t)+1) })
		if at < spans[0].from {
			seen.set(who.member[i])
		} else {
			lists[n] = append(lists[n], who.member[i])
		}
	}
	return lists
}

// active counts the members who were active in each period.
func active(c *calc) ([]Point, error) {
	points := make([]Point, len(c.periods))
	err := c.eachSet(c.spans(), func(i int, set bitset) { points[i] = c.counted(i, set.count()) })
	return points, err
}

// flow tells the members of each period from those of the one before and of all time before: it calls count with the
// set of the period, that of the period before, and that of everybody who was active before the period.
func (c *calc) flow(history bool, count func(set, last, before bitset) int64) ([]Point, error) {
	last := c.req.Granularity.previous(c.periods[0])
	spans := slices.Concat([]span{last.span()}, c.spans())
	before := newBitset(c.img.who.members)
	if history {
		var err error
		if before, err = c.membersIn(span{0, spans[0].from}); err != nil {
			return nil, err
		}
	}
	points := make([]Point, len(c.periods))
	lastSet := newBitset(c.img.who.members)
	err := c.eachSet(spans, func(i int, set bitset) {
		if i > 0 {
			points[i-1] = c.counted(i-1, count(set, lastSet, before))
		}
		before.or(set)
		copy(lastSet, set)
	})
	return points, err
}

func newcomers(c *calc) ([]Point, error) {
	return c.flow(true, func(set, _, before bitset) int64 { return countOnly(set, before) })
}

func returning(c *calc) ([]Point, error) {
	return c.flow(false, func(set, last, _ bitset) int64 { return countBoth(set, last) })
}

func resurrected(c *calc) ([]Point, error) {
	return c.flow(true, func(set, last, before bitset) int64 {
		// Who was active before, less who was in the last period: last lies within before.
		return countBoth(set, before) - countBoth(set, last)
	})
}

func goneQuiet(c *calc) ([]Point, error) {
	return c.flow(false, func(set, last, _ bitset) int64 { return countOnly(last, set) })
}

// rolling holds, for days that follow each other, how many members were active on each, and how many in the window of
// days that ends with it.
type rolling struct {
	days   []Period
	daily  []int64
	window []int64
}

// rolling looks at the days from first on, up to the one that holds the last moment before end, over a window of so
// many days.
func (c *calc) rolling(first, end time.Time, window int) (*rolling, error) {
	r := &rolling{}
	start := Day.Start(first)
	var spans []span
	for n := 1 - window; ; n++ {
		p := Period{From: Day.Step(start, n), To: Day.Step(start, n+1)}
		if !p.From.Before(end) {
			break
		}
		r.days, spans = append(r.days, p), append(spans, p.span())
	}
	r.daily, r.window = make([]int64, len(spans)), make([]int64, len(spans))
	w := newWindow(window, c.img.who.members)
	err := c.eachSet(spans, func(i int, set bitset) {
		r.daily[i], r.window[i] = set.count(), w.push(set)
	})
	return r, err
}

// window counts the members of the last days' sets together. The days are cut into blocks as long as the window, so
// that a window is the end of one block and the beginning of the next: three passes over a set for each day, however
// long the window is (van Herk, and Gil and Werman, 1992 and 1993, for running maxima).
type window struct {
	block   []bitset // the days of this block
	before  []bitset // of the last block: each day with all days after it
	so      bitset   // this block's days together
	current int
}

func newWindow(days, members int) *window {
	w := &window{block: make([]bitset, days), before: make([]bitset, days+1), so: newBitset(members)}
	for i := range w.block {
		w.block[i], w.before[i] = newBitset(members), newBitset(members)
	}
	w.before[days] = newBitset(members) // the empty set: the window lies in this block alone
	return w
}

// push adds a day and returns how many members there are in the window that ends with it.
func (w *window) push(set bitset) int64 {
	copy(w.block[w.current], set)
	w.so.or(set)
	n := countEither(w.so, w.before[w.current+1])
	if w.current++; w.current < len(w.block) {
		return n
	}
	for i := len(w.block) - 2; i >= 0; i-- {
		w.block[i].or(w.block[i+1])
	}
	for i := range w.block {
		w.block[i], w.before[i] = w.before[i], w.block[i]
	}
	clear(w.so)
	w.current = 0
	return n
}

// rollingActive counts the members active in the window of days that ends with each period.
func rollingActive(window int) func(c *calc) ([]Point, error) {
	return func(c *calc) ([]Point, error) {
		end := c.end()
		windows := make([]span, len(c.periods))
		for i, p := range c.periods {
			to := p.To
			if to.After(end) {
				to = end
			}
			last := Day.Start(to.Add(-1))
			windows[i] = span{boundary(Day.Step(last, 1-window)), boundary(to)}
		}
		points := make([]Point, len(c.periods))
		err := c.eachSet(windows, func(i int, set bitset) { points[i] = c.counted(i, set.count()) })
		return points, err
	}
}

// end is the end of the last period, or now where that is earlier.
func (c *calc) end() time.Time {
	end := c.periods[len(c.periods)-1].To
	if end.After(c.now) {
		end = c.now.Add(time.Microsecond)
	}
	return end
}

// monthDays is the window of "monthly": four weeks, so that each weekday is in it as often as any other.
const monthDays = 28

// stickiness is the mean, over the days of a period that are over, of who was active that day as a share of who was
// active in the 28 days up to it.
func stickiness(c *calc) ([]Point, error) {
	r, err := c.rolling(c.periods[0].From, c.end(), monthDays)
	if err != nil {
		return nil, err
	}
	points := make([]Point, len(c.periods))
	for i, p := range c.periods {
		points[i] = c.point(i)
		var sum float64
		for d, day := range r.days {
			if day.From.Before(p.From) || day.To.After(p.To) || day.To.After(c.now) || r.window[d] == 0 {
				continue
			}
			sum += float64(r.daily[d]) / float64(r.window[d])
			points[i].N++
		}
		if points[i].N > 0 {
			v := sum / float64(points[i].N)
			points[i].Value = &v
		}
	}
	return points, nil
}

// retention follows the members who were first active in one period through the periods after it.
func retention(c *calc) ([]Point, error) {
	spans := c.spans()
	seen, err := c.membersIn(span{0, spans[0].from})
	if err != nil {
		return nil, err
	}
	cohort := make([]uint16, c.img.who.members) // of each member, plus one
	counts := make([][]int64, len(spans))
	err = c.eachSet(spans, func(i int, set bitset) {
		row := make([]int64, i+2)
		set.each(func(m uint32) {
			if cohort[m] == 0 && !seen.has(m) {
				cohort[m] = uint16(i + 1)
			}
			row[cohort[m]]++
		})
		counts[i] = row
	})
	var points []Point
	for first := range spans {
		size := counts[first][first+1]
		for now := first; now < len(spans); now++ {
			p := c.point(first)
			offset := now - first
			p.Offset, p.Partial = &offset, c.periods[now].cut || c.periods[now].To.After(c.now)
			points = append(points, p.share(counts[now][first+1], size))
		}
	}
	return points, err
}
