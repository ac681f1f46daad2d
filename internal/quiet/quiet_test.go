// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package quiet_test

import (
	"math"
	"testing"

	"greenroom/internal/quiet"
)

// weeks has 12 weeks of one count and 4 of another.
func weeks(before, now int) []int {
	all := make([]int, quiet.Usual+quiet.Recent)
	for i := range all {
		all[i] = before
		if i >= quiet.Usual {
			all[i] = now
		}
	}
	return all
}

func TestLook(t *testing.T) {
	for _, tc := range []struct {
		weeks []int
		fall  float64
		fell  bool
	}{
		{weeks(5, 1), 0.8, true},         // 4 where 20 are usual
		{weeks(5, 4), 0.2, false},        // a fifth less
		{weeks(2, 1), 0.5, false},        // half, and 4 where 8 are usual come by chance in 1 of 10
		{weeks(0, 0), 0, false},          // no rhythm
		{weeks(1, 0), 1, true},           // none where 4 are usual: 1 of 55
		{weeks(300, 200), 1.0 / 3, true}, // many
		{weeks(1, 3), -2, false},         // more
		{make([]int, 15), 0, false},      // too short to tell
	} {
		p := quiet.Look(tc.weeks)
		if p.Fell != tc.fell || math.Abs(p.Fall-tc.fall) > 0.06 {
			t.Errorf("%v: %+v, want a fall of %v, %t", tc.weeks, p, tc.fall, tc.fell)
		}
	}
}
