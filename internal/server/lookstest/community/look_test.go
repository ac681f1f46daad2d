// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package community_test

import (
	"strings"
	"testing"

	"greenroom/internal/auth"
	"greenroom/internal/browsertest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
	"greenroom/internal/understand/understandtest"
)

// TestLooks looks at every page: on a desk in light and dark, on a phone in light. axe-core finds nothing, nothing is
// wider than the window, and the browser reports no error. With GREENROOM_SHOTS=folder it leaves pictures there.
func TestLooks(t *testing.T) {
	browser := house.Browser(t)
	dir := house.Community(t)
	l := servertest.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		app.School = understandtest.School{Version: "1"}
		servertest.Imported(t, app, dir, servertest.Whole()...)
		address, _ := servertest.Forge(t)
		servertest.Connect(t, app, address)
	})
	calm := servertest.Mild(t, l)
	const pagesPerTab = 7 // a tab has its time
	tabs, used := make(map[string]browsertest.Tab), make(map[string]int)
	look := func(name, url string) {
		for mode, v := range map[string]browsertest.Viewport{"desk": browsertest.Desktop(false), "phone": browsertest.Phone(false)} {
			if used[mode]%pagesPerTab == 0 {
				tabs[mode] = browsertest.Open(t, browser, v, url)
			} else {
				browsertest.Visit(t, tabs[mode], url)
			}
			used[mode]++
			t.Run(name+"/"+mode, func(t *testing.T) {
				k := servertest.Keyboard{T: t, Tab: tabs[mode]}
				k.Look(v.Width)
				servertest.Shot(t, k.Tab, name+"-"+mode)
				if mode == "desk" {
					servertest.Dark(k)
					servertest.Shot(t, k.Tab, name+"-dark")
				}
			})
		}
	}
	look("sign-in", l.URL+"/sign-in")
	look("a link that was used", calm+"/join/nothing")
	come := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	come.Arrive("location.pathname === '/'")
	l.As(t, auth.RoleViewer) // so that there is somebody else whose role can be changed
	for name, path := range map[string]string{
		"today": "/", "conversations": "/conversations", "no conversations": "/conversations?q=title:zzzz", "conversation": "/conversations/" + servertest.Talk(t, l) + "?q=is:question",
		"members": "/members", "matches": "/members/matches", "pictures": "/members/matches/pictures", "matches, narrowed": "/members/matches?at_least=50&kind=handle", "no match": "/members/matches?at_least=99.99", "matches to check": "/members/matches/check", "matching rules": "/members/matches/rules?auto=95&suggest=20", "members, mistaken": "/members?q=lst_active:3", "no members": "/members?q=name:zzzz", "member": "/members/" + servertest.Person(t, l), "member, no activity": "/members/" + servertest.Person(t, l) + "?q=title:zzzz",
		"segments, none": "/segments", "programs, none": "/programs", "events, none": "/events", "month": "/calendar", "content, none": "/calendar/content", "calendar, shared": "/calendar/share", "workflows, none": "/workflows", "workflow, fresh": "/workflows/new", "outbox, empty": "/outbox", "surveys, none": "/surveys", "segment, new": "/segments/new", "organizations": "/organizations", "organization": "/organizations/1", "one organization": "/organizations/matches", "activities": "/activities", "insights": "/insights", "digest": "/digest", "alerts, none": "/alerts", "alert, new": "/alerts/new?watch=metric", "sending": "/settings/sending", "mail settings": "/settings/mail", "enrichment, off": "/settings/enrichment", "public pages": "/settings/public-pages", "insight by category": "/insights/messages?breakdown=category", "reading": "/reading", "insight by source": "/insights/active_members?breakdown=source",
		"insight": "/insights/time_to_first_response?by=month", "retention": "/insights/retention", "topics": "/topics", "annotations": "/annotations", "sources": "/sources", "source": "/sources/slack", "start": "/start", "start, nothing found": "/start?q=zzzz", "form": "/start/slack-export", "form of CSV": "/start/csv", "form, live": "/start/gitea", "settings of a source": "/sources/code/settings", "pushes": "/sources/code/push",
		"inbox": "/inbox", "inbox item": "/inbox/" + servertest.Talk(t, l), "inbox, past target": "/inbox?view=overdue&q=channel:help", "inbox, nothing": "/inbox?view=mine", "inbox settings": "/inbox/settings", "wait times": "/inbox/waits?weeks=26&day=1&hour=14", "my work, none": "/tasks", "notices, none": "/notices",
		"settings": "/settings", "people": "/settings/people", "account": "/settings/account", "audit log": "/settings/audit",
	} {
		look(name, l.URL+path)
	}
	look("error", calm+"/members/999999")
	for button, path := range map[string]string{"[data-dialog=edit]": "/members/" + servertest.Person(t, l), "[data-dialog^=role]": "/settings/people", "[data-popover] summary": "/insights", ".plot-alt summary": "/insights/questions"} {
		t.Run("open "+button, func(t *testing.T) {
			k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.URL+path)}
			k.Reach("Tab", button)
			k.Press("Enter")
			browsertest.WaitFor(t, k.Tab, "document.querySelector('dialog[open], details[open]')")
			k.Look(1440)
			servertest.Shot(t, k.Tab, "open "+strings.Trim(button, "[]"))
		})
	}
	t.Run("definition/phone", func(t *testing.T) {
		k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Phone(false), l.URL+"/insights")}
		k.Reach("Tab", "[data-popover] summary")
		k.Press("Enter")
		browsertest.WaitFor(t, k.Tab, "document.querySelector('details[open] .def-body')")
		if !k.Is("(b => b.left >= 0 && b.right <= innerWidth && b.bottom <= innerHeight)(document.querySelector('details[open] .def-body').getBoundingClientRect())") {
			t.Error("a definition does not fit on a phone")
		}
		k.Look(390)
	})
}
