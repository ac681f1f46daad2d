// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"context"
	"html"
	"net/url"
	"regexp"
	"strings"

	"greenroom"
	"greenroom/internal/outbox"
)

// Slack writes to members with the bot token of a connected workspace: a direct message (conversations.open, then
// chat.postMessage), or a reply in a thread. The app needs the scopes chat:write and, for direct messages, im:write.
type Slack struct{ platform }

// NewSlack returns the sender.
func NewSlack(c Credentials, p Poster) *Slack {
	return &Slack{platform{"Slack", c, p}}
}

type slackAnswer struct {
	OK      bool   `json:"ok"`
	Error   string `json:"error"`
	TS      string `json:"ts"`
	Needed  string `json:"needed"`
	Channel any    `json:"channel"` // its id, or an object with it
}

func (a *slackAnswer) channel() string {
	switch c := a.Channel.(type) {
	case string:
		return c
	case map[string]any:
		id, _ := c["id"].(string)
		return id
	}
	return ""
}

// fault sorts out what Slack says inside of an answer of 200.
func (a *slackAnswer) fault() error {
	switch a.Error {
	case "ratelimited", "rate_limited":
		return greenroom.Errorf(greenroom.CodeLimited, "Slack asks to be left alone for a while")
	case "internal_error", "fatal_error", "request_timeout", "service_unavailable":
		return &outbox.UncertainError{Err: greenroom.Errorf(greenroom.CodeUnavailable, "Slack had a fault (%s)", a.Error)}
	case "missing_scope":
		return greenroom.Errorf(greenroom.CodeInvalid, "the Slack app may not do that: it needs the scope %s", a.Needed)
	}
	return greenroom.Errorf(greenroom.CodeInvalid, "Slack refused it (%s)", a.Error)
}

// Send posts one message. With a Thread, CHANNEL:TS or TS, it is a reply in the channel To; else To is a person.
func (s *Slack) Send(ctx context.Context, m *outbox.Message) (outbox.Receipt, error) {
	set, err := s.open(ctx, m, "token")
	if err != nil {
		return outbox.Receipt{}, err
	}
	api, auth := base(set, "api-address", "https://slack.com/api"), map[string]string{"Authorization": "Bearer " + set["token"]}
	body := url.Values{"channel": {m.To}, "text": {slackMarkdown(m)}, "unfurl_links": {"false"}}
	if m.Thread != "" {
		ts := m.Thread
		if _, after, ok := strings.Cut(ts, ":"); ok {
			ts = after
		}
		body.Set("thread_ts", ts)
	} else {
		var opened slackAnswer
		if err := s.fill(ctx, api+"/conversations.open", auth, url.Values{"users": {m.To}}, &opened); err != nil {
			return outbox.Receipt{}, harmlessly(err)
		}
		if !opened.OK {
			return outbox.Receipt{}, harmlessly(opened.fault())
		}
		body.Set("channel", opened.channel())
	}
	var sent slackAnswer
	if err := s.fill(ctx, api+"/chat.postMessage", auth, body, &sent); err != nil {
		return outbox.Receipt{}, err
	}
	if !sent.OK {
		return outbox.Receipt{}, sent.fault()
	}
	return outbox.Receipt{ID: sent.channel() + ":" + sent.TS}, nil
}

// harmlessly makes an uncertain outcome one that passes, where asking again does no harm.
func harmlessly(err error) error {
	if greenroom.ErrorCode(err) == greenroom.CodeUnavailable {
		return greenroom.Errorf(greenroom.CodeUnavailable, "%s", greenroom.ErrorMessage(err))
	}
	return err
}

var (
	markdownLink = regexp.MustCompile(`\[([^\]\n]+)\]\((https?://[^\s)]+)\)`)
	markdownBold = regexp.MustCompile(`\*\*([^*\n]+)\*\*`)
)

// slackMarkdown writes Markdown in Slack's mark-up: links, bold, and the three characters that have to be escaped.
func slackMarkdown(m *outbox.Message) string {
	text := m.Text
	if m.Subject != "" {
		text = "**" + m.Subject + "**\n" + text
	}
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	text = markdownLink.ReplaceAllStringFunc(text, func(found string) string {
		p := markdownLink.FindStringSubmatch(found)
		return "<" + html.UnescapeString(p[2]) + "|" + strings.ReplaceAll(p[1], "|", "/") + ">"
	})
	return clip(markdownBold.ReplaceAllString(text, "*$1*"), slackMost)
}
