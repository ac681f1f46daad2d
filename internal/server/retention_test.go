// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"log/slog"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/server"
)

// TestRetentionOpens holds that every cell of the retention table, and the size of every cohort, opens the members that
// it counts: as many as it says.
func TestRetentionOpens(t *testing.T) {
	zone, err := time.LoadLocation("Pacific/Auckland") // where the days are others than in UTC
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().In(zone)
	app, err := server.Open(t.Context(), server.Options{Data: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = app.Close() }()
	imported(t, app, community(t), [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"})
	engine, err := app.Analytics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, zone)
	req := analytics.Request{Metric: "retention", From: month.AddDate(0, -5, 0), To: month.AddDate(0, 1, 0), Granularity: analytics.Month, Zone: zone}
	res, err := engine.Compute(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	counted := func(point int) int64 {
		entity, text, err := engine.Records(req, res, point)
		if err != nil || entity != query.Members {
			t.Fatalf("point %d opens %s, %v", point, entity, err)
		}
		q, err := query.Parse(query.NewSchema(query.Members, kinds), text)
		if err != nil {
			t.Fatal(err)
		}
		found, err := app.Store.ListMembers(t.Context(), list.Request{Query: q, Limit: 1, Count: true})
		if err != nil {
			t.Fatal(err)
		}
		return found.Total
	}
	seen := int64(0)
	for i := range res.Series {
		pt := &res.Series[i]
		if pt.Offset == nil || pt.Value == nil {
			continue
		}
		offset := *pt.Offset
		if got := counted(i); got != pt.Count {
			t.Errorf("of %s, %d months later: %d counted, %d listed", pt.From.Format("2006-01"), offset, pt.Count, got)
		}
		if offset == 1 {
			pt.Offset = nil
			if got := counted(i); got != pt.N {
				t.Errorf("of %s: %d began, %d listed", pt.From.Format("2006-01"), pt.N, got)
			}
			pt.Offset = &offset
			seen += pt.N
		}
	}
	if seen == 0 {
		t.Error("nobody began")
	}
}
