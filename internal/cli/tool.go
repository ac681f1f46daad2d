// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/server"
	"greenroom/internal/tool"
)

func (c *command) toolCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "tool", Short: "Keep the tech stack: what it costs, when it renews, what feeds what",
		Long: "The team's tools with owner, cost, renewal, the data that they hold and what they feed. How a tool's sources are is computed, as are costs and the days until which notice can be given.",
	}
	cmd.AddCommand(c.toolList(), c.toolShow(), c.toolAdd(), c.toolSet(), c.toolCosts(), c.toolMap(), c.toolNeeds(), c.toolSuggested(), c.toolIncident(), c.toolImport(), c.toolExport(), c.toolRemind(), c.toolMoney())
	return cmd
}

// withTools runs f with the service.
func (c *command) withTools(ctx context.Context, f func(*tool.Service) error) error {
	return c.with(ctx, func(app *server.App) error {
		engine, err := c.figures(ctx, app)
		if err != nil {
			return err
		}
		return f(app.Tools(app.Stack(engine, nil)))
	})
}

func toolTable() table[tool.View] {
	return table[tool.View]{
		head: []string{"id", "name", "category", "state", "owner", "cost", "currency", "every", "year", "renews", "notice until", "health"},
		row: func(v *tool.View) []string {
			line := []string{number(v.ID), v.Name, v.Category, string(v.State), v.Owner, "", v.Currency, string(v.Every), "", "", "", string(v.Health)}
			if v.Cost > 0 {
				line[5] = strconv.FormatFloat(v.Cost, 'f', -1, 64)
			}
			if v.Year != nil {
				line[8] = strconv.FormatFloat(*v.Year, 'f', 2, 64)
			}
			if v.Next != nil {
				line[9], line[10] = v.Next.Day, v.Next.Until
			}
			return line
		},
	}
}

func (c *command) toolList() *cobra.Command {
	var f tool.Filter
	var state string
	cmd := &cobra.Command{
		Use: "list", Short: "List tools by name; without --state those that are not retired", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.State = tool.State(state)
			return c.withTools(cmd.Context(), func(s *tool.Service) error {
				all, err := s.List(cmd.Context(), f)
				if err != nil {
					return err
				}
				return printAll(c, toolTable(), all)
			})
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "in_use, trial, wanted or retired")
	cmd.Flags().StringVar(&f.Category, "category", "", "what they are for")
	cmd.Flags().StringVar(&f.Owner, "owner", "", "whose")
	cmd.Flags().StringVar(&f.Text, "text", "", "a text in name, purpose, owner or note")
	return cmd
}

// toolID reads the number of something of the stack.
func toolID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a number; the list has them", text)
	}
	return id, nil
}

func (c *command) toolShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show a tool with its incidents, as JSON", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := toolID(args[0])
			if err != nil {
				return err
			}
			return c.withTools(cmd.Context(), func(s *tool.Service) error {
				v, err := s.Get(cmd.Context(), id)
				if err != nil {
					return err
				}
				incidents, err := s.ToolIncidents(cmd.Context(), id)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, struct {
					tool.View

					Incidents []tool.Incident `json:"incidents"`
				}{v, incidents})
			})
		},
	}
}

// toolFlags are what can be said of a tool by flags.
func toolFlags(cmd *cobra.Command, d *tool.Draft) (take func()) {
	flags := cmd.Flags()
	state, every := "", ""
	suits := []string{}
	flags.StringVar(&d.Purpose, "purpose", "", "what the team has it for")
	flags.StringVar(&d.Category, "category", "", "platform, chat, events, content, support, crm, analytics, surveys, email, social, code, automation, rewards, planning, product or other")
	flags.StringVar(&state, "state", "", "in_use, trial, wanted or retired")
	flags.StringSliceVar(&suits, "suits", nil, "phases that it suits: seed, grow, impact")
	flags.StringVar(&d.Owner, "owner", "", "who answers for it, and is reminded of renewals")
	flags.IntVar(&d.Users, "users", 0, "how many use it")
	flags.Float64Var(&d.Cost, "cost", 0, "what it costs each time")
	flags.StringVar(&d.Currency, "currency", "", "such as EUR")
	flags.StringVar(&every, "every", "", "month, quarter, year or once")
	flags.StringVar(&d.Renewal, "renewal", "", "a day on which it renews")
	flags.IntVar(&d.Notice, "notice", 0, "days of notice before that")
	flags.StringVar(&d.Contract, "contract", "", "address of the contract")
	flags.StringSliceVar(&d.Data, "holds", nil, "kinds of data that it holds")
	flags.BoolVar(&d.Personal, "personal", false, "it holds data about persons")
	flags.StringVar(&d.Region, "region", "", "where its data lie")
	flags.StringSliceVar(&d.Sources, "source", nil, "sources that are read from it")
	flags.BoolVar(&d.FromGR, "receives", false, "Greenroom writes to it")
	flags.StringVar(&d.Note, "note", "", "what else is to be known")
	return func() {
		if flags.Changed("state") {
			d.State = tool.State(state)
		}
		if flags.Changed("every") {
			d.Every = tool.Rhythm(every)
		}
		if flags.Changed("suits") {
			d.Suits = nil
			for _, s := range suits {
				d.Suits = append(d.Suits, tool.Stage(s))
			}
		}
	}
}

