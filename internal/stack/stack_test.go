// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) // a Sunday

// world is a store, figures and platforms with one source.
type world struct {
	source  greenroom.Source
	run     greenroom.Run
	counts  map[string]int64 // by day
	lost    int64
	survey  connector.Survey
	asked   time.Time
	ours    map[string]int64 // by query
	running bool
	fields  []greenroom.PayloadField
	err     error // of figures

	troubles []action.Trouble
}

func (w *world) Sources(context.Context) ([]greenroom.Source, error) {
	return []greenroom.Source{w.source}, nil
}

func (w *world) LastRuns(context.Context) (map[int64]greenroom.Run, error) {
	return map[int64]greenroom.Run{w.source.ID: w.run}, nil
}

func (w *world) Survey(context.Context, int64) (connector.Survey, time.Time, error) {
	return w.survey, w.asked, nil
}

func (w *world) KeepSurvey(_ context.Context, _ int64, v connector.Survey) error {
	w.survey, w.asked = v, noon
	return nil
}

func (w *world) Fields(context.Context, int64) ([]greenroom.PayloadField, error) {
	return w.fields, nil
}

func (w *world) DeliveryCounts(context.Context, int64) (int64, int64, error) { return 0, w.lost, nil }

func (w *world) ScheduleTroubles(context.Context) ([]action.Trouble, error) { return w.troubles, nil }

func (w *world) Expired(context.Context, int64) (map[string]int64, error) {
	return map[string]int64{"comment": 12}, nil
}

func (w *world) CountAll(_ context.Context, _ query.Entity, q *query.Query) (int64, error) {
	return w.ours[query.Format(q.Root)], nil
}

func (w *world) CountRecords(_ context.Context, _ int64, kind string) (int64, error) {
	return w.ours[kind], nil
}

func (w *world) Ledger(context.Context, int64) (greenroom.Ledger, error) {
	return greenroom.Ledger{Accounts: 120}, nil
}

func (w *world) Compute(_ context.Context, r analytics.Request) (*analytics.Result, error) {
	res := &analytics.Result{}
	if w.err != nil {
		return nil, w.err
	}
	for at := r.From; at.Before(r.To); at = at.AddDate(0, 0, 1) {
		if n := w.counts[at.Format(time.DateOnly)]; n > 0 {
			res.Series = append(res.Series, analytics.Point{From: at, Group: w.source.Name, Count: n})
		}
	}
	return res, nil
}

func (w *world) Records(_ analytics.Request, res *analytics.Result, i int) (query.Entity, string, error) {
	return query.Activities, "occurred:" + res.Series[i].From.Format(time.DateOnly), nil
}

func (w *world) Specs() []connector.Spec {
	return []connector.Spec{{Kind: "box", Title: "Box", Rhythm: 15 * time.Minute}, {Kind: "file", Title: "File"}, {Kind: "fleeting", Title: "Fleeting", Expiry: &connector.Expiry{Activities: 48 * time.Hour, Profiles: 24 * time.Hour, Unless: "agreed"}}}
}

func (w *world) Open(*greenroom.Source) (connector.Source, error) { return platform{w}, nil }
func (w *world) Running(string) (greenroom.Run, bool)             { return w.run, w.running }
func (w *world) service() *Service {
	return New(w, w, w, slog.New(slog.DiscardHandler), func() time.Time { return noon }, func() *time.Location { return time.UTC })
}

// platform says that there are more things than came in.
type platform struct{ w *world }

func (platform) Read(context.Context, connector.Cursor, *connector.Sink) error { return nil }

func (platform) Survey(context.Context) (connector.Survey, error) {
	return connector.Survey{
		Places: []connector.Place{{ExternalID: "c1", Name: "help", Covered: true, Members: -1, Items: 40}, {ExternalID: "c2", Name: "team", Why: "the bot is not in it", Members: -1, Items: 9}},
		Counts: []connector.Count{
			{What: "accounts", Platform: 125, Of: "identities", Explain: []connector.Explanation{{Text: "deactivated accounts, which the platform counts", Items: -5}}},
			{What: "messages", Place: "c1", Platform: 41, Of: "activities", Query: "in:#help kind:message"},
			{What: "messages", Place: "c2", Platform: 9, Of: "activities", Query: "in:#team kind:message"},
			{What: "deals", Platform: 3, Of: "records", Query: "deal"},
			{What: "odd", Platform: 3, Of: "activities", Query: "nonsense:yes"},
		},
	}, nil
}

