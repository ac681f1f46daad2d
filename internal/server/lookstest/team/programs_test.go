// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package team_test

import (
	"testing"
	"time"

	"greenroom/internal/browsertest"
	"greenroom/internal/list"
	"greenroom/internal/program"
	"greenroom/internal/query"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestProgramLooks makes a program in the browser from a template, starts it, enrolls who is proposed, and looks at every
// page of programs at a desk, in light and dark, and on a phone.
func TestProgramLooks(t *testing.T) {
	browser := house.Browser(t)
	dir := house.Community(t)
	clock := time.Now()
	l := servertest.StartAt(t, func() time.Time { return clock }, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		servertest.Imported(t, app, dir, servertest.Whole()...)
	})
	desk := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	desk.Arrive("location.pathname === '/'")
	visit := func(path string) {
		t.Helper()
		browsertest.Visit(t, desk.Tab, l.URL+path)
	}
	press := func(selector, arrived string) {
		t.Helper()
		browsertest.Eval[bool](t, desk.Tab, `(setTimeout(() => document.querySelector(`+servertest.Quote(selector)+`).click()), true)`)
		desk.Arrive(arrived)
	}
	visit("/programs")
	desk.Look(1440)
	servertest.Shot(t, desk.Tab, "programs-none")
	visit("/programs/new?template=champions")
	desk.Look(1440)
	servertest.Shot(t, desk.Tab, "program-new")
	press("form.form .btn-primary", "location.pathname === '/programs/champions'")
	press("form[action$='/start'] button", "document.querySelector('.pill-good')")
	visit("/programs/champions/applications")
	press("form[action$='/propose'] button", "document.querySelector('#open .row-item')")
	desk = servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.URL+"/programs/champions/applications")}
	press("form[action$='/enroll'] button", "location.pathname === '/programs/champions/members' && document.querySelector('#stage-welcome .row-item')")

	// As it is after a while.
	q, err := query.Parse(query.NewSchema(query.Members, nil), "-is:staff -is:bot sort:-activities")
	if err != nil {
		t.Fatal(err)
	}
	page, err := l.App.Store.ListMembers(t.Context(), list.Request{Query: q, Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	all := page.Items
	for i := range all {
		c := &all[i]
		if err := l.App.Programs.Enroll(t.Context(), "champions", c.ID, "ana", "helps every day"); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			if _, err := l.App.Programs.Stage(t.Context(), "champions", c.ID, "active", "", "ana"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := l.App.Programs.Leave(t.Context(), "champions", all[0].ID, "moved to another job", "ana"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.App.Programs.Spend(t.Context(), "champions", program.Spend{MemberID: all[1].ID, Amount: 3500, Perk: "welcome-parcel"}, "ana"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.App.Programs.StartRun(t.Context(), "champions", "2026 autumn", "ana"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.App.Programs.Review(t.Context(), "champions", program.Fix, "Too few of them are new.", "ana"); err != nil {
		t.Fatal(err)
	}
	clock = clock.AddDate(0, 0, 20)
	desk = servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.URL+"/programs")}
	phone := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Phone(false), l.URL+"/programs")}
	for name, path := range map[string]string{"programs": "/programs", "program": "/programs/champions", "program-members": "/programs/champions/members", "program-applications": "/programs/champions/applications", "program-team": "/programs/champions/team", "program-history": "/programs/champions/history", "program-edit": "/programs/champions/edit"} {
		visit(path)
		desk.Look(1440)
		servertest.Shot(t, desk.Tab, name+"-desk")
		servertest.Dark(desk)
		servertest.Shot(t, desk.Tab, name+"-dark")
		browsertest.Visit(t, phone.Tab, l.URL+path)
		phone.Look(390)
		servertest.Shot(t, phone.Tab, name+"-phone")
	}
}
