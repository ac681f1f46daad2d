// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analyticstest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
	"greenroom/internal/text"
)

// compareCrowd compares who did what, one by one, with the facts themselves: of everybody, of one member, and when it all began.
func (x *exact) compareCrowd(t *rapid.T) {
	from := x.day(worldStart(), rapid.IntRange(0, 60).Draw(t, "first day"))
	to := from.AddDate(0, 0, rapid.IntRange(1, 90).Draw(t, "days"))
	all := rapid.Bool().Draw(t, "all kinds")
	one := int64(rapid.IntRange(1, 9).Draw(t, "member"))
	crowd := x.engine.Crowd()
	var got, alone []string
	into := func(list *[]string) func(a analytics.Act) {
		return func(a analytics.Act) {
			source, channel := crowd.Place(a.Place)
			*list = append(*list, actLine(a.Member, a.At, a.Kind, source, channel, a.Question))
		}
	}
	if err := crowd.Each(context.Background(), from, to, all, into(&got)); err != nil {
		t.Fatal(err)
	}
	if err := crowd.Of(context.Background(), one, from, into(&alone)); err != nil {
		t.Fatal(err)
	}
	q := x.ask(analytics.Request{Options: analytics.Options{Staff: true}}, &filter{kinds: all})
	q.fact = func(f *analytics.Fact) bool { return x.Identities[f.Identity].Member != 0 }
	want := x.acts(q.facts(from, to))
	if diff := cmp.Diff(want, sorted(got)); diff != "" {
		t.Fatalf("activities from %v to %v, all kinds %v (-reference +engine):\n%s", from, to, all, diff)
	}
	q.kinds = false
	q.fact = func(f *analytics.Fact) bool { return x.Identities[f.Identity].Member == one }
	want = x.acts(q.facts(from, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)))
	if diff := cmp.Diff(want, sorted(alone)); diff != "" {
		t.Fatalf("activities of member %d from %v (-reference +engine):\n%s", one, from, diff)
	}
	x.compareDoers(t)
	var begun time.Time
	for i := range x.Facts {
		if at := time.UnixMicro(x.Facts[i].At); x.Facts[i].Source != 0 && (begun.IsZero() || at.Before(begun)) {
			begun = at
		}
	}
	first, ok, err := crowd.First(context.Background())
	if err != nil || ok == begun.IsZero() || ok && !first.Truncate(time.Hour).Equal(begun.Truncate(time.Hour)) {
		t.Fatalf("the first activity was at %v, %v, %v; want %v", first, ok, err, begun)
	}
}

// compareDoers compares who sent messages of a category as often as is asked, where the engine can say.
func (x *exact) compareDoers(t *rapid.T) {
	least := rapid.IntRange(1, 3).Draw(t, "least")
	d := &query.Did{Min: least, Max: query.Unlimited, Category: []query.Value{{Form: query.FormText, Text: text.CategoryBug.String()}}}
	got, ok := x.engine.Doers(d, x.now)
	if !ok {
		return
	}
	times := make(map[int64]int)
	for i := range x.Facts {
		if f := &x.Facts[i]; f.Source != 0 && x.category(f.Said, text.CategoryBug) {
			times[x.Identities[f.Identity].Member]++
		}
	}
	want := []int64{}
	for m, n := range times {
		if m != 0 && n >= least {
			want = append(want, m)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, append([]int64{}, got...)); diff != "" {
		t.Fatalf("who reported %d bugs or more (-reference +engine):\n%s", least, diff)
	}
}

// acts are facts as compareCrowd compares them, in order.
func (x *exact) acts(facts []analytics.Fact) []string {
	sources, channels := make(map[int64]string), make(map[int64]string)
	for _, s := range x.Sources {
		sources[s.ID] = s.Name
	}
	for _, c := range x.Channels {
		channels[c.ID] = c.Name
	}
	lines := []string{}
	for i := range facts {
		f := &facts[i]
		lines = append(lines, actLine(x.Identities[f.Identity].Member, time.UnixMicro(f.At).Unix(), f.Kind, sources[f.Source], channels[f.Channel], f.Question))
	}
	return sorted(lines)
}

func actLine(member, at int64, kind greenroom.Kind, source, channel string, question bool) string {
	return fmt.Sprintf("%s member %d, %s, %s/%s, asks %v", time.Unix(at, 0).UTC().Format(time.DateTime), member, kind, source, channel, question)
}

func sorted(lines []string) []string {
	out := append([]string{}, lines...)
	slices.Sort(out)
	return out
}
