// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// ChartKind is how the series of a chart are drawn.
type ChartKind string

// The kinds. Area and Stack add their series up; BarsAcross has its labels at the left.
const (
	Lines      ChartKind = "line"
	Areas      ChartKind = "area"
	Bars       ChartKind = "bar"
	Stack      ChartKind = "stack"
	BarsAcross ChartKind = "across"
	HeatGrid   ChartKind = "heat"
	YearGrid   ChartKind = "calendar"
)

// Unit says how a chart's figures are written.
type Unit string

// The units. Shares are between 0 and 1, spans in seconds.
const (
	UnitCount Unit = ""
	UnitShare Unit = "share"
	UnitSpan  Unit = "span"
)

// Format writes a figure of that unit; NaN as None.
func (u Unit) Format(x float64) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return None
	case u == UnitShare:
		return Percent(x)
	case u == UnitSpan:
		return Duration(time.Duration(x * float64(time.Second)))
	case x == math.Trunc(x):
		return Decimal(x, 0)
	default:
		return Decimal(x, 1)
	}
}

// Series is a line, or a set of bars. All slices that are given have one entry a label.
type Series struct {
	Name   string
	Values []float64 // NaN where there is none
	Low    []float64 // lower and upper end of an interval, drawn as a band; lines only
	High   []float64
	Hrefs  []string // what a point opens to
	Color  int      // 1 to 8 of the chart colors; 0 takes them in order
}

// Mark is a dated event, such as a release, drawn as an upright line.
type Mark struct {
	At   string // one of the labels
	Text string
}

// Target is a level to reach, drawn as a dotted line.
type Target struct {
	Value float64
	Text  string
}

// Chart is a figure that a script draws from data; without script its table stands there instead. Labels are the
// places along the first axis; for HeatGrid each Series is a row, for YearGrid labels are dates as 2006-01-02.
type Chart struct {
	Title  string // what the chart shows, for screen readers and the table
	Kind   ChartKind
	Unit   Unit
	Axis   string // name of the labels in the table: "Week"
	Labels []string
	Series []Series
	Marks  []Mark
	Target *Target
	Size   string // "", "sm" or "lg"
	Open   bool   // the last label's period has not ended: drawn dashed or lighter
}

// chartData is what the script gets. Figures come with their text, so that only Go formats figures.
type chartData struct {
	Title  string       `json:"title"`
	Kind   ChartKind    `json:"kind"`
	Unit   Unit         `json:"unit,omitempty"`
	Labels []string     `json:"labels"`
	Series []seriesData `json:"series"`
	Marks  []markData   `json:"marks,omitempty"`
	Target *targetData  `json:"target,omitempty"`
	Open   bool         `json:"open,omitempty"`
}

type seriesData struct {
	Name   string     `json:"name"`
	Values []*float64 `json:"values"`
	Text   []string   `json:"text"`
	Low    []*float64 `json:"low,omitempty"`
	High   []*float64 `json:"high,omitempty"`
	Hrefs  []string   `json:"hrefs,omitempty"`
	Color  int        `json:"color"`
}

type markData struct {
	At   string `json:"at"`
	Text string `json:"text"`
}

type targetData struct {
	Value float64 `json:"value"`
	Text  string  `json:"text"`
}

// Data is the chart as JSON for the script.
func (c Chart) Data() (string, error) {
	out := chartData{Title: c.Title, Kind: c.Kind, Unit: c.Unit, Labels: c.Labels, Open: c.Open, Series: make([]seriesData, len(c.Series))}
	for i, s := range c.Series {
		color := s.Color
		if color == 0 {
			color = i%8 + 1
		}
		out.Series[i] = seriesData{
			Name: s.Name, Values: numbers(s.Values), Low: numbers(s.Low), High: numbers(s.High), Hrefs: s.Hrefs, Color: color,
			Text: make([]string, len(s.Values)),
		}
		for j := range s.Values {
			out.Series[i].Text[j] = c.text(s, j)
		}
	}
	for _, m := range c.Marks {
		out.Marks = append(out.Marks, markData(m))
	}
	if c.Target != nil {
		out.Target = &targetData{Value: c.Target.Value, Text: c.Target.Text}
	}
	data, err := json.Marshal(out)
	if err != nil {
		return "", fmt.Errorf("encode chart %q: %w", c.Title, err)
	}
	return string(data), nil
}

// text writes a figure with its interval.
func (c Chart) text(s Series, i int) string {
	text := c.Unit.Format(s.Values[i])
	if i < len(s.Low) && i < len(s.High) && !math.IsNaN(s.Low[i]) && !math.IsNaN(s.High[i]) {
		text += " [" + c.Unit.Format(s.Low[i]) + ", " + c.Unit.Format(s.High[i]) + "]"
	}
	return text
}

// Table is the chart's content as text: a row a label, a column a series.
func (c Chart) Table() Table {
	t := Table{Caption: c.Title, Columns: []Column{{Label: c.Axis}}}
	if c.Axis == "" {
		t.Columns[0].Label = "Period"
	}
	for _, s := range c.Series {
		t.Columns = append(t.Columns, Column{Label: s.Name, Number: true})
	}
	for i, label := range c.Labels {
		row := TableRow{Cells: []Cell{{Text: label}}}
		if c.Open && i == len(c.Labels)-1 {
			row.Cells[0].Sub = "not ended"
		}
		for _, m := range c.Marks {
			if m.At == label {
				row.Cells[0].Sub = m.Text
			}
		}
		for _, s := range c.Series {
			cell := Cell{}
			if i < len(s.Values) {
				cell.Text = c.text(s, i)
			}
			if i < len(s.Hrefs) {
				cell.Href = s.Hrefs[i]
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// numbers turns NaN and infinities into null, which JSON can say.
func numbers(values []float64) []*float64 {
	if values == nil {
		return nil
	}
	out := make([]*float64, len(values))
	for i, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			out[i] = &values[i]
		}
	}
	return out
}
