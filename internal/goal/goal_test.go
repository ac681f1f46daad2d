// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package goal_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/goal"
	"greenroom/internal/query"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// shelf keeps goals in memory.
type shelf struct {
	goals []goal.Goal
	words []goal.CheckIn
}

func (s *shelf) Goals(context.Context) ([]goal.Goal, error) {
	return append([]goal.Goal(nil), s.goals...), nil
}

func (s *shelf) Goal(_ context.Context, id int64) (goal.Goal, error) {
	if id < 1 || id > int64(len(s.goals)) {
		return goal.Goal{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no goal %d", id)
	}
	return s.goals[id-1], nil
}

func (s *shelf) AddGoal(_ context.Context, g goal.Goal) (goal.Goal, error) {
	g.ID, g.Version = int64(len(s.goals)+1), 1
	s.goals = append(s.goals, g)
	return g, nil
}

func (s *shelf) ChangeGoal(_ context.Context, g goal.Goal) (goal.Goal, error) {
	if s.goals[g.ID-1].Version != g.Version {
		return g, greenroom.Errorf(greenroom.CodeConflict, "changed meanwhile")
	}
	g.Version++
	s.goals[g.ID-1] = g
	return g, nil
}

func (s *shelf) AddCheckIn(_ context.Context, c goal.CheckIn) (goal.CheckIn, error) {
	c.ID = int64(len(s.words) + 1)
	s.words = append(s.words, c)
	return c, nil
}

func (s *shelf) CheckIns(context.Context, int64) ([]goal.CheckIn, error) { return s.words, nil }

func (s *shelf) Audit(context.Context, string, string, string, string) error { return nil }

// course is a metric's figures by the number of weeks since 5 January 2026, a Monday.
type course func(week int) float64

var monday = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

func (c course) Compute(_ context.Context, r analytics.Request) (*analytics.Result, error) {
	res := &analytics.Result{Name: r.Metric, AsOf: now}
	if r.Granularity == analytics.Total {
		sum := 0.0
		for at := monday; at.Before(r.To); at = at.AddDate(0, 0, 7) {
			if !at.Before(r.From) && !at.AddDate(0, 0, 7).After(now) {
				sum += c(int(at.Sub(monday).Hours() / 168))
			}
		}
		res.Series = []analytics.Point{{From: r.From, To: r.To, Value: &sum}}
		return res, nil
	}
	for at := r.From; at.Before(r.To) && at.Before(now); at = analytics.Week.Step(at, 1) {
		v := c(int(at.Sub(monday).Hours() / 168))
		to := analytics.Week.Step(at, 1)
		res.Series = append(res.Series, analytics.Point{From: at, To: to, Value: &v, Partial: to.After(now)})
	}
	return res, nil
}

func (c course) Records(_ analytics.Request, res *analytics.Result, i int) (query.Entity, string, error) {
	return query.Activities, "occurred:" + res.Series[i].From.Format(time.DateOnly), nil
}

func service(c course) (*goal.Service, *shelf) {
	s := &shelf{}
	return goal.New(s, c, s, func() time.Time { return now }), s
}

func result(how goal.How, target float64) goal.Draft {
	return goal.Draft{Kind: goal.KeyResult, Title: "More", From: "2026-09-28", To: "2026-12-20", Measure: &goal.Measure{Metric: "activities", How: how, Every: "week", Target: target}}
}

// The rule for the status, by hand: activities per week grow by 10 from 100 in the week before the goal; seven whole weeks
// have passed, the last had 170, and five more end within the goal's time, so the line comes to 220.
func TestStatusByRule(t *testing.T) {
	first := 38 // week 38 begins on 28 September
	steady := func(w int) float64 { return 100 + 10*float64(w-first+1) }
	wild := func(w int) float64 {
		if w < first {
			return steady(w)
		}
		return steady(w) + []float64{30, -30, 25, -25, 30, -30, 0}[(w-first)%7]
	}
	for name, c := range map[string]struct {
		course   course
		how      goal.How
		target   float64
		status   goal.Status
		value    float64
		forecast float64
	}{
		"reaches":                       {steady, goal.Level, 220, goal.OnTrack, 170 + 10, 220},
		"misses for sure":               {steady, goal.Level, 300, goal.OffTrack, 180, 220},
		"misses within what is usual":   {wild, goal.Level, 240, goal.AtRisk, 150, 0},
		"falls as it should":            {func(w int) float64 { return 1000 - steady(w) }, goal.Level, 780, goal.OnTrack, 820, 780},
		"a total that comes to too few": {func(int) float64 { return 10 }, goal.Total, 1000, goal.OffTrack, 80 - 10, 0},
		"a total that comes to enough":  {func(int) float64 { return 10 }, goal.Total, 110, goal.OnTrack, 70, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := service(c.course)
			g, err := s.Add(t.Context(), result(c.how, c.target), "ana", true)
			if err != nil {
				t.Fatal(err)
			}
			st, err := s.Get(t.Context(), g.ID)
			if err != nil || st.Progress == nil {
				t.Fatalf("%v %q", err, st.Problem)
			}
			p := st.Progress
			if p.Status != c.status {
				t.Errorf("it is %s (%s), want %s; forecast %v [%v, %v]", p.Status, p.Says, c.status, *p.Forecast, *p.Least, *p.Most)
			}
			weeks := 0
			for _, at := range p.Series {
				if !at.Before {
					weeks++
				}
			}
			if weeks != 7 && weeks != 8 {
				t.Errorf("%d whole weeks are counted", weeks)
			}
			if c.forecast > 0 && math.Abs(*p.Forecast-c.forecast) > 1e-6 {
				t.Errorf("forecast %v, want %v", *p.Forecast, c.forecast)
			}
			if p.Query == "" {
				t.Error("the figure does not open to its records")
			}
		})
	}
}

