// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

const (
	mediaLines = "application/jsonl"
	suffix     = ".jsonl"
	// longTimeout is how long an export or a rebuild can take.
	longTimeout = time.Hour
)

func (a *api) exportOps() []op {
	var entities []string
	for _, e := range query.Entities() {
		entities = append(entities, string(e))
	}
	return []op{{
		method: http.MethodGet, path: "/export/{entity}" + suffix, pattern: "/export/{entity}", id: "export", tag: "Export", need: auth.Read,
		summary: "A whole list as JSON Lines",
		text: "Writes a list as one JSON object a line, ordered by id, as it is read: nothing has to fit into memory here or there. " +
			"With a query, only what fits. An answer that breaks off did not come to its end; start it again.",
		params: []param{
			{name: "entity", path: true, form: formText, text: "Which list: " + strings.Join(entities, ", ") + ".", example: "members"},
			{name: "q", form: formText, text: "Which of them, in the query language; sort: is ignored. Without it, all that the list shows.", example: "is:active"},
		},
		reply:   content{of: "", media: mediaLines, text: "The list.", example: `{"id":42,"name":"Ana Torres","emails":["ana@acme.example"]}` + "\n"},
		codes:   []greenroom.Code{greenroom.CodeLimited},
		timeout: longTimeout, secret: true,
		do: a.export,
	}}
}

func (a *api) export(c *call) (answer, error) {
	entity, found := strings.CutSuffix(c.text("entity"), suffix)
	if !found {
		return answer{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no such export; they are called like members.jsonl")
	}
	switch query.Entity(entity) {
	case query.Members:
		return exportOf(a, c, a.memberListing())
	case query.Organizations:
		return exportOf(a, c, a.organizationListing())
	case query.Activities:
		return exportOf(a, c, a.activityListing())
	case query.Conversations:
		return exportOf(a, c, a.conversationListing())
	default:
		return answer{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no list %q; there are members, organizations, activities and conversations", entity)
	}
}

func exportOf[T any](a *api, c *call, l listing[T]) (answer, error) {
	q, err := a.parse(c, "q", l.entity)
	if err != nil {
		return answer{}, err
	}
	q.Sort = []query.Order{{Field: &query.Field{Name: list.ByID, Attr: list.ByID}}}
	return answer{media: mediaLines, stream: func(w *streamWriter) error {
		select {
		case a.exports <- struct{}{}:
			defer func() { <-a.exports }()
		default:
			return greenroom.Errorf(greenroom.CodeLimited, "%d exports are going on already; try again when one has ended", maxExports)
		}
		for req := (list.Request{Query: q, Limit: list.MaxLimit}); ; {
			p, err := l.read(c.ctx(), req)
			if err != nil {
				return fmt.Errorf("exporting %s: %w", l.entity, err)
			}
			if err := writeLines(w, p.Items); err != nil {
				return err
			}
			if p.Next == "" {
				return nil
			}
			req.Cursor = p.Next
			if err := w.extend(c.ctx()); err != nil {
				return err
			}
		}
	}}, nil
}

// writeLines writes items as JSON Lines.
func writeLines[T any](w *streamWriter, items []T) error {
	buf := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	for i := range items {
		if err := enc.Encode(&items[i]); err != nil {
			return fmt.Errorf("writing a line: %w", err)
		}
	}
	if err := buf.Flush(); err != nil {
		return fmt.Errorf("sending lines: %w", err)
	}
	return nil
}
