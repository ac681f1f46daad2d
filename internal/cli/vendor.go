// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/maturity"
	"greenroom/internal/server"
	"greenroom/internal/tool"
)

func (c *command) vendorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "vendor", Short: "Compare vendors by weighted criteria before one is chosen",
		Long: "A review has criteria with weights and candidates; several people give scores from 0 to 5. The scorecard has weighted totals, and says which weight would change the winner.",
	}
	cmd.AddCommand(
		c.toolJSON("list", "List reviews with their scorecards, as JSON", cobra.NoArgs, func(ctx context.Context, s *tool.Service, _ []string) (any, error) { return s.Reviews(ctx) }),
		c.toolJSON("show ID", "Show a scorecard, as JSON", cobra.ExactArgs(1), func(ctx context.Context, s *tool.Service, args []string) (any, error) {
			id, err := toolID(args[0])
			if err != nil {
				return nil, err
			}
			return s.Review(ctx, id)
		}),
		c.vendorAdd(), c.vendorScore(), c.vendorDecide(),
	)
	return cmd
}

func (c *command) vendorAdd() *cobra.Command {
	var d tool.ReviewDraft
	var template string
	var criteria, candidates []string
	cmd := c.toolJSON("add TITLE", "Begin a review, with criteria of a template or one's own", cobra.ExactArgs(1), func(ctx context.Context, s *tool.Service, args []string) (any, error) {
		d.Title = args[0]
		var err error
		if d.Criteria, err = tool.ReadCriteria(strings.Join(criteria, "\n")); err != nil {
			return nil, err
		}
		if len(d.Criteria) == 0 {
			t, err := tool.FindTemplate(template)
			if err != nil {
				return nil, err
			}
			d.Criteria = t.Criteria()
			if d.Category == "" {
				d.Category = t.Category
			}
		}
		d.Candidates = tool.ReadCandidates(strings.Join(candidates, "\n"))
		return s.AddReview(ctx, d, byCommandLine)
	})
	cmd.Example = "  greenroom vendor add 'A forum for 2027' --template platform --candidate 'Forum | https://forum.example | 1,200 EUR a year' --candidate Board"
	cmd.Flags().StringVar(&template, "template", "platform", "platform, crm, analytics, events, surveys, support or automation")
	cmd.Flags().StringArrayVar(&criteria, "criterion", nil, "'weight | name | what a good one looks like'; several times")
	cmd.Flags().StringArrayVar(&candidates, "candidate", nil, "'name | address | cost'; several times")
	cmd.Flags().StringVar(&d.Why, "why", "", "what for")
	cmd.Flags().StringVar(&d.Owner, "owner", "", "who answers for it")
	cmd.Flags().StringVar(&d.Category, "category", "", "what kind of tool it is")
	return cmd
}

func (c *command) vendorScore() *cobra.Command {
	var person, note string
	cmd := c.toolJSON("score ID CANDIDATE CRITERION=SCORE...", "Give scores from 0 to 5 by the keys of the scorecard; -1 takes one back", cobra.MinimumNArgs(3), func(ctx context.Context, s *tool.Service, args []string) (any, error) {
		id, err := toolID(args[0])
		if err != nil {
			return nil, err
		}
		var all []tool.Score
		for _, text := range args[2:] {
			key, value, _ := strings.Cut(text, "=")
			score, err := strconv.Atoi(value)
			if err != nil {
				return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is no score; write CRITERION=4", text)
			}
			all = append(all, tool.Score{Candidate: args[1], Criterion: key, Score: score, Note: note})
		}
		return s.Give(ctx, id, all, person)
	})
	cmd.Flags().StringVar(&person, "person", byCommandLine, "whose scores they are")
	cmd.Flags().StringVar(&note, "note", "", "why")
	return cmd
}

func (c *command) vendorDecide() *cobra.Command {
	var v tool.Verdict
	cmd := c.toolJSON("decide ID [CANDIDATE]", "Record what was chosen; without a candidate none of them, and without --why open it again", cobra.RangeArgs(1, 2), func(ctx context.Context, s *tool.Service, args []string) (any, error) {
		id, err := toolID(args[0])
		if err != nil {
			return nil, err
		}
		card, err := s.Review(ctx, id)
		if err != nil {
			return nil, err
		}
		if len(args) == 2 {
			v.Candidate = args[1]
		}
		return s.Decide(ctx, id, card.Version, v, byCommandLine)
	})
	cmd.Flags().StringVar(&v.Why, "why", "", "in words")
	cmd.Flags().StringVar(&v.Objections, "objections", "", "what was said against it")
	return cmd
}

