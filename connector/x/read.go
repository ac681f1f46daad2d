// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package x

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// Limits of what is asked for in one request.
const (
	pagePosts     = 100
	pageFollowers = 1000
	pageNewest    = 100 // of followers, when only the newest are expected to be unknown
	queryBytes    = 512
	maxThreads    = 200 // conversations that are followed, for each account
	marksOfList   = 10  // newest followers that are remembered
)

// Read goes through the accounts and the searches.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	return walk.Noted(ctx, from, s.env.Now(), out, &s.money.note, func() ([]walk.Section, error) {
		s.money.open()
		if err := s.accounts(ctx); err != nil {
			return nil, err
		}
		return s.sections(out), nil
	})
}

// accounts finds the ids of the accounts, which are kept because asking costs.
func (s *source) accounts(ctx context.Context) error {
	known := s.money.kept.Accounts
	missing := slices.DeleteFunc(slices.Clone(s.handles), func(h string) bool {
		return slices.ContainsFunc(known, func(a account) bool { return a.Handle == h })
	})
	if len(missing) > 0 {
		users, err := s.lookup(ctx, missing)
		if err != nil {
			return err
		}
		for i := range users {
			known = append(known, account{Handle: strings.ToLower(users[i].Username), ID: users[i].ID})
		}
	}
	s.money.kept.Accounts = slices.DeleteFunc(known, func(a account) bool { return !slices.Contains(s.handles, a.Handle) })
	s.money.keep()
	for _, a := range s.money.kept.Accounts {
		s.team[a.ID] = true
	}
	return nil
}

// lookup asks for accounts by their handles. One that is not there is a mistake that a person has to correct.
func (s *source) lookup(ctx context.Context, handles []string) ([]wireUser, error) {
	if len(handles) == 0 {
		return nil, nil
	}
	if _, err := s.money.room(len(handles), len(handles), s.money.user); err != nil {
		return nil, err
	}
	var answer struct {
		Data   []wireUser `json:"data"`
		Errors []problem  `json:"errors"`
	}
	if _, err := s.client.Into(ctx, "/2/users/by", url.Values{"usernames": {strings.Join(handles, ",")}, "user.fields": {userFields}}, &answer); err != nil {
		return nil, err
	}
	s.money.pay(0, len(answer.Data))
	for _, p := range answer.Errors {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s knows no account @%s; check the handles in the settings of the source (%s)", title, p.Value, p.Detail)
	}
	return answer.Data, nil
}

// sections are what is read, cheapest and closest to the community first.
func (s *source) sections(out *connector.Sink) []walk.Section {
	var all []walk.Section
	known := "" // what the timelines bring, so that searches need not
	for _, a := range s.money.kept.Accounts {
		known += " -from:" + a.Handle + " -@" + a.Handle
		ch := connector.Channel{ExternalID: a.ID, Name: "@" + a.Handle, URL: "https://x.com/" + a.Handle}
		all = append(all,
			s.posts(&list{name: "posts/" + a.ID, title: "posts of @" + a.Handle, path: "/2/users/" + a.ID + "/tweets", channel: ch, author: a.ID, query: url.Values{"exclude": {"retweets"}}, least: 5, follow: true}, out),
			s.posts(&list{name: "mentions/" + a.ID, title: "mentions of @" + a.Handle, path: "/2/users/" + a.ID + "/mentions", channel: ch, least: 5, follow: true}, out))
		if s.set.On(optConversations) {
			all = append(all, s.conversations(ch, known, out))
		}
	}
	if !s.set.On(optReposts) {
		known += " -is:retweet"
	}
	for _, q := range s.set.List(optQueries) {
		ch := connector.Channel{ExternalID: "search:" + q, Name: q, URL: "https://x.com/search?f=live&q=" + url.QueryEscape(q)}
		all = append(all, s.posts(&list{name: "search/" + q, title: "search for " + q, path: "/2/tweets/search/recent", channel: ch, query: url.Values{"query": {"(" + q + ")" + known}}, least: 10, search: true}, out))
	}
	if s.set.On(optFollowers) {
		for _, a := range s.money.kept.Accounts {
			all = append(all, s.followers(a, out))
		}
	}
	return all
}

// list is one list of posts.
type list struct {
	name, title, path string
	channel           connector.Channel
	query             url.Values
	least             int    // that X gives in a page
	author            string // of posts that do not say so
	search            bool   // of the last seven days
	follow            bool   // the conversations of these posts are wanted whole
}

