// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/csv"
	"greenroom/connector/webhook"
	"greenroom/internal/auth"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
)

// TestRemovalGoesOn starts a server over data of which a source was being removed when the last process ended.
func TestRemovalGoesOn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "talk.csv")
	if err := os.WriteFile(file, []byte("Id,Kind,Author,E-mail,Time,Channel,Text\n1,message,Ana,ana@harbor.example,2026-11-20T10:00:00Z,help,Hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := start(t, server.ServeOptions{Community: "Lumen"}, func(app *server.App) {
		if _, _, err := app.Importer.Import(t.Context(), ingest.Request{Spec: csv.Spec(), Name: "talk", Values: connector.Values{"path": file, "type": "activities"}}); err != nil {
			t.Fatal(err)
		}
		if err := app.Connections().Remove(t.Context(), "talk", "talk", "ana"); err != nil {
			t.Fatal(err)
		}
	})
	eventually(t, "the source is gone", func() bool {
		_, err := l.app.Store.Source(t.Context(), "talk")
		return greenroom.ErrorCode(err) == greenroom.CodeNotFound
	})
	if o, err := l.app.Store.Overview(t.Context()); err != nil || o.Activities != 0 || o.Members != 0 {
		t.Errorf("there is still %+v, %v", o, err)
	}
}

// TestRenamedHook renames a source that is pushed to: its secret is opened under the new name, and what is pushed to the
// former address arrives.
func TestRenamedHook(t *testing.T) {
	l := start(t, server.ServeOptions{Community: "Lumen"}, func(app *server.App) {
		if _, _, err := app.Importer.Import(t.Context(), ingest.Request{Spec: webhook.Spec(), Name: "crm", Values: connector.Values{"secret": "s3cret", "mapping": "kind = message"}}); err != nil {
			t.Fatal(err)
		}
	})
	manager := l.as(t, auth.RoleManager)
	if w := l.send(t, manager, http.MethodPost, "/sources/crm/rename", url.Values{"to": {"sales"}}); w.code != http.StatusSeeOther || !strings.HasPrefix(w.header.Get("Location"), "/sources/sales?") {
		t.Fatalf("renaming: %d to %s", w.code, w.header.Get("Location"))
	}
	for path, want := range map[string]int{"/hooks/crm": 200, "/hooks/sales": 200, "/hooks/nothing": 404} {
		w := l.send(t, visitor(t), http.MethodPost, path, url.Values{}, func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer s3cret")
			r.Header.Set("Content-Type", "application/json")
		})
		if w.code/100 != want/100 {
			t.Errorf("%s: %d %s; want %d", path, w.code, w.body, want)
		}
	}
}
