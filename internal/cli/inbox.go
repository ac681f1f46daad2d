// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/inbox"
	"greenroom/internal/server"
)

func (c *command) inboxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "inbox", Short: "See what waits for the team, and say what is to become of it",
		Long: "The inbox lists conversations that need an answer, what is most past its target first. ID is that of a conversation. Every change prints its event, whose id `greenroom inbox undo` takes.",
	}
	cmd.AddCommand(c.inboxList(), c.inboxShow(), c.inboxSuggest(), c.inboxWaits(), c.inboxSettings(), c.inboxSnooze(), c.inboxDone(), c.inboxReply(), c.inboxBulk(),
		c.inboxAct("assign ID TO", "Say whose it is: a mail address, rotation, expert, or \"\" for nobody", 2, func(ctx context.Context, app *server.App, id int64, args []string) (inbox.Event, error) {
			return app.Inbox.Assign(ctx, id, args[1], byCommandLine)
		}),
		c.inboxAct("wake ID", "End a snooze", 1, func(ctx context.Context, app *server.App, id int64, _ []string) (inbox.Event, error) {
			return app.Inbox.Wake(ctx, id, byCommandLine)
		}),
		c.inboxAct("note ID TEXT", "Keep a note for the team; @name tells that person", 2, func(ctx context.Context, app *server.App, id int64, args []string) (inbox.Event, error) {
			return app.Inbox.Note(ctx, id, args[1], byCommandLine)
		}),
		c.inboxAct("reopen ID", "Say that it waits, also where it was done, merged or answered", 1, func(ctx context.Context, app *server.App, id int64, _ []string) (inbox.Event, error) {
			return app.Inbox.Reopen(ctx, id, byCommandLine)
		}),
		c.inboxAct("merge ID INTO", "Say that it asks the same as another, which is answered for both", 2, func(ctx context.Context, app *server.App, id int64, args []string) (inbox.Event, error) {
			into, err := parseID(args[1])
			if err != nil {
				return inbox.Event{}, err
			}
			return app.Inbox.Merge(ctx, id, into, byCommandLine)
		}),
		c.inboxAct("undo EVENT", "Take back what was done, as long as nothing came after it", 1, func(ctx context.Context, app *server.App, id int64, _ []string) (inbox.Event, error) {
			return app.Inbox.Undo(ctx, id, byCommandLine)
		}),
	)
	return cmd
}

func itemTable() table[inbox.Item] {
	return table[inbox.Item]{
		head: []string{"id", "status", "due", "late h", "owner", "source", "channel", "author", "title"},
		row: func(it *inbox.Item) []string {
			c := &it.Conversation
			return []string{number(c.ID), string(it.Status), it.DueAt.Format(time.DateTime), fmt.Sprintf("%.1f", it.LateHours), it.Owner, c.Source, c.Channel, c.Author, c.Title}
		},
	}
}

func inboxEventTable() table[inbox.Event] {
	return table[inbox.Event]{
		head: []string{"id", "at", "conversation", "what", "by", "detail"},
		row: func(e *inbox.Event) []string {
			return []string{number(e.ID), e.At.Format(time.DateTime), number(e.ConversationID), string(e.What), e.Actor, e.Detail}
		},
	}
}

// inboxAct is a command that changes an item, or takes a change back.
func (c *command) inboxAct(use, short string, args int, do func(ctx context.Context, app *server.App, id int64, args []string) (inbox.Event, error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(args),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				e, err := do(cmd.Context(), app, id, args)
				if err != nil {
					return err
				}
				return printAll(c, inboxEventTable(), []inbox.Event{e})
			})
		},
	}
}

func (c *command) inboxList() *cobra.Command {
	var f inbox.Filter
	var view string
	cmd := &cobra.Command{
		Use: "list", Short: "List what waits, what is most past its target first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.View = inbox.View(view)
			if f.Person != "" && !cmd.Flags().Changed("view") {
				f.View = inbox.ViewMine
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				p, err := app.Inbox.Queue(cmd.Context(), f)
				if err != nil {
					return err
				}
				return printAll(c, itemTable(), p.Items)
			})
		},
	}
	cmd.Flags().StringVar(&view, "view", string(inbox.ViewWaiting), "waiting, mine, unassigned, overdue, snoozed or done")
	cmd.Flags().StringVar(&f.Person, "person", "", "whose, by mail address")
	cmd.Flags().StringVarP(&f.Query, "query", "q", "", "only conversations that fit")
	cmd.Flags().IntVar(&f.Limit, "limit", 100, "how many at most")
	return cmd
}

// inboxJSON is a command that prints one object as JSON.
func (c *command) inboxJSON(use, short string, get func(ctx context.Context, app *server.App, id int64) (any, error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				v, err := get(cmd.Context(), app, id)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, v)
			})
		},
	}
}

func (c *command) inboxShow() *cobra.Command {
	return c.inboxJSON("show ID", "Show an item with everything that happened to it, as JSON", func(ctx context.Context, app *server.App, id int64) (any, error) {
		return app.Inbox.Item(ctx, id)
	})
}

func (c *command) inboxSuggest() *cobra.Command {
	return c.inboxJSON("suggest ID", "Show who could answer and what was answered before, as JSON", func(ctx context.Context, app *server.App, id int64) (any, error) {
		return app.Inbox.Help(ctx, id)
	})
}

