// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"errors"
	"fmt"

	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/linear"
)

// column is how many units on the smaller side each coefficient has to have for it to be fitted.
const column = 5

// Effect is the mean effect on the exposed who have a like, of the outcome of each unit. Pass another outcome than the units'
// own, such as one from before the exposure, as outcome; nil = their own.
func Effect(units []Unit, m *Matching, outcome []float64) (chance.Estimate, error) {
	var at []int
	for i, w := range m.Weights {
		if w > 0 {
			at = append(at, i)
		}
	}
	y, weights, clusters := make([]float64, len(at)), make([]float64, len(at)), make([]int, len(at))
	grouped := false
	for k, i := range at {
		y[k], weights[k] = units[i].Outcome, m.Weights[i]
		if outcome != nil {
			y[k] = outcome[i]
		}
		grouped = grouped || units[i].Cluster != 0
	}
	for k, i := range at {
		switch {
		case grouped && units[i].Cluster != 0:
			clusters[k] = units[i].Cluster
		case m.Paired:
			clusters[k] = -m.Sets[i]
		default:
			clusters[k] = -1 - i
		}
	}
	rows := design(units, m, at)
	f, err := linear.Least(rows, y, weights)
	for {
		var alias *linear.AliasError
		if !errors.As(err, &alias) || alias.Column < 2 {
			break
		}
		rows = without(rows, alias.Column)
		f, err = linear.Least(rows, y, weights)
	}
	if err != nil {
		return chance.Estimate{}, fmt.Errorf("estimate the effect on the exposed: %w", err)
	}
	return f.Clustered(clusters).Estimate(f, 1), nil
}

// design has a constant, the exposure, the covariates about the means of the exposed, and the products of both, as far as
// there are enough units. About the means of the exposed, the exposure's coefficient is the mean effect on them.
func design(units []Unit, m *Matching, at []int) [][]float64 {
	k := len(units[0].Before)
	mean := make([]float64, k)
	for _, i := range at {
		for j, v := range units[i].Before {
			if units[i].Exposed {
				mean[j] += v / float64(m.Kept)
			}
		}
	}
	fewer := min(m.Kept, m.Others)
	rows := make([][]float64, len(at))
	for n, i := range at {
		exposed := 0.0
		if units[i].Exposed {
			exposed = 1
		}
		row := []float64{1, exposed}
		if fewer >= column*(k+1) {
			for j, v := range units[i].Before {
				row = append(row, v-mean[j])
			}
		}
		if fewer >= 2*column*(k+1) {
			for j, v := range units[i].Before {
				row = append(row, (v-mean[j])*exposed)
			}
		}
		rows[n] = row
	}
	return rows
}
