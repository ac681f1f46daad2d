// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package verdict says how far an effect is to be believed, as a traffic light with its reasons.
//
// The lights are [Experiment], [Good], [Weak] and [Correlation]. They say how an effect is known and not how great it is: an
// experiment that shows nothing is still an experiment. The rules are few and fixed, and each that was looked at is told with
// what it found, so that nobody has to believe the light:
//
//   - Experiment: chance decided who gets it, the groups are as large as planned (p from 0.001), and few outcomes are lost (at most
//     a fifth, and not clearly more on one side, where that is more than a twentieth of all).
//   - Correlation only: nothing was done about who takes part; or what was matched on is not from before; or there are fewer than
//     20 units on a side; or fewer than half of the exposed have a like; or a standardized difference above 0.25 is left; or the
//     placebo, or the trend before, differs, which means that the groups differ in something that nobody measured; or a control from the
//     same time differs, which means that something else began together with the exposure.
//   - Good evidence: at least 50 units on each side, in at least 20 clusters; at least 8 of 10 exposed have a like, and the likes were
//     exposed themselves in a fifth of their time at most; no standardized difference above 0.1; a placebo that finds nothing (p from
//     0.2, since 0.06 is no all-clear, and from 0.5 where it points the way of the effect, which such a bias makes greater) and whose
//     interval leaves room for a quarter of the effect at most; a control that finds nothing (by the same p) and whose interval leaves less
//     room than the effect is sure to have; an interval of the effect that excludes none; an E-value of its limit of 1.25 at least.
//   - Weak evidence: everything between.
//
// The bounds of balance are those of Stuart (2010); that of the E-value is low on purpose, since what keeps a community's eager
// members from passing for an effect is the placebo: an outcome from before the exposure that was not matched on. Without one
// the light is never better than weak.
//
// What began together with the exposure leaves no trace before it, so no placebo finds it, and the more units there are the surer a wrong
// effect looks. It can be seen in the same time only, in something that it moves and that the exposure cannot: a negative control outcome
// (Lipsitch, Tchetgen Tchetgen and Cohen, Negative Controls, Epidemiology 21, 2010). So what nobody left to chance begins as weak evidence,
// as in GRADE (Guyatt and others, Journal of Clinical Epidemiology 64, 2011), and is called good where such a control speaks for it. How
// strongly something unmeasured may drive both does not matter then, as long as it moves the control, too.
//
// The others are ours; the simulations in the tests of package study say what they make
// of effects that are there and of effects that are not.
package verdict

import (
	"fmt"
	"math"
	"strconv"

	"greenroom/internal/impact/chance"
)

// Light is how far to believe.
type Light string

// The lights, the most trustworthy first.
const (
	Experiment  Light = "experiment"
	Good        Light = "good evidence"
	Weak        Light = "weak evidence"
	Correlation Light = "correlation only"
)

// Design is what was done about who takes part.
type Design string

// The designs.
const (
	Randomized Design = "randomized"
	Matched    Design = "matched"
	Changes    Design = "compared changes" // difference-in-differences
	Series     Design = "before and after" // interrupted time series
	Plain      Design = "plain difference"
)

// Evidence is what is known. What was not looked at is NaN, or nil.
type Evidence struct {
	Design  Design
	Exposed int // units compared
	Others  int
	Groups  int             // clusters; 0 = every unit is its own
	Effect  chance.Estimate // a difference: no effect is 0. A ratio comes as its logarithm

	// Of experiments.
	SplitUneven float64 // p of the test that the groups are as large as planned
	Lost        float64 // share of outcomes that are not known
	LostUneven  float64 // p of the test that both sides lost as many

	// Of the others.
	Late    bool             // something that was matched on is not from before the exposure
	Overlap float64          // share of the exposed who have a like
	Balance float64          // worst standardized difference that is left
	Placebo *chance.Estimate // the same analysis of something that the exposure cannot have changed, in the unit of the effect
	Crossed float64          // share of their time in which those not exposed were exposed after all; the effect has what it hides
	Control *chance.Estimate // the same analysis, in the same time as the effect, of something that the exposure cannot change; in its unit
	TrendP  float64          // p of the test that both moved alike before
	EValue  float64          // of the limit of the interval
}

// Finding is one rule with what it found.
type Finding struct {
	Rule string `json:"rule"`
	Fits Light  `json:"fits"` // the best light it allows
	Says string `json:"says"`
}

// Verdict is the light and why.
type Verdict struct {
	Light    Light     `json:"light"`
	Says     string    `json:"says"` // one sentence
	Findings []Finding `json:"findings"`
}

