// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package slack reads a Slack workspace by the Web API, and takes what happens by the Events API or, where the server has
// no public address, by Socket Mode.
//
// A read tells the people first, then each channel that the app is in, then the custom fields of profiles. A channel is
// read from its newest message backwards, with the replies of each thread behind the message that opens it. The next read
// asks for what is newer than the last message, less a window in which edits are found, and for the replies of threads of
// that window which have new ones (read.go). What happens outside of the window, and every deletion, comes as an event
// (push.go). Slack gives no list of what was deleted.
//
// Messages and users are mapped by connector/internal/slackwire, which the connector of exports uses too: an import of an
// export and a live source describe a workspace with the same external ids.
package slack

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "slack"

const title = "Slack"

// The names of the options.
const (
	optToken    = "token"
	optChannels = "channels"
	optPrivate  = "include-private"
	optSince    = "since"
	optWindow   = "reread-days"
	optProfiles = "profile-fields"
	optSecret   = "signing-secret"
	optAppToken = "app-token"
	optClient   = "client-id"
	optApp      = "client-secret"
	optAddress  = "api-address"
)

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "slack", Primary: optToken, Help: help, Group: connector.GroupCommunity,
		Summary:  "Members, messages, threads, reactions, joins and leaves of the channels of a Slack workspace, as they happen.",
		Keywords: []string{"chat", "workspace", "socket mode", "events api", "govslack"},
		Options:  options(), New: New, Incremental: true, Rhythm: 15 * time.Minute,
		Scopes: scopes(), Limits: limits, Manifest: manifests(), OAuth: consent(),
		// The secret is Slack's own and cannot be made up here, so it is an option like any other.
		Push: &connector.Push{Help: pushHelp}, Streams: true,
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optToken, Label: "Bot token", Type: connector.Secret, Required: true, Help: "The Bot User OAuth Token of your app, which begins with xoxb-."},
		{Name: optChannels, Label: "Channels", Type: connector.List, FromSurvey: true, Example: "general, help, C0123456789", Help: "Names or ids of the channels to read; empty = all that the app is in."},
		{Name: optPrivate, Label: "Private channels", Type: connector.Bool, Default: "true", Help: "Also read the private channels that somebody has invited the app to."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Example: "12m", Help: "Messages and threads from then on are read."},
		{Name: optWindow, Label: "Days read again", Type: connector.Number, Default: "7", Help: "Each read goes over the messages of this many days once more, to find edits and new replies that no event told of."},
		{Name: optProfiles, Label: "Custom profile fields", Type: connector.Bool, Default: "true", Help: "Read links in custom profile fields, such as a GitHub address, which tell people apart. Costs a request for each person, 100 a minute, once and when the profile changes."},
		{Name: optSecret, Label: "Signing secret", Type: connector.Secret, Help: "The app's Signing Secret, from Basic Information. Needed for events by the public address."},
		{Name: optAppToken, Label: "App-level token", Type: connector.Secret, Help: "A token with the scope connections:write, which begins with xapp-. Needed for Socket Mode, where your server has no public address."},
		{Name: optClient, Label: "Client ID", Type: connector.Text, Example: "1234567890.1234567890", Help: "Of the app, to connect by consent instead of entering the bot token."},
		{Name: optApp, Label: "Client secret", Type: connector.Secret, Help: "Of the app, to connect by consent instead of entering the bot token."},
		{Name: optAddress, Label: "Address of the API", Type: connector.Address, Default: "https://slack.com/api", Example: "https://slack-gov.com/api", Help: "Another one only for GovSlack."},
	}
}

// source is one workspace.
type source struct {
	set    connector.Settings
	env    connector.Env
	client *rest.Client
	slow   pace     // Slack's limits for apps that are distributed outside of its Marketplace
	inbox  *session // of Receive, once one was needed
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, env: env}
	s.client, err = rest.New(rest.Config{
		Name: title, Base: set.Text(optAddress), Env: env, Token: "bot token", Refuse: refuse,
		Authorize: func(_ context.Context, r *http.Request) error {
			if r.Header.Get("Authorization") == "" { // the app-level token stands there already
				r.Header.Set("Authorization", "Bearer "+set.Text(optToken))
			}
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	s.env = s.client.Env
	return s, nil
}

// wanted reports whether a channel is to be read, as far as the settings go.
func (s *source) wanted(c *wireChannel) bool {
	switch {
	case c.IsIM || c.IsMPIM:
		return false
	case c.IsPrivate && !s.set.On(optPrivate):
		return false
	}
	chosen := s.set.List(optChannels)
	return len(chosen) == 0 || slices.ContainsFunc(chosen, func(name string) bool {
		name = strings.TrimPrefix(name, "#")
		return name == c.ID || strings.EqualFold(name, c.Name)
	})
}

var _ interface {
	connector.Streamer
	connector.Tester
	connector.Surveyor
} = (*source)(nil)

// consent is how a workspace installs the app: it gives the same bot token that the app's pages show.
func consent() *connector.OAuth {
	o := &connector.OAuth{
		Consent: "https://slack.com/oauth/v2/authorize", Token: "https://slack.com/api/oauth.v2.access", Separator: ",", Client: optClient, Secret: optApp, Access: optToken,
		Register: "At your [app](https://api.slack.com/apps): **OAuth & Permissions → Redirect URLs**. Client ID and client secret stand under **Basic Information**. Slack takes https addresses only.",
	}
	for _, s := range scopes() {
		if s.Name != "connections:write" { // of the app-level token
			o.Scopes = append(o.Scopes, s.Name)
		}
	}
	return o
}
