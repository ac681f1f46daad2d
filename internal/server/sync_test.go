// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/gitea"
	"greenroom/internal/list"
	"greenroom/internal/server"
)

// issue is a webhook about an issue in a state of its text.
func issue(title string, updated string) []byte {
	return fmt.Appendf(nil, `{"action":"edited","repository":{"id":7,"full_name":"acme/site"},"issue":{"id":11,"number":1,"title":%q,"state":"open",
		"user":{"id":3,"login":"ana"},"html_url":"https://git.example.org/acme/site/issues/1","created_at":"2026-10-01T10:00:00Z","updated_at":%q}}`, title, updated)
}

func push(t *testing.T, url string, body []byte, secret string) int {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/hooks/code", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Gitea-Event", "issues")
	req.Header.Set("X-Gitea-Signature", hex.EncodeToString(mac.Sum(nil)))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// eventually waits until f holds. How long that takes depends on what else runs; only what hangs takes minutes.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !f(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// patience is after how long something that has to happen is taken as hanging.
const patience = 3 * time.Minute

func titles(t *testing.T, app *server.App) []string {
	t.Helper()
	all, err := app.Store.ListActivities(t.Context(), list.Request{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range all.Items {
		got = append(got, all.Items[i].Title)
	}
	return got
}

// TestPushes takes what a platform pushes: only with its signature, twice and late without harm, and what was stored when
// the process ended is taken in by the next one.
func TestPushes(t *testing.T) {
	address, _ := forge(t)
	l := start(t, server.ServeOptions{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, func(app *server.App) { connect(t, app, address) })
	newer, older := issue("It breaks on Mondays", "2026-10-02T10:00:00Z"), issue("It breaks", "2026-10-01T10:00:00Z")
	if code := push(t, l.url, newer, "another secret"); code != http.StatusUnauthorized {
		t.Errorf("a delivery with a wrong signature is answered %d, want 401", code)
	}
	for _, body := range [][]byte{newer, older} {
		if code := push(t, l.url, body, hookSecret); code != http.StatusOK {
			t.Fatalf("a delivery is answered %d, want 200", code)
		}
	}
	eventually(t, "the newest title of one issue", func() bool {
		waiting, _, err := l.app.Store.DeliveryCounts(t.Context(), 1)
		return err == nil && waiting == 0 && strings.Join(titles(t, l.app), "|") == "It breaks on Mondays"
	})
	runs, err := l.app.Store.Runs(t.Context(), 1, 10)
	if err != nil || len(runs) != 2 || runs[0].Lane != greenroom.LanePush || runs[0].Read != 2 || runs[0].Stored != 1 {
		text, _ := json.Marshal(runs)
		t.Errorf("the runs are %s, %v; want one of pushes that read 2 and stored 1", text, err)
	}
	l.stop()
	// What is stored while nobody takes it in, as when the process dies right after it acknowledged.
	last := issue("It breaks on Tuesdays, too", "2026-10-03T10:00:00Z")
	if err := l.app.Store.KeepDelivery(t.Context(), 1, &connector.Delivery{Header: http.Header{"X-Gitea-Event": {"issues"}}, Body: last}); err != nil {
		t.Fatal(err)
	}
	src, err := l.app.Store.Source(t.Context(), "code")
	if err != nil {
		t.Fatal(err)
	}
	opened, _, err := l.app.Importer.Open(gitea.Spec(), "code", src.Config)
	if err != nil {
		t.Fatal(err)
	}
	receiver, ok := opened.(connector.Receiver)
	if !ok {
		t.Fatal("the source takes no deliveries")
	}
	if _, err := l.app.Importer.Receive(t.Context(), src, receiver, nil); err != nil {
		t.Fatal(err)
	}
	if got := titles(t, l.app); strings.Join(got, "|") != "It breaks on Tuesdays, too" {
		t.Errorf("the titles are %q", got)
	}
	if len(src.Config["webhook-secret"]) == 0 || strings.Contains(fmt.Sprint(src.Config), hookSecret) {
		t.Error("the secret is stored as it is")
	}
}

// TestSchedule reads a source again by itself when it is due, and notes when it is due next.
func TestSchedule(t *testing.T) {
	address, reads := forge(t)
	l := start(t, server.ServeOptions{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, func(app *server.App) {
		connect(t, app, address)
		if err := app.Store.SetRhythm(t.Context(), 1, 1, time.Now()); err != nil {
			t.Fatal(err)
		}
	})
	eventually(t, "the source is read by itself", func() bool { return reads.Load() >= 2 })
	eventually(t, "the next read is noted", func() bool {
		src, err := l.app.Store.Source(t.Context(), "code")
		return err == nil && src.Failures == 0 && src.DueAt.After(time.Now().Add(-10*time.Second))
	})
}
