// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"math"

	"greenroom/internal/analytics"
	"greenroom/internal/report"
)

// ink is a color by its role, so that a page can choose others in the dark.
type ink int

const (
	inkText ink = iota
	inkMuted
	inkGrid
	inkMark   // the series
	inkStrong // its last value
	inkBand   // its interval
)

// rgb is the color on white paper.
func (i ink) rgb() [3]uint8 {
	switch i {
	case inkText:
		return [3]uint8{0x1c, 0x24, 0x21}
	case inkMuted:
		return [3]uint8{0x5b, 0x66, 0x61}
	case inkGrid:
		return [3]uint8{0xde, 0xe3, 0xe0}
	case inkMark:
		return [3]uint8{0x6d, 0xa8, 0x92}
	case inkBand:
		return [3]uint8{0xd5, 0xe8, 0xe0}
	default:
		return [3]uint8{0x0b, 0x5f, 0x46}
	}
}

type point struct{ x, y float64 }

// align says where a text stands relative to its point.
type align int

const (
	atStart align = iota
	atMiddle
	atEnd
)

// canvas is something to draw on. Lengths are points of 1/72 inch, y goes down, a text's point is on its baseline.
type canvas interface {
	line(from, to point, width float64, c ink)
	path(points []point, width float64, c ink)
	fill(points []point, c ink)
	dot(at point, radius float64, c ink)
	text(at point, text string, size float64, bold bool, a align, c ink)
	width(text string, size float64, bold bool) float64
}

// frame is where the series lies.
type frame struct {
	left, top, right, bottom float64
	low, high                float64
	n                        int
	bars                     bool
}

func (f *frame) x(i int) float64 {
	if f.bars {
		return f.left + (f.right-f.left)*(float64(i)+.5)/float64(f.n)
	}
	if f.n == 1 {
		return (f.left + f.right) / 2
	}
	return f.left + (f.right-f.left)*float64(i)/float64(f.n-1)
}

func (f *frame) y(v float64) float64 {
	return f.bottom - (f.bottom-f.top)*(v-f.low)/(f.high-f.low)
}

const chartText = 8.5

// drawChart draws a chart into a box whose corner is at o.
func drawChart(cv canvas, p *report.Plot, o point, w, h float64) {
	ticks := scale(p)
	labelWide := 0.0
	for _, t := range ticks {
		labelWide = max(labelWide, cv.width(report.ValueText(p.Unit, &t), chartText, false))
	}
	f := frame{left: o.x + labelWide + 8, top: o.y + 12, right: o.x + w - 10, bottom: o.y + h - 18, low: ticks[0], high: ticks[len(ticks)-1], n: len(p.Values), bars: p.Bars}
	for _, t := range ticks {
		y := f.y(t)
		cv.line(point{f.left, y}, point{f.right, y}, .6, inkGrid)
		cv.text(point{f.left - 5, y + 3}, report.ValueText(p.Unit, &t), chartText, false, atEnd, inkMuted)
	}
	if f.bars {
		drawBars(cv, p, &f)
	} else {
		drawLine(cv, p, &f)
	}
	drawLabels(cv, p, &f)
}

func drawBars(cv canvas, p *report.Plot, f *frame) {
	half := (f.right - f.left) / float64(f.n) * .34
	half = min(half, 22)
	for i, v := range p.Values {
		if v == nil {
			continue
		}
		c := inkMark
		if i == f.n-1 {
			c = inkStrong
		}
		x, y := f.x(i), f.y(*v)
		if *v != 0 {
			cv.fill([]point{{x - half, f.bottom}, {x - half, y}, {x + half, y}, {x + half, f.bottom}}, c)
		}
		if i == f.n-1 {
			cv.text(point{x, y - 4}, report.ValueText(p.Unit, v), chartText, true, atMiddle, inkText)
		}
	}
}

func drawLine(cv canvas, p *report.Plot, f *frame) {
	if p.Low != nil {
		for _, run := range runs(p.Low) {
			var band []point
			for _, i := range run {
				band = append(band, point{f.x(i), f.y(min(*p.High[i], f.high))})
			}
			for j := len(run) - 1; j >= 0; j-- {
				band = append(band, point{f.x(run[j]), f.y(max(*p.Low[run[j]], f.low))})
			}
			if len(run) > 1 {
				cv.fill(band, inkBand)
			}
		}
	}
	for _, run := range runs(p.Values) {
		var line []point
		for _, i := range run {
			line = append(line, point{f.x(i), f.y(*p.Values[i])})
		}
		if len(line) > 1 {
			cv.path(line, 1.6, inkStrong)
		} else {
			cv.dot(line[0], 2, inkStrong)
		}
	}
	if v := p.Values[f.n-1]; v != nil {
		at := point{f.x(f.n - 1), f.y(*v)}
		cv.dot(at, 3, inkStrong)
		y := at.y - 7
		if y < f.top {
			y = at.y + 13
		}
		cv.text(point{min(at.x+4, f.right+8), y}, report.ValueText(p.Unit, v), chartText, true, atEnd, inkText)
	}
}

// drawLabels writes as many labels as there is room for, the last one always.
func drawLabels(cv canvas, p *report.Plot, f *frame) {
	wide := 0.0
	for _, l := range p.Labels {
		wide = max(wide, cv.width(l, chartText, false))
	}
	every := max(1, int(math.Ceil((wide+10)*float64(f.n)/(f.right-f.left))))
	for i := f.n - 1; i >= 0; i -= every {
		x, a := f.x(i), atMiddle
		if x+wide/2 > f.right+10 {
			x, a = f.right+8, atEnd
		}
		if x-wide/2 < f.left-14 && a == atMiddle {
			x, a = f.left, atStart
		}
		cv.text(point{x, f.bottom + 13}, p.Labels[i], chartText, false, a, inkMuted)
	}
}

// runs are the stretches of values without a gap.
func runs(values []*float64) [][]int {
	var all [][]int
	var run []int
	for i, v := range values {
		if v == nil {
			if run != nil {
				all, run = append(all, run), nil
			}
			continue
		}
		run = append(run, i)
	}
	if run != nil {
		all = append(all, run)
	}
	return all
}

// scale chooses round levels that hold all values: from zero for counts and shares near it.
func scale(p *report.Plot) []float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, list := range [][]*float64{p.Values, p.Low, p.High} {
		for _, v := range list {
			if v != nil {
				low, high = min(low, *v), max(high, *v)
			}
		}
	}
	if math.IsInf(low, 0) {
		low, high = 0, 1
	}
	if low > 0 && (p.Bars || low < high/2 || p.Unit == analytics.UnitSeconds) {
		low = 0
	}
	if high <= low {
		high = low + max(1, math.Abs(low))
		if p.Unit == analytics.UnitShare {
			high = low + .1
		}
	}
	step := roundStep((high-low)/3, p.Unit)
	first := math.Floor(low/step) * step
	var all []float64
	for v := first; ; v += step {
		v = math.Round(v/step) * step
		all = append(all, v)
		if v >= high-step*1e-9 {
			return all
		}
	}
}

// roundStep is the next round number: 1, 2 or 5 times a power of ten; of times a round number of their unit.
func roundStep(x float64, u analytics.Unit) float64 {
	if u == analytics.UnitSeconds {
		for _, s := range []float64{1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 432000, 864000} {
			if s >= x {
				return s
			}
		}
	}
	if u != analytics.UnitShare {
		x = max(x, 1)
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= x*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}
