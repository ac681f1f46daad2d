// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"testing"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
)

// TestGoalLooks looks at every page of goals and of the roadmap, at a desk in light and dark and on a phone.
func TestGoalLooks(t *testing.T) {
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
	})
	come := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	come.arrive("location.pathname === '/'")
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
