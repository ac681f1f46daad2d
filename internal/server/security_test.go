// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"greenroom/internal/auth"
	"greenroom/internal/server"
)

// pages are addresses of every page; changes those that pages send forms to.
func pages() []string {
	return []string{
		"/", "/members", "/members/choose?q=ab", "/members/1", "/members/matches", "/members/matches/check", "/members/matches/rules", "/members/matches/pictures", "/organizations", "/organizations/choose?q=ab", "/organizations/matches", "/organizations/1", "/segments", "/segments/new", "/segments/x", "/segments/x/edit", "/segments/x/members.csv", "/surveys", "/surveys/x", "/surveys/x/edit", "/surveys/x/ask", "/surveys/x/answers", "/surveys/x/answers.csv", "/recognition", "/recognition/milestones", "/recognition/testimonials", "/recognition/testimonials/1", "/recognition/testimonials.csv", "/recognition/settings", "/requests", "/requests/candidates", "/requests/settings", "/requests/1", "/conversations", "/conversations/1", "/activities", "/activities/1",
		"/insights", "/insights/active_members", "/digest", "/settings/mail", "/settings/public-pages", "/health", "/health/orbit", "/health/quiet", "/health/network", "/health/funnel", "/health/compare", "/health/scores/orbit", "/topics", "/topics/1", "/annotations", "/sources", "/sources/x", "/sources/x/settings", "/sources/x/push", "/live", "/programs", "/programs/new", "/programs/x", "/programs/x/members", "/programs/x/applications", "/programs/x/team", "/programs/x/history", "/programs/x/edit", "/events", "/events/new", "/events/1", "/events/1/edit", "/calendar", "/calendar/list", "/calendar/content", "/calendar/content/new", "/calendar/content/1", "/calendar/content/1/edit", "/calendar/share", "/start", "/start/csv", "/search?q=x", "/suggest/members?q=x",
		"/settings", "/settings/people", "/settings/account", "/settings/audit", "/settings/assistant", "/settings/enrichment", "/ask", "/conversations/1/summary", "/conversations/1/draft", "/topics/1/name", "/nothing", "/members/../members", "//members", "/static", "/healthz/x", "/joined",
	}
}

func changes() []string {
	return []string{
		"/recognition/thanks/1", "/recognition/milestones/1", "/recognition/testimonials/ask", "/recognition/testimonials/1", "/recognition/testimonials/1/uses", "/recognition/testimonials/1/uses/1/end", "/recognition/settings",
		"/requests", "/requests/link", "/requests/settings", "/requests/1", "/requests/1/status", "/requests/1/merge", "/requests/1/unmerge",
		"/segments/new", "/segments/x/edit", "/segments/x/archive", "/segments/x/restore", "/surveys", "/surveys/x/edit", "/surveys/x/ask", "/surveys/x/send", "/surveys/x/open", "/surveys/x/close", "/surveys/x/remove", "/surveys/x/cohort", "/surveys/x/import", "/surveys/x/answers/1/remove", "/members/1/merge", "/members/1/split", "/members/1/edit", "/decisions/1/undo", "/conversations/1/ignore", "/topics", "/topics/fit", "/topics/1", "/annotations", "/annotations/1/remove", "/sources/x/again", "/sources/x/stop", "/sources/x/settings", "/sources/x/push", "/sources/x/disconnect", "/start/csv",
		"/members/1/data", "/members/1/erase", "/members/matches/judge", "/members/matches/accept", "/members/matches/check", "/members/matches/undo/1", "/members/matches/rules", "/members/matches/pictures", "/members/matches/pictures/forget", "/settings/retention", "/settings/zone", "/settings/public-pages", "/settings/team", "/settings/people/invite", "/settings/people/1/role", "/settings/people/1/disable", "/settings/people/1/link", "/settings/invitations/revoke", "/health/scores/orbit", "/health/scores/orbit/undo", "/settings/assistant", "/settings/assistant/test", "/settings/enrichment", "/settings/enrichment/try", "/settings/enrichment/forget", "/organizations/1/origins", "/organizations/1/merge", "/organizations/1/parent", "/organizations/1/parent/undo", "/organization-merges/1/undo", "/organizations/matches/judge", "/organizations/matches/apart/1/undo", "/ask", "/conversations/1/summary", "/conversations/1/draft", "/topics/1/name",
		"/programs/new", "/programs/x/edit", "/programs/x/copy", "/programs/x/approve", "/programs/x/start", "/programs/x/close", "/programs/x/enroll", "/programs/x/move", "/programs/x/step", "/programs/x/leave", "/programs/x/propose", "/programs/x/decide", "/programs/x/review", "/programs/x/run", "/programs/x/spend", "/programs/x/write",
		"/events/new", "/events/1/edit", "/events/1/state", "/events/1/register", "/events/1/attend", "/events/1/import", "/events/1/follow", "/events/1/write", "/calendar/content/new", "/calendar/content/1/edit", "/calendar/content/1/move", "/calendar/share/renew", "/calendar/share/add", "/calendar/share/1/remove",
	}
}

