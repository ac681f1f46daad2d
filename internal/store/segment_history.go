// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/segment"
)

const eventColumns = `SELECT e.id, e.segment_id, g.key, e.member_id, coalesce(h.name, m.name, ''), e.at, e.entered, e.cause, e.reason, e.query_version
	FROM segment_event e JOIN segment g ON g.id = e.segment_id LEFT JOIN member m ON m.id = e.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0`

// personCauses are the causes of people's comings and goings, for SQL.
func personCauses() string {
	var all []string
	for _, c := range segment.Causes() {
		if c.Person() {
			all = append(all, "'"+string(c)+"'")
		}
	}
	return strings.Join(all, ", ")
}

// worked are comings and goings that were worked out for the time before a segment was made; who was in it when its history
// begins has not come then.
const worked = "e.cause = 'past' AND e.at > g.history_from"

// SegmentEventsOf lists events as a filter says, the newest first.
func (s *Store) SegmentEventsOf(ctx context.Context, f segment.Filter) ([]segment.Event, error) {
	cond, args := []string{"1=1"}, []any{}
	add := func(c string, arg ...any) { cond, args = append(cond, c), append(args, arg...) }
	if f.Segment > 0 {
		add("e.segment_id = ?", f.Segment)
	}
	if f.Member > 0 {
		add("e.member_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0)", f.Member, f.Member)
	}
	if f.Entered != nil {
		add("e.entered = ?", flag(*f.Entered))
	}
	switch {
	case f.People && f.Past:
		add("(" + worked + " OR e.cause IN (" + personCauses() + "))")
	case f.People:
		add("e.cause IN (" + personCauses() + ")")
	}
	if !f.Since.IsZero() {
		add("e.at >= ?", micros(f.Since))
	}
	if f.Below > 0 {
		add("e.id < ?", f.Below)
	}
	return s.events(ctx, fmt.Sprintf("%s WHERE %s ORDER BY e.id DESC LIMIT %d", eventColumns, strings.Join(cond, " AND "), f.Limit), args...)
}

// SegmentEvents is the feed of all events in the order in which they were stored.
func (s *Store) SegmentEvents(ctx context.Context, after int64, limit int) ([]segment.Event, error) {
	return s.events(ctx, eventColumns+" WHERE e.id > ? ORDER BY e.id LIMIT ?", after, limit)
}

func (s *Store) events(ctx context.Context, q string, args ...any) ([]segment.Event, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	all := []segment.Event{}
	err = scan(rows, func() error {
		var e segment.Event
		var at, entered int64
		err := rows.Scan(&e.ID, &e.SegmentID, &e.Segment, &e.MemberID, &e.Member, &at, &entered, &e.Cause, &e.Reason, &e.Version)
		e.At, e.Entered = fromMicros(at), entered != 0
		all = append(all, e)
		return err
	})
	return all, err
}

// hourMicros is an hour: events are summed up by hours here, and by days, which are not all as long, by their reader.
const hourMicros = int64(time.Hour / time.Microsecond)

// SegmentChanges sums up the events of segments by day. What was before from comes first, with the zero time.
func (s *Store) SegmentChanges(ctx context.Context, ids []int64, from time.Time) (map[int64][]segment.Tally, error) {
	all := make(map[int64][]segment.Tally, len(ids))
	start := micros(from)
	rows, err := s.query(ctx, "SELECT segment_id, sum(2 * entered - 1) FROM segment_event WHERE at < ? AND "+among("segment_id", ids)+" GROUP BY segment_id", start)
	if err != nil {
		return nil, err
	}
	if err := scan(rows, func() error {
		var id int64
		var t segment.Tally
		err := rows.Scan(&id, &t.Change)
		all[id] = append(all[id], t)
		return err
	}); err != nil {
		return nil, err
	}
	moved := "(" + worked + " OR e.cause IN (" + personCauses() + "))"
	rows, err = s.query(ctx, fmt.Sprintf(`SELECT e.segment_id, (e.at - %d) / %d AS hour, sum(2 * e.entered - 1),
			sum(CASE WHEN e.entered = 1 AND %[3]s THEN 1 ELSE 0 END), sum(CASE WHEN e.entered = 0 AND %[3]s THEN 1 ELSE 0 END)
		FROM segment_event e JOIN segment g ON g.id = e.segment_id WHERE e.at >= ? AND %[4]s GROUP BY e.segment_id, hour ORDER BY e.segment_id, hour`, start, hourMicros, moved, among("e.segment_id", ids)), start)
	if err != nil {
		return nil, err
	}
	err = scan(rows, func() error {
		var id, hour, change, entered, left int64
		if err := rows.Scan(&id, &hour, &change, &entered, &left); err != nil {
			return err
		}
		y, m, d := from.Add(time.Duration(hour) * time.Hour).Date()
		day := time.Date(y, m, d, 0, 0, 0, 0, from.Location())
		list := all[id]
		if n := len(list); n == 0 || !list[n-1].Day.Equal(day) {
			list = append(list, segment.Tally{Day: day})
		}
		t := &list[len(list)-1]
		t.Change, t.Entered, t.Left = t.Change+change, t.Entered+entered, t.Left+left
		all[id] = list
		return nil
	})
	return all, err
}

