// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package assumption computes with numbers that somebody assumed. Each [Input] has a likely value, the least and the greatest that
// its owner would not be surprised by, and where it comes from. [Run] computes the outcome for the likely values, its range when
// all inputs vary at once, and which input matters most.
//
// Inputs vary on their own, by a triangular distribution from the least over the likely to the greatest, or, where there is data,
// by its bootstrap draws. The range of the outcome holds 95 of 100 of the draws. It is no confidence interval: it is as good as the
// ranges that were typed in, and it does not know what nobody thought of.
//
// Which input matters most is said in two ways: by a tornado, which moves one input from its least to its greatest while the
// others stay likely; and by the rank correlation (Spearman) of each input with the outcome over all draws, which also sees what
// inputs do together.
package assumption

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"greenroom/internal/impact/resample"
)

// Input is a number that was assumed.
type Input struct {
	Name   string    `json:"name"`
	Unit   string    `json:"unit"`
	Origin string    `json:"origin"` // where it comes from: a ledger, a survey, a vendor, a guess
	Low    float64   `json:"low"`
	Likely float64   `json:"likely"`
	High   float64   `json:"high"`
	Draws  []float64 `json:"-"` // ascending; where given, what the input varies over
}

// Exactly is an input that nobody doubts.
func Exactly(name string, value float64, unit, origin string) Input {
	return Input{Name: name, Unit: unit, Origin: origin, Low: value, Likely: value, High: value}
}

// The reasons for which nothing is computed.
var (
	ErrRange  = errors.New("the likely value has to lie between the least and the greatest")
	ErrOrigin = errors.New("an input has to say where it comes from")
)

// Check says what is wrong with an input.
func (in Input) Check() error {
	switch {
	case !(in.Low <= in.Likely && in.Likely <= in.High) || math.IsInf(in.High-in.Low, 0):
		return fmt.Errorf("input %q, %v, %v, %v: %w", in.Name, in.Low, in.Likely, in.High, ErrRange)
	case in.Origin == "":
		return fmt.Errorf("input %q: %w", in.Name, ErrOrigin)
	}
	return nil
}

// At is the value below which the input is with probability u.
func (in Input) At(u float64) float64 {
	if len(in.Draws) > 0 {
		return resample.Quantile(in.Draws, u)
	}
	width := in.High - in.Low
	if width == 0 {
		return in.Likely
	}
	if mode := (in.Likely - in.Low) / width; u < mode {
		return in.Low + math.Sqrt(u*width*(in.Likely-in.Low))
	}
	return in.High - math.Sqrt((1-u)*width*(in.High-in.Likely))
}

// Swing is what one input does to the outcome.
type Swing struct {
	Input Input   `json:"input"`
	Low   float64 `json:"low"`   // the outcome with this input at its least and all others likely
	High  float64 `json:"high"`  // and at its greatest
	Width float64 `json:"width"` // by how much the two differ
	Rank  float64 `json:"rank"`  // rank correlation with the outcome over all draws, -1 to 1; 0 for what does not vary
}

// Outcome is what comes of inputs.
type Outcome struct {
	Likely float64   `json:"likely"` // of the likely values
	Low    float64   `json:"low"`    // 95 of 100 draws lie between
	High   float64   `json:"high"`
	Swings []Swing   `json:"swings"` // the widest first
	Draws  []float64 `json:"-"`      // ascending
}

// Below is the share of draws below a value.
func (o Outcome) Below(v float64) float64 {
	i, _ := slices.BinarySearch(o.Draws, v)
	return float64(i) / float64(len(o.Draws))
}

// Says tells which input matters most.
func (o Outcome) Says() string {
	if len(o.Swings) == 0 || o.Swings[0].Width == 0 {
		return "Nothing that was assumed changes the outcome."
	}
	s := o.Swings[0].Input
	return fmt.Sprintf("What matters most is “%s” (%s).", s.Name, s.Origin)
}

// Draws is how many draws are usual: the ends of a range are good to about a fiftieth of its width then.
const Draws = 10_000

// Run computes the outcome of inputs by a function of their values, which come in the same order. The same seed gives the same
// outcome.
func Run(inputs []Input, draws int, seed uint64, model func(values []float64) float64) (Outcome, error) {
	likely := make([]float64, len(inputs))
	for i, in := range inputs {
		if err := in.Check(); err != nil {
			return Outcome{}, err
		}
		likely[i] = in.Likely
	}
	o := Outcome{Likely: model(slices.Clone(likely)), Draws: make([]float64, draws)}
	random := resample.Source(seed)
	values := make([]float64, len(inputs))
	columns := make([][]float64, len(inputs))
	for i := range columns {
		columns[i] = make([]float64, draws)
	}
	for d := range draws {
		for i, in := range inputs {
			values[i] = in.At(random.Float64())
			columns[i][d] = values[i]
		}
		o.Draws[d] = model(slices.Clone(values))
	}
	for i, in := range inputs {
		at := func(v float64) float64 {
			one := slices.Clone(likely)
			one[i] = v
			return model(one)
		}
		s := Swing{Input: in, Low: at(in.Low), High: at(in.High), Rank: Spearman(columns[i], o.Draws)}
		s.Width = math.Abs(s.High - s.Low)
		o.Swings = append(o.Swings, s)
	}
	slices.SortStableFunc(o.Swings, func(a, b Swing) int { return cmp.Compare(b.Width, a.Width) })
	slices.Sort(o.Draws)
	if draws > 0 {
		o.Low, o.High = resample.Quantile(o.Draws, 0.025), resample.Quantile(o.Draws, 0.975)
	}
	return o, nil
}

// Spearman is the rank correlation of two lists; 0 where one of them does not vary.
func Spearman(a, b []float64) float64 {
	ra, rb := ranks(a), ranks(b)
	mean := float64(len(a)+1) / 2
	var cross, va, vb float64
	for i := range ra {
		cross += (ra[i] - mean) * (rb[i] - mean)
		va += (ra[i] - mean) * (ra[i] - mean)
		vb += (rb[i] - mean) * (rb[i] - mean)
	}
	if va == 0 || vb == 0 {
		return 0
	}
	return cross / math.Sqrt(va*vb)
}

// ranks are the ranks of values from 1; equals share the mean of theirs.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(values[a], values[b]), cmp.Compare(a, b)) })
	out := make([]float64, len(values))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && values[order[j]] == values[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			out[order[k]] = float64(i+j+1) / 2
		}
		i = j
	}
	return out
}
