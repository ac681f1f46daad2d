// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package linear fits lines: how an outcome goes with several things at once, each with the others held equal.
//
// [Least] is weighted least squares by Householder's QR decomposition, which keeps twice as many digits as the normal
// equations do. [Logistic] is the same for outcomes that happen or do not, and serves as the model of who gets exposed.
//
// What a textbook prints as standard error assumes that all cases vary alike and that none knows of another. Members do
// not: those of one company come and go together. So a [Fit] has more than one answer to how well it is known:
//
//   - [Fit.Classic]: as the textbook. For tests against other software.
//   - [Fit.Robust]: cases may vary differently (White 1980; HC1 is his with the correction n/(n-k) of MacKinnon and White 1985).
//   - [Fit.Clustered]: cases of one cluster may go together (Liang and Zeger 1986; CR1 as Stata has it). Few clusters make
//     its intervals too narrow; they use Student's t with one less than the number of clusters, and below 20 the caller
//     should say so.
//   - [Fit.NeweyWest]: cases are in the order of time, and neighbors go together (Newey and West 1987).
//
// A coefficient is an effect only where the design makes it one: this package does not know.
package linear

import (
	"errors"
	"fmt"
	"math"

	"greenroom/internal/impact/chance"
)

// ErrTooFew says that there are not more cases than coefficients.
var ErrTooFew = errors.New("there are not more cases than coefficients")

// Covariance is the covariance of a fit's coefficients and the degrees of freedom that go with it.
type Covariance struct {
	Matrix  [][]float64
	Freedom float64
}

// Estimate is the coefficient i of f with this covariance.
func (c Covariance) Estimate(f *Fit, i int) chance.Estimate {
	return chance.Small(f.Coefficients[i], math.Sqrt(c.Matrix[i][i]), c.Freedom)
}

// Sum is the estimate of a weighted sum of coefficients.
func (c Covariance) Sum(f *Fit, weights []float64) chance.Estimate {
	v, variance := 0.0, 0.0
	for i, w := range weights {
		v += w * f.Coefficients[i]
		for j, u := range weights {
			variance += w * u * c.Matrix[i][j]
		}
	}
	return chance.Small(v, math.Sqrt(max(variance, 0)), c.Freedom)
}

// Wald tests whether the coefficients with these numbers are all 0: an F test. It is the share of chance.
func (c Covariance) Wald(f *Fit, which []int) (statistic, p float64, err error) {
	k := len(which)
	v := make([][]float64, k)
	b := make([]float64, k)
	for i, a := range which {
		v[i] = make([]float64, k)
		b[i] = f.Coefficients[a]
		for j, d := range which {
			v[i][j] = c.Matrix[a][d]
		}
	}
	return WaldF(b, v, c.Freedom)
}

// WaldF tests whether values with this covariance are all 0: F = b' V^-1 b / k with k and so many degrees of freedom.
func WaldF(b []float64, v [][]float64, freedom float64) (statistic, p float64, err error) {
	inverse, err := Inverse(v)
	if err != nil {
		return 0, 1, fmt.Errorf("test that %d values are 0: %w", len(b), err)
	}
	for i := range b {
		for j := range b {
			statistic += b[i] * inverse[i][j] * b[j]
		}
	}
	statistic /= float64(len(b))
	return statistic, chance.FAbove(statistic, float64(len(b)), freedom), nil
}

// Fit is a line through cases.
type Fit struct {
	Coefficients []float64
	Fitted       []float64
	Residuals    []float64 // outcome less fitted
	RSquared     float64   // share of the outcome's variance that the line has; the first column is taken for the constant

	x       [][]float64
	w       []float64
	bread   [][]float64 // (X'WX)^-1
	squares float64     // of the residuals, weighted
	freedom int
}

