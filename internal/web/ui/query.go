// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui

import "strings"

// QueryBox is the field for a query. Submitting it loads Action with the query in the address, so a query is a link.
type QueryBox struct {
	ID          string // unique on the page; "query" if empty
	Name        string // of the field in the address; "q" if empty
	Label       string // for screen readers: "Filter members"
	Value       string
	Action      string // address of the list
	Hidden      []Hidden
	Suggest     string // address that answers GET ?q=…&at=N with Suggestions as JSON; empty for none
	Placeholder string // an example query
	Hint        string
	Examples    []Segment // example queries as links
	Error       *QueryError
}

// ElementID is the id of the input.
func (q QueryBox) ElementID() string {
	if q.ID == "" {
		return "query"
	}
	return q.ID
}

// FieldName is the name of the query in the address.
func (q QueryBox) FieldName() string {
	if q.Name == "" {
		return "q"
	}
	return q.Name
}

// QueryError is a complaint about one place in a query.
type QueryError struct {
	Query   string // as it was sent
	Offset  int    // where, in bytes from the start
	Message string // what is wrong and what is expected
	Fixed   string // the whole query with the likely correction; empty if there is none
}

// Caret gives the spaces that put a caret under the place of the error. A tab stays one, so that columns agree.
func (e QueryError) Caret() string {
	offset := min(max(e.Offset, 0), len(e.Query))
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, e.Query[:offset])
}

// Suggestions is what a query box's endpoint answers: what could stand between two places of the query.
type Suggestions struct {
	From  int          `json:"from"` // first character to replace, counted in UTF-16 units as browsers do
	To    int          `json:"to"`   // one past the last
	Items []Suggestion `json:"items"`
}

// Suggestion is one possible text.
type Suggestion struct {
	Insert string `json:"insert"`          // with a trailing space when the term is then complete
	Label  string `json:"label,omitempty"` // shown; Insert if empty
	Note   string `json:"note,omitempty"`
}

// SearchResults is what the search endpoint answers.
type SearchResults struct {
	Groups []SearchGroup `json:"groups"`
}

// SearchGroup is the results of one kind, such as members.
type SearchGroup struct {
	Label string       `json:"label"`
	Items []SearchItem `json:"items"`
}

// SearchItem is one result.
type SearchItem struct {
	Label string `json:"label"`
	Note  string `json:"note,omitempty"`
	Href  string `json:"href"`
}
