// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"context"
	"net/url"

	"greenroom/internal/outbox"
)

// Discord writes to members with the bot token of a connected server: a direct message, a reply to a message, or a message
// in a thread. The bot has to share a server with the member, and they may refuse messages of people whom they do not know.
type Discord struct{ platform }

// NewDiscord returns the sender.
func NewDiscord(c Credentials, p Poster) *Discord {
	return &Discord{platform{"Discord", c, p}}
}

// Send posts one message: without a Thread to the person To; with a Thread that is To into it; else as a reply to the
// message Thread in the channel To. Nobody is pinged but who is replied to.
func (s *Discord) Send(ctx context.Context, m *outbox.Message) (outbox.Receipt, error) {
	set, err := s.open(ctx, m, "token")
	if err != nil {
		return outbox.Receipt{}, err
	}
	api, auth := base(set, "api-address", "https://discord.com/api/v10"), map[string]string{"Authorization": "Bot " + set["token"]}
	channel := m.To
	body := map[string]any{"content": clip(withSubject(m, "**"), discordMost), "allowed_mentions": map[string]any{"parse": []string{}, "replied_user": true}}
	switch {
	case m.Thread == "":
		var opened struct {
			ID string `json:"id"`
		}
		if err := s.ask(ctx, api+"/users/@me/channels", auth, map[string]any{"recipient_id": m.To}, &opened); err != nil {
			return outbox.Receipt{}, harmlessly(err)
		}
		channel = opened.ID
	case m.Thread != m.To:
		body["message_reference"] = map[string]any{"message_id": m.Thread, "fail_if_not_exists": false}
	}
	var sent struct {
		ID string `json:"id"`
	}
	if err := s.ask(ctx, api+"/channels/"+url.PathEscape(channel)+"/messages", auth, body, &sent); err != nil {
		return outbox.Receipt{}, err
	}
	return outbox.Receipt{ID: channel + ":" + sent.ID}, nil
}
