// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"testing"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
)

// TestProcessLooks looks at every page of processes and of the team, at a desk in light and dark and on a phone.
func TestProcessLooks(t *testing.T) {
	browser := browsertest.Start(t)
	dir := community(t)
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"csv", "crm", "business/members.csv"})
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
	come := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	come.arrive("location.pathname === '/'")
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
