// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package trend

import "math"

// Course is where something is heading.
type Course string

// The courses. Steady is also what too few messages are.
const (
	Steady Course = ""
	New    Course = "new"    // it was not there before the last four weeks
	Rising Course = "rising" // clearly more in the last two weeks than in the six before
	Fading Course = "fading" // clearly less
)

const (
	recent     = 14 // days
	earlier    = 42
	newFor     = 28
	leastSaid  = 5   // messages
	surely     = 2.5 // standard deviations
	atLeastBy  = 1.3
	leastKnown = newFor + recent // days that have to be known before anything can be new
)

// CourseOf says where daily counts are heading, at the last day.
func CourseOf(counts []float64, dispersion float64) Course {
	n := len(counts)
	sum := func(from, to int) (s float64) {
		for _, c := range counts[max(from, 0):max(to, 0)] {
			s += c
		}
		return s
	}
	if n < leastKnown {
		return Steady
	}
	now, before := sum(n-recent, n), sum(n-recent-earlier, n-recent)
	if old := sum(0, n-newFor); old == 0 && sum(n-newFor, n) >= leastSaid {
		return New
	}
	days := float64(min(earlier, n-recent))
	expected := before / days * recent
	if now+before < leastSaid {
		return Steady
	}
	// The difference of two counts, scaled to the same days; each varies by its mean times the dispersion.
	spread := math.Sqrt(max(dispersion, 1) * (max(now, 1) + max(before, 1)*(recent/days)*(recent/days)))
	switch {
	case now-expected > surely*spread && now >= atLeastBy*expected:
		return Rising
	case expected-now > surely*spread && expected >= atLeastBy*now:
		return Fading
	}
	return Steady
}
