// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package orbit

import "math"

// DecayV1 is what is left of an activity's value after a calendar month, in version 1.
const DecayV1 = 0.9

// ActivityV1 is an activity as version 1 sees it.
type ActivityV1 struct {
	Weight    float64 // 1 unless the team says otherwise; 1 to 3 is suggested
	MonthsAgo int     // calendar months; the present one is 0
}

// ValueV1 is what an activity is worth by now: weight × 0.9^months.
func ValueV1(a ActivityV1) float64 { return a.Weight * math.Pow(DecayV1, float64(max(a.MonthsAgo, 0))) }

// LoveV1 is a member's love in version 1: the sum of what their activities are worth by now.
func LoveV1(activities []ActivityV1) float64 {
	sum := 0.0
	for _, a := range activities {
		sum += ValueV1(a)
	}
	return sum
}

// MemberV1 is a member as gravity of version 1 sees it.
type MemberV1 struct {
	Love  float64
	Reach float64 // points of the criteria met, see ReachV1
}

// CriterionV1 is one thing that gives reach in version 1, such as 2,000 to 5,000 followers.
type CriterionV1 struct {
	Points float64
	Met    bool
}

// ReachV1 is a member's reach in version 1: the sum of the points of the criteria that are met.
func ReachV1(criteria []CriterionV1) float64 {
	sum := 0.0
	for _, c := range criteria {
		if c.Met {
			sum += c.Points
		}
	}
	return sum
}

// GravityV1 is the gravity of a community in version 1: the sum over its members of love × reach.
func GravityV1(members []MemberV1) float64 {
	sum := 0.0
	for _, m := range members {
		sum += m.Love * m.Reach
	}
	return sum
}

// LevelNamesV1 names the levels 1 to 4 of version 1; index 0 is of nobody.
func LevelNamesV1() [5]string {
	return [5]string{"", "Advocates", "Contributors", "Participants", "Observers"}
}
