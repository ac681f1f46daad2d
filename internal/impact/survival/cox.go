// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survival

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/linear"
)

// Ties is what to do where it happens to several at the same time.
type Ties int

// The ways with ties.
const (
	Efron   Ties = iota // Efron 1977: close to exact, and the usual choice
	Breslow             // Breslow 1974: quicker to work out by hand, and nearer to 1
)

// The reasons for which there is no model.
var (
	ErrNoEvents = errors.New("it has happened to nobody")
	ErrDiverges = errors.New("there is no finite answer: something in the model tells without exception to whom it happens first")
)

// Model is a fitted Cox model.
type Model struct {
	Coefficients []float64 // logarithms of hazard ratios
	Covariance   [][]float64
	LogLikelihood,
	NullLikelihood float64 // the same where nothing has an influence
	Cases, Events, Rounds int

	data *risks
}

// Hazard is the coefficient i as a hazard ratio with its interval: 0.7 = at any time it is 30 % less likely to happen.
func (m *Model) Hazard(i int) chance.Estimate {
	return chance.Large(m.Coefficients[i], math.Sqrt(m.Covariance[i][i])).Exp()
}

// Better tests the model as a whole against none, by the likelihood ratio.
func (m *Model) Better() (chiSquare, p float64) {
	chiSquare = 2 * (m.LogLikelihood - m.NullLikelihood)
	return chiSquare, chance.ChiSquareAbove(chiSquare, float64(len(m.Coefficients)))
}

// coxRounds is how often the fit is made better, at most; five are usual.
const coxRounds = 60

// Cox fits the hazard to the columns of x, of which there is a row for each case and no constant. It fails with [ErrCases],
// [ErrNoEvents], [ErrDiverges], or a *linear.AliasError where a column follows from the ones before it.
func Cox(cases []Case, x [][]float64, ties Ties) (*Model, error) {
	if len(x) != len(cases) {
		return nil, fmt.Errorf("fit hazards: %d rows for %d cases", len(x), len(cases))
	}
	if err := check(cases); err != nil {
		return nil, fmt.Errorf("fit hazards: %w", err)
	}
	m := &Model{Cases: len(cases), data: arrange(cases, x, ties)}
	for _, c := range cases {
		if c.Event {
			m.Events++
		}
	}
	if m.Events == 0 {
		return nil, fmt.Errorf("fit hazards: %w", ErrNoEvents)
	}
	if err := m.data.independent(); err != nil {
		return nil, fmt.Errorf("fit hazards: %w", err)
	}
	if err := m.climb(); err != nil {
		return nil, fmt.Errorf("fit hazards: %w", err)
	}
	return m, nil
}

// climb finds the greatest likelihood by Newton and Raphson's method, with half steps where a step went too far.
func (m *Model) climb() error {
	k := len(m.data.x[0])
	beta := make([]float64, k)
	likelihood, slope, information := m.data.likelihood(beta)
	m.NullLikelihood = likelihood
	for m.Rounds < coxRounds {
		m.Rounds++
		inverse, err := linear.Inverse(information)
		if err != nil {
			return ErrDiverges
		}
		step := make([]float64, k)
		for i := range k {
			for j := range k {
				step[i] += inverse[i][j] * slope[j]
			}
		}
		next := make([]float64, k)
		better := math.Inf(-1)
		for range 30 {
			for i := range k {
				next[i] = beta[i] + step[i]
			}
			better, slope, information = m.data.likelihood(next)
			if better >= likelihood-1e-12*math.Abs(likelihood) {
				break
			}
			for i := range step {
				step[i] /= 2
			}
		}
		far := 0.0
		for i := range k {
			far = max(far, math.Abs(step[i])*m.data.spread[i])
			if math.Abs(next[i])*m.data.spread[i] > 25 {
				return ErrDiverges
			}
		}
		beta, likelihood = next, better
		if far < 1e-10 {
			break
		}
		if m.Rounds == coxRounds {
			return ErrDiverges
		}
	}
	inverse, err := linear.Inverse(information)
	if err != nil {
		return ErrDiverges
	}
	m.Coefficients, m.Covariance, m.LogLikelihood = beta, inverse, likelihood
	return nil
}

// risks is the data in the order in which the likelihood goes through it.
type risks struct {
	cases  []Case
	x      [][]float64 // about the means
	ends   []int       // cases, the last to end first
	starts []int       // cases, the last to start first
	spread []float64   // standard deviation of each column
	ties   Ties
}

