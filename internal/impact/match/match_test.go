// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"greenroom/internal/impact/linear"
	"greenroom/internal/impact/match"
)

// sample is a made table of 80 units; R makes the same one by
//
//	i <- 0:79; a <- ((i*7)%%23)/2; b <- ((i*i)%%29)/3; c <- (i*11)%%17
//	u <- as.integer(((i*37)%%80) + 3*a + 2*b > 85); y <- 2 + a*.5 + b*.25 + 1.5*u + ((i*13)%%7)/4
func sample(covariates int) []match.Unit {
	var units []match.Unit
	for i := range 80 {
		a, b, c := float64(i*7%23)/2, float64(i*i%29)/3, float64(i*11%17)
		u := match.Unit{Exposed: float64(i*37%80)+3*a+2*b > 85, Before: []float64{a, b, c}[:covariates]}
		u.Outcome = 2 + a*0.5 + b*0.25 + float64(i*13%7)/4
		if u.Exposed {
			u.Outcome += 1.5
		}
		units = append(units, u)
	}
	return units
}

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
		t.Errorf("%s: %.12g, want %.12g", name, got, want)
	}
}

// TestScores compares with R 4.2.2: predict(glm(u ~ a + b + c, family = binomial, control = list(epsilon = 1e-14))).
func TestScores(t *testing.T) {
	scores, err := match.Scores(sample(3))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int]float64{0: -3.1817473178772224, 2: -1.6620692412133362, 36: -0.0006213295614135, 79: -2.6689971032844508} {
		near(t, "score", scores[i], want)
	}
}

