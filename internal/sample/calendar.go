// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"fmt"
	"math"
	"slices"
	"time"
)

const day = 24 * time.Hour

// release is a version of Lumen and when it came out.
type release struct {
	version string
	at      time.Time
}

// badRelease is how long before the end the release came out that loses rows.
const badRelease = 21 * day

// releases lists the versions from before start to end, oldest first. Counted back from 3.2, a minor version takes about
// seven weeks and is followed by a patch; the patch of 3.2 comes five days before the end.
func releases(start, end time.Time) []release {
	var list []release
	major, minor, at := 3, 2, end.Add(-badRelease)
	for {
		patch := at.Add(12 * day)
		if major == 3 && minor == 2 {
			patch = end.Add(-5 * day)
		}
		list = append(list, release{fmt.Sprintf("%d.%d.1", major, minor), patch}, release{fmt.Sprintf("%d.%d", major, minor), at})
		if at.Before(start.Add(-100 * day)) {
			break
		}
		at = at.Add(-time.Duration(44+(minor*5)%9) * day)
		if minor--; minor < 0 {
			major, minor = major-1, 9
		}
	}
	slices.Reverse(list)
	for i := range list {
		list[i].at = list[i].at.Truncate(day).Add(14*time.Hour + time.Duration(i*7%50)*time.Minute)
	}
	return list
}

// versionsAt returns the version that somebody has at a time, lag versions behind the newest, the one before and the one after.
func (w *world) versionsAt(at time.Time, lag int) (current, previous, next string) {
	i := len(w.releases) - 1
	for i > 1 && w.releases[i].at.After(at) {
		i--
	}
	i = max(1, i-lag)
	next = "3.3"
	if i+1 < len(w.releases) {
		next = w.releases[i+1].version
	}
	return w.releases[i].version, w.releases[i-1].version, next
}

// spike is 0 before the bad release, 1 at it, and fades over two weeks.
func (w *world) spike(at time.Time) float64 {
	since := at.Sub(w.end.Add(-badRelease))
	if since < 0 {
		return 0
	}
	return math.Exp(-since.Hours() / 24 / 14)
}

// progress is where a time lies between start (0) and end (1).
func (w *world) progress(at time.Time) float64 {
	return min(1, max(0, at.Sub(w.start).Hours()/w.end.Sub(w.start).Hours()))
}

// busyness is how much goes on at a date: the community grows, rests at weekends, over the turn of the year and in August, and
// has its hands full after the bad release.
func (w *world) busyness(date time.Time, weekend float64) float64 {
	b := 0.5 + w.progress(date)
	switch date.Weekday() {
	case time.Saturday, time.Sunday:
		b *= weekend
	case time.Friday:
		b *= 0.85
	default:
	}
	_, month, dayOfMonth := date.Date()
	switch {
	case month == time.December && dayOfMonth >= 23, month == time.January && dayOfMonth <= 2:
		b *= 0.25
	case month == time.August:
		b *= 0.72
	case month == time.May && dayOfMonth == 1:
		b *= 0.6
	}
	return b * (1 + 0.5*w.spike(date))
}

// days draws dates by their busyness.
type days struct {
	start time.Time
	sum   []float64
}

func (w *world) calendar(weekend float64) days {
	c := days{start: w.start.Truncate(day)}
	sum := 0.0
	for d := c.start; d.Before(w.end); d = d.Add(day) {
		sum += w.busyness(d, weekend)
		c.sum = append(c.sum, sum)
	}
	return c
}

func (c days) draw(d dice) time.Time {
	i, _ := slices.BinarySearch(c.sum, d.Float64()*c.sum[len(c.sum)-1])
	return c.start.Add(time.Duration(min(i, len(c.sum)-1)) * day)
}

// hourWeights is how likely people write in each hour of their own day.
func hourWeights(evening bool) []float64 {
	if evening {
		return []float64{2, 1, .3, .1, .1, .2, .5, 1, 2, 2.5, 3, 3, 3.5, 3, 3, 3, 3.5, 4, 5, 6, 7, 7, 6, 4}
	}
	return []float64{.3, .1, .1, .1, .1, .2, .8, 2.5, 6, 9, 10, 9, 5, 7, 9, 9, 8, 6, 3.5, 2.5, 2.2, 2, 1.4, .7}
}

// clock draws a time on a date at which the person may write, by the person's own clock.
func (p *person) clock(d dice, date time.Time) time.Time {
	hour := d.index(hourWeights(p.evening))
	local := date.Add(time.Duration(hour)*time.Hour + d.span(0, time.Hour))
	return local.Add(-p.place.offset).Truncate(time.Millisecond)
}

// awake moves a time at which a person would answer to one at which the person is up, and for staff mostly at work.
func (p *person) awake(d dice, at time.Time) time.Time {
	if p.kind == bot {
		return at
	}
	opens, closes := 7, 23
	works := p.kind == staff && d.chance(0.85)
	if works {
		opens, closes = 8, 19
	}
	local := at.Add(p.place.offset)
	if h := local.Hour(); h < opens {
		local = local.Truncate(day).Add(time.Duration(opens)*time.Hour + d.span(0, 2*time.Hour))
	} else if h >= closes {
		local = local.Truncate(day).Add(day + time.Duration(opens)*time.Hour + d.span(0, 2*time.Hour))
	}
	for works && (local.Weekday() == time.Saturday || local.Weekday() == time.Sunday) {
		local = local.Truncate(day).Add(day + 9*time.Hour + d.span(0, 2*time.Hour))
	}
	return local.Add(-p.place.offset).Truncate(time.Millisecond)
}
