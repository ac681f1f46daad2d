// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package goal

import (
	"math"
	"testing"
)

// The example is worked by hand: variances 2 and 1, a standard error of √(2/6 + 1/3), and 5.71 degrees of freedom, which are
// rounded down to 5.
func TestChanged(t *testing.T) {
	c := changed([]float64{10, 12, 11, 13, 9, 11}, []float64{14, 15, 16})
	if c == nil || c.Difference != 4 || c.PeriodsBefore != 6 || c.PeriodsSince != 3 || !c.Clear() {
		t.Fatalf("changed by %+v", c)
	}
	half := 2.571 * math.Sqrt(2.0/6+1.0/3)
	if math.Abs(c.Low-(4-half)) > 1e-9 || math.Abs(c.High-(4+half)) > 1e-9 {
		t.Errorf("from %v to %v, want 4 ± %v", c.Low, c.High, half)
	}
	if c := changed([]float64{1, 2}, []float64{1, 3}); c.Clear() || c.Words() != "no more than periods differ anyway" {
		t.Errorf("two of each tell %+v", c)
	}
	if changed([]float64{1}, []float64{1, 2, 3}) != nil || changed([]float64{1, 2}, nil) != nil {
		t.Error("fewer than two of either tell something")
	}
}
