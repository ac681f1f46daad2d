// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/server"
)

// byCommandLine is the author of what is done from the command line: whoever has the data folder is the owner.
const byCommandLine = "command line"

func (c *command) memberCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "member", Short: "Merge, split and mark members"}
	var reason string
	merge := &cobra.Command{
		Use:   "merge INTO FROM",
		Short: "Make two members one person",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			into, err := parseID(args[0])
			if err != nil {
				return err
			}
			from, err := parseID(args[1])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				id, err := app.Members.Merge(cmd.Context(), into, from, reason, byCommandLine)
				if err != nil {
					return err
				}
				return c.done(app, cmd, "member %d is now part of member %d; `greenroom member undo %d` takes it back\n", from, into, id)
			})
		},
	}
	split := &cobra.Command{
		Use:   "split MEMBER IDENTITY...",
		Short: "Make identities of a member a member of their own",
		Args:  cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids := make([]int64, len(args))
			for i, a := range args {
				id, err := parseID(a)
				if err != nil {
					return err
				}
				ids[i] = id
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				decision, created, err := app.Members.Split(cmd.Context(), ids[0], ids[1:], reason, byCommandLine)
				if err != nil {
					return err
				}
				return c.done(app, cmd, "member %d was split off; `greenroom member undo %d` takes it back\n", created, decision)
			})
		},
	}
	undo := &cobra.Command{
		Use:   "undo DECISION",
		Short: "Take a merge or a split back",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				d, err := app.Members.Undo(cmd.Context(), id, byCommandLine)
				if err != nil {
					return err
				}
				return c.done(app, cmd, "the %s of members %d and %d was undone\n", d.Action, d.MemberID, d.OtherID)
			})
		},
	}
	merge.Flags().StringVar(&reason, "reason", "", "why, kept with the decision")
	split.Flags().StringVar(&reason, "reason", "", "why, kept with the decision")
	cmd.AddCommand(merge, split, undo, c.memberOrganization(), c.memberContact(), c.memberMatch(), c.memberData(), c.memberErase())
	return cmd
}

func (c *command) memberData() *cobra.Command {
	return &cobra.Command{
		Use:   "data MEMBER",
		Short: "Write everything that is stored about a member as JSON",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error { return app.Store.ExportMember(cmd.Context(), id, c.io.Out) })
		},
	}
}

func (c *command) memberErase() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "erase MEMBER",
		Short: "Erase a member and everything made of them; cannot be undone",
		Long:  "Erase removes a member's accounts, activities, raw payloads, search entries, tags and decisions. A later import does not bring them back. What others wrote about them stays. It cannot be undone.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			if !yes {
				return greenroom.Errorf(greenroom.CodeInvalid, "erasing cannot be undone; say --yes to do it")
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				if err := app.Store.EraseMember(cmd.Context(), id); err != nil {
					return err
				}
				if err := app.Auth.Audit(cmd.Context(), auth.CommandLine(), "member.erase", fmt.Sprintf("member %d", id), ""); err != nil {
					return err
				}
				return c.done(app, cmd, "member %d is erased\n", id)
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	return cmd
}

func (c *command) retentionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "retention [DAYS]",
		Short: "Show or set for how many days raw payloads are kept (0 = for good)",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				if len(args) == 1 {
					days, err := strconv.Atoi(args[0])
					if err != nil {
						return greenroom.Errorf(greenroom.CodeInvalid, "%q is not a number of days", args[0])
					}
					if err := app.Store.SetRawRetention(cmd.Context(), days); err != nil {
						return err
					}
					if _, err := app.Store.ForgetOldPayloads(cmd.Context()); err != nil {
						return err
					}
				}
				days, err := app.Store.RawRetention(cmd.Context())
				if err != nil {
					return err
				}
				kept := "for good"
				if days > 0 {
					kept = fmt.Sprintf("for %d days", days)
				}
				_, err = fmt.Fprintf(c.io.Out, "raw payloads are kept %s\n", kept)
				return err
			})
		},
	}
}

// done brings derived state up to date after a change by hand, and says what was done.
func (c *command) done(app *server.App, cmd *cobra.Command, format string, args ...any) error {
	if err := app.Projector.CatchUp(cmd.Context()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.io.Out, format, args...)
	return err
}
