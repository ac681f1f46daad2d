// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package noise

import (
	"math"

	"greenroom/internal/impact/chance"
)

// The names of the tests that know a season.
const (
	TestSeasonRates  = "change of a rate against the season's"
	TestSeasonShares = "change of a share against the season's"
	TestSeasonPast   = "against its own past, a season apart"
)

// Seasonal reports whether a test knows the season.
func Seasonal(test string) bool {
	return test == TestSeasonRates || test == TestSeasonShares || test == TestSeasonPast
}

// Step is two periods that follow each other: what was counted in each, and of a rate how long each is, in any unit, or of
// a share how many cases each has. Steps of several seasons are added up.
type Step struct {
	Before, Now         int64
	BeforeOver, NowOver float64
}

// Plus is two steps together.
func (s Step) Plus(t Step) Step {
	return Step{s.Before + t.Before, s.Now + t.Now, s.BeforeOver + t.BeforeOver, s.NowOver + t.NowOver}
}

// RateSteps tests whether a count changed from one period to the next by another factor than at the same point of earlier
// seasons: the difference of two logarithms of ratios over its standard error (Altman and Bland, Interaction revisited, BMJ
// 2003), with a half added to each count so that nothing is divided by zero (Haldane 1956). Dispersion is by how much the
// variance of such counts is greater than their mean once the season is out of it, see [SeasonDispersion].
func RateSteps(now, season Step, dispersion float64) Verdict {
	if now.Before+now.Now == 0 || season.Before+season.Now == 0 {
		return none("nothing was counted now, or a season ago")
	}
	if min(now.BeforeOver, now.NowOver, season.BeforeOver, season.NowOver) <= 0 {
		return none("one of the periods has no length")
	}
	change := func(s Step) (log, variance float64) {
		a, b := float64(s.Now)+0.5, float64(s.Before)+0.5
		return math.Log(a / s.NowOver * s.BeforeOver / b), 1/a + 1/b
	}
	l1, v1 := change(now)
	l2, v2 := change(season)
	return verdict(TestSeasonRates, chance.Beyond((l1-l2)/math.Sqrt(max(dispersion, 1)*(v1+v2))))
}

// ShareSteps tests whether a share of independent cases changed by more, or less, than at the same point of earlier
// seasons: the difference of two differences over its standard error (Altman and Bland 2003), with a case of each sort
// added to each share (Agresti and Caffo 2000).
func ShareSteps(now, season Step) Verdict {
	if min(now.BeforeOver, now.NowOver, season.BeforeOver, season.NowOver) <= 0 {
		return none("one of the periods has no cases")
	}
	variance := 0.0
	share := func(hits int64, n float64) float64 {
		p := (float64(hits) + 1) / (n + 2)
		variance += p * (1 - p) / (n + 2)
		return p
	}
	change := func(s Step) float64 { return share(s.Now, s.NowOver) - share(s.Before, s.BeforeOver) }
	d := change(now) - change(season)
	return verdict(TestSeasonShares, chance.Beyond(d/math.Sqrt(variance)))
}

// SeasonPast tests by how much a figure differs from the one a season ago against how much earlier figures differed from
// theirs (the seasonal differences of Box and Jenkins 1970, by Student's t for one new observation).
func SeasonPast(history []float64, now float64) Verdict {
	v := Past(history, now)
	if v.Test == TestNone {
		return v
	}
	return verdict(TestSeasonPast, v.P)
}

// SeasonDispersion is by how much counts vary more than Poisson's would once seasons are of different size and the points
// of a season too: Pearson's chi-square of the table of seasons by points, over its degrees of freedom (McCullagh and
// Nelder, Generalized Linear Models, 1989), 1 at least. Rows are seasons, all of one length.
func SeasonDispersion(rows [][]float64) float64 {
	if len(rows) < 2 || len(rows[0]) < 2 {
		return 1
	}
	across, down, total := make([]float64, len(rows)), make([]float64, len(rows[0])), 0.0
	for i, row := range rows {
		for j, v := range row {
			across[i], down[j], total = across[i]+v, down[j]+v, total+v
		}
	}
	filled := func(sums []float64) (n int) {
		for _, v := range sums {
			if v > 0 {
				n++
			}
		}
		return n
	}
	freedom := (filled(across) - 1) * (filled(down) - 1)
	if freedom < 1 {
		return 1
	}
	square := 0.0
	for i, row := range rows {
		for j, v := range row {
			if expected := across[i] * down[j] / total; expected > 0 {
				square += (v - expected) * (v - expected) / expected
			}
		}
	}
	return max(1, square/float64(freedom))
}
