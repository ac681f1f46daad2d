// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// people draws a small team with shared names, handles, addresses and
// domains, so that everything that can collide does.
func people(t *rapid.T) []Record {
	names := []string{"Jane Roe", "Roe, Jane", "J. Roe", "Peter Poe", "Pete Poe", "jroe", "jane", "Ann Lee", "Lee Ann", "root", "", "Jane Roe (via List)"}
	mails := []string{"jroe@a.com", "jane@roe.org", "ppoe@a.com", "list@a.com", "unknown", "7+jroe@users.noreply.github.com", "8+ppoe@users.noreply.github.com", "lee@b.net", "jroe@b.net", ""}
	logins := []string{"jroe", "ppoe", "annlee", "lee"}
	n := rapid.IntRange(1, 25).Draw(t, "n")
	records := make([]Record, n)
	for i := range records {
		r := Record{ID: fmt.Sprintf("i%02d", i), Activities: i}
		for range rapid.IntRange(0, 2).Draw(t, "names") {
			r.Names = append(r.Names, rapid.SampledFrom(names).Draw(t, "name"))
		}
		for range rapid.IntRange(0, 2).Draw(t, "mails") {
			r.Emails = append(r.Emails, Email{Address: rapid.SampledFrom(mails).Draw(t, "mail"), Verified: rapid.Bool().Draw(t, "verified")})
		}
		if rapid.Bool().Draw(t, "has login") {
			r.Source = rapid.SampledFrom([]string{"slack:1", "forum"}).Draw(t, "source")
			r.Handles = []string{rapid.SampledFrom(logins).Draw(t, "login")}
		}
		r.TimeZone = rapid.SampledFrom([]string{"", "+0100", "-0800"}).Draw(t, "zone")
		records[i] = r
	}
	return records
}

func decided(t *rapid.T, records []Record) []Decision {
	var out []Decision
	for i := range rapid.IntRange(0, 4).Draw(t, "decisions") {
		out = append(out, Decision{
			A: rapid.SampledFrom(records).Draw(t, "a").ID, B: rapid.SampledFrom(records).Draw(t, "b").ID,
			Same: rapid.Bool().Draw(t, "same"), Time: time.Unix(int64(i), 0),
		})
	}
	return out
}

// said is what a result tells, without what it keeps.
type said struct {
	Clusters    [][]string
	Merges      []Merge
	Suggestions []Suggestion
}

func tell(r *Result) said { return said{r.Clusters, r.Merges, r.Suggestions} }

// TestOrderAndRepetition checks that the result is a function of the set of
// records: shuffled, doubled, or handed over in parts, it comes out the same.
func TestOrderAndRepetition(t *testing.T) {
	engine := newEngine(t, Config{Auto: 0.6})
	one := newEngine(t, Config{Auto: 0.6, Workers: 1})
	rapid.Check(t, func(t *rapid.T) {
		records := people(t)
		decisions := decided(t, records)
		want := tell(engine.Resolve(records, decisions))

		shuffled := rapid.Permutation(records).Draw(t, "order")
		if diff := cmp.Diff(want, tell(one.Resolve(shuffled, rapid.Permutation(decisions).Draw(t, "decision order")))); diff != "" {
			t.Fatalf("shuffled (-want +got):\n%s", diff)
		}
		doubled := slices.Concat(shuffled, records[:rapid.IntRange(0, len(records)).Draw(t, "doubled")])
		if diff := cmp.Diff(want, tell(engine.Resolve(doubled, slices.Concat(decisions, decisions)))); diff != "" {
			t.Fatalf("doubled (-want +got):\n%s", diff)
		}
		// One identity seen twice, each time with half of what is known.
		var parts []Record
		for _, r := range records {
			half, rest := r, Record{ID: r.ID, Names: r.Names}
			half.Names = nil
			parts = append(parts, rest, half)
		}
		if diff := cmp.Diff(want, tell(engine.Resolve(parts, decisions))); diff != "" {
			t.Fatalf("in parts (-want +got):\n%s", diff)
		}
		// The same parts in batches, in any order, some of them twice.
		batches := slices.Concat(rapid.Permutation(parts).Draw(t, "batches"), parts[:rapid.IntRange(0, len(parts)).Draw(t, "again")])
		if diff := cmp.Diff(want, tell(one.Resolve(batches, decisions))); diff != "" {
			t.Fatalf("in batches (-want +got):\n%s", diff)
		}
	})
}

