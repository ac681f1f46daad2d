// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package match compares those who were exposed to something with others who were like them before.
//
// Who takes part differs from who does not, so that the plain difference says more about who they are than about what
// taking part does. Matching keeps of the others those who were alike in what is known from before the exposure, and leaves
// out whoever has no like. What it answers is: by how much did the outcome of those exposed differ from that of their likes?
//
//   - [Nearest] pairs each exposed with the unexposed whose propensity score is nearest, within a caliper, each used once
//     (Rosenbaum and Rubin 1985; the caliper of 0.2 standard deviations of the score's logit is Austin's, 2011).
//   - [Coarsened] compares within cells of coarsened covariates (coarsened exact matching; Iacus, King and Porro,
//     Causal Inference without Balance Checking, 2012).
//   - [Table] shows whether they are alike now: standardized mean differences (below 0.1 is good, above 0.25 is not; Stuart
//     2010) and variance ratios. [Imbalance] is Iacus, King and Porro's L1.
//   - [Effect] is the mean effect on those exposed who have a like, by regression within the matched sample on exposure,
//     covariates and their products, which takes out the rest of the difference. Its standard errors go by pair, or by
//     cluster, which is valid after matching without replacement (Abadie and Spiess, Robust Post-Matching Inference, 2022).
//
// The assumption is that nothing that is not among the covariates drives both exposure and outcome. No figure in this
// package can show that it holds; a placebo test, the E-value and the verdict say how far to trust it. Covariates have to
// be from before the exposure: what was measured after it takes part of the effect away.
package match

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"greenroom/internal/impact/linear"
)

// Unit is somebody who could have been exposed: a member, or an organization.
type Unit struct {
	Exposed bool
	Before  []float64 // the covariates, all from before the exposure
	Outcome float64   // for what happens or does not, 1 or 0
	Cluster int       // units of one cluster go together, such as members of one organization; 0 = on its own
}

// The reasons for which nothing can be compared.
var (
	ErrOneSided = errors.New("it takes units that were exposed and units that were not")
	ErrNoLikes  = errors.New("nobody who was exposed has a like among those who were not")
	ErrRows     = errors.New("units differ in how many covariates they have")
)

// Matching says who is compared.
type Matching struct {
	Method  string
	Weights []float64 // by unit: 0 = left out, 1 = exposed, what it counts among the others
	Sets    []int     // by unit: the pair or cell, from 1; 0 = left out
	Paired  bool      // sets are small, so that errors go by set
	Exposed int       // how many were exposed
	Kept    int       // how many of them have a like
	Others  int       // how many of those who were not exposed are compared with
}

// Overlap is the share of the exposed who have a like.
func (m *Matching) Overlap() float64 { return float64(m.Kept) / float64(m.Exposed) }

// count is how many were exposed. It fails where units cannot be compared.
func count(units []Unit) (exposed int, err error) {
	others := 0
	for i, u := range units {
		if len(u.Before) != len(units[0].Before) {
			return 0, fmt.Errorf("unit %d: %w", i+1, ErrRows)
		}
		for _, v := range append([]float64{u.Outcome}, u.Before...) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return 0, fmt.Errorf("unit %d: %w", i+1, linear.ErrNumber)
			}
		}
		if u.Exposed {
			exposed++
		} else {
			others++
		}
	}
	if exposed == 0 || others == 0 {
		return 0, ErrOneSided
	}
	return exposed, nil
}

// Scores are the logits of the units' propensity scores, by logistic regression on the covariates. Columns that follow from
// others add nothing and are left out.
func Scores(units []Unit) ([]float64, error) {
	rows := make([][]float64, len(units))
	happened := make([]bool, len(units))
	for i, u := range units {
		rows[i] = append([]float64{1}, u.Before...)
		happened[i] = u.Exposed
	}
	odds, err := linear.Logistic(standard(rows), happened)
	for {
		var alias *linear.AliasError
		if !errors.As(err, &alias) {
			break
		}
		rows = without(rows, alias.Column)
		odds, err = linear.Logistic(standard(rows), happened)
	}
	if err != nil {
		return nil, fmt.Errorf("estimate propensity scores: %w", err)
	}
	out := make([]float64, len(units))
	for i := range units {
		out[i] = odds.Logit(i)
	}
	return out, nil
}