func (c *command) maturityCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "maturity", Short: "Say where the community stands: stage, competencies, and what the next stage needs",
		Long: "The stage comes from checks on data, the eight competencies from what people answer and what data tell. An assessment that is kept becomes part of the history.",
	}
	cmd.AddCommand(
		c.maturityShow(),
		c.maturityDo("answer QUESTION=LEVEL...", "Answer questions by their keys with 1 to 4; 0 takes an answer back", cobra.MinimumNArgs(1), func(ctx context.Context, s *maturity.Service, args []string, o *maturityFlags) (any, error) {
			var all []maturity.Answer
			for _, text := range args {
				key, value, _ := strings.Cut(text, "=")
				level, err := strconv.Atoi(value)
				if err != nil {
					return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is no answer; write QUESTION=3", text)
				}
				all = append(all, maturity.Answer{Question: key, Level: level, Note: o.note})
			}
			return s.Answer(ctx, all, o.person)
		}),
		c.maturityDo("keep", "Keep an assessment of now", cobra.NoArgs, func(ctx context.Context, s *maturity.Service, _ []string, o *maturityFlags) (any, error) {
			return s.Keep(ctx, o.note, o.person)
		}),
		c.maturityDo("history", "List assessments that were kept, as JSON", cobra.NoArgs, func(ctx context.Context, s *maturity.Service, _ []string, _ *maturityFlags) (any, error) {
			return s.Assessments(ctx)
		}),
		c.maturityDo("plan IDEA", "Make the plan of an idea, as a draft", cobra.ExactArgs(1), func(ctx context.Context, s *maturity.Service, args []string, o *maturityFlags) (any, error) {
			id, err := s.Plan(ctx, args[0], o.person)
			return map[string]int64{"plan": id}, err
		}),
		c.maturityDo("settings [STAGE|data] [MONTHS]", "Show or set the stage and after how many months it is looked at again", cobra.MaximumNArgs(2), func(ctx context.Context, s *maturity.Service, args []string, o *maturityFlags) (any, error) {
			v, err := s.Settings(ctx)
			if err != nil || len(args) == 0 {
				return v, err
			}
			v.Stage = maturity.Stage(strings.TrimPrefix(args[0], "data"))
			if len(args) == 2 {
				if v.Months, err = strconv.Atoi(args[1]); err != nil {
					return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is no number of months", args[1])
				}
			}
			return v, s.Set(ctx, v, o.person)
		}),
	)
	return cmd
}

// maturityFlags are those that its commands share.
type maturityFlags struct{ person, note string }

func (c *command) withMaturity(ctx context.Context, f func(*maturity.Service) error) error {
	return c.with(ctx, func(app *server.App) error {
		engine, err := c.figures(ctx, app)
		if err != nil {
			return err
		}
		return f(app.Maturity(engine, app.Stack(engine, nil)))
	})
}

func (c *command) maturityDo(use, short string, args cobra.PositionalArgs, do func(context.Context, *maturity.Service, []string, *maturityFlags) (any, error)) *cobra.Command {
	var o maturityFlags
	cmd := &cobra.Command{Use: use, Short: short, Args: args, RunE: func(cmd *cobra.Command, args []string) error {
		return c.withMaturity(cmd.Context(), func(s *maturity.Service) error {
			v, err := do(cmd.Context(), s, args, &o)
			if err != nil {
				return err
			}
			return writeJSON(c.io.Out, v)
		})
	}}
	cmd.Flags().StringVar(&o.person, "person", byCommandLine, "who says so")
	cmd.Flags().StringVar(&o.note, "note", "", "what is said with it")
	return cmd
}

func (c *command) maturityShow() *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Show where the community stands; with --format json all of it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withMaturity(cmd.Context(), func(s *maturity.Service) error {
				r, err := s.Result(cmd.Context())
				if err != nil {
					return err
				}
				if c.format == "json" {
					return writeJSON(c.io.Out, r)
				}
				c.say("Stage: %s (data say %s)\n", r.Stage.Label(), r.Measured.Label())
				return printAll(c, table[maturity.Standing]{head: []string{"competency", "level", "low", "high", "known"}, row: func(x *maturity.Standing) []string {
					line := []string{x.Name, "", "", "", strconv.Itoa(x.Known)}
					if x.Level != nil {
						for i, v := range []float64{*x.Level, x.Low, x.High} {
							line[i+1] = strconv.FormatFloat(v, 'f', 1, 64)
						}
					}
					return line
				}}, r.Standing)
			})
		},
	}
}
