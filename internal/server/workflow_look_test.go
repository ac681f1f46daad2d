// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"strings"
	"testing"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
)

// TestWorkflowLooks has a newcomer make "welcome new members in #help, wait 3 days, if no reply in the thread tell the
// team" in the browser, counting what they do, dry-run it and see who would have received it. Then it looks at every page
// of workflows and of the outbox at a desk, in light and dark, and on a phone.
func TestWorkflowLooks(t *testing.T) {
	browser := browsertest.Start(t)
	dir := community(t)
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"csv", "crm", "business/members.csv"})
	})
	desk := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	desk.arrive("location.pathname === '/'")
	done := 0 // what the newcomer did: a click, or a text typed into a field
	press := func(selector string) {
		t.Helper()
		done++
		browsertest.WaitFor(t, desk.tab, "document.querySelector("+quote(selector)+") && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
		browsertest.Eval[bool](t, desk.tab, `(setTimeout(() => document.querySelector(`+quote(selector)+`).click()), true)`)
	}
	fill := func(selector, text string) {
		t.Helper()
		done++
		browsertest.Eval[bool](t, desk.tab, `(document.querySelector(`+quote(selector)+`).focus(), true)`)
		desk.write(text)
	}
	press("nav a[href='/workflows']")
	desk.arrive("location.pathname === '/workflows'")
	press("a[href='/workflows/new']")
	desk.arrive("location.pathname === '/workflows/new'")
	fill("#f-name", "Welcome in #help")
	fill("#f-channel", "#help")
	press("form[action='/workflows/new'] .btn-primary")
	desk.arrive("location.pathname === '/workflows/welcome-in-help/edit'")
	press(".flow-plus button[value=message]")
	desk.arrive("document.querySelector('#s1')")
	press(".flow > .flow-plus:last-child button[value=event]")
	desk.arrive("document.querySelector('#s2')")
	press(".flow-plus:has(input[value='s2.no']) summary")
	press(".flow-plus:has(input[value='s2.no']) button[value=alert]")
	desk.arrive("document.querySelector('#s3')")
	desk.look(1440)
	shot(t, desk.tab, "workflow-made")
	press("a[href='/workflows/welcome-in-help/dry-run']")
	desk.arrive("location.pathname === '/workflows/welcome-in-help/dry-run'")
	press("a[href='/workflows/welcome-in-help/dry-run?days=365']")
	desk.arrive("location.search === '?days=365' && document.querySelector('.dry li')")
	if done >= 15 {
		t.Errorf("it took %d interactions, want fewer than 15", done)
	}
	t.Logf("%d interactions", done)
	press(".dry li summary")
	if got := desk.say("document.querySelector('.dry li').textContent"); !strings.Contains(got, "welcome!") && !strings.Contains(got, "Not written") {
		t.Errorf("the first who would have entered: %s", got)
	}
	desk.look(1440)
	shot(t, desk.tab, "workflow-dry")
	phone := keyboard{t, browsertest.Open(t, browser, browsertest.Phone(false), l.url+"/workflows")}
	for name, path := range map[string]string{
		"workflows": "/workflows", "workflow-new": "/workflows/new", "workflow": "/workflows/welcome-in-help", "workflow-edit": "/workflows/welcome-in-help/edit?open=s1", "workflow-trigger": "/workflows/welcome-in-help/edit?open=trigger",
		"workflow-dry": "/workflows/welcome-in-help/dry-run?days=365", "workflow-runs": "/workflows/welcome-in-help/runs", "outbox": "/outbox", "outbox-sent": "/outbox?show=sent",
	} {
		t.Run(name, func(t *testing.T) {
			desk.t, phone.t = t, t
			browsertest.Visit(t, desk.tab, l.url+path)
			desk.look(1440)
			shot(t, desk.tab, name+"-desk")
			dark(desk)
			shot(t, desk.tab, name+"-dark")
			browsertest.Visit(t, phone.tab, l.url+path)
			phone.look(390)
			shot(t, phone.tab, name+"-phone")
		})
	}
}
