// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"greenroom"
)

// Range is a quantity from 0 on that is not known exactly.
type Range struct {
	Low    float64 `json:"low" doc:"At least."`
	Likely float64 `json:"likely" doc:"Most likely."`
	High   float64 `json:"high" doc:"At most."`
}

// Exactly is a quantity that is known.
func Exactly(v float64) Range { return Range{v, v, v} }

// Plus is the sum of two quantities.
func (r Range) Plus(o Range) Range { return Range{r.Low + o.Low, r.Likely + o.Likely, r.High + o.High} }

// Times is the product of two quantities.
func (r Range) Times(o Range) Range {
	return Range{r.Low * o.Low, r.Likely * o.Likely, r.High * o.High}
}

// Scale is a multiple of a quantity, by a factor from 0 on.
func (r Range) Scale(f float64) Range { return Range{r.Low * f, r.Likely * f, r.High * f} }

// Less is what is left of a quantity after another is taken off, and never below 0.
func (r Range) Less(o Range) Range {
	return Range{max(0, r.Low-o.High), max(0, r.Likely-o.Likely), max(0, r.High-o.Low)}
}

// AtMost caps a quantity by another.
func (r Range) AtMost(o Range) Range {
	return Range{min(r.Low, o.Low), min(r.Likely, o.Likely), min(r.High, o.High)}
}

// Ordered reports whether the range is one: numbers from 0 on, each at least the one before.
func (r Range) Ordered() bool {
	return r.Low >= 0 && r.Low <= r.Likely && r.Likely <= r.High && !math.IsInf(r.High, 0) && !math.IsNaN(r.High)
}

// String writes a range with its unit left out: "12 (8 to 20)", or "12" where it is known exactly.
func (r Range) String() string {
	if r.Low == r.High {
		return Amount(r.Likely)
	}
	return fmt.Sprintf("%s (%s to %s)", Amount(r.Likely), Amount(r.Low), Amount(r.High))
}

// Amount writes a quantity with as many decimals as matter: two below 1, one below 10, else none.
func Amount(v float64) string {
	places := 0
	switch a := math.Abs(v); {
	case a < 1:
		places = 2
	case a < 10:
		places = 1
	}
	text := strconv.FormatFloat(v, 'f', places, 64)
	if places > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// ParseRange reads "15", "10-20" or "10-15-20".
func ParseRange(text string) (Range, error) {
	if strings.TrimSpace(text) == "" {
		return Range{}, greenroom.Errorf(greenroom.CodeInvalid, "a number is missing; write it as 15, or as a range: 10-20 or 10-15-20, at least, most likely, at most")
	}
	var v []float64
	for part := range strings.SplitSeq(strings.NewReplacer("–", "-", " to ", "-", ",", ".").Replace(text), "-") {
		x, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(x) {
			return Range{}, greenroom.Errorf(greenroom.CodeInvalid, "%q is no range; it is written as 15, 10-20 or 10-15-20: at least, most likely, at most", text)
		}
		v = append(v, x)
	}
	var r Range
	switch len(v) {
	case 1:
		r = Exactly(v[0])
	case 2:
		r = Range{v[0], (v[0] + v[1]) / 2, v[1]}
	case 3:
		r = Range{v[0], v[1], v[2]}
	default:
		return r, greenroom.Errorf(greenroom.CodeInvalid, "%q has more than three numbers; a range is written as 10-15-20", text)
	}
	if !r.Ordered() {
		return r, greenroom.Errorf(greenroom.CodeInvalid, "%q is no range: its numbers are 0 or more and do not fall", text)
	}
	return r, nil
}

// Format writes a range so that ParseRange reads the same one.
func (r Range) Format() string {
	f := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	if r.Low == r.High {
		return f(r.Low)
	}
	return f(r.Low) + "-" + f(r.Likely) + "-" + f(r.High)
}

// quantile is the p-quantile of values, by linear interpolation between the two nearest. values is not empty.
func quantile(values []float64, p float64) float64 {
	v := slices.Sorted(slices.Values(values))
	at := p * float64(len(v)-1)
	i := int(at)
	if i+1 >= len(v) {
		return v[len(v)-1]
	}
	return v[i] + (at-float64(i))*(v[i+1]-v[i])
}

// quartiles are the median of values with the quartiles around it.
func quartiles(values []float64) Range {
	return Range{quantile(values, .25), quantile(values, .5), quantile(values, .75)}
}

// spread is the median of values with the least and the most.
func spread(values []float64) Range {
	return Range{slices.Min(values), quantile(values, .5), slices.Max(values)}
}