// The bounds of the rules.
const (
	FewUnits     = 20
	EnoughUnits  = 50
	EnoughGroups = 20
	HalfOverlap  = 0.5
	GoodOverlap  = 0.8
	GoodBalance  = 0.1
	BadBalance   = 0.25
	LeastEValue  = 1.25
	SplitLevel   = 0.001
	MostLost     = 0.2
	FewLost      = 0.05
	TrendLevel   = 0.05
	PlaceboShare = 0.25
	FewCrossed   = 0.2
	MostCrossed  = 0.5
	PlaceboLevel = 0.2
	PlaceboAlong = 0.5 // where the placebo points the way of the effect
)

func rank(l Light) int {
	for i, other := range []Light{Correlation, Weak, Good, Experiment} {
		if l == other {
			return i
		}
	}
	return 0
}

// Judge applies the rules: the light is the worst that any rule allows.
func Judge(e Evidence) Verdict {
	var v Verdict
	switch e.Design {
	case Randomized:
		v.Light, v.Findings = Experiment, experiment(e)
	case Plain:
		v.Findings = []Finding{{"design", Correlation, "Those who took part are compared with those who did not, and nothing was done about who takes part."}}
		v.Light = Correlation
	default:
		v.Light, v.Findings = Good, observed(e)
	}
	for _, f := range v.Findings {
		if rank(f.Fits) < rank(v.Light) {
			v.Light = f.Fits
		}
	}
	v.Says = says(v, e)
	return v
}

// experiment are the rules for what chance decided.
func experiment(e Evidence) []Finding {
	out := []Finding{{"design", Experiment, "Chance decided who gets it, and everybody counts where chance put them."}}
	if e.SplitUneven < SplitLevel {
		out = append(out, Finding{"split", Weak, "The groups are not as large as planned, which chance alone would hardly do: something decides along with it."})
	} else if !math.IsNaN(e.SplitUneven) {
		out = append(out, Finding{"split", Experiment, "The groups are as large as planned."})
	}
	switch {
	case math.IsNaN(e.Lost) || e.Lost == 0:
	case e.Lost > MostLost:
		out = append(out, Finding{"lost", Weak, "The outcome of " + percent(e.Lost) + " of all is not known."})
	case e.Lost > FewLost && e.LostUneven < 0.05:
		out = append(out, Finding{"lost", Weak, "Outcomes are lost more often on one side, so the groups are no longer alike."})
	default:
		out = append(out, Finding{"lost", Experiment, "The outcome of " + percent(e.Lost) + " of all is not known, on both sides alike."})
	}
	if min(e.Exposed, e.Others) < FewUnits {
		out = append(out, Finding{"size", Weak, fmt.Sprintf("There are only %d and %d cases.", e.Exposed, e.Others)})
	}
	if e.Groups > 0 && e.Groups < EnoughGroups {
		out = append(out, Finding{"clusters", Weak, fmt.Sprintf("There are only %d clusters, so the interval is too narrow.", e.Groups)})
	}
	return out
}

// observed are the rules for what people decided.
func observed(e Evidence) []Finding {
	out := []Finding{size(e)}
	if e.Late {
		out = append(out, Finding{"before", Correlation, "Something that was matched on is not from before, so it may be part of the effect."})
	}
	if e.Groups > 0 {
		f := Finding{"clusters", Good, fmt.Sprintf("There are %d clusters.", e.Groups)}
		if e.Groups < EnoughGroups {
			f = Finding{"clusters", Weak, fmt.Sprintf("There are only %d clusters, so the interval is too narrow.", e.Groups)}
		}
		out = append(out, f)
	}
	if e.Design == Matched {
		out = append(out, bounded("overlap", e.Overlap >= GoodOverlap, e.Overlap >= HalfOverlap,
			percent(e.Overlap)+" of those exposed have a like who was not; the effect is known for these only."),
			bounded("balance", e.Balance <= GoodBalance, e.Balance <= BadBalance,
				"The greatest difference that is left in what was matched on is "+number(e.Balance)+" standard deviations."))
	}
	if e.Crossed > 0 {
		out = append(out, bounded("crossed", e.Crossed <= FewCrossed, e.Crossed <= MostCrossed,
			"The likes were exposed after all in "+percent(e.Crossed)+" of their time; the effect is reckoned as if they had not been."))
	}
	if e.Design == Series {
		out = append(out, Finding{"comparison", Weak, "Nobody else was looked at: whatever happened at the same time is counted in."})
	}
	if !math.IsNaN(e.TrendP) {
		f := Finding{"trend", Good, "Before it, both moved alike as far as can be seen."}
		if e.TrendP < TrendLevel {
			f = Finding{"trend", Correlation, "They moved differently already before it."}
		}
		out = append(out, f)
	}
	out = append(out, placebo(e))
	if e.Design != Series { // which is weak without it
		out = append(out, control(e))
	}
	return append(out, interval(e), unmeasured(e))
}

