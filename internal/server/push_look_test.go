// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"greenroom/connector"
	"greenroom/connector/csv"
	"greenroom/connector/postgres"
	"greenroom/internal/browsertest"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
)

// TestPushOutLooks pushes out in a browser, at a desk and on a phone, every day from now on.
func TestPushOutLooks(t *testing.T) {
	browser := browsertest.Start(t)
	address := os.Getenv("GREENROOM_TEST_POSTGRES")
	if address == "" {
		t.Skip("no PostgreSQL server: run under tools/with-postgres")
	}
	file := filepath.Join(t.TempDir(), "talk.csv")
	if err := os.WriteFile(file, []byte("Id,Kind,Author,E-mail,Time,Channel,Text\n1,message,Ana,ana@harbor.example,2026-11-20T10:00:00Z,help,Hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, func(app *server.App) {
		for _, req := range []ingest.Request{
			{Spec: csv.Spec(), Name: "talk", Values: connector.Values{"path": file, "type": "activities"}},
			{Spec: postgres.Spec(), Name: "warehouse", Values: connector.Values{"connection": address, "query": "SELECT 'w' AS id, 'W' AS name", "type": "members", "write": "true", "schema": "looks"}},
		} {
			if _, run, err := app.Importer.Import(t.Context(), req); err != nil || run.Rejected > 0 {
				t.Fatal(req.Name, run, err)
			}
		}
		if err := app.Projector.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	desk := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	desk.arrive("location.pathname === '/'")
	dark := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(true), l.url+"/actions")}
	phone := keyboard{t, browsertest.Open(t, browser, browsertest.Phone(false), l.url+"/actions")}
	browsertest.Visit(t, desk.tab, l.url+"/sources/warehouse/push-out")
	browsertest.Eval[bool](t, desk.tab, `(document.querySelector("#f-m-every").value = "day", setTimeout(() => document.querySelector("main form button").click()), true)`)
	desk.arrive("location.pathname === '/actions/1'")
	browsertest.WaitFor(t, desk.tab, "document.querySelector('#items').textContent.includes('done')")
	for n, page := range []string{"/sources/warehouse/push-out", "/actions", "/sources/warehouse"} {
		for k, width := range map[keyboard]int64{desk: 1440, dark: 1440, phone: 390} {
			browsertest.Visit(t, k.tab, l.url+page)
			k.look(width)
			shot(t, k.tab, fmt.Sprintf("push-%d-%d", n, width))
		}
	}
}
