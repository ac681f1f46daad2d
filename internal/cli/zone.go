// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"greenroom/internal/auth"
	"greenroom/internal/server"
)

func (c *command) zoneCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "zone [NAME]",
		Short: "Show or set the time zone in which the community's days begin, such as Europe/Lisbon",
		Long: "Zone shows or sets the time zone in which the community's days begin. Lists and figures count days in it. " +
			"An empty name (\"\") leaves it to serve --zone. A server that runs already reads it when it starts again; its Settings page changes it at once.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				if len(args) == 1 {
					name, err := app.SetZone(cmd.Context(), args[0])
					if err != nil {
						return err
					}
					if err := app.Auth.Audit(cmd.Context(), auth.CommandLine(), "zone.set", cmp.Or(name, "as started"), ""); err != nil {
						return err
					}
				}
				_, err := fmt.Fprintf(c.io.Out, "days begin in %s\n", app.Zone())
				return err
			})
		},
	}
}
