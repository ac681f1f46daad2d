// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/alert"
	"greenroom/internal/analytics"
	"greenroom/internal/outbox"
	"greenroom/internal/server"
)

func (c *command) alertCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "alert", Short: "Tell the team of what matters the moment it happens",
		Long: "An alert watches messages, conversations, members, organizations, a figure or sources, and tells the team at its destinations. A running server looks and sends. ALERT is its id or its name.",
	}
	cmd.AddCommand(c.alertList(), c.alertAdd(), c.alertEdit(), c.alertPreview(), c.alertMute(), c.alertTest(), c.alertFirings(), c.alertUseful(), c.alertRemove())
	return cmd
}

// alerts opens the alerts around f.
func (c *command) alerts(ctx context.Context, f func(*server.Outbox, *alert.Service) error) error {
	return c.with(ctx, func(app *server.App) error {
		box, err := app.Outbox(nil, nil)
		if err != nil {
			return err
		}
		return f(box, app.Alerts(box, &figuresWhenAsked{c: c, app: app}, nil, server.ServeOptions{}))
	})
}

// oneAlert opens the alerts around f, with the one that is named.
func (c *command) oneAlert(ctx context.Context, ref string, f func(*server.Outbox, *alert.Service, *alert.Alert) error) error {
	return c.alerts(ctx, func(box *server.Outbox, s *alert.Service) error {
		a, err := s.Find(ctx, ref)
		if err != nil {
			return err
		}
		return f(box, s, &a)
	})
}

// alertLine is a line of the list.
type alertLine struct {
	alert.Alert

	Tally     alert.Tally     `json:"tally"`
	Precision alert.Precision `json:"precision"`
}

func (c *command) printAlerts(ctx context.Context, s *alert.Service, all []alert.Alert) error {
	tallies, err := s.Tallies(ctx)
	if err != nil {
		return err
	}
	lines := make([]alertLine, len(all))
	for i := range all {
		t := tallies[all[i].ID]
		lines[i] = alertLine{all[i], t, t.Precision()}
	}
	return printAll(c, table[alertLine]{head: []string{"id", "name", "watches", "query", "fired 30d", "useful", "not arrived", "muted until", "problem"}, row: func(l *alertLine) []string {
		muted := ""
		if !l.MutedUntil.IsZero() {
			muted = l.MutedUntil.Format(time.DateTime)
		}
		return []string{number(l.ID), l.Name, string(l.Watch), l.Query, number(l.Tally.Month), fmt.Sprintf("%d of %d", l.Tally.Useful, l.Precision.Judged), number(l.Tally.Failed), muted, l.Problem}
	}}, lines)
}

func (c *command) alertList() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List alerts with how often they fired and how useful that was", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return c.alerts(cmd.Context(), func(_ *server.Outbox, s *alert.Service) error {
			all, err := s.List(cmd.Context())
			if err != nil {
				return err
			}
			return c.printAlerts(cmd.Context(), s, all)
		})
	}}
}

// alertFlags are what can be said of an alert.
type alertFlags struct {
	name, watch, query, source, metric, by, when, group, rhythm, severity, do, owner, zone string
	value                                                                                  float64
	to, people                                                                             []string
	within, again                                                                          time.Duration
	perHour                                                                                int64
	hour                                                                                   int
	quiet                                                                                  string
	weekends, drop                                                                         bool
}

func (f *alertFlags) define(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.watch, "watch", "activities", "activities, conversations, members, organizations, metric or source")
	s.StringVarP(&f.query, "query", "q", "", "what to look for")
	s.StringVar(&f.source, "source", "", "of watched sources, one by name (default: all)")
	s.StringVar(&f.metric, "metric", "", "the metric that is watched")
	s.StringVar(&f.by, "by", "week", "look at each day, week or month of the metric")
	s.StringVar(&f.when, "when", "changed", "the metric fires when it is above, below, or changed by more than noise")
	s.Float64Var(&f.value, "value", 0, "of above and below")
	s.StringSliceVar(&f.to, "to", nil, "names or ids of destinations")
	s.StringSliceVar(&f.people, "people", nil, "mail addresses of users who are told in Greenroom; * is everybody")
	s.StringVar(&f.group, "group", "none", "one message for each: none, conversation, member or organization")
	s.DurationVar(&f.within, "within", time.Hour, "for how long it is told together")
	s.DurationVar(&f.again, "again", 0, "the same object fires again after so long (0 = never)")
	s.StringVar(&f.rhythm, "rhythm", "now", "now, hourly or daily")
	s.IntVar(&f.hour, "hour", 0, "the hour of a daily digest")
	s.Int64Var(&f.perHour, "per-hour", 0, "messages an hour at most, the rest together (0 = any number)")
	s.StringVar(&f.quiet, "quiet", "", "quiet hours, such as 20-8")
	s.StringVar(&f.zone, "quiet-zone", "", "their time zone (default: the team's)")
	s.BoolVar(&f.weekends, "quiet-weekends", false, "weekends are quiet, too")
	s.BoolVar(&f.drop, "quiet-drop", false, "what happens in quiet time is not told later")
	s.StringVar(&f.severity, "severity", "info", "info, warning or urgent")
	s.StringVar(&f.do, "do", "", "what to do about it, in words")
	s.StringVar(&f.owner, "owner", "", "who looks after it")
}

