// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/server"
	"greenroom/internal/text"
	"greenroom/internal/understand"
)

// understanding opens who reads messages around f.
func (c *command) understanding(ctx context.Context, f func(*server.App, *understand.Service) error) error {
	return c.with(ctx, func(app *server.App) error {
		return f(app, app.Understanding())
	})
}

func (c *command) textRead() *cobra.Command {
	return &cobra.Command{
		Use: "read", Short: "Read the messages that were not read yet", Args: cobra.NoArgs,
		Long: "Read brings readings up to date: what was imported, what was edited, and, after another model was chosen, everything. A running server does that by itself. It can be stopped at any time and goes on from there.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.understanding(cmd.Context(), func(app *server.App, u *understand.Service) error {
				if err := app.Projector.CatchUp(cmd.Context()); err != nil {
					return err
				}
				before, err := u.Position(cmd.Context())
				if err != nil {
					return err
				}
				if err := u.CatchUp(cmd.Context()); err != nil {
					return err
				}
				after, err := u.Position(cmd.Context())
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.io.Out, "read by %s up to activity %d; %d were looked at\n", after.Judge, after.Last, before.Left())
				return err
			})
		},
	}
}

func (c *command) textCorrect() *cobra.Command {
	var category, sentiment string
	cmd := &cobra.Command{
		Use: "correct ACTIVITY", Short: "Say what a message is", Args: cobra.ExactArgs(1),
		Long:    "Correct says what an activity's text is for, or how it feels. It holds at once, before whatever is read, and is learned from by the next `greenroom text retrain`.",
		Example: "  greenroom text correct 1203 --category bug\n  greenroom text correct 1203 --sentiment negative",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			var said text.Category
			var feels text.Sentiment
			if category != "" {
				if said, err = text.ParseCategory(category); err != nil {
					return greenroom.Errorf(greenroom.CodeInvalid, "%s", err)
				}
			}
			if sentiment != "" {
				if feels, err = text.ParseSentiment(sentiment); err != nil {
					return greenroom.Errorf(greenroom.CodeInvalid, "%s", err)
				}
			}
			return c.understanding(cmd.Context(), func(app *server.App, _ *understand.Service) error {
				correction, err := app.Readings().Correct(cmd.Context(), id, said, feels, byCommandLine)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.io.Out, "correction %d holds; `greenroom text undo %d` takes it back\n", correction, correction)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&category, "category", "", "question, bug, feature, praise, announcement, introduction, job or other")
	cmd.Flags().StringVar(&sentiment, "sentiment", "", "negative, neutral or positive")
	return cmd
}

func (c *command) textUndo() *cobra.Command {
	return &cobra.Command{
		Use: "undo CORRECTION", Short: "Take a correction back", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return c.understanding(cmd.Context(), func(app *server.App, _ *understand.Service) error {
				undone, err := app.Readings().UndoCorrection(cmd.Context(), id, byCommandLine)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.io.Out, "correction %d of activity %d was undone\n", id, undone.ActivityID)
				return err
			})
		},
	}
}

func (c *command) textRetrain() *cobra.Command {
	return &cobra.Command{
		Use: "retrain", Short: "Train a model on the corrections", Args: cobra.NoArgs,
		Long: "Retrain makes a model of the base model and the corrections, says what it gains, and lets it read. Messages that were read before are read again by the server, or by `greenroom text read`.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.understanding(cmd.Context(), func(_ *server.App, u *understand.Service) error {
				m, err := u.Train(cmd.Context(), byCommandLine)
				if err != nil {
					return err
				}
				return c.printGain(&m)
			})
		},
	}
}

func (c *command) printGain(m *understand.Model) error {
	if c.format == "json" {
		return writeJSON(c.io.Out, m)
	}
	c.say("%s reads from now on; it learned from %d corrections\n", m.Version, m.Corrections)
	return c.printTasks(&m.Gain.Category, &m.Gain.Sentiment)
}

