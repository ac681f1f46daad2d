// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/program"
	"greenroom/internal/server"
)

func (c *command) programCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "program", Short: "Keep programs: champions, beta testers, speakers and others",
		Long: "A program is a lasting initiative with members enrolled in it: `program:KEY` names them in every query. PROGRAM is its key or its name, MEMBER a member's number.",
	}
	cmd.AddCommand(c.programList(), c.programShow(), c.programAdd(), c.programStart(), c.programPropose(), c.programApply(), c.programEnroll(), c.programDecide(), c.programStage(), c.programLeave(), c.programClose(), c.programFigures())
	return cmd
}

func programTable() table[program.Program] {
	return table[program.Program]{
		head: []string{"key", "name", "kind", "state", "enrolled", "to decide", "owner"},
		row: func(p *program.Program) []string {
			return []string{p.Key, p.Name, string(p.Kind), string(p.State), number(p.Enrolled), number(p.Waiting), p.Owner}
		},
	}
}

func enrollmentTable() table[program.Enrollment] {
	return table[program.Enrollment]{
		head: []string{"member id", "member", "stage", "cohort", "since", "until", "reason"},
		row: func(e *program.Enrollment) []string {
			until := ""
			if !e.Until.IsZero() {
				until = e.Until.Format(time.DateTime)
			}
			return []string{number(e.MemberID), e.Member, e.Stage, e.Cohort, e.Since.Format(time.DateTime), until, e.Reason}
		},
	}
}

func applicationTable() table[program.Application] {
	return table[program.Application]{
		head: []string{"id", "program", "member id", "member", "origin", "verdict", "reason", "at"},
		row: func(a *program.Application) []string {
			return []string{number(a.ID), a.Program, number(a.MemberID), a.Member, a.Origin, string(a.Verdict), a.Reason, a.At.Format(time.DateTime)}
		},
	}
}

func (c *command) programList() *cobra.Command {
	var closed bool
	cmd := &cobra.Command{
		Use: "list", Short: "List programs", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				all, err := app.Programs.List(cmd.Context(), closed)
				if err != nil {
					return err
				}
				return printAll(c, programTable(), all)
			})
		},
	}
	cmd.Flags().BoolVar(&closed, "closed", false, "those that were closed")
	return cmd
}

// programDetail is all about a program.
type programDetail struct {
	program.Program

	Members      []program.Enrollment  `json:"members"`
	Applications []program.Application `json:"applications"`
	Runs         []program.Run         `json:"runs"`
	Reviews      []program.Review      `json:"reviews"`
}

func (c *command) programShow() *cobra.Command {
	return &cobra.Command{
		Use: "show PROGRAM", Short: "Show a program with its plan, members, applications, runs and decisions, as JSON", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				ctx := cmd.Context()
				p, err := app.Programs.Get(ctx, args[0])
				if err != nil {
					return err
				}
				d := programDetail{Program: p}
				var errs [4]error
				d.Members, errs[0] = app.Programs.Enrollments(ctx, program.PeopleFilter{Program: p.ID, Limit: 10_000})
				d.Applications, errs[1] = app.Programs.Applications(ctx, p.Key)
				d.Runs, errs[2] = app.Programs.Runs(ctx, p.Key)
				d.Reviews, errs[3] = app.Programs.Reviews(ctx, p.Key)
				if err := errors.Join(errs[:]...); err != nil {
					return err
				}
				return writeJSON(c.io.Out, d)
			})
		},
	}
}

