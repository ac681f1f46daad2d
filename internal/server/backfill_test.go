// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/gitea"
	"greenroom/internal/auth"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
)

// bulk is a forge whose repository holds n issues by n/20 people.
func bulk(b *testing.B, n int) string {
	b.Helper()
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/repos/acme/site"):
			fmt.Fprint(w, `{"id":7,"full_name":"acme/site","html_url":"https://git.example.org/acme/site"}`)
		case strings.HasSuffix(r.URL.Path, "/issues"):
			page, err := strconv.Atoi(r.URL.Query().Get("page"))
			if err != nil {
				page = 1
			}
			var out []byte
			for i := (page-1)*50 + 1; i <= min(page*50, n); i++ {
				at := day.Add(time.Duration(i) * time.Minute).Format(time.RFC3339)
				out = fmt.Appendf(out, `,{"id":%d,"number":%d,"title":"Issue %d about exports","body":"It stops after the %dth row. What can I do?","state":"open",
					"user":{"id":%d,"login":"person%d"},"html_url":"https://git.example.org/acme/site/issues/%d","created_at":%q,"updated_at":%q}`,
					i, i, i, i, i%(n/20+1)+1, i%(n/20+1)+1, i, at, at)
			}
			w.Header().Set("X-Total-Count", strconv.Itoa(n))
			if len(out) == 0 {
				out = []byte(",")
			}
			_, _ = w.Write(append(append([]byte("["), out[1:]...), ']'))
		default:
			fmt.Fprint(w, "[]")
		}
	}))
	b.Cleanup(srv.Close)
	return srv.URL
}

func values(url string) connector.Values {
	return connector.Values{"address": url, "repositories": "acme/site"}
}

// BenchmarkBackfill reads a live source from a platform without latency into the store, members, conversations, full text
// and figures included.
func BenchmarkBackfill(b *testing.B) {
	const n = 50_000
	url := bulk(b, n)
	for b.Loop() {
		app, err := server.Open(b.Context(), server.Options{Data: b.TempDir(), Log: slog.New(slog.DiscardHandler), Now: time.Now})
		if err != nil {
			b.Fatal(err)
		}
		if err := app.AnalyticsFile(b.Context()); err != nil {
			b.Fatal(err)
		}
		ctx, stop := context.WithCancel(b.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			app.Projector.Run(ctx)
		}()
		if _, _, err := app.Importer.Import(b.Context(), ingest.Request{Spec: gitea.Spec(), Name: "code", Values: values(url), Progress: func(greenroom.Run) { app.Projector.Wake() }}); err != nil {
			b.Fatal(err)
		}
		stop()
		<-done
		if err := app.Projector.CatchUp(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := app.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "items/s")
}

// BenchmarkPagesBesideTenSources asks for pages while ten live sources are read at once, and reports how long they took.
func BenchmarkPagesBesideTenSources(b *testing.B) {
	url := bulk(b, 60_000)
	l := startAt(b, time.Now, server.ServeOptions{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	c := l.as(b, auth.RoleOwner)
	for i := range 10 {
		body := fmt.Sprintf(`{"kind":"gitea","source":"code-%d","options":{"address":%q,"repositories":"acme/site"}}`, i, url)
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, l.url+"/api/v1/imports", strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Origin", l.url)
		res, err := c.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusAccepted {
			b.Fatalf("connecting: %d", res.StatusCode)
		}
	}
	pages := []string{"/", "/members", "/conversations?q=is%3Awaiting", "/activities", "/sources", "/organizations", "/members/1", "/insights/active_members"}
	var took []time.Duration
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := 0; b.Loop(); i++ {
		<-tick.C
		began := time.Now()
		if res := l.send(b, c, "GET", pages[i%len(pages)], nil); res.code >= 500 {
			b.Fatalf("%s: %d", pages[i%len(pages)], res.code)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	at := func(q float64) float64 { return float64(took[int(q*float64(len(took)-1))].Microseconds()) / 1000 }
	b.ReportMetric(at(.5), "p50-ms")
	b.ReportMetric(at(.95), "p95-ms")
}
