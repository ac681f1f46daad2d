// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/segment"
)

const segmentColumns = `id, key, name, query, description, color, owner, version, created_at, changed_at, archived_at, evaluated_at, position, revision, size,
	history_from, problem`

func scanSegment(row rowScanner) (segment.Segment, error) {
	var g segment.Segment
	var created, changed, archived, evaluated, history int64
	err := row.Scan(&g.ID, &g.Key, &g.Name, &g.Query, &g.Description, &g.Color, &g.Owner, &g.Version, &created, &changed, &archived, &evaluated, &g.Position, &g.Revision, &g.Size,
		&history, &g.Problem)
	g.CreatedAt, g.ChangedAt, g.ArchivedAt, g.EvaluatedAt, g.HistoryFrom = fromMicros(created), fromMicros(changed), fromMicros(archived), fromMicros(evaluated), fromMicros(history)
	return g, err
}

// Segments lists the segments that are not archived, or those that are, by name.
func (s *Store) Segments(ctx context.Context, archived bool) ([]segment.Segment, error) {
	return s.segments(ctx, "SELECT "+segmentColumns+" FROM segment WHERE archived_at "+pick(archived, "> 0", "= 0")+" ORDER BY lower(name)"+s.d.collate+", id")
}

func (s *Store) segments(ctx context.Context, q string, args ...any) ([]segment.Segment, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	all := []segment.Segment{}
	err = scan(rows, func() error {
		g, err := scanSegment(rows)
		all = append(all, g)
		return err
	})
	return all, err
}

// Segment finds a segment by its key, or by its name.
func (s *Store) Segment(ctx context.Context, ref string) (segment.Segment, error) {
	low := strings.ToLower(strings.TrimSpace(ref))
	all, err := s.segments(ctx, "SELECT "+segmentColumns+" FROM segment WHERE key = ? OR lower(name) = ? ORDER BY CASE WHEN key = ? THEN 0 ELSE 1 END", low, low, low)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no segment %q", ref)
	}
	if err != nil {
		return segment.Segment{}, err
	}
	return all[0], nil
}

// AddSegment stores a new segment.
func (s *Store) AddSegment(ctx context.Context, g segment.Segment, by string) (segment.Segment, error) {
	err := s.write(ctx, func(w *writer) error {
		if err := w.freeSegment(&g); err != nil {
			return err
		}
		last, err := w.lastID("segment")
		if err != nil {
			return err
		}
		g.ID, g.Version, g.CreatedAt = last+1, 1, s.now()
		g.ChangedAt = g.CreatedAt
		if _, err := w.exec("INSERT INTO segment (id, key, name, query, description, color, owner, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			g.ID, g.Key, g.Name, g.Query, g.Description, g.Color, g.Owner, micros(g.CreatedAt), micros(g.CreatedAt)); err != nil {
			return err
		}
		_, err = w.exec("INSERT INTO segment_query (segment_id, version, query, actor, at) VALUES (?, 1, ?, ?, ?)", g.ID, g.Query, by, micros(g.CreatedAt))
		return err
	})
	return g, err
}

// freeSegment makes sure that no other segment has the name or the key of one.
func (w *writer) freeSegment(g *segment.Segment) error {
	var name string
	var archived int64
	err := w.row("SELECT name, archived_at FROM segment WHERE id <> ? AND (key = ? OR lower(name) = ?) LIMIT 1", []any{g.ID, g.Key, strings.ToLower(g.Name)}, &name, &archived)
	switch {
	case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
		return nil
	case err != nil:
		return err
	case archived > 0:
		return greenroom.Errorf(greenroom.CodeConflict, "there is a segment %q among the archived ones; restore that one, or choose another name", name)
	}
	return greenroom.Errorf(greenroom.CodeConflict, "there is a segment %q already; choose another name", name)
}

// ChangeSegment stores what people say about a segment.
func (s *Store) ChangeSegment(ctx context.Context, g segment.Segment, by string) error {
	return s.write(ctx, func(w *writer) error {
		if err := w.freeSegment(&g); err != nil {
			return err
		}
		now := micros(s.now())
		n, err := w.exec("UPDATE segment SET name = ?, query = ?, description = ?, color = ?, owner = ?, version = ?, changed_at = ? WHERE id = ?",
			g.Name, g.Query, g.Description, g.Color, g.Owner, g.Version, now, g.ID)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no segment %d", g.ID)
		}
		if err != nil {
			return err
		}
		_, err = w.exec("INSERT INTO segment_query (segment_id, version, query, actor, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", g.ID, g.Version, g.Query, by, now)
		return err
	})
}

// ArchiveSegment archives a segment, or takes that back.
func (s *Store) ArchiveSegment(ctx context.Context, id int64, archived bool) error {
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("UPDATE segment SET archived_at = ? WHERE id = ?", pick(archived, micros(s.now()), 0), id)
		return err
	})
}

// SegmentQueries lists the queries that a segment has had, the newest first.
func (s *Store) SegmentQueries(ctx context.Context, id int64) ([]segment.Version, error) {
	rows, err := s.query(ctx, "SELECT version, query, actor, at FROM segment_query WHERE segment_id = ? ORDER BY version DESC", id)
	if err != nil {
		return nil, err
	}
	all := []segment.Version{}
	err = scan(rows, func() error {
		var v segment.Version
		var at int64
		err := rows.Scan(&v.Version, &v.Query, &v.By, &at)
		v.At = fromMicros(at)
		all = append(all, v)
		return err
	})
	return all, err
}

// Signal says how far facts and derived state have come.
func (s *Store) Signal(ctx context.Context) (g segment.Signal, err error) {
	err = s.queryRow(ctx, `SELECT (SELECT coalesce(max(value), 0) FROM follower WHERE name = 'derive'), `+sealed+`, (SELECT coalesce(max(finished_at), 0) FROM run),
		`+erasedAccounts, nil, &g.Activity, &g.Version, &g.Run, &g.Erased)
	return g, err
}

