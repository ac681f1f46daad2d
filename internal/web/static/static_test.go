// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package static

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func newSet(t *testing.T) *Set {
	t.Helper()
	set, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func get(t *testing.T, set *Set, url string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	set.ServeHTTP(w, r)
	return w
}

func TestServe(t *testing.T) {
	set := newSet(t)
	url, err := set.URL("app.css")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^/static/app\.[0-9a-f]{12}\.css$`).MatchString(url) {
		t.Errorf("address %q does not carry a hash", url)
	}
	plain := get(t, set, url)
	if plain.Code != http.StatusOK || !strings.Contains(plain.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("GET %s: %d, Cache-Control %q", url, plain.Code, plain.Header().Get("Cache-Control"))
	}
	zipped := get(t, set, url, "Accept-Encoding", "br, gzip;q=0.8")
	if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("no gzip for a browser that takes it: %v", zipped.Header())
	}
	unzip, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(unzip)
	if err != nil || string(body) != plain.Body.String() {
		t.Errorf("the gzipped answer differs (%v)", err)
	}
	if w := get(t, set, url, "Accept-Encoding", "gzip;q=0, identity"); w.Header().Get("Content-Encoding") != "" {
		t.Error("gzip for a browser that refuses it")
	}
	if w := get(t, set, url, "If-None-Match", plain.Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("a known ETag is answered by %d, want 304", w.Code)
	}
	old := get(t, set, "/static/app.0123456789ab.css")
	if old.Code != http.StatusOK || old.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("address of another release: %d, Cache-Control %q", old.Code, old.Header().Get("Cache-Control"))
	}
	for _, missing := range []string{"/static/", "/static/nothing.css", "/static/css/tokens.css", "/static/vendor/VENDORED.md", "/app.css"} {
		if w := get(t, set, missing); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d, want 404", missing, w.Code)
		}
	}
	if _, err := set.URL("nothing.css"); err == nil {
		t.Error("no error for an unknown asset")
	}
}

// TestStyleSheets checks that style sheets ask for nothing but known assets of this server.
func TestStyleSheets(t *testing.T) {
	set := newSet(t)
	for _, name := range []string{"tabler.css", "app.css"} {
		for _, match := range regexp.MustCompile(`url\(([^)]*)\)`).FindAllSubmatch(set.byName[name].data, -1) {
			url := strings.Trim(string(match[1]), `"'`)
			if set.byURL[url] == nil {
				t.Errorf("%s asks for %q", name, url)
			}
		}
	}
}

func TestBadBundles(t *testing.T) {
	root := fstest.MapFS{"a.css": {Data: []byte(`a { background: url("b.svg") }`)}}
	for name, parts := range map[string][]string{"address of nothing": {"a.css"}, "file that is not there": {"c.css"}} {
		if _, err := load(root, []bundle{{name: "all.css", parts: parts}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestVendored checks every vendored file against the checksum in VENDORED.md, and that none is unlisted.
func TestVendored(t *testing.T) {
	list, err := assets.ReadFile("assets/vendor/VENDORED.md")
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(string(list)))
	row := regexp.MustCompile(`^\| (\S+) \| ([0-9a-f]{64}) \|$`)
	for lines.Scan() {
		if m := row.FindStringSubmatch(lines.Text()); m != nil {
			sums[m[1]] = m[2]
		}
	}
	root, err := fs.Sub(assets, "assets/vendor")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	err = fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == "VENDORED.md" {
			return err
		}
		data, err := fs.ReadFile(root, name)
		total += len(data)
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != sums[name] {
			t.Errorf("%s is not what VENDORED.md lists; run scripts/vendor-assets.sh", name)
		}
		delete(sums, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range sums {
		t.Errorf("VENDORED.md lists %s, which is not there", name)
	}
	if total > 3_000_000 {
		t.Errorf("vendored assets have %d bytes, more than 3 MB", total)
	}
}