// without takes a column out.
func without(rows [][]float64, column int) [][]float64 {
	out := make([][]float64, len(rows))
	for i, row := range rows {
		out[i] = slices.Delete(slices.Clone(row), column, column+1)
	}
	return out
}

// standard brings all columns but the first to mean 0 and deviation 1, so that the fit keeps its digits.
func standard(rows [][]float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i, row := range rows {
		out[i] = slices.Clone(row)
	}
	for j := 1; j < len(rows[0]); j++ {
		mean, deviation := spread(len(rows), func(i int) (float64, float64) { return rows[i][j], 1 })
		for i := range out {
			out[i][j] -= mean
			if deviation > 0 {
				out[i][j] /= math.Sqrt(deviation)
			}
		}
	}
	return out
}

// spread is the weighted mean and variance of n values, the variance as of a sample.
func spread(n int, at func(i int) (value, weight float64)) (mean, variance float64) {
	sum, squares := 0.0, 0.0
	for i := range n {
		v, w := at(i)
		sum += w
		squares += w * w
		mean += w * v
	}
	mean /= sum
	for i := range n {
		v, w := at(i)
		variance += w * (v - mean) * (v - mean)
	}
	return mean, variance / (sum - squares/sum)
}

// Caliper is how far apart, at most, the scores of a pair may be, in standard deviations of all.
const Caliper = 0.2

// Nearest pairs on the propensity score: those with the highest score, who have the fewest likes, choose first. ratio is how
// many others each gets, at most; caliper is [Caliper] as a rule.
func Nearest(units []Unit, ratio int, caliper float64) (*Matching, error) {
	if _, err := count(units); err != nil {
		return nil, fmt.Errorf("match by propensity: %w", err)
	}
	scores, err := Scores(units)
	if err != nil {
		return nil, fmt.Errorf("match by propensity: %w", err)
	}
	_, variance := spread(len(scores), func(i int) (float64, float64) { return scores[i], 1 })
	within := caliper * math.Sqrt(variance)
	m := &Matching{Method: "propensity score, nearest neighbor", Weights: make([]float64, len(units)), Sets: make([]int, len(units)), Paired: true}
	var exposed, others []int
	for i, u := range units {
		if u.Exposed {
			exposed = append(exposed, i)
		} else {
			others = append(others, i)
		}
	}
	m.Exposed = len(exposed)
	slices.SortStableFunc(exposed, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(scores[a], scores[b]) })
	free := newFree(len(others))
	likes := make([][]int, len(exposed))
	for range ratio {
		for e, i := range exposed {
			at, _ := slices.BinarySearchFunc(others, scores[i], func(o int, s float64) int { return cmp.Compare(scores[o], s) })
			best, gap := -1, math.Inf(1)
			for _, o := range []int{free.left(at - 1), free.right(at)} {
				if o < 0 || o >= len(others) {
					continue
				}
				if d := math.Abs(scores[others[o]] - scores[i]); d <= within && d < gap {
					best, gap = o, d
				}
			}
			if best >= 0 {
				free.take(best)
				likes[e] = append(likes[e], others[best])
			}
		}
	}
	for e, i := range exposed {
		if len(likes[e]) == 0 {
			continue
		}
		m.Kept++
		m.Weights[i], m.Sets[i] = 1, m.Kept
		for _, o := range likes[e] {
			m.Others++
			m.Weights[o], m.Sets[o] = 1/float64(len(likes[e])), m.Kept
		}
	}
	if m.Kept == 0 {
		return nil, fmt.Errorf("match by propensity: %w", ErrNoLikes)
	}
	return m, nil
}

// free finds what is not taken yet to the left and to the right of a place. Paths shorten as they are walked.
type free struct{ to, from []int }

func newFree(n int) *free {
	f := &free{to: make([]int, n+2), from: make([]int, n+2)} // moved by one; 0 and n+1 stand for none
	for i := range n + 2 {
		f.to[i], f.from[i] = i, i
	}
	return f
}

func walk(path []int, i int) int {
	for path[i] != i {
		path[i] = path[path[i]]
		i = path[i]
	}
	return i
}

func (f *free) left(i int) int  { return walk(f.to, i+1) - 1 }
func (f *free) right(i int) int { return walk(f.from, i+1) - 1 }
func (f *free) take(i int)      { f.to[i+1], f.from[i+1] = i, i+2 }
