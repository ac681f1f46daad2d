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
	table   string            // with its alias
	joins   []join            // what columns and conditions refer to beside
	id      string            // the column of the id
	sorts   map[string]string // sortable field → column; text columns are marked by a leading "text:"
	first   query.Order       // the order without a sort: directive
	always  string            // a condition that always holds; "" = none
	unless  map[string]string // conditions that hold unless the query names the flag: flag → condition
	author  string            // the column of the identity that wrote an item; "" = members are not written
	channel string            // the column of an item's channel; "" = it has none
	deleted string            // the table's alias where items can be deleted
	recent  *recent           // how the list is searched for common words; nil = the plain way
}

// join is a table that is joined where its alias is referred to.
type join struct {
	alias, sql string
}

// tables is the FROM part for texts that refer to aliases: the listed table, and what is needed of the others. A join is
// there for what is joined after it, too.
func (l *listing) tables(texts ...string) string {
	needed := strings.Join(texts, " ")
	var joins string
	for i := len(l.joins) - 1; i >= 0; i-- {
		if j := l.joins[i]; strings.Contains(needed, j.alias+".") {
			joins, needed = " "+j.sql+joins, needed+" "+j.sql
		}
	}
	return l.table + joins
}

// whole is the FROM part with everything.
func (l *listing) whole() string { return l.tables(l.columns) }

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

// page reads one page of a list: read scans a row into an item and returns its id and sorting value.
func page[T any](ctx context.Context, s *Store, l *listing, req list.Request, read func(*sql.Rows, ...any) (T, int64, error)) (list.Page[T], error) {
	p := list.Page[T]{Total: -1}
	key, err := l.key(s.d, req.Query)
	if err != nil {
		return p, err
	}
	f, err := s.filter(ctx, l, req.Query)
	if err != nil {
		return p, err
	}
	r := reading[T]{store: s, listing: l, filter: f, req: &req, key: key, page: &p, scan: read}
	if req.Cursor != "" {
		cur, err := list.ParseCursor(req.Cursor)
		if err != nil {
			return p, err
		}
		if key.text != (cur.Text != nil) {
			return p, greenroom.Errorf(greenroom.CodeInvalid, "the cursor belongs to another order; start from the first page")
		}
		r.from = &cur
	}
	if l.entity == query.Members {
		set, ok, err := f.found(ctx)
		if err != nil {
			return p, err
		}
		if ok {
			if req.Count {
				p.Total = min(set.count(), list.CountLimit+1)
			}
			if done, err := r.readFound(ctx, set); done || err != nil {
				return p, err
			}
			return p, r.read(ctx, window{})
		}
	}
	common, err := s.common(ctx, f)
	if err != nil {
		return p, err
	}
	if req.Count {
		if p.Total, err = s.count(ctx, f, common); err != nil {
			return p, err
		}
	}
	if common {
		if done, err := r.windows(ctx); err != nil || done {
			return p, err
		}
	} else if done, err := r.readByPeople(ctx); done || err != nil {
		return p, err
	}
	return p, r.read(ctx, window{})
}

// count counts a list, up to the limit of counting.
func (s *Store) count(ctx context.Context, f *filter, common bool) (int64, error) {
	slow := func(n int64) int { return pick(n > list.CountLimit, muchSlower, slower) }
	return cachedFor(ctx, s, fmt.Sprintf("count %s %q", f.listing.entity, query.Format(f.root)), slow, func(ctx context.Context) (int64, error) { return s.countNow(ctx, f, common) })
}

func (s *Store) countNow(ctx context.Context, f *filter, common bool) (n int64, err error) {
	if n, ok, err := s.countFigures(ctx, f); ok || err != nil {
		return n, err
	}
	switch {
	case common:
		return s.countMatches(ctx, f)
	case f.many != "":
		if few, err := f.fewWithout(ctx); err != nil || !few {
			if err == nil {
				n, err = s.countByPeople(ctx, f)
			}
			return n, err
		}
	}
	cond, args, err := f.where(ctx, 0)
	if err != nil {
		return 0, err
	}
	err = s.queryRow(ctx, fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) x", f.listing.tables(cond), cond, list.CountLimit+1), args, &n)
	return n, err
}

// reading is a page on its way.
type reading[T any] struct {
	store   *Store
	listing *listing
	filter  *filter
	req     *list.Request
	key     sortKey
	from    *list.Cursor // nil = the list's beginning
	page    *list.Page[T]
	scan    func(*sql.Rows, ...any) (T, int64, error)
}

// windows reads the page from ever larger windows of the list and reports whether one of them could fill it.
func (r *reading[T]) windows(ctx context.Context) (bool, error) {
	l := r.listing
	if !r.key.desc || !strings.HasSuffix(r.key.column, "."+l.recent.column) || r.from != nil && r.from.Backward {
		return false, nil
	}
	var until *int64
	if r.from != nil {
		until = r.from.Number
	}
	for _, size := range windowSizes {
		w, ok, err := r.store.windowOf(ctx, l, until, size)
		if err != nil || !ok {
			return false, err
		}
		if err := r.read(ctx, w); err != nil || r.page.Next != "" {
			return true, err
		}
		r.page.Items, r.page.Prev = nil, ""
	}
	return false, nil
}

// read reads the page, from a window of the list unless that is zero.
func (r *reading[T]) read(ctx context.Context, w window) error {
	l, key := r.listing, r.key
	cond, args, err := r.filter.where(ctx, w.minID)
	if err != nil {
		return err
	}
	if w.since > 0 {
		cond += " AND " + key.column + " >= ?"
		args = append(args, w.since)
	}
	cond, args, backward := r.after(cond, args)
	dir := pick(key.desc != backward, " DESC", "")
	// What the page shows of each item is looked up when it is known which items are on it: sorting carries ids only, and
	// often an index has all that is needed to find them.
	ids := fmt.Sprintf("SELECT %s AS id, %s AS sorted FROM %s WHERE %s ORDER BY %s%s, %s%s LIMIT %d",
		l.id, key.column, l.tables(cond, key.column), cond, key.column, dir, l.id, dir, r.req.Size()+1)
	q := fmt.Sprintf("SELECT %s, p.sorted FROM (%s) p CROSS JOIN %s WHERE %s = p.id ORDER BY p.sorted%s, p.id%s", l.columns, ids, l.whole(), l.id, dir, dir)
	rows, err := r.store.query(ctx, q, args...)
	if err != nil {
		return err
	}
	var cursors []list.Cursor
	if err := scan(rows, func() error {
		var number int64
		var text string
		dest := any(&number)
		if key.text {
			dest = &text
		}
		item, id, err := r.scan(rows, dest)
		if err != nil {
			return err
		}
		cur := list.Cursor{ID: id}
		if key.text {
			cur.Text = &text
		} else {
			cur.Number = &number
		}
		r.page.Items = append(r.page.Items, item)
		cursors = append(cursors, cur)
		return nil
	}); err != nil {
		return err
	}
	finishPage(r.page, cursors, *r.req, backward)
	return nil
}

// after adds the condition that items come after the cursor, or before one that goes backward.
func (r *reading[T]) after(cond string, args []any) (_ string, _ []any, backward bool) {
	if r.from == nil {
		return cond, args, false
	}
	backward = r.from.Backward
	cond += fmt.Sprintf(" AND (%s, %s) %s (?, ?)", r.key.column, r.listing.id, pick(r.key.desc != backward, "<", ">"))
	if r.key.text {
		return cond, append(args, *r.from.Text, r.from.ID), backward
	}
	return cond, append(args, *r.from.Number, r.from.ID), backward
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
