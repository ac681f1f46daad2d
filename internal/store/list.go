// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// listing is how one kind of list is read.
type listing struct {
	entity  query.Entity
	columns string
	from    string
	id      string            // the column of the id
	sorts   map[string]string // sortable field → column; text columns are marked by a leading "text:"
	first   query.Order       // the order without a sort: directive
	always  string            // a condition that always holds
	unless  map[string]string // conditions that hold unless the query names the flag: flag → condition
}

// sortKey is the column a list is sorted by.
type sortKey struct {
	column string
	text   bool
	desc   bool
}

func (l *listing) key(d *dialect, q *query.Query) (sortKey, error) {
	name, desc := l.first.Field.Name, l.first.Desc
	if q != nil && len(q.Sort) > 0 {
		name, desc = q.Sort[0].Field.Attr, q.Sort[0].Desc
	}
	if name == list.ByID {
		return sortKey{column: l.id, desc: desc}, nil
	}
	column, ok := l.sorts[name]
	if !ok {
		return sortKey{}, greenroom.Errorf(greenroom.CodeInvalid, "this list cannot be sorted by %s", name)
	}
	if len(column) > 5 && column[:5] == "text:" {
		return sortKey{column: column[5:] + d.collate, text: true, desc: desc}, nil
	}
	return sortKey{column: column, desc: desc}, nil
}

// where is the condition of a request, with its arguments.
func (s *Store) where(l *listing, q *query.Query) (string, []any, error) {
	c := &compiler{d: s.d, now: s.now(), entity: l.entity}
	var root query.Node
	if q != nil {
		root = q.Root
	}
	cond, err := c.condition(root)
	if err != nil {
		return "", nil, err
	}
	named := make(map[string]bool)
	query.Walk(root, func(n query.Node) bool {
		if t, ok := n.(*query.Term); ok && t.Field.Attr == "is" && t.Field.Owner == l.entity {
			for _, v := range t.Values {
				named[v.Text] = true
			}
		}
		return true
	})
	all := []string{l.always, cond}
	for flag, hidden := range l.unless {
		if !named[flag] {
			all = append(all, hidden)
		}
	}
	return strings.Join(all, " AND "), c.args, nil
}

// page reads one page of a list: read scans a row into an item and returns its id and sorting value.
func page[T any](ctx context.Context, s *Store, l *listing, req list.Request, read func(*sql.Rows, ...any) (T, int64, error)) (list.Page[T], error) {
	p := list.Page[T]{Total: -1}
	key, err := l.key(s.d, req.Query)
	if err != nil {
		return p, err
	}
	cond, args, err := s.where(l, req.Query)
	if err != nil {
		return p, err
	}
	if req.Count {
		q := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) x", l.from, cond, list.CountLimit+1)
		if err := s.queryRow(ctx, q, args, &p.Total); err != nil {
			return p, err
		}
	}
	backward := false
	if req.Cursor != "" {
		cur, err := list.ParseCursor(req.Cursor)
		if err != nil {
			return p, err
		}
		if key.text != (cur.Text != nil) {
			return p, greenroom.Errorf(greenroom.CodeInvalid, "the cursor belongs to another order; start from the first page")
		}
		backward = cur.Backward
		op := pick(key.desc != backward, "<", ">")
		cond += fmt.Sprintf(" AND (%s, %s) %s (?, ?)", key.column, l.id, op)
		if key.text {
			args = append(args, *cur.Text, cur.ID)
		} else {
			args = append(args, *cur.Number, cur.ID)
		}
	}
	dir := pick(key.desc != backward, " DESC", "")
	q := fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s ORDER BY %s%s, %s%s LIMIT %d",
		l.columns, key.column, l.from, cond, key.column, dir, l.id, dir, req.Size()+1)
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return p, err
	}
	var cursors []list.Cursor
	if err := scan(rows, func() error {
		var number int64
		var text string
		dest := any(&number)
		if key.text {
			dest = &text
		}
		item, id, err := read(rows, dest)
		if err != nil {
			return err
		}
		cur := list.Cursor{ID: id}
		if key.text {
			cur.Text = &text
		} else {
			cur.Number = &number
		}
		p.Items = append(p.Items, item)
		cursors = append(cursors, cur)
		return nil
	}); err != nil {
		return p, err
	}
	finishPage(&p, cursors, req, backward)
	return p, nil
}

// finishPage drops the item that was read to see whether there are more, and makes the cursors.
func finishPage[T any](p *list.Page[T], cursors []list.Cursor, req list.Request, backward bool) {
	more := len(p.Items) > req.Size()
	if more {
		p.Items, cursors = p.Items[:req.Size()], cursors[:req.Size()]
	}
	if backward {
		slices.Reverse(p.Items)
		slices.Reverse(cursors)
	}
	if len(cursors) == 0 {
		return
	}
	if more && !backward || backward {
		p.Next = cursors[len(cursors)-1].String()
	}
	if more && backward || !backward && req.Cursor != "" {
		back := cursors[0]
		back.Backward = true
		p.Prev = back.String()
	}
}

// idsOf collects the ids of items, for the queries that fill them in.
func idsOf[T any](items []T, id func(*T) int64) []any {
	ids := make([]any, 0, len(items))
	for i := range items {
		ids = append(ids, id(&items[i]))
	}
	return ids
}

// eachOf runs a read-only query with an IN list over ids.
func (s *Store) eachOf(ctx context.Context, q string, ids []any, f func(rowScanner) error) error {
	for start := 0; start < len(ids); start += inChunk {
		part := ids[start:min(len(ids), start+inChunk)]
		rows, err := s.query(ctx, fmt.Sprintf(q, placeholders(len(part))), part...)
		if err != nil {
			return err
		}
		if err := scan(rows, func() error { return f(rows) }); err != nil {
			return err
		}
	}
	return nil
}
