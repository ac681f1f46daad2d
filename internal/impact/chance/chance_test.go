// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package chance_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"greenroom/internal/impact/chance"
)

// TestDistributions compares with scipy 1.17.1: stats.t.cdf, t.ppf, chi2.cdf, chi2.sf, f.cdf, f.sf, norm.ppf, beta.ppf and
// special.betainc, called with the same arguments.
func TestDistributions(t *testing.T) {
	for _, tc := range []struct {
		name      string
		got, want float64
	}{
		{"t 0.5, 1", chance.Student(0.5, 1), 0.6475836176504333},
		{"t 2, 3", chance.Student(2, 3), 0.9303370157205785},
		{"t -1.3, 7.5", chance.Student(-1.3, 7.5), 0.11606338940780439},
		{"t 2.5, 30", chance.Student(2.5, 30), 0.9909421754659666},
		{"t 1.96, 1e5", chance.Student(1.96, 1e5), 0.9750007184028492},
		{"t 3, 1e6", chance.Student(3, 1e6), 0.9986500687292891},
		{"t quantile 1", chance.StudentQuantile(0.975, 1), 12.706204736174694},
		{"t quantile 2.5", chance.StudentQuantile(0.975, 2.5), 3.5746548420036817},
		{"t quantile 10", chance.StudentQuantile(0.975, 10), 2.228138851986274},
		{"t quantile 100", chance.StudentQuantile(0.995, 100), 2.6258905214380173},
		{"t quantile 1e5", chance.StudentQuantile(0.9, 1e5), 1.2815600314493614},
		{"t quantile 4", chance.StudentQuantile(0.01, 4), -3.746947387979197},
		{"chi2 0.1, 1", chance.ChiSquare(0.1, 1), 0.24817036595415076},
		{"chi2 above 3.84, 1", chance.ChiSquareAbove(3.84, 1), 0.05004352124870519},
		{"chi2 10, 4", chance.ChiSquare(10, 4), 0.9595723180054873},
		{"chi2 above 120, 100", chance.ChiSquareAbove(120, 100), 0.08440668109369177},
		{"chi2 5e4, 50200", chance.ChiSquare(5e4, 50200), 0.264370220250015},
		{"F 0.3, 1, 1", chance.F(0.3, 1, 1), 0.3190057200399771},
		{"F above 2.5, 3, 20", chance.FAbove(2.5, 3, 20), 0.08884375193768917},
		{"F above 4, 2, 1e5", chance.FAbove(4, 2, 1e5), 0.018318569469099984},
		{"F 1.01, 5e4, 7e4", chance.F(1.01, 5e4, 7e4), 0.8853959738194209},
		{"beta 0.1", chance.Beta(0.1, 0.5, 0.5), 0.20483276469913345},
		{"beta 0.4", chance.Beta(0.4, 2, 3), 0.5248},
		{"beta 0.02", chance.Beta(0.02, 3, 200), 0.7706531762613916},
		{"beta 0.5", chance.Beta(0.5, 1000, 1010), 0.588269827543728},
		{"beta quantile 0.025", chance.BetaQuantile(0.025, 3, 8), 0.06673951117773447},
		{"beta quantile 0.975", chance.BetaQuantile(0.975, 0.5, 20), 0.11940702395503566},
		{"beta quantile 0.5", chance.BetaQuantile(0.5, 300, 301), 0.49916712978347333},
		{"normal quantile 0.975", chance.NormalQuantile(0.975), 1.959963984540054},
		{"normal quantile 0.001", chance.NormalQuantile(0.001), -3.090232306167813},
		{"normal quantile 1e-10", chance.NormalQuantile(1e-10), -6.361340902404056},
		{"noncentral t 2", chance.NoncentralStudent(2, 10, 1.5), 0.65915407244203},   // pt(2, 10, 1.5) of R 4.2.2
		{"noncentral t -1", chance.NoncentralStudent(-1, 5, 0.7), 0.056958047365872}, // pt(-1, 5, 0.7)
		{"noncentral t 3", chance.NoncentralStudent(3, 200, 2.8), 0.57693459215116},  // pt(3, 200, 2.8)
		{"normal", chance.Normal(0.2533471031357997), 0.6},
	} {
		if !(math.Abs(tc.got-tc.want) <= 1e-10*max(1, math.Abs(tc.want))) {
			t.Errorf("%s: %.14f, want %.14f", tc.name, tc.got, tc.want)
		}
	}
}

// TestMaybe checks that what is not known survives JSON.
func TestMaybe(t *testing.T) {
	for _, e := range []chance.Estimate{chance.Unknown(), chance.Large(2, 0.5), {Value: 1, Low: 0, High: math.Inf(1), P: math.NaN()}} {
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var back chance.Estimate
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, back, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s: %s", b, diff)
		}
	}
}

// TestNoFreedom checks that nothing but the value is known where nothing is left to judge it by.
func TestNoFreedom(t *testing.T) {
	if e := chance.Small(3, 1, 0); e.Value != 3 || e.Excludes(0) || !math.IsNaN(e.P) || !math.IsInf(e.High, 1) {
		t.Errorf("%+v", e)
	}
}

// TestInverse checks that quantiles and distribution functions undo each other and that the functions ascend.
func TestInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(0.0005, 0.9995).Draw(t, "p")
		freedom := rapid.Float64Range(0.8, 5000).Draw(t, "freedom")
		if got := chance.Student(chance.StudentQuantile(p, freedom), freedom); math.Abs(got-p) > 1e-10 {
			t.Fatalf("t: %v comes back as %v", p, got)
		}
		a, b := rapid.Float64Range(0.3, 3000).Draw(t, "a"), rapid.Float64Range(0.3, 3000).Draw(t, "b")
		// Near 1 and with a small b, the function climbs by more than that from one number of 64 bits to the next.
		q := chance.BetaQuantile(p, a, b)
		step := chance.Beta(math.Nextafter(q, 1), a, b) - chance.Beta(math.Nextafter(q, 0), a, b)
		if got := chance.Beta(q, a, b); math.Abs(got-p) > 1e-9+step {
			t.Fatalf("beta: %v comes back as %v", p, got)
		}
		x, y := rapid.Float64Range(0, 100).Draw(t, "x"), rapid.Float64Range(0, 100).Draw(t, "y")
		x, y = min(x, y), max(x, y)
		if chance.ChiSquare(x, freedom) > chance.ChiSquare(y, freedom)+1e-14 || chance.F(x, freedom, a) > chance.F(y, freedom, a)+1e-14 {
			t.Fatalf("falls from %v to %v", x, y)
		}
		if s := chance.ChiSquare(x, freedom) + chance.ChiSquareAbove(x, freedom); math.Abs(s-1) > 1e-12 {
			t.Fatalf("both sides of chi-square make %v", s)
		}
	})
}
