// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package community_test

import (
	"testing"
	"time"

	"greenroom/internal/browsertest"
	"greenroom/internal/proof"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestImpactLooks looks at every page of impact, at a desk in light and dark and on a phone.
func TestImpactLooks(t *testing.T) {
	browser := house.Browser(t)
	l := house.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, servertest.Whole()[:2], func(app *server.App) {
		engine, err := app.Analytics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		askImpact(t, app, app.Proof(engine))
	})
	come := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	come.Arrive("location.pathname === '/'")
	pages := [][2]string{
		{"impact", "/impact"},
		{"impact-measure", "/impact/measures/roi"},
		{"impact-records", "/impact/measures/cost"},
		{"impact-studies", "/impact/studies"},
		{"impact-study", "/impact/studies/1"},
		{"impact-launch", "/impact/studies/2"},
		{"impact-study-new", "/impact/studies/new"},
		{"impact-study-form", "/impact/studies/new?kind=answer"},
		{"impact-accounts-form", "/impact/studies/new?kind=community"},
		{"impact-people", "/impact/studies/1/runs/1/people"},
		{"impact-costs", "/impact/costs"},
		{"impact-assumptions", "/impact/assumptions"},
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

// askImpact asks two questions and says what the community costs.
func askImpact(t *testing.T, app *server.App, s *proof.Service) {
	t.Helper()
	ctx := t.Context()
	if err := app.Projector.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	day := func(ago int) string { return app.Now().AddDate(0, 0, -ago).Format(time.DateOnly) }
	for _, d := range []proof.Draft{
		{Title: "Does an answer within four hours keep people?", Exposure: proof.Exposure{Kind: proof.ByAnswer, Hours: 4}, Outcome: proof.Outcome{Kind: proof.Stays, Days: 45}, From: day(400), To: day(62)},
		{Title: "Did the launch bring people?", Exposure: proof.Exposure{Kind: proof.ByLaunch, Name: "Version 3", Day: day(150)}, Outcome: proof.Outcome{Kind: proof.ByMetric, Metric: "active_members"}, From: day(400), To: day(1)},
	} {
		x, err := s.Add(ctx, d, "test")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Ask(ctx, x.ID, "test"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.WorkOnce(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddCosts(ctx, []proof.Cost{{Name: "Community manager", Category: "people", Rhythm: proof.EachMonth, From: day(700), Hours: 150, Rate: 55, Currency: "EUR", Note: "payroll"}}, "test"); err != nil {
		t.Fatal(err)
	}
}