// posts is the section of a list of posts, the newest first. The mark is the newest id: what is newer is asked for the
// next time. A page's name is the time from which the list is read, which must not move while it is, and X's token.
func (s *source) posts(l *list, out *connector.Sink) walk.Section {
	return walk.Section{Name: l.name, Title: l.title, Read: func(ctx context.Context, at *walk.At) (string, error) {
		out.Channel(l.channel)
		q := url.Values{}
		for name, values := range l.query {
			q[name] = values
		}
		since, token, _ := strings.Cut(at.Page, "|")
		if at.Page == "" {
			since = s.since(l, at.Mark)
			at.Leave(at.Mark)
		}
		if since == "" && at.Mark != "" {
			q.Set("since_id", at.Mark)
		} else if since != "" && since != "all" {
			q.Set("start_time", since)
		}
		next, newest, err := s.page(ctx, l, q, token, out)
		if err != nil {
			return "", err
		}
		if newer(newest, at.Left()) {
			at.Leave(newest)
		}
		if next == "" {
			return "", nil
		}
		return since + "|" + next, nil
	}}
}

// since is the time from which on a list is read; "" = from its mark on.
func (s *source) since(l *list, mark string) string {
	from := s.set.Since(optSince)
	if l.search {
		if earliest := s.env.Now().Add(-week); from.Before(earliest) {
			from = earliest
		}
	}
	if at := made(mark); !at.IsZero() && (!l.search || at.After(from)) {
		return ""
	}
	if from.IsZero() {
		return "all"
	}
	return from.UTC().Format(time.RFC3339)
}

// page reads one page of posts, as many as the cap allows.
func (s *source) page(ctx context.Context, l *list, q url.Values, token string, out *connector.Sink) (next, newest string, err error) {
	n, err := s.money.room(pagePosts, l.least, 2*s.money.post+2*s.money.user) // with the post that it answers, and both authors
	if err != nil {
		return "", "", err
	}
	q.Set("max_results", strconv.Itoa(n))
	q.Set("post.fields", postFields)
	q.Set("expansions", expansions)
	q.Set("user.fields", userFields)
	if token != "" {
		q.Set("pagination_token", token)
	}
	ans, err := s.client.Get(ctx, l.path, q)
	if err != nil {
		return "", "", err
	}
	var p page
	if err := s.client.Decode(ans, &p); err != nil {
		return "", "", err
	}
	s.money.pay(len(p.Data)+len(p.Includes.Posts)+len(p.Includes.Tweets), len(p.Includes.Users))
	handles := s.people(&p, l.title, out)
	for i, raw := range p.Data {
		out.Read(1)
		var post wirePost
		if err := rest.Unmarshal(raw, &post); err != nil || made(post.ID).IsZero() && post.CreatedAt.IsZero() || post.ID == "" {
			reject(out, l.title, i+1, raw, "this is not a post with an id and a time")
			continue
		}
		if post.AuthorID == "" {
			post.AuthorID = l.author
		}
		root := s.post(&post, l.channel.ExternalID, handles, raw, out)
		if l.follow && root != "" {
			s.follow(l.channel.ExternalID, root)
		}
	}
	for _, e := range p.Errors {
		out.LeftOut("posts and accounts that X does not show: "+e.Title, 1)
	}
	return p.Meta.NextToken, p.Meta.NewestID, nil
}

// followers is the section of an account's followers, the newest first, once a day. The mark is the day and the newest
// followers of that day: the list is read up to the first of them. X does not say when somebody followed, so nothing is
// dated: they are people, and the survey compares their number.
func (s *source) followers(a account, out *connector.Sink) walk.Section {
	return walk.Section{Name: "followers/" + a.ID, Title: "followers of @" + a.Handle, Read: func(ctx context.Context, at *walk.At) (string, error) {
		day, known, _ := strings.Cut(at.Mark, "|")
		today := s.env.Now().UTC().Format(time.DateOnly)
		if at.Page == "" && day == today {
			at.Leave(at.Mark)
			return "", nil
		}
		wanted := pageFollowers
		if known != "" {
			wanted = pageNewest
		}
		n, err := s.money.room(wanted, 1, s.money.user)
		if err != nil {
			return "", err
		}
		q := url.Values{"max_results": {strconv.Itoa(n)}, "user.fields": {userFields}}
		if at.Page != "" {
			q.Set("pagination_token", at.Page)
		}
		var p page
		if _, err := s.client.Into(ctx, "/2/users/"+a.ID+"/followers", q, &p); err != nil {
			return "", err
		}
		s.money.pay(0, len(p.Data))
		met, newest := false, []string{}
		for i, raw := range p.Data {
			out.Read(1)
			var u wireUser
			if err := rest.Unmarshal(raw, &u); err != nil || u.ID == "" {
				reject(out, "followers of @"+a.Handle, i+1, raw, "this is not an account with an id")
				continue
			}
			s.person(&u, raw, out, "follows @"+a.Handle)
			met = met || slices.Contains(strings.Split(known, ","), u.ID)
			if len(newest) < marksOfList {
				newest = append(newest, u.ID)
			}
		}
		if at.Page == "" {
			at.Leave(today + "|" + strings.Join(newest, ","))
		}
		if met {
			return "", nil
		}
		return p.Meta.NextToken, nil
	}}
}
