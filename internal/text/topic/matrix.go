// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import "math"

// sparse is a matrix whose rows are messages and whose columns are terms.
type sparse struct {
	start []int32 // of each row in term and value; one more than rows
	term  []int32
	value []float32
	terms int
}

func (a *sparse) rows() int { return len(a.start) - 1 }

func (a *sparse) row(i int) (terms []int32, values []float32) {
	from, to := a.start[i], a.start[i+1]
	return a.term[from:to], a.value[from:to]
}

// dense is a matrix of rows that are w wide.
type dense struct {
	w    int
	data []float32
}

func newDense(rows, w int) *dense { return &dense{w: w, data: make([]float32, rows*w)} }

func (d *dense) rows() int { return len(d.data) / max(d.w, 1) }

func (d *dense) row(i int) []float32 { return d.data[i*d.w : (i+1)*d.w : (i+1)*d.w] }

// times sets out to a·x.
func (a *sparse) times(x, out *dense) {
	clear(out.data)
	for i := range a.rows() {
		terms, values := a.row(i)
		to := out.row(i)
		for k, t := range terms {
			axpy(to, values[k], x.row(int(t)))
		}
	}
}

// turnedTimes sets out to aᵀ·x.
func (a *sparse) turnedTimes(x, out *dense) {
	clear(out.data)
	for i := range a.rows() {
		terms, values := a.row(i)
		from := x.row(i)
		for k, t := range terms {
			axpy(out.row(int(t)), values[k], from)
		}
	}
}

// axpy adds f·x to y.
func axpy(y []float32, f float32, x []float32) {
	x = x[:len(y)]
	for i := range y {
		y[i] += f * x[i]
	}
}

func dot(x, y []float32) float32 {
	var a, b, c, d float32
	n := len(x) &^ 3
	y = y[:len(x)]
	for i := 0; i < n; i += 4 {
		a += x[i] * y[i]
		b += x[i+1] * y[i+1]
		c += x[i+2] * y[i+2]
		d += x[i+3] * y[i+3]
	}
	for i := n; i < len(x); i++ {
		a += x[i] * y[i]
	}
	return a + b + c + d
}

// unit gives a row the length 1, unless it is nothing.
func unit(x []float32) {
	l := math.Sqrt(float64(dot(x, x)))
	if l < 1e-12 {
		return
	}
	f := float32(1 / l)
	for i := range x {
		x[i] *= f
	}
}

// dice is a small generator of numbers that depend on the seed only (SplitMix64).
type dice uint64

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// uniform is in [0, 1).
func (d *dice) uniform() float64 { return float64(d.next()>>11) / (1 << 53) }

// normal is of mean 0 and deviation 1.
func (d *dice) normal() float64 {
	return math.Sqrt(-2*math.Log(1-d.uniform())) * math.Cos(2*math.Pi*d.uniform())
}
