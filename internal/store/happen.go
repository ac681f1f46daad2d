// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"greenroom/internal/query"
)

// NewActivities gives the ids of activities behind an id, in their order, as far as derived state covers them: their
// members and conversations are known. last is where the next call goes on, also where activities in between are gone.
func (s *Store) NewActivities(ctx context.Context, after int64, limit int) (ids []int64, last int64, err error) {
	rows, err := s.query(ctx, `SELECT id, deleted FROM activity WHERE id > ? AND id <= (SELECT value FROM follower WHERE name = '`+followDerive+`') ORDER BY id LIMIT ?`, after, limit)
	if err != nil {
		return nil, after, err
	}
	last = after
	err = scan(rows, func() error {
		var id, deleted int64
		err := rows.Scan(&id, &deleted)
		last = id
		if deleted == 0 {
			ids = append(ids, id)
		}
		return err
	})
	return ids, last, err
}

// LastDerived is the last activity that derived state covers: where somebody begins who follows what is new from now on.
func (s *Store) LastDerived(ctx context.Context) (int64, error) {
	var id int64
	err := s.queryRow(ctx, "SELECT coalesce((SELECT value FROM follower WHERE name = '"+followDerive+"'), 0)", nil, &id)
	return id, err
}

// WhichFit gives those of some objects that a query fits now, in order of their ids. Like lists, it leaves out what lists
// leave out unless the query names it.
func (s *Store) WhichFit(ctx context.Context, e query.Entity, q *query.Query, ids []int64) ([]int64, error) {
	l := listingOf(e)
	f, err := s.plainFilter(ctx, l, q)
	if err != nil {
		return nil, err
	}
	f.now = s.now()
	cond, args, err := f.where(ctx, 0)
	if err != nil {
		return nil, err
	}
	var fit []int64
	for part := range slices.Chunk(ids, inChunk) {
		in := make([]string, len(part))
		for i, id := range part {
			in[i] = strconv.FormatInt(id, 10)
		}
		rows, err := s.query(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE (%s) AND %s IN (%s)", l.id, l.tables(cond), cond, l.id, strings.Join(in, ",")), args...)
		if err != nil {
			return nil, err
		}
		if err := scan(rows, func() error {
			var id int64
			err := rows.Scan(&id)
			fit = append(fit, id)
			return err
		}); err != nil {
			return nil, err
		}
	}
	slices.Sort(fit)
	return fit, nil
}

func listingOf(e query.Entity) *listing {
	switch e {
	case query.Members:
		return memberListing()
	case query.Organizations:
		return organizationListing()
	case query.Conversations:
		return conversationListing()
	case query.Activities:
	}
	return activityListing()
}

// Fitting gives those that a query fits now, limit at most.
func (s *Store) Fitting(ctx context.Context, e query.Entity, q *query.Query, limit int) ([]int64, error) {
	l := listingOf(e)
	f, err := s.filter(ctx, l, q)
	if err != nil {
		return nil, err
	}
	f.now = s.now()
	cond, args, err := f.where(ctx, 0)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s DESC LIMIT %d", l.id, l.tables(cond), cond, l.id, limit), args...)
	if err != nil {
		return nil, err
	}
	ids := []int64{}
	err = scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}
