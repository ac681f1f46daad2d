// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package x

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"greenroom"
	"greenroom/connector"
)

// Test asks whose token it is, which is free, and whether the accounts exist.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	var usage struct {
		Data struct {
			Project string `json:"project_id"`
			Cap     string `json:"project_cap"`
			Usage   string `json:"project_usage"`
			Reset   int    `json:"cap_reset_day"`
		} `json:"data"`
	}
	if _, err := s.client.Into(ctx, "/2/usage/tweets", url.Values{"usage.fields": {"cap_reset_day,project_cap,project_id,project_usage"}}, &usage); err != nil {
		return check, err
	}
	u := &usage.Data
	check.Account = "project " + u.Project
	if u.Usage != "" {
		check.Notes = append(check.Notes, fmt.Sprintf("X counts %s of %s posts read this month, until day %d.", u.Usage, u.Cap, u.Reset))
	}
	users, err := s.lookup(ctx, s.handles)
	switch greenroom.ErrorCode(err) {
	case "":
	case greenroom.CodeLimited, greenroom.CodeForbidden:
		check.Missing = append(check.Missing, connector.Missing{Name: "Credits", Then: "Nothing comes in.", Do: greenroom.ErrorMessage(err) + ".", Must: true})
	default:
		return check, err
	}
	for i := range users {
		check.Notes = append(check.Notes, fmt.Sprintf("@%s has %d followers and %d posts.", users[i].Username, users[i].Metrics.Followers, users[i].posts()))
	}
	return check, nil
}

func (u *wireUser) posts() int64 { return max(u.Metrics.Posts, u.Metrics.NewPosts) }

// What X shows of an account at most.
const (
	mostPosts    = 3200
	mostMentions = 800
)

// Survey compares followers, and forecasts what a backfill and a month cost. It costs an account each and a count for
// each search.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	users, err := s.lookup(ctx, s.handles)
	if err != nil {
		return v, err
	}
	var week, followers int64 // posts in seven days, and accounts of followers
	for i := range users {
		u := &users[i]
		v.Places = append(v.Places, connector.Place{ExternalID: u.ID, Name: "@" + u.Username, Covered: true, Members: u.Metrics.Followers, Items: u.posts()})
		c := connector.Count{What: "followers", Place: u.ID, Platform: u.Metrics.Followers, Query: `tag:"follows @` + u.Username + `"`, Of: "identities"}
		if s.set.On(optFollowers) {
			followers += u.Metrics.Followers
			c.Explain = []connector.Explanation{{Text: "X does not say who unfollowed: who did stays until the list is read anew", Items: 0}}
		} else {
			c.Explain = []connector.Explanation{{Text: "Followers are not read, by the option of the source", Items: -u.Metrics.Followers}}
		}
		v.Counts = append(v.Counts, c)
		n, err := s.count(ctx, "@"+u.Username+" -from:"+u.Username)
		if err != nil {
			return v, err
		}
		week += n
		v.Items += min(u.posts(), mostPosts) + min(mostMentions, n*s.weeks())
	}
	for _, q := range s.set.List(optQueries) {
		n, err := s.count(ctx, q)
		if err != nil {
			return v, err
		}
		week += n
		v.Items += n
		v.Places = append(v.Places, connector.Place{ExternalID: "search:" + q, Name: q, Covered: true, Members: -1, Items: n})
	}
	v.Requests = v.Items/pagePosts + followers/pageFollowers + int64(3*len(users)) + 1
	each := s.money.post + s.money.user // a post and its author
	v.Cost = fmt.Sprintf("about %s for the first read, then about %s a month; your cap is %s a month",
		dollars(v.Items*each+followers*s.money.user), dollars(week*30/7*each), dollars(s.money.cap))
	return v, nil
}

// weeks is how many weeks of mentions are wanted.
func (s *source) weeks() int64 {
	from := s.set.Since(optSince)
	if from.IsZero() {
		return mostMentions
	}
	return int64(s.env.Now().Sub(from).Hours()/(24*7)) + 1
}

// count asks how many posts of the last seven days a search finds. X charges as much as for a post.
func (s *source) count(ctx context.Context, query string) (int64, error) {
	if _, err := s.money.room(1, 1, s.money.post); err != nil {
		return 0, err
	}
	var answer struct {
		Meta struct {
			Total    any `json:"total_tweet_count"`
			NewTotal any `json:"total_post_count"`
		} `json:"meta"`
	}
	if _, err := s.client.Into(ctx, "/2/tweets/counts/recent", url.Values{"query": {query}, "granularity": {"day"}}, &answer); err != nil {
		return 0, err
	}
	s.money.pay(1, 0)
	return max(number(answer.Meta.Total), number(answer.Meta.NewTotal)), nil
}

func number(v any) int64 {
	switch v := v.(type) {
	case float64:
		return int64(v)
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		if err == nil {
			return n
		}
	}
	return 0
}
