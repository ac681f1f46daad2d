// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package study

import (
	"fmt"
	"math"

	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/match"
	"greenroom/internal/impact/sensitivity"
	"greenroom/internal/impact/survival"
	"greenroom/internal/impact/verdict"
)

// Lasting is what [Durations] found beside its [Result].
type Lasting struct {
	Hazard       chance.Estimate    `json:"hazard"`       // ratio: 0.7 = at any time it is 30 % less likely to happen
	Exposed      survival.Curve     `json:"exposed"`      // of those with a like
	Others       survival.Curve     `json:"others"`       // of their likes
	Proportional survival.Constancy `json:"proportional"` // a small p of column 0: the ratio is a mean of something that changes
}

// Durations answers by matching how long something takes, or whether it lasts: by what factor is it more likely, at any time, to
// happen to those exposed than to their likes? cases belong to q.Units, whose outcomes are not looked at; all count from the day of
// the comparison on, on which it is known who is exposed; likes are pairs by propensity, whatever q says. The effect is the logarithm of the hazard ratio, by Cox's model of the
// matched on the exposure and the covariates, with errors by pair or cluster.
//
// Placebo and control are brought to that scale by 0.91 for each standard deviation (as [sensitivity.Difference]), which is rough; more of
// what goes with longer times is a smaller hazard.
func Durations(q Question, cases []survival.Case) (Result, *Lasting, error) {
	if len(cases) != len(q.Units) {
		return Result{}, nil, fmt.Errorf("compare durations: %d units, %d cases", len(q.Units), len(cases))
	}
	units := make([]match.Unit, len(q.Units))
	for i, u := range q.Units {
		u.Outcome = indicator(cases[i].Event)
		units[i] = u
	}
	q.Units, q.Ratio, q.Method = units, 1, Propensity // pairs: Cox's model takes no weights
	r, m, err := q.matched()
	if err != nil || m == nil {
		r.Plain = plainRatio(units, cases)
		return r, nil, err
	}
	s := sampled(units, cases, m)
	model, err := survival.Cox(s.cases, s.x, survival.Efron)
	if err != nil {
		return r, nil, fmt.Errorf("compare durations: %w", err)
	}
	lasting, err := s.describe(model)
	if err != nil {
		return r, nil, fmt.Errorf("compare durations: %w", err)
	}
	r.Plain = plainRatio(units, cases)
	r.Effect = model.Log(0, model.Robust(s.clusters))
	r.Method = m.Method + ", Cox's model"
	lasting.Hazard = r.Effect.Exp()
	r.Detectable = detectable(r.Effect)
	r.EValue = sensitivity.HazardRatio(lasting.Hazard, float64(model.Events) > sensitivity.Rare*float64(model.Cases))
	if r.Placebo, err = q.unmoved(m, m, q.Placebo, toward(units, m, q.Placebo, cases)*0.91); err != nil {
		return r, nil, fmt.Errorf("compare durations by a placebo: %w", err)
	}
	if r.Control, err = q.unmoved(m, m, q.Control, toward(units, m, q.Control, cases)*0.91); err != nil {
		return r, nil, fmt.Errorf("compare durations by a control: %w", err)
	}
	r.Verdict = verdict.Judge(r.evidence(q, m))
	return r, lasting, nil
}

// toward is -1 where more of a figure goes with longer times among the others of a matching, and 1 where it goes with shorter ones.
func toward(units []match.Unit, m *match.Matching, figure []float64, cases []survival.Case) float64 {
	if figure == nil {
		return 1
	}
	var n, sx, sy, sxy float64
	for i, c := range cases {
		if units[i].Exposed {
			continue
		}
		w := m.Weights[i]
		n, sx, sy, sxy = n+w, sx+w*figure[i], sy+w*c.Time, sxy+w*figure[i]*c.Time
	}
	if n*sxy > sx*sy {
		return -1
	}
	return 1
}

// sample is what Cox's model is given of a matching.
type sample struct {
	cases    []survival.Case
	x        [][]float64 // exposure, covariates
	clusters []int
	sides    [2][]survival.Case // others, exposed
}

func sampled(units []match.Unit, cases []survival.Case, m *match.Matching) sample {
	var s sample
	for i, u := range units {
		if m.Weights[i] == 0 {
			continue
		}
		exposed := indicator(u.Exposed)
		s.cases = append(s.cases, cases[i])
		s.sides[int(exposed)] = append(s.sides[int(exposed)], cases[i])
		s.x = append(s.x, append([]float64{exposed}, u.Before...))
		if u.Cluster != 0 {
			s.clusters = append(s.clusters, u.Cluster)
		} else {
			s.clusters = append(s.clusters, -m.Sets[i])
		}
	}
	return s
}

// describe has the curves, and whether the ratio is the same at all times.
func (s sample) describe(model *survival.Model) (*Lasting, error) {
	l := &Lasting{}
	var err error
	if l.Exposed, err = survival.KaplanMeier(s.sides[1]); err != nil {
		return nil, err
	}
	if l.Others, err = survival.KaplanMeier(s.sides[0]); err != nil {
		return nil, err
	}
	l.Proportional, err = model.Proportional(survival.ByShare)
	return l, err
}

// scaled is an estimate in another unit.
func scaled(e chance.Estimate, by float64) chance.Estimate {
	e.Value, e.Error, e.Low, e.High = e.Value*by, e.Error*math.Abs(by), e.Low*by, e.High*by
	if by < 0 {
		e.Low, e.High = e.High, e.Low
	}
	return e
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// plainRatio is the hazard ratio without doing anything about who takes part, as a logarithm.
func plainRatio(units []match.Unit, cases []survival.Case) chance.Estimate {
	x := make([][]float64, len(units))
	for i, u := range units {
		x[i] = []float64{indicator(u.Exposed)}
	}
	m, err := survival.Cox(cases, x, survival.Efron)
	if err != nil {
		return chance.Unknown()
	}
	return chance.Large(m.Coefficients[0], math.Sqrt(m.Covariance[0][0]))
}