// own are changes that everybody may make, of what is their own.
func own() []string {
	return []string{"/settings/account", "/settings/account/password", "/settings/account/sessions/end", "/settings/tokens", "/settings/tokens/1/revoke", "/sign-out"}
}

type operation struct{ method, path string }

// operations reads every operation of the API from its own description.
func operations(t *testing.T, l *live, c *http.Client) []operation {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]any
	}
	res := l.send(t, c, "GET", "/api/v1/openapi.json", nil)
	if err := json.Unmarshal([]byte(res.body), &doc); err != nil || len(doc.Paths) < 20 {
		t.Fatalf("the description of the API: %d, %d paths, %v", res.code, len(doc.Paths), err)
	}
	var all []operation
	for path, methods := range doc.Paths {
		path = regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "1")
		for method := range methods {
			if method != "parameters" {
				all = append(all, operation{strings.ToUpper(method), path})
			}
		}
	}
	return all
}

// TestWall sends every request there is without being signed in.
func TestWall(t *testing.T) {
	l := start(t, server.ServeOptions{})
	owner := l.as(t, auth.RoleOwner)
	nobody := visitor(t)
	for _, path := range pages() {
		res := l.send(t, nobody, "GET", path, nil)
		if res.code != http.StatusSeeOther || !strings.HasPrefix(res.header.Get("Location"), "/sign-in") {
			t.Errorf("GET %s: %d to %q, want to sign in", path, res.code, res.header.Get("Location"))
		}
		headers(t, path, res)
	}
	for _, path := range append(changes(), own()...) {
		if path == "/sign-out" {
			continue // of nobody it does nothing
		}
		if res := l.send(t, nobody, "POST", path, url.Values{}); res.code != http.StatusSeeOther || res.header.Get("Location") != "/sign-in" {
			t.Errorf("POST %s: %d to %q, want to sign in", path, res.code, res.header.Get("Location"))
		}
	}
	for _, op := range operations(t, l, owner) {
		if public(op.path) {
			continue
		}
		res := l.send(t, nobody, op.method, op.path, nil)
		if res.code != http.StatusUnauthorized || res.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d %s, want 401 as a problem", op.method, op.path, res.code, res.header.Get("Content-Type"))
		}
		headers(t, op.path, res)
	}
	for path, want := range map[string]int{"/healthz": 200, "/sign-in": 200, "/join/nothing": 404, "/static/nothing.css": 404, "/static/img/favicon.svg": 200, "/api/v1/openapi.json": 200, "/api/v1": 200} {
		res := l.send(t, nobody, "GET", path, nil)
		if res.code != want {
			t.Errorf("GET %s: %d, want %d", path, res.code, want)
		}
		headers(t, path, res)
	}
}

// public are the parts of the API that describe it and hold nothing of the community.
func public(path string) bool {
	return path == "/api/v1" || path == "/api/v1/docs" || path == "/api/v1/openapi.json" || strings.HasPrefix(path, "/api/v1/problems/")
}

// headers checks what every answer carries.
func headers(t *testing.T, path string, res answer) {
	t.Helper()
	for name, part := range map[string]string{
		"Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "", "Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=()",
	} {
		if v := res.header.Get(name); v == "" || !strings.Contains(v, part) {
			t.Errorf("%s: %s is %q", path, name, v)
		}
	}
	if csp := res.header.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") {
		t.Errorf("%s: the content security policy allows %q", path, csp)
	}
}

// TestOtherSites sends every change as a page of another site would, in the name of an owner who is signed in.
func TestOtherSites(t *testing.T) {
	l := start(t, server.ServeOptions{})
	owner := l.as(t, auth.RoleOwner)
	foreign := map[string]func(*http.Request){
		"another site":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"a neighbor":     func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"an old browser": func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"a sandbox":      func(r *http.Request) { r.Header.Set("Origin", "null") },
	}
	ops := operations(t, l, owner)
	for from, edit := range foreign {
		for _, path := range append(append(changes(), own()...), "/sign-in", "/join/x") {
			if res := l.send(t, owner, "POST", path, url.Values{"email": {"x"}}, edit); res.code != http.StatusForbidden {
				t.Errorf("POST %s from %s: %d, want 403", path, from, res.code)
			}
		}
		for _, op := range ops {
			if op.method == "GET" {
				continue
			}
			if res := l.send(t, owner, op.method, op.path, nil, edit); res.code != http.StatusForbidden {
				t.Errorf("%s %s from %s: %d, want 403", op.method, op.path, from, res.code)
			}
		}
	}
	if res := l.send(t, owner, "GET", "/settings/people", nil); res.code != 200 {
		t.Errorf("after all that the owner's session answers %d", res.code)
	}
}

