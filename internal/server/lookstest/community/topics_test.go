// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package community_test

import (
	"strconv"
	"testing"
	"time"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
	"greenroom/internal/topic"
)

// talkedAbout finds the sample's topics, and gives the one with the greatest burst.
func talkedAbout(t *testing.T, app *server.App) *topic.Report {
	t.Helper()
	if err := app.Projector.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := app.Topics.Fit(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	if err := app.Topics.Place(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := app.Topics.Reports(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	var best *topic.Report
	most := 0.0
	for i := range all {
		for j := range all[i].Bursts {
			if b := &all[i].Bursts[j]; b.Count-b.Expected > most {
				best, most = &all[i], b.Count-b.Expected
			}
		}
	}
	if best == nil {
		t.Fatalf("no burst in %d topics", len(all))
	}
	return best
}

// A person opens a spike of a topic to its messages, notes a release, and sees it on the charts.
func TestTopicsInBrowser(t *testing.T) {
	browser := house.Browser(t)
	var burst *topic.Report
	l := house.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, servertest.Whole()[:2], func(app *server.App) {
		burst = talkedAbout(t, app)
	})
	k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	k.Arrive("location.pathname === '/'")
	page := l.URL + "/topics/" + strconv.FormatInt(burst.ID, 10)

	browsertest.Visit(t, k.Tab, l.URL+"/topics")
	k.Look(1440)
	servertest.Dark(k)
	servertest.Shot(t, k.Tab, "topics-desk")
	browsertest.Visit(t, k.Tab, page)
	k.Look(1440)
	servertest.Dark(k)
	servertest.Shot(t, k.Tab, "topic-desk")

	// The spike opens to its messages, as many as it counts.
	href := k.Say("document.querySelector('[aria-label=\"Bursts\"] a.row-link').getAttribute('href')")
	browsertest.Visit(t, k.Tab, l.URL+href)
	last := &burst.Bursts[len(burst.Bursts)-1]
	want := strconv.Itoa(int(last.Count)) + " activities"
	if got := k.Say("document.querySelector('.head-sub').textContent"); got != want {
		t.Errorf("the burst opens to %q, want %q", got, want)
	}

	// A release is noted on the topic's page, and stands on its chart and on a metric's.
	browsertest.Visit(t, k.Tab, page)
	k.Reach("Tab", "[data-dialog=annotate]")
	k.Press("Enter")
	browsertest.WaitFor(t, k.Tab, "document.querySelector('dialog[open]')")
	k.Look(1440)
	servertest.Shot(t, k.Tab, "annotate")
	k.Reach("Tab", "dialog[open] [name=title]")
	k.Write("Release 9.9")
	k.Press("Enter")
	k.Arrive("document.body.textContent.includes('Noted Release 9.9')")
	for _, at := range []string{page, l.URL + "/insights/questions?by=day"} {
		browsertest.Visit(t, k.Tab, at)
		if !k.Is("document.querySelector('[data-chart]').dataset.chart.includes('Release 9.9')") {
			t.Errorf("%s does not show the release", at)
		}
		k.Look(1440)
	}
	servertest.Shot(t, k.Tab, "insight-annotated")

	// It is taken off, and put back.
	browsertest.Visit(t, k.Tab, l.URL+"/annotations")
	k.Look(1440)
	servertest.Shot(t, k.Tab, "annotations")
	browsertest.Eval[bool](t, k.Tab, "(setTimeout(() => document.querySelector('form[action$=\"/remove\"] button').click()), true)")
	k.Arrive("location.search.includes('restore')")
	browsertest.Eval[bool](t, k.Tab, "(setTimeout(() => [...document.querySelectorAll('.head-actions button')].find(b => b.textContent.includes('Put it back')).click()), true)")
	k.Arrive("document.body.textContent.includes('It is back')")

	phone := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Phone(false), l.URL+"/topics")}
	phone.Look(390)
	servertest.Shot(t, phone.Tab, "topics-phone")
	browsertest.Visit(t, phone.Tab, page)
	phone.Look(390)
	servertest.Shot(t, phone.Tab, "topic-phone")
	browsertest.Visit(t, phone.Tab, l.URL+"/annotations")
	phone.Look(390)
	all, err := l.App.Topics.Annotations(t.Context(), time.Unix(0, 0), time.Now().AddDate(1, 0, 0))
	if err != nil || len(all) == 0 {
		t.Errorf("the release is not there: %v %v", all, err)
	}
}
