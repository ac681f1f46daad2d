// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/process"
	"greenroom/internal/server"
)

// sampleProcesses shows a team with its processes.
func sampleProcesses(ctx context.Context, app *server.App) error {
	engine, err := app.Analytics(ctx)
	if err != nil {
		return err
	}
	return app.SampleProcesses(ctx, engine)
}

func (c *command) processCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "process", Short: "Write down what the team does again and again, and see how much work it is",
		Long: "Processes with their minutes and runs, the sum of hours with ranges and origins, the team's time against it, and the documents made from it.",
	}
	cmd.AddCommand(c.processList(), c.processShow(), c.processAdd(), c.processArchive(), c.processTime(), c.processCapacity(), c.processDocument())
	return cmd
}

// withProcesses runs f with the service, over figures.
func (c *command) withProcesses(ctx context.Context, f func(*process.Service) error) error {
	return c.with(ctx, func(app *server.App) error {
		engine, err := c.figures(ctx, app)
		if err != nil {
			return err
		}
		return f(app.Processes(engine))
	})
}

func processTable() table[process.Load] {
	return table[process.Load]{
		head: []string{"id", "name", "role", "minutes", "minutes from", "runs a month", "runs from", "hours", "saved", "left"},
		row: func(l *process.Load) []string {
			runs := process.Range{}
			from := ""
			for i := range l.Parts {
				runs, from = runs.Plus(l.Parts[i].Runs.Range), string(l.Parts[i].Runs.Origin)
			}
			return []string{number(l.ID), l.Name, l.Role, l.Once.String(), string(l.Once.Origin), runs.String(), from, l.Gross.String(), l.Saved.String(), l.Net.String()}
		},
	}
}

func (c *command) processList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List processes with the hours a month that they take, and the sum", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withProcesses(cmd.Context(), func(s *process.Service) error {
				sum, err := s.Workload(cmd.Context())
				if err != nil {
					return err
				}
				c.say("All: %s hours a month, of which workflows save %s; %s are left for people.\n", sum.Gross, sum.Saved, sum.Net)
				for _, n := range sum.Notes {
					c.say("%s\n", n)
				}
				return printAll(c, processTable(), sum.Loads)
			})
		},
	}
}

func processID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of a process; `greenroom process list` has them", text)
	}
	return id, nil
}

func (c *command) processShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show a process with its steps and the work that it is, as JSON", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := processID(args[0])
			if err != nil {
				return err
			}
			return c.withProcesses(cmd.Context(), func(s *process.Service) error {
				l, err := s.Get(cmd.Context(), id)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, l)
			})
		},
	}
}

