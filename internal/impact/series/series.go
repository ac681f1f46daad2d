// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package series looks at one figure over time and asks whether it went another way from a moment on, such as a launch:
// an interrupted time series by segmented regression (Wagner and others 2002; Bernal, Cummins and Gasparrini 2017).
//
// The line before is carried on; what lies above it afterwards is taken for the effect. [Result.Level] is the jump and
// [Result.Slope] by how much a period's gain changed. Neighbors in time go together: a deviation keeps a part of the one before,
// and the part is estimated by restricted maximum likelihood, which of the usual ways keeps its promise best where series are short
// (Turner and others, Evaluation of Statistical Methods Used in the Analysis of Interrupted Time Series Studies, 2021). Newey and
// West's errors, which most papers have, are there for who asks for them: with three years of months their 95 % intervals cover 84 %.
//
// The assumption is that the figure would have gone on as before. Whatever else happened at the same moment is counted in;
// a second figure that the launch could not touch, run through the same, is the placebo. It takes eight periods on each side
// at least, and a whole year for a season.
package series

import (
	"errors"
	"fmt"
	"math"

	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/linear"
)

// Least is how many periods it takes on each side.
const Least = 8

// ErrShort says that there are too few periods.
var ErrShort = errors.New("too few periods")

// Options say how a series is read.
type Options struct {
	From   int // the first period after the change, counted from 0
	Season int // how many periods a season has, such as 7 for days or 12 for months; 0 or 1 = none
	Lag    int // above 0: Newey and West's errors, with values going together that are so many periods apart; see [Lag]
}

// Lag is Newey and West's rule: 4 (n/100)^(2/9), rounded down, and 1 at least.
func Lag(n int) int { return max(1, int(4*math.Pow(float64(n)/100, 2.0/9))) }

// Result is what changed.
type Result struct {
	Trend        chance.Estimate `json:"trend"`         // gain a period, before
	Level        chance.Estimate `json:"level"`         // the jump
	Slope        chance.Estimate `json:"slope"`         // change of the gain a period
	Mean         chance.Estimate `json:"mean"`          // mean effect over all periods after
	Last         chance.Estimate `json:"last"`          // effect in the last period
	Expected     []float64       `json:"expected"`      // what each period after would have had, had it gone on
	Fitted       []float64       `json:"fitted"`        // by period
	Lag          int             `json:"lag"`           // of Newey and West's errors; 0 = there are none
	Memory       float64         `json:"memory"`        // the part that a deviation keeps of the one before; 0 with Newey and West's errors
	DurbinWatson chance.Maybe    `json:"durbin_watson"` // about 2 = what is left has no memory; near 0 = much
}

// Interrupted fits the lines before and after.
func Interrupted(values []float64, o Options) (Result, error) {
	n, season := len(values), max(1, o.Season)
	r := Result{Lag: max(0, o.Lag)}
	least := max(Least, season)
	if season == 1 {
		least = Least
	}
	if o.From < least || n-o.From < Least {
		return r, fmt.Errorf("compare %d periods before with %d after: %w: it takes %d before and %d after", o.From, n-o.From, ErrShort, least, Least)
	}
	rows := make([][]float64, n)
	for t := range n {
		after, since := 0.0, 0.0
		if t >= o.From {
			after, since = 1, float64(t-o.From)
		}
		rows[t] = []float64{1, float64(t), after, since}
		for s := 1; s < season; s++ {
			in := 0.0
			if t%season == s {
				in = 1
			}
			rows[t] = append(rows[t], in)
		}
	}
	f, v, err := r.fit(rows, values)
	if err != nil {
		return r, err
	}
	sum := func(level, slope float64) chance.Estimate {
		weights := make([]float64, len(f.Coefficients))
		weights[2], weights[3] = level, slope
		return v.Sum(f, weights)
	}
	last := float64(n - o.From - 1)
	r.Trend, r.Level, r.Slope = v.Estimate(f, 1), v.Estimate(f, 2), v.Estimate(f, 3)
	r.Mean, r.Last = sum(1, last/2), sum(1, last)
	r.draw(f, rows, values, o.From)
	return r, nil
}

// fit fits the lines and says how well they are known.
func (r *Result) fit(rows [][]float64, values []float64) (*linear.Fit, linear.Covariance, error) {
	if r.Lag > 0 {
		f, err := linear.Least(rows, values, nil)
		if err != nil {
			return nil, linear.Covariance{}, fmt.Errorf("fit the lines before and after: %w", err)
		}
		return f, f.NeweyWest(r.Lag), nil
	}
	f, memory, err := remember(rows, values)
	if err != nil {
		return nil, linear.Covariance{}, err
	}
	r.Memory = memory
	return f, f.Classic(), nil
}

// draw fills in the lines, and what is left.
func (r *Result) draw(f *linear.Fit, rows [][]float64, values []float64, from int) {
	r.Fitted = make([]float64, len(rows))
	for t, row := range rows {
		for j, v := range row {
			r.Fitted[t] += v * f.Coefficients[j]
		}
	}
	for t := from; t < len(rows); t++ {
		r.Expected = append(r.Expected, r.Fitted[t]-f.Coefficients[2]-f.Coefficients[3]*float64(t-from))
	}
	steps, squares, before := 0.0, 0.0, 0.0
	for t, v := range values {
		e := v - r.Fitted[t]
		squares += e * e
		if t > 0 {
			steps += (e - before) * (e - before)
		}
		before = e
	}
	r.DurbinWatson = chance.Maybe(steps / squares)
}
