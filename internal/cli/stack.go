// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"greenroom/internal/server"
	"greenroom/internal/stack"
)

func (c *command) stackCommand() *cobra.Command {
	var ask bool
	cmd := &cobra.Command{
		Use:   "stack [SOURCE]",
		Short: "Say how the sources are: fresh or late, volume, coverage, and the platforms' counts against ours",
		Long: "Stack says of every source whether it is fresh for its rhythm, what went wrong last and what to do about it. Of one source it also says which places " +
			"of the platform come in, and explains each difference between the platform's own counts and ours. --ask asks the platform first.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error { return c.stack(cmd.Context(), app, args, ask) })
		},
	}
	cmd.Flags().BoolVar(&ask, "ask", false, "ask the platform for its own counts first; names one source")
	return cmd
}

func (c *command) stack(ctx context.Context, app *server.App, args []string, ask bool) error {
	engine, err := c.figures(ctx, app)
	if err != nil {
		return err
	}
	service := app.Stack(engine, nil)
	if len(args) == 0 {
		all, err := service.Reports(ctx)
		if err != nil {
			return err
		}
		return c.printReports(all)
	}
	report := service.Report
	if ask {
		report = service.Ask
	}
	r, err := report(ctx, args[0])
	if err != nil {
		return err
	}
	if c.format != "table" {
		return c.printReports([]stack.Report{*r})
	}
	if err := c.printReports([]stack.Report{*r}); err != nil {
		return err
	}
	var rows []string
	for i := range r.Places {
		if p := &r.Places[i]; !p.Covered {
			rows = append(rows, fmt.Sprintf("not covered: %s (%s)", p.Name, p.Why))
		}
	}
	if len(r.Entries) > 0 {
		rows = append(rows, "the platform's counts are of "+r.Surveyed.UTC().Format(time.DateTime)+" UTC, ours of now; --ask asks it again")
	}
	for i := range r.Entries {
		e := &r.Entries[i]
		rows = append(rows, fmt.Sprintf("%s %s: platform %d, here %d, not explained %d", e.What, e.Place, e.Platform, e.Ours, e.Unexplained))
		for _, x := range e.Explained {
			rows = append(rows, fmt.Sprintf("    %+d %s", x.Items, x.Text))
		}
	}
	if e := r.Expiry; e != nil {
		if e.Holds {
			rows = append(rows, fmt.Sprintf("by the platform's terms what members do is kept for %d hours and their names for %d: %s", e.Activities/3600, e.Profiles/3600, e.Terms))
		}
		for _, what := range slices.Sorted(maps.Keys(e.Removed)) {
			rows = append(rows, fmt.Sprintf("expired: %s %d", what, e.Removed[what]))
		}
	}
	for _, row := range rows {
		if _, err := fmt.Fprintln(c.io.Out, row); err != nil {
			return fmt.Errorf("writing: %w", err)
		}
	}
	return nil
}

func (c *command) printReports(all []stack.Report) error {
	w, err := newWriter(c.io.Out, c.format, table[stack.Report]{
		head: []string{"source", "kind", "state", "alerts", "says"},
		row: func(r *stack.Report) []string {
			return []string{r.Source.Name, r.Source.Kind, string(r.State), strconv.Itoa(len(r.Alerts)), r.Says}
		},
	})
	if err != nil {
		return err
	}
	for i := range all {
		all[i].Source.Config = nil // its options are shown by `greenroom source`
		if err := w.item(&all[i]); err != nil {
			return err
		}
	}
	return w.end()
}
