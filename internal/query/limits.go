// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"math"
	"time"
)

// Interval is a stretch of time: From is the first moment in it, To the first
// after it. A zero time leaves that end open.
type Interval struct{ From, To time.Time }

// Bounds is a stretch of numbers. An open side has an infinite value; LowOut
// and HighOut say that the limit itself lies outside.
type Bounds struct {
	Low, High       float64
	LowOut, HighOut bool
}

// Contains reports whether x lies within the bounds.
func (b Bounds) Contains(x float64) bool {
	return (x > b.Low || x == b.Low && !b.LowOut) && (x < b.High || x == b.High && !b.HighOut)
}

// Bounds gives the numbers that a term on a number, a duration (in seconds) or
// a custom number asks for, any of which will do. It is empty for Has and for
// values that are neither.
func (t *Term) Bounds() []Bounds {
	var nums []float64
	for _, v := range t.Values {
		switch v.Form {
		case FormNumber:
			nums = append(nums, v.Number)
		case FormSpan:
			nums = append(nums, v.Span.Seconds())
		case FormNone:
			nums = append(nums, math.NaN())
		default:
			return nil
		}
	}
	inf := math.Inf(1)
	switch t.Op {
	case Less:
		return []Bounds{{Low: -inf, High: nums[0], HighOut: true}}
	case LessEqual:
		return []Bounds{{Low: -inf, High: nums[0]}}
	case Greater:
		return []Bounds{{Low: nums[0], High: inf, LowOut: true}}
	case GreaterEqual:
		return []Bounds{{Low: nums[0], High: inf}}
	case Between:
		b := Bounds{Low: nums[0], High: nums[1]}
		if math.IsNaN(b.Low) {
			b.Low = -inf
		}
		if math.IsNaN(b.High) {
			b.High = inf
		}
		return []Bounds{b}
	case Equal:
		var all []Bounds
		for _, n := range nums {
			all = append(all, Bounds{Low: n, High: n})
		}
		return all
	default:
		return nil
	}
}

// Intervals gives the stretches of time that a term on a date asks for, any of
// which will do. Now is the moment that ages count back from; its location is
// the time zone in which days begin. It is empty for Has and for values that
// are no dates.
//
// A span is an age: "<30d" and "<=30d" are what happened from 30 days ago on,
// without an upper end, ">30d" and ">=30d" what happened before. With a date,
// "<" ends before its first moment, "<=" after its last, and so on.
func (t *Term) Intervals(now time.Time) []Interval {
	var whole []Interval
	for _, v := range t.Values {
		if v.Form == FormText || v.Form == FormNumber {
			return nil
		}
		whole = append(whole, v.interval(now))
	}
	op := t.Op
	if len(t.Values) > 0 && t.Values[0].Form == FormSpan {
		op = olderThan(op)
	}
	switch op {
	case Less:
		return []Interval{{To: whole[0].From}}
	case LessEqual:
		return []Interval{{To: whole[0].To}}
	case Greater:
		return []Interval{{From: whole[0].To}}
	case GreaterEqual:
		return []Interval{{From: whole[0].From}}
	case Between:
		lo, hi := whole[0], whole[1]
		if t.Values[0].Form == FormSpan && t.Values[1].Form == FormSpan && hi.From.Before(lo.From) {
			lo, hi = hi, lo
		}
		return []Interval{{From: lo.From, To: hi.To}}
	case Equal:
		return whole
	default:
		return nil
	}
}

// olderThan turns a comparison of ages into one of times.
func olderThan(op Op) Op {
	switch op {
	case Less, LessEqual:
		return GreaterEqual
	case Greater, GreaterEqual:
		return Less
	default:
		return op
	}
}

// interval is what a value covers: nothing where it is a moment ago.
func (v Value) interval(now time.Time) Interval {
	switch v.Form {
	case FormDate:
		return v.Date.Interval(now)
	case FormSpan:
		at := v.Span.Before(now)
		return Interval{at, at}
	default:
		return Interval{}
	}
}

// Interval is when the activities of the condition happened; see
// Term.Intervals for now.
func (d *Did) Interval(now time.Time) Interval {
	return Interval{From: d.Since.interval(now).From, To: d.Until.interval(now).To}
}
