// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"math"
	"sync"
)

// examples are what a softmax is fitted to: sparse rows with a label, a weight and, for a correction of another model,
// that model's logits.
type examples struct {
	classes  int
	features int
	starts   []int // of each row in columns and values; one more than there are rows
	columns  []uint32
	values   []float32
	labels   []uint8
	weights  []float32
	offsets  []float32 // classes for each row, or nil
}

func (e *examples) len() int { return len(e.labels) }

func (e *examples) add(columns []uint32, values []float32, label uint8, weight float32, offset []float32) {
	if len(e.starts) == 0 {
		e.starts = append(e.starts, 0)
	}
	e.columns = append(e.columns, columns...)
	e.values = append(e.values, values...)
	e.starts = append(e.starts, len(e.columns))
	e.labels = append(e.labels, label)
	e.weights = append(e.weights, weight)
	e.offsets = append(e.offsets, offset...)
}

// shards is into how many parts a gradient is cut. It is fixed, so that sums are the same on every machine.
const shards = 4

// softmax is a fit in progress: weights are features × classes, followed by one bias for each class.
type softmax struct {
	ex     *examples
	lambda float64 // how strongly weights are held to zero; biases are held a hundred times less
	total  float64 // sum of the examples' weights
	grads  [shards][]float64
	losses [shards]float64
}

// fit finds the weights of a softmax regression by L-BFGS from zero. It does the same steps in the same order whenever it
// is given the same examples.
func fit(ex *examples, lambda float64, steps int) []float64 {
	n := (ex.features + 1) * ex.classes
	s := &softmax{ex: ex, lambda: lambda}
	for _, w := range ex.weights {
		s.total += float64(w)
	}
	w := make([]float64, n)
	if s.total == 0 {
		return w
	}
	for i := range s.grads {
		s.grads[i] = make([]float64, n)
	}
	s.descend(w, steps)
	return w
}

// memory is how many steps L-BFGS looks back.
const memory = 6

// descend walks down from w, in place.
func (s *softmax) descend(w []float64, steps int) {
	n := len(w)
	grad, next, nextGrad, dir := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	var ds, dg [][]float64
	var rho []float64
	loss := s.loss(w, grad)
	for step := range steps {
		copy(dir, grad)
		alpha := make([]float64, len(ds))
		for i := len(ds) - 1; i >= 0; i-- {
			alpha[i] = rho[i] * dot(ds[i], dir)
			addTo(dir, dg[i], -alpha[i])
		}
		scale := 1.0
		if k := len(ds); k > 0 {
			scale = 1 / (rho[k-1] * dot(dg[k-1], dg[k-1]))
		} else if norm := math.Sqrt(dot(grad, grad)); norm > 0 {
			scale = 1 / norm
		}
		for i := range dir {
			dir[i] *= scale
		}
		for i := range ds {
			addTo(dir, ds[i], alpha[i]-rho[i]*dot(dg[i], dir))
		}
		slope := -dot(grad, dir)
		if slope >= 0 {
			return
		}
		rate, found := 1.0, false
		var lower float64
		for range 20 {
			for i := range next {
				next[i] = w[i] - rate*dir[i]
			}
			if lower = s.loss(next, nextGrad); lower <= loss+1e-4*rate*slope {
				found = true
				break
			}
			rate /= 2
		}
		if !found {
			return
		}
		d, g := make([]float64, n), make([]float64, n)
		for i := range d {
			d[i], g[i] = next[i]-w[i], nextGrad[i]-grad[i]
		}
		if curve := dot(d, g); curve > 1e-12 {
			ds, dg, rho = append(ds, d), append(dg, g), append(rho, 1/curve)
			if len(ds) > memory {
				ds, dg, rho = ds[1:], dg[1:], rho[1:]
			}
		}
		done := loss-lower < 1e-6*math.Max(1e-3, loss) && step > 4
		w, next, grad, nextGrad = swapInto(w, next, grad, nextGrad)
		if loss = lower; done {
			return
		}
	}
}

// swapInto copies what was reached into w, whose caller holds it, and hands the slices back in their places.
func swapInto(w, next, grad, nextGrad []float64) (a, b, c, d []float64) {
	copy(w, next)
	return w, next, nextGrad, grad
}

func dot(a, b []float64) float64 {
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func addTo(a, b []float64, scale float64) {
	for i := range a {
		a[i] += scale * b[i]
	}
}

// loss is the mean loss at w with what holds the weights, and its gradient.
func (s *softmax) loss(w, grad []float64) float64 {
	var wait sync.WaitGroup
	rows := s.ex.len()
	for part := range shards {
		wait.Go(func() { s.losses[part] = s.part(w, s.grads[part], part*rows/shards, (part+1)*rows/shards) })
	}
	wait.Wait()
	var sum float64
	for _, l := range s.losses {
		sum += l
	}
	sum /= s.total
	held := len(w) - s.ex.classes
	for i := range grad {
		g := s.grads[0][i] + s.grads[1][i] + s.grads[2][i] + s.grads[3][i]
		lambda := s.lambda
		if i >= held {
			lambda /= 100
		}
		grad[i] = g/s.total + lambda*w[i]
		sum += lambda / 2 * w[i] * w[i]
	}
	return sum
}

// part is the loss of some rows and adds up their gradient.
func (s *softmax) part(w, grad []float64, from, to int) float64 {
	clear(grad)
	ex, k := s.ex, s.ex.classes
	bias := len(w) - k
	p := make([]float64, k)
	var sum float64
	for row := from; row < to; row++ {
		copy(p, w[bias:])
		if ex.offsets != nil {
			for c := range p {
				p[c] += float64(ex.offsets[row*k+c])
			}
		}
		a, b := ex.starts[row], ex.starts[row+1]
		for j := a; j < b; j++ {
			at, v := int(ex.columns[j])*k, float64(ex.values[j])
			for c := range p {
				p[c] += w[at+c] * v
			}
		}
		normalize(p)
		weight := float64(ex.weights[row])
		sum -= weight * math.Log(math.Max(p[ex.labels[row]], 1e-300))
		p[ex.labels[row]]--
		for c := range p {
			p[c] *= weight
			grad[bias+c] += p[c]
		}
		for j := a; j < b; j++ {
			at, v := int(ex.columns[j])*k, float64(ex.values[j])
			for c := range p {
				grad[at+c] += p[c] * v
			}
		}
	}
	return sum
}

// normalize turns logits into probabilities, in place.
func normalize[F float32 | float64](p []F) {
	top := p[0]
	for _, v := range p[1:] {
		top = max(top, v)
	}
	var sum F
	for i, v := range p {
		p[i] = F(math.Exp(float64(v - top)))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}
