// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"greenroom"
)

// maxRows is how many documents a table, list or sitemap has at most.
const maxRows = 50_000

// columns are the names that a table's columns can have, and what they hold.
func columns() map[string]string {
	return map[string]string{
		"title": "title", "name": "title", "address": "address", "url": "address", "link": "address", "kind": "kind", "type": "kind", "audience": "audience", "owner": "owner",
		"review_days": "review_days", "review": "review_days", "tags": "tags", "changed": "changed", "changed_at": "changed", "last_changed": "changed", "verified": "verified", "verified_at": "verified", "last_verified": "verified",
	}
}

// table takes the lines of a CSV file, whose first line names the columns.
func (t *taking) table(r io.Reader) error {
	in := csv.NewReader(bufio.NewReader(r))
	in.FieldsPerRecord, in.TrimLeadingSpace = -1, true
	head, err := in.Read()
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the first line names the columns, such as title,address,kind,owner; it cannot be read")
	}
	known, at := columns(), make(map[string]int)
	for i, name := range head {
		name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))), " ", "_")
		if is, ok := known[name]; ok {
			at[is] = i
		}
	}
	if _, ok := at["address"]; !ok {
		return greenroom.Errorf(greenroom.CodeInvalid, "line 1: none of the columns is called address or url; there are %s", strings.Join(head, ", "))
	}
	for {
		record, err := in.Read()
		var bad *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad):
			t.Read++
			t.reject("line "+strconv.Itoa(bad.StartLine), "it is not CSV: "+bad.Err.Error())
			continue
		case err != nil:
			return fmt.Errorf("reading the table: %w", err)
		}
		if t.Read >= maxRows {
			return greenroom.Errorf(greenroom.CodeInvalid, "there are more than %d lines", maxRows)
		}
		line, _ := in.FieldPos(0)
		t.row("line "+strconv.Itoa(line), func(name string) string {
			if i, ok := at[name]; ok && i < len(record) {
				return strings.TrimSpace(record[i])
			}
			return ""
		})
	}
}

// row takes one line of a table.
func (t *taking) row(place string, get func(string) string) {
	it := Item{Place: place, Title: get("title"), Address: get("address"), Kind: Kind(strings.ReplaceAll(strings.ToLower(get("kind")), " ", "-")), Audience: Audience(strings.ToLower(get("audience"))), Owner: get("owner")}
	it.Title = firstOf(it.Title, titleOf(it.Address))
	wrong := func(what, want string) {
		t.Read++
		t.reject(place, fmt.Sprintf("%q is no %s", what, want))
	}
	if text := get("review_days"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			wrong(text, "number of days")
			return
		}
		it.ReviewDays = n
	}
	var err error
	if text := get("changed"); text != "" {
		if it.ChangedAt, err = parseTime(text); err != nil {
			wrong(text, "date such as 2026-11-22")
			return
		}
	}
	if text := get("verified"); text != "" {
		if it.VerifiedAt, err = parseTime(text); err != nil {
			wrong(text, "date such as 2026-11-22")
			return
		}
	}
	for tag := range strings.FieldsFuncSeq(get("tags"), func(r rune) bool { return r == ';' || r == ',' || r == '|' }) {
		it.Tags = append(it.Tags, tag)
	}
	it.Tags = tidyTags(it.Tags)
	t.add(it)
}

// lines takes addresses, one a line. Empty lines and those that begin with # say nothing.
func (t *taking) lines(r io.Reader) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 64<<10)
	for n := 1; in.Scan(); n++ {
		text := strings.TrimSpace(in.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if t.Read >= maxRows {
			return greenroom.Errorf(greenroom.CodeInvalid, "there are more than %d addresses", maxRows)
		}
		place := "line " + strconv.Itoa(n)
		if !webAddress(text) {
			t.Read++
			t.reject(place, fmt.Sprintf("%q is not an address of the web; it begins with https://", cut(text, 100)))
			continue
		}
		t.add(Item{Place: place, Title: titleOf(text), Address: text})
	}
	if err := in.Err(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "a line is longer than 64 KiB; expected one address a line")
	}
	return nil
}

