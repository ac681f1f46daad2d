// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rss

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	jsonfeed "github.com/mmcdole/gofeed/json"

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

	topic  websub.Topic // what its hub is asked for
	pushed bool         // it came from a hub: comments on its entries are for the next read
}

func (d *document) name(f *feed) string {
	if name := clean(d.Title); name != "" {
		return name
	}
	return f.address
}

// endings are how whole documents end: those of feeds, and that of a web page, of which fetch says that it is none.
var endings = []string{"</rss>", "</feed>", "RDF>", "}", "</html>"}

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
	for _, end := range endings {
		if len(body) >= len(end) && strings.EqualFold(string(body[len(body)-len(end):]), end) {
			return nil
		}
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
	doc, err := parse(ans.Body, f)
	if err == nil {
		doc.topic = topicOf(f, ans, doc)
	}
	return doc, validators{ETag: ans.Header.Get("ETag"), Modified: ans.Header.Get("Last-Modified")}, err
}

// parse reads a document.
func parse(body []byte, f *feed) (*document, error) {
	found, err := parsed(body)
	if err != nil || found == nil {
		message := f.address + " is no feed; expected RSS, Atom or JSON Feed"
		if others := namedBy(body, f); len(others) > 0 {
			message = f.address + " is a web page; enter the feed that it names: " + strings.Join(others, " or ")
		}
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: message, Err: err}
	}
	key := absolute(found.Link)
	if key == "" {
		key = f.address
	}
	return &document{Feed: found, key: key, next: f.within(nextPage(found))}, nil
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

// nextPage is the address of the page with older entries, as RFC 5005 and JSON Feed have it.
func nextPage(found *gofeed.Feed) string {
	switch original := found.OriginalFeed().(type) {
	case *atom.Feed:
		for _, l := range original.Links {
			if l != nil && l.Rel == "next" {
				return l.Href
			}
		}
	case *jsonfeed.Feed:
		return original.NextURL
	}
	for _, l := range found.Extensions["atom"]["link"] {
		if l.Attrs["rel"] == "next" {
			return l.Attrs["href"]
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

var (
	linkTag = regexp.MustCompile(`(?is)<link\b[^>]*\btype=["']?application/(?:rss\+xml|atom\+xml|feed\+json)[^>]*>`)
	href    = regexp.MustCompile(`(?is)\bhref=["']?([^"'\s>]+)`)
)

// namedBy finds the feeds that a web page names.
func namedBy(body []byte, f *feed) []string {
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