// TestViewer holds that a viewer reads, and changes nothing but what is their own.
func TestViewer(t *testing.T) {
	dir := community(t)
	l := start(t, server.ServeOptions{}, func(app *server.App) { imported(t, app, dir, [3]string{"mbox", "list", "mail"}) })
	viewer := l.as(t, auth.RoleViewer)
	for _, path := range []string{"/", "/members", "/members/1", "/conversations", "/activities", "/insights", "/insights/retention", "/digest", "/settings/mail", "/topics", "/annotations", "/sources", "/sources/list", "/settings", "/settings/people", "/settings/account"} {
		res := l.send(t, viewer, "GET", path, nil)
		if res.code != 200 {
			t.Errorf("GET %s: %d", path, res.code)
		}
		if got := res.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("GET %s may be kept: %q", path, got)
		}
	}
	if res := l.send(t, viewer, "GET", "/settings/audit", nil); res.code != http.StatusForbidden {
		t.Errorf("the audit log answers a viewer %d", res.code)
	}
	for _, path := range changes() {
		if res := l.send(t, viewer, "POST", path, url.Values{"other": {"2"}, "identity": {"1"}, "role": {"owner"}, "email": {"x@example.org"}}); res.code != http.StatusForbidden {
			t.Errorf("POST %s: %d, want 403", path, res.code)
		}
	}
	for _, op := range operations(t, l, viewer) {
		if op.method == "GET" || strings.HasPrefix(op.path, "/api/v1/tokens") {
			continue // tokens are one's own
		}
		res := l.send(t, viewer, op.method, op.path, nil, func(r *http.Request) { r.Header.Set("Content-Type", "application/json") })
		if res.code < 400 || res.code >= 500 {
			t.Errorf("%s %s: %d, want a refusal", op.method, op.path, res.code)
		}
	}
	page, err := l.app.Store.Overview(t.Context())
	if err != nil || page.Sources != 1 || page.Members == 0 {
		t.Errorf("afterwards the store holds %+v, %v", page, err)
	}
}

// TestRedirects holds that signing in leads to a page of this server only.
func TestRedirects(t *testing.T) {
	l := start(t, server.ServeOptions{})
	l.as(t, auth.RoleViewer)
	for next, want := range map[string]string{
		"/members?q=x": "/members?q=x", "https://evil.example/": "/", "//evil.example/": "/", `/\evil.example`: "/", `\\evil.example`: "/", "/%09/evil.example": "/%09/evil.example", "javascript:alert(1)": "/",
	} {
		c := visitor(t)
		res := l.send(t, c, "POST", "/sign-in", url.Values{"email": {"viewer@example.org"}, "password": {password}, "next": {next}})
		if got := res.header.Get("Location"); got != want {
			t.Errorf("signing in with next %q leads to %q, want %q", next, got, want)
		}
	}
}

// TestRefusals holds that a refusal is a page of the product, which says nothing of the community to who may not read,
// and a problem document in the API.
func TestRefusals(t *testing.T) {
	l := start(t, server.ServeOptions{Community: "Lumen"})
	foreign := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	viewer := l.as(t, auth.RoleViewer)
	for name, c := range map[string]struct {
		client *http.Client
		path   string
		edit   func(*http.Request)
		code   int
		says   []string
		not    string
	}{
		"another site's page, nobody": {visitor(t), "/members/1/merge", foreign, 403, []string{"<h1", "Not allowed", "another site", `href="/"`}, `id="rail"`},
		"another site's page":         {viewer, "/members/1/merge", foreign, 403, []string{"<h1", "Not allowed", "another site"}, `id="rail"`},
		"a role":                      {viewer, "/settings/team", func(*http.Request) {}, 403, []string{"<h1", "Not allowed", "Your role"}, ""},
		"another site, sign-in":       {visitor(t), "/sign-in", foreign, 403, []string{"<h1", "another site"}, `id="rail"`},
		"the API":                     {visitor(t), "/api/v1/members/1", foreign, 403, []string{`"status":403`}, "<h1"},
	} {
		res := l.send(t, c.client, "POST", c.path, url.Values{}, c.edit)
		if res.code != c.code {
			t.Errorf("%s: %d, want %d", name, res.code, c.code)
		}
		for _, s := range c.says {
			if !strings.Contains(res.body, s) {
				t.Errorf("%s: the answer does not have %q", name, s)
			}
		}
		if c.not != "" && strings.Contains(res.body, c.not) {
			t.Errorf("%s: the answer has %q", name, c.not)
		}
		headers(t, name, res)
	}
}
