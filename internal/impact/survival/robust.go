// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survival

import (
	"cmp"
	"math"
	"slices"

	"greenroom/internal/impact/chance"
)

// Robust is the covariance of the coefficients where cases of one cluster go together, such as the accounts of one company, the
// pairs of a matching, or the two halves of an account that joined later (Lin and Wei 1989, as R's cluster()). clusters has a
// cluster's number for each case.
func (m *Model) Robust(clusters []int) [][]float64 {
	k := len(m.Coefficients)
	sums := make(map[int][]float64)
	var order []int
	for i, residual := range m.data.scores(m.Coefficients) {
		s := sums[clusters[i]]
		if s == nil {
			s = make([]float64, k)
			order = append(order, clusters[i])
		}
		for a := range k { // by how much the coefficients would move without the case
			for b := range k {
				s[a] += m.Covariance[a][b] * residual[b]
			}
		}
		sums[clusters[i]] = s
	}
	slices.Sort(order)
	out := newMass(k).xx
	for _, c := range order {
		for a := range k {
			for b := range k {
				out[a][b] += sums[c][a] * sums[c][b]
			}
		}
	}
	return out
}

// Log is the coefficient i, the logarithm of a hazard ratio, with another covariance.
func (m *Model) Log(i int, covariance [][]float64) chance.Estimate {
	return chance.Large(m.Coefficients[i], math.Sqrt(covariance[i][i]))
}

// passage is what has added up over the events up to a time.
type passage struct {
	time   float64
	hazard float64   // of somebody with weight 1
	mean   []float64 // the same times the mean of x
}

// scores are the score residuals: what each case adds to the equations that the coefficients solve.
func (r *risks) scores(beta []float64) [][]float64 {
	k := len(beta)
	type share struct { // of the event term and of what those who are struck are spared, by time
		spared            float64
		means, sparedMean []float64
	}
	at := make(map[float64]share)
	var steps []passage
	r.walk(beta, func(time float64, risk, dead *mass, _ []float64, _ float64, count int) {
		step := passage{time: time, mean: make([]float64, k)}
		s := share{means: make([]float64, k), sparedMean: make([]float64, k)}
		c := 0
		r.tied(risk, dead, count, func(total float64, mean []float64, _ [][]float64) {
			part := 0.0
			if r.ties == Efron {
				part = float64(c) / float64(count)
			}
			c++
			step.hazard += 1 / total
			s.spared += part / total
			for j := range k {
				step.mean[j] += mean[j] / total
				s.means[j] += mean[j] / float64(count)
				s.sparedMean[j] += part * mean[j] / total
			}
		})
		steps = append(steps, step)
		at[time] = s
	})
	slices.Reverse(steps)
	for i := 1; i < len(steps); i++ {
		steps[i].hazard += steps[i-1].hazard
		for j := range k {
			steps[i].mean[j] += steps[i-1].mean[j]
		}
	}
	up := func(time float64) passage { // to what has added up until then
		i, found := slices.BinarySearchFunc(steps, time, func(p passage, t float64) int { return cmp.Compare(p.time, t) })
		if found {
			return steps[i]
		}
		if i == 0 {
			return passage{mean: make([]float64, k)}
		}
		return steps[i-1]
	}
	out := make([][]float64, len(r.cases))
	for i, c := range r.cases {
		line := 0.0
		for j, v := range r.x[i] {
			line += v * beta[j]
		}
		weight := math.Exp(line)
		end, start := up(c.Time), up(c.Start)
		if c.Start <= 0 {
			start = passage{mean: make([]float64, k)}
		}
		out[i] = make([]float64, k)
		for j, v := range r.x[i] {
			out[i][j] = -weight * (v*(end.hazard-start.hazard) - (end.mean[j] - start.mean[j]))
			if c.Event {
				s := at[c.Time]
				out[i][j] += v - s.means[j] + weight*(v*s.spared-s.sparedMean[j])
			}
		}
	}
	return out
}