// SegmentAsOf gives who was in a segment at a time, as the members that they are now, in order.
func (s *Store) SegmentAsOf(ctx context.Context, id int64, at time.Time) ([]int64, error) {
	rows, err := s.query(ctx, segmentThen(id), micros(at))
	if err != nil {
		return nil, err
	}
	ids := []int64{}
	err = scan(rows, func() error {
		var member int64
		err := rows.Scan(&member)
		ids = append(ids, member)
		return err
	})
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// AddPast puts events before those of a segment that was just made: how it would have looked at some times before. Who was
// in it at the last of them has not come in when it was made.
func (s *Store) AddPast(ctx context.Context, id int64, past []segment.PastState) error {
	if len(past) == 0 {
		return nil
	}
	return s.write(ctx, func(w *writer) error {
		made := make(map[int64]bool)
		var at, others int64
		rows, err := w.query("SELECT member_id, at, cause FROM segment_event WHERE segment_id = ?", id)
		if err != nil {
			return err
		}
		if err := scan(rows, func() error {
			var member int64
			var cause segment.Cause
			err := rows.Scan(&member, &at, &cause)
			made[member] = true
			others += flag(cause != segment.CauseMade)
			return err
		}); err != nil {
			return err
		}
		if others > 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "the segment has a history already")
		}
		if at == 0 {
			at = micros(s.now())
		}
		return w.addPast(id, at, made, past)
	})
}

// pastEvent is an event before the segment was made.
type pastEvent struct{ member, at, entered int64 }

func (w *writer) addPast(id, at int64, made map[int64]bool, past []segment.PastState) error {
	events, since := transitions(past)
	var known []int64 // were in it before
	for _, member := range slices.Sorted(maps.Keys(since)) {
		if made[member] {
			known = append(known, member)
		} else {
			events = append(events, pastEvent{member, at, 0})
		}
	}
	if err := (&eraser{writer: w}).mark("segment_event"); err != nil {
		return err
	}
	last, err := w.lastID("segment_event")
	if err != nil {
		return err
	}
	if err := w.bulk("DELETE FROM segment_event WHERE segment_id = ? AND member_id = ?", len(known), func(i int) []any { return []any{id, known[i]} }); err != nil {
		return err
	}
	if err := w.bulk("UPDATE segment_member SET since = ? WHERE segment_id = ? AND member_id = ?", len(known), func(i int) []any {
		return []any{since[known[i]], id, known[i]}
	}); err != nil {
		return err
	}
	if err := w.bulk(addEvent, len(events), func(i int) []any {
		e := &events[i]
		return []any{last + int64(i) + 1, id, e.member, e.at, e.entered, string(segment.CausePast), "", int64(1)}
	}); err != nil {
		return err
	}
	_, err = w.exec("UPDATE segment SET history_from = ?, revision = revision + 1 WHERE id = ?", micros(past[0].At), id)
	return err
}

// transitions are the events between states, and since when those of the last one are in.
func transitions(past []segment.PastState) (events []pastEvent, since map[int64]int64) {
	since = make(map[int64]int64)
	for _, p := range past {
		at := micros(p.At)
		in := make(map[int64]bool, len(p.Members))
		for _, member := range p.Members {
			in[member] = true
			if since[member] == 0 {
				since[member] = at
				events = append(events, pastEvent{member, at, 1})
			}
		}
		for _, member := range slices.Sorted(maps.Keys(since)) {
			if !in[member] {
				delete(since, member)
				events = append(events, pastEvent{member, at, 0})
			}
		}
	}
	return events, since
}
