// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"math"
	"net/http"
	"strings"

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
	if p.cfg.Reported == nil {
		return nil
	}
	if narrow := narrowedBy(&req); narrow != "" {
		body.Note = strings.TrimSpace(body.Note + " This is as known today: figures are kept as they were reported only of everybody and in all, not " + narrow + ".")
		return nil
	}
	if r.URL.Query().Get("reported") == "" || len(c.Series) != 1 {
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
	if missing := len(c.Labels) - len(points); len(points) > 0 && missing > 0 {
		body.Note = strings.TrimSpace(body.Note + " Of " + countText(int64(missing), "period", "periods") + " nothing was kept: over before Greenroom first looked, or not over yet.")
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

// narrowedBy says what narrows a figure, so that it was not kept; "" for one that is kept, or of days and quarters, which none is.
func narrowedBy(req *analytics.Request) string {
	switch {
	case req.Granularity != analytics.Week && req.Granularity != analytics.Month:
		return ""
	case req.Query != nil && req.Query.Root != nil:
		return "by a query"
	case req.Segment != nil && req.Segment.Root != nil:
		return "of some members"
	case req.Breakdown != "":
		return "broken down"
	}
	return ""
}
