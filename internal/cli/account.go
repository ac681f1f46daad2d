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
	"greenroom/internal/business"
	"greenroom/internal/server"
)

func (c *command) accountCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "account", Short: "See how accounts do, and decide what comes next",
		Long: "Accounts are organizations of which a CRM, a billing or a ticketing system tells. Their health is a sum of reasons that is computed by rule.",
	}
	cmd.AddCommand(c.accountList(), c.accountShow(), c.accountSet(), c.accountNote())
	return cmd
}

// withBusiness runs f with the service, once what was imported is derived.
func (c *command) withBusiness(ctx context.Context, f func(*business.Service) error) error {
	return c.with(ctx, func(app *server.App) error {
		if err := app.Projector.CatchUp(ctx); err != nil {
			return fmt.Errorf("bringing derived state up to date: %w", err)
		}
		return f(app.Business())
	})
}

func accountTable() table[business.View] {
	return table[business.View]{
		head: []string{"id", "account", "lifecycle", "health", "points", "opportunity", "people", "active", "mrr", "pipeline", "currency", "renewal", "owner", "follow_up", "why"},
		row: func(v *business.View) []string {
			renewal, why := "", ""
			if !v.Renewal.IsZero() {
				renewal = v.Renewal.Format(time.DateOnly)
			}
			if len(v.Health.Reasons) > 0 {
				why = v.Health.Reasons[0].Text
			}
			return []string{
				number(v.Organization), v.Name, string(v.Lifecycle.State), string(v.Health.Level), strconv.Itoa(v.Health.Points), strconv.Itoa(v.ChancePts), number(v.People), strconv.Itoa(v.Active),
				accountMoney(v.MRR), accountMoney(v.Pipeline), v.Currency, renewal, v.Owner, v.FollowUp, why,
			}
		},
	}
}

func accountMoney(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

func (c *command) accountList() *cobra.Command {
	var f business.Filter
	var lifecycle string
	cmd := &cobra.Command{
		Use: "list", Short: "List accounts, those at risk first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.Lifecycle = greenroom.LifecycleState(lifecycle)
			return c.withBusiness(cmd.Context(), func(s *business.Service) error {
				all, err := s.List(cmd.Context(), f)
				if err != nil {
					return err
				}
				return printAll(c, accountTable(), all)
			})
		},
	}
	cmd.Flags().StringVar(&f.List, "list", "", strings.Join(business.Lists(), ", "))
	cmd.Flags().StringVar(&f.Owner, "owner", "", "only of one owner, by mail address")
	cmd.Flags().StringVar(&lifecycle, "lifecycle", "", "prospect, trial, customer or churned")
	cmd.Flags().StringVar(&f.Find, "find", "", "part of the name")
	return cmd
}

// accountDetail is all about an account.
type accountDetail struct {
	business.View

	Deals         []greenroom.Deal         `json:"deals"`
	Subscriptions []greenroom.Subscription `json:"subscriptions"`
	Tickets       []greenroom.Ticket       `json:"tickets"`
	Notes         []business.Note          `json:"notes"`
}

func accountID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of an account; `greenroom account list` has them", text)
	}
	return id, nil
}

func (c *command) accountShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show an account with the reasons of its health and its records, as JSON", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := accountID(args[0])
			if err != nil {
				return err
			}
			return c.withBusiness(cmd.Context(), func(s *business.Service) error {
				v, f, deals, err := s.Get(cmd.Context(), id)
				if err != nil {
					return err
				}
				notes, err := s.Notes(cmd.Context(), id)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, accountDetail{View: v, Deals: deals, Subscriptions: f.Subscriptions, Tickets: f.Tickets, Notes: notes})
			})
		},
	}
}

