// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package study_test

import (
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"greenroom/internal/impact/did"
	"greenroom/internal/impact/experiment"
	"greenroom/internal/impact/match"
	"greenroom/internal/impact/resample"
	"greenroom/internal/impact/study"
	"greenroom/internal/impact/verdict"
)

// communities is how many communities are made: 1,000 with GREENROOM_SIMULATIONS=1000, as docs/evidence.md has it; fewer, with
// wider bounds, where nobody asks.
func communities(t *testing.T) int {
	t.Helper()
	if s := os.Getenv("GREENROOM_SIMULATIONS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if testing.Short() {
		return 20
	}
	return 40
}

// community makes members of organizations. Each has traits that everybody can see (months since signing up, plan, size of the
// company), activity in six months before, and an eagerness that nobody sees. Who joins a program depends on what is seen and, by
// hidden, on eagerness; so does what is wanted of them. Members of one organization go together.
type community struct {
	members    int
	hidden     float64 // how much eagerness drives joining; 0 = everything that matters is measured
	scatter    float64 // of a month's activity about a member's level, which hides eagerness from who looks at activity; 0 = 1.2
	effect     float64 // of the program, in units of activity
	arising    bool    // something that nobody measured, and that was not there before, drives both
	randomized bool
	binary     bool    // the outcome happens or does not
	strong     float64 // how strong what arises is; 0 = 1
	feels      float64 // how much what arises moves the control: 1 = as it moves the outcome; 0 = not at all
}

type world struct {
	units   []match.Unit
	placebo []float64
	control []float64 // what is done elsewhere in the same month, to which the program does nothing
	usual   []float64 // what would be done without the program, what arises, and luck
	project []float64 // what arises
	truth   float64   // mean effect on those exposed
	panel   []did.Unit
	all     []experiment.Participant
	effects []float64 // on each unit
}

func (c community) make(random *rand.Rand) world {
	var w world
	organizations := c.members / 4
	scatter := c.scatter
	if scatter == 0 {
		scatter = 1.2
	}
	mood := make([]float64, organizations)
	for i := range mood {
		mood[i] = random.NormFloat64()
	}
	exposed, sum := 0.0, 0.0
	for range c.members {
		o := random.IntN(organizations)
		months, plan, size := random.ExpFloat64()*12, float64(random.IntN(3)), math.Exp(random.NormFloat64())
		eager := random.NormFloat64()
		level := 5 + 0.05*months + 0.8*plan + 0.3*math.Log(size) + mood[o] + 1.5*eager
		var past [6]float64
		for m := range past {
			past[m] = level + scatter*random.NormFloat64()
		}
		recent := (past[3] + past[4] + past[5]) / 3
		earlier := (past[0] + past[1] + past[2]) / 3
		odds := -1.6 + 0.03*months + 0.4*plan + 0.2*math.Log(size) + c.hidden*eager
		if c.hidden == 0 {
			odds += 0.25 * (recent - 6.5)
		}
		project := 0.0
		if c.arising {
			project = max(c.strong, 1) * random.NormFloat64()
			odds += project
		}
		joins := random.Float64() < 1/(1+math.Exp(-odds))
		if c.randomized {
			joins = random.Float64() < 0.5
		}
		gain := c.effect * (0.7 + 0.6*random.Float64())
		usual := level
		without := usual + scatter*random.NormFloat64()
		if c.hidden == 0 { // what goes on is what was seen last
			usual = 0.9*recent + 0.02*months + 0.2*plan + 0.5*mood[o]
			without = usual + 1.5*random.NormFloat64()
		}
		without += 0.7 * project
		w.usual, w.project = append(w.usual, usual), append(w.project, project)
		u := match.Unit{Exposed: joins, Before: []float64{months, plan, math.Log(size), recent}, Outcome: without, Cluster: o + 1}
		if joins {
			u.Outcome += gain
		}
		placebo := earlier
		if c.binary { // is the member still there? the share moves by a twentieth for each unit of activity
			share := func(v float64) float64 { return min(max(0.1+0.05*v, 0.02), 0.98) }
			luck := random.Float64()
			u.Outcome, gain = indicator(luck < share(u.Outcome)), share(without+gain)-share(without)
		}
		if joins {
			exposed++
			sum += gain
		}
		w.units = append(w.units, u)
		w.effects = append(w.effects, gain)
		w.placebo = append(w.placebo, placebo)
		w.all = append(w.all, experiment.Participant{Offered: joins, Taken: joins && random.Float64() < 0.8, Known: true, Outcome: u.Outcome})
		p := did.Unit{From: did.Never, Cluster: o + 1, Outcomes: append(past[:], u.Outcome)}
		if joins {
			p.From = 6
		}
		w.panel = append(w.panel, p)
	}
	w.truth = sum / exposed
	return w
}

