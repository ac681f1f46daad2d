// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package resample finds out how far a figure would scatter by drawing cases again and again, where no formula says.
//
//   - [Bootstrap] draws as many cases as there are, with replacement, and looks at how the figure scatters (Efron 1979), with the
//     percentile interval and the BCa interval, which corrects for bias and for a scatter that changes with the figure (Efron,
//     Better Bootstrap Confidence Intervals, 1987). It assumes that cases stand for themselves: where members of one organization
//     go together, let organizations be the cases.
//   - [Permutation] asks how often chance alone, dealing out the exposure anew, makes as great a figure: the placebo test.
//
// The same seed gives the same answer. BCa needs about 2,000 draws, and more than about 20 cases; extremes such as a maximum
// cannot be bootstrapped.
package resample

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"greenroom/internal/impact/chance"
)

// ErrDegenerate says that the figure is not a number, or does not scatter.
var ErrDegenerate = errors.New("the figure cannot be computed from what is drawn")

// Source is a source of random numbers that gives the same ones for the same seed.
func Source(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)) //nolint:gosec // the same answer every time is what is wanted
}

// Scatter is how a figure scatters.
type Scatter struct {
	Value    float64   `json:"value"` // of the cases as they are
	Error    float64   `json:"error"` // standard deviation of the draws
	Bias     float64   `json:"bias"`  // their mean, less the value
	Draws    []float64 `json:"-"`     // ascending
	Skipped  int       `json:"skipped"`
	leaveOut []float64
}

// Bootstrap computes the figure for n cases, given as their numbers, as they are and for as many draws as asked for. Draws of
// which the figure is not a number, such as a ratio of which nobody is in the lower part, are skipped; where more than a tenth
// are it fails with [ErrDegenerate].
func Bootstrap(n, draws int, random *rand.Rand, figure func(cases []int) float64) (*Scatter, error) {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	s := &Scatter{Value: figure(all)}
	if n < 2 || math.IsNaN(s.Value) {
		return nil, fmt.Errorf("draw %d cases again: %w", n, ErrDegenerate)
	}
	some := make([]int, n)
	for range draws {
		for i := range some {
			some[i] = random.IntN(n)
		}
		if v := figure(some); math.IsNaN(v) || math.IsInf(v, 0) {
			s.Skipped++
		} else {
			s.Draws = append(s.Draws, v)
		}
	}
	if s.Skipped*10 > draws || len(s.Draws) < 2 {
		return nil, fmt.Errorf("draw %d cases again: %d of %d draws: %w", n, s.Skipped, draws, ErrDegenerate)
	}
	for i := range n {
		rest := slices.Concat(all[:i], all[i+1:])
		s.leaveOut = append(s.leaveOut, figure(rest))
	}
	s.settle()
	return s, nil
}

// From is a scatter of draws that somebody else made; leaveOut has the figure without each of the cases.
func From(value float64, draws, leaveOut []float64) *Scatter {
	s := &Scatter{Value: value, Draws: slices.Clone(draws), leaveOut: leaveOut}
	s.settle()
	return s
}

func (s *Scatter) settle() {
	slices.Sort(s.Draws)
	n := float64(len(s.Draws))
	mean := 0.0
	for _, v := range s.Draws {
		mean += v / n
	}
	for _, v := range s.Draws {
		s.Error += (v - mean) * (v - mean) / (n - 1)
	}
	s.Error = math.Sqrt(s.Error)
	s.Bias = mean - s.Value
}

// Percentile is the 95 % interval between the 2.5 % and the 97.5 % quantile of the draws.
func (s *Scatter) Percentile() chance.Estimate { return s.between(0.025, 0.975) }

func (s *Scatter) between(low, high float64) chance.Estimate {
	return chance.Estimate{Value: s.Value, Error: s.Error, Low: Quantile(s.Draws, low), High: Quantile(s.Draws, high), P: math.NaN()}
}

// BCa is the 95 % interval corrected for bias and acceleration. Where these cannot be computed it is the percentile one.
func (s *Scatter) BCa() chance.Estimate {
	below := 0.0
	for _, v := range s.Draws {
		if v < s.Value {
			below++
		} else if v == s.Value {
			below += 0.5
		}
	}
	z0 := chance.NormalQuantile(below / float64(len(s.Draws)))
	mean, cubes, squares := 0.0, 0.0, 0.0
	for _, v := range s.leaveOut {
		mean += v / float64(len(s.leaveOut))
	}
	for _, v := range s.leaveOut {
		cubes += (mean - v) * (mean - v) * (mean - v)
		squares += (mean - v) * (mean - v)
	}
	a := cubes / (6 * math.Pow(squares, 1.5))
	if math.IsInf(z0, 0) || math.IsNaN(a) {
		return s.Percentile()
	}
	level := func(z float64) float64 { return chance.Normal(z0 + (z0+z)/(1-a*(z0+z))) }
	return s.between(level(-chance.Z95), level(chance.Z95))
}

// Quantile is the quantile q of ascending values, between neighbors by their distance (type 7 of Hyndman and Fan); NaN of none.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := q * float64(len(sorted)-1)
	i := int(math.Floor(at))
	if i >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// Placebo is what chance alone makes.
type Placebo struct {
	Value float64   `json:"value"`
	P     float64   `json:"p"`     // how often chance alone is as far from 0
	Draws []float64 `json:"-"`     // ascending
	Exact bool      `json:"exact"` // all ways to deal were looked at
}

// exactMost is how many ways to deal are looked at one by one.
const exactMost = 20_000

// Permutation computes the figure for the exposure as it was and as chance deals it: to as many, in every way where there are few,
// else in as many ways as asked for. The exposure as it was counts as one of them, so p is never 0 (Phipson and Smyth 2010).
func Permutation(exposed []bool, draws int, random *rand.Rand, figure func(exposed []bool) float64) Placebo {
	p := Placebo{Value: figure(exposed)}
	n, k := len(exposed), 0
	for _, e := range exposed {
		if e {
			k++
		}
	}
	least := math.Abs(p.Value) - 1e-12*max(1, math.Abs(p.Value))
	hits := 0
	look := func(dealt []bool) {
		v := figure(dealt)
		p.Draws = append(p.Draws, v)
		if math.Abs(v) >= least {
			hits++
		}
	}
	if ways(n, k) <= exactMost {
		p.Exact = true
		deal(make([]bool, n), 0, k, look)
		p.P = float64(hits) / float64(len(p.Draws))
	} else {
		dealt := slices.Clone(exposed)
		for range draws {
			random.Shuffle(n, func(i, j int) { dealt[i], dealt[j] = dealt[j], dealt[i] })
			look(dealt)
		}
		p.P = float64(hits+1) / float64(len(p.Draws)+1)
	}
	slices.Sort(p.Draws)
	return p
}

// ways is in how many ways k of n can be chosen, or more than are looked at.
func ways(n, k int) float64 {
	v := 1.0
	for i := range min(k, n-k) {
		if v *= float64(n-i) / float64(i+1); v > 2*exactMost {
			break
		}
	}
	return math.Round(v)
}

// deal chooses k of those from at on, in every way.
func deal(dealt []bool, at, k int, yield func(dealt []bool)) {
	if k == 0 {
		yield(dealt)
		return
	}
	for i := at; i+k <= len(dealt); i++ {
		dealt[i] = true
		deal(dealt, i+1, k-1, yield)
		dealt[i] = false
	}
}
