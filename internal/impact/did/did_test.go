// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package did_test

import (
	"errors"
	"math"
	"testing"

	"greenroom/internal/impact/did"
)

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
		t.Errorf("%s: %.12g, want %.12g", name, got, want)
	}
}

// sample is a made panel of 40 units in 10 clusters over 6 periods, in which every third is exposed from period 3 on; R makes
// the same one by
//
//	i <- 0:39; g <- i%/%4; u <- as.integer(i%%3==0)
//	Y <- sapply(0:5, function(t) 10 + (i%%7) + .8*t + ((i*17+t*23)%%19)/6 + ifelse(i%%3==0 & t>=3, 1.25+.2*(t-3), 0))
func sample() []did.Unit {
	var units []did.Unit
	for i := range 40 {
		u := did.Unit{From: did.Never, Cluster: i/4 + 1}
		if i%3 == 0 {
			u.From = 3
		}
		for t := range 6 {
			y := 10 + float64(i%7) + 0.8*float64(t) + float64((i*17+t*23)%19)/6
			if u.From == 3 && t >= 3 {
				y += 1.25 + 0.2*float64(t-3)
			}
			u.Outcomes = append(u.Outcomes, y)
		}
		units = append(units, u)
	}
	return units
}

// TestStudy compares with R 4.2.2, sandwich 3.0-2: for each period t, lm(Y[,t] - Y[,2] ~ u) with vcovCL(cluster = g, type = "HC1")
// and 9 degrees of freedom; the values are also those of the regression with fixed effects, lm(y ~ factor(i) + factor(t) + u:t).
// The test of the trend is the F test of both placebo steps with their joint CR1 covariance.
func TestStudy(t *testing.T) {
	r, err := did.Study(sample())
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		relative                int
		value, error, low, high float64
	}{
		{-3, -0.330586080586, 0.307868752753, -1.02703358483, 0.365861423656},
		{-2, -0.278388278388, 0.359773120386, -1.09225161965, 0.535475062876},
		{0, 0.832417582418, 0.202256158235, 0.374882365346, 1.28995279949},
		{1, 1.31080586081, 0.318600557765, 0.590081326986, 2.03153039463},
		{2, 1.563003663, 0.314342898807, 0.851910622893, 2.27409670311},
	}
	if len(r.Steps) != len(want) || r.Exposed != 14 || r.Others != 26 || r.Groups != 10 {
		t.Fatalf("%d steps, %d exposed, %d others, %d clusters", len(r.Steps), r.Exposed, r.Others, r.Groups)
	}
	for i, w := range want {
		s := r.Steps[i]
		if s.Relative != w.relative || s.Units != 14 {
			t.Errorf("step %d: %v", i, s)
		}
		near(t, "value", s.Effect.Value, w.value)
		near(t, "error", s.Effect.Error, w.error)
		near(t, "low", s.Effect.Low, w.low)
		near(t, "high", s.Effect.High, w.high)
	}
	near(t, "trend F", float64(r.TrendF), 0.912936853791)
	near(t, "trend p", float64(r.TrendP), 0.435519884855)
	near(t, "after", r.After.Value, 1.23540903541)
	near(t, "after, error", r.After.Error, 0.171852509899)
}

// TestTwoPeriods compares with lm(rowMeans(Y[,4:6]) - rowMeans(Y[,1:3]) ~ u), errors as above.
func TestTwoPeriods(t *testing.T) {
	r, err := did.TwoPeriods(sample(), 3)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "value", r.After.Value, 1.4384004884)
	near(t, "error", r.After.Error, 0.121951807521)
	near(t, "low", r.After.Low, 1.1625263335)
	near(t, "high", r.After.High, 1.7142746433)
	if !math.IsNaN(float64(r.TrendP)) {
		t.Errorf("a trend before of one period: p %v", r.TrendP)
	}
}

// TestCohorts is worked out by hand. Never exposed: change 1 each period. Cohort 1 (two units) gains 3 at its start and 5 a
// period later; cohort 2 (one unit) gains 6 at its start. Step 0 is (2*3 + 6)/3 = 4, step 1 is 5, step -2 is 0.
func TestCohorts(t *testing.T) {
	none := math.NaN()
	units := []did.Unit{
		{From: did.Never, Outcomes: []float64{0, 1, 2}},
		{From: did.Never, Outcomes: []float64{5, 6, 7}},
		{From: 1, Outcomes: []float64{1, 5, 8}},
		{From: 1, Outcomes: []float64{2, 6, 9}},
		{From: 2, Outcomes: []float64{3, 4, 11}},
		{From: 1, Outcomes: []float64{4, none, none}}, // says nothing
		{From: 0, Outcomes: []float64{1, 2, 3}},       // has no period before
	}
	r, err := did.Study(units)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[int]float64)
	for _, s := range r.Steps {
		got[s.Relative] = s.Effect.Value
	}
	near(t, "step -2", got[-2], 0)
	near(t, "step 0", got[0], 4)
	near(t, "step 1", got[1], 5)
	near(t, "after", r.After.Value, 4.5)
	if r.Exposed != 3 || r.Others != 2 {
		t.Errorf("%d exposed, %d others", r.Exposed, r.Others)
	}
}

func TestNothingToCompare(t *testing.T) {
	if _, err := did.Study([]did.Unit{{From: 1, Outcomes: []float64{1, 2}}}); !errors.Is(err, did.ErrOneSided) {
		t.Errorf("all exposed: %v", err)
	}
	if _, err := did.Study([]did.Unit{{From: 1, Outcomes: []float64{1, 2}}, {From: did.Never}}); !errors.Is(err, did.ErrPeriods) {
		t.Errorf("uneven: %v", err)
	}
	if _, err := did.Study(nil); !errors.Is(err, did.ErrOneSided) {
		t.Errorf("nobody: %v", err)
	}
}
