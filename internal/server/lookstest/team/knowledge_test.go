// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package team_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"greenroom/internal/browsertest"
	"greenroom/internal/knowledge"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// shelved puts documents into a community: with evidence for and against them, and some entries that could not be taken.
func shelved(t *testing.T, app *server.App) {
	t.Helper()
	ctx := t.Context()
	s := app.Knowledge(nil)
	set := knowledge.UsualSettings()
	set.CheckDays = 0
	if err := s.SetSettings(ctx, set, "ana"); err != nil {
		t.Fatal(err)
	}
	const text = "title,address,kind,audience,owner,changed,tags\n" +
		"Sign in with Entra (SSO),https://docs.lumen.example/sso,how-to,external,ana@lumen.example,2024-03-01,sso entra login\n" +
		"Webhooks,https://docs.lumen.example/webhooks,reference,external,,2026-01-10,webhooks retries signature\n" +
		"Import CSV files,https://docs.lumen.example/importer,tutorial,external,ana@lumen.example,2025-01-10,importer csv rows\n" +
		"Runbook: the day of a release,runbooks/release.md,runbook,internal,ana@lumen.example,,\n" +
		"Odd,https://docs.lumen.example/odd,song,external,,,\n"
	if _, err := s.Import(ctx, knowledge.Collection{Name: "Lumen docs", Way: knowledge.Table, Place: "docs.csv"}, knowledge.Content{Text: text}, "ana"); err != nil {
		t.Fatal(err)
	}
	run, err := app.Store.StartLinkRun(ctx, "ana", app.Now())
	if err != nil {
		t.Fatal(err)
	}
	due, err := app.Store.DueLinks(ctx, "docs.lumen.example", app.Now(), 0, 9)
	if err != nil || len(due) != 3 {
		t.Fatal(due, err)
	}
	var all []knowledge.Checked
	for i := range due {
		x := knowledge.Checked{Link: due[i]}
		x.Verdict, x.Status, x.CheckedAt = knowledge.Good, 200, app.Now()
		if i == 0 {
			x.Read = &knowledge.Page{Text: "Sign in with Entra.", Links: []knowledge.Ref{{Address: "https://old.lumen.example/login"}, {Address: "https://docs.lumen.example/webhooks", Anchor: "retries"}}}
		}
		if i == 1 {
			x.Missing, x.LeadsTo, x.Moved = []string{"retries"}, "https://docs.lumen.example/hooks", true
		}
		all = append(all, x)
	}
	if err := app.Store.SaveChecked(ctx, run, all); err != nil {
		t.Fatal(err)
	}
	old, err := app.Store.DueLinks(ctx, "old.lumen.example", app.Now(), 0, 9)
	if err != nil || len(old) != 1 {
		t.Fatal(old, err)
	}
	gone := knowledge.Checked{Link: old[0]}
	gone.Verdict, gone.Status, gone.Reason, gone.CheckedAt, gone.BrokenAt = knowledge.Broken, 404, "there is nothing at this address", app.Now(), app.Now()
	run.Done, run.Broken, run.Requests = 4, 1, 6
	if err := app.Store.SaveChecked(ctx, run, []knowledge.Checked{gone}); err != nil {
		t.Fatal(err)
	}
	if err := app.Store.EndLinkRun(ctx, run, app.Now()); err != nil {
		t.Fatal(err)
	}
	var days []knowledge.Day
	for back := range 80 {
		days = append(days, knowledge.Day{Document: 1, Day: app.Now().AddDate(0, 0, -back).Format(time.DateOnly), Origin: knowledge.Counter, Views: int64(5 + back%7), Helpful: 1, Unhelpful: int64(back % 2)})
	}
	if err := app.Store.AddUse(ctx, days); err != nil {
		t.Fatal(err)
	}
}

