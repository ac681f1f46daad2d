// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package survival answers how long something takes that has not happened to everybody yet: until an account leaves, a
// deal closes, a question gets its answer. Those to whom it has not happened are not left out and not taken for finished:
// they say that it takes at least as long as they have been watched ("censored").
//
//   - [KaplanMeier] is the share to whom it has not happened, over time, with Greenwood's variance and the log-log interval,
//     which stays between 0 and 1 (Kaplan and Meier 1958; Kalbfleisch and Prentice 1980).
//   - [LogRank] tests whether groups differ (Mantel 1966).
//   - [Cox] says by what factor something changes the hazard, which is the chance to happen now where it has not happened
//     before, with other things held equal (Cox 1972), and [Model.Proportional] whether that factor is the same at all times
//     (Grambsch and Therneau 1994, as the score test of R's survival from 3.0 on).
//
// Two assumptions matter. Those who are no longer watched must not be those to whom it is about to happen; a source that was
// disconnected because the customer left breaks this. And nobody counts before they could: who joined the community in
// month 8 was sure not to leave in months 1 to 7, and to count these months for the community is the oldest mistake of the
// trade ("immortal time"). [Case.Start] is there for it: split the account in two cases, before and after it joined.
package survival

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"greenroom/internal/impact/chance"
)

// Case is somebody who is watched for a time. The unit of time is the caller's.
type Case struct {
	Start float64 // they count from here on, exclusive; 0 as a rule
	Time  float64 // until here
	Event bool    // what ended it: true = it happened, false = nobody watched on
}

// ErrCases says that cases make no sense.
var ErrCases = errors.New("a case has to end after it starts")

func check(cases []Case) error {
	for i, c := range cases {
		if !(c.Time > c.Start) && (c.Time != 0 || c.Start != 0) || math.IsInf(c.Time, 0) {
			return fmt.Errorf("case %d from %v to %v: %w", i+1, c.Start, c.Time, ErrCases)
		}
	}
	return nil
}

// Limit is the product-limit estimate as it goes from event to event. The zero value is its start.
type Limit struct {
	begun    bool
	waiting  int // after the event before
	share    float64
	whole    int // how many waited at first, as long as nobody has left since
	censored bool
}

// Ended tells that it happened to count of those waiting, at one time, and gives the share to whom it has not happened.
// While nobody has left otherwise it is exact: a share of those who were there.
func (l *Limit) Ended(count, waiting int) float64 {
	if !l.begun {
		l.begun, l.share, l.whole, l.waiting = true, 1, waiting, waiting
	}
	if waiting != l.waiting {
		l.censored = true
	}
	l.waiting = waiting - count
	if l.censored {
		l.share *= 1 - float64(count)/float64(waiting)
	} else {
		l.share = float64(l.waiting) / float64(l.whole)
	}
	return l.share
}

// Point is the curve from a time on, until the next point.
type Point struct {
	Time    float64 `json:"time"`
	Waiting int     `json:"waiting"` // just before, those at risk
	Events  int     `json:"events"`
	Share   float64 `json:"share"` // to whom it has not happened
	Error   float64 `json:"error"` // Greenwood's
	Low     float64 `json:"low"`   // the 95 % interval
	High    float64 `json:"high"`
}

// Curve is the share to whom it has not happened, with a point for each time at which it did.
type Curve struct {
	Points []Point `json:"points"`
	Cases  int     `json:"cases"`
	Events int     `json:"events"`
}

// KaplanMeier estimates the curve. Where it reaches 0 there is no variance: the interval is from 0 to what it was before.
func KaplanMeier(cases []Case) (Curve, error) {
	if err := check(cases); err != nil {
		return Curve{}, fmt.Errorf("estimate a survival curve: %w", err)
	}
	c := Curve{Cases: len(cases)}
	var limit Limit
	greenwood, high := 0.0, 1.0
	for _, t := range table([][]Case{cases}) {
		d, n := t.events[0], t.waiting[0]
		if d == 0 {
			continue
		}
		p := Point{Time: t.time, Waiting: n, Events: d, Share: limit.Ended(d, n)}
		c.Events += d
		if n > d {
			greenwood += float64(d) / (float64(n) * float64(n-d))
			p.Error = p.Share * math.Sqrt(greenwood)
			half := chance.Z95 * math.Sqrt(greenwood) / -math.Log(p.Share)
			p.Low, p.High = math.Pow(p.Share, math.Exp(half)), math.Pow(p.Share, math.Exp(-half))
		} else {
			greenwood = math.Inf(1)
			p.Share, p.Low, p.High = 0, 0, high
		}
		high = p.High
		c.Points = append(c.Points, p)
	}
	return c, nil
}

// At is the curve at a time; before the first event nothing has happened and the interval is a point.
func (c Curve) At(time float64) Point {
	i, found := slices.BinarySearchFunc(c.Points, time, func(p Point, t float64) int { return cmp.Compare(p.Time, t) })
	if found {
		return c.Points[i]
	}
	if i == 0 {
		return Point{Time: time, Waiting: c.Cases, Share: 1, Low: 1, High: 1}
	}
	p := c.Points[i-1]
	p.Time = time
	return p
}

// Quantile is after what time it has happened to the share q of cases, with its 95 % interval (Brookmeyer and Crowley
// 1982). What the curve does not reach is +Inf.
func (c Curve) Quantile(q float64) (at, low, high float64) {
	first := func(share func(p Point) float64) float64 {
		for _, p := range c.Points {
			if share(p) <= 1-q+1e-12 {
				return p.Time
			}
		}
		return math.Inf(1)
	}
	return first(func(p Point) float64 { return p.Share }), first(func(p Point) float64 { return p.Low }),
		first(func(p Point) float64 { return p.High })
}

// Median is after what time it has happened to half of the cases.
func (c Curve) Median() (at, low, high float64) { return c.Quantile(0.5) }

// moment is what happens at a time, by group.
type moment struct {
	time    float64
	waiting []int
	events  []int
}

// table lists the times at which cases end, ascending, with who was watched just before.
func table(groups [][]Case) []moment {
	var times []float64
	ends, starts := make([][]float64, len(groups)), make([][]float64, len(groups))
	events := make([][]float64, len(groups))
	for g, cases := range groups {
		for _, c := range cases {
			times = append(times, c.Time)
			ends[g], starts[g] = append(ends[g], c.Time), append(starts[g], c.Start)
			if c.Event {
				events[g] = append(events[g], c.Time)
			}
		}
		slices.Sort(ends[g])
		slices.Sort(starts[g])
		slices.Sort(events[g])
	}
	slices.Sort(times)
	times = slices.Compact(times)
	out := make([]moment, len(times))
	for i, t := range times {
		m := moment{time: t, waiting: make([]int, len(groups)), events: make([]int, len(groups))}
		for g := range groups {
			begun, _ := slices.BinarySearch(starts[g], t)
			if t == 0 { // who ends at once has begun all the same
				begun = len(starts[g])
			}
			gone, _ := slices.BinarySearch(ends[g], t)
			m.waiting[g] = begun - gone
			m.events[g] = after(events[g], t) - before(events[g], t)
		}
		out[i] = m
	}
	return out
}

func before(sorted []float64, t float64) int { i, _ := slices.BinarySearch(sorted, t); return i }

func after(sorted []float64, t float64) int {
	return before(sorted, math.Nextafter(t, math.Inf(1)))
}
