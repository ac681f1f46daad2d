// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/goal"
	"greenroom/internal/server"
)

func (c *command) goalCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "goal", Short: "Say what is aimed at, and see how far it is",
		Long: "Company goals, community goals that serve them, and key results, whose progress is computed from a metric and never typed in.",
	}
	cmd.AddCommand(c.goalList(), c.goalShow(), c.goalAdd(), c.goalCheckIn(), c.goalClose())
	return cmd
}

// withGoals runs f with the service, over figures.
func (c *command) withGoals(ctx context.Context, f func(*goal.Service) error) error {
	return c.with(ctx, func(app *server.App) error {
		engine, err := c.figures(ctx, app)
		if err != nil {
			return err
		}
		return f(app.Goals(engine))
	})
}

func goalTable() table[goal.Standing] {
	return table[goal.Standing]{
		head: []string{"id", "serves", "kind", "title", "owner", "from", "to", "now", "target", "progress", "forecast", "status", "state"},
		row: func(g *goal.Standing) []string {
			line := []string{number(g.ID), "", string(g.Kind), g.Title, g.Owner, g.From, g.To, "", "", "", "", string(g.Status), string(g.State)}
			if g.Parent > 0 {
				line[1] = number(g.Parent)
			}
			if g.Measure != nil {
				line[8] = goalFigure(&g.Measure.Target)
			}
			if p := g.Progress; p != nil {
				line[7], line[10] = goalFigure(p.Value), goalFigure(p.Forecast)
				if p.Share != nil {
					line[9] = fmt.Sprintf("%.0f %%", *p.Share*100)
				}
			}
			return line
		},
	}
}

func goalFigure(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', 6, 64)
}

func flatten(all []goal.Standing, into []goal.Standing) []goal.Standing {
	for i := range all {
		g := all[i]
		below := g.Serving
		g.Serving = nil
		into = flatten(below, append(into, g))
	}
	return into
}

func (c *command) goalList() *cobra.Command {
	var closed bool
	cmd := &cobra.Command{
		Use: "list", Short: "List goals, each below what it serves, with how they stand", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withGoals(cmd.Context(), func(s *goal.Service) error {
				all, err := s.Tree(cmd.Context(), closed)
				if err != nil {
					return err
				}
				return printAll(c, goalTable(), flatten(all, nil))
			})
		},
	}
	cmd.Flags().BoolVar(&closed, "closed", false, "closed ones, too")
	return cmd
}

// goalDetail is all about a goal.
type goalDetail struct {
	goal.Standing

	CheckIns []goal.CheckIn `json:"check_ins"`
}

func (c *command) goalShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show a goal with its progress and check-ins, as JSON", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := goalID(args[0])
			if err != nil {
				return err
			}
			return c.withGoals(cmd.Context(), func(s *goal.Service) error {
				st, err := s.Get(cmd.Context(), id)
				if err != nil {
					return err
				}
				words, err := s.CheckIns(cmd.Context(), id)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, goalDetail{Standing: st, CheckIns: words})
			})
		},
	}
}

func goalID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of a goal; `greenroom goal list` has them", text)
	}
	return id, nil
}

func (c *command) goalAdd() *cobra.Command {
	var d goal.Draft
	var m goal.Measure
	var kind, audience, letter, how, target, baseline string
	cmd := &cobra.Command{
		Use: "add TITLE", Short: "Make a goal, or with --metric and --target a key result", Args: cobra.ExactArgs(1),
		Example: "  greenroom goal add 'More trials become customers' --kind company --from 2026-10-01 --to 2026-12-31\n  greenroom goal add 'More questions are answered within a day' --serves 2 --metric response_within_target --target 50% --from 2026-10-01 --to 2026-12-31",
		RunE: func(cmd *cobra.Command, args []string) error {
			d.Title, d.Kind, d.Audience, d.Letter = args[0], goal.Kind(strings.ReplaceAll(kind, "-", "_")), goal.Audience(audience), goal.Letter(strings.ToUpper(letter))
			if m.Metric != "" {
				metric, err := analytics.Lookup(m.Metric)
				if err != nil {
					return err
				}
				d.Kind, m.How = goal.KeyResult, goal.How(how)
				if m.Target, err = goal.ParseFigure(metric.Unit, target); err != nil {
					return err
				}
				if baseline != "" {
					v, err := goal.ParseFigure(metric.Unit, baseline)
					if err != nil {
						return err
					}
					m.Baseline = &v
				}
				d.Measure = &m
			}
			return c.withGoals(cmd.Context(), func(s *goal.Service) error {
				g, err := s.Add(cmd.Context(), d, byCommandLine, true)
				if err != nil {
					return err
				}
				st, err := s.Get(cmd.Context(), g.ID)
				if err != nil {
					return err
				}
				return printAll(c, goalTable(), []goal.Standing{st})
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&kind, "kind", "community", "company or community; with --metric it is a key result")
	flags.Int64Var(&d.Parent, "serves", 0, "the goal that it serves, by number")
	flags.StringVar(&d.Why, "why", "", "what it is for")
	flags.StringVar(&audience, "audience", "external", "external or internal")
	flags.StringVar(&letter, "letter", "", "of SPACES: S, P, A, C, E or U")
	flags.StringVar(&d.Owner, "owner", "", "who answers for it")
	flags.StringVar(&d.From, "from", "", "first day, as 2026-10-01")
	flags.StringVar(&d.To, "to", "", "last day")
	flags.StringVar(&m.Metric, "metric", "", "of a key result: a metric, see `greenroom metric`")
	flags.StringVar(&target, "target", "", "where it is to come to: 42%, 120 or 4h")
	flags.StringVar(&baseline, "baseline", "", "where it began (default: read from the metric)")
	flags.StringVar(&how, "how", "level", "level: the last whole period; total: since the first day")
	flags.StringVar(&m.Every, "every", "month", "week, month or quarter")
	flags.StringVarP(&m.Query, "query", "q", "", "what counts, in the query language")
	flags.StringVar(&m.Segment, "segment", "", "whose activities count: a query about members")
	flags.StringVar(&m.Entry, "entry", "", "trial or customer: each figure is of the organizations that came in in its period")
	return cmd
}

func (c *command) goalCheckIn() *cobra.Command {
	var confidence int
	var note string
	cmd := &cobra.Command{
		Use: "check-in ID", Short: "Say how sure you are of a goal; its figure of now is kept with it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := goalID(args[0])
			if err != nil {
				return err
			}
			return c.withGoals(cmd.Context(), func(s *goal.Service) error {
				w, err := s.CheckIn(cmd.Context(), id, confidence, note, byCommandLine)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, w)
			})
		},
	}
	cmd.Flags().IntVar(&confidence, "confidence", 50, "how sure you are, in percent")
	cmd.Flags().StringVar(&note, "note", "", "what happened")
	return cmd
}

func (c *command) goalClose() *cobra.Command {
	var r goal.Retro
	cmd := &cobra.Command{
		Use: "close ID", Short: "Close a goal with a retrospective", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := goalID(args[0])
			if err != nil {
				return err
			}
			return c.withGoals(cmd.Context(), func(s *goal.Service) error {
				g, err := s.Close(cmd.Context(), id, r, byCommandLine)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, g)
			})
		},
	}
	cmd.Flags().StringVar(&r.Outcome, "outcome", "", "what came out, in words")
	cmd.Flags().StringVar(&r.Learned, "learned", "", "what we learned")
	cmd.Flags().StringVar(&r.Next, "next", "", "what we do otherwise from now on")
	return cmd
}
