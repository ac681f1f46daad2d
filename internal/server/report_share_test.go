// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"greenroom/internal/auth"
	"greenroom/internal/brand"
	"greenroom/internal/report"
	"greenroom/internal/server"
)

// TestReportPassword opens a shared report over HTTP. Before its password there is nothing of the report, under no address; a
// wrong one gets nothing, and after some of them not even an answer; a link that was taken back shows nothing to anybody.
func TestReportPassword(t *testing.T) {
	now := time.Now()
	l := startAt(t, func() time.Time { return now }, server.ServeOptions{Community: "Harbor"}, func(app *server.App) { toldWithMischief(t, app) })
	owner := l.as(t, auth.RoleOwner)
	ctx := t.Context()
	if err := l.app.Brand().SetBrand(ctx, brand.Brand{Accent: brand.DefaultAccent, Address: "https://members.example.test"}, "ida"); err != nil {
		t.Fatal(err)
	}
	const title = "Merger with Umbra"
	r, err := l.app.Reporting.Add(ctx, report.Draft{Title: title, For: report.Executive, Rhythm: report.Monthly, Blocks: []report.Block{{Kind: report.Metric, Metric: "active_members"}}}, "ida")
	if err != nil {
		t.Fatal(err)
	}
	e, err := l.app.Reporting.Make(ctx, r.ID, "2026-10", "ida")
	if err != nil {
		t.Fatal(err)
	}
	if e, err = l.app.Reporting.Write(ctx, e.ID, e.Version, report.Comments{e.Content.Blocks[0].Block.ID: "Hello 東京"}, "ida"); err != nil {
		t.Fatal(err)
	}
	if a := l.send(t, owner, http.MethodGet, fmt.Sprintf("/reports/%d/editions/%d", r.ID, e.ID), nil); !strings.Contains(a.body, "no picture of <bdi>京 東 </bdi>and show a □") {
		t.Errorf("the page does not say which letters the PDF lacks: %d, %s", a.code, a.body)
	}
	share := func(password string) (report.Share, string) {
		t.Helper()
		sh, err := l.app.Reporting.Share(ctx, e.ID, report.NewShare{Label: "the board of Umbra", Password: password}, "ida")
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(sh.URL)
		if err != nil {
			t.Fatal(err)
		}
		return sh, u.Query().Get("t")
	}
	sh, token := share("correct horse")
	other, otherToken := share("battery staple")
	ask := func(path string, form url.Values) answer {
		t.Helper()
		a := l.send(t, visitor(t), map[bool]string{true: http.MethodGet, false: http.MethodPost}[form == nil], path, form)
		for name, want := range map[string]string{"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store", "Referrer-Policy": "same-origin"} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s has %s: %q", path, name, got)
			}
		}
		return a
	}
	silent := func(what string, a answer, code int) {
		t.Helper()
		if a.code != code || strings.Contains(a.body+a.header.Get("Content-Disposition"), "Umbra") || strings.Contains(a.body, "Active members") {
			t.Errorf("%s: %d, want %d: %s", what, a.code, code, a.body)
		}
	}
	at := func(token, pass string) string { return "?" + url.Values{"t": {token}, "p": {pass}}.Encode() }

	silent("without the password", ask("/c/report"+at(token, ""), nil), http.StatusOK)
	for _, form := range []string{"pdf", "csv", "html", "slides"} {
		silent(form+" without the password", ask("/c/report/"+form+at(token, "x"), nil), http.StatusNotFound)
	}
	silent("a wrong password", ask("/c/report", url.Values{"t": {token}, "password": {"wrong horse"}}), http.StatusForbidden)
	if all, err := l.app.Reporting.Openings(ctx, e.ID); err != nil || len(all) != 0 {
		t.Errorf("looking at the door counts as opening: %+v, %v", all, err)
	}

	a := ask("/c/report", url.Values{"t": {token}, "password": {"correct horse"}})
	in := a.header.Get("Location")
	if a.code != http.StatusSeeOther || !strings.HasPrefix(in, "/c/report?") || strings.Contains(in, "horse") {
		t.Fatalf("the right password: %d to %q", a.code, in)
	}
	if a := ask(in, nil); a.code != http.StatusOK || !strings.Contains(a.body, title) {
		t.Errorf("after the password: %d, %s", a.code, a.body)
	}
	u, err := url.Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	pass := u.Query().Get("p")
	if a := ask("/c/report/pdf"+at(token, pass), nil); a.code != http.StatusOK || !strings.HasPrefix(a.body, "%PDF-") {
		t.Errorf("the PDF: %d", a.code)
	}
	silent("another link with what stands for the password of this one", ask("/c/report"+at(otherToken, pass), nil), http.StatusOK)
	silent("the link itself instead of what stands for the password", ask("/c/report"+at(token, token), nil), http.StatusOK)

	// Guessing is slowed down, also where the right one is among the guesses.
	limited := 0
	for range 30 {
		if a := ask("/c/report", url.Values{"t": {otherToken}, "password": {"guess"}}); a.code == http.StatusTooManyRequests && a.header.Get("Retry-After") != "" {
			limited++
		}
	}
	if limited < 10 {
		t.Errorf("%d of 30 guesses were held back", limited)
	}
	silent("the right password after many guesses", ask("/c/report", url.Values{"t": {otherToken}, "password": {"battery staple"}}), http.StatusTooManyRequests)
	now = now.Add(10 * time.Minute)
	if a := ask("/c/report", url.Values{"t": {otherToken}, "password": {"battery staple"}}); a.code != http.StatusSeeOther {
		t.Errorf("after a while: %d", a.code)
	}

	for _, id := range []int64{sh.ID, other.ID} {
		if err := l.app.Reporting.Revoke(ctx, id, "ida"); err != nil {
			t.Fatal(err)
		}
	}
	silent("a link that was taken back", ask(in, nil), http.StatusNotFound)
	silent("its PDF", ask("/c/report/pdf"+at(token, pass), nil), http.StatusNotFound)
	silent("its password", ask("/c/report", url.Values{"t": {token}, "password": {"correct horse"}}), http.StatusNotFound)
}
