// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestNPSByHand is the worked example of the definition: 200 answers, half of them promoters, a fifth detractors.
func TestNPSByHand(t *testing.T) {
	s := NPSOf(100, 60, 40, 0)
	if s.Value != 30 || math.Abs(s.Error-5.52) > .005 || math.Abs((s.High-s.Low)/2-10.8) > .05 {
		t.Errorf("became %+v, want 30 ± 10.8 with a standard error of 5.52", s)
	}
	// Half of a community of 400: the interval is narrower by the root of (400 − 200)/399.
	if c := NPSOf(100, 60, 40, 400); math.Abs(c.Error-5.5227*math.Sqrt(200.0/399)) > .001 || c.Population != 400 {
		t.Errorf("of 400, became %+v", c)
	}
	if c := NPSOf(100, 60, 40, 200); c.Error != 0 || c.Low > 30 || c.High < 30 {
		t.Errorf("where everybody answered, became %+v", c)
	}
	for _, s := range []NPSScore{NPSOf(0, 0, 0, 0), NPSOf(10, 0, 0, 0), NPSOf(0, 0, 3, 0), NPSOf(0, 60, 0, 0)} {
		if s.Low >= s.High || s.Low < -100 || s.High > 100 || s.Value < s.Low || s.Value > s.High {
			t.Errorf("became %+v", s)
		}
	}
}

// TestNPSCoverage asks 1,000 simulated communities and counts how often the interval has the true score: 95 % of them,
// two more or less.
func TestNPSCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 38)) //nolint:gosec // a simulation
	for _, c := range []struct {
		promoters, detractors float64
		n, population         int
	}{{.5, .2, 200, 0}, {.3, .3, 60, 0}, {.6, .1, 400, 0}, {.5, .2, 200, 400}, {.4, .25, 25, 0}, {.5, .2, 150, 300}} {
		covered, truth := 0, 100*(c.promoters-c.detractors)
		for range 1000 {
			var p, s, d int64
			count := func(x float64) {
				switch {
				case x < c.promoters:
					p++
				case x < c.promoters+c.detractors:
					d++
				default:
					s++
				}
			}
			if c.population == 0 {
				for range c.n {
					count(random.Float64())
				}
			} else { // drawn from a finite community without putting back
				for _, i := range random.Perm(c.population)[:c.n] {
					count((float64(i) + .5) / float64(c.population))
				}
			}
			if got := NPSOf(p, s, d, int64(c.population)); got.Low <= truth && truth <= got.High {
				covered++
			}
		}
		if covered < 930 || covered > 970 {
			t.Errorf("%+v: %d of 1,000 intervals have the true score %.0f, want 930 to 970", c, covered, truth)
		} else {
			t.Logf("%+v: %d of 1,000", c, covered)
		}
	}
}

func TestMean(t *testing.T) {
	// 2, 4, 4, 4, 5, 5, 7, 9 by a statistics textbook: mean 5, sample deviation 2.138, so 5 ± 2.365·2.138/√8.
	v, n := MeanOf(1, []int64{0, 1, 0, 3, 2, 0, 1, 0, 1})
	if n != 8 || v.Value != 5 || math.Abs(v.High-5-2.365*2.138/math.Sqrt(8)) > .01 {
		t.Errorf("became %+v of %d", v, n)
	}
	if v := ShareOf(81, 263); math.Abs(v.Low-.2553) > .0005 || math.Abs(v.High-.3662) > .0005 {
		t.Errorf("81 of 263 became %+v", v) // Newcombe 1998, table I
	}
}