func arrange(cases []Case, x [][]float64, ties Ties) *risks {
	r := &risks{cases: cases, x: make([][]float64, len(x)), ties: ties}
	k := 0
	if len(x) > 0 {
		k = len(x[0])
	}
	mean := make([]float64, k)
	r.spread = make([]float64, k)
	for _, row := range x {
		for j, v := range row {
			mean[j] += v / float64(len(x))
		}
	}
	for i, row := range x {
		r.ends, r.starts = append(r.ends, i), append(r.starts, i)
		r.x[i] = make([]float64, k)
		for j, v := range row {
			r.x[i][j] = v - mean[j]
			r.spread[j] += r.x[i][j] * r.x[i][j] / float64(len(x))
		}
	}
	for j := range r.spread {
		r.spread[j] = math.Sqrt(r.spread[j])
	}
	slices.SortStableFunc(r.ends, func(a, b int) int { return cmp.Compare(cases[b].Time, cases[a].Time) })
	slices.SortStableFunc(r.starts, func(a, b int) int { return cmp.Compare(cases[b].Start, cases[a].Start) })
	return r
}

// independent fails where a column follows from others.
func (r *risks) independent() error {
	rows := make([][]float64, len(r.x))
	for i, row := range r.x {
		rows[i] = append([]float64{1}, row...)
	}
	_, err := linear.Least(rows, make([]float64, len(rows)), nil)
	var alias *linear.AliasError
	if errors.As(err, &alias) {
		return &linear.AliasError{Column: alias.Column - 1}
	}
	return err
}

// mass is the sum of weights over some cases, and their weighted sums of x and x x'.
type mass struct {
	total float64
	x     []float64
	xx    [][]float64
}

func newMass(k int) *mass {
	m := &mass{x: make([]float64, k), xx: make([][]float64, k)}
	for i := range m.xx {
		m.xx[i] = make([]float64, k)
	}
	return m
}

func (m *mass) add(x []float64, weight float64) {
	m.total += weight
	for i, v := range x {
		m.x[i] += weight * v
		for j := range i + 1 {
			m.xx[i][j] += weight * v * x[j]
		}
	}
}

// walk goes through the times of events, the last first, with those at risk, those to whom it happens, and how many.
func (r *risks) walk(beta []float64, yield func(time float64, risk, dead *mass, sum []float64, line float64, count int)) {
	k := len(beta)
	risk := newMass(k)
	weight := make([]float64, len(r.cases))
	line := make([]float64, len(r.cases))
	for i, row := range r.x {
		for j, v := range row {
			line[i] += v * beta[j]
		}
		weight[i] = math.Exp(line[i])
	}
	gone := 0
	for at := 0; at < len(r.ends); {
		time := r.cases[r.ends[at]].Time
		dead, sum, lines, count := newMass(k), make([]float64, k), 0.0, 0
		for ; at < len(r.ends) && r.cases[r.ends[at]].Time == time; at++ {
			i := r.ends[at]
			risk.add(r.x[i], weight[i])
			if r.cases[i].Event {
				dead.add(r.x[i], weight[i])
				for j, v := range r.x[i] {
					sum[j] += v
				}
				lines += line[i]
				count++
			}
		}
		for ; gone < len(r.starts) && r.cases[r.starts[gone]].Start >= time && r.cases[r.starts[gone]].Start > 0; gone++ {
			i := r.starts[gone]
			risk.add(r.x[i], -weight[i])
		}
		if count > 0 {
			yield(time, risk, dead, sum, lines, count)
		}
	}
}

// tied calls yield for each of count events of one time: with the weight of those at risk, their mean of x, and its variance.
func (r *risks) tied(risk, dead *mass, count int, yield func(total float64, mean []float64, variance [][]float64)) {
	k := len(risk.x)
	mean, variance := make([]float64, k), newMass(k).xx
	for c := range count {
		part := 0.0
		if r.ties == Efron {
			part = float64(c) / float64(count)
		}
		total := risk.total - part*dead.total
		for i := range k {
			mean[i] = (risk.x[i] - part*dead.x[i]) / total
		}
		for i := range k {
			for j := range i + 1 {
				variance[i][j] = (risk.xx[i][j]-part*dead.xx[i][j])/total - mean[i]*mean[j]
				variance[j][i] = variance[i][j]
			}
		}
		yield(total, mean, variance)
	}
}

// likelihood is the logarithm of the partial likelihood, its slope, and its curvature downward.
func (r *risks) likelihood(beta []float64) (value float64, slope []float64, information [][]float64) {
	slope, information = make([]float64, len(beta)), newMass(len(beta)).xx
	r.walk(beta, func(_ float64, risk, dead *mass, sum []float64, line float64, count int) {
		value += line
		for i, v := range sum {
			slope[i] += v
		}
		r.tied(risk, dead, count, func(total float64, mean []float64, variance [][]float64) {
			value -= math.Log(total)
			for i := range mean {
				slope[i] -= mean[i]
				for j := range mean {
					information[i][j] += variance[i][j]
				}
			}
		})
	})
	return value, slope, information
}
