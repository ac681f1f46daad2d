// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package goal

import "math"

// Shift sets the periods since a goal's first day against those before it. It says how much changed, not why: what else
// happened in that time is in it, too.
type Shift struct {
	Before        float64 `json:"before" doc:"The mean of the whole periods before the first day."`
	Since         float64 `json:"since" doc:"The mean of the whole periods since then."`
	PeriodsBefore int     `json:"periods_before" doc:"How many there are."`
	PeriodsSince  int     `json:"periods_since" doc:"How many there are."`
	Difference    float64 `json:"difference" doc:"Since less before."`
	Low           float64 `json:"low" doc:"The difference's 95 % interval, by Welch's t."`
	High          float64 `json:"high" doc:"The difference's 95 % interval, by Welch's t."`
}

// Clear reports whether the change is more than periods differ anyway.
func (c *Shift) Clear() bool { return c.Low > 0 || c.High < 0 }

// Words says what the interval means.
func (c *Shift) Words() string {
	switch {
	case !c.Clear():
		return "no more than periods differ anyway"
	case c.Difference > 0:
		return "more than before, beyond what periods differ anyway"
	}
	return "less than before, beyond what periods differ anyway"
}

// Outcome is what came of a key result that serves a goal, when the goal was closed.
type Outcome struct {
	Goal   int64     `json:"goal" doc:"The key result."`
	Title  string    `json:"title" doc:"Its title."`
	Status Status    `json:"status" doc:"By rule."`
	At     *Progress `json:"progress,omitempty" doc:"Its figures then."`
}

// changed compares two groups of periods; nil where one has fewer than two.
func changed(before, since []float64) *Shift {
	if len(before) < 2 || len(since) < 2 {
		return nil
	}
	c := &Shift{Before: mean(before), Since: mean(since), PeriodsBefore: len(before), PeriodsSince: len(since)}
	c.Difference = c.Since - c.Before
	a, b := spread(before)/float64(len(before)), spread(since)/float64(len(since))
	c.Low, c.High = c.Difference, c.Difference
	if a+b == 0 {
		return c // all periods of both are alike
	}
	freedom := (a + b) * (a + b) / (a*a/float64(len(before)-1) + b*b/float64(len(since)-1))
	half := student975(int(freedom)) * math.Sqrt(a+b) // rounded down, which errs to the wider side
	c.Low, c.High = c.Difference-half, c.Difference+half
	return c
}

// spread is the variance of a sample.
func spread(y []float64) float64 {
	m, sum := mean(y), 0.0
	for _, v := range y {
		sum += (v - m) * (v - m)
	}
	return sum / float64(len(y)-1)
}

// outcomes are the figures of the key results below a goal.
func outcomes(serving []Standing) []Outcome {
	var all []Outcome
	for i := range serving {
		st := &serving[i]
		if st.Kind == KeyResult && st.State != Proposed {
			x := Outcome{Goal: st.ID, Title: st.Title, Status: st.Status}
			if st.Progress != nil {
				p := *st.Progress
				p.Series = nil // the page of the key result has them
				x.At = &p
			}
			all = append(all, x)
		}
		all = append(all, outcomes(st.Serving)...)
	}
	return all
}
