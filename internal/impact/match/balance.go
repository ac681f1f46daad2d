// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"math"

	"greenroom/internal/impact/chance"
)

// Balance is how alike exposed and others are in a covariate.
type Balance struct {
	Covariate     string       `json:"covariate"`
	Exposed       float64      `json:"exposed"`        // mean, before matching
	Others        float64      `json:"others"`         //
	Difference    chance.Maybe `json:"difference"`     // of the means, in standard deviations of the exposed
	VarianceRatio chance.Maybe `json:"variance_ratio"` // exposed by others; NaN where nothing varies

	MatchedExposed       float64      `json:"matched_exposed"` // the same, after matching
	MatchedOthers        float64      `json:"matched_others"`
	MatchedDifference    chance.Maybe `json:"matched_difference"` // in the same standard deviations
	MatchedVarianceRatio chance.Maybe `json:"matched_variance_ratio"`
}

// The bounds of a standardized difference (Stuart, Matching Methods for Causal Inference, 2010).
const (
	Alike   = 0.1  // up to here nobody objects
	Unalike = 0.25 // from here on regression does not mend it
)

// Table is the balance of each covariate, before and after matching. names has a name for each covariate.
func Table(names []string, units []Unit, m *Matching) []Balance {
	out := make([]Balance, len(names))
	for j, name := range names {
		side := func(exposed, matched bool) (mean, variance float64) {
			return spread(len(units), func(i int) (float64, float64) {
				switch {
				case units[i].Exposed != exposed:
					return 0, 0
				case matched:
					return units[i].Before[j], m.Weights[i]
				}
				return units[i].Before[j], 1
			})
		}
		b := Balance{Covariate: name}
		var before, others, kept, likes float64
		b.Exposed, before = side(true, false)
		b.Others, others = side(false, false)
		b.MatchedExposed, kept = side(true, true)
		b.MatchedOthers, likes = side(false, true)
		b.Difference = standardized(b.Exposed-b.Others, before, others)
		b.MatchedDifference = standardized(b.MatchedExposed-b.MatchedOthers, before, others)
		b.VarianceRatio, b.MatchedVarianceRatio = chance.Maybe(before/others), chance.Maybe(kept/likes)
		out[j] = b
	}
	return out
}

// standardized is a difference in standard deviations of the exposed, or of the others where the exposed do not vary.
func standardized(difference, exposed, others float64) chance.Maybe {
	switch {
	case difference == 0:
		return 0
	case exposed > 0:
		return chance.Maybe(difference / math.Sqrt(exposed))
	case others > 0:
		return chance.Maybe(difference / math.Sqrt(others))
	}
	return chance.Maybe(math.Inf(1))
}

// Worst is the greatest standardized difference that is left, without its sign.
func Worst(table []Balance) float64 {
	worst := 0.0
	for _, b := range table {
		worst = max(worst, math.Abs(float64(b.MatchedDifference)))
	}
	return worst
}
