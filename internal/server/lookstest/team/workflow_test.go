// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package team_test

import (
	"strings"
	"testing"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestWorkflowLooks has a newcomer make "welcome new members in #help, wait 3 days, if no reply in the thread tell the
// team" in the browser, counting what they do, dry-run it and see who would have received it. Then it looks at every page
// of workflows and of the outbox at a desk, in light and dark, and on a phone.
func TestWorkflowLooks(t *testing.T) {
	browser := house.Browser(t)
	l := house.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, servertest.Whole())
	desk := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	desk.Arrive("location.pathname === '/'")
	done := 0 // what the newcomer did: a click, or a text typed into a field
	press := func(selector string) {
		t.Helper()
		done++
		browsertest.WaitFor(t, desk.Tab, "document.querySelector("+servertest.Quote(selector)+") && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
		browsertest.Eval[bool](t, desk.Tab, `(setTimeout(() => document.querySelector(`+servertest.Quote(selector)+`).click()), true)`)
	}
	fill := func(selector, text string) {
		t.Helper()
		done++
		browsertest.Eval[bool](t, desk.Tab, `(document.querySelector(`+servertest.Quote(selector)+`).focus(), true)`)
		desk.Write(text)
	}
	press("nav a[href='/workflows']")
	desk.Arrive("location.pathname === '/workflows'")
	press("a[href='/workflows/new']")
	desk.Arrive("location.pathname === '/workflows/new'")
	fill("#f-name", "Welcome in #help")
	fill("#f-channel", "#help")
	press("form[action='/workflows/new'] .btn-primary")
	desk.Arrive("location.pathname === '/workflows/welcome-in-help/edit'")
	press(".flow-plus button[value=message]")
	desk.Arrive("document.querySelector('#s1')")
	press(".flow > .flow-plus:last-child button[value=event]")
	desk.Arrive("document.querySelector('#s2')")
	press(".flow-plus:has(input[value='s2.no']) summary")
	press(".flow-plus:has(input[value='s2.no']) button[value=alert]")
	desk.Arrive("document.querySelector('#s3')")
	desk.Look(1440)
	servertest.Shot(t, desk.Tab, "workflow-made")
	press("a[href='/workflows/welcome-in-help/dry-run']")
	desk.Arrive("location.pathname === '/workflows/welcome-in-help/dry-run'")
	press("a[href='/workflows/welcome-in-help/dry-run?days=365']")
	desk.Arrive("location.search === '?days=365' && document.querySelector('.dry li')")
	if done >= 15 {
		t.Errorf("it took %d interactions, want fewer than 15", done)
	}
	t.Logf("%d interactions", done)
	press(".dry li summary")
	if got := desk.Say("document.querySelector('.dry li').textContent"); !strings.Contains(got, "welcome!") && !strings.Contains(got, "Not written") {
		t.Errorf("the first who would have entered: %s", got)
	}
	desk.Look(1440)
	servertest.Shot(t, desk.Tab, "workflow-dry")
	phone := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Phone(false), l.URL+"/workflows")}
	for name, path := range map[string]string{
		"workflows": "/workflows", "workflow-new": "/workflows/new", "workflow": "/workflows/welcome-in-help", "workflow-edit": "/workflows/welcome-in-help/edit?open=s1", "workflow-trigger": "/workflows/welcome-in-help/edit?open=trigger",
		"workflow-dry": "/workflows/welcome-in-help/dry-run?days=365", "workflow-runs": "/workflows/welcome-in-help/runs", "outbox": "/outbox", "outbox-sent": "/outbox?show=sent",
	} {
		t.Run(name, func(t *testing.T) {
			desk.T, phone.T = t, t
			browsertest.Visit(t, desk.Tab, l.URL+path)
			desk.Look(1440)
			servertest.Shot(t, desk.Tab, name+"-desk")
			servertest.Dark(desk)
			servertest.Shot(t, desk.Tab, name+"-dark")
			browsertest.Visit(t, phone.Tab, l.URL+path)
			phone.Look(390)
			servertest.Shot(t, phone.Tab, name+"-phone")
		})
	}
}
