// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reply

import "math"

// net gives a candidate a score: one hidden layer, and a short way past it.
type net struct {
	hidden int
	w1     []float32 // inputs rows of hidden
	b1     []float32
	w2     []float32
	direct []float32
}

func newNet(hidden int) *net {
	return &net{hidden: hidden, w1: make([]float32, inputs*hidden), b1: make([]float32, hidden), w2: make([]float32, hidden), direct: make([]float32, inputs)}
}

// ground is what the traits that all candidates share make of the hidden layer. What they say past it is the same for
// all, and does not matter.
func (n *net) ground(base *traits, h []float32) {
	copy(h, n.b1)
	n.add(base, h)
}

// add adds what traits say to the hidden layer, and returns what they say past it.
func (n *net) add(t *traits, h []float32) (direct float32) {
	for i, x := range t {
		if x == 0 {
			continue
		}
		direct += x * n.direct[i]
		row := n.w1[i*n.hidden : (i+1)*n.hidden]
		h := h[:len(row)]
		for j, w := range row {
			h[j] += x * w
		}
	}
	return direct
}

// score is the score of a candidate on a ground, given the traits that are its own; h gets the hidden layer.
func (n *net) score(ground []float32, own *traits, h []float32) float32 {
	copy(h, ground)
	sum := n.add(own, h)
	for j, v := range h {
		if v > 0 {
			sum += v * n.w2[j]
		} else {
			h[j] = 0
		}
	}
	return sum
}

// softmax turns scores into probabilities.
func softmax(z []float32) {
	most := z[0]
	for _, v := range z {
		most = max(most, v)
	}
	sum := float32(0)
	for i, v := range z {
		z[i] = float32(math.Exp(float64(v - most)))
		sum += z[i]
	}
	for i := range z {
		z[i] /= sum
	}
}
