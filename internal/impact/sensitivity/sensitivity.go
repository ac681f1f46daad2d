// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sensitivity asks how strong something that nobody measured would have to be to explain an observed effect away.
//
// The E-value (VanderWeele and Ding, Sensitivity Analysis in Observational Research: Introducing the E-Value, 2017) is the
// risk ratio that it would need with both the exposure and the outcome, beyond all that was measured. 1 = the least thing would
// do. It is given for the effect and for that limit of its interval which is nearer to no effect; the latter is what counts.
// It knows no plausible size: compare it with what the strongest measured covariate does. A great E-value does not make an
// effect causal; a small one makes it fragile.
//
// Ratios of hazards and odds, and differences, are brought to the scale of risk ratios by the approximations of the same paper.
//
// [Bounds] is the same question for pairs (Rosenbaum, Observational Studies, 2002): by what factor the odds of being exposed
// may differ within pairs until chance would do.
package sensitivity

import (
	"math"

	"greenroom/internal/impact/chance"
)

// EValue is how strong the unmeasured would have to be.
type EValue struct {
	Value chance.Maybe `json:"value"` // to explain the effect away
	Limit chance.Maybe `json:"limit"` // to bring the interval to no effect; 1 where it is there already
}

// of is the E-value of a risk ratio.
func of(ratio float64) chance.Maybe {
	if ratio < 1 {
		ratio = 1 / ratio
	}
	return chance.Maybe(ratio + math.Sqrt(ratio*(ratio-1)))
}

// RiskRatio is the E-value of a risk ratio, or of a ratio of rates.
func RiskRatio(e chance.Estimate) EValue {
	v := EValue{Value: of(e.Value), Limit: 1}
	if e.Low > 1 {
		v.Limit = of(e.Low)
	} else if e.High < 1 {
		v.Limit = of(e.High)
	}
	return v
}

// Rare is the share of cases to whom it happens below which ratios of odds and hazards stand for that of risks.
const Rare = 0.15

// HazardRatio is the E-value of a hazard ratio. common: it happens to more than [Rare] in the end.
func HazardRatio(e chance.Estimate, common bool) EValue {
	return converted(e, func(hr float64) float64 {
		if !common {
			return hr
		}
		return (1 - math.Pow(0.5, math.Sqrt(hr))) / (1 - math.Pow(0.5, math.Sqrt(1/hr)))
	})
}

// OddsRatio is the E-value of an odds ratio. common: it happens to more than [Rare].
func OddsRatio(e chance.Estimate, common bool) EValue {
	return converted(e, func(or float64) float64 {
		if !common {
			return or
		}
		return math.Sqrt(or)
	})
}

func converted(e chance.Estimate, to func(ratio float64) float64) EValue {
	e.Value, e.Low, e.High = to(e.Value), to(e.Low), to(e.High)
	return RiskRatio(e)
}

// Difference is the E-value of a difference of means, with the standard deviation of the outcome: the risk ratio is about
// exp(0.91 d) for d standard deviations (Chinn 2000).
func Difference(e chance.Estimate, deviation float64) EValue {
	if deviation <= 0 || math.IsNaN(e.Value) {
		return EValue{1, 1}
	}
	return converted(e, func(v float64) float64 { return math.Exp(0.91 * v / deviation) })
}

// RiskDifference is the E-value of a difference of shares, with the share of those who were not exposed: the ratio is that of the
// share with and without the difference. Where there is none of them it takes half a case in a thousand.
func RiskDifference(e chance.Estimate, others float64) EValue {
	base := min(max(others, 0.0005), 0.9995)
	return converted(e, func(v float64) float64 { return min(max(base+v, 0.0005), 0.9995) / base })
}

// Bound is what chance says where the odds of exposure differ within pairs by up to a factor.
type Bound struct {
	Gamma float64 `json:"gamma"`
	P     float64 `json:"p"` // greatest, one-sided
}

// Bounds are Rosenbaum's bounds for the differences within pairs, exposed less other, by Wilcoxon's signed rank test in its normal
// approximation: is the outcome of the exposed greater? Pairs without a difference are left out.
func Bounds(differences []float64, gammas ...float64) []Bound {
	ranks := signedRanks(differences)
	statistic, sum, squares := 0.0, 0.0, 0.0
	for _, r := range ranks {
		statistic += max(r, 0)
		sum += math.Abs(r)
		squares += r * r
	}
	out := make([]Bound, len(gammas))
	for i, g := range gammas {
		p := g / (1 + g)
		out[i] = Bound{g, 1}
		if squares > 0 {
			out[i].P = chance.Normal(-(statistic - p*sum) / math.Sqrt(p*(1-p)*squares))
		}
	}
	return out
}

// Tolerance is the greatest gamma, up to 20, at which the outcome of the exposed is still greater at a level of 5 %, one-sided;
// 0 = it is not even at 1.
func Tolerance(differences []float64) float64 {
	p := func(g float64) float64 { return Bounds(differences, g)[0].P }
	low, high := 1.0, 20.0
	if p(low) >= 0.05 {
		return 0
	}
	for range 60 {
		mid := (low + high) / 2
		if p(mid) < 0.05 {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}
