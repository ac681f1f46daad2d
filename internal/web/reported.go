// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"math"
	"net/http"

	"greenroom/internal/analytics"
	"greenroom/internal/reported"
	"greenroom/internal/web/ui"
)

// Reported keeps figures as they were reported; reported.Service does.
type Reported interface {
	Points(ctx context.Context, r analytics.Request, res *analytics.Result) ([]reported.Point, error)
}

// reported draws what was reported beside what is known today, where that is asked for.
func (p *insightsPage) reported(r *http.Request, req analytics.Request, res *analytics.Result, c *ui.Chart, body *insightsBody) error {
	if p.cfg.Reported == nil || r.URL.Query().Get("reported") == "" || len(c.Series) != 1 {
		return nil
	}
	points, err := p.cfg.Reported.Points(r.Context(), req, res)
	if text, ok := invalid(err); ok {
		body.Note += " " + text
		return nil
	}
	if err != nil {
		return err
	}
	s := emptySeries("As it was reported", len(c.Labels), false)
	t := &ui.Table{Caption: "Figures as they were reported", Columns: []ui.Column{{Label: "Period"}, {Label: "Reported"}, {Label: "Known today"}, {Label: "Why"}, {Label: "Kept"}}}
	if len(points) == 0 {
		t.Empty = &ui.Empty{Title: "Nothing kept yet", Text: "From now on, figures are kept when a week or a month is over. Periods that were over before were never reported."}
	}
	unit := chartUnit(res.Unit)
	text := func(v *float64) string {
		if v == nil {
			return ui.None
		}
		return unit.Format(*v)
	}
	for i := range points {
		pt := &points[i]
		label := periodLabel(pt.From, req.Granularity)
		for x := range c.Labels {
			if c.Labels[x] == label {
				s.Values[x] = orNaN(pt.Value)
			}
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: label, Cells: []ui.Cell{{Text: label}, {Text: text(pt.Value)}, {Text: text(pt.Now)}, {Text: pt.Says}, {Text: ui.DateTime(pt.At)}}})
	}
	c.Series[0].Name = "As known today"
	for _, v := range s.Values {
		if !math.IsNaN(v) {
			c.Series = append(c.Series, s)
			break
		}
	}
	body.Reported = t
	return nil
}
