// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package study_test

import (
	"math"
	"testing"

	"greenroom/internal/impact/experiment"
	"greenroom/internal/impact/resample"
	"greenroom/internal/impact/series"
	"greenroom/internal/impact/study"
	"greenroom/internal/impact/survival"
	"greenroom/internal/impact/verdict"
)

// TestSimulatedSeries measures intervals of interrupted time series with memory: each month keeps a part of the last one's deviation.
func TestSimulatedSeries(t *testing.T) {
	for _, tc := range []struct {
		name   string
		n      int
		memory float64
		least  float64
	}{{"36 months", 36, 0, 0.93}, {"36 months with memory", 36, 0.3, 0.9}, {"104 weeks with memory", 104, 0.3, 0.93}, {"36 months with much memory", 36, 0.6, 0.88}} {
		t.Run(tc.name, func(t *testing.T) {
			n := float64(communities(t))
			covered := 0.0
			for seed := range int(n) {
				random := resample.Source(uint64(seed) + 1)
				from, deviation := tc.n*2/3, 0.0
				var y []float64
				for i := range tc.n {
					deviation = tc.memory*deviation + random.NormFloat64()
					v := 20 + 0.2*float64(i) + deviation
					if i >= from {
						v += 3
					}
					y = append(y, v)
				}
				r, err := series.Interrupted(y, series.Options{From: from})
				if err != nil {
					t.Fatal(err)
				}
				if r.Level.Low <= 3 && r.Level.High >= 3 {
					covered++
				}
			}
			t.Logf("%4.0f series: the interval of the jump covers %.1f %%", n, 100*covered/n)
			if covered/n < tc.least-2.6*math.Sqrt(tc.least*(1-tc.least)/n) {
				t.Errorf("%.3f of the intervals cover the truth, want %v", covered/n, tc.least)
			}
		})
	}
}

// TestSimulatedClusters measures experiments in which chance decides by company, and people of one company go together.
func TestSimulatedClusters(t *testing.T) {
	for companies, bounds := range map[int][2]float64{20: {0.91, 0.98}, 60: {0.93, 0.97}} {
		n := float64(communities(t)) * 2
		covered, alone := 0.0, 0.0
		for seed := range int(n) {
			random := resample.Source(uint64(seed) + 1)
			var all []experiment.Participant
			for c := range companies {
				mood := random.NormFloat64()
				for range 3 + random.IntN(12) {
					p := experiment.Participant{Offered: c%2 == 0, Known: true, Outcome: mood + random.NormFloat64(), Cluster: c + 1}
					if p.Offered {
						p.Outcome++
					}
					all = append(all, p)
				}
			}
			r, err := experiment.Assigned(all, 0.5)
			if err != nil {
				t.Fatal(err)
			}
			if r.Difference.Low <= 1 && r.Difference.High >= 1 {
				covered++
			}
			for i := range all {
				all[i].Cluster = 0
			}
			if r, err = experiment.Assigned(all, 0.5); err != nil {
				t.Fatal(err)
			}
			if r.Difference.Low <= 1 && r.Difference.High >= 1 {
				alone++
			}
		}
		t.Logf("%4.0f experiments with %d companies: the interval covers %.1f %%; without telling of companies %.1f %%", n, companies, 100*covered/n, 100*alone/n)
		slack := 2.6 * math.Sqrt(0.05*0.95/n)
		if covered/n < bounds[0]-slack || covered/n > bounds[1]+slack {
			t.Errorf("%d companies: %.3f of the intervals cover the truth, want %v", companies, covered/n, bounds)
		}
	}
}

