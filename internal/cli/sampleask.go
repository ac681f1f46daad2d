// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"

	"greenroom/internal/server"
)

// sampleAsk keeps questions in SQL and looks for members to talk to.
func sampleAsk(ctx context.Context, app *server.App) error {
	if err := app.SampleQuestions(ctx); err != nil {
		return err
	}
	return app.SampleStudies(ctx)
}