func TestTooEarlyToTell(t *testing.T) {
	s, _ := service(func(w int) float64 { return float64(w) })
	d := result(goal.Level, 100)
	d.From = "2026-11-02"
	g, err := s.Add(t.Context(), d, "ana", true)
	if err != nil {
		t.Fatal(err)
	}
	st, err := s.Get(t.Context(), g.ID)
	if err != nil || st.Status != goal.Unknown || st.Progress.Forecast != nil || !strings.Contains(st.Progress.Says, "cannot be told yet") {
		t.Errorf("%v %s %q", err, st.Status, st.Progress.Says)
	}
}

func TestProposalAndEnd(t *testing.T) {
	s, _ := service(func(w int) float64 { return float64(w) })
	ctx := t.Context()
	top, err := s.Add(ctx, goal.Draft{Kind: goal.Company, Title: "Customers stay", From: "2026-01-01", To: "2026-12-31"}, "ben", false)
	if err != nil || top.State != goal.Proposed {
		t.Fatalf("%v %s", err, top.State)
	}
	if top, err = s.Decide(ctx, top.ID, true, "yes", "ana"); err != nil || top.State != goal.Active || top.DecidedBy != "ana" {
		t.Fatalf("%v %+v", err, top)
	}
	if _, err := s.Decide(ctx, top.ID, true, "", "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
		t.Errorf("decided twice: %v", err)
	}
	d := result(goal.Level, 40)
	d.Parent = top.ID
	kr, err := s.Add(ctx, d, "ana", true)
	if err != nil {
		t.Fatal(err)
	}
	if kr.Measure.Baseline == nil || *kr.Measure.Baseline != 37 {
		t.Errorf("the baseline is %v, want that of the week before", kr.Measure.Baseline)
	}
	if _, err := s.Edit(ctx, kr.ID, kr.Version, d, "ben", false); greenroom.ErrorCode(err) != greenroom.CodeForbidden {
		t.Errorf("a contributor changed what was approved: %v", err)
	}
	if _, err := s.Edit(ctx, kr.ID, kr.Version+1, d, "ana", true); greenroom.ErrorCode(err) != greenroom.CodeConflict {
		t.Errorf("a change from another version: %v", err)
	}
	w, err := s.CheckIn(ctx, kr.ID, 70, " fine ", "ana")
	if err != nil || w.Value == nil || *w.Value != 44 || w.Note != "fine" {
		t.Errorf("check-in %+v, %v", w, err)
	}
	if st, err := s.Get(ctx, kr.ID); err != nil || st.Progress.Change == nil {
		t.Errorf("no change is told: %+v, %v", st.Progress, err)
	} else if c := st.Progress.Change; !c.Clear() || c.Low >= c.Difference || c.Difference >= c.High || math.Abs(c.Difference-(c.Since-c.Before)) > 1e-9 {
		t.Errorf("a figure that grows every week changed by %+v", c)
	}
	if kr, err = s.Close(ctx, kr.ID, goal.Retro{Outcome: "it went well"}, "ana"); err != nil || kr.Retro.Status != goal.Met || *kr.Retro.Value != 44 {
		t.Errorf("closed as %+v, %v", kr.Retro, err)
	}
	tree, err := s.Tree(ctx, true)
	if err != nil || len(tree) != 1 || len(tree[0].Serving) != 1 || tree[0].Status != goal.Met {
		t.Errorf("%v: the tree is %+v", err, tree)
	}
}

