// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"greenroom"
)

// Limits of files, so that a hostile archive costs little.
const (
	maxFile     = 5 << 20 // bytes of one
	maxFiles    = 20_000
	maxAllFiles = 1 << 30
)

// taking collects what a collection has.
type taking struct {
	of    *Collection
	items []Item
	seen  map[string]string // place by address key
	Taken
}

func newTaking(c *Collection) *taking { return &taking{of: c, seen: make(map[string]string)} }

// add takes an item, or says why not.
func (t *taking) add(it Item) {
	t.Read++
	t.of.usual(&it)
	f := it.Fields()
	if err := f.Validate(); err != nil {
		t.reject(it.Place, greenroom.ErrorMessage(err))
		return
	}
	it.Title = f.Title
	key := AddressKey(it.Address)
	if key == "" {
		t.reject(it.Place, "it has no address")
		return
	}
	if before, ok := t.seen[key]; ok {
		t.reject(it.Place, "the same address stands at "+before+" already")
		return
	}
	t.seen[key] = it.Place
	t.items = append(t.items, it)
}

// files takes the Markdown and HTML files below a folder or in an archive.
func (t *taking) files(ctx context.Context, root fs.FS) error {
	n, size := 0, int64(0)
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if name == "." {
				return err
			}
			t.Read++
			t.reject(name, "it cannot be opened")
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if d.IsDir() {
			if base := path.Base(name); name != "." && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "__MACOSX") {
				return fs.SkipDir
			}
			return nil
		}
		if !isText(name) || !d.Type().IsRegular() && d.Type()&fs.ModeSymlink == 0 {
			return nil
		}
		if n++; n > maxFiles || size > maxAllFiles {
			return greenroom.Errorf(greenroom.CodeInvalid, "there are more than %d files or %d MB of them; read parts of it as collections of their own", maxFiles, maxAllFiles>>20)
		}
		read, err := t.file(root, name)
		size += int64(read)
		if err != nil {
			t.Read++
			t.reject(name, greenroom.ErrorMessage(err))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading files: %w", err)
	}
	return nil
}

func isText(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown", ".mdx", ".html", ".htm":
		return !strings.HasPrefix(path.Base(name), ".") && !strings.HasPrefix(path.Base(name), "_")
	}
	return false
}

// notionID is what Notion puts behind the names of exported pages.
var notionID = regexp.MustCompile(` [0-9a-f]{32}$`)

// file takes one file, and says how many bytes it has.
func (t *taking) file(root fs.FS, name string) (n int, err error) {
	f, err := root.Open(name)
	if err != nil {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "it cannot be opened")
	}
	defer f.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return len(data), greenroom.Errorf(greenroom.CodeInvalid, "it cannot be read to its end")
	}
	if len(data) > maxFile {
		return len(data), greenroom.Errorf(greenroom.CodeInvalid, "it is larger than %d MB", maxFile>>20)
	}
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	it := Item{Place: name, Address: "/" + name}
	base := t.of.base()
	if base != nil {
		at := stem
		switch path.Base(stem) {
		case "index", "README", "readme", "_index":
			at = strings.TrimSuffix(path.Dir(stem), ".")
		}
		base = base.JoinPath((&url.URL{Path: at}).EscapedPath())
		it.Address = base.String()
	} else {
		it.Address = t.of.Place + "/" + name
	}
	markdown := strings.HasPrefix(strings.ToLower(ext), ".m")
	if markdown {
		it.Page, err = ReadMarkdown(data, base)
	} else {
		it.Page, err = ReadHTML(bytes.NewReader(data), base)
	}
	if err != nil {
		return len(data), greenroom.Errorf(greenroom.CodeInvalid, "it is not text that can be read")
	}
	it.Title = firstOf(it.Page.Title, notionID.ReplaceAllString(path.Base(stem), ""))
	it.Title = notionID.ReplaceAllString(it.Title, "")
	if _, title, ok := strings.Cut(it.Title, " : "); ok && !markdown {
		it.Title = title // Confluence writes the space before the title
	}
	if strings.TrimSpace(it.Page.Text) == "" && len(it.Page.Links) == 0 {
		return len(data), greenroom.Errorf(greenroom.CodeInvalid, "there is no text in it")
	}
	it.ChangedAt = it.Page.Changed
	if info, err := f.Stat(); err == nil && it.ChangedAt.IsZero() && info.ModTime().Year() > 1980 {
		it.ChangedAt = info.ModTime().UTC()
	}
	it.says(it.Page.Meta)
	t.add(it)
	return len(data), nil
}

// says takes what a page's own words about itself say.
func (it *Item) says(meta map[string]string) {
	for _, name := range []string{"kind", "type", "content_type"} {
		k := Kind(strings.ToLower(strings.ReplaceAll(meta[name], " ", "-")))
		if it.Kind == "" && k != "" && slices.Contains(Kinds(), k) {
			it.Kind = k
		}
	}
	if a := Audience(strings.ToLower(meta["audience"])); slices.Contains(Audiences(), a) {
		it.Audience = a
	}
	it.Owner = firstOf(it.Owner, meta["owner"])
	if n, err := strconv.Atoi(meta["review_days"]); err == nil && n > 0 && n <= maxReview {
		it.ReviewDays = n
	}
	for tag := range strings.SplitSeq(meta["tags"], ",") {
		if len(it.Tags) < maxTags {
			it.Tags = tidyTags(append(it.Tags, tag))
		}
	}
	if t, err := parseTime(meta["verified"]); err == nil {
		it.VerifiedAt = t
	}
}
