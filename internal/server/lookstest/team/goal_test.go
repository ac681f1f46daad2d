// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package team_test

import (
	"testing"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestGoalLooks looks at every page of goals and of the roadmap, at a desk in light and dark and on a phone.
func TestGoalLooks(t *testing.T) {
	browser := house.Browser(t)
	l := house.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, servertest.Whole(), func(app *server.App) {
		engine, err := app.Analytics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := app.SampleGoals(t.Context(), engine); err != nil {
			t.Fatal(err)
		}
	})
	come := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	come.Arrive("location.pathname === '/'")
	pages := [][2]string{
		{"goals", "/goals"},
		{"goal", "/goals/2"},
		{"key-result", "/goals/4"},
		{"goal-new", "/goals/new?kind=key_result&parent=2"},
		{"goal-guide", "/goals/guide"},
		{"goal-guide-2", "/goals/guide?aim=trials"},
		{"goal-guide-3", "/goals/guide?aim=support&who=&from=2026-10-01&to=2026-12-31&words=x"},
		{"roadmap", "/roadmap"},
		{"roadmap-mine", "/roadmap/mine"},
		{"roadmap-days", "/roadmap/days"},
		{"roadmap-new", "/roadmap/new"},
		{"plan", "/roadmap/1"},
		{"plan-board", "/roadmap/1?view=board"},
		{"plan-edit", "/roadmap/1/edit"},
		{"plan-task", "/roadmap/1/tasks/4"},
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
