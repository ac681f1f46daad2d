// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
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