func (c *command) toolAdd() *cobra.Command {
	var d tool.Draft
	cmd := &cobra.Command{Use: "add NAME", Short: "Enter a tool", Args: cobra.ExactArgs(1), Example: "  greenroom tool add Forum --category platform --owner ana@example.org --cost 99 --currency EUR --every month --renewal 2027-01-01 --notice 30 --source forum"}
	take := toolFlags(cmd, &d)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d.Name = args[0]
		take()
		return c.withTools(cmd.Context(), func(s *tool.Service) error {
			t, err := s.Add(cmd.Context(), d, byCommandLine)
			if err != nil {
				return err
			}
			return c.printTool(cmd.Context(), s, t.ID)
		})
	}
	return cmd
}

func (c *command) printTool(ctx context.Context, s *tool.Service, id int64) error {
	v, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	return printAll(c, toolTable(), []tool.View{v})
}

func (c *command) toolSet() *cobra.Command {
	var d tool.Draft
	var name string
	cmd := &cobra.Command{Use: "set ID", Short: "Change a tool; what has no flag stays", Args: cobra.ExactArgs(1)}
	take := toolFlags(cmd, &d)
	cmd.Flags().StringVar(&name, "name", "", "another name")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := toolID(args[0])
		if err != nil {
			return err
		}
		return c.withTools(cmd.Context(), func(s *tool.Service) error {
			v, err := s.Get(cmd.Context(), id)
			if err != nil {
				return err
			}
			take()
			next := v.Draft
			for flag, set := range map[string]func(){
				"name": func() { next.Name = name }, "purpose": func() { next.Purpose = d.Purpose }, "category": func() { next.Category = d.Category }, "state": func() { next.State = d.State }, "suits": func() { next.Suits = d.Suits },
				"owner": func() { next.Owner = d.Owner }, "users": func() { next.Users = d.Users }, "cost": func() { next.Cost = d.Cost }, "currency": func() { next.Currency = d.Currency }, "every": func() { next.Every = d.Every },
				"renewal": func() { next.Renewal = d.Renewal }, "notice": func() { next.Notice = d.Notice }, "contract": func() { next.Contract = d.Contract }, "holds": func() { next.Data = d.Data }, "personal": func() { next.Personal = d.Personal },
				"region": func() { next.Region = d.Region }, "source": func() { next.Sources = d.Sources }, "receives": func() { next.FromGR = d.FromGR }, "note": func() { next.Note = d.Note },
			} {
				if cmd.Flags().Changed(flag) {
					set()
				}
			}
			if _, err := s.Edit(cmd.Context(), id, v.Version, next, byCommandLine); err != nil {
				return err
			}
			return c.printTool(cmd.Context(), s, id)
		})
	}
	return cmd
}

// toolJSON is a command that writes what the service says as JSON.
func (c *command) toolJSON(use, short string, args cobra.PositionalArgs, get func(context.Context, *tool.Service, []string) (any, error)) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: args, RunE: func(cmd *cobra.Command, args []string) error {
		return c.withTools(cmd.Context(), func(s *tool.Service) error {
			v, err := get(cmd.Context(), s, args)
			if err != nil {
				return err
			}
			return writeJSON(c.io.Out, v)
		})
	}}
}

func (c *command) toolCosts() *cobra.Command {
	return c.toolJSON("costs", "Add up what the stack costs, by category and owner, as JSON", cobra.NoArgs, func(ctx context.Context, s *tool.Service, _ []string) (any, error) { return s.Costs(ctx) })
}

func (c *command) toolMap() *cobra.Command {
	return c.toolJSON("map", "Say what feeds what, as JSON", cobra.NoArgs, func(ctx context.Context, s *tool.Service, _ []string) (any, error) { return s.Map(ctx) })
}

