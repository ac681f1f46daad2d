// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import "math"

// spread is one way of putting rows of length 1 into k groups.
type spread struct {
	centers *dense  // of length 1
	group   []int32 // of each row; -1 = a row that is nothing
	fit     float64 // the mean cosine between rows and the centers of their groups
}

// kmeans groups rows by their direction (spherical k-means), from the given centers on, which it changes.
func kmeans(x, centers *dense, rounds int) *spread {
	s := &spread{centers: centers, group: make([]int32, x.rows())}
	for range rounds {
		if !s.assign(x) {
			break
		}
		s.center(x)
	}
	s.assign(x)
	return s
}

// seedCenters picks k rows as k-means++ does: each with a probability that grows with how far it is from those picked before.
func seedCenters(x *dense, k int, seed uint64) *dense {
	d := dice(seed)
	n := x.rows()
	c := newDense(k, x.w)
	near := make([]float64, n)
	for i := range near {
		near[i] = 1
		if dot(x.row(i), x.row(i)) < 0.5 { // nothing
			near[i] = 0
		}
	}
	for j := range k {
		total := 0.0
		for _, v := range near {
			total += v
		}
		pick, at := d.uniform()*total, 0
		for i, v := range near {
			if v > 0 {
				at = i
			}
			if pick -= v; pick < 0 {
				break
			}
		}
		copy(c.row(j), x.row(at))
		for i := range near {
			if near[i] > 0 {
				near[i] = min(near[i], max(0, 1-float64(dot(x.row(i), c.row(j)))))
			}
		}
	}
	return c
}

// assign puts each row into the group of the nearest center, and reports whether any has moved.
func (s *spread) assign(x *dense) bool {
	moved, total, n := false, 0.0, 0
	for i := range x.rows() {
		best, at := float32(-2), int32(-1)
		row := x.row(i)
		if dot(row, row) > 0.5 {
			for j := range s.centers.rows() {
				if v := dot(row, s.centers.row(j)); v > best {
					best, at = v, int32(j)
				}
			}
			total += float64(best)
			n++
		}
		if s.group[i] != at {
			s.group[i], moved = at, true
		}
	}
	s.fit = total / float64(max(n, 1))
	return moved
}

func (s *spread) center(x *dense) {
	sum := newDense(s.centers.rows(), x.w)
	for i, g := range s.group {
		if g >= 0 {
			axpy(sum.row(int(g)), 1, x.row(i))
		}
	}
	for j := range sum.rows() {
		if row := sum.row(j); dot(row, row) > 0 {
			unit(row)
			copy(s.centers.row(j), row)
		}
	}
}

// silhouette is the simplified silhouette of the grouping: how much nearer rows are to their own center than to the next
// one, from -1 to 1.
func (s *spread) silhouette(x *dense) float64 {
	total, n := 0.0, 0
	for i, g := range s.group {
		if g < 0 {
			continue
		}
		own, next := 0.0, math.Inf(1)
		for j := range s.centers.rows() {
			far := 1 - float64(dot(x.row(i), s.centers.row(j)))
			if j == int(g) {
				own = far
			} else {
				next = min(next, far)
			}
		}
		if m := max(own, next); m > 0 {
			total += (next - own) / m
		}
		n++
	}
	return total / float64(max(n, 1))
}
