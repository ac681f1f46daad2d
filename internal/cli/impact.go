// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/proof"
	"greenroom/internal/server"
)

func (c *command) impactCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "impact", Short: "Say what the community does for the business, and how far that is known",
		Long: "Measures with their definitions, studies of what would have happened without, what the community costs, and what is assumed.",
	}
	cmd.AddCommand(c.impactMeasures(), c.impactMeasure(), c.impactStudy(), c.impactCosts(), c.impactAssume())
	return cmd
}

// withProof runs f with the service, over figures.
func (c *command) withProof(ctx context.Context, f func(*proof.Service) error) error {
	return c.with(ctx, func(app *server.App) error {
		engine, err := c.figures(ctx, app)
		if err != nil {
			return err
		}
		return f(app.Proof(engine))
	})
}

func (c *command) impactMeasures() *cobra.Command {
	return &cobra.Command{
		Use: "measures", Short: "List the measures with their definitions", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return printAll(c, table[proof.Measure]{head: []string{"key", "label", "for", "unit", "definition", "source"}, row: func(m *proof.Measure) []string {
				return []string{m.Key, m.Label, m.For, string(m.Unit), m.Definition, m.Sources[0].URL}
			}}, proof.Measures())
		},
	}
}

// impactSpan adds flags of a time and reads them.
func impactSpan(cmd *cobra.Command) func(now time.Time) (from, to time.Time, err error) {
	first := cmd.Flags().String("from", "", "first day, as 2026-01-01 (default: 90 days ago)")
	last := cmd.Flags().String("to", "", "last day (default: yesterday)")
	return func(now time.Time) (from, to time.Time, err error) {
		to = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
		from = to.AddDate(0, 0, -90)
		if *last != "" {
			if to, err = time.ParseInLocation(time.DateOnly, *last, now.Location()); err != nil {
				return from, to, greenroom.Errorf(greenroom.CodeInvalid, "%q is no day; write it as 2026-01-31", *last)
			}
			to = to.AddDate(0, 0, 1)
			from = to.AddDate(0, 0, -90)
		}
		if *first != "" {
			if from, err = time.ParseInLocation(time.DateOnly, *first, now.Location()); err != nil {
				return from, to, greenroom.Errorf(greenroom.CodeInvalid, "%q is no day; write it as 2026-01-31", *first)
			}
		}
		return from, to, nil
	}
}

func (c *command) impactMeasure() *cobra.Command {
	var records bool
	cmd := &cobra.Command{
		Use: "measure [KEY]", Short: "Compute a measure, or all, in a time", Args: cobra.MaximumNArgs(1),
		Example: "  greenroom impact measure\n  greenroom impact measure pipeline_influenced --from 2026-01-01 --to 2026-03-31 --records",
	}
	span := impactSpan(cmd)
	cmd.Flags().BoolVar(&records, "records", false, "the records that it counts")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.with(cmd.Context(), func(app *server.App) error {
			engine, err := c.figures(cmd.Context(), app)
			if err != nil {
				return err
			}
			from, to, err := span(app.Now())
			if err != nil {
				return err
			}
			s := app.Proof(engine)
			switch {
			case len(args) == 0:
				all, err := s.Figures(cmd.Context(), from, to)
				if err != nil {
					return err
				}
				return printAll(c, impactFigures(), all)
			case records:
				all, err := s.Records(cmd.Context(), args[0], from, to)
				if err != nil {
					return err
				}
				return printAll(c, table[proof.Record]{head: []string{"name", "organization", "member", "at", "value", "note"}, row: func(r *proof.Record) []string {
					return []string{r.Name, number(r.Organization), number(r.Member), impactDay(r.At), goalFigure(&r.Value), r.Note}
				}}, all)
			}
			f, err := s.Measure(cmd.Context(), args[0], from, to)
			if err != nil {
				return err
			}
			return writeJSON(c.io.Out, f)
		})
	}
	return cmd
}

func impactDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func impactFigures() table[proof.Figure] {
	return table[proof.Figure]{head: []string{"measure", "value", "low", "high", "unit", "records", "of", "verdict", "not known"}, row: func(f *proof.Figure) []string {
		return []string{f.Key, goalFigure(f.Value), goalFigure(f.Low), goalFigure(f.High), string(f.Unit), strconv.Itoa(f.Count), strconv.Itoa(f.Of), string(f.Verdict), strings.Join(f.Unknown, " ")}
	}}
}

func (c *command) impactStudy() *cobra.Command {
	cmd := &cobra.Command{Use: "study", Short: "Ask what would have happened without"}
	cmd.AddCommand(c.impactStudies(), c.impactStudyAdd(), c.impactStudyRun(), c.impactStudyShow(), c.impactStudyRemove())
	return cmd
}

func impactStudyTable() table[proof.Study] {
	return table[proof.Study]{head: []string{"id", "title", "exposure", "outcome", "from", "to", "state", "light", "says"}, row: func(x *proof.Study) []string {
		line := []string{number(x.ID), x.Title, string(x.Exposure.Kind), string(x.Outcome.Kind), x.From, x.To, "not run", "", ""}
		if r := x.Latest; r != nil {
			line[6] = string(r.State)
			line[8] = r.Problem
			if r.Result != nil {
				line[7], line[8] = string(r.Result.Light), r.Result.Says
			}
		}
		return line
	}}
}

func (c *command) impactStudies() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List studies with their newest result", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.withProof(cmd.Context(), func(s *proof.Service) error {
			all, err := s.List(cmd.Context())
			if err != nil {
				return err
			}
			return printAll(c, impactStudyTable(), all)
		})
	}}
}

func (c *command) impactStudyAdd() *cobra.Command {
	var d proof.Draft
	var exposure, outcome string
	cmd := &cobra.Command{
		Use: "add TITLE", Short: "Make a study; it is not run yet", Args: cobra.ExactArgs(1),
		Example: "  greenroom impact study add 'Does the welcome help?' --of workflow --ref 1 --on active --days 30 --from 2026-01-01 --to 2026-03-31\n" +
			"  greenroom impact study add 'Does an answer within a day keep people?' --of answer --hours 24 --on says --days 60 --from 2026-01-01 --to 2026-06-30\n" +
			"  greenroom impact study add 'Did the launch bring people?' --of launch --day 2026-04-01 --on metric --metric active_members --from 2026-01-01 --to 2026-06-30\n" +
			"  greenroom impact study add 'Do accounts that are here renew?' --of community --span 90 --on renewed --from 2025-01-01 --to 2026-03-31",
		RunE: func(cmd *cobra.Command, args []string) error {
			d.Title, d.Exposure.Kind, d.Outcome.Kind = args[0], proof.ExposureKind(exposure), proof.OutcomeKind(outcome)
			return c.withProof(cmd.Context(), func(s *proof.Service) error {
				x, err := s.Add(cmd.Context(), d, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, impactStudyTable(), []proof.Study{x})
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&exposure, "of", "", "what they were exposed to: workflow, program, event, survey, activity, team, answer, launch or community (of accounts)")
	f.Int64Var(&d.Exposure.Ref, "ref", 0, "number of the workflow, program, event or survey")
	f.StringVar(&d.Exposure.Query, "what", "", "of activity: a query over activities; of launch: a query over members whom it concerned")
	f.IntVar(&d.Exposure.Hours, "hours", 0, "of team and answer: within how many hours")
	f.StringVar(&d.Exposure.Day, "day", "", "of launch: its day")
	f.StringVar(&outcome, "on", "active", "active, says, acts, stays, next, monthly, or metric; of accounts won, closes, renewed, expanded or leaves")
	f.IntVar(&d.Exposure.Days, "span", 0, "of community: in how many days before somebody was there (default 90)")
	f.StringVar((*string)(&d.Likes), "likes", "", "how likes are found: left out by propensity, or bands (coarsened exact matching)")
	f.StringVar(&d.Control, "control", "", "a query over activities that it cannot have changed: without one the light is weak evidence at best")
	f.IntVar(&d.Outcome.Days, "days", 30, "within how many days; of stays, how many days without anything end it")
	f.StringVar(&d.Outcome.Metric, "metric", "", "of a launch: the metric")
	f.StringVar(&d.Population, "among", "", "a query over members, of accounts over organizations (default: all but the team and bots; all accounts)")
	f.StringVar(&d.From, "from", "", "first day, as 2026-01-01")
	f.StringVar(&d.To, "to", "", "last day")
	f.StringVar(&d.Decides, "decides", "", "what will be decided by it")
	f.StringSliceVar(&d.Measures, "measure", nil, "a measure beside which its light stands; may be repeated")
	return cmd
}

func impactID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is no number of a list; `greenroom impact study list` and `greenroom impact costs` have them", text)
	}
	return id, nil
}

func (c *command) impactStudyRun() *cobra.Command {
	return &cobra.Command{Use: "run ID", Short: "Compute a study over the data of now, and keep the result", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		id, err := impactID(args[0])
		if err != nil {
			return err
		}
		return c.withProof(cmd.Context(), func(s *proof.Service) error {
			r, err := s.Ask(cmd.Context(), id, byCommandLine)
			if err != nil {
				return err
			}
			if err := s.WorkOnce(cmd.Context()); err != nil {
				return err
			}
			if r, err = s.Run(cmd.Context(), r.ID); err != nil {
				return err
			}
			if r.State == proof.Failed {
				return greenroom.Errorf(greenroom.CodeInvalid, "%s", r.Problem)
			}
			return writeJSON(c.io.Out, r)
		})
	}}
}

