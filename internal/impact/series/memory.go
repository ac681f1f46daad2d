// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"fmt"
	"math"

	"greenroom/internal/impact/linear"
)

// mostMemory is how much of a deviation is kept at most: with more, a line cannot be told from a walk.
const mostMemory = 0.98

// remember fits the lines with errors of which each keeps a part of the one before (AR 1), the part by restricted maximum
// likelihood. Parts below 0 are taken for 0, so that intervals are not made narrower than independent errors would have them.
func remember(rows [][]float64, y []float64) (*linear.Fit, float64, error) {
	var failed error
	likelihood := func(memory float64) float64 {
		f, err := generalized(rows, y, memory)
		if err != nil {
			failed = err
			return math.Inf(-1)
		}
		squares := 0.0
		for _, e := range f.Residuals {
			squares += e * e
		}
		// The classic covariance is squares/(n-k) times (X'X)^-1, X being what was transformed.
		v := f.Classic().Matrix
		scale := squares / float64(f.Freedom())
		determinant, err := linear.LogDeterminant(v)
		if err != nil {
			failed = err
			return math.Inf(-1)
		}
		information := float64(len(v))*math.Log(scale) - determinant
		return -(float64(f.Freedom())*math.Log(squares) + information - math.Log(1-memory*memory)) / 2
	}
	best, at := math.Inf(-1), 0.0
	const steps = 14
	for i := range steps + 1 {
		m := mostMemory * float64(i) / steps
		if l := likelihood(m); l > best {
			best, at = l, m
		}
	}
	if math.IsInf(best, -1) {
		return nil, 0, fmt.Errorf("estimate how much is kept of a deviation: %w", failed)
	}
	low, high := max(0, at-mostMemory/steps), min(mostMemory, at+mostMemory/steps)
	const golden = 0.6180339887498949
	for high-low > 1e-9 {
		a, b := high-golden*(high-low), low+golden*(high-low)
		if likelihood(a) >= likelihood(b) {
			high = b
		} else {
			low = a
		}
	}
	at = (low + high) / 2
	if likelihood(0) >= likelihood(at) {
		at = 0
	}
	f, err := generalized(rows, y, at)
	return f, at, err
}

// generalized is generalized least squares where each error keeps so much of the one before (Prais and Winsten 1954).
func generalized(rows [][]float64, y []float64, memory float64) (*linear.Fit, error) {
	x, z := make([][]float64, len(rows)), make([]float64, len(y))
	first := math.Sqrt(1 - memory*memory)
	for i, row := range rows {
		x[i] = make([]float64, len(row))
		for j, v := range row {
			if i == 0 {
				x[i][j] = first * v
			} else {
				x[i][j] = v - memory*rows[i-1][j]
			}
		}
		if i == 0 {
			z[i] = first * y[i]
		} else {
			z[i] = y[i] - memory*y[i-1]
		}
	}
	f, err := linear.Least(x, z, nil)
	if err != nil {
		return nil, fmt.Errorf("fit the lines before and after: %w", err)
	}
	return f, nil
}
