// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package returns sets what a community costs against what it brings: ROI = (value - cost) / cost, with a range, the chance that
// it is below zero, and which assumption decides.
//
// Each value says how its effect is known. [Account.Sure] counts only what an experiment or good evidence shows, beside
// [Account.All], which counts everything: the truth mostly lies between, and a report shows both. Two values that count the same
// thing, such as sourced and influenced revenue, have the same [Value.About] and are refused together.
package returns

import (
	"errors"
	"fmt"

	"greenroom/internal/impact/assumption"
	"greenroom/internal/impact/verdict"
)

// Rhythm is how often an amount is due.
type Rhythm int

// The rhythms.
const (
	Once Rhythm = iota
	Monthly
	Yearly
)

// times is how often an amount is due in so many months.
func (r Rhythm) times(months float64) float64 {
	switch r {
	case Monthly:
		return months
	case Yearly:
		return months / 12
	default:
		return 1
	}
}

// Cost is a line of the ledger: people, platform, events, rewards, agencies.
type Cost struct {
	Amount assumption.Input
	Rhythm Rhythm
	Share  float64 // of it that is the community's; 0 = all
}

// Value is something that the community brings.
type Value struct {
	Amount assumption.Input
	Rhythm Rhythm
	About  string        // what it counts; no two values may count the same
	Light  verdict.Light // how the effect is known
}

// The reasons for which there is no account.
var (
	ErrTwice  = errors.New("the same is counted twice")
	ErrNoCost = errors.New("there is no cost to set the value against")
)

// Return is what comes of costs and values.
type Return struct {
	Cost  assumption.Outcome `json:"cost"`
	Value assumption.Outcome `json:"value"`
	Net   assumption.Outcome `json:"net"`
	ROI   assumption.Outcome `json:"roi"`  // 0.5 = half as much again as was spent
	Loss  float64            `json:"loss"` // share of draws in which it costs more than it brings
}

// Account is the return of all values, and of those that are well known.
type Account struct {
	Months float64 `json:"months"`
	All    Return  `json:"all"`
	Sure   Return  `json:"sure"`
}

// Over computes the account of so many months.
func Over(months float64, costs []Cost, values []Value, seed uint64) (Account, error) {
	a := Account{Months: months}
	seen := make(map[string]string)
	var sure []Value
	for _, v := range values {
		if other, twice := seen[v.About]; twice && v.About != "" {
			return a, fmt.Errorf("values %q and %q: %w: %s", other, v.Amount.Name, ErrTwice, v.About)
		}
		seen[v.About] = v.Amount.Name
		if v.Light == verdict.Experiment || v.Light == verdict.Good {
			sure = append(sure, v)
		}
	}
	var err error
	if a.All, err = balance(months, costs, values, seed); err != nil {
		return a, err
	}
	a.Sure, err = balance(months, costs, sure, seed)
	return a, err
}

func balance(months float64, costs []Cost, values []Value, seed uint64) (Return, error) {
	var r Return
	inputs := make([]assumption.Input, 0, len(costs)+len(values))
	weights := make([]float64, 0, cap(inputs))
	likely := 0.0
	for _, c := range costs {
		share := c.Share
		if share == 0 {
			share = 1
		}
		inputs, weights = append(inputs, c.Amount), append(weights, share*c.Rhythm.times(months))
		likely += share * c.Rhythm.times(months) * c.Amount.Low
	}
	if likely <= 0 {
		return r, fmt.Errorf("set value against cost: %w", ErrNoCost)
	}
	for _, v := range values {
		inputs, weights = append(inputs, v.Amount), append(weights, v.Rhythm.times(months))
	}
	sums := func(v []float64) (cost, value float64) {
		for i := range v {
			if i < len(costs) {
				cost += weights[i] * v[i]
			} else {
				value += weights[i] * v[i]
			}
		}
		return cost, value
	}
	for _, out := range []struct {
		to    *assumption.Outcome
		model func(cost, value float64) float64
	}{
		{&r.Cost, func(cost, _ float64) float64 { return cost }},
		{&r.Value, func(_, value float64) float64 { return value }},
		{&r.Net, func(cost, value float64) float64 { return value - cost }},
		{&r.ROI, func(cost, value float64) float64 { return (value - cost) / cost }},
	} {
		var err error
		if *out.to, err = assumption.Run(inputs, assumption.Draws, seed, func(v []float64) float64 { return out.model(sums(v)) }); err != nil {
			return r, fmt.Errorf("set value against cost: %w", err)
		}
	}
	r.Loss = r.Net.Below(0)
	return r, nil
}
