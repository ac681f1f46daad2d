// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mastodon

import (
	"context"
	"net/url"
	"strings"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Test asks whose token it is, and for one entry of each list.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	check := connector.Check{Account: "nobody, reading public hashtags"}
	if err := s.whoami(ctx); rest.Refused(err) {
		check.Missing = append(check.Missing, connector.Missing{Name: "read:accounts", Then: "Nothing comes in.", Do: "Make an application with read:accounts, read:statuses and read:notifications.", Must: true})
		return check, nil
	} else if err != nil {
		return check, err
	}
	try := func(scope, then, path string, q url.Values, must bool) error {
		q.Set("limit", "1")
		_, err := s.client.Get(ctx, path, q)
		if rest.Refused(err) {
			check.Missing = append(check.Missing, connector.Missing{Name: scope, Then: then, Do: "Edit the application under Preferences → Development, tick " + scope + ", save, and copy the new token.", Must: must})
			return nil
		}
		return err
	}
	if s.me != nil {
		check.Account = "@" + s.me.Acct + " on " + strings.TrimPrefix(s.set.Text(optAddress), "https://")
		if err := try("read:statuses", "No posts and conversations come in.", "/api/v1/accounts/"+s.me.ID+"/statuses", url.Values{}, true); err != nil {
			return check, err
		}
		if err := try("read:notifications", "No mentions, favorites, boosts and followers come in.", "/api/v1/notifications", url.Values{}, false); err != nil {
			return check, err
		}
	}
	for _, tag := range s.hashtags() {
		if err := try("hashtag "+tag, "No posts with #"+tag+" come in.", "/api/v1/timelines/tag/"+url.PathEscape(tag), url.Values{}, false); err != nil {
			return check, err
		}
	}
	if len(s.hashtags()) > 0 {
		check.Notes = s.restrictions(ctx)
	}
	return check, nil
}

// restrictions says what a server keeps out of hashtags without a word there. Mastodon tells it since 4.5.
func (s *source) restrictions(ctx context.Context) []string {
	var about struct {
		Configuration struct {
			Access struct {
				Hashtags struct {
					Local  string `json:"local"`
					Remote string `json:"remote"`
				} `json:"hashtag_feeds"`
			} `json:"timelines_access"`
		} `json:"configuration"`
	}
	if _, err := s.client.Into(ctx, "/api/v2/instance", nil, &about); err != nil {
		return nil
	}
	var notes []string
	kept := func(access, whose string) {
		switch {
		case access == "disabled":
			notes = append(notes, "The server shows posts of "+whose+" with a hashtag only to accounts that it allows to; they may not come in.")
		case access == "authenticated" && s.me == nil:
			notes = append(notes, "The server shows posts of "+whose+" with a hashtag to its own accounts only; enter an access token.")
		}
	}
	kept(about.Configuration.Access.Hashtags.Local, "its own people")
	kept(about.Configuration.Access.Hashtags.Remote, "people on other servers")
	return notes
}

// Survey tells the account's own counts.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	if err := s.whoami(ctx); err != nil {
		return v, err
	}
	if s.me != nil {
		in := `in:"#@` + s.me.Acct + `"`
		v.Places = append(v.Places, connector.Place{ExternalID: s.me.ID, Name: "@" + s.me.Acct, Covered: true, Members: s.me.Followers, Items: s.me.Statuses})
		v.Counts = append(v.Counts,
			connector.Count{What: "posts", Place: s.me.ID, Platform: s.me.Statuses, Query: in + " by:" + s.me.Acct, Of: "activities", Explain: []connector.Explanation{{Text: "Mastodon counts boosts and direct messages too"}}},
			connector.Count{What: "followers", Place: s.me.ID, Platform: s.me.Followers, Query: in + " kind:follow", Of: "activities", Explain: []connector.Explanation{{Text: "Notifications tell who followed since they were last cleared, and not who left"}}})
		v.Items, v.Requests = s.me.Statuses, s.me.Statuses/40+s.me.Statuses/2
	}
	for _, tag := range s.hashtags() {
		v.Places = append(v.Places, connector.Place{ExternalID: "#" + tag, Name: "#" + tag, Covered: true, Members: -1, Items: -1})
	}
	return v, nil
}
