// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"

	"greenroom/internal/server"
)

// sampleTools enters a small stack, a review of vendors, and a first look at where the community stands.
func sampleTools(ctx context.Context, app *server.App) error {
	engine, err := app.Analytics(ctx)
	if err != nil {
		return err
	}
	return app.SampleTools(ctx, engine)
}
