// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/goal"
	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
)

// SampleGoals makes goals over the sample's own figures and a plan for one of them, partly done and slipped, unless there
// are goals already.
func (a *App) SampleGoals(ctx context.Context, engine *analytics.Engine) error {
	goals, plans := a.Goals(engine), a.Plans()
	if have, err := goals.List(ctx); err != nil || len(have) > 0 {
		return err
	}
	if err := a.Projector.CatchUp(ctx); err != nil {
		return fmt.Errorf("bringing the figures up to date: %w", err)
	}
	first := analytics.Quarter.Step(analytics.Quarter.Start(a.Now()), -1)
	day := func(d int) string { return schedule.DateOf(first.AddDate(0, 0, d)).String() }
	from, to := day(0), schedule.DateOf(analytics.Quarter.Step(first, 2).AddDate(0, 0, -1)).String()
	const owner = "maya@lumenlabs.example"
	add := func(d goal.Draft) (int64, error) {
		d.From, d.To, d.Owner = from, to, owner
		g, err := goals.Add(ctx, d, "sample", true)
		if greenroom.ErrorCode(err) == greenroom.CodeInvalid && d.Measure != nil {
			return 0, nil // the figures do not reach so far back
		}
		if err != nil {
			return 0, fmt.Errorf("making the goal %s: %w", d.Title, err)
		}
		return g.ID, nil
	}
	top, err := add(goal.Draft{Kind: goal.Company, Title: "More trials become customers", Why: "Many leave after the 30-day trial.", Letter: "U"})
	if err != nil {
		return err
	}
	served, err := add(goal.Draft{Kind: goal.Community, Parent: top, Title: "People find help and company in their first 30 days", Why: "Who gets an answer and meets somebody has a reason to stay.", Letter: "S"})
	if err != nil {
		return err
	}
	second, err := add(goal.Draft{Kind: goal.Community, Parent: top, Title: "The team answers what only it can answer", Audience: goal.Internal, Letter: "E"})
	if err != nil {
		return err
	}
	for _, x := range []struct {
		serves        int64
		title, metric string
		by            float64
	}{
		{served, "More questions are answered within a day", "response_within_target", .2},
		{served, "More people are active every week", "active_members", .15},
		{second, "Members give more of the first answers", "answered_by_members", .2},
		{second, "Fewer questions stay unanswered", "unanswered", -.3},
	} {
		base, target, err := a.sampleTarget(ctx, engine, x.metric, from, x.by)
		if err != nil || base == target {
			continue // the sample is too small for it
		}
		if _, err := add(goal.Draft{Kind: goal.KeyResult, Parent: x.serves, Title: x.title, Measure: &goal.Measure{Metric: x.metric, How: goal.Level, Every: "week", Baseline: &base, Target: target}}); err != nil {
			return err
		}
	}
	if _, err := goals.CheckIn(ctx, served, 60, "The check-in messages are out; the survey waits for an owner.", owner); err != nil {
		return fmt.Errorf("checking in: %w", err)
	}
	return a.samplePlans(ctx, plans, served, owner)
}

// samplePlans makes a plan that has slipped and is signed off, and one that comes again.
func (a *App) samplePlans(ctx context.Context, plans *roadmap.Service, served int64, owner string) error {
	p, tasks := a.samplePlan(served, owner)
	v, err := plans.Add(ctx, p, tasks, "sample")
	if err != nil {
		return fmt.Errorf("making the sample's plan: %w", err)
	}
	if _, err := plans.SignOff(ctx, v.ID, roadmap.Sponsor, "Go on; show me the outcome with its interval.", "lee@lumenlabs.example"); err != nil {
		return fmt.Errorf("signing the sample's plan off: %w", err)
	}
	t, err := roadmap.FindTemplate("meetups")
	if err != nil {
		return err
	}
	next := schedule.Usual().From(schedule.DateOf(a.Now()) + 7).String()
	meetups := roadmap.Plan{Title: t.Title, Intent: t.Intent, State: roadmap.Active, Owner: owner, Start: next, Every: roadmap.Quarterly, Goal: served}
	evenings := t.Tasks()
	for i := range evenings {
		evenings[i].Owner = owner
	}
	if _, err := plans.Add(ctx, meetups, evenings, "sample"); err != nil {
		return fmt.Errorf("making the sample's second plan: %w", err)
	}
	return nil
}

