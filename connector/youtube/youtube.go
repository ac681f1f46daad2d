// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package youtube reads YouTube channels by the Data API v3 with an API key: videos, comments and replies.
//
// A channel's videos stand in its playlist of uploads, and all comments on them in one list, the newest first; both cost a
// unit of the day's quota for a page. Search, which costs a hundred, is never used. A comment's thread does not move when
// somebody replies, so each read goes through the threads of the last weeks again; the option says how many. Replies come
// with their thread as long as there are five or fewer, else they are asked for.
//
// The quota is counted here as Google counts it (quota.go) and kept in the cursor: a read ends before it would be refused
// and goes on after midnight in California.
//
// Of videos that are published, changed or deleted YouTube tells through Google's hub (WebSub, push.go), of comments not.
//
// What an API key cannot see: who subscribed, who liked, comments that wait for review, and what was deleted.
package youtube

import (
	"context"
	"net/http"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/oauth"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/websub"
)

// Kind is what the connector is called.
const Kind = "youtube"

const title = "YouTube"

// The names of the options.
const (
	optKey      = "api-key"
	optClient   = "client-id"
	optSecret   = "client-secret"
	optAccess   = "access-token"
	optRefresh  = "refresh-token"
	optTokens   = "tokens"
	optChannels = "channels"
	optComments = "comments"
	optStaff    = "staff"
	optSince    = "since"
	optReplies  = "replies-days"
	optQuota    = "units-a-day"
	optAPI      = "api"
)

const help = `1. Open the [Google Cloud console](https://console.cloud.google.com) and create a project, e.g. *Greenroom*.
2. **APIs & Services → Library**: find **YouTube Data API v3** and choose **Enable**.
3. **APIs & Services → Credentials → Create credentials → API key**. Copy the key.
4. Choose **Edit API key → API restrictions → Restrict key** and tick *YouTube Data API v3* only.
5. Enter the key and the channels, as @handle or as the id that begins with UC.

A key reads what is public; nobody has to sign in. Who subscribed or liked is not public, so both are compared as counts
only. YouTube does not say what was deleted: a comment that was deleted after it came in stays until you erase it.`

const limits = `Google gives a project 10,000 units a day, until midnight in California. A page of 100 comment threads, of 100
replies or of 50 videos costs one unit. A backfill of 100,000 threads takes about 1,000 units and, for long threads, one
more for each; Greenroom counts the units, stops before the quota is used up and goes on the next day. Other programs
that use the same project share its quota: then enter a smaller number of units.

YouTube's terms ask that stored data be refreshed or deleted after 30 days; comments that changed within the days of
*Look again for replies* are refreshed by every read.`

