// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import (
	"math"
	"slices"
)

// reduce finds the directions in which the rows of a differ most: the first right singular vectors, as the columns of a
// matrix with a row for each term. It is the randomized method of Halko, Martinsson and Tropp
// (2011) with two power iterations, from a seed.
func reduce(a *sparse, dims int, seed uint64) *dense {
	dims = min(dims, a.rows(), a.terms)
	l := min(dims+12, a.rows(), a.terms)
	q, z := newDense(a.rows(), l), newDense(a.terms, l)
	d := dice(seed)
	for i := range z.data {
		z.data[i] = float32(d.normal())
	}
	a.times(z, q)
	orthonormal(q)
	for range 2 {
		a.turnedTimes(q, z)
		orthonormal(z)
		a.times(z, q)
		orthonormal(q)
	}
	a.turnedTimes(q, z) // z is bᵀ, b = qᵀa
	values, vectors := eigen(gram(z))
	turn := make([][]float64, dims) // columns of the rotation, scaled
	for k := range dims {
		sigma := math.Sqrt(max(values[k], 0))
		turn[k] = vectors[k]
		scale := 0.0
		if sigma > 1e-6 {
			scale = 1 / sigma
		}
		for j := range turn[k] {
			turn[k][j] *= scale
		}
	}
	return rotate(z, turn)
}

// orthonormal makes the columns of m orthonormal in place. Columns that depend on others become nothing.
func orthonormal(m *dense) {
	values, vectors := eigen(gram(m))
	for k := range vectors {
		scale := 0.0
		if values[k] > 1e-9*max(values[0], 1e-30) {
			scale = 1 / math.Sqrt(values[k])
		}
		for j := range vectors[k] {
			vectors[k][j] *= scale
		}
	}
	copy(m.data, rotate(m, vectors).data)
}

// gram is mᵀm.
func gram(m *dense) [][]float64 {
	g := make([][]float64, m.w)
	for i := range g {
		g[i] = make([]float64, m.w)
	}
	const block = 256 // summed in float32, and the blocks in float64
	part := newDense(m.w, m.w)
	for from := 0; from < m.rows(); from += block {
		clear(part.data)
		for r := from; r < min(from+block, m.rows()); r++ {
			row := m.row(r)
			for i, x := range row {
				if x != 0 {
					axpy(part.row(i)[i:], x, row[i:])
				}
			}
		}
		for i := range g {
			for j := i; j < m.w; j++ {
				g[i][j] += float64(part.row(i)[j])
			}
		}
	}
	for i := range g {
		for j := range i {
			g[i][j] = g[j][i]
		}
	}
	return g
}

// rotate gives m·w, where w has the given columns.
func rotate(m *dense, columns [][]float64) *dense {
	out := newDense(m.rows(), len(columns))
	turned := newDense(m.w, len(columns))
	for k, c := range columns {
		for j, x := range c {
			turned.row(j)[k] = float32(x)
		}
	}
	for r := range m.rows() {
		to := out.row(r)
		for j, x := range m.row(r) {
			if x != 0 {
				axpy(to, x, turned.row(j))
			}
		}
	}
	return out
}

// eigen gives the eigenvalues of a symmetric matrix, the greatest first, and the eigenvectors in the same order, by
// Jacobi's rotations. It overwrites a.
func eigen(a [][]float64) (values []float64, vectors [][]float64) {
	n := len(a)
	v := make([][]float64, n) // rows are vectors
	for i := range v {
		v[i] = make([]float64, n)
		v[i][i] = 1
	}
	total := 0.0
	for i := range a {
		for j := range a {
			total += a[i][j] * a[i][j]
		}
	}
	for range 30 {
		off := 0.0
		for i := range n {
			for j := i + 1; j < n; j++ {
				off += a[i][j] * a[i][j]
			}
		}
		if off <= 1e-18*total {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				jacobi(a, v, p, q)
			}
		}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case a[i][i] > a[j][j]:
			return -1
		case a[i][i] < a[j][j]:
			return 1
		}
		return 0
	})
	for _, i := range order {
		values, vectors = append(values, a[i][i]), append(vectors, v[i])
	}
	return values, vectors
}

// jacobi turns a so that a[p][q] becomes 0.
func jacobi(a, v [][]float64, p, q int) {
	if math.Abs(a[p][q]) < 1e-300 {
		return
	}
	theta := (a[q][q] - a[p][p]) / (2 * a[p][q])
	t := 1 / (math.Abs(theta) + math.Sqrt(theta*theta+1))
	if theta < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(t*t+1)
	s := t * c
	ap, aq := a[p], a[q]
	app, aqq, apq := ap[p], aq[q], ap[q]
	for i := range a {
		if i == p || i == q {
			continue
		}
		x, y := ap[i], aq[i] // symmetric
		ap[i], aq[i] = c*x-s*y, s*x+c*y
		a[i][p], a[i][q] = ap[i], aq[i]
	}
	ap[p], aq[q] = app-t*apq, aqq+t*apq
	ap[q], aq[p] = 0, 0
	vp, vq := v[p], v[q]
	for i := range vp {
		x, y := vp[i], vq[i]
		vp[i], vq[i] = c*x-s*y, s*x+c*y
	}
}
