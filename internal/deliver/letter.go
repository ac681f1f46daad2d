// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"bytes"
	"fmt"
	"html/template"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"greenroom/internal/outbox"
)

// letter is the frame of a mail: one column, the reader's own font, nothing that has to be loaded.
//
//nolint:gochecknoglobals // a constant in all but name
var letter = template.Must(template.New("letter").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Subject}}</title></head>
<body style="margin:0;padding:24px 16px;background:#ffffff;color:#1f2933;font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<main style="display:block;max-width:600px;margin:0 auto;overflow-wrap:anywhere">
{{.Body}}
{{if .Unsubscribe}}<p style="margin-top:32px;padding-top:12px;border-top:1px solid #d9dee4;color:#5b6570;font-size:13px"><a href="{{.Unsubscribe}}" style="color:#5b6570">Unsubscribe</a></p>
{{end}}</main></body></html>
`))

// Letter writes a message as the HTML of a mail: its own, or made of its Markdown. HTML inside the Markdown is left out,
// since parts of it may be what members wrote.
func Letter(m *outbox.Message) (string, error) {
	if m.HTML != "" {
		return m.HTML, nil
	}
	var page bytes.Buffer
	body, err := inside(m)
	if err != nil {
		return "", fmt.Errorf("writing message %d as HTML: %w", m.ID, err)
	}
	if err := letter.Execute(&page, struct {
		Subject, Unsubscribe string
		Body                 template.HTML
	}{m.Subject, m.Unsubscribe, body}); err != nil {
		return "", fmt.Errorf("writing message %d as HTML: %w", m.ID, err)
	}
	return page.String(), nil
}

// inside is what stands in the frame: the card that a message carries, or its Markdown.
func inside(m *outbox.Message) (template.HTML, error) {
	if card := m.Card(); card != nil {
		return letterOfCard(card)
	}
	var body bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.Linkify)).Convert([]byte(m.Text), &body); err != nil {
		return "", fmt.Errorf("reading Markdown: %w", err)
	}
	return template.HTML(body.String()), nil //nolint:gosec // goldmark leaves raw HTML and dangerous links out
}
