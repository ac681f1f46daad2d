// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"github.com/spf13/cobra"

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
				if err := app.Store.ForgetDerived(cmd.Context()); err != nil {
					return err
				}
				if err := app.Projector.CatchUp(cmd.Context()); err != nil {
					return err
				}
				_, err := fmt.Fprintln(c.io.Out, "everything derived was computed again")
				return err
			})
		},
	}
}
