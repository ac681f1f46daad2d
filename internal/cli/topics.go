// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/server"
	"greenroom/internal/topic"
)

func (c *command) topicsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "topics", Short: "Say what the community talks about, and what rises",
		Long: "Topics are found in the messages; a running server does that by itself. What your team decides of a topic, its name, what it is merged into, whether it is hidden, stays when topics are found again.",
	}
	cmd.AddCommand(c.topicsList(), c.topicsShow(), c.topicsFit(), c.topicsAdd(),
		c.topicsEdit("rename TOPIC NAME", "Call a topic otherwise; an empty name gives back the one that was found", 2, func(_ context.Context, _ *server.App, args []string) (topic.Change, error) {
			return topic.Change{Name: &args[1]}, nil
		}),
		c.topicsEdit("merge TOPIC INTO", "Count a topic's messages for another one from now on", 2, func(ctx context.Context, app *server.App, args []string) (topic.Change, error) {
			into, err := app.Topics.Topic(ctx, args[1])
			return topic.Change{Into: &into.ID}, err
		}),
		c.topicsEdit("apart TOPIC", "Take a topic that was merged apart again", 1, func(context.Context, *server.App, []string) (topic.Change, error) {
			none := int64(0)
			return topic.Change{Into: &none}, nil
		}),
		c.topicsEdit("hide TOPIC", "Leave a topic out of lists", 1, func(context.Context, *server.App, []string) (topic.Change, error) {
			yes := true
			return topic.Change{Hidden: &yes}, nil
		}),
		c.topicsEdit("unhide TOPIC", "Show a hidden topic again", 1, func(context.Context, *server.App, []string) (topic.Change, error) {
			no := false
			return topic.Change{Hidden: &no}, nil
		}),
		c.topicsEdit("rule TOPIC QUERY", "Put what fits a query over activities into a topic; an empty query takes the rule away", 2, func(_ context.Context, _ *server.App, args []string) (topic.Change, error) {
			return topic.Change{Rule: &args[1]}, nil
		}),
	)
	return cmd
}

func (c *command) topicsEdit(use, short string, args int, change func(context.Context, *server.App, []string) (topic.Change, error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(args),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				t, err := app.Topics.Topic(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				ch, err := change(cmd.Context(), app, args)
				if err != nil {
					return err
				}
				if _, err = app.Topics.Edit(cmd.Context(), t.ID, ch); err != nil {
					return err
				}
				return c.printTopic(cmd.Context(), app, strconv.FormatInt(t.ID, 10))
			})
		},
	}
}

func (c *command) topicsList() *cobra.Command {
	var hidden bool
	cmd := &cobra.Command{
		Use: "list", Short: "List topics, the most talked about first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				all, err := app.Topics.Reports(cmd.Context(), hidden)
				if err != nil {
					return err
				}
				return c.printTopics(all)
			})
		},
	}
	cmd.Flags().BoolVar(&hidden, "hidden", false, "hidden ones, too")
	return cmd
}

func (c *command) printTopics(all []topic.Report) error {
	w, err := newWriter(c.io.Out, c.format, table[topic.Report]{
		head: []string{"id", "name", "28 days", "before", "course", "bursts"},
		row: func(r *topic.Report) []string {
			return []string{strconv.FormatInt(r.ID, 10), r.Name, strconv.FormatInt(r.Count, 10), strconv.FormatInt(r.Before, 10), string(r.Course), strconv.Itoa(len(r.Bursts))}
		},
	})
	if err != nil {
		return err
	}
	for i := range all {
		if err := w.item(&all[i]); err != nil {
			return err
		}
	}
	return w.end()
}

func (c *command) printTopic(ctx context.Context, app *server.App, key string) error {
	r, err := app.Topics.Report(ctx, key)
	if err != nil {
		return err
	}
	return c.printTopics([]topic.Report{*r})
}

func (c *command) topicsShow() *cobra.Command {
	return &cobra.Command{
		Use: "show TOPIC", Short: "Show the bursts of a topic; its messages are listed by `greenroom list activities --query topic:TOPIC`", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				r, err := app.Topics.Report(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if c.format != "table" {
					return c.printTopics([]topic.Report{*r})
				}
				c.say("%d %s: %d messages in 28 days, %d in the 28 days before\n", r.ID, r.Name, r.Count, r.Before)
				w, err := newWriter(c.io.Out, c.format, table[topic.Burst]{
					head: []string{"from", "until", "messages", "usual", "times"},
					row: func(b *topic.Burst) []string {
						return []string{b.From.Format(time.DateOnly), b.To.AddDate(0, 0, -1).Format(time.DateOnly), fmt.Sprintf("%.0f", b.Count), fmt.Sprintf("%.1f", b.Expected), fmt.Sprintf("%.1f", b.Times())}
					},
				})
				if err != nil {
					return err
				}
				for i := range r.Bursts {
					if err := w.item(&r.Bursts[i]); err != nil {
						return err
					}
				}
				return w.end()
			})
		},
	}
}

