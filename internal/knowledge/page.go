// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Page is what the text of a document holds.
type Page struct {
	Title   string
	Text    string    // as people read it, up to MaxText bytes
	Changed time.Time // as the page itself says; zero = it does not
	Links   []Ref
	IDs     map[string]bool // places in it that links can lead to
	Meta    map[string]string
}

// Ref is a link in a document.
type Ref struct {
	Address string // absolute, without fragment
	Anchor  string // the fragment
}

// maxRefs is how many links of a document are kept.
const maxRefs = 2000

// ReadHTML reads a page. Links are made absolute with base; those that are not of the web are left out.
func ReadHTML(r io.Reader, base *url.URL) (*Page, error) {
	p := &Page{IDs: make(map[string]bool), Meta: make(map[string]string)}
	w := &htmlReader{p: p, base: base, seen: make(map[Ref]bool)}
	z := html.NewTokenizer(r)
	z.SetMaxBuf(1 << 20)
	for {
		switch z.Next() {
		case html.ErrorToken:
			p.Text = strings.TrimSpace(w.text.String())
			if w.heading != "" && p.Title == "" {
				p.Title = w.heading
			}
			if err := z.Err(); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, html.ErrBufferExceeded) {
				return p, fmt.Errorf("reading a page: %w", err)
			}
			return p, nil
		case html.TextToken:
			w.words(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			w.open(z.Token())
		case html.EndTagToken:
			name, _ := z.TagName()
			w.close(atom.Lookup(name))
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

type htmlReader struct {
	p       *Page
	base    *url.URL
	text    strings.Builder
	seen    map[Ref]bool
	skip    atom.Atom // what is inside is not read: a script, the navigation
	depth   int
	into    atom.Atom // title or h1, whose text is collected
	heading string
}

func (w *htmlReader) words(s string) {
	if w.skip != 0 {
		return
	}
	s = oneLine(s)
	if s == "" {
		return
	}
	switch w.into { //nolint:exhaustive // the rest is text
	case atom.Title:
		w.p.Title = oneLine(w.p.Title + " " + s)
		return
	case atom.H1:
		w.heading = oneLine(w.heading + " " + s)
	}
	if w.text.Len()+len(s)+1 <= MaxText {
		w.text.WriteString(s)
		w.text.WriteByte(' ')
	}
}

func (w *htmlReader) open(t html.Token) {
	if w.skip != 0 {
		if t.DataAtom == w.skip && t.Type == html.StartTagToken {
			w.depth++
		}
		return
	}
	attr := make(map[string]string, len(t.Attr))
	for _, a := range t.Attr {
		attr[a.Key] = a.Val
	}
	for _, id := range []string{attr["id"], attr["name"]} {
		if id != "" && len(w.p.IDs) < maxRefs*5 {
			w.p.IDs[id] = true
		}
	}
	switch t.DataAtom { //nolint:exhaustive // the rest says nothing
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Svg, atom.Nav, atom.Footer:
		if t.Type == html.StartTagToken {
			w.skip, w.depth = t.DataAtom, 1
		}
	case atom.Title, atom.H1:
		if t.DataAtom == atom.Title && w.p.Title != "" || t.DataAtom == atom.H1 && w.heading != "" {
			return
		}
		w.into = t.DataAtom
	case atom.Base:
		w.rebase(attr["href"])
	case atom.A:
		w.link(attr["href"])
	case atom.Img:
		w.link(attr["src"])
	case atom.Meta:
		w.meta(strings.ToLower(firstOf(attr["property"], attr["name"], attr["itemprop"])), attr["content"])
	case atom.P, atom.Br, atom.Li, atom.H2, atom.H3, atom.H4, atom.Tr, atom.Pre:
		if n := w.text.Len(); n > 0 && n < MaxText {
			w.text.WriteByte('\n')
		}
	}
}

func (w *htmlReader) rebase(href string) {
	if u, err := url.Parse(href); err == nil && w.base != nil {
		w.base = w.base.ResolveReference(u)
	}
}

func (w *htmlReader) close(a atom.Atom) {
	if w.skip != 0 && a == w.skip {
		if w.depth--; w.depth == 0 {
			w.skip = 0
		}
		return
	}
	if a != 0 && a == w.into {
		w.into = 0
	}
}

func (w *htmlReader) meta(name, content string) {
	if name == "" || content == "" || len(w.p.Meta) > 100 {
		return
	}
	w.p.Meta[name] = oneLine(content)
	switch name {
	case "article:modified_time", "last-modified", "datemodified", "og:updated_time", "dcterms.modified":
		if t, err := parseTime(content); err == nil {
			w.p.Changed = t
		}
	}
}

// link keeps a link that leads to the web.
func (w *htmlReader) link(href string) {
	href = strings.TrimSpace(href)
	if href == "" || len(href) > maxAddress || len(w.p.Links) >= maxRefs {
		return
	}
	u, err := url.Parse(href)
	if err != nil {
		return
	}
	if w.base != nil {
		u = w.base.ResolveReference(u)
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return
	}
	ref := Ref{Anchor: u.Fragment}
	u.Fragment, u.RawFragment = "", ""
	u.Host = strings.ToLower(u.Host)
	ref.Address = u.String()
	if !utf8.ValidString(ref.Address) || !utf8.ValidString(ref.Anchor) || w.seen[ref] {
		return
	}
	w.seen[ref] = true
	w.p.Links = append(w.p.Links, ref)
}

// ReadMarkdown reads a Markdown text, with the lines of front matter that say something of a document.
func ReadMarkdown(text []byte, base *url.URL) (*Page, error) {
	meta, text := frontMatter(text)
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	var out bytes.Buffer
	if err := md.Convert(text, &out); err != nil {
		return nil, fmt.Errorf("reading Markdown: %w", err)
	}
	p, err := ReadHTML(&out, base)
	if err != nil {
		return nil, err
	}
	for k, v := range meta {
		p.Meta[k] = v
	}
	p.Title = firstOf(meta["title"], p.Title)
	for _, name := range []string{"last_updated", "last_modified", "lastmod", "updated", "date"} {
		if t, err := parseTime(meta[name]); err == nil {
			p.Changed = t
			break
		}
	}
	return p, nil
}

// maxFrontMatter bounds what is looked at above a text, in bytes.
const maxFrontMatter = 16 << 10

// frontMatter cuts lines such as "title: Keys" between two lines of --- off a text. Lists become words with commas.
func frontMatter(text []byte) (map[string]string, []byte) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	rest, found := bytes.CutPrefix(text, []byte("---\n"))
	if !found {
		if rest, found = bytes.CutPrefix(text, []byte("---\r\n")); !found {
			return nil, text
		}
	}
	meta, last := make(map[string]string), ""
	for n := 0; n < maxFrontMatter && len(rest) > 0; {
		line, more, _ := bytes.Cut(rest, []byte("\n"))
		n, rest = n+len(line)+1, more
		s := strings.TrimRight(string(line), "\r ")
		if s == "---" {
			return meta, rest
		}
		if item, ok := strings.CutPrefix(strings.TrimSpace(s), "- "); ok && last != "" {
			meta[last] = strings.TrimPrefix(meta[last]+", "+unquoted(item), ", ")
			continue
		}
		name, value, ok := strings.Cut(s, ":")
		if !ok || strings.HasPrefix(s, " ") || strings.HasPrefix(s, "#") {
			continue
		}
		last = strings.ToLower(strings.TrimSpace(name))
		value = strings.Trim(strings.TrimSpace(value), "[]")
		meta[last] = unquoted(value)
	}
	return nil, text // it never ends: it is text
}

func unquoted(s string) string { return oneLine(strings.Trim(strings.TrimSpace(s), `"'`)) }

func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

// parseTime reads a time as files and pages write it. Without a zone it is UTC.
func parseTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339, time.DateOnly, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04:05 -0700", time.RFC1123, time.RFC1123Z, "2006/01/02", "January 2, 2006", "2 January 2006", "Jan 2, 2006", "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1970 && t.Year() < 2200 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date", s)
}
