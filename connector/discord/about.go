// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discord

import "greenroom/connector"

const help = `You need the permission **Manage Server** on the Discord server. It takes about five minutes.

1. Open [discord.com/developers/applications](https://discord.com/developers/applications), **New Application**, and give it a
   name that members will recognize, such as *Greenroom*.
2. On the page **Bot**, turn on **Server Members Intent** and **Message Content Intent** (without the second one Discord gives
   messages without their text), and **Save Changes**. **Reset Token** shows the token once: copy it to *Bot token*.
3. On the page **OAuth2**, under **URL Generator**, choose the scope **bot** and the permissions **View Channels** and **Read
   Message History**, and open the address that it makes. Choose your server and **Authorize**.
4. Private channels: in the channel's settings, **Permissions**, add the bot's role with *View Channel* and *Read Message
   History*. For archived private threads it needs *Manage Threads* there, too.
5. Is the bot in several servers? Then enter the server's id: in Discord, **User Settings → Advanced → Developer Mode**, then
   right-click the server and **Copy Server ID**.

Once it is connected, what happens comes in by Discord's gateway within a second; your server needs no public address for it.
The bot reads only. A bot in more than 100 servers has to be verified by Discord before it may use the two intents.`

const limits = `Discord limits all requests of a bot to 50 a second, and each kind of request in each channel by itself; it tells
how many are left and when the next may be sent, which is kept to. Messages come 100 a request, about five requests a second:
a backfill of 1,000,000 messages takes about an hour. **Who reacted** takes a request for each emoji below each message, three to
four a second; with very many reactions turn it off for the first read. Threads take a request each. More than 10,000 refused
requests in ten minutes shut a bot out for a while: channels that the bot may not read are therefore not asked for.`

func scopes() []connector.Scope {
	return []connector.Scope{
		{Name: "View Channels", Why: "Which channels there are."},
		{Name: "Read Message History", Why: "Messages of the channels."},
		{Name: "Message Content Intent", Why: "The text of messages."},
		{Name: "Server Members Intent", Why: "The list of members, with roles, nicknames and when they joined, and members as they join and leave.", Optional: true},
		{Name: "Manage Threads", Why: "Archived private threads.", Optional: true},
	}
}
