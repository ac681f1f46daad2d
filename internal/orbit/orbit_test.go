// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package orbit_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"greenroom"
	"greenroom/internal/orbit"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// TestVersion1 holds the worked examples of the README of version 1.
func TestVersion1(t *testing.T) {
	for name, tc := range map[string]struct {
		activities []orbit.ActivityV1
		want       float64
	}{
		"Marie":    {[]orbit.ActivityV1{{3, 1}, {3, 1}}, 5.4},
		"Jennifer": {[]orbit.ActivityV1{{1, 3}, {3, 0}}, 3.729},
		"Terrence": {[]orbit.ActivityV1{{1, 2}}, 0.81},
		"nobody":   {nil, 0},
	} {
		if got := orbit.LoveV1(tc.activities); !near(got, tc.want) {
			t.Errorf("love of %s is %v, want %v", name, got, tc.want)
		}
	}
	if got := orbit.GravityV1([]orbit.MemberV1{{3, 4}, {6, 3}, {7, 3}, {10, 2}, {2, 1}}); got != 12+18+21+20+2 {
		t.Errorf("gravity is %v, want 73", got)
	}
	if got := orbit.ReachV1([]orbit.CriterionV1{{2, true}, {3, false}, {1, true}}); got != 3 {
		t.Errorf("reach is %v, want 3", got)
	}
}

// TestPositions holds the table of activity weights and milestones of version 2.
func TestPositions(t *testing.T) {
	for i, want := range []string{
		"Exploring III", "Exploring II", "Exploring I", "Participating III", "Participating II", "Participating I",
		"Contributing III", "Contributing II", "Contributing I", "Leading III", "Leading II", "Leading I",
	} {
		p := orbit.ByWeight(float64(i + 1))
		if p.String() != want || p.Level() != 4-i/3 || p.Step() != 3-i%3 {
			t.Errorf("weight %d is %s (level %d, step %d), want %s", i+1, p, p.Level(), p.Step(), want)
		}
	}
	for want, p := range map[string]orbit.Presence{
		"none":              {},
		"Participating III": {Weeks: 1},
		"Participating II":  {Weeks: 2},
		"Participating I":   {Weeks: 9},
		"Contributing III":  {Weeks: 9, Months: 1},
		"Contributing I":    {Months: 3},
		"Leading III":       {Weeks: 13, Months: 3, Quarters: 1},
		"Leading II":        {Quarters: 2},
		"Leading I":         {Quarters: 4},
	} {
		if got := orbit.ByPresence(p).String(); got != want {
			t.Errorf("%+v is %s, want %s", p, got, want)
		}
	}
	if orbit.ByWeight(0.5) != orbit.Nowhere || orbit.ByWeight(40) != orbit.Inmost {
		t.Error("weights beyond the scale are not held to it")
	}
}

// TestGravityVersion2 holds the worked example of the page on measuring gravity.
func TestGravityVersion2(t *testing.T) {
	january, february, march := orbit.Count{0, 1, 4, 8, 17}, orbit.Count{0, 1, 5, 9, 15}, orbit.Count{0, 2, 6, 10, 12}
	for i, want := range []float64{441, 504, 666} {
		if got := []orbit.Count{january, february, march}[i].Commitment(); got != want {
			t.Errorf("weighted commitment is %v, want %v", got, want)
		}
	}
	for i, want := range []float64{2.1, 5.4} {
		pair := [][2]orbit.Count{{january, february}, {february, march}}[i]
		if got, ok := orbit.GravityOf(pair[0], pair[1]).Value(); !ok || !near(got, want) {
			t.Errorf("gravity is %v, want %v", got, want)
		}
	}
	if _, ok := orbit.GravityOf(orbit.Count{}, january).Value(); ok {
		t.Error("there is gravity without members")
	}
}

