// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package bluesky reads a Bluesky account and searches over the AT Protocol: the account's posts, who mentioned, answered,
// quoted, liked, reposted and followed it and when, posts that a search finds, and the conversations around them.
//
// # How it reads
//
// A post names the first post of its conversation. One that answers or is answered is read with the whole conversation,
// which is told once in a read; a post that stands alone is told as it is. A conversation is shown down to what is gone or
// blocked: a post that is not in it is read with what is below it. Posts cannot be edited; those of the last days are asked
// for again by their addresses: one that has more replies is read with its conversation, and one that is gone was deleted.
// Which conversations a read has told and which posts are recent stands in the cursor.
//
// Notifications are ordered by the time that their author's program wrote, so each read looks a day further back than the
// one before has come.
//
// Accounts are named by their DID, which stays when a handle changes.
package bluesky

import (
	"net/http"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "bluesky"

const title = "Bluesky"

// The names of the options.
const (
	optHandle   = "handle"
	optPassword = "app-password"
	optSearches = "searches"
	optThreads  = "threads"
	optAgain    = "look-again-days"
	optTeam     = "team"
	optSince    = "since"
	optService  = "service"
)

const help = `1. Sign in to Bluesky with the account of your community and open **Settings → Privacy and security → App passwords**.
2. **Add app password**, name it *greenroom*, leave *Allow access to your direct messages* off, and copy the password.
3. Enter the account's handle, the app password, and what to search for, such as your product's name.

The app password can be taken back there at any time. Greenroom only reads with it.`

const limits = `Bluesky allows 3,000 requests in five minutes for each address on the internet, and 300 new sessions a day for each account; a page
holds 100 posts. A backfill of 10,000 posts takes 100 requests, and each conversation one more. A search reaches back as far as Bluesky's
index does, and gives up after some thousands of posts: search more narrowly, or begin later.

What people do whom the account mutes or blocks, or who block it, Bluesky does not tell the account. Posts of theirs that are there already stay.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "bluesky", Primary: optHandle, Help: help, Group: connector.GroupCommunity, Limits: limits,
		Summary:  "Posts of a Bluesky account, mentions, likes, reposts and followers with their dates, searches, and whole conversations.",
		Keywords: []string{"atproto", "at protocol", "social", "skeets", "mentions"},
		Options:  options(), New: New, Incremental: true, Rhythm: 15 * time.Minute,
		Scopes: []connector.Scope{{Name: "App password", Why: "Reads what the account sees, without direct messages."}},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optHandle, Label: "Handle", Type: connector.Text, Required: true, Example: "acme.bsky.social", Help: "The account's handle, without @."},
		{Name: optPassword, Label: "App password", Type: connector.Secret, Required: true, Help: "Made under Settings → Privacy and security → App passwords."},
		{Name: optSearches, Label: "Searches", Type: connector.List, Example: "acme database, #acmeconf", Help: "Posts of anybody that a search finds."},
		{Name: optThreads, Label: "Whole conversations", Type: connector.Bool, Default: "true", Help: "Bring in the conversations around posts. Costs a request for each."},
		{Name: optAgain, Label: "Look again at posts, days", Type: connector.Number, Default: "7", Help: "Posts of so many days are looked at again for replies and deletions."},
		{Name: optTeam, Label: "The team", Type: connector.List, Example: "ana.bsky.social", Help: "Handles of your team. The account itself is one."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "1y", Help: "From when on posts are wanted."},
		{Name: optService, Label: "Address of the service", Type: connector.Address, Default: "https://bsky.social", Help: "The server that holds the account, where it is not Bluesky's own."},
	}
}

// source is an account and searches.
type source struct {
	set     connector.Settings
	env     connector.Env
	client  *rest.Client
	session *session
	team    map[string]bool // handles
	note    note
	seen    map[string]bool // posts that were told in conversations of this read
	text    string          // note as text, for the cursor
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, env: env, team: map[string]bool{}}
	handle := strings.ToLower(strings.TrimPrefix(set.Text(optHandle), "@"))
	if !strings.Contains(handle, ".") || strings.ContainsAny(handle, " /") {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a handle of %s; expected one such as acme.bsky.social", handle, title)
	}
	for _, who := range set.List(optTeam) {
		s.team[strings.ToLower(strings.TrimPrefix(who, "@"))] = true
	}
	if s.session, err = newSession(set, env, handle); err != nil {
		return nil, err
	}
	s.client, err = rest.New(rest.Config{
		Name: title, Base: set.Text(optService) + "/xrpc", Env: env, Token: "app password", MaxWait: 6 * time.Minute,
		Authorize: s.session.authorize, Renew: s.session.renew, Refuse: refuse,
	})
	return s, err
}

// refuse reads the AT Protocol's errors, which have a name and often status 400.
func refuse(ans *rest.Answer) error {
	if ans.Status != http.StatusBadRequest {
		return nil
	}
	var b struct {
		Error   string `json:"error"`
		Message string `json:"message"`
	}
	if rest.Unmarshal(ans.Body, &b) != nil {
		return nil //nolint:nilerr // an answer of another shape is judged by its status
	}
	as := func(code greenroom.Code, status int, message string) error {
		return &greenroom.Error{Code: code, Message: message, Err: &rest.StatusError{Platform: title, Status: status, Path: ans.Path, Says: b.Message}}
	}
	switch b.Error {
	case "ExpiredToken", "InvalidToken":
		return as(greenroom.CodeUnauthorized, http.StatusUnauthorized, title+" refuses the app password; make a new one and enter it in the settings of the source")
	case "NotFound", "BlockedActor", "BlockedByActor", "AccountTakedown", "RepoDeactivated":
		return as(greenroom.CodeNotFound, http.StatusNotFound, title+" has nothing at "+ans.Path+" ("+b.Message+")")
	case "RateLimitExceeded":
		return &rest.Limit{}
	case "UpstreamFailure", "UpstreamTimeout", "InternalServerError":
		return rest.ErrAgain
	}
	return nil
}

var _ interface {
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