// SegmentMembers gives who is in a segment, and since when.
func (s *Store) SegmentMembers(ctx context.Context, id int64) (map[int64]time.Time, error) {
	rows, err := s.query(ctx, "SELECT member_id, since FROM segment_member WHERE segment_id = ?", id)
	if err != nil {
		return nil, err
	}
	all := make(map[int64]time.Time)
	err = scan(rows, func() error {
		var member, since int64
		err := rows.Scan(&member, &since)
		all[member] = fromMicros(since)
		return err
	})
	return all, err
}

// SegmentsOf gives, of some members, the names of the segments that they are in.
func (s *Store) SegmentsOf(ctx context.Context, members []int64) (map[int64][]string, error) {
	ids := make([]any, len(members))
	for i, id := range members {
		ids[i] = id
	}
	all := make(map[int64][]string)
	err := s.eachOf(ctx, "SELECT x.member_id, g.name FROM segment_member x JOIN segment g ON g.id = x.segment_id AND g.archived_at = 0 WHERE x.member_id IN (%s) ORDER BY lower(g.name)"+s.d.collate, ids,
		func(row rowScanner) error {
			var id int64
			var name string
			err := row.Scan(&id, &name)
			all[id] = append(all[id], name)
			return err
		})
	return all, err
}

// ApplySegment stores what an evaluation found.
func (s *Store) ApplySegment(ctx context.Context, d *segment.Difference) error {
	if d.Problem != "" {
		return s.write(ctx, func(w *writer) error {
			_, err := w.exec("UPDATE segment SET problem = ? WHERE id = ?", d.Problem, d.Segment)
			return err
		})
	}
	return s.write(ctx, func(w *writer) error {
		var revision int64
		if err := w.row("SELECT revision FROM segment WHERE id = ?", []any{d.Segment}, &revision); err != nil {
			return err
		}
		if revision != d.Revision {
			return greenroom.Errorf(greenroom.CodeConflict, "the segment was evaluated meanwhile")
		}
		if err := w.segmentChanges(d); err != nil {
			return err
		}
		at := micros(d.At)
		_, err := w.exec(`UPDATE segment SET evaluated_at = ?, position = ?, revision = revision + ?, problem = '', size = size + ?, history_from = CASE history_from WHEN 0 THEN ? ELSE history_from END WHERE id = ?`,
			at, d.Position, flag(len(d.Enter)+len(d.Leave) > 0), len(d.Enter)-len(d.Leave), at, d.Segment)
		if err != nil || len(d.Enter)+len(d.Leave) == 0 {
			return err
		}
		return w.trimSegment(d.Segment)
	})
}

// segmentChanges moves members into a segment and out of it, with an event each.
func (w *writer) segmentChanges(d *segment.Difference) error {
	if err := w.bulk("DELETE FROM segment_member WHERE segment_id = ? AND member_id = ?", len(d.Leave), func(i int) []any {
		return []any{d.Segment, d.Leave[i].Member}
	}); err != nil {
		return err
	}
	if err := w.bulk("INSERT INTO segment_member (segment_id, member_id, since) VALUES (?, ?, ?)", len(d.Enter), func(i int) []any {
		since := d.Enter[i].Since
		if since.IsZero() {
			since = d.At
		}
		return []any{d.Segment, d.Enter[i].Member, micros(since)}
	}); err != nil {
		return err
	}
	last, err := w.lastID("segment_event")
	if err != nil {
		return err
	}
	left := len(d.Leave)
	return w.bulk(addEvent, left+len(d.Enter), func(i int) []any {
		e, entered := &d.Leave, int64(0)
		n := i
		if i >= left {
			e, entered, n = &d.Enter, 1, i-left
		}
		x := &(*e)[n]
		return []any{last + int64(i) + 1, d.Segment, x.Member, micros(d.At), entered, string(x.Cause), x.Reason, d.Version}
	})
}

const addEvent = "INSERT INTO segment_event (id, segment_id, member_id, at, entered, cause, reason, query_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

// mostEvents is how many events a segment keeps. Beyond it the older half is summed up: who was in then is known from the
// moment on where it ends.
const mostEvents = 500_000

// trimSegment sums up the older half of a segment's history where that has grown too long.
func (w *writer) trimSegment(id int64) error { return w.trimSegmentTo(id, mostEvents) }

func (w *writer) trimSegmentTo(id, most int64) error {
	var n int64
	if err := w.row("SELECT count(*) FROM segment_event WHERE segment_id = ?", []any{id}, &n); err != nil || n <= most {
		return err
	}
	var cut int64
	if err := w.row("SELECT at FROM segment_event WHERE segment_id = ? ORDER BY at, id LIMIT 1 OFFSET ?", []any{id, n / 2}, &cut); err != nil {
		return err
	}
	if err := (&eraser{writer: w}).mark("segment_event"); err != nil {
		return err
	}
	// Of each member the last event up to the cut stays if it is one of entering; all before it goes.
	if _, err := w.exec(`DELETE FROM segment_event WHERE segment_id = ? AND at <= ? AND (entered = 0 OR EXISTS (SELECT 1 FROM segment_event later
		WHERE later.member_id = segment_event.member_id AND later.segment_id = segment_event.segment_id AND later.at <= ?
		AND (later.at > segment_event.at OR later.at = segment_event.at AND later.id > segment_event.id)))`, id, cut, cut); err != nil {
		return fmt.Errorf("summing the history up: %w", err)
	}
	_, err := w.exec("UPDATE segment SET history_from = ? WHERE id = ?", cut, id)
	return err
}
