// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package linkedin reads LinkedIn pages by the Community Management API: a page's posts, the comments and replies on them,
// reactions, who mentions the page or shares its posts, and how many people followed on which day.
//
// # How it reads
//
// Posts come newest first. One request tells the numbers of comments and reactions of a whole page of posts; comments are
// asked for only where these have changed since the last read, and always for the posts of the last days, so that edits
// are seen. The numbers stand in the cursor. A page of the walk is a page of posts, then a page of comments or reactions
// of one of them, so that a post with very many comments does not pile up.
//
// # What LinkedIn does not tell
//
// Who follows a page, and which comments were deleted more than 60 days ago. Who commented comes as an id; names are asked for only when the
// option says so, because LinkedIn's terms let nobody store them for longer than a day. What members do is kept for two (Expiry): it is
// read when it is younger, and left out by number when it is older.
package linkedin

import (
	"context"
	"net/http"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/oauth"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "linkedin"

const title = "LinkedIn"

// The names of the options.
const (
	optToken     = "access-token"
	optRefresh   = "refresh-token"
	optClient    = "client-id"
	optSecret    = "client-secret"
	optPages     = "pages"
	optReactions = "reactions"
	optFollows   = "follower-gains"
	optNotices   = "mentions"
	optApp       = "app-id"
	optNames     = "names"
	optAgreed    = "agreement"
	optSince     = "since"
	optAgain     = "look-again-days"
	optVersion   = "api-version"
	optAPI       = "api"
	optAuth      = "sign-in"
)

// version is the version of the API that is asked for. LinkedIn keeps a version for a year.
const version = "202608"

// terms is where LinkedIn says for how long what it gives may be kept.
const terms = "https://learn.microsoft.com/en-us/linkedin/marketing/data-storage-requirements"

// expiry is what these terms come to. The page's own posts and other organizations' comments are no member's.
func expiry() *connector.Expiry {
	return &connector.Expiry{Accounts: personURN, Activities: 48 * time.Hour, Profiles: 24 * time.Hour, Unless: optAgreed, Terms: terms}
}

const help = `1. Open [www.linkedin.com/developers/apps](https://www.linkedin.com/developers/apps) and choose **Create app**. Name your company's page and have it verified.
2. **Products → Community Management API → Request access**. LinkedIn asks for the use: *reading comments on our own page*. Access
   comes in two tiers; the development tier is enough to begin with and allows about 500 requests a day.
3. **Auth**: note *Client ID* and *Client secret*.
4. **Docs and tools → OAuth token tools → Create token**: choose the app, tick **r_organization_social**,
   **rw_organization_admin** and, for names, **r_basicprofile**; sign in as an administrator of the page. Copy the access token,
   and the refresh token where one is shown.
5. Enter the tokens, client ID and secret. The access token lasts 60 days; with a refresh token Greenroom renews it for a year.

**What LinkedIn's terms allow.** What members write and how they react may be stored for 48 hours, and other members' names,
headlines and pictures for 24 hours, unless LinkedIn has agreed to more with you. Greenroom keeps to it by itself: see the limits.`

const limits = `**What expires.** LinkedIn's [Data Storage Requirements](` + terms + `) allow storing what members do (comments, reactions,
mentions and their content) for 48 hours, and other members' profiles for 24 hours as a cache; members may ask for deletion at any time,
and the shorter rule holds where two apply. So Greenroom removes comments and reactions of members 48 hours after they were made, with their
raw payloads, what was computed of them, and the accounts that nothing else tells of; names and headlines are forgotten 24 hours after they
were told. What is older is left out when the source is read. The source's page says what is kept and how much has expired. Figures
count what is there: how many comments and reactions there were on a day stays on the source's page only. Where LinkedIn has agreed
to more with you, turn on *Agreement with LinkedIn* in the source's settings; what has expired comes in again with *Read everything again*.

**What you have to see to yourself.** The same requirements limit, for longer times, how long posts of your own page and reported figures
such as followers may be stored: look them up for your app, since LinkedIn changes them (six months for posts and a year for figures is
how others read them in 2026). Greenroom keeps both. To keep less, set *How far back* to that time and, when it has passed, remove the
source and connect it again; its posts come in anew. LinkedIn's [restricted uses](https://learn.microsoft.com/en-us/linkedin/marketing/restricted-use-cases)
further forbid taking what its members do into advertising, sales or recruiting, into a CRM, and out of the application: leave this source
out of what you write back, push out and export.

**Requests**: LinkedIn publishes no numbers; each app and each member has a number a day, until midnight UTC, shown under *Analytics* of
the app. The development tier has about 500 a day. A read takes a request for 50 posts, another for their numbers, one or two for each
post that has changed, one for each comment with replies, and one for mentions.

**Versions**: LinkedIn supports a version of the API for a year. This connector asks for ` + version + ` and warns two months before it ends.
Followers are known as numbers of the last twelve months only.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "linkedin", Primary: optToken, Help: help, Group: connector.GroupCommunity, Limits: limits,
		Push:     &connector.Push{Help: pushHelp, Secret: optSecret, Given: true},
		Summary:  "Posts of LinkedIn pages with comments, replies and reactions, mentions, shares, and followers gained by day.",
		Keywords: []string{"company page", "social", "comments", "followers"},
		Options:  options(), New: New, Incremental: true, Rhythm: 6 * time.Hour, Expiry: expiry(),
		OAuth: &connector.OAuth{
			Consent: "https://www.linkedin.com/oauth/v2/authorization", Token: "https://www.linkedin.com/oauth/v2/accessToken", Base: optAuth,
			Scopes: []string{"r_organization_social", "rw_organization_admin"}, Client: optClient, Secret: optSecret, Access: optToken, Refresh: optRefresh,
			Register: "In the [developer portal](https://www.linkedin.com/developers/apps), at your app: **Auth → Authorized redirect URLs for your app**. Sign in as an administrator of the page.",
		},
		Scopes: []connector.Scope{
			{Name: "r_organization_social", Why: "Posts of the page, comments and reactions."},
			{Name: "rw_organization_admin", Why: "Which pages the token may read, their followers as numbers, and who mentions them."},
			{Name: "r_basicprofile", Why: "Names of people who commented, where that is turned on.", Optional: true},
		},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optToken, Label: "Access token", Type: connector.Secret, Required: true, Help: "A token of an administrator of the page."},
		{Name: optRefresh, Label: "Refresh token", Type: connector.Secret, Help: "Renews the access token when its 60 days are over."},
		{Name: optClient, Label: "Client ID", Type: connector.Text, Help: "Of the app; needed to renew the access token and to see its permissions."},
		{Name: optSecret, Label: "Client secret", Type: connector.Secret, Help: "Of the app."},
		{Name: optApp, Label: "App ID", Type: connector.Text, Example: "204876431", Help: "For pushes: the number in the address of the app's page, developers/apps/NUMBER. With it Greenroom subscribes to what happens on the pages."},
		{Name: optPages, Label: "Pages", Type: connector.List, Example: "2414183", Help: "Ids of pages, as they stand in the address of the page's admin view. Empty: all that the token administers."},
		{Name: optReactions, Label: "Reactions", Type: connector.Bool, Default: "true", Help: "Bring in who reacted to a post. Costs a request or more for each post that has changed."},
		{Name: optFollows, Label: "Followers gained", Type: connector.Bool, Default: "true", Help: "Bring in followers gained by day, as activities without a person."},
		{Name: optNotices, Label: "Mentions and shares", Type: connector.Bool, Default: "true", Help: "Bring in who mentions a page or shares its posts, and remove comments that were deleted. Costs a request for each page and read."},
		{Name: optNames, Label: "Names", Type: connector.Bool, Default: "false", Help: "Ask for the names of people who commented or reacted. They are forgotten after 24 hours, unless agreed otherwise."},
		{Name: optAgreed, Label: "Agreement with LinkedIn", Type: connector.Bool, Default: "false", Help: "LinkedIn has agreed in writing that you keep for longer what members do. Without it, that is removed after 48 hours."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "1y", Help: "From when on posts are wanted. Older posts are not looked at again."},
		{Name: optAgain, Label: "Look again at posts, days", Type: connector.Number, Default: "7", Help: "Comments on posts of so many days are read again each time, for edits; on older posts when their number has changed."},
		{Name: optVersion, Label: "Version of the API", Type: connector.Text, Default: version, Help: "Year and month, such as " + version + ". Change it only when LinkedIn says that it has ended."},
		{Name: optAPI, Label: "Address of the API", Type: connector.Address, Default: "https://api.linkedin.com", Help: "Leave it as it is, unless requests go through a proxy of yours."},
		{Name: optAuth, Label: "Address for tokens", Type: connector.Address, Default: "https://www.linkedin.com", Help: "Leave it as it is, unless requests go through a proxy of yours."},
	}
}

// source is the pages that a token administers.
type source struct {
	set    connector.Settings
	env    connector.Env
	client *rest.Client
	token  *oauth.Token
	note   note
	text   string    // note as text, for the cursor
	from   time.Time // since when what members do may be kept; zero = all of it
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	for _, p := range set.List(optPages) {
		if strings.Trim(p, "0123456789") != "" {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the id of a page on %s; expected a number such as 2414183", p, title)
		}
	}
	if app := set.Text(optApp); strings.Trim(app, "0123456789") != "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the id of an app on %s; expected the number in the address of the app's page, such as 204876431", app, title)
	}
	if _, err := time.Parse("200601", set.Text(optVersion)); err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a version of %s's API; expected year and month such as %s", set.Text(optVersion), title, version)
	}
	s := &source{set: set, env: env}
	if limit := expiry(); limit.Holds(values) {
		s.from = limit.ActivitiesFrom(env.Now())
	}
	if s.token, err = newToken(set, env); err != nil {
		return nil, err
	}
	s.client, err = rest.New(rest.Config{
		Name: title, Base: set.Text(optAPI) + "/rest", Env: env, Token: "access token", Authorize: s.token.Authorize, Renew: s.token.Renew, Refuse: s.refuse,
		Header: http.Header{"Linkedin-Version": {set.Text(optVersion)}, "X-Restli-Protocol-Version": {"2.0.0"}},
	})
	return s, err
}

// refuse reads LinkedIn's own ways of refusing, and notices what its headers announce.
func (s *source) refuse(ans *rest.Answer) error {
	for _, name := range []string{"Sunset", "Deprecation"} {
		if v := ans.Header.Get(name); v != "" {
			s.env.Meter.Warn("LinkedIn announces the end of what is asked for at " + ans.Path + " (" + name + ": " + v + ").")
		}
	}
	if ans.Status < http.StatusBadRequest {
		return nil
	}
	var b struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	if rest.Unmarshal(ans.Body, &b) != nil {
		return nil //nolint:nilerr // an answer of another shape is judged by its status
	}
	switch {
	case ans.Status == http.StatusUpgradeRequired, b.Code == "NONEXISTENT_VERSION", b.Code == "VERSION_MISSING":
		return greenroom.Errorf(greenroom.CodeInvalid, "%s no longer supports version %s of its API; update Greenroom, or enter a later version in the settings of the source", title, s.set.Text(optVersion))
	case ans.Status == http.StatusTooManyRequests && strings.Contains(b.Message, "DAY"):
		return &rest.Limit{Wait: tomorrow(s.env.Now()).Sub(s.env.Now()), Why: "the requests that LinkedIn allows in a day are used up"}
	}
	return nil
}

// ages warns when the version of the API comes to its end.
func (s *source) ages() {
	const year, notice = 12, 2
	at, err := time.Parse("200601", s.set.Text(optVersion))
	if err == nil && !s.env.Now().Before(at.AddDate(0, year-notice, 0)) {
		s.env.Meter.Warn("LinkedIn supports version " + s.set.Text(optVersion) + " of its API until about " + at.AddDate(0, year, 0).Format("January 2006") + "; update Greenroom.")
	}
}

func tomorrow(now time.Time) time.Time { return now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1) }

// ask sends a request for a path with a query in Rest.li's spelling, which net/url would spoil, and decodes the answer.
func (s *source) ask(ctx context.Context, method, path string, v any) error {
	ans, err := s.client.Do(ctx, rest.Request{Path: path, Header: http.Header{"X-Restli-Method": {method}}})
	if err != nil {
		return err
	}
	return s.client.Decode(ans, v)
}

var _ interface {
	connector.Tester
	connector.Surveyor
	connector.Receiver
} = (*source)(nil)
