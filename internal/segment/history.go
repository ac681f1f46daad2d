// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"context"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/query"
)

// History tells of who entered and left.
type History interface {
	// SegmentEventsOf lists events, the newest first.
	SegmentEventsOf(ctx context.Context, f Filter) ([]Event, error)
	// SegmentEvents is the feed: all events with a greater id, in the order in which they were stored.
	SegmentEvents(ctx context.Context, after int64, limit int) ([]Event, error)
	// SegmentChanges sums up the events of segments by day, in time: how the size changed, and people's comings and goings.
	// Days begin in the zone of from. What was before from is in one sum, with the zero time as its day.
	SegmentChanges(ctx context.Context, ids []int64, from time.Time) (map[int64][]Tally, error)
	// SegmentAsOf gives who was in a segment at a time, as the members that they are now.
	SegmentAsOf(ctx context.Context, id int64, at time.Time) ([]int64, error)
	// CountAll counts exactly what a list holds.
	CountAll(ctx context.Context, e query.Entity, q *query.Query) (int64, error)
	// AddPast puts events before all others of a segment, and settles who was in it already when it was made.
	AddPast(ctx context.Context, id int64, past []PastState) error
}

// Tally is what happened in a segment on a day.
type Tally struct {
	Day                   time.Time
	Change, Entered, Left int64
}

// maxEvents is how many events are given at a time.
const maxEvents = 500

// Events lists events as a filter says, the newest first.
func (s *Service) Events(ctx context.Context, ref string, f Filter) ([]Event, error) {
	if ref != "" {
		g, err := s.store.Segment(ctx, ref)
		if err != nil {
			return nil, err
		}
		f.Segment = g.ID
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	f.Limit = min(f.Limit, maxEvents)
	return s.store.SegmentEventsOf(ctx, f)
}

// Feed gives the events after an id, in the order in which they were stored, so that whoever remembers the last one sees
// each once. Not every event is a person's: see Cause.Person.
func (s *Service) Feed(ctx context.Context, after int64, limit int) ([]Event, error) {
	if limit <= 0 {
		limit = 100
	}
	return s.store.SegmentEvents(ctx, after, min(limit, maxEvents))
}

// Sizes says how large segments were at the ends of some days, the last of which is today. Days before a segment's
// history are left out.
func (s *Service) Sizes(ctx context.Context, of []Segment, days int) (map[int64][]Size, error) {
	now := s.now()
	y, m, day := now.Date()
	from := time.Date(y, m, day-days+1, 0, 0, 0, 0, now.Location())
	ids := make([]int64, len(of))
	for i := range of {
		ids[i] = of[i].ID
	}
	tallies, err := s.store.SegmentChanges(ctx, ids, from)
	if err != nil {
		return nil, fmt.Errorf("summing the history of segments up: %w", err)
	}
	all := make(map[int64][]Size, len(of))
	for i := range of {
		g := &of[i]
		var size int64
		list := tallies[g.ID]
		if len(list) > 0 && list[0].Day.IsZero() {
			size, list = list[0].Change, list[1:]
		}
		for n := range days {
			d := Size{Day: time.Date(y, m, day-days+1+n, 0, 0, 0, 0, now.Location())}
			for len(list) > 0 && !list[0].Day.After(d.Day) {
				size += list[0].Change
				d.Entered, d.Left = d.Entered+list[0].Entered, d.Left+list[0].Left
				list = list[1:]
			}
			if end := d.Day.AddDate(0, 0, 1); !g.HistoryFrom.IsZero() && end.After(g.HistoryFrom) {
				d.Size = size
				all[g.ID] = append(all[g.ID], d)
			}
		}
	}
	return all, nil
}

// AsOf gives who was in a segment at a time. CodeInvalid where its history does not go back so far.
func (s *Service) AsOf(ctx context.Context, ref string, at time.Time) ([]int64, error) {
	g, err := s.store.Segment(ctx, ref)
	if err != nil {
		return nil, err
	}
	if at.Before(g.HistoryFrom) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the history of %s begins on %s", g.Name, g.HistoryFrom.In(s.now().Location()).Format(time.DateOnly))
	}
	return s.store.SegmentAsOf(ctx, g.ID, at)
}

// Overlap is how two segments compare. The counts leave out whom lists leave out.
type Overlap struct {
	A      Segment `json:"a"`
	B      Segment `json:"b"`
	Both   Part    `json:"both"`
	OnlyA  Part    `json:"only_a"`
	OnlyB  Part    `json:"only_b"`
	Either Part    `json:"either"`
}

// Part is a number of members with the query that lists them.
type Part struct {
	Members int64  `json:"members"`
	Query   string `json:"query"`
}

// Named is the query for the members of a segment.
func Named(key string) string { return fieldSegment + ":" + key }

// Compare counts who is in both of two segments, and who is in one of them only.
func (s *Service) Compare(ctx context.Context, a, b string) (Overlap, error) {
	var o Overlap
	var err error
	if o.A, err = s.live(ctx, a); err != nil {
		return o, err
	}
	if o.B, err = s.live(ctx, b); err != nil {
		return o, err
	}
	if o.A.ID == o.B.ID {
		return o, greenroom.Errorf(greenroom.CodeInvalid, "choose two different segments to compare")
	}
	inA, inB := Named(o.A.Key), Named(o.B.Key)
	for text, part := range map[string]*Part{inA + " " + inB: &o.Both, inA + " -" + inB: &o.OnlyA, inB + " -" + inA: &o.OnlyB, inA + " or " + inB: &o.Either} {
		q, err := query.Parse(s.schema, text)
		if err != nil {
			return o, fmt.Errorf("comparing segments: %w", err)
		}
		part.Query = text
		if part.Members, err = s.store.CountAll(ctx, query.Members, q); err != nil {
			return o, fmt.Errorf("comparing segments: %w", err)
		}
	}
	return o, nil
}
