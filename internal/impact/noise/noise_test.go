// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package noise_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"greenroom/internal/impact/noise"
)

func check(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestTextbooks compares with published figures.
func TestTextbooks(t *testing.T) {
	// Newcombe 1998, table II: 56 of 70 against 48 of 80.
	v := noise.Proportions(56, 70, 48, 80)
	check(t, "p of 56/70 and 48/80", v.P, 0.00805, 0.0001)
	if v.Test != noise.TestZ || !v.Real {
		t.Errorf("got %+v", v)
	}
	low, high := noise.Difference(56, 70, 48, 80)
	check(t, "lower end", low, 0.0524, 0.0001)
	check(t, "upper end", high, 0.3339, 0.0001)
	// Fisher's lady tasting tea: three of four cups on each side told rightly.
	v = noise.Proportions(3, 4, 1, 4)
	check(t, "p of the tea", v.P, 0.4857, 0.0001)
	if v.Test != noise.TestFisher || v.Real {
		t.Errorf("got %+v", v)
	}
	// R, help page of poisson.test: 11 in 800 against 21 in 3011 person-years.
	check(t, "p of the rates", noise.Rates(11, 800, 21, 3011, 1).P, 0.07967, 0.0001)
	// Garwood: 10 events have 4.795 to 18.391.
	low, high = noise.RateInterval(10)
	check(t, "lower end of 10", low, 4.795, 0.02)
	check(t, "upper end of 10", high, 18.391, 0.02)
	// Student's table: 2.262 has 5 % with 9 degrees of freedom. Ten figures with mean 0 and deviation 1.
	history := []float64{1, -1, 1, -1, 1, -1, 1, -1, 1, -1}
	sd := math.Sqrt(10.0 / 9)
	check(t, "p of t = 2.262", noise.Past(history, 2.262*sd*math.Sqrt(1.1)).P, 0.05, 0.0002)
	check(t, "p of t = 3.250", noise.Past(history, -3.250*sd*math.Sqrt(1.1)).P, 0.01, 0.0001)
	// Two of twenty ways to choose three of six are as far apart.
	check(t, "p of the permutation", noise.Permutation([]float64{1, 2, 3}, []float64{4, 5, 6}).P, 0.1, 1e-12)
	// Holm's example: 0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02.
	var all []noise.Verdict
	for _, p := range []float64{0.01, 0.04, 0.03, 0.005} {
		all = append(all, noise.Verdict{Test: noise.TestZ, P: p})
	}
	for i, v := range noise.Holm(all) {
		check(t, "Holm", v.P, []float64{0.03, 0.06, 0.06, 0.02}[i], 1e-9)
	}
}

func TestTooLittle(t *testing.T) {
	for _, v := range []noise.Verdict{
		noise.Proportions(0, 0, 1, 2), noise.Rates(0, 1, 0, 1, 1), noise.Past([]float64{1, 2}, 3), noise.Permutation([]float64{1}, []float64{2, 3, 4}),
		noise.Past([]float64{2, 2, 2, 2, 2}, 3), noise.Past([]float64{1, 2, 3, 4, math.NaN()}, 3),
	} {
		if v.Real || v.Test != noise.TestNone || !strings.HasPrefix(v.Says, "Too little to tell: ") {
			t.Errorf("got %+v", v)
		}
	}
	if v := noise.Proportions(5, 5, 7, 7); v.Real || v.P != 1 {
		t.Errorf("two shares that are the same: %+v", v)
	}
}

func TestSentences(t *testing.T) {
	if got := noise.Proportions(56, 70, 48, 80).Says; got != "More than noise: chance alone does this about 1 time in 124 (two proportions)." {
		t.Error(got)
	}
	if got := noise.Rates(100, 1, 103, 1, 1).Says; got != "Within noise: chance alone does this more often than not (two rates, exact)." {
		t.Error(got)
	}
	if got := noise.Rates(1000, 1, 5, 1, 1).Says; got != "More than noise: chance alone does this less than 1 time in 10,000 (two rates, exact)." {
		t.Error(got)
	}
}

// TestFalseAlarms tests figures of which nothing has changed: few are called more than noise.
func TestFalseAlarms(t *testing.T) {
	wrong, n := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var history []float64
		for range 12 {
			sum := 0
			for range 4 { // bursts of five
				sum += 5 * rapid.IntRange(0, 4).Draw(t, "burst")
			}
			history = append(history, float64(sum))
		}
		last := len(history) - 1
		n++
		if noise.Rates(int64(history[last]), 1, int64(history[last-1]), 1, noise.Dispersion(history[:last])).Real {
			wrong++
		}
	})
	if n >= 50 && wrong*5 > n {
		t.Errorf("%d of %d differences that are chance are called more", wrong, n)
	}
}

func TestProbabilities(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n1, n2 := rapid.Int64Range(1, 200).Draw(t, "n1"), rapid.Int64Range(1, 200).Draw(t, "n2")
		h1, h2 := rapid.Int64Range(0, n1).Draw(t, "h1"), rapid.Int64Range(0, n2).Draw(t, "h2")
		a, b := noise.Proportions(h1, n1, h2, n2), noise.Proportions(h2, n2, h1, n1)
		if a.P < 0 || a.P > 1 || math.Abs(a.P-b.P) > 1e-9 {
			t.Fatalf("%v and %v", a, b)
		}
		low, high := noise.Difference(h1, n1, h2, n2)
		if d := float64(h1)/float64(n1) - float64(h2)/float64(n2); d < low-1e-9 || d > high+1e-9 {
			t.Fatalf("%v is not in %v to %v", d, low, high)
		}
		if r := noise.Rates(h1, float64(n1), h2, float64(n2), 1); r.P < 0 || r.P > 1 || math.IsNaN(r.P) {
			t.Fatalf("%v", r)
		}
	})
}

func TestWilson(t *testing.T) {
	// 81 of 263 is the example of Newcombe, Two-sided confidence intervals for the single proportion, 1998.
	for _, tc := range []struct {
		hits, n   int64
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}, {29, 29, 0.8830, 1}, {0, 0, 0, 1}} {
		low, high := noise.Wilson(tc.hits, tc.n)
		if math.Abs(low-tc.low) > 5e-5 || math.Abs(high-tc.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", tc.hits, tc.n, low, high, tc.low, tc.high)
		}
	}
}
