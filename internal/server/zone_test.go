// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/auth"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
)

// TestZone sets the time zone in which days begin: calendar and queries go by it at once, and after a start anew.
func TestZone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log.csv")
	if err := os.WriteFile(file, []byte("id,when,kind,name,title\n1,2026-03-01T11:30:00Z,message,Ana Lopes,Around midnight in Auckland\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC) }
	l := startAt(t, now, server.ServeOptions{}, func(app *server.App) {
		spec, err := all.Find("csv")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := app.Importer.Import(t.Context(), ingest.Request{Spec: spec, Name: "log", Values: connector.Values{"path": file}}); err != nil {
			t.Fatal(err)
		}
		if err := app.Projector.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	owner := l.as(t, auth.RoleOwner)
	days := func(want, zone string) {
		t.Helper()
		if page := l.send(t, owner, "GET", "/members/1", nil).body; !strings.Contains(page, "occurred%3A"+want) || !strings.Contains(page, "days in "+zone) {
			t.Errorf("the calendar has no day %s in %s", want, zone)
		}
		for _, day := range []string{"2026-03-01", "2026-03-02"} {
			page := l.send(t, owner, "GET", "/activities?q=occurred:"+day, nil).body
			if strings.Contains(page, "Around midnight") != (day == want) {
				t.Errorf("in %s, the query for %s finds it: %v", zone, day, day != want)
			}
		}
		if page := l.send(t, owner, "GET", "/settings", nil).body; !strings.Contains(page, "midnight in "+zone) {
			t.Errorf("the settings do not say %s", zone)
		}
	}
	set := func(zone string, code int) {
		t.Helper()
		if res := l.send(t, owner, "POST", "/settings/zone", url.Values{"zone": {zone}}); res.code != code {
			t.Errorf("setting %q: %d, want %d", zone, res.code, code)
		}
	}
	days("2026-03-01", "UTC")
	for _, wrong := range []string{"Atlantis", "local", "../../etc/passwd", "+12"} {
		set(wrong, http.StatusUnprocessableEntity)
	}
	days("2026-03-01", "UTC")
	set("Pacific/Auckland", http.StatusSeeOther)
	days("2026-03-02", "Pacific/Auckland")
	for zone, code := range map[string]int{"UTC": http.StatusBadRequest, "Pacific/Auckland": http.StatusOK} { // a list has to hold what was counted
		if res := l.send(t, owner, "GET", "/api/v1/metrics/activities?records=true&from=2026-03-01&to=2026-03-03&by=day&zone="+url.QueryEscape(zone), nil); res.code != code {
			t.Errorf("records of figures in %s: %d %s", zone, res.code, res.body)
		}
	}

	again, err := server.Open(t.Context(), server.Options{Data: l.app.Data, Log: slog.New(slog.DiscardHandler), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if zone := again.Now().Location().String(); zone != "Pacific/Auckland" {
		t.Errorf("another process reads days in %s", zone)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	set("", http.StatusSeeOther)
	days("2026-03-01", "UTC")
}
