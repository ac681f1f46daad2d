// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rss

import (
	"context"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
	"greenroom/connector/internal/websub"
)

// mark is what is kept of a feed for the next read.
type mark struct {
	validators

	Newest time.Time     `json:"newest,omitzero"` // the time of the newest entry
	Hub    *websub.State `json:"hub,omitzero"`    // nil = nobody has looked for one yet
}

// Read goes through the feeds.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	var sections []walk.Section
	failed, broken := error(nil), 0
	for _, f := range s.feeds {
		sections = append(sections, walk.Section{Name: f.address, Title: f.address, Read: func(ctx context.Context, at *walk.At) (string, error) {
			next, err := s.page(ctx, f, at, out)
			if err == nil || ctx.Err() != nil || limited(err) || out.IsStorage(err) {
				return next, err
			}
			failed = err
			broken++
			s.env.Meter.Warn(greenroom.ErrorMessage(err) + " (" + f.address + ").")
			at.Leave(at.Mark)
			if at.Mark == "" {
				at.Leave("{}")
			}
			return "", nil
		}})
	}
	if err := walk.Sections(ctx, sections, from, s.env.Now(), out); err != nil {
		return err
	}
	if broken == len(s.feeds) {
		return failed
	}
	return nil
}

// limited reports whether a server asks to be left alone for longer than a read waits.
func limited(err error) bool {
	var l *rest.Limit
	return errors.As(err, &l)
}

// page reads one page of a feed. The first read goes on to older entries as far as the feed links to them, later ones as
// far as entries are new.
func (s *source) page(ctx context.Context, f *feed, at *walk.At, out *connector.Sink) (next string, err error) {
	before, now := readMark(at.Mark), readMark(at.Left())
	path, known := at.Page, validators{}
	if path == "" {
		path, known = f.path, before.validators
		if before.Hub == nil && s.hubs.On() { // which hub it names stands in the feed
			known = validators{}
		}
	}
	doc, fresh, err := s.fetch(ctx, f, path, known)
	if err != nil {
		return "", err
	}
	if doc == nil { // not changed
		before.Hub = s.subscribe(ctx, f, nil, before.Hub)
		at.Leave(before.text())
		return "", nil
	}
	if at.Page == "" {
		now = mark{validators: fresh, Newest: before.Newest, Hub: s.subscribe(ctx, f, doc, before.Hub)}
	}
	out.Channel(connector.Channel{ExternalID: doc.key, Name: doc.name(f), URL: absolute(doc.Link)})
	oldest := time.Time{}
	for i, item := range doc.Items {
		out.Read(1)
		when, err := s.entry(ctx, f, doc, item, int64(i)+1, before.Newest, out)
		if err != nil {
			return "", err
		}
		if when.After(now.Newest) {
			now.Newest = when
		}
		if !when.IsZero() && (oldest.IsZero() || when.Before(oldest)) {
			oldest = when
		}
	}
	at.Leave(now.text())
	if oldest.Before(s.since) || !before.Newest.IsZero() && !oldest.After(before.Newest) || doc.next == path {
		return "", nil
	}
	return doc.next, nil
}

func (m mark) text() string {
	text, err := json.Marshal(m, json.Deterministic(true))
	if err != nil { // times and texts always marshal
		return "{}"
	}
	return string(text)
}

func readMark(text string) mark {
	var m mark
	if json.Unmarshal([]byte(text), &m) != nil {
		return mark{}
	}
	return m
}
