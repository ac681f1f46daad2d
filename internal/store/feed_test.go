// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/analytics/duckdb"
	"greenroom/internal/ingest"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/store"
	"greenroom/internal/text"
)

// figures is a projection of a store, with the engine over it.
type figures struct {
	*store.Store
	proj *duckdb.Projection
	eng  *analytics.Engine
	now  time.Time
}

func openFigures(t *testing.T, s *store.Store) *figures {
	t.Helper()
	f := &figures{Store: s, now: clock()}
	cols := analytics.NewColumns()
	// Each look at the clock is some seconds later, so that nothing is answered from what was found before.
	now := func() time.Time {
		f.now = f.now.Add(6 * time.Second)
		return f.now
	}
	var err error
	if f.proj, err = duckdb.Open(t.Context(), t.TempDir(), s, cols, slog.New(slog.DiscardHandler), now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.proj.Close(); err != nil {
			t.Error(err)
		}
	})
	f.eng = analytics.NewEngine(cols, analytics.Answers{Members: s, Finder: s, Facts: f.proj, Names: s, Organizations: s}, now)
	return f
}

func (f *figures) update(t *testing.T) {
	t.Helper()
	if err := f.proj.Update(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func parseQuery(t *testing.T, e query.Entity, text string) *query.Query {
	t.Helper()
	var kinds []string
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	q, err := query.Parse(query.NewSchema(e, kinds), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}

// total counts what a query lists.
func (f *figures) total(t *testing.T, e query.Entity, text string) int64 {
	t.Helper()
	req := list.Request{Query: parseQuery(t, e, text), Limit: 1, Count: true}
	var n int64
	var err error
	switch e {
	case query.Members:
		n, err = totalOf(t.Context(), f.ListMembers, req)
	case query.Activities:
		n, err = totalOf(t.Context(), f.ListActivities, req)
	case query.Conversations:
		n, err = totalOf(t.Context(), f.ListConversations, req)
	case query.Organizations:
		t.Fatalf("no figure counts organizations: %s", text)
	}
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

func totalOf[T any](ctx context.Context, read func(context.Context, list.Request) (list.Page[T], error), req list.Request) (int64, error) {
	p, err := read(ctx, req)
	return p.Total, err
}

// opens tells whether what a metric counts is what its points open to, for a query that conditions on members can say.
func opens(m *analytics.Metric) bool {
	switch m.Name {
	case "stickiness", "contributor_concentration", "top_share", "elephant_factor", "time_to_first_response", "time_to_first_response_p90":
		return false
	}
	return true
}

// restsOn tells of a metric that opens to what its figure rests on: of a waiting time all questions.
func restsOn(name string) bool { return name == "time_to_resolution" }

// check opens the points of every metric and counts what is listed.
func (f *figures) check(t *testing.T, what string) {
	t.Helper()
	week := analytics.Week.Start(clock())
	some := int64(0)
	for _, m := range analytics.Catalog() {
		if !opens(&m) {
			continue
		}
		for _, r := range []analytics.Request{
			{},
			{Query: parseQuery(t, m.Entity, "source:slack")},
			{Query: parseQuery(t, m.Entity, "kind:message")},
			{Segment: parseQuery(t, query.Members, "source:discourse")},
			{Query: parseQuery(t, m.Entity, "category:question,other -sentiment:negative")},
			{Breakdown: analytics.ByCategory},
			{Breakdown: analytics.BySource},
			{Breakdown: analytics.ByOrganization, Options: analytics.Options{Groups: 2, Staff: true}},
		} {
			if (m.Unit == analytics.UnitMembers || m.Name == "retention") && (r.Breakdown == analytics.ByCategory || r.Query != nil && strings.Contains(r.Query.String(), "category:")) {
				continue // opens to the activities of those members: no condition on members says what they said
			}
			r.Metric, r.From, r.To, r.Granularity = m.Name, week.AddDate(0, 0, -14), week, analytics.Week
			some += f.open(t, what, r)
		}
	}
	t.Logf("%s: %d opened", what, some)
	if some < 1000 {
		t.Errorf("%s: the figures count %d things together, which proves little", what, some)
	}
}

// open computes a request and opens each of its points; it returns the sum of what they counted.
func (f *figures) open(t *testing.T, what string, r analytics.Request) int64 {
	t.Helper()
	res, err := f.eng.Compute(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for i, p := range res.Series {
		entity, text, err := f.eng.Records(r, res, i)
		if err != nil {
			t.Fatal(err)
		}
		sum += p.Count
		counted := p.Count
		if restsOn(r.Metric) {
			counted = p.N
		}
		if got := f.total(t, entity, text); got != counted {
			t.Errorf("%s: %s counts %d, but %d %s are listed for %s", what, r.Metric, counted, got, entity, text)
		}
	}
	return sum
}

// TestFiguresOpenToWhatTheyCounted imports the sample community and compares figures, which the columns give, with
// lists, which SQL gives: of everything, and again after each kind of change.
func TestFiguresOpenToWhatTheyCounted(t *testing.T) {
	dir := sampleDir(t)
	onBoth(t, func(t *testing.T, s *store.Store) {
		f := openFigures(t, s)
		reqs := sampleImports(dir)
		for i, req := range reqs {
			if _, _, err := ingest.New(s, slog.New(slog.DiscardHandler), clock, nil, nil).Import(t.Context(), req); err != nil {
				t.Fatal(err)
			}
			derive(t, s, 700)
			if i%2 == 0 {
				f.update(t)
			}
		}
		f.update(t)
		readAll(t, reader(t, s, "1"))
		f.update(t)
		f.check(t, "imported")
		readAll(t, reader(t, s, "2"))
		f.relabel(t)
		f.changeMembers(t)
		if err := f.proj.Rebuild(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.check(t, "rebuilt")
	})
}

// relabel corrects some messages, and takes half of that back.
func (f *figures) relabel(t *testing.T) {
	t.Helper()
	u := reader(t, f.Store, "2")
	p, err := f.ListActivities(t.Context(), list.Request{Query: parseQuery(t, query.Activities, "category:question,other"), Limit: 40})
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Items {
		id, err := u.Correct(t.Context(), p.Items[i].ID, text.CategoryBug, text.SentimentNegative, "test")
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			if _, err := u.Undo(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
	}
	f.update(t)
	f.check(t, "corrected")
}

// changeMembers merges, undoes, erases and ignores.
func (f *figures) changeMembers(t *testing.T) {
	t.Helper()
	settle := func(what string) {
		t.Helper()
		derive(t, f.Store, 1_000_000)
		f.update(t)
		f.check(t, what)
	}
	p, err := f.ListMembers(t.Context(), list.Request{Query: parseQuery(t, query.Members, "last_active:<40d -is:staff sort:-activities"), Limit: 8})
	if err != nil {
		t.Fatal(err)
	}
	decision, err := f.MergeMembers(t.Context(), p.Items[0].ID, p.Items[5].ID, "the same person", "test")
	if err != nil {
		t.Fatal(err)
	}
	settle("merged")
	if _, err := f.UndoDecision(t.Context(), decision, "test"); err != nil {
		t.Fatal(err)
	}
	settle("undone")
	for _, m := range p.Items[2:4] {
		if err := f.EraseMember(t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
	}
	c, err := f.ListConversations(t.Context(), list.Request{Query: parseQuery(t, query.Conversations, "is:waiting"), Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Items {
		if err := f.IgnoreConversation(t.Context(), c.Items[i].ID, true); err != nil {
			t.Fatal(err)
		}
	}
	settle("erased and ignored")
}
