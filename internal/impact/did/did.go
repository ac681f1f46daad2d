// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package did compares changes: by how much more did the outcome change for those who were exposed than, over the same time,
// for those who never were (difference-in-differences)?
//
// What always differed between the two drops out, and so does what moved both. The assumption that is left: without the
// exposure both would have moved alike. It cannot be seen; but whether they moved alike before can, and [Study] shows it,
// period by period. A test that finds no difference in trend before proves little where it would not have found one either
// (Roth, Pretest with Caution, 2022), so [Result.Before] has an interval: what matters is whether it is narrow.
//
// Units may be exposed at different times. Then the usual regression with fixed effects for units and periods compares some
// who were exposed late with some who were exposed early, and can even get the sign wrong (Goodman-Bacon 2021). Here each
// cohort is compared with those who were never exposed, against its last period before the exposure, and the cohorts are
// averaged by size (Callaway and Sant'Anna, Difference-in-Differences with Multiple Time Periods, 2021, without covariates).
// With one cohort that is the same as the regression.
//
// Errors go by cluster, with one degree of freedom less than there are clusters.
package did

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/linear"
)

// Never is the period of those who are not exposed within the time that is looked at.
const Never = -1

// Unit is somebody watched over periods.
type Unit struct {
	From     int       // the first period in which it was exposed, counted from 0; [Never]
	Outcomes []float64 // by period; NaN = not known
	Cluster  int       // units of one cluster go together; 0 = on its own
}

// The reasons for which nothing can be compared.
var (
	ErrOneSided = errors.New("it takes units that were exposed, with a period before, and units that never were")
	ErrPeriods  = errors.New("units differ in how many periods they have")
)

// Step is the effect at a distance from the exposure.
type Step struct {
	Relative int             `json:"relative"` // 0 = the first period of the exposure; -2 and less = placebo
	Effect   chance.Estimate `json:"effect"`
	Units    int             `json:"units"` // of the exposed that are in it
}

// Result is an event study.
type Result struct {
	Steps   []Step          `json:"steps"`  // ascending; -1 is what all others are compared with, and not among them
	After   chance.Estimate `json:"after"`  // the mean of the steps from 0 on: the effect
	Before  chance.Estimate `json:"before"` // the mean of the steps up to -2, which should be nothing; no periods = NaN
	TrendF  chance.Maybe    `json:"trend_f"`
	TrendP  chance.Maybe    `json:"trend_p"` // how often chance alone makes such differences before; NaN = no periods
	Exposed int             `json:"exposed"`
	Others  int             `json:"others"`
	Groups  int             `json:"clusters"`
}

// study gathers what each cluster adds to each step.
type study struct {
	units   []Unit
	groups  []int // the cluster of each unit, from 0
	sums    map[int][]float64
	values  map[int]float64
	counts  map[int]int
	cohorts []int
	used    []bool
}

// Study is the event study of units, all with the same periods.
func Study(units []Unit) (Result, error) {
	s := &study{units: units, sums: make(map[int][]float64), values: make(map[int]float64), counts: make(map[int]int), used: make([]bool, len(units))}
	r := Result{}
	for i, u := range units {
		if len(u.Outcomes) != len(units[0].Outcomes) {
			return r, fmt.Errorf("compare changes: unit %d: %w", i+1, ErrPeriods)
		}
		if u.From > 0 && u.From < len(u.Outcomes) && !slices.Contains(s.cohorts, u.From) {
			s.cohorts = append(s.cohorts, u.From)
		}
	}
	slices.Sort(s.cohorts)
	s.number()
	for _, from := range s.cohorts {
		for period := range units[0].Outcomes {
			if period != from-1 {
				s.cell(from, period)
			}
		}
	}
	if len(s.values) == 0 {
		return r, fmt.Errorf("compare changes: %w", ErrOneSided)
	}
	groups := make(map[int]bool)
	for i, u := range units {
		switch {
		case !s.used[i]:
			continue
		case u.From == Never:
			r.Others++
		default:
			r.Exposed++
		}
		groups[s.groups[i]] = true
	}
	r.Groups = len(groups)
	return s.judge(r)
}

// number gives each cluster a number.
func (s *study) number() {
	s.groups = make([]int, len(s.units))
	known := make(map[int]int)
	next := 0
	for i, u := range s.units {
		g, found := known[u.Cluster]
		if !found || u.Cluster == 0 {
			g = next
			next++
			known[u.Cluster] = g
		}
		s.groups[i] = g
	}
}

