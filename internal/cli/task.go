// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/server"
	"greenroom/internal/task"
)

func (c *command) taskCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "task", Short: "See and change what people of the team are to do, and see what they were told"}
	cmd.AddCommand(c.taskList(), c.taskAdd(), c.taskEdit(), c.taskFinish("done ID", "Mark a task as done", true), c.taskFinish("reopen ID", "Take back that a task was done", false), c.taskNotices())
	return cmd
}

func taskTable() table[task.Task] {
	return table[task.Task]{
		head: []string{"id", "due", "owner", "title", "origin", "member", "done"},
		row: func(t *task.Task) []string {
			return []string{number(t.ID), dayText(t.DueAt), t.Owner, t.Title, t.Origin, t.Member, dayText(t.DoneAt)}
		},
	}
}

func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// oneTask prints the task that f gives.
func (c *command) oneTask(ctx context.Context, f func(*server.App) (task.Task, error)) error {
	return c.with(ctx, func(app *server.App) error {
		t, err := f(app)
		if err != nil {
			return err
		}
		return printAll(c, taskTable(), []task.Task{t})
	})
}

func (c *command) taskList() *cobra.Command {
	var f task.Filter
	cmd := &cobra.Command{
		Use: "list", Short: "List tasks: what is due first, then what has no date", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				all, err := app.Tasks.List(cmd.Context(), f)
				if err != nil {
					return err
				}
				return printAll(c, taskTable(), all)
			})
		},
	}
	cmd.Flags().StringVar(&f.Owner, "owner", "", "of one person, by mail address")
	cmd.Flags().BoolVar(&f.Unowned, "unowned", false, "those of nobody")
	cmd.Flags().BoolVar(&f.Done, "done", false, "those that are done instead")
	cmd.Flags().Int64Var(&f.Member, "member", 0, "about one member, by id")
	cmd.Flags().IntVar(&f.Limit, "limit", 200, "how many at most")
	return cmd
}

func (c *command) taskAdd() *cobra.Command {
	var d task.Draft
	var due string
	cmd := &cobra.Command{
		Use: "add TITLE", Short: "Make a task; its owner is told", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			d.Title = args[0]
			if d.DueAt, err = c.whenOf(due); err != nil {
				return err
			}
			return c.oneTask(cmd.Context(), func(app *server.App) (task.Task, error) {
				return app.Tasks.Add(cmd.Context(), d, byCommandLine)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&d.Owner, "owner", "", "mail address of who does it")
	flags.StringVar(&due, "due", "", "a day such as 2026-12-01")
	flags.StringVar(&d.Note, "note", "", "more about it")
	flags.StringVar(&d.Link, "link", "", "an address")
	flags.Int64Var(&d.MemberID, "member", 0, "id of the member whom it is about")
	return cmd
}

func (c *command) taskEdit() *cobra.Command {
	var title, note, link, owner, due string
	cmd := &cobra.Command{Use: "edit ID", Short: "Change a task; a new owner is told", Args: cobra.ExactArgs(1)}
	flags := cmd.Flags()
	flags.StringVar(&title, "title", "", "what is to be done")
	flags.StringVar(&note, "note", "", "more about it")
	flags.StringVar(&link, "link", "", "an address")
	flags.StringVar(&owner, "owner", "", "mail address of who does it; \"\" for nobody")
	flags.StringVar(&due, "due", "", "a day such as 2026-12-01; \"\" for none")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := parseID(args[0])
		if err != nil {
			return err
		}
		var p task.Patch
		for name, f := range map[string]struct {
			to    **string
			value *string
		}{"title": {&p.Title, &title}, "note": {&p.Note, &note}, "link": {&p.Link, &link}, "owner": {&p.Owner, &owner}} {
			if flags.Changed(name) {
				*f.to = f.value
			}
		}
		if flags.Changed("due") {
			at, err := c.whenOf(due)
			if err != nil {
				return err
			}
			p.DueAt = &at
		}
		if p == (task.Patch{}) {
			return greenroom.Errorf(greenroom.CodeInvalid, "say what to change: --title, --note, --link, --owner or --due")
		}
		return c.oneTask(cmd.Context(), func(app *server.App) (task.Task, error) {
			return app.Tasks.Edit(cmd.Context(), id, p, byCommandLine)
		})
	}
	return cmd
}

func (c *command) taskFinish(use, short string, done bool) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.oneTask(cmd.Context(), func(app *server.App) (task.Task, error) {
				return app.Tasks.Finish(cmd.Context(), id, done, byCommandLine)
			})
		},
	}
}

func (c *command) taskNotices() *cobra.Command {
	var unseen, seen bool
	cmd := &cobra.Command{
		Use: "notices PERSON", Short: "List what a person was told, the newest first, by mail address", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				all, err := app.Tasks.Told(cmd.Context(), args[0], unseen, 0, 200)
				if err != nil {
					return err
				}
				if seen && len(all) > 0 {
					if err := app.Tasks.See(cmd.Context(), args[0], all[0].ID); err != nil {
						return err
					}
				}
				return printAll(c, table[task.Notice]{head: []string{"id", "at", "kind", "title", "text", "link", "seen"}, row: func(n *task.Notice) []string {
					return []string{number(n.ID), n.At.Format(time.DateTime), n.Kind, n.Title, n.Text, n.Link, dayText(n.SeenAt)}
				}}, all)
			})
		},
	}
	cmd.Flags().BoolVar(&unseen, "unseen", false, "only what is new")
	cmd.Flags().BoolVar(&seen, "seen", false, "mark all of it as seen")
	return cmd
}
