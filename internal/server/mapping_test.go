// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"greenroom/connector"
	"greenroom/connector/webhook"
	"greenroom/internal/auth"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
)

// TestMapping tries a mapping on what came, without storing anything, and then has it taken in again by the new one.
func TestMapping(t *testing.T) {
	l := start(t, server.ServeOptions{}, func(app *server.App) {
		if _, _, err := app.Importer.Import(t.Context(), ingest.Request{
			Spec: webhook.Spec(), Name: "forms", Values: connector.Values{"secret": "open sesame", "mapping": "kind = message\nexternal_id = $.id\ntitle = $.wrong\nauthor.email = $.mail"},
		}); err != nil {
			t.Fatal(err)
		}
	})
	owner := l.as(t, auth.RoleOwner)
	if res := l.send(t, owner, "GET", "/sources/forms/mapping", nil); res.code != http.StatusOK || !strings.Contains(res.body, "No payload yet") {
		t.Fatalf("without a payload: %d, want a page that says so", res.code)
	}
	send := func(secret string) int {
		return l.send(t, http.DefaultClient, "POST", "/hooks/forms", nil, func(r *http.Request) {
			r.Header.Set("X-Greenroom-Secret", secret)
			r.Header.Set("Content-Type", "application/json")
			body := strings.NewReader(`{"id":"a1","question":"How do I begin?","mail":"ana@example.org"}`)
			r.Body, r.ContentLength = io.NopCloser(body), int64(body.Len())
		}).code
	}
	if code := send("guess"); code != http.StatusUnauthorized {
		t.Errorf("with a wrong secret: %d, want 401", code)
	}
	if code := send("open sesame"); code != http.StatusOK {
		t.Fatalf("a payload is answered %d, want 200", code)
	}
	eventually(t, "the payload is taken in", func() bool { return len(titles(t, l.app)) == 1 })
	good := "kind = message\nexternal_id = $.id\ntitle = $.question\nauthor.email = $.mail"
	res := l.send(t, owner, "POST", "/sources/forms/mapping", url.Values{"mapping": {good}})
	if res.code != http.StatusOK || !strings.Contains(res.body, "How do I begin?") || !strings.Contains(res.body, "ana@example.org") {
		t.Errorf("trying a mapping: %d, want what would come of the payload", res.code)
	}
	if got := titles(t, l.app); got[0] != "" {
		t.Errorf("trying stored the title %q", got[0])
	}
	res = l.send(t, owner, "POST", "/sources/forms/mapping", url.Values{"mapping": {"title = $.["}, "then": {"save"}})
	if res.code != http.StatusUnprocessableEntity || !strings.Contains(res.body, "Line 1") {
		t.Errorf("a mapping that cannot be read: %d, want 422 and the line", res.code)
	}
	if res := l.send(t, owner, "POST", "/sources/forms/mapping", url.Values{"mapping": {good}, "then": {"again"}}); res.code != http.StatusSeeOther {
		t.Fatalf("saving: %d %s", res.code, res.body)
	}
	eventually(t, "the payload is taken in again by the new mapping", func() bool {
		got := titles(t, l.app)
		return len(got) == 1 && got[0] == "How do I begin?"
	})
}
