// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deflection

import (
	"fmt"

	"greenroom/internal/impact/assumption"
)

// Savings is what deflected cases would have cost.
type Savings struct {
	Cases  assumption.Outcome `json:"cases"`
	Money  assumption.Outcome `json:"money"`
	Solved assumption.Outcome `json:"solved"` // share of all that was solved at all, by the community: cases / (cases + tickets)
}

// Value multiplies visits, or whatever was counted, by the share that saved a case and the cost of a case. tickets are the cases that
// were opened in the same time. All inputs are of one period.
func Value(count, share, cost assumption.Input, tickets int64, seed uint64) (Savings, error) {
	var s Savings
	var err error
	inputs := []assumption.Input{count, share, cost}
	for _, out := range []struct {
		to    *assumption.Outcome
		model func(v []float64) float64
	}{
		{&s.Cases, func(v []float64) float64 { return v[0] * v[1] }},
		{&s.Money, func(v []float64) float64 { return v[0] * v[1] * v[2] }},
		{&s.Solved, func(v []float64) float64 {
			if cases := v[0] * v[1]; cases > 0 {
				return cases / (cases + float64(tickets))
			}
			return 0
		}},
	} {
		if *out.to, err = assumption.Run(inputs, assumption.Draws, seed, out.model); err != nil {
			return s, fmt.Errorf("value deflected cases: %w", err)
		}
	}
	return s, nil
}

// Answers is the value of answers and of searches that found one: (answers + searches) times the value of an answer, a year of it
// where the counts are of a month (communityroundtable.com/roi-calculator). There are often thirty searches for an answer, so what a
// search is worth decides the outcome; share is how much of an answer it is worth.
func Answers(answersMonthly, searchesMonthly, value, share assumption.Input, seed uint64) (assumption.Outcome, error) {
	o, err := assumption.Run([]assumption.Input{answersMonthly, searchesMonthly, value, share}, assumption.Draws, seed, func(v []float64) float64 {
		return 12 * (v[0] + v[1]*v[3]) * v[2]
	})
	if err != nil {
		return o, fmt.Errorf("value answers: %w", err)
	}
	return o, nil
}
