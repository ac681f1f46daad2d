// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"

	"greenroom/internal/outbox"
)

// How much the chats take of each part, in characters.
// Slack: https://docs.slack.dev/reference/block-kit/blocks ; Discord: an embed has 6,000 characters in all, 256 of title and
// 4,096 of description; Teams takes cards of 28 kB.
const (
	slackHeader  = 150
	slackSection = 3000
	slackFields  = 10
	slackButton  = 75
	slackButtons = 25
	embedTitle   = 256
	embedText    = 2400
	embedFields  = 10
	embedValue   = 200
	embedName    = 40
	teamsText    = 1500
	teamsFacts   = 12
	maxItems     = 20
	itemText     = 160
)

type object = map[string]any

var slackEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// slackCard draws a card in Slack's Block Kit. What people wrote stands in elements that know no mark-up.
func slackCard(c *outbox.Card) any {
	plain := func(text string, most int) object {
		return object{"type": "plain_text", "text": clip(text, most), "emoji": false}
	}
	mark := func(text string) object {
		return object{"type": "mrkdwn", "text": clip(text, slackSection), "verbatim": true}
	}
	linked := func(text, url string) string {
		text = slackEscape.Replace(text)
		if url == "" {
			return text
		}
		return "<" + strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C").Replace(url) + "|" + strings.ReplaceAll(text, "|", "¦") + ">"
	}
	blocks := []any{object{"type": "header", "text": plain(slackTone(c.Tone)+c.Title, slackHeader)}}
	section := func(text string) { blocks = append(blocks, object{"type": "section", "text": mark(text)}) }
	if c.Text != "" {
		section(slackEscape.Replace(c.Text))
	}
	if c.Quote != "" {
		blocks = append(blocks, object{"type": "rich_text", "elements": []any{object{"type": "rich_text_quote", "elements": []any{object{"type": "text", "text": clip(c.Quote, slackSection)}}}}})
	}
	var fields []any
	for _, f := range c.Facts[:min(len(c.Facts), slackFields)] {
		fields = append(fields, mark("*"+slackEscape.Replace(f.Label)+"*\n"+linked(clip(f.Value, embedValue), f.URL)))
	}
	if len(fields) > 0 {
		blocks = append(blocks, object{"type": "section", "fields": fields})
	}
	var lines []string
	for _, i := range c.Items[:min(len(c.Items), maxItems)] {
		lines = append(lines, "• "+linked(clip(i.Title, itemText), i.URL)+before(" – ", slackEscape.Replace(clip(i.Text, itemText))))
	}
	for len(lines) > 0 { // a section has its limit
		n := min(len(lines), 5)
		section(strings.Join(lines[:n], "\n"))
		lines = lines[n:]
	}
	if c.Do != "" {
		section("*What to do*\n" + slackEscape.Replace(c.Do))
	}
	var buttons []any
	for _, l := range c.Links[:min(len(c.Links), slackButtons)] {
		b := object{"type": "button", "text": plain(l.Label, slackButton), "url": l.URL}
		if l.Primary {
			b["style"] = "primary"
		}
		buttons = append(buttons, b)
	}
	if len(buttons) > 0 {
		blocks = append(blocks, object{"type": "actions", "elements": buttons})
	}
	if c.Foot != "" {
		blocks = append(blocks, object{"type": "context", "elements": []any{mark(slackEscape.Replace(c.Foot))}})
	}
	return object{"text": clip(slackEscape.Replace(c.Title+before(": ", c.Text)), slackSection), "blocks": blocks, "unfurl_links": false, "unfurl_media": false}
}

func slackTone(t outbox.CardTone) string {
	switch t {
	case outbox.CardUrgent:
		return "🔴 "
	case outbox.CardWarn:
		return "🟠 "
	case outbox.CardPlain:
	}
	return ""
}

func before(lead, text string) string {
	if text == "" {
		return ""
	}
	return lead + text
}

