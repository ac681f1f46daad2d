// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analyticstest

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// RunExact compares an engine with the reference of every metric, on communities of chance and after each of a few changes
// of them. It fails for a metric that has no reference. The number of communities is that of the flag -rapid.checks.
func (e Engine) RunExact(t *testing.T) {
	t.Helper()
	refs := references()
	for _, m := range analytics.Catalog() {
		if refs[m.Name] == nil && m.Name != "retention" {
			t.Errorf("the metric %s has no reference; write one in internal/analytics/analyticstest/reference.go, straight from its definition", m.Name)
		}
	}
	schemas := map[query.Entity]*query.Schema{}
	for _, entity := range query.Entities() {
		var kinds []string
		for _, k := range greenroom.Kinds() {
			kinds = append(kinds, k.String())
		}
		schemas[entity] = query.NewSchema(entity, kinds)
	}
	place, first := e.Place(t), true
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		x := &exact{world: w, refs: refs, schemas: schemas}
		proj, cols, err := e.Open(t, place, w.Feed, slog.New(slog.DiscardHandler), func() time.Time { return w.now })
		if err != nil {
			rt.Fatal(err)
		}
		defer func() {
			if err := proj.Close(); err != nil {
				rt.Error(err)
			}
		}()
		x.engine = analytics.NewEngine(cols, analytics.Answers{Members: w, Finder: w, Facts: proj, Names: w, Organizations: w}, func() time.Time { return w.now })
		if !first { // what another community has left in the place
			if err := proj.Rebuild(context.Background()); err != nil {
				rt.Fatal(err)
			}
		}
		first = false
		for range rapid.IntRange(1, 4).Draw(rt, "changes") {
			w.change(rt)
			if err := proj.Update(context.Background()); err != nil {
				rt.Fatal(err)
			}
			w.now = w.now.Add(10 * time.Second) // past the cache of sets
			for _, m := range analytics.Catalog() {
				x.compare(rt, &m)
			}
			x.compareCrowd(rt)
		}
	})
}

// exact compares the figures of a world.
type exact struct {
	*world
	engine  *analytics.Engine
	refs    map[string]reference
	schemas map[query.Entity]*query.Schema
}

// draw draws a request for a metric.
func (x *exact) draw(t *rapid.T, m *analytics.Metric) *question {
	req := analytics.Request{Metric: m.Name, Zone: x.zone, Granularity: rapid.SampledFrom([]analytics.Granularity{
		analytics.Week, analytics.Week, analytics.Day, analytics.Month, analytics.Quarter, analytics.Total,
	}).Draw(t, "granularity")}
	days := rapid.IntRange(1, 50).Draw(t, "days")
	if req.Granularity == analytics.Day {
		days = days%9 + 1
	}
	if req.Granularity == analytics.Total && !m.Total {
		req.Granularity = analytics.Week
	}
	req.From = x.day(worldStart(), rapid.IntRange(0, 60).Draw(t, "first day")).Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 7}).Draw(t, "hour")) * time.Hour)
	req.To = req.From.AddDate(0, 0, days)
	req.Breakdown = rapid.SampledFrom(append(make([]analytics.Dimension, 6), m.Breakdowns...)).Draw(t, "breakdown")
	req.Options = analytics.Options{
		Staff: rapid.Bool().Draw(t, "staff"), Bots: rapid.Bool().Draw(t, "bots"),
		Target: time.Duration(rapid.SampledFrom([]int{1, 24, 60}).Draw(t, "target")) * time.Hour,
		By:     rapid.SampledFrom([]analytics.Responder{analytics.ByAnybody, analytics.ByStaff, analytics.ByMember}).Draw(t, "by"),
		Groups: rapid.SampledFrom([]int{1, 2, 8}).Draw(t, "groups"),
	}
	filters := activityFilters
	if m.Entity == query.Conversations {
		filters = conversationFilters
	}
	f := &filters[rapid.IntRange(0, len(filters)-1).Draw(t, "filter")]
	parse := func(entity query.Entity, text string) *query.Query {
		q, err := query.Parse(x.schemas[entity], text)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	if f.text != "" {
		req.Query = parse(m.Entity, f.text)
	}
	if rapid.IntRange(0, 3).Draw(t, "segment") == 0 {
		req.Segment = parse(query.Members, "tag:champion")
	}
	q := x.ask(req, f).within(scopes()[m.Name])
	t.Logf("%s, query %q", q, f.text)
	return q
}

