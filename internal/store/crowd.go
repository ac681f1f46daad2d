// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// crowd holds in memory what queries ask most of members: when they were active, how much, and what they are. A server
// answers conditions on members from it, in a millisecond where the tables take fifty, because a condition that many
// members fit needs nearly all of their rows, and an import has just changed most pages that these are on.
//
// It follows the record store: accounts by their versions, sums by the activities that have been derived. It is used
// only where it is as new as the answers that are given again (answer_cache.go), so whatever a person changes is seen at
// once. A command does without.
type crowd struct {
	asked     atomic.Bool // whether it is to be read for the first time
	following sync.Mutex  // one brings it up to date at a time
	mu        sync.RWMutex
	to        crowdPosition // up to which changes are known
	at        time.Time     // since when they are
	epoch     uint64        // of the answers then
	member    []uint32      // by account; 0 = none
	source    []uint32      // by account
	people    []person      // by member
	there     members       // those whom lists show unless a query names others
}

// crowdPosition is how far derived state had come.
type crowdPosition struct{ activity, version, erased int64 }

// person is a member: 40 bytes.
type person struct {
	last, first, joined                  int64 // microseconds; 0 = never, or not known
	activities, identities, organization uint32
	is                                   uint8
}

// What a person is. Members that have become part of others are not there.
const (
	personThere = 1 << iota
	personStaff
	personBot
	personHidden
	personContact
)

// crowdEvery is how much older than its answers the crowd may be before somebody who asks brings it up to date.
const crowdEvery = slower

// ready brings the crowd up to date where that is needed, and reports whether it can be asked. While it is read for the
// first time, it cannot.
func (s *Store) ready(ctx context.Context) (bool, error) {
	keep, epoch := s.cache.state()
	if keep == 0 {
		return false, nil
	}
	c := &s.crowd
	c.mu.RLock()
	there, at, known := len(c.people) > 0, c.at, c.epoch
	c.mu.RUnlock()
	if !there {
		if !c.asked.CompareAndSwap(false, true) {
			return false, nil
		}
		if !s.cache.later(func() {
			defer c.asked.Store(false)
			if err := s.followMembers(context.WithoutCancel(ctx)); err != nil {
				s.log.Warn("members could not be read into memory; lists go on without", "error", err)
			}
		}) {
			c.asked.Store(false)
		}
		return false, nil
	}
	age := s.now().Sub(at)
	limit := keep / 2
	if s.Changing() { // the projector sees to it
		limit = keep * crowdEvery
	}
	if known == epoch && age >= 0 && age < limit {
		return true, nil
	}
	return true, s.followMembers(ctx)
}

// Follow brings what is held of members in memory up to date. It does nothing where answers are not cached.
func (s *Store) Follow(ctx context.Context) error {
	if keep, _ := s.cache.state(); keep == 0 {
		return nil
	}
	if err := s.followMembers(ctx); err != nil {
		return err
	}
	s.names.mu.Lock()
	defer s.names.mu.Unlock()
	if len(s.names.member) == 0 {
		return nil // nobody has asked yet
	}
	return s.followNames(ctx)
}

// Warm reads what lists hold in memory before the first asks for it. It does nothing where answers are not cached.
func (s *Store) Warm(ctx context.Context) error {
	if keep, _ := s.cache.state(); keep == 0 {
		return nil
	}
	if err := s.followMembers(ctx); err != nil || s.d.postgres {
		return err
	}
	s.names.mu.Lock()
	defer s.names.mu.Unlock()
	return s.followNames(ctx)
}