// sampleTarget is the week's figure before a day, and a target some way from it.
func (a *App) sampleTarget(ctx context.Context, engine *analytics.Engine, metric, from string, by float64) (base, target float64, err error) {
	d, err := schedule.ParseDate(from)
	if err != nil {
		return 0, 0, err
	}
	begin := analytics.Week.Start(d.Begin(a.Zone()))
	res, err := engine.Compute(ctx, analytics.Request{Metric: metric, Granularity: analytics.Week, Zone: a.Zone(), From: analytics.Week.Step(begin, -4), To: begin})
	if err != nil {
		return 0, 0, fmt.Errorf("computing %s: %w", metric, err)
	}
	sum, n := 0.0, 0.0
	for i := range res.Series {
		if v := res.Series[i].Value; v != nil {
			sum, n = sum+*v, n+1
		}
	}
	if n == 0 {
		return 0, 0, nil
	}
	base = float64(int(sum/n*1000)) / 1000
	target = base * (1 + by)
	if res.Unit == analytics.UnitShare {
		target = min(.95, target)
		return base, float64(int(target*100)) / 100, nil
	}
	return float64(int(base)), float64(int(target)), nil
}

// samplePlan is a plan that began five weeks ago, and has slipped since.
func (a *App) samplePlan(served int64, owner string) (roadmap.Plan, []roadmap.Task) {
	c := schedule.Usual()
	start := c.From(schedule.DateOf(a.Now()) - 35)
	on := func(n int) string { return c.Add(start, n).String() }
	p := roadmap.Plan{
		Title: "Trial check-ins", Goal: served, State: roadmap.Active, Owner: owner, Start: on(0), Responsible: []string{"Sam"}, Consulted: []string{"Support lead"}, Informed: []string{"Product"},
		Intent: "Many leave after the 30-day trial. We find out why, reach the next ones in time, and look at whether it helped.", Currency: "EUR", Planned: 6000, Committed: 1200, Spent: 2140, Metrics: []string{"response_within_target", "active_members"},
		Checkpoints: []roadmap.Checkpoint{{Day: on(15), Title: "First look with support", Outcome: "Answers come sooner; the survey is late."}, {Day: on(40), Title: "Look at the outcome with product"}},
		Risks:       []roadmap.Risk{{What: "People take check-ins for sales mail", Answer: "They come from a person, and say so."}},
		Decisions:   []roadmap.Decision{{Day: on(3), What: "One in five gets no check-in, as a control group", By: owner, Objections: "Support: those in it might leave. Heard; they get every answer all the same."}},
	}
	t, err := roadmap.FindTemplate("retention")
	if err != nil {
		return p, nil // it is one of ours
	}
	tasks := t.Tasks()
	plan, err := schedule.Make(unbegun(tasks), c, start, start)
	if err != nil {
		return p, tasks
	}
	for i := range tasks {
		at := plan.Places[tasks[i].ID]
		tasks[i].BaseStart, tasks[i].BaseEnd = at.Start.String(), at.End.String()
	}
	done := func(i, from, to int) { tasks[i].Began, tasks[i].Ended, tasks[i].Owner = on(from), on(to), owner }
	done(0, 0, 1)
	done(1, 2, 8) // two days late
	done(2, 2, 6) // two days late
	tasks[3].Began, tasks[3].Owner = on(7), "sam@lumenlabs.example"
	done(6, 2, 2)
	tasks[5].Began, tasks[5].Owner = on(20), "sam@lumenlabs.example"
	return p, append(tasks, roadmap.Task{ID: -12, Place: 12, Title: "Hand the runbook over", Days: 2, After: []schedule.Dependency{{On: -11}}})
}

// unbegun are the tasks of a template for package schedule.
func unbegun(tasks []roadmap.Task) []schedule.Task {
	all := make([]schedule.Task, len(tasks))
	for i := range tasks {
		t := &tasks[i]
		all[i] = schedule.Task{ID: t.ID, Name: t.Title, Days: t.Days, After: t.After, NotBefore: schedule.NoDate, Began: schedule.NoDate, Ended: schedule.NoDate, Due: schedule.NoDate}
	}
	return all
}
