// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"sort"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/store"
)

// TestCommonWords pages through lists by a word that most messages have, which are read in windows, and by one beside it
// that few have. Half the messages come in the order of time and the rest against it.
func TestCommonWords(t *testing.T) {
	const n = 7000
	onBoth(t, func(t *testing.T, s *store.Store) {
		hours := func(i int) int {
			if i >= n/2 {
				return n + n/2 - i
			}
			return i
		}
		body := func(i int) string {
			switch {
			case i%1000 == 7:
				return "the common words and a seldom one"
			case i%10 == 3:
				return "nothing of it"
			}
			return "the common words"
		}
		tell(t, s, "forum", func(out *connector.Sink) {
			for i := range n {
				post(out, fmt.Sprintf("p%d", i), fmt.Sprintf("u%d", i%50), fmt.Sprintf("p%d", i/4*4), hours(i), body(i))
			}
		})
		for _, c := range []struct {
			text string
			fits func(i int) bool
		}{
			{"common", func(i int) bool { return i%10 != 3 }},
			{"common seldom", func(i int) bool { return i%1000 == 7 }},
			{`"the common" by:u7`, func(i int) bool { return i%10 != 3 && i%50 == 7 }},
		} {
			var want []string
			for i := range n {
				if c.fits(i) {
					want = append(want, fmt.Sprintf("p%d", i))
				}
			}
			sort.Strings(want)
			got := allListed(t, s, c.text)
			newestFirst := sort.SliceIsSorted(got, func(i, j int) bool { return got[i].OccurredAt.After(got[j].OccurredAt) })
			ids := make([]string, len(got))
			for i := range got {
				ids[i] = got[i].ExternalID
			}
			sort.Strings(ids)
			if fmt.Sprint(ids) != fmt.Sprint(want) || !newestFirst {
				t.Errorf("%s: got %d activities, the newest first: %v; want %d", c.text, len(ids), newestFirst, len(want))
			}
		}
		seen := make(map[int64]bool)
		last := time.Unix(1<<40, 0)
		for req := (list.Request{Query: parsed(t, query.Conversations, "common"), Count: true, Limit: 300}); ; {
			talks, err := s.ListConversations(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			for i := range talks.Items {
				c := &talks.Items[i]
				if seen[c.ID] || c.OpenedAt.After(last) {
					t.Fatalf("conversation %d comes twice, or in the wrong place", c.ID)
				}
				seen[c.ID], last = true, c.OpenedAt
			}
			if req.Cursor = talks.Next; talks.Next == "" {
				if len(seen) != n/4 || talks.Total != n/4 {
					t.Errorf("listed %d conversations and counted %d; want %d", len(seen), talks.Total, n/4)
				}
				break
			}
		}
	})
}

// allListed reads a list of activities page by page.
func allListed(t *testing.T, s *store.Store, text string) []greenroom.Activity {
	t.Helper()
	var all []greenroom.Activity
	req := list.Request{Query: parsed(t, query.Activities, text), Count: true, Limit: 300}
	for {
		p, err := s.ListActivities(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p.Items...)
		if p.Next == "" {
			if p.Total != int64(len(all)) {
				t.Errorf("%s: counted %d, listed %d", text, p.Total, len(all))
			}
			return all
		}
		req.Cursor = p.Next
	}
}

func parsed(t *testing.T, e query.Entity, text string) *query.Query {
	t.Helper()
	var kinds []string
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	q, err := query.Parse(query.NewSchema(e, kinds), text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}