// TestImmortalTime has accounts that join the community at a random time, if they have not left until then, which changes nothing.
// Counted as members from the start they seem to stay longer; counted as members from when they join, they do not.
func TestImmortalTime(t *testing.T) {
	n := float64(communities(t))
	covered, fooled := 0.0, 0.0
	for seed := range int(n) {
		random := resample.Source(uint64(seed) + 1)
		var split, naive []survival.Case
		var splitX, naiveX [][]float64
		for range 300 {
			leaves, joins := random.ExpFloat64()*24, random.ExpFloat64()*24
			end, left := min(leaves, 24), leaves < 24
			member := joins < end
			if member {
				split = append(split, survival.Case{Time: joins}, survival.Case{Start: joins, Time: end, Event: left})
				splitX = append(splitX, []float64{0}, []float64{1})
				naiveX = append(naiveX, []float64{1})
			} else {
				split = append(split, survival.Case{Time: end, Event: left})
				splitX = append(splitX, []float64{0})
				naiveX = append(naiveX, []float64{0})
			}
			naive = append(naive, survival.Case{Time: end, Event: left})
		}
		right, err := survival.Cox(split, splitX, survival.Efron)
		if err != nil {
			t.Fatal(err)
		}
		wrong, err := survival.Cox(naive, naiveX, survival.Efron)
		if err != nil {
			t.Fatal(err)
		}
		if h := right.Hazard(0); h.Low <= 1 && h.High >= 1 {
			covered++
		}
		if wrong.Hazard(0).High < 1 {
			fooled++
		}
	}
	t.Logf("%4.0f communities without effect: the interval covers 1 in %.1f %%; counted from the start, members seem to stay longer in %.1f %%", n, 100*covered/n, 100*fooled/n)
	if covered/n < 0.93-2.6*math.Sqrt(0.05*0.95/n) {
		t.Errorf("%.3f of the intervals cover 1", covered/n)
	}
	if fooled/n < 0.9 {
		t.Errorf("the mistake is seen in %.3f only", fooled/n)
	}
}

// TestSimulatedDurations has accounts that leave at a rate that falls with their activity, and, in a program, to so many times as much.
func TestSimulatedDurations(t *testing.T) {
	for _, tc := range []struct {
		name                             string
		ratio, hidden                    float64
		least, goodMost, plainFooledFrom float64
	}{
		{"all measured", 0.6, 0, 0.93, 1, 0},
		{"null", 1, 0, 0.93, 0.05, 0.5},
		{"unmeasured", 0.6, 1, 0, 0.1, 0},
		{"unmeasured, null", 1, 1, 0, 0.05, 0.9},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := float64(communities(t))
			covered, plain, bias, placeboAlone := 0.0, 0.0, 0.0, 0.0
			lights := make(map[verdict.Light]float64)
			for seed := range int(n) {
				c := community{members: 1500, hidden: tc.hidden, scatter: 2}
				w := c.controlled(c.make(resample.Source(uint64(seed)+1)), resample.Source(uint64(seed)+2_000_000))
				random := resample.Source(uint64(seed) + 1_000_000)
				var cases []survival.Case
				for i := range w.units {
					w.units[i].Cluster = 0
					level := w.units[i].Before[3]
					if tc.hidden > 0 { // what drives it is the level behind the activity that is seen
						level = (level + w.placebo[i]) / 2
					}
					rate := 0.03 * math.Exp(-0.2*(level-6))
					if w.units[i].Exposed {
						rate *= tc.ratio
					}
					leaves := random.ExpFloat64() / rate
					cases = append(cases, survival.Case{Time: min(leaves, 24), Event: leaves < 24})
				}
				r, lasting, err := study.Durations(study.Question{Covariates: []string{"months", "plan", "size", "recent"}, Units: w.units, Placebo: w.placebo, Control: w.control}, cases)
				if err != nil {
					t.Fatal(err)
				}
				if lasting.Hazard.Low <= tc.ratio && lasting.Hazard.High >= tc.ratio {
					covered++
				}
				if r.Plain.High < 0 {
					plain++
				}
				bias += r.Effect.Value - math.Log(tc.ratio)
				lights[r.Verdict.Light]++
				placeboAlone += alone(r.Verdict)
			}
			t.Logf("%4.0f communities: the interval of the hazard ratio covers %.1f %%, bias of its logarithm %+.3f; the plain comparison finds that members stay longer in %.1f %%; good %.1f %% (by the placebo alone %.1f %%), weak %.1f %%, correlation %.1f %%",
				n, 100*covered/n, bias/n, 100*plain/n, 100*lights[verdict.Good]/n, 100*placeboAlone/n, 100*lights[verdict.Weak]/n, 100*lights[verdict.Correlation]/n)
			slack := 2.6 * math.Sqrt(0.05*0.95/n)
			if covered/n < tc.least-slack || lights[verdict.Good]/n > tc.goodMost+slack || plain/n < tc.plainFooledFrom {
				t.Errorf("%.3f of the intervals cover the truth, %.3f are called good, %.3f of the plain ones are wrong", covered/n, lights[verdict.Good]/n, plain/n)
			}
		})
	}
}
