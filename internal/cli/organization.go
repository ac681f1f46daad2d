// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/organization"
	"greenroom/internal/server"
)

func (c *command) organizationCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "organization", Short: "Say which organizations are one", Long: "Organizations are named by number, name or domain."}
	var reason string
	merge := &cobra.Command{
		Use: "merge INTO FROM", Short: "Make two organizations one", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				kept, err := organizationCalled(cmd.Context(), app, args[0])
				if err != nil {
					return err
				}
				gone, err := organizationCalled(cmd.Context(), app, args[1])
				if err != nil {
					return err
				}
				m, err := app.Organizations.Merge(cmd.Context(), kept, gone, reason, byCommandLine)
				if err != nil {
					return err
				}
				return c.done(app, cmd, "organization %d (%s) is now part of organization %d; `greenroom organization undo %d` takes it back\n", m.Gone, m.GoneName, m.Kept, m.ID)
			})
		},
	}
	merge.Flags().StringVar(&reason, "reason", "", "why, kept with the merge")
	cmd.AddCommand(merge, c.organizationSplit(), c.organizationUndo(), c.organizationMatches(), c.organizationApart(), c.organizationParent())
	return cmd
}

func (c *command) organizationSplit() *cobra.Command {
	return &cobra.Command{
		Use: "split PART", Short: "Have an organization that is part of another stand for itself again, by its number", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				m, err := app.Organizations.Split(cmd.Context(), id, byCommandLine)
				if err != nil {
					return err
				}
				return c.done(app, cmd, "organization %d (%s) stands for itself again\n", m.Gone, m.GoneName)
			})
		},
	}
}

func (c *command) organizationUndo() *cobra.Command {
	return &cobra.Command{
		Use: "undo MERGE", Short: "Take a merge back", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				m, err := app.Organizations.Undo(cmd.Context(), id, byCommandLine)
				if err != nil {
					return err
				}
				return c.done(app, cmd, "the merge of organizations %d (%s) and %d (%s) was undone\n", m.Kept, m.KeptName, m.Gone, m.GoneName)
			})
		},
	}
}

func (c *command) organizationMatches() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use: "matches", Short: "List which organizations may be one, and why", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				found, err := app.Organizations.Matches(cmd.Context(), limit)
				if err != nil {
					return err
				}
				return writeAll(c, found.Items, table[organization.Pair]{
					head: []string{"keep", "name", "other", "name", "probability", "why"},
					row: func(m *organization.Pair) []string {
						why := make([]string, len(m.Evidence))
						for i, e := range m.Evidence {
							why[i] = e.Text
						}
						return []string{number(m.A.ID), m.A.Name, number(m.B.ID), m.B.Name, strconv.FormatFloat(m.Probability, 'f', 2, 64), strings.Join(why, "; ")}
					},
				})
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 50, "how many at most")
	return cmd
}

func (c *command) organizationApart() *cobra.Command {
	var undo bool
	cmd := &cobra.Command{
		Use: "apart A B", Short: "Say that two organizations are not one, so that they are not suggested again", Long: "With --undo and the number under which it was said, that is taken back.", Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if undo != (len(args) == 1) {
				return greenroom.Errorf(greenroom.CodeInvalid, "name two organizations, or the number of what is to be taken back and --undo")
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				if undo {
					id, err := parseID(args[0])
					if err != nil {
						return err
					}
					p, err := app.Organizations.UndoApart(cmd.Context(), id, byCommandLine)
					if err != nil {
						return err
					}
					return c.done(app, cmd, "that organizations %d and %d are not one was taken back\n", p.A, p.B)
				}
				a, err := organizationCalled(cmd.Context(), app, args[0])
				if err != nil {
					return err
				}
				b, err := organizationCalled(cmd.Context(), app, args[1])
				if err != nil {
					return err
				}
				p, err := app.Organizations.Apart(cmd.Context(), a, b, byCommandLine)
				if err != nil {
					return err
				}
				return c.done(app, cmd, "organizations %d and %d are not one; `greenroom organization apart --undo %d` takes it back\n", p.A, p.B, p.ID)
			})
		},
	}
	cmd.Flags().BoolVar(&undo, "undo", false, "take back what was said")
	return cmd
}

func (c *command) organizationParent() *cobra.Command {
	return &cobra.Command{
		Use: "parent ORGANIZATION PARENT|none|told", Short: "Say below which organization another is; told = as sources tell", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				id, err := organizationCalled(cmd.Context(), app, args[0])
				if err != nil {
					return err
				}
				if args[1] == "told" {
					o, err := app.Organizations.UndoParent(cmd.Context(), id, byCommandLine)
					if err != nil {
						return err
					}
					return c.below(app, cmd, &o)
				}
				parent := int64(0)
				if args[1] != "none" {
					if parent, err = organizationCalled(cmd.Context(), app, args[1]); err != nil {
						return err
					}
				}
				o, err := app.Organizations.SetParent(cmd.Context(), id, parent, byCommandLine)
				if err != nil {
					return err
				}
				return c.below(app, cmd, &o)
			})
		},
	}
}

func (c *command) below(app *server.App, cmd *cobra.Command, o *greenroom.Organization) error {
	if o.ParentID == 0 {
		return c.done(app, cmd, "%s is below none\n", o.Name)
	}
	return c.done(app, cmd, "%s is below %s\n", o.Name, o.Parent)
}

// organizationCalled is the number of the organization that somebody names. A number is taken as it is, so that what is wrong with
// it is said of the number.
func organizationCalled(ctx context.Context, app *server.App, name string) (int64, error) {
	if id, err := strconv.ParseInt(name, 10, 64); err == nil {
		return id, nil
	}
	return app.Employers.OrganizationCalled(ctx, name)
}
