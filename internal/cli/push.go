// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"greenroom/internal/action"
	"greenroom/internal/analytics"
	"greenroom/internal/server"
	"greenroom/internal/writeback"
)

// figuresWhenAsked opens the engine for figures once something needs it: most actions do not.
type figuresWhenAsked struct {
	c      *command
	app    *server.App
	engine *analytics.Engine
}

// Compute computes a metric.
func (f *figuresWhenAsked) Compute(ctx context.Context, r analytics.Request) (*analytics.Result, error) {
	if f.engine == nil {
		var err error
		if f.engine, err = f.c.figures(ctx, f.app); err != nil {
			return nil, err
		}
	}
	return f.engine.Compute(ctx, r)
}

func everyFlag(cmd *cobra.Command, every *string) {
	cmd.Flags().StringVar(every, "every", "", "do it now and let the server repeat it: every hour, day, week, or a length of time such as 6h")
}

// act makes an action, or has it repeated where every says how often, and carries it out.
func (c *command) act(ctx context.Context, every string, what writeback.Repeated, once func(*server.Acts) (action.Action, error)) error {
	return c.acts(ctx, func(_ *server.App, acts *server.Acts) error {
		if every == "" {
			a, err := once(acts)
			if err != nil {
				return err
			}
			return c.finish(ctx, acts, a.ID)
		}
		rhythm, err := action.Rhythm(every)
		if err != nil {
			return err
		}
		s, err := acts.Repeat(ctx, what, rhythm, byCommandLine)
		if err != nil {
			return err
		}
		c.say("repeated action %d: the server does this again every %s, next at %s\n", s.ID, rhythm, moment(s.NextAt))
		return c.finish(ctx, acts, s.LastAction)
	})
}

func (c *command) actionPush() *cobra.Command {
	var key, every string
	r := &writeback.PushRequest{}
	cmd := &cobra.Command{
		Use: "push SOURCE", Short: "Push members into a table of a database", Args: cobra.ExactArgs(1),
		Long: "Push writes the members of a query into the table members of a database whose source may be written to: new rows are added, and those that differ replaced, by id. " +
			"The rows of members who were pushed earlier and were erased or merged since are deleted.",
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Source = args[0]
			return c.act(cmd.Context(), every, writeback.Repeated{Members: r}, func(acts *server.Acts) (action.Action, error) {
				return acts.Push(cmd.Context(), r, key, byCommandLine)
			})
		},
	}
	cmd.Flags().StringVarP(&r.Query, "query", "q", "", "which members: a query")
	cmd.Flags().StringVar(&key, "key", "", "a text that stands for this intent: pushing again with it does nothing more")
	everyFlag(cmd, &every)
	return cmd
}

func (c *command) actionPushMetrics() *cobra.Command {
	var key, every, by, breakdown string
	r := &writeback.MetricsRequest{}
	cmd := &cobra.Command{
		Use: "push-metrics SOURCE", Short: "Push figures of metrics into a table of a database", Args: cobra.ExactArgs(1),
		Long: "Push-metrics writes figures into the table metrics of a database whose source may be written to: one row for each metric, version, period and group, " +
			"with its value, its interval, on how many cases it rests and when it was computed. Rows are merged by what was measured, so that pushing again brings them up to date.",
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Source, r.By, r.Breakdown = args[0], analytics.Granularity(by), analytics.Dimension(breakdown)
			return c.act(cmd.Context(), every, writeback.Repeated{Metrics: r}, func(acts *server.Acts) (action.Action, error) {
				return acts.PushMetrics(cmd.Context(), r, key, byCommandLine)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&r.Metrics, "metric", nil, "which metric, by name; may be given several times (default: all)")
	flags.StringVar(&by, "by", "week", "day, week, month or quarter")
	flags.IntVar(&r.Periods, "periods", 0, "how many periods, up to the one that is running (default: 30 days, 12 weeks, 12 months, 8 quarters)")
	flags.StringVarP(&r.Query, "query", "q", "", "what counts, in the query language")
	flags.StringVar(&r.Segment, "segment", "", "whose activities count: a query about members")
	flags.StringVar(&breakdown, "breakdown", "", "source, channel, kind, organization, country or tag")
	flags.IntVar(&r.Groups, "groups", 0, "with --breakdown: how many groups at most (default: 100)")
	flags.BoolVar(&r.Staff, "staff", false, "count the team too")
	flags.BoolVar(&r.Bots, "bots", false, "count bots too")
	flags.StringVar(&key, "key", "", "a text that stands for this intent: pushing again with it does nothing more")
	everyFlag(cmd, &every)
	return cmd
}

func (c *command) actionRepeated() *cobra.Command {
	return &cobra.Command{
		Use: "repeated [SOURCE]", Short: "List the actions that are repeated", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.acts(cmd.Context(), func(_ *server.App, acts *server.Acts) error {
				source := ""
				if len(args) > 0 {
					source = args[0]
				}
				all, err := acts.Schedules(cmd.Context(), source)
				if err != nil {
					return err
				}
				w, err := newWriter(c.io.Out, c.format, table[action.Schedule]{
					head: []string{"id", "every", "next", "stopped", "times", "last_action", "error", "title"},
					row: func(s *action.Schedule) []string {
						return []string{number(s.ID), rhythmText(s.Every), moment(s.NextAt), date(s.StoppedAt), number(s.Times), number(s.LastAction), s.Error, s.Title}
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
			})
		},
	}
}

func (c *command) actionStop() *cobra.Command {
	return c.onRepeated("stop", "Stop repeating an action", func(ctx context.Context, acts *server.Acts, id int64) error {
		return acts.StopSchedule(ctx, id, true)
	})
}

func (c *command) actionResume() *cobra.Command {
	return c.onRepeated("resume", "Repeat an action again that was stopped; it is due at once", func(ctx context.Context, acts *server.Acts, id int64) error {
		return acts.StopSchedule(ctx, id, false)
	})
}

func (c *command) actionDrop() *cobra.Command {
	return c.onRepeated("drop", "End the repeating of an action for good; what it did stays", func(ctx context.Context, acts *server.Acts, id int64) error {
		return acts.DropSchedule(ctx, id)
	})
}

func (c *command) onRepeated(use, short string, do func(context.Context, *server.Acts, int64) error) *cobra.Command {
	return &cobra.Command{
		Use: use + " REPEATED", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.acts(cmd.Context(), func(_ *server.App, acts *server.Acts) error { return do(cmd.Context(), acts, id) })
		},
	}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateTime)
}
