// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package study puts the statistics of impact together: one function for each way to ask what would have happened without, each
// with its effect, what the plain difference would have said, the balance, a placebo, the E-value, what it could show at all, and
// the verdict.
//
//   - [Matched] compares those who took part with their likes.
//   - [Durations] does so for how long something takes, such as until an account leaves.
//   - [Changes] compares how both changed.
//   - [Trial] analyzes what chance decided.
//
// A placebo for [Matched] is something from before the exposure that was not matched on, and that whatever drives the outcome would
// drive, too: match on the activity of the last three months, say, and give the mean of the nine before as the placebo. If the two
// groups differ in something stable that nobody measured, they differed in it then. It is brought to the unit of the outcome by
// standard deviations, so activity can be the placebo of retention. It does not find what began with the exposure: who joins
// because a project starts is more active with the project and without the community.
//
// That is what a control is for: something from the time of the outcome that the exposure cannot have changed, and that whatever else
// drives the outcome moves, too, such as what members do in a place that a program has nothing to do with. Without one the light is never
// better than weak.
//
// The simulations in the tests of this package measure what the verdicts are worth.
package study

import (
	"errors"
	"fmt"
	"math"

	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/did"
	"greenroom/internal/impact/experiment"
	"greenroom/internal/impact/linear"
	"greenroom/internal/impact/match"
	"greenroom/internal/impact/sensitivity"
	"greenroom/internal/impact/verdict"
)

// Method is how likes are found.
type Method int

// The methods.
const (
	Propensity Method = iota // nearest neighbor on the propensity score
	Coarsened                // coarsened exact matching
)

// Question is what [Matched] is asked.
type Question struct {
	Covariates []string // a name for each of what is known from before
	Units      []match.Unit
	Placebo    []float64 // by unit: something from before that is not among the covariates; nil = there is none
	Control    []float64 // by unit: something from the time of the outcome that the exposure cannot have changed; nil = there is none
	Late       bool      // some covariate is not from before the exposure
	Crossed    []float64 // by unit: of the others the share of the time of the outcome in which they were exposed after all; nil = never
	Method     Method
	Ratio      int         // likes for each, of [Propensity]; 0 = 1
	Cuts       [][]float64 // of [Coarsened]; nil = by themselves, by Sturges
}

// Result is what is known of an effect.
type Result struct {
	Method     string             `json:"method"`
	Effect     chance.Estimate    `json:"effect"`     // on those who took part and have a like
	Plain      chance.Estimate    `json:"plain"`      // the difference without doing anything about who takes part: no effect
	Placebo    *chance.Estimate   `json:"placebo"`    // should be nothing; in the unit of the effect, by standard deviations
	Control    *chance.Estimate   `json:"control"`    // should be nothing; in the unit of the effect, by standard deviations
	Balance    []match.Balance    `json:"balance"`    // by covariate
	Imbalance  [2]float64         `json:"imbalance"`  // L1 over coarsened cells, before and after
	Overlap    chance.Maybe       `json:"overlap"`    // share of the exposed who have a like
	EValue     sensitivity.EValue `json:"e_value"`    //
	Crossed    float64            `json:"crossed"`    // share of their time in which the likes were exposed after all; what it hides is given back to the effect
	Detectable chance.Maybe       `json:"detectable"` // the least effect that it would find in 4 of 5 cases, without sign
	Changes    *did.Result        `json:"changes"`    // of [Changes]
	Trial      *experiment.Trial  `json:"trial"`      // of [Trial]
	Verdict    verdict.Verdict    `json:"verdict"`
}

// cells is to how many distinct values a covariate keeps them all when it is coarsened.
const cells = 4

// nothing is evidence of which nothing is known yet.
func nothing(design verdict.Design) verdict.Evidence {
	n := math.NaN()
	return verdict.Evidence{
		Design: design, SplitUneven: n, Lost: n, LostUneven: n, Overlap: n, Balance: n, TrendP: n, EValue: n,
		Effect: chance.Unknown(),
	}
}

// Matched answers by matching. Where nobody can be matched the result has the plain difference and says so; it fails where units
// make no sense.
func Matched(q Question) (Result, error) {
	r, m, err := q.matched()
	if err != nil || m == nil {
		return r, err
	}
	return q.judge(r, m)
}

