// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"cmp"
	"slices"
	"time"
)

// Wait is a question as far as waiting goes.
type Wait struct {
	ID       int64
	Opened   time.Time
	Response time.Time // the first by somebody else; zero = it still waits
}

// Waits says how long questions wait.
type Waits struct {
	Since  time.Time   `json:"since"`
	Zone   string      `json:"zone"`
	Now    float64     `json:"now"`             // median wait of those that wait now, in hours; 0 where none does
	Open   int         `json:"open"`            // how many wait now
	Median *float64    `json:"median"`          // hours until the first response, by the Kaplan-Meier estimate; null = more than half still wait
	Total  int         `json:"total"`           // questions
	Cells  [7][24]Cell `json:"cells"`           // from Monday on, by the hour in which they were opened
	Within float64     `json:"within"`          // the target that Share is about, in hours
	Share  *float64    `json:"share,omitempty"` // of all questions, that were answered within it
}

// Cell is an hour of the week.
type Cell struct {
	Questions int      `json:"questions"`
	Median    *float64 `json:"median"` // hours, as Waits.Median
	Share     *float64 `json:"share"`  // answered within the target, of those for which that is known
}

// Summarize works out waits by hour of the week.
func Summarize(all []Wait, since, now time.Time, within time.Duration, zone *time.Location) Waits {
	w := Waits{Since: since, Zone: zone.String(), Within: within.Hours(), Total: len(all)}
	var cells [7][24][]Wait
	var open []float64
	for _, q := range all {
		at := q.Opened.In(zone)
		d, h := (int(at.Weekday())+6)%7, at.Hour()
		cells[d][h] = append(cells[d][h], q)
		if q.Response.IsZero() {
			open = append(open, now.Sub(q.Opened).Hours())
		}
	}
	for d := range cells {
		for h, qs := range cells[d] {
			w.Cells[d][h] = Cell{Questions: len(qs), Median: median(qs, now), Share: answered(qs, now, within)}
		}
	}
	w.Median, w.Share, w.Open = median(all, now), answered(all, now, within), len(open)
	if slices.Sort(open); len(open) > 0 {
		w.Now = (open[(len(open)-1)/2] + open[len(open)/2]) / 2
	}
	return w
}

// answered is the share of questions that had a response within a time, of those that had one or are older than it.
func answered(all []Wait, now time.Time, within time.Duration) *float64 {
	known, in := 0, 0
	for _, q := range all {
		switch {
		case !q.Response.IsZero() && q.Response.Sub(q.Opened) <= within:
			known++
			in++
		case now.Sub(q.Opened) > within:
			known++
		}
	}
	if known == 0 {
		return nil
	}
	share := float64(in) / float64(known)
	return &share
}

// median is the Kaplan-Meier estimate of the median wait in hours: those who still wait count as long as they have waited.
// It is nil where the curve does not come down to a half.
func median(all []Wait, now time.Time) *float64 {
	type span struct {
		hours float64
		over  bool
	}
	spans := make([]span, len(all))
	for i, q := range all {
		if q.Response.IsZero() {
			spans[i] = span{hours: now.Sub(q.Opened).Hours()}
		} else {
			spans[i] = span{hours: q.Response.Sub(q.Opened).Hours(), over: true}
		}
	}
	// What ended comes before what did not at the same length, as the estimate asks.
	slices.SortFunc(spans, func(a, b span) int {
		if c := cmp.Compare(a.hours, b.hours); c != 0 {
			return c
		}
		if a.over == b.over {
			return 0
		}
		if a.over {
			return -1
		}
		return 1
	})
	left := 1.0
	for i := 0; i < len(spans); {
		j, ended := i, 0
		for j < len(spans) && spans[j].hours == spans[i].hours {
			if spans[j].over {
				ended++
			}
			j++
		}
		left *= 1 - float64(ended)/float64(len(spans)-i)
		if ended > 0 && left <= .5+1e-12 {
			return &spans[i].hours
		}
		i = j
	}
	return nil
}
