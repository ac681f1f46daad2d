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
	"greenroom/internal/outbox"
	"greenroom/internal/server"
	"greenroom/internal/workflow"
)

func (c *command) workflowCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "workflow", Short: "Workflows: what is done for members one after the other", Long: "A workflow's definition is JSON, as docs/workflows.md describes it. The server carries workflows out; these commands look at them and change them."}
	cmd.AddCommand(c.workflowList(), c.workflowShow(), c.workflowAdd(), c.workflowEdit(), c.workflowTurn("on", workflow.On, "Turn a workflow on; what happened before lets nobody in"), c.workflowTurn("off", workflow.Off, "Turn a workflow off: nobody enters, and who is in it stands still"),
		c.workflowTurn("archive", workflow.Archived, "Archive a workflow for good: who is in it stops"), c.workflowDryRun(), c.workflowRun(), c.workflowRuns())
	return cmd
}

// flows opens workflows and the outbox around f.
func (c *command) flows(ctx context.Context, f func(flows *server.Workflows, box *server.Outbox) error) error {
	return c.acts(ctx, func(app *server.App, acts *server.Acts) error { return flowsOf(app, acts, f) })
}

// flowsOf makes workflows and the outbox around f.
func flowsOf(app *server.App, acts *server.Acts, f func(flows *server.Workflows, box *server.Outbox) error) error {
	mail := app.Digests(app.Health(nil), acts, server.ServeOptions{}).Service // for what it knows of the mail server
	box, err := app.Outbox(mail, nil)
	if err != nil {
		return err
	}
	flows, err := app.Workflows(box, mail, app.WorkflowParts(app.Surveys(box, ""), acts, ""))
	if err != nil {
		return err
	}
	return f(flows, box)
}

// sampleWorkflows makes one workflow that is on, with members in it, and one to begin with, unless there are some. The one
// that is on makes tasks and tags: nothing leaves the machine.
func sampleWorkflows(ctx context.Context, app *server.App) error {
	acts, err := app.Acts(app.Importer, nil)
	if err != nil {
		return err
	}
	return flowsOf(app, acts, func(flows *server.Workflows, _ *server.Outbox) error {
		for _, archived := range []bool{false, true} {
			if all, err := flows.List(ctx, archived); err != nil || len(all) > 0 {
				return err
			}
		}
		const by, wrote = "sample", "kind:message,reply,question,answer,comment,issue,discussion"
		w, err := flows.Add(ctx, "New faces", workflow.Definition{
			Trigger: workflow.Trigger{Kind: workflow.OnActivity, Query: wrote, First: true}, Minutes: 6,
			HoldOut: workflow.HoldOut{Percent: 20, Outcome: wrote, Days: 30},
			Steps: []workflow.Step{
				{Kind: workflow.StepTask, Title: "Say hello to {{name}} of {{organization|the community}}", Days: 2},
				{Kind: workflow.StepWait, Until: workflow.UntilEvent, Event: workflow.EventActivity, Query: wrote, Amount: 14, Unit: "days", Yes: []workflow.Step{{Kind: workflow.StepTag, Tag: "stayed"}}, No: []workflow.Step{{Kind: workflow.StepTask, Title: "Ask {{name}} how it goes", Days: 3}}},
			},
		}, by)
		if err != nil {
			return err
		}
		if _, err := flows.Turn(ctx, w.Key, workflow.On, by); err != nil {
			return err
		}
		if _, err := flows.EnterQuery(ctx, w.Key, "first_active:<21d -is:staff -is:bot", "sample", by); err != nil {
			return err
		}
		welcome := workflow.Templates()[0]
		_, err = flows.Add(ctx, welcome.Name, welcome.Definition, by)
		return err
	})
}

