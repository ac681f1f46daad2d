// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/finder"
	"greenroom/internal/outbox"
	"greenroom/internal/store"
)

// TestFinder finds who said something, respects consent and rest, invites by drafts, and forgets who is erased.
func TestFinder(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		clubhouse(t, s)
		ids := somebody(t, s)
		service := finder.New(s, s, noAudit{}, clock)
		st, err := service.Add(t.Context(), finder.Draft{Title: "Interviews", Said: "body:Hello", Wanted: 2, Subject: "May we ask?", Letter: "Hello {name}"}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		find := func(st finder.Study) *finder.Shortlist {
			t.Helper()
			f, err := service.Find(t.Context(), &st.Draft, st.ID)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		f := find(st)
		if len(f.Candidates) != len(ids) || len(f.LeftOut) != 0 {
			t.Fatalf("%d of %d fit, %v are left out", len(f.Candidates), len(ids), f.LeftOut)
		}
		for _, c := range f.Candidates {
			if len(c.Evidence) == 0 || c.Evidence[0].Activity == 0 || len(c.Reasons) != 2 || !c.ByMail {
				t.Errorf("%+v is found without reasons", c)
			}
		}
		first, second := f.Candidates[0].Member, f.Candidates[1].Member
		if err := s.SetChoice(t.Context(), second, consent.Choice{Purpose: consent.Research, At: clock(), How: "preferences"}); err != nil {
			t.Fatal(err)
		}
		if n, err := service.Invite(t.Context(), st.ID, []int64{first, second}, "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict || n != 0 {
			t.Errorf("who refused is invited: %d, %v", n, err)
		}
		if n, err := service.Invite(t.Context(), st.ID, []int64{first}, "ana"); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		drafts, err := s.MessageList(t.Context(), outbox.Filter{Member: first})
		if err != nil || len(drafts) != 1 || drafts[0].State != outbox.Draft || drafts[0].Purpose != consent.Research || !strings.HasPrefix(drafts[0].Text, "Hello Dr. ") {
			t.Errorf("the drafts are %+v, %v", drafts, err)
		}
		other, err := service.Add(t.Context(), finder.Draft{Title: "Others", Said: "body:Hello"}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		f = find(other)
		if len(f.Candidates) != len(ids)-2 || len(f.LeftOut) != 2 {
			t.Errorf("another study finds %+v", f)
		}
		asks, err := service.Asks(t.Context(), st.ID, 0)
		if err != nil || len(asks) != 1 {
			t.Fatal(asks, err)
		}
		if a, err := service.Outcome(t.Context(), st.ID, asks[0].ID, finder.Done, "Knows much.", "a mug", "ana"); err != nil || a.State != finder.Done {
			t.Errorf("%+v, %v", a, err)
		}
		// After the rest they may be asked again, and are told apart from who never was.
		later := finder.New(s, s, noAudit{}, func() time.Time { return clock().AddDate(0, 0, 100) })
		f, err = later.Find(t.Context(), &other.Draft, other.ID)
		if err != nil || len(f.Candidates) != len(ids)-1 || f.Candidates[len(f.Candidates)-1].Member != first || f.Candidates[len(f.Candidates)-1].Asked != 1 {
			t.Errorf("after the rest: %+v, %v", f, err)
		}
		var data bytes.Buffer
		if err := s.ExportMember(t.Context(), first, &data); err != nil || !strings.Contains(data.String(), "Knows much.") {
			t.Errorf("their data do not say it: %v", err)
		}
		if err := s.EraseMember(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if asks, err := service.Asks(t.Context(), 0, 0); err != nil || len(asks) != 0 {
			t.Errorf("after erasing there are %+v, %v", asks, err)
		}
	})
}
