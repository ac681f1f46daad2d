// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package trend

import "math"

const (
	steps      = 40 // of the sum, in the Markov chain
	bisections = 14
	mostSum    = 14
)

// threshold is where the sum has to get for an alarm, so that a usual series gives one in so many days.
func threshold(mean, dispersion, days float64) float64 {
	p := probabilities(mean, dispersion)
	low, high := 0.2, float64(mostSum)
	for range bisections {
		h := (low + high) / 2
		if runLength(p, mean, dispersion, h) < days {
			low = h
		} else {
			high = h
		}
	}
	return high
}

// probabilities of the counts of a usual day, from 0 up to where hardly any is left.
func probabilities(mean, dispersion float64) []float64 {
	r := math.Inf(1)
	p0 := math.Exp(-mean)
	if dispersion >= 1.02 {
		r = mean / (dispersion - 1)
		p0 = math.Exp(r * math.Log(1/dispersion))
	}
	if p0 < 1e-280 { // too many to count; as many as are computed with behave alike
		return probabilities(mean/2, dispersion)
	}
	p := []float64{p0}
	left := 1 - p0
	for k := 1; left > 1e-9 && k < 4000; k++ {
		var q float64
		if math.IsInf(r, 1) {
			q = p[k-1] * mean / float64(k)
		} else {
			q = p[k-1] * (r + float64(k) - 1) / float64(k) * (1 - 1/dispersion)
		}
		p = append(p, q)
		left -= q
	}
	return p
}

// runLength is the mean number of days until the sum reaches h, on usual days: the sum is taken in steps, and the run
// lengths from each of them solve a system of linear equations.
func runLength(p []float64, mean, dispersion, h float64) float64 {
	var a [steps][steps + 1]float64
	width := h / steps
	for i := range steps {
		a[i][i] += 1
		a[i][steps] = 1
		from := 0.0
		if i > 0 {
			from = (float64(i) + 0.5) * width
		}
		for k, q := range p {
			to := from + evidence(float64(k), mean, dispersion)
			if to >= h {
				break // and all that are greater
			}
			j := 0
			if to > 0 {
				j = min(int(to/width), steps-1)
			}
			a[i][j] -= q
		}
	}
	return solve(&a)
}

// solve gives the first unknown of a system by elimination; a chain that never ends counts as endless.
func solve(a *[steps][steps + 1]float64) float64 {
	for c := steps - 1; c >= 0; c-- { // from the last, so that the first is left over
		pivot := c
		for r := range c {
			if math.Abs(a[r][c]) > math.Abs(a[pivot][c]) {
				pivot = r
			}
		}
		a[c], a[pivot] = a[pivot], a[c]
		if math.Abs(a[c][c]) < 1e-12 {
			return math.Inf(1)
		}
		for r := range c {
			f := a[r][c] / a[c][c]
			if f == 0 {
				continue
			}
			for k := range c {
				a[r][k] -= f * a[c][k]
			}
			a[r][steps] -= f * a[c][steps]
			a[r][c] = 0
		}
	}
	x := a[0][steps] / a[0][0]
	if x < 0 {
		return math.Inf(1)
	}
	return x
}