// TestNearest looks for the nearest that is free, one by one, and wants the same pairs.
func TestNearest(t *testing.T) {
	units := sample(3)
	scores, err := match.Scores(units)
	if err != nil {
		t.Fatal(err)
	}
	m, err := match.Nearest(units, 1, match.Caliper)
	if err != nil {
		t.Fatal(err)
	}
	var order []int
	mean, squares := 0.0, 0.0
	for i, u := range units {
		if u.Exposed {
			order = append(order, i)
		}
		mean += scores[i] / 80
	}
	for _, v := range scores {
		squares += (v - mean) * (v - mean) / 79
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	taken := make(map[int]bool)
	for _, i := range order {
		best := -1
		for j, u := range units {
			gap := math.Abs(scores[j] - scores[i])
			if !u.Exposed && !taken[j] && gap <= match.Caliper*math.Sqrt(squares) && (best < 0 || gap < math.Abs(scores[best]-scores[i])) {
				best = j
			}
		}
		if best < 0 {
			if m.Sets[i] != 0 {
				t.Errorf("%d has a like that is too far", i)
			}
			continue
		}
		taken[best] = true
		if m.Sets[i] == 0 || m.Sets[i] != m.Sets[best] {
			t.Errorf("%d is not with %d", i, best)
		}
	}
	if m.Others != len(taken) || m.Overlap() != float64(len(taken))/21 {
		t.Errorf("%d others, overlap %v, want %d", m.Others, m.Overlap(), len(taken))
	}
}

// TestPairs compares with R 4.2.2, MatchIt 4.5.1: the pairs are those of matchit(u ~ a + b + c, method = "nearest", distance =
// "glm", link = "linear.logit", caliper = .2, m.order = "largest"), which are not all the nearest ones in that version; the
// balance is that of its summary; the effect is that of lm(y ~ u + a + b + c) over them with sandwich 3.0-2's vcovCL(cluster =
// subclass, type = "HC1") and confint with 20 degrees of freedom. For products of covariates 21 pairs are too few.
func TestPairs(t *testing.T) {
	units := sample(3)
	m := &match.Matching{Paired: true, Exposed: 21, Weights: make([]float64, 80), Sets: make([]int, 80)}
	for i, j := range map[int]int{
		2: 18, 4: 64, 6: 44, 12: 16, 15: 65, 17: 20, 19: 24, 28: 47, 32: 63, 34: 25, 36: 42, 41: 74, 43: 14, 45: 38, 49: 72, 54: 51, 58: 21,
		62: 22, 67: 52, 71: 78, 75: 13,
	} {
		m.Kept++
		m.Others++
		m.Weights[i], m.Weights[j], m.Sets[i], m.Sets[j] = 1, 1, m.Kept, m.Kept
	}
	table := match.Table([]string{"a", "b", "c"}, units, m)
	for j, want := range [][]float64{
		{6.761904761905, 4.94915254237, 0.6402856688202, 0.679329796387, 6.761904761905, 6.380952380952, 0.1345569170450, 0.95734394995},
		{5.984126984127, 4.28813559322, 0.5593287524285, 1.049978316774, 5.984126984127, 6.142857142857, -0.0523483445325, 1.50294066770},
		{8.285714285714, 7.91525423729, 0.0701177738715, 1.169331444660, 8.285714285714, 7.619047619048, 0.1261814405617, 1.39239904988},
	} {
		b := table[j]
		for k, v := range []float64{
			b.Exposed, b.Others, float64(b.Difference), float64(b.VarianceRatio), b.MatchedExposed, b.MatchedOthers, float64(b.MatchedDifference), float64(b.MatchedVarianceRatio),
		} {
			near(t, b.Covariate, v, want[k])
		}
	}
	near(t, "worst", match.Worst(table), 0.1345569170450)
	effect, err := match.Effect(units, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "effect", effect.Value, 1.432191453083)
	near(t, "error", effect.Error, 0.188266088475)
	near(t, "low", effect.Low, 1.03947527416)
	near(t, "high", effect.High, 1.82490763200)
}

// TestCoarsened compares with MatchIt 4.5.1: matchit(u ~ a + b, method = "cem") with cutpoints = "sturges" and with cutpoints =
// list(a = c(3,6,9), b = c(2,4,6,8)).
func TestCoarsened(t *testing.T) {
	units := sample(2)
	m, err := match.Coarsened(units, match.Cuts(units, match.Sturges, 0))
	if err != nil {
		t.Fatal(err)
	}
	if m.Kept != 9 || m.Others != 14 || m.Exposed != 21 {
		t.Errorf("%d of %d and %d others, want 9 of 21 and 14", m.Kept, m.Exposed, m.Others)
	}
	for i, w := range map[int]float64{0: 0, 5: 1.5555555556, 6: 1, 13: 0.5185185185, 24: 0.7777777778, 49: 1, 72: 0.5185185185} {
		if math.Abs(m.Weights[i]-w) > 1e-9 {
			t.Errorf("weight of %d: %v, want %v", i, m.Weights[i], w)
		}
	}
	table := match.Table([]string{"a", "b"}, units, m)
	near(t, "a", float64(table[0].MatchedDifference), 0.0196228837357)
	near(t, "b", float64(table[1].MatchedDifference), 0.0325723032647)
	near(t, "variance of a", float64(table[0].MatchedVarianceRatio), 0.98525064892)
	near(t, "variance of b", float64(table[1].MatchedVarianceRatio), 1.13715099129)

	given, err := match.Coarsened(units, [][]float64{{3, 6, 9}, {2, 4, 6, 8}})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range map[int]float64{0: 0, 3: 0.5925925926, 4: 1, 5: 2.666666667, 9: 0.3555555556, 10: 0.8888888889, 24: 1.777777778, 39: 3.555555556} {
		if math.Abs(given.Weights[i]-w) > 1e-9 {
			t.Errorf("given cuts, weight of %d: %v, want %v", i, given.Weights[i], w)
		}
	}
	// lm(y ~ u + a + b, weights = weights) with vcovHC(type = "HC1").
	effect, err := match.Effect(units, given, nil)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "effect", effect.Value, 1.543726527852)
	near(t, "error", effect.Error, 0.149199879534)
	// nclass.scott(a) is 5 and nclass.scott(b) is 4: four and three cuts.
	scott := match.Cuts(units, match.Scott, 0)
	if len(scott[0]) != 4 || len(scott[1]) != 3 {
		t.Errorf("Scott's bins: %v", scott)
	}
}

