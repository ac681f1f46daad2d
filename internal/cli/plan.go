// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/roadmap"
	"greenroom/internal/server"
)

func (c *command) planCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "plan", Short: "Plan what is done for goals; dates follow from the tasks",
		Long: "A plan has tasks with an estimate and what they wait for. When they are done is computed, and told against what was promised.",
	}
	cmd.AddCommand(c.planList(), c.planShow(), c.planAdd(), c.planTask(), c.planImport(), c.planExport(),
		c.planSignOff(), c.planDo("next ID", "Make the next plan of one that comes again", func(cmd *cobra.Command, s *roadmap.Service, id int64) error {
			v, err := s.Next(cmd.Context(), id, byCommandLine)
			if err == nil {
				c.say("Made plan %d: %s\n", v.ID, v.Title)
			}
			return err
		}),
		c.planDo("promise ID", "Keep the dates of now as the baseline", func(cmd *cobra.Command, s *roadmap.Service, id int64) error {
			return s.Promise(cmd.Context(), id, byCommandLine)
		}),
		c.planDo("undo ID", "Take the last change of a plan back", func(cmd *cobra.Command, s *roadmap.Service, id int64) error {
			what, err := s.Undo(cmd.Context(), id, byCommandLine)
			if err == nil {
				c.say("Took back: %s\n", what)
			}
			return err
		}))
	return cmd
}

func planID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of a plan; `greenroom plan list` has them", text)
	}
	return id, nil
}

func planTable() table[roadmap.View] {
	return table[roadmap.View]{
		head: []string{"id", "title", "goal", "owner", "state", "from", "to", "done", "tasks", "late by"},
		row: func(v *roadmap.View) []string {
			return []string{number(v.ID), v.Title, number(v.Goal), v.Owner, string(v.State), v.Begin, v.End, strconv.Itoa(v.Done), strconv.Itoa(len(v.Tasks)), strconv.Itoa(v.Slipped)}
		},
	}
}

func planTaskTable() table[roadmap.Row] {
	return table[roadmap.Row]{
		head: []string{"id", "title", "owner", "state", "days", "from", "to", "waits for", "slack", "late by", "inherited"},
		row: func(t *roadmap.Row) []string {
			return []string{number(t.ID), t.Title, t.Owner, string(t.Column), strconv.Itoa(t.Days), t.Start, t.End, roadmap.AfterText(t.After), strconv.Itoa(t.Slack), strconv.Itoa(t.Slipped), strconv.Itoa(t.Inherited)}
		},
	}
}

func (c *command) planList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List plans", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				all, err := app.Plans().Views(cmd.Context())
				if err != nil {
					return err
				}
				flat := make([]roadmap.View, len(all))
				for i := range all {
					flat[i] = *all[i]
				}
				return printAll(c, planTable(), flat)
			})
		},
	}
}

func (c *command) planShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show the tasks of a plan with their dates; with --format json all of it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := planID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				v, err := app.Plans().View(cmd.Context(), id)
				if err != nil {
					return err
				}
				if c.format == "json" {
					return writeJSON(c.io.Out, v)
				}
				return printAll(c, planTaskTable(), v.Tasks)
			})
		},
	}
}

