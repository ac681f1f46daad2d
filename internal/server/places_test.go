// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"greenroom/internal/auth"
	"greenroom/internal/server"
	"greenroom/internal/web/ui"
)

// TestPlaces opens every place of the navigation and of the search, and sees that the navigation unfolds where somebody is.
func TestPlaces(t *testing.T) {
	l := start(t, server.ServeOptions{Community: "Lumen"})
	owner := l.as(t, auth.RoleOwner)
	places := func(c *http.Client, q string) map[string]string {
		t.Helper()
		var found ui.SearchResults
		res := l.send(t, c, "GET", "/search?q="+q, nil)
		if err := json.Unmarshal([]byte(res.body), &found); err != nil {
			t.Fatalf("%v: %s", err, res.body)
		}
		out := map[string]string{}
		for _, g := range found.Groups {
			if g.Label == "Go to" {
				for _, it := range g.Items {
					out[it.Label] = it.Href
				}
			}
		}
		return out
	}
	all := places(owner, "")
	for _, label := range []string{"Today", "Inbox", "Finder", "Workflows", "Outbox", "Team", "Maturity", "Accounts", "New workflow", "New study", "Add a source or import data", "People and invitations"} {
		if all[label] == "" {
			t.Errorf("the search does not lead to %q", label)
		}
	}
	page := l.send(t, owner, "GET", "/outbox", nil).body
	rail := page[strings.Index(page, `<nav id="rail"`):strings.Index(page, "</nav>")]
	for _, m := range regexp.MustCompile(`href="([^"]+)"`).FindAllStringSubmatch(rail, -1) {
		all["rail "+m[1]] = m[1]
	}
	for label, href := range all {
		if res := l.send(t, owner, "GET", href, nil); res.code != http.StatusOK {
			t.Errorf("%s, %s, answers %d", label, href, res.code)
		}
	}
	if got := strings.Count(rail, "<details open>"); got != 1 {
		t.Errorf("%d parts of the navigation are unfolded at the outbox, want that of workflows", got)
	}
	for _, href := range []string{"/inbox", "/conversations"} {
		if body := l.send(t, owner, "GET", href, nil).body; strings.Contains(body, "Nobody is waiting") || !strings.Contains(body, "Import your data") {
			t.Errorf("%s of an empty community says that nobody waits, rather than how to begin", href)
		}
	}
	if got := places(owner, "workf"); len(got) != 2 || got["New workflow"] == "" {
		t.Errorf("\"workf\" leads to %v", got)
	}
	if got := places(l.as(t, auth.RoleViewer), ""); got["New workflow"] != "" || got["Add a source or import data"] != "" || got["Workflows"] == "" {
		t.Errorf("who may only look is led to %v", got)
	}
}
