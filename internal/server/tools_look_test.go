// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"testing"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
)

// TestToolLooks looks at every page of the stack and of maturity, at a desk in light and dark and on a phone.
func TestToolLooks(t *testing.T) {
	browser := browsertest.Start(t)
	dir := community(t)
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"csv", "crm", "business/members.csv"})
		engine, err := app.Analytics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := app.SampleTools(t.Context(), engine); err != nil {
			t.Fatal(err)
		}
	})
	come := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	come.arrive("location.pathname === '/'")
	pages := [][2]string{
		{"tools", "/tools"},
		{"tools-map", "/tools/map"},
		{"tools-costs", "/tools/costs"},
		{"tools-needs", "/tools/needs?stage=impact"},
		{"tool", "/tools/4"},
		{"tool-edit", "/tools/4/edit"},
		{"vendors", "/vendors"},
		{"vendor", "/vendors/1"},
		{"vendor-new", "/vendors/new?template=crm"},
		{"vendor-score", "/vendors/1/score"},
		{"maturity", "/maturity"},
		{"maturity-questions", "/maturity/questions"},
		{"maturity-competency", "/maturity/leadership"},
	}
	for mode, v := range map[string]browsertest.Viewport{"desk": browsertest.Desktop(false), "phone": browsertest.Phone(false)} {
		var tab browsertest.Tab
		for i, page := range pages {
			if i%6 == 0 {
				tab = browsertest.Open(t, browser, v, l.url+page[1])
			} else {
				browsertest.Visit(t, tab, l.url+page[1])
			}
			t.Run(page[0]+"/"+mode, func(t *testing.T) {
				k := keyboard{t, tab}
				k.look(v.Width)
				shot(t, tab, page[0]+"-"+mode)
				if mode == "desk" {
					dark(k)
				}
			})
		}
	}
}
