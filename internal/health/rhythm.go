// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"math"
	"slices"
	"time"
)

// A member's rhythm is how many days usually lie between two days on which they are active. It takes rhythmLeast gaps of
// the last two years to know it. Silence is longer than usual when it is longer than nine in ten of their gaps were, and
// for at least quietLeast days: a day without a message is no news of anybody.
const (
	rhythmLeast    = 6
	rhythmYears    = 2
	rhythmQuantile = 0.9
	quietLeast     = 7
)

// rhythm is what is usual for a member.
type rhythm struct {
	usual float64 // median days between active days
	long  float64 // the gap that nine in ten did not exceed, quietLeast at least
	gaps  int
}

// rhythmOf works a rhythm out from active days, in order, each once; false where there are too few.
func rhythmOf(days []int) (rhythm, bool) {
	if len(days) <= rhythmLeast {
		return rhythm{}, false
	}
	gaps := make([]float64, len(days)-1)
	for i := range gaps {
		gaps[i] = float64(days[i+1] - days[i])
	}
	slices.Sort(gaps)
	r := rhythm{usual: quantile(gaps, 0.5), long: max(quietLeast, quantile(gaps, rhythmQuantile)), gaps: len(gaps)}
	return r, true
}

// quantile is the smallest value that a share of the sorted ones does not exceed.
func quantile(sorted []float64, share float64) float64 {
	return sorted[min(len(sorted)-1, max(0, int(math.Ceil(share*float64(len(sorted))))-1))]
}

// due is from when on the silence after a last active day is longer than usual: the end of the day after the long gap.
func (r rhythm) due(last time.Time) time.Time { return last.AddDate(0, 0, int(r.long)+1) }