// matched finds likes. Without any the matching is nil and the result is done.
func (q Question) matched() (Result, *match.Matching, error) {
	unknown := chance.Maybe(math.NaN())
	r := Result{Overlap: unknown, EValue: sensitivity.EValue{Value: 1, Limit: 1}, Detectable: unknown}
	if q.Placebo != nil && len(q.Placebo) != len(q.Units) {
		return r, nil, fmt.Errorf("compare those exposed with others: %d units, a placebo of %d", len(q.Units), len(q.Placebo))
	}
	if q.Control != nil && len(q.Control) != len(q.Units) {
		return r, nil, fmt.Errorf("compare those exposed with others: %d units, a control of %d", len(q.Units), len(q.Control))
	}
	var sides [2][]float64
	for i, u := range q.Units {
		if len(u.Before) != len(q.Covariates) {
			return r, nil, fmt.Errorf("compare those exposed with others: unit %d has %d covariates, and there are %d names", i+1, len(u.Before), len(q.Covariates))
		}
		side := 0
		if u.Exposed {
			side = 1
		}
		sides[side] = append(sides[side], u.Outcome)
	}
	plain, err := experiment.Means(sides[1], sides[0])
	if err != nil {
		return r, nil, fmt.Errorf("compare those exposed with others: %w", err)
	}
	r.Plain = plain.Difference
	cuts := q.Cuts
	if cuts == nil {
		cuts = match.Cuts(q.Units, match.Sturges, cells)
	}
	var m *match.Matching
	if q.Method == Coarsened {
		m, err = match.Coarsened(q.Units, cuts)
	} else {
		m, err = match.Nearest(q.Units, max(1, q.Ratio), match.Caliper)
	}
	switch {
	case errors.Is(err, match.ErrNoLikes), errors.Is(err, linear.ErrSeparated), errors.Is(err, linear.ErrTooFew):
		e := nothing(verdict.Matched)
		e.Overlap = 0
		r.Overlap, r.Method, r.Effect, r.Verdict = 0, "none", e.Effect, verdict.Judge(e)
		return r, nil, nil
	case err != nil:
		return r, nil, fmt.Errorf("compare those exposed with others: %w", err)
	}
	r.Method, r.Overlap = m.Method, chance.Maybe(m.Overlap())
	r.Balance = match.Table(q.Covariates, q.Units, m)
	r.Imbalance = [2]float64{match.Imbalance(q.Units, cuts, nil), match.Imbalance(q.Units, cuts, m)}
	return r, m, nil
}

// judge estimates the effect of a matching and how far to believe it.
func (q Question) judge(r Result, m *match.Matching) (Result, error) {
	var err error
	r.Effect, err = match.Effect(q.Units, m, nil)
	switch {
	case errors.Is(err, linear.ErrTooFew): // too few have a like
		r.Effect = chance.Unknown()
		r.Verdict = verdict.Judge(r.evidence(q, m))
		return r, nil
	case err != nil:
		return r, fmt.Errorf("compare those exposed with others: %w", err)
	}
	if r.Crossed = q.crossed(m); r.Crossed > 0 && r.Crossed <= verdict.MostCrossed {
		r.Effect = scaled(r.Effect, 1/(1-r.Crossed))
	}
	own, binary := make([]float64, len(q.Units)), true
	for i, u := range q.Units {
		own[i] = u.Outcome
		binary = binary && (u.Outcome == 0 || u.Outcome == 1)
	}
	mean, deviation := q.others(m, own)
	wide := q.wide(m)
	if r.Placebo, err = q.unmoved(m, wide, q.Placebo, deviation); err != nil {
		return r, fmt.Errorf("compare those exposed with others by a placebo: %w", err)
	}
	if r.Control, err = q.unmoved(m, wide, q.Control, deviation); err != nil {
		return r, fmt.Errorf("compare those exposed with others by a control: %w", err)
	}
	r.Detectable = detectable(r.Effect)
	if binary {
		r.EValue = sensitivity.RiskDifference(r.Effect, mean)
	} else {
		r.EValue = sensitivity.Difference(r.Effect, deviation)
	}
	r.Verdict = verdict.Judge(r.evidence(q, m))
	return r, nil
}

// evidence is what is known of a matching.
func (r *Result) evidence(q Question, m *match.Matching) verdict.Evidence {
	e := nothing(verdict.Matched)
	groups := make(map[int]bool)
	grouped := false
	for i, u := range q.Units {
		if m.Weights[i] == 0 {
			continue
		}
		grouped = grouped || u.Cluster != 0
		if u.Cluster == 0 {
			groups[-1-i] = true
		} else {
			groups[u.Cluster] = true
		}
	}
	if grouped {
		e.Groups = len(groups)
	}
	e.Exposed, e.Others, e.Effect, e.Placebo, e.Control = m.Kept, m.Others, r.Effect, r.Placebo, r.Control
	e.Crossed = r.Crossed
	e.Overlap, e.Balance, e.EValue, e.Late = m.Overlap(), match.Worst(r.Balance), float64(r.EValue.Limit), q.Late
	return e
}

// unmoved is the effect on a figure that the exposure cannot have changed, in a unit of which the outcome has so many to the standard deviation;
// nil where there is no such figure, or it is the same for all.
func (q Question) unmoved(m, wide *match.Matching, figure []float64, deviation float64) (*chance.Estimate, error) {
	if figure == nil {
		return nil, nil //nolint:nilnil // there is none, which is no error
	}
	e, err := match.Effect(q.Units, wide, figure)
	if err != nil {
		return nil, err
	}
	_, d := q.others(m, figure)
	if d <= 0 {
		return nil, nil //nolint:nilnil // it says nothing
	}
	e = scaled(e, deviation/d)
	return &e, nil
}

// placeboLikes is how many likes each has for the placebo, where there are so many: it has to see what is small beside the effect.
const placeboLikes = 5