func (c *command) programAdd() *cobra.Command {
	var template, file, name, owner string
	cmd := &cobra.Command{
		Use: "add [NAME]", Short: "Make a program from a template, or from a plan as JSON", Args: cobra.MaximumNArgs(1),
		Long:    "Makes a program from a template (" + strings.Join(templateNames(), ", ") + ") or from a file with a draft as JSON, as the API takes it. It is planned until `greenroom program start`.",
		Example: "  greenroom program add --template champions\n  greenroom program add 'Docs experts' --file plan.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := c.programDraft(template, file)
			if err != nil {
				return err
			}
			if len(args) > 0 {
				name = args[0]
			}
			if name != "" {
				d.Name = name
			}
			if owner != "" {
				d.Owner = owner
			}
			return c.oneProgram(cmd.Context(), func(app *server.App) (program.Program, error) {
				return app.Programs.Add(cmd.Context(), d, byCommandLine)
			})
		},
	}
	cmd.Flags().StringVar(&template, "template", "", "kind of the template")
	cmd.Flags().StringVar(&file, "file", "", "file with a draft as JSON; - reads standard input")
	cmd.Flags().StringVar(&owner, "owner", "", "mail address of who looks after it")
	return cmd
}

func templateNames() []string {
	var all []string
	for _, d := range program.Templates() {
		all = append(all, string(d.Kind))
	}
	return all
}

// programDraft reads a draft from a template or a file.
func (c *command) programDraft(template, file string) (program.Draft, error) {
	switch {
	case template != "" && file != "":
		return program.Draft{}, greenroom.Errorf(greenroom.CodeInvalid, "say either --template or --file")
	case file != "":
		in := c.io.In
		if file != "-" {
			f, err := os.Open(file) //nolint:gosec // the person names it
			if err != nil {
				return program.Draft{}, &greenroom.Error{Code: greenroom.CodeInvalid, Message: file + " cannot be read; expected a file with a draft as JSON", Err: err}
			}
			defer f.Close() //nolint:errcheck // it was read only
			in = f
		}
		var d program.Draft
		if err := json.NewDecoder(io.LimitReader(in, 1<<20)).Decode(&d); err != nil {
			return d, &greenroom.Error{Code: greenroom.CodeInvalid, Message: file + " is no draft of a program: " + err.Error(), Err: err}
		}
		return d, nil
	case template == "":
		return program.Draft{Plan: program.Plan{Stages: []program.Stage{{Name: "Active"}}}}, nil
	}
	for _, d := range program.Templates() {
		if string(d.Kind) == template {
			return d, nil
		}
	}
	return program.Draft{}, greenroom.Errorf(greenroom.CodeInvalid, "there is no template %q; there are %s", template, strings.Join(templateNames(), ", "))
}

// oneProgram prints the program that f gives.
func (c *command) oneProgram(ctx context.Context, f func(*server.App) (program.Program, error)) error {
	return c.with(ctx, func(app *server.App) error {
		p, err := f(app)
		if err != nil {
			return err
		}
		return printAll(c, programTable(), []program.Program{p})
	})
}

// oneEnrollment prints the enrollment that f gives of a member.
func (c *command) oneEnrollment(ctx context.Context, text string, f func(app *server.App, member int64) (program.Enrollment, error)) error {
	member, err := memberNumber(text)
	if err != nil {
		return err
	}
	return c.with(ctx, func(app *server.App) error {
		e, err := f(app, member)
		if err != nil {
			return err
		}
		return printAll(c, enrollmentTable(), []program.Enrollment{e})
	})
}

func memberNumber(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is no member's number; `greenroom list members` shows them", text)
	}
	return id, nil
}

func (c *command) programStart() *cobra.Command {
	var approve bool
	cmd := &cobra.Command{
		Use: "start PROGRAM", Short: "Let a program run, so that members can be enrolled", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.oneProgram(cmd.Context(), func(app *server.App) (program.Program, error) {
				if approve {
					if p, err := app.Programs.Approve(cmd.Context(), args[0], byCommandLine); err != nil {
						return p, err
					}
				}
				return app.Programs.Start(cmd.Context(), args[0], byCommandLine)
			})
		},
	}
	cmd.Flags().BoolVar(&approve, "approve", false, "approve its plan and budget first")
	return cmd
}

