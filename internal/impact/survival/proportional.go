// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survival

import (
	"fmt"

	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/linear"
)

// Clock is what the influence of a column is supposed to change with.
type Clock int

// The clocks.
const (
	ByShare Clock = iota // the share to whom it has happened (Kaplan-Meier): outliers in time have no weight. R's default
	ByTime               // time itself
)

// Constancy says whether the factor of each column is the same at all times.
type Constancy struct {
	ChiSquare []float64 `json:"chi_square"` // by column, one degree of freedom each
	P         []float64 `json:"p"`
	Global    float64   `json:"global"` // chi-square of all together, with as many degrees of freedom as columns
	GlobalP   float64   `json:"global_p"`
}

// Proportional tests whether the model's hazards are proportional, by a score test on the Schoenfeld residuals: what those
// to whom it happens have of a column more than those at risk, and whether that drifts. A small p says that the hazard
// ratio is a mean of something that changes: show the curves instead.
func (m *Model) Proportional(clock Clock) (Constancy, error) {
	k := len(m.Coefficients)
	value := m.clock(clock)
	drift := make([]float64, k)
	own, cross, twice := newMass(k).xx, newMass(k).xx, newMass(k).xx
	m.data.walk(m.Coefficients, func(time float64, risk, dead *mass, sum []float64, _ float64, count int) {
		g := value[time]
		for i, v := range sum {
			drift[i] += g * v
		}
		m.data.tied(risk, dead, count, func(_ float64, mean []float64, variance [][]float64) {
			for i := range mean {
				drift[i] -= g * mean[i]
				for j := range mean {
					own[i][j] += variance[i][j]
					cross[i][j] += g * variance[i][j]
					twice[i][j] += g * g * variance[i][j]
				}
			}
		})
	})
	inverse, err := linear.Inverse(own)
	if err != nil {
		return Constancy{}, fmt.Errorf("test proportional hazards: %w", err)
	}
	explained := linear.Product(linear.Product(cross, inverse), cross)
	for i := range k {
		for j := range k {
			twice[i][j] -= explained[i][j]
		}
	}
	c := Constancy{ChiSquare: make([]float64, k), P: make([]float64, k)}
	for i := range k {
		c.ChiSquare[i] = drift[i] * drift[i] / twice[i][i]
		c.P[i] = chance.ChiSquareAbove(c.ChiSquare[i], 1)
	}
	if inverse, err = linear.Inverse(twice); err != nil {
		return c, fmt.Errorf("test proportional hazards: %w", err)
	}
	for i := range k {
		for j := range k {
			c.Global += drift[i] * inverse[i][j] * drift[j]
		}
	}
	c.GlobalP = chance.ChiSquareAbove(c.Global, float64(k))
	return c, nil
}

// clock gives each time of an event its reading.
func (m *Model) clock(clock Clock) map[float64]float64 {
	out := make(map[float64]float64)
	var limit Limit
	share, mean, n := 1.0, 0.0, 0
	for _, t := range table([][]Case{m.data.cases}) {
		if t.events[0] == 0 {
			continue
		}
		out[t.time] = t.time
		if clock == ByShare {
			out[t.time] = 1 - share
		}
		share = limit.Ended(t.events[0], t.waiting[0])
		mean += out[t.time] * float64(t.events[0])
		n += t.events[0]
	}
	for t := range out {
		out[t] -= mean / float64(n)
	}
	return out
}
