// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package x reads X, formerly Twitter, by API v2 with an app's bearer token: posts of the community's accounts, posts that
// mention them, what a search finds, the rest of the conversations, and followers.
//
// # Money
//
// X takes money for every post and every account that it gives out. So each post is asked for once: timelines go on from
// the newest post that is known, searches leave out what the timelines bring, and followers are read up to the first one
// that is known. What a read has cost is counted (spend.go) and kept in the cursor, so that a cap on the month's costs
// holds over restarts. A page is one request, made small enough that even the dearest answer stays below the cap; where
// that is not possible the read ends and goes on next month.
//
// # What X does not tell
//
// When somebody followed, who liked a post (an app's token may not ask), and which posts were deleted: X answers such
// questions only to partners of its compliance program. Counts of likes change without a time and are left out.
package x

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
const Kind = "x"

const title = "X (Twitter)"

// The names of the options.
const (
	optToken         = "bearer-token"
	optAccounts      = "accounts"
	optQueries       = "searches"
	optConversations = "conversations"
	optReposts       = "reposts"
	optFollowers     = "followers"
	optSince         = "since"
	optCap           = "monthly-cap"
	optPricePost     = "price-post"
	optPriceUser     = "price-user"
	optAPI           = "api"
)

const help = `1. Open [console.x.com](https://console.x.com) with the X account of your company and sign up as a developer.
2. Under **Apps** choose **Create app**; describe the use as *reading public mentions of our own brand*.
3. Under **Billing** buy credits (the smallest amount is enough to begin with) and set a **spending limit** there too.
4. Open the app, **Keys and tokens → Bearer token → Generate**, and copy the token: it is shown once.
5. Enter the token, the handles of your accounts without @, and what you want to search for.

X charges for each post and each account that it gives out. *Cap on the month's costs* below is kept by Greenroom: when it
is reached, reading stops until the first of the next month (UTC), or until you raise it.

X does not tell when somebody followed, so followers are people and a count without dates. It does not tell what was
deleted either: a post that was deleted after it came in stays until you erase it. X's developer terms ask you to remove
deleted posts on request.`

const limits = `X charges $0.005 for a post, $0.010 for an account and $0.005 for a count of a search (2026); the prices that
hold for you are in the developer console, and can be entered here. The same post or account costs once a day (UTC).
Pay-per-use has a cap of 2,000,000 posts a month.

How far back: 3,200 posts of an account, 800 mentions of it, 7 days of a search or a conversation. Searches may be asked
450 times in 15 minutes, mentions 450 times, an account's posts 1,500 times, followers 15 times, 100 posts or 1,000
followers each. Plans differ; Greenroom keeps to what the answers say.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "x", Primary: optAccounts, Help: help, Group: connector.GroupCommunity, Limits: limits,
		Summary:  "Your posts, mentions of your accounts, searches and conversations on X, with a cap on what X charges for them.",
		Keywords: []string{"twitter", "tweets", "mentions", "social", "followers"},
		Options:  options(), New: New, Incremental: true, Rhythm: time.Hour,
		Scopes: []connector.Scope{
			{Name: "App-only bearer token", Why: "Everything that is read is public; no account has to sign in."},
			{Name: "Credits", Why: "X charges for what is read."},
		},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optToken, Label: "Bearer token", Type: connector.Secret, Required: true, Help: "The app's bearer token from the developer console."},
		{Name: optAccounts, Label: "Accounts", Type: connector.List, Example: "acme, acmesupport", Help: "Your accounts' handles. Their posts and the mentions of them come in, and they are marked as the team."},
		{Name: optQueries, Label: "Searches", Type: connector.List, Example: "acme database, #acmeconf", Help: "What to search the last seven days for, in X's search language."},
		{Name: optConversations, Label: "Whole conversations", Type: connector.Bool, Default: "true", Help: "Bring in replies among others in conversations that you began or were mentioned in."},
		{Name: optReposts, Label: "Reposts", Type: connector.Bool, Default: "false", Help: "Bring in reposts that searches find. Each costs as much as a post."},
		{Name: optFollowers, Label: "Followers", Type: connector.Bool, Default: "false", Help: "Bring in who follows the accounts, once a day. The first time costs a user for every follower; X does not say when they followed."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "30d", Help: "From when on posts and mentions are wanted. Searches reach back seven days at most."},
		{Name: optCap, Label: "Cap on the month's costs, in dollars", Type: connector.Number, Default: "20", Help: "Reading stops for the month when it has cost this much. 0 stops all reading."},
		{Name: optPricePost, Label: "Price of a post, in dollars", Type: connector.Number, Default: "0.005", Help: "What X charges for reading a post. The developer console says what holds for you."},
		{Name: optPriceUser, Label: "Price of an account, in dollars", Type: connector.Number, Default: "0.010", Help: "What X charges for reading an account."},
		{Name: optAPI, Label: "Address of the API", Type: connector.Address, Default: "https://api.x.com", Help: "Leave it as it is, unless requests go through a proxy of yours."},
	}
}

// source is one app's view of X.
type source struct {
	set     connector.Settings
	env     connector.Env
	client  *rest.Client
	handles []string
	money   *money
	team    map[string]bool // ids of the accounts
}

var handle = regexp.MustCompile(`^[A-Za-z0-9_]{1,15}$`)

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, env: env, team: map[string]bool{}}
	for _, name := range set.List(optAccounts) {
		name = strings.TrimPrefix(name, "@")
		if !handle.MatchString(name) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a handle of X; expected one such as acme, without spaces", name)
		}
		s.handles = append(s.handles, strings.ToLower(name))
	}
	if len(s.handles)+len(set.List(optQueries)) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s needs accounts or searches: enter the handle of your account, such as acme", title)
	}
	s.money = newMoney(set, env)
	token := set.Text(optToken)
	s.client, err = rest.New(rest.Config{
		Name: title, Base: set.Text(optAPI), Env: env, Token: "bearer token", MaxWait: 16 * time.Minute, Refuse: s.refuse,
		Authorize: func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		},
	})
	return s, err
}

// refuse reads X's ways of saying that there is no money left, which waiting a while does not change.
func (s *source) refuse(ans *rest.Answer) error {
	if ans.Status != http.StatusTooManyRequests && ans.Status != http.StatusPaymentRequired && ans.Status != http.StatusForbidden {
		return nil
	}
	var p struct {
		Title  string `json:"title"`
		Type   string `json:"type"`
		Reason string `json:"reason"`
	}
	if rest.Unmarshal(ans.Body, &p) != nil {
		return nil //nolint:nilerr // an answer of another shape is judged by its status
	}
	switch {
	case p.Title == "UsageCapExceeded", strings.HasSuffix(p.Type, "/usage-capped"):
		return &rest.Limit{Wait: nextMonth(s.env.Now()).Sub(s.env.Now()), Why: "the cap of posts that X allows your plan this month is used up"}
	case ans.Status == http.StatusPaymentRequired:
		return greenroom.Errorf(greenroom.CodeLimited, "%s has no credits left; buy credits or raise the spending limit under Billing at https://console.x.com; nothing was lost, the next sync goes on from here", title)
	case p.Reason == "client-not-enrolled":
		return greenroom.Errorf(greenroom.CodeForbidden, "%s does not allow this app to read; attach it to a project with pay-per-use at https://console.x.com", title)
	}
	return nil
}

var _ interface {
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
