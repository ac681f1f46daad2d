// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/server"
)

func (c *command) digestCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "digest", Short: "Show or send the weekly digest: what changed, why, who to talk to and what to do next"}
	cmd.AddCommand(c.digestShow(), c.digestSend())
	return cmd
}

// digests opens the digest around f.
func (c *command) digests(ctx context.Context, f func(d *server.Digests, acts *server.Acts) error) error {
	return c.acts(ctx, func(app *server.App, acts *server.Acts) error {
		engine, err := c.figures(ctx, app)
		if err != nil {
			return err
		}
		return f(app.Digests(app.Health(engine), acts, server.ServeOptions{}), acts)
	})
}

func (c *command) digestShow() *cobra.Command {
	html := false
	cmd := &cobra.Command{Use: "show", Short: "Write the digest as it would be sent now", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.digests(cmd.Context(), func(d *server.Digests, _ *server.Acts) error {
			v, err := d.Show(cmd.Context())
			switch {
			case err != nil:
				return err
			case c.format == "json":
				return writeJSON(c.io.Out, v)
			case html:
				_, err = fmt.Fprint(c.io.Out, v.HTML)
			default:
				_, err = fmt.Fprintf(c.io.Out, "%s\n\n%s", v.Subject, v.Text)
			}
			return err
		})
	}}
	cmd.Flags().BoolVar(&html, "html", false, "as the page that mail programs show")
	return cmd
}

func (c *command) digestSend() *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use: "send", Short: "Send this week's digest to whoever has not got it", Args: cobra.NoArgs,
		Long: "Send makes an action for each recipient that is set on the digest's page. Who has got this week's digest already gets no other; to whom it failed it is sent anew.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !yes {
				return greenroom.Errorf(greenroom.CodeInvalid, "this sends mail; look at `greenroom digest show` and say --yes to do it")
			}
			return c.digests(cmd.Context(), func(d *server.Digests, acts *server.Acts) error {
				all, err := d.Send(cmd.Context(), byCommandLine, true)
				if err != nil {
					return err
				}
				for more := true; more; {
					if more, err = acts.Next(cmd.Context()); err != nil {
						return err
					}
				}
				now := make([]action.Action, len(all))
				for i := range all {
					if now[i], err = acts.Action(cmd.Context(), all[i].ID); err != nil {
						return err
					}
				}
				return c.printActions(now)
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	return cmd
}
