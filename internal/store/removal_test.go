// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/analytics"
	"greenroom/internal/member"
	"greenroom/internal/store"
)

// remove removes a source in portions of a size, dying after some of them, deriving in between or not.
func remove(t *testing.T, s *store.Store, name string, size int, deaths []int, between bool) {
	t.Helper()
	src, err := s.Source(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AskRemoval(t.Context(), src.ID, map[string]string{}, "ana"); err != nil {
		t.Fatal(err)
	}
	for _, n := range deaths {
		more := true
		for ; n > 0 && more; n-- {
			if more, err = s.RemovePortion(t.Context(), src.ID, size); err != nil {
				t.Fatal(err)
			}
		}
		if !more {
			break
		}
		if between {
			derive(t, s, 3)
		}
	}
	if left, err := s.Removals(t.Context()); err != nil || len(left) > 0 {
		if err := s.RemoveSource(t.Context(), src.ID); err != nil {
			t.Fatal(err)
		}
	}
	derive(t, s, 1000)
	if _, err := s.Source(t.Context(), name); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		t.Fatalf("after its removal %s is %v; want CodeNotFound", name, err)
	}
}

// TestRemoveSource imports some sources and removes the last: everything is as if it had never been imported, to the byte,
// in whatever portions, and wherever the process died.
func TestRemoveSource(t *testing.T) {
	const worlds = 15 // each cleans whole files, which takes a while
	done := 0
	eachWorld(t, func(t *testing.T, r *rapid.T, open func() *store.Store) {
		if done++; done > worlds {
			return
		}
		w := drawWorld(r, false)
		last := len(w.Feeds) - 1
		without, with := open(), open()
		live(t, r, without, w, life{window: 1000}, w.order()[:last])
		live(t, r, with, w, life{window: rapid.IntRange(1, 1000).Draw(r, "window")}, w.order())
		remove(t, with, "s"+string(rune('0'+last)), rapid.IntRange(1, 5).Draw(r, "portion"), rapid.SliceOfN(rapid.IntRange(1, 4), 0, 5).Draw(r, "deaths"), rapid.Bool().Draw(r, "between"))
		differ(r, everything(t, without), everything(t, with))
	})
}

// TestRemoveSourceLeavesTheRest removes one of two sources: figures, members who have accounts on both, and what people
// decided of them stay right, and no table knows the source any more.
func TestRemoveSourceLeavesTheRest(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		f := openFigures(t, s)
		f.update(t)
		ana := members(t, s, "email:ana@acme.example")[0]
		name := "Ana the First"
		if err := s.EditMember(t.Context(), ana.ID, member.Edit{AddTags: []string{"champion"}, Name: &name}); err != nil {
			t.Fatal(err)
		}
		src, err := s.Source(t.Context(), "chat")
		if err != nil {
			t.Fatal(err)
		}
		remove(t, s, "chat", 1, []int{3}, true)
		f.update(t)
		now := members(t, s, "email:ana@acme.example")
		if len(now) != 1 || now[0].Name != name || !slices.Equal(now[0].Tags, []string{"champion"}) || now[0].Activities != 1 || len(now[0].Identities) != 1 {
			t.Fatalf("Ana is %+v; want what was decided of her, with her one other account", now)
		}
		if m, err := s.Member(t.Context(), ana.ID); err != nil || m.ID != now[0].ID {
			t.Errorf("her former page leads to %+v, %v; want her", m, err)
		}
		if all := members(t, s, "is:hidden or -is:hidden or is:contact"); len(all) != 1 {
			t.Errorf("there are %d members; want Ana only", len(all))
		}
		for metric, want := range map[string]float64{"members": 1, "activities": 1, "conversations": 1} {
			res, err := f.eng.Compute(t.Context(), analytics.Request{Metric: metric, From: at(-100), To: at(1000), Granularity: analytics.Total})
			if err != nil {
				t.Fatal(err)
			}
			if got := res.Series[0].Value; got == nil || *got != want {
				t.Errorf("%s: %v; want %g", metric, got, want)
			}
		}
		left, err := s.RowsOf(t.Context(), src.ID)
		if diff := cmp.Diff(map[string]int64{}, left); err != nil || diff != "" {
			t.Errorf("what is left of it, %v: %s", err, diff)
		}
		if found, err := s.Search(t.Context(), "walrus", 10); err != nil || len(found.Conversations) > 0 {
			t.Errorf("its words are found: %+v, %v", found, err)
		}
		tell(t, s, "chat", func(out *connector.Sink) { person(out, "ana", "Ana Silva", "ana@acme.example") })
		if now = members(t, s, "email:ana@acme.example"); len(now) != 1 || len(now[0].Identities) != 2 {
			t.Errorf("after connecting it anew Ana is %+v; want her with both accounts", now)
		}
	})
}

// TestRemovalKeepsOthersOut refuses to read what is being removed, and to remove what is being read.
func TestRemovalKeepsOthersOut(t *testing.T) {
	s := openSQLite(t)
	community(t, s)
	src, err := s.Source(t.Context(), "chat")
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := s.LockSource(t.Context(), src.ID, greenroom.LaneRead)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AskRemoval(t.Context(), src.ID, nil, "ana"); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveSource(t.Context(), src.ID); greenroom.ErrorCode(err) != greenroom.CodeConflict {
		t.Errorf("removing what is being read: %v; want CodeConflict", err)
	}
	unlock()
	if _, err := s.EnsureSource(t.Context(), src); greenroom.ErrorCode(err) != greenroom.CodeConflict {
		t.Errorf("reading what is being removed: %v; want CodeConflict", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.RemoveSource(ended, src.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("a removal whose context has ended: %v", err)
	}
	if all, err := s.Removals(t.Context()); err != nil || len(all) != 1 || all[0].Source != "chat" || all[0].Total != 6 || all[0].AskedBy != "ana" {
		t.Errorf("removals are %+v, %v; want one of 3 activities and 3 accounts", all, err)
	}
}

// TestRenameSource renames a source: it is found by its former name, nobody else can take that, and actions know it.
func TestRenameSource(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		src, err := s.Source(t.Context(), "chat")
		if err != nil {
			t.Fatal(err)
		}
		rename := func(to string) error {
			return s.RenameSource(t.Context(), src.ID, to, src.Config, src.Config)
		}
		if err := rename("forum"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a name that is taken: %v; want CodeConflict", err)
		}
		if err := rename("slack"); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Former(t.Context(), "chat"); err != nil || got.ID != src.ID || got.Name != "slack" {
			t.Errorf("by its former name it is %+v, %v", got, err)
		}
		if _, err := s.EnsureSource(t.Context(), greenroom.Source{Name: "chat", Kind: "script"}); greenroom.ErrorCode(err) != greenroom.CodeConflict || !strings.Contains(err.Error(), "slack was called") {
			t.Errorf("another source by its former name: %v; want CodeConflict", err)
		}
		if got := members(t, s, "source:slack"); len(got) != 3 {
			t.Errorf("%d members are on it by its new name; want 3", len(got))
		}
		if err := s.RenameSource(t.Context(), src.ID, "other", map[string]string{"token": "old"}, nil); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("with options that have changed: %v; want CodeConflict", err)
		}
		if err := rename("chat"); err != nil {
			t.Errorf("back again: %v", err)
		}
	})
}
