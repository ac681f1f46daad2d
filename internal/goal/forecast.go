// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package goal

import (
	"math"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
)

// fewest is how many whole periods it takes to say where things go.
const fewest = 4

// estimate is a forecast with its 95 % interval.
type estimate struct{ value, low, high float64 }

// drawOn draws the straight line through figures of periods on, by so many periods.
func drawOn(y []float64, on int) (estimate, bool) {
	n := float64(len(y))
	if len(y) < fewest {
		return estimate{}, false
	}
	meanX, meanY := (n-1)/2, mean(y)
	var sxx, sxy float64
	for i, v := range y {
		dx := float64(i) - meanX
		sxx += dx * dx
		sxy += dx * (v - meanY)
	}
	slope := sxy / sxx
	var rest float64
	for i, v := range y {
		d := v - meanY - slope*(float64(i)-meanX)
		rest += d * d
	}
	at := n - 1 + float64(on) - meanX
	e := estimate{value: meanY + slope*at}
	half := student975(len(y)-2) * math.Sqrt(rest/(n-2)*(1+1/n+at*at/sxx))
	e.low, e.high = e.value-half, e.value+half
	return e, true
}

// goOn adds to a total, for the periods that are left, as much as there was in each of the past ones on average.
func goOn(total float64, y []float64, left float64) (estimate, bool) {
	n := float64(len(y))
	if len(y) < fewest {
		return estimate{}, false
	}
	m := mean(y)
	var rest float64
	for _, v := range y {
		rest += (v - m) * (v - m)
	}
	e := estimate{value: total + m*left}
	half := student975(len(y)-1) * math.Sqrt(rest/(n-1)*(left+left*left/n))
	e.low, e.high = max(total, e.value-half), e.value+half
	return e, true
}

// within keeps a forecast where a metric can be at all.
func (e *estimate) within(m *analytics.Metric) {
	least, most := 0.0, math.Inf(1)
	if m.Unit == analytics.UnitShare {
		most = 1
		if m.Name == "net_sentiment" {
			least = -1
		}
	}
	for _, v := range []*float64{&e.value, &e.low, &e.high} {
		*v = min(max(*v, least), most)
	}
}

func mean(y []float64) float64 {
	sum := 0.0
	for _, v := range y {
		sum += v
	}
	return sum / float64(len(y))
}

// student975 is how far from 0 Student's t is in 5 of 100 cases, by degrees of freedom: tabled up to 10, and from there
// by the first terms of its expansion (Abramowitz and Stegun 26.7.5), which is then good to a thousandth.
func student975(freedom int) float64 {
	table := [...]float64{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228}
	if freedom <= len(table) {
		return table[max(freedom, 1)-1]
	}
	const z = 1.959964
	v := float64(freedom)
	return z + (z*z*z+z)/(4*v) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*v*v)
}

// ParseFigure reads a figure of a unit as people write it: shares as 42 % or 0.42, times as 4h, 90m or seconds, all else as
// a number.
func ParseFigure(u analytics.Unit, text string) (float64, error) {
	t := strings.ReplaceAll(strings.TrimSpace(text), " ", "")
	t = strings.ReplaceAll(t, ",", "")
	if u == analytics.UnitSeconds {
		if d, err := time.ParseDuration(t); err == nil {
			return d.Seconds(), nil
		}
	}
	by := 1.0
	if rest, ok := strings.CutSuffix(t, "%"); ok && u == analytics.UnitShare {
		t, by = rest, 100
	}
	v, err := strconv.ParseFloat(t, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is no figure; write %s", text, example(u))
	}
	return v / by, nil
}

func example(u analytics.Unit) string {
	switch u {
	case analytics.UnitShare:
		return "a share as 42 % or 0.42"
	case analytics.UnitSeconds:
		return "a time as 4h, 90m or a number of seconds"
	default:
		return "a number such as 120"
	}
}
