// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"math"

	"greenroom/internal/impact/noise"
)

// z95 is the normal quantile of 95 % intervals.
const z95 = 1.959963984540054

// Interval is an estimate with its 95 % interval.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// NPSScore is a Net Promoter Score: 100 times the share of promoters (9 and 10) less that of detractors (0 to 6).
type NPSScore struct {
	Interval

	N          int64   `json:"n"`
	Promoters  int64   `json:"promoters"`
	Passives   int64   `json:"passives"`
	Detractors int64   `json:"detractors"`
	Error      float64 `json:"standard_error"`
	Population int64   `json:"population,omitempty"` // that the interval is corrected for; 0 = not
}

// NPSOf computes a score with its interval. The variance of a score is 100²·(p + d − (p − d)²)/n; where the population of
// those who could have answered is known, it is times (N − n)/(N − 1), since who has asked half of a small community knows
// more of it than who has asked as many of a large one.
//
// That interval covers less than it says where answers are few, and claims to be certain where all are alike. Below fifty
// answers, and where all are alike, the adjusted Wald interval stands in: three quarters of a case are added at each end and
// one and a half in the middle.
func NPSOf(promoters, passives, detractors, population int64) NPSScore {
	n := promoters + passives + detractors
	s := NPSScore{N: n, Promoters: promoters, Passives: passives, Detractors: detractors}
	if n == 0 {
		s.Low, s.High = -100, 100
		return s
	}
	count := float64(n)
	p, d := float64(promoters)/count, float64(detractors)/count
	s.Value = 100 * (p - d)
	correction := 1.0
	if population > 1 && population >= n {
		s.Population = population
		correction = math.Sqrt(float64(population-n) / float64(population-1))
	}
	s.Error = 100 * math.Sqrt(max(0, p+d-(p-d)*(p-d))/count) * correction
	if n >= fewAnswers && s.Error > 0 || correction == 0 {
		s.Low, s.High = max(-100, s.Value-z95*s.Error), min(100, s.Value+z95*s.Error)
		return s
	}
	m := count + 3
	pa, da := (float64(promoters)+.75)/m, (float64(detractors)+.75)/m
	half := z95 * 100 * math.Sqrt((pa+da-(pa-da)*(pa-da))/m) * correction
	mid := 100 * (pa - da)
	s.Low, s.High = max(-100, min(s.Value, mid-half)), min(100, max(s.Value, mid+half))
	return s
}

// fewAnswers is the number below which the plain interval covers less than it says.
const fewAnswers = 50

// ShareOf is a share with Wilson's interval, each from 0 to 1.
func ShareOf(hits, n int64) Interval {
	low, high := noise.Wilson(hits, n)
	v := Interval{Low: low, High: high}
	if n > 0 {
		v.Value = float64(hits) / float64(n)
	}
	return v
}

// MeanOf is a mean with the interval of Student's t, for the counts of each number from low on.
func MeanOf(low int, counts []int64) (v Interval, n int64) {
	var sum, squares float64
	for i, c := range counts {
		x := float64(low + i)
		n += c
		sum += x * float64(c)
		squares += x * x * float64(c)
	}
	if n == 0 {
		return v, 0
	}
	m := float64(n)
	v.Value = sum / m
	v.Low, v.High = float64(low), float64(low+len(counts)-1)
	if n < 2 {
		return v, n
	}
	half := student95(n-1) * math.Sqrt(max(0, (squares-sum*sum/m)/(m-1))/m)
	v.Low, v.High = max(v.Low, v.Value-half), min(v.High, v.Value+half)
	return v, n
}

// student95 is the 97.5 % quantile of Student's t (Cornish and Fisher's expansion, exact to a per mille from 3 on).
func student95(freedom int64) float64 {
	switch freedom {
	case 1:
		return 12.706
	case 2:
		return 4.303
	}
	z, f := z95, float64(freedom)
	z3, z5, z7 := z*z*z, z*z*z*z*z, z*z*z*z*z*z*z
	return z + (z3+z)/(4*f) + (5*z5+16*z3+3*z)/(96*f*f) + (3*z7+19*z5+17*z3-15*z)/(384*f*f*f)
}