func (c *command) programClose() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "close PROGRAM", Short: "Close a program; everybody leaves, its history stays", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.oneProgram(cmd.Context(), func(app *server.App) (program.Program, error) {
				return app.Programs.Close(cmd.Context(), args[0], reason, byCommandLine)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	return cmd
}

func (c *command) programPropose() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use: "propose PROGRAM", Short: "Rank who qualifies and is not in the program, with reasons", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				all, err := app.Programs.Propose(cmd.Context(), args[0], limit)
				if err != nil {
					return err
				}
				return printAll(c, table[program.Candidate]{
					head: []string{"member id", "member", "organization", "score", "reasons"},
					row: func(x *program.Candidate) []string {
						return []string{number(x.MemberID), x.Member, x.Organization, strconv.FormatFloat(x.Score, 'f', 2, 64), strings.Join(x.Reasons, ", ")}
					},
				}, all)
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 25, "how many at most")
	return cmd
}

func (c *command) programApply() *cobra.Command {
	var w program.Wish
	cmd := &cobra.Command{
		Use: "apply PROGRAM MEMBER", Short: "Put a member forward; decide says what becomes of it", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if w.Member, err = memberNumber(args[1]); err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				a, err := app.Programs.Apply(cmd.Context(), args[0], w, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, applicationTable(), []program.Application{a})
			})
		},
	}
	cmd.Flags().StringVar(&w.Note, "note", "", "what speaks for them")
	cmd.Flags().StringToStringVar(&w.Answers, "answer", nil, "answer to a question of the form, as KEY=TEXT")
	return cmd
}

func (c *command) programDecide() *cobra.Command {
	var a program.Admission
	cmd := &cobra.Command{
		Use: "decide APPLICATION accepted|declined|waiting|withdrawn", Short: "Decide an application; accepting enrolls", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return greenroom.Errorf(greenroom.CodeInvalid, "%q is no application's number; `greenroom program show` lists them", args[0])
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				done, err := app.Programs.Decide(cmd.Context(), id, program.Verdict(args[1]), a, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, applicationTable(), []program.Application{done})
			})
		},
	}
	cmd.Flags().StringVar(&a.Reason, "reason", "", "why; declining needs one")
	cmd.Flags().StringVar(&a.Stage, "stage", "", "in which they begin (default: the first)")
	return cmd
}

func (c *command) programEnroll() *cobra.Command {
	var a program.Admission
	cmd := &cobra.Command{
		Use: "enroll PROGRAM MEMBER", Short: "Enroll a member; who is in it already stays as they are", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.oneEnrollment(cmd.Context(), args[1], func(app *server.App, member int64) (program.Enrollment, error) {
				return app.Programs.Admit(cmd.Context(), args[0], member, a, byCommandLine)
			})
		},
	}
	cmd.Flags().StringVar(&a.Stage, "stage", "", "in which they begin (default: the first)")
	cmd.Flags().StringVar(&a.Cohort, "cohort", "", "the cohort (default: the program's)")
	cmd.Flags().StringVar(&a.Reason, "reason", "", "why")
	return cmd
}

func (c *command) programStage() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "stage PROGRAM MEMBER STAGE", Short: "Put a member into another stage", Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.oneEnrollment(cmd.Context(), args[1], func(app *server.App, member int64) (program.Enrollment, error) {
				return app.Programs.Stage(cmd.Context(), args[0], member, args[2], reason, byCommandLine)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	return cmd
}

func (c *command) programLeave() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "leave PROGRAM MEMBER", Short: "End a member's time in a program", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.oneEnrollment(cmd.Context(), args[1], func(app *server.App, member int64) (program.Enrollment, error) {
				return app.Programs.Leave(cmd.Context(), args[0], member, reason, byCommandLine)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	return cmd
}

func (c *command) programFigures() *cobra.Command {
	return &cobra.Command{
		Use: "figures PROGRAM", Short: "What came of a program: targets, and what members did before and since, as JSON", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				if _, err := c.figures(cmd.Context(), app); err != nil {
					return err
				}
				f, err := app.Programs.Figures(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, f)
			})
		},
	}
}
