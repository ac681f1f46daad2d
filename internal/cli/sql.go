// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/ask"
	"greenroom/internal/server"
)

func (c *command) sqlCommand() *cobra.Command {
	var values []string
	var kept int64
	var rows int
	var limit time.Duration
	cmd := &cobra.Command{
		Use: "sql [QUESTION]", Short: "Ask in SQL, over read-only views of everything", Args: cobra.MaximumNArgs(1),
		Long:    "Answers one statement that begins with SELECT or WITH. It sees the views that `greenroom sql views` lists and nothing else. Without a question, one is read from the standard input.",
		Example: "  greenroom sql 'SELECT country, count(*) AS members FROM members GROUP BY country ORDER BY members DESC'\n  greenroom sql --set country=DE 'SELECT name FROM members WHERE country = :country' --format csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			set := make(map[string]string, len(values))
			for _, v := range values {
				name, value, found := strings.Cut(v, "=")
				if !found {
					return greenroom.Errorf(greenroom.CodeInvalid, "--set takes NAME=VALUE, not %q", v)
				}
				set[name] = value
			}
			limits := ask.Limits{Rows: rows, Time: limit, Size: ask.Most().Size}
			return c.with(cmd.Context(), func(app *server.App) error {
				if kept > 0 {
					a, err := app.Questions().Answer(cmd.Context(), kept, set, limits, byCommandLine)
					if err != nil {
						return err
					}
					return c.printAnswer(a)
				}
				text, err := c.sqlText(args)
				if err != nil {
					return err
				}
				a, err := app.Questions().Ask(cmd.Context(), ask.Query{SQL: text, Values: set, Limits: limits, By: byCommandLine})
				if err != nil {
					return err
				}
				return c.printAnswer(a)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&values, "set", nil, "what a parameter is, as NAME=VALUE; repeat it")
	flags.Int64Var(&kept, "question", 0, "answer a question that is kept, by number")
	flags.IntVar(&rows, "rows", ask.Usual().Rows, "how many rows at most")
	flags.DurationVar(&limit, "time", ask.Usual().Time, "how long it may take")
	cmd.AddCommand(c.sqlViews(), c.sqlKept(), c.sqlKeep())
	return cmd
}

// sqlText is the question: the argument, or what comes in.
func (c *command) sqlText(args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	text, err := io.ReadAll(io.LimitReader(c.io.In, ask.MaxStatement+1))
	if err != nil {
		return "", fmt.Errorf("reading the question: %w", err)
	}
	return string(text), nil
}

// printAnswer prints an answer in the format that was asked for.
func (c *command) printAnswer(a *ask.Answer) error {
	if c.format == "json" {
		return writeJSON(c.io.Out, a)
	}
	t := table[[]any]{row: func(row *[]any) []string {
		var line []string
		for _, v := range *row {
			line = append(line, ask.TextOf(v))
		}
		return line
	}}
	for _, f := range a.Columns {
		t.head = append(t.head, f.Name)
	}
	if a.Cut != "" {
		c.say("greenroom: %s\n", a.Cut)
	}
	if c.format == "csv" {
		return a.WriteCSV(c.io.Out)
	}
	return printAll(c, t, a.Rows)
}

// viewColumn is a line of what can be asked about.
type viewColumn struct {
	View   string   `json:"view"`
	Column string   `json:"column"`
	Type   ask.Type `json:"type"`
	Text   string   `json:"text"`
}

func (c *command) sqlViews() *cobra.Command {
	return &cobra.Command{
		Use: "views [VIEW]", Short: "List what can be asked about", Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var all []viewColumn
			for _, v := range ask.Views() {
				if len(args) == 1 && v.Name != args[0] {
					continue
				}
				for _, f := range v.Columns {
					all = append(all, viewColumn{v.Name, f.Name, f.Type, f.Text})
				}
			}
			if len(all) == 0 {
				return greenroom.Errorf(greenroom.CodeNotFound, "there is no view %q; `greenroom sql views` lists them", args[0])
			}
			return printAll(c, table[viewColumn]{head: []string{"view", "column", "type", "text"}, row: func(v *viewColumn) []string {
				return []string{v.View, v.Column, string(v.Type), v.Text}
			}}, all)
		},
	}
}

func questionTable() table[ask.Saved] {
	return table[ask.Saved]{head: []string{"id", "title", "parameters", "by", "sql"}, row: func(q *ask.Saved) []string {
		return []string{number(q.ID), q.Title, strings.Join(q.Params, " "), q.CreatedBy, strings.Join(strings.Fields(q.SQL), " ")}
	}}
}

func (c *command) sqlKept() *cobra.Command {
	return &cobra.Command{
		Use: "questions", Short: "List the questions that are kept", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				all, err := app.Questions().Saved(cmd.Context())
				if err != nil {
					return err
				}
				return printAll(c, questionTable(), all)
			})
		},
	}
}

func (c *command) sqlKeep() *cobra.Command {
	var shape string
	cmd := &cobra.Command{
		Use: "keep TITLE QUESTION", Short: "Keep a question for the team", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				q, err := app.Questions().Keep(cmd.Context(), ask.Draft{Title: args[0], SQL: args[1], Shape: ask.Shape(shape)}, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, questionTable(), []ask.Saved{q})
			})
		},
	}
	cmd.Flags().StringVar(&shape, "shape", "table", "how it is drawn: table, bar, line or number")
	return cmd
}
