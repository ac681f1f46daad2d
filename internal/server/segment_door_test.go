// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"greenroom/connector"
	"greenroom/connector/segment"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
)

// TestBrowsers asks as a browser does for a page elsewhere: every header that a library adds is allowed, at every address
// that one uses, and the settings name the address that was asked.
func TestBrowsers(t *testing.T) {
	l := start(t, server.ServeOptions{}, func(app *server.App) {
		if _, _, err := app.Importer.Import(t.Context(), ingest.Request{Spec: segment.Spec(), Name: "product", Values: connector.Values{"write-key": "sesame"}}); err != nil {
			t.Fatal(err)
		}
	})
	const headers = "anonymousid,authorization,content-type,x-retry-count"
	for _, path := range []string{"/v1/t", "/beacon/v1/batch", "/sourceConfig/", "/hooks/product/v1/t"} {
		res := l.send(t, http.DefaultClient, "OPTIONS", path, nil, func(r *http.Request) {
			r.Header.Set("Origin", "https://shop.example.org")
			r.Header.Set("Access-Control-Request-Method", "POST")
			r.Header.Set("Access-Control-Request-Headers", headers)
		})
		if res.code != http.StatusNoContent || res.header.Get("Access-Control-Allow-Headers") != headers || res.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %v", path, res.code, res.header)
		}
	}
	host := strings.TrimPrefix(l.url, "http://")
	for path, want := range map[string]string{"/v1/projects/sesame/settings": `"apiHost":"` + host + `/v1"`, "/sourceConfig/?writeKey=sesame": `"destinations":[]`} {
		path, query, _ := strings.Cut(path, "?")
		res := l.send(t, http.DefaultClient, "GET", path, nil, func(r *http.Request) { r.URL.RawQuery = query })
		if res.code != http.StatusOK || !strings.Contains(res.body, want) || res.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %s", path, res.code, res.body)
		}
	}
	res := l.send(t, http.DefaultClient, "POST", "/beacon/v1/batch", nil, func(r *http.Request) {
		body := strings.NewReader(`{"batch":[{"type":"track","userId":"1","event":"Left the page","messageId":"b1"}]}`)
		r.URL.RawQuery = "writeKey=sesame"
		r.Body, r.ContentLength = io.NopCloser(body), int64(body.Len())
		r.Header.Set("Content-Type", "text/plain")
	})
	if res.code != http.StatusOK {
		t.Fatalf("a beacon: %d %s", res.code, res.body)
	}
	eventually(t, "the beacon is taken in", func() bool { return len(titles(t, l.app)) == 1 })
}
