// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reddit

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

const (
	pageSize = "100"
	full     = 100
)

// Read goes through the subreddits and the searches, and then through what may have been deleted.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	return walk.Noted(ctx, from, s.env.Now(), out, &s.text, func() ([]walk.Section, error) {
		s.open()
		var all []walk.Section
		for _, sub := range s.subreddits() {
			all = append(all, s.posts(sub, out), s.comments(sub, out))
		}
		for _, q := range s.set.List(optSearches) {
			all = append(all, s.search(q, out))
		}
		all = append(all, s.again(out))
		for i, read := range all {
			all[i].Read = func(ctx context.Context, at *walk.At) (string, error) {
				defer s.keep()
				return read.Read(ctx, at)
			}
		}
		return all, nil
	})
}

// anchors is how many of a page's last things its next page can be asked for by.
const anchors = 4

// anchor parts the names of things after which a page begins.
const anchor = "~"

// listing asks for a page of a list, the newest first. After are the last things of the page before, parted by "~", the very
// last first: after one that was deleted or removed meanwhile Reddit shows nothing, and the one before it leads on. The
// list's After is of the same kind. A subreddit that is closed to the app is warned of and has none.
func (s *source) listing(ctx context.Context, path, what, after string, query url.Values) (*wireListing, error) {
	told := strings.Split(after, anchor)
	for i, name := range told {
		l, err := s.after(ctx, path, what, name, query)
		if err != nil {
			return nil, err
		}
		shown := len(l.Data.Children)
		l.Data.Children = slices.DeleteFunc(l.Data.Children, func(t wireThing) bool { return slices.Contains(told[:i], t.name()) })
		if shown == 0 && i+1 < len(told) {
			continue
		}
		if l.Data.After != "" {
			next := []string{l.Data.After}
			for _, t := range slices.Backward(l.Data.Children) {
				if name := t.name(); len(next) < anchors && !slices.Contains(next, name) && name != "" {
					next = append(next, name)
				}
			}
			l.Data.After = strings.Join(next, anchor)
		}
		return l, nil
	}
	return &wireListing{}, nil
}

// after asks for a page of a list after a thing; "" = from the beginning.
func (s *source) after(ctx context.Context, path, what, after string, query url.Values) (*wireListing, error) {
	q := url.Values{"limit": {pageSize}, "raw_json": {"1"}}
	for name, values := range query {
		q[name] = values
	}
	if after != "" {
		q.Set("after", after)
	}
	var l wireListing
	_, err := s.client.Into(ctx, path, q, &l)
	if rest.Refused(err) || rest.Gone(err) {
		s.env.Meter.Warn("Reddit does not show " + what + ": it is private, quarantined, banned or not there.")
		return &wireListing{}, nil
	}
	return &l, err
}

// posts is the section of a subreddit's posts with their threads. A page's name is the post after which the list goes
// on, and behind "|" the posts of the page whose threads are still to be read: first one page of the list, then a page
// for each thread.
func (s *source) posts(sub string, out *connector.Sink) walk.Section {
	what := "r/" + sub
	return walk.Section{Name: "posts/" + strings.ToLower(sub), Title: what + ": posts", Read: func(ctx context.Context, at *walk.At) (string, error) {
		after, threads, inside := strings.Cut(at.Page, "|")
		if inside {
			ids := strings.Split(threads, ",")
			if err := s.thread(ctx, ids[0], what, out); err != nil {
				return "", err
			}
			return following(after, ids[1:]), nil
		}
		l, err := s.listing(ctx, "/r/"+sub+"/new", what, after, nil)
		if err != nil {
			return "", err
		}
		from := s.set.Since(optSince)
		again := at.Since.AddDate(0, 0, -int(s.set.Number(optAgain)))
		if again.After(from) && !at.Since.IsZero() {
			from = again
		}
		var ids []string
		var people []string
		old := false
		for i := range l.Data.Children {
			t := &l.Data.Children[i]
			var stub struct {
				Created float64 `json:"created_utc"`
			}
			if rest.Unmarshal(t.Data, &stub) == nil && stub.Created > 0 && when(stub.Created).Before(from) {
				old = true
				continue
			}
			it := s.item(t, what+": posts", i+1, out)
			if it == nil {
				continue
			}
			people = append(people, it.AuthorID)
			if it.Comments > 0 && s.set.On(optThreads) {
				ids = append(ids, it.ID)
			}
		}
		next := l.Data.After
		if old {
			next = ""
		} else {
			s.gap(at, l, what)
		}
		return following(next, ids), s.profiles(ctx, people, out)
	}}
}