// markEscape takes the meaning from Markdown's characters, for Discord and Teams.
var markEscape = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "~", `\~`, "`", "\\`", "|", `\|`, ">", `\>`, "[", `\[`, "]", `\]`, "<", `\<`, "#", `\#`)

func markLink(text, url string) string {
	if url == "" {
		return markEscape.Replace(text)
	}
	return "[" + markEscape.Replace(text) + "](" + strings.NewReplacer("(", "%28", ")", "%29", " ", "%20").Replace(url) + ")"
}

// discordCard draws a card as an embed. An incoming webhook may send no buttons, so links are text.
func discordCard(c *outbox.Card) any {
	var text []string
	add := func(s string) {
		if s != "" {
			text = append(text, s)
		}
	}
	add(markEscape.Replace(c.Text))
	if c.Quote != "" {
		add("> " + strings.ReplaceAll(markEscape.Replace(clip(c.Quote, 1000)), "\n", "\n> "))
	}
	var lines []string
	for _, i := range c.Items[:min(len(c.Items), maxItems)] {
		lines = append(lines, "- "+markLink(clip(i.Title, 80), i.URL)+before(" – ", markEscape.Replace(clip(i.Text, 60))))
	}
	add(strings.Join(lines, "\n"))
	add(before("**What to do** ", markEscape.Replace(c.Do)))
	var links []string
	for _, l := range c.Links {
		links = append(links, markLink(l.Label, l.URL))
	}
	var fields []any
	for _, f := range c.Facts[:min(len(c.Facts), embedFields)] {
		value := markLink(clip(f.Value, embedValue), f.URL)
		fields = append(fields, object{"name": clip(f.Label, embedName), "value": value, "inline": true})
	}
	body := clip(strings.Join(text, "\n\n"), embedText)
	if len(links) > 0 { // links are not cut: half of one leads nowhere
		body += "\n\n" + strings.Join(links, " · ")
	}
	embed := object{"title": clip(c.Title, embedTitle), "description": body, "color": embedColor(c.Tone)}
	if c.URL != "" {
		embed["url"] = c.URL
	}
	if len(fields) > 0 {
		embed["fields"] = fields
	}
	if c.Foot != "" {
		embed["footer"] = object{"text": clip(c.Foot, embedTitle)}
	}
	return object{"embeds": []any{embed}, "allowed_mentions": object{"parse": []string{}}}
}

func embedColor(t outbox.CardTone) int {
	switch t {
	case outbox.CardUrgent:
		return 0xc9372c
	case outbox.CardWarn:
		return 0xb86e00
	case outbox.CardPlain:
	}
	return 0x2f6f5e
}