// cell adds what one cohort has in one period to the step that is as far from its exposure.
func (s *study) cell(from, period int) {
	var sum [2]float64
	var n [2]int
	change := func(u Unit) (float64, int, bool) {
		d := u.Outcomes[period] - u.Outcomes[from-1]
		switch {
		case math.IsNaN(d):
			return 0, 0, false
		case u.From == from:
			return d, 1, true
		}
		return d, 0, u.From == Never
	}
	for _, u := range s.units {
		if d, side, in := change(u); in {
			sum[side] += d
			n[side]++
		}
	}
	if n[0] == 0 || n[1] == 0 {
		return
	}
	step := period - from
	if s.sums[step] == nil {
		s.sums[step] = make([]float64, len(s.units))
	}
	// Everything is times the cohort's size for now; judge divides by all sizes.
	size := float64(n[1])
	s.values[step] += size * (sum[1]/size - sum[0]/float64(n[0]))
	s.counts[step] += n[1]
	for i, u := range s.units {
		d, side, in := change(u)
		if !in {
			continue
		}
		s.used[i] = true
		sign := float64(2*side - 1)
		s.sums[step][s.groups[i]] += size * sign * (d - sum[side]/float64(n[side])) / float64(n[side])
	}
}

// judge makes estimates of what was gathered.
func (s *study) judge(r Result) (Result, error) {
	var steps, before, after []int
	for step := range s.values {
		steps = append(steps, step)
	}
	slices.Sort(steps)
	n := float64(r.Exposed + r.Others)
	g := float64(r.Groups)
	if g < 3 || n < 3 {
		return r, fmt.Errorf("compare changes of %d clusters: %w", r.Groups, linear.ErrTooFew)
	}
	values := make([]float64, len(steps))
	covariance := make([][]float64, len(steps))
	for a, step := range steps {
		values[a] = s.values[step] / float64(s.counts[step])
		covariance[a] = make([]float64, len(steps))
		for b, other := range steps {
			for c := range s.units {
				covariance[a][b] += s.sums[step][c] / float64(s.counts[step]) * s.sums[other][c] / float64(s.counts[other])
			}
			covariance[a][b] *= g / (g - 1) * (n - 1) / (n - 2)
		}
		if step < 0 {
			before = append(before, a)
		} else {
			after = append(after, a)
		}
		r.Steps = append(r.Steps, Step{step, chance.Small(values[a], math.Sqrt(covariance[a][a]), g-1), s.counts[step]})
	}
	mean := func(which []int) chance.Estimate {
		v, variance := 0.0, 0.0
		for _, a := range which {
			v += values[a] / float64(len(which))
			for _, b := range which {
				variance += covariance[a][b] / float64(len(which)*len(which))
			}
		}
		return chance.Small(v, math.Sqrt(max(variance, 0)), g-1)
	}
	unknown := chance.Maybe(math.NaN())
	r.Before, r.After, r.TrendF, r.TrendP = chance.Unknown(), chance.Unknown(), unknown, unknown
	if len(after) > 0 {
		r.After = mean(after)
	}
	if len(before) > 0 {
		r.Before = mean(before)
		b, v := make([]float64, len(before)), make([][]float64, len(before))
		for i, a := range before {
			b[i] = values[a]
			for _, c := range before {
				v[i] = append(v[i], covariance[a][c])
			}
		}
		// Where there are too few clusters for so many periods there is no test.
		if f, p, err := linear.WaldF(b, v, g-1); err == nil {
			r.TrendF, r.TrendP = chance.Maybe(f), chance.Maybe(p)
		}
	}
	return r, nil
}

// TwoPeriods is the plain comparison of a mean before with a mean after, for units that were all exposed from one period on.
// It averages what is known on each side and leaves out units of which one side is not known at all.
func TwoPeriods(units []Unit, from int) (Result, error) {
	pairs := make([]Unit, 0, len(units))
	for _, u := range units {
		if from <= 0 || from >= len(u.Outcomes) {
			return Result{}, fmt.Errorf("compare before and after period %d: %w", from, ErrOneSided)
		}
		pair := Unit{From: Never, Cluster: u.Cluster, Outcomes: []float64{mean(u.Outcomes[:from]), mean(u.Outcomes[from:])}}
		if u.From != Never {
			pair.From = 1
		}
		pairs = append(pairs, pair)
	}
	return Study(pairs)
}

func mean(values []float64) float64 {
	sum, n := 0.0, 0
	for _, v := range values {
		if !math.IsNaN(v) {
			sum += v
			n++
		}
	}
	return sum / float64(n)
}
