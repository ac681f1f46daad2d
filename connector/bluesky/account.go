// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bluesky

import (
	"context"
	"fmt"
	"net/url"

	"greenroom/connector"
)

func (s *source) profile(ctx context.Context) (*wireProfile, error) {
	did, _, err := s.session.me(ctx)
	if err != nil {
		return nil, err
	}
	var p wireProfile
	_, err = s.client.Into(ctx, "/app.bsky.actor.getProfile", url.Values{"actor": {did}}, &p)
	return &p, err
}

// Test opens a session and asks for the account, a notification and a post of each search.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	p, err := s.profile(ctx)
	if err != nil {
		return check, err
	}
	check.Account = "@" + p.Handle
	check.Notes = append(check.Notes, fmt.Sprintf("The account has %d posts and %d followers.", p.Posts, p.Followers))
	for _, words := range s.set.List(optSearches) {
		if _, err := s.client.Get(ctx, "/app.bsky.feed.searchPosts", url.Values{"q": {words}, "limit": {"1"}}); err != nil {
			return check, err
		}
	}
	return check, nil
}

// Survey tells the account's own counts.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	p, err := s.profile(ctx)
	if err != nil {
		return v, err
	}
	in := `in:"#@` + p.Handle + `"`
	v.Places = append(v.Places, connector.Place{ExternalID: p.DID, Name: "@" + p.Handle, Covered: true, Members: p.Followers, Items: p.Posts})
	v.Counts = append(v.Counts,
		connector.Count{What: "posts", Place: p.DID, Platform: p.Posts, Query: in + " by:" + p.Handle, Of: "activities"},
		connector.Count{What: "followers", Place: p.DID, Platform: p.Followers, Query: in + " kind:follow", Of: "activities", Explain: []connector.Explanation{{Text: "Notifications reach back for a while only, and do not tell who left"}}})
	for _, words := range s.set.List(optSearches) {
		v.Places = append(v.Places, connector.Place{ExternalID: "search:" + words, Name: words, Covered: true, Members: -1, Items: -1})
	}
	v.Items, v.Requests = p.Posts, p.Posts/100+p.Posts/2
	return v, nil
}
