// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"math"
	"math/rand/v2"
	"time"
)

// origin is the seed from which all streams are derived.
type origin uint64

// dice is one independent stream of random choices.
type dice struct{ *rand.Rand }

// stream returns the stream for a label and numbers. The same label and numbers give the same stream whatever else was drawn.
func (o origin) stream(label string, ns ...int) dice {
	h := scramble(uint64(o) ^ 0x6c756d656e)
	for i := range len(label) {
		h = scramble(h ^ uint64(label[i]))
	}
	for _, n := range ns {
		h = scramble(h ^ uint64(n))
	}
	return dice{rand.New(rand.NewPCG(h, scramble(h^0x9e3779b97f4a7c15)))}
}

// scramble is the finalizer of SplitMix64: it spreads each input bit over all output bits.
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

// chance is true with probability p.
func (d dice) chance(p float64) bool { return d.Float64() < p }

// between returns a whole number from lo to hi, both included.
func (d dice) between(lo, hi int) int {
	if hi <= lo {
		return lo
	}
	return lo + d.IntN(hi-lo+1)
}

// span returns a duration from lo to hi.
func (d dice) span(lo, hi time.Duration) time.Duration {
	return lo + time.Duration(d.Float64()*float64(hi-lo))
}

// around returns a duration with the given median and a long tail (log-normal); spread 1 means that two thirds lie between
// about a third and three times the median.
func (d dice) around(median time.Duration, spread float64) time.Duration {
	return time.Duration(float64(median) * math.Exp(spread*d.NormFloat64()))
}

// wait returns an exponentially distributed duration with the given mean.
func (d dice) wait(mean time.Duration) time.Duration {
	return time.Duration(d.ExpFloat64() * float64(mean))
}

// count returns a Poisson distributed number with a small mean.
func (d dice) count(mean float64) int {
	limit, product, n := math.Exp(-mean), d.Float64(), 0
	for product > limit && n < 1000 {
		product *= d.Float64()
		n++
	}
	return n
}

// index returns i with a probability proportional to weights[i].
func (d dice) index(weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	x := d.Float64() * sum
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// one returns an element of list, each as likely as the others.
func one[T any](d dice, list []T) T { return list[d.IntN(len(list))] }
