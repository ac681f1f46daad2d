// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom/internal/outbox"
)

// recentError says that somebody was asked of late.
type recentError struct{ at time.Time }

func (e *recentError) Error() string { return "asked on " + e.at.Format(time.DateOnly) }

func as[T error](err error, target *T) bool { return errors.As(err, target) }

// letter is a mail that asks the first question: each answer is a link to the page on which it is then chosen.
//
//nolint:gochecknoglobals // a constant in all but name
var letter = template.Must(template.New("letter").Parse(`<!DOCTYPE html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Subject}}</title></head>
<body style="margin:0;padding:24px 16px;background:#ffffff;color:#1f2933;font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:600px;margin:0 auto">
{{range .Message}}<p style="margin:0 0 16px">{{.}}</p>
{{end}}{{if .Question}}<h1 style="font-size:20px;line-height:1.3;margin:24px 0 12px">{{.Question}}</h1>
{{if .Low}}<p style="margin:0 0 8px;color:#5b6570;font-size:14px">{{.Low}}</p>
{{end}}<p style="margin:0 0 8px">{{range .Choices}}<a href="{{.Link}}" style="display:inline-block;margin:0 4px 8px 0;padding:10px 14px;min-width:16px;text-align:center;border:1px solid #6b7680;border-radius:8px;color:#1f2933;text-decoration:none;font-weight:600">{{.Text}}</a> {{end}}</p>
{{else}}<p style="margin:24px 0"><a href="{{.Link}}" style="display:inline-block;padding:12px 20px;border:1px solid #6b7680;border-radius:8px;color:#1f2933;text-decoration:none;font-weight:600">{{.Answer}}</a></p>
{{end}}<p style="margin-top:32px;padding-top:12px;border-top:1px solid #d9dee4;color:#5b6570;font-size:13px">{{.Promise}}{{with .Unsubscribe}} <a href="{{.}}" style="color:#5b6570">{{$.Leave}}</a>{{end}}</p>
</div></body></html>
`))

type letterChoice struct{ Link, Text string }

type letterData struct {
	Language, Subject, Question, Low, Link, Promise, Unsubscribe, Answer, Leave string
	Message                                                                     []string
	Choices                                                                     []letterChoice
}

// write fills subject, text and HTML of an invitation in, in one of the survey's languages. What the settings say is in the
// survey's own; in another one title and introduction come before it where they are translated.
func write(m *outbox.Message, v *Survey, tag, name, link string) error {
	d := v.Definition
	in := func(t Texts) string { return t.In(tag, d.Language) }
	words := WordsOf(tag)
	title, intro, subject, message := in(d.Title), in(d.Intro), v.Settings.Subject, v.Settings.Message
	if tag != d.Languages()[0] {
		link += "&lang=" + url.QueryEscape(tag) // the page goes on in it
		subject, message = cmp.Or(d.Title.said(tag), subject), cmp.Or(d.Intro.said(tag), message)
	}
	m.Subject = cmp.Or(subject, title)
	message = cmp.Or(message, intro, fmt.Sprintf(words.Invite, name))
	promise := words.Known
	if v.Settings.Who == Anonymous {
		promise = words.Anonymous
	}
	data := letterData{Language: tag, Subject: m.Subject, Link: link, Promise: promise, Unsubscribe: m.Unsubscribe, Answer: words.Answer, Leave: words.Leave}
	for part := range strings.SplitSeq(strings.ReplaceAll(message, "\r", ""), "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			data.Message = append(data.Message, part)
		}
	}
	var text strings.Builder
	text.WriteString(strings.Join(data.Message, "\n\n"))
	if q := d.First(); q != nil {
		data.Question = in(q.Text)
		if low, high := in(q.Low), in(q.High); low != "" || high != "" {
			from, to, _ := q.Scale()
			data.Low = fmt.Sprintf("%d = %s, %d = %s", from, low, to, high)
		}
		fmt.Fprintf(&text, "\n\n**%s**\n\n", data.Question)
		for _, c := range q.offered(tag, d.Language) {
			at := link + "&a=" + url.QueryEscape(c.ID)
			data.Choices = append(data.Choices, letterChoice{at, c.Text[""]})
			if m.Channel == outbox.Email {
				fmt.Fprintf(&text, "%s: %s\n\n", c.Text[""], at)
			} else {
				fmt.Fprintf(&text, "[%s](%s) ", c.Text[""], at)
			}
		}
	} else {
		fmt.Fprintf(&text, "\n\n%s: %s", words.Answer, link)
	}
	fmt.Fprintf(&text, "\n\n%s", promise)
	m.Text = text.String()
	if m.Channel != outbox.Email {
		return nil
	}
	var page bytes.Buffer
	if err := letter.Execute(&page, &data); err != nil {
		return fmt.Errorf("writing an invitation to the survey %s: %w", v.Key, err)
	}
	m.HTML = page.String()
	return nil
}

// offered lists what a question of one answer can be answered with; texts stand under "".
func (q *Question) offered(language, own string) []Choice {
	var all []Choice
	if low, high, ok := q.Scale(); ok {
		for n := low; n <= high; n++ {
			all = append(all, Choice{strconv.Itoa(n), Plain(strconv.Itoa(n))})
		}
		return all
	}
	for i := range q.Choices {
		all = append(all, Choice{q.Choices[i].ID, Plain(q.Choices[i].Text.In(language, own))})
	}
	return all
}