// controlled is the world with a control.
func (c community) controlled(w world, random *rand.Rand) world {
	w.control = make([]float64, len(w.units))
	for i := range w.control {
		w.control[i] = 0.5*w.usual[i] + 0.7*c.feels*w.project[i] + 1.5*random.NormFloat64()
	}
	return w
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// tally counts over communities.
type tally struct {
	n, covered, plain, shown, bias float64
	lights                         map[verdict.Light]float64
	alone                          float64 // called good if nobody asked for a control
}

func (c tally) share(lights ...verdict.Light) float64 {
	sum := 0.0
	for _, l := range lights {
		sum += c.lights[l]
	}
	return sum / c.n
}

func run(t *testing.T, c community, ask func(w world) (study.Result, float64, error)) tally {
	t.Helper()
	out := tally{lights: make(map[verdict.Light]float64)}
	for seed := range communities(t) {
		w := c.controlled(c.make(resample.Source(uint64(seed)+1)), resample.Source(uint64(seed)+2_000_000))
		r, truth, err := ask(w)
		if err != nil {
			t.Fatal(err)
		}
		out.n++
		if r.Effect.Low <= truth && truth <= r.Effect.High {
			out.covered++
		}
		if r.Plain.Low <= truth && truth <= r.Plain.High {
			out.plain++
		}
		if r.Effect.Excludes(0) {
			out.shown++
		}
		if !math.IsNaN(r.Effect.Value) {
			out.bias += r.Effect.Value - truth
		}
		out.lights[r.Verdict.Light]++
		out.alone += alone(r.Verdict)
	}
	return out
}

// alone is 1 where a verdict would be good if nobody asked for a control.
func alone(v verdict.Verdict) float64 {
	for _, f := range v.Findings {
		if f.Rule != "control" && f.Fits != verdict.Good {
			return 0
		}
	}
	return 1
}

func matched(method study.Method) func(w world) (study.Result, float64, error) {
	return func(w world) (study.Result, float64, error) {
		q := study.Question{Covariates: []string{"months", "plan", "size", "recent"}, Units: w.units, Placebo: w.placebo, Control: w.control, Method: method}
		if method == study.Coarsened {
			q.Cuts = [][]float64{{3, 8, 18}, {0.5, 1.5}, {-0.7, 0.7}, {3.5, 5, 6.5, 8, 9.5}}
		}
		r, err := study.Matched(q)
		return r, w.truth, err
	}
}

func changes(w world) (study.Result, float64, error) {
	other := make([]did.Unit, len(w.panel))
	for i, u := range w.panel { // in the months before it is what is done here, half as much
		row := make([]float64, len(u.Outcomes))
		for m, v := range u.Outcomes {
			row[m] = 0.5 * v
		}
		row[len(row)-1] = w.control[i]
		other[i] = did.Unit{From: u.From, Outcomes: row, Cluster: u.Cluster}
	}
	r, err := study.Changes(w.panel, other)
	return r, w.truth, err
}

func trial(w world) (study.Result, float64, error) {
	sum := 0.0
	for _, e := range w.effects {
		sum += e / float64(len(w.effects))
	}
	r, err := study.Trial(w.all, 0.5)
	return r, sum, err
}

// TestSimulatedCommunities makes communities of which the effect and what drives joining are known.
func TestSimulatedCommunities(t *testing.T) {
	const half = 2.6 // standard errors of slack for the number of communities
	for _, tc := range []struct {
		name                string
		c                   community
		ask                 func(w world) (study.Result, float64, error)
		coverLow, coverHigh float64 // bounds of the share of intervals that cover the truth
		goodMost, goodLeast float64 // bounds of the share called good evidence
	}{
		{"randomized, activity", community{members: 400, effect: 0.8, randomized: true}, trial, 0.93, 0.97, 0, 0},
		{"randomized, retention", community{members: 600, effect: 1.5, randomized: true, binary: true}, trial, 0.93, 0.97, 0, 0},
		{"randomized, null", community{members: 400, randomized: true}, trial, 0.93, 0.97, 0, 0},
		{"propensity, all measured", community{members: 1500, effect: 1}, matched(study.Propensity), 0.9, 1, 1, 0.3},
		{"propensity, retention", community{members: 2500, effect: 2, binary: true}, matched(study.Propensity), 0.9, 1, 1, 0},
		{"propensity, retention, null", community{members: 2500, binary: true}, matched(study.Propensity), 0.9, 1, 0.05, 0},
		{"propensity, null", community{members: 1500}, matched(study.Propensity), 0.9, 1, 0.05, 0},
		{"coarsened, all measured", community{members: 1500, effect: 1}, matched(study.Coarsened), 0.9, 1, 1, 0.1},
		{"coarsened, null", community{members: 1500}, matched(study.Coarsened), 0.9, 1, 0.05, 0},
		{"propensity, unmeasured", community{members: 1500, effect: 1, hidden: 1}, matched(study.Propensity), 0, 1, 0.1, 0},
		{"propensity, unmeasured, null", community{members: 1500, hidden: 1}, matched(study.Propensity), 0, 1, 0.05, 0},
		{"propensity, a little unmeasured, null", community{members: 1500, hidden: 0.4}, matched(study.Propensity), 0, 1, 0.05, 0},
		{"propensity, much unmeasured", community{members: 1500, effect: 1, hidden: 1, scatter: 2.5}, matched(study.Propensity), 0, 1, 0.1, 0},
		{"propensity, much unmeasured, null", community{members: 1500, hidden: 1, scatter: 2.5}, matched(study.Propensity), 0, 1, 0.05, 0},
		{"propensity, half as much unmeasured", community{members: 1500, effect: 1, hidden: 0.5, scatter: 2.5}, matched(study.Propensity), 0, 1, 0.1, 0},
		{"coarsened, unmeasured", community{members: 1500, effect: 1, hidden: 1}, matched(study.Coarsened), 0, 1, 0.1, 0},
		{"coarsened, unmeasured, null", community{members: 1500, hidden: 1}, matched(study.Coarsened), 0, 1, 0.05, 0},
		{"retention, unmeasured", community{members: 2500, effect: 1, hidden: 1, binary: true}, matched(study.Propensity), 0, 1, 0.1, 0},
		// What begins with the exposure leaves no trace before; a control feels it.
		{"propensity, arising", community{members: 1500, effect: 1, arising: true, feels: 1}, matched(study.Propensity), 0, 1, 0.1, 0},
		{"propensity, arising, null", community{members: 1500, arising: true, feels: 1}, matched(study.Propensity), 0, 1, 0.05, 0},
		{"propensity, arising, null, half felt", community{members: 1500, arising: true, feels: 0.5}, matched(study.Propensity), 0, 1, 0.05, 0},
		{"propensity, arising, null, a quarter felt", community{members: 1500, arising: true, feels: 0.25}, matched(study.Propensity), 0, 1, 0.05, 0},
		{"propensity, arising, null, half felt, four times as many", community{members: 6000, arising: true, feels: 0.5}, matched(study.Propensity), 0, 1, 0.05, 0},
		{"propensity, arising strongly, null, half felt", community{members: 1500, arising: true, strong: 2, feels: 0.5}, matched(study.Propensity), 0, 1, 0.05, 0},
		{"coarsened, arising, null, half felt", community{members: 1500, arising: true, feels: 0.5}, matched(study.Coarsened), 0, 1, 0.05, 0},
		{"changes, arising, null, half felt", community{members: 800, hidden: 1, arising: true, feels: 0.5}, changes, 0, 1, 0.05, 0},
		// A control that does not feel it is none: docs/evidence.md says so.
		{"propensity, arising, null, not felt", community{members: 1500, arising: true}, matched(study.Propensity), 0, 1, 1, 0},
		{"changes, stable unmeasured", community{members: 800, effect: 1, hidden: 1}, changes, 0.9, 1, 1, 0.1},
		{"changes, null", community{members: 800, hidden: 1}, changes, 0.9, 1, 0.05, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := run(t, tc.c, tc.ask)
			slack := func(p float64) float64 { return half * math.Sqrt(max(p*(1-p), 0.01)/got.n) }
			if got.n >= 1000 {
				slack = func(float64) float64 { return 0 }
			}
			covered, good := got.covered/got.n, got.share(verdict.Good)
			t.Logf("%4.0f communities: interval covers %5.1f %% (plain difference %5.1f %%), bias %+.3f, shown %5.1f %%; experiment %.1f %%, good %.1f %% (by the placebo alone %.1f %%), weak %.1f %%, correlation %.1f %%",
				got.n, 100*covered, 100*got.plain/got.n, got.bias/got.n, 100*got.shown/got.n, 100*got.share(verdict.Experiment), 100*good, 100*got.alone/got.n, 100*got.share(verdict.Weak), 100*got.share(verdict.Correlation))
			if covered < tc.coverLow-slack(tc.coverLow) || covered > tc.coverHigh+slack(tc.coverHigh) {
				t.Errorf("%.3f of the intervals cover the truth, want %v to %v", covered, tc.coverLow, tc.coverHigh)
			}
			if good > tc.goodMost+slack(tc.goodMost) || good < tc.goodLeast-slack(tc.goodLeast) {
				t.Errorf("%.3f are called good evidence, want %v to %v", good, tc.goodLeast, tc.goodMost)
			}
		})
	}
}