// following is the name of the page that comes next: a thread, or the list after a post. "" = there is none.
func following(after string, ids []string) string {
	if len(ids) > 0 {
		return after + "|" + strings.Join(ids, ",")
	}
	return after
}

// comments is the section of a subreddit's newest comments. The first read needs it only where threads are not read:
// they hold the same.
func (s *source) comments(sub string, out *connector.Sink) walk.Section {
	what := "r/" + sub
	return walk.Section{Name: "comments/" + strings.ToLower(sub), Title: what + ": comments", Read: func(ctx context.Context, at *walk.At) (string, error) {
		if at.Mark == "" && s.set.On(optThreads) {
			return "", nil
		}
		from := at.Since
		if first := s.set.Since(optSince); first.After(from) {
			from = first
		}
		return s.newest(ctx, "/r/"+sub+"/comments", what, at, nil, from, out)
	}}
}

// search is the section of the posts that a search finds.
func (s *source) search(query string, out *connector.Sink) walk.Section {
	return walk.Section{Name: "search/" + query, Title: "search for " + query, Read: func(ctx context.Context, at *walk.At) (string, error) {
		from := at.Since
		if first := s.set.Since(optSince); first.After(from) {
			from = first
		}
		return s.newest(ctx, "/search", "the search for "+query, at, url.Values{"q": {query}, "sort": {"new"}, "type": {"link"}}, from, out)
	}}
}

// newest reads a page of a list, the newest first, up to what is older than wanted.
func (s *source) newest(ctx context.Context, path, what string, at *walk.At, query url.Values, from time.Time, out *connector.Sink) (string, error) {
	l, err := s.listing(ctx, path, what, at.Page, query)
	if err != nil {
		return "", err
	}
	var people []string
	old := false
	for i := range l.Data.Children {
		t := &l.Data.Children[i]
		if t.Kind != kindComment && t.Kind != kindPost {
			out.LeftOut("things of kind "+t.Kind, 1)
			continue
		}
		it := s.item(t, what, i+1, out)
		if it == nil {
			continue
		}
		people = append(people, it.AuthorID)
		old = old || when(it.Created).Before(from)
	}
	next := l.Data.After
	if old {
		next = ""
	} else {
		s.gap(at, l, what)
	}
	return next, s.profiles(ctx, people, out)
}

// gap warns where a list ends with a full page before it comes to what the last read has seen: Reddit shows the newest 1,000
// only.
func (s *source) gap(at *walk.At, l *wireListing, what string) {
	if !at.Since.IsZero() && l.Data.After == "" && len(l.Data.Children) >= full {
		s.env.Meter.Warn("More was written in " + what + " since the last read than the " + strconv.Itoa(shown) + " that Reddit shows: some of it is missing. Read more often.")
	}
}

// maxProfiles bounds how many accounts are remembered as asked for.
const maxProfiles = 20_000

// profiles asks for the pictures of people that this process has not asked for yet, and when they joined.
func (s *source) profiles(ctx context.Context, ids []string, out *connector.Sink) error {
	if !s.set.On(optProfiles) || s.hidden {
		return nil
	}
	if len(s.profile) > maxProfiles {
		clear(s.profile)
	}
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" || s.profile[id] })
	for some := range slices.Chunk(ids, 100) {
		var got map[string]wireProfile
		_, err := s.client.Into(ctx, "/api/user_data_by_account_ids", url.Values{"ids": {strings.Join(some, ",")}, "raw_json": {"1"}}, &got)
		if rest.Gone(err) || rest.Refused(err) {
			s.hidden = true
			s.env.Meter.Warn("Reddit does not show profiles to this app: pictures and when people joined do not come in. Everything else does.")
			return nil
		}
		if err != nil {
			return err
		}
		for _, id := range some {
			s.profile[id] = true
			if p, ok := got[id]; ok && p.Name != "" {
				avatar, _, _ := strings.Cut(p.Avatar, "?")
				out.Identity(connector.Identity{ExternalID: userID(p.Name), Handle: p.Name, AvatarURL: avatar, JoinedAt: when(p.Created), ProfileURL: site + "/user/" + p.Name})
			}
		}
	}
	return nil
}
