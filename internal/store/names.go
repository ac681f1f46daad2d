// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"strings"
	"sync"
	"time"

	"greenroom/internal/query"
)

// names holds what people are called, for conditions on a part of a name ("name:", "by:"), which no index answers. It is
// filled when it is first asked and then follows the versions of identities, which grow with any change of what an account
// or its member is called: a few bytes for each account, and a thousandth of the time that reading all rows takes.
// PostgreSQL does without.
type names struct {
	mu      sync.Mutex
	version int64 // up to which changes are known
	erased  int64 // how many accounts have been erased, by this process or another
	at      time.Time
	epoch   uint64   // of the answers then
	handle  nameText // by identity, in lower case
	member  []int64  // by identity; 0 = there is none
	name    nameText // by member, in lower case; those of members that are part of others may be old
}

// forget throws the names away, when some have been erased.
func (n *names) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.version, n.handle, n.member, n.name = 0, nameText{}, nil, nameText{}
}

// currentNames brings the names up to date where that is needed: while an import runs, the projector sees to it. The
// caller holds the lock.
func (s *Store) currentNames(ctx context.Context) error {
	n := &s.names
	if keep, epoch := s.cache.state(); len(n.member) > 0 && epoch == n.epoch && s.Changing() {
		if age := s.now().Sub(n.at); age >= 0 && age < slower*keep {
			return nil
		}
	}
	return s.followNames(ctx)
}

// followNames brings the names up to date. The caller holds the lock.
func (s *Store) followNames(ctx context.Context) error {
	n := &s.names
	_, epoch := s.cache.state()
	at := s.now()
	// A version that a finished transaction has given can still be given by others that began before, but not the ones
	// below it.
	var end, erased int64
	if err := s.queryRow(ctx, "SELECT "+sealed+", "+erasedAccounts, nil, &end, &erased); err != nil {
		return err
	}
	if end < n.version || erased != n.erased || len(n.member) == 0 { // versions begin anew when everything derived was thrown away
		n.version, n.handle, n.member, n.name = -1, nameText{}, nil, nameText{}
	}
	rows, err := s.query(ctx, `SELECT i.id, i.handle, i.member_id, m.name FROM identity i JOIN member m ON m.id = i.member_id WHERE i.version > ?`, n.version)
	if err != nil {
		return err
	}
	err = scan(rows, func() error {
		var id, member int64
		var handle, name string
		if err := rows.Scan(&id, &handle, &member, &name); err != nil {
			return err
		}
		n.member = roomFor(n.member, id)
		n.member[id] = member
		n.handle.set(id, lowerASCII(handle))
		n.name.set(member, lowerASCII(name))
		return nil
	})
	if err != nil {
		return err
	}
	n.version, n.erased, n.at, n.epoch = end, erased, at, epoch
	return nil
}

// membersCalled returns the ids of members in whose names one of the parts stands, or at whose beginnings those that are
// marked so; most at most, and one more where there are more.
func (s *Store) membersCalled(ctx context.Context, parts []namePart, most int) ([]int64, error) {
	s.names.mu.Lock()
	defer s.names.mu.Unlock()
	if err := s.currentNames(ctx); err != nil {
		return nil, err
	}
	set := make(members, len(s.names.name.last)/64+1)
	for _, p := range parts {
		s.names.name.find(p, set)
	}
	var ids []int64
	set.each(func(id int64) {
		if id > 0 && len(ids) <= most {
			ids = append(ids, id)
		}
	})
	return ids, nil
}

// accountsCalled does so for accounts, by their handles and the names of their members.
func (s *Store) accountsCalled(ctx context.Context, parts []namePart, most int) ([]int64, error) {
	s.names.mu.Lock()
	defer s.names.mu.Unlock()
	if err := s.currentNames(ctx); err != nil {
		return nil, err
	}
	byName, byHandle := make(members, len(s.names.name.last)/64+1), make(members, len(s.names.handle.last)/64+1)
	for _, p := range parts {
		s.names.name.find(p, byName)
		s.names.handle.find(p, byHandle)
	}
	var ids []int64
	for id, member := range s.names.member {
		if member > 0 && len(ids) <= most && (byHandle.has(int64(id)) || byName.has(member)) {
			ids = append(ids, int64(id))
		}
	}
	return ids, nil
}

// namePart is a part of a name, in lower case.
type namePart struct {
	text  string
	begin bool // the name has to begin with it
}

// nameParts are the parts of names that a term asks for.
func nameParts(t *query.Term) []namePart {
	parts := make([]namePart, len(t.Values))
	for i, v := range t.Values {
		parts[i] = namePart{text: lowerASCII(v.Text), begin: v.Prefix}
	}
	return parts
}

// lowerASCII folds the letters that SQLite's LIKE folds.
func lowerASCII(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return strings.Map(func(r rune) rune {
				if 'A' <= r && r <= 'Z' {
					return r + 'a' - 'A'
				}
				return r
			}, s)
		}
	}
	return strings.Clone(s)
}
