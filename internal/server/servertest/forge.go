// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"greenroom/connector"
	"greenroom/connector/gitea"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
)

// HookSecret is what a forge signs its pushes with.
const HookSecret = "the webhook's secret"

// Forge is a Gitea server with one repository and no issue; it counts how often its issues are asked for.
func Forge(tb testing.TB) (url string, reads *atomic.Int64) {
	tb.Helper()
	reads = new(atomic.Int64)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/repos/acme/site"):
			fmt.Fprint(w, `{"id":7,"full_name":"acme/site","html_url":"https://git.example.org/acme/site"}`)
		case strings.HasSuffix(r.URL.Path, "/issues"):
			reads.Add(1)
			fmt.Fprint(w, "[]")
		default:
			fmt.Fprint(w, "[]")
		}
	}))
	tb.Cleanup(srv.Close)
	return srv.URL, reads
}

// Connect reads the forge once, as the form or the API would.
func Connect(tb testing.TB, app *server.App, address string) {
	tb.Helper()
	if _, _, err := app.Importer.Import(tb.Context(), ingest.Request{
		Spec: gitea.Spec(), Name: "code", Values: connector.Values{"address": address, "repositories": "acme/site", "webhook-secret": HookSecret},
	}); err != nil {
		tb.Fatal(err)
	}
}

// Local lets connectors read from this machine, where fakes stand.
func Local() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

// Acme is a Gitea server with three repositories of one owner. It knows the token "good".
func Acme(tb testing.TB) string {
	tb.Helper()
	repo := func(id int, name string) string {
		return fmt.Sprintf(`{"id":%d,"full_name":"acme/%s","html_url":"https://git.example.org/acme/%s","open_issues_count":%d}`, id, name, name, id)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch name, isRepo := strings.CutPrefix(r.URL.Path, "/api/v1/repos/acme/"); {
		case r.Header.Get("Authorization") != "token good":
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"message":"no"}`)
		case strings.HasSuffix(r.URL.Path, "/version"):
			fmt.Fprint(w, `{"version":"1.24.0"}`)
		case strings.HasSuffix(r.URL.Path, "/user"):
			fmt.Fprint(w, `{"id":1,"login":"greenroom-bot"}`)
		case strings.HasSuffix(r.URL.Path, "/users/acme/repos"):
			w.Header().Set("X-Total-Count", "3")
			fmt.Fprint(w, "["+repo(1, "api")+","+repo(2, "docs")+","+repo(7, "site")+"]")
		case isRepo && !strings.Contains(name, "/"):
			fmt.Fprint(w, repo(7, name))
		default:
			fmt.Fprint(w, "[]")
		}
	}))
	tb.Cleanup(srv.Close)
	return srv.URL
}
