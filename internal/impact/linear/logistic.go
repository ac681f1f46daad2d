// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linear

import (
	"errors"
	"fmt"
	"math"
)

// ErrSeparated says that a mix of the columns tells without exception which cases happen, so that there is no finite
// answer.
var ErrSeparated = errors.New("the columns tell without exception which cases happen")

// Odds is a logistic regression: the logarithm of the odds as a line.
type Odds struct {
	Coefficients []float64
	Probability  []float64 // of each case, as fitted
	Covariance   Covariance
	Deviance     float64
	Rounds       int
}

// Logit is the logarithm of the odds of the case i, as fitted.
func (o *Odds) Logit(i int) float64 { return math.Log(o.Probability[i] / (1 - o.Probability[i])) }

// rounds is how often a fit is made better, at most; ten are usual.
const rounds = 50

// Logistic fits whether cases happen to the columns of x, by iteratively reweighted least squares (McCullagh and Nelder,
// Generalized Linear Models, 1989). The columns are as for [Least]. It fails with [ErrTooFew], [ErrSeparated] or an
// [*AliasError].
func Logistic(x [][]float64, happened []bool) (*Odds, error) {
	n := len(happened)
	if len(x) != n {
		return nil, fmt.Errorf("fit odds: %d rows, %d outcomes", len(x), n)
	}
	if n <= width(x) {
		return nil, fmt.Errorf("fit odds: %w: %d and %d", ErrTooFew, n, width(x))
	}
	o := &Odds{Probability: make([]float64, n)}
	line, work, weights := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, h := range happened {
		line[i] = -math.Log(3) // as of (y + 1/2) / 2
		if h {
			line[i] = math.Log(3)
		}
	}
	for o.Rounds < rounds {
		o.Rounds++
		for i, h := range happened {
			p := 1 / (1 + math.Exp(-line[i]))
			y := 0.0
			if h {
				y = 1
			}
			weights[i] = max(p*(1-p), 1e-12)
			work[i] = line[i] + (y-p)/weights[i]
		}
		b, bread, err := solve(x, work, weights)
		if err != nil {
			return nil, fmt.Errorf("fit odds: %w", err)
		}
		o.Coefficients, o.Covariance = b, Covariance{bread, math.Inf(1)}
		deviance, far := 0.0, 0.0
		for i, row := range x {
			next := dot(row, b)
			far = max(far, math.Abs(next-line[i]))
			line[i] = next
			o.Probability[i] = 1 / (1 + math.Exp(-line[i]))
			p := o.Probability[i]
			if !happened[i] {
				p = 1 / (1 + math.Exp(line[i]))
			}
			deviance -= 2 * math.Log(max(p, 1e-300))
		}
		o.Deviance = deviance
		if deviance < 1e-6*float64(n) {
			return nil, fmt.Errorf("fit odds: %w", ErrSeparated)
		}
		if far < 1e-9 {
			return o, nil
		}
	}
	return nil, fmt.Errorf("fit odds: %w", ErrSeparated)
}
