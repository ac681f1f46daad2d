// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health_test

import (
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/health"
	"greenroom/internal/impact/noise"
)

// monthly is so many months before November 2026 of 60 activities each, but for the Octobers, and the last one.
func monthly(months, octobers, last int) []act {
	var acts []act
	for back := 1; back <= months; back++ {
		day := time.Date(2026, time.November-time.Month(back), 10, 12, 0, 0, 0, time.UTC)
		n := 60
		switch {
		case back == 1:
			n = last
		case day.Month() == time.October:
			n = octobers
		}
		for range n {
			acts = append(acts, act{1, int(now.Sub(day).Hours() / 24), greenroom.KindMessage})
		}
	}
	return acts
}

// TestSeasons looks at an October after Octobers that were half of their Septembers.
func TestSeasons(t *testing.T) {
	for _, tt := range []struct {
		name                  string
		months, octobers, now int
		seasons               int
		real, knows           bool
		says                  string
	}{
		{"it halves every year", 40, 30, 30, 3, false, true, "A year before, October was 50 % lower than September, too (30 after 60)."},
		{"it should have halved", 40, 30, 60, 3, true, true, "A year before, October was 50 % lower than September (30 after 60)."},
		{"it never halved before", 40, 60, 30, 3, true, true, "A year before, October was like September (60 after 60)."},
		{"two years are enough", 27, 30, 30, 2, false, true, "A year before, October was 50 % lower than September, too (30 after 60)."},
		{"one year is said, but no verdict", 20, 30, 30, 0, true, false, "A year before, October was 50 % lower than September, too (30 after 60)."},
		{"nothing is known", 13, 30, 30, 0, true, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := place(t, monthly(tt.months, tt.octobers, tt.now)...)
			v, err := s.Movement(t.Context(), health.MovementRequest{Metric: "activities", By: analytics.Month})
			if err != nil {
				t.Fatal(err)
			}
			if v.Noise.Real != tt.real || noise.Seasonal(v.Noise.Test) != tt.knows || len(v.Series) > 13 || *v.Value != float64(tt.now) {
				t.Errorf("got %+v", v)
			}
			if tt.says == "" {
				if v.Seasonal != nil {
					t.Errorf("a season of %+v", v.Seasonal)
				}
				return
			}
			if then := v.Seasonal; then == nil || then.Says != tt.says || then.Seasons != tt.seasons || !strings.Contains(then.Records, "2025-10") {
				t.Errorf("got %+v", then)
			}
		})
	}
}

// TestWeekdays looks at a Thursday after Thursdays on which little is ever said.
func TestWeekdays(t *testing.T) {
	var acts []act
	for ago := 1; ago <= 70; ago++ {
		n := 20
		if now.AddDate(0, 0, -ago).Weekday() == time.Thursday {
			n = 4
		}
		for range n {
			acts = append(acts, act{1, ago, greenroom.KindMessage})
		}
	}
	s, _ := place(t, acts...)
	v, err := s.Movement(t.Context(), health.MovementRequest{Metric: "activities", By: analytics.Day})
	if err != nil {
		t.Fatal(err)
	}
	if v.Noise.Real || v.Noise.Test != noise.TestSeasonRates || v.Says != "Activities: 4, down 16 from 20 (−80 %)." {
		t.Errorf("got %+v", v)
	}
	if then := v.Seasonal; then == nil || then.Says != "In the 8 weeks before, Thursdays were 80 % lower than Wednesdays, too (4 after 20 on average)." || then.Every != "week" || then.Seasons != 8 {
		t.Errorf("got %+v", then)
	}
	for want, r := range map[string]health.MovementRequest{
		"table of cohorts":     {Metric: "retention"},
		`not by "total"`:       {Metric: "activities", By: analytics.Total},
		`no metric "fidelity"`: {Metric: "fidelity"},
	} {
		if _, err := s.Movement(t.Context(), r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
