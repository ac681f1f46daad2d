// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"greenroom/internal/browsertest"
)

// pictures are the pages that the documentation shows. Where a way is given, a regular expression, the first link of that
// page which matches it is opened.
var pictures = []struct{ name, path, way string }{
	{"today", "/", ""},
	{"conversations", "/conversations", `^/conversations/\\d`},
	{"inbox", "/inbox", `^/inbox/\\d`},
	{"member", "/members?q=" + url.QueryEscape("org:* identities:>1 sort:-activities"), `^/members/\\d`},
	{"one-person", "/members/matches", ""},
	{"segments", "/segments", ""},
	{"insights", "/insights", ""},
	{"health", "/health", ""},
	{"topics", "/topics", ""},
	{"sources", "/sources", ""},
	{"alerts", "/alerts", ""},
	{"workflow", "/workflows/new-faces", ""},
	{"survey", "/surveys/community-nps", ""},
	{"programs", "/programs", ""},
	{"requests", "/requests", ""},
	{"goals", "/goals", ""},
	{"roadmap-timeline", "/roadmap", ""},
	{"knowledge", "/knowledge", ""},
	{"processes", "/processes", ""},
	{"my-day", "/my-day", ""},
	{"tools", "/tools", ""},
	{"maturity", "/maturity", ""},
	{"accounts", "/accounts", ""},
	{"impact", "/impact", ""},
	{"sql", "/ask/sql", ""},
}

// TestDocumentationPictures takes the pictures of the documentation, each below 200 kB, from a sample community that was
// just started, so that they show what readers see:
//
//	go run ./cmd/greenroom serve --sample --data /tmp/pictures       # prints a link
//	GREENROOM_DOCS_LINK=LINK GREENROOM_DOCS_SHOTS=$PWD/docs/images go test ./internal/server -run TestDocumentationPictures
func TestDocumentationPictures(t *testing.T) {
	link, folder := os.Getenv("GREENROOM_DOCS_LINK"), os.Getenv("GREENROOM_DOCS_SHOTS")
	if link == "" || folder == "" {
		return // TestLooks has looked at the pages
	}
	at, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	browser := browsertest.Start(t)
	browsertest.Open(t, browser, browsertest.Desktop(false), link) // signs in
	for _, p := range pictures {
		tab := browsertest.Open(t, browser, browsertest.Desktop(false), at.Scheme+"://"+at.Host+p.path)
		if p.way != "" {
			to := browsertest.Eval[string](t, tab, `[...document.querySelectorAll("main a")].map(a => a.getAttribute("href")).find(h => h && new RegExp("`+p.way+`").test(h)) ?? ""`)
			if to == "" {
				t.Errorf("%s has no link that matches %s", p.path, p.way)
				continue
			}
			tab = browsertest.Open(t, browser, browsertest.Desktop(false), at.Scheme+"://"+at.Host+to)
		}
		time.Sleep(300 * time.Millisecond) // the islands draw themselves
		picture, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		small := compressed(t, picture)
		if len(small) > 200_000 {
			t.Errorf("the picture of %s has %d bytes", p.name, len(small))
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, p.name+".png"), small, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// compressed writes a picture with the 256 colors that it has most of; pages have few.
func compressed(t *testing.T, picture []byte) []byte {
	t.Helper()
	full, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[color.RGBA]int)
	b := full.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c, ok := color.RGBAModel.Convert(full.At(x, y)).(color.RGBA)
			if !ok {
				t.Fatal("a color is none")
			}
			counts[c]++
		}
	}
	most := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(counts[b]-counts[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	palette := make(color.Palette, 0, 256)
	for _, c := range most[:min(len(most), 256)] {
		palette = append(palette, c)
	}
	small := image.NewPaletted(b, palette)
	draw.Draw(small, b, full, b.Min, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
