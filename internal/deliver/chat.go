// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"greenroom"
	"greenroom/internal/outbox"
)

// Chat posts messages to the incoming webhooks of Slack, Microsoft Teams and Discord, which are destinations. None of
// them knows a message by a key, so one of which it is not known whether it arrived is not sent again.
type Chat struct {
	addresses Addresses
	poster    Poster
	write     func(m *outbox.Message) any
	draw      func(c *outbox.Card) any
}

// NewSlackHook returns the sender for Slack's incoming webhooks.
func NewSlackHook(addresses Addresses, poster Poster) *Chat {
	return &Chat{addresses, poster, func(m *outbox.Message) any {
		return struct {
			Text string `json:"text"`
		}{slackText(m)}
	}, slackCard}
}

// NewDiscordHook returns the sender for Discord's webhooks.
func NewDiscordHook(addresses Addresses, poster Poster) *Chat {
	return &Chat{addresses, poster, func(m *outbox.Message) any {
		return struct {
			Content  string `json:"content"`
			Mentions struct {
				Parse []string `json:"parse"`
			} `json:"allowed_mentions"`
		}{Content: clip(withSubject(m, "**"), discordMost), Mentions: struct {
			Parse []string `json:"parse"`
		}{[]string{}}}
	}, discordCard}
}

// NewTeamsHook returns the sender for the webhooks of Microsoft Teams' workflows, which take Adaptive Cards.
func NewTeamsHook(addresses Addresses, poster Poster) *Chat {
	return &Chat{addresses, poster, func(m *outbox.Message) any {
		block := func(text, weight string) map[string]any {
			return map[string]any{"type": "TextBlock", "text": text, "wrap": true, "weight": weight}
		}
		body := []any{}
		if m.Subject != "" {
			body = append(body, block(m.Subject, "Bolder"))
		}
		body = append(body, block(m.Text, "Default"))
		card := map[string]any{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": body}
		return map[string]any{"type": "message", "attachments": []any{map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}}}
	}, teamsCard}
}

// The most that chats take in one message, in characters.
const (
	discordMost = 2000
	slackMost   = 39_000
)

// slackText writes a message in Slack's mark-up, in which three characters have to be escaped.
func slackText(m *outbox.Message) string {
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(withSubject(m, "*"))
	return clip(text, slackMost)
}

func withSubject(m *outbox.Message, bold string) string {
	if m.Subject == "" {
		return m.Text
	}
	return bold + m.Subject + bold + "\n" + m.Text
}

func clip(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

// Repeatable reports that people would see a message twice.
func (*Chat) Repeatable(*outbox.Message) bool { return false }

// Send posts a message: the card that it carries, drawn the chat's way, else its Data as it is, else its text.
func (s *Chat) Send(ctx context.Context, m *outbox.Message) (outbox.Receipt, error) {
	if m.Destination == 0 {
		return outbox.Receipt{}, greenroom.Errorf(greenroom.CodeInvalid, "on %s the team is written to at a destination only", m.Channel.Label())
	}
	d, address, err := s.addresses.Address(ctx, m.Destination)
	if err != nil {
		return outbox.Receipt{}, err
	}
	body := []byte(m.Data)
	var what any
	if card := m.Card(); card != nil {
		what = s.draw(card)
	} else if len(body) == 0 {
		what = s.write(m)
	}
	if what != nil {
		if body, err = json.Marshal(what); err != nil {
			return outbox.Receipt{}, fmt.Errorf("writing message %d: %w", m.ID, err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return outbox.Receipt{}, greenroom.Errorf(greenroom.CodeInvalid, "the address of %s is none", d.Name) // it is secret
	}
	r.Header.Set("Content-Type", "application/json")
	_, err = post(ctx, s.poster, r, d.Name)
	return outbox.Receipt{}, err
}
