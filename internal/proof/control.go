// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"greenroom/internal/impact/did"
	"greenroom/internal/query"
)

// controlled is what members did of what the control finds, in [from, until); nil where the study has no control.
func (a *answerer) controlled(ctx context.Context, from, until time.Time) (map[int64][]time.Time, error) {
	if a.d.Control == "" {
		return nil, nil //nolint:nilnil // there is none, which is no error
	}
	q, err := a.s.parse(query.Activities, a.d.Control)
	if err != nil {
		return nil, err
	}
	times, err := a.s.facts.StudyDid(ctx, q.Root, from, until)
	if err != nil {
		return nil, fmt.Errorf("reading the control: %w", err)
	}
	a.r.Assumes = append(a.r.Assumes, "The exposure cannot have changed what “"+a.d.Control+"” finds, and whatever else began together with it would have moved that, too: the control is worth as much as this.")
	return times, nil
}

// controls counts what the control finds in the time of the outcome, as a logarithm; of durations, in as many days as end them, or 30. nil where
// there is no control.
func (a *answerer) controls(ctx context.Context, in []candidate, kept []int) ([]float64, error) {
	if a.d.Control == "" || len(kept) == 0 {
		return nil, nil
	}
	long := a.within()
	if long == 0 {
		long = month
	}
	until := func(c *candidate) time.Time {
		if end := c.Since.Add(long); end.Before(c.Until) {
			return end
		}
		return c.Until
	}
	from, to := in[kept[0]].Since, until(&in[kept[0]])
	for _, i := range kept {
		if in[i].Since.Before(from) {
			from = in[i].Since
		}
		if end := until(&in[i]); end.After(to) {
			to = end
		}
	}
	times, err := a.controlled(ctx, from, to)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(kept))
	for n, i := range kept {
		out[n] = math.Log1p(float64(during(times[in[i].Member], in[i].Since, until(&in[i]))))
	}
	return out, nil
}

// during counts times in [from, until).
func during(times []time.Time, from, until time.Time) int {
	first, _ := slices.BinarySearchFunc(times, from, time.Time.Compare)
	end, _ := slices.BinarySearchFunc(times, until, time.Time.Compare)
	return max(end-first, 0)
}

// controlUnits are the same members by period, with what the control finds; nil where there is none.
func (a *answerer) controlUnits(ctx context.Context, units []did.Unit, begin time.Time, n int) ([]did.Unit, error) {
	times, err := a.controlled(ctx, begin, begin.Add(time.Duration(n)*month))
	if err != nil || times == nil {
		return nil, err
	}
	out := make([]did.Unit, len(units))
	for i, u := range units {
		row := make([]float64, n)
		for _, at := range times[a.units[i].MemberID] {
			row[int(at.Sub(begin)/month)]++
		}
		u.Outcomes = row
		out[i] = u
	}
	return out, nil
}
