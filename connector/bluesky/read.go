// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bluesky

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

// Read goes through the account's posts, its notifications and the searches.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	return walk.Noted(ctx, from, s.env.Now(), out, &s.text, func() ([]walk.Section, error) {
		s.open()
		did, handle, err := s.session.me(ctx)
		if err != nil {
			return nil, err
		}
		channel := place(did, handle)
		all := []walk.Section{s.feed(channel, out), s.notices(channel, out)}
		for _, q := range s.set.List(optSearches) {
			all = append(all, s.search(q, out))
		}
		return append(all, s.again(out)), nil
	})
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

// page is what a list's page comes to. Its name is the cursor that Bluesky gives for the next one, and behind "|" the
// conversations of the page that are still to be read: their first post, and the post that led there.
type page struct {
	s       *source
	channel string
	title   string
	out     *connector.Sink
	open    []string
	old     bool
}

// take tells a post that stands alone and is new, and notes one that is part of a conversation.
func (p *page) take(raw jsontext.Value, line int, from time.Time, elsewhere func(*wirePost) bool) {
	one := read(raw, p.title, line, p.out)
	if one == nil {
		return
	}
	if one.at().Before(from) {
		p.old = true
		return
	}
	p.old = false
	replies, known := p.s.note.Recent[short(one.URI)]
	switch {
	case elsewhere != nil && elsewhere(&one.wirePost), known && replies == one.Replies:
	case p.s.set.On(optThreads) && (one.Record.Reply != nil || one.Replies > 0):
		if pair := short(one.root()) + " " + short(one.URI); !slices.Contains(p.open, pair) {
			p.open = append(p.open, pair)
		}
	default:
		p.s.push(one, p.channel, p.out)
	}
}

// next is the name of the page that follows: none where all is older than what is wanted, or where the cursor does not
// move on.
func (p *page) next(asked, cursor string) string {
	if p.old || cursor == asked {
		cursor = ""
	}
	p.s.keep()
	return following(cursor, p.open)
}

func following(cursor string, open []string) string {
	if len(open) > 0 {
		return cursor + "|" + strings.Join(open, ",")
	}
	return cursor
}

// inside reads the first of the conversations that a page's name holds.
func (s *source) inside(ctx context.Context, name, channel string, out *connector.Sink) (string, error) {
	i := strings.LastIndexByte(name, '|')
	open := strings.Split(name[i+1:], ",")
	root, uri, _ := strings.Cut(open[0], " ")
	if err := s.thread(ctx, long(root), long(uri), channel, out); err != nil {
		return "", err
	}
	s.keep()
	return following(name[:i], open[1:]), nil
}

// query is that of a page.
func query(cursor string, more ...string) url.Values {
	q := url.Values{"limit": {pageSize}}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return q
}

// feed is the section of the account's own posts and replies, the newest first.
func (s *source) feed(channel connector.Channel, out *connector.Sink) walk.Section {
	title := "posts of " + channel.Name
	return walk.Section{Name: "posts", Title: title, Read: func(ctx context.Context, at *walk.At) (string, error) {
		out.Channel(channel)
		if strings.Contains(at.Page, "|") {
			return s.inside(ctx, at.Page, channel.ExternalID, out)
		}
		var got struct {
			Cursor string `json:"cursor"`
			Feed   []struct {
				Post   jsontext.Value `json:"post"`
				Reason jsontext.Value `json:"reason"` // it is somebody's repost, or pinned
			} `json:"feed"`
		}
		if _, err := s.client.Into(ctx, "/app.bsky.feed.getAuthorFeed", query(at.Page, "actor", channel.ExternalID, "filter", "posts_with_replies"), &got); err != nil {
			return "", err
		}
		p := page{s: s, channel: channel.ExternalID, title: title, out: out}
		for i, e := range got.Feed {
			if len(e.Reason) > 0 {
				out.Read(1)
				out.LeftOut("reposts by the account", 1)
				continue
			}
			p.take(e.Post, i+1, s.from(at), nil)
		}
		return p.next(at.Page, got.Cursor), nil
	}}
}

