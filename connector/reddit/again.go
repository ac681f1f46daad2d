// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reddit

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// note is what the cursor keeps of posts and comments of the last days: when each was written, in seconds of Unix, by its
// name. What was deleted or removed leaves lists and threads without a trace, unless something stands below it; asked for by
// its name, it says so.
type note struct {
	Before map[string]int64 `json:"before,omitzero"` // that earlier reads told
	Now    map[string]int64 `json:"now,omitzero"`    // that this read has told
}

// Limits of what is asked for by name.
const (
	atOnce    = 100   // names in a request
	maxRecent = 5_000 // names that are kept
)

// recent is from when on posts and comments are looked at again.
func (s *source) recent() time.Time {
	return s.env.Now().AddDate(0, 0, -int(s.set.Number(optAgain)))
}

// open reads the note of the cursor.
func (s *source) open() {
	s.note = note{}
	if rest.Unmarshal([]byte(s.text), &s.note) != nil {
		s.note = note{}
	}
	if s.note.Before == nil {
		s.note.Before = map[string]int64{}
	}
	if s.note.Now == nil {
		s.note.Now = map[string]int64{}
	}
}

// keep writes the note for the cursor.
func (s *source) keep() {
	text, err := json.Marshal(&s.note, json.Deterministic(true))
	if err == nil { // names and numbers always marshal
		s.text = string(text)
	}
}

// told notes a post or comment that was told, or that it was deleted.
func (s *source) told(it *wireItem, deleted bool) {
	switch {
	case deleted:
		delete(s.note.Before, it.Name)
		delete(s.note.Now, it.Name)
	case s.note.Now != nil && len(s.note.Now) < maxRecent && when(it.Created).After(s.recent()):
		s.note.Now[it.Name] = int64(it.Created)
	}
}

// again is the section of what earlier reads have told and this one has not met. A page's name is the last name that was
// asked for.
func (s *source) again(out *connector.Sink) walk.Section {
	return walk.Section{Name: "again", Title: "what may have been deleted", Always: true, Read: func(ctx context.Context, at *walk.At) (string, error) {
		from := s.recent().Unix()
		maps.DeleteFunc(s.note.Before, func(_ string, written int64) bool { return written < from })
		var names []string
		for name := range s.note.Before {
			if _, met := s.note.Now[name]; !met && name > at.Page {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		some := names[:min(len(names), atOnce)]
		if len(some) > 0 {
			l, err := s.after(ctx, "/api/info", "single posts and comments", "", url.Values{"id": {strings.Join(some, ",")}, "limit": nil})
			if err != nil {
				return "", err
			}
			for i := range l.Data.Children {
				if t := &l.Data.Children[i]; t.Kind == kindComment || t.Kind == kindPost {
					s.item(t, "single posts and comments", i+1, out)
				}
			}
		}
		if len(names) > len(some) {
			return some[len(some)-1], nil
		}
		for name, written := range s.note.Before { // what Reddit says nothing of is asked for once more
			if len(s.note.Now) < maxRecent {
				s.note.Now[name] = written
			}
		}
		s.note = note{Before: s.note.Now, Now: map[string]int64{}}
		return "", nil
	}}
}
