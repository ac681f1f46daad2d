// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// paragraph is a piece of a message: running text, a quotation or code. Message text is shown as text, never as markup
// of the page.
type paragraph struct {
	Text  string
	Quote bool
	Code  bool
}

// paragraphs cuts a message along its quotations and code fences.
func paragraphs(body string) []paragraph {
	var out []paragraph
	var cur paragraph
	flush := func() {
		if cur.Text = strings.Trim(cur.Text, "\n"); cur.Text != "" {
			out = append(out, cur)
		}
		cur = paragraph{}
	}
	for line := range strings.Lines(body) {
		trimmed := strings.TrimSpace(line)
		switch fence := strings.HasPrefix(trimmed, "```"); {
		case fence && !cur.Code:
			flush()
			rest := strings.TrimPrefix(trimmed, "```")
			if closed, ok := strings.CutSuffix(rest, "```"); ok && closed != "" {
				out = append(out, paragraph{Text: closed, Code: true})
				continue
			}
			cur.Code = true
			continue
		case fence:
			flush()
			continue
		case cur.Code:
		case strings.HasPrefix(trimmed, ">") != cur.Quote:
			quote := !cur.Quote
			flush()
			cur.Quote = quote
		}
		if cur.Quote {
			line = strings.TrimPrefix(strings.TrimPrefix(trimmed, ">"), " ") + "\n"
		}
		cur.Text += line
	}
	flush()
	return out
}

func writeJSON(w http.ResponseWriter, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("sending JSON: %w", err)
	}
	return nil
}
