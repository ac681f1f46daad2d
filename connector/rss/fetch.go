// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rss

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	jsonfeed "github.com/mmcdole/gofeed/json"
	"golang.org/x/net/html/charset"

	"greenroom"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/websub"
)

// validators are what a server gave with a feed, to ask whether it has changed since.
type validators struct {
	ETag     string `json:"etag,omitzero"`
	Modified string `json:"modified,omitzero"`
}

// document is a feed as it was read.
type document struct {
	*gofeed.Feed

	key  string // of its channel: the site that it says it belongs to, which stays when the feed moves; its address where it says none
	next string // address of the page with older entries; "" = none

	modified time.Time // when its server says that it was changed; zero = not told

	types []texts // of Atom's entries, as many as there are; none in other formats

	topic  websub.Topic // what its hub is asked for
	pushed bool         // it came from a hub: comments on its entries are for the next read
}

func (d *document) name(f *feed) string {
	if name := clean(d.Title); name != "" {
		return name
	}
	return f.address
}

// ending is how whole documents end: those of feeds, whose elements may have a prefix, and that of a web page, of which
// fetch says that it is none.
var ending = regexp.MustCompile(`(?i)(</([a-z_][a-z0-9_.-]*:)?(rss|feed|rdf|html)\s*>|\})$`)

// refuse asks again for a document that broke off on the way.
func refuse(ans *rest.Answer) error {
	if ans.Status != http.StatusOK {
		return nil
	}
	body := bytes.TrimSpace(ans.Body)
	for bytes.HasSuffix(body, []byte("-->")) { // what caches write behind
		at := bytes.LastIndex(body, []byte("<!--"))
		if at < 0 {
			break
		}
		body = bytes.TrimSpace(body[:at])
	}
	if ending.Match(body[max(0, len(body)-100):]) {
		return nil
	}
	return rest.ErrAgain
}

// fetch reads a page of a feed; nil without an error says that it has not changed since.
func (s *source) fetch(ctx context.Context, f *feed, path string, known validators) (*document, validators, error) {
	r := rest.Request{Path: path, ETag: known.ETag, Header: http.Header{
		"Accept": {"application/rss+xml, application/atom+xml, application/feed+json, application/json;q=0.9, application/xml;q=0.9, */*;q=0.5"},
	}}
	if known.Modified != "" {
		r.Header.Set("If-Modified-Since", known.Modified)
	}
	ans, err := f.client.Do(ctx, r)
	if err != nil {
		return nil, known, err
	}
	if ans.NotModified() {
		return nil, known, nil
	}
	doc, err := parse(decoded(ans), f)
	if doc != nil {
		doc.topic = topicOf(f, ans, doc)
	}
	if at, bad := http.ParseTime(ans.Header.Get("Last-Modified")); bad == nil && doc != nil {
		doc.modified = at.UTC()
	}
	return doc, validators{ETag: ans.Header.Get("ETag"), Modified: ans.Header.Get("Last-Modified")}, err
}

// decoded is an answer's document in UTF-8 where only the header of the answer says in which charset it is (RFC 7303, 3.2).
// What the document itself says is read by the library.
func decoded(ans *rest.Answer) []byte {
	_, params, err := mime.ParseMediaType(ans.Header.Get("Content-Type"))
	head := ans.Body[:min(len(ans.Body), 200)]
	if err != nil || params["charset"] == "" || utf8.Valid(ans.Body) || bytes.Contains(head, []byte("encoding=")) {
		return ans.Body
	}
	in, err := charset.NewReaderLabel(params["charset"], bytes.NewReader(ans.Body))
	if err != nil {
		return ans.Body
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return ans.Body
	}
	return text
}

// parse reads a document.
func parse(body []byte, f *feed) (*document, error) {
	found, err := parsed(body)
	if err != nil || found == nil {
		message := f.address + " is no feed; expected RSS, Atom or JSON Feed"
		if others := named(body, f); len(others) > 0 {
			message = f.address + " is a web page; enter the feed that it names: " + strings.Join(others, " or ")
		}
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: message, Err: err}
	}
	key := absolute(found.Link)
	if key == "" {
		key = f.address
	}
	doc := &document{Feed: found, key: key, next: f.within(nextPage(found))}
	if original, ok := found.OriginalFeed().(*atom.Feed); ok && original.Version == "1.0" {
		doc.types = typed(body)
	}
	return doc, nil
}

// parsed reads a document of strangers: the library panics over some that are not as the specifications have them, such as
// a JSON Feed with null among its authors.
func parsed(body []byte) (found *gofeed.Feed, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			found, err = nil, fmt.Errorf("the document breaks its own rules: %v", broken)
		}
	}()
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true
	return p.Parse(bytes.NewReader(body))
}

// older are the relations of a link to older entries: the next page, or the archive before this document (RFC 5005).
var older = []string{"next", "prev-archive"}

// nextPage is the address of the page with older entries, as RFC 5005 and JSON Feed have it.
func nextPage(found *gofeed.Feed) string {
	links := map[string]string{}
	switch original := found.OriginalFeed().(type) {
	case *atom.Feed:
		for _, l := range original.Links {
			if l != nil && links[l.Rel] == "" {
				links[l.Rel] = l.Href
			}
		}
	case *jsonfeed.Feed:
		return original.NextURL
	}
	for _, l := range found.Extensions["atom"]["link"] {
		if rel := l.Attrs["rel"]; links[rel] == "" {
			links[rel] = l.Attrs["href"]
		}
	}
	for _, rel := range older {
		if links[rel] != "" {
			return links[rel]
		}
	}
	return ""
}

// within is an address on the feed's own host as path and query; "" for any other, which nobody has entered.
func (f *feed) within(address string) string {
	base, err := url.Parse(f.address)
	if err != nil || address == "" {
		return ""
	}
	u, err := base.Parse(address)
	if err != nil || u.Host != f.host {
		return ""
	}
	return u.RequestURI()
}

// resolve returns the address of a web page that a feed gives, which may be relative to its own; "" where it is none.
func (f *feed) resolve(address string) string {
	address = clean(address)
	base, err := url.Parse(f.address)
	if err != nil || address == "" {
		return ""
	}
	u, err := base.Parse(address)
	if err != nil {
		return ""
	}
	return absolute(u.String())
}

var (
	linkTag = regexp.MustCompile(`(?is)<link\b[^>]*\btype=["']?application/(?:rss\+xml|atom\+xml|feed\+json)[^>]*>`)
	href    = regexp.MustCompile(`(?is)\bhref=["']?([^"'\s>]+)`)
)

// named finds the feeds that a web page names.
func named(body []byte, f *feed) []string {
	base, err := url.Parse(f.address)
	if err != nil {
		return nil
	}
	var all []string
	for _, tag := range linkTag.FindAll(body, 5) {
		if m := href.FindSubmatch(tag); m != nil {
			if u, err := base.Parse(html.UnescapeString(string(m[1]))); err == nil {
				all = append(all, u.String())
			}
		}
	}
	return all
}
