// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package study_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/did"
	"greenroom/internal/impact/experiment"
	"greenroom/internal/impact/linear"
	"greenroom/internal/impact/match"
	"greenroom/internal/impact/resample"
	"greenroom/internal/impact/study"
	"greenroom/internal/impact/survival"
	"greenroom/internal/impact/verdict"
)

// TestNobodyAlike wants an answer, and not an error, where there is nobody to compare with.
func TestNobodyAlike(t *testing.T) {
	var units []match.Unit
	for i := range 60 {
		units = append(units, match.Unit{Exposed: i < 30, Before: []float64{float64(i)}, Outcome: float64(i % 7)})
	}
	for _, method := range []study.Method{study.Propensity, study.Coarsened} {
		r, err := study.Matched(study.Question{Covariates: []string{"months"}, Units: units, Method: method, Cuts: [][]float64{{29.5}}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict.Light != verdict.Correlation || !strings.Contains(r.Verdict.Says, "Correlation only") || math.IsNaN(r.Plain.Value) || r.Overlap != 0 {
			t.Errorf("method %d: %+v", method, r)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
	}
}

// TestOnePair wants a verdict where there are too few for an interval.
func TestOnePair(t *testing.T) {
	units := []match.Unit{{Exposed: true, Before: []float64{1}, Outcome: 3}, {Before: []float64{1}, Outcome: 1}, {Exposed: true, Before: []float64{8}}, {Before: []float64{5}}}
	r, err := study.Matched(study.Question{Covariates: []string{"months"}, Units: units, Method: study.Coarsened, Cuts: [][]float64{{3, 7}}})
	if err != nil || r.Verdict.Light != verdict.Correlation || r.Overlap != 0.5 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestExposedLater is worked out by hand: likes do 3 a month, those exposed 5; of half of the likes the half of the month was with the
// exposure, and they did one more then. What is seen is 5 - 3.5 = 1.5; with a quarter of the time given back it is 1.5 / 0.75 = 2.
func TestExposedLater(t *testing.T) {
	q := study.Question{Covariates: []string{"plan"}}
	for i := range 240 {
		u, crossed := match.Unit{Exposed: i%2 == 0, Before: []float64{float64(i / 2 % 2)}, Outcome: 3 + float64(i/4%2)*0.2 - 0.1}, 0.0
		switch {
		case u.Exposed:
			u.Outcome += 2
		case i/4%4 < 2:
			u.Outcome++
			crossed = 0.5
		}
		q.Units, q.Crossed = append(q.Units, u), append(q.Crossed, crossed)
	}
	q.Method = study.Coarsened
	r, err := study.Matched(q)
	if err != nil || math.Abs(r.Effect.Value-2) > 1e-9 || math.Abs(r.Crossed-0.25) > 1e-9 {
		t.Errorf("effect %v with %v crossed, %v", r.Effect.Value, r.Crossed, err)
	}
	if !strings.Contains(r.Verdict.Says, "25 % of their time") && r.Verdict.Light == verdict.Good {
		t.Errorf("%+v", r.Verdict)
	}
}

func TestBadQuestions(t *testing.T) {
	units := community{members: 100}.make(resample.Source(1)).units
	names := []string{"months", "plan", "size", "recent"}
	for name, q := range map[string]study.Question{
		"placebo": {Covariates: names, Units: units, Placebo: []float64{1}},
		"names":   {Covariates: names[:2], Units: units},
		"empty":   {Covariates: names},
	} {
		if _, err := study.Matched(q); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	units[3].Before[1] = math.Inf(1)
	if _, err := study.Matched(study.Question{Covariates: names, Units: units}); !errors.Is(err, linear.ErrNumber) {
		t.Errorf("an infinite covariate: %v", err)
	}
}

// TestResultsInJSON checks that a report can keep a result, and that what is not known stays so.
func TestResultsInJSON(t *testing.T) {
	w := community{members: 300, effect: 1}.make(resample.Source(1))
	matched, err := study.Matched(study.Question{Covariates: []string{"months", "plan", "size", "recent"}, Units: w.units, Placebo: w.placebo})
	if err != nil {
		t.Fatal(err)
	}
	changed, err := study.Changes(w.panel, nil)
	if err != nil {
		t.Fatal(err)
	}
	two, err := study.Changes([]did.Unit{
		{From: 1, Outcomes: []float64{1, 3}},
		{From: 1, Outcomes: []float64{1, 4}},
		{From: did.Never, Outcomes: []float64{1, 1}},
		{From: did.Never, Outcomes: []float64{1, 2}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tried, err := study.Trial([]experiment.Participant{{Offered: true, Known: true, Outcome: 2}, {Offered: true, Known: true, Outcome: 3}, {Known: true, Outcome: 1}, {Known: true, Outcome: 2}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	same := cmp.Comparer(func(a, b chance.Maybe) bool { return a == b || math.IsNaN(float64(a)) && math.IsNaN(float64(b)) })
	for _, r := range []study.Result{matched, changed, two, tried} {
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back study.Result
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, back, cmpopts.EquateNaNs(), same, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	}
}

func BenchmarkMatched(b *testing.B) {
	w := community{members: 50_000, effect: 1}.make(resample.Source(1))
	for _, method := range []study.Method{study.Propensity, study.Coarsened} {
		b.Run(map[study.Method]string{study.Propensity: "propensity", study.Coarsened: "coarsened"}[method], func(b *testing.B) {
			for b.Loop() {
				if _, err := study.Matched(study.Question{Covariates: []string{"months", "plan", "size", "recent"}, Units: w.units, Placebo: w.placebo, Method: method}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestAnyUnits wants an answer or an error, never a panic, and something that JSON can keep, of whatever units there are.
func TestAnyUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(0, 3).Draw(t, "covariates")
		q := study.Question{Covariates: make([]string, k), Method: study.Method(rapid.IntRange(0, 1).Draw(t, "method")), Ratio: rapid.IntRange(0, 3).Draw(t, "ratio")}
		binary := rapid.Bool().Draw(t, "binary")
		var cases []survival.Case
		for range rapid.IntRange(0, 60).Draw(t, "units") {
			u := match.Unit{Exposed: rapid.Bool().Draw(t, "exposed"), Cluster: rapid.IntRange(0, 3).Draw(t, "cluster"), Outcome: float64(rapid.IntRange(0, 5).Draw(t, "outcome"))}
			if binary {
				u.Outcome = math.Min(u.Outcome, 1)
			}
			for range k {
				u.Before = append(u.Before, float64(rapid.IntRange(0, 4).Draw(t, "before")))
			}
			q.Units = append(q.Units, u)
			q.Placebo = append(q.Placebo, float64(rapid.IntRange(0, 2).Draw(t, "placebo")))
			cases = append(cases, survival.Case{Time: float64(rapid.IntRange(1, 9).Draw(t, "time")), Event: rapid.Bool().Draw(t, "event")})
		}
		r, err := study.Matched(q)
		if _, bad := json.Marshal(r); bad != nil {
			t.Fatal(bad)
		}
		if err == nil && r.Verdict.Says == "" {
			t.Fatalf("nothing is said of %+v", r)
		}
		r, lasting, err := study.Durations(q, cases)
		if _, bad := json.Marshal(map[string]any{"result": r, "lasting": lasting}); bad != nil {
			t.Fatal(bad)
		}
		if err == nil && r.Verdict.Says == "" {
			t.Fatalf("nothing is said of %+v", r)
		}
	})
}
