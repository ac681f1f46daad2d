// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package list is the contract of every list that takes a query: members, organizations, activities, conversations. A
// page, an API call and a command line ask with the same Request and get the same Page.
package list

import (
	"encoding/base64"
	"encoding/json"

	"greenroom"
	"greenroom/internal/query"
)

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 500
	// CountLimit is how far a list is counted: beyond it a page says "more than".
	CountLimit = 10_000
)

// Request asks for one page of a list.
type Request struct {
	Query  *query.Query // nil = everything
	Cursor string       // of the page before or after; "" = the first page
	Limit  int          // 0 = DefaultLimit
	Count  bool         // count the whole list, up to CountLimit
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	Next  string // cursor of the next page; "" = this is the last
	Prev  string // cursor of the page before; "" = this is the first
	Total int64  // with Request.Count: how many there are; more than CountLimit is given as CountLimit + 1. -1 = not counted
}

// Cursor is a place in a list: the sorting value and the id of an item, and the direction to go from there.
type Cursor struct {
	Number   *int64  `json:"n,omitempty"`
	Text     *string `json:"t,omitempty"`
	ID       int64   `json:"i"`
	Backward bool    `json:"b,omitempty"`
}

// String encodes a cursor for a link.
func (c Cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		return "" // no field of it can fail
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// ParseCursor reads a cursor from a link.
func ParseCursor(s string) (Cursor, error) {
	var c Cursor
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil || c.Number == nil && c.Text == nil {
		return c, greenroom.Errorf(greenroom.CodeInvalid, "the cursor is damaged; start from the first page")
	}
	return c, nil
}

// Size is the number of items to give for a request.
func (r *Request) Size() int {
	switch {
	case r.Limit <= 0:
		return DefaultLimit
	case r.Limit > MaxLimit:
		return MaxLimit
	default:
		return r.Limit
	}
}

// ByID is the sorting attribute of lists that are read whole: it needs no index but the primary one.
const ByID = "id"
