// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slack

import (
	"greenroom/connector"
)

const help = `You need to be allowed to install apps in the workspace. It takes about five minutes.

1. Open [api.slack.com/apps](https://api.slack.com/apps), **Create New App → From a manifest**, and choose the workspace.
2. Paste the **Slack app manifest** that is shown on this page, then **Next** and **Create**. It holds all scopes and events.
3. **Install to Workspace → Allow**. Then copy the **Bot User OAuth Token** (xoxb-…) from **OAuth & Permissions** to *Bot token*.
4. For events as they happen, one of these two:
   - your server has a public address: copy the **Signing Secret** from **Basic Information** to *Signing secret*;
   - it has none: **Basic Information → App-Level Tokens → Generate Token and Scopes**, add *connections:write*, and copy the
     token (xapp-…) to *App-level token*.
5. In Slack, write **/invite @Greenroom** (or what you called the app) in every channel that should come in. A bot sees only
   the channels that it is in; the test of the connection lists those that it is not in.

Keep **token rotation** turned off. The app reads only: none of its scopes allows it to write.`

const pushHelp = `With the manifest, the address below is entered already. By hand: on [api.slack.com/apps](https://api.slack.com/apps),
your app, **Event Subscriptions → Enable Events**, enter the address as *Request URL*; Slack shows **Verified** at once. Under
**Subscribe to bot events** add *message.channels, message.groups, reaction_added, reaction_removed, team_join, user_change,
channel_rename, group_rename*, **Save Changes**, and install the app once more where Slack asks for it.

Without a public address, turn on **Socket Mode** instead and enter the app-level token here: no address is needed.`

const limits = `Slack limits each method by itself, for an app in a workspace. For the methods that read messages
(conversations.history, conversations.replies) it depends on what the app is:

| app | requests a minute | messages a request |
|---|---|---|
| made by you for your own workspace (as the steps above do), or approved for the Slack Marketplace | about 50 | 200 are asked for |
| distributed commercially outside of the Marketplace, made or installed since May 29, 2025 (Slack has announced it for older installations, too) | 1 | 15 |

The app that the manifest makes belongs to your own workspace, so Slack's limits of 2025 do not concern it. A page takes one
request and each thread another one: 100,000 messages with 10,000 threads take about 10,500 requests, three and a half hours.
Where Slack gives no more than 15 messages at a time, this is noticed, shown as a warning, and kept to with one request a
minute; a backfill then takes a day for about 20,000 messages, and an [export](slack-export.md) is the better way to the past.
Both kinds of source use the same ids. Custom profile fields take a request a person, 100 a minute.

Free workspaces show the messages of the last 90 days only. Events are limited to 30,000 an hour.`

func scopes() []connector.Scope {
	return []connector.Scope{
		{Name: "channels:read", Why: "Which public channels there are."},
		{Name: "channels:history", Why: "Messages of the public channels that the app is in."},
		{Name: "users:read", Why: "Names, time zones and pictures of people, and who is a bot."},
		{Name: "users:read.email", Why: "E-mail addresses, by which people are recognized on other platforms.", Optional: true},
		{Name: "users.profile:read", Why: "Links in custom profile fields.", Optional: true},
		{Name: "reactions:read", Why: "Reactions as they are added and taken away, and the whole list where a message has many.", Optional: true},
		{Name: "groups:read", Why: "The private channels that the app was invited to.", Optional: true},
		{Name: "groups:history", Why: "Messages of the private channels that the app was invited to.", Optional: true},
	}
}

func manifests() []connector.Manifest {
	return []connector.Manifest{{
		Title: "Slack app manifest", Format: "json", Template: manifest,
		Where: "[api.slack.com/apps](https://api.slack.com/apps) → **Create New App → From a manifest**, the JSON tab.",
	}}
}

// manifest asks for what scopes lists, and for the events that push.go knows. Without an address it turns Socket Mode on.
const manifest = `{
  "display_information": {
    "name": "Greenroom",
    "description": {{printf "%q" (printf "Reads this workspace for %.80s" .Name)}},
    "background_color": "#0b3d2e"
  },
  "features": {
    "bot_user": {"display_name": "Greenroom", "always_online": false}
  },
  "oauth_config": {
    "scopes": {
      "bot": [
        "channels:read", "channels:history", "groups:read", "groups:history",
        "users:read", "users:read.email", "users.profile:read", "reactions:read"
      ]
    }
  },
  "settings": {
    "event_subscriptions": {
{{- if .Hook}}
      "request_url": {{printf "%q" .Hook}},
{{- end}}
      "bot_events": [
        "message.channels", "message.groups", "reaction_added", "reaction_removed",
        "team_join", "user_change", "channel_rename", "group_rename"
      ]
    },
    "org_deploy_enabled": false,
    "socket_mode_enabled": {{if .Hook}}false{{else}}true{{end}},
    "token_rotation_enabled": false
  }
}
`
