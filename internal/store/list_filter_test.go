// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"

	"greenroom"
	"greenroom/internal/member"
	"greenroom/internal/store"
)

// TestNamesFollow asks by parts of names while people are renamed, merged, hidden and erased: what is held of names
// follows, and hidden people's activities are left out.
func TestNamesFollow(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		count := func(text string, want int) {
			t.Helper()
			if got := allListed(t, s, text); len(got) != want {
				t.Errorf("%s gave %d activities, want %d", text, len(got), want)
			}
		}
		count("by:SILV", 2)
		count("by:asil", 1) // the handle of one of ana's accounts
		count("by:nobody", 0)
		count("by:ana,bob", 4)
		ana, other, bob := members(t, s, "name:silva")[0], members(t, s, "name:ana2")[0], members(t, s, "name:stone")[0]
		if _, err := s.MergeMembers(t.Context(), ana.ID, other.ID, "same", "test"); err != nil {
			t.Fatal(err)
		}
		derive(t, s, 1000)
		count("by:silv", 3)
		name, hidden := "Robert Rock", true
		if err := s.EditMember(t.Context(), bob.ID, member.Edit{Name: &name}); err != nil {
			t.Fatal(err)
		}
		count("by:rock", 1)
		count("by:stone", 0)
		if got := members(t, s, "name:rock"); len(got) != 1 {
			t.Errorf("%d members are called rock, want 1", len(got))
		}
		ledger := func() greenroom.Ledger {
			t.Helper()
			l, err := s.Ledger(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		if l := ledger(); l != (greenroom.Ledger{Accounts: 4, Members: 2, Merged: 2}) {
			t.Errorf("the ledger is %+v", l)
		}
		if err := s.EditMember(t.Context(), bob.ID, member.Edit{Hidden: &hidden}); err != nil {
			t.Fatal(err)
		}
		count("by:rock", 0)
		count("", 3)
		if l := ledger(); l.Hidden != 1 || l.Members != 1 {
			t.Errorf("with bob hidden the ledger is %+v", l)
		}
		if err := s.EraseMember(t.Context(), ana.ID); err != nil {
			t.Fatal(err)
		}
		derive(t, s, 1000)
		count("by:silv", 0)
	})
}
