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
	return l.tag && (s.me != nil && (p.Account.ID == s.me.ID || p.mentioned(s.me.ID)) || p.tagged(l.before))
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
		items, err := s.items(ctx, l.path, q)
		if err != nil {
			return "", err
		}
		from := s.from(at)
		var open []string
		next := ""
		for i, raw := range items {
			p := read(raw, l.title, i+1, out)
			if p == nil {
				continue
			}
			if p.CreatedAt.Before(from) {
				next = ""
				break
			}
			next = p.ID
			if !s.elsewhere(l, &p.wireStatus) && s.single(p, l.channel.ExternalID, out) {
				open = append(open, p.ID)
			}
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
// above and below it; only that of the first post holds everything.
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
	if slices.Contains(s.note.Roots, first) {
		return nil
	}
	if first != id {
		if _, err := s.client.Into(ctx, "/api/v1/statuses/"+url.PathEscape(first)+"/context", nil, &around); err != nil && !rest.Gone(err) {
			return err
		}
	}
	var root jsontext.Value
	if _, err := s.client.Into(ctx, "/api/v1/statuses/"+url.PathEscape(first), nil, &root); err != nil && !rest.Gone(err) {
		return err
	}
	s.told(first)
	for i, raw := range append([]jsontext.Value{root}, around.Descendants...) {
		if len(raw) == 0 {
			continue
		}
		if p := read(raw, "the thread of "+first, i+1, out); p != nil {
			s.push(p, channel, first, out)
		}
	}
	return nil
}

// items asks for a list. One that the server does not show is warned of and is empty.
func (s *source) items(ctx context.Context, path string, q url.Values) ([]jsontext.Value, error) {
	var items []jsontext.Value
	_, err := s.client.Into(ctx, path, q, &items)
	if rest.Refused(err) || rest.Gone(err) {
		s.env.Meter.Warn("The server does not show " + path + "; the token may lack read:statuses or read:notifications.")
		return nil, nil
	}
	return items, err
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

// notices is the section of the account's notifications, the newest first. The mark is the newest id.
func (s *source) notices(channel connector.Channel, out *connector.Sink) walk.Section {
	return walk.Section{Name: "notifications", Title: "notifications", Read: func(ctx context.Context, at *walk.At) (string, error) {
		out.Channel(channel)
		below, threads, inside := strings.Cut(at.Page, "|")
		if inside {
			return s.inside(ctx, below, threads, channel.ExternalID, out)
		}
		q := url.Values{"limit": {noticeSize}, "types[]": {"mention", "favourite", "reblog", "follow"}} //nolint:misspell // Mastodon spells it so
		if below != "" {
			q.Set("max_id", below)
		} else {
			at.Leave(at.Mark)
		}
		if at.Mark != "" {
			q.Set("since_id", at.Mark)
		}
		items, err := s.items(ctx, "/api/v1/notifications", q)
		if err != nil {
			return "", err
		}
		next := ""
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
			next = n.ID
			if newer(n.ID, at.Left()) {
				at.Leave(n.ID)
			}
			if n.Type != "mention" {
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