func (c *command) textUse() *cobra.Command {
	return &cobra.Command{
		Use: "use MODEL", Short: "Let a model read that was trained before; 0 is the base model", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id < 0 {
				return greenroom.Errorf(greenroom.CodeInvalid, "%q is no model; `greenroom text report` lists them, 0 is the base model", args[0])
			}
			return c.understanding(cmd.Context(), func(app *server.App, _ *understand.Service) error {
				if err := app.Readings().Activate(cmd.Context(), id, byCommandLine); err != nil {
					return err
				}
				_, err := fmt.Fprintf(c.io.Out, "model %d reads from now on\n", id)
				return err
			})
		},
	}
}

func (c *command) textReport() *cobra.Command {
	return &cobra.Command{
		Use: "report", Short: "Say how well messages are read", Args: cobra.NoArgs,
		Long: "Report says, over the messages that the team corrected, how often each label was right: by the base model and, once trained, by the team's own, each message judged by a model that had not seen it. " +
			"People correct what is wrong more often than they confirm what is right, so the share over all messages is higher.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.understanding(cmd.Context(), func(_ *server.App, u *understand.Service) error {
				r, err := u.Report(cmd.Context())
				if err != nil {
					return err
				}
				return c.printReport(cmd.Context(), u, r)
			})
		},
	}
}

func (c *command) printReport(ctx context.Context, u *understand.Service, r *understand.Report) error {
	if c.format == "json" {
		return writeJSON(c.io.Out, r)
	}
	c.say("%s reads; %d activities are still to be looked at; %d messages are corrected; of the newest %d messages %d are left open\n",
		orText(r.Judge, "nobody"), r.Left, r.Corrections, r.Coverage.Messages, r.Coverage.Unsure)
	models, err := u.Models(ctx)
	if err != nil {
		return err
	}
	for i := range models {
		c.say("model %d: %s, from %d corrections, by %s on %s\n", models[i].ID, models[i].Version, models[i].Corrections, models[i].By, date(models[i].TrainedAt))
	}
	if r.Model != nil {
		return c.printTasks(&r.Model.Gain.Category, &r.Model.Gain.Sentiment)
	}
	return c.printTasks(&understand.Change{Before: r.Base.Category}, &understand.Change{Before: r.Base.Sentiment})
}

// gainRow is a label before and after training.
type gainRow struct {
	Task   string           `json:"task"`
	Before understand.Class `json:"before"`
	After  understand.Class `json:"after"`
}

// printTasks writes a line for each label that occurs, and one for each task.
func (c *command) printTasks(category, sentiment *understand.Change) error {
	share := func(k *understand.Class, v float64) string {
		if k.Label == "" {
			return ""
		}
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
	w, err := newWriter(c.io.Out, c.format, table[gainRow]{
		head: []string{"task", "label", "messages", "precision", "recall", "f1", "precision after", "recall after", "f1 after"},
		row: func(r *gainRow) []string {
			b, a := &r.Before, &r.After
			return []string{r.Task, b.Label, strconv.Itoa(b.N), share(b, b.Precision), share(b, b.Recall), share(b, b.F1), share(a, a.Precision), share(a, a.Recall), share(a, a.F1)}
		},
	})
	if err != nil {
		return err
	}
	for _, t := range []struct {
		name   string
		change *understand.Change
	}{{"category", category}, {"sentiment", sentiment}} {
		for i, k := range t.change.Before.Classes {
			row := gainRow{Task: t.name, Before: k}
			if i < len(t.change.After.Classes) {
				row.After = t.change.After.Classes[i]
			}
			if k.N == 0 {
				continue
			}
			if err := w.item(&row); err != nil {
				return err
			}
		}
		if f := &t.change.Before; f.N > 0 {
			c.say("%s: %d of %d right (%.1f %%)", t.name, int(f.Accuracy*float64(f.N)+.5), f.N, 100*f.Accuracy)
			if a := &t.change.After; a.N > 0 {
				c.say(", after training %.1f %%", 100*a.Accuracy)
			}
			c.say("\n")
		}
	}
	return w.end()
}
