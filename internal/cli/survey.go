// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/server"
	"greenroom/internal/survey"
)

func (c *command) surveyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "survey", Short: "Ask members, and see what came of it",
		Long: "A survey asks members by personal links, by an open link, or both. SURVEY is its key. What is asked stands in a JSON file, as docs/surveys.md describes.",
	}
	cmd.AddCommand(c.surveyList(), c.surveyShow(), c.surveyAdd(), c.surveyEdit(), c.surveyOpen(), c.surveyClose(), c.surveySend(), c.surveyInvite(), c.surveyResults(), c.surveyBias(), c.surveyAnswers(), c.surveyImport(), c.surveyTranslations(), c.surveyTranslate(), c.surveyRemove())
	return cmd
}

// surveys opens surveys around f, and has what was answered become activities.
func (c *command) surveys(ctx context.Context, f func(s *server.Surveys) error) error {
	return c.with(ctx, func(app *server.App) error {
		s := app.Surveys(nil, "")
		if err := f(s); err != nil {
			return err
		}
		return s.Tell(ctx)
	})
}

func surveyTable() table[survey.Survey] {
	return table[survey.Survey]{
		head: []string{"key", "name", "state", "asked", "answered", "half way", "who", "query"},
		row: func(v *survey.Survey) []string {
			return []string{v.Key, v.Name, string(v.State), number(v.Asked), number(v.Answered), number(v.Partial), string(v.Settings.Who), v.Settings.Query}
		},
	}
}

func (c *command) surveyList() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List surveys", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.surveys(cmd.Context(), func(s *server.Surveys) error {
			all, err := s.List(cmd.Context())
			if err != nil {
				return err
			}
			return printAll(c, surveyTable(), all)
		})
	}}
}

func (c *command) surveyShow() *cobra.Command {
	return &cobra.Command{Use: "show SURVEY", Short: "Show a survey, as JSON", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return c.surveys(cmd.Context(), func(s *server.Surveys) error {
			v, err := s.Get(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return writeJSON(c.io.Out, v)
		})
	}}
}

// maxSurveyFile is the size of a file in bytes.
const maxSurveyFile = 1 << 20

func readSurvey(path string) (*survey.New, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: path + " cannot be read", Err: err}
	}
	defer func() { _ = file.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(file, maxSurveyFile))
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: path + " cannot be read", Err: err}
	}
	n, err := survey.ParseNew(data)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: path + ": " + greenroom.ErrorMessage(err), Err: err}
	}
	return n, nil
}

func (c *command) surveyAdd() *cobra.Command {
	template := ""
	cmd := &cobra.Command{
		Use: "add [FILE]", Short: "Make a survey of a JSON file, or of a template; it is a draft until it is opened", Args: cobra.MaximumNArgs(1),
		Example: "  greenroom survey add nps.json\n  greenroom survey add --template 'Community NPS'",
		RunE: func(cmd *cobra.Command, args []string) error {
			var n *survey.New
			var names []string
			for _, t := range survey.Templates() {
				names = append(names, t.Name)
				if strings.EqualFold(t.Name, template) {
					n = &t.New
				}
			}
			switch {
			case len(args) == 1 && template == "":
				var err error
				if n, err = readSurvey(args[0]); err != nil {
					return err
				}
			case n == nil:
				return greenroom.Errorf(greenroom.CodeInvalid, "name a file, or with --template one of: %s", strings.Join(names, ", "))
			}
			return c.surveys(cmd.Context(), func(s *server.Surveys) error {
				v, err := s.Add(cmd.Context(), n, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, surveyTable(), []survey.Survey{v})
			})
		},
	}
	cmd.Flags().StringVar(&template, "template", "", "begin with a template instead of a file")
	return cmd
}