// TestFlow moves four members; one comes and one leaves.
func TestFlow(t *testing.T) {
	var f orbit.Flow
	for _, m := range [][2]orbit.Position{{1, 4}, {4, 5}, {7, 4}, {0, 2}, {3, 0}, {0, 0}} {
		f.Move(m[0], m[1])
	}
	// Before: two Exploring, one Participating, one Contributing = 2 + 16 + 49. After: one, three = 1 + 48.
	g := f.Gravity
	if g.Before != 67 || g.After != 49 || g.Members != 4 || g.Joined != 1 || g.Left != 1 || g.JoinedChange != 1 || g.LeftChange != -1 {
		t.Errorf("got %+v", g)
	}
	if v, _ := g.Value(); v != -4.5 {
		t.Errorf("gravity is %v, want -18 / 4", v)
	}
	if v, _ := g.Stayed(); v != -6 {
		t.Errorf("gravity of those who stayed is %v, want (15 - 33) / 3", v)
	}
	if f.Up != (orbit.Count{4: 1}) || f.Held != (orbit.Count{3: 1}) || f.Down != (orbit.Count{2: 1, 4: 1}) {
		t.Errorf("up %v, held %v, down %v", f.Up, f.Held, f.Down)
	}
}

// TestReach holds the worked examples of the page on measuring reach. The page prints 1.9 for the last one.
func TestReach(t *testing.T) {
	if got := orbit.Reach([]float64{4, 3, 1, 7}); got != 15 {
		t.Errorf("reach is %v, want 15", got)
	}
	if got := orbit.Strength(7, 3); !near(got, 5.103) {
		t.Errorf("strength is %v, want 5.103", got)
	}
	if got := orbit.Strength(7, 12); math.Abs(got-1.977) > 0.001 {
		t.Errorf("strength is %v, want 1.977", got)
	}
	if got := orbit.Density(5, 6); !near(got, 0.6) {
		t.Errorf("density is %v, want 0.6", got)
	}
	first, second := orbit.Degrees([][2]int64{{1, 2}, {2, 3}, {3, 4}, {1, 3}})
	if first[3] != 3 || second[4] != 3 || first[4] != 1 {
		t.Errorf("degrees %v, %v", first, second)
	}
}

func day(s string) time.Time {
	v, err := time.ParseInLocation("2006-01-02 15:04", s, berlin())
	if err != nil {
		panic(err)
	}
	return v
}

func berlin() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}

// TestTally works levels, love and points of one member out by hand.
func TestTally(t *testing.T) {
	m, _ := orbit.Default(orbit.Levels)
	at := day("2026-03-20 12:00")
	levels := orbit.NewTally(&m, at, day("2020-01-01 00:00"), berlin())
	// The look-back reaches back from 1 March: 2 March 2025 is its first day.
	if got := levels.From(); !got.Equal(day("2025-03-02 00:00")) {
		t.Errorf("looks back to %s", got)
	}
	add := func(t *orbit.Tally, id int64, kind greenroom.Kind, when string) { t.Add(id, kind, day(when).Unix(), 1) }
	add(levels, 1, greenroom.KindIssue, "2025-03-01 23:59")   // a day too early: would be Participating III
	add(levels, 1, greenroom.KindMessage, "2025-03-02 00:00") // weight 2
	add(levels, 1, greenroom.KindMessage, "2026-03-20 12:01") // after the moment
	if s := levels.Score(1); s.Position().String() != "Exploring II" {
		t.Errorf("got %s", s.Position())
	}
	// Monday and Sunday of a week, over the change of the clock, and two days of the next: two weeks.
	for _, when := range []string{"2025-03-24 00:10", "2025-03-30 23:50", "2025-03-31 00:05", "2025-04-01 10:00"} {
		add(levels, 1, greenroom.KindMessage, when)
	}
	s := levels.Score(1)
	if s.Position().String() != "Participating II" || s.Days != (orbit.Presence{Weeks: 2}) || s.Weight != 2 || s.Level != 3 || s.Step != 2 {
		t.Errorf("got %+v", s)
	}
	add(levels, 1, greenroom.KindRelease, "2025-12-24 10:00")
	if s := levels.Score(1); s.Position().String() != "Contributing I" {
		t.Errorf("got %+v", s)
	}
	if levels.Score(2) != (orbit.Score{}) {
		t.Error("somebody without activities has a score")
	}

	m, _ = orbit.Default(orbit.Love)
	love := orbit.NewTally(&m, at, day("2020-01-01 00:00"), berlin())
	add(love, 1, greenroom.KindPullRequest, "2026-02-28 23:59") // 3 × 0.9
	add(love, 1, greenroom.KindPullRequest, "2026-02-01 00:00") // 3 × 0.9
	if s := love.Score(1); !near(s.Value, 5.4) || s.Level != 3 {
		t.Errorf("love: %+v", s)
	}

	m, _ = orbit.Default(orbit.Points)
	m.HalfLife, m.Channels = 10, map[string]float64{"help": 2}
	points := orbit.NewTally(&m, at, day("2020-01-01 00:00"), berlin())
	points.Add(1, greenroom.KindIssue, day("2026-03-20 01:00").Unix(), points.Factor("#Help"))  // 20
	points.Add(1, greenroom.KindIssue, day("2026-03-10 01:00").Unix(), points.Factor("random")) // 5
	if s := points.Score(1); !near(s.Value, 25) || s.Level != 3 {
		t.Errorf("points: %+v", s)
	}
}

