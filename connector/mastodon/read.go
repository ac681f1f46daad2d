// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mastodon

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// Read goes through the account's posts, its notifications and the hashtags.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	return walk.Noted(ctx, from, s.env.Now(), out, &s.text, func() ([]walk.Section, error) {
		s.open()
		if err := s.whoami(ctx); err != nil {
			return nil, err
		}
		var all []walk.Section
		if s.me != nil {
			channel := connector.Channel{ExternalID: s.me.ID, Name: "@" + s.me.Acct, URL: s.me.URL}
			all = append(all,
				s.timeline(&list{name: "posts", title: "posts of @" + s.me.Acct, path: "/api/v1/accounts/" + s.me.ID + "/statuses", query: url.Values{"exclude_reblogs": {"true"}}, channel: channel}, out),
				s.notices(channel, out))
		}
		tags := s.hashtags()
		for i, tag := range tags {
			channel := connector.Channel{ExternalID: "#" + tag, Name: tag, URL: s.set.Text(optAddress) + "/tags/" + url.PathEscape(tag)}
			all = append(all, s.timeline(&list{name: "tag/" + tag, title: "#" + tag, path: "/api/v1/timelines/tag/" + url.PathEscape(tag), channel: channel, before: tags[:i], tag: true}, out))
		}
		return append(all, s.again(out)), nil
	})
}

// list is a list of posts, the newest first.
type list struct {
	name, title, path string
	query             url.Values
	channel           connector.Channel
	tag               bool
	before            []string // tags whose lists are read before this one
}

// elsewhere reports whether a post of a hashtag comes in with another list.
func (s *source) elsewhere(l *list, p *wireStatus) bool {
	return l.tag && (s.me != nil && (p.Account.ID == s.me.ID || !s.note.Deaf && p.mentioned(s.me.ID)) || p.tagged(l.before))
}

// timeline is the section of a list of posts. A page's name is the id below which the list goes on, and behind "|" the
// posts of the page whose threads are still to be read.
func (s *source) timeline(l *list, out *connector.Sink) walk.Section {
	return walk.Section{Name: l.name, Title: l.title, Read: func(ctx context.Context, at *walk.At) (string, error) {
		out.Channel(l.channel)
		below, threads, inside := strings.Cut(at.Page, "|")
		if inside {
			return s.inside(ctx, below, threads, l.channel.ExternalID, out)
		}
		q := url.Values{"limit": {pageSize}}
		for name, values := range l.query {
			q[name] = values
		}
		if below != "" {
			q.Set("max_id", below)
		}
		items, next, err := s.items(ctx, l.path, q)
		if err != nil {
			return "", err
		}
		from := s.from(at)
		var open []string
		old := len(items) > 0
		for i, raw := range items {
			p := read(raw, l.title, i+1, out)
			if p != nil && p.CreatedAt.Before(from) { // the order is that in which the server came to know posts: newer ones can follow
				continue
			}
			old = false
			if p == nil {
				continue
			}
			if !s.elsewhere(l, &p.wireStatus) && s.single(p, l.channel.ExternalID, out) {
				open = append(open, p.ID)
			}
		}
		if old {
			next = ""
		}
		s.keep()
		return following(next, open), nil
	}}
}

// from is from when on posts are wanted.
func (s *source) from(at *walk.At) time.Time {
	first := s.set.Since(optSince)
	if at.Since.IsZero() {
		return first
	}
	if again := at.Since.AddDate(0, 0, -int(s.set.Number(optAgain))); again.After(first) {
		return again
	}
	return first
}

// single tells a post that stands alone and is new, and reports whether it is part of a thread that has to be read instead.
func (s *source) single(p *status, channel string, out *connector.Sink) (thread bool) {
	w, known := s.note.Recent[p.ID]
	if known && w.Replies == p.Replies { // edits show when it is looked at again
		return false
	}
	if s.set.On(optThreads) && p.Visibility != "direct" && (p.InReplyTo != "" || p.Replies > 0) {
		return true
	}
	root := p.ID
	if p.InReplyTo != "" {
		root = p.InReplyTo
	}
	s.push(p, channel, root, out)
	return false
}

// following is the name of the page that comes next: a thread, or the list below an id. "" = there is none.
func following(below string, threads []string) string {
	if len(threads) > 0 {
		return below + "|" + strings.Join(threads, ",")
	}
	return below
}

// inside reads the first of the threads that a page's name holds.
func (s *source) inside(ctx context.Context, below, threads, channel string, out *connector.Sink) (string, error) {
	ids := strings.Split(threads, ",")
	if err := s.thread(ctx, ids[0], channel, out); err != nil {
		return "", err
	}
	s.keep()
	return following(below, ids[1:]), nil
}