// TestReconcile explains each count item by item, and leaves open what nobody can explain.
func TestReconcile(t *testing.T) {
	w := &world{
		source: greenroom.Source{ID: 1, Name: "box", Kind: "box"}, run: greenroom.Run{State: greenroom.RunDone, FinishedAt: noon.Add(-time.Minute)},
		ours: map[string]int64{"source:box channel:help kind:message": 40, "deal": 3},
	}
	r, err := w.service().Ask(t.Context(), "box")
	if err != nil {
		t.Fatal(err)
	}
	type line struct {
		What, Place                 string
		Platform, Ours, Unexplained int64
		Explained                   int
		Problem                     bool
	}
	var got []line
	for _, e := range r.Entries {
		got = append(got, line{e.What, e.Place, e.Platform, e.Ours, e.Unexplained, len(e.Explained), e.Problem != ""})
	}
	want := []line{
		{"accounts", "", 125, 120, 0, 1, false},    // 120 − 125 − (−5) = 0
		{"messages", "help", 41, 40, -1, 0, false}, // one is missing, and nobody knows why
		{"messages", "team", 9, 0, 0, 1, false},    // the place is not covered
		{"deals", "", 3, 3, 0, 0, false},
		{"odd", "", 3, 0, -3, 0, true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the reconciliation differs (-want +got):\n%s", diff)
	}
	if r.Covered != 1 || len(r.Places) != 2 {
		t.Errorf("%d of %d places are covered, want 1 of 2", r.Covered, len(r.Places))
	}
}

// TestState judges a source by its last run and its rhythm.
func TestState(t *testing.T) {
	done := func(ago time.Duration) greenroom.Run {
		return greenroom.Run{State: greenroom.RunDone, FinishedAt: noon.Add(-ago)}
	}
	for _, c := range []struct {
		name   string
		w      world
		want   State
		alerts []string
	}{
		{"fresh", world{source: greenroom.Source{Kind: "box"}, run: done(10 * time.Minute)}, StateGood, nil},
		{"75 minutes are three turns and half an hour", world{source: greenroom.Source{Kind: "box"}, run: done(75 * time.Minute)}, StateGood, nil},
		{"76 minutes are late", world{source: greenroom.Source{Kind: "box"}, run: done(76 * time.Minute)}, StateLate, []string{"late"}},
		{"a file is never late", world{source: greenroom.Source{Kind: "file"}, run: done(900 * time.Hour)}, StateGood, nil},
		{"told to be read by hand only", world{source: greenroom.Source{Kind: "box", Rhythm: -1}, run: done(900 * time.Hour)}, StateGood, nil},
		{"failed", world{source: greenroom.Source{Kind: "box", Failures: 1}, run: greenroom.Run{State: greenroom.RunFailed, Error: "the token is refused"}}, StateFailing, []string{"failing"}},
		{"limited", world{source: greenroom.Source{Kind: "box", DueAt: noon.Add(time.Hour)}, run: greenroom.Run{State: greenroom.RunFailed, Error: "the limit is used up"}}, StateWaiting, nil},
		{
			"what is repeated does not work", world{
				source: greenroom.Source{Kind: "box", Name: "x"}, run: done(10 * time.Minute),
				troubles: []action.Trouble{{Source: "x", Title: "Push members into box", Action: 7, Text: "3 of 9 items failed"}, {Source: "other"}},
			}, StateGood, []string{"action"},
		},
		{"stopped", world{source: greenroom.Source{Kind: "box"}, run: greenroom.Run{State: greenroom.RunInterrupted}}, StateStopped, nil},
		{"never", world{source: greenroom.Source{Kind: "box"}}, StateNever, nil},
		{"reading", world{source: greenroom.Source{Kind: "box"}, running: true}, StateReading, nil},
		{"pushes that were given up", world{source: greenroom.Source{Kind: "box"}, run: done(time.Minute), lost: 2}, StateGood, []string{"deliveries"}},
	} {
		c.w.source.Name = "x"
		all, err := c.w.service().Reports(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, a := range all[0].Alerts {
			kinds = append(kinds, a.Kind)
		}
		if all[0].State != c.want || !cmp.Equal(kinds, c.alerts) {
			t.Errorf("%s: %s with alerts %v, want %s with %v", c.name, all[0].State, kinds, c.want, c.alerts)
		}
	}
}

// TestVolume compares a day with the same weekday of the weeks before.
func TestVolume(t *testing.T) {
	counts := make(map[string]int64)
	for i := 1; i <= 120; i++ {
		counts[noon.AddDate(0, 0, -i).Format(time.DateOnly)] = 100
	}
	yesterday, before := noon.AddDate(0, 0, -1).Format(time.DateOnly), noon.AddDate(0, 0, -2).Format(time.DateOnly)
	for _, c := range []struct {
		count  int64
		alerts []string
	}{
		{100, nil}, {70, nil}, {50, nil}, // half is not yet low
		{49, []string{"low"}}, {0, []string{"gap"}},
	} {
		counts[yesterday], counts[before] = c.count, 0
		w := world{source: greenroom.Source{Name: "x", Kind: "box"}, run: greenroom.Run{State: greenroom.RunDone, FinishedAt: noon}, counts: counts}
		r, err := w.service().Report(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, a := range r.Alerts {
			kinds = append(kinds, a.Kind)
		}
		if !cmp.Equal(kinds, c.alerts) {
			t.Errorf("%d activities where 100 are usual: alerts %v, want %v", c.count, kinds, c.alerts)
		}
		last := len(r.Volume) - 1
		if !r.Volume[last].Open || r.Volume[last-1].Usual != 100 || !r.Volume[last-2].Gap || len(r.Volume) != shownDays {
			t.Errorf("the last days are %+v", r.Volume[last-2:])
		}
	}
	// Ten a day vary by chance: four are below half, but within three times the square root of ten.
	few := make([]Day, 60)
	for i := range few {
		few[i].Count = 10
	}
	few[58].Count = 4
	if d := judgeDays(few)[58]; d.Low || d.Usual != 10 {
		t.Errorf("4 where 10 are usual is judged %+v, want neither low nor a gap", d)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []int64
		want   float64
	}{{[]int64{5}, 5}, {[]int64{1, 9}, 5}, {[]int64{3, 1, 2}, 2}, {[]int64{4, 1, 3, 2}, 2.5}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v = %v, want %v", c.values, got, c.want)
		}
	}
}

// TestChanges tells a field that is gone, new or of another type from one that is rare.
func TestChanges(t *testing.T) {
	day := noon.AddDate(0, 0, -3)
	field := func(path, kind string, first, last, seen int64) greenroom.PayloadField {
		return greenroom.PayloadField{Record: "message", Path: path, Type: kind, FirstSample: first, LastSample: last, Seen: seen, Samples: 3000, FirstAt: day, LastAt: day}
	}
	got := changes([]greenroom.PayloadField{
		field("always", "text", 1, 3000, 3000),
		field("gone", "text", 1, 2500, 2490),
		field("gone lately", "text", 1, 2900, 2900), // a hundred samples are not enough to say so
		field("rare", "text", 1, 2400, 40),          // and this is no wonder
		field("sometimes nothing", "nothing", 5, 2990, 1500), field("sometimes nothing", "text", 1, 3000, 1500),
		field("switch", "number", 1, 2700, 2700), field("switch", "text", 2701, 3000, 300),
		field("new", "object", 2900, 3000, 50),
		field("new.inside", "text", 2900, 3000, 50),
	}, noon)
	var lines []string
	for _, c := range got {
		lines = append(lines, c.Kind+" "+c.Path)
	}
	if diff := cmp.Diff([]string{"gone gone", "type switch", "new new"}, lines); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if more := changes([]greenroom.PayloadField{field("new", "object", 2900, 3000, 50)}, noon.AddDate(0, 2, 0)); len(more) != 0 {
		t.Errorf("after two months it is still news: %v", more)
	}
}

// TestFiguresWait has the figures wait for a part of their cluster: that is said once, and all else is told all the same.
func TestFiguresWait(t *testing.T) {
	w := &world{source: greenroom.Source{Kind: "file", Name: "letters"}, run: greenroom.Run{State: greenroom.RunDone, FinishedAt: noon}}
	w.err = greenroom.Errorf(greenroom.CodeUnavailable, "waits")
	waits := "analytics waits for shard b.example:9000 since 22 November 11:58"
	s := w.service().Watch(func() string { return waits })
	reports, err := s.Reports(t.Context())
	if err != nil || len(reports) != 1 || len(reports[0].Alerts) != 1 {
		t.Fatalf("got %+v, %v", reports, err)
	}
	if got := reports[0].Alerts[0].Text; got != "Analytics waits for shard b.example:9000 since 22 November 11:58." {
		t.Errorf("got %q", got)
	}
}

// TestExpiry says what is not kept, and how much of it there was, of sources whose platform's terms say so.
func TestExpiry(t *testing.T) {
	for config, want := range map[string]*Expiry{
		"":    {Holds: true, Activities: 172800, Profiles: 86400, Removed: map[string]int64{"comment": 12}},
		"yes": {Activities: 172800, Profiles: 86400, Removed: map[string]int64{"comment": 12}},
	} {
		w := &world{source: greenroom.Source{ID: 1, Name: "f", Kind: "fleeting", Config: map[string]string{"agreed": config}}}
		r, err := w.service().Report(t.Context(), "f")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, r.Expiry); diff != "" {
			t.Errorf("agreed %q (-want +got):\n%s", config, diff)
		}
	}
	r, err := (&world{source: greenroom.Source{ID: 1, Name: "b", Kind: "box"}}).service().Report(t.Context(), "b")
	if err != nil || r.Expiry != nil {
		t.Errorf("a source without such terms says %+v, %v", r.Expiry, err)
	}
}