func TestRefused(t *testing.T) {
	s, _ := service(func(int) float64 { return 5 })
	change := func(f func(*goal.Draft)) goal.Draft {
		d := result(goal.Level, 100)
		f(&d)
		return d
	}
	for want, d := range map[string]goal.Draft{
		"needs a title":              change(func(d *goal.Draft) { d.Title = " " }),
		"at most five years":         change(func(d *goal.Draft) { d.To = "2026-01-01" }),
		"is not a day":               change(func(d *goal.Draft) { d.From = "soon" }),
		"needs a metric":             change(func(d *goal.Draft) { d.Measure = nil }),
		"there is no metric":         change(func(d *goal.Draft) { d.Measure.Metric = "joy" }),
		"table of cohorts":           change(func(d *goal.Draft) { d.Measure.Metric = "retention" }),
		"do not add up":              change(func(d *goal.Draft) { d.Measure.Metric, d.Measure.How = "active_members", goal.Total }),
		"its target is from 0 to 1":  change(func(d *goal.Draft) { d.Measure.Metric, d.Measure.Target = "answered_share", 42 }),
		"the query cannot be read":   change(func(d *goal.Draft) { d.Measure.Query = "(" }),
		"nothing to reach":           change(func(d *goal.Draft) { d.Measure.Target = 5 }),
		"no goal 7 for this one":     change(func(d *goal.Draft) { d.Parent = 7 }),
		"only key results":           change(func(d *goal.Draft) { d.Kind = goal.Community }),
		"no letter of SPACES":        change(func(d *goal.Draft) { d.Letter = "X" }),
		"by week, month or quarter,": change(func(d *goal.Draft) { d.Measure.Every = "day" }),
	} {
		_, err := s.Add(t.Context(), d, "ana", true)
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(greenroom.ErrorMessage(err), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestGaps(t *testing.T) {
	at := func(id, parent int64, kind goal.Kind, serving ...goal.Standing) goal.Standing {
		return goal.Standing{Goal: goal.Goal{ID: id, Parent: parent, Kind: kind, Title: string(kind)}, Serving: serving}
	}
	tree := []goal.Standing{at(1, 0, goal.Company, at(2, 1, goal.Community, at(3, 2, goal.KeyResult)), at(4, 1, goal.Community)), at(5, 0, goal.KeyResult)}
	var got []string
	for _, g := range goal.Gaps(tree, []goal.PlanRef{{ID: 1, Goal: 3, Name: "a"}, {ID: 2, Name: "b"}}) {
		got = append(got, strings.TrimSpace(g.Name+" "+g.Says))
	}
	want := []string{"community has no key result, so nobody can tell whether it is reached", "community has no plan", "key_result serves no goal", "b serves no goal"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The exercise gives key results with baselines, and stores what was edited.
func TestExercise(t *testing.T) {
	s, shelf := service(func(int) float64 { return .5 })
	for _, aim := range goal.Aims() {
		p, err := s.Propose(t.Context(), goal.Answers{Aim: aim.Key, Who: aim.Who, From: "2026-10-01", To: "2026-12-31"})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Results {
			if r.Problem != "" {
				t.Errorf("%s: %s: %s", aim.Key, r.Title, r.Problem)
			}
		}
		if _, err := s.Make(t.Context(), p, "ana", true); err != nil {
			t.Errorf("%s: %v", aim.Key, err)
		}
	}
	if len(shelf.goals) < 20 {
		t.Errorf("only %d goals", len(shelf.goals))
	}
}

func TestParseFigure(t *testing.T) {
	for text, want := range map[string]struct {
		unit analytics.Unit
		v    float64
	}{"42 %": {analytics.UnitShare, .42}, "0.42": {analytics.UnitShare, .42}, "4h": {analytics.UnitSeconds, 14400}, "1,200": {analytics.UnitMembers, 1200}} {
		if got, err := goal.ParseFigure(want.unit, text); err != nil || math.Abs(got-want.v) > 1e-9 {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	if _, err := goal.ParseFigure(analytics.UnitMembers, "many"); err == nil {
		t.Error("many is a figure")
	}
}
