// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bluesky

import (
	"context"
	"maps"
	"net/url"
	"slices"

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
)

// note is what the cursor keeps, with short addresses.
type note struct {
	Roots  []string         `json:"roots,omitempty"`  // conversations that this read has told
	Recent map[string]int64 `json:"recent,omitempty"` // posts of the last days, and how many replies they had
}

func (s *source) open() {
	s.note = note{}
	if s.text != "" && json.Unmarshal([]byte(s.text), &s.note) != nil {
		s.note = note{}
	}
	if s.note.Recent == nil {
		s.note.Recent = map[string]int64{}
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
func (s *source) remember(p *wirePost) {
	if p.at().Before(s.env.Now().AddDate(0, 0, -int(s.set.Number(optAgain)))) {
		return
	}
	s.note.Recent[short(p.URI)] = p.Replies
	if len(s.note.Recent) > maxRecent {
		oldest := short(p.URI)
		for id := range s.note.Recent {
			if a, b := key(id), key(oldest); a < b || a == b && id < oldest {
				oldest = id
			}
		}
		delete(s.note.Recent, oldest)
	}
}

// thread tells a whole conversation, unless this read has told it. Where its first post is gone, what is below the post
// that led there is told.
func (s *source) thread(ctx context.Context, root, uri, channel string, out *connector.Sink) error {
	if slices.Contains(s.note.Roots, short(root)) {
		return nil
	}
	var got struct {
		Thread wireThread `json:"thread"`
	}
	from := root
	for {
		_, err := s.client.Into(ctx, "/app.bsky.feed.getPostThread", url.Values{"uri": {from}, "depth": {deepest}, "parentHeight": {"0"}}, &got)
		switch {
		case rest.Gone(err) && from != uri:
			from = uri
			continue
		case rest.Gone(err):
			return nil
		case err != nil:
			return err
		}
		break
	}
	if from == root {
		s.note.Roots = append(s.note.Roots, short(root))
		if n := len(s.note.Roots); n > maxRoots {
			s.note.Roots = s.note.Roots[n-maxRoots:]
		}
	}
	s.tree(&got.Thread, "the conversation of "+root, channel, out)
	return nil
}

func (s *source) tree(t *wireThread, file, channel string, out *connector.Sink) {
	if len(t.Post) == 0 {
		out.LeftOut("posts in conversations that are gone or hidden", 1)
	} else if p := read(t.Post, file, 0, out); p != nil {
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

// again is the last section of a read: it asks for the posts of the last days by their addresses. One that is not there
// any more was deleted, or its account. A page's name is the address behind which to go on.
func (s *source) again(out *connector.Sink) walk.Section {
	return walk.Section{Name: "again", Title: "deletions", Read: func(ctx context.Context, at *walk.At) (string, error) {
		ids := slices.DeleteFunc(slices.Sorted(maps.Keys(s.note.Recent)), func(id string) bool { return id <= at.Page })
		end := len(ids) <= pageByURI
		if !end {
			ids = ids[:pageByURI]
		}
		if at.Mark == "" || len(ids) == 0 { // the first read has just seen them
			s.end()
			return "", nil
		}
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
		day := s.env.Now().AddDate(0, 0, -int(s.set.Number(optAgain)))
		for i, id := range ids {
			p, ok := there[id]
			if !ok {
				out.Activity(connector.Activity{ExternalID: uris[i], Deleted: true, EditedAt: s.env.Now()})
			}
			if !ok || p.at().Before(day) {
				delete(s.note.Recent, id)
			}
		}
		if end {
			s.end()
			return "", nil
		}
		s.keep()
		return ids[len(ids)-1], nil
	}}
}

// end forgets which conversations were told: the next read tells them again where they have grown.
func (s *source) end() {
	s.note.Roots = nil
	s.keep()
}
