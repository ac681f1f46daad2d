// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"greenroom/internal/list"
	"greenroom/internal/query"
)

// A word that is in every second text has half of all activities for a result. SQLite collects them all before it sorts
// them by time, for a page of fifty. So lists that are sorted by time, the newest first, look for a common word in
// windows: the newest thousand of the list, then more, each with the full-text search held to the ids that it can have.
// The search gives the newest ids first and stops there. What a window cannot fill is read the plain way, so the result
// is the same.

// windowSizes are the numbers of items that are looked at before the whole is.
var windowSizes = [...]int{500, 4000, 32_000}

// commonMatches is how many matches make a word common.
const commonMatches = 5000

// window is a part of a list: what is newer than since, whose messages have ids of at least minID.
type window struct {
	since, minID int64
}

// topTexts finds the free texts that every item of the list has to match, and the query without them.
func topTexts(root query.Node) (texts []*query.Text, rest query.Node) {
	switch n := root.(type) {
	case *query.Text:
		return []*query.Text{n}, nil
	case *query.And:
		var others []query.Node
		for _, part := range n.Nodes {
			if t, ok := part.(*query.Text); ok {
				texts = append(texts, t)
				continue
			}
			others = append(others, part)
		}
		if len(others) > 0 {
			rest = &query.And{Nodes: others}
		}
		return texts, rest
	}
	return nil, root
}

// matchOf is the argument of a full-text search that finds all texts together; "" when there is none for one of them.
func (d *dialect) matchOf(texts []*query.Text) string {
	parts := make([]string, len(texts))
	for i, t := range texts {
		if parts[i] = d.searchTerm(t.Words, t.Prefix); parts[i] == "" {
			return ""
		}
	}
	return strings.Join(parts, d.searchAnd)
}

// common reports whether the list asks for words that many messages have. Where the query's other conditions leave few
// items, it does not matter: those are looked at one by one.
func (s *Store) common(ctx context.Context, f *filter) (bool, error) {
	if s.d.postgres || f.root == nil || f.listing.recent == nil {
		return false, nil
	}
	texts, rest := topTexts(f.root)
	match := s.d.matchOf(texts)
	if match == "" {
		return false, nil
	}
	c := &compiler{ctx: ctx, store: s, d: s.d, asked: f.asked}
	if ids, _ := c.matches(match); c.err != nil || len(ids) <= commonMatches || rest == nil {
		return len(ids) > commonMatches, c.err
	}
	var n int64
	cond, args, err := f.without(texts).where(ctx, 0)
	if err != nil {
		return false, err
	}
	err = s.queryRow(ctx, fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) x", f.listing.tables(cond), cond, commonMatches), args, &n)
	return n == commonMatches, err
}

// windowOf bounds the newest items of a list, from the time of a cursor on. It reports false when there are no more items
// than that: then a window saves nothing.
func (s *Store) windowOf(ctx context.Context, l *listing, until *int64, size int) (window, bool, error) {
	if until != nil {
		w, err := s.windowUntil(ctx, l, until, size)
		return w, w.since > 0, err
	}
	// That at the list's beginning is the same for all words. What is stored meanwhile has greater ids, so it is in it.
	w, err := cachedFor(ctx, s, fmt.Sprintf("window %s %d", l.entity, size), func(window) int { return slower }, func(ctx context.Context) (window, error) {
		return s.windowUntil(ctx, l, nil, size)
	})
	return w, w.since > 0, err
}

// windowUntil is windowOf without the answers that are kept; since is 0 where there are no more items.
func (s *Store) windowUntil(ctx context.Context, l *listing, until *int64, size int) (w window, err error) {
	bound, args := "", []any(nil)
	if until != nil {
		bound, args = " WHERE "+l.recent.column+" <= ?", []any{*until}
	}
	newest := "SELECT " + l.recent.column + " AS at FROM " + l.recent.table + bound + " ORDER BY " + l.recent.column + " DESC LIMIT 1 OFFSET " + strconv.Itoa(size)
	if err := s.queryRow(ctx, "SELECT coalesce(max(at), 0) FROM ("+newest+") x", args, &w.since); err != nil || w.since == 0 {
		return w, err
	}
	q, args := l.recent.minID+" >= ?", []any{w.since}
	if until != nil {
		q, args = q+" AND "+l.recent.column+" <= ?", append(args, *until)
	}
	err = s.queryRow(ctx, q, args, &w.minID)
	return w, err
}

// recent says how windows of a list are bounded.
type recent struct {
	table, column string // the column of time that the list is sorted by, and its table
	minID         string // selects the least id of a message of the window, up to the column of time
	join          string // joins the listed table to f, the rows of the full-text index
}

// countMatches counts a list whose every item has to match common words, up to the limit of counting: from the matches
// on, so that it can stop.
func (s *Store) countMatches(ctx context.Context, f *filter) (n int64, err error) {
	texts, _ := topTexts(f.root)
	cond, args, err := f.without(texts).where(ctx, 0)
	if err != nil {
		return 0, err
	}
	l := f.listing
	if cond == everything && l.entity == query.Activities { // what is found is what is listed
		c := &compiler{ctx: ctx, store: s, d: s.d, asked: f.asked}
		ids, _ := c.matches(s.d.matchOf(texts))
		return int64(len(ids)), c.err
	}
	joins := strings.TrimPrefix(l.tables(cond), l.table)
	q := fmt.Sprintf("SELECT count(*) FROM (SELECT DISTINCT %s FROM activity_search f CROSS JOIN %s%s WHERE f.activity_search MATCH ? AND %s LIMIT %d) x",
		l.id, l.recent.join, joins, cond, list.CountLimit+1)
	err = s.queryRow(ctx, q, append([]any{s.d.matchOf(texts)}, args...), &n)
	return n, err
}