// impactStudyDetail is all about a study.
type impactStudyDetail struct {
	proof.Study

	Runs []proof.Run `json:"runs"`
}

func (c *command) impactStudyShow() *cobra.Command {
	return &cobra.Command{Use: "show ID", Short: "Show a study with all its runs, as JSON", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		id, err := impactID(args[0])
		if err != nil {
			return err
		}
		return c.withProof(cmd.Context(), func(s *proof.Service) error {
			x, err := s.Get(cmd.Context(), id)
			if err != nil {
				return err
			}
			x.Latest = nil
			runs, err := s.Runs(cmd.Context(), id)
			if err != nil {
				return err
			}
			return writeJSON(c.io.Out, impactStudyDetail{x, runs})
		})
	}}
}

func (c *command) impactStudyRemove() *cobra.Command {
	var back bool
	cmd := &cobra.Command{Use: "remove ID", Short: "Take a study off the list; its results are kept", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		id, err := impactID(args[0])
		if err != nil {
			return err
		}
		return c.withProof(cmd.Context(), func(s *proof.Service) error {
			x, err := s.Get(cmd.Context(), id)
			if err != nil {
				return err
			}
			if x, err = s.Remove(cmd.Context(), id, x.Version, back, byCommandLine); err != nil {
				return err
			}
			c.say("Study %d is %s.\n", x.ID, x.State)
			return nil
		})
	}}
	cmd.Flags().BoolVar(&back, "back", false, "put it back")
	return cmd
}

func impactCostTable() table[proof.Cost] {
	return table[proof.Cost]{head: []string{"id", "name", "category", "rhythm", "from", "until", "amount", "currency", "share", "note"}, row: func(x *proof.Cost) []string {
		return []string{number(x.ID), x.Name, x.Category, x.Rhythm, x.From, x.Until, goalFigure(&x.Amount), x.Currency, goalFigure(&x.Share), x.Note}
	}}
}

func (c *command) impactCosts() *cobra.Command {
	cmd := &cobra.Command{Use: "costs", Short: "List what the community costs", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.withProof(cmd.Context(), func(s *proof.Service) error {
			all, err := s.Costs(cmd.Context())
			if err != nil {
				return err
			}
			return printAll(c, impactCostTable(), all)
		})
	}}
	cmd.AddCommand(c.impactCostAdd(), &cobra.Command{Use: "import FILE", Short: "Add lines from a CSV file: all, or none", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		file, err := os.Open(args[0])
		if err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: fmt.Sprintf("the file %s cannot be opened", args[0]), Err: err}
		}
		defer func() { _ = file.Close() }()
		lines, err := proof.ReadCosts(file)
		if err != nil {
			return err
		}
		return c.addCosts(cmd, lines)
	}}, &cobra.Command{Use: "remove ID", Short: "Take a line away", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		id, err := impactID(args[0])
		if err != nil {
			return err
		}
		return c.withProof(cmd.Context(), func(s *proof.Service) error {
			all, err := s.Costs(cmd.Context())
			if err != nil {
				return err
			}
			for i := range all {
				if all[i].ID == id {
					_, err = s.ChangeCost(cmd.Context(), all[i], true, byCommandLine)
					return err
				}
			}
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no cost %d", id)
		})
	}})
	return cmd
}

