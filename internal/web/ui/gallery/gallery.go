// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package gallery shows every component of package ui with example data, on pages that tests and people look at. It
// is not part of the program: tests serve it to a real browser and check contrast, keys and the content security
// policy there, once for all pages that are built of the same components.
package gallery

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"greenroom/internal/web/static"
	"greenroom/internal/web/ui"
)

//go:embed *.html
var files embed.FS

// Policy is the content security policy that Greenroom's pages are served with.
const Policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Gallery serves the example pages.
type Gallery struct {
	view     *ui.View[Body]
	inbox    *ui.View[Inbox]
	signIn   *ui.View[ui.Form]
	now      time.Time
	mux      *http.ServeMux
	progress atomic.Int64
}

// New prepares the pages as of the moment now.
func New(now time.Time) (*Gallery, error) {
	assets, err := static.New()
	if err != nil {
		return nil, fmt.Errorf("load assets: %w", err)
	}
	kit, err := ui.New(assets, func() time.Time { return now })
	if err != nil {
		return nil, fmt.Errorf("prepare components: %w", err)
	}
	view, err := ui.Parse[Body](kit, files, "gallery.html")
	if err != nil {
		return nil, fmt.Errorf("prepare gallery: %w", err)
	}
	inbox, err := ui.Parse[Inbox](kit, files, "inbox.html")
	if err != nil {
		return nil, fmt.Errorf("prepare inbox: %w", err)
	}
	signIn, err := ui.Parse[ui.Form](kit, files, "signin.html")
	if err != nil {
		return nil, fmt.Errorf("prepare sign-in: %w", err)
	}
	g := &Gallery{view: view, inbox: inbox, signIn: signIn, now: now, mux: http.NewServeMux()}
	g.mux.Handle("GET "+static.Prefix, assets)
	g.mux.HandleFunc("GET /{$}", g.page)
	g.mux.HandleFunc("GET /inbox", g.panes)
	g.mux.HandleFunc("GET /signin", g.bare)
	g.mux.HandleFunc("GET /search", search)
	g.mux.HandleFunc("GET /suggest", suggest)
	g.mux.HandleFunc("GET /progress", g.work)
	g.mux.HandleFunc("POST /done", done)
	return g, nil
}

// View is the page's template, for tests that check it.
func (g *Gallery) View() *ui.View[Body] { return g.view }

// ServeHTTP answers the gallery's pages, with the policy of the real ones.
func (g *Gallery) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", Policy)
	g.mux.ServeHTTP(w, r)
}

func (g *Gallery) page(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := g.view.Render(w, g.Shell(), g.Body()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// panes is a page of three panes that fill the window.
func (g *Gallery) panes(w http.ResponseWriter, _ *http.Request) {
	shell := g.Shell()
	shell.Title, shell.Panes, shell.Flashes, shell.Banner = "Inbox", true, nil, nil
	shell.Nav[0].Items[0].Active, shell.Nav[1].Items[0].Active = false, true
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := g.inbox.Render(w, shell, g.Inbox()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// bare is a page without navigation.
func (g *Gallery) bare(w http.ResponseWriter, _ *http.Request) {
	form := ui.Form{
		Post: "/done", Error: "E-mail and password do not belong together.", Fields: []ui.Field{
			{Name: "email", Label: "E-mail", Type: "email", Required: true, Autocomplete: "username"},
			{Name: "password", Label: "Password", Type: "password", Required: true, Autocomplete: "current-password"},
		},
		Actions: []ui.Action{{Label: "Sign in", Submit: true, Style: ui.StylePrimary}},
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := g.signIn.Render(w, ui.Shell{Title: "Sign in", Bare: true}, form); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// work pretends to be an import that is followed: each event finds a third more done, and then the connection is lost.
func (g *Gallery) work(w http.ResponseWriter, _ *http.Request) {
	told, err := json.Marshal(ui.Working{Running: []ui.Tick{progress(int(g.progress.Add(1))).Tick()}})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	_, _ = fmt.Fprintf(w, "retry: 100\ndata: %s\n\n", told) // who has left needs no answer
}

func done(w http.ResponseWriter, _ *http.Request) {
	header, err := ui.ToastHeader(ui.Toast{Text: "Assigned to you, Mina Kovač will see it", UndoPost: "/done"})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("HX-Trigger", header)
	w.WriteHeader(http.StatusNoContent)
}

func search(w http.ResponseWriter, r *http.Request) {
	q := strings.ToLower(r.FormValue("q"))
	all := []ui.SearchItem{
		{Label: "Mina Kovač", Note: "Northwind · Champion", Href: "/?member=1"},
		{Label: "Rui Silva", Note: "Fabrikam", Href: "/?member=2"},
	}
	group := ui.SearchGroup{Label: "Members"}
	for _, item := range all {
		if strings.Contains(strings.ToLower(item.Label), q) {
			group.Items = append(group.Items, item)
		}
	}
	answer(w, ui.SearchResults{Groups: []ui.SearchGroup{group}})
}

func suggest(w http.ResponseWriter, r *http.Request) {
	q := r.FormValue("q")
	at, err := strconv.Atoi(r.FormValue("at"))
	if err != nil || at > len(q) {
		at = len(q)
	}
	from := strings.LastIndexByte(q[:at], ' ') + 1
	out := ui.Suggestions{From: from, To: at}
	for _, s := range []ui.Suggestion{
		{Insert: "is:question ", Note: "asked something"},
		{Insert: "is:waiting ", Note: "nobody has replied but the author"},
		{Insert: "channel:", Note: "a channel, such as channel:#help"},
		{Insert: "topic:", Note: "what it is about"},
	} {
		if strings.HasPrefix(s.Insert, q[from:at]) {
			out.Items = append(out.Items, s)
		}
	}
	answer(w, out)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
