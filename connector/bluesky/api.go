// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bluesky

import (
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// The sizes of pages.
const (
	pageSize  = "100"
	pageByURI = 25
	deepest   = "1000"
)

type wireProfile struct {
	DID         string    `json:"did"`
	Handle      string    `json:"handle"`
	DisplayName string    `json:"displayName"`
	Description string    `json:"description"`
	Avatar      string    `json:"avatar"`
	CreatedAt   time.Time `json:"createdAt"`
	Followers   int64     `json:"followersCount"`
	Posts       int64     `json:"postsCount"`
	Labels      []struct {
		Value  string `json:"val"`
		Source string `json:"src"`
	} `json:"labels"`
}

// wirePost is a post as it is seen, around the record that its author wrote.
type wirePost struct {
	URI       string      `json:"uri"`
	Author    wireProfile `json:"author"`
	Record    wireRecord  `json:"record"`
	Replies   int64       `json:"replyCount"`
	IndexedAt time.Time   `json:"indexedAt"`
}

type wireRecord struct {
	Text      string      `json:"text"`
	CreatedAt string      `json:"createdAt"` // by the author's clock, in whatever form its program writes
	Facets    []wireFacet `json:"facets"`
	Reply     *struct {
		Root   wireRef `json:"root"`
		Parent wireRef `json:"parent"`
	} `json:"reply"`
	Embed struct {
		wireMedia

		Media wireMedia `json:"media"` // beside a post that is quoted
	} `json:"embed"`
	Subject jsontext.Value `json:"subject"` // of likes and reposts a reference, of follows a DID
}

// wireMedia is what a post shows beside its text: images or a gallery, a video, or a link.
type wireMedia struct {
	Alt      string     `json:"alt"` // of a video
	Images   []wireText `json:"images"`
	Items    []wireText `json:"items"` // of a gallery
	External struct {
		URI   string `json:"uri"`
		Title string `json:"title"`
	} `json:"external"`
}

type wireText struct {
	Alt string `json:"alt"`
}

// alts are the descriptions for people who do not see.
func (m *wireMedia) alts() []string {
	all := []string{m.Alt}
	for _, t := range slices.Concat(m.Images, m.Items) {
		all = append(all, t.Alt)
	}
	return all
}

type wireRef struct {
	URI string `json:"uri"`
}

// wireFacet marks a part of a text, by bytes of its UTF-8.
type wireFacet struct {
	Index struct {
		Start int `json:"byteStart"`
		End   int `json:"byteEnd"`
	} `json:"index"`
	Features []struct {
		Type string `json:"$type"`
		DID  string `json:"did"`
		URI  string `json:"uri"`
	} `json:"features"`
}

// post is a post with what it was read from.
type post struct {
	wirePost
	raw jsontext.Value
}

// root is the address of the conversation's first post.
func (p *wirePost) root() string {
	if p.Record.Reply != nil && p.Record.Reply.Root.URI != "" {
		return p.Record.Reply.Root.URI
	}
	return p.URI
}

// at is when the post was written: what its author says, unless it was seen before that.
func (p *wirePost) at() time.Time {
	at, err := time.Parse(time.RFC3339, p.Record.CreatedAt)
	if err != nil || !p.IndexedAt.IsZero() && at.After(p.IndexedAt) {
		return p.IndexedAt.UTC()
	}
	return at.UTC()
}

func (p *wirePost) mentions(did string) bool {
	for i := range p.Record.Facets {
		for j := range p.Record.Facets[i].Features {
			if p.Record.Facets[i].Features[j].DID == did {
				return true
			}
		}
	}
	return false
}

// wireThread is a post in a conversation, or the place of one that is gone or hidden.
type wireThread struct {
	Post    jsontext.Value `json:"post"`
	Replies []wireThread   `json:"replies"`
}

type wireNotice struct {
	URI       string      `json:"uri"`
	Author    wireProfile `json:"author"`
	Reason    string      `json:"reason"` // like, repost, follow, mention, reply, quote, ...
	Subject   string      `json:"reasonSubject"`
	Record    wireRecord  `json:"record"`
	IndexedAt time.Time   `json:"indexedAt"`
}

const collection = "/app.bsky.feed.post/"

// short is the address of a post without what all have, and long the opposite.
func short(uri string) string {
	return strings.Replace(strings.TrimPrefix(uri, "at://"), collection, "/", 1)
}

func long(id string) string {
	did, key, ok := strings.Cut(id, "/")
	if !ok || strings.Contains(key, "/") {
		return "at://" + id
	}
	return "at://" + did + collection + key
}

// author is the DID in an address.
func author(uri string) string {
	did, _, _ := strings.Cut(strings.TrimPrefix(uri, "at://"), "/")
	return did
}
