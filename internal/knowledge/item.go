// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Item is what a collection says of a document.
type Item struct {
	Place        string    `json:"place"` // where in the collection it stands: a line, a file, an address
	Title        string    `json:"title"`
	Address      string    `json:"address"`
	Kind         Kind      `json:"kind,omitempty"`
	Audience     Audience  `json:"audience,omitempty"`
	Owner        string    `json:"owner,omitempty"`
	ReviewDays   int       `json:"review_days,omitempty"`
	Tags         []string  `json:"tags,omitempty"`
	ChangedAt    time.Time `json:"changed_at,omitzero"`
	VerifiedAt   time.Time `json:"verified_at,omitzero"`
	Conversation int64     `json:"conversation,omitempty"`
	Page         *Page     `json:"-"` // its text and links, where they came along
}

// Reject is an entry that could not be taken.
type Reject struct {
	Place  string `json:"place" doc:"Where it stands: a line, a file, an address."`
	Reason string `json:"reason" doc:"What is wrong with it."`
}

// Hash tells whether a collection says the same of a document as last time.
func (it *Item) Hash() string {
	h := fnv.New64a()
	add := func(parts ...string) {
		for _, p := range parts {
			_, _ = h.Write([]byte(p)) // a hash takes everything
			_, _ = h.Write([]byte{0})
		}
	}
	add(it.Title, it.Address, string(it.Kind), string(it.Audience), it.Owner, strconv.Itoa(it.ReviewDays), strings.Join(it.Tags, "\x01"))
	add(strconv.FormatInt(it.ChangedAt.UnixMicro(), 10), strconv.FormatInt(it.VerifiedAt.UnixMicro(), 10), strconv.FormatInt(it.Conversation, 10))
	if it.Page != nil {
		add(it.Page.Text)
		for _, l := range it.Page.Links {
			add(l.Address, l.Anchor)
		}
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// Fields are the item as what people could have said.
func (it *Item) Fields() Fields {
	return Fields{Title: it.Title, Address: it.Address, Kind: it.Kind, Audience: it.Audience, Owner: it.Owner, ReviewDays: it.ReviewDays, Tags: slices.Clone(it.Tags), State: Active}
}

// Follow gives a document what its collection says now, where people did not say otherwise: a field that still is what was found last
// time follows, one that was changed by hand stays. It says what changed, in words; "" = nothing that is shown.
func (d *Document) Follow(was, now *Item) string {
	var said []string
	text := func(name string, have *string, before, after string) {
		if *have == before && after != "" && after != before {
			*have = after
			said = append(said, name)
		}
	}
	before, after := was.Fields(), now.Fields()
	if before.Validate() != nil || after.Validate() != nil {
		return ""
	}
	if after.Title == titleOf(after.Address) {
		after.Title = "" // the collection has none; the page may have said one
	}
	text("title", &d.Title, before.Title, after.Title)
	text("owner", &d.Owner, before.Owner, after.Owner)
	kind, audience := string(d.Kind), string(d.Audience)
	text("kind", &kind, string(before.Kind), string(after.Kind))
	text("audience", &audience, string(before.Audience), string(after.Audience))
	d.Kind, d.Audience = Kind(kind), Audience(audience)
	if d.ReviewDays == before.ReviewDays && after.ReviewDays != before.ReviewDays {
		d.ReviewDays = after.ReviewDays
		said = append(said, "review rhythm")
	}
	if slices.Equal(d.Tags, before.Tags) && !slices.Equal(before.Tags, after.Tags) {
		d.Tags = after.Tags
		said = append(said, "tags")
	}
	if now.ChangedAt.After(d.ChangedAt) {
		d.ChangedAt = now.ChangedAt
		said = append(said, "its text")
	}
	if now.VerifiedAt.After(d.VerifiedAt) {
		d.VerifiedAt, d.VerifiedBy = now.VerifiedAt, "its collection"
		said = append(said, "verified")
	}
	if !d.GoneAt.IsZero() {
		d.GoneAt = time.Time{}
		said = append(said, "it is back")
	}
	return strings.Join(said, ", ")
}

// Taken is what came of reading a collection.
type Taken struct {
	Read      int      `json:"read" doc:"Entries that were there."`
	Added     int      `json:"added" doc:"Documents that are new."`
	Changed   int      `json:"changed" doc:"Documents of which something else is said than last time."`
	Unchanged int      `json:"unchanged" doc:"Documents as they were."`
	Gone      int      `json:"gone" doc:"Documents that are not there any more."`
	Rejected  int      `json:"rejected" doc:"Entries that could not be taken."`
	Rejects   []Reject `json:"rejects,omitempty" doc:"The first of them, with what is wrong."`
}

// keptRejects is how many entries that could not be taken are kept with their reason.
const keptRejects = 200

func (t *Taken) reject(place, reason string) {
	t.Rejected++
	if len(t.Rejects) < keptRejects {
		t.Rejects = append(t.Rejects, Reject{place, reason})
	}
}

// ReadPage gives a document what its own page says, where nobody said otherwise. text is what the page said last time; "" = it was not
// read yet. It says what changed, in words.
func (d *Document) ReadPage(p *Page, text string, now time.Time) string {
	var said []string
	if title := cut(p.Title, maxTitle-1); title != "" && d.Title == titleOf(d.Address) && title != d.Title {
		d.Title = title
		said = append(said, "title")
	}
	switch {
	case text != "" && text != p.Text:
		d.ChangedAt = now
		said = append(said, "its text")
	case text == "" && d.ChangedAt.IsZero() && !p.Changed.IsZero() && now.Sub(p.Changed) > 24*time.Hour: // a page that is made for each reader is always of now
		d.ChangedAt = p.Changed
	}
	return strings.Join(said, ", ")
}
