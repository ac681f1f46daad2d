// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"math"
	"testing"
)

// TestCalendar works out by hand what days between two accounts say in a community of 1,000 people, one of whom comes
// each fourth day and stays for that day.
func TestCalendar(t *testing.T) {
	const day = 10_000 // of the first one's
	people := make([]profile, 1000)
	for i := range people {
		people[i].from = day + 4*int32(i)
		people[i].to = people[i].from
	}
	c := newCalendar(people)
	at := func(from, to int32) *profile { return &profile{from: day + from, to: day + to} }
	tests := []struct {
		name string
		a, b *profile
		want float64
	}{
		// 15 people came within 30 days of either (7 before, 7 after, one on the day), and 7 strangers of 50 are expected:
		// 22 of 1,050. The most is 2.
		{"a week apart", at(2000, 2000), at(2007, 2007), 2},
		// Within 90 days came 22+22+1 people, 30 of these not within 30 days; with one stranger 31 of 1,050.
		{"two months apart", at(2000, 2000), at(2060, 2060), 0.8 * math.Log(0.08/(31.0/1050))},
		// Day 0 has 457 people within three and up to five years ahead, less those within three (274): 182; day 1,500 has
		// 375 before and 457 after it, less 274 each: 101 and 183.
		{"four years apart", at(0, 0), at(1500, 1500), 0.8 * math.Log(0.03/((8.5+(182.0+284)/2)/1050))},
		// Everybody is around while the first one is, 501 people while the second one is.
		{"always there, and for half of the time", at(0, 3996), at(1000, 3000), 0},
		// Within 30 days of 500 days in the middle came 7+126+7 people, of one day 15.
		{"for a year and a half, and in the midst of it", at(1000, 1500), at(1200, 1200), 0.8 * math.Log(0.66/((7+(140.0+15)/2)/1050))},
		{"ten years apart", at(0, 0), at(3990, 3990), -2},
	}
	for _, tt := range tests {
		for _, pair := range [][2]*profile{{tt.a, tt.b}, {tt.b, tt.a}} {
			if got := c.judge(pair[0], pair[1]); math.Abs(got.weight-tt.want) > 0.01 {
				t.Errorf("%s: %.3f, want %.3f", tt.name, got.weight, tt.want)
			}
		}
	}
	empty := newCalendar(nil)
	if got, want := empty.judge(at(0, 0), at(300, 300)).weight, 0.8*math.Log(0.12/0.1); math.Abs(got-want) > 1e-9 {
		t.Errorf("where nobody was counted a year apart says %.3f, want %.3f", got, want)
	}
}

// TestCalendarTakesAnyDates counts accounts whose dates are wrong like others.
func TestCalendarTakesAnyDates(t *testing.T) {
	people := []profile{
		{from: math.MinInt32, to: math.MaxInt32}, {from: 20_000, to: 10_000}, {from: -5, to: -5}, {from: 1, to: math.MaxInt32}, {},
	}
	c := newCalendar(people)
	for i := range people {
		for j := range people[:4] {
			if !people[i].dated() {
				continue
			}
			if w := c.judge(&people[i], &people[j]).weight; math.IsNaN(w) || w > mostTime || w < leastTime {
				t.Errorf("%+v and %+v: %v", people[i], people[j], w)
			}
		}
	}
}
