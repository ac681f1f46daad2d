// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"time"

	"greenroom"
)

// Granularity is the length of the periods of a series.
type Granularity string

// The granularities.
const (
	Total   Granularity = "total" // one period: the whole range
	Day     Granularity = "day"
	Week    Granularity = "week" // ISO: from Monday on
	Month   Granularity = "month"
	Quarter Granularity = "quarter"
)

// Granularities lists them, from the shortest on.
func Granularities() []Granularity { return []Granularity{Day, Week, Month, Quarter, Total} }

// Period is a stretch of time, from From up to but not including To.
type Period struct {
	From, To time.Time
	cut      bool // the range cut a piece off
}

// maxPeriods limits the length of a series.
const maxPeriods = 4000

// midnight is the first moment of a day of the calendar in loc. Where the clock is put forward at midnight that is
// 01:00, where the calendar skips a whole day it is the first moment of the next.
func midnight(y int, m time.Month, d int, loc *time.Location) time.Time {
	utc := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	_, before := utc.Add(-26 * time.Hour).In(loc).Zone()
	_, after := utc.Add(26 * time.Hour).In(loc).Zone()
	for _, offset := range []int{max(before, after), min(before, after)} { // the earlier moment first
		t := utc.Add(-time.Duration(offset) * time.Second).In(loc)
		if h, mi, s := t.Clock(); h == 0 && mi == 0 && s == 0 && t.Day() == utc.Day() {
			return t
		}
	}
	t := utc.Add(-time.Duration(before) * time.Second).In(loc) // there is no midnight: the clock is put forward over it
	if start, _ := t.ZoneBounds(); !start.IsZero() && t.Sub(start) < 24*time.Hour {
		return start.In(loc)
	}
	return t
}

// Start is the first moment of the period that holds t, in t's time zone.
func (g Granularity) Start(t time.Time) time.Time {
	y, m, d := t.Date()
	switch g {
	case Week:
		d -= (int(t.Weekday()) + 6) % 7
	case Month:
		d = 1
	case Quarter:
		m, d = (m-1)/3*3+1, 1
	case Day, Total:
	}
	return midnight(y, m, d, t.Location())
}

// Step is the first moment of the period n after the one that begins at t.
func (g Granularity) Step(t time.Time, n int) time.Time {
	y, m, d := t.Date()
	switch g {
	case Week:
		d += 7 * n
	case Month:
		m += time.Month(n)
	case Quarter:
		m += time.Month(3 * n)
	case Day, Total:
		d += n
	}
	return midnight(y, m, d, t.Location())
}

// periods cuts a range, in the time zone of from, into periods. The first and the last are as long as the range lets
// them be; with whole, they are made full.
func (g Granularity) periods(from, to time.Time, whole bool) ([]Period, error) {
	if !from.Before(to) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the range ends (%s) before it begins (%s)", to.Format(time.DateOnly), from.Format(time.DateOnly))
	}
	if g == Total {
		return []Period{{From: from, To: to}}, nil
	}
	var all []Period
	first := g.Start(from)
	for n := 0; ; n++ {
		p := Period{From: g.Step(first, n), To: g.Step(first, n+1)}
		if !p.From.Before(to) {
			break
		}
		if !p.From.Before(p.To) { // a day that the calendar skips
			continue
		}
		if len(all) == maxPeriods {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the range has more than %d periods; choose a shorter range or a coarser granularity", maxPeriods)
		}
		if !whole && p.From.Before(from) {
			p.From, p.cut = from, true
		}
		if !whole && p.To.After(to) {
			p.To, p.cut = to, true
		}
		all = append(all, p)
	}
	return all, nil
}

// previous is the period before the first of periods.
func (g Granularity) previous(first Period) Period {
	if g == Total {
		return Period{From: first.From.Add(-first.To.Sub(first.From)), To: first.From}
	}
	return Period{From: g.Step(first.From, -1), To: first.From}
}
