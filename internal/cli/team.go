// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/server"
	"greenroom/internal/team"
)

func (c *command) teamCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "team", Short: "See and say who is on the team, when they work, who is away and who answers for what"}
	cmd.AddCommand(c.teamList(), c.teamSet(), c.teamAway(), c.teamBack(), c.teamAbsences(), c.teamDuties(), c.teamDuty(), c.teamDay())
	return cmd
}

func (c *command) withTeam(ctx context.Context, f func(*team.Service) error) error {
	return c.with(ctx, func(app *server.App) error { return f(app.Crew()) })
}

func teamTable() table[team.Person] {
	return table[team.Person]{
		head: []string{"email", "name", "role", "hours", "zone", "a week", "away until"},
		row: func(p *team.Person) []string {
			return []string{p.Email, p.Name, p.Role, team.FormatDays(p.Days), p.Zone, strconv.FormatFloat(p.Weekly, 'f', -1, 64), p.Away}
		},
	}
}

func (c *command) teamList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the team with roles and hours", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withTeam(cmd.Context(), func(s *team.Service) error {
				all, err := s.People(cmd.Context())
				if err != nil {
					return err
				}
				return printAll(c, teamTable(), all)
			})
		},
	}
}

func (c *command) teamSet() *cobra.Command {
	var role, zone, hours string
	var also, muted []string
	var member int64
	cmd := &cobra.Command{
		Use: "set EMAIL", Short: "Say who somebody is and when they work; what is not said stays", Args: cobra.ExactArgs(1),
		Example: "  greenroom team set ana@example.org --role 'Community manager' --hours 'Mon-Fri 9:00-17:00' --zone Europe/Lisbon",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withTeam(cmd.Context(), func(s *team.Service) error {
				p, err := s.Person(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				said := cmd.Flags().Changed
				if said("role") {
					p.Role = role
				}
				if said("zone") {
					p.Zone = zone
				}
				if said("also") {
					p.Also = also
				}
				if said("mute") {
					p.Muted = muted
				}
				if said("member") {
					p.MemberID = member
				}
				if said("hours") {
					if p.Days, err = team.ParseDays(hours); err != nil {
						return err
					}
				}
				if p, err = s.SetProfile(cmd.Context(), p.Profile, byCommandLine); err != nil {
					return err
				}
				return printAll(c, teamTable(), []team.Person{p})
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&role, "role", "", "their role in the community team")
	flags.StringSliceVar(&also, "also", nil, "other roles")
	flags.StringVar(&hours, "hours", "", "when they work: Mon-Fri 9:00-17:00, Sat 10:00-12:30")
	flags.StringVar(&zone, "zone", "", "their time zone")
	flags.Int64Var(&member, "member", 0, "the member that they are")
	flags.StringSliceVar(&muted, "mute", nil, "kinds of notices not to tell: mention, assigned, alert, task, workflow")
	return cmd
}

func absenceTable() table[team.Absence] {
	return table[team.Absence]{
		head: []string{"id", "who", "from", "to", "stand-in", "moved", "returned"},
		row: func(a *team.Absence) []string {
			return []string{number(a.ID), a.Person, a.From, a.To, a.StandIn, number(a.Moved), number(a.Returned)}
		},
	}
}

func (c *command) teamAway() *cobra.Command {
	var a team.Absence
	cmd := &cobra.Command{
		Use: "away EMAIL", Short: "Write down that somebody is away, and who stands in", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.Person = args[0]
			return c.withTeam(cmd.Context(), func(s *team.Service) error {
				got, err := s.Leave(cmd.Context(), a, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, absenceTable(), []team.Absence{got})
			})
		},
	}
	cmd.Flags().StringVar(&a.From, "from", "", "first day, as 2026-12-24")
	cmd.Flags().StringVar(&a.To, "to", "", "last day")
	cmd.Flags().StringVar(&a.StandIn, "stand-in", "", "who takes over")
	cmd.Flags().StringVar(&a.Note, "note", "", "what the stand-in should know")
	return cmd
}

func (c *command) teamBack() *cobra.Command {
	return &cobra.Command{
		Use: "back ID", Short: "End an absence now, or call it off", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of an absence; `greenroom team absences` has them", args[0])
			}
			return c.withTeam(cmd.Context(), func(s *team.Service) error {
				_, err := s.Return(cmd.Context(), id, byCommandLine)
				return err
			})
		},
	}
}

func (c *command) teamAbsences() *cobra.Command {
	var past bool
	cmd := &cobra.Command{
		Use: "absences", Short: "List who is away, or will be", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withTeam(cmd.Context(), func(s *team.Service) error {
				all, err := s.Absences(cmd.Context(), past)
				if err != nil {
					return err
				}
				return printAll(c, absenceTable(), all)
			})
		},
	}
	cmd.Flags().BoolVar(&past, "past", false, "those of the last year, too")
	return cmd
}

func dutyTable() table[team.Duty] {
	return table[team.Duty]{
		head: []string{"id", "kind", "what", "accountable", "responsible", "consulted", "informed", "gap"},
		row: func(d *team.Duty) []string {
			return []string{number(d.ID), string(d.Kind), d.Subject, d.Accountable, strings.Join(d.Responsible, ", "), strings.Join(d.Consulted, ", "), strings.Join(d.Informed, ", "), d.Gap()}
		},
	}
}

func (c *command) teamDuties() *cobra.Command {
	return &cobra.Command{
		Use: "duties", Short: "List who answers for what", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withTeam(cmd.Context(), func(s *team.Service) error {
				all, err := s.Duties(cmd.Context())
				if err != nil {
					return err
				}
				return printAll(c, dutyTable(), all)
			})
		},
	}
}

func (c *command) teamDuty() *cobra.Command {
	var d team.Duty
	var kind string
	var remove bool
	cmd := &cobra.Command{
		Use: "duty WHAT", Short: "Say who answers for something; with --remove and its number, take that away", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withTeam(cmd.Context(), func(s *team.Service) error {
				if remove {
					id, err := strconv.ParseInt(args[0], 10, 64)
					if err != nil {
						return greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of a responsibility; `greenroom team duties` has them", args[0])
					}
					return s.RemoveDuty(cmd.Context(), id, byCommandLine)
				}
				d.Subject, d.Kind = args[0], team.Kind(kind)
				got, err := s.SaveDuty(cmd.Context(), d, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, dutyTable(), []team.Duty{got})
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&kind, "kind", "other", "process, program, plan, channel or other")
	flags.StringVar(&d.Accountable, "accountable", "", "who answers for it")
	flags.StringSliceVar(&d.Responsible, "responsible", nil, "who does it")
	flags.StringSliceVar(&d.Consulted, "consulted", nil, "who is asked before")
	flags.StringSliceVar(&d.Informed, "informed", nil, "who is told afterwards")
	flags.StringVar(&d.Link, "link", "", "its page")
	flags.BoolVar(&remove, "remove", false, "take it away")
	return cmd
}

func (c *command) teamDay() *cobra.Command {
	return &cobra.Command{
		Use: "day EMAIL", Short: "Show what somebody has before them today", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withTeam(cmd.Context(), func(s *team.Service) error {
				d, err := s.Day(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return printAll(c, table[team.Item]{
					head: []string{"kind", "title", "due", "late", "for", "link"},
					row: func(it *team.Item) []string {
						return []string{string(it.Kind), it.Title, dayText(it.At), strconv.FormatBool(it.Late), it.For, it.Link}
					},
				}, d.Items)
			})
		},
	}
}
