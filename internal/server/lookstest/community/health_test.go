// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package community_test

import (
	"maps"
	"slices"
	"testing"

	"greenroom/internal/analytics"
	"greenroom/internal/browsertest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// healthPages are the pages under /health.
func healthPages() map[string]string {
	return map[string]string{
		"orbit": "/health/orbit", "quiet": "/health/quiet", "score": "/health/scores/points", "levels": "/health/scores/orbit",
		"score, changed": "/health/scores/orbit?version=0&weights=message+%3D+5%0Areply+%3D+7&look_back=365&presence=on&interval=month", "score, mistaken": "/health/scores/love?weights=message+5",
		"network": "/health/network", "introduction": "/health/network?from=1&to=2", "funnel": "/health/funnel", "funnel by month": "/health/funnel?by=month&at=2&within=90", "compare": "/health/compare?across=channel",
		"compare segments": "/health/compare?metric=answered_share&across=segment&segments=org.lifecycle%3Acustomer%0Aorg.lifecycle%3Atrial", "compare, mistaken": "/health/compare?across=segment",
		"health": "/health", "health, mistaken": "/health?by=day",
	}
}

// TestHealthLooks looks at the pages on health over the sample community, at a desk in light and dark and on a phone, and
// at the first of them with nothing in it.
func TestHealthLooks(t *testing.T) {
	browser := house.Browser(t)
	empty := servertest.Start(t, server.ServeOptions{Community: "Lumen", Sample: true})
	browsertest.Visit(t, browsertest.Open(t, browser, browsertest.Desktop(false), empty.Link), empty.URL+"/health")
	dir := house.Community(t)
	l := servertest.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		servertest.Imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"gharchive", "github", "gharchive"},
			[3]string{"csv", "companies", "business/organizations.csv"}, [3]string{"csv", "crm", "business/members.csv"})
	})
	come := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	come.Arrive("location.pathname === '/'")
	if err := l.App.Health(mustFigures(t, l.App)).Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	pages := healthPages()
	pages["standing"] = "/members/" + servertest.Person(t, l)
	const pagesPerTab = 7 // a tab has its time
	for mode, v := range map[string]browsertest.Viewport{"desk": browsertest.Desktop(false), "phone": browsertest.Phone(false)} {
		var tab browsertest.Tab
		for i, name := range slices.Sorted(maps.Keys(pages)) {
			if i%pagesPerTab == 0 {
				tab = browsertest.Open(t, browser, v, l.URL+pages[name])
			} else {
				browsertest.Visit(t, tab, l.URL+pages[name])
			}
			t.Run(name+"/"+mode, func(t *testing.T) {
				k := servertest.Keyboard{T: t, Tab: tab}
				k.Look(v.Width)
				servertest.Shot(t, k.Tab, name+"-"+mode)
				if mode == "desk" {
					servertest.Dark(k)
				}
			})
		}
	}
}

// mustFigures is the engine that a server computes with.
func mustFigures(t *testing.T, app *server.App) *analytics.Engine {
	t.Helper()
	engine, err := app.Analytics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return engine
}
