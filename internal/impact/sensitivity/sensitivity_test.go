// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sensitivity_test

import (
	"math"
	"testing"

	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/sensitivity"
)

func near(t *testing.T, name string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s: %.12g, want %.12g", name, got, want)
	}
}

// TestEValue has the published examples: of VanderWeele and Ding 2017, 10.73 (8.02 to 14.36) with 20.9 and 15.5, and 0.80 (0.71 to
// 0.91) with 1.8 and 1.4; and 3.9 with a limit of 2.4, which is 7.263034 and 4.23303 at
// https://rootcoder007.github.io/rmorie/reference/morie_e_value.html. The hazard ratio of 0.56 (0.46 to 0.69) for a common outcome
// is the example of https://rdocumentation.org/packages/EValue/versions/4.1.3/topics/evalues.HR, with the conversion worked out.
func TestEValue(t *testing.T) {
	for _, tc := range []struct {
		value, low, high float64
		want, limit      float64
		within           float64
	}{{10.73, 8.02, 14.36, 20.95, 15.52, 0.005}, {0.80, 0.71, 0.91, 1.81, 1.43, 0.005}, {3.9, 2.4, 8.7, 7.263034, 4.23303, 1e-6}, {1.2, 0.9, 1.6, 1.69, 1, 0.005}} {
		got := sensitivity.RiskRatio(chance.Estimate{Value: tc.value, Low: tc.low, High: tc.high})
		near(t, "E-value", float64(got.Value), tc.want, tc.within)
		near(t, "limit", float64(got.Limit), tc.limit, tc.within)
	}
	// (1 - 0.5^sqrt(0.56)) / (1 - 0.5^sqrt(1/0.56)) = 0.670206..., of which the E-value is 2.35...
	ratio := (1 - math.Pow(0.5, math.Sqrt(0.56))) / (1 - math.Pow(0.5, math.Sqrt(1/0.56)))
	got := sensitivity.HazardRatio(chance.Estimate{Value: 0.56, Low: 0.46, High: 0.69}, true)
	near(t, "hazard ratio", float64(got.Value), 1/ratio+math.Sqrt(1/ratio*(1/ratio-1)), 1e-12)
	rare := sensitivity.HazardRatio(chance.Estimate{Value: 0.56, Low: 0.46, High: 0.69}, false)
	near(t, "rare", float64(rare.Value), 1/0.56+math.Sqrt(1/0.56*(1/0.56-1)), 1e-12)
	if rare.Limit <= got.Limit {
		t.Errorf("a rare outcome has %v, a common one %v", rare.Limit, got.Limit)
	}
	// The square root of 2.25 is 1.5: 1.5 + sqrt(0.75).
	near(t, "odds ratio", float64(sensitivity.OddsRatio(chance.Estimate{Value: 2.25, Low: 1.1, High: 4}, true).Value), 1.5+math.Sqrt(0.75), 1e-12)
	// Half a standard deviation is a ratio of exp(0.455) = 1.576.
	near(t, "difference", float64(sensitivity.Difference(chance.Estimate{Value: 5, Low: 2, High: 8}, 10).Value), 2.529, 0.001)
	near(t, "limit", float64(sensitivity.Difference(chance.Estimate{Value: 5, Low: -2, High: 12}, 10).Limit), 1, 0)
	// From 20 % to 30 % is a ratio of 1.5.
	near(t, "risk difference", float64(sensitivity.RiskDifference(chance.Estimate{Value: 0.1, Low: 0.05, High: 0.15}, 0.2).Value), 1.5+math.Sqrt(0.75), 1e-9)
}

// TestBounds compares with R 4.2.2 over Student's sleep differences: r <- rank(abs(x)); T <- sum(r[x>0]); 1 - pnorm((T - p*sum(r)) /
// sqrt(p*(1-p)*sum(r^2))) with p = gamma/(1+gamma).
func TestBounds(t *testing.T) {
	sleep := []float64{1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4}
	for i, want := range []float64{0.0038162208241027, 0.029613929632546, 0.061741273397431} {
		near(t, "bound", sensitivity.Bounds(sleep, 1, 2, 3)[i].P, want, 1e-12)
	}
	g := sensitivity.Tolerance(sleep)
	near(t, "at the tolerance", sensitivity.Bounds(sleep, g)[0].P, 0.05, 1e-6)
	if got := sensitivity.Tolerance([]float64{1, -1, 2, -2}); got != 0 {
		t.Errorf("no effect tolerates %v", got)
	}
}
