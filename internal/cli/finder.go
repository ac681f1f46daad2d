// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/finder"
	"greenroom/internal/server"
)

func (c *command) finderCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "finder", Short: "Find members to talk to, and note who was asked",
		Long: "A study says whom you want to talk to: who they are, what they did, what they said. You see who fits and may be asked, with the evidence.",
	}
	cmd.AddCommand(c.finderList(), c.finderAdd(), c.finderFind(), c.finderInvite(), c.finderOutcome(), c.finderAsks())
	return cmd
}

func (c *command) studies(ctx context.Context, f func(*finder.Service) error) error {
	return c.with(ctx, func(app *server.App) error { return f(app.Studies()) })
}

func studyTable() table[finder.Study] {
	return table[finder.Study]{head: []string{"id", "title", "wanted", "who", "did", "said", "owner"}, row: func(s *finder.Study) []string {
		return []string{number(s.ID), s.Title, strconv.Itoa(s.Wanted), s.Who, s.Uses, s.Said, s.Owner}
	}}
}

func askTable() table[finder.Ask] {
	return table[finder.Ask]{head: []string{"id", "study", "title", "member", "name", "state", "note", "by", "at"}, row: func(a *finder.Ask) []string {
		return []string{number(a.ID), number(a.Study), a.Title, number(a.Member), a.Name, string(a.State), a.Note, a.By, a.At.Format(time.DateOnly)}
	}}
}

func (c *command) finderList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List studies", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.studies(cmd.Context(), func(s *finder.Service) error {
				all, err := s.List(cmd.Context())
				if err != nil {
					return err
				}
				return printAll(c, studyTable(), all)
			})
		},
	}
}

func (c *command) finderAdd() *cobra.Command {
	var d finder.Draft
	cmd := &cobra.Command{
		Use: "add TITLE", Short: "Make a study", Args: cobra.ExactArgs(1),
		Example: "  greenroom finder add 'Interviews on exports' --who 'country:de' --said 'body:export sentiment:negative' --wanted 10",
		RunE: func(cmd *cobra.Command, args []string) error {
			d.Title = args[0]
			return c.studies(cmd.Context(), func(s *finder.Service) error {
				st, err := s.Add(cmd.Context(), d, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, studyTable(), []finder.Study{st})
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&d.Who, "who", "", "who they are: a query over members")
	flags.StringVar(&d.Uses, "did", "", "what they did: a query over activities")
	flags.StringVar(&d.Said, "said", "", "what they said: a query over activities")
	flags.IntVar(&d.Wanted, "wanted", finder.UsualWanted, "how many are wanted")
	flags.IntVar(&d.Rest, "rest", finder.UsualRest, "days of rest after any ask")
	flags.IntVar(&d.Yearly, "yearly", finder.UsualYearly, "asks a year at most")
	flags.StringVar(&d.Owner, "owner", "", "who talks to them, by mail address")
	flags.StringVar(&d.Subject, "subject", "", "subject of the invitation")
	flags.StringVar(&d.Letter, "letter", "", "the invitation, in Markdown; {name} is their name")
	return cmd
}

func (c *command) finderFind() *cobra.Command {
	return &cobra.Command{
		Use: "find STUDY", Short: "Show who fits and may be asked, the best first", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := studyID(args[0])
			if err != nil {
				return err
			}
			return c.studies(cmd.Context(), func(s *finder.Service) error {
				st, err := s.Get(cmd.Context(), id)
				if err != nil {
					return err
				}
				found, err := s.Find(cmd.Context(), &st.Draft, id)
				if err != nil {
					return err
				}
				for _, l := range found.LeftOut {
					c.say("%d left out: %s\n", l.Count, l.Reason)
				}
				return printAll(c, table[finder.Candidate]{head: []string{"member", "name", "organization", "country", "asked", "why"}, row: func(m *finder.Candidate) []string {
					return []string{number(m.Member), m.Name, m.Organization, m.Country, strconv.Itoa(m.Asked), strings.Join(m.Reasons, "; ")}
				}}, found.Candidates)
			})
		},
	}
}

func studyID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a number; `greenroom finder list` has those of studies", text)
	}
	return id, nil
}

func (c *command) finderInvite() *cobra.Command {
	return &cobra.Command{
		Use: "invite STUDY MEMBER...", Short: "Note members as invited and write drafts into the outbox", Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids := make([]int64, len(args))
			for i, text := range args {
				var err error
				if ids[i], err = studyID(text); err != nil {
					return err
				}
			}
			return c.studies(cmd.Context(), func(s *finder.Service) error {
				n, err := s.Invite(cmd.Context(), ids[0], ids[1:], byCommandLine)
				if err != nil {
					return err
				}
				c.say("%d invited; the drafts wait in the outbox\n", n)
				return nil
			})
		},
	}
}

func (c *command) finderOutcome() *cobra.Command {
	var note, incentive string
	cmd := &cobra.Command{
		Use: "outcome STUDY ASK STATE", Short: "Note what became of asking somebody: invited, agreed, done, declined or no_show", Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			study, err := studyID(args[0])
			if err != nil {
				return err
			}
			ask, err := studyID(args[1])
			if err != nil {
				return err
			}
			return c.studies(cmd.Context(), func(s *finder.Service) error {
				a, err := s.Outcome(cmd.Context(), study, ask, finder.State(args[2]), note, incentive, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, askTable(), []finder.Ask{a})
			})
		},
	}
	cmd.Flags().StringVar(&note, "note", "", "what came out")
	cmd.Flags().StringVar(&incentive, "incentive", "", "what they got for it")
	return cmd
}

func (c *command) finderAsks() *cobra.Command {
	var study, member int64
	cmd := &cobra.Command{
		Use: "asks", Short: "List who was asked, the newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.studies(cmd.Context(), func(s *finder.Service) error {
				all, err := s.Asks(cmd.Context(), study, member)
				if err != nil {
					return err
				}
				return printAll(c, askTable(), all)
			})
		},
	}
	cmd.Flags().Int64Var(&study, "study", 0, "for one study, by number")
	cmd.Flags().Int64Var(&member, "member", 0, "one member, by number")
	return cmd
}
