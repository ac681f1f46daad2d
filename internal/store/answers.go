// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"iter"

	"greenroom/internal/query"
)

// ActivityIDs yields the ids of the activities that fit a condition, deleted ones left out. Analytics asks for what its
// columns cannot say, such as free text.
func (s *Store) ActivityIDs(ctx context.Context, node query.Node) iter.Seq2[int64, error] {
	return s.idsThatFit(ctx, activityListing(), node)
}

// ConversationIDs yields the ids of the conversations that fit.
func (s *Store) ConversationIDs(ctx context.Context, node query.Node) iter.Seq2[int64, error] {
	return s.idsThatFit(ctx, conversationListing(), node)
}

func (s *Store) idsThatFit(ctx context.Context, l *listing, node query.Node) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		f, err := s.filter(ctx, l, &query.Query{Root: node})
		if err != nil {
			yield(0, err)
			return
		}
		cond, args, err := f.where(ctx, 0)
		if err != nil {
			yield(0, err)
			return
		}
		rows, err := s.query(ctx, "SELECT "+l.id+" FROM "+l.tables(cond)+" WHERE "+cond, args...)
		if err != nil {
			yield(0, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				yield(0, fmt.Errorf("reading an id: %w", err))
				return
			}
			if !yield(id, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(0, fmt.Errorf("reading ids: %w", err))
		}
	}
}

// OrganizationNames names organizations by id.
func (s *Store) OrganizationNames(ctx context.Context, ids []int64) (map[int64]string, error) {
	names := make(map[int64]string, len(ids))
	values := make([]any, len(ids))
	for i, id := range ids {
		values[i] = id
	}
	err := s.eachOf(ctx, "SELECT id, name FROM organization WHERE id IN (%s)", values, func(rows rowScanner) error {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		names[id] = name
		return err
	})
	return names, err
}