const pushHelp = `There is nothing to do. Greenroom asks Google's hub to tell of videos that are published, changed or deleted, and asks again
each day. For that the hub has to reach this server from the internet: start it with **--public-url**. Each push costs one
unit of the day's quota, and pushes use a twentieth of it at most; what comes beyond that, and all comments, come in when the
channel is read.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "youtube", Primary: optChannels, Help: help, Group: connector.GroupCommunity, Limits: limits,
		Summary:  "Videos of YouTube channels with their comments and replies.",
		Keywords: []string{"video", "comments", "google", "subscribers"},
		Options:  options(), New: New, Incremental: true, Rhythm: 6 * time.Hour,
		Push: &connector.Push{Help: pushHelp, Asks: true},
		OAuth: &connector.OAuth{
			Consent: "https://accounts.google.com/o/oauth2/v2/auth", Token: "https://oauth2.googleapis.com/token", Scopes: []string{"https://www.googleapis.com/auth/youtube.readonly"},
			Params: map[string]string{"access_type": "offline", "prompt": "consent"}, Client: optClient, Secret: optSecret, Access: optAccess, Refresh: optRefresh,
			Register: "In the [Google Cloud console](https://console.cloud.google.com), with **YouTube Data API v3** enabled: **APIs & Services → OAuth consent screen**, then **Credentials → Create credentials → OAuth client ID → Web application**, and the address under *Authorized redirect URIs*. While the consent screen is in *Testing*, Google ends its tokens after seven days; publish it.",
		},
		Scopes: []connector.Scope{{Name: "YouTube Data API v3", Why: "It has to be enabled in the key's project; a key needs no scopes."}},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optKey, Label: "API key", Type: connector.Secret, Help: "A key of a Google Cloud project in which the YouTube Data API v3 is enabled. Leave it empty to connect by consent."},
		{Name: optChannels, Label: "Channels", Type: connector.List, Required: true, Example: "@acme, UC_x5XG1OV2P6uZZ5FSM9Ttw", Help: "Handles with @, or ids that begin with UC."},
		{Name: optComments, Label: "Comments", Type: connector.Bool, Default: "true", Help: "Bring in comments and replies, not only videos."},
		{Name: optStaff, Label: "The team's channels", Type: connector.List, Example: "UC_x5XG1OV2P6uZZ5FSM9Ttw", Help: "Ids of other channels whose comments are the team's. The channels above are so anyway."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "2y", Help: "From when on videos and comments are wanted."},
		{Name: optReplies, Label: "Look again for replies, days", Type: connector.Number, Default: "30", Help: "Threads that began within so many days are read again each time, for new replies and edits."},
		{Name: optQuota, Label: "Units a day", Type: connector.Number, Default: "10000", Help: "How many of the project's units Greenroom may use in a day."},
		{Name: optClient, Label: "Client ID", Type: connector.Text, Example: "1234567890-abc.apps.googleusercontent.com", Help: "Of an OAuth client of the project, to connect by consent instead of a key."},
		{Name: optSecret, Label: "Client secret", Type: connector.Secret, Help: "Of the OAuth client."},
		{Name: optAccess, Label: "Access token", Type: connector.Secret, Help: "Comes of the consent; lasts an hour."},
		{Name: optRefresh, Label: "Refresh token", Type: connector.Secret, Help: "Comes of the consent, and renews the access token."},
		{Name: optTokens, Label: "Address for tokens", Type: connector.Address, Default: "https://oauth2.googleapis.com", Help: "Leave it as it is, unless requests go through a proxy of yours."},
		{Name: optAPI, Label: "Address of the API", Type: connector.Address, Default: "https://www.googleapis.com", Help: "Leave it as it is, unless requests go through a proxy of yours."},
	}
}

// source is a set of channels.
type source struct {
	set    connector.Settings
	env    connector.Env
	client *rest.Client
	quota  *quota
	pushed *quota // of pushes
	hubs   *websub.Subscriber
	staff  map[string]bool // ids of the team's channels
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	for _, c := range set.List(optChannels) {
		if !strings.HasPrefix(c, "@") && (!strings.HasPrefix(c, "UC") || len(c) != 24) || strings.ContainsAny(c, " /?#") {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a channel of YouTube; expected a handle such as @acme, or an id of 24 characters that begins with UC", c)
		}
	}
	s := &source{set: set, env: env, staff: map[string]bool{}, hubs: websub.New(env, set.List(optChannels))}
	s.budgets(int64(set.Number(optQuota)))
	for _, id := range set.List(optStaff) {
		s.staff[id] = true
	}
	c := rest.Config{Name: title, Base: set.Text(optAPI) + "/youtube/v3", Env: env, Token: "API key", Refuse: s.refuse}
	if err := authorize(&c, set, env); err != nil {
		return nil, err
	}
	s.client, err = rest.New(c)
	return s, err
}

// authorize signs requests with the key, or with the tokens of a consent.
func authorize(c *rest.Config, set connector.Settings, env connector.Env) error {
	if key := set.Text(optKey); key != "" {
		c.Authorize = func(_ context.Context, r *http.Request) error {
			r.Header.Set("X-Goog-Api-Key", key)
			return nil
		}
		return nil
	}
	if set.Text(optAccess) == "" && set.Text(optRefresh) == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "%s needs an API key, or the consent of a Google account in the browser", title)
	}
	token, err := oauth.New(oauth.Config{
		Platform: title, Base: set.Text(optTokens), Path: "/token", Client: set.Text(optClient), Secret: set.Text(optSecret),
		Access: set.Text(optAccess), Refresh: set.Text(optRefresh), AccessOption: optAccess, RefreshOption: optRefresh,
	}, env)
	if err != nil {
		return err
	}
	c.Token, c.Authorize, c.Renew = "access token", token.Authorize, token.Renew
	return nil
}

// refuse reads Google's reasons.
func (s *source) refuse(ans *rest.Answer) error {
	if ans.Status < http.StatusBadRequest {
		return nil
	}
	var b struct {
		Error struct {
			Errors []struct {
				Reason string `json:"reason"`
			} `json:"errors"`
			Details []struct {
				Reason string `json:"reason"`
			} `json:"details"`
		} `json:"error"`
	}
	if rest.Unmarshal(ans.Body, &b) != nil {
		return nil //nolint:nilerr // an answer of another shape is judged by its status
	}
	for _, e := range append(b.Error.Errors, b.Error.Details...) {
		switch e.Reason {
		case "quotaExceeded", "dailyLimitExceeded":
			s.quota.empty()
			return &rest.Limit{Wait: s.quota.midnight().Sub(s.env.Now()), Why: "the project's units of this day are used up"}
		case "rateLimitExceeded", "userRateLimitExceeded":
			return &rest.Limit{}
		case "processingFailure", "backendError":
			return rest.ErrAgain
		case "keyInvalid", "keyExpired", "API_KEY_INVALID":
			return greenroom.Errorf(greenroom.CodeUnauthorized, "%s refuses the API key; make a new one and enter it in the settings of the source", title)
		case "accessNotConfigured", "SERVICE_DISABLED", "API_KEY_SERVICE_BLOCKED":
			return greenroom.Errorf(greenroom.CodeForbidden, "%s is not enabled for this key; open https://console.cloud.google.com, APIs & Services, enable YouTube Data API v3, and allow it in the key's restrictions", title)
		}
	}
	return nil
}

var _ interface {
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
