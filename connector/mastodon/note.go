// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mastodon

import (
	"github.com/go-json-experiment/json"
)

// Bounds of the note.
const (
	maxRecent = 400
	maxRoots  = 2000
	maxSeen   = 10_000 // posts of threads; one that is forgotten costs a request
)

// note is what the cursor keeps.
type note struct {
	Roots  []string       `json:"roots,omitempty"`  // threads that this read has told
	Recent map[string]was `json:"recent,omitempty"` // posts of the last days
	Deaf   bool           `json:"deaf,omitzero"`    // the server does not show notifications to this token
}

// was is a post as it was told.
type was struct {
	Root    string `json:"root"`
	Channel string `json:"channel"`
	Edited  int64  `json:"edited,omitzero"` // milliseconds of Unix
	Replies int64  `json:"replies,omitzero"`
}

func (s *source) open() {
	s.note, s.seen = note{}, map[string]bool{}
	if s.text != "" && json.Unmarshal([]byte(s.text), &s.note) != nil {
		s.note = note{}
	}
	if s.note.Recent == nil {
		s.note.Recent = map[string]was{}
	}
}

// keep writes the note that goes into the cursor with the next checkpoint.
func (s *source) keep() {
	text, err := json.Marshal(s.note, json.Deterministic(true))
	if err == nil { // texts and numbers always marshal
		s.text = string(text)
	}
}

// told says that a thread was told in this read.
func (s *source) told(root string) {
	s.note.Roots = append(s.note.Roots, root)
	if n := len(s.note.Roots); n > maxRoots {
		s.note.Roots = s.note.Roots[n-maxRoots:]
	}
}

// remember keeps what is known of a post of the last days; the oldest go when there are too many.
func (s *source) remember(p *wireStatus, channel, root string) {
	if p.CreatedAt.Before(s.env.Now().AddDate(0, 0, -int(s.set.Number(optAgain)))) {
		return
	}
	w := was{Root: root, Channel: channel, Replies: p.Replies}
	if at := p.edited(); !at.IsZero() {
		w.Edited = at.UnixMilli()
	}
	s.note.Recent[p.ID] = w
	if len(s.note.Recent) > maxRecent {
		oldest := p.ID
		for id := range s.note.Recent {
			if newer(oldest, id) {
				oldest = id
			}
		}
		delete(s.note.Recent, oldest)
	}
}
