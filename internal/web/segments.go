// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"

	"greenroom/internal/segment"
)

// Segments are saved queries over members that remember who was in them.
type Segments interface {
	List(ctx context.Context, archived bool) ([]segment.Segment, error)
	Get(ctx context.Context, ref string) (segment.Segment, error)
	Add(ctx context.Context, d segment.Draft, by string) (segment.Segment, error)
	Edit(ctx context.Context, ref string, c segment.Change, by string) (segment.Segment, error)
	Archive(ctx context.Context, ref, by string) (segment.Segment, error)
	Restore(ctx context.Context, ref, by string) (segment.Segment, error)
	SegmentHistory
}

// SegmentHistory tells who was in segments.
type SegmentHistory interface {
	Queries(ctx context.Context, ref string) ([]segment.Version, error)
	UsedBy(ctx context.Context, ref string) ([]segment.Segment, error)
	Events(ctx context.Context, ref string, f segment.Filter) ([]segment.Event, error)
	Sizes(ctx context.Context, of []segment.Segment, days int) (map[int64][]segment.Size, error)
	Compare(ctx context.Context, a, b string) (segment.Overlap, error)
}