// TestImbalance is worked out by hand: of four exposed, 3 and 1 lie in two cells, of five others 1 and 4. L1 is half of
// |3/4 - 1/5| + |1/4 - 4/5|. Within cells matching makes it 0.
func TestImbalance(t *testing.T) {
	var units []match.Unit
	for _, v := range []float64{0, 0, 0, 1} {
		units = append(units, match.Unit{Exposed: true, Before: []float64{v}})
	}
	for _, v := range []float64{0, 1, 1, 1, 1} {
		units = append(units, match.Unit{Before: []float64{v}})
	}
	cuts := match.Cuts(units, match.Sturges, 2)
	near(t, "before", match.Imbalance(units, cuts, nil), 0.55)
	m, err := match.Coarsened(units, cuts)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "after", match.Imbalance(units, cuts, m), 0)
	near(t, "weight", m.Weights[4], 3*5.0/4)
	near(t, "weight", m.Weights[5], 0.25*5.0/4)
}

func TestNothingToCompare(t *testing.T) {
	alone := []match.Unit{{Exposed: true, Before: []float64{1}}}
	if _, err := match.Nearest(alone, 1, match.Caliper); !errors.Is(err, match.ErrOneSided) {
		t.Errorf("all exposed: %v", err)
	}
	apart := []match.Unit{{Exposed: true, Before: []float64{1}}, {Before: []float64{9}}}
	if _, err := match.Coarsened(apart, [][]float64{{5}}); !errors.Is(err, match.ErrNoLikes) {
		t.Errorf("nobody alike: %v", err)
	}
	if _, err := match.Coarsened([]match.Unit{{Exposed: true, Before: []float64{1}}, {Before: []float64{math.NaN()}}}, nil); !errors.Is(err, linear.ErrNumber) {
		t.Errorf("not a number: %v", err)
	}
	if _, err := match.Coarsened([]match.Unit{{Before: []float64{1}}, {}}, nil); !errors.Is(err, match.ErrRows) {
		t.Errorf("uneven: %v", err)
	}
}

// TestMatching checks what every matching keeps to.
func TestMatching(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) match.Unit {
			return match.Unit{
				Exposed: rapid.Bool().Draw(t, "exposed"), Outcome: rapid.Float64Range(-5, 5).Draw(t, "outcome"),
				Before: []float64{rapid.Float64Range(0, 9).Draw(t, "a"), float64(rapid.IntRange(0, 3).Draw(t, "b"))},
			}
		}), 2, 80).Draw(t, "units")
		cuts := match.Cuts(units, match.Bins(rapid.IntRange(0, 1).Draw(t, "bins")), 4)
		for _, m := range []func() (*match.Matching, error){
			func() (*match.Matching, error) {
				return match.Nearest(units, rapid.IntRange(1, 3).Draw(t, "ratio"), match.Caliper)
			},
			func() (*match.Matching, error) { return match.Coarsened(units, cuts) },
		} {
			m, err := m()
			if err != nil {
				continue
			}
			exposed, others := make(map[int]float64), make(map[int]float64)
			for i, u := range units {
				if (m.Sets[i] == 0) != (m.Weights[i] == 0) || m.Weights[i] < 0 {
					t.Fatalf("unit %d: set %d, weight %v", i, m.Sets[i], m.Weights[i])
				}
				if u.Exposed {
					exposed[m.Sets[i]] += m.Weights[i]
				} else {
					others[m.Sets[i]] += m.Weights[i]
				}
			}
			scale := 1.0
			if !m.Paired {
				scale = float64(m.Others) / float64(m.Kept)
			}
			for set, w := range exposed {
				if set > 0 && math.Abs(others[set]-w*scale) > 1e-9 {
					t.Fatalf("set %d: %v exposed, %v others", set, w, others[set])
				}
			}
		}
	})
}
