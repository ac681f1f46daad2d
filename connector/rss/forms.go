// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rss

import (
	"bytes"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"strings"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	jsonfeed "github.com/mmcdole/gofeed/json"
	rssfeed "github.com/mmcdole/gofeed/rss"
	"golang.org/x/net/html/charset"

	"greenroom/connector/internal/htmltext"
)

// texts says of an entry of Atom of what type its texts are: "" and "text" are no HTML (RFC 4287, 3.1.1).
type texts struct{ title, summary string }

// typed reads the types of the texts in an Atom document, which the library drops. A document that it cannot read has none.
func typed(body []byte) (all []texts) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = charset.NewReaderLabel
	d.Strict = false
	depth, inside := 0, false
	for {
		token, err := d.Token()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return all
			}
			return nil
		}
		switch t := token.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			depth++
			switch {
			case depth == 2:
				if inside = t.Name.Local == "entry"; inside {
					all = append(all, texts{})
				}
			case depth == 3 && inside && t.Name.Local == "title":
				all[len(all)-1].title = attribute(t, "type")
			case depth == 3 && inside && t.Name.Local == "summary":
				all[len(all)-1].summary = attribute(t, "type")
			}
		}
	}
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return strings.ToLower(a.Value)
		}
	}
	return ""
}

// isText reports whether a type of Atom is that of text without HTML.
func isText(kind string) bool { return kind == "" || kind == "text" || kind == "text/plain" }

// plain reports whether an entry's title and its text are no HTML, by what its format says.
func (d *document) plain(i int) (title, body bool) {
	switch original := d.OriginalFeed().(type) {
	case *jsonfeed.Feed:
		return true, i < len(original.Items) && original.Items[i] != nil && original.Items[i].ContentHTML == ""
	case *atom.Feed:
		if len(d.types) != len(original.Entries) || i >= len(d.types) {
			return false, false
		}
		if c := original.Entries[i].Content; c != nil && c.Value != "" {
			return isText(d.types[i].title), isText(strings.ToLower(c.Type))
		}
		return isText(d.types[i].title), isText(d.types[i].summary)
	}
	return false, false
}

// title is an entry's title in one line.
func (d *document) title(i int) string {
	if plain, _ := d.plain(i); plain {
		return strings.Join(strings.Fields(html.UnescapeString(clean(d.Items[i].Title))), " ")
	}
	return line(d.Items[i].Title)
}

// text is an entry's text.
func (d *document) text(i int) string {
	text := d.Items[i].Content
	if text == "" {
		text = d.Items[i].Description
	}
	if _, plain := d.plain(i); plain {
		return clean(text)
	}
	return htmltext.Convert(clean(text), d.Link).Text
}

// people are those who wrote an entry: where it does not say, in Atom the authors of the feed that it was taken from, and in
// Atom and JSON Feed those of the feed itself.
func (d *document) people(i int) []*gofeed.Person {
	item := d.Items[i]
	if len(item.Authors) > 0 {
		return item.Authors
	}
	if item.ITunesExt != nil && item.ITunesExt.Author != "" {
		return []*gofeed.Person{{Name: item.ITunesExt.Author}}
	}
	switch original := d.OriginalFeed().(type) {
	case *atom.Feed:
		if i < len(original.Entries) && original.Entries[i].Source != nil && len(original.Entries[i].Source.Authors) > 0 {
			var all []*gofeed.Person
			for _, p := range original.Entries[i].Source.Authors {
				if p != nil {
					all = append(all, &gofeed.Person{Name: p.Name, Email: p.Email})
				}
			}
			return all
		}
		return d.Authors
	case *jsonfeed.Feed:
		return d.Authors
	}
	return nil
}

// link is an entry's address: its link, which may be relative to the feed's, or in RSS its guid, unless that says that it is
// no address.
func (d *document) link(i int, f *feed) string {
	if link := f.resolve(d.Items[i].Link); link != "" {
		return link
	}
	if original, ok := d.OriginalFeed().(*rssfeed.Feed); ok && i < len(original.Items) && original.Items[i] != nil {
		if guid := original.Items[i].GUID; guid != nil && !strings.EqualFold(strings.TrimSpace(guid.IsPermalink), "false") {
			return absolute(guid.Value)
		}
	}
	return ""
}
