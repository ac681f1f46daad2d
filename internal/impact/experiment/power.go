// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package experiment

import (
	"math"
	"strconv"
	"strings"

	"greenroom/internal/impact/chance"
)

// Power is the usual chance to see an effect that is there.
const Power = 0.8

// PowerShares is the chance to see a difference between two shares, at a level of 5 %, two-sided (normal approximation, pooled
// variance for the test; Fleiss, Statistical Methods for Rates and Proportions, 1981).
func PowerShares(share1 float64, n1 int, share2 float64, n2 int) float64 {
	a, b := float64(n1), float64(n2)
	pooled := (a*share1 + b*share2) / (a + b)
	null := math.Sqrt(pooled * (1 - pooled) * (1/a + 1/b))
	alternative := math.Sqrt(share1*(1-share1)/a + share2*(1-share2)/b)
	if alternative == 0 {
		if share1 == share2 {
			return 0
		}
		return 1
	}
	return chance.Normal((math.Abs(share1-share2) - chance.Z95*null) / alternative)
}

// DetectableShare is the least rise from the share of the held out that groups of n1 offered and n2 held out would show with the
// given power. Where no rise would do, it is the least fall, below 0; where neither, NaN.
func DetectableShare(held float64, n1, n2 int, power float64) float64 {
	if n1 < 2 || n2 < 2 {
		return math.NaN()
	}
	for _, edge := range []float64{1, 0} {
		if PowerShares(edge, n1, held, n2) < power || edge == held {
			continue
		}
		return bisect(0, edge-held, func(d float64) bool { return PowerShares(held+d, n1, held, n2) >= power })
	}
	return math.NaN()
}

// bisect is the least from low to high where enough begins to hold.
func bisect(low, high float64, enough func(v float64) bool) float64 {
	for range 200 {
		mid := (low + high) / 2
		if mid == low || mid == high {
			break
		}
		if enough(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}

// SizeShares is how many it takes in each of two groups of one size, not rounded, to see the difference with the given power.
func SizeShares(share1, share2, power float64) float64 {
	if share1 == share2 {
		return math.Inf(1)
	}
	z := chance.NormalQuantile(power)
	pooled := (share1 + share2) / 2
	root := chance.Z95*math.Sqrt(2*pooled*(1-pooled)) + z*math.Sqrt(share1*(1-share1)+share2*(1-share2))
	return root * root / ((share1 - share2) * (share1 - share2))
}

// PowerMeans is the chance to see a difference of means between groups of that standard deviation, at a level of 5 %, two-sided
// (noncentral t).
func PowerMeans(difference, deviation float64, n1, n2 float64) float64 {
	freedom := n1 + n2 - 2
	moved := math.Abs(difference) / (deviation * math.Sqrt(1/n1+1/n2))
	return 1 - chance.NoncentralStudent(chance.StudentQuantile(0.975, freedom), freedom, moved)
}

// DetectableMean is the least difference of means that groups of n1 and n2 would show with the given power.
func DetectableMean(deviation float64, n1, n2 int, power float64) float64 {
	if n1 < 2 || n2 < 2 || deviation <= 0 {
		return math.NaN()
	}
	return bisect(0, 40*deviation, func(d float64) bool { return PowerMeans(d, deviation, float64(n1), float64(n2)) >= power })
}

// SizeMeans is how many it takes in each of two groups of one size, not rounded.
func SizeMeans(difference, deviation, power float64) float64 {
	if difference == 0 {
		return math.Inf(1)
	}
	return bisect(2, 1e9, func(n float64) bool { return PowerMeans(difference, deviation, n, n) >= power })
}

// Could says what an experiment, or a comparison, could show: "With these numbers it could show effects of 8 points or more." detectable
// is the least effect, points says that it is a difference of shares. It is "" where nothing is known.
func Could(detectable float64, points bool) string {
	detectable = math.Abs(detectable)
	if math.IsNaN(detectable) || math.IsInf(detectable, 0) {
		return ""
	}
	what := strconv.FormatFloat(detectable, 'g', 2, 64)
	if points {
		what = strings.TrimSuffix(strconv.FormatFloat(100*detectable, 'f', 1, 64), ".0") + " points"
	}
	return "With these numbers it could show effects of " + what + " or more (in 4 of 5 cases)."
}

// Inflated is by how much more it takes where members of clusters of that mean size go together: 1 + (size - 1) times the
// correlation within clusters (Kish's design effect).
func Inflated(n, size, correlation float64) float64 { return n * (1 + (size-1)*correlation) }