func (c *command) addCosts(cmd *cobra.Command, lines []proof.Cost) error {
	return c.withProof(cmd.Context(), func(s *proof.Service) error {
		out, err := s.AddCosts(cmd.Context(), lines, byCommandLine)
		if err != nil {
			return err
		}
		return printAll(c, impactCostTable(), out)
	})
}

func (c *command) impactCostAdd() *cobra.Command {
	var x proof.Cost
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Add a line", Args: cobra.ExactArgs(1),
		Example: "  greenroom impact costs add 'Community manager' --category people --rhythm monthly --from 2026-01-01 --hours 160 --rate 60 --currency EUR",
		RunE: func(cmd *cobra.Command, args []string) error {
			x.Name = args[0]
			return c.addCosts(cmd, []proof.Cost{x})
		},
	}
	f := cmd.Flags()
	f.StringVar(&x.Category, "category", "other", strings.Join(proof.Categories(), ", "))
	f.StringVar(&x.Rhythm, "rhythm", proof.Once, strings.Join(proof.Rhythms(), ", "))
	f.StringVar(&x.From, "from", "", "the day on which it is due, or from which on it is")
	f.StringVar(&x.Until, "until", "", "the last day")
	f.Float64Var(&x.Amount, "amount", 0, "what is due each time")
	f.StringVar(&x.Currency, "currency", "EUR", "its currency")
	f.Float64Var(&x.Hours, "hours", 0, "of people's time: hours each time")
	f.Float64Var(&x.Rate, "rate", 0, "of people's time: the loaded cost of an hour")
	f.Float64Var(&x.Share, "share", 0, "of it that is the community's, 0 to 1 (default: all)")
	f.StringVar(&x.Note, "note", "", "where the figure comes from")
	return cmd
}

func (c *command) impactAssume() *cobra.Command {
	var in proof.Input
	cmd := &cobra.Command{
		Use: "assume [KEY]", Short: "List what measures assume, or set one", Args: cobra.MaximumNArgs(1),
		Example: "  greenroom impact assume case.cost --low 10 --likely 12 --high 20 --origin 'support, 2025'",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withProof(cmd.Context(), func(s *proof.Service) error {
				all, err := s.Inputs(cmd.Context())
				if err != nil {
					return err
				}
				if len(args) == 1 {
					in.Key = args[0]
					for i := range all {
						if all[i].Key == in.Key {
							in.Version = all[i].Version
						}
					}
					if !cmd.Flags().Changed("low") {
						in.Low = in.Likely
					}
					if !cmd.Flags().Changed("high") {
						in.High = in.Likely
					}
					set, err := s.SetInput(cmd.Context(), in, byCommandLine)
					if err != nil {
						return err
					}
					all = []proof.Input{set}
				}
				return printAll(c, table[proof.Input]{head: []string{"key", "name", "low", "likely", "high", "words", "origin"}, row: func(i *proof.Input) []string {
					return []string{i.Key, i.Name, goalFigure(&i.Low), goalFigure(&i.Likely), goalFigure(&i.High), strings.Join(i.Words, ", "), i.Origin}
				}}, all)
			})
		},
	}
	f := cmd.Flags()
	f.Float64Var(&in.Likely, "likely", 0, "the most likely")
	f.Float64Var(&in.Low, "low", 0, "the least that would not surprise (default: the likely)")
	f.Float64Var(&in.High, "high", 0, "the greatest that would not surprise (default: the likely)")
	f.StringSliceVar(&in.Words, "words", nil, "of lists of words: the words")
	f.StringVar(&in.Origin, "origin", "", "where it comes from")
	return cmd
}
