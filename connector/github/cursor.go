// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
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

	// Tags are the ETags of first pages, by repository and section: where one still holds, nothing has changed.
	Tags map[string]string `json:"tags,omitempty"`
}

// maxTags bounds the cursor. What has no tag is asked for in full.
const maxTags = 400

// tag is the ETag of a list's first page as it was in the read before; "" = none, or the list is read whole.
func (c *cursor) tag(repo int64, section string) string {
	if !slices.Contains(c.Known, repo) {
		return ""
	}
	return c.Tags[tagName(repo, section)]
}

// keep notes the ETag of a list's first page; "" forgets it.
func (c *cursor) keep(repo int64, section, tag string) {
	name := tagName(repo, section)
	if _, known := c.Tags[name]; tag == "" || !known && len(c.Tags) >= maxTags {
		delete(c.Tags, name)
		return
	}
	if c.Tags == nil {
		c.Tags = make(map[string]string)
	}
	c.Tags[name] = tag
}

func tagName(repo int64, section string) string { return strconv.FormatInt(repo, 10) + "/" + section }

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
		c.Started = s.env.Now().UTC().Add(-overlap).Truncate(time.Second)
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
	for name := range c.Tags { // of repositories that are gone
		id, err := strconv.ParseInt(name[:strings.IndexByte(name+"/", '/')], 10, 64)
		if err != nil || !slices.Contains(c.Done, id) {
			delete(c.Tags, name)
		}
	}
	*c = cursor{Since: c.Started, Known: c.Done, Tags: c.Tags}
}
