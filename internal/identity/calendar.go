// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"math"
	"slices"
)

const (
	calendarDays   = 200 * 366 // dates further apart than that are wrong
	calendarSample = 50        // how many strangers the shares of spells are worth beside those counted
	timeShare      = 0.8       // of what the days between two accounts say: sources begin and end for reasons of their own
	mostTime       = 2.0
	leastTime      = -2.0
	teamTime       = 0.7 // the most where both are of one team
)

// spell is a range of days between two spans of activity, up to and including days.
type spell struct {
	days        int32
	same, other float64
}

// spells says how far apart in time two accounts of one person are, and what is to be expected of strangers where a
// community is too small to tell: shares among the accounts of 24 recorded histories, of a person's nearest other account
// and of all accounts (docs/identity.md).
func spells() [7]spell {
	const year = 365
	return [...]spell{
		{days: 30, same: 0.66, other: 0.14},
		{days: 90, same: 0.08, other: 0.02},
		{days: year, same: 0.12, other: 0.1},
		{days: 3 * year, same: 0.09, other: 0.22},
		{days: 5 * year, same: 0.03, other: 0.17},
		{days: 8 * year, same: 0.015, other: 0.18},
		{days: math.MaxInt32, same: 0.005, other: 0.17},
	}
}

// calendar knows when accounts were active. The zero value knows of none.
type calendar struct {
	spells [7]spell
	first  int32   // the earliest day
	begun  []int32 // begun[i] is how many accounts were first seen before first+i
	ended  []int32 // ended[i] is how many were last seen before first+i
	dated  int32   // how many have dates
}

func newCalendar(profiles []profile) calendar {
	c := calendar{spells: spells(), first: math.MaxInt32}
	last := int32(math.MinInt32)
	for i := range profiles {
		if p := &profiles[i]; p.dated() {
			c.first, last = min(c.first, p.from), max(last, p.to)
			c.dated++
		}
	}
	if c.dated == 0 {
		return c
	}
	n := min(int64(last)-int64(c.first), calendarDays) + 2
	c.begun, c.ended = make([]int32, n), make([]int32, n)
	for i := range profiles {
		if p := &profiles[i]; p.dated() {
			c.begun[c.at(int64(p.from)+1)]++
			c.ended[c.at(int64(p.to)+1)]++
		}
	}
	for i := range n - 1 {
		c.begun[i+1] += c.begun[i]
		c.ended[i+1] += c.ended[i]
	}
	return c
}

// dated reports whether it is known when the account was active.
func (p *profile) dated() bool { return p.from != 0 && p.to != 0 }

// at is the index of a day, the first or last one where it lies outside.
func (c *calendar) at(day int64) int64 {
	return min(max(0, day-int64(c.first)), int64(len(c.begun)-1))
}

// within counts the accounts that were active at most so many days before or after one was.
func (c *calendar) within(p *profile, days int32) int32 {
	if days == math.MaxInt32 || c.dated == 0 {
		return c.dated
	}
	return c.begun[c.at(int64(p.to)+int64(days)+1)] - c.ended[c.at(int64(p.from)-int64(days))]
}

// judge gives the log odds that two accounts with so many days between them as these are one person's, and the number of
// the spell these fall in: people who change accounts go on soon after, strangers come whenever people come.
func (c *calendar) judge(a, b *profile) trait {
	gap := max(int64(a.from)-int64(b.to), int64(b.from)-int64(a.to))
	k := slices.IndexFunc(c.spells[:len(c.spells)-1], func(s spell) bool { return gap <= int64(s.days) })
	if k < 0 {
		k = len(c.spells) - 1
	}
	strangers := c.within(a, c.spells[k].days) + c.within(b, c.spells[k].days)
	if k > 0 {
		strangers -= c.within(a, c.spells[k-1].days) + c.within(b, c.spells[k-1].days)
	}
	share := (c.spells[k].other*calendarSample + float64(strangers)/2) / float64(calendarSample+c.dated)
	w := min(mostTime, max(leastTime, timeShare*math.Log(c.spells[k].same/share)))
	if k == 0 {
		w = max(0, w) // where everybody is around all the time, being so speaks for nothing, and against nothing
	}
	return trait{kind: KindTime, level: uint8(k), weight: w}
}