func (s *Store) followMembers(ctx context.Context) error {
	c := &s.crowd
	c.following.Lock()
	defer c.following.Unlock()
	_, epoch := s.cache.state()
	at := s.now()
	var to crowdPosition
	if err := s.queryRow(ctx, "SELECT coalesce((SELECT value FROM follower WHERE name = '"+followDerive+"'), 0), "+sealed+", "+erasedAccounts,
		nil, &to.activity, &to.version, &to.erased); err != nil {
		return err
	}
	news := &crowdNews{store: s, member: make(map[int64]int64), source: make(map[int64]int64), people: make(map[int64]person)}
	whole := len(c.people) == 0 || to.activity < c.to.activity || to.version < c.to.version || to.erased != c.to.erased
	news.from = c.to
	var err error
	if whole {
		err = news.all(ctx)
	} else {
		err = news.changed(ctx, c.member, to)
	}
	if err != nil {
		return fmt.Errorf("reading members into memory: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if whole { // neither gets shorter, because of those who are looking
		clear(c.member)
		clear(c.source)
		clear(c.people)
	}
	for account, member := range news.member {
		c.member, c.source = roomFor(c.member, account), roomFor(c.source, account)
		c.member[account], c.source[account] = uint32(member), uint32(news.source[account]) //nolint:gosec // ids fit, as the figures want them to
	}
	for id, p := range news.people {
		c.people = roomFor(c.people, id)
		c.people[id] = p
	}
	if whole || len(news.people) > 0 {
		c.there = c.those(false, false)
	}
	c.to, c.at, c.epoch = to, at, epoch
	return nil
}

// roomFor lengthens a slice so that it has an element i.
func roomFor[T any](all []T, i int64) []T {
	if n := int(i) + 1; n > len(all) {
		all = slices.Grow(all, n-len(all))[:n]
	}
	return all
}

// crowdNews is what has changed.
type crowdNews struct {
	store  *Store
	from   crowdPosition
	member map[int64]int64 // by account
	source map[int64]int64
	people map[int64]person
}

const personColumns = "id, last_active, first_active, joined_at, activities, identities, organization_id, merged_into, staff, bot, hidden, contact"

// all reads everything.
func (n *crowdNews) all(ctx context.Context) error {
	if err := n.accounts(ctx, "1=1"); err != nil {
		return err
	}
	rows, err := n.store.query(ctx, "SELECT "+personColumns+" FROM member")
	if err != nil {
		return err
	}
	return scan(rows, func() error { return n.take(rows) })
}

// changed reads the accounts that have changed since the position, and the members of these and of those who were
// active. Before is what the accounts' members were.
func (n *crowdNews) changed(ctx context.Context, before []uint32, to crowdPosition) error {
	if err := n.accounts(ctx, "i.version > ?", n.from.version); err != nil {
		return err
	}
	ids := make(map[int64]bool)
	for account, member := range n.member {
		ids[member] = true
		if account < int64(len(before)) {
			ids[int64(before[account])] = true // it may have been left by its last account
		}
	}
	if n.from.activity < to.activity {
		rows, err := n.store.query(ctx, `SELECT DISTINCT i.member_id FROM (SELECT DISTINCT identity_id FROM activity WHERE id > ? AND id <= ?) x
			JOIN identity i ON i.id = x.identity_id`, n.from.activity, to.activity)
		if err != nil {
			return err
		}
		if err := scan(rows, func() error {
			var id int64
			err := rows.Scan(&id)
			ids[id] = true
			return err
		}); err != nil {
			return err
		}
	}
	args := make([]any, 0, len(ids))
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		args = append(args, id)
	}
	return n.store.eachOf(ctx, "SELECT "+personColumns+" FROM member WHERE id IN (%s)", args, n.take)
}

func (n *crowdNews) accounts(ctx context.Context, cond string, args ...any) error {
	rows, err := n.store.query(ctx, "SELECT i.id, i.member_id, i.source_id FROM identity i WHERE "+cond, args...)
	if err != nil {
		return err
	}
	return scan(rows, func() error {
		var account, member, source int64
		err := rows.Scan(&account, &member, &source)
		n.member[account], n.source[account] = member, source
		return err
	})
}

func (n *crowdNews) take(rows rowScanner) error {
	var p person
	var id, activities, identities, organization, merged, staff, bot, hidden, contact int64
	if err := rows.Scan(&id, &p.last, &p.first, &p.joined, &activities, &identities, &organization, &merged, &staff, &bot, &hidden, &contact); err != nil {
		return err
	}
	p.activities, p.identities, p.organization = uint32(activities), uint32(identities), uint32(organization) //nolint:gosec // as above
	if merged == 0 {
		p.is = uint8(personThere | staff*personStaff | bot*personBot | hidden*personHidden | contact*personContact) //nolint:gosec // five bits
	}
	n.people[id] = p
	return nil
}