// wide is the matching that a placebo is looked at in: that of the effect, or with more likes for each where likes are pairs.
func (q Question) wide(m *match.Matching) *match.Matching {
	if !m.Paired {
		return m
	}
	wide, err := match.Nearest(q.Units, placeboLikes, match.Caliper)
	if err != nil {
		return m
	}
	return wide
}

// crossed is the share of their time in which the likes of a matching were exposed after all. They stay among the others, since leaving out who
// will be exposed would choose by what comes; but they make the difference smaller than the effect, by this share, as long as exposure
// does as much in one part of the time as in another. (It is what Wald's estimator, 1940, does to an experiment that not all keep to.)
func (q Question) crossed(m *match.Matching) float64 {
	if q.Crossed == nil {
		return 0
	}
	sum, weight := 0.0, 0.0
	for i, u := range q.Units {
		if !u.Exposed {
			sum += m.Weights[i] * q.Crossed[i]
			weight += m.Weights[i]
		}
	}
	return sum / weight
}

// others is the weighted mean and standard deviation of a figure among those who are compared with.
func (q Question) others(m *match.Matching, figure []float64) (mean, deviation float64) {
	weight, squares := 0.0, 0.0
	for i, u := range q.Units {
		if !u.Exposed {
			weight += m.Weights[i]
			mean += m.Weights[i] * figure[i]
		}
	}
	mean /= weight
	for i, u := range q.Units {
		if !u.Exposed {
			squares += m.Weights[i] * (figure[i] - mean) * (figure[i] - mean)
		}
	}
	return mean, math.Sqrt(squares / weight)
}

// detectable is the least effect that would be found in 4 of 5 cases, by the error of what was found.
func detectable(e chance.Estimate) chance.Maybe {
	return chance.Maybe((chance.Z95 + chance.NormalQuantile(experiment.Power)) * e.Error)
}

// Changes answers by difference-in-differences. The E-value goes by the standard deviation of the outcome among those who were never
// exposed. control has the same units with what the exposure cannot have changed; nil = there is none. It is brought to the unit of the
// outcome by standard deviations.
func Changes(units, control []did.Unit) (Result, error) {
	r := Result{Method: "difference-in-differences", Overlap: chance.Maybe(math.NaN())}
	d, err := did.Study(units)
	if err != nil {
		return r, fmt.Errorf("compare changes: %w", err)
	}
	deviation := among(units)
	r.Changes, r.Effect, r.Detectable = &d, d.After, detectable(d.After)
	r.EValue = sensitivity.Difference(d.After, deviation)
	e := nothing(verdict.Changes)
	e.Exposed, e.Others, e.Groups, e.Effect, e.TrendP, e.EValue = d.Exposed, d.Others, d.Groups, d.After, float64(d.TrendP), float64(r.EValue.Limit)
	if !math.IsNaN(d.Before.Value) {
		r.Placebo = &d.Before
		e.Placebo = r.Placebo
	}
	if own := among(control); own > 0 {
		c, err := did.Study(control)
		if err != nil {
			return r, fmt.Errorf("compare changes by a control: %w", err)
		}
		moved := scaled(c.After, deviation/own)
		r.Control, e.Control = &moved, &moved
	}
	r.Verdict = verdict.Judge(e)
	return r, nil
}

// among is the standard deviation of outcomes among those never exposed, within periods.
func among(units []did.Unit) float64 {
	squares, freedom := 0.0, 0.0
	if len(units) == 0 {
		return 0
	}
	for period := range units[0].Outcomes {
		mean, n := 0.0, 0.0
		for _, pass := range []bool{true, false} {
			for _, u := range units {
				switch v := u.Outcomes[period]; {
				case u.From != did.Never || math.IsNaN(v):
				case pass:
					mean, n = mean+v, n+1
				default:
					squares += (v - mean) * (v - mean)
				}
			}
			if pass && n > 0 {
				mean /= n
				freedom += n - 1
			}
		}
	}
	return math.Sqrt(squares / max(freedom, 1))
}

// Trial answers by intention to treat; planned is the share that was to be offered it.
func Trial(participants []experiment.Participant, planned float64) (Result, error) {
	r := Result{Method: "randomized, intention to treat", Overlap: chance.Maybe(math.NaN())}
	t, err := experiment.Assigned(participants, planned)
	if err != nil {
		return r, fmt.Errorf("analyze what chance decided: %w", err)
	}
	r.Trial, r.Effect, r.Plain, r.Detectable = &t, t.Difference, t.Difference, detectable(t.Difference)
	unknown := chance.Maybe(math.NaN())
	r.EValue = sensitivity.EValue{Value: unknown, Limit: unknown} // what chance decides nothing unmeasured drives
	e := nothing(verdict.Randomized)
	e.Exposed, e.Others, e.Groups, e.Effect = t.OfferedTo, t.HeldOutOf, t.Clusters, t.Difference
	e.SplitUneven, e.Lost, e.LostUneven = float64(t.SplitUneven), t.Lost, t.LostUneven
	r.Verdict = verdict.Judge(e)
	return r, nil
}
