// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bluesky

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// Bounds of the note.
const (
	maxRecent = 400
	maxRoots  = 1000
	maxSeen   = 10_000 // posts of conversations; one that is forgotten costs a request
)

// note is what the cursor keeps, with short addresses.
type note struct {
	Roots  []string         `json:"roots,omitempty"`  // conversations that this read has told
	Recent map[string]int64 `json:"recent,omitempty"` // posts of the last days, and how many replies they had
	// Found says in which channel those are that are not in the account's.
	Found map[string]string `json:"found,omitempty"`
}

func (s *source) open() {
	s.note, s.seen = note{}, map[string]bool{}
	if s.text != "" && json.Unmarshal([]byte(s.text), &s.note) != nil {
		s.note = note{}
	}
	if s.note.Recent == nil {
		s.note.Recent = map[string]int64{}
	}
	if s.note.Found == nil {
		s.note.Found = map[string]string{}
	}
}

// keep writes the note that goes into the cursor with the next checkpoint.
func (s *source) keep() {
	text, err := json.Marshal(s.note, json.Deterministic(true))
	if err == nil { // texts and numbers always marshal
		s.text = string(text)
	}
}

// key is the part of a short address that grows with time.
func key(id string) string {
	for i := len(id) - 1; i >= 0; i-- {
		if id[i] == '/' {
			return id[i+1:]
		}
	}
	return id
}

// remember keeps a post of the last days; the oldest go when there are too many.
func (s *source) remember(p *wirePost, channel string) {
	if p.at().Before(s.env.Now().AddDate(0, 0, -int(s.set.Number(optAgain)))) {
		return
	}
	s.note.Recent[short(p.URI)] = p.Replies
	if channel != s.session.did() {
		s.note.Found[short(p.URI)] = channel
	}
	if len(s.note.Recent) > maxRecent {
		oldest := short(p.URI)
		for id := range s.note.Recent {
			if a, b := key(id), key(oldest); a < b || a == b && id < oldest {
				oldest = id
			}
		}
		s.forget(oldest)
	}
}

func (s *source) forget(id string) {
	delete(s.note.Recent, id)
	delete(s.note.Found, id)
}

// thread tells a whole conversation, unless this read has told it, and then what is at and below the post that led there
// where that was not in it: a conversation is shown down to what is gone, hidden or blocked, and not below.
func (s *source) thread(ctx context.Context, root, uri, channel string, out *connector.Sink) error {
	told := slices.Contains(s.note.Roots, short(root))
	if !told {
		if err := s.below(ctx, root, root, channel, out); err != nil {
			return err
		}
		s.note.Roots = append(s.note.Roots, short(root))
		if n := len(s.note.Roots); n > maxRoots {
			s.note.Roots = s.note.Roots[n-maxRoots:]
		}
	}
	_, recent := s.note.Recent[short(uri)]
	if uri == root || s.seen[uri] || told && recent {
		return nil
	}
	return s.below(ctx, uri, root, channel, out)
}

// below tells a post of a conversation and all that is below it. What is gone is not told.
func (s *source) below(ctx context.Context, uri, root, channel string, out *connector.Sink) error {
	var got struct {
		Thread wireThread `json:"thread"`
	}
	_, err := s.client.Into(ctx, "/app.bsky.feed.getPostThread", url.Values{"uri": {uri}, "depth": {deepest}, "parentHeight": {"0"}}, &got)
	if rest.Gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	s.tree(&got.Thread, "the conversation of "+root, channel, out)
	return nil
}

func (s *source) tree(t *wireThread, file, channel string, out *connector.Sink) {
	if len(t.Post) == 0 {
		out.LeftOut("posts in conversations that are gone or hidden", 1)
	} else if p := read(t.Post, file, 0, out); p != nil {
		if len(s.seen) >= maxSeen {
			clear(s.seen)
		}
		s.seen[p.URI] = true
		s.push(p, channel, out)
	}
	for i := range t.Replies {
		s.tree(&t.Replies[i], file, channel, out)
	}
}

// read decodes a post. It returns nil, and rejects, where it cannot be read.
func read(raw jsontext.Value, file string, line int, out *connector.Sink) *post {
	out.Read(1)
	p := &post{raw: raw}
	if err := rest.Unmarshal(raw, &p.wirePost); err != nil || p.URI == "" || p.at().IsZero() {
		reject(out, file, line, raw, "this is not a post with an address and a time")
		return nil
	}
	return p
}

// again is the last section of a read: it asks for the posts of the last days by their addresses. One that has more
// replies than it had is read with its conversation, and one that is not there any more was deleted, or its account. A
// page's name is the address behind which to go on, and behind "|" the conversations that are still to be read.
func (s *source) again(out *connector.Sink) walk.Section {
	return walk.Section{Name: "again", Title: "replies and deletions", Read: func(ctx context.Context, at *walk.At) (string, error) {
		if i := strings.LastIndexByte(at.Page, '|'); i >= 0 {
			first, _, _ := strings.Cut(at.Page[i+1:], ",")
			_, id, _ := strings.Cut(first, " ")
			return s.inside(ctx, at.Page, cmp.Or(s.note.Found[id], s.session.did()), out)
		}
		ids := slices.DeleteFunc(slices.Sorted(maps.Keys(s.note.Recent)), func(id string) bool { return id <= at.Page })
		if at.Mark == "" || len(ids) == 0 { // the first read has just seen them
			s.end()
			return "", nil
		}
		ids = ids[:min(len(ids), pageByURI)]
		uris := make([]string, len(ids))
		for i, id := range ids {
			uris[i] = long(id)
		}
		var got struct {
			Posts []wirePost `json:"posts"`
		}
		if _, err := s.client.Into(ctx, "/app.bsky.feed.getPosts", url.Values{"uris": uris}, &got); err != nil {
			return "", err
		}
		there := map[string]*wirePost{}
		for i := range got.Posts {
			there[short(got.Posts[i].URI)] = &got.Posts[i]
		}
		var open []string
		day := s.env.Now().AddDate(0, 0, -int(s.set.Number(optAgain)))
		for i, id := range ids {
			p, ok := there[id]
			switch {
			case !ok:
				if err := s.missing(ctx, uris[i], out); err != nil {
					return "", err
				}
				s.forget(id)
			case p.at().Before(day):
				s.forget(id)
			case p.Replies != s.note.Recent[id] && s.set.On(optThreads):
				open = append(open, short(p.root())+" "+id)
			}
		}
		s.keep()
		return following(ids[len(ids)-1], open), nil
	}}
}

// missing finds out what became of a post that the list of posts leaves out: it leaves out, too, those of an account that
// blocks this one or is blocked by it. Only one that is gone was deleted.
func (s *source) missing(ctx context.Context, uri string, out *connector.Sink) error {
	_, err := s.client.Get(ctx, "/app.bsky.feed.getPostThread", url.Values{"uri": {uri}, "depth": {"0"}, "parentHeight": {"0"}})
	if rest.Gone(err) {
		out.Activity(connector.Activity{ExternalID: uri, Deleted: true, EditedAt: s.env.Now()})
		return nil
	}
	return err
}

// end forgets which conversations were told: the next read tells them again where they have grown.
func (s *source) end() {
	s.note.Roots = nil
	s.keep()
}
