// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package team_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"greenroom/internal/browsertest"
	"greenroom/internal/event"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestEventLooks plans an event in the browser, imports who came, and looks at every page of events and of the calendar at a
// desk, in light and dark, and on a phone. The calendar's address works without signing in.
func TestEventLooks(t *testing.T) {
	browser := house.Browser(t)
	l := house.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, servertest.Whole())
	desk := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	desk.Arrive("location.pathname === '/'")
	visit := func(path string) {
		t.Helper()
		browsertest.Visit(t, desk.Tab, l.URL+path)
	}
	for _, page := range []struct{ name, path string }{{"events-none", "/events"}, {"content-none", "/calendar/content"}, {"event-new", "/events/new"}} {
		visit(page.path)
		desk.Look(1440)
		servertest.Shot(t, desk.Tab, page.name)
	}
	browsertest.Eval[bool](t, desk.Tab, `(document.querySelector("#f-title").value = "Keys, rotated live", document.querySelector("#f-link").value = "https://acme.example/events/keys", setTimeout(() => document.querySelector("form.form .btn-primary").click()), true)`)
	desk.Arrive("location.pathname === '/events/1'")

	v, now := l.App.Events, time.Now()
	if _, err := v.SetState(t.Context(), 1, event.Announced, "ana"); err != nil {
		t.Fatal(err)
	}
	past, err := v.Add(t.Context(), event.Draft{Title: "Office hours", Kind: event.Call, State: event.Announced, Start: now.Add(-50 * time.Hour), Link: "https://acme.example/events/office", Capacity: 20, Speakers: []event.Speaker{{MemberID: 1, Talk: "Open questions"}}}, "ana")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []event.Person{{MemberID: 2}, {MemberID: 3}, {Address: "zoe@x.example", Name: "Zoe"}} {
		if _, err := v.Register(t.Context(), past.ID, p); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v.Import(t.Context(), past.ID, "attendance.csv", strings.NewReader("Name,Email,Join time\nZoe,zoe@x.example,\nKim,kim@x.example,\n,broken,\n"), true, "ana"); err != nil {
		t.Fatal(err)
	}
	for i, status := range event.Statuses() {
		c, err := v.AddContent(t.Context(), event.Piece{Title: "How keys rotate " + string(status), Channel: "Blog", Owner: "ana@acme.example", At: now.AddDate(0, 0, i-1)}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range event.Statuses()[1 : i+1] {
			if _, err := v.MoveContent(t.Context(), c.ID, to, "ana"); err != nil {
				t.Fatal(err)
			}
		}
	}
	token, err := v.FeedToken(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]int{token: http.StatusOK, "nonsense": http.StatusNotFound} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.URL+event.FeedPath, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		q := r.URL.Query()
		q.Set("t", what)
		r.URL.RawQuery = q.Encode()
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		if err != nil || res.Body.Close() != nil || res.StatusCode != want || want == http.StatusOK && !strings.Contains(string(text), "SUMMARY:Keys\\, rotated live") {
			t.Errorf("the calendar answers %d: %s", res.StatusCode, text)
		}
	}
	desk = servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.URL+"/events")}
	phone := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Phone(false), l.URL+"/events")}
	n := 0
	for name, path := range map[string]string{"events": "/events", "event": "/events/2", "event-came": "/events/2?state=attended", "event-edit": "/events/2/edit", "calendar": "/calendar", "calendar-list": "/calendar/list?from=" + now.AddDate(0, 0, -5).Format(time.DateOnly), "content": "/calendar/content", "content-one": "/calendar/content/3", "content-edit": "/calendar/content/3/edit", "calendar-share": "/calendar/share", "events-sources": "/sources"} {
		if n++; n == 6 { // a tab has its time
			desk = servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.URL+"/events")}
			phone = servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Phone(false), l.URL+"/events")}
		}
		t.Log(path)
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
