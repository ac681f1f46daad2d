// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"io"

	"greenroom/internal/analytics"
	"greenroom/internal/goal"
	"greenroom/internal/roadmap"
)

// Goals makes the service that keeps goals, over the engine for figures.
func (a *App) Goals(engine *analytics.Engine) *goal.Service {
	return goal.New(a.Store, engine, auditor{a.Auth}, a.Now)
}

// Plans makes the service that keeps the roadmap.
func (a *App) Plans() *roadmap.Service { return roadmap.New(a.Store, a.Store, a.Now) }

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