func (c *command) workflowList() *cobra.Command {
	archived := false
	cmd := &cobra.Command{Use: "list", Short: "List workflows with how many members came by", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.flows(cmd.Context(), func(flows *server.Workflows, _ *server.Outbox) error {
			all, err := flows.List(cmd.Context(), archived)
			if err != nil {
				return err
			}
			tallies, err := flows.Tallies(cmd.Context(), 0)
			if err != nil {
				return err
			}
			return printAll(c, table[workflow.Workflow]{head: []string{"key", "name", "state", "version", "entered", "in it now", "stuck", "done", "held out", "when"}, row: func(w *workflow.Workflow) []string {
				t := tallies[w.ID]
				if t == nil {
					t = &workflow.Tally{}
				}
				return []string{w.Key, w.Name, string(w.State), number(w.Version), number(t.Entered()), number(t.States[workflow.Waiting]), number(t.States[workflow.Stuck]), number(t.States[workflow.Done]), number(t.States[workflow.Held]), w.Draft.Trigger.Words()}
			}}, all)
		})
	}}
	cmd.Flags().BoolVar(&archived, "archived", false, "those that were archived instead")
	return cmd
}

func (c *command) workflowShow() *cobra.Command {
	return &cobra.Command{Use: "show WORKFLOW", Short: "Write a workflow's definition, and what keeps it from being turned on", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return c.flows(cmd.Context(), func(flows *server.Workflows, _ *server.Outbox) error {
			w, err := flows.Get(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			problems, err := flows.Check(cmd.Context(), &w.Draft)
			if err != nil {
				return err
			}
			for _, p := range problems {
				c.say("%s\n", p)
			}
			return writeJSON(c.io.Out, w.Draft)
		})
	}}
}

// definition reads a definition from a file, or from standard input where it is "-".
func (c *command) definition(path string) (workflow.Definition, error) {
	var text []byte
	var err error
	if path == "-" {
		text, err = io.ReadAll(io.LimitReader(c.io.In, 1<<20))
	} else {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return workflow.Definition{}, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the definition " + path + " cannot be read", Err: err}
	}
	d, err := workflow.Decode(text)
	if err != nil {
		return d, greenroom.Errorf(greenroom.CodeInvalid, "%s: %s", path, greenroom.ErrorMessage(err))
	}
	return d, nil
}

func (c *command) workflowAdd() *cobra.Command {
	template := ""
	cmd := &cobra.Command{
		Use: "add NAME [FILE]", Short: "Make a workflow from a definition, or from a template", Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var d workflow.Definition
			var err error
			switch {
			case len(args) == 2:
				if d, err = c.definition(args[1]); err != nil {
					return err
				}
			case template != "":
				found := false
				for _, t := range workflow.Templates() {
					if t.Key == template {
						d, found = t.Definition, true
					}
				}
				if !found {
					return greenroom.Errorf(greenroom.CodeInvalid, "there is no template %q", template)
				}
			default:
				return greenroom.Errorf(greenroom.CodeInvalid, "give a file with a definition, or --template")
			}
			return c.flows(cmd.Context(), func(flows *server.Workflows, _ *server.Outbox) error {
				w, err := flows.Add(cmd.Context(), args[0], d, "command line")
				if err != nil {
					return err
				}
				return c.flowSaid(cmd.Context(), flows, &w)
			})
		},
	}
	var keys []string
	for _, t := range workflow.Templates() {
		keys = append(keys, t.Key)
	}
	cmd.Flags().StringVar(&template, "template", "", "one of "+strings.Join(keys, ", "))
	return cmd
}

// flowSaid says how a workflow is now.
func (c *command) flowSaid(ctx context.Context, flows *server.Workflows, w *workflow.Workflow) error {
	problems, err := flows.Check(ctx, &w.Draft)
	if err != nil {
		return err
	}
	for _, p := range problems {
		c.say("before it can be turned on: %s\n", p)
	}
	return printAll(c, table[workflow.Workflow]{head: []string{"key", "name", "state", "version", "when"}, row: func(w *workflow.Workflow) []string {
		return []string{w.Key, w.Name, string(w.State), number(w.Version), w.Draft.Trigger.Words()}
	}}, []workflow.Workflow{*w})
}

