// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/store"
)

// TestScores stores scores of three members and asks for them by query, by order and by member.
func TestScores(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		tell(t, s, "chat", func(out *connector.Sink) {
			for i, name := range []string{"Ana", "Ben", "Cleo"} {
				who := strings.ToLower(name)
				person(out, who, name)
				post(out, who+"1", who, who+"1", i, "Hello")
			}
		})
		long := clock().AddDate(0, 0, -1)
		put := func(model string, want int, scores ...greenroom.Score) {
			t.Helper()
			if n, err := s.PutScores(t.Context(), model, scores); err != nil || n != want {
				t.Fatalf("%d rows were written, want %d; %v", n, want, err)
			}
		}
		id := make(map[string]int64)
		for _, m := range members(t, s, "") {
			id[m.Name] = m.ID
		}
		put("orbit", 2, greenroom.Score{Member: id["Ana"], Value: 4, Level: 3, Step: 3}, greenroom.Score{Member: id["Ben"], Value: 7, Level: 2, Step: 1})
		put("orbit", 1, greenroom.Score{Member: id["Ana"], Value: 4, Level: 3, Step: 3}, greenroom.Score{Member: id["Ben"], Value: 7, Level: 2, Step: 2})
		put("love", 2, greenroom.Score{Member: id["Ana"], Value: 5.4, Level: 3}, greenroom.Score{Member: id["Cleo"], Value: 0.81, Level: 4})
		put("points", 1, greenroom.Score{Member: id["Cleo"], Value: 120.25, Level: 2})
		put("rhythm", 2, greenroom.Score{Member: id["Ana"], Value: 4, Due: long}, greenroom.Score{Member: id["Ben"], Value: 4, Due: clock().AddDate(0, 0, 1)})
		for text, want := range map[string]string{
			"level:2":                "Ben",
			"level:<=3 sort:level":   "Ben Ana",
			"-level:* sort:name":     "Cleo",
			"love:>5":                "Ana",
			"love:0.8..0.9":          "Cleo",
			"sort:-love":             "Ana Cleo Ben",
			"points:>=120":           "Cleo",
			"sort:-points":           "Cleo Ben Ana",
			"is:overdue":             "Ana",
			"is:overdue,bot love:>0": "Ana",
		} {
			var names []string
			for _, m := range members(t, s, text) {
				names = append(names, m.Name)
			}
			if got := strings.Join(names, " "); got != want && text != "sort:-points" || !strings.HasPrefix(got, "Cleo") && text == "sort:-points" {
				t.Errorf("%s gives %s, want %s", text, got, want)
			}
		}
		// Pages of one follow each other in the order of a score.
		q, err := query.Parse(query.NewSchema(query.Members, nil), "sort:-love")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for cursor := ""; ; {
			p, err := s.ListMembers(t.Context(), list.Request{Query: q, Limit: 1, Cursor: cursor})
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, p.Items[0].Name)
			if cursor = p.Next; cursor == "" {
				break
			}
		}
		if got := strings.Join(names, " "); got != "Ana Cleo Ben" {
			t.Errorf("page by page: %s", got)
		}
		scores, err := s.MemberScores(t.Context(), id["Ana"])
		want := []greenroom.Score{
			{Model: "love", Member: id["Ana"], Value: 5.4, Level: 3},
			{Model: "orbit", Member: id["Ana"], Value: 4, Level: 3, Step: 3},
			{Model: "rhythm", Member: id["Ana"], Value: 4, Due: long.UTC().Truncate(time.Microsecond)},
		}
		if diff := cmp.Diff(want, scores); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		put("love", 1, greenroom.Score{Member: id["Ana"], Value: 5.4, Level: 3})
		if err := s.EraseMember(t.Context(), id["Ana"]); err != nil {
			t.Fatal(err)
		}
		if scores, err := s.MemberScores(t.Context(), id["Ana"]); err != nil || len(scores) > 0 {
			t.Errorf("of somebody who was erased there is %v, %v", scores, err)
		}
	})
}

// TestScoreVersions saves two versions; who has not seen the first cannot save over it.
func TestScoreVersions(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		v := greenroom.ScoreVersion{Name: "love", Spec: `{"a":1}`, Note: "first", By: "ana"}
		if err := s.SaveScore(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveScore(t.Context(), v); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("got %v", err)
		}
		v.Version, v.Spec = 1, `{"a":2}`
		if err := s.SaveScore(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		all, err := s.ScoreVersions(t.Context(), "love")
		if err != nil || len(all) != 2 || all[0].Version != 2 || all[0].Spec != `{"a":2}` || all[1].Note != "first" || all[1].At.IsZero() {
			t.Errorf("got %+v, %v", all, err)
		}
	})
}
