// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"math"
	"math/bits"
	"slices"

	"greenroom/internal/impact/survival"
)

// z95 is the normal quantile of a two-sided 95 % interval.
const z95 = 1.959963984540054

// PairedDifference is the 95 % interval of the difference of two shares of the same n cases, of which each is in one of
// them at most (Bonett and Price, Adjusted Wald Confidence Interval for a Difference of Binomial Proportions Based on
// Paired Data, 2012). It is -1 to 1 where there are no cases.
func PairedDifference(more, less, n int64) (low, high float64) {
	if n <= 0 {
		return -1, 1
	}
	m := float64(n) + 2
	p, q := (float64(more)+1)/m, (float64(less)+1)/m
	half := z95 * math.Sqrt((p+q-(p-q)*(p-q))/m)
	return max(-1, p-q-half), min(1, p-q+half)
}

// Change is by how much current differs from previous, as a share of previous; nil, which is shown as "n/a", where
// previous is 0 or either is missing.
func Change(current, previous *float64) *float64 {
	if current == nil || previous == nil || *previous == 0 {
		return nil
	}
	v := (*current - *previous) / math.Abs(*previous)
	return &v
}

// durations is a sample of waiting times for the Kaplan-Meier estimate. Each is microseconds, doubled, plus one where
// the wait was not over when it was looked at: so sorting puts a wait that ended before one that did not of the same
// length, as the estimate asks.
type durations []uint64

func duration(micros int64, over bool) uint64 {
	d := uint64(max(micros, 0)) << 1
	if !over {
		d |= 1
	}
	return d
}

// without takes waits out that are among d; it sorts both.
func (d durations) without(out durations) durations {
	slices.Sort(d)
	slices.Sort(out)
	kept := d[:0]
	for _, v := range d {
		if len(out) > 0 && out[0] == v {
			out = out[1:]
			continue
		}
		kept = append(kept, v)
	}
	return kept
}

// quantiles gives, for each share of cases, after how many seconds so many waits are over, by the Kaplan-Meier estimate
// ([survival.Limit]): S(t) is the product over the times t_i, at which d_i of the n_i that still wait end, of 1 - d_i/n_i; the quantile q is
// the first t with 1 - S(t) >= q. It is nil where the curve does not get there. The shares ascend. It sorts the sample.
func (d durations) quantiles(shares ...float64) []*float64 {
	if len(d) > 0 {
		sortBits(d, 0, bits.Len64(slices.Max(d)))
	}
	found := make([]*float64, len(shares))
	var curve survival.Limit
	n := len(d)
	for i, next := 0, 0; i < n && next < len(shares); {
		if d[i]&1 == 1 {
			i++
			continue
		}
		j := i
		for j < n && d[j] == d[i] {
			j++
		}
		s := curve.Ended(j-i, n-i)
		for next < len(shares) && 1-s >= shares[next]-1e-12 {
			seconds := float64(d[i]>>1) / 1e6
			found[next] = &seconds
			next++
		}
		i = j
	}
	return found
}
