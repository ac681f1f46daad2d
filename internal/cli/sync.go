// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/connector/all"
	"greenroom/internal/server"
)

func (c *command) syncCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "sync [SOURCE...]",
		Short: "Read sources again with the options they have",
		Long:  "Sync reads the named sources again, or all that are connected. What has not changed is not stored again; one that was interrupted goes on where it was.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error { return c.sync(cmd.Context(), app, args) })
		},
	}
}

func (c *command) sync(ctx context.Context, app *server.App, names []string) error {
	sources, err := app.Store.Sources(ctx)
	if err != nil {
		return err
	}
	wanted := make(map[string]bool)
	for _, n := range names {
		if _, err := app.Store.Source(ctx, n); err != nil {
			return err
		}
		wanted[n] = true
	}
	var errs []error
	for i := range sources {
		if len(names) > 0 && !wanted[sources[i].Name] || len(names) == 0 && !sources[i].DisconnectedAt.IsZero() {
			continue
		}
		spec, err := all.Find(sources[i].Kind)
		if err == nil {
			err = c.runImport(ctx, app, spec, sources[i].Name, sources[i].Config)
		}
		if errors.Is(err, context.Canceled) {
			return err
		}
		if err != nil { // the other sources are read all the same
			c.say("greenroom: %s: %s\n", sources[i].Name, explain(err))
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return greenroom.Errorf(greenroom.CodeUnavailable, "%d of the sources could not be read", len(errs))
	}
	return nil
}
