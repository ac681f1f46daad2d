// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package digest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"unicode/utf8"

	"greenroom/internal/analytics"
	"greenroom/internal/health"
	"greenroom/internal/query"
)

// Digest is what is sent.
type Digest struct {
	Week    string `json:"week"` // the ISO week in which it is sent, such as 2026-W48
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
	parts   []part
}

// part is one period.
type part struct {
	Title  string
	Groups []group
}

type group struct {
	Title string
	Lines []line
}

// line is a sentence with its evidence; Sub lines stand below the one before.
type line struct {
	Text, Link string
	Sub        bool
}

func periodName(c *health.Changes) string {
	if c.By == analytics.Month {
		return c.From.Format("January 2006")
	}
	return "week of " + c.From.Format("2 January 2006")
}

// partOf says what changed in lines.
func partOf(base string, c *health.Changes) part {
	link := func(e query.Entity, text string) string {
		if base == "" || text == "" {
			return ""
		}
		return base + "/" + string(e) + "?q=" + url.QueryEscape(text)
	}
	p := part{Title: "What changed: " + periodName(c) + ", against the " + string(c.By) + " before"}
	moved := group{Title: "Changed"}
	for i := range c.Moved {
		v := &c.Moved[i]
		text := v.Says
		if v.Small {
			text += " Small numbers: fewer than ten."
		}
		moved.Lines = append(moved.Lines, line{Text: text, Link: link(v.Entity, v.Records)}, line{Text: v.Noise.Says, Sub: true})
		for j := range v.Parts {
			moved.Lines = append(moved.Lines, line{Text: v.Parts[j].Says, Link: link(v.Parts[j].Entity, v.Parts[j].Records), Sub: true})
		}
		for _, more := range []string{v.Spread, v.Season} {
			if more != "" {
				moved.Lines = append(moved.Lines, line{Text: more, Sub: true})
			}
		}
	}
	if len(c.Moved) == 0 {
		moved.Lines = append(moved.Lines, line{Text: c.Nothing()})
	}
	p.Groups = append(p.Groups, moved)
	talk := group{Title: "Who to talk to"}
	for i := range c.People {
		g := &c.People[i]
		talk.Lines = append(talk.Lines, line{Text: fmt.Sprintf("%s: %d", g.Title, g.Total), Link: link(g.Entity, g.Query)})
		for j := range g.People {
			m := &g.People[j]
			to := ""
			if base != "" {
				if to = fmt.Sprintf("%s/members/%d", base, m.Member); m.Conversation != 0 {
					to = fmt.Sprintf("%s/conversations/%d", base, m.Conversation)
				}
			}
			talk.Lines = append(talk.Lines, line{Text: m.Name + ": " + m.Says, Link: to, Sub: true})
		}
	}
	next := group{Title: "What to do next"}
	for i := range c.Next {
		next.Lines = append(next.Lines, line{Text: c.Next[i].Says, Link: link(c.Next[i].Entity, c.Next[i].Query)})
	}
	for _, g := range []group{talk, next} {
		if len(g.Lines) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	return p
}

// compose writes a digest.
func compose(community, base, week string, all []*health.Changes) (*Digest, error) {
	d := &Digest{Week: week, Subject: community + ": nothing beyond noise changed"}
	moved := 0
	for _, c := range all {
		d.parts = append(d.parts, partOf(base, c))
		if moved += len(c.Moved); moved > 0 && strings.HasSuffix(d.Subject, "noise changed") {
			d.Subject = community + ": " + strings.TrimSuffix(c.Moved[0].Says, ".")
		}
	}
	if moved > 1 {
		d.Subject += fmt.Sprintf(", and %d more", moved-1)
	}
	d.Text = d.text()
	var page bytes.Buffer
	if err := mailPage.Execute(&page, struct {
		Subject string
		Parts   []part
	}{d.Subject, d.parts}); err != nil {
		return nil, fmt.Errorf("writing a digest: %w", err)
	}
	d.HTML = page.String()
	return d, nil
}

func (d *Digest) text() string {
	var b strings.Builder
	for i := range d.parts {
		if i > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(d.parts[i].Title + "\n" + strings.Repeat("=", utf8.RuneCountInString(d.parts[i].Title)) + "\n")
		for _, g := range d.parts[i].Groups {
			b.WriteString("\n" + g.Title + "\n\n")
			for _, l := range g.Lines {
				indent := ""
				if l.Sub {
					indent = "    "
				}
				b.WriteString(indent + "- " + oneLine(l.Text) + "\n")
				if l.Link != "" {
					b.WriteString(indent + "  " + l.Link + "\n")
				}
			}
		}
	}
	return b.String()
}

// oneLine keeps what members write from looking like lines of ours.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

//nolint:gochecknoglobals // a constant in all but name
var mailPage = template.Must(template.New("digest").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Subject}}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1c1f1d;background:#ffffff"><div style="max-width:640px;margin:0 auto">
{{range .Parts}}<h1 style="font-size:20px;margin:24px 0 8px">{{.Title}}</h1>
{{range .Groups}}<h2 style="font-size:16px;margin:20px 0 4px">{{.Title}}</h2>
<ul style="padding-left:20px;margin:0">{{range .Lines}}<li style="margin:4px 0{{if .Sub}};margin-left:20px{{end}}">{{if .Link}}<a href="{{.Link}}" style="color:#0b5f46">{{.Text}}</a>{{else}}{{.Text}}{{end}}</li>
{{end}}</ul>
{{end}}{{end}}</div></body></html>
`))

// The limits of Slack: 3,000 characters a text, 50 blocks a message.
const (
	slackText   = 2900
	slackBlocks = 45
)

// slack writes a digest as the body of an incoming webhook.
func (d *Digest) slack() ([]byte, error) {
	type text struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	type block struct {
		Type string `json:"type"`
		Text text   `json:"text"`
	}
	message := struct {
		Text   string  `json:"text"`
		Blocks []block `json:"blocks"`
	}{Text: escapeSlack(d.Subject)}
	add := func(s string) {
		if len(message.Blocks) < slackBlocks && s != "" {
			message.Blocks = append(message.Blocks, block{"section", text{"mrkdwn", s}})
		}
	}
	for i := range d.parts {
		add("*" + escapeSlack(d.parts[i].Title) + "*")
		for _, g := range d.parts[i].Groups {
			section := "*" + escapeSlack(g.Title) + "*"
			for _, l := range g.Lines {
				say := escapeSlack(cut(oneLine(l.Text), 400))
				if l.Link != "" && len(l.Link) < 1500 {
					say = "<" + escapeSlack(l.Link) + "|" + strings.ReplaceAll(say, "|", "¦") + ">"
				}
				mark := "\n• "
				if l.Sub {
					mark = "\n      ◦ "
				}
				if utf8.RuneCountInString(section)+utf8.RuneCountInString(say) > slackText {
					add(section)
					section, mark = "", strings.TrimPrefix(mark, "\n")
				}
				section += mark + say
			}
			add(section)
		}
	}
	body, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("encoding a digest for Slack: %w", err)
	}
	return body, nil
}

// escapeSlack keeps texts from being links and mentions.
func escapeSlack(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
