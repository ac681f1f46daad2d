// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package team_test

import (
	"testing"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestProcessLooks looks at every page of processes and of the team, at a desk in light and dark and on a phone.
func TestProcessLooks(t *testing.T) {
	browser := house.Browser(t)
	l := house.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, servertest.Whole(), func(app *server.App) {
		engine, err := app.Analytics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := app.SampleGoals(t.Context(), engine); err != nil {
			t.Fatal(err)
		}
		if err := app.SampleProcesses(t.Context(), engine); err != nil {
			t.Fatal(err)
		}
	})
	come := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	come.Arrive("location.pathname === '/'")
	pages := [][2]string{
		{"processes", "/processes"},
		{"process", "/processes/1"},
		{"process-timed", "/processes/2"},
		{"process-new", "/processes/new?template=reporting"},
		{"process-edit", "/processes/1/edit"},
		{"hiring", "/processes/hiring?role=Community+operations&growth=1-3-5&cost=5000-6000-7000&currency=EUR&week=30"},
		{"division", "/processes/division"},
		{"team", "/team"},
		{"team-person", "/team/person?who=maya%40lumenlabs.example"},
		{"my-day", "/my-day"},
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
