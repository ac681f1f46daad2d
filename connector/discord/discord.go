// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package discord reads a Discord server by the REST API with a bot's token, and takes what happens by the gateway.
//
// A read tells the members first, then the messages of each channel that the bot may read, then the threads that are
// active, and the archived threads of each channel, forum posts among them (read.go). Messages are asked for by their
// ids, which grow with time: the next read asks for those after the last one, less a window in which edits and reactions
// are found. What happens outside of the window, and every deletion, comes by the gateway (gateway.go, push.go).
//
// Messages are mapped by connector/internal/discordwire, which the connector of exports uses too: an export and a live
// source describe a server with the same external ids.
package discord

import (
	"context"
	"net/http"
	"strings"
	"time"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "discord"

const title = "Discord"

// The names of the options.
const (
	optToken     = "token"
	optServer    = "server"
	optChannels  = "channels"
	optSince     = "since"
	optWindow    = "reread-days"
	optReactions = "reactions"
	optMembers   = "members"
	optStaff     = "staff-roles"
	optSolved    = "solved-tags"
	optAddress   = "api-address"
)

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "discord", Primary: optToken, Help: help, Group: connector.GroupCommunity,
		Summary:  "Members, messages, replies, threads, forum posts and reactions of a Discord server, as they happen.",
		Keywords: []string{"chat", "gaming", "forum", "gateway", "bot"},
		Options:  options(), New: New, Incremental: true, Rhythm: 15 * time.Minute,
		Scopes: scopes(), Limits: limits, Streams: true,
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optToken, Label: "Bot token", Type: connector.Secret, Required: true, Help: "The token of your bot, from the Bot page of the developer portal."},
		{Name: optServer, Label: "Server", Type: connector.Text, Example: "81384788765712384", Help: "The id of the server; needed where the bot is in more than one."},
		{Name: optChannels, Label: "Channels", Type: connector.List, FromSurvey: true, Example: "general, help, 110373943822540800", Help: "Names or ids of channels, forums or categories to read; empty = all that the bot may read."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Example: "12m", Help: "Messages from then on are read."},
		{Name: optWindow, Label: "Days read again", Type: connector.Number, Default: "1", Help: "Each read goes over the messages of this many days once more, to find edits and reactions that the gateway did not tell of."},
		{Name: optReactions, Label: "Who reacted", Type: connector.Bool, Default: "true", Help: "Read who reacted to each message, which costs a request for each emoji below it. Without it, reactions come as counts."},
		{Name: optMembers, Label: "Members", Type: connector.Bool, Default: "true", Help: "Read the list of members once a day, also of those who never wrote. Needs the bot's server members intent."},
		{Name: optStaff, Label: "Roles of your team", Type: connector.List, Example: "Team, Moderator", Help: "Names of the Discord roles that your team has. Whoever has one of them is marked as staff."},
		{Name: optSolved, Label: "Tags of solved posts", Type: connector.List, Default: "Solved, Resolved, Answered", Help: "Names of forum tags that mark a post as solved."},
		{Name: optAddress, Label: "Address of the API", Type: connector.Address, Default: "https://discord.com/api/v10", Help: "Leave it as it is."},
	}
}

// source is one server.
type source struct {
	set    connector.Settings
	env    connector.Env
	client *rest.Client
	inbox  *session // of Receive, once one was needed
	stream resume   // where the gateway's stream goes on
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, env: env}
	token := "Bot " + strings.TrimPrefix(set.Text(optToken), "Bot ")
	s.client, err = rest.New(rest.Config{
		Name: title, Base: set.Text(optAddress), Env: env, Token: "bot token", Route: route,
		Authorize: func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", token)
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	s.env = s.client.Env
	return s, nil
}

// route names what Discord keeps a limit for: the kind of request, and the channel or server that it is about.
func route(path string) string {
	parts := strings.Split(path, "/")
	major := ""
	for i, part := range parts {
		if part == "" || part[0] < '0' || part[0] > '9' {
			continue
		}
		if major == "" && i > 0 && (parts[i-1] == "channels" || parts[i-1] == "guilds") {
			major = part
			continue
		}
		parts[i] = "*"
	}
	if i := strings.Index(path, "/reactions/"); i >= 0 { // the emoji does not count
		return major + "/reactions"
	}
	return strings.Join(parts, "/")
}

var _ interface {
	connector.Streamer
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
