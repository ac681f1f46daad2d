// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"testing"
	"time"

	"greenroom/internal/browsertest"
	"greenroom/internal/list"
	"greenroom/internal/program"
	"greenroom/internal/query"
	"greenroom/internal/server"
)

// TestProgramLooks makes a program in the browser from a template, starts it, enrolls who is proposed, and looks at every
// page of programs at a desk, in light and dark, and on a phone.
func TestProgramLooks(t *testing.T) {
	browser := browsertest.Start(t)
	dir := community(t)
	clock := time.Now()
	l := startAt(t, func() time.Time { return clock }, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"csv", "crm", "business/members.csv"})
	})
	desk := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	desk.arrive("location.pathname === '/'")
	visit := func(path string) {
		t.Helper()
		browsertest.Visit(t, desk.tab, l.url+path)
	}
	press := func(selector, arrived string) {
		t.Helper()
		browsertest.Eval[bool](t, desk.tab, `(setTimeout(() => document.querySelector(`+quote(selector)+`).click()), true)`)
		desk.arrive(arrived)
	}
	visit("/programs")
	desk.look(1440)
	shot(t, desk.tab, "programs-none")
	visit("/programs/new?template=champions")
	desk.look(1440)
	shot(t, desk.tab, "program-new")
	press("form.form .btn-primary", "location.pathname === '/programs/champions'")
	press("form[action$='/start'] button", "document.querySelector('.pill-good')")
	visit("/programs/champions/applications")
	press("form[action$='/propose'] button", "document.querySelector('#open .row-item')")
	desk = keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.url+"/programs/champions/applications")}
	press("form[action$='/enroll'] button", "location.pathname === '/programs/champions/members' && document.querySelector('#stage-welcome .row-item')")

	// As it is after a while.
	q, err := query.Parse(query.NewSchema(query.Members, nil), "-is:staff -is:bot sort:-activities")
	if err != nil {
		t.Fatal(err)
	}
	page, err := l.app.Store.ListMembers(t.Context(), list.Request{Query: q, Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	all := page.Items
	for i := range all {
		c := &all[i]
		if err := l.app.Programs.Enroll(t.Context(), "champions", c.ID, "ana", "helps every day"); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			if _, err := l.app.Programs.Stage(t.Context(), "champions", c.ID, "active", "", "ana"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := l.app.Programs.Leave(t.Context(), "champions", all[0].ID, "moved to another job", "ana"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.app.Programs.Spend(t.Context(), "champions", program.Spend{MemberID: all[1].ID, Amount: 3500, Perk: "welcome-parcel"}, "ana"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.app.Programs.StartRun(t.Context(), "champions", "2026 autumn", "ana"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.app.Programs.Review(t.Context(), "champions", program.Fix, "Too few of them are new.", "ana"); err != nil {
		t.Fatal(err)
	}
	clock = clock.AddDate(0, 0, 20)
	desk = keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.url+"/programs")}
	phone := keyboard{t, browsertest.Open(t, browser, browsertest.Phone(false), l.url+"/programs")}
	for name, path := range map[string]string{"programs": "/programs", "program": "/programs/champions", "program-members": "/programs/champions/members", "program-applications": "/programs/champions/applications", "program-team": "/programs/champions/team", "program-history": "/programs/champions/history", "program-edit": "/programs/champions/edit"} {
		visit(path)
		desk.look(1440)
		shot(t, desk.tab, name+"-desk")
		dark(desk)
		shot(t, desk.tab, name+"-dark")
		browsertest.Visit(t, phone.tab, l.url+path)
		phone.look(390)
		shot(t, phone.tab, name+"-phone")
	}
}
