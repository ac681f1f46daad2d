// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package mastodon reads a Mastodon account and hashtags by the API of the account's server, and of other servers that
// speak it: the account's posts, who mentioned, favorited, boosted and followed it and when, posts with a hashtag, and
// the conversations that all these are part of.
//
// # How it reads
//
// A post does not say which conversation it belongs to. So a post that answers another, or is answered, is read with the
// thread around it, from its first post on, and everything in a thread is told together; a post that stands alone is told
// as it is. Which threads a read has told, and what it knows of the posts of the last days, stands in the cursor: those
// posts are asked for again by their ids, which shows what was edited and what is gone.
//
// Numbers of favorites and boosts on other people's posts change without a time and are left out.
package mastodon

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "mastodon"

const title = "Mastodon"

// The names of the options.
const (
	optAddress  = "address"
	optToken    = "token"
	optHashtags = "hashtags"
	optThreads  = "threads"
	optAgain    = "look-again-days"
	optTeam     = "team"
	optSince    = "since"
)

const help = `1. Sign in to your Mastodon server with the account of your community and open **Preferences → Development → New application**.
2. Name it *Greenroom* and tick **read:accounts**, **read:statuses** and **read:notifications**, and nothing else. Save.
3. Open the application and copy **Your access token**.
4. Enter the server's address, the token, and hashtags that people use when they talk about you.

Without a token only hashtags come in, where the server shows them to everybody.

A hashtag shows the posts that the server has seen: those of its own people, and of people whom somebody there follows.
Direct messages are never read.`

const limits = `Mastodon allows 300 requests in five minutes for each account, and 300 pages behind the first in a quarter of an hour; a page holds 40
posts, so 10,000 posts take 250 requests, and each conversation two or three more. Notifications that were cleared, and those that the account filters,
do not come in. A server answers with at most 4,096 posts of a conversation, without a token with 60.

With a token, notifications and hashtags are listened to by the server's streaming API, and what is new is read within half a minute. Your own
posts, edits, and replies that mention nobody come in with the read every 15 minutes, and so does everything where the server does not stream.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "mastodon", Primary: optAddress, Help: help, Group: connector.GroupCommunity, Limits: limits,
		Summary:  "Posts of a Mastodon account, mentions, favorites, boosts and followers with their dates, hashtags, and whole conversations.",
		Keywords: []string{"fediverse", "activitypub", "toots", "social", "hashtag"},
		Options:  options(), New: New, Incremental: true, Rhythm: 15 * time.Minute, Watches: true,
		Scopes: []connector.Scope{
			{Name: "read:accounts", Why: "Whose token it is."},
			{Name: "read:statuses", Why: "Posts and conversations."},
			{Name: "read:notifications", Why: "Mentions, favorites, boosts and new followers.", Optional: true},
		},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optAddress, Label: "Address of the server", Type: connector.Address, Required: true, Example: "https://mastodon.social", Help: "The server where your account is."},
		{Name: optToken, Label: "Access token", Type: connector.Secret, Help: "Of an application with read:accounts, read:statuses and read:notifications."},
		{Name: optHashtags, Label: "Hashtags", Type: connector.List, Example: "acme, acmeconf", Help: "Without #. Required where there is no token."},
		{Name: optThreads, Label: "Whole conversations", Type: connector.Bool, Default: "true", Help: "Bring in the conversations around posts. Costs a request or two for each."},
		{Name: optAgain, Label: "Look again at posts, days", Type: connector.Number, Default: "7", Help: "Posts of so many days are looked at again for replies, edits and deletions."},
		{Name: optTeam, Label: "The team", Type: connector.List, Example: "ana, ben@other.example", Help: "Accounts of your team, as they are written behind the @. The account of the token is one."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "1y", Help: "From when on posts are wanted."},
	}
}

// source is an account and hashtags.
type source struct {
	set    connector.Settings
	env    connector.Env
	client *rest.Client
	team   map[string]bool
	me     *wireAccount // nil = there is no token
	note   note
	seen   map[string]bool // posts that were told in threads of this read
	text   string          // note as text, for the cursor
}

var word = regexp.MustCompile(`^[\p{L}\p{N}_]+$`)

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, env: env, team: map[string]bool{}}
	token := set.Text(optToken)
	if token == "" && len(s.hashtags()) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s needs an access token or hashtags: without a token only hashtags can be read", title)
	}
	for _, tag := range s.hashtags() {
		if !word.MatchString(tag) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a hashtag; expected one word of letters and digits", tag)
		}
	}
	here := strings.ToLower(set.Text(optAddress)[strings.LastIndexByte(set.Text(optAddress), '/')+1:])
	for _, who := range set.List(optTeam) { // the server's own accounts are named without it
		s.team[strings.TrimSuffix(strings.ToLower(strings.TrimPrefix(who, "@")), "@"+here)] = true
	}
	c := rest.Config{Name: title, Base: set.Text(optAddress), Env: env, Token: "access token", MaxWait: 6 * time.Minute}
	if token != "" {
		c.Authorize = func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		}
	} else {
		c.Refuse = stranger
	}
	s.client, err = rest.New(c)
	return s, err
}

// stranger says what to do where a server shows nothing to whom it does not know.
func stranger(ans *rest.Answer) error {
	if ans.Status != http.StatusUnauthorized && ans.Status != http.StatusUnprocessableEntity {
		return nil
	}
	return greenroom.Errorf(greenroom.CodeUnauthorized, "this server of %s shows hashtags to its own accounts only; enter an access token in the settings of the source", title)
}

// hashtags are the tags that are wanted, in lower case.
func (s *source) hashtags() []string {
	all := s.set.List(optHashtags)
	for i := range all {
		all[i] = strings.ToLower(strings.TrimPrefix(all[i], "#"))
	}
	return all
}

// whoami asks whose token it is, once.
func (s *source) whoami(ctx context.Context) error {
	if s.me != nil || s.set.Text(optToken) == "" {
		return nil
	}
	var me wireAccount
	if _, err := s.client.Into(ctx, "/api/v1/accounts/verify_credentials", nil, &me); err != nil {
		return err
	}
	if me.ID == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "%s does not speak Mastodon's API; check the address", s.set.Text(optAddress))
	}
	s.me = &me
	return nil
}

var _ interface {
	connector.Tester
	connector.Surveyor
	connector.Watcher
} = (*source)(nil)
