// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package community_test

import (
	"testing"

	"greenroom/internal/browsertest"
	"greenroom/internal/segment"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestSegmentLooks makes a segment by typing and another by clicking, and looks at every page of segments at a desk, in
// light and dark, and on a phone.
func TestSegmentLooks(t *testing.T) {
	browser := house.Browser(t)
	l := house.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, servertest.Whole())
	desk := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	desk.Arrive("location.pathname === '/'")
	visit := func(path string) { browsertest.Visit(t, desk.Tab, l.URL+path) }

	// Typing: from a list, with "Save as segment", and on in the text.
	visit("/members?q=last_active:<90d")
	browsertest.Eval[bool](t, desk.Tab, `(setTimeout(() => document.querySelector("a[href^='/segments/new']").click()), true)`)
	desk.Arrive("location.pathname === '/segments/new'")
	if got := desk.Say("document.querySelector('#f-q').value"); got != "last_active:<90d" {
		t.Errorf("the list's query became %q", got)
	}
	browsertest.Eval[bool](t, desk.Tab, `(document.querySelector("#f-q").focus(), document.querySelector("#f-q").setSelectionRange(99, 99), true)`)
	desk.Write(" did:reply count:>=3")
	browsertest.WaitFor(t, desk.Tab, "document.querySelector('#count3, #count1')?.value === '3' && /member/.test(document.querySelector('#count').textContent)")
	if got := desk.Say("document.querySelector('#f-q').value"); got != "last_active:<90d did:reply count:>=3" {
		t.Errorf("typing became %q", got)
	}
	desk.Look(1440)
	servertest.Shot(t, desk.Tab, "segment-typed")
	desk.Reach("Shift+Tab", "#f-name")
	desk.Write("Repliers")
	browsertest.Eval[bool](t, desk.Tab, `(setTimeout(() => document.querySelector("form .btn-primary").click()), true)`)
	desk.Arrive("location.pathname === '/segments/repliers'")
	desk.Look(1440)

	// Clicking. A tab has its time, so there is a new one for each part.
	again := func(path string) {
		t.Helper()
		desk = servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.URL+path)}
	}
	again("/segments/new")
	calm := func() { // what came has been put in its place
		t.Helper()
		browsertest.WaitFor(t, desk.Tab, "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')")
	}
	choose := func(selector, value string) {
		t.Helper()
		browsertest.WaitFor(t, desk.Tab, "document.querySelector("+servertest.Quote(selector)+")")
		calm()
		browsertest.Eval[bool](t, desk.Tab, `((e) => { e.value = `+servertest.Quote(value)+`; e.dispatchEvent(new Event("change", { bubbles: true })); return true; })(document.querySelector(`+servertest.Quote(selector)+`))`)
	}
	press := func(selector string) {
		t.Helper()
		calm()
		browsertest.Eval[bool](t, desk.Tab, `(document.querySelector(`+servertest.Quote(selector)+`).click(), true)`)
	}
	text := func(want string) {
		t.Helper()
		browsertest.WaitFor(t, desk.Tab, "document.querySelector('#f-q').value === "+servertest.Quote(want))
	}
	choose("#v0", "60")
	text("last_active:<60d")
	press("#add-line")
	browsertest.WaitFor(t, desk.Tab, "document.querySelector('#f1')")
	choose("#f1", "is")
	text("last_active:<60d is:staff")
	choose("#o1", "not")
	text("last_active:<60d -is:staff")
	press("#add-group")
	browsertest.WaitFor(t, desk.Tab, "document.querySelector('#f3')")
	choose("#f2", "activities")
	browsertest.WaitFor(t, desk.Tab, "document.querySelector('#o2').value === 'least'")
	choose("#v2", "20")
	choose("#f3", "did")
	text("last_active:<60d -is:staff (activities:>=20 or did:*)")
	choose("#v3", "message")
	text("last_active:<60d -is:staff (activities:>=20 or did:message)")
	browsertest.WaitFor(t, desk.Tab, "/[1-9]\\d* members now/.test(document.querySelector('#count').textContent)")
	desk.Look(1440)
	servertest.Shot(t, desk.Tab, "segment-clicked")
	servertest.Dark(desk)
	servertest.Shot(t, desk.Tab, "segment-clicked-dark")
	browsertest.Eval[bool](t, desk.Tab, `(document.querySelector("#f-name").value = "Lively", setTimeout(() => document.querySelector("form .btn-primary").click()), true)`)
	desk.Arrive("location.pathname === '/segments/lively'")
	members := desk.Say("document.querySelector('.kpi-value').textContent")
	if members == "0" {
		t.Error("nobody is in the segment that was clicked together")
	}

	for _, d := range segment.Templates() {
		if _, err := l.App.Segments.Add(t.Context(), d, "ana"); err != nil {
			t.Fatal(err)
		}
	}
	again("/segments")
	phone := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Phone(false), l.URL+"/segments")}
	for name, path := range map[string]string{"segments": "/segments", "segment": "/segments/lively?with=repliers&as_of=" + desk.Say("new Date().toISOString().slice(0, 10)"), "segment-events": "/segments/helpers?events=all", "segment-edit": "/segments/lively/edit", "segment-members": "/members?q=segment:lively", "segment-insight": "/insights/active_members?segment=segment:lively"} {
		visit(path)
		desk.Look(1440)
		servertest.Shot(t, desk.Tab, name+"-desk")
		servertest.Dark(desk)
		servertest.Shot(t, desk.Tab, name+"-dark")
		browsertest.Visit(t, phone.Tab, l.URL+path)
		phone.Look(390)
		servertest.Shot(t, phone.Tab, name+"-phone")
	}

	again("/segments/lively")
	press("form[action='/segments/lively/archive'] button")
	desk.Arrive("location.pathname === '/segments' && document.querySelector('.flash form')")
	desk.Look(1440)
	press(".flash form button")
	desk.Arrive("location.pathname === '/segments/lively'")
	if got := desk.Say("document.querySelector('.kpi-value').textContent"); got != members {
		t.Errorf("after restoring, %s members are in it; there were %s", got, members)
	}
}