// apply writes the flags that were given into a draft; all says that the others are, too.
func (f *alertFlags) apply(ctx context.Context, cmd *cobra.Command, box *server.Outbox, d *alert.Draft, all bool) error {
	given := func(names ...string) bool { return all || slices.ContainsFunc(names, cmd.Flags().Changed) }
	set := func(name string, do func()) {
		if given(name) {
			do()
		}
	}
	set("name", func() { d.Name = f.name })
	set("watch", func() { d.Watch = alert.Watch(f.watch) })
	set("query", func() { d.Query = f.query })
	set("source", func() { d.Source = f.source })
	set("group", func() { d.Group = alert.Group(f.group) })
	set("rhythm", func() { d.Rhythm = alert.Rhythm(f.rhythm) })
	set("hour", func() { d.Hour = f.hour })
	set("per-hour", func() { d.PerHour = f.perHour })
	set("severity", func() { d.Severity = alert.Severity(f.severity) })
	set("do", func() { d.Do = f.do })
	set("owner", func() { d.Owner = f.owner })
	set("people", func() { d.People = f.people })
	set("within", func() { d.GroupMinutes = int64(f.within / time.Minute) })
	set("again", func() { d.AgainHours = int64(f.again / time.Hour) })
	if d.Group == alert.GroupNone {
		d.GroupMinutes = 0
	}
	if d.Watch == alert.Metric && (f.metric != "" || given("by", "when", "value")) {
		old := alert.Condition{}
		if d.Condition != nil {
			old = *d.Condition
		}
		set("metric", func() { old.Metric = f.metric })
		set("by", func() { old.By = analytics.Granularity(f.by) })
		set("when", func() { old.When = f.when })
		set("value", func() { old.Value = f.value })
		d.Condition = &old
	}
	set("quiet-zone", func() { d.Quiet.Zone = f.zone })
	set("quiet-weekends", func() { d.Quiet.Weekends = f.weekends })
	set("quiet-drop", func() { d.Quiet.Drop = f.drop })
	if given("quiet") && f.quiet != "" {
		from, to, ok := strings.Cut(f.quiet, "-")
		a, err1 := strconv.Atoi(from)
		b, err2 := strconv.Atoi(to)
		if !ok || err1 != nil || err2 != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "--quiet is two hours such as 20-8, not %q", f.quiet)
		}
		d.Quiet.From, d.Quiet.To = a, b
	}
	if given("to") {
		var err error
		d.Destinations, err = destinationIDs(ctx, box, f.to)
		return err
	}
	return nil
}

// destinationIDs finds destinations by their names or ids.
func destinationIDs(ctx context.Context, box *server.Outbox, refs []string) ([]int64, error) {
	all, err := box.Destinations(ctx)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, ref := range refs {
		i := slices.IndexFunc(all, func(d outbox.Destination) bool {
			return number(d.ID) == ref || strings.EqualFold(d.Name, strings.TrimSpace(ref))
		})
		if i < 0 {
			return nil, greenroom.Errorf(greenroom.CodeNotFound, "there is no destination %q; make one with `greenroom destination add`", ref)
		}
		ids = append(ids, all[i].ID)
	}
	return ids, nil
}

func (c *command) alertAdd() *cobra.Command {
	f := &alertFlags{}
	cmd := &cobra.Command{Use: "add NAME", Short: "Make an alert; it fires on what happens from now on", Args: cobra.ExactArgs(1)}
	f.define(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.alerts(cmd.Context(), func(box *server.Outbox, s *alert.Service) error {
			f.name = args[0]
			var d alert.Draft
			if err := f.apply(cmd.Context(), cmd, box, &d, true); err != nil {
				return err
			}
			a, err := s.Add(cmd.Context(), d, byCommandLine)
			if err != nil {
				return err
			}
			return c.printAlerts(cmd.Context(), s, []alert.Alert{a})
		})
	}
	return cmd
}

func (c *command) alertEdit() *cobra.Command {
	f := &alertFlags{}
	cmd := &cobra.Command{Use: "edit ALERT", Short: "Change what the flags say of an alert", Args: cobra.ExactArgs(1)}
	f.define(cmd)
	cmd.Flags().StringVar(&f.name, "name", "", "another name")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.oneAlert(cmd.Context(), args[0], func(box *server.Outbox, s *alert.Service, a *alert.Alert) error {
			if err := f.apply(cmd.Context(), cmd, box, &a.Draft, false); err != nil {
				return err
			}
			changed, err := s.Edit(cmd.Context(), a.ID, a.Draft, byCommandLine)
			if err != nil {
				return err
			}
			return c.printAlerts(cmd.Context(), s, []alert.Alert{changed})
		})
	}
	return cmd
}

