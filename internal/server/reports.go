// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/goal"
	"greenroom/internal/health"
	"greenroom/internal/program"
	"greenroom/internal/recognition"
	"greenroom/internal/report"
	"greenroom/internal/report/paper"
	"greenroom/internal/text/trend"
)

// Reports makes the service that makes and delivers reports. wake has messages sent at once; nil = the server's next round does.
func (a *App) Reports(engine *analytics.Engine, wellbeing *health.Service, community string, wake func()) (*report.Service, error) {
	press, err := paper.New()
	if err != nil {
		return nil, fmt.Errorf("preparing to print reports: %w", err)
	}
	p := reportParts{a, engine, wellbeing}
	return report.New(report.Config{
		Store: a.Store, Links: a.Links(), Print: press, Destinations: a.Store.Destination, Audit: auditor{a.Auth}, Wake: wake, Log: a.Log, Now: a.Now, Zone: a.Zone, Community: cmp.Or(community, "Community"), Base: a.public,
		Filler: report.NewFiller(report.Parts{Figures: engine, Judge: health.Judge, Goals: p.goals, Programs: p.programs, News: p.news, Quotes: p.quotes, Measures: p.measures, Measure: p.measure}),
	}), nil
}

// reportParts gives reports what other features know.
type reportParts struct {
	*App

	engine    *analytics.Engine
	wellbeing *health.Service
}

func (p reportParts) goals(ctx context.Context, id int64) ([]report.GoalState, error) {
	s := p.Goals(p.engine)
	var tree []goal.Standing
	if id > 0 {
		one, err := s.Get(ctx, id)
		if err != nil {
			return nil, err //nolint:wrapcheck // its words are for people
		}
		tree = []goal.Standing{one}
	} else {
		var err error
		if tree, err = s.Tree(ctx, false); err != nil {
			return nil, err //nolint:wrapcheck // the same
		}
	}
	var all []report.GoalState
	var walk func(list []goal.Standing)
	walk = func(list []goal.Standing) {
		for i := range list {
			st := &list[i]
			if st.State == goal.Proposed {
				continue
			}
			g := report.GoalState{ID: st.ID, Title: st.Title, Owner: st.Owner, Status: st.Status.Label()}
			if m, x := st.Measure, st.Progress; m != nil && x != nil {
				g.Measured, g.Unit, g.Value, g.Target, g.Share, g.Says, g.Entity, g.Query = true, x.Unit, x.Value, &m.Target, x.Share, x.Says, x.Entity, x.Query
			}
			if x := st.Progress; x != nil && x.Change != nil {
				c := x.Change
				g.Says = strings.TrimSpace(g.Says + fmt.Sprintf(" Since the first day %s a period, before it %s; the difference of %s (95 %%: %s to %s) is %s.", report.ValueText(x.Unit, &c.Since), report.ValueText(x.Unit, &c.Before), report.DifferenceText(x.Unit, &c.Difference), report.DifferenceText(x.Unit, &c.Low), report.DifferenceText(x.Unit, &c.High), c.Words()))
			}
			if x := st.Progress; x != nil && x.Note != "" {
				g.Says = strings.TrimSpace(g.Says + " " + x.Note)
			}
			for j := range st.Trials {
				x := &st.Trials[j]
				g.Says = strings.TrimSpace(g.Says + fmt.Sprintf(" %s: %.0f %% of %d with it, %.0f %% of %d who were held out by lot; the difference is %+.0f points (95 %%: %+.0f to %+.0f). %s", x.Title, 100*x.With.Share(), x.With.Members, 100*x.Without.Share(), x.Without.Members, 100*x.Difference, 100*x.Low, 100*x.High, x.Says))
			}
			all = append(all, g)
			walk(st.Serving)
		}
	}
	walk(tree)
	return all, nil
}

