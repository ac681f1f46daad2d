// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"log/slog"
	"testing"
	"time"

	"greenroom/internal/ingest"
	"greenroom/internal/list"
	"greenroom/internal/member"
	"greenroom/internal/store"
)

// TestCachedAnswers wants answers that are given again to be thrown away by what people do and by imports that have ended.
func TestCachedAnswers(t *testing.T) {
	dir := sampleDir(t)
	onBoth(t, func(t *testing.T, s *store.Store) {
		s.CacheAnswers(time.Hour, func(func()) bool { return false })
		members := func() int64 {
			t.Helper()
			p, err := s.ListMembers(t.Context(), list.Request{Count: true, Limit: 1})
			if err != nil {
				t.Fatal(err)
			}
			return p.Total
		}
		if n := members(); n != 0 {
			t.Fatalf("an empty store has %d members", n)
		}
		for _, req := range sampleImports(dir) {
			if _, _, err := ingest.New(s, slog.New(slog.DiscardHandler), clock, nil, nil).Import(t.Context(), req); err != nil {
				t.Fatal(err)
			}
		}
		imported := members()
		if imported == 0 {
			t.Fatal("the list is empty after an import that ended")
		}
		derive(t, s, 1_000_000)
		derived := members()
		if derived >= imported {
			t.Errorf("%d members after accounts were joined, and %d before", derived, imported)
		}
		p, err := s.ListMembers(t.Context(), list.Request{Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		first := p.Items[0].ID
		p.Items[0], p.Items[1] = p.Items[1], p.Items[0]
		if p, err = s.ListMembers(t.Context(), list.Request{Limit: 2}); err != nil || p.Items[0].ID != first {
			t.Errorf("a caller's reordering changed what is given again (%v)", err)
		}
		yes := true
		if err := s.EditMember(t.Context(), first, member.Edit{Hidden: &yes}); err != nil {
			t.Fatal(err)
		}
		if n := members(); n != derived-1 {
			t.Errorf("%d members after one was hidden, want %d", n, derived-1)
		}
	})
}

// TestAgingAnswers has an answer that is asked for when most of its time is over given, and computed again by whoever has time: once, and
// not at all where it was computed meanwhile.
func TestAgingAnswers(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, at *time.Time) {
		var later []func()
		var computed int64
		s.CacheAnswers(time.Hour, func(do func()) bool {
			later = append(later, do)
			return true
		})
		sources := func() int64 {
			t.Helper()
			n, err := s.CachedCount(t.Context(), &computed)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := sources(); n != 1 {
			t.Fatalf("the first answer is %d", n)
		}
		*at = at.Add(40 * time.Minute)
		for range 3 {
			if n := sources(); n != 1 {
				t.Fatalf("an answer that ages is not given, but %d", n)
			}
		}
		if len(later) != 1 {
			t.Fatalf("it is to be computed %d times, want once", len(later))
		}
		later[0]()
		if n := sources(); n != 2 {
			t.Errorf("after it was computed again it is %d", n)
		}
		*at = at.Add(40 * time.Minute)
		sources()
		*at = at.Add(21 * time.Minute)
		if n := sources(); n != 3 {
			t.Errorf("an answer that is too old is given, %d", n)
		}
		later[1]()
		if n := sources(); n != 3 {
			t.Errorf("an answer that was computed meanwhile is computed once more: %d", n)
		}
	})
}