// teamsCard draws an Adaptive Card, as the workflows of Teams take them.
func teamsCard(c *outbox.Card) any {
	block := func(text string, more object) object {
		b := object{"type": "TextBlock", "text": text, "wrap": true}
		for k, v := range more {
			b[k] = v
		}
		return b
	}
	head := object{"weight": "Bolder", "size": "Medium"}
	switch c.Tone {
	case outbox.CardUrgent:
		head["color"] = "Attention"
	case outbox.CardWarn:
		head["color"] = "Warning"
	case outbox.CardPlain:
	}
	body := []any{block(markLink(c.Title, c.URL), head)}
	if c.Text != "" {
		body = append(body, block(markEscape.Replace(clip(c.Text, teamsText)), nil))
	}
	if c.Quote != "" {
		body = append(body, object{"type": "Container", "style": "emphasis", "items": []any{block(markEscape.Replace(clip(c.Quote, teamsText)), object{"isSubtle": true})}})
	}
	var facts []any
	for _, f := range c.Facts[:min(len(c.Facts), teamsFacts)] {
		facts = append(facts, object{"title": clip(f.Label, embedName), "value": markLink(clip(f.Value, embedValue), f.URL)})
	}
	if len(facts) > 0 {
		body = append(body, object{"type": "FactSet", "facts": facts})
	}
	for _, i := range c.Items[:min(len(c.Items), maxItems)] {
		body = append(body, block("- "+markLink(clip(i.Title, itemText), i.URL)+before(" – ", markEscape.Replace(clip(i.Text, itemText))), object{"spacing": "Small"}))
	}
	if c.Do != "" {
		body = append(body, block("**What to do** "+markEscape.Replace(clip(c.Do, teamsText)), nil))
	}
	if c.Foot != "" {
		body = append(body, block(markEscape.Replace(clip(c.Foot, embedTitle)), object{"isSubtle": true, "size": "Small"}))
	}
	card := object{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": body, "msteams": object{"width": "Full"}}
	var actions []any
	for _, l := range c.Links {
		a := object{"type": "Action.OpenUrl", "title": l.Label, "url": l.URL}
		if l.Primary {
			a["style"] = "positive"
		}
		actions = append(actions, a)
	}
	if len(actions) > 0 {
		card["actions"] = actions
	}
	return object{"type": "message", "attachments": []any{object{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}}}
}

// cardLetter draws a card as the inside of a mail.
//
//nolint:gochecknoglobals // a constant in all but name
var cardLetter = template.Must(template.New("card").Parse(`<div style="border-left:4px solid {{.Color}};padding-left:16px">
<h1 style="font-size:20px;line-height:1.3;margin:0 0 8px">{{if .Card.URL}}<a href="{{.Card.URL}}" style="color:#1f2933">{{.Card.Title}}</a>{{else}}{{.Card.Title}}{{end}}</h1>
{{with .Card.Text}}<p style="margin:0 0 12px">{{.}}</p>{{end}}
{{with .Card.Quote}}<blockquote style="margin:0 0 12px;padding:10px 14px;background:#f4f6f8;white-space:pre-wrap">{{.}}</blockquote>{{end}}
{{if .Card.Facts}}<table role="presentation" style="border-collapse:collapse;margin:0 0 12px;font-size:15px">{{range .Card.Facts}}<tr><td style="padding:2px 16px 2px 0;color:#5b6570;vertical-align:top">{{.Label}}</td><td style="padding:2px 0">{{if .URL}}<a href="{{.URL}}" style="color:#1f5f8b">{{.Value}}</a>{{else}}{{.Value}}{{end}}</td></tr>{{end}}</table>{{end}}
{{if .Card.Items}}<ul style="margin:0 0 12px;padding-left:20px">{{range .Card.Items}}<li style="margin:0 0 6px">{{if .URL}}<a href="{{.URL}}" style="color:#1f5f8b">{{.Title}}</a>{{else}}{{.Title}}{{end}}{{with .Text}}<br><span style="color:#5b6570;font-size:14px">{{.}}</span>{{end}}</li>{{end}}</ul>{{end}}
{{with .Card.Do}}<p style="margin:0 0 12px"><strong>What to do</strong><br>{{.}}</p>{{end}}
{{if .Card.Links}}<p style="margin:0 0 12px">{{range .Card.Links}}<a href="{{.URL}}" style="display:inline-block;margin:0 8px 8px 0;padding:8px 14px;border:1px solid #1f5f8b;border-radius:6px;text-decoration:none;{{if .Primary}}background:#1f5f8b;color:#ffffff{{else}}color:#1f5f8b{{end}}">{{.Label}}</a>{{end}}</p>{{end}}
{{with .Card.Foot}}<p style="margin:0;color:#5b6570;font-size:13px">{{.}}</p>{{end}}
</div>`))

func letterOfCard(c *outbox.Card) (template.HTML, error) {
	var b bytes.Buffer
	if err := cardLetter.Execute(&b, struct {
		Card  *outbox.Card
		Color string
	}{c, fmt.Sprintf("#%06x", embedColor(c.Tone))}); err != nil {
		return "", fmt.Errorf("writing a card as HTML: %w", err)
	}
	return template.HTML(b.String()), nil //nolint:gosec // a template escaped what is in it
}
