// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom/internal/list"
	"greenroom/internal/query"
)

// Conditions on who wrote an item ("by:", "org.lifecycle:") are looked at first, by themselves. Where they fit few people
// with few activities, the list is read from those on. Where they fit many, it is gone through in its own order, which
// soon fills a page, and counted from the people on, which soon reaches the limit of counting.
const (
	fewPeople     = 3000   // accounts
	fewActivities = 50_000 // of all of them
)

// fewLeftOut is up to how many of what lists leave out are named in a condition, rather than looked for in each row.
const fewLeftOut = 1000

// filter is which items of a list are asked for.
type filter struct {
	store   *Store
	listing *listing
	now     time.Time
	root    query.Node // the query; nil = everything
	flags   map[string]bool
	leftOut leftOut

	rest   query.Node // the query without its conditions on people
	author string     // the condition on the accounts of these people, "" where there is none
	asked  *asked
	many   string // that on their members and accounts (aliases m and i) where they are many, with its arguments
	args   []any
	those  members // their accounts where they are many and known in memory; nil = they are not
}

// leftOut is how much there is of what lists leave out, up to fewLeftOut.
type leftOut struct {
	members, channels, activities int64
}

// filter prepares the condition of a request.
func (s *Store) filter(ctx context.Context, l *listing, q *query.Query) (*filter, error) {
	f, err := s.plainFilter(ctx, l, q)
	if err != nil || l.author == "" {
		return f, err
	}
	return f, f.people(ctx)
}

// plainFilter is filter without looking first at the people whom the query is about: for a few objects, which are looked
// at one by one, exactly as they are stored now.
func (s *Store) plainFilter(ctx context.Context, l *listing, q *query.Query) (*filter, error) {
	f := &filter{store: s, listing: l, now: s.asOf(), flags: make(map[string]bool), asked: &asked{}}
	if q != nil {
		f.root, f.rest = q.Root, q.Root
	}
	query.Walk(f.root, func(n query.Node) bool {
		if t, ok := n.(*query.Term); ok && t.Field.Attr == "is" && t.Field.Owner == l.entity {
			for _, v := range t.Values {
				f.flags[v.Text] = true
			}
		}
		return true
	})
	if l.entity == query.Members && segmentsOnly(f.root) {
		f.flags["hidden"], f.flags["contact"] = true, true
	}
	if l.author == "" {
		return f, nil
	}
	most := strconv.Itoa(fewLeftOut + 1)
	if err := s.queryRow(ctx, `SELECT (SELECT count(*) FROM (SELECT 1 FROM member WHERE hidden = 1 LIMIT `+most+`) x),
		(SELECT count(*) FROM (SELECT 1 FROM channel WHERE hidden = 1 LIMIT `+most+`) x),
		(SELECT count(*) FROM (SELECT 1 FROM activity WHERE deleted = 1 LIMIT `+most+`) x)`,
		nil, &f.leftOut.members, &f.leftOut.channels, &f.leftOut.activities); err != nil {
		return nil, err
	}
	return f, nil
}

// people looks for the people whom the query is about.
func (f *filter) people(ctx context.Context) error {
	moved, err := f.someMoved(ctx)
	if err != nil {
		return err
	}
	about, rest := aboutPeople(f.root, moved)
	if about == nil {
		return nil
	}
	f.rest = rest
	p, ok, err := f.crowdPeople(ctx, about)
	if err != nil {
		return err
	}
	few := func() bool { return len(p.accounts) <= fewPeople && p.activities <= fewActivities }
	if ok && few() {
		f.author = among(f.listing.author, p.accounts)
		return nil
	}
	c := &compiler{ctx: ctx, store: f.store, d: f.store.d, now: f.now, asked: f.asked, entity: query.Activities, people: true}
	cond, err := c.compiled(about)
	if err != nil {
		return err
	}
	if !ok {
		if p, err = f.store.somePeople(ctx, cond, c.args); err != nil {
			return err
		}
	}
	if few() {
		f.author = among(f.listing.author, p.accounts)
		return nil
	}
	if ok {
		f.those = make(members, slices.Max(p.accounts)/64+1)
		for _, id := range p.accounts {
			f.those.put(id)
		}
	}
	// A condition inside CASE is none that a plan could begin with.
	f.many, f.args, f.author = cond, c.args, "CASE WHEN "+cond+" THEN 1 ELSE 0 END = 1"
	return nil
}

// someMoved reports whether anybody has changed jobs.
func (f *filter) someMoved(ctx context.Context) (bool, error) {
	c := &compiler{ctx: ctx, store: f.store, d: f.store.d, now: f.now, asked: f.asked}
	moved := c.someMoved()
	return moved, c.err
}

// some are accounts, up to one more than fewPeople, with the number of their activities.
type some struct {
	accounts   []int64
	activities int64
}

// somePeople looks for the accounts of the members that a condition on i and m fits.
func (s *Store) somePeople(ctx context.Context, cond string, args []any) (some, error) {
	key := fmt.Sprintf("people %s %#v", cond, args)
	return cachedFor(ctx, s, key, func(some) int { return slower }, func(ctx context.Context) (p some, err error) {
		rows, err := s.query(ctx, "SELECT i.id, i.activities FROM identity i JOIN member m ON m.id = i.member_id WHERE "+cond+" LIMIT "+strconv.Itoa(fewPeople+1), args...)
		if err != nil {
			return p, err
		}
		err = scan(rows, func() error {
			var id, n int64
			err := rows.Scan(&id, &n)
			p.accounts, p.activities = append(p.accounts, id), p.activities+n
			return err
		})
		return p, err
	})
}

