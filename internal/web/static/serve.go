// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package static

import (
	"bytes"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// ServeHTTP answers GET and HEAD for the addresses that URL gives. An address with the hash of another release, as a
// page has that was opened before an upgrade, gets the present asset, which the browser then does not keep.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	a, exact := s.find(r.URL.Path)
	if a == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	if exact {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	data, etag := a.data, a.etag
	if a.gzipped != nil {
		h.Add("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			data, etag = a.gzipped(), strings.TrimSuffix(etag, `"`)+`-gz"`
		}
	}
	h.Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// find looks an address up, first as it is, then without its hash.
func (s *Set) find(url string) (a *asset, exact bool) {
	if a, ok := s.byURL[url]; ok {
		return a, true
	}
	name, ok := strings.CutPrefix(url, Prefix)
	if !ok {
		return nil, false
	}
	if a, ok := s.byName[name]; ok {
		return a, false
	}
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	return s.byName[strings.TrimSuffix(stem, path.Ext(stem))+ext], false
}

// acceptsGzip reads an Accept-Encoding header: "gzip" or "*", unless with q=0.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		if coding = strings.TrimSpace(coding); !strings.EqualFold(coding, "gzip") && coding != "*" {
			continue
		}
		weight, found := strings.CutPrefix(strings.TrimSpace(params), "q=")
		if !found {
			return true
		}
		q, err := strconv.ParseFloat(weight, 64)
		return err == nil && q > 0
	}
	return false
}
