// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/connector/all"
	"greenroom/internal/api"
	"greenroom/internal/server"
)

// shownDeliveries is how many deliveries are listed, and triedDeliveries on how many a mapping is tried.
const (
	shownDeliveries = 20
	triedDeliveries = 10
)

func (c *command) sourceDeliveries() *cobra.Command {
	var retry, repeat bool
	cmd := &cobra.Command{
		Use: "deliveries NAME", Short: "List what the platform pushed last", Args: cobra.ExactArgs(1),
		Long: "Deliveries lists the last 20 pushes to a source. --retry takes up those that failed again, --repeat all that are kept, such as after a change of a mapping; " +
			"a server that is running takes them in.",
		RunE: c.onSource(func(ctx context.Context, app *server.App, args []string) error {
			src, err := app.Store.Source(ctx, args[0])
			if err != nil {
				return err
			}
			if retry || repeat {
				return c.takeUp(ctx, app, &src, repeat)
			}
			last, err := app.Store.LastDeliveries(ctx, src.ID, shownDeliveries)
			if err != nil {
				return err
			}
			return writeAll(c, last, table[greenroom.Delivery]{head: []string{"id", "received", "state", "tries", "error"}, row: func(d *greenroom.Delivery) []string {
				return []string{strconv.FormatInt(d.ID, 10), date(d.ReceivedAt), string(d.State), number(d.Tries), d.Error}
			}})
		}),
	}
	cmd.Flags().BoolVar(&retry, "retry", false, "take up those that failed again")
	cmd.Flags().BoolVar(&repeat, "repeat", false, "take up all that are kept again")
	return cmd
}

// takeUp makes deliveries wait again, and takes them in unless a server does.
func (c *command) takeUp(ctx context.Context, app *server.App, src *greenroom.Source, repeat bool) error {
	again := app.Store.RetryDeliveries
	if repeat {
		again = app.Store.RepeatDeliveries
	}
	n, err := again(ctx, src.ID)
	if err != nil {
		return err
	}
	spec, err := all.Find(src.Kind)
	if err != nil {
		return err
	}
	if err := app.TakeIn(ctx, spec, src); err != nil && greenroom.ErrorCode(err) != greenroom.CodeConflict {
		return err
	}
	_, err = fmt.Fprintf(c.io.Out, "%d deliveries taken up again\n", n)
	return err
}

func (c *command) sourceTry() *cobra.Command {
	return &cobra.Command{
		Use: "try NAME FILE", Short: "Try a webhook's mapping on what came last; nothing is stored", Args: cobra.ExactArgs(2),
		RunE: c.onSource(func(ctx context.Context, app *server.App, args []string) error {
			src, err := app.Store.Source(ctx, args[0])
			if err != nil {
				return err
			}
			mapping, err := os.ReadFile(args[1])
			if err != nil {
				return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the mapping cannot be read from " + args[1], Err: err}
			}
			last, err := app.Store.LastDeliveries(ctx, src.ID, triedDeliveries)
			if err != nil {
				return err
			}
			tried, problems, err := server.TryMapping(src.Kind, string(mapping), last)
			if err != nil {
				return err
			}
			if len(problems) > 0 {
				return greenroom.Errorf(greenroom.CodeInvalid, "the mapping cannot be used: %s", problems[0])
			}
			return writeAll(c, tried, table[api.Tried]{head: []string{"delivery", "facts", "problem"}, row: triedRow})
		}),
	}
}

func triedRow(t *api.Tried) []string {
	facts, problem := make([]string, len(t.Facts)), t.LeftOut
	for i, f := range t.Facts {
		facts[i] = f.What
	}
	if len(t.Problems) > 0 {
		problem = t.Problems[0]
	}
	return []string{strconv.FormatInt(t.ID, 10), strings.Join(facts, ", "), problem}
}
