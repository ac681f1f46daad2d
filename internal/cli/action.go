// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/server"
	"greenroom/internal/writeback"
)

func (c *command) actionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "action", Short: "Write members back to a CRM, push into a warehouse, and see what was written",
		Long: "An action changes another system: it writes fields of members to their contacts in a CRM. Preview says what would change and sends nothing; run sends it. " +
			"Each is logged with what became of every contact. Members are joined to contacts as Greenroom joins accounts; no contact is ever made. " +
			"push and push-metrics write tables of a database such as Snowflake and PostgreSQL. With --every, each of them is repeated by the server.",
	}
	cmd.AddCommand(c.actionList(), c.actionShow(), c.actionPreview(), c.actionRun(), c.actionPush(), c.actionPushMetrics(), c.actionRepeated(), c.actionStop(), c.actionResume(), c.actionDrop())
	return cmd
}

// acts opens the log of actions around f.
func (c *command) acts(ctx context.Context, f func(*server.App, *server.Acts) error) error {
	return c.with(ctx, func(app *server.App) error {
		acts, err := app.Acts(app.Importer, &figuresWhenAsked{c: c, app: app})
		if err != nil {
			return err
		}
		return f(app, acts)
	})
}

const listedActions = 100

func (c *command) actionList() *cobra.Command {
	return &cobra.Command{
		Use: "list [SOURCE]", Short: "List the last actions, the newest first", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.acts(cmd.Context(), func(_ *server.App, acts *server.Acts) error {
				all, err := acts.Actions(cmd.Context(), strings.Join(args, ""), 0, listedActions)
				if err != nil {
					return err
				}
				return c.printActions(all)
			})
		},
	}
}

func (c *command) printActions(all []action.Action) error {
	return printAll(c, table[action.Action]{
		head: []string{"id", "state", "items", "done", "unchanged", "failed", "by", "title"},
		row: func(a *action.Action) []string {
			n := func(v int64) string { return strconv.FormatInt(v, 10) }
			return []string{n(a.ID), string(a.State), n(a.Items), n(a.Done), n(a.Unchanged), n(a.Failed), a.CreatedBy, a.Title}
		},
	}, all)
}

const shownItems = 500

func (c *command) actionShow() *cobra.Command {
	var state string
	cmd := &cobra.Command{
		Use: "show ACTION", Short: "Show what became of each contact of an action", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.acts(cmd.Context(), func(_ *server.App, acts *server.Acts) error {
				if _, err := acts.Action(cmd.Context(), id); err != nil {
					return err
				}
				return c.printItems(cmd.Context(), acts, id, action.ItemState(state))
			})
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "only items that are waits, sent, done, unchanged or failed")
	return cmd
}

func (c *command) printItems(ctx context.Context, acts *server.Acts, id int64, state action.ItemState) error {
	w, err := newWriter(c.io.Out, c.format, table[action.Item]{
		head: []string{"item", "contact", "name", "state", "what", "reason"},
		row: func(it *action.Item) []string {
			return []string{strconv.FormatInt(it.Seq, 10), it.Target, it.Name, string(it.State), changesOf(it.Before, it.After), it.Reason}
		},
	})
	if err != nil {
		return err
	}
	for after := int64(0); ; {
		items, err := acts.ActionItems(ctx, id, state, after, shownItems)
		if err != nil {
			return err
		}
		for i := range items {
			if err := w.item(&items[i]); err != nil {
				return err
			}
			after = items[i].Seq
		}
		if len(items) < shownItems {
			return w.end()
		}
	}
}

// changesOf writes values as old → new, by name.
func changesOf(before, after map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if before[name] != after[name] {
			parts = append(parts, fmt.Sprintf("%s: %q → %q", name, before[name], after[name]))
		}
	}
	return strings.Join(parts, "; ")
}

// writeBackFlags reads what is to be written.
func writeBackFlags(cmd *cobra.Command) *writeback.Request {
	r := &writeback.Request{}
	var names []string
	for _, f := range writeback.Fields() {
		names = append(names, f.Name)
	}
	cmd.Flags().StringVarP(&r.Query, "query", "q", "", "whose contacts are written: a query over members")
	cmd.Flags().StringToStringVar(&r.Set, "set", nil, "PROPERTY=FIELD, what is written; may be given several times. Fields: "+strings.Join(names, ", ")+", field:NAME")
	cmd.Flags().BoolVar(&r.Note, "note", false, "put a note beside each contact that changes")
	cmd.Flags().StringVar(&r.Link, "link", "", "address of this Greenroom, for links to members")
	return r
}

func (c *command) actionPreview() *cobra.Command {
	cmd := &cobra.Command{Use: "preview SOURCE", Short: "Say what would be written to a source's contacts; sends nothing", Args: cobra.ExactArgs(1)}
	r := writeBackFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		r.Source = args[0]
		return c.acts(cmd.Context(), func(_ *server.App, acts *server.Acts) error {
			p, err := acts.Preview(cmd.Context(), r)
			if err != nil {
				return err
			}
			w, err := newWriter(c.io.Out, c.format, table[writeback.Row]{
				head: []string{"contact", "name", "what"},
				row: func(row *writeback.Row) []string {
					return []string{row.Contact, row.Name, changesOf(row.Before, row.After)}
				},
			})
			if err != nil {
				return err
			}
			for i := range p.Rows {
				if err := w.item(&p.Rows[i]); err != nil {
					return err
				}
			}
			c.say("%d of %d members have no contact; of %d contacts that were compared %d would change, %d have the values already, %d are gone\n", p.NoContact, p.Members, p.Contacts, p.Change, p.Unchanged, p.Gone)
			if p.More {
				c.say("there are more contacts; they are compared when they are sent\n")
			}
			return w.end()
		})
	}
	return cmd
}

func (c *command) actionRun() *cobra.Command {
	var yes bool
	var key, every string
	cmd := &cobra.Command{
		Use: "run SOURCE", Short: "Write fields of members to a source's contacts", Args: cobra.ExactArgs(1),
		Long: "Run writes as preview says. What is equal is left alone. When it is stopped, the server goes on with it, or the next run; nothing is written twice.",
	}
	r := writeBackFlags(cmd)
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	cmd.Flags().StringVar(&key, "key", "", "a text that stands for this intent: running again with it writes nothing twice")
	everyFlag(cmd, &every)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !yes {
			return greenroom.Errorf(greenroom.CodeInvalid, "this writes to another system; look at `greenroom action preview` and say --yes to do it")
		}
		r.Source = args[0]
		return c.act(cmd.Context(), every, writeback.Repeated{WriteBack: r}, func(acts *server.Acts) (action.Action, error) {
			return acts.Send(cmd.Context(), r, key, byCommandLine, true)
		})
	}
	return cmd
}

// finish carries out actions until one is over, or cannot go on now, and prints it.
func (c *command) finish(ctx context.Context, acts *server.Acts, id int64) error {
	for more := true; more; { // others may come first
		var err error
		if more, err = acts.Next(ctx); err != nil {
			return err
		}
	}
	a, err := acts.Action(ctx, id)
	if err != nil {
		return err
	}
	if !a.Over() {
		c.say("action %d is not over: %s; the server goes on with it\n", a.ID, cmp.Or(a.Error, "another process carries it out"))
	}
	return c.printActions([]action.Action{a})
}