func (c *command) workflowEdit() *cobra.Command {
	publish, move := false, false
	cmd := &cobra.Command{Use: "edit WORKFLOW FILE", Short: "Replace a workflow's draft", Args: cobra.ExactArgs(2), RunE: func(cmd *cobra.Command, args []string) error {
		d, err := c.definition(args[1])
		if err != nil {
			return err
		}
		return c.flows(cmd.Context(), func(flows *server.Workflows, _ *server.Outbox) error {
			w, err := flows.Edit(cmd.Context(), args[0], 0, "command line", func(_ *string, to *workflow.Definition) error { *to = d; return nil })
			if err == nil && publish {
				w, err = flows.Publish(cmd.Context(), w.Key, move, "command line")
			}
			if err != nil {
				return err
			}
			return c.flowSaid(cmd.Context(), flows, &w)
		})
	}}
	cmd.Flags().BoolVar(&publish, "publish", false, "make it the version that members enter")
	cmd.Flags().BoolVar(&move, "move", false, "with --publish: those who are in it go on with it, too")
	return cmd
}

func (c *command) workflowTurn(name string, to workflow.State, short string) *cobra.Command {
	return &cobra.Command{Use: name + " WORKFLOW", Short: short, Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return c.flows(cmd.Context(), func(flows *server.Workflows, _ *server.Outbox) error {
			w, err := flows.Turn(cmd.Context(), args[0], to, "command line")
			if err != nil {
				return err
			}
			return c.flowSaid(cmd.Context(), flows, &w)
		})
	}}
}

func (c *command) workflowDryRun() *cobra.Command {
	days := 30
	cmd := &cobra.Command{Use: "dry-run WORKFLOW", Short: "Show who would have entered in the last days, and what each would have received", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return c.flows(cmd.Context(), func(flows *server.Workflows, _ *server.Outbox) error {
			d, err := flows.DryRun(cmd.Context(), args[0], days)
			if err != nil {
				return err
			}
			c.say("%d would have entered, %d of them held out; %d messages would have been sent, %d not\n", d.Entered, d.Held, d.Messages, d.Unsent)
			for _, n := range d.Notes {
				c.say("%s\n", n)
			}
			return printAll(c, table[workflow.DryMember]{head: []string{"member", "entered", "state", "messages", "last"}, row: func(m *workflow.DryMember) []string {
				last := m.Reason
				if n := len(m.Log); n > 0 {
					last = m.Log[n-1].Text
				}
				return []string{m.Member, m.EnteredAt.Format(time.DateTime), string(m.State), strconv.Itoa(len(m.Messages)), last}
			}}, d.Runs)
		})
	}}
	cmd.Flags().IntVar(&days, "days", days, "how far back, up to 365")
	return cmd
}

func (c *command) workflowRun() *cobra.Command {
	query, key := "", ""
	cmd := &cobra.Command{Use: "run WORKFLOW", Short: "Let the members into a workflow whom a query fits", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		if query == "" {
			return greenroom.Errorf(greenroom.CodeInvalid, "say who with --query; all members at once are rarely meant")
		}
		if key == "" {
			key = c.now().Format(time.RFC3339)
		}
		return c.flows(cmd.Context(), func(flows *server.Workflows, _ *server.Outbox) error {
			n, err := flows.EnterQuery(cmd.Context(), args[0], query, "hand "+key, "command line")
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.io.Out, "%d entered\n", n)
			return err
		})
	}}
	cmd.Flags().StringVarP(&query, "query", "q", "", "a query over members")
	cmd.Flags().StringVar(&key, "key", "", "the same key lets nobody in twice")
	return cmd
}

