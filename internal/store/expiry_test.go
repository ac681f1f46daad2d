// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/analytics"
	"greenroom/internal/store"
)

// TestExpire removes what people did too long ago: with payloads, figures and people of whom nothing else tells. What the
// page itself said, and what is younger, stays; a profile that was told too long ago is an id again, until it is told again.
func TestExpire(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		say := func(out *connector.Sink) {
			person(out, "page:1", "Acme")
			post(out, "p", "page:1", "p", 0, "Our walrus release.")
			person(out, "person:ana", "Ana Silva")
			post(out, "c1", "person:ana", "p", 1, "A walrus of mine.")
			out.Identity(connector.Identity{ExternalID: "person:bob", Name: "Bob Stone", Handle: "bob", Raw: out.Raw([]byte("bob"))})
			post(out, "c2", "person:bob", "p", 2, "Another walrus.")
			post(out, "c3", "person:bob", "p", 30, "Later, a heron.")
		}
		tell(t, s, "social", say)
		f := openFigures(t, s)
		f.update(t)
		src, err := s.Source(t.Context(), "social")
		if err != nil {
			t.Fatal(err)
		}
		x := store.Expiring{SourceID: src.ID, Accounts: "person:", Done: at(10), Told: clock().AddDate(0, 0, -1)}
		if n := s.BesideImport(func() { // of another source
			if n, err := s.Expire(t.Context(), x); err != nil || n != 3 {
				t.Fatalf("%d rows went, %v; want two comments and an account", n, err)
			}
		}); n != 1 {
			t.Errorf("answers were thrown away %d times; want once, when all is gone", n)
		}
		derive(t, s, 1000)
		f.update(t)
		for metric, want := range map[string]float64{"activities": 2, "members": 2} {
			res, err := f.eng.Compute(t.Context(), analytics.Request{Metric: metric, From: at(-100), To: at(1000), Granularity: analytics.Total})
			if err != nil || res.Series[0].Value == nil || *res.Series[0].Value != want {
				t.Errorf("%s: %+v, %v; want %g", metric, res, err, want)
			}
		}
		if bob := members(t, s, "Bob Stone"); len(bob) != 1 || bob[0].Activities != 1 {
			t.Errorf("Bob is %+v; want him with what he did later", bob)
		}
		if ana := members(t, s, "Ana Silva"); len(ana) != 0 {
			t.Errorf("Ana is still there: %+v", ana)
		}
		if found, err := s.Search(t.Context(), "walrus", 10); err != nil || len(found.Conversations) != 1 {
			t.Errorf("the page's own words are found as %+v, %v", found, err)
		}
		if n, err := s.Expire(t.Context(), x); err != nil || n != 0 {
			t.Errorf("a second time %d rows went, %v", n, err)
		}
		x.Told = clock().AddDate(0, 0, 1)
		if n, err := s.Expire(t.Context(), x); err != nil || n != 1 {
			t.Fatalf("%d profiles went, %v; want Bob's", n, err)
		}
		derive(t, s, 1000)
		if bob := members(t, s, "Bob Stone"); len(bob) != 0 {
			t.Errorf("Bob's name is still known: %+v", bob)
		}
		if all := members(t, s, "source:social"); len(all) != 2 || all[0].Name != "person:bob" && all[1].Name != "person:bob" {
			t.Errorf("members are %+v; want Bob by his id", all)
		}
		if texts := rawTexts(t, s); len(texts) != 2 {
			t.Errorf("payloads are %q; want the post's and the later comment's", texts)
		}
		got, err := s.Expired(t.Context(), src.ID)
		if diff := cmp.Diff(map[string]int64{"reply": 2, "accounts": 1, "profiles": 1}, got); err != nil || diff != "" {
			t.Errorf("counted, %v (-want +got):\n%s", err, diff)
		}
		tell(t, s, "social", func(out *connector.Sink) {
			out.Identity(connector.Identity{ExternalID: "person:bob", Name: "Bob Stone", Handle: "bob"})
		})
		if bob := members(t, s, "Bob Stone"); len(bob) != 1 {
			t.Errorf("told again, Bob is %+v", bob)
		}
		if err := s.AskRemoval(t.Context(), src.ID, map[string]string{}, "ana"); err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveSource(t.Context(), src.ID); err != nil {
			t.Fatal(err)
		}
		if left, err := s.RowsOf(t.Context(), src.ID); err != nil || len(left) > 0 {
			t.Errorf("after its removal is left %v, %v", left, err)
		}
	})
}

// rawTexts lists what payloads of activities are still kept.
func rawTexts(t *testing.T, s *store.Store) []string {
	t.Helper()
	var all []string
	for id := int64(1); id < 20; id++ {
		raw, err := s.ActivityPayload(t.Context(), id)
		switch {
		case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
		case err != nil:
			t.Fatal(err)
		case len(raw) > 0:
			all = append(all, string(raw))
		}
	}
	return all
}
