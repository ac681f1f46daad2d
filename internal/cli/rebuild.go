// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/server"
)

func (c *command) rebuildCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rebuild",
		Short: "Compute everything that is derived from the facts again",
		Long:  "Rebuild throws away what is computed from the facts (sums, conversations, the full-text index, the analytics) and computes it again. Facts and decisions stay.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				if err := app.AnalyticsFile(cmd.Context()); err != nil && greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
					return err
				} // a running server notices and builds its figures again by itself
				if err := app.Rebuild(cmd.Context()); err != nil {
					return err
				}
				_, err := fmt.Fprintln(c.io.Out, "everything derived was computed again")
				return err
			})
		},
	}
}
