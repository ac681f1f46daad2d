// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/matching"
	"greenroom/internal/server"
)

func (c *command) memberMatch() *cobra.Command {
	cmd := &cobra.Command{
		Use: "match", Short: "Judge who may be one person, and see how well the model does",
		Long: "What is certain is joined while facts are stored, and what the identity model is sure of afterwards. What it is not sure of is listed here with what speaks for it.",
	}
	cmd.AddCommand(c.matchList(), c.matchJudge(), c.matchUndo(), c.matchRules())
	return cmd
}

func (c *command) matchList() *cobra.Command {
	var least, kind string
	var limit int
	var unchecked bool
	cmd := &cobra.Command{
		Use: "list", Short: "List pairs of accounts that may be one person, what is worth most first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := matching.ParsePercent(least)
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				var all []matching.Match
				if unchecked {
					all, err = app.Reviews.Unchecked(cmd.Context(), limit)
				} else {
					all, _, err = app.Reviews.Suggestions(cmd.Context(), matching.Query{AtLeast: p, Kind: kind, Limit: limit})
				}
				if err != nil {
					return err
				}
				return c.printMatches(all)
			})
		},
	}
	cmd.Flags().StringVar(&least, "at-least", "", "only pairs at least this probable, in percent")
	cmd.Flags().StringVar(&kind, "kind", "", "only pairs for which evidence of this kind speaks most: name, handle, derived, address, link, account")
	cmd.Flags().IntVar(&limit, "limit", 50, "how many at most")
	cmd.Flags().BoolVar(&unchecked, "unchecked", false, "list joins of the model that nobody has checked, drawn at random")
	return cmd
}

func (c *command) printMatches(all []matching.Match) error {
	return printAll(c, table[matching.Match]{
		head: []string{"a", "b", "probability", "one", "other", "what speaks for it, and against"},
		row: func(s *matching.Match) []string {
			var why []string
			for _, e := range s.Evidence {
				why = append(why, fmt.Sprintf("%s (%+.1f)", e.Text, e.Weight))
			}
			return []string{strconv.FormatInt(s.A, 10), strconv.FormatInt(s.B, 10), strconv.FormatFloat(s.Probability, 'f', 3, 64), s.Left.Member.Name, s.Right.Member.Name, strings.Join(why, "; ")}
		},
	}, all)
}

func (c *command) matchJudge() *cobra.Command {
	return &cobra.Command{
		Use: "judge A B same|other|later", Short: "Say of two accounts whether they are one person", Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := parseID(args[0])
			if err != nil {
				return err
			}
			b, err := parseID(args[1])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				id, err := app.Reviews.Judge(cmd.Context(), a, b, matching.Verdict(args[2]), byCommandLine)
				if err != nil {
					return err
				}
				return c.done(app, cmd, "noted; `greenroom member match undo %d` takes it back\n", id)
			})
		},
	}
}

func (c *command) matchUndo() *cobra.Command {
	return &cobra.Command{
		Use: "undo REVIEW", Short: "Take a judgement back", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				if err := app.Reviews.Undo(cmd.Context(), id, byCommandLine); err != nil {
					return err
				}
				return c.done(app, cmd, "taken back\n")
			})
		},
	}
}

func (c *command) matchRules() *cobra.Command {
	var auto, suggest string
	var apply bool
	cmd := &cobra.Command{
		Use: "rules", Short: "See or set what the model may decide by itself", Args: cobra.NoArgs,
		Long: "Without flags it says how members are matched. With thresholds it says what would change; with --apply it sets them, agrees to the model of this version, and looks at everybody.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				settings, state, err := app.Reviews.MatchSettings(cmd.Context())
				if err != nil {
					return err
				}
				if auto == "" && suggest == "" && !apply {
					_, err := fmt.Fprintf(c.io.Out, "joins from %g %%, asks from %g %%, model %d\n%d accounts, %d links of which about %.1f are wrong, %d suggestions\n",
						100*settings.Auto, 100*settings.Suggest, settings.Model, state.Identities, state.Links, state.ExpectedWrong, state.Suggestions)
					return err //nolint:wrapcheck // of the terminal
				}
				if err := setThresholds(&settings, auto, suggest); err != nil {
					return err
				}
				if apply {
					if err := app.Reviews.Apply(cmd.Context(), settings.Auto, settings.Suggest); err != nil {
						return err
					}
					return c.done(app, cmd, "applied\n")
				}
				p, err := app.Reviews.Preview(cmd.Context(), settings.Auto, settings.Suggest)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.io.Out, "%d links of which about %.1f would be wrong, %d suggestions; %d would be joined anew, %d taken apart\n",
					len(p.Found.Links), p.Found.State.ExpectedWrong, p.Found.State.Suggestions, p.Joins, p.Parts)
				return err //nolint:wrapcheck // of the terminal
			})
		},
	}
	cmd.Flags().StringVar(&auto, "auto", "", "join by itself from this probability on, in percent")
	cmd.Flags().StringVar(&suggest, "suggest", "", "ask from this probability on, in percent")
	cmd.Flags().BoolVar(&apply, "apply", false, "set them and look at everybody")
	return cmd
}

func setThresholds(s *matching.Settings, auto, suggest string) error {
	for text, into := range map[string]*float64{auto: &s.Auto, suggest: &s.Suggest} {
		if text == "" {
			continue
		}
		p, err := matching.ParsePercent(text)
		if err != nil {
			return err
		}
		*into = p
	}
	if s.Suggest > s.Auto {
		return greenroom.Errorf(greenroom.CodeInvalid, "--suggest cannot lie above --auto")
	}
	return nil
}