func (c *command) surveyEdit() *cobra.Command {
	revision := ""
	cmd := &cobra.Command{
		Use: "edit SURVEY FILE", Short: "Change name, settings and definition to those of a file", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := readSurvey(args[1])
			if err != nil {
				return err
			}
			change := survey.Change{Revision: revision}
			if n.Name != "" {
				change.Name = &n.Name
			}
			if n.Settings != (survey.Settings{}) {
				change.Settings = &n.Settings
			}
			if len(n.Definition) > 0 {
				if change.Definition, err = survey.Parse(n.Definition); err != nil {
					return err
				}
			}
			return c.oneSurvey(cmd.Context(), func(s *server.Surveys) (survey.Survey, error) {
				return s.Edit(cmd.Context(), args[0], change, byCommandLine)
			})
		},
	}
	cmd.Flags().StringVar(&revision, "revision", "", "only while the survey is still the one that show gave this revision of")
	return cmd
}

// oneSurvey does something to a survey and shows it.
func (c *command) oneSurvey(ctx context.Context, do func(s *server.Surveys) (survey.Survey, error)) error {
	return c.surveys(ctx, func(s *server.Surveys) error {
		v, err := do(s)
		if err != nil {
			return err
		}
		return printAll(c, surveyTable(), []survey.Survey{v})
	})
}

func (c *command) surveyOpen() *cobra.Command {
	return &cobra.Command{Use: "open SURVEY", Short: "Have a survey take answers", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return c.oneSurvey(cmd.Context(), func(s *server.Surveys) (survey.Survey, error) {
			return s.Open(cmd.Context(), args[0], byCommandLine)
		})
	}}
}

func (c *command) surveyClose() *cobra.Command {
	return &cobra.Command{Use: "close SURVEY", Short: "Have a survey take no more answers", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return c.oneSurvey(cmd.Context(), func(s *server.Surveys) (survey.Survey, error) {
			return s.Close(cmd.Context(), args[0], byCommandLine)
		})
	}}
}

func (c *command) surveySend() *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use: "send SURVEY", Short: "Ask everybody whom a survey is for; a server that runs sends the messages", Args: cobra.ExactArgs(1),
		Long: "Send invites the random share of those whom the survey's query fits. Without --yes it says how many that would be.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.surveys(cmd.Context(), func(s *server.Surveys) error {
				round, err := s.Preview(cmd.Context(), args[0])
				if yes && err == nil {
					round, err = s.Send(cmd.Context(), args[0], byCommandLine)
				}
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, round)
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	return cmd
}

func (c *command) surveyInvite() *cobra.Command {
	return &cobra.Command{Use: "invite SURVEY MEMBER", Short: "Ask one member, by id", Args: cobra.ExactArgs(2), RunE: func(cmd *cobra.Command, args []string) error {
		id, err := strconv.ParseInt(args[1], 10, 64)
		if err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "%q is no id of a member", args[1])
		}
		return c.surveys(cmd.Context(), func(s *server.Surveys) error {
			o, err := s.Invite(cmd.Context(), args[0], id, outbox.Origin{Kind: "person"})
			if err != nil {
				return err
			}
			return writeJSON(c.io.Out, o)
		})
	}}
}

func resultTable() table[survey.Result] {
	return table[survey.Result]{
		head: []string{"question", "type", "answers", "figure", "95 % interval", "text"},
		row: func(r *survey.Result) []string {
			var figure, interval string
			switch {
			case r.NPS != nil:
				figure, interval = decimal(r.NPS.Value), decimal(r.NPS.Low)+" to "+decimal(r.NPS.High)
			case r.Top != nil && r.Type == survey.CSAT:
				figure, interval = decimal(100*r.Top.Value)+" %", decimal(100*r.Top.Low)+" to "+decimal(100*r.Top.High)+" %"
			case r.Mean != nil:
				figure, interval = fmt.Sprintf("%.2f", r.Mean.Value), fmt.Sprintf("%.2f to %.2f", r.Mean.Low, r.Mean.High)
			default:
				var parts []string
				for _, b := range r.Bars {
					parts = append(parts, b.Value+" "+number(b.Count))
				}
				figure = strings.Join(parts, ", ")
			}
			return []string{r.Question, string(r.Type), number(r.N), figure, interval, r.Text}
		},
	}
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

func (c *command) surveyResults() *cobra.Command {
	only := ""
	cmd := &cobra.Command{Use: "results SURVEY", Short: "Show what came of a survey, with intervals; as JSON with all there is", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return c.surveys(cmd.Context(), func(s *server.Surveys) error {
			r, err := s.Results(cmd.Context(), args[0], only)
			switch {
			case err != nil:
				return err
			case c.format == "json":
				return writeJSON(c.io.Out, r)
			}
			if r.Rate != nil {
				c.say("%d of %d who were asked answered: %.0f %% (95 %%: %.0f to %.0f %%)\n", r.Reached, r.Asked, 100*r.Rate.Value, 100*r.Rate.Low, 100*r.Rate.High)
			}
			if r.Few {
				c.say("Fewer than five answered; so that nobody can be told apart, nothing is shown.\n")
			}
			return printAll(c, resultTable(), r.Questions)
		})
	}}
	cmd.Flags().StringVar(&only, "query", "", "only answers of members whom this query fits")
	return cmd
}

