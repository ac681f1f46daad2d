// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/alert"
	"greenroom/internal/outbox"
	"greenroom/internal/server"
)

func (c *command) destinationCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "destination", Short: "Say where the team hears from Greenroom: channels, webhooks, mail addresses",
		Long: "A destination is an incoming webhook of Slack, Microsoft Teams or Discord, a webhook of another system, or mail addresses. Alerts and workflows send there. DESTINATION is its id or its name.",
	}
	cmd.AddCommand(c.destinationList(), c.destinationAdd(), c.destinationTry(), c.destinationRemove())
	return cmd
}

func destinationTable() table[outbox.Destination] {
	return table[outbox.Destination]{head: []string{"id", "name", "channel", "address", "last arrived", "problem"}, row: func(d *outbox.Destination) []string {
		sent := ""
		if !d.SentAt.IsZero() {
			sent = d.SentAt.Format(time.DateTime)
		}
		return []string{number(d.ID), d.Name, string(d.Channel), d.Shown, sent, d.Problem}
	}}
}

func (c *command) destinationList() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List destinations", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.alerts(cmd.Context(), func(box *server.Outbox, _ *alert.Service) error {
			all, err := box.Destinations(cmd.Context())
			if err != nil {
				return err
			}
			return printAll(c, destinationTable(), all)
		})
	}}
}

func (c *command) destinationAdd() *cobra.Command {
	var d outbox.DestinationDraft
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Make a destination; its address is read from standard input unless --address gives it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d.Name = args[0]
			if d.Address == "" {
				text, err := io.ReadAll(io.LimitReader(c.io.In, 64<<10))
				if err != nil {
					return fmt.Errorf("reading the address: %w", err)
				}
				d.Address = strings.TrimSpace(string(text))
			}
			return c.withNew(cmd.Context(), func(app *server.App) error {
				box, err := app.Outbox(nil, nil)
				if err != nil {
					return err
				}
				made, err := box.AddDestination(cmd.Context(), d, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, destinationTable(), []outbox.Destination{made})
			})
		},
	}
	cmd.Flags().StringVar((*string)(&d.Channel), "channel", "slack", "slack, teams, discord, webhook or email")
	cmd.Flags().StringVar(&d.Address, "address", "", "of the webhook, or mail addresses with commas between; it is secret, and other people on this machine can see the flags of programs")
	return cmd
}

// oneDestination finds a destination around f.
func (c *command) oneDestination(cmd *cobra.Command, ref string, f func(*server.Outbox, int64) error) error {
	return c.alerts(cmd.Context(), func(box *server.Outbox, _ *alert.Service) error {
		ids, err := destinationIDs(cmd.Context(), box, []string{ref})
		if err != nil {
			return err
		}
		return f(box, ids[0])
	})
}

func (c *command) destinationTry() *cobra.Command {
	return &cobra.Command{
		Use: "try DESTINATION", Short: "Send a test to a destination; a running server sends it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.oneDestination(cmd, args[0], func(box *server.Outbox, id int64) error {
				if _, err := box.TryDestination(cmd.Context(), id, byCommandLine); err != nil {
					return err
				}
				_, err := fmt.Fprintln(c.io.Out, "A test is in the outbox; a running server sends it within a second. `greenroom destination list` says whether it arrived.")
				return err
			})
		},
	}
}

func (c *command) destinationRemove() *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use: "remove DESTINATION", Short: "Take a destination away; what waits for it is not sent", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !yes {
				return greenroom.Errorf(greenroom.CodeInvalid, "what waits for %s is not sent, and its address is forgotten; say --yes to do it", args[0])
			}
			return c.oneDestination(cmd, args[0], func(box *server.Outbox, id int64) error {
				return box.RemoveDestination(cmd.Context(), id, byCommandLine)
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	return cmd
}
