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
	"greenroom/internal/report"
	"greenroom/internal/report/paper"
	"greenroom/internal/server"
)

func (c *command) reportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "report", Short: "Make reports for stakeholders, and deliver them",
		Long: "A report is blocks in order: figures, charts, tables, words. An edition is what is made of it for one whole period. It is drafted, edited, and frozen when it is delivered.",
	}
	cmd.AddCommand(c.reportList(), c.reportTemplates(), c.reportNew(), c.reportShow(), c.reportMake(), c.reportWrite(), c.reportRender(), c.reportDeliver(), c.reportRestate(), c.reportShare())
	return cmd
}

// withReports runs f with the service, over figures.
func (c *command) withReports(ctx context.Context, f func(*report.Service) error) error {
	return c.with(ctx, func(app *server.App) error {
		engine, err := c.figures(ctx, app)
		if err != nil {
			return err
		}
		s, err := app.Reports(engine, app.Health(engine), "", nil)
		if err != nil {
			return err
		}
		return f(s)
	})
}

func reportTable() table[report.Report] {
	return table[report.Report]{
		head: []string{"id", "title", "for", "rhythm", "scheduled", "recipients", "blocks", "archived"},
		row: func(r *report.Report) []string {
			return []string{number(r.ID), r.Title, string(r.For), string(r.Rhythm), strconv.FormatBool(r.Schedule.On), strconv.Itoa(len(r.Schedule.Mail) + len(r.Schedule.Destinations)), strconv.Itoa(len(r.Blocks)), strconv.FormatBool(r.Archived)}
		},
	}
}

func editionTable() table[report.Edition] {
	return table[report.Edition]{
		head: []string{"id", "report", "period", "state", "version", "made", "delivered", "recipients"},
		row: func(e *report.Edition) []string {
			delivered := ""
			if !e.DeliveredAt.IsZero() {
				delivered = e.DeliveredAt.UTC().Format("2006-01-02T15:04:05Z")
			}
			return []string{number(e.ID), number(e.ReportID), e.Period.Key, string(e.State), number(e.Version), e.Content.MadeAt.UTC().Format("2006-01-02T15:04:05Z"), delivered, strconv.Itoa(len(e.Recipients))}
		},
	}
}

func reportNumber(text, what string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of %s; `greenroom report list` and `greenroom report show` have them", text, what)
	}
	return id, nil
}

func (c *command) reportList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List reports", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withReports(cmd.Context(), func(s *report.Service) error {
				all, err := s.List(cmd.Context())
				if err != nil {
					return err
				}
				return printAll(c, reportTable(), all)
			})
		},
	}
}

func (c *command) reportTemplates() *cobra.Command {
	return &cobra.Command{
		Use: "templates", Short: "List the templates", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return printAll(c, table[report.Template]{head: []string{"template", "rhythm", "blocks", "what it says"}, row: func(t *report.Template) []string {
				return []string{string(t.Key), string(t.New.Rhythm), strconv.Itoa(len(t.New.Blocks)), t.Text}
			}}, report.Templates())
		},
	}
}

func (c *command) reportNew() *cobra.Command {
	var template, title, owner string
	var mails []string
	var on, auto bool
	cmd := &cobra.Command{
		Use: "new", Short: "Make a report from a template", Args: cobra.NoArgs,
		Example: "  greenroom report new --template executive --mail vp@example.org --schedule",
		RunE: func(cmd *cobra.Command, _ []string) error {
			t, err := report.TemplateFor(report.Stakeholder(strings.ReplaceAll(template, "-", "_")))
			if err != nil {
				return err
			}
			d := t.New
			if title != "" {
				d.Title = title
			}
			d.Owner, d.Schedule.Mail, d.Schedule.On, d.Schedule.Review = owner, mails, on || auto, !auto
			return c.withReports(cmd.Context(), func(s *report.Service) error {
				r, err := s.Add(cmd.Context(), d, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, reportTable(), []report.Report{r})
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&template, "template", "executive", "for whom, see `greenroom report templates`")
	flags.StringVar(&title, "title", "", "its name (default: the template's)")
	flags.StringVar(&owner, "owner", "", "mail address of who answers for it")
	flags.StringSliceVar(&mails, "mail", nil, "addresses that it goes to")
	flags.BoolVar(&on, "schedule", false, "draft an edition by itself when a period is over")
	flags.BoolVar(&auto, "deliver-unseen", false, "deliver it by itself, without that a person looks at it")
	return cmd
}

// reportDetail is a report with its editions.
type reportDetail struct {
	report.Report

	Editions []report.Edition `json:"editions"`
}

func (c *command) reportShow() *cobra.Command {
	var edition bool
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show a report with its editions as JSON, or with --edition one edition", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := reportNumber(args[0], "a report")
			if err != nil {
				return err
			}
			return c.withReports(cmd.Context(), func(s *report.Service) error {
				if edition {
					e, err := s.Edition(cmd.Context(), id)
					if err != nil {
						return err
					}
					return writeJSON(c.io.Out, e)
				}
				r, err := s.Get(cmd.Context(), id)
				if err != nil {
					return err
				}
				d := reportDetail{Report: r}
				if d.Editions, err = s.Editions(cmd.Context(), id); err != nil {
					return err
				}
				return writeJSON(c.io.Out, d)
			})
		},
	}
	cmd.Flags().BoolVar(&edition, "edition", false, "ID is that of an edition")
	return cmd
}

func (c *command) reportMake() *cobra.Command {
	var period string
	cmd := &cobra.Command{
		Use: "make ID", Short: "Draft the edition of a period", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := reportNumber(args[0], "a report")
			if err != nil {
				return err
			}
			return c.withReports(cmd.Context(), func(s *report.Service) error {
				e, err := s.Make(cmd.Context(), id, period, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, editionTable(), []report.Edition{e})
			})
		},
	}
	cmd.Flags().StringVar(&period, "period", "", "such as 2026-10, 2026-W43 or 2026-Q4 (default: the last whole one)")
	return cmd
}

