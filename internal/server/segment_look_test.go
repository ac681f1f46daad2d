// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"testing"

	"greenroom/internal/browsertest"
	"greenroom/internal/segment"
	"greenroom/internal/server"
)

// TestSegmentLooks makes a segment by typing and another by clicking, and looks at every page of segments at a desk, in
// light and dark, and on a phone.
func TestSegmentLooks(t *testing.T) {
	browser := browsertest.Start(t)
	dir := community(t)
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"csv", "crm", "business/members.csv"})
	})
	desk := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	desk.arrive("location.pathname === '/'")
	visit := func(path string) { browsertest.Visit(t, desk.tab, l.url+path) }

	// Typing: from a list, with "Save as segment", and on in the text.
	visit("/members?q=last_active:<90d")
	browsertest.Eval[bool](t, desk.tab, `(setTimeout(() => document.querySelector("a[href^='/segments/new']").click()), true)`)
	desk.arrive("location.pathname === '/segments/new'")
	if got := desk.say("document.querySelector('#f-q').value"); got != "last_active:<90d" {
		t.Errorf("the list's query became %q", got)
	}
	browsertest.Eval[bool](t, desk.tab, `(document.querySelector("#f-q").focus(), document.querySelector("#f-q").setSelectionRange(99, 99), true)`)
	desk.write(" did:reply count:>=3")
	browsertest.WaitFor(t, desk.tab, "document.querySelector('#count3, #count1')?.value === '3' && /member/.test(document.querySelector('#count').textContent)")
	if got := desk.say("document.querySelector('#f-q').value"); got != "last_active:<90d did:reply count:>=3" {
		t.Errorf("typing became %q", got)
	}
	desk.look(1440)
	shot(t, desk.tab, "segment-typed")
	desk.reach("Shift+Tab", "#f-name")
	desk.write("Repliers")
	browsertest.Eval[bool](t, desk.tab, `(setTimeout(() => document.querySelector("form .btn-primary").click()), true)`)
	desk.arrive("location.pathname === '/segments/repliers'")
	desk.look(1440)

	// Clicking. A tab has its time, so there is a new one for each part.
	again := func(path string) {
		t.Helper()
		desk = keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.url+path)}
	}
	again("/segments/new")
	calm := func() { // what came has been put in its place
		t.Helper()
		browsertest.WaitFor(t, desk.tab, "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')")
	}
	choose := func(selector, value string) {
		t.Helper()
		browsertest.WaitFor(t, desk.tab, "document.querySelector("+quote(selector)+")")
		calm()
		browsertest.Eval[bool](t, desk.tab, `((e) => { e.value = `+quote(value)+`; e.dispatchEvent(new Event("change", { bubbles: true })); return true; })(document.querySelector(`+quote(selector)+`))`)
	}
	press := func(selector string) {
		t.Helper()
		calm()
		browsertest.Eval[bool](t, desk.tab, `(document.querySelector(`+quote(selector)+`).click(), true)`)
	}
	text := func(want string) {
		t.Helper()
		browsertest.WaitFor(t, desk.tab, "document.querySelector('#f-q').value === "+quote(want))
	}
	choose("#v0", "60")
	text("last_active:<60d")
	press("#add-line")
	browsertest.WaitFor(t, desk.tab, "document.querySelector('#f1')")
	choose("#f1", "is")
	text("last_active:<60d is:staff")
	choose("#o1", "not")
	text("last_active:<60d -is:staff")
	press("#add-group")
	browsertest.WaitFor(t, desk.tab, "document.querySelector('#f3')")
	choose("#f2", "activities")
	browsertest.WaitFor(t, desk.tab, "document.querySelector('#o2').value === 'least'")
	choose("#v2", "20")
	choose("#f3", "did")
	text("last_active:<60d -is:staff (activities:>=20 or did:*)")
	choose("#v3", "message")
	text("last_active:<60d -is:staff (activities:>=20 or did:message)")
	browsertest.WaitFor(t, desk.tab, "/[1-9]\\d* members now/.test(document.querySelector('#count').textContent)")
	desk.look(1440)
	shot(t, desk.tab, "segment-clicked")
	dark(desk)
	shot(t, desk.tab, "segment-clicked-dark")
	browsertest.Eval[bool](t, desk.tab, `(document.querySelector("#f-name").value = "Lively", setTimeout(() => document.querySelector("form .btn-primary").click()), true)`)
	desk.arrive("location.pathname === '/segments/lively'")
	members := desk.say("document.querySelector('.kpi-value').textContent")
	if members == "0" {
		t.Error("nobody is in the segment that was clicked together")
	}

	for _, d := range segment.Templates() {
		if _, err := l.app.Segments.Add(t.Context(), d, "ana"); err != nil {
			t.Fatal(err)
		}
	}
	again("/segments")
	phone := keyboard{t, browsertest.Open(t, browser, browsertest.Phone(false), l.url+"/segments")}
	for name, path := range map[string]string{"segments": "/segments", "segment": "/segments/lively?with=repliers&as_of=" + desk.say("new Date().toISOString().slice(0, 10)"), "segment-events": "/segments/helpers?events=all", "segment-edit": "/segments/lively/edit", "segment-members": "/members?q=segment:lively", "segment-insight": "/insights/active_members?segment=segment:lively"} {
		visit(path)
		desk.look(1440)
		shot(t, desk.tab, name+"-desk")
		dark(desk)
		shot(t, desk.tab, name+"-dark")
		browsertest.Visit(t, phone.tab, l.url+path)
		phone.look(390)
		shot(t, phone.tab, name+"-phone")
	}

	again("/segments/lively")
	press("form[action='/segments/lively/archive'] button")
	desk.arrive("location.pathname === '/segments' && document.querySelector('.flash form')")
	desk.look(1440)
	press(".flash form button")
	desk.arrive("location.pathname === '/segments/lively'")
	if got := desk.say("document.querySelector('.kpi-value').textContent"); got != members {
		t.Errorf("after restoring, %s members are in it; there were %s", got, members)
	}
}