// search is the section of the posts that a search finds, the newest first.
func (s *source) search(words string, out *connector.Sink) walk.Section {
	channel := connector.Channel{ExternalID: "search:" + words, Name: words, URL: "https://bsky.app/search?q=" + url.QueryEscape(words)}
	me := s.session.did()
	elsewhere := func(p *wirePost) bool { return author(p.URI) == me || author(p.root()) == me || p.mentions(me) }
	return walk.Section{Name: "search/" + words, Title: "search for " + words, Read: func(ctx context.Context, at *walk.At) (string, error) {
		out.Channel(channel)
		if strings.Contains(at.Page, "|") {
			return s.inside(ctx, at.Page, channel.ExternalID, out)
		}
		q := query(at.Page, "q", words, "sort", "latest")
		from := s.from(at)
		if !from.IsZero() {
			q.Set("since", from.UTC().Format(time.DateOnly)+"T00:00:00Z") // the same for all pages of a day
		}
		var got struct {
			Cursor string           `json:"cursor"`
			Posts  []jsontext.Value `json:"posts"`
		}
		if _, err := s.client.Into(ctx, "/app.bsky.feed.searchPosts", q, &got); err != nil {
			return "", err
		}
		p := page{s: s, channel: channel.ExternalID, title: "search for " + words, out: out}
		for i, raw := range got.Posts {
			p.take(raw, i+1, from, elsewhere)
		}
		if len(got.Posts) == 0 {
			got.Cursor = ""
		}
		return p.next(at.Page, got.Cursor), nil
	}}
}

// lag is how far behind the last read notifications are looked for. They are ordered by the time at which their author
// says that something was written, unless that is still to come, and not by that at which they came.
const lag = 24 * time.Hour

// notices is the section of the account's notifications, the newest first.
func (s *source) notices(channel connector.Channel, out *connector.Sink) walk.Section {
	return walk.Section{Name: "notifications", Title: "notifications", Read: func(ctx context.Context, at *walk.At) (string, error) {
		out.Channel(channel)
		if strings.Contains(at.Page, "|") {
			return s.inside(ctx, at.Page, channel.ExternalID, out)
		}
		var got struct {
			Cursor        string           `json:"cursor"`
			Notifications []jsontext.Value `json:"notifications"`
		}
		// Without priority the account's own setting holds, by which it may hear of those alone whom it follows.
		if _, err := s.client.Into(ctx, "/app.bsky.notification.listNotifications", query(at.Page, "priority", "false"), &got); err != nil {
			return "", err
		}
		from := s.set.Since(optSince)
		if late := at.Since.Add(-lag); !at.Since.IsZero() && late.After(from) {
			from = late
		}
		p := page{s: s, channel: channel.ExternalID, title: "notifications", out: out}
		for i, raw := range got.Notifications {
			out.Read(1)
			var n wireNotice
			if err := rest.Unmarshal(raw, &n); err != nil || n.URI == "" || n.IndexedAt.IsZero() {
				reject(out, "notifications", i+1, raw, "this is not a notification with an address and a time")
				continue
			}
			if p.old = n.IndexedAt.Before(from); p.old {
				continue
			}
			switch n.Reason {
			case "mention", "reply", "quote":
				p.noticed(&n, raw)
			default:
				s.notice(&n, channel.ExternalID, raw, out)
			}
		}
		return p.next(at.Page, got.Cursor), nil
	}}
}

// noticed takes a post that a notification is about. It does not say whether the post was answered, so the conversation
// is asked for.
func (p *page) noticed(n *wireNotice, raw jsontext.Value) {
	one := &post{raw: raw, wirePost: wirePost{URI: n.URI, Author: n.Author, Record: n.Record, IndexedAt: n.IndexedAt}}
	if _, known := p.s.note.Recent[short(n.URI)]; known {
		return
	}
	if p.s.set.On(optThreads) {
		p.open = append(p.open, short(one.root())+" "+short(one.URI))
		return
	}
	p.s.push(one, p.channel, p.out)
}
