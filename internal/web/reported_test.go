// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"greenroom/internal/analytics"
	"greenroom/internal/query"
	"greenroom/internal/reported"
	"greenroom/internal/web/ui"
)

// onePeriod was kept once.
type onePeriod struct{}

func (onePeriod) Points(context.Context, analytics.Request, *analytics.Result) ([]reported.Point, error) {
	return make([]reported.Point, 1), nil
}

// TestReportedNote: a figure that was not kept as it was reported says so where it stands, and one that was says of how many
// periods nothing is known.
func TestReportedNote(t *testing.T) {
	p := &insightsPage{Site: &Site{cfg: Config{Reported: onePeriod{}}}}
	week := analytics.Request{Granularity: analytics.Week}
	narrowed, split, day := week, week, week
	narrowed.Query = &query.Query{Root: &query.Text{Words: "x"}}
	split.Breakdown, day.Granularity = analytics.BySource, analytics.Day
	for _, c := range []struct {
		name, url, want string
		req             analytics.Request
	}{
		{"plain", "/", "", week},
		{"by day", "/", "", day},
		{"narrowed", "/", "not by a query.", narrowed},
		{"broken down", "/?reported=1", "not broken down.", split},
		{"reported", "/?reported=1", "Of 2 periods nothing was kept", week},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := &insightsBody{}
			chart := &ui.Chart{Labels: []string{"a", "b", "c"}, Series: []ui.Series{{Values: []float64{1, 2, 3}}}}
			if err := p.reported(httptest.NewRequestWithContext(t.Context(), "GET", c.url, nil), c.req, &analytics.Result{}, chart, body); err != nil {
				t.Fatal(err)
			}
			if c.want == "" && body.Note != "" || !strings.Contains(body.Note, c.want) {
				t.Errorf("the note is %q, want %q", body.Note, c.want)
			}
		})
	}
}
