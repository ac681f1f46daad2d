// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/query"
	"greenroom/internal/segment"
)

// SegmentFits gives the ids of the members whom a query fits at a time, in order. Like lists, it leaves hidden ones and
// contacts out unless the query names them.
func (s *Store) SegmentFits(ctx context.Context, root query.Node, now time.Time) ([]int64, error) {
	l := memberListing()
	f, err := s.filter(ctx, l, &query.Query{Root: root})
	if err != nil {
		return nil, err
	}
	f.now = now
	cond, args, err := f.where(ctx, 0)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, "SELECT m.id FROM "+l.tables(cond)+" WHERE "+cond, args...)
	if err != nil {
		return nil, err
	}
	var ids []int64
	err = scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// Holds says which of some conditions hold for members at a time.
func (s *Store) Holds(ctx context.Context, conditions []query.Node, ids []int64, now time.Time) (map[int64][]bool, error) {
	c := &compiler{ctx: ctx, store: s, d: s.d, now: now, asked: &asked{}, entity: query.Members}
	l := memberListing()
	parts := make([]string, len(conditions))
	for i, n := range conditions {
		cond, err := c.compiled(n)
		if err != nil {
			return nil, err
		}
		parts[i] = "CASE WHEN " + cond + " THEN 1 ELSE 0 END"
	}
	columns := strings.Join(parts, ", ")
	all := make(map[int64][]bool, len(ids))
	for part := range slices.Chunk(ids, inChunk) {
		rows, err := s.query(ctx, "SELECT m.id, "+columns+" FROM "+l.tables(columns)+" WHERE "+among("m.id", part), c.args...)
		if err != nil {
			return nil, err
		}
		held := make([]int64, len(conditions))
		dest := make([]any, 1, len(conditions)+1)
		for i := range held {
			dest = append(dest, &held[i])
		}
		if err := scan(rows, func() error {
			var id int64
			dest[0] = &id
			if err := rows.Scan(dest...); err != nil {
				return err
			}
			all[id] = make([]bool, len(held))
			for i, h := range held {
				all[id][i] = h != 0
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Traces says what members had done up to an activity, and which kinds of activity came after it.
func (s *Store) Traces(ctx context.Context, ids []int64, activity int64) (map[int64]segment.Trace, error) {
	all := make(map[int64]segment.Trace, len(ids))
	inactive := make(map[int64]bool)
	for _, k := range greenroom.Kinds() {
		inactive[int64(k)] = !k.Info().Active
	}
	for part := range slices.Chunk(ids, inChunk) {
		rows, err := s.query(ctx, `SELECT i.member_id, a.kind, CASE WHEN a.id > ? THEN 1 ELSE 0 END AS came, min(a.occurred_at), max(a.occurred_at), count(*)
			FROM identity i JOIN activity a ON a.identity_id = i.id WHERE a.deleted = 0 AND `+among("i.member_id", part)+` GROUP BY i.member_id, a.kind, came`, activity)
		if err != nil {
			return nil, err
		}
		if err := scan(rows, func() error {
			var id, kind, came, first, last, n int64
			if err := rows.Scan(&id, &kind, &came, &first, &last, &n); err != nil {
				return err
			}
			t := all[id]
			switch {
			case came != 0:
				t.New = append(t.New, greenroom.Kind(kind).String())
			case !inactive[kind]:
				if at := fromMicros(first); t.First.IsZero() || at.Before(t.First) {
					t.First = at
				}
				if at := fromMicros(last); at.After(t.Last) {
					t.Last = at
				}
				t.Activities += n
			}
			all[id] = t
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Became gives, of some members, those who are part of another member now, with which.
func (s *Store) Became(ctx context.Context, ids []int64) (map[int64]int64, error) {
	return s.pairs(ctx, "SELECT id, merged_into FROM member WHERE merged_into > 0 AND ", "id", ids)
}

// SplitOff gives, of some members, those who were split off since a time, with from which member.
func (s *Store) SplitOff(ctx context.Context, ids []int64, since time.Time) (map[int64]int64, error) {
	at := micros(since)
	return s.pairs(ctx, "SELECT other_id, member_id FROM decision WHERE (action = 'split' AND undone_at = 0 AND at >= ? OR action = 'merge' AND undone_at >= ? AND undone_at > 0) AND ", "other_id", ids, at, at)
}

// pairs reads two ids a row, of those rows that have one of some ids in a column.
func (s *Store) pairs(ctx context.Context, q, column string, ids []int64, args ...any) (map[int64]int64, error) {
	all := make(map[int64]int64)
	for part := range slices.Chunk(ids, inChunk) {
		rows, err := s.query(ctx, q+among(column, part), args...)
		if err != nil {
			return nil, err
		}
		if err := scan(rows, func() error {
			var a, b int64
			err := rows.Scan(&a, &b)
			all[a] = b
			return err
		}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// inSegments compiles segment:, alias m. A name that no segment has is an error, since nobody would notice it otherwise.
func (c *compiler) inSegments(t *query.Term) (string, error) {
	if t.Op == query.Has {
		return "EXISTS (SELECT 1 FROM segment_member x JOIN segment g ON g.id = x.segment_id AND g.archived_at = 0 WHERE x.member_id = m.id)", nil
	}
	var parts []string
	for _, v := range t.Values {
		name, day, dated := strings.Cut(v.Text, "@")
		ids, err := c.segmentsCalled(name, v.Prefix && !dated)
		if err != nil {
			return "", err
		}
		if !dated {
			parts = append(parts, "m.id IN (SELECT x.member_id FROM segment_member x WHERE "+among("x.segment_id", ids)+")")
			continue
		}
		end, err := c.endOf(day)
		if err != nil {
			return "", err
		}
		parts = append(parts, "m.id IN ("+segmentThen(ids[0])+")")
		c.arg(end)
	}
	return "(" + strings.Join(parts, " OR ") + ")", nil
}

// segmentThen is the query for who was in a segment at a time, its one argument, as the members that they are now.
func segmentThen(id int64) string {
	return fmt.Sprintf(`SELECT CASE WHEN p.merged_into > 0 THEN p.merged_into ELSE p.id END FROM (SELECT e.member_id FROM segment_event e WHERE e.segment_id = %d AND e.at <= ?
		GROUP BY e.member_id HAVING sum(2 * e.entered - 1) > 0) x JOIN member p ON p.id = x.member_id`, id)
}

// endOf is the last moment of a day, or of what else a date covers.
func (c *compiler) endOf(day string) (int64, error) {
	at, err := time.ParseInLocation(time.DateOnly, day, c.now.Location())
	if err != nil {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "after @ stands a day, as in segment:helpers@2026-01-31, not %q", day)
	}
	return micros(at.AddDate(0, 0, 1)) - 1, nil
}

// segmentsCalled finds the segment of a name, or those whose keys begin like it.
func (c *compiler) segmentsCalled(name string, prefix bool) ([]int64, error) {
	low := strings.ToLower(strings.TrimSpace(name))
	q, args := "SELECT id FROM segment WHERE archived_at = 0 AND key = ?", []any{low}
	if prefix {
		q, args = `SELECT id FROM segment WHERE archived_at = 0 AND (key LIKE ? ESCAPE '\' OR lower(name) LIKE ? ESCAPE '\')`, []any{likeEscape.Replace(low) + "%", likeEscape.Replace(low) + "%"}
	}
	ids, _ := c.ask(q, args, fewFound)
	if len(ids) == 0 && c.err == nil && !prefix {
		ids, _ = c.ask("SELECT id FROM segment WHERE archived_at = 0 AND lower(name) = ?", []any{low}, fewFound)
	}
	if len(ids) == 0 && c.err == nil && !prefix {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no segment %q, or it is archived", name)
	}
	return ids, c.err
}

// segmentsOnly reports whether a query gives members of segments or programs only: then lists leave none of them out, since
// who is in a segment was said by the segment, and who is in a program by people.
func segmentsOnly(n query.Node) bool {
	switch n := n.(type) {
	case *query.Term:
		return (n.Field.Attr == "segment" || n.Field.Attr == "program") && n.Field.Owner == query.Members
	case *query.And:
		return slices.ContainsFunc(n.Nodes, segmentsOnly)
	case *query.Or:
		return !slices.ContainsFunc(n.Nodes, func(n query.Node) bool { return !segmentsOnly(n) })
	}
	return false
}