func (c *command) reportWrite() *cobra.Command {
	return &cobra.Command{
		Use: "write EDITION BLOCK TEXT", Short: "Edit the words beside a block of a draft; an empty text is written by rule again", Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.onEdition(cmd.Context(), args[0], func(s *report.Service, e *report.Edition) error {
				changed, err := s.Write(cmd.Context(), e.ID, e.Version, report.Comments{args[1]: args[2]}, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, editionTable(), []report.Edition{changed})
			})
		},
	}
}

// onEdition runs f with an edition.
func (c *command) onEdition(ctx context.Context, text string, f func(*report.Service, *report.Edition) error) error {
	id, err := reportNumber(text, "an edition")
	if err != nil {
		return err
	}
	return c.withReports(ctx, func(s *report.Service) error {
		e, err := s.Edition(ctx, id)
		if err != nil {
			return err
		}
		return f(s, &e)
	})
}

func (c *command) reportRender() *cobra.Command {
	var form, out string
	cmd := &cobra.Command{
		Use: "render EDITION", Short: "Write an edition as a file", Args: cobra.ExactArgs(1), Example: "  greenroom report render 3 --format pdf --out october.pdf",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.onEdition(cmd.Context(), args[0], func(_ *report.Service, e *report.Edition) error {
				press, err := paper.New()
				if err != nil {
					return err
				}
				f, err := press.File(&e.Content, form)
				if err != nil {
					return err
				}
				if out == "-" {
					_, err = c.io.Out.Write(f.Data)
					return err
				}
				if out == "" {
					out = f.Name
				}
				if err := os.WriteFile(out, f.Data, 0o600); err != nil {
					return &greenroom.Error{Code: greenroom.CodeInvalid, Message: out + " cannot be written", Err: err}
				}
				c.say("Wrote %s, %d bytes.\n", out, len(f.Data))
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&form, "format", "pdf", "pdf, html, slides, csv (a zip of tables), png (a zip of pictures), or png:BLOCK")
	cmd.Flags().StringVar(&out, "out", "", "the file (default: named by the report); - is standard output")
	return cmd
}

func (c *command) reportDeliver() *cobra.Command {
	return &cobra.Command{
		Use: "deliver EDITION", Short: "Freeze a draft and send it to whom its report names; the server sends it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.onEdition(cmd.Context(), args[0], func(s *report.Service, e *report.Edition) error {
				done, err := s.Deliver(cmd.Context(), e.ID, e.Version, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, editionTable(), []report.Edition{done})
			})
		},
	}
}

func (c *command) reportRestate() *cobra.Command {
	return &cobra.Command{
		Use: "restate EDITION", Short: "Show an edition's figures as they were and as they are today", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.onEdition(cmd.Context(), args[0], func(s *report.Service, e *report.Edition) error {
				all, err := s.Restate(cmd.Context(), e.ID)
				if err != nil {
					return err
				}
				return printAll(c, table[report.Restated]{head: []string{"block", "figure", "then", "now", "same"}, row: func(r *report.Restated) []string {
					return []string{r.Block, r.Label, goalFigure(r.Then), goalFigure(r.Now), strconv.FormatBool(r.Same)}
				}}, all)
			})
		},
	}
}

func (c *command) reportShare() *cobra.Command {
	var n report.NewShare
	var revoke int64
	cmd := &cobra.Command{
		Use: "share EDITION", Short: "Make a link that shows an edition without signing in, or take one back", Args: cobra.ExactArgs(1),
		Long: "The password is read from the environment variable GREENROOM_REPORT_PASSWORD, so that it stands in no history.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.onEdition(cmd.Context(), args[0], func(s *report.Service, e *report.Edition) error {
				if revoke > 0 {
					return s.Revoke(cmd.Context(), revoke, byCommandLine)
				}
				n.Password = os.Getenv("GREENROOM_REPORT_PASSWORD")
				sh, err := s.Share(cmd.Context(), e.ID, n, byCommandLine)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(c.io.Out, sh.URL)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&n.Label, "label", "", "for whom it is")
	cmd.Flags().IntVar(&n.Days, "days", 30, "for how many days it opens")
	cmd.Flags().Int64Var(&revoke, "revoke", 0, "take back the link with this number")
	return cmd
}
