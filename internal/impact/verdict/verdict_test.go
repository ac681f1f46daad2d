// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package verdict_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/verdict"
)

// sound is evidence with which nothing is wrong.
func sound() verdict.Evidence {
	placebo, control := chance.Large(0.1, 0.5), chance.Large(-0.2, 1)
	return verdict.Evidence{
		Design: verdict.Matched, Exposed: 200, Others: 200, Groups: 60, Effect: chance.Large(5, 1), SplitUneven: math.NaN(), Lost: math.NaN(),
		LostUneven: math.NaN(), Overlap: 0.95, Balance: 0.04, Placebo: &placebo, Control: &control, TrendP: math.NaN(), EValue: 1.8,
	}
}

// TestRules breaks one thing at a time.
func TestRules(t *testing.T) {
	wide, off, hint := chance.Large(0.5, 2), chance.Large(3, 1), chance.Large(0.5, 0.3)
	along, against := chance.Large(0.3, 0.3), chance.Large(-0.3, 0.3) // p 0.32
	for _, tc := range []struct {
		name string
		how  func(e *verdict.Evidence)
		want verdict.Light
		rule string
	}{
		{"sound", func(*verdict.Evidence) {}, verdict.Good, ""},
		{"randomized", func(e *verdict.Evidence) { e.Design = verdict.Randomized }, verdict.Experiment, ""},
		{"randomized, without effect", func(e *verdict.Evidence) { e.Design, e.Effect = verdict.Randomized, chance.Large(0, 1) }, verdict.Experiment, ""},
		{"uneven split", func(e *verdict.Evidence) { e.Design, e.SplitUneven = verdict.Randomized, 1e-6 }, verdict.Weak, "split"},
		{"much lost", func(e *verdict.Evidence) { e.Design, e.Lost = verdict.Randomized, 0.4 }, verdict.Weak, "lost"},
		{"lost on one side", func(e *verdict.Evidence) { e.Design, e.Lost, e.LostUneven = verdict.Randomized, 0.1, 0.001 }, verdict.Weak, "lost"},
		{"plain", func(e *verdict.Evidence) { e.Design = verdict.Plain }, verdict.Correlation, "design"},
		{"late", func(e *verdict.Evidence) { e.Late = true }, verdict.Correlation, "before"},
		{"few", func(e *verdict.Evidence) { e.Others = 30 }, verdict.Weak, "size"},
		{"very few", func(e *verdict.Evidence) { e.Exposed = 12 }, verdict.Correlation, "size"},
		{"few clusters", func(e *verdict.Evidence) { e.Groups = 6 }, verdict.Weak, "clusters"},
		{"little overlap", func(e *verdict.Evidence) { e.Overlap = 0.6 }, verdict.Weak, "overlap"},
		{"hardly any overlap", func(e *verdict.Evidence) { e.Overlap = 0.3 }, verdict.Correlation, "overlap"},
		{"not quite balanced", func(e *verdict.Evidence) { e.Balance = 0.2 }, verdict.Weak, "balance"},
		{"not balanced", func(e *verdict.Evidence) { e.Balance = 0.4 }, verdict.Correlation, "balance"},
		{"no placebo", func(e *verdict.Evidence) { e.Placebo = nil }, verdict.Weak, "placebo"},
		{"wide placebo", func(e *verdict.Evidence) { e.Placebo = &wide }, verdict.Weak, "placebo"},
		{"placebo not quite nothing", func(e *verdict.Evidence) { e.Placebo = &hint }, verdict.Weak, "placebo"},
		{"placebo along", func(e *verdict.Evidence) { e.Placebo = &along }, verdict.Weak, "placebo"},
		{"placebo against", func(e *verdict.Evidence) { e.Placebo = &against }, verdict.Good, ""},
		{"some exposed later", func(e *verdict.Evidence) { e.Crossed = 0.1 }, verdict.Good, "crossed"},
		{"many exposed later", func(e *verdict.Evidence) { e.Crossed = 0.3 }, verdict.Weak, "crossed"},
		{"most exposed later", func(e *verdict.Evidence) { e.Crossed = 0.6 }, verdict.Correlation, "crossed"},
		{"no control", func(e *verdict.Evidence) { e.Control = nil }, verdict.Weak, "control"},
		{"control off", func(e *verdict.Evidence) { e.Control = &off }, verdict.Correlation, "control"},
		{"wide control", func(e *verdict.Evidence) { e.Control = &wide }, verdict.Weak, "control"},
		{"control not quite nothing", func(e *verdict.Evidence) { e.Control = &hint }, verdict.Weak, "control"},
		{"control along", func(e *verdict.Evidence) { e.Control = &along }, verdict.Weak, "control"},
		{"control against", func(e *verdict.Evidence) { e.Control = &against }, verdict.Good, ""},
		{"placebo off", func(e *verdict.Evidence) { e.Placebo = &off }, verdict.Correlation, "placebo"},
		{"no effect", func(e *verdict.Evidence) { e.Effect = chance.Large(1, 1) }, verdict.Weak, "interval"},
		{"fragile", func(e *verdict.Evidence) { e.EValue = 1.1 }, verdict.Weak, "e-value"},
		{"changes", func(e *verdict.Evidence) { e.Design, e.TrendP = verdict.Changes, 0.4 }, verdict.Good, ""},
		{"other trend", func(e *verdict.Evidence) { e.Design, e.TrendP = verdict.Changes, 0.01 }, verdict.Correlation, "trend"},
		{"series", func(e *verdict.Evidence) { e.Design = verdict.Series }, verdict.Weak, "comparison"},
		{"not a number", func(e *verdict.Evidence) { e.Overlap, e.Balance = math.NaN(), math.NaN() }, verdict.Correlation, "overlap"},
	} {
		e := sound()
		tc.how(&e)
		v := verdict.Judge(e)
		if v.Light != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, v.Light, tc.want)
		}
		found := tc.rule == ""
		for _, f := range v.Findings {
			found = found || f.Rule == tc.rule && f.Fits == tc.want
			if !strings.HasSuffix(f.Says, ".") {
				t.Errorf("%s: %q is no sentence", tc.name, f.Says)
			}
		}
		if !found || v.Says == "" {
			t.Errorf("%s: not said in %+v", tc.name, v)
		}
	}
}

