// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package noise_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"greenroom/internal/impact/noise"
)

// TestSeasonByHand works through examples with paper and pencil.
func TestSeasonByHand(t *testing.T) {
	halved, level := noise.Step{Before: 100, Now: 50, BeforeOver: 30, NowOver: 30}, noise.Step{Before: 100, Now: 100, BeforeOver: 30, NowOver: 30}
	// It halved now and then: nothing is left.
	v := noise.RateSteps(halved, halved, 1)
	check(t, "p of what halves every year", v.P, 1, 1e-12)
	// ln(50.5/100.5) = -0.68814; the variance is 1/50.5 + 3/100.5 = 0.049653; z = -3.0884.
	v = noise.RateSteps(halved, level, 1)
	check(t, "p of what halves for once", v.P, 0.0020124, 1e-7)
	if !v.Real || !strings.HasPrefix(v.Says, "More than noise and season: beside the season, chance does this about 1 time in 497") {
		t.Errorf("got %+v", v)
	}
	// Counts that vary four times as much halve the z.
	check(t, "p with dispersion", noise.RateSteps(halved, level, 4).P, 0.1225401, 1e-7)
	// 60 of 98 after 40 of 98, and 50 of 98 twice: with one of each sort added, 0.61 - 0.41 against 0;
	// the variance is (0.61 · 0.39 + 0.41 · 0.59 + 2 · 0.51 · 0.49) / 100 = 0.009796; z = 2.0207.
	v = noise.ShareSteps(noise.Step{Before: 40, Now: 60, BeforeOver: 98, NowOver: 98}, noise.Step{Before: 50, Now: 50, BeforeOver: 98, NowOver: 98})
	check(t, "p of the shares", v.P, 0.0433090, 1e-6)
	// Expected are 20 in each cell: 4 · 100/20 = 20, with one degree of freedom.
	check(t, "dispersion", noise.SeasonDispersion([][]float64{{10, 30}, {30, 10}}), 20, 1e-12)
	// A season that comes again, in a community that doubled: nothing is left.
	check(t, "dispersion of a season", noise.SeasonDispersion([][]float64{{10, 20, 5}, {20, 40, 10}}), 1, 0)
	history := []float64{1, -1, 1, -1, 1, -1, 1, -1, 1, -1}
	check(t, "p of a seasonal difference", noise.SeasonPast(history, 2.262*math.Sqrt(10.0/9)*math.Sqrt(1.1)).P, 0.05, 0.0002)
}

func TestSeasonTooLittle(t *testing.T) {
	some := noise.Step{Before: 1, Now: 1, BeforeOver: 1, NowOver: 1}
	for _, v := range []noise.Verdict{
		noise.RateSteps(noise.Step{BeforeOver: 1, NowOver: 1}, some, 1), noise.RateSteps(some, noise.Step{}, 1), noise.ShareSteps(some, noise.Step{}), noise.SeasonPast([]float64{1, 2}, 3),
	} {
		if v.Real || v.Test != noise.TestNone {
			t.Errorf("got %+v", v)
		}
	}
	if d := noise.SeasonDispersion([][]float64{{0, 0}, {0, 3}}); d != 1 {
		t.Errorf("the dispersion of one cell is %v", d)
	}
}

// TestSeasonFalseAlarms draws three years of counts that halve every twelfth month, and vary twice as much as Poisson's:
// about one in twenty such Decembers is called news, and nearly every one by the test that knows no season.
func TestSeasonFalseAlarms(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	draw := func(mean float64) float64 {
		return math.Max(0, math.Round(mean+math.Sqrt(2*mean)*random.NormFloat64()))
	}
	const rounds = 4000
	knows, does := 0, 0
	for range rounds {
		var counts []float64
		for month := range 36 {
			mean := 200.0
			if month%12 == 11 {
				mean = 100
			}
			counts = append(counts, draw(mean))
		}
		step := func(at int) noise.Step {
			return noise.Step{Before: int64(counts[at-1]), Now: int64(counts[at]), BeforeOver: 30, NowOver: 30}
		}
		rows := [][]float64{counts[11:23], counts[23:35]}
		if noise.RateSteps(step(35), step(23).Plus(step(11)), noise.SeasonDispersion(rows)).Real {
			knows++
		}
		if noise.Rates(int64(counts[35]), 30, int64(counts[34]), 30, noise.Dispersion(counts[24:35])).Real {
			does++
		}
	}
	if share := float64(knows) / rounds; share < 0.03 || share > 0.08 {
		t.Errorf("%.3f of the Decembers are called news, want about 0.05", share)
	}
	if share := float64(does) / rounds; share < 0.9 {
		t.Errorf("without the season %.3f are, want nearly all: the example shows nothing", share)
	}
}
