// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package community_test

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/browsertest"
	"greenroom/internal/business"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestAccountLooks looks at every page of accounts and of business data, at a desk in light and dark and on a phone.
func TestAccountLooks(t *testing.T) {
	browser := house.Browser(t)
	dir := house.Community(t)
	var first int64
	l := servertest.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		servertest.Imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"csv", "crm-companies", "business/organizations.csv"}, [3]string{"csv", "crm", "business/members.csv"}, [3]string{"csv", "deals", "business/deals.csv"})
		spec, err := all.Find("csv")
		if err != nil {
			t.Fatal(err)
		}
		for file, kind := range map[string]string{"tickets.csv": "case", "subscriptions.csv": "subscription"} {
			v := connector.Values{spec.Primary: filepath.Join(dir, "business", file), "business": "true", "record-type": kind}
			if _, _, err := app.Importer.Import(t.Context(), ingest.Request{Spec: spec, Name: kind, Values: v}); err != nil {
				t.Fatal(err)
			}
		}
		if err := app.Projector.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		svc := app.Business()
		if err := app.Store.SetCurrencyRates(t.Context(), []greenroom.Rate{{Base: "EUR", Currency: "USD", Day: app.Now().AddDate(-3, 0, 0).Format(time.DateOnly), Value: 1.1, Origin: "ECB"}}); err != nil {
			t.Fatal(err)
		}
		list, err := svc.List(t.Context(), business.Filter{})
		if err != nil || len(list) == 0 {
			t.Fatalf("%d accounts, %v", len(list), err)
		}
		first = list[0].Organization
		word := func(s string) *string { return &s }
		if _, err := svc.Change(t.Context(), []int64{first}, 0, business.Patch{Owner: word("maya@lumenlabs.example"), NextStep: word("Call before the renewal"), FollowUp: word("2026-12-01")}, "sample"); err != nil {
			t.Fatal(err)
		}
		if _, err := svc.AddNote(t.Context(), first, "Their project lead has moved to another team.", "maya@lumenlabs.example"); err != nil {
			t.Fatal(err)
		}
	})
	come := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	come.Arrive("location.pathname === '/'")
	pages := [][2]string{
		{"accounts", "/accounts"},
		{"accounts-risk", "/accounts?list=risk"},
		{"accounts-chances", "/accounts?list=chances"},
		{"accounts-snoozed", "/accounts?list=snoozed"},
		{"account", "/accounts/" + strconv.FormatInt(first, 10)},
		{"business-stages", "/accounts/data"},
		{"business-rates", "/accounts/data/rates"},
		{"business-reconcile", "/accounts/data/reconcile"},
	}
	for mode, v := range map[string]browsertest.Viewport{"desk": browsertest.Desktop(false), "phone": browsertest.Phone(false)} {
		var tab browsertest.Tab
		for i, page := range pages {
			if i%6 == 0 {
				tab = browsertest.Open(t, browser, v, l.URL+page[1])
			} else {
				browsertest.Visit(t, tab, l.URL+page[1])
			}
			t.Run(page[0]+"/"+mode, func(t *testing.T) {
				k := servertest.Keyboard{T: t, Tab: tab}
				k.Look(v.Width)
				servertest.Shot(t, tab, page[0]+"-"+mode)
				if mode == "desk" {
					servertest.Dark(k)
				}
			})
		}
	}
}
