// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"greenroom/internal/analytics"
)

// Day is one day of a source.
type Day struct {
	From  time.Time `json:"from"`
	Count int64     `json:"count"`
	Usual int64     `json:"usual"` // the median of the same weekday in the eight weeks before; -1 = not known
	Gap   bool      `json:"gap,omitempty"`
	Low   bool      `json:"low,omitempty"`
	Open  bool      `json:"open,omitempty"` // the day is not over
	// Query is what Count opens to, a list of activities; only in the report of one source.
	Query string `json:"query,omitempty"`
}

// How volume is judged; the package comment says why.
const (
	shownDays   = 57 // eight weeks and today
	usualWeeks  = 8
	leastWeeks  = 4
	leastUsual  = 5
	lowShare    = 0.5
	lowSpread   = 3
	mostSources = 100
)

// volume counts the activities of each source by day, the team's and bots' too: whether they come in is what matters. The
// days of the source that is named open to what they count.
func (s *Service) volume(ctx context.Context, open string) (map[string][]Day, error) {
	now := s.now().In(s.zone())
	tomorrow := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	from := tomorrow.AddDate(0, 0, -shownDays-7*usualWeeks)
	req := analytics.Request{
		Metric: "activities", From: from, To: tomorrow, Granularity: analytics.Day, Zone: now.Location(), Breakdown: analytics.BySource,
		Options: analytics.Options{Staff: true, Bots: true, Groups: mostSources},
	}
	res, err := s.figures.Compute(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("counting activities by day: %w", err)
	}
	counts, queries := make(map[string]map[string]int64), make(map[string]string)
	for i := range res.Series {
		p := &res.Series[i]
		if counts[p.Group] == nil {
			counts[p.Group] = make(map[string]int64)
		}
		day := p.From.In(now.Location()).Format(time.DateOnly)
		counts[p.Group][day] += p.Count
		if open != "" && p.Group == open && p.Count > 0 {
			if _, q, err := s.figures.Records(req, res, i); err == nil {
				queries[day] = q
			}
		}
	}
	all := make(map[string][]Day, len(counts))
	for group, days := range counts {
		list := make([]Day, 0, shownDays+7*usualWeeks)
		for at := from; at.Before(tomorrow); at = at.AddDate(0, 0, 1) {
			d := Day{From: at, Count: days[at.Format(time.DateOnly)]}
			if group == open {
				d.Query = queries[at.Format(time.DateOnly)]
			}
			list = append(list, d)
		}
		list[len(list)-1].Open = true
		all[group] = judgeDays(list)[len(list)-shownDays:]
	}
	return all, nil
}

// judgeDays says of each day what is usual for it, and whether it is a gap or low. Days before the first activity of all
// are not known to be quiet: the source may not have been there.
func judgeDays(days []Day) []Day {
	first := slices.IndexFunc(days, func(d Day) bool { return d.Count > 0 })
	for i := range days {
		d := &days[i]
		d.Usual = -1
		var before []int64
		for w := 1; w <= usualWeeks; w++ {
			if at := i - 7*w; at >= 0 && first >= 0 && at >= first {
				before = append(before, days[at].Count)
			}
		}
		if len(before) < leastWeeks {
			continue
		}
		usual := median(before)
		d.Usual = int64(math.Round(usual))
		if d.Open || usual < leastUsual {
			continue
		}
		d.Gap = d.Count == 0
		d.Low = !d.Gap && float64(d.Count) < lowShare*usual && usual-float64(d.Count) > lowSpread*math.Sqrt(usual)
	}
	return days
}

// median is the middle of the values, or the mean of the two in the middle.
func median(values []int64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return float64(sorted[(n-1)/2]+sorted[n/2]) / 2
}
