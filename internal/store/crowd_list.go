// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"time"

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
	if len(top) == 0 {
		return true, nil
	}
	ids := make([]int64, len(top))
	at := make(map[int64]int, len(top))
	for i, p := range top {
		ids[i], at[p.id] = p.id, i
	}
	l := r.listing
	rows, err := r.store.query(ctx, "SELECT "+l.columns+", 0 FROM "+l.whole()+" WHERE "+among(l.id, ids))
	if err != nil {
		return true, err
	}
	items := make([]*T, len(top))
	if err := scan(rows, func() error {
		var sorted int64
		item, id, err := r.scan(rows, &sorted)
		items[at[id]] = &item
		return err
	}); err != nil {
		return true, err
	}
	var cursors []list.Cursor
	for i, item := range items {
		if item != nil { // it may have become part of another
			r.page.Items = append(r.page.Items, *item)
			cursors = append(cursors, list.Cursor{ID: top[i].id, Number: &top[i].sorted})
		}
	}
	finishPage(r.page, cursors, *r.req, backward)
	return true, nil
}

// crowdPeople looks for the accounts of the members that a condition on people fits, as somePeople does; false where the
// crowd cannot.
func (f *filter) crowdPeople(ctx context.Context, about query.Node) (p some, ok bool, err error) {
	var accounts []int64
	if t, is := about.(*query.Term); is && t.Field.Attr == "author" && t.Op != query.Has && !f.store.d.postgres {
		if ok, err = f.store.ready(ctx); ok && err == nil {
			accounts, err = f.store.accountsCalled(ctx, nameParts(t), fewPeople)
		}
	} else {
		accounts, ok, err = f.store.crowdAccounts(ctx, about, f.asked, f.now)
	}
	if !ok || err != nil {
		return p, false, err
	}
	p.accounts = accounts[:min(len(accounts), fewPeople+1)]
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
	set, ok, err := c.ask(s, a, now).membersThat(ctx, n)
	if !ok || err != nil {
		return nil, false, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	for account, member := range c.member {
		if member > 0 && set.has(int64(member)) {
			ids = append(ids, int64(account))
		}
	}
	return ids, true, nil
}

// crowdActivities is how many activities a member has; 0 where the crowd does not know.
func (s *Store) crowdActivities(member int64) int {
	c := &s.crowd
	c.mu.RLock()
	defer c.mu.RUnlock()
	if member <= 0 || member >= int64(len(c.people)) {
		return 0
	}
	return int(c.people[member].activities)
}