func (c *command) workflowRuns() *cobra.Command {
	state := ""
	limit := 100
	cmd := &cobra.Command{Use: "runs WORKFLOW", Short: "List the members in a workflow, the newest first", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return c.flows(cmd.Context(), func(flows *server.Workflows, _ *server.Outbox) error {
			w, err := flows.Get(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			all, err := flows.Runs(cmd.Context(), workflow.Filter{Workflow: w.ID, State: workflow.RunState(state), Limit: limit})
			if err != nil {
				return err
			}
			return printAll(c, table[workflow.Run]{head: []string{"run", "member", "state", "step", "entered", "due", "reason"}, row: func(r *workflow.Run) []string {
				due := ""
				if r.State == workflow.Waiting {
					due = r.DueAt.Format(time.DateTime)
				}
				return []string{number(r.ID), r.Member, string(r.State), r.Step, r.EnteredAt.Format(time.DateTime), due, r.Reason}
			}}, all)
		})
	}}
	cmd.Flags().StringVar(&state, "state", "", "only those that are waiting, failed, done, stopped or held")
	cmd.Flags().IntVar(&limit, "limit", limit, "how many at most")
	return cmd
}

func (c *command) messageCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "message", Short: "The outbox: what is sent to members and to the team"}
	by := "command line"
	cmd.AddCommand(c.messageList(), c.messageShow(),
		c.messageMove("approve", "Approve drafts; the server sends them", func(ctx context.Context, box *server.Outbox, ids []int64) (int64, error) {
			return box.Approve(ctx, ids, by)
		}),
		c.messageMove("skip", "Have messages that wait not sent", func(ctx context.Context, box *server.Outbox, ids []int64) (int64, error) {
			return box.Skip(ctx, ids, "", by)
		}),
		c.messageMove("again", "Send messages again that failed, or of which nobody knows whether they arrived", func(ctx context.Context, box *server.Outbox, ids []int64) (int64, error) {
			return box.Again(ctx, ids, by)
		}))
	return cmd
}

func (c *command) messageList() *cobra.Command {
	state := ""
	limit := 100
	cmd := &cobra.Command{Use: "list", Short: "List messages, the newest first", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		f := outbox.Filter{Limit: limit}
		if state != "" {
			f.States = []outbox.State{outbox.State(state)}
		}
		return c.flows(cmd.Context(), func(_ *server.Workflows, box *server.Outbox) error {
			all, err := box.List(cmd.Context(), f)
			if err != nil {
				return err
			}
			return printAll(c, table[outbox.Message]{head: []string{"id", "state", "channel", "to", "subject", "written", "reason"}, row: func(m *outbox.Message) []string {
				to := m.Member
				if to == "" {
					to = m.To
				}
				return []string{number(m.ID), string(m.State), string(m.Channel), to, m.Subject, m.CreatedAt.Format(time.DateTime), m.Reason}
			}}, all)
		})
	}}
	cmd.Flags().StringVar(&state, "state", "", "only those that are draft, queued, sending, sent, failed, uncertain or skipped")
	cmd.Flags().IntVar(&limit, "limit", limit, "how many at most")
	return cmd
}

func (c *command) messageShow() *cobra.Command {
	return &cobra.Command{Use: "show MESSAGE", Short: "Show a message and what became of it", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		id, err := parseID(args[0])
		if err != nil {
			return err
		}
		return c.flows(cmd.Context(), func(_ *server.Workflows, box *server.Outbox) error {
			m, err := box.Message(cmd.Context(), id)
			if err != nil {
				return err
			}
			return writeJSON(c.io.Out, m)
		})
	}}
}

func (c *command) messageMove(name, short string, move func(ctx context.Context, box *server.Outbox, ids []int64) (int64, error)) *cobra.Command {
	return &cobra.Command{Use: name + " MESSAGE...", Short: short, Args: cobra.MinimumNArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		ids := make([]int64, len(args))
		for i, a := range args {
			var err error
			if ids[i], err = parseID(a); err != nil {
				return err
			}
		}
		return c.flows(cmd.Context(), func(_ *server.Workflows, box *server.Outbox) error {
			n, err := move(cmd.Context(), box, ids)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.io.Out, "%d changed\n", n)
			return err
		})
	}}
}
