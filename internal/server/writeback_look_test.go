// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"greenroom/connector"
	"greenroom/connector/csv"
	"greenroom/connector/hubspot"
	"greenroom/internal/browsertest"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
)

// TestWriteBackLooks writes back in a browser, at a desk and on a phone: choose, preview, send, and see what became of it.
func TestWriteBackLooks(t *testing.T) {
	browser := browsertest.Start(t)
	crm := &portal{values: map[string]map[string]string{"501": {"email": "ana@harbor.example", "firstname": "Ana"}}}
	api := httptest.NewServer(crm)
	defer api.Close()
	file := filepath.Join(t.TempDir(), "talk.csv")
	if err := os.WriteFile(file, []byte("Id,Kind,Author,E-mail,Time,Channel,Text\n1,message,Ana,ana@harbor.example,2026-11-20T10:00:00Z,help,Hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, func(app *server.App) {
		for _, req := range []ingest.Request{
			{Spec: csv.Spec(), Name: "talk", Values: connector.Values{"path": file, "type": "activities"}},
			{Spec: hubspot.Spec(), Name: "crm", Values: connector.Values{"address": api.URL, "token": "pat-x", "objects": "contacts"}},
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
	phone := keyboard{t, browsertest.Open(t, browser, browsertest.Phone(false), l.url+"/actions")}
	phone.look(390)
	for k, width := range map[keyboard]int64{desk: 1440, phone: 390} {
		browsertest.Visit(t, k.tab, l.url+"/sources/crm/write-back")
		k.look(width)
		browsertest.Eval[bool](t, k.tab, `(document.querySelector("[name=to-last_active]").value = "seen", setTimeout(() => document.querySelector("main .card-foot .btn, .card-foot button.btn-primary").click()), true)`)
		k.arrive("document.querySelector('#preview')")
		k.look(width)
		shot(t, k.tab, "preview")
	}
	browsertest.Eval[bool](t, desk.tab, `(setTimeout(() => document.querySelector("#preview button").click()), true)`)
	desk.arrive("location.pathname === '/actions/1'")
	browsertest.WaitFor(t, desk.tab, "document.querySelector('#items').textContent.includes('→')")
	browsertest.Visit(t, desk.tab, l.url+"/actions/1")
	desk.look(1440)
	shot(t, desk.tab, "action")
	browsertest.Visit(t, phone.tab, l.url+"/actions/1")
	phone.look(390)
	browsertest.Visit(t, phone.tab, l.url+"/actions")
	phone.look(390)
}
