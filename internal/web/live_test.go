// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"greenroom/internal/auth"
	"greenroom/internal/web/ui"
)

// TestLiveStream follows an import on a server that allows an answer a tenth of a second: the stream goes on, tells what
// changed, and ends when the server does.
func TestLiveStream(t *testing.T) {
	h := full(t)
	h.running = true
	s := h.site()
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan struct{})
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r.WithContext(auth.With(ctx, auth.Caller{User: auth.User{ID: 1, Role: auth.RoleViewer}})))
		close(ended)
	}))
	srv.Config.WriteTimeout = 100 * time.Millisecond
	srv.Start()
	defer srv.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	var counts []string
	for len(counts) < 3 && lines.Scan() {
		text, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var told ui.Working
		if err := json.Unmarshal([]byte(text), &told); err != nil || len(told.Running) != 1 || told.Running[0].ID != "progress-4" {
			t.Fatalf("told %s: %v", text, err)
		}
		counts = append(counts, told.Running[0].Count)
	}
	if got := strings.Join(counts, ", "); got != "1.0\u202fMB of 90.0\u202fMB, 2.0\u202fMB of 90.0\u202fMB, 3.0\u202fMB of 90.0\u202fMB" {
		t.Errorf("the stream tells %q: %v", got, lines.Err())
	}
	end()
	<-ended
}

// TestLiveOnce asks without a stream, as a page does where streams do not get through.
func TestLiveOnce(t *testing.T) {
	h := full(t)
	w := visit(t, h.site(), auth.RoleViewer, "GET", "/live", nil)
	if got := w.Body.String(); got != `{"running":[]}` || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("while nothing runs: %s", got)
	}
	h.running = true
	w = visit(t, h.site(), auth.RoleViewer, "GET", "/live", nil)
	if got := w.Body.String(); !strings.Contains(got, "1,234 a second · about 2\u202fm left") {
		t.Errorf("while something runs: %s", got)
	}
}
