// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/server"
)

func (c *command) mailCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "mail", Short: "Read mail that comes back"}
	cmd.AddCommand(c.mailBounce(), c.mailBounces())
	return cmd
}

func (c *command) mailBounce() *cobra.Command {
	return &cobra.Command{
		Use: "bounce [FILE]", Short: "Read one report of a mail server that mail could not be delivered", Args: cobra.MaximumNArgs(1),
		Long: "Bounce reads a message from a file, or from the standard input, so that a mail server can hand over what comes back: in an alias or a .forward file,\n\n    |/usr/local/bin/greenroom mail bounce --data /srv/greenroom\n\nThe address is not written to any more, where it refuses mail for good.",
		RunE: func(cmd *cobra.Command, args []string) error {
			in := c.io.In
			if len(args) == 1 {
				f, err := os.Open(args[0])
				if err != nil {
					return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the file " + args[0] + " cannot be read", Err: err}
				}
				defer f.Close() //nolint:errcheck // it was read only
				in = f
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				report, err := app.Bounces().Take(cmd.Context(), io.LimitReader(in, maxReport))
				if err != nil {
					return err
				}
				if c.format == "json" {
					return writeJSON(c.io.Out, report)
				}
				for _, to := range report.Recipients {
					what := "refuses mail this time"
					if to.Permanent {
						what = "refuses mail for good"
					}
					if _, err := fmt.Fprintf(c.io.Out, "%s %s: %s\n", to.Address, what, to.Reason); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

// maxReport is how much of a message is read, in bytes.
const maxReport = 32 << 20

func (c *command) mailBounces() *cobra.Command {
	return &cobra.Command{Use: "bounces", Short: "Read the mailbox that mail comes back to, and say how that goes", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.with(cmd.Context(), func(app *server.App) error {
			s := app.Bounces()
			failed := s.Read(cmd.Context())
			set, err := s.Settings(cmd.Context())
			if err != nil {
				return err
			}
			refused, err := s.Refused(cmd.Context())
			if err != nil {
				return err
			}
			set.Box.Password = ""
			if c.format == "json" {
				err = writeJSON(c.io.Out, struct {
					Mailbox any   `json:"mailbox"`
					Refused int64 `json:"refused"`
				}{set, refused})
			} else {
				_, err = fmt.Fprintf(c.io.Out, "Reports read: %d. Other messages: %d. Addresses that refuse mail for good: %d.\n", set.Reports, set.Others, refused)
			}
			if failed != nil {
				return failed
			}
			return err
		})
	}}
}
