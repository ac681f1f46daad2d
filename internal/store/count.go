// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"greenroom"
	"greenroom/internal/query"
)

// CountAll counts exactly what the list of an entity holds with a query, however much that is.
func (s *Store) CountAll(ctx context.Context, e query.Entity, q *query.Query) (int64, error) {
	var l *listing
	switch e {
	case query.Members:
		l = memberListing()
	case query.Organizations:
		l = organizationListing()
	case query.Activities:
		l = activityListing()
	case query.Conversations:
		l = conversationListing()
	default:
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "there is no list of %s", e)
	}
	return cachedFor(ctx, s, fmt.Sprintf("count all %s %q", e, query.Format(q.Root)), func(int64) int { return muchSlower }, func(ctx context.Context) (n int64, err error) {
		f, err := s.filter(ctx, l, q)
		if err != nil {
			return 0, err
		}
		cond, args, err := f.where(ctx, 0)
		if err != nil {
			return 0, err
		}
		err = s.queryRow(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", l.tables(cond), cond), args, &n)
		return n, err
	})
}

// CountRecords counts the business records of a source of a type, such as deal; "" = of all types. Those that the source
// has deleted are left out.
func (s *Store) CountRecords(ctx context.Context, sourceID int64, kind string) (n int64, err error) {
	err = s.queryRow(ctx, "SELECT count(*) FROM business_record WHERE source_id = ? AND deleted = 0 AND (? = '' OR type = ?)", []any{sourceID, kind, kind}, &n)
	return n, err
}
