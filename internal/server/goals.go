// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/front"
	"greenroom/internal/goal"
	"greenroom/internal/request"
	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
	"greenroom/internal/workflow"
)

// Goals makes the service that keeps goals, over the engine for figures.
func (a *App) Goals(engine *analytics.Engine) *goal.Service {
	return goal.New(a.Store, engine, auditor{a.Auth}, a.Now).Trying(goalTrials{a}).Entering(goalEntries{a})
}

// goalEntries tells by the histories of subscriptions and deals when organizations came into a state, and of trials that these
// do not know by the organization's field trial_started.
type goalEntries struct{ app *App }

// trialField is the field of organizations that has the first day of their trial, as in templates of workflows.
const trialField = "trial_started"

// Entered lists organizations with their first day in a state.
func (e goalEntries) Entered(ctx context.Context, state greenroom.LifecycleState) ([]goal.Entered, error) {
	lives, err := e.app.Store.Lifecycles(ctx, greenroom.BusinessFilter{})
	if err != nil {
		return nil, err
	}
	var all []goal.Entered
	known := make(map[int64]bool)
	for i := range lives {
		l := &lives[i]
		if n := slices.IndexFunc(l.Phases, func(p greenroom.Phase) bool { return p.State == state }); n >= 0 {
			all, known[l.Organization] = append(all, goal.Entered{Organization: l.Organization, At: l.Phases[n].From}), true
		}
	}
	if state != greenroom.Trial {
		return all, nil
	}
	fields, err := e.app.Store.OrganizationFields(ctx, trialField)
	if err != nil {
		return nil, err
	}
	for id, text := range fields {
		if at, ok := dayIn(text, e.app.Zone()); ok && !known[id] {
			all = append(all, goal.Entered{Organization: id, At: at})
		}
	}
	return all, nil
}

// dayIn reads a day or a time as fields have it.
func dayIn(text string, zone *time.Location) (time.Time, bool) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.RFC3339, time.DateTime, time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// goalTrials compares members in the workflows that were made for a goal's plans with those who were held out.
type goalTrials struct{ app *App }

// Trials compares them, workflow by workflow.
func (t goalTrials) Trials(ctx context.Context, id int64) ([]goal.Trial, error) {
	plans, err := t.app.Store.Plans(ctx)
	if err != nil {
		return nil, err
	}
	var all []goal.Trial
	for i := range plans {
		if plans[i].Goal != id {
			continue
		}
		tasks, err := t.app.Store.PlanTasks(ctx, plans[i].ID)
		if err != nil {
			return nil, err
		}
		for j := range tasks {
			for _, m := range tasks[j].Made {
				x, err := t.trial(ctx, m)
				if err != nil {
					return nil, err
				}
				if x != nil {
					all = append(all, *x)
				}
			}
		}
	}
	return all, nil
}

// trial compares the two sides of one workflow; nil where it is none, was taken away, or nothing can be told.
func (t goalTrials) trial(ctx context.Context, m roadmap.Made) (*goal.Trial, error) {
	key, ok := strings.CutPrefix(m.Path, "/workflows/")
	if !ok {
		return nil, nil
	}
	f, err := t.app.Store.Workflow(ctx, key)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	tallies, err := t.app.Store.WorkflowTallies(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	e := tallies[f.ID].Effect()
	if !e.Known {
		return nil, nil
	}
	group := func(a workflow.Arm) goal.Group { return goal.Group{Members: a.Members, Did: a.Did} }
	return &goal.Trial{Title: f.Name, Path: m.Path, With: group(e.With), Without: group(e.Without), Difference: e.Difference, Low: e.Low, High: e.High, Says: e.Words()}, nil
}

// Plans makes the service that keeps the roadmap.
func (a *App) Plans() *roadmap.Service {
	return roadmap.New(a.Store, a.Store, a.Now).Telling(planAskers{a.Requests(), a}).Covering(a.Store)
}

// planAskers has requests of members follow the plans that serve them.
type planAskers struct {
	requests *request.Service
	app      *App
}

// PlannedFor gives the plans that serve a request and are not internal, as members see them: by month, and without tasks.
func (p planAskers) PlannedFor(ctx context.Context, id int64) ([]front.Planned, error) {
	all, err := p.app.Plans().Views(ctx)
	if err != nil {
		return nil, err
	}
	var planned []front.Planned
	for _, v := range all {
		if v.Internal || !slices.Contains(v.Requests, id) {
			continue
		}
		x := front.Planned{Title: v.Title, State: map[roadmap.State]string{roadmap.Draft: "planned", roadmap.Active: "in progress", roadmap.Done: "done"}[v.State]}
		if end, err := schedule.ParseDate(v.End); err == nil && v.State != roadmap.Done {
			x.By = end.Begin(p.app.Zone())
		}
		planned = append(planned, x)
	}
	return planned, nil
}

// Follow says what a plan's state means for requests, and for those who asked. They hear of the end; that it is planned or
// begun the public board shows.
func (p planAskers) Follow(ctx context.Context, ids []int64, state roadmap.State, joined bool) ([]roadmap.Following, error) {
	to, ok := map[roadmap.State]request.State{roadmap.Draft: request.Planned, roadmap.Active: request.Doing, roadmap.Done: request.Done, roadmap.Dropped: request.Declined}[state]
	ends := to == request.Done || to == request.Declined
	if !ok || joined && ends {
		return nil, nil
	}
	var all []roadmap.Following
	for _, id := range ids {
		r, err := p.requests.Get(ctx, id)
		if err == nil && r.MergedInto > 0 {
			r, err = p.requests.Get(ctx, r.MergedInto)
		}
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if r.State == to || joined && r.State != request.Open || slices.ContainsFunc(all, func(f roadmap.Following) bool { return f.Request == r.ID }) {
			continue
		}
		m, err := p.requests.Prepare(ctx, r.ID, to, r.Answer, ends)
		if err != nil {
			return nil, err
		}
		all = append(all, roadmap.Following{Request: r.ID, State: string(to), Answer: m.Request.Answer, Changes: m.Request.Changes, Messages: m.Messages})
	}
	return all, nil
}

// repeatPlans makes the next plans of those that come again, once an hour.
func (a *App) repeatPlans(ctx context.Context) {
	plans, every := a.Plans(), time.NewTicker(time.Hour)
	defer every.Stop()
	for {
		if n, err := plans.Repeat(ctx, "greenroom"); err != nil && ctx.Err() == nil {
			a.Log.Warn("making plans that come again", "error", err)
		} else if n > 0 {
			a.Log.Info("made plans that come again", "plans", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// planFeed writes the tasks and checkpoints of whose calendar a token opens.
func (a *App) planFeed(ctx context.Context, token string, to io.Writer) error {
	who, err := a.Events.FeedOwner(ctx, token)
	if err != nil {
		return err
	}
	all, err := a.Plans().Views(ctx)
	if err != nil {
		return err
	}
	return roadmap.WriteICal(to, roadmap.Of(all, who), a.Now())
}