func (c *command) alertPreview() *cobra.Command {
	f := &alertFlags{}
	cmd := &cobra.Command{Use: "preview", Short: "Say how often an alert would have fired in the last 30 days, and on what", Args: cobra.NoArgs}
	f.define(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.alerts(cmd.Context(), func(box *server.Outbox, s *alert.Service) error {
			var d alert.Draft
			if err := f.apply(cmd.Context(), cmd, box, &d, true); err != nil {
				return err
			}
			p, err := s.Preview(cmd.Context(), d)
			if err != nil {
				return err
			}
			if c.format == "json" {
				return writeJSON(c.io.Out, p)
			}
			c.say("%s\n", p.Says)
			return printAll(c, firingTable(), p.Firings)
		})
	}
	return cmd
}

func firingTable() table[alert.Firing] {
	return table[alert.Firing]{head: []string{"id", "at", "what", "said", "times", "organization", "state", "useful"}, row: func(f *alert.Firing) []string {
		useful := ""
		if f.Useful != nil {
			useful = map[bool]string{true: "yes", false: "no"}[*f.Useful]
		}
		return []string{number(f.ID), f.At.Format(time.DateTime), f.Title, f.Excerpt, number(f.Count), f.Organization, f.State, useful}
	}}
}

func (c *command) alertMute() *cobra.Command {
	return &cobra.Command{
		Use: "mute ALERT DURATION", Short: "Have an alert fire nothing for a while, such as 24h; 0 ends that", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := time.ParseDuration(args[1])
			if args[1] == "0" {
				d, err = 0, nil
			}
			if err != nil {
				return greenroom.Errorf(greenroom.CodeInvalid, "%q is no duration; write one as 24h", args[1])
			}
			return c.oneAlert(cmd.Context(), args[0], func(_ *server.Outbox, s *alert.Service, a *alert.Alert) error {
				muted, err := s.Mute(cmd.Context(), a.ID, d, byCommandLine)
				if err != nil {
					return err
				}
				return c.printAlerts(cmd.Context(), s, []alert.Alert{muted})
			})
		},
	}
}

func (c *command) alertTest() *cobra.Command {
	return &cobra.Command{
		Use: "test ALERT", Short: "Send what an alert would say to its destinations; a running server sends it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.oneAlert(cmd.Context(), args[0], func(_ *server.Outbox, s *alert.Service, a *alert.Alert) error {
				n, err := s.Test(cmd.Context(), a.ID, byCommandLine)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.io.Out, "%d messages are in the outbox; a running server sends them within a second\n", n)
				return err
			})
		},
	}
}

func (c *command) alertFirings() *cobra.Command {
	f := alert.Filter{}
	cmd := &cobra.Command{
		Use: "firings [ALERT]", Short: "List what alerts fired on, the newest first", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.alerts(cmd.Context(), func(_ *server.Outbox, s *alert.Service) error {
				if len(args) > 0 {
					a, err := s.Find(cmd.Context(), args[0])
					if err != nil {
						return err
					}
					f.Alert = a.ID
				}
				all, err := s.Firings(cmd.Context(), f)
				if err != nil {
					return err
				}
				return printAll(c, firingTable(), all)
			})
		},
	}
	cmd.Flags().BoolVar(&f.Judged, "judged", false, "only those that somebody judged")
	cmd.Flags().Int64Var(&f.Below, "below", 0, "only firings with a lower id, for the next page")
	cmd.Flags().IntVar(&f.Limit, "limit", 100, "at most that many")
	return cmd
}

func (c *command) alertUseful() *cobra.Command {
	return &cobra.Command{
		Use: "useful FIRING yes|no|unknown", Short: "Say whether a firing was useful", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || !slices.Contains([]string{"yes", "no", "unknown"}, args[1]) {
				return greenroom.Errorf(greenroom.CodeInvalid, "write the id of a firing and yes, no or unknown")
			}
			var useful *bool
			if args[1] != "unknown" {
				yes := args[1] == "yes"
				useful = &yes
			}
			return c.alerts(cmd.Context(), func(_ *server.Outbox, s *alert.Service) error {
				f, err := s.Judge(cmd.Context(), id, useful, byCommandLine)
				if err != nil {
					return err
				}
				return printAll(c, firingTable(), []alert.Firing{f})
			})
		},
	}
}

func (c *command) alertRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove ALERT", Short: "Take an alert away", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.oneAlert(cmd.Context(), args[0], func(_ *server.Outbox, s *alert.Service, a *alert.Alert) error {
				return s.Remove(cmd.Context(), a.ID, byCommandLine)
			})
		},
	}
}
