// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package quiet says whether an account fell quiet: the one rule, by which the health of accounts counts points for engagement and usage, and
// the measure at_risk finds renewals to look at.
//
// The last four weeks are compared with what four weeks usually had in the twelve before. Little is no rhythm: it takes four at least in four
// weeks. It counts from a fall by 30 % on, when a count so small would come by chance in fewer than one of twenty such accounts (Poisson).
package quiet

import "math"

// The bounds of the rule.
const (
	Recent = 4  // weeks that are compared
	Usual  = 12 // weeks before these

	leastUsual = 4    // in four weeks
	leastFall  = 0.3  // share
	level      = 0.05 // how often chance alone may do it
)

// Pace is how much an account does, against its own rhythm.
type Pace struct {
	Now   int     // in the last four weeks
	Usual float64 // in four weeks of the twelve before
	Fall  float64 // share by which it is less; below 0 = it is more; 0 where there is no rhythm
	Fell  bool    // it fell quiet
}

// Look compares counts by week; the last is the seven days up to now. With fewer than 16 nothing is told.
func Look(weeks []int) Pace {
	n := len(weeks)
	if n < Recent+Usual {
		return Pace{}
	}
	p := Pace{Now: sum(weeks[n-Recent:]), Usual: float64(sum(weeks[n-Recent-Usual:n-Recent])) * Recent / Usual}
	if p.Usual < leastUsual {
		return p
	}
	p.Fall = 1 - float64(p.Now)/p.Usual
	p.Fell = p.Fall >= leastFall && poisson(p.Now, p.Usual) < level
	return p
}

func sum(all []int) (n int) {
	for _, v := range all {
		n += v
	}
	return n
}

// poisson is how likely n or fewer are, where mean are usual.
func poisson(n int, mean float64) float64 {
	term, total := math.Exp(-mean), 0.0
	if mean > 700 { // e^-mean is no number any more: the normal curve is as good
		return 0.5 * math.Erfc(-(float64(n)+0.5-mean)/math.Sqrt(2*mean))
	}
	for i := 0; i <= n; i++ {
		total += term
		term *= mean / float64(i+1)
	}
	return total
}
