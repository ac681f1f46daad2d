// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package static serves the browser assets that Greenroom embeds: style sheets, scripts, the font and the icon.
//
// Every asset has a name (its path under assets/, or the name of a bundle) and an address that carries a hash of its
// content, so that a browser may keep it forever and still gets the new one after an upgrade. Addresses inside
// style sheets are rewritten to such addresses too. Several small source files are joined into one bundle when the
// program starts; there is no other build step, and nothing here needs Node.
//
// What comes from other projects lies in assets/vendor, written by scripts/vendor-assets.sh and listed in
// assets/vendor/VENDORED.md.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Prefix is the path under which a Set answers, to be used as "GET "+Prefix in a route table.
const Prefix = "/static/"

//go:embed assets
var assets embed.FS

// bundle is an asset made of others, in order. A part that ends in "/" stands for all files of that folder by name.
type bundle struct {
	name  string
	parts []string
}

// bundles is the list of joined assets. theme.js is apart because it has to run before the page is drawn, the chart
// files because only pages with a chart load them.
func bundles() []bundle {
	return []bundle{
		{"tabler.css", []string{"vendor/tabler/tabler.min.css"}},
		{"app.css", []string{"vendor/inter/inter.css", "css/"}},
		{"theme.js", []string{"js/theme.js"}},
		{"app.js", []string{"js/app/"}},
		{"htmx.js", []string{"vendor/htmx/htmx.min.js"}},
		{"timeline.js", []string{"js/timeline/days.js", "js/timeline/grid.js", "js/timeline/state.js", "js/timeline/timeline.js"}},
		{"chart.js", []string{"vendor/echarts/echarts.custom.min.js", "js/chart/"}},
	}
}

// asset is one file as it is sent.
type asset struct {
	url         string
	contentType string
	etag        string
	data        []byte
	gzipped     func() []byte // nil where compression gains nothing
}

// Set holds all assets. Make one at start; it may be used by many goroutines.
type Set struct {
	byName map[string]*asset
	byURL  map[string]*asset
}

// New loads, joins and hashes the embedded assets. It fails only if the embedded files contradict each other, which a
// test would have seen.
func New() (*Set, error) {
	root, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, fmt.Errorf("open embedded assets: %w", err)
	}
	return load(root, bundles())
}

func load(root fs.FS, joined []bundle) (*Set, error) {
	set := &Set{byName: map[string]*asset{}, byURL: map[string]*asset{}}
	var images []string
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains([]string{".svg", ".woff2", ".png"}, path.Ext(name)) {
			images = append(images, name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list embedded assets: %w", err)
	}
	for _, name := range images {
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return nil, fmt.Errorf("read asset %s: %w", name, err)
		}
		set.add(name, data)
	}
	for _, b := range joined {
		data, err := set.join(root, b)
		if err != nil {
			return nil, fmt.Errorf("make asset %s: %w", b.name, err)
		}
		set.add(b.name, data)
	}
	return set, nil
}

// join reads the parts of a bundle; addresses in style sheets become those of the set.
func (s *Set) join(root fs.FS, b bundle) ([]byte, error) {
	var out bytes.Buffer
	for _, part := range b.parts {
		names := []string{part}
		if folder, ok := strings.CutSuffix(part, "/"); ok {
			var err error
			if names, err = fs.Glob(root, folder+"/*"+path.Ext(b.name)); err != nil {
				return nil, fmt.Errorf("list %s: %w", folder, err)
			}
		}
		for _, name := range names {
			data, err := fs.ReadFile(root, name)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			if path.Ext(name) == ".css" {
				if data, err = s.rewrite(path.Dir(name), data); err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
			}
			out.Write(data)
			out.WriteByte('\n')
		}
	}
	return out.Bytes(), nil
}

var cssURL = regexp.MustCompile(`url\("([^"]*)"\)`)

// rewrite replaces each url("relative/path") in a style sheet by the address of that asset.
func (s *Set) rewrite(dir string, css []byte) ([]byte, error) {
	var missing []string
	out := cssURL.ReplaceAllFunc(css, func(match []byte) []byte {
		target := string(cssURL.FindSubmatch(match)[1])
		a, ok := s.byName[path.Join(dir, target)]
		if !ok {
			missing = append(missing, target)
			return match
		}
		return []byte(`url("` + a.url + `")`)
	})
	if len(missing) > 0 {
		return nil, fmt.Errorf("no asset for url(%s)", strings.Join(missing, "), url("))
	}
	return out, nil
}

func (s *Set) add(name string, data []byte) {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:6])
	ext := path.Ext(name)
	a := &asset{
		url:         Prefix + strings.TrimSuffix(name, ext) + "." + hash + ext,
		contentType: contentType(ext),
		etag:        `"` + hash + `"`,
		data:        data,
	}
	if ext != ".woff2" && ext != ".png" { // both are compressed already
		a.gzipped = sync.OnceValue(func() []byte { return compress(data) })
	}
	s.byName[name] = a
	s.byURL[a.url] = a
}

// URL gives the address of a named asset, such as "app.css" or "img/favicon.svg".
func (s *Set) URL(name string) (string, error) {
	a, ok := s.byName[name]
	if !ok {
		return "", fmt.Errorf("no browser asset is called %q", name)
	}
	return a.url, nil
}

func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".woff2":
		return "font/woff2"
	default:
		return "application/octet-stream"
	}
}

// compress is called once per asset, at its first request. Writing to a bytes.Buffer cannot fail.
func compress(data []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(data); err != nil {
		return nil
	}
	if err := w.Close(); err != nil {
		return nil
	}
	return out.Bytes()
}