func (c *command) topicsFit() *cobra.Command {
	return &cobra.Command{
		Use: "fit", Short: "Find topics again, now", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				if err := app.Projector.CatchUp(cmd.Context()); err != nil {
					return err
				}
				if err := app.Topics.Fit(cmd.Context(), byCommandLine); err != nil {
					return err
				}
				if err := app.Topics.Place(cmd.Context()); err != nil {
					return err
				}
				all, err := app.Topics.Reports(cmd.Context(), false)
				if err != nil {
					return err
				}
				return c.printTopics(all)
			})
		},
	}
}

func (c *command) topicsAdd() *cobra.Command {
	var rule string
	var examples []int64
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Make a topic of your own", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				t, err := app.Topics.Add(cmd.Context(), args[0], rule, examples)
				if err != nil {
					return err
				}
				return c.printTopic(cmd.Context(), app, strconv.FormatInt(t.ID, 10))
			})
		},
	}
	cmd.Flags().StringVar(&rule, "rule", "", "a query over activities: what fits is in the topic")
	cmd.Flags().Int64SliceVar(&examples, "example", nil, "ids of activities that are about it; later messages like them come into the topic")
	return cmd
}

func (c *command) annotationCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "annotation", Short: "Note what happened, so that it stands on every chart"}
	cmd.AddCommand(c.annotationAdd(), c.annotationList(), c.annotationRemove())
	return cmd
}

func (c *command) printAnnotations(all []topic.Annotation) error {
	w, err := newWriter(c.io.Out, c.format, table[topic.Annotation]{
		head: []string{"id", "at", "until", "kind", "title", "by"},
		row: func(a *topic.Annotation) []string {
			until := ""
			if !a.Until.IsZero() {
				until = a.Until.Format(time.DateOnly)
			}
			return []string{strconv.FormatInt(a.ID, 10), a.At.Format(time.DateOnly), until, a.Kind, a.Title, a.By}
		},
	})
	if err != nil {
		return err
	}
	for i := range all {
		if err := w.item(&all[i]); err != nil {
			return err
		}
	}
	return w.end()
}

func (c *command) annotationAdd() *cobra.Command {
	var at, until string
	a := topic.Annotation{By: byCommandLine}
	cmd := &cobra.Command{
		Use: "add TITLE", Short: "Note that something happened", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) (err error) {
				a.Title = args[0]
				if a.At, err = c.dayOf(cmp.Or(at, c.now().Format(time.DateOnly))); err != nil {
					return err
				}
				if until != "" {
					if a.Until, err = c.dayOf(until); err != nil {
						return err
					}
				}
				if a, err = app.Topics.Annotate(cmd.Context(), a); err != nil {
					return err
				}
				return c.printAnnotations([]topic.Annotation{a})
			})
		},
	}
	cmd.Flags().StringVar(&at, "at", "", "the day, such as 2026-03-31; today if left out")
	cmd.Flags().StringVar(&until, "until", "", "the last day, for what lasted longer")
	cmd.Flags().StringVar(&a.Kind, "kind", "release", "release, outage, event, announcement or other")
	cmd.Flags().StringVar(&a.URL, "url", "", "a link that says more")
	return cmd
}

// dayOf reads a day of a flag.
func (c *command) dayOf(text string) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, text, c.now().Location())
	if err != nil {
		return t, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a day such as 2026-03-31", text)
	}
	return t, nil
}

func (c *command) annotationList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List what is noted, with releases and announcements of sources, the oldest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				all, err := app.Topics.Annotations(cmd.Context(), time.Unix(0, 0), c.now().AddDate(10, 0, 0))
				if err != nil {
					return err
				}
				return c.printAnnotations(all)
			})
		},
	}
}

func (c *command) annotationRemove() *cobra.Command {
	var restore bool
	cmd := &cobra.Command{
		Use: "remove ID", Short: "Take an annotation off the charts; write -- before an id below 0", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id == 0 {
				return greenroom.Errorf(greenroom.CodeInvalid, "%q is not the id of an annotation", args[0])
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				return app.Topics.RemoveAnnotation(cmd.Context(), id, !restore)
			})
		},
	}
	cmd.Flags().BoolVar(&restore, "restore", false, "put it back instead")
	return cmd
}
