// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"time"
)

// Verdict is what a check says of a link.
type Verdict string

// The verdicts.
const (
	Unchecked Verdict = ""
	Good      Verdict = "good"
	Broken    Verdict = "broken" // the host says that nothing is there, or it failed twice in a row
	Shaky     Verdict = "shaky"  // it failed once; the next check decides
	Closed    Verdict = "closed" // it is there, but not for us: a sign-in, robots.txt, a network that is not public
	Later     Verdict = "later"  // the host asks to come later
)

// Verdicts lists those that a check can give.
func Verdicts() []Verdict { return []Verdict{Good, Broken, Shaky, Closed, Later} }

// Link is an address that documents lead to, or the address of a document.
type Link struct {
	ID        int64     `json:"id" doc:"Its number."`
	Address   string    `json:"address" doc:"Without a fragment."`
	Host      string    `json:"host" doc:"Who is asked."`
	Verdict   Verdict   `json:"verdict" doc:"What the last check says: good, broken, shaky, closed or later; empty = it was not checked yet."`
	Status    int       `json:"status,omitempty" doc:"The HTTP status; 0 = no answer."`
	Reason    string    `json:"reason,omitempty" doc:"Why, in words."`
	LeadsTo   string    `json:"leads_to,omitempty" doc:"Where it is redirected to."`
	Moved     bool      `json:"moved,omitempty" doc:"The redirect is for good: the link is better changed."`
	Missing   []string  `json:"missing,omitempty" doc:"Places in the page that links name and that are not there."`
	CheckedAt time.Time `json:"checked_at,omitzero" doc:"When it was last checked."`
	BrokenAt  time.Time `json:"broken_at,omitzero" doc:"Since when it fails."`
	Documents int64     `json:"documents" doc:"How many documents lead to it."`

	Failures     int      `json:"-"` // in a row
	ETag         string   `json:"-"`
	LastModified string   `json:"-"`
	Page         bool     `json:"-"` // the address of a document whose text is read from it
	Anchors      []string `json:"-"` // that documents name
}

// Host is a host with how many links are due.
type Host struct {
	Name string
	Due  int64
}

// Checked is what a check found.
type Checked struct {
	Link
	Read *Page // of a document's own page that was sent; nil = it is as it was, or none
}

// Run is a walk over the links.
type Run struct {
	ID        int64     `json:"id" doc:"Its number."`
	StartedAt time.Time `json:"started_at" doc:"When it began. What was checked since then is not checked again."`
	EndedAt   time.Time `json:"ended_at,omitzero" doc:"When it was done; left out while it goes on."`
	Total     int64     `json:"total" doc:"Links that were due."`
	Done      int64     `json:"done" doc:"Those that were checked."`
	Broken    int64     `json:"broken" doc:"Broken ones among them."`
	Unchanged int64     `json:"unchanged" doc:"Of which the host said that nothing changed."`
	Requests  int64     `json:"requests" doc:"Requests that were made, those for robots.txt too."`
	By        string    `json:"by" doc:"Who asked for it; greenroom = its rhythm."`
}

// Going reports whether the run goes on.
func (r *Run) Going() bool { return r.ID > 0 && r.EndedAt.IsZero() }
