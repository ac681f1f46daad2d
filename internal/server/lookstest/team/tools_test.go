// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package team_test

import (
	"testing"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestToolLooks looks at every page of the stack and of maturity, at a desk in light and dark and on a phone.
func TestToolLooks(t *testing.T) {
	browser := house.Browser(t)
	l := house.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, servertest.Whole(), func(app *server.App) {
		engine, err := app.Analytics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := app.SampleTools(t.Context(), engine); err != nil {
			t.Fatal(err)
		}
	})
	come := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	come.Arrive("location.pathname === '/'")
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
