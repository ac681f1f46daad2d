// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/server"
)

func (c *command) memberOrganization() *cobra.Command {
	var since string
	var never, sources bool
	cmd := &cobra.Command{
		Use:   "organization MEMBER [ORGANIZATION]",
		Short: "Show or say where a member works",
		Long: "Without an organization it shows where the member is and was. With one, by number, name or domain (none = with none), it says where they work: " +
			"with --since they moved there on that day, and what they did before stays with the organization of then; without, they were never with another. " +
			"With --never they were never with it, and with --as-sources what was said before is taken back. All of it can be undone.",
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				if len(args) == 1 && !sources {
					return c.showEmployers(cmd, app, id)
				}
				p := greenroom.Placement{MemberID: id, Kind: greenroom.PlacedAlways}
				switch {
				case sources:
					p.Kind = greenroom.PlacedSources
				case never:
					p.Kind = greenroom.PlacedNever
				case since != "":
					p.Kind = greenroom.PlacedMoved
					if p.Since, err = time.Parse(time.DateOnly, since); err != nil {
						return greenroom.Errorf(greenroom.CodeInvalid, "--since takes a day such as 2026-03-01, not %q", since)
					}
				}
				if !sources && args[1] != "none" {
					if p.OrganizationID, err = app.Employers.OrganizationCalled(cmd.Context(), args[1]); err != nil {
						return err
					}
				}
				if p, err = app.Employers.Place(cmd.Context(), p, byCommandLine); err != nil {
					return err
				}
				return c.done(app, cmd, "kept where member %d works; `greenroom member organization undo %d` takes it back\n", id, p.ID)
			})
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "the first day there, such as 2026-03-01")
	cmd.Flags().BoolVar(&never, "never", false, "they were never with it")
	cmd.Flags().BoolVar(&sources, "as-sources", false, "as the sources say")
	cmd.MarkFlagsMutuallyExclusive("since", "never", "as-sources")
	cmd.AddCommand(&cobra.Command{
		Use:   "undo ID",
		Short: "Take back what was said of where a member works",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				p, err := app.Employers.Undo(cmd.Context(), id, byCommandLine)
				if err != nil {
					return err
				}
				return c.done(app, cmd, "where member %d works was taken back\n", p.MemberID)
			})
		},
	})
	return cmd
}

// showEmployers prints where a member is and was.
func (c *command) showEmployers(cmd *cobra.Command, app *server.App, id int64) error {
	m, err := app.Store.Member(cmd.Context(), id)
	if err != nil {
		return err
	}
	all, err := app.Employers.Stints(cmd.Context(), m.ID)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		_, err := fmt.Fprintf(c.io.Out, "%s\talways\n", orNone(m.Organization))
		return err
	}
	for i := range all {
		s := &all[i]
		from, to := "the beginning", "now"
		if !s.Since.IsZero() {
			from = s.Since.Format(time.DateOnly)
		}
		if !s.Until.IsZero() {
			to = s.Until.AddDate(0, 0, -1).Format(time.DateOnly)
		}
		if _, err := fmt.Fprintf(c.io.Out, "%s\t%s to %s\t%s\n", orNone(s.Organization), from, to, s.Dated.Words()); err != nil {
			return err
		}
	}
	return nil
}

func orNone(name string) string {
	if name == "" {
		return "none"
	}
	return name
}