func (x *exact) compare(t *rapid.T, m *analytics.Metric) {
	q := x.draw(t, m)
	res, err := x.engine.Compute(context.Background(), q.req)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range res.Series {
		p := &res.Series[i]
		f := figure{math.NaN(), p.Count, p.N}
		if p.Value != nil {
			f.value = *p.Value
		}
		offset := -1
		if p.Offset != nil {
			offset = *p.Offset
		}
		got = append(got, f.line(p.Group, p.From, offset, p.Partial))
	}
	ps := q.periods(slices.Contains(wholePeriods, m.Name))
	want := x.expected(q, m, ps)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-reference +engine):\n%s", q, diff)
	}
	if len(ps) > 0 {
		if diff := cmp.Diff(q.leftOut(m, ps), res.LeftOut); diff != "" {
			t.Fatalf("%s, who was left out (-reference +engine):\n%s", q, diff)
		}
	}
}

// line writes a figure, for comparing.
func (f figure) line(group string, from time.Time, offset int, partial bool) string {
	value := "none"
	if !math.IsNaN(f.value) {
		value = fmt.Sprintf("%.9g", f.value)
	}
	return fmt.Sprintf("%s %s +%d: %s, %d of %d, partial %v", group, from.UTC().Format(time.DateTime), offset, value, f.count, f.n, partial)
}

// expected is what the reference says.
func (x *exact) expected(q *question, m *analytics.Metric, ps []period) []string {
	if len(ps) == 0 {
		return nil
	}
	if q.req.Breakdown == "" {
		lines, _ := x.series(q, m, ps, "")
		return lines
	}
	var all []string
	for _, g := range q.groups(m, ps) {
		lines, some := x.series(q.narrowed(g), m, ps, g.name)
		if some || !g.rest {
			all = append(all, lines...)
		}
	}
	return all
}

// series writes the series of one group; some reports whether anything was counted.
func (x *exact) series(q *question, m *analytics.Metric, ps []period, group string) (lines []string, some bool) {
	if m.Name == "retention" {
		for i, cohort := range ps {
			for n, p := range ps[i:] {
				lines = append(lines, retained(q, cohort, p).line(group, cohort.from, n, p.to.After(q.now)))
			}
		}
		return lines, true
	}
	for _, p := range ps {
		f := x.refs[m.Name](q, p)
		some = some || f.count > 0
		lines = append(lines, f.line(group, p.from, -1, p.cut || p.to.After(q.now)))
	}
	return lines, some
}

// leftOut counts the members that would have counted, but for what they are.
func (q *question) leftOut(m *analytics.Metric, ps []period) analytics.LeftOut {
	from, to := ps[0].from, ps[len(ps)-1].to
	if m.Name == "members" {
		from = beginning()
	}
	with := *q // what everybody has done, whoever they are
	with.world = &world{Feed: &Feed{Facts: q.Facts, Conversations: q.Conversations}, zone: q.zone, now: q.now, meant: q.meant}
	doers := make(map[int64]bool)
	for _, f := range with.facts(from, to) {
		doers[f.Identity] = doers[f.Identity] || m.Entity == query.Activities
	}
	for _, c := range with.opened(from, to) {
		doers[c.Author] = doers[c.Author] || m.Entity == query.Conversations
	}
	distinct := func(is func(i *analytics.Identity) bool) int64 {
		set := make(map[int64]bool)
		for id, did := range doers {
			if i := q.Identities[id]; did && !q.counts(id) && q.who(id) && is(&i.Identity) && i.Member != 0 {
				set[i.Member] = true
			}
		}
		return int64(len(set))
	}
	return analytics.LeftOut{
		Staff:    distinct(func(i *analytics.Identity) bool { return i.Staff }),
		Bots:     distinct(func(i *analytics.Identity) bool { return i.Bot }),
		Hidden:   distinct(func(i *analytics.Identity) bool { return i.Hidden }),
		Contacts: distinct(func(i *analytics.Identity) bool { return i.Contact }),
	}
}