// TestMergeThenSplit checks that a merge that was taken back by a split leaves
// what the split alone would have left.
func TestMergeThenSplit(t *testing.T) {
	engine := newEngine(t, Config{Auto: 0.6})
	rapid.Check(t, func(t *rapid.T) {
		records := people(t)
		a, b := rapid.SampledFrom(records).Draw(t, "a").ID, rapid.SampledFrom(records).Draw(t, "b").ID
		merge := Decision{A: a, B: b, Same: true, Time: time.Unix(1, 0)}
		split := Decision{A: b, B: a, Time: time.Unix(2, 0)}
		want := tell(engine.Resolve(records, []Decision{split}))
		if diff := cmp.Diff(want, tell(engine.Resolve(records, []Decision{merge, split}))); diff != "" {
			t.Fatalf("merged, then split (-split alone +got):\n%s", diff)
		}
	})
}

// TestWorkers checks the same on enough records for goroutines to compete.
func TestWorkers(t *testing.T) {
	want := tell(newEngine(t, Config{Workers: 1}).Resolve(crowd, nil))
	reversed := slices.Clone(crowd)
	slices.Reverse(reversed)
	for _, workers := range []int{2, 5} {
		if diff := cmp.Diff(want, tell(newEngine(t, Config{Workers: workers}).Resolve(reversed, nil))); diff != "" {
			t.Errorf("%d workers (-want +got):\n%s", workers, diff)
		}
	}
}

// TestDecisionsHold checks that clusters are a partition, that whatever was
// decided last about a pair holds, and that taking decisions back leaves no
// trace.
func TestDecisionsHold(t *testing.T) {
	engine := newEngine(t, Config{Auto: 0.5})
	rapid.Check(t, func(t *rapid.T) {
		records := people(t)
		before := tell(engine.Resolve(records, nil))
		decisions := decided(t, records)
		r := engine.Resolve(records, decisions)

		seen := map[string]int{}
		for k, c := range r.Clusters {
			if !slices.IsSorted(c) {
				t.Fatalf("cluster %v is not sorted", c)
			}
			for _, id := range c {
				if _, ok := seen[id]; ok {
					t.Fatalf("%s is in two clusters", id)
				}
				seen[id] = k
			}
		}
		if len(seen) != len(records) {
			t.Fatalf("%d identities in clusters, want %d", len(seen), len(records))
		}
		if n := len(decisions); n > 0 {
			last := decisions[n-1]
			if got := seen[last.A] == seen[last.B]; last.A != last.B && got != last.Same {
				t.Fatalf("the last decision %+v does not hold", last)
			}
		}
		for _, s := range r.Suggestions {
			if seen[s.A] == seen[s.B] {
				t.Fatalf("%s and %s are suggested and merged", s.A, s.B)
			}
		}
		if diff := cmp.Diff(before, tell(engine.Resolve(records, nil))); diff != "" {
			t.Fatalf("after taking decisions back (-want +got):\n%s", diff)
		}
	})
}

// TestNotSameOutlivesReimport checks that a refusal holds when data are added
// that would join the pair in other ways.
func TestNotSameOutlivesReimport(t *testing.T) {
	engine := newEngine(t, Config{Auto: 0.5})
	rapid.Check(t, func(t *rapid.T) {
		records := people(t)
		if len(records) < 2 {
			return
		}
		no := Decision{A: records[0].ID, B: records[1].ID}
		added := people(t)
		for i := range added {
			added[i].ID = "late" + added[i].ID
		}
		for _, set := range [][]Record{records, slices.Concat(records, added)} {
			if together(engine.Resolve(set, []Decision{no}), no.A, no.B) {
				t.Fatal("kept apart and yet together")
			}
		}
	})
}

// TestNotSameOutlivesNewcomers checks the same where the data come in one by
// one.
func TestNotSameOutlivesNewcomers(t *testing.T) {
	engine := newEngine(t, Config{Auto: 0.5})
	rapid.Check(t, func(t *rapid.T) {
		records := people(t)
		if len(records) < 2 {
			return
		}
		no := Decision{A: records[0].ID, B: records[1].ID}
		live, err := engine.Index(records[:2], []Decision{no}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records[2:] {
			if _, err := live.Add(r); err != nil {
				t.Fatal(err)
			}
			if x, _ := live.Explain(no.A, no.B); x.Together {
				t.Fatalf("kept apart and yet together after %+v", r)
			}
		}
	})
}
