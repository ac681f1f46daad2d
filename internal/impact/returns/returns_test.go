// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package returns_test

import (
	"errors"
	"math"
	"testing"

	"greenroom/internal/impact/assumption"
	"greenroom/internal/impact/returns"
	"greenroom/internal/impact/verdict"
)

// TestOver is worked out by hand: a year of 10,000 a month for people, half of a tool of 6,000 a year, 5,000 once; it brings 8,000 a
// month of savings that an experiment showed and 100,000 of revenue by correlation. Cost 128,000, value 196,000 or 96,000.
func TestOver(t *testing.T) {
	costs := []returns.Cost{
		{Amount: assumption.Exactly("people", 10_000, "$", "payroll"), Rhythm: returns.Monthly},
		{Amount: assumption.Exactly("tool", 6_000, "$", "invoice"), Rhythm: returns.Yearly, Share: 0.5},
		{Amount: assumption.Exactly("launch", 5_000, "$", "invoice")},
	}
	values := []returns.Value{
		{Amount: assumption.Input{Name: "savings", Low: 6_000, Likely: 8_000, High: 9_000, Origin: "experiment"}, Rhythm: returns.Monthly, About: "support", Light: verdict.Experiment},
		{Amount: assumption.Input{Name: "revenue", Low: 0, Likely: 100_000, High: 300_000, Origin: "CRM"}, About: "revenue", Light: verdict.Correlation},
	}
	a, err := returns.Over(12, costs, values, 1)
	if err != nil {
		t.Fatal(err)
	}
	if a.All.Cost.Likely != 128_000 || a.All.Value.Likely != 196_000 || a.Sure.Value.Likely != 96_000 {
		t.Errorf("cost %v, value %v, sure %v", a.All.Cost.Likely, a.All.Value.Likely, a.Sure.Value.Likely)
	}
	if math.Abs(a.All.ROI.Likely-68.0/128) > 1e-12 || math.Abs(a.Sure.ROI.Likely+0.25) > 1e-12 {
		t.Errorf("ROI %v, sure %v", a.All.ROI.Likely, a.Sure.ROI.Likely)
	}
	if a.Sure.Loss != 1 || a.All.Loss <= 0 || a.All.Loss >= 0.5 || a.All.ROI.Swings[0].Input.Name != "revenue" {
		t.Errorf("loss %v, sure %v, %+v", a.All.Loss, a.Sure.Loss, a.All.ROI.Swings[0])
	}
	// By hand, P(value < cost): savings S have mean 92,000; roughly that revenue < 36,000: 36^2/(300*100) = 0.043.
	if math.Abs(a.All.Loss-0.045) > 0.01 {
		t.Errorf("loss %v", a.All.Loss)
	}
	twice := append(values, returns.Value{Amount: assumption.Exactly("influenced", 5, "$", "CRM"), About: "revenue"})
	if _, err := returns.Over(12, costs, twice, 1); !errors.Is(err, returns.ErrTwice) {
		t.Errorf("counted twice: %v", err)
	}
	if _, err := returns.Over(12, nil, values, 1); !errors.Is(err, returns.ErrNoCost) {
		t.Errorf("no cost: %v", err)
	}
}

// TestHours is worked out by hand: 5 minutes for 120 members in Slack and 3 for 200 in a forum, twice each, make 10 + 20 hours.
func TestHours(t *testing.T) {
	chores := []returns.Chore{
		{Process: "welcome", Surface: "Slack", Minutes: 5, Members: 120},
		{Process: "welcome", Surface: "forum", Minutes: 3, Members: 200, Runs: 2},
	}
	if got := returns.Hours(chores); got != 30 {
		t.Errorf("%v hours", got)
	}
	f, err := returns.Forecast(chores, returns.Automation{Rate: 60, Cost: 300, Growth: 0.1, Periods: 3, Share: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []returns.Period{{15, 900, 600, 600}, {16.5, 990, 690, 1290}, {18.15, 1089, 789, 2079}} {
		for k, v := range []float64{f[i].Hours - want.Hours, f[i].Worth - want.Worth, f[i].Net - want.Net, f[i].Total - want.Total} {
			if math.Abs(v) > 1e-9 {
				t.Errorf("period %d, %d: %+v, want %+v", i, k, f[i], want)
			}
		}
	}
	if _, err := returns.Forecast(chores, returns.Automation{}); err == nil {
		t.Error("no periods are taken")
	}
	if returns.Overlap(chores, 400) != "" || returns.Overlap(chores, 250) == "" {
		t.Errorf("%q and %q", returns.Overlap(chores, 400), returns.Overlap(chores, 250))
	}
}