func (c *command) toolNeeds() *cobra.Command {
	return c.toolJSON("needs STAGE", "Say what a stage needs (seed, grow or impact), and what of it is there, as JSON", cobra.ExactArgs(1), func(ctx context.Context, s *tool.Service, args []string) (any, error) {
		return s.Needs(ctx, tool.Stage(args[0]))
	})
}

func (c *command) toolSuggested() *cobra.Command {
	var accept, decline string
	cmd := &cobra.Command{
		Use: "suggested", Short: "List sources that no tool names; enter one with --accept, be rid of it with --decline", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withTools(cmd.Context(), func(s *tool.Service) error {
				if accept != "" {
					if _, err := s.Accept(cmd.Context(), accept, byCommandLine); err != nil {
						return err
					}
				}
				if decline != "" {
					if err := s.Decline(cmd.Context(), decline, byCommandLine); err != nil {
						return err
					}
				}
				all, err := s.Suggestions(cmd.Context())
				if err != nil {
					return err
				}
				return printAll(c, table[tool.Suggestion]{head: []string{"source", "tool", "category", "says"}, row: func(x *tool.Suggestion) []string {
					return []string{x.Source.Name, x.Draft.Name, x.Draft.Category, x.Source.Says}
				}}, all)
			})
		},
	}
	cmd.Flags().StringVar(&accept, "accept", "", "enter the tool of this source")
	cmd.Flags().StringVar(&decline, "decline", "", "suggest this source no more")
	return cmd
}

func (c *command) toolIncident() *cobra.Command {
	return c.toolJSON("incident ID NOTE", "Write down what happened to a tool", cobra.ExactArgs(2), func(ctx context.Context, s *tool.Service, args []string) (any, error) {
		id, err := toolID(args[0])
		if err != nil {
			return nil, err
		}
		return s.AddIncident(ctx, tool.Incident{ToolID: id, Note: args[1]}, byCommandLine)
	})
}

func (c *command) toolImport() *cobra.Command {
	return &cobra.Command{
		Use: "import FILE", Short: "Enter the tools of a CSV file; those whose name is known are changed", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := os.Open(args[0])
			if err != nil {
				return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the file " + args[0] + " cannot be read", Err: err}
			}
			defer func() { _ = file.Close() }() // it was only read
			rows, err := tool.ReadCSV(file)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return c.withTools(cmd.Context(), func(s *tool.Service) error {
				added, changed, err := s.Import(cmd.Context(), rows, byCommandLine)
				if err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
				c.say("%d tools entered, %d changed.\n", added, changed)
				return nil
			})
		},
	}
}

func (c *command) toolExport() *cobra.Command {
	return &cobra.Command{
		Use: "export", Short: "Write all tools as CSV, which the import reads again", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				all, err := app.Store.Tools(cmd.Context())
				if err != nil {
					return err
				}
				return tool.WriteCSV(c.io.Out, all)
			})
		},
	}
}

func (c *command) toolRemind() *cobra.Command {
	return &cobra.Command{
		Use: "remind", Short: "Write the reminders of renewals that are due, as the server does by itself; each once", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withTools(cmd.Context(), func(s *tool.Service) error {
				n, err := s.Watch(cmd.Context())
				if err != nil {
					return err
				}
				c.say("%d reminders written.\n", n)
				return nil
			})
		},
	}
}

func (c *command) toolMoney() *cobra.Command {
	return c.toolJSON("money [CURRENCY [DAY CURRENCY RATE]...]", "Show or set the reporting currency of business data, and add rates such as 2026-01-01 USD 0.92", cobra.ArbitraryArgs, func(ctx context.Context, s *tool.Service, args []string) (any, error) {
		if len(args) == 0 {
			return s.Money(ctx)
		}
		if len(args)%3 != 1 {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "write the currency, then for each rate a day, a currency and what one of it is worth")
		}
		m := tool.Money{Currency: args[0], Rates: []tool.Rate{}}
		for i := 1; i < len(args); i += 3 {
			rate, err := strconv.ParseFloat(args[i+2], 64)
			if err != nil {
				return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is no rate", args[i+2])
			}
			m.Rates = append(m.Rates, tool.Rate{Day: args[i], Currency: strings.ToUpper(args[i+1]), Rate: rate})
		}
		if err := s.SetMoney(ctx, m, byCommandLine); err != nil {
			return nil, err
		}
		return s.Money(ctx)
	})
}
