// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package attribution_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"greenroom/internal/impact/attribution"
)

func day(n int) time.Time { return time.Date(2026, 1, 1+n, 9, 0, 0, 0, time.UTC) }

// TestThreeDefinitions has one deal that each definition sees differently: contact 7 came by a webinar, their colleague 8, who is
// not on the deal, had asked in the community before, and the form says "Community".
func TestThreeDefinitions(t *testing.T) {
	d := attribution.Deal{ID: 1, Organization: 5, Contacts: []int64{7}, Created: day(50), Closed: day(90), Won: true, Amount: 1000, Source: " community"}
	touches := []attribution.Touch{
		{At: day(10), Contact: 8, Organization: 5, Channel: "forum", Community: true},
		{At: day(20), Contact: 7, Organization: 5, Channel: "webinar"},
		{At: day(30), Contact: 7, Organization: 5, Channel: "forum", Community: true},
		{At: day(60), Contact: 7, Organization: 5, Channel: "forum", Community: true},
		{At: day(5), Contact: 9, Organization: 6, Channel: "forum", Community: true}, // of somebody else
	}
	o := attribution.Sourced(d, touches, []string{"Community", "Slack"})
	if diff := cmp.Diff(attribution.Origin{ByOrganization: true, ByRecord: true, Touched: true}, o); diff != "" {
		t.Error(diff)
	}
	v := attribution.Influenced(d, touches, 30*24*time.Hour, day(200))
	if diff := cmp.Diff(attribution.Influence{Creation: 1, Close: 1}, v); diff != "" {
		t.Error(diff)
	}
	open := attribution.Deal{ID: 2, Organization: 6, Created: day(3), Amount: 400}
	lost := attribution.Deal{ID: 3, Organization: 5, Created: day(15), Closed: day(35), Amount: 50}
	got := attribution.Total([]attribution.Deal{d, open, lost}, touches, []string{"Community"}, 30*24*time.Hour, day(200))
	want := attribution.Totals{
		All: attribution.Sum{Deals: 3, Amount: 1450}, Won: attribution.Sum{Deals: 1, Amount: 1000},
		SourcedByOrganization: attribution.Sum{Deals: 2, Amount: 1050}, SourcedByRecord: attribution.Sum{Deals: 1, Amount: 1000},
		InfluencedPipeline: attribution.Sum{Deals: 2, Amount: 1050}, InfluencedRevenue: attribution.Sum{Deals: 1, Amount: 1000},
		Untouched: attribution.Sum{Deals: 1, Amount: 400},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestModels spreads five touches, with the lead made by the second and the deal by the fourth, as the models' definitions say.
func TestModels(t *testing.T) {
	j := attribution.Journey{Lead: day(7), Created: day(21), Closed: day(28)}
	for i := range 5 {
		j.Touches = append(j.Touches, attribution.Touch{At: day(7 * i)})
	}
	near := cmpopts.EquateApprox(0, 1e-12)
	for model, want := range map[attribution.Model][]float64{
		attribution.First:    {1, 0, 0, 0, 0},
		attribution.Last:     {0, 0, 0, 0, 1},
		attribution.Linear:   {0.2, 0.2, 0.2, 0.2, 0.2},
		attribution.UShaped:  {0.4, 0.4, 0.2 / 3, 0.2 / 3, 0.2 / 3},
		attribution.WShaped:  {0.3, 0.3, 0.05, 0.3, 0.05},
		attribution.FullPath: {0.225, 0.225, 0.1, 0.225, 0.225},
		attribution.Decay:    {1.0 / 31, 2.0 / 31, 4.0 / 31, 8.0 / 31, 16.0 / 31},
	} {
		got, err := attribution.Split(j, model, attribution.HalfLife)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, near); diff != "" {
			t.Errorf("%s: %s", model, diff)
		}
	}
	// Fewer touches than positions: what nobody gets goes to the others in proportion.
	for _, tc := range []struct {
		touches []int
		model   attribution.Model
		want    []float64
	}{
		{[]int{0}, attribution.WShaped, []float64{1}},
		{[]int{0, 7}, attribution.UShaped, []float64{0.5, 0.5}},
		{[]int{0, 7}, attribution.WShaped, []float64{1.0 / 3, 2.0 / 3}},
		{[]int{0, 14}, attribution.WShaped, []float64{2.0 / 3, 1.0 / 3}},
		{[]int{0, 7, 21, 27}, attribution.FullPath, []float64{0.25, 0.25, 0.25, 0.25}},
		{[]int{22, 40}, attribution.UShaped, []float64{1, 0}}, // the lead was made before any touch, the second comes after the close
	} {
		short := j
		short.Touches = nil
		for _, n := range tc.touches {
			short.Touches = append(short.Touches, attribution.Touch{At: day(n)})
		}
		got, err := attribution.Split(short, tc.model, attribution.HalfLife)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, got, near); diff != "" {
			t.Errorf("%v %s: %s", tc.touches, tc.model, diff)
		}
	}
	if got, err := attribution.Split(attribution.Journey{}, attribution.First, 0); got != nil || err != nil {
		t.Errorf("no touches: %v %v", got, err)
	}
	if _, err := attribution.Split(j, "astrology", 0); err == nil {
		t.Error("an unknown model is taken")
	}
	if _, err := attribution.Split(j, attribution.Decay, 0); err == nil {
		t.Error("no half-life is taken")
	}
}

// TestSharesAddUp checks that no model makes or loses money.
func TestSharesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) time.Time {
			n := rapid.IntRange(-1, 60).Draw(t, name)
			if n < 0 {
				return time.Time{}
			}
			return day(n)
		}
		var journeys []attribution.Journey
		total := 0.0
		for range rapid.IntRange(1, 4).Draw(t, "deals") {
			j := attribution.Journey{Lead: draw("lead"), Created: draw("created"), Closed: draw("closed")}
			counted := false
			for range rapid.IntRange(0, 6).Draw(t, "touches") {
				touch := attribution.Touch{At: day(rapid.IntRange(0, 60).Draw(t, "at")), Channel: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "channel")}
				counted = counted || j.Closed.IsZero() || !touch.At.After(j.Closed)
				j.Touches = append(j.Touches, touch)
			}
			amount := rapid.Float64Range(1, 1e6).Draw(t, "amount")
			if counted {
				total += amount
			}
			j.Amount = amount
			journeys = append(journeys, j)
		}
		for _, model := range attribution.Models() {
			credits, err := attribution.Credits(journeys, model, attribution.HalfLife)
			if err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for _, c := range credits {
				if c.Amount < 0 || math.IsNaN(c.Amount) {
					t.Fatalf("%s: %+v", model, c)
				}
				sum += c.Amount
			}
			if math.Abs(sum-total) > 1e-6 {
				t.Fatalf("%s: %v of %v", model, sum, total)
			}
		}
	})
}
