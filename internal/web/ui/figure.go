// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui

import (
	"math"
	"strconv"
	"strings"
)

// Spark is a small line without axes, drawn on the server. Values are oldest first; NaN leaves a place out.
type Spark struct {
	Values []float64
	Label  string // what it shows, for screen readers: "26 weeks, from 1,402 to 1,842"; empty hides it from them
	Color  int    // 1 to 5 of the chart colors, 1 if 0
}

const (
	sparkWidth  = 200.0
	sparkHeight = 30.0
)

// Line gives the points of the line for SVG, in a box of 200 by 30.
func (s Spark) Line() string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range s.Values {
		if !math.IsNaN(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	var out []string
	for i, v := range s.Values {
		if math.IsNaN(v) {
			continue
		}
		x, y := 0.0, sparkHeight/2
		if len(s.Values) > 1 {
			x = sparkWidth * float64(i) / float64(len(s.Values)-1)
		}
		if high > low {
			y = sparkHeight - 3 - (v-low)/(high-low)*(sparkHeight-6)
		}
		out = append(out, coordinate(x)+","+coordinate(y))
	}
	return strings.Join(out, " ")
}

// Area gives the points of the surface below the line.
func (s Spark) Area() string {
	line := s.Line()
	if line == "" {
		return ""
	}
	first, _, _ := strings.Cut(line, ",")
	last := line[strings.LastIndexByte(line, ' ')+1:]
	last, _, _ = strings.Cut(last, ",")
	return first + "," + coordinate(sparkHeight) + " " + line + " " + last + "," + coordinate(sparkHeight)
}

func coordinate(x float64) string {
	return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64)
}

// Interval is an estimate with its confidence interval on a scale, drawn on the server.
type Interval struct {
	Low, Value, High float64
	From, To         float64 // ends of the scale; have to contain the interval
	Ticks            []float64
	Tone             Tone   // ToneGood or ToneBad when the interval leaves zero out
	Label            string // the whole in words, for screen readers
}

const intervalWidth = 400.0

// X places a value on the scale, in a box of 400 wide.
func (i Interval) X(value float64) string {
	if i.To <= i.From {
		return "0"
	}
	return coordinate(10 + (value-i.From)/(i.To-i.From)*(intervalWidth-20))
}

// Tick writes a figure of the scale.
func (i Interval) Tick(value float64) string {
	if value == math.Trunc(value) {
		return Decimal(value, 0)
	}
	return Decimal(value, 1)
}