func (c *command) accountSet() *cobra.Command {
	var owner, step, follow, snooze string
	cmd := &cobra.Command{
		Use: "set ID...", Short: "Give accounts an owner, a next step, a day to follow up", Args: cobra.MinimumNArgs(1),
		Example: "  greenroom account set 7 --owner ana@example.com --next-step 'Call Ann' --follow-up 2026-12-01\n  greenroom account set 7 8 9 --snooze 2026-12-24",
		RunE: func(cmd *cobra.Command, args []string) error {
			var ids []int64
			for _, a := range args {
				id, err := accountID(a)
				if err != nil {
					return err
				}
				ids = append(ids, id)
			}
			var p business.Patch
			for _, x := range []struct {
				flag string
				from *string
				to   **string
			}{{"owner", &owner, &p.Owner}, {"next-step", &step, &p.NextStep}, {"follow-up", &follow, &p.FollowUp}, {"snooze", &snooze, &p.Snoozed}} {
				if cmd.Flags().Changed(x.flag) {
					*x.to = x.from
				}
			}
			return c.withBusiness(cmd.Context(), func(s *business.Service) error {
				all, err := s.Change(cmd.Context(), ids, -1, p, byCommandLine)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, all)
			})
		},
	}
	cmd.Flags().StringVar(&owner, "owner", "", "who looks after it, by mail address")
	cmd.Flags().StringVar(&step, "next-step", "", "what comes next; it becomes a task of the owner")
	cmd.Flags().StringVar(&follow, "follow-up", "", "the day of it, as 2026-12-01")
	cmd.Flags().StringVar(&snooze, "snooze", "", "leave it out of the lists until this day")
	return cmd
}

func (c *command) accountNote() *cobra.Command {
	return &cobra.Command{
		Use: "note ID TEXT", Short: "Write a note of an account", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := accountID(args[0])
			if err != nil {
				return err
			}
			return c.withBusiness(cmd.Context(), func(s *business.Service) error {
				n, err := s.AddNote(cmd.Context(), id, args[1], byCommandLine)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, n)
			})
		},
	}
}

func (c *command) businessCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "business", Short: "Say how deals are read: what stages mean, currency rates, and whether the source agrees"}
	cmd.AddCommand(c.businessStages(), c.businessRates(), c.businessReconcile())
	return cmd
}

func (c *command) businessStages() *cobra.Command {
	var set, source, pipeline string
	var rule business.StageRule
	cmd := &cobra.Command{
		Use: "stages [STAGE]", Short: "List what stages mean, or with --means say it", Args: cobra.MaximumNArgs(1),
		Example: "  greenroom business stages\n  greenroom business stages 'Verbal yes' --means open --order 5 --qualified",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withBusiness(cmd.Context(), func(s *business.Service) error {
				all, err := s.Stages(cmd.Context())
				if err != nil {
					return err
				}
				if set == "" {
					return printAll(c, businessStageTable(), all)
				}
				if len(args) == 0 {
					return greenroom.Errorf(greenroom.CodeInvalid, "--means is said of a stage; name it")
				}
				var rules []business.StageRule
				for i := range all {
					if l := &all[i]; strings.EqualFold(l.Stage, args[0]) && (source == "" || l.Source == source) && (pipeline == "" || l.Pipeline == pipeline) {
						rules = append(rules, business.StageRule{SourceID: l.SourceID, Pipeline: l.Pipeline, Stage: l.Stage, State: greenroom.DealState(set), Position: max(rule.Position, 0), Qualified: rule.Qualified})
					}
				}
				if len(rules) == 0 {
					return greenroom.Errorf(greenroom.CodeNotFound, "no deal is or was in a stage %q", args[0])
				}
				return s.SetStages(cmd.Context(), rules, byCommandLine)
			})
		},
	}
	cmd.Flags().StringVar(&set, "means", "", "open, won or lost")
	cmd.Flags().StringVar(&source, "source", "", "only of this source")
	cmd.Flags().StringVar(&pipeline, "pipeline", "", "only of this pipeline")
	cmd.Flags().IntVar(&rule.Position, "order", 0, "its place in the pipeline, from 1")
	cmd.Flags().BoolVar(&rule.Qualified, "qualified", false, "a deal in it counts as qualified")
	return cmd
}

