// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"testing"

	"greenroom/internal/impact/match"
)

// lalonde is LaLonde's job training among men of the survey PSID, as Dehejia and Wahba chose them, and as the data set lalonde of R's package
// MatchIt has them, counted in cells: race (0 white, 1 black, 2 hispanic), married, no degree, 25 or older; of those trained, how
// many, and how many earned anything in 1978; of the others, the same.
var lalonde = [][8]int{
	{0, 0, 0, 0, 3, 3, 36, 25},
	{1, 0, 0, 0, 16, 12, 12, 9},
	{2, 0, 0, 0, 1, 1, 5, 5},
	{0, 1, 0, 0, 0, 0, 14, 12},
	{1, 1, 0, 0, 1, 1, 7, 4},
	{2, 1, 0, 0, 1, 1, 1, 0},
	{0, 0, 1, 0, 5, 4, 48, 42},
	{1, 0, 1, 0, 50, 36, 34, 27},
	{2, 0, 1, 0, 4, 4, 17, 15},
	{0, 1, 1, 0, 1, 1, 32, 25},
	{1, 1, 1, 0, 4, 3, 2, 2},
	{2, 1, 1, 0, 2, 2, 4, 3},
	{0, 0, 0, 1, 4, 4, 19, 14},
	{1, 0, 0, 1, 21, 16, 8, 4},
	{2, 0, 0, 1, 0, 0, 3, 3},
	{0, 1, 0, 1, 2, 1, 58, 50},
	{1, 1, 0, 1, 5, 4, 4, 4},
	{2, 1, 0, 1, 0, 0, 6, 5},
	{0, 0, 1, 1, 3, 3, 12, 7},
	{1, 0, 1, 1, 40, 24, 8, 5},
	{2, 0, 1, 1, 3, 3, 7, 6},
	{0, 1, 1, 1, 0, 0, 62, 46},
	{1, 1, 1, 1, 19, 17, 12, 6},
	{2, 1, 1, 1, 0, 0, 18, 12},
}

// TestLaLonde compares with R 4.2.2, MatchIt 4.5.1: d$a <- as.integer(d$age >= 25); d$y <- as.integer(d$re78 > 0); m <- matchit(treat ~
// factor(r) + married + nodegree + a, d, method = "cem", cutpoints = 0), which keeps 185 and 326 of 185 and 429; the effect is that of
// lm(y ~ treat * covariates about the means of those trained, weights = m$weights) with sandwich 3.0-2's vcovHC(type = "HC1").
func TestLaLonde(t *testing.T) {
	var units []match.Unit
	at := make(map[[4]int]int) // the last of the others of a cell
	for _, c := range lalonde {
		for side := range 2 {
			n, earned := c[4+2*side], c[5+2*side]
			for i := range n {
				u := match.Unit{Exposed: side == 0, Before: []float64{float64(c[0]), float64(c[1]), float64(c[2]), float64(c[3])}}
				if i < earned {
					u.Outcome = 1
				}
				units = append(units, u)
			}
		}
		at[[4]int(c[:4])] = len(units) - 1
	}
	cuts := match.Cuts(units, match.Sturges, 4)
	m, err := match.Coarsened(units, cuts)
	if err != nil {
		t.Fatal(err)
	}
	if m.Exposed != 185 || m.Kept != 185 || m.Others != 326 || len(units) != 614 {
		t.Errorf("%d of %d and %d others of %d", m.Kept, m.Exposed, m.Others, len(units))
	}
	for c, want := range map[[4]int]float64{
		{0, 0, 0, 0}: 0.1468468468468, {0, 0, 0, 1}: 0.3709815078236, {0, 1, 0, 1}: 0.0607642124884, {1, 0, 0, 0}: 2.3495495495495, {1, 0, 1, 1}: 8.8108108108108,
		{1, 1, 1, 0}: 3.5243243243243, {2, 0, 1, 0}: 0.4146263910970, {2, 1, 0, 0}: 1.7621621621622, {2, 1, 1, 1}: 0,
	} {
		near(t, "weight", m.Weights[at[c]], want)
	}
	near(t, "L1 before", match.Imbalance(units, cuts, nil), 0.65591885591886)
	near(t, "L1 after", match.Imbalance(units, cuts, m), 0)
	e, err := match.Effect(units, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "effect", e.Value, 0.061950048940947)
	near(t, "error", e.Error, 0.060148253954318)
}
