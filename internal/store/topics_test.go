// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"log/slog"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/ingest"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/store"
	"greenroom/internal/topic"
)

func utc() *time.Location { return time.UTC }

// listed counts what a list with a query holds.
func listed(t *testing.T, s *store.Store, e query.Entity, q string) int64 {
	t.Helper()
	req := list.Request{Query: parsed(t, e, q), Count: true}
	if e == query.Conversations {
		p, err := s.ListConversations(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return p.Total
	}
	p, err := s.ListActivities(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return p.Total
}

// TestTopics finds topics in the sample, decides of them, and wants the decisions to hold after another fit, and everything to be
// what it was after a rebuild.
func TestTopics(t *testing.T) {
	dir := sampleDir(t)
	onBoth(t, func(t *testing.T, s *store.Store) {
		for _, req := range sampleImports(dir) {
			if _, _, err := ingest.New(s, slog.New(slog.DiscardHandler), clock, nil, nil).Import(t.Context(), req); err != nil {
				t.Fatal(err)
			}
		}
		derive(t, s, 1000)
		topics := topic.New(s, s, slog.New(slog.NewTextHandler(t.Output(), nil)), clock, utc)
		find := func() {
			t.Helper()
			if err := topics.Fit(t.Context(), "test"); err != nil {
				t.Fatal(err)
			}
			if err := topics.Place(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		find()
		all, err := topics.Reports(t.Context(), false)
		if err != nil || len(all) < 3 {
			t.Fatalf("%d topics: %v", len(all), err)
		}
		a, b, c := all[0], all[1], all[2]
		inA, inB := listed(t, s, query.Activities, "topic:"+id(a.ID)), listed(t, s, query.Activities, "topic:"+id(b.ID))
		if inA == 0 || inA != listed(t, s, query.Activities, `topic:"`+a.Name+`"`) || listed(t, s, query.Conversations, "topic:"+id(a.ID)) == 0 {
			t.Errorf("topic %s has %d messages", a.Name, inA)
		}

		name, yes := "What we call it", true
		for _, e := range []struct {
			id int64
			c  topic.Change
		}{{a.ID, topic.Change{Name: &name}}, {b.ID, topic.Change{Into: &a.ID}}, {c.ID, topic.Change{Hidden: &yes}}} {
			if _, err := topics.Edit(t.Context(), e.id, e.c); err != nil {
				t.Fatal(err)
			}
		}
		if got := listed(t, s, query.Activities, `topic:"what we call it"`); got != inA+inB {
			t.Errorf("after the merge %d messages, want %d", got, inA+inB)
		}
		own, err := topics.Add(t.Context(), "By a rule", "is:question", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := listed(t, s, query.Activities, "topic:"+id(own.ID)), listed(t, s, query.Activities, "is:question"); got != want {
			t.Errorf("the rule takes %d messages, want %d", got, want)
		}
		for _, bad := range []string{"topic:1", "nonsense:1", ""} {
			if _, err := topics.Edit(t.Context(), a.ID, topic.Change{Rule: &bad}); (err == nil) != (bad == "") {
				t.Errorf("the rule %q: %v", bad, err)
			}
		}

		before := places(t, s)
		find() // which may find other topics, and changes nothing that was decided
		again, ruled, merged, ours := places(t, s), id(own.ID)+" By a rule", id(b.ID)+" "+b.Name, id(a.ID)+" "+name
		if again[ruled] != before[ruled] || again[ours] == 0 || again[merged] != again[ours] {
			t.Errorf("after another fit %v, before it %v", again, before)
		}
		if left, err := topics.Reports(t.Context(), false); err != nil || slices.ContainsFunc(left, func(r topic.Report) bool { return r.ID == b.ID || r.ID == c.ID }) {
			t.Errorf("what was merged or hidden is a topic again, %v", err)
		}
		if err := s.ForgetDerived(t.Context()); err != nil {
			t.Fatal(err)
		}
		derive(t, s, 1000)
		if err := topics.Place(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(again, places(t, s)); diff != "" {
			t.Errorf("after a rebuild (-want +got):\n%s", diff)
		}
	})
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

// places says how many messages each topic has, and what it is called.
func places(t *testing.T, s *store.Store) map[string]int64 {
	t.Helper()
	all, err := s.Topics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := make(map[string]int64)
	for i := range all {
		n[id(all[i].ID)+" "+all[i].Name] = listed(t, s, query.Activities, "topic:"+id(all[i].ID))
	}
	return n
}

// Who is erased takes their messages out of topics, and has the words of the model found anew.
func TestTopicsOfErased(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		topics := topic.New(s, s, slog.New(slog.NewTextHandler(t.Output(), nil)), clock, utc)
		own, err := topics.Add(t.Context(), "Everything", "since:2000-01-01", nil)
		if err != nil {
			t.Fatal(err)
		}
		before := listed(t, s, query.Activities, "topic:"+id(own.ID))
		ana := members(t, s, `email:ana@acme.example`)[0]
		if err := s.EraseMember(t.Context(), ana.ID); err != nil {
			t.Fatal(err)
		}
		moments, err := s.Moments(t.Context(), time.Unix(0, 0), clock().AddDate(1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		if after := int64(len(moments)); after == 0 || after >= before {
			t.Errorf("%d messages before, %d after", before, after)
		}
	})
}

func TestAnnotations(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		topics := topic.New(s, s, slog.New(slog.NewTextHandler(t.Output(), nil)), clock, utc)
		day := time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)
		a, err := topics.Annotate(t.Context(), topic.Annotation{At: day, Title: " Release 2.4 ", Kind: "release", By: "ana"})
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []topic.Annotation{{At: day}, {Title: "x"}, {At: day, Title: "x", Kind: "nothing"}, {At: day, Until: day.AddDate(0, 0, -1), Title: "x"}, {At: day, Title: "x", URL: "javascript:1"}, {ID: 99, At: day, Title: "x"}} {
			if _, err := topics.Annotate(t.Context(), bad); err == nil {
				t.Errorf("%+v was stored", bad)
			}
		}
		read := func() []topic.Annotation {
			t.Helper()
			all, err := topics.Annotations(t.Context(), day, day.AddDate(0, 0, 1))
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		want := []topic.Annotation{{ID: a.ID, At: day, Title: "Release 2.4", Kind: "release", By: "ana"}}
		if diff := cmp.Diff(want, read()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for _, removed := range []bool{true, false} {
			if err := topics.RemoveAnnotation(t.Context(), a.ID, removed); err != nil {
				t.Fatal(err)
			}
			if got := len(read()); (got == 0) != removed {
				t.Errorf("removed %t: %d are there", removed, got)
			}
		}
	})
}
