// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"math"
	"time"

	"greenroom/internal/analytics"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// Figures computes metrics.
type Figures interface {
	Compute(ctx context.Context, r analytics.Request) (*analytics.Result, error)
	// Records gives the list, and the query, of what a point of a result counted.
	Records(r analytics.Request, res *analytics.Result, point int) (query.Entity, string, error)
}

// chartUnit is how a metric's figures are written.
func chartUnit(u analytics.Unit) ui.Unit {
	switch u {
	case analytics.UnitShare:
		return ui.UnitShare
	case analytics.UnitSeconds:
		return ui.UnitSpan
	default:
		return ui.UnitCount
	}
}

func orNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// periodLabel names a period on an axis.
func periodLabel(from time.Time, g analytics.Granularity) string {
	switch g {
	case analytics.Month:
		return from.Format("Jan 06")
	case analytics.Quarter:
		return "Q" + string(rune('1'+(int(from.Month())-1)/3)) + from.Format(" 06")
	default:
		return from.Format("2 Jan 06")
	}
}

// chart draws a result, one series a group.
func chart(m *analytics.Metric, res *analytics.Result, g analytics.Granularity, open func(point int) string) ui.Chart {
	c := ui.Chart{Title: m.Label, Kind: ui.Lines, Unit: chartUnit(m.Unit), Axis: "From"}
	at := make(map[int64]int)
	for i := range res.Series {
		from := res.Series[i].From.Unix()
		if _, ok := at[from]; !ok {
			at[from] = len(c.Labels)
			c.Labels = append(c.Labels, periodLabel(res.Series[i].From, g))
			c.Open = res.Series[i].Partial
		}
	}
	index := make(map[string]int)
	for i := range res.Series {
		pt := &res.Series[i]
		s, ok := index[pt.Group]
		if !ok {
			s = len(c.Series)
			index[pt.Group] = s
			c.Series = append(c.Series, emptySeries(firstText(pt.Group, m.Label), len(c.Labels), pt.Low != nil))
		}
		x := at[pt.From.Unix()]
		c.Series[s].Values[x] = orNaN(pt.Value)
		if c.Series[s].Low != nil {
			c.Series[s].Low[x], c.Series[s].High[x] = orNaN(pt.Low), orNaN(pt.High)
		}
		c.Series[s].Hrefs[x] = open(i)
	}
	if len(c.Series) > 1 && m.Unit == analytics.UnitActivities {
		c.Kind = ui.Areas
	}
	return c
}

func emptySeries(name string, n int, interval bool) ui.Series {
	s := ui.Series{Name: name, Values: make([]float64, n), Hrefs: make([]string, n)}
	if interval {
		s.Low, s.High = make([]float64, n), make([]float64, n)
	}
	for i := range n {
		s.Values[i] = math.NaN()
		if interval {
			s.Low[i], s.High[i] = math.NaN(), math.NaN()
		}
	}
	return s
}

// change is a figure's change against the one before, good or bad by what the metric says.
func change(m *analytics.Metric, now, before float64, than string) *ui.Delta {
	if math.IsNaN(now) || math.IsNaN(before) {
		return nil
	}
	d := &ui.Delta{Than: than, Up: now > before, Flat: now == before}
	switch diff := math.Abs(now - before); {
	case d.Flat:
		d.Text = "no change"
		return d
	case m.Unit == analytics.UnitShare:
		d.Text = ui.Decimal(diff*100, 1) + " pt"
	case m.Unit == analytics.UnitSeconds:
		d.Text = ui.Duration(time.Duration(diff * float64(time.Second)))
	case before == 0:
		d.Text = "from 0"
	default:
		d.Text = ui.Percent(diff / before)
	}
	d.Tone = ui.ToneGood
	if d.Up == m.Lower {
		d.Tone = ui.ToneBad
	}
	return d
}
