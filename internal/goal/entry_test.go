// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package goal_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/goal"
	"greenroom/internal/query"
)

// crowd are the people of organizations, by the months of 2026 in which they were active.
type crowd map[string]struct {
	org    string
	active []time.Month
}

// Compute knows two metrics, by month, of those whose organization the segment names.
func (c crowd) Compute(_ context.Context, r analytics.Request) (*analytics.Result, error) {
	var orgs []string
	if r.Segment != nil {
		query.Walk(r.Segment.Root, func(n query.Node) bool {
			if t, ok := n.(*query.Term); ok && t.Field.Name == "org.id" {
				for _, v := range t.Values {
					orgs = append(orgs, v.Text)
				}
			}
			return true
		})
	}
	res := &analytics.Result{Name: r.Metric, AsOf: now}
	for at := r.From; at.Before(r.To) && at.Before(now); at = at.AddDate(0, 1, 0) {
		n := 0.0
		for _, who := range c {
			was, is := slices.Contains(who.active, at.Month()-1), slices.Contains(who.active, at.Month())
			if slices.Contains(orgs, who.org) && (r.Metric == "active_members" && is || r.Metric == "gone_quiet" && was && !is) {
				n++
			}
		}
		to := at.AddDate(0, 1, 0)
		res.Series = append(res.Series, analytics.Point{From: at, To: to, Value: &n, Partial: to.After(now)})
	}
	return res, nil
}

func (c crowd) Records(r analytics.Request, _ *analytics.Result, _ int) (query.Entity, string, error) {
	if r.Segment == nil {
		return query.Members, "", nil
	}
	return query.Members, query.Format(r.Segment.Root), nil
}

// begun says when trials began.
type begun []goal.Entered

func (b begun) Entered(context.Context, greenroom.LifecycleState) ([]goal.Entered, error) {
	return slices.Clone(b), nil
}

func day(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }

// Four organizations try the product; what became of them since does not matter. By hand:
//
//	trial began    who       active in
//	1  3 August    ann       August, September
//	1              bob       August
//	2  20 August   cat       August
//	3  1 October   dan, eve  October
//	3              fay       September (before their trial)
//
// Active in the month in which the trial began: August 3 (ann, bob, cat), September 0 (no trial began), October 2 (dan, eve).
// Quiet in the month after: September 2 of those of August (bob, cat), October 0 of those of September.
func TestEntryCohorts(t *testing.T) {
	people := crowd{
		"ann": {"1", []time.Month{8, 9}}, "bob": {"1", []time.Month{8}}, "cat": {"2", []time.Month{8}},
		"dan": {"3", []time.Month{10}}, "eve": {"3", []time.Month{10}}, "fay": {"3", []time.Month{9}},
		"gus": {"4", []time.Month{6, 7, 8, 9, 10}}, // never on trial
	}
	shelf := &shelf{}
	s := goal.New(shelf, people, shelf, func() time.Time { return now }).Entering(begun{{3, day(10, 1)}, {1, day(8, 3)}, {2, day(8, 20)}})
	draft := func(metric string) goal.Draft {
		zero := 0.0
		return goal.Draft{Kind: goal.KeyResult, Title: "More", From: "2026-09-01", To: "2026-12-31", Measure: &goal.Measure{Metric: metric, Entry: "trial", How: goal.Level, Every: "month", Baseline: &zero, Target: 5}}
	}
	type figure struct {
		Month time.Month
		Value float64
		Query string
	}
	for metric, want := range map[string][]figure{
		"active_members": {{8, 3, "org.id:1,2"}, {9, 0, "org.id:0"}, {10, 2, "org.id:3"}},
		"gone_quiet":     {{9, 2, "org.id:1,2"}, {10, 0, "org.id:0"}},
	} {
		_, p, err := s.Preview(t.Context(), draft(metric))
		if err != nil {
			t.Fatal(err)
		}
		var got []figure
		for _, x := range p.Series {
			got = append(got, figure{x.From.Month(), *x.Value, x.Query})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", metric, diff)
		}
		if !strings.Contains(p.Note, "whose trial began in ") || strings.Contains(p.Note, "today's") {
			t.Errorf("%s: the note says %q", metric, p.Note)
		}
	}
	d := draft("active_members")
	d.From, d.Measure.Baseline = "2026-11-01", nil // the mean of August, September and October: (3 + 0 + 2) / 3
	if d, _, err := s.Preview(t.Context(), d); err != nil || d.Measure.Baseline == nil || math.Abs(*d.Measure.Baseline-5.0/3) > 1e-9 {
		t.Errorf("the baseline is of %+v, %v; want 5/3", d.Measure, err)
	}
	d = draft("active_members")
	d.Measure.Entry, d.Measure.Segment = "", "org.lifecycle:trial"
	_, p, err := s.Preview(t.Context(), d)
	if err != nil || !strings.Contains(p.Note, "by today's lifecycle") {
		t.Errorf("by the lifecycle of today, the note says %v, %v", p, err)
	}
	d.Measure.Entry = "guest"
	if _, _, err := s.Preview(t.Context(), d); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("a state that nobody enters gives %v", err)
	}
}

// The aim about trials goes by entry if the question who it is about was answered by the lifecycle of today; what else was said
// of them stays.
func TestExerciseGoesByEntry(t *testing.T) {
	for who, want := range map[string][2]string{
		"org.lifecycle:trial":                    {"trial", ""},
		"org.lifecycle:trial country:DE":         {"trial", "country:DE"},
		"segment:trials":                         {"", "segment:trials"},
		"org.lifecycle:trial,customer":           {"", "org.lifecycle:trial,customer"},
		"org.lifecycle:trial or tag:beta":        {"", "org.lifecycle:trial or tag:beta"},
		"-org.lifecycle:trial last_active:<300d": {"", "-org.lifecycle:trial last_active:<300d"},
	} {
		shelf := &shelf{}
		s := goal.New(shelf, crowd{}, shelf, func() time.Time { return now }).Entering(begun{{1, day(7, 1)}})
		p, err := s.Propose(t.Context(), goal.Answers{Aim: "trials", Who: who, From: "2026-10-01", To: "2026-12-31"})
		if err != nil {
			t.Fatal(err)
		}
		for n, of := range []string{who, "", who} { // the second is of everybody
			m := p.Results[n].Measure
			got, want := [2]string{m.Entry, m.Segment}, want
			if of == "" {
				want = [2]string{}
			}
			if got != want {
				t.Errorf("%q: key result %d goes by %q of %q, want %q of %q", who, n, got[0], got[1], want[0], want[1])
			}
			if m.Entry != "" && m.Whom() != strings.TrimSpace("org.lifecycle:trial "+want[1]) {
				t.Errorf("%q: it is about %q", who, m.Whom())
			}
		}
	}
	shelf := &shelf{}
	p, err := goal.New(shelf, crowd{}, shelf, func() time.Time { return now }).Entering(begun{}).Propose(t.Context(), goal.Answers{Aim: "trials", Who: "org.lifecycle:trial", From: "2026-10-01", To: "2026-12-31"})
	if err != nil || p.Results[0].Measure.Entry != "" || p.Results[0].Measure.Segment != "org.lifecycle:trial" {
		t.Errorf("where no trial's beginning is known, it goes by %+v, %v", p, err)
	}
}
