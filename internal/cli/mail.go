// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"io"
	"net/mail"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/api"
	"greenroom/internal/digest"
	"greenroom/internal/server"
)

func (c *command) mailCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "mail", Short: "Set the mail server, try it, and read mail that comes back"}
	cmd.AddCommand(c.mailServer(), c.mailTest(), c.mailBounce(), c.mailBounces())
	return cmd
}

// printServer writes the mail server without its password.
func (c *command) printServer(ctx context.Context, d *server.Digests) error {
	set, err := d.Settings(ctx)
	if err != nil {
		return err
	}
	v := api.MailServerOf(&set.Server)
	return printRows(c, v, []string{"host", "port", "security", "from", "user", "password"}, []api.MailServer{v}, func(v *api.MailServer) []string {
		password := ""
		if v.HasPassword {
			password = "is set"
		}
		return []string{v.Host, strconv.Itoa(v.Port), string(v.Security), v.From, v.User, password}
	})
}

func (c *command) mailServer() *cobra.Command {
	show := &cobra.Command{
		Use: "server", Short: "Show the server that mail goes by", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error { return c.printServer(cmd.Context(), app.MailSettings()) })
		},
	}
	show.AddCommand(c.mailServerSet())
	return show
}

func (c *command) mailServerSet() *cobra.Command {
	var v digest.Server
	var security string
	withPassword := false
	cmd := &cobra.Command{
		Use: "set", Short: "Set the server that mail goes by; what no flag names stays", Args: cobra.NoArgs,
		Example: "  greenroom mail server set --host smtp.example.com --from 'Acme <community@example.com>' --user community@example.com --password < password.txt\n  greenroom mail server set --host ''",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var password *string
			if withPassword {
				text, err := c.secret("the password")
				if err != nil {
					return err
				}
				password = &text
			}
			return c.withNew(cmd.Context(), func(app *server.App) error {
				d := app.MailSettings()
				set, err := d.Settings(cmd.Context())
				if err != nil {
					return err
				}
				now := set.Server
				for flag, change := range map[string]func(){
					"host": func() { now.Host = v.Host }, "port": func() { now.Port = v.Port }, "from": func() { now.From = v.From }, "user": func() { now.User = v.User },
					"security": func() { now.Security = digest.Security(security) },
				} {
					if cmd.Flags().Changed(flag) {
						change()
					}
				}
				if err := d.SetServer(cmd.Context(), now, password); err != nil {
					return err
				}
				return c.printServer(cmd.Context(), d)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&v.Host, "host", "", "its name, such as smtp.example.com; empty = no mail is sent")
	flags.IntVar(&v.Port, "port", 587, "its port, mostly 587 with starttls, 465 with tls")
	flags.StringVar(&security, "security", "starttls", "starttls, tls or none")
	flags.StringVar(&v.From, "from", "", "the address that mail comes from, perhaps with a name")
	flags.StringVar(&v.User, "user", "", "who signs in; empty = nobody")
	flags.BoolVar(&withPassword, "password", false, "read the password from the standard input; without this, the one that is set stays, as long as host, port and user do")
	return cmd
}

func (c *command) mailTest() *cobra.Command {
	return &cobra.Command{Use: "test ADDRESS", Short: "Send a mail that says that mail works", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		if _, err := mail.ParseAddress(args[0]); err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: args[0] + " is not a mail address; one looks like ana@example.com", Err: err}
		}
		return c.with(cmd.Context(), func(app *server.App) error {
			if err := app.MailSettings().Test(cmd.Context(), args[0]); err != nil {
				return err
			}
			_, err := fmt.Fprintf(c.io.Out, "The mail server took the test mail to %s.\n", args[0])
			return err
		})
	}}
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
