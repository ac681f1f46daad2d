// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package resample_test

import (
	"math"
	"testing"

	"greenroom/internal/impact/resample"
)

// correlation is that of both columns of the law school data; lsat has the first.
func correlation(cases []int) float64 {
	gpa := []float64{3.39, 3.30, 2.81, 3.03, 3.44, 3.07, 3.00, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96}
	x, y := mean(lsat(), cases), mean(gpa, cases)
	xy, xx, yy := 0.0, 0.0, 0.0
	for _, i := range cases {
		a, b := lsat()[i]-x, gpa[i]-y
		xy, xx, yy = xy+a*b, xx+a*a, yy+b*b
	}
	return xy / math.Sqrt(xx*yy)
}

// TestLawSchools is the example with which Efron and Tibshirani, An Introduction to the Bootstrap, 1993, begin: the correlation of 15 law schools
// is 0.776, its error by the bootstrap 0.133 (table 6.1: 0.132 of 3,200 draws). The intervals are those of scipy 1.17.1: stats.bootstrap((lsat, gpa), corr,
// paired=True, n_resamples=0, method="BCa" or "percentile", bootstrap_result=...) over the same 1,999 draws, which are made by
// s = (s*1103515245 + 12345) % 2**31 from s = 1 on, each giving the case (s >> 16) % 15.
func TestLawSchools(t *testing.T) {
	all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}
	var draws, leaveOut []float64
	s := 1
	for range 1999 {
		cases := make([]int, 15)
		for i := range cases {
			s = (s*1103515245 + 12345) % (1 << 31)
			cases[i] = (s >> 16) % 15
		}
		draws = append(draws, correlation(cases))
	}
	for i := range all {
		leaveOut = append(leaveOut, correlation(append(append([]int{}, all[:i]...), all[i+1:]...)))
	}
	got := resample.From(correlation(all), draws, leaveOut)
	near(t, "correlation", got.Value, 0.776374491289407)
	near(t, "error", got.Error, 0.13240110860098958)
	near(t, "percentile low", got.Percentile().Low, 0.46537702196096403)
	near(t, "percentile high", got.Percentile().High, 0.9618230611718779)
	near(t, "BCa low", got.BCa().Low, 0.33068788593523146)
	near(t, "BCa high", got.BCa().High, 0.9405745238373686)
	own, err := resample.Bootstrap(15, 3200, resample.Source(1), correlation)
	if err != nil || math.Abs(own.Error-0.133) > 0.006 {
		t.Errorf("of draws of its own: %v, %v", own.Error, err)
	}
}