// thread tells the whole thread that a post is part of, unless this read has told it. A post's context holds what is
// above and below it; that of the first post holds everything, up to the server's bounds: what is around the post and not
// in it is told, too.
func (s *source) thread(ctx context.Context, id, channel string, out *connector.Sink) error {
	if w, known := s.note.Recent[id]; known && slices.Contains(s.note.Roots, w.Root) {
		return nil
	}
	var around wireContext
	_, err := s.client.Into(ctx, "/api/v1/statuses/"+url.PathEscape(id)+"/context", nil, &around)
	if rest.Gone(err) || rest.Refused(err) {
		return nil
	}
	if err != nil {
		return err
	}
	first := id
	if len(around.Ancestors) > 0 {
		var p wireStatus
		if rest.Unmarshal(around.Ancestors[0], &p) == nil && p.ID != "" {
			first = p.ID
		}
	}
	t := thread{s: s, first: first, channel: channel, out: out}
	if !slices.Contains(s.note.Roots, first) {
		below := around
		if first != id {
			below = wireContext{}
			if _, err := s.client.Into(ctx, "/api/v1/statuses/"+url.PathEscape(first)+"/context", nil, &below); err != nil && !rest.Gone(err) {
				return err
			}
		}
		if err := t.one(ctx, first); err != nil {
			return err
		}
		t.tell(below.Descendants)
		s.told(first)
	}
	if s.seen[id] {
		return nil
	}
	t.tell(around.Ancestors)
	if err := t.one(ctx, id); err != nil {
		return err
	}
	t.tell(around.Descendants)
	return nil
}

// thread is one that is told.
type thread struct {
	s              *source
	first, channel string
	out            *connector.Sink
	n              int
}

// tell tells posts that this read has not told as part of a thread.
func (t *thread) tell(posts []jsontext.Value) {
	for _, raw := range posts {
		t.n++
		var known struct {
			ID string `json:"id"`
		}
		if rest.Unmarshal(raw, &known) == nil && t.s.seen[known.ID] {
			continue
		}
		p := read(raw, "the thread of "+t.first, t.n, t.out)
		if p == nil {
			continue
		}
		if len(t.s.seen) >= maxSeen {
			clear(t.s.seen)
		}
		t.s.seen[p.ID] = true
		t.s.push(p, t.channel, t.first, t.out)
	}
}

// one asks for a post and tells it, unless it is gone or not shown.
func (t *thread) one(ctx context.Context, id string) error {
	if t.s.seen[id] {
		return nil
	}
	var raw jsontext.Value
	if _, err := t.s.client.Into(ctx, "/api/v1/statuses/"+url.PathEscape(id), nil, &raw); rest.Gone(err) || rest.Refused(err) {
		return nil
	} else if err != nil {
		return err
	}
	t.tell([]jsontext.Value{raw})
	return nil
}

// items asks for a list, and gives the id below which it goes on, "" at its end: by the link to the next page, since a
// server may leave entries out of a page, even all of them, or else by the last entry. A list that the server does not show
// is warned of and is nil.
func (s *source) items(ctx context.Context, path string, q url.Values) (items []jsontext.Value, next string, _ error) {
	ans, err := s.client.Into(ctx, path, q, &items)
	if rest.Refused(err) || rest.Gone(err) {
		s.env.Meter.Warn("The server does not show " + path + "; the token may lack read:statuses or read:notifications.")
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	if link, err := url.Parse(ans.Link("next")); err == nil {
		next = link.Query().Get("max_id")
	}
	if next == "" && len(items) > 0 {
		var last struct {
			ID string `json:"id"`
		}
		if rest.Unmarshal(items[len(items)-1], &last) == nil {
			next = last.ID
		}
	}
	if next == q.Get("max_id") {
		next = ""
	}
	return items, next, nil
}

// read decodes a post. It returns nil, and rejects, where it cannot be read.
func read(raw jsontext.Value, file string, line int, out *connector.Sink) *status {
	out.Read(1)
	p := &status{raw: raw}
	if err := rest.Unmarshal(raw, &p.wireStatus); err != nil || p.ID == "" || p.CreatedAt.IsZero() {
		reject(out, file, line, raw, "this is not a post with an id and a time")
		return nil
	}
	return p
}

// notices is the section of the account's notifications, the newest first. The mark is the newest id; where there was no
// notification yet, it is a time.
func (s *source) notices(channel connector.Channel, out *connector.Sink) walk.Section {
	return walk.Section{Name: "notifications", Title: "notifications", Read: func(ctx context.Context, at *walk.At) (string, error) {
		out.Channel(channel)
		below, threads, inside := strings.Cut(at.Page, "|")
		if inside {
			return s.inside(ctx, below, threads, channel.ExternalID, out)
		}
		q := url.Values{"limit": {noticeSize}, "types[]": {"mention", "quote", "favourite", "reblog", "follow"}} //nolint:misspell // Mastodon spells it so
		since := at.Mark
		if !at.Since.IsZero() {
			since = ""
		}
		if below != "" {
			q.Set("max_id", below)
		} else {
			at.Leave(since)
		}
		if since != "" {
			q.Set("since_id", since)
		}
		items, next, err := s.items(ctx, "/api/v1/notifications", q)
		if err != nil {
			return "", err
		}
		s.note.Deaf = items == nil
		var open []string
		for i, raw := range items {
			var n wireNotice
			if err := rest.Unmarshal(raw, &n); err != nil || n.ID == "" || n.CreatedAt.IsZero() {
				out.Read(1)
				reject(out, "notifications", i+1, raw, "this is not a notification with an id and a time")
				continue
			}
			if n.CreatedAt.Before(s.set.Since(optSince)) {
				next = ""
				break
			}
			if newer(n.ID, at.Left()) {
				at.Leave(n.ID)
			}
			if n.Type != "mention" && n.Type != "quote" {
				out.Read(1)
				s.notice(&n, raw, out)
			} else if p := read(n.Status, "notifications", i+1, out); p != nil && s.single(p, channel.ExternalID, out) {
				open = append(open, p.ID)
			}
		}
		s.keep()
		return following(next, open), nil
	}}
}