// TestKnowledgeLooks looks at every page of documents, at a desk in light and dark and on a phone.
func TestKnowledgeLooks(t *testing.T) {
	browser := house.Browser(t)
	l := house.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, servertest.Whole()[1:2], func(app *server.App) {
		if _, err := app.Topics.Add(t.Context(), "Questions about CSV", "is:question", nil); err != nil {
			t.Fatal(err)
		}
		shelved(t, app)
	})
	come := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	come.Arrive("location.pathname === '/'")
	pages := [][2]string{
		{"knowledge", "/knowledge"},
		{"knowledge-register", "/knowledge/register"},
		{"knowledge-search", "/knowledge/register?q=kind:song"},
		{"knowledge-gaps", "/knowledge/gaps"},
		{"knowledge-draft", "/knowledge/gaps?topic=1"},
		{"knowledge-links", "/knowledge/links"},
		{"knowledge-collections", "/knowledge/collections"},
		{"knowledge-settings", "/knowledge/settings"},
		{"knowledge-document", "/knowledge/1"},
		{"knowledge-edit", "/knowledge/1/edit"},
		{"knowledge-new", "/knowledge/new"},
	}
	for mode, v := range map[string]browsertest.Viewport{"desk": browsertest.Desktop(false), "phone": browsertest.Phone(false)} {
		var tab browsertest.Tab
		for i, page := range pages {
			if i%6 == 0 {
				tab = browsertest.Open(t, browser, v, l.URL+page[1])
			} else {
				browsertest.Visit(t, tab, l.URL+page[1])
			}
			t.Run(page[0]+"/"+mode, func(t *testing.T) {
				k := servertest.Keyboard{T: t, Tab: tab}
				k.Look(v.Width)
				servertest.Shot(t, tab, page[0]+"-"+mode)
				if mode == "desk" {
					servertest.Dark(k)
				}
			})
		}
	}
}

// TestDocumentsInPublic counts readers without cookies, and holds that looking at the question changes nothing.
func TestDocumentsInPublic(t *testing.T) {
	l := servertest.Start(t, server.ServeOptions{Community: "Lumen"}, func(app *server.App) { shelved(t, app) })
	docs, err := l.App.Store.Documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string, form url.Values) (int, string) {
		t.Helper()
		method, body := http.MethodGet, io.Reader(http.NoBody)
		if form != nil {
			method, body = http.MethodPost, strings.NewReader(form.Encode())
		}
		req, err := http.NewRequestWithContext(t.Context(), method, l.URL+path, body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Cookies()) > 0 {
			t.Errorf("%s sets a cookie", path)
		}
		return resp.StatusCode, string(text)
	}
	for _, path := range []string{"/c/hit/" + docs[1].Key + ".gif", "/c/hit/page.gif?u=" + url.QueryEscape(docs[1].Address+"?utm_source=x"), "/c/hit/nobody.gif"} {
		if code, text := get(path, nil); code != 200 || !strings.HasPrefix(text, "GIF89a") {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code, text := get("/c/helped/"+docs[1].Key+"?v=no", nil); code != 200 || !strings.Contains(text, "Did this not help?") {
		t.Errorf("asked: %d %s", code, text)
	}
	votes := func() (yes, no, views int64) {
		all, err := l.App.Store.UseDays(t.Context(), docs[1].ID, "2020-01-01")
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range all {
			yes, no, views = yes+d.Helpful, no+d.Unhelpful, views+d.Views
		}
		return yes, no, views
	}
	if yes, no, _ := votes(); yes+no > 0 {
		t.Error("looking at the question was counted")
	}
	if code, text := get("/c/helped/"+docs[1].Key, url.Values{"v": {"no"}}); code != 200 || !strings.Contains(text, "Thank you") {
		t.Errorf("answered: %d %s", code, text)
	}
	if code, _ := get("/c/helped/"+docs[3].Key, nil); code != 404 {
		t.Errorf("an internal document shows its title in public: %d", code)
	}
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		yes, no, views := votes()
		if yes == 0 && no == 1 && views == 2 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d yes, %d no, %d views; want 0, 1 and 2", yes, no, views)
		}
	}
}
