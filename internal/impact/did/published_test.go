// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package did_test

import (
	"math"
	"testing"

	"greenroom/internal/impact/did"
)

// growth is the growth study of Potthoff and Roy, Biometrika 51, 1964: a distance in the face of 16 boys and then 11 girls at 8, 10, 12
// and 14 years, in mm. It is the data set Orthodont of R's package nlme.
var growth = [][]float64{
	{26, 25, 29, 31},
	{21.5, 22.5, 23, 26.5},
	{23, 22.5, 24, 27.5},
	{25.5, 27.5, 26.5, 27},
	{20, 23.5, 22.5, 26},
	{24.5, 25.5, 27, 28.5},
	{22, 22, 24.5, 26.5},
	{24, 21.5, 24.5, 25.5},
	{23, 20.5, 31, 26},
	{27.5, 28, 31, 31.5},
	{23, 23, 23.5, 25},
	{21.5, 23.5, 24, 28},
	{17, 24.5, 26, 29.5},
	{22.5, 25.5, 25.5, 26},
	{23, 24.5, 26, 30},
	{22, 21.5, 23.5, 25},
	{21, 20, 21.5, 23},
	{21, 21.5, 24, 25.5},
	{20.5, 24, 24.5, 26},
	{23.5, 24.5, 25, 26.5},
	{21.5, 23, 22.5, 23.5},
	{20, 21, 21, 22.5},
	{21.5, 22.5, 23, 25},
	{23, 23, 23.5, 24},
	{20, 21, 22, 21.5},
	{16.5, 19, 19, 19.5},
	{24.5, 25, 28, 28},
}

// TestGrowth compares with R 4.2.2, nlme 3.1-162, sandwich 3.0-2: Y has a row for each child of Orthodont; for each age k, lm(Y[,k] - Y[,2]
// ~ boy), and lm(rowMeans(Y[,3:4]) - rowMeans(Y[,1:2]) ~ boy), with vcovHC(type = "HC1"). Boys grow faster from ten on.
func TestGrowth(t *testing.T) {
	var units []did.Unit
	for i, row := range growth {
		u := did.Unit{From: 2, Outcomes: row}
		if i >= 16 {
			u.From = did.Never
		}
		units = append(units, u)
	}
	r, err := did.Study(units)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][2]float64{{0.10795454545455, 0.71162564299875}, {1.04261363636364, 0.74775448101159}, {1.79261363636364, 0.57758051469876}} {
		near(t, "value", r.Steps[i].Effect.Value, want[0])
		near(t, "error", r.Steps[i].Effect.Error, want[1])
	}
	two, err := did.TwoPeriods(units, 2)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "both", two.After.Value, 1.36363636363636)
	near(t, "error", two.After.Error, 0.53032908977687)
}

// TestPublished has the tables that courses begin with, by their means: Card and Krueger, American Economic Review 84, 1994, table 3, row of
// means of all stores: full-time employees of New Jersey 20.44, then 21.03, and of Pennsylvania 23.33, then 21.17 (2.75; they have 2.76
// from figures that were not rounded); and Snow, On the Mode of Communication of Cholera, 1855, deaths per 10,000 households as Cunningham,
// Causal Inference: The Mixtape, 2021, has them: 85 and 19 with the new water, 135 and 147 without.
func TestPublished(t *testing.T) {
	for _, tc := range []struct {
		name                       string
		exposed, after, other, end float64
		want                       float64
	}{{"Card and Krueger", 20.44, 21.03, 23.33, 21.17, 2.75}, {"Snow", 85, 19, 135, 147, -78}} {
		var units []did.Unit
		for i := range 4 {
			off := math.Pow(-1, float64(i)) // units lie about the means
			units = append(units, did.Unit{From: 1, Outcomes: []float64{tc.exposed + off, tc.after - off}}, did.Unit{From: did.Never, Outcomes: []float64{tc.other - off, tc.end + off}})
		}
		r, err := did.Study(units)
		if err != nil {
			t.Fatal(err)
		}
		near(t, tc.name, r.After.Value, tc.want)
	}
}
