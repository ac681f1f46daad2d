// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"

	"greenroom/internal/outbox"
	"greenroom/internal/program"
)

// programs makes the service that keeps programs. Figures are there once the analytics are open; messages wait in the outbox
// until a server sends them.
func (a *App) programs() *program.Service {
	return program.New(program.Config{
		Store: a.Store, Audit: auditor{a.Auth}, Log: a.Log, Now: a.Now, Zone: a.Zone,
		Engine: func() program.Engine {
			if a.figures == nil {
				return nil
			}
			return a.figures
		},
		Sender: func() program.Sender { return a.letterbox() },
		Link: func(ctx context.Context, key string, program, member int64) (string, error) {
			return a.Links().Program(ctx, key, program, member)
		},
	})
}

// letterbox takes messages for the outbox. Whoever sends them looks there by itself.
func (a *App) letterbox() *outbox.Service {
	return outbox.New(a.Store, auditor{a.Auth}, a.keys, func() {}, a.Log, a.Now, a.Zone)
}
