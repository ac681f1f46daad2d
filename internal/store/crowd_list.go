// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// found resolves the condition of a list of members; false where the record store has to.
func (f *filter) found(ctx context.Context) (members, bool, error) {
	if ok, err := f.store.ready(ctx); !ok || err != nil {
		return nil, false, err
	}
	c := &f.store.crowd
	set := members(nil)
	if f.root != nil {
		var ok bool
		var err error
		if set, ok, err = c.ask(f.store, f.asked, f.now).membersThat(ctx, f.root); !ok || err != nil {
			return nil, false, err
		}
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	there := c.there
	if f.flags["hidden"] || f.flags["contact"] {
		there = c.those(f.flags["hidden"], f.flags["contact"])
	}
	if f.root == nil {
		return slices.Clone(there), true, nil
	}
	for w := range set {
		if w < len(there) {
			set[w] &= there[w]
		} else {
			set[w] = 0
		}
	}
	return set, true, nil
}

func (s members) count() (n int64) {
	for _, x := range s {
		n += int64(bits.OnesCount64(x))
	}
	return n
}

// those is the set of the members that lists show, with or without hidden ones and contacts. The caller holds the crowd.
func (c *crowd) those(hidden, contacts bool) members {
	wrong := uint8(pick(hidden, 0, personHidden) | pick(contacts, 0, personContact))
	set := make(members, len(c.people)/64+1)
	for id := range c.people {
		if c.people[id].is&(personThere|wrong) == personThere {
			set[id>>6] |= 1 << (id & 63)
		}
	}
	return set
}

// crowdKey gives what members are sorted by, where the crowd knows it; nil where not.
func crowdKey(key sortKey) func(id int64, p *person) int64 {
	switch key.column {
	case "m.last_active":
		return func(_ int64, p *person) int64 { return p.last }
	case "m.first_active":
		return func(_ int64, p *person) int64 { return p.first }
	case "m.joined_at":
		return func(_ int64, p *person) int64 { return p.joined }
	case "m.activities":
		return func(_ int64, p *person) int64 { return int64(p.activities) }
	case "m.identities":
		return func(_ int64, p *person) int64 { return int64(p.identities) }
	case "m.id":
		return func(id int64, _ *person) int64 { return id }
	}
	return nil
}

// standing is where a member stands in a list.
type standing struct{ sorted, id int64 }

func (p standing) compare(o standing) int {
	return cmp.Or(cmp.Compare(p.sorted, o.sorted), cmp.Compare(p.id, o.id))
}

// first gives the first places of a set in an order, most at most, from a cursor on.
func (c *crowd) first(set members, of func(int64, *person) int64, desc bool, from *list.Cursor, most int) []standing {
	sign := pick(desc, -1, 1)
	order := func(a, b standing) int { return sign * a.compare(b) }
	var after *standing
	if from != nil {
		after = &standing{*from.Number, from.ID}
	}
	top := make([]standing, 0, most+1)
	c.mu.RLock()
	defer c.mu.RUnlock()
	set.each(func(id int64) {
		p := standing{of(id, &c.people[id]), id}
		if len(top) == most && order(p, top[most-1]) > 0 || after != nil && order(p, *after) <= 0 {
			return
		}
		at, _ := slices.BinarySearchFunc(top, p, order)
		top = slices.Insert(top, at, p)
		if len(top) > most {
			top = top[:most]
		}
	})
	return top
}

// readFound reads a page of the members of a set, and reports whether it could.
func (r *reading[T]) readFound(ctx context.Context, set members) (bool, error) {
	of := crowdKey(r.key)
	if of == nil || r.from != nil && r.from.Number == nil {
		return false, nil
	}
	backward := r.from != nil && r.from.Backward
	top := r.store.crowd.first(set, of, r.key.desc != backward, r.from, r.req.Size()+1)
	return true, r.fill(ctx, top, backward)
}

// fill reads what a page shows of the items that stand on it, and one more where there are more.
func (r *reading[T]) fill(ctx context.Context, top []standing, backward bool) error {
	ids := make([]int64, len(top))
	at := make(map[int64]int, len(top))
	for i, p := range top {
		ids[i], at[p.id] = p.id, i
	}
	l := r.listing
	rows, err := r.store.query(ctx, "SELECT "+l.columns+", 0 FROM "+l.whole()+" WHERE "+among(l.id, ids))
	if err != nil {
		return err
	}
	items := make([]*T, len(top))
	if err := scan(rows, func() error {
		var sorted int64
		item, id, err := r.scan(rows, &sorted)
		items[at[id]] = &item
		return err
	}); err != nil {
		return err
	}
	var cursors []list.Cursor
	for i, item := range items {
		if item != nil { // it may have gone meanwhile
			r.page.Items = append(r.page.Items, *item)
			cursors = append(cursors, list.Cursor{ID: top[i].id, Number: &top[i].sorted})
		}
	}
	finishPage(r.page, cursors, *r.req, backward)
	return nil
}

// mostPassed is how many items are gone through for those that some people wrote, before it is left to the record store.
const mostPassed = 20_000

// readByPeople goes through the list in its order for what many people wrote, of whom it is known in memory who they are,
// and reports whether it found a page of it.
func (r *reading[T]) readByPeople(ctx context.Context) (bool, error) {
	if r.filter.those == nil || r.key.text {
		return false, nil
	}
	l, other := r.listing, *r.filter
	other.author, other.args = "", nil
	cond, args, err := other.where(ctx, 0)
	if err != nil {
		return false, err
	}
	cond, args, backward := r.after(cond, args)
	dir := pick(r.key.desc != backward, " DESC", "")
	rows, err := r.store.query(ctx, fmt.Sprintf("SELECT %s, %s, %s FROM %s WHERE %s ORDER BY %s%s, %s%s LIMIT %d",
		r.key.column, l.id, l.author, l.tables(cond, r.key.column), cond, r.key.column, dir, l.id, dir, mostPassed), args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var top []standing
	passed := 0
	for rows.Next() && len(top) <= r.req.Size() {
		var p standing
		var author int64
		if err := rows.Scan(&p.sorted, &p.id, &author); err != nil {
			return false, fmt.Errorf("reading a list: %w", err)
		}
		if passed++; r.filter.those.has(author) {
			top = append(top, p)
		}
	}
	if err := rows.Err(); err != nil || passed == mostPassed && len(top) <= r.req.Size() {
		return false, err
	}
	if err := rows.Close(); err != nil { // its connection may be the last one
		return false, err
	}
	return true, r.fill(ctx, top, backward)
}

// crowdPeople looks for the accounts of the members that a condition on people fits, as somePeople does; false where the
// crowd cannot.
func (f *filter) crowdPeople(ctx context.Context, about query.Node) (p some, ok bool, err error) {
	if p.accounts, ok, err = f.store.crowdAccounts(ctx, about, f.asked, f.now); !ok || err != nil {
		return p, false, err
	}
	c := &f.store.crowd
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, id := range p.accounts {
		if int(id) < len(c.member) {
			p.activities += int64(c.people[c.member[id]].activities)
		}
	}
	return p, true, nil
}

// crowdAccounts gives the accounts of the members that a condition fits; false where the crowd cannot.
func (s *Store) crowdAccounts(ctx context.Context, n query.Node, a *asked, now time.Time) (ids []int64, ok bool, err error) {
	if ok, err := s.ready(ctx); !ok || err != nil {
		return nil, false, err
	}
	c := &s.crowd
	if t, ok := n.(*query.Term); ok && t.Field.Attr == "author" && t.Op != query.Has && !s.d.postgres {
		ids, err := s.accountsCalled(ctx, nameParts(t), math.MaxInt32)
		return ids, true, err
	}
	set, ok, err := c.ask(s, a, now).membersThat(ctx, n)
	if !ok || err != nil {
		return nil, false, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	if set.count() == 1 { // a page of one member asks: comparing is a fraction of looking each one up
		only := uint32(0)
		set.each(func(id int64) { only = uint32(id) }) //nolint:gosec // ids fit, as the figures want them to
		for account, member := range c.member {
			if member == only && member > 0 {
				ids = append(ids, int64(account))
			}
		}
		return ids, true, nil
	}
	for account, member := range c.member {
		if member > 0 && set.has(int64(member)) {
			ids = append(ids, int64(account))
		}
	}
	return ids, true, nil
}

// plain counts the members who are neither staff nor bots, hidden or contacts.
func (c *crowd) plain() (n int64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for i := range c.people {
		if c.people[i].is == personThere {
			n++
		}
	}
	return n
}

// ledger explains the number of accounts of a source, 0 = of all.
func (c *crowd) ledger(source int64) greenroom.Ledger {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var l greenroom.Ledger
	seen := make(members, len(c.people)/64+1)
	for account, of := range c.source {
		if of == 0 || source > 0 && int64(of) != source {
			continue
		}
		l.Accounts++
		member := int64(c.member[account])
		if seen.has(member) {
			l.Merged++
			continue
		}
		seen.put(member)
		switch is := c.people[member].is; {
		case is&personHidden != 0:
			l.Hidden++
		case is&personContact != 0:
			l.Contacts++
		case is&personBot != 0:
			l.Bots++
		case is&personStaff != 0:
			l.Staff++
		default:
			l.Members++
		}
	}
	return l
}