func (c *command) processAdd() *cobra.Command {
	var d process.Draft
	var template, minutes, each, per string
	var doers, surfaces []string
	cmd := &cobra.Command{
		Use: "add [NAME]", Short: "Make a process, perhaps from a template", Args: cobra.MaximumNArgs(1),
		Example: "  greenroom process add --template welcoming --by ana@example.org\n  greenroom process add 'Office hours' --minutes 60-75-90 --per month --each 4 --role 'Developer advocate'",
		RunE: func(cmd *cobra.Command, args []string) error {
			if template != "" {
				t, err := process.FindTemplate(template)
				if err != nil {
					return err
				}
				own := d
				d = t.Draft
				for _, f := range []struct{ from, to *string }{{&own.Role, &d.Role}, {&own.Owner, &d.Owner}, {&own.Purpose, &d.Purpose}} {
					if *f.from != "" {
						*f.to = *f.from
					}
				}
			} else {
				d.Runs = process.Runs{Per: process.PerMonth, Each: process.Exactly(1)}
			}
			if err := processFlags(&d, args, minutes, each, per); err != nil {
				return err
			}
			d.Doers = doers
			for _, s := range surfaces {
				name, query, _ := strings.Cut(s, "=")
				d.Surfaces = append(d.Surfaces, process.Surface{Name: name, Query: query})
			}
			return c.withProcesses(cmd.Context(), func(s *process.Service) error {
				p, err := s.Add(cmd.Context(), d, byCommandLine)
				if err != nil {
					return err
				}
				l, err := s.Get(cmd.Context(), p.ID)
				if err != nil {
					return err
				}
				return printAll(c, processTable(), []process.Load{l})
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&template, "template", "", "welcoming, moderation, answering, digest, event, reporting, content, champions or feedback")
	flags.StringVar(&minutes, "minutes", "", "minutes once: 15, 10-20 or 10-15-20")
	flags.StringVar(&per, "per", "", "what it is done for: month, member, active_member, new_member, question, conversation, post, unanswered, inbox, event")
	flags.StringVar(&each, "each", "", "how often for each; with --per month how often a month")
	flags.StringVar(&d.Role, "role", "", "the role that does it")
	flags.StringVar(&d.Owner, "owner", "", "who answers for it")
	flags.StringVar(&d.Purpose, "purpose", "", "what it is for")
	flags.StringSliceVar(&doers, "by", nil, "who does it, by mail address")
	flags.StringArrayVar(&surfaces, "on", nil, "a surface, as NAME or NAME=QUERY; may be given again")
	return cmd
}

func processFlags(d *process.Draft, args []string, minutes, each, per string) (err error) {
	if len(args) > 0 {
		d.Name = args[0]
	}
	if per != "" {
		d.Runs.Per = process.Basis(per)
	}
	if minutes != "" {
		if d.Minutes, err = process.ParseRange(minutes); err != nil {
			return err
		}
		d.Origin = process.Estimate
	}
	if each != "" {
		d.Runs.Each, err = process.ParseRange(each)
	}
	return err
}

func (c *command) processArchive() *cobra.Command {
	var back bool
	cmd := &cobra.Command{
		Use: "archive ID", Short: "Put a process away, which counts nowhere then", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := processID(args[0])
			if err != nil {
				return err
			}
			return c.withProcesses(cmd.Context(), func(s *process.Service) error {
				_, err := s.Archive(cmd.Context(), id, !back, byCommandLine)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&back, "back", false, "take it back instead")
	return cmd
}

func (c *command) processTime() *cobra.Command {
	var minutes float64
	var runs int
	var by string
	cmd := &cobra.Command{
		Use: "time ID", Short: "Note how long a process took", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := processID(args[0])
			if err != nil {
				return err
			}
			return c.withProcesses(cmd.Context(), func(s *process.Service) error {
				t, err := s.Note(cmd.Context(), id, minutes, runs, by)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, t)
			})
		},
	}
	cmd.Flags().Float64Var(&minutes, "minutes", 0, "minutes in all")
	cmd.Flags().IntVar(&runs, "runs", 1, "for how many runs")
	cmd.Flags().StringVar(&by, "by", byCommandLine, "who did it")
	return cmd
}

func (c *command) processCapacity() *cobra.Command {
	return &cobra.Command{
		Use: "capacity", Short: "Set processes and plans against the time that people have", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withProcesses(cmd.Context(), func(s *process.Service) error {
				room, err := s.Capacity(cmd.Context())
				if err != nil {
					return err
				}
				c.say("The team has %s hours in the next 30 days; plans take %s, processes %s a month, nobody's %s. Missing: %s.\n", process.Amount(room.Hours), process.Amount(room.Planned), room.Work, room.Nobody, room.Missing)
				return printAll(c, table[process.PersonLoad]{
					head: []string{"who", "role", "hours", "away", "plans", "processes", "left"},
					row: func(p *process.PersonLoad) []string {
						return []string{p.Email, p.Role, process.Amount(p.Hours), process.Amount(p.Away), process.Amount(p.Planned), p.Processes.String(), process.Amount(p.Left)}
					},
				}, room.People)
			})
		},
	}
}

func (c *command) processDocument() *cobra.Command {
	var h process.Hiring
	var growth, cost, as string
	var keep bool
	cmd := &cobra.Command{
		Use: "document [ID]", Short: "Make a hiring case (--hire ROLE) or the division of labor, or print one that was frozen", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if as != "markdown" && as != "html" {
				return greenroom.Errorf(greenroom.CodeInvalid, "a document is printed as markdown or html, not as %q", as)
			}
			if growth != "" {
				if h.Growth, err = process.ParseRange(growth); err != nil {
					return err
				}
				h.Growth = h.Growth.Scale(.01)
			}
			if cost != "" {
				if h.Cost, err = process.ParseRange(cost); err != nil {
					return err
				}
			}
			return c.withProcesses(cmd.Context(), func(s *process.Service) error {
				d, err := processDoc(cmd.Context(), s, args, &h, keep)
				if err != nil {
					return err
				}
				text := d.Markdown()
				if as == "html" {
					if text, err = d.HTML(); err != nil {
						return err
					}
				}
				_, err = c.io.Out.Write([]byte(text))
				return err
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&h.Role, "hire", "", "the role that is to be hired; without it, the division of labor is made")
	flags.Float64Var(&h.Week, "week", 40, "hours a week of the post")
	flags.StringVar(&growth, "growth", "", "growth of the community a month, in percent: 3 or 1-3-5")
	flags.StringVar(&cost, "cost", "", "what the post costs a month, all included: 6000 or 5000-6000-7000")
	flags.StringVar(&h.Currency, "currency", "EUR", "of the cost")
	flags.StringVar(&h.Why, "why", "", "in your own words")
	flags.StringVar(&as, "as", "markdown", "markdown or html")
	flags.BoolVar(&keep, "freeze", false, "keep it with its data")
	return cmd
}

// processDoc reads a document that was frozen, or makes one.
func processDoc(ctx context.Context, s *process.Service, args []string, h *process.Hiring, keep bool) (process.Document, error) {
	if len(args) > 0 {
		id, err := processID(args[0])
		if err != nil {
			return process.Document{}, err
		}
		return s.Document(ctx, id)
	}
	if h.Role == "" {
		return s.Make(ctx, process.DivisionOfLabour, nil, keep, byCommandLine)
	}
	return s.Make(ctx, process.HiringCase, h, keep, byCommandLine)
}
