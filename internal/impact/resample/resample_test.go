// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package resample_test

import (
	"errors"
	"math"
	"testing"

	"greenroom/internal/impact/resample"
)

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
		t.Errorf("%s: %.12g, want %.12g", name, got, want)
	}
}

// lsat is the first column of the law school data of Efron and Tibshirani, An Introduction to the Bootstrap, 1993, table 3.1.
func lsat() []float64 {
	return []float64{576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594}
}

func mean(values []float64, cases []int) float64 {
	sum := 0.0
	for _, i := range cases {
		sum += values[i]
	}
	return sum / float64(len(cases))
}

func variance(values []float64, cases []int) float64 {
	m, sum := mean(values, cases), 0.0
	for _, i := range cases {
		sum += (values[i] - m) * (values[i] - m)
	}
	return sum / float64(len(cases))
}

// TestIntervals compares with scipy 1.17.1: stats.bootstrap((lsat,), mean or var, n_resamples=0, method="BCa" or "percentile",
// bootstrap_result=...), which makes intervals of given draws; those are 560+((b*37)%101)*0.9 and 1200+((b*37)%101)*9 for b to 198.
func TestIntervals(t *testing.T) {
	for _, tc := range []struct {
		name                     string
		figure                   func(values []float64, cases []int) float64
		from, by                 float64
		low, high, bcLow, bcHigh float64
		err                      float64
	}{
		{"mean", mean, 560, 0.9, 561.8, 648.2, 561.0222399927047, 646.5764349907951, 26.316255678349794},
		{"variance", variance, 1200, 9, 1218, 2082, 1218, 2079.753886469794, 263.16255678349796},
	} {
		var draws, leaveOut []float64
		for b := range 199 {
			draws = append(draws, tc.from+float64(b*37%101)*tc.by)
		}
		all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}
		for i := range all {
			rest := append(append([]int{}, all[:i]...), all[i+1:]...)
			leaveOut = append(leaveOut, tc.figure(lsat(), rest))
		}
		s := resample.From(tc.figure(lsat(), all), draws, leaveOut)
		near(t, tc.name+" error", s.Error, tc.err)
		near(t, tc.name+" percentile low", s.Percentile().Low, tc.low)
		near(t, tc.name+" percentile high", s.Percentile().High, tc.high)
		near(t, tc.name+" BCa low", s.BCa().Low, tc.bcLow)
		near(t, tc.name+" BCa high", s.BCa().High, tc.bcHigh)
	}
}

// TestBootstrap checks against the formula of the error of a mean, and that the same seed gives the same draws.
func TestBootstrap(t *testing.T) {
	draw := func() *resample.Scatter {
		s, err := resample.Bootstrap(15, 4000, resample.Source(7), func(cases []int) float64 { return mean(lsat(), cases) })
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := draw()
	want := math.Sqrt(variance(lsat(), []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}) / 15)
	if math.Abs(s.Error-want) > 0.03*want || math.Abs(s.Bias) > 0.03*want {
		t.Errorf("error %v, want about %v; bias %v", s.Error, want, s.Bias)
	}
	if again := draw(); again.BCa().Low != s.BCa().Low || again.BCa().High != s.BCa().High {
		t.Errorf("%v, and again %v", s.BCa(), again.BCa())
	}
	if _, err := resample.Bootstrap(5, 100, resample.Source(1), func(c []int) float64 {
		if c[0] == 0 && c[1] == 1 {
			return 1
		}
		return math.NaN()
	}); !errors.Is(err, resample.ErrDegenerate) {
		t.Errorf("a figure that is not a number: %v", err)
	}
}

// TestPermutation compares with scipy 1.17.1: permutation_test(([1.2,3.4,2.2,5.1],[2.0,4.4,6.1,5.9,7.2]), absolute difference
// of means, n_resamples=inf, alternative="greater"): 17 of the 126 ways. (Its "two-sided" p is twice that of the smaller side.)
func TestPermutation(t *testing.T) {
	values := []float64{1.2, 3.4, 2.2, 5.1, 2.0, 4.4, 6.1, 5.9, 7.2}
	difference := func(exposed []bool) float64 {
		var sum, n [2]float64
		for i, e := range exposed {
			side := 0
			if e {
				side = 1
			}
			sum[side] += values[i]
			n[side]++
		}
		return sum[1]/n[1] - sum[0]/n[0]
	}
	exposed := []bool{true, true, true, true, false, false, false, false, false}
	p := resample.Permutation(exposed, 0, nil, difference)
	near(t, "value", p.Value, -2.145)
	near(t, "p", p.P, 17.0/126)
	if !p.Exact || len(p.Draws) != 126 {
		t.Errorf("%d ways, exact %v", len(p.Draws), p.Exact)
	}
	values, exposed = nil, nil
	for i := range 60 {
		values = append(values, float64(i*37%60))
		exposed = append(exposed, i%2 == 0)
	}
	a, b := resample.Permutation(exposed, 500, resample.Source(3), difference), resample.Permutation(exposed, 500, resample.Source(3), difference)
	if a.P != b.P || a.P <= 0 || a.Exact {
		t.Errorf("p %v, and again %v", a.P, b.P)
	}
}