// TestNobodyFallsWithinAnInterval adds activities and lets time pass within a month: nobody's level can fall.
func TestNobodyFallsWithinAnInterval(t *testing.T) {
	kinds := []greenroom.Kind{greenroom.KindReaction, greenroom.KindMessage, greenroom.KindIssue, greenroom.KindRelease}
	rapid.Check(t, func(t *rapid.T) {
		m, _ := orbit.Default(orbit.Levels)
		m.LookBack = rapid.IntRange(1, 60).Draw(t, "look back")
		early, late := rapid.IntRange(1, 30).Draw(t, "early"), rapid.IntRange(1, 30).Draw(t, "late")
		early, late = min(early, late), max(early, late)
		start := time.Date(2026, 4, 1, 0, 0, 0, 0, berlin())
		a := orbit.NewTally(&m, start.AddDate(0, 0, early-1), start.AddDate(-1, 0, 0), berlin())
		b := orbit.NewTally(&m, start.AddDate(0, 0, late-1), start.AddDate(-1, 0, 0), berlin())
		for range rapid.IntRange(0, 30).Draw(t, "activities") {
			k := rapid.SampledFrom(kinds).Draw(t, "kind")
			when := start.Add(-time.Duration(rapid.IntRange(-30*24, 60*24).Draw(t, "hours")) * time.Hour).Unix()
			a.Add(1, k, when, 1)
			b.Add(1, k, when, 1)
		}
		before, after := a.Score(1), b.Score(1)
		if after.Position() < before.Position() {
			t.Fatalf("fell from %s to %s within a month", before.Position(), after.Position())
		}
	})
}

func TestModelsThatMakeNoSense(t *testing.T) {
	for _, m := range orbit.Defaults() {
		if err := m.Validate(); err != nil {
			t.Errorf("%s as it comes: %v", m.Name, err)
		}
	}
	for want, change := range map[string]func(m *orbit.Model){
		"no activity kind":        func(m *orbit.Model) { m.Weights["dance"] = 1 },
		"from 0 to 12":            func(m *orbit.Model) { m.Weights["issue"] = 13 },
		"not each \"day\"":        func(m *orbit.Model) { m.Interval = "day" },
		"there is no score":       func(m *orbit.Model) { m.Name = "karma" },
		"not by where":            func(m *orbit.Model) { m.Channels = map[string]float64{"help": 2} },
		"days must be":            func(m *orbit.Model) { m.LookBack = -1 },
		"must fall from level":    func(m *orbit.Model) { *m, _ = orbit.Default(orbit.Love); m.Thresholds[2] = math.NaN() },
		"from 0 to 100 times":     func(m *orbit.Model) { *m, _ = orbit.Default(orbit.Love); m.Channels = map[string]float64{"x": -1} },
		"weight of issue must be": func(m *orbit.Model) { m.Weights["issue"] = math.Inf(1) },
	} {
		m, _ := orbit.Default(orbit.Levels)
		change(&m)
		if err := m.Validate(); err == nil || greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
