// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/server"
)

// TestEnginesAgree computes the sample community's figures by the embedded engine and by ClickHouse, beside the process that
// keeps them current too.
func TestEnginesAgree(t *testing.T) {
	host := os.Getenv("GREENROOM_TEST_CHDB")
	if host == "" {
		t.Skip("GREENROOM_TEST_CHDB names no server; tools/with-clickhouse starts one where tools/chdb is installed (npm install)")
	}
	now := time.Now().UTC()
	dir := t.TempDir()
	open := func(url string) (*server.App, func()) {
		t.Helper()
		app, err := server.Open(t.Context(), server.Options{Data: dir, Analytics: url, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		closing := sync.OnceFunc(func() {
			if err := app.Close(); err != nil {
				t.Error(err)
			}
		})
		t.Cleanup(closing)
		return app, closing
	}
	figures := func(app *server.App, engine *analytics.Engine) []*analytics.Result {
		t.Helper()
		if err := app.Projector.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		var all []*analytics.Result
		for _, m := range analytics.Catalog() {
			for _, by := range []analytics.Dimension{"", analytics.ByChannel} {
				res, err := engine.Compute(t.Context(), analytics.Request{Metric: m.Name, From: now.AddDate(0, -4, 0), To: now, Granularity: analytics.Week, Breakdown: by})
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, res)
			}
		}
		return all
	}
	embedded, closing := open("")
	imported(t, embedded, community(t), [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"gharchive", "github", "gharchive"})
	engine, err := embedded.Analytics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := figures(embedded, engine)
	closing()
	url := fmt.Sprintf("clickhouse://%s/agree_%d", host, os.Getpid())
	writer, _ := open(url)
	if engine, err = writer.Analytics(t.Context()); err != nil {
		t.Fatal(err)
	}
	same := cmpopts.IgnoreFields(analytics.Result{}, "AsOf")
	if diff := cmp.Diff(want, figures(writer, engine), same); diff != "" {
		t.Error("embedded, ClickHouse:", diff)
	}
	beside, _ := open(url)
	if _, err := beside.Analytics(t.Context()); greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
		t.Errorf("two keep the figures current: %v", err)
	}
	if engine, err = beside.AnalyticsApart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, figures(beside, engine), same); diff != "" {
		t.Error("embedded, ClickHouse read beside who writes:", diff)
	}
}
