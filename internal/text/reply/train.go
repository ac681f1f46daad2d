// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reply

import (
	"math"
	"math/rand/v2"
)

// example is a message with its candidates, of which some are right.
type example struct {
	traits []traits
	right  []bool
}

func (n *net) params() [][]float32 { return [][]float32{n.w1, n.b1, n.w2, n.direct} }

func train(examples []example, hidden, rounds int, rate, decay float32, r *rand.Rand) *net {
	n := newNet(hidden)
	for i := range n.w1 {
		n.w1[i] = float32(r.NormFloat64()) * 0.25
	}
	for i := range n.w2 {
		n.w2[i] = float32(r.NormFloat64()) * 0.25
	}
	g, m1, m2 := newNet(hidden), newNet(hidden), newNet(hidden)
	order := r.Perm(len(examples))
	step := 0
	const batch = 16
	total := rounds * (len(examples)/batch + 1)
	for range rounds {
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for k, e := range order {
			n.gradient(&examples[e], g, r)
			if (k+1)%batch == 0 || k == len(order)-1 {
				step++
				lr := rate * float32(1-float64(step)/float64(total+1))
				for p, w := range n.params() {
					gw, a, b := g.params()[p], m1.params()[p], m2.params()[p]
					c1, c2 := float32(1-math.Pow(0.9, float64(step))), float32(1-math.Pow(0.999, float64(step)))
					for i := range w {
						d := gw[i] / batch
						gw[i] = 0
						a[i] = 0.9*a[i] + 0.1*d
						b[i] = 0.999*b[i] + 0.001*d*d
						w[i] -= lr * (a[i]/c1/(float32(math.Sqrt(float64(b[i]/c2)))+1e-7) + decay*w[i])
					}
				}
			}
		}
	}
	return n
}

func (n *net) gradient(e *example, g *net, r *rand.Rand) {
	z := make([]float32, len(e.traits))
	hs := make([]float32, len(z)*n.hidden)
	for i := range z {
		z[i] = n.score(&e.traits[i], hs[i*n.hidden:(i+1)*n.hidden])
	}
	softmax(z)
	sum := float32(1e-9)
	for i, ok := range e.right {
		if ok {
			sum += z[i]
		}
	}
	for i := range z {
		d := z[i]
		if e.right[i] {
			d -= z[i] / sum
		}
		if d < 1e-4 && d > -1e-4 {
			continue
		}
		h := hs[i*n.hidden : (i+1)*n.hidden]
		var back [64]float32
		for j, v := range h {
			if v > 0 {
				g.w2[j] += d * v
				back[j] = d * n.w2[j]
				g.b1[j] += back[j]
			}
		}
		for k, x := range e.traits[i] {
			if x != 0 {
				g.direct[k] += d * x
				row := g.w1[k*n.hidden : (k+1)*n.hidden]
				for j := range row {
					row[j] += x * back[j]
				}
			}
		}
	}
}
