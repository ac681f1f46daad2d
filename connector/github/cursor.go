// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"encoding/json"
	"time"

	"greenroom"
	"greenroom/connector"
)

// cursor is the place in a read, or, once the read came to its end, where the next one begins.
type cursor struct {
	Since   time.Time `json:"since,omitzero"`   // the read brings what was updated since; zero = all
	Known   []int64   `json:"known,omitempty"`  // the repositories that Since holds for; others are read whole
	Started time.Time `json:"started,omitzero"` // when this read began; zero = it came to its end
	Repo    string    `json:"repo,omitempty"`   // the repository that is being read, in lower case
	Section string    `json:"section,omitempty"`
	Ended   bool      `json:"ended,omitempty"` // the section was read to its end
	Next    string    `json:"next,omitempty"`  // the address or GraphQL cursor of the page to read; "" = the first
	Index   int       `json:"index,omitempty"` // how many entries of that page are done
	Done    []int64   `json:"done,omitempty"`  // the repositories that were read to their end
}

// overlap is how far a read reaches back behind the start of the one before, for clocks that differ.
const overlap = 10 * time.Minute

func (s *Source) parseCursor(from connector.Cursor) (cursor, error) {
	var c cursor
	if from != "" {
		if err := json.Unmarshal([]byte(from), &c); err != nil {
			return c, greenroom.Errorf(greenroom.CodeInvalid, "the place to go on from, %q, is not one of this connector's", string(from))
		}
	}
	if c.Started.IsZero() {
		c.Started = s.now().UTC().Add(-overlap).Truncate(time.Second)
	}
	return c, nil
}

// enter goes to the start of a section, unless the cursor stands in it already.
func (c *cursor) enter(section string) {
	if c.Section != section || c.Ended {
		c.Section, c.Next, c.Index, c.Ended = section, "", 0, false
	}
}

func (c *cursor) text() connector.Cursor {
	text, err := json.Marshal(c)
	if err != nil { // times and strings always marshal
		return ""
	}
	return connector.Cursor(text)
}

// finish turns the cursor of a read into the one that the next read begins with.
func (c *cursor) finish() {
	*c = cursor{Since: c.Started, Known: c.Done}
}
