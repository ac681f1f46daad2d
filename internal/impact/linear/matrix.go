// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linear

import (
	"errors"
	"fmt"
	"math"
)

// AliasError says that a column follows from the columns before it, so that nobody could tell their parts from each other.
type AliasError struct{ Column int }

func (e *AliasError) Error() string {
	return fmt.Sprintf("column %d follows from the columns before it", e.Column+1)
}

// ErrNumber says that something is not a number, or is infinite.
var ErrNumber = errors.New("not a finite number")

// finite fails where a value is not a finite number.
func finite(x [][]float64, y, weights []float64) error {
	for i, row := range x {
		if len(row) != len(x[0]) {
			return fmt.Errorf("row %d has %d columns, row 1 has %d", i+1, len(row), len(x[0]))
		}
		for j, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("row %d, column %d: %w", i+1, j+1, ErrNumber)
			}
		}
		if math.IsNaN(y[i]) || math.IsInf(y[i], 0) {
			return fmt.Errorf("row %d, outcome: %w", i+1, ErrNumber)
		}
		if weights != nil && !(weights[i] > 0 && weights[i] < math.Inf(1)) {
			return fmt.Errorf("row %d, weight %v: it has to be above 0: %w", i+1, weights[i], ErrNumber)
		}
	}
	return nil
}

// ErrSingular says that a matrix has no inverse.
var ErrSingular = errors.New("the matrix has no inverse: some of it follows from the rest")

// aliased is how much of a column may be left over, at most, for it to count as following from the others.
const aliased = 1e-9

// solve is the least squares solution and (X'WX)^-1, by Householder reflections.
func solve(x [][]float64, y, weights []float64) (coefficients []float64, bread [][]float64, err error) {
	if err := finite(x, y, weights); err != nil {
		return nil, nil, err
	}
	n, k := len(x), len(x[0])
	columns := make([][]float64, k)
	for j := range columns {
		columns[j] = make([]float64, n)
	}
	right := make([]float64, n)
	for i, row := range x {
		root := 1.0
		if weights != nil {
			root = math.Sqrt(weights[i])
		}
		for j, v := range row {
			columns[j][i] = v * root
		}
		right[i] = y[i] * root
	}
	diagonal := make([]float64, k)
	for j, v := range columns {
		whole, norm := length(v), length(v[j:])
		if !(norm > aliased*whole) || math.IsInf(norm, 0) {
			return nil, nil, &AliasError{j}
		}
		if v[j] > 0 {
			norm = -norm
		}
		diagonal[j] = norm
		v[j] -= norm
		squared := dot(v[j:], v[j:])
		for _, to := range columns[j+1:] {
			reflect(v[j:], to[j:], squared)
		}
		reflect(v[j:], right[j:], squared)
	}
	coefficients, bread = back(columns, diagonal, right)
	return coefficients, bread, nil
}

// back solves R b = right and gives (R'R)^-1; R is the triangle above the diagonal of columns.
func back(columns [][]float64, diagonal, right []float64) (coefficients []float64, bread [][]float64) {
	k := len(columns)
	r := func(i, j int) float64 {
		if i == j {
			return diagonal[i]
		}
		return columns[j][i]
	}
	coefficients = make([]float64, k)
	for i := k - 1; i >= 0; i-- {
		sum := right[i]
		for j := i + 1; j < k; j++ {
			sum -= r(i, j) * coefficients[j]
		}
		coefficients[i] = sum / r(i, i)
	}
	inverse := square(k) // of R
	for j := range k {
		inverse[j][j] = 1 / r(j, j)
		for i := j - 1; i >= 0; i-- {
			sum := 0.0
			for m := i + 1; m <= j; m++ {
				sum -= r(i, m) * inverse[m][j]
			}
			inverse[i][j] = sum / r(i, i)
		}
	}
	bread = square(k)
	for i := range k {
		for j := range k {
			for m := max(i, j); m < k; m++ {
				bread[i][j] += inverse[i][m] * inverse[j][m]
			}
		}
	}
	return coefficients, bread
}

// reflect takes from a vector twice its part along v.
func reflect(v, to []float64, squared float64) {
	s := 2 * dot(v, to) / squared
	for i := range v {
		to[i] -= s * v[i]
	}
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

func length(v []float64) float64 { return math.Sqrt(dot(v, v)) }

func square(k int) [][]float64 {
	m := make([][]float64, k)
	for i := range m {
		m[i] = make([]float64, k)
	}
	return m
}

func scaled(m [][]float64, by float64) [][]float64 {
	out := square(len(m))
	for i := range m {
		for j := range m {
			out[i][j] = m[i][j] * by
		}
	}
	return out
}

// outer adds weight times v v' to a matrix.
func outer(m [][]float64, v []float64, weight float64) {
	for i := range v {
		for j := range v {
			m[i][j] += weight * v[i] * v[j]
		}
	}
}

// sandwich is bread times meat times bread.
func sandwich(bread, meat [][]float64) [][]float64 { return Product(Product(bread, meat), bread) }

// Product is the product of two square matrices.
func Product(a, b [][]float64) [][]float64 {
	out := square(len(a))
	for i := range a {
		for j := range a {
			for m := range a {
				out[i][j] += a[i][m] * b[m][j]
			}
		}
	}
	return out
}

// Inverse is the inverse of a symmetric, positive matrix such as a covariance or an information, by Cholesky's
// decomposition. It fails with [ErrSingular].
func Inverse(m [][]float64) ([][]float64, error) {
	k := len(m)
	l, err := cholesky(m)
	if err != nil {
		return nil, err
	}
	inverse := square(k) // of L
	for j := range k {
		inverse[j][j] = 1 / l[j][j]
		for i := j + 1; i < k; i++ {
			s := 0.0
			for p := j; p < i; p++ {
				s -= l[i][p] * inverse[p][j]
			}
			inverse[i][j] = s / l[i][i]
		}
	}
	out := square(k)
	for i := range k {
		for j := range k {
			for p := max(i, j); p < k; p++ {
				out[i][j] += inverse[p][i] * inverse[p][j]
			}
		}
	}
	return out, nil
}

// LogDeterminant is the logarithm of such a matrix's determinant.
func LogDeterminant(m [][]float64) (float64, error) {
	l, err := cholesky(m)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for i := range l {
		sum += 2 * math.Log(l[i][i])
	}
	return sum, nil
}

// cholesky is the lower triangle of which m is the product with its own transpose.
func cholesky(m [][]float64) ([][]float64, error) {
	k := len(m)
	l := square(k)
	for j := range k {
		for i := j; i < k; i++ {
			s := m[i][j]
			for p := range j {
				s -= l[i][p] * l[j][p]
			}
			if i > j {
				l[i][j] = s / l[j][j]
				continue
			}
			if !(s > aliased*aliased*m[j][j]) || math.IsInf(s, 0) {
				return nil, ErrSingular
			}
			l[j][j] = math.Sqrt(s)
		}
	}
	return l, nil
}
