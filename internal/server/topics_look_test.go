// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"strconv"
	"testing"
	"time"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
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
	browser := browsertest.Start(t)
	dir := community(t)
	var burst *topic.Report
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"})
		burst = talkedAbout(t, app)
	})
	k := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	k.arrive("location.pathname === '/'")
	page := l.url + "/topics/" + strconv.FormatInt(burst.ID, 10)

	browsertest.Visit(t, k.tab, l.url+"/topics")
	k.look(1440)
	dark(k)
	shot(t, k.tab, "topics-desk")
	browsertest.Visit(t, k.tab, page)
	k.look(1440)
	dark(k)
	shot(t, k.tab, "topic-desk")

	// The spike opens to its messages, as many as it counts.
	href := k.say("document.querySelector('[aria-label=\"Bursts\"] a.row-link').getAttribute('href')")
	browsertest.Visit(t, k.tab, l.url+href)
	last := &burst.Bursts[len(burst.Bursts)-1]
	want := strconv.Itoa(int(last.Count)) + " activities"
	if got := k.say("document.querySelector('.head-sub').textContent"); got != want {
		t.Errorf("the burst opens to %q, want %q", got, want)
	}

	// A release is noted on the topic's page, and stands on its chart and on a metric's.
	browsertest.Visit(t, k.tab, page)
	k.reach("Tab", "[data-dialog=annotate]")
	k.press("Enter")
	browsertest.WaitFor(t, k.tab, "document.querySelector('dialog[open]')")
	k.look(1440)
	shot(t, k.tab, "annotate")
	k.reach("Tab", "dialog[open] [name=title]")
	k.write("Release 9.9")
	k.press("Enter")
	k.arrive("document.body.textContent.includes('Noted Release 9.9')")
	for _, at := range []string{page, l.url + "/insights/questions?by=day"} {
		browsertest.Visit(t, k.tab, at)
		if !k.is("document.querySelector('[data-chart]').dataset.chart.includes('Release 9.9')") {
			t.Errorf("%s does not show the release", at)
		}
		k.look(1440)
	}
	shot(t, k.tab, "insight-annotated")

	// It is taken off, and put back.
	browsertest.Visit(t, k.tab, l.url+"/annotations")
	k.look(1440)
	shot(t, k.tab, "annotations")
	browsertest.Eval[bool](t, k.tab, "(setTimeout(() => document.querySelector('form[action$=\"/remove\"] button').click()), true)")
	k.arrive("location.search.includes('restore')")
	browsertest.Eval[bool](t, k.tab, "(setTimeout(() => [...document.querySelectorAll('.head-actions button')].find(b => b.textContent.includes('Put it back')).click()), true)")
	k.arrive("document.body.textContent.includes('It is back')")

	phone := keyboard{t, browsertest.Open(t, browser, browsertest.Phone(false), l.url+"/topics")}
	phone.look(390)
	shot(t, phone.tab, "topics-phone")
	browsertest.Visit(t, phone.tab, page)
	phone.look(390)
	shot(t, phone.tab, "topic-phone")
	browsertest.Visit(t, phone.tab, l.url+"/annotations")
	phone.look(390)
	all, err := l.app.Topics.Annotations(t.Context(), time.Unix(0, 0), time.Now().AddDate(1, 0, 0))
	if err != nil || len(all) == 0 {
		t.Errorf("the release is not there: %v %v", all, err)
	}
}
