// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"greenroom/internal/auth"
	"greenroom/internal/server"
)

// fill sends a form as a browser does that has no scripts.
func (l *live) fill(t *testing.T, c *http.Client, path string, fields ...string) answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return l.send(t, c, "POST", path, url.Values{}, func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(&body), int64(body.Len())
		r.Header.Set("Content-Type", form.FormDataContentType())
	})
}

// picked reads an attribute of what a selector finds in a page.
func picked(t *testing.T, page, selector, attribute string) []string {
	t.Helper()
	node, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, n := range cascadia.QueryAll(node, cascadia.MustCompile(selector)) {
		for _, a := range n.Attr {
			if a.Key == attribute {
				all = append(all, a.Val)
			}
		}
	}
	return all
}

// TestConnect connects a code host as a manager without scripts: a wrong token, the right one, two of three repositories;
// what the host pushes is taken with the secret that was shown once, until the source is disconnected.
func TestConnect(t *testing.T) {
	address := acme(t)
	l := start(t, server.ServeOptions{Allowed: local()})
	manager := l.as(t, auth.RoleManager)
	if got := picked(t, l.send(t, manager, "GET", "/start?q=Code+forgejo", nil).body, "[data-row]", "data-row"); len(got) != 1 || got[0] != "gitea" {
		t.Errorf("the search finds %q", got)
	}
	typed := []string{"address", address, "repositories", "acme", "source-name", "code"}
	res := l.fill(t, manager, "/start/gitea", append(typed, "token", "bad", "then", "test")...)
	if res.code != http.StatusUnprocessableEntity || strings.Contains(res.body, `value="bad"`) || len(picked(t, res.body, "input[name=address][value='"+address+"']", "value")) != 1 {
		t.Errorf("a wrong token is answered %d, with what was typed and without the token:\n%s", res.code, res.body)
	}
	res = l.fill(t, manager, "/start/gitea", append(typed, "token", "good", "then", "test")...)
	kept := picked(t, res.body, "input[name='kept:token']", "value")
	if res.code != http.StatusOK || !strings.Contains(res.body, "greenroom-bot") || len(kept) != 1 || strings.Contains(kept[0], "good") {
		t.Fatalf("the test is answered %d, kept %q:\n%s", res.code, kept, res.body)
	}
	if got := picked(t, res.body, "input[name='place:repositories']", "value"); strings.Join(got, " ") != "acme/api acme/docs acme/site" {
		t.Errorf("there is to choose from %q", got)
	}
	// Somebody else has no use for what the form carries.
	if res := l.fill(t, l.as(t, auth.RoleOwner), "/start/gitea", append(typed, "kept:token", kept[0], "then", "test")...); res.code != http.StatusUnprocessableEntity {
		t.Errorf("another person's form is answered %d", res.code)
	}
	res = l.fill(t, manager, "/start/gitea", append(typed, "kept:token", kept[0], "places", "3", "place:repositories", "acme/docs", "place:repositories", "acme/site")...)
	shown := picked(t, res.body, ".copy button", "data-copy")
	if res.code != http.StatusOK || len(shown) != 2 || len(shown[0]) != 64 || shown[1] != l.url+"/hooks/code" || !strings.Contains(res.body, "--public-url") {
		t.Fatalf("connecting is answered %d, shows %q:\n%s", res.code, shown, res.body)
	}
	src, err := l.app.Store.Source(t.Context(), "code")
	if err != nil || src.Config["repositories"] != "acme/docs\nacme/site" || strings.Contains(fmt.Sprint(src.Config), shown[0]) {
		t.Errorf("stored is %v, %v", src.Config, err)
	}
	if code := push(t, l.url, issue("It breaks", "2026-10-02T10:00:00Z"), shown[0]); code != http.StatusOK {
		t.Errorf("a push signed with the secret is answered %d", code)
	}
	if res := l.fill(t, manager, "/start/gitea", append(typed, "token", "good")...); res.code != http.StatusUnprocessableEntity || !strings.Contains(res.body, "choose another name") {
		t.Errorf("connecting under a name that is taken is answered %d", res.code)
	}
	settings(t, l, manager, address)
	for _, path := range []string{"/sources/code/push", "/sources/code/settings"} {
		if res := l.send(t, manager, "GET", path, nil); res.code != http.StatusOK || strings.Contains(res.body, shown[0]) || strings.Contains(res.body, "good") {
			t.Errorf("%s is answered %d or tells a secret", path, res.code)
		}
	}
	res = l.fill(t, manager, "/sources/code/push")
	fresh := picked(t, res.body, ".copy button", "data-copy")
	if res.code != http.StatusOK || len(fresh) != 2 || fresh[0] == shown[0] {
		t.Fatalf("a new secret is answered %d, shows %q", res.code, fresh)
	}
	if code := push(t, l.url, issue("It breaks", "2026-10-02T10:00:00Z"), shown[0]); code != http.StatusUnauthorized {
		t.Errorf("a push signed with the old secret is answered %d", code)
	}
	if res := l.fill(t, manager, "/sources/code/disconnect"); res.code != http.StatusSeeOther {
		t.Errorf("disconnecting is answered %d", res.code)
	}
	if code := push(t, l.url, issue("It breaks", "2026-10-02T10:00:00Z"), fresh[0]); code != http.StatusNotFound {
		t.Errorf("a push to a disconnected source is answered %d", code)
	}
	src, err = l.app.Store.Source(t.Context(), "code")
	if err != nil || src.DisconnectedAt.IsZero() || !src.DueAt.IsZero() || src.Config["token"] != "" || src.Config["webhook-secret"] != "" {
		t.Errorf("disconnected, it is %+v, %v", src, err)
	}
}

// settings changes the source under its settings: what is left empty of secrets stays, the rhythm is set, and the token
// does not follow to another server.
func settings(t *testing.T, l *live, c *http.Client, address string) {
	t.Helper()
	eventually(t, "the first read ends", func() bool {
		run, err := l.app.Store.Runs(t.Context(), 1, 1)
		return err == nil && len(run) > 0 && run[0].State != "running"
	})
	res := l.fill(t, c, "/sources/code/settings", "address", address, "repositories", "acme", "rhythm", "3600", "then", "test")
	if res.code != http.StatusOK || !strings.Contains(res.body, "greenroom-bot") {
		t.Errorf("the test of a stored source is answered %d", res.code)
	}
	res = l.fill(t, c, "/sources/code/settings", "address", address, "repositories", "acme", "rhythm", "3600", "staff-org", "acme")
	if res.code != http.StatusSeeOther {
		t.Errorf("saving is answered %d", res.code)
	}
	src, err := l.app.Store.Source(t.Context(), "code")
	if err != nil || src.Config["repositories"] != "acme" || src.Config["staff-org"] != "acme" || src.Config["reviews"] != "false" || src.Config["token"] == "" || src.Rhythm != 3600 {
		t.Errorf("saved is %+v, %v", src, err)
	}
	asked := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer other.Close()
	for _, then := range []string{"", "test"} {
		res = l.fill(t, c, "/sources/code/settings", "address", other.URL, "repositories", "acme", "then", then)
		if res.code != http.StatusUnprocessableEntity || !strings.Contains(res.body, "has to be given again") || asked {
			t.Errorf("the token for another server is answered %d, asked %v", res.code, asked)
		}
	}
}
