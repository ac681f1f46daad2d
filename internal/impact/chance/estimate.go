// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package chance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
)

// Maybe is a number that may not be known, or be without bound: NaN or infinite. In JSON, which has neither, it is null, and null is
// NaN.
type Maybe float64

// MarshalJSON writes null for what is not a number.
func (m Maybe) MarshalJSON() ([]byte, error) {
	if v := float64(m); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	b, err := json.Marshal(float64(m))
	if err != nil {
		return nil, fmt.Errorf("write a number: %w", err)
	}
	return b, nil
}

// UnmarshalJSON reads null as NaN.
func (m *Maybe) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		*m = Maybe(math.NaN())
		return nil
	}
	if err := json.Unmarshal(b, (*float64)(m)); err != nil {
		return fmt.Errorf("read a number: %w", err)
	}
	return nil
}

// Estimate is a number with how well it is known. Where a bound is not known it is infinite; what else is not known is NaN. In JSON
// both are null.
type Estimate struct {
	Value float64 // what it is, most likely
	Error float64 // standard error; NaN where the interval came about without one
	Low   float64 // the 95 % interval
	High  float64
	P     float64 // how often chance alone makes something so far from nothing; NaN where nobody tested it
}

// written is an estimate in JSON.
type written struct {
	Value Maybe `json:"value"`
	Error Maybe `json:"error"`
	Low   Maybe `json:"low"`
	High  Maybe `json:"high"`
	P     Maybe `json:"p"`
}

// MarshalJSON writes null for what is not known.
func (e Estimate) MarshalJSON() ([]byte, error) {
	b, err := json.Marshal(written{Maybe(e.Value), Maybe(e.Error), Maybe(e.Low), Maybe(e.High), Maybe(e.P)})
	if err != nil {
		return nil, fmt.Errorf("write an estimate: %w", err)
	}
	return b, nil
}

// UnmarshalJSON reads null as what it was: a bound that is infinite, or NaN.
func (e *Estimate) UnmarshalJSON(b []byte) error {
	var w written
	if err := json.Unmarshal(b, &w); err != nil {
		return fmt.Errorf("read an estimate: %w", err)
	}
	*e = Estimate{float64(w.Value), float64(w.Error), float64(w.Low), float64(w.High), float64(w.P)}
	if math.IsNaN(e.Low) {
		e.Low = math.Inf(-1)
	}
	if math.IsNaN(e.High) {
		e.High = math.Inf(1)
	}
	return nil
}

// Unknown is the estimate of which nothing is known.
func Unknown() Estimate {
	n := math.NaN()
	return Estimate{Value: n, Error: n, Low: math.Inf(-1), High: math.Inf(1), P: n}
}

// Excludes says whether the interval lies on one side of v.
func (e Estimate) Excludes(v float64) bool { return e.Low > v || e.High < v }

// Z95 is the normal quantile of a two-sided 95 % interval.
const Z95 = 1.959963984540054

// Large is the estimate of a value whose error is normal, as in large samples.
func Large(value, err float64) Estimate {
	return Estimate{Value: value, Error: err, Low: value - Z95*err, High: value + Z95*err, P: Beyond(value / err)}
}

// Small is the estimate of a value whose error follows Student's t with so many degrees of freedom. With none, only the value is
// known.
func Small(value, err, freedom float64) Estimate {
	if !(freedom > 0) || math.IsNaN(err) {
		e := Unknown()
		e.Value = value
		return e
	}
	half := StudentQuantile(0.975, freedom) * err
	return Estimate{Value: value, Error: err, Low: value - half, High: value + half, P: StudentBeyond(value/err, freedom)}
}

// Exp takes an estimate from the scale of logarithms to that of ratios. The error stays that of the logarithm.
func (e Estimate) Exp() Estimate {
	e.Value, e.Low, e.High = math.Exp(e.Value), math.Exp(e.Low), math.Exp(e.High)
	return e
}
