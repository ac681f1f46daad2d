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

	Undated map[string]int64 `json:"undated,omitzero"` // entries without a date and their times in seconds of Unix, by external id

	// For comments, of which the validators of a feed say nothing: WordPress's are those of the newest article alone.
	Talk  time.Time         `json:"talk,omitzero"`  // the time of the newest entry that can have comments
	Whole time.Time         `json:"whole,omitzero"` // when the feed was last read whole
	Asked map[string]string `json:"asked,omitzero"` // how many comments an entry had when they were read, by their feed's path
}

// wholeAfter is how long a feed whose entries are talked about is asked for by its validators alone.
const wholeAfter = 3 * time.Hour

// talked reports whether there may be comments that the feed's validators do not tell of.
func (m *mark) talked(now time.Time) bool {
	return now.Sub(m.Talk) <= talk && now.Sub(m.Whole) >= wholeAfter
}

// asked notes that an entry's comments were read when it had so many; "" = it does not say, so they are read each time.
func (m *mark) asked(path, count string) {
	if count == "" {
		return
	}
	if m.Asked == nil {
		m.Asked = map[string]string{}
	}
	m.Asked[path] = count
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
		path = f.path
		// Which hub it names stands in the feed, so it is read whole once.
		if (before.Hub != nil || !s.hubs.On()) && (!s.set.On(optComments) || !before.talked(s.env.Now())) {
			known = before.validators
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
		now = mark{validators: fresh, Newest: before.Newest, Hub: s.subscribe(ctx, f, doc, before.Hub), Whole: s.env.Now().UTC().Truncate(time.Second)}
	}
	out.Channel(connector.Channel{ExternalID: doc.key, Name: doc.name(f), URL: absolute(doc.Link)})
	oldest := time.Time{}
	for i := range doc.Items {
		out.Read(1)
		when, err := s.entry(ctx, f, doc, i, &before, &now, out)
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
	if oldest.Before(s.since) || !before.Newest.IsZero() && !oldest.After(before.Newest) || doc.next == path || doc.next == f.path {
		return "", nil
	}
	return doc.next, nil
}

func (m *mark) text() string {
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