func size(e Evidence) Finding {
	fewer := min(e.Exposed, e.Others)
	if e.Design == Series {
		return Finding{"size", Good, fmt.Sprintf("There are %d periods after and %d before.", e.Exposed, e.Others)}
	}
	return bounded("size", fewer >= EnoughUnits, fewer >= FewUnits, fmt.Sprintf("%d that were exposed are compared with %d that were not.", e.Exposed, e.Others))
}

func bounded(rule string, good, weak bool, says string) Finding {
	switch {
	case good:
		return Finding{rule, Good, says}
	case weak:
		return Finding{rule, Weak, says}
	}
	return Finding{rule, Correlation, says}
}

func placebo(e Evidence) Finding {
	p := e.Placebo
	switch {
	case p == nil || math.IsNaN(p.Value):
		return Finding{"placebo", Weak, "Nothing that it cannot have changed was looked at, so nobody knows whether the groups differ in what was not measured."}
	case p.Excludes(0):
		return Finding{"placebo", Correlation, "The same comparison finds an “effect” on what it cannot have changed: the groups differ in something that was not measured."}
	case p.P < PlaceboLevel || p.P < PlaceboAlong && p.Value*e.Effect.Value > 0:
		return Finding{"placebo", Weak, "The same comparison finds something on what it cannot have changed, if less than is sure."}
	case max(math.Abs(p.Low), math.Abs(p.High)) > PlaceboShare*math.Abs(e.Effect.Value):
		return Finding{"placebo", Weak, "The same comparison finds nothing on what it cannot have changed, but not narrowly: more than a quarter of the effect could be bias."}
	}
	return Finding{"placebo", Good, "The same comparison finds nothing on what it cannot have changed, and less than a quarter of the effect could hide there."}
}

// control looks at what came in the same time.
func control(e Evidence) Finding {
	c := e.Control
	if c == nil || math.IsNaN(c.Value) {
		return Finding{"control", Weak, "Nothing was looked at that came in the same time and that it cannot change, so nobody knows what else began together with it."}
	}
	sure := 0.0 // how much of the effect its interval is sure of
	if e.Effect.Excludes(0) {
		sure = min(math.Abs(e.Effect.Low), math.Abs(e.Effect.High))
	}
	switch {
	case c.Excludes(0):
		return Finding{"control", Correlation, "What it cannot change differed in the same time, too: something else began together with it."}
	case c.P < PlaceboLevel || c.P < PlaceboAlong && c.Value*e.Effect.Value > 0:
		return Finding{"control", Weak, "What it cannot change differed in the same time, if less than is sure: something else may have begun together with it."}
	case max(math.Abs(c.Low), math.Abs(c.High)) >= sure:
		return Finding{"control", Weak, "What it cannot change did not differ in the same time, but not narrowly: what else began together with it could be all of the effect."}
	}
	return Finding{"control", Good, "What it cannot change did not differ in the same time, and what could hide there is less than the effect is sure to be."}
}

func interval(e Evidence) Finding {
	if e.Effect.Excludes(0) {
		return Finding{"interval", Good, "The 95 % interval excludes no effect."}
	}
	return Finding{"interval", Weak, "The 95 % interval includes no effect."}
}

func unmeasured(e Evidence) Finding {
	switch {
	case math.IsNaN(e.EValue):
		return Finding{"e-value", Weak, "It is not known how strong something unmeasured would have to be to explain it."}
	case e.EValue < LeastEValue:
		return Finding{"e-value", Weak, "Something unmeasured that goes with a factor of " + number(e.EValue) + " with both would be enough to explain it."}
	}
	return Finding{"e-value", Good, "Something unmeasured would have to go with a factor of " + number(e.EValue) + " or more with both to explain it."}
}

// says sums up: the light, and the first reason for which it is no better.
func says(v Verdict, e Evidence) string {
	shown := "an effect is shown"
	if !e.Effect.Excludes(0) {
		shown = "no effect is shown"
	}
	for _, f := range v.Findings {
		if f.Fits == v.Light && v.Light != Good && v.Light != Experiment {
			switch v.Light {
			case Correlation:
				return "Correlation only. " + f.Says
			default:
				return "Weak evidence; " + shown + ". " + f.Says
			}
		}
	}
	if v.Light == Experiment {
		return "An experiment; " + shown + "."
	}
	return "Good evidence; " + shown + ", and what was looked at speaks against another explanation. It is no experiment."
}

func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 0, 64) + " %" }

func number(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