// aboutPeople takes the conditions on members and organizations out of a query whose conditions all have to hold.
func aboutPeople(root query.Node, moved bool) (about, rest query.Node) {
	and, ok := root.(*query.And)
	if !ok {
		if onPeople(root, moved) {
			return root, nil
		}
		return nil, root
	}
	var people, others []query.Node
	for _, n := range and.Nodes {
		if onPeople(n, moved) {
			people = append(people, n)
		} else {
			others = append(others, n)
		}
	}
	return query.AllOf(people...), query.AllOf(others...)
}

// onPeople reports whether a condition is on members and organizations only. Where somebody has changed jobs, one on organizations
// is on the time, too.
func onPeople(root query.Node, moved bool) bool {
	if root == nil {
		return false
	}
	only := true
	query.Walk(root, func(n query.Node) bool {
		switch n := n.(type) {
		case *query.Term:
			own := n.Field.Owner == query.Members || n.Field.Owner == query.Organizations && !moved
			only = only && (own || n.Field.Attr == "author" && n.Op != query.Has)
		case *query.Not, *query.Text, *query.Did:
			only = false // what is not so, is so for most; also items of nobody
		}
		return only
	})
	return only
}

// without is the filter without free texts.
func (f *filter) without(texts []*query.Text) *filter {
	other := *f
	drop := func(root query.Node) query.Node {
		and, ok := root.(*query.And)
		if !ok {
			if t, ok := root.(*query.Text); ok && slices.Contains(texts, t) {
				return nil
			}
			return root
		}
		return query.AllOf(slices.DeleteFunc(slices.Clone(and.Nodes), func(n query.Node) bool {
			t, ok := n.(*query.Text)
			return ok && slices.Contains(texts, t)
		})...)
	}
	other.root, other.rest = drop(f.root), drop(f.rest)
	return &other
}

// where is the condition with its arguments. Full-text search is held to messages with ids of at least minID.
func (f *filter) where(ctx context.Context, minID int64) (string, []any, error) {
	c := &compiler{ctx: ctx, store: f.store, d: f.store.d, now: f.now, asked: f.asked, entity: f.listing.entity, minID: minID}
	cond, err := c.compiled(f.rest)
	if err != nil {
		return "", nil, err
	}
	all, args := []string{cond}, c.args
	if f.author != "" {
		all, args = append(all, f.author), append(args, f.args...)
	}
	return strings.Join(append(all, f.visible()...), " AND "), args, nil
}

// visible are the conditions that do not come from the query.
func (f *filter) visible() []string {
	var all []string
	l := f.listing
	if l.always != "" {
		all = append(all, l.always)
	}
	for _, flag := range []string{"hidden", "contact"} {
		if cond := l.unless[flag]; cond != "" && !f.flags[flag] {
			all = append(all, cond)
		}
	}
	if f.leftOut.members > 0 {
		all = append(all, l.author+" NOT IN (SELECT hi.id FROM identity hi JOIN member hm ON hm.id = hi.member_id WHERE hm.hidden = 1)")
	}
	if f.leftOut.channels > 0 {
		all = append(all, l.channel+" NOT IN (SELECT id FROM channel WHERE hidden = 1)")
	}
	switch {
	case l.deleted == "" || f.flags["deleted"]:
	case f.byKind() || f.leftOut.activities > fewLeftOut:
		all = append(all, l.deleted+".deleted = 0") // the index on kinds is a partial one
	case f.leftOut.activities > 0:
		all = append(all, l.id+" NOT IN (SELECT x.id FROM activity x WHERE x.deleted = 1)")
	}
	return all
}

// byKind reports whether the query asks for kinds.
func (f *filter) byKind() bool {
	found := false
	query.Walk(f.rest, func(n query.Node) bool {
		t, ok := n.(*query.Term)
		found = found || ok && t.Field.Attr == "kind"
		return !found
	})
	return found
}

// fewRest is up to how many items are looked at one by one for who wrote them.
const fewRest = 20_000

// fewWithout reports whether the query's other conditions leave few items.
func (f *filter) fewWithout(ctx context.Context) (bool, error) {
	if f.rest == nil {
		return false, nil
	}
	other := *f
	other.author, other.args = "", nil
	cond, args, err := other.where(ctx, 0)
	if err != nil {
		return false, err
	}
	var n int64
	err = f.store.queryRow(ctx, fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) x", f.listing.tables(cond), cond, fewRest), args, &n)
	return n < fewRest, err
}

// countByPeople counts what many people wrote, from the people on.
func (s *Store) countByPeople(ctx context.Context, f *filter) (n int64, err error) {
	l := f.listing
	other := *f
	other.author, other.args = "", nil
	rest, args, err := other.where(ctx, 0)
	if err != nil {
		return 0, err
	}
	cond := l.author + " = i.id AND (" + f.many + ") AND CASE WHEN " + rest + " THEN 1 ELSE 0 END = 1" // each account's items by its index
	joins := strings.TrimPrefix(strings.NewReplacer(" LEFT JOIN identity i ON i.id = "+l.author, "", " LEFT JOIN member m ON m.id = i.member_id", "").Replace(l.tables(rest)), l.table)
	err = s.queryRow(ctx, fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM identity i JOIN member m ON m.id = i.member_id CROSS JOIN %s%s WHERE %s LIMIT %d) x",
		l.table, joins, cond, list.CountLimit+1), append(slices.Clone(f.args), args...), &n)
	return n, err
}

// among is the condition that a column has one of some ids.
func among(column string, ids []int64) string {
	switch len(ids) {
	case 0:
		return "1=0"
	case 1:
		return column + " = " + strconv.FormatInt(ids[0], 10) // leaves an index on the column in order
	}
	text := make([]byte, 0, 8*len(ids))
	for i, id := range ids {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, id, 10)
	}
	return column + " IN (" + string(text) + ")"
}
