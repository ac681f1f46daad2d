// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"greenroom/internal/query"
)

// Some conditions are looked up before the list is read: what they find is written into the list's condition, so that it
// can be read along an index, and is found once for the count and for the page.
const (
	fewFound  = 200    // ids of channels and sources
	mostFound = 20_000 // ids of members
	fewByID   = 2000   // members are found one by one; where there are more, the list is gone through in its order
)

// found is the condition that a column has one of the ids that a small query gives.
func (c *compiler) found(column, q string, args []any) string {
	ids, all := c.ask(q, args, fewFound)
	if !all {
		c.args = append(c.args, args...)
		return column + " IN (" + q + ")"
	}
	return among(column, ids)
}

// peopleOf is the condition that a member is one of those that a query gives, whose arguments are the last ones, from
// before on.
func (c *compiler) peopleOf(column, q string, before int) string {
	ids, all := c.ask(q, c.args[before:], mostFound)
	if c.finding != nil {
		c.finding.ids, c.finding.done, c.finding.tooMany = ids, all, !all
		return everything
	}
	if !all {
		return column + " IN (" + q + ")"
	}
	c.args = c.args[:before]
	if len(ids) > fewByID {
		column = "+" + column
	}
	return among(column, ids)
}

// called is the condition that a part of a name stands in one of the columns; id is the column of a member, or of an
// account where handles count, too.
func (c *compiler) called(t *query.Term, id string, columns ...string) string {
	if c.d.postgres || t.Op == query.Has {
		return c.contains(t, columns...)
	}
	look, key := c.store.membersCalled, "m.id"
	if len(columns) > 1 {
		look, key = c.store.accountsCalled, id
		if c.people {
			key = "i.id"
		}
	}
	ids, err := look(c.ctx, nameParts(t), mostFound)
	switch {
	case err != nil:
		c.err = err
	case len(ids) > mostFound:
		return c.contains(t, columns...)
	case len(ids) > fewByID:
		key = "+" + key
	}
	return among(key, ids)
}

// ask returns the ids that a query gives, once for a request, and whether there are no more than most.
func (c *compiler) ask(q string, args []any, most int) ([]int64, bool) {
	key := fmt.Sprintf("%s %#v", q, args)
	ids, known := c.asked.get(key)
	if known || c.err != nil {
		return ids, len(ids) <= most
	}
	args = slices.Clone(args) // what they are a part of goes on
	ids, c.err = cachedFor(c.ctx, c.store, fmt.Sprintf("ask %d %s", most, key), func([]int64) int { return slower }, func(ctx context.Context) ([]int64, error) {
		return c.store.idsThat(ctx, q, args, most)
	})
	c.asked.put(key, ids)
	return ids, len(ids) <= most
}

// idsThat gives the ids that a query finds, most at most, and one more where there are more.
func (s *Store) idsThat(ctx context.Context, q string, args []any, most int) (ids []int64, err error) {
	// One row with all of them: thousands of rows take longer on their way than the query takes to find them.
	var all string
	list := "WITH x (id) AS (" + q + " LIMIT " + strconv.Itoa(most+1) + ") SELECT coalesce(" + s.d.joined("id") + ", '') FROM x"
	if err := s.queryRow(ctx, list, args, &all); err != nil || all == "" {
		return nil, err
	}
	for part := range strings.SplitSeq(all, ",") {
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("reading an id: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// asked is what was looked up already for a request, by query and arguments; nil keeps nothing.
type asked struct {
	mu  sync.Mutex
	ids map[string][]int64
}

func (a *asked) get(key string) ([]int64, bool) {
	if a == nil {
		return nil, false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	ids, ok := a.ids[key]
	return ids, ok
}

func (a *asked) put(key string, ids []int64) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ids == nil {
		a.ids = make(map[string][]int64)
	}
	a.ids[key] = ids
}