func businessStageTable() table[business.StageLine] {
	return table[business.StageLine]{head: []string{"source", "pipeline", "order", "stage", "means", "qualified", "known_from", "deals", "seen"}, row: func(l *business.StageLine) []string {
		return []string{l.Source, l.Pipeline, strconv.Itoa(l.Position), l.Stage, string(l.State), strconv.FormatBool(l.Qualified), l.From, strconv.Itoa(l.Deals), strconv.Itoa(l.Seen)}
	}}
}

func (c *command) businessRates() *cobra.Command {
	var file, add, reporting string
	cmd := &cobra.Command{
		Use: "rates", Short: "List currency rates, add one, or import them", Args: cobra.NoArgs,
		Example: "  greenroom business rates --import eurofxref-hist.csv\n  greenroom business rates --add 'EUR USD 2026-01-02 1.0842'\n  greenroom business rates --reporting USD",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withBusiness(cmd.Context(), func(s *business.Service) error {
				switch {
				case reporting != "":
					set, err := s.Settings(cmd.Context())
					if err != nil {
						return err
					}
					set.Reporting = reporting
					return s.SetSettings(cmd.Context(), set, byCommandLine)
				case add != "":
					part := strings.Fields(add)
					if len(part) != 4 {
						return greenroom.Errorf(greenroom.CodeInvalid, "--add takes four words, such as 'EUR USD 2026-01-02 1.0842', not %q", add)
					}
					v, err := strconv.ParseFloat(part[3], 64)
					if err != nil {
						return greenroom.Errorf(greenroom.CodeInvalid, "%q is no rate; expected a number such as 1.0842", part[3])
					}
					return s.AddRate(cmd.Context(), greenroom.Rate{Base: part[0], Currency: part[1], Day: part[2], Value: v}, byCommandLine)
				case file != "":
					return c.importRates(cmd.Context(), s, file)
				}
				all, err := s.Rates(cmd.Context())
				if err != nil {
					return err
				}
				return printAll(c, table[greenroom.Rate]{head: []string{"day", "base", "currency", "rate", "origin"}, row: func(r *greenroom.Rate) []string {
					return []string{r.Day, r.Base, r.Currency, strconv.FormatFloat(r.Value, 'f', -1, 64), r.Origin}
				}}, all)
			})
		},
	}
	cmd.Flags().StringVar(&file, "import", "", "a CSV file: the ECB's eurofxref-hist.csv, or base,currency,day,rate")
	cmd.Flags().StringVar(&add, "add", "", "a rate: 'EUR USD 2026-01-02 1.0842' says that 1 EUR is 1.0842 USD")
	cmd.Flags().StringVar(&reporting, "reporting", "", "the currency that everything is reported in")
	return cmd
}

func (c *command) importRates(ctx context.Context, s *business.Service, file string) error {
	in, err := os.Open(file) //nolint:gosec // it is named by who runs the command
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "%s cannot be opened: %s", file, err)
	}
	defer in.Close() //nolint:errcheck // it was read only
	n, problems, err := s.ImportRates(ctx, in, file, byCommandLine)
	for _, p := range problems {
		c.say("line %d: %s\n", p.Line, p.Text)
	}
	if err != nil {
		return err
	}
	c.say("Stored %d rates.\n", n)
	return nil
}

func (c *command) businessReconcile() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "reconcile SOURCE", Short: "Set the deals of a source against the source's own export", Args: cobra.ExactArgs(1),
		Example: "  greenroom business reconcile hubspot --export all-deals.csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withBusiness(cmd.Context(), func(s *business.Service) error {
				var export io.Reader
				if file != "" {
					in, err := os.Open(file) //nolint:gosec // it is named by who runs the command
					if err != nil {
						return greenroom.Errorf(greenroom.CodeInvalid, "%s cannot be opened: %s", file, err)
					}
					defer in.Close() //nolint:errcheck // it was read only
					export = in
				}
				rec, err := s.Reconcile(cmd.Context(), args[0], export)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, rec)
			})
		},
	}
	cmd.Flags().StringVar(&file, "export", "", "the source's export of deals, a CSV file")
	return cmd
}
