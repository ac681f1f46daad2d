// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package reddit reads subreddits by Reddit's Data API with an app's own credential: posts, and their whole comment
// threads; and posts that a search finds.
//
// # How it reads
//
// Reddit shows the newest 1,000 posts and the newest 1,000 comments of a subreddit and nothing older. The first read goes
// through the posts and asks for each one's thread, so that it gets far more than 1,000 comments. Later reads ask for the
// posts and the comments that are new, and again for the threads of the last days, in which edits show and some deletions.
// Most of what was deleted is no longer in any list: what was told in the last days and was not met again is asked for by its
// name (again.go).
//
// Accounts are named by their user names, which do not change and are what people are mentioned by. Scores change without
// a time and are left out.
package reddit

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "reddit"

const title = "Reddit"

// The names of the options.
const (
	optClient     = "client-id"
	optSecret     = "client-secret"
	optUser       = "username"
	optSubreddits = "subreddits"
	optSearches   = "searches"
	optThreads    = "threads"
	optAgain      = "look-again-days"
	optProfiles   = "profiles"
	optModerators = "moderators-are-team"
	optTeam       = "team"
	optSince      = "since"
	optAPI        = "api"
	optAuth       = "sign-in"
)

const help = `1. Since November 2025 Reddit approves every new app before it may use the Data API (its Responsible Builder Policy). Ask for that first, at
   [support.reddithelp.com](https://support.reddithelp.com), **Submit a request → API access**; say that you read your own community and what for. Apps from before go on
   working.
2. Sign in to Reddit and open [www.reddit.com/prefs/apps](https://www.reddit.com/prefs/apps), **create another app…**: choose **script**, any name such as *greenroom*, and *http://localhost* as redirect address.
3. The client ID is the short text below the app's name; the client secret stands next to *secret*.
4. Enter both, your user name (Reddit wants to know whom to ask about the app) and the subreddits without r/.

The app reads what everybody sees; it needs no password. Private and quarantined subreddits stay closed to it.`

const limits = `Reddit allows 100 requests a minute for each app, averaged over ten minutes, free of charge for use that is not commercial;
commercial use needs a contract with Reddit. A page holds 100 posts or comments.

**1,000 at most**: Reddit shows the newest 1,000 posts and the newest 1,000 comments of a subreddit, whatever is asked. A backfill therefore
reaches back as far as 1,000 posts do, with their whole threads: about 1,020 requests, some 12 minutes. If more than 1,000 comments are written
between two reads, those on posts older than the days that are looked at again are missed.

Reddit's rules ask you to delete what was deleted there. Posts and comments of the days that are looked at again, up to 5,000 of them, are
asked for by name where lists and threads no longer have them, so that what was deleted or removed in these days is deleted here, too.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "reddit", Primary: optSubreddits, Help: help, Group: connector.GroupCommunity, Limits: limits,
		Summary:  "Posts and comment threads of subreddits, and posts that a search finds.",
		Keywords: []string{"subreddit", "forum", "social", "mentions"},
		Options:  options(), New: New, Incremental: true, Rhythm: 30 * time.Minute,
		Scopes: []connector.Scope{{Name: "read", Why: "Posts and comments that everybody sees; an app has it by itself."}},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optClient, Label: "Client ID", Type: connector.Text, Required: true, Help: "The short text below the name of the app."},
		{Name: optSecret, Label: "Client secret", Type: connector.Secret, Required: true, Help: "The app's secret."},
		{Name: optUser, Label: "Your user name", Type: connector.Text, Required: true, Example: "ana", Help: "Reddit asks every app to name somebody who can be asked about it."},
		{Name: optSubreddits, Label: "Subreddits", Type: connector.List, Example: "golang, selfhosted", Help: "Names without r/."},
		{Name: optSearches, Label: "Searches", Type: connector.List, Example: "acme database", Help: "Posts anywhere on Reddit that a search finds, without their comments."},
		{Name: optThreads, Label: "Whole threads", Type: connector.Bool, Default: "true", Help: "Ask for each post's comments. Without it only the newest 1,000 comments come in."},
		{Name: optAgain, Label: "Look again at threads, days", Type: connector.Number, Default: "2", Help: "Posts, threads and comments of so many days are read again each time, for edits and deletions."},
		{Name: optProfiles, Label: "Profiles", Type: connector.Bool, Default: "true", Help: "Ask for pictures and when people joined. Costs a request for each page."},
		{Name: optModerators, Label: "Moderators are the team", Type: connector.Bool, Default: "false", Help: "Who speaks as a moderator is marked as the team. For subreddits that you run yourselves."},
		{Name: optTeam, Label: "The team", Type: connector.List, Example: "acme_support", Help: "User names of your team."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "1y", Help: "From when on posts are wanted, within Reddit's newest 1,000."},
		{Name: optAPI, Label: "Address of the API", Type: connector.Address, Default: "https://oauth.reddit.com", Help: "Leave it as it is, unless requests go through a proxy of yours."},
		{Name: optAuth, Label: "Address for tokens", Type: connector.Address, Default: "https://www.reddit.com", Help: "Leave it as it is, unless requests go through a proxy of yours."},
	}
}

// source is a set of subreddits and searches.
type source struct {
	set     connector.Settings
	env     connector.Env
	client  *rest.Client
	team    map[string]bool
	profile map[string]bool // ids of accounts whose profiles this process has asked for
	hidden  bool            // Reddit does not show profiles to this app
	note    note
	text    string // note as text, for the cursor
}

var name = regexp.MustCompile(`^[A-Za-z0-9_-]{2,24}$`)

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, env: env, team: map[string]bool{}, profile: map[string]bool{}}
	if len(s.subreddits())+len(set.List(optSearches)) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s needs subreddits or searches: enter the name of a subreddit, such as golang", title)
	}
	for _, sub := range s.subreddits() {
		if !name.MatchString(sub) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a subreddit; expected a name such as golang", sub)
		}
	}
	for _, who := range set.List(optTeam) {
		s.team[userID(strings.TrimPrefix(who, "u/"))] = true
	}
	user := strings.TrimPrefix(set.Text(optUser), "u/")
	if !name.MatchString(user) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a user name of %s; expected one such as ana", user, title)
	}
	agent := http.Header{"User-Agent": {"linux:greenroom:v1 (by /u/" + user + ")"}}
	k, err := newKey(set, env, agent)
	if err != nil {
		return nil, err
	}
	const perMinute, minute = 95, 60.0
	s.client, err = rest.New(rest.Config{
		Name: title, Base: set.Text(optAPI), Env: stay(env), Token: "client ID and secret", Header: agent, Authorize: k.authorize, Renew: k.renew, Refuse: refuse,
		PerSecond: perMinute / minute, Burst: perMinute, MaxWait: 11 * time.Minute, // the window of Reddit's limit
	})
	return s, err
}

// subreddits are the names that are wanted.
func (s *source) subreddits() []string {
	all := s.set.List(optSubreddits)
	for i := range all {
		all[i] = strings.Trim(strings.TrimPrefix(strings.TrimPrefix(all[i], "/"), "r/"), "/")
	}
	return all
}

var _ interface {
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