func (p reportParts) programs(ctx context.Context, key string, _, to time.Time) ([]report.ProgramState, error) {
	var list []program.Program
	if key != "" {
		one, err := p.Programs.Get(ctx, key)
		if err != nil {
			return nil, err //nolint:wrapcheck // its words are for people
		}
		list = []program.Program{one}
	} else {
		var err error
		if list, err = p.Programs.List(ctx, false); err != nil {
			return nil, err //nolint:wrapcheck // the same
		}
	}
	var all []report.ProgramState
	for i := range list {
		g := &list[i]
		if key == "" && g.State != program.Running {
			continue
		}
		st := report.ProgramState{ID: g.ID, Key: g.Key, Name: g.Name, Enrolled: g.Enrolled}
		f, err := p.Programs.Figures(ctx, g.Key)
		switch {
		case greenroom.ErrorCode(err) == greenroom.CodeUnavailable:
		case err != nil:
			return nil, err //nolint:wrapcheck // the same
		default:
			st.Left = f.Left
			for j := range f.Targets {
				st.Targets = append(st.Targets, reportTarget(&f.Targets[j], to))
			}
			if len(f.Targets) > 0 {
				st.Note = f.Note
			}
		}
		all = append(all, st)
	}
	return all, nil
}

// reportTarget is how a target stood in the last whole period before a time.
func reportTarget(o *program.Outcome, to time.Time) report.ProgramTarget {
	t := report.ProgramTarget{Label: o.Label, Unit: analytics.Unit(o.Unit), Target: o.Value}
	for i := range o.Periods {
		if v := &o.Periods[i]; !v.Partial && !v.To.After(to) {
			t.Value, t.Met = v.Value, v.Met
		}
	}
	return t
}

// news is what changed, of the last whole week or month only.
func (p reportParts) news(ctx context.Context, by analytics.Granularity, from, to time.Time) (*report.News, error) {
	if p.wellbeing == nil || by != analytics.Week && by != analytics.Month {
		return nil, nil //nolint:nilnil // it is not known
	}
	if last := by.Start(p.Now().In(p.Zone())); !last.Equal(to) {
		return nil, nil //nolint:nilnil // the same
	}
	c, err := p.wellbeing.Changes(ctx, by)
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what it did
	}
	if !c.From.Equal(from) {
		return nil, nil //nolint:nilnil // the same
	}
	n := &report.News{Causes: make(map[string][]string)}
	for i := range c.Moved {
		v := &c.Moved[i]
		line := report.Line{Text: v.Says, Entity: string(v.Entity), Query: v.Records, Sub: []string{v.Noise.Says}}
		if v.Small {
			line.Sub = append(line.Sub, "Small numbers: fewer than ten.")
		}
		for j := range v.Parts {
			line.Sub = append(line.Sub, v.Parts[j].Says)
			n.Causes[v.Metric] = append(n.Causes[v.Metric], v.Parts[j].Says)
		}
		for _, more := range []string{v.Spread, v.Season} {
			if more != "" {
				line.Sub = append(line.Sub, more)
			}
		}
		n.Lines = append(n.Lines, line)
	}
	topics, err := p.Topics.Reports(ctx, false)
	if err != nil {
		return nil, err //nolint:wrapcheck // the same
	}
	for i := range topics {
		if t := &topics[i]; t.Course == trend.New || t.Course == trend.Rising {
			n.Topics = append(n.Topics, report.TopicState{ID: t.ID, Name: t.Name, Course: string(t.Course), Count: t.Count, Before: t.Before})
		}
	}
	return n, nil
}

// quotes are the testimonials that may be used now.
func (p reportParts) quotes(ctx context.Context) ([]report.Quote, error) {
	list, err := p.Recognition().Testimonials(ctx, recognition.Filter{State: recognition.Granted, Limit: 500})
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what it did
	}
	var all []report.Quote
	for i := range list {
		t := &list[i]
		all = append(all, report.Quote{Testimonial: t.ID, Member: t.Member.ID, Text: t.Quote, Naming: t.Naming})
	}
	return all, nil
}