func (c *command) surveyBias() *cobra.Command {
	by := "activity"
	cmd := &cobra.Command{Use: "bias SURVEY", Short: "Compare who answered with who was asked", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return c.surveys(cmd.Context(), func(s *server.Surveys) error {
			dim, err := s.Dimension(cmd.Context(), by)
			if err != nil {
				return err
			}
			b, err := s.Bias(cmd.Context(), args[0], dim)
			switch {
			case err != nil:
				return err
			case c.format == "json":
				return writeJSON(c.io.Out, b)
			}
			return printAll(c, table[survey.Share]{
				head: []string{"group", "asked", "answered", "rate", "95 % interval", "tells"},
				row: func(g *survey.Share) []string {
					rate, interval := "too few", ""
					if g.Rate != nil {
						rate, interval = decimal(100*g.Rate.Value)+" %", decimal(100*g.Rate.Low)+" to "+decimal(100*g.Rate.High)+" %"
					}
					return []string{g.Label, number(g.Asked), number(g.Answered), rate, interval, g.Tells}
				},
			}, b.Groups)
		})
	}}
	cmd.Flags().StringVar(&by, "by", by, "activity, tenure, level, lifecycle, segment, or q: and a query")
	return cmd
}

func (c *command) surveyAnswers() *cobra.Command {
	return &cobra.Command{Use: "answers SURVEY", Short: "Write all answers, as a table with a column for each question", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return c.surveys(cmd.Context(), func(s *server.Surveys) error {
			if c.format == "table" || c.format == "csv" {
				return s.Export(cmd.Context(), args[0], c.io.Out)
			}
			_, all, err := s.Answers(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return printAll(c, table[survey.Response]{head: []string{"id", "completed"}, row: func(r *survey.Response) []string {
				return []string{number(r.ID), r.CompletedAt.Format(time.DateTime)}
			}}, all)
		})
	}}
}

func (c *command) surveyImport() *cobra.Command {
	return &cobra.Command{Use: "import SURVEY FILE", Short: "Bring in answers from a CSV file with columns named by question", Args: cobra.ExactArgs(2), RunE: func(cmd *cobra.Command, args []string) error {
		file, err := os.Open(args[1])
		if err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: args[1] + " cannot be read", Err: err}
		}
		defer func() { _ = file.Close() }() // it was only read
		return c.surveys(cmd.Context(), func(s *server.Surveys) error {
			done, err := s.Import(cmd.Context(), args[0], file, byCommandLine)
			if err != nil {
				return err
			}
			return writeJSON(c.io.Out, done)
		})
	}}
}

func (c *command) surveyRemove() *cobra.Command {
	yes := false
	cmd := &cobra.Command{Use: "remove SURVEY", Short: "Remove a survey with all its answers, for good", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		if !yes {
			return greenroom.Errorf(greenroom.CodeInvalid, "this cannot be undone; write the answers out first with `greenroom survey answers`, and say --yes to do it")
		}
		return c.surveys(cmd.Context(), func(s *server.Surveys) error { return s.Remove(cmd.Context(), args[0], byCommandLine) })
	}}
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	return cmd
}