func (c *command) inboxSnooze() *cobra.Command {
	var until string
	var reply bool
	cmd := c.inboxAct("snooze ID", "Let it sleep until a time, until somebody writes, or until the first of both", 1, func(ctx context.Context, app *server.App, id int64, _ []string) (inbox.Event, error) {
		at, err := c.whenOf(until)
		if err != nil {
			return inbox.Event{}, err
		}
		return app.Inbox.Snooze(ctx, id, at, reply, byCommandLine)
	})
	cmd.Flags().StringVar(&until, "until", "", "a time such as 2026-12-01T09:00, or a span such as 4h")
	cmd.Flags().BoolVar(&reply, "reply", false, "until somebody writes")
	return cmd
}

// whenOf reads a time to come, or a span from now; "" is no time.
func (c *command) whenOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	now := c.now()
	if d, err := time.ParseDuration(text); err == nil {
		return now.Add(d), nil
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(form, text, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, greenroom.Errorf(greenroom.CodeInvalid, "expected a time such as 2026-12-01T09:00 or a span such as 4h, not %q", text)
}

func (c *command) inboxDone() *cobra.Command {
	var elsewhere string
	cmd := c.inboxAct("done ID", "Mark it as done, or as answered elsewhere", 1, func(ctx context.Context, app *server.App, id int64, _ []string) (inbox.Event, error) {
		return app.Inbox.Finish(ctx, id, elsewhere, byCommandLine)
	})
	cmd.Flags().StringVar(&elsewhere, "elsewhere", "", "the address of the answer")
	return cmd
}

func (c *command) inboxBulk() *cobra.Command {
	var b inbox.Bulk
	var until string
	cmd := &cobra.Command{
		Use: "bulk assign|snooze|wake|done|reopen|undo ID...", Short: "Change several items, each for itself; with undo, the ids are those of events", Args: cobra.MinimumNArgs(2),
		Example: "  greenroom inbox bulk assign 1203 1207 --to ana@acme.example\n  greenroom inbox bulk snooze 1203 1207 --until 24h",
		RunE: func(cmd *cobra.Command, args []string) error {
			b.Do = inbox.Doing(args[0])
			for _, text := range args[1:] {
				id, err := parseID(text)
				if err != nil {
					return err
				}
				b.IDs = append(b.IDs, id)
			}
			var err error
			if b.Until, err = c.whenOf(until); err != nil {
				return err
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				done, err := app.Inbox.Bulk(cmd.Context(), b, byCommandLine)
				if err != nil {
					return err
				}
				if err := printAll(c, inboxEventTable(), done.Events); err != nil || len(done.Refused) == 0 {
					return err
				}
				for _, refused := range done.Refused {
					c.say("%d: %s\n", refused.ID, refused.Why)
				}
				return greenroom.Errorf(greenroom.CodeConflict, "%d of %d were not changed", len(done.Refused), len(b.IDs))
			})
		},
	}
	cmd.Flags().StringVar(&b.To, "to", "", "whose they are: a mail address, rotation, expert, or nothing for nobody")
	cmd.Flags().StringVar(&until, "until", "", "until when they sleep: a time such as 2026-12-01T09:00, or a span such as 4h")
	cmd.Flags().BoolVar(&b.UntilReply, "reply", false, "until somebody writes")
	return cmd
}

func (c *command) inboxReply() *cobra.Command {
	var as string
	var member int64
	cmd := c.inboxAct("reply ID TEXT", "Reply on its platform in a person's name, or with --member ask a member to help; a running server sends it", 2, func(ctx context.Context, app *server.App, id int64, args []string) (inbox.Event, error) {
		by := as + " by the " + byCommandLine
		if member > 0 {
			return app.Inbox.Ask(ctx, id, member, args[1], by)
		}
		return app.Inbox.Reply(ctx, id, args[1], by)
	})
	cmd.Flags().StringVar(&as, "as", "", "mail address of the person in whose name it goes")
	cmd.Flags().Int64Var(&member, "member", 0, "id of a member who is asked instead")
	if err := cmd.MarkFlagRequired("as"); err != nil {
		panic(err) // the flag is made above
	}
	return cmd
}

func (c *command) inboxWaits() *cobra.Command {
	var weeks int
	cmd := &cobra.Command{
		Use: "waits", Short: "Say how long questions wait, now and by hour of the week, as JSON", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				w, err := app.Inbox.Waits(cmd.Context(), weeks)
				if err != nil {
					return err
				}
				return writeJSON(c.io.Out, w)
			})
		},
	}
	cmd.Flags().IntVar(&weeks, "weeks", 12, "how far back")
	return cmd
}

func (c *command) inboxSettings() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "settings", Short: "Show targets and rules as JSON, or set them from such a file", Args: cobra.NoArgs,
		Example: "  greenroom inbox settings > inbox.json\n  greenroom inbox settings --set inbox.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				set, err := app.Inbox.Settings(cmd.Context())
				if err != nil {
					return err
				}
				if file != "" {
					if err := c.readSettings(file, &set); err != nil {
						return err
					}
					if set, err = app.Inbox.SetSettings(cmd.Context(), set, byCommandLine); err != nil {
						return err
					}
				}
				return writeJSON(c.io.Out, set)
			})
		},
	}
	cmd.Flags().StringVar(&file, "set", "", "file with the new settings, or - for what is typed; what it leaves out stays")
	return cmd
}

// readSettings reads settings over those that there are.
func (c *command) readSettings(file string, into *inbox.Settings) error {
	var text []byte
	var err error
	if file == "-" {
		text, err = io.ReadAll(c.io.In)
	} else {
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the settings in " + file + " cannot be read", Err: err}
	}
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: file + " holds no settings as `greenroom inbox settings` prints them", Err: err}
	}
	return nil
}
