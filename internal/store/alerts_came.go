// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"slices"
	"time"

	"greenroom/internal/alert"
	"greenroom/internal/segment"
)

// SavedQueries lists the queries of segments, and from when on their history is of this query.
func (s *Store) SavedQueries(ctx context.Context) ([]alert.Saved, error) {
	all, err := s.Segments(ctx, false)
	if err != nil {
		return nil, err
	}
	saved := make([]alert.Saved, 0, len(all))
	for i := range all {
		g := &all[i]
		x := alert.Saved{Key: g.Key, Name: g.Name, Query: g.Query, Since: g.HistoryFrom}
		if g.Version > 1 { // it had another one before
			versions, err := s.SegmentQueries(ctx, g.ID)
			if err != nil {
				return nil, err
			}
			if len(versions) > 0 && versions[0].At.After(x.Since) && !x.Since.IsZero() {
				x.Since = versions[0].At
			}
		}
		saved = append(saved, x)
	}
	return saved, nil
}

// CameToFit gives who came into a segment since a time, by its query of today, as the members that they are now.
func (s *Store) CameToFit(ctx context.Context, key string, since time.Time, limit int) ([]alert.Coming, error) {
	g, err := s.Segment(ctx, key)
	if err != nil {
		return nil, err
	}
	entered := true
	events, err := s.SegmentEventsOf(ctx, segment.Filter{Segment: g.ID, Entered: &entered, People: true, Past: true, Since: since, Limit: limit})
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(events))
	for i := range events {
		ids = append(ids, events[i].MemberID)
	}
	slices.Sort(ids)
	now, err := s.wholeOf(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	all := make([]alert.Coming, 0, len(events))
	for i := range events {
		e := &events[i]
		if e.Version == g.Version {
			all = append(all, alert.Coming{Member: now[e.MemberID], At: e.At, Worked: e.Cause == segment.CausePast})
		}
	}
	slices.SortStableFunc(all, func(a, b alert.Coming) int { return a.At.Compare(b.At) })
	return all, nil
}
