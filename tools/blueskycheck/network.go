// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// network is what stands in all repositories.
type network struct {
	base     string
	me       string // the account's DID
	records  map[string]record
	searches []string
}

// record is one of a repository: a post, a like, a repost, a follow or a block.
type record struct {
	URI   string `json:"uri"`
	Value struct {
		Text      string          `json:"text"`
		CreatedAt time.Time       `json:"createdAt"`
		Subject   json.RawMessage `json:"subject"` // a DID, or a reference to a record
		Reply     *struct {
			Root   ref `json:"root"`
			Parent ref `json:"parent"`
		} `json:"reply"`
		Facets []struct {
			Features []struct {
				DID string `json:"did"`
			} `json:"features"`
		} `json:"facets"`
		Embed struct {
			Record json.RawMessage `json:"record"` // a reference, or one around it
		} `json:"embed"`
	} `json:"value"`
}

type ref struct {
	URI string `json:"uri"`
}

// did is the account in whose repository a record is.
func did(uri string) string {
	who, _, _ := strings.Cut(strings.TrimPrefix(uri, "at://"), "/")
	return who
}

// collection is the last part of a record's collection, such as "post".
func (r record) collection() string {
	parts := strings.Split(r.URI, "/")
	if len(parts) != 5 {
		return ""
	}
	return parts[3][strings.LastIndexByte(parts[3], '.')+1:]
}

// subject is the DID or the address that a record is about.
func (r record) subject() string {
	var text string
	if json.Unmarshal(r.Value.Subject, &text) == nil {
		return text
	}
	var to ref
	_ = json.Unmarshal(r.Value.Subject, &to)
	return to.URI
}

// load reads every repository.
func (n *network) load(ctx context.Context, handle string) error {
	var who struct {
		DID string `json:"did"`
	}
	if err := n.get(ctx, "com.atproto.identity.resolveHandle", url.Values{"handle": {handle}}, &who); err != nil {
		return err
	}
	n.me = who.DID
	for cursor := ""; ; {
		var page struct {
			Cursor string `json:"cursor"`
			Repos  []struct {
				DID    string `json:"did"`
				Active *bool  `json:"active"`
			} `json:"repos"`
		}
		if err := n.get(ctx, "com.atproto.sync.listRepos", url.Values{"limit": {"500"}, "cursor": {cursor}}, &page); err != nil {
			return err
		}
		for _, r := range page.Repos {
			if r.Active != nil && !*r.Active {
				continue
			}
			for _, collection := range []string{"feed.post", "feed.like", "feed.repost", "graph.follow", "graph.block"} {
				if err := n.loadOne(ctx, r.DID, "app.bsky."+collection); err != nil {
					return err
				}
			}
		}
		if cursor = page.Cursor; cursor == "" || len(page.Repos) == 0 {
			return nil
		}
	}
}

func (n *network) loadOne(ctx context.Context, did, collection string) error {
	for cursor := ""; ; {
		var page struct {
			Cursor  string   `json:"cursor"`
			Records []record `json:"records"`
		}
		if err := n.get(ctx, "com.atproto.repo.listRecords", url.Values{"repo": {did}, "collection": {collection}, "limit": {"100"}, "cursor": {cursor}}, &page); err != nil {
			return err
		}
		for _, r := range page.Records {
			n.records[r.URI] = r
		}
		if cursor = page.Cursor; cursor == "" || len(page.Records) == 0 {
			return nil
		}
	}
}

// root is the first post of a post's conversation.
func (n *network) root(uri string) string {
	if r := n.records[uri]; r.Value.Reply != nil {
		return r.Value.Reply.Root.URI
	}
	return uri
}

// unseen reports whether the account is not shown a record: one of them blocks the other, or it is a post below one that is
// gone or not shown.
func (n *network) unseen(uri string) bool {
	for {
		r, exists := n.records[uri]
		switch {
		case !exists, n.blocked(did(uri)):
			return true
		case r.Value.Reply == nil:
			return false
		}
		uri = r.Value.Reply.Parent.URI
	}
}

// concerns reports whether a post is the account's own, answers it, mentions it, quotes it, or is found by a search.
func (n *network) concerns(r record) bool {
	if did(r.URI) == n.me || r.Value.Reply != nil && did(r.Value.Reply.Parent.URI) == n.me {
		return true
	}
	for _, f := range r.Value.Facets {
		for _, feature := range f.Features {
			if feature.DID == n.me {
				return true
			}
		}
	}
	var quote struct {
		ref

		Record ref `json:"record"`
	}
	if json.Unmarshal(r.Value.Embed.Record, &quote) == nil && (did(quote.URI) == n.me || did(quote.Record.URI) == n.me) {
		return true
	}
	for _, words := range n.searches {
		if words != "" && strings.Contains(r.Value.Text, words) {
			return true
		}
	}
	return false
}

// blocked reports whether the account and another see nothing of each other.
func (n *network) blocked(who string) bool {
	for _, r := range n.records {
		if r.collection() == "block" && (did(r.URI) == n.me && r.subject() == who || did(r.URI) == who && r.subject() == n.me) {
			return true
		}
	}
	return false
}

// wanted is everything that has to be stored.
func (n *network) wanted() map[string]fact {
	talks, want := map[string]bool{}, map[string]fact{}
	for uri, r := range n.records {
		if r.collection() == "post" && n.concerns(r) && !n.blocked(did(uri)) {
			talks[n.root(uri)] = true
		}
	}
	for uri, r := range n.records {
		f := fact{ID: uri, At: r.Value.CreatedAt}
		if f.At.After(time.Now()) { //nolint:forbidigo // what lies ahead was seen before
			f.At = time.Time{}
		}
		switch to := r.subject(); r.collection() {
		case "post":
			if !talks[n.root(uri)] || n.blocked(did(uri)) || n.unseen(uri) && !n.concerns(r) {
				continue
			}
			f.Kind = "message"
			if r.Value.Reply != nil {
				f.Kind, f.ReplyTo = "reply", r.Value.Reply.Parent.URI
			} else if did(uri) == n.me {
				f.Kind = "announcement"
			}
		case "like", "repost":
			if _, exists := n.records[to]; !exists || did(to) != n.me || did(uri) == n.me || n.blocked(did(uri)) {
				continue
			}
			f.Kind, f.Title, f.ReplyTo = "reaction", r.collection(), to
		case "follow":
			if to != n.me || n.blocked(did(uri)) {
				continue
			}
			f.Kind = "follow"
		default:
			continue
		}
		want[uri] = f
	}
	return want
}