// titleOf makes a title of an address, until the page says a better one.
func titleOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	name := strings.TrimSuffix(path.Base(strings.TrimRight(u.Path, "/")), path.Ext(u.Path))
	name = oneLine(strings.NewReplacer("-", " ", "_", " ").Replace(name))
	if name == "" || name == "." || name == "/" {
		return u.Host
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most])) + "…"
	}
	return s
}

// Limits of sitemaps.
const (
	maxSitemaps    = 200
	maxSitemapSize = 50 << 20 // bytes, unpacked
)

// opener opens an address for reading, politely.
type opener func(ctx context.Context, address string) (io.ReadCloser, error)

// sitemap takes the pages of a sitemap and of those that it names. One that cannot be read is counted and the others go on,
// unless it is the first.
func (t *taking) sitemap(ctx context.Context, open opener, address string) error {
	queue, known := []string{address}, map[string]bool{address: true}
	for n := 0; len(queue) > 0; n++ {
		at := queue[0]
		queue = queue[1:]
		more, err := t.oneSitemap(ctx, open, at)
		if err != nil && (n == 0 || ctx.Err() != nil) {
			return err
		}
		if err != nil {
			t.Read++
			t.reject(at, greenroom.ErrorMessage(err))
		}
		for _, m := range more {
			if !known[m] && len(known) < maxSitemaps {
				known[m] = true
				queue = append(queue, m)
			}
		}
	}
	return nil
}

func (t *taking) oneSitemap(ctx context.Context, open opener, address string) (more []string, err error) {
	body, err := open(ctx, address)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	in := bufio.NewReader(body)
	var r io.Reader = in
	if magic, err := in.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		if r, err = gzip.NewReader(in); err != nil {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the sitemap %s is packed in a way that cannot be read", address)
		}
	}
	return t.readSitemap(io.LimitReader(r, maxSitemapSize), address)
}

// place is an entry of a sitemap.
type place struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod"`
}

// readSitemap takes the pages of one sitemap and gives the other sitemaps that it names.
func (t *taking) readSitemap(r io.Reader, address string) (more []string, err error) {
	in := xml.NewDecoder(r)
	for n := 0; ; {
		tok, err := in.Token()
		if errors.Is(err, io.EOF) {
			if n == 0 {
				return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s is not a sitemap: it names no page", address)
			}
			return more, nil
		}
		if err != nil {
			return more, greenroom.Errorf(greenroom.CodeInvalid, "%s is not a sitemap from entry %d on: %v", address, n+1, err)
		}
		start, ok := tok.(xml.StartElement)
		if !ok || start.Name.Local != "url" && start.Name.Local != "sitemap" {
			continue
		}
		var p place
		if err := in.DecodeElement(&p, &start); err != nil {
			return more, greenroom.Errorf(greenroom.CodeInvalid, "%s is not a sitemap from entry %d on: %v", address, n+1, err)
		}
		n++
		p.Loc = strings.TrimSpace(p.Loc)
		where := address + ", entry " + strconv.Itoa(n)
		switch {
		case !webAddress(p.Loc):
			t.Read++
			t.reject(where, fmt.Sprintf("%q is not an address of the web", cut(p.Loc, 100)))
		case start.Name.Local == "sitemap":
			more = append(more, p.Loc)
		case t.Read >= maxRows:
			return more, greenroom.Errorf(greenroom.CodeInvalid, "the sitemap has more than %d pages", maxRows)
		default:
			it := Item{Place: where, Title: titleOf(p.Loc), Address: p.Loc}
			if p.LastMod != "" {
				if it.ChangedAt, err = parseTime(p.LastMod); err != nil {
					t.reject(where, fmt.Sprintf("%q is no date; the page is taken without it", cut(p.LastMod, 40)))
				}
			}
			t.add(it)
		}
	}
}

// topics takes the topics of a forum.
func (t *taking) topics(all []Item) {
	all = slices.Clone(all)
	for i := range all {
		t.add(all[i])
	}
}
