// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/ingest"
	"greenroom/internal/list"
	"greenroom/internal/member"
	"greenroom/internal/query"
	"greenroom/internal/store"
)

// TestCrowd asks for members, and for what they wrote, from the tables and from memory, and wants the same: after imports,
// and after people have hidden, joined and split members.
func TestCrowd(t *testing.T) {
	dir := sampleDir(t)
	onBoth(t, func(t *testing.T, s *store.Store) {
		imports := sampleImports(dir)
		for i, req := range imports {
			if _, _, err := ingest.New(s, slog.New(slog.DiscardHandler), clock, nil, nil).Import(t.Context(), req); err != nil {
				t.Fatal(err)
			}
			if i == 0 || i == len(imports)-1 {
				derive(t, s, 1000)
				sameFromCrowd(t, s)
			}
		}
		p, err := s.ListMembers(t.Context(), list.Request{Query: parsed(t, query.Members, "sort:-identities"), Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		yes := true
		if err := s.EditMember(t.Context(), p.Items[4].ID, member.Edit{Hidden: &yes}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.MergeMembers(t.Context(), p.Items[0].ID, p.Items[3].ID, "", "test"); err != nil {
			t.Fatal(err)
		}
		sameFromCrowd(t, s)
		if _, _, err := s.SplitMember(t.Context(), p.Items[1].ID, []int64{p.Items[1].Identities[0].ID}, "", "test"); err != nil {
			t.Fatal(err)
		}
		derive(t, s, 1000)
		sameFromCrowd(t, s)
		if err := s.EraseMember(t.Context(), p.Items[2].ID); err != nil {
			t.Fatal(err)
		}
		derive(t, s, 1000)
		sameFromCrowd(t, s)
	})
}

func sameFromCrowd(t *testing.T, s *store.Store) {
	t.Helper()
	for _, text := range []string{
		"", "sort:-activities", "sort:activities", "sort:name", "sort:joined", "sort:-identities", "is:new", "is:quiet activities:>=10", "is:gone or is:active",
		"-is:staff -is:bot", "is:hidden", "is:contact or -is:contact", "last_active:<90d org:*", "org.lifecycle:customer", "-org.name:*", "-org:* activities:3..9",
		"joined:*", "first_active:<200d sort:first_active", "identities:>1", "activities:2..5 or activities:9", "tag:champion", "tag:champion,speaker -tag:x", "-tag:champion or tag:s*", "-tag:*", "email:*", "name:an", "name:a*", "ma", "example", "example com", "com example activities:>1 -ana", "-example com", "nobody example",
		"did:message", "did:reply since:200d count:>=3", "did:question count:0", "did:* count:0..2", "did:* category:question", "did:message category:bug,question sentiment:neutral count:>=2", "did:* category:question count:0", "-did:reply", "channel:#help", "source:slack", "country:DE",
		"(is:new or tag:champion) -name:e", "last_active:2026-01-01..2026-03-31", "last_active:>100d activities:>1",
	} {
		both(t, s, query.Members, text, func(req list.Request) (any, int64, string, error) {
			p, err := s.ListMembers(t.Context(), req)
			return p.Items, p.Total, p.Next, err
		})
	}
	both(t, s, query.Members, "", func(list.Request) (any, int64, string, error) {
		o, err := s.Overview(t.Context())
		return o, o.Members, "", err
	})
	for _, text := range []string{"member.is:new", "by:an", "member.name:e kind:message", "org.lifecycle:customer", "member.activities:>50 is:question", "member.tag:champion or org:*", "member.id:1", "member.id:2 or member.id:3", "member.id:2,3", "member.id:999999"} {
		both(t, s, query.Activities, text, func(req list.Request) (any, int64, string, error) {
			p, err := s.ListActivities(t.Context(), req)
			return p.Items, p.Total, p.Next, err
		})
	}
}

// both asks for the first and the second page from the tables, then from memory.
func both(t *testing.T, s *store.Store, e query.Entity, text string, ask func(list.Request) (items any, total int64, next string, err error)) {
	t.Helper()
	type answer struct {
		items any
		total int64
	}
	pages := func() []answer {
		t.Helper()
		var all []answer
		req := list.Request{Query: parsed(t, e, text), Limit: 7, Count: true}
		for range 2 {
			items, total, next, err := ask(req)
			if err != nil {
				t.Fatalf("%s %q: %v", e, text, err)
			}
			all = append(all, answer{items, total})
			if next == "" {
				break
			}
			req.Cursor = next
		}
		return all
	}
	s.CacheAnswers(0, nil)
	want := pages()
	s.CacheAnswers(1, func(do func()) { do() })
	if err := s.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, pages(), cmp.AllowUnexported(answer{})); diff != "" {
		t.Errorf("%s %q from memory (-tables +memory):\n%s", e, text, diff)
	}
	s.CacheAnswers(0, nil)
}
