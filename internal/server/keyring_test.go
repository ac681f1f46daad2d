// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/gitea"
	"greenroom/internal/ingest"
	"greenroom/internal/outbox"
	"greenroom/internal/server"
)

// TestRotateKey replaces the key beside an open server: what was sealed opens again in both, the older key is gone, and
// where a secret cannot be opened, no key is dropped.
func TestRotateKey(t *testing.T) {
	address, dir := acme(t), t.TempDir()
	open := func() *server.App {
		app, err := server.Open(t.Context(), server.Options{Data: dir, Log: slog.New(slog.DiscardHandler), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := app.Close(); err != nil {
				t.Errorf("closing: %v", err)
			}
		})
		return app
	}
	running := open()
	if _, _, err := running.Importer.Import(t.Context(), ingest.Request{
		Spec: gitea.Spec(), Name: "code", Values: connector.Values{"address": address, "repositories": "acme/site", "token": "good", "webhook-secret": hookSecret},
	}); err != nil {
		t.Fatal(err)
	}
	box, err := running.Outbox(nobody{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	to, err := box.AddDestination(t.Context(), outbox.DestinationDraft{Name: "#team", Channel: outbox.Slack, Address: "https://hooks.slack.com/x"}, "ana")
	if err != nil {
		t.Fatal(err)
	}
	works := func(app *server.App) greenroom.Code {
		_, err := app.Connections().TestSource(t.Context(), "code", nil)
		if err == nil {
			return ""
		}
		return greenroom.ErrorCode(err)
	}
	file := filepath.Join(dir, "key")
	first, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	beside := open()
	if n, err := beside.RotateKey(t.Context()); err != nil || n != 3 {
		t.Fatalf("%d secrets are sealed anew, %v; want 3", n, err)
	}
	for name, app := range map[string]*server.App{"the running one": running, "the one that rotated": beside, "one that starts now": open()} {
		if code := works(app); code != "" {
			t.Errorf("%s: the source does not work: %s", name, code)
		}
	}
	if _, address, err := box.Address(t.Context(), to.ID); err != nil || address != "https://hooks.slack.com/x" {
		t.Errorf("the destination's address is %q, %v", address, err)
	}
	second, err := os.ReadFile(file)
	if err != nil || len(second) != len(first) || string(second) == string(first) {
		t.Fatalf("the file has %d bytes, before %d, %v; want one other key", len(second), len(first), err)
	}
	if err := os.WriteFile(file, first, 0o600); err != nil {
		t.Fatal(err)
	}
	stale := open()
	if code := works(stale); code != greenroom.CodeInvalid {
		t.Errorf("with the older key the source answers %q", code)
	}
	if _, err := stale.RotateKey(t.Context()); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("rotating a key that does not open everything: %v", err)
	}
	if now, err := os.ReadFile(file); err != nil || len(now) <= len(first) {
		t.Errorf("the older key was dropped (%d bytes, %v)", len(now), err)
	}
}
