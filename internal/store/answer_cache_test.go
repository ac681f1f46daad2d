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
		s.CacheAnswers(time.Hour, func(func()) {})
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