// Least fits y to the columns of x by least squares. x has a row for each case and a column for each coefficient, a
// constant one among them if there is to be one. weights is nil or has a weight above 0 for each case. It fails with
// [ErrTooFew], or with an [*AliasError] where a column follows from the ones before it.
func Least(x [][]float64, y, weights []float64) (*Fit, error) {
	n := len(y)
	if len(x) != n || weights != nil && len(weights) != n {
		return nil, fmt.Errorf("fit a line: %d rows, %d outcomes, %d weights", len(x), n, len(weights))
	}
	if n == 0 || n <= len(x[0]) {
		return nil, fmt.Errorf("fit a line: %w: %d and %d", ErrTooFew, n, width(x))
	}
	f := &Fit{x: x, w: weights, freedom: n - len(x[0])}
	var err error
	if f.Coefficients, f.bread, err = solve(x, y, weights); err != nil {
		return nil, fmt.Errorf("fit a line: %w", err)
	}
	f.Fitted, f.Residuals = make([]float64, n), make([]float64, n)
	sum, weight := 0.0, 0.0
	for i, row := range x {
		for j, v := range row {
			f.Fitted[i] += v * f.Coefficients[j]
		}
		f.Residuals[i] = y[i] - f.Fitted[i]
		f.squares += f.weight(i) * f.Residuals[i] * f.Residuals[i]
		sum += f.weight(i) * y[i]
		weight += f.weight(i)
	}
	total := 0.0
	for i := range y {
		total += f.weight(i) * (y[i] - sum/weight) * (y[i] - sum/weight)
	}
	f.RSquared = 1 - f.squares/total
	return f, nil
}

func width(x [][]float64) int {
	if len(x) == 0 {
		return 0
	}
	return len(x[0])
}

func (f *Fit) weight(i int) float64 {
	if f.w == nil {
		return 1
	}
	return f.w[i]
}

// Classic assumes that all cases vary alike and on their own.
func (f *Fit) Classic() Covariance {
	return Covariance{scaled(f.bread, f.squares/float64(f.freedom)), float64(f.freedom)}
}

// Robust lets cases vary differently (HC1).
func (f *Fit) Robust() Covariance {
	meat := square(len(f.Coefficients))
	for i := range f.x {
		outer(meat, f.score(i), 1)
	}
	return Covariance{scaled(sandwich(f.bread, meat), float64(len(f.x))/float64(f.freedom)), float64(f.freedom)}
}

// score is what the case i adds to the equations that the coefficients solve.
func (f *Fit) score(i int) []float64 {
	s := make([]float64, len(f.Coefficients))
	for j, v := range f.x[i] {
		s[j] = v * f.weight(i) * f.Residuals[i]
	}
	return s
}

// Clustered lets the cases of a cluster go together (CR1). clusters has a cluster's number for each case.
func (f *Fit) Clustered(clusters []int) Covariance {
	k := len(f.Coefficients)
	at := make(map[int]int)
	var sums [][]float64
	for i := range f.x {
		c, known := at[clusters[i]]
		if !known {
			c = len(sums)
			at[clusters[i]] = c
			sums = append(sums, make([]float64, k))
		}
		for j, v := range f.score(i) {
			sums[c][j] += v
		}
	}
	meat := square(k)
	for _, s := range sums {
		outer(meat, s, 1)
	}
	g, n := float64(len(sums)), float64(len(f.x))
	return Covariance{scaled(sandwich(f.bread, meat), g/(g-1)*(n-1)/float64(f.freedom)), g - 1}
}

// NeweyWest lets cases that are up to lag apart go together, the nearer the more (Bartlett's weights), with the
// correction n/(n-k) for small samples. The cases have to be in the order of time and evenly apart.
func (f *Fit) NeweyWest(lag int) Covariance {
	k, n := len(f.Coefficients), len(f.x)
	scores := make([][]float64, n)
	meat := square(k)
	for i := range f.x {
		scores[i] = f.score(i)
		outer(meat, scores[i], 1)
	}
	for l := 1; l <= min(lag, n-1); l++ {
		weight := 1 - float64(l)/float64(lag+1)
		for i := l; i < n; i++ {
			for a := range k {
				for b := range k {
					meat[a][b] += weight * (scores[i][a]*scores[i-l][b] + scores[i-l][a]*scores[i][b])
				}
			}
		}
	}
	return Covariance{scaled(sandwich(f.bread, meat), float64(n)/float64(f.freedom)), float64(f.freedom)}
}

// Freedom is by how much the cases outnumber the coefficients.
func (f *Fit) Freedom() int { return f.freedom }
