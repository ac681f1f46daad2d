// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/proof"
)

var update = flag.Bool("update", false, "write the examples of docs/measures.md anew")

func on(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

// exampleBooks is the small company of docs/measures.md: a quarter of it.
func exampleBooks() *proof.Books {
	deal := func(id, org, member int64, name string, amount float64, opened, closed string, state greenroom.DealState) greenroom.Deal {
		d := greenroom.Deal{ID: id, Organization: org, Member: member, Name: name, Amount: amount, Currency: "EUR", Opened: on(opened), State: state, Qualified: true, QualifiedAt: on(opened).AddDate(0, 0, 7)}
		if closed != "" {
			d.Closed = on(closed)
		}
		return d
	}
	touch := func(at string, member, org int64, community bool) proof.Touch {
		return proof.Touch{At: on(at), Contact: member, Organization: org, Channel: "forum", Community: community}
	}
	sub := func(org int64, name string, mrr float64, start, end, renewal string, later float64) greenroom.Subscription {
		s := greenroom.Subscription{ID: org, Organization: org, OrganizationName: name, State: greenroom.SubscriptionActive, Currency: "EUR", MRR: later, Known: true, Start: on(start), Revenue: []greenroom.Recurring{{At: on(start), MRR: mrr}, {At: on("2026-02-15"), MRR: later}}}
		if end != "" {
			s.End, s.State = on(end), greenroom.SubscriptionEnded
		}
		if renewal != "" {
			s.Renewal = on(renewal)
		}
		return s
	}
	b := &proof.Books{
		From: on("2026-01-01"), To: on("2026-04-01"), Now: on("2026-04-02"), Window: 90 * 24 * time.Hour, Rates: greenroom.NewRates("EUR", nil), Names: []string{"Community"},
		Deals: []greenroom.Deal{
			deal(1, 1, 11, "Acme, 50 seats", 12000, "2026-01-20", "2026-03-01", greenroom.DealWon),
			deal(2, 2, 21, "Bolt, pilot", 4000, "2026-02-01", "2026-03-20", greenroom.DealLost),
			deal(3, 3, 31, "Crane, 20 seats", 6000, "2026-01-10", "2026-03-31", greenroom.DealWon),
			deal(4, 4, 0, "Dune, upgrade", 8000, "2026-03-05", "", greenroom.DealOpen),
		},
		Said: map[int64]string{1: "Community", 2: "Web search"},
		Touches: []proof.Touch{
			touch("2025-11-02", 12, 1, true), touch("2025-12-01", 11, 1, false), touch("2026-01-12", 11, 1, true),
			touch("2026-01-15", 21, 2, true), touch("2025-06-01", 31, 3, true),
			touch("2025-07-01", 51, 5, true), touch("2025-08-05", 51, 5, true), touch("2025-09-10", 51, 5, true), touch("2025-10-05", 51, 5, true), touch("2025-10-15", 51, 5, true), touch("2025-12-10", 51, 5, true),
			touch("2025-12-20", 61, 6, true),
		},
		Weeks: map[int64][]int{5: {3, 2, 4, 3, 3, 2, 4, 3, 3, 2, 4, 3, 1, 0, 1, 0}, 6: {3, 2, 4, 3, 3, 2, 4, 3, 3, 2, 4, 3, 3, 2, 3, 3}},
		Subs: []greenroom.Subscription{
			sub(5, "Echo", 1000, "2025-01-01", "", "2026-05-01", 1000), sub(6, "Fern", 500, "2025-03-01", "", "2026-09-01", 800), sub(7, "Gale", 700, "2025-02-01", "2026-03-01", "", 700), sub(8, "Hill", 300, "2025-02-01", "", "2027-01-01", 200),
		},
		Costs: []proof.Cost{
			{Name: "Community manager", Category: "people", Rhythm: proof.EachMonth, From: "2025-01-01", Hours: 100, Rate: 50, Amount: 5000, Currency: "EUR"},
			{Name: "Meetup", Category: "events", Rhythm: proof.Once, From: "2026-02-10", Amount: 1500, Currency: "EUR"},
		},
		Crowd:  proof.Crowd{Accepted: 120, Active: 400, Champions: 9, Users: map[int64]bool{5: true, 6: true, 7: true}, TellsUse: true},
		Inputs: make(map[string]proof.Input),
	}
	for i := range 36 {
		b.Crowd.Reach = append(b.Crowd.Reach, proof.Record{Member: int64(i + 1), Value: 1})
	}
	for i := range 80 {
		b.Crowd.Mentions = append(b.Crowd.Mentions, proof.Mention{Own: i < 60, Word: "lumen", Activity: int64(i + 1)})
	}
	for key, v := range map[string][3]float64{
		"forms.sessions": {200, 200, 200}, "forms.deflected": {50, 50, 50}, "forms.returned": {12, 12, 12},
		"searches.all": {103, 103, 103}, "searches.clicked": {66, 66, 66}, "searches.went_on": {4, 4, 4},
		"survey.asked": {1000, 1000, 1000}, "survey.support": {430, 430, 430}, "survey.found": {280, 280, 280}, "survey.instead": {60, 60, 60}, "visits": {100000, 100000, 100000},
		"views.answered": {1500, 1700, 1900}, "views.other": {6000, 6700, 7400}, "share.answered": {.04, .2, .4}, "share.other": {.01, .05, .1}, "case.cost": {10, 12, 20},
	} {
		b.Inputs[key] = proof.Input{Key: key, Name: key, Low: v[0], Likely: v[1], High: v[2], Origin: "the example", Known: true}
	}
	b.Inputs["brand.words"] = proof.Input{Words: []string{"lumen"}, Known: true}
	b.Inputs["others.words"] = proof.Input{Words: []string{"rival"}, Known: true}
	return b
}

// write writes a figure.
func write(u proof.Unit, v *float64) string {
	switch {
	case v == nil:
		return "–"
	case u == proof.UnitShare:
		return fmt.Sprintf("%.1f %%", 100**v)
	case u == proof.UnitMoney:
		return fmt.Sprintf("%.0f EUR", *v)
	case u == proof.UnitDays:
		return fmt.Sprintf("%.1f days", *v)
	}
	return fmt.Sprintf("%.0f", *v)
}

func within(u proof.Unit, low, high *float64) string {
	if low == nil || high == nil || *low == *high {
		return ""
	}
	return ", range " + write(u, low) + " to " + write(u, high)
}

// worked writes the figures of the measures that share an example.
func worked(t *testing.T, example string) string {
	t.Helper()
	var out strings.Builder
	for _, m := range proof.Measures() {
		if m.Example != example {
			continue
		}
		f, records, err := m.Compute(exampleBooks())
		if err != nil {
			t.Fatalf("%s: %v", m.Key, err)
		}
		fmt.Fprintf(&out, "%s: %s%s\n", m.Label, write(f.Unit, f.Value), within(f.Unit, f.Low, f.High))
		for _, p := range f.Parts {
			fmt.Fprintf(&out, "  %s: %s%s\n", p.Label, write(p.Unit, p.Value), within(p.Unit, p.Low, p.High))
		}
		for _, r := range records {
			if r.Name != "" {
				fmt.Fprintf(&out, "  · %s: %.6g (%s)\n", r.Name, r.Value, r.Note)
			}
		}
		if f.Matters != "" {
			fmt.Fprintf(&out, "  %s\n", f.Matters)
		}
	}
	return out.String()
}

// TestMeasuresDocument computes every worked example of docs/measures.md, and looks that each measure has one and is described.
func TestMeasuresDocument(t *testing.T) {
	const path = "../../docs/measures.md"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	examples := make(map[string]bool)
	for _, m := range proof.Measures() {
		examples[m.Example] = true
		if !strings.Contains(string(b), "`"+m.Key+"`") || !strings.Contains(string(b), m.Sources[0].URL) {
			t.Errorf("docs/measures.md does not have %s, or its source", m.Key)
		}
	}
	block := regexp.MustCompile("(?s)```text example=([a-z0-9-]+)\n(.*?)```\n")
	seen := make(map[string]bool)
	got := block.ReplaceAllStringFunc(string(b), func(old string) string {
		name := block.FindStringSubmatch(old)[1]
		if !examples[name] {
			t.Errorf("no measure has the example %q", name)
			return old
		}
		seen[name] = true
		return "```text example=" + name + "\n" + strings.TrimRight(worked(t, name), "\n") + "\n```\n"
	})
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		if !seen[name] {
			t.Errorf("the example %q is in no document", name)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(b), got); diff != "" {
		t.Errorf("docs/measures.md is out of date; run go test ./internal/proof -update\n%s", diff)
	}
}

// TestFiguresEnd refuses a time of which nothing could be written down.
func TestFiguresEnd(t *testing.T) {
	end := time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, err := new(proof.Service).Figures(t.Context(), end.AddDate(0, -1, 0), end); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("up to %v: %v; want CodeInvalid", end, err)
	}
}
