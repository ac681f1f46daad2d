// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"

	"greenroom/internal/server"
)

// sampleMoves has some members change jobs.
func sampleMoves(ctx context.Context, app *server.App) error {
	if err := app.SampleMoves(ctx); err != nil {
		return err
	}
	return app.Projector.CatchUp(ctx)
}
