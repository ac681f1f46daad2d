// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"io"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/front"
	"greenroom/internal/goal"
	"greenroom/internal/request"
	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
)

// Goals makes the service that keeps goals, over the engine for figures.
func (a *App) Goals(engine *analytics.Engine) *goal.Service {
	return goal.New(a.Store, engine, auditor{a.Auth}, a.Now)
}

// Plans makes the service that keeps the roadmap.
func (a *App) Plans() *roadmap.Service {
	return roadmap.New(a.Store, a.Store, a.Now).Telling(planAskers{a.Requests(), a})
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

// Hear moves requests to what their plan's state means for those who asked. They hear of the end; that it is planned or begun
// the public board shows.
func (p planAskers) Hear(ctx context.Context, ids []int64, state roadmap.State, by string) error {
	to, ok := map[roadmap.State]request.State{roadmap.Draft: request.Planned, roadmap.Active: request.Doing, roadmap.Done: request.Done, roadmap.Dropped: request.Declined}[state]
	if !ok {
		return nil
	}
	for _, id := range ids {
		r, err := p.requests.Get(ctx, id)
		if err == nil && r.MergedInto > 0 {
			r, err = p.requests.Get(ctx, r.MergedInto)
		}
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			continue
		}
		if err == nil && r.State != to {
			_, _, err = p.requests.Move(ctx, r.ID, to, r.Answer, to == request.Done || to == request.Declined, by)
		}
		if err != nil {
			return err
		}
	}
	return nil
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