func (c *command) planAdd() *cobra.Command {
	var p roadmap.Plan
	var template string
	cmd := &cobra.Command{
		Use: "add TITLE", Short: "Make a plan, perhaps from a template", Args: cobra.ExactArgs(1),
		Example: "  greenroom plan add 'Champions 2027' --template champions --goal 2",
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := roadmap.FindTemplate(template)
			if err != nil {
				return err
			}
			if p.Title = args[0]; p.Intent == "" {
				p.Intent = t.Intent
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				v, err := app.Plans().Add(cmd.Context(), p, t.Tasks(), byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, planTable(), []roadmap.View{*v})
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&template, "template", "empty", "retention, champions, meetups, launch, beta, content, vendor-review, first-months or empty")
	flags.Int64Var(&p.Goal, "goal", 0, "the goal that it serves, by number")
	flags.StringVar(&p.Owner, "owner", "", "who answers for it")
	flags.StringVar(&p.Intent, "intent", "", "why it is done")
	flags.StringVar(&p.Start, "start", "", "no task begins before this day")
	flags.StringVar((*string)(&p.Every), "every", "", "it comes again every month, quarter or year")
	flags.Int64SliceVar(&p.Requests, "request", nil, "requests of members that it serves, by number")
	return cmd
}

func (c *command) planTask() *cobra.Command {
	var t roadmap.Task
	var after string
	cmd := &cobra.Command{
		Use: "task PLAN [TASK]", Short: "Add a task to a plan with --title, or change one", Args: cobra.RangeArgs(1, 2),
		Example: "  greenroom plan task 1 --title Brief --days 2\n  greenroom plan task 1 7 --began 2026-11-23 --after '3; 4 start-start +2'",
	}
	flags := cmd.Flags()
	flags.StringVar(&t.Title, "title", "", "title")
	flags.StringVar(&t.Owner, "owner", "", "who does it")
	flags.IntVar(&t.Days, "days", 1, "working days; 0 is a milestone")
	flags.StringVar(&after, "after", "", "what it waits for, such as '3; 4 start-start +2'")
	flags.StringVar(&t.NotBefore, "not-before", "", "it does not begin before this day")
	flags.StringVar(&t.Due, "due", "", "when it should be done")
	flags.StringVar(&t.Began, "began", "", "when it began")
	flags.StringVar(&t.Ended, "ended", "", "the last day of work")
	flags.StringVar(&t.Note, "note", "", "more about it")
	flags.BoolVar(&t.Removed, "remove", false, "take it away; undo brings it back")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		plan, err := planID(args[0])
		if err != nil {
			return err
		}
		waits, err := roadmap.ParseAfter(after)
		if err != nil {
			return err
		}
		return c.with(cmd.Context(), func(app *server.App) error {
			s := app.Plans()
			if len(args) == 1 {
				t.Plan, t.After = plan, waits
				if _, err := s.AddTask(cmd.Context(), t, byCommandLine); err != nil {
					return err
				}
				return c.printPlan(cmd, s, plan)
			}
			id, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil {
				return greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of a task", args[1])
			}
			have, err := s.Task(cmd.Context(), plan, id)
			if err != nil {
				return err
			}
			for name, set := range map[string]func(){
				"title": func() { have.Title = t.Title }, "owner": func() { have.Owner = t.Owner }, "days": func() { have.Days = t.Days }, "after": func() { have.After = waits }, "not-before": func() { have.NotBefore = t.NotBefore },
				"due": func() { have.Due = t.Due }, "began": func() { have.Began = t.Began }, "ended": func() { have.Ended = t.Ended }, "note": func() { have.Note = t.Note }, "remove": func() { have.Removed = t.Removed },
			} {
				if flags.Changed(name) {
					set()
				}
			}
			if _, err := s.EditTask(cmd.Context(), have, byCommandLine); err != nil {
				return err
			}
			return c.printPlan(cmd, s, plan)
		})
	}
	return cmd
}

func (c *command) printPlan(cmd *cobra.Command, s *roadmap.Service, id int64) error {
	v, err := s.View(cmd.Context(), id)
	if err != nil {
		return err
	}
	return printAll(c, planTaskTable(), v.Tasks)
}

func (c *command) planDo(use, short string, do func(*cobra.Command, *roadmap.Service, int64) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := planID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				s := app.Plans()
				if err := do(cmd, s, id); err != nil {
					return err
				}
				return c.printPlan(cmd, s, id)
			})
		},
	}
}

func (c *command) planSignOff() *cobra.Command {
	var as, comment string
	cmd := c.planDo("sign-off ID", "Sign a plan off as it is; what is changed later is marked", func(cmd *cobra.Command, s *roadmap.Service, id int64) error {
		_, err := s.SignOff(cmd.Context(), id, as, comment, byCommandLine)
		return err
	})
	cmd.Flags().StringVar(&as, "as", roadmap.Approval, "approval or sponsor")
	cmd.Flags().StringVar(&comment, "comment", "", "what is said")
	return cmd
}

func (c *command) planImport() *cobra.Command {
	return &cobra.Command{
		Use: "import ID FILE", Short: "Add the tasks of a CSV file to a plan", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := planID(args[0])
			if err != nil {
				return err
			}
			file, err := os.Open(args[1])
			if err != nil {
				return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the file " + args[1] + " cannot be read", Err: err}
			}
			defer func() { _ = file.Close() }() // it was only read
			tasks, err := roadmap.ReadCSV(file)
			if err != nil {
				return fmt.Errorf("%s: %w", args[1], err)
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				s := app.Plans()
				if _, err := s.Import(cmd.Context(), id, tasks, byCommandLine); err != nil {
					return err
				}
				return c.printPlan(cmd, s, id)
			})
		},
	}
}

func (c *command) planExport() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "export ID", Short: "Write a plan as CSV, Markdown or a calendar", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := planID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				v, err := app.Plans().View(cmd.Context(), id)
				if err != nil {
					return err
				}
				return writePlan(c.io.Out, v, as, app)
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "csv", "csv, markdown or ical")
	return cmd
}

func writePlan(to io.Writer, v *roadmap.View, as string, app *server.App) error {
	switch as {
	case "csv":
		return v.WriteCSV(to)
	case "markdown":
		return v.WriteMarkdown(to)
	case "ical":
		return roadmap.WriteICal(to, []*roadmap.View{v}, app.Now())
	default:
		return greenroom.Errorf(greenroom.CodeInvalid, "a plan is written as csv, markdown or ical, not as %q", as)
	}
}
