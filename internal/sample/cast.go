// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"math"
	"slices"
	"time"
)

// crowd is a set of people of whom some are drawn more often than others.
type crowd struct {
	people []*person
	sum    []float64
}

func (c *crowd) add(p *person, weight float64) {
	if weight < 0.004 {
		return
	}
	if n := len(c.sum); n > 0 {
		weight += c.sum[n-1]
	}
	c.people = append(c.people, p)
	c.sum = append(c.sum, weight)
}

// draw returns nil if the crowd is empty.
func (c *crowd) draw(d dice) *person {
	if len(c.sum) == 0 {
		return nil
	}
	i, _ := slices.BinarySearch(c.sum, d.Float64()*c.sum[len(c.sum)-1])
	return c.people[min(i, len(c.people)-1)]
}

// cast is who is active on one platform, week by week. To weigh everybody for every message would take time in the square of the
// scale, so the weights are made once a week.
type cast struct {
	w     *world
	weeks []castWeek
}

type castWeek struct{ ask, answer, react, announce, helpers crowd }

func (w *world) newCast(at platform) *cast {
	c := &cast{w: w, weeks: make([]castWeek, int(w.end.Sub(w.start)/(7*day))+1)}
	for _, p := range w.people {
		a := p.accounts[at]
		if a == nil || p.kind == bot {
			continue
		}
		first := max(0, int(a.since.Sub(w.start)/(7*day)))
		for i := first; i < len(c.weeks); i++ {
			now := w.start.Add(time.Duration(i)*7*day + 84*time.Hour)
			if !p.left.IsZero() && now.After(p.left) {
				break
			}
			c.weeks[i].enter(p, a, now)
		}
	}
	return c
}

// enter weighs how likely a person asks, answers and reacts in a week. Interest fades with time since the person came.
func (c *castWeek) enter(p *person, a *account, now time.Time) {
	age := max(0, now.Sub(a.since).Hours()/24)
	fade := func(days float64) float64 { return p.weight * math.Exp(-age/days) }
	switch p.temper {
	case lurker:
		c.react.add(p, 0.6*fade(60))
	case oneShot:
		c.ask.add(p, 0.5*fade(4))
		c.react.add(p, 0.3*fade(10))
	case casual:
		c.ask.add(p, 1.3*fade(45))
		c.answer.add(p, 0.5*fade(60))
		c.react.add(p, fade(60))
	case regular:
		c.ask.add(p, 0.9*fade(320))
		c.answer.add(p, 2.2*fade(360))
		c.react.add(p, 1.5*fade(300))
	case champion:
		c.ask.add(p, 0.5*p.weight)
		c.answer.add(p, 17*p.weight)
		c.helpers.add(p, p.weight)
		c.react.add(p, 3*p.weight)
	case employed:
		c.answer.add(p, 13*p.weight)
		c.helpers.add(p, 3*p.weight)
		c.announce.add(p, p.weight*p.weight)
		c.react.add(p, 1.5*p.weight)
	}
}

func (c *cast) week(at time.Time) *castWeek {
	i := int(at.Sub(c.w.start) / (7 * day))
	return &c.weeks[min(max(i, 0), len(c.weeks)-1)]
}

// other draws from a crowd somebody who is not one of those given, or nil after a few attempts.
func other(d dice, c *crowd, than ...*person) *person {
	for range 6 {
		if p := c.draw(d); p != nil && !slices.Contains(than, p) {
			return p
		}
	}
	return nil
}
