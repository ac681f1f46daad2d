// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof_test

import (
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"greenroom/internal/impact/verdict"
	"greenroom/internal/proof"
)

// communities is how many communities are made of each kind: 1,000 with GREENROOM_TEST_COMMUNITIES=1000, as docs/evidence.md has it; few,
// with wider bounds, where nobody asks.
func communities(t *testing.T) int {
	t.Helper()
	s := os.Getenv("GREENROOM_TEST_COMMUNITIES")
	if s == "" {
		return 4
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestStudiesOfMadeCommunities asks studies of communities of which it is known what the program does and why members join. Everything between
// the question and the light is what the page of a study goes through: windows, who stands for the others, matching, and the verdict.
func TestStudiesOfMadeCommunities(t *testing.T) {
	acts, active := proof.Outcome{Kind: proof.Acts, Days: madeGap}, proof.Outcome{Kind: proof.Active, Days: madeGap}
	for _, tc := range []struct {
		name               string
		c                  crowd
		of                 proof.Outcome
		coverLow, coverTop float64 // bounds of the share of intervals that cover the truth
		goodMost           float64 // bound of the share called good evidence
	}{
		{"randomized, acts", crowd{members: 1500, chance: true, seen: 0.5, eager: 0.4, gain: 3}, acts, 0.93, 0.97, 0},
		{"randomized, active", crowd{members: 1500, chance: true, seen: 0.5, eager: 0.4, gain: 1}, active, 0.93, 0.97, 0},
		{"randomized, null", crowd{members: 1500, chance: true, seen: 0.5, eager: 0.4}, acts, 0.93, 0.97, 0},
		{"all measured, acts", crowd{members: 3000, seen: 0.7, gain: 3}, acts, 0.9, 1, 1},
		{"all measured, bands", crowd{members: 3000, seen: 0.7, gain: 3}, acts, 0.9, 1, 1},
		{"all measured, active", crowd{members: 3000, seen: 0.7, gain: 2}, active, 0.9, 1, 1},
		{"all measured, null", crowd{members: 3000, seen: 0.7}, acts, 0.9, 1, 0.05},
		{"unmeasured", crowd{members: 3000, seen: 0.3, hidden: 1, eager: 0.6, gain: 3}, acts, 0, 1, 0.1},
		{"unmeasured, null", crowd{members: 3000, seen: 0.3, hidden: 1, eager: 0.6}, acts, 0, 1, 0.05},
		{"unmeasured, drifting", crowd{members: 3000, seen: 0.3, hidden: 1, eager: 0.8, drift: 60, gain: 3}, acts, 0, 1, 0.1},
		{"unmeasured, drifting, null", crowd{members: 3000, seen: 0.3, hidden: 1, eager: 0.8, drift: 60}, acts, 0, 1, 0.05},
		{"arising", crowd{members: 3000, seen: 0.5, project: 6, feels: 0.5, gain: 3}, acts, 0, 1, 0.1},
		{"arising, null", crowd{members: 3000, seen: 0.5, project: 6, feels: 0.5}, acts, 0, 1, 0.05},
	} {
		t.Run(tc.name, func(t *testing.T) {
			lights, covered, plain, bias, effect, alone := make(map[verdict.Light]float64), 0.0, 0.0, 0.0, 0.0, 0.0
			n := float64(communities(t))
			var all []*proof.Result
			for seed := range communities(t) {
				likes := proof.ByPropensity
				if strings.Contains(tc.name, "bands") {
					likes = proof.ByBands
				}
				r, truth := tc.c.asked(t, uint64(seed)+1, tc.of, likes)
				all = append(all, r)
				effect += truth / n
			}
			truth := effect // of all that could have been exposed: what it added in one community is by chance
			for _, r := range all {
				lights[r.Light] += 1 / n
				alone += byPlacebo(r) / n
				covered += covers(&r.Effect, truth) / n
				if r.Plain != nil {
					plain += covers(r.Plain, truth) / n
				}
				if r.Effect.Value != nil {
					bias += (*r.Effect.Value - truth) / n
				}
			}
			t.Logf("%4.0f communities: interval covers %5.1f %% (plain difference %5.1f %%), effect %.3f, bias %+.3f; experiment %.1f %%, good %.1f %% (by the placebo alone %.1f %%), weak %.1f %%, correlation %.1f %%",
				n, 100*covered, 100*plain, effect, bias, 100*lights[verdict.Experiment], 100*lights[verdict.Good], 100*alone, 100*lights[verdict.Weak], 100*lights[verdict.Correlation])
			slack := func(p float64) float64 { return 3 * math.Sqrt(max(p*(1-p), 0.01)/n) }
			if n >= 1000 {
				slack = func(float64) float64 { return 0 }
			}
			if covered < tc.coverLow-slack(tc.coverLow) || covered > tc.coverTop+slack(tc.coverTop) {
				t.Errorf("%.3f of the intervals cover the truth, want %v to %v", covered, tc.coverLow, tc.coverTop)
			}
			if good := lights[verdict.Good]; good > tc.goodMost+slack(tc.goodMost) {
				t.Errorf("%.3f are called good evidence, want %v at most", good, tc.goodMost)
			}
			if tc.c.chance && lights[verdict.Experiment] < 0.99 { // of a thousand splits one is uneven
				t.Errorf("what chance decided is called %v", lights)
			}
		})
	}
}

// byPlacebo is 1 where a result would be good if nobody asked for a control.
func byPlacebo(r *proof.Result) float64 {
	for _, x := range r.Reasons {
		if x.Rule != "control" && x.Fits != verdict.Good {
			return 0
		}
	}
	return 1
}

func covers(e *proof.Estimate, truth float64) float64 {
	if e.Low != nil && e.High != nil && *e.Low <= truth && truth <= *e.High {
		return 1
	}
	return 0
}