// TestWorseIsNotBetter checks that taking evidence away never makes the light better.
func TestWorseIsNotBetter(t *testing.T) {
	order := map[verdict.Light]int{verdict.Correlation: 0, verdict.Weak: 1, verdict.Good: 2, verdict.Experiment: 3}
	rapid.Check(t, func(t *rapid.T) {
		e := sound()
		e.Exposed, e.Others, e.Groups = rapid.IntRange(0, 200).Draw(t, "exposed"), rapid.IntRange(0, 200).Draw(t, "others"), rapid.IntRange(0, 60).Draw(t, "groups")
		e.Overlap, e.Balance = rapid.Float64Range(0, 1).Draw(t, "overlap"), rapid.Float64Range(0, 0.5).Draw(t, "balance")
		e.Effect = chance.Large(rapid.Float64Range(-5, 5).Draw(t, "effect"), 1)
		worse := e
		worse.Overlap -= rapid.Float64Range(0, 1).Draw(t, "less overlap")
		worse.Balance += rapid.Float64Range(0, 1).Draw(t, "less balance")
		worse.Exposed -= rapid.IntRange(0, 50).Draw(t, "fewer")
		if rapid.Bool().Draw(t, "without control") {
			worse.Control = nil
		}
		if rapid.Bool().Draw(t, "without placebo") {
			worse.Placebo = nil
		}
		if a, b := verdict.Judge(e), verdict.Judge(worse); order[b.Light] > order[a.Light] {
			t.Fatalf("%+v is %s, and %+v is %s", e, a.Light, worse, b.Light)
		}
	})
}
