// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package certain

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestPartition(t *testing.T) {
	mail := func(id int64, value string) Held { return Held{id, Email, value, "same e-mail"} }
	for name, c := range map[string]struct {
		held  []Held
		links []Link
		apart [][2]int64
		want  []Group
	}{
		"a chain of keys":                     {held: []Held{mail(1, "a"), mail(2, "a"), mail(2, "b"), mail(3, "b")}, want: []Group{{1, []int64{1, 2, 3}}}},
		"kept apart also by way of a third":   {held: []Held{mail(1, "a"), mail(2, "a"), mail(2, "b"), mail(3, "b")}, apart: [][2]int64{{1, 3}}, want: []Group{{1, []int64{1, 2}}, {3, []int64{3}}}},
		"a person's word goes before keys":    {held: []Held{mail(1, "a"), mail(2, "a")}, links: []Link{{9, 3, 2, 3, ""}}, apart: [][2]int64{{1, 3}}, want: []Group{{1, []int64{1}}, {3, []int64{2, 3}}}},
		"two own profiles are two accounts":   {held: []Held{{1, URL, "u", ""}, {2, URL, "u", ""}}, want: []Group{{1, []int64{1}}, {2, []int64{2}}, {3, []int64{3}}}},
		"a claim joins with the owner":        {held: []Held{{1, URL, "u", ""}, {2, Claim, "u", ""}}, want: []Group{{1, []int64{1, 2}}, {3, []int64{3}}}},
		"who lost its name takes the other's": {links: []Link{{5, 2, 2, 1, ""}}, want: []Group{{2, []int64{1}}, {1, []int64{2}}, {3, []int64{3}}}},
	} {
		ids := []int64{3, 1, 2}
		got, _ := Partition(ids, c.held, c.links, c.apart, nil)
		if name == "two own profiles are two accounts" || len(c.want) > 0 {
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
}

// TestPartitionHasNoOrder gives the same things in another order, and wants the same.
func TestPartitionHasNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Int64Range(1, 8)
		held := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Held {
			return Held{id.Draw(t, "id"), rapid.SampledFrom([]string{Email, URL, Claim, Same}).Draw(t, "kind"), rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "value"), ""}
		}), 0, 12).Draw(t, "held")
		var links []Link
		for i := range rapid.IntRange(0, 3).Draw(t, "links") {
			links = append(links, Link{int64(i + 1), id.Draw(t, "a"), id.Draw(t, "b"), rapid.Int64Range(1, 12).Draw(t, "member"), ""})
		}
		apart := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]int64 { return [2]int64{id.Draw(t, "a"), id.Draw(t, "b")} }), 0, 3).Draw(t, "apart")
		matches := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Match {
			return Match{A: id.Draw(t, "a"), B: id.Draw(t, "b"), Probability: rapid.SampledFrom([]float64{.91, .95, .99}).Draw(t, "probability"), By: "model"}
		}), 0, 5).Draw(t, "matches")
		ids := []int64{1, 2, 3, 4, 5, 6, 7, 8}
		groups, reasons := Partition(ids, held, links, apart, matches)
		again, reasonsAgain := Partition(rapid.Permutation(ids).Draw(t, "ids"), rapid.Permutation(held).Draw(t, "held again"), links, apart, rapid.Permutation(matches).Draw(t, "matches again"))
		if diff := cmp.Diff(groups, again) + cmp.Diff(reasons, reasonsAgain); diff != "" {
			t.Fatalf("in another order (-want +got):\n%s", diff)
		}
		names := make(map[int64]bool)
		for _, g := range groups {
			if names[g.Member] {
				t.Fatalf("two groups are called %d: %v", g.Member, groups)
			}
			names[g.Member] = true
		}
	})
}
