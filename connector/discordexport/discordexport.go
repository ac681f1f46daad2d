// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package discordexport reads the JSON files that DiscordChatExporter writes: one file for each channel or thread, or a
// folder of them.
//
// A file begins with the server and the channel, and goes on with one list of messages that can be gigabytes long; one
// message is held at a time. A thread's file names the channel it hangs under, so its messages go to that channel, as a
// conversation whose key is the thread's id. Discord gives a thread the id of the message it was started from, which in
// a forum is its first message; so the key is the root's external id, as everywhere.
//
// People are told once, where they first occur, and again when a message tells more of them. Whether somebody occurred
// before depends on all that was read before; so a read that goes on from a cursor first runs over the earlier messages
// without telling anything. That makes an interrupted import end in exactly what one without interruption would have
// given.
package discordexport

import (
	"os"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// The options.
const (
	optPath       = "path"
	optStaffRoles = "staff-roles"
)

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind:     "discord-export",
		Title:    "Discord export",
		Platform: "discord",
		Summary:  "Messages, replies, forum posts, threads, reactions and joins of a Discord server, from files of DiscordChatExporter.",
		Help: `Discord itself gives no export of a server. The free program
[DiscordChatExporter](https://github.com/Tyrrrz/DiscordChatExporter) reads it with a bot that you invite to your server:

1. Create an application with a bot in Discord's developer portal, turn on its **message content intent**, and invite it
   to your server with permission to view channels and read the message history.
2. Run ` + "`DiscordChatExporter.Cli exportguild --token BOT_TOKEN --guild SERVER_ID --format Json --include-threads All --output FOLDER/`" + `.
3. Give the folder here, or a single file.

Import newer files into the same source at any time: what is known already stays as it is.`,
		Primary: optPath,
		Options: []connector.Option{
			{
				Name: optPath, Label: "Export", Type: connector.Path, Required: true,
				Help: "A JSON file of DiscordChatExporter, or a folder with such files.", Example: "/data/discord",
			},
			{
				Name: optStaffRoles, Label: "Roles of your team", Type: connector.Text,
				Help: "Names of the Discord roles that your team has, separated by commas. Whoever has one of them is marked as staff.", Example: "Team, Moderator",
			},
		},
		New: newSource,
	}
}

// source is one configured export.
type source struct {
	env   connector.Env
	path  string
	staff map[string]bool // role names in lower case
}

func newSource(env connector.Env, v connector.Values) (connector.Source, error) {
	s := &source{env: env, path: strings.TrimSpace(v[optPath]), staff: map[string]bool{}}
	if s.path == "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "say where the Discord export is: a JSON file of DiscordChatExporter, or a folder with such files")
	}
	if _, err := os.Stat(s.path); err != nil {
		return nil, &greenroom.Error{
			Code: greenroom.CodeInvalid, Err: err,
			Message: "there is no readable file or folder " + s.path + "; give a JSON file of DiscordChatExporter, or a folder with such files",
		}
	}
	for role := range strings.SplitSeq(v[optStaffRoles], ",") {
		if role = strings.ToLower(strings.TrimSpace(role)); role != "" {
			s.staff[role] = true
		}
	}
	return s, nil
}
