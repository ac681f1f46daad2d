// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/asof"
	"greenroom/internal/health"
	"greenroom/internal/query"
	"greenroom/internal/reported"
	"greenroom/internal/server"
)

// metricFlags are how a metric is asked for.
type metricFlags struct {
	from, to, by, query, segment, breakdown, zone string
	target                                        time.Duration
	staff, bots, reported, season                 bool
}

func (c *command) metricCommand() *cobra.Command {
	var f metricFlags
	cmd := &cobra.Command{
		Use:     "metric [NAME]",
		Short:   "Compute a metric, or list the metrics there are",
		Example: "  greenroom metric active_members --by week --from 2026-01-01 --query 'channel:#help'\n  greenroom metric time_to_first_response --by month --breakdown source --format csv",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.catalog()
			}
			return c.with(cmd.Context(), func(app *server.App) error { return c.metric(cmd.Context(), app, args[0], &f) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", "first day, as 2026-01-31 (default: a year before --to)")
	flags.StringVar(&f.to, "to", "", "first day that no longer counts, as in the series (default: tomorrow)")
	flags.StringVar(&f.by, "by", "week", "day, week, month, quarter or total")
	flags.StringVarP(&f.query, "query", "q", "", "what counts, in the query language")
	flags.StringVar(&f.segment, "segment", "", "whose activities count: a query about members")
	flags.StringVar(&f.breakdown, "breakdown", "", "source, channel, kind, organization, country, tag, category or sentiment")
	flags.StringVar(&f.zone, "zone", "", "time zone in which days begin, such as Europe/Lisbon (default: that of the settings, else UTC)")
	flags.DurationVar(&f.target, "target", analytics.DefaultTarget, "for response_within_target")
	flags.BoolVar(&f.staff, "staff", false, "count the team too")
	flags.BoolVar(&f.bots, "bots", false, "count bots too")
	flags.BoolVar(&f.season, "season", false, "say how the last whole day, week, month or quarter moved, and what the season explains of it")
	flags.BoolVar(&f.reported, "as-reported", false, "figures of weeks or months as they were when first complete, beside those of today")
	return cmd
}

// catalog lists the metrics.
func (c *command) catalog() error {
	t := table[analytics.Metric]{head: []string{"name", "unit", "version", "definition"}, row: func(m *analytics.Metric) []string {
		return []string{m.Name, string(m.Unit), strconv.Itoa(m.Version), m.Definition}
	}}
	out, err := newWriter(c.io.Out, c.format, t)
	if err != nil {
		return err
	}
	all := analytics.Catalog()
	for i := range all {
		if err := out.item(&all[i]); err != nil {
			return err
		}
	}
	return out.end()
}

func (f *metricFlags) request(name string, now time.Time, usual *time.Location) (analytics.Request, error) {
	r := analytics.Request{
		Metric: name, Granularity: analytics.Granularity(f.by), Breakdown: analytics.Dimension(f.breakdown),
		Options: analytics.Options{Staff: f.staff, Bots: f.bots, Target: f.target},
	}
	m, err := analytics.Lookup(name)
	if err != nil {
		return r, err
	}
	if r.Zone = usual; f.zone != "" {
		r.Zone, err = time.LoadLocation(f.zone)
	}
	if err != nil {
		return r, &greenroom.Error{Code: greenroom.CodeInvalid, Message: f.zone + " is not a time zone; write one as Europe/Lisbon", Err: err}
	}
	now = now.In(r.Zone)
	if r.To, err = day(f.to, time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, r.Zone)); err != nil {
		return r, err
	}
	if r.From, err = day(f.from, r.To.AddDate(-1, 0, 0)); err != nil {
		return r, err
	}
	if r.Query, err = parseOptional(m.Entity, f.query); err != nil {
		return r, err
	}
	r.Segment, err = parseOptional(query.Members, f.segment)
	return r, err
}

// day reads a day in the zone of the default.
func day(text string, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, otherwise.Location())
	if err != nil {
		return t, &greenroom.Error{Code: greenroom.CodeInvalid, Message: fmt.Sprintf("%q is not a day; write it as 2026-01-31", text)}
	}
	return t, nil
}

func parseOptional(e query.Entity, text string) (*query.Query, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no query is everything
	}
	q, err := query.Parse(query.NewSchema(e, kindNames()), text)
	if err != nil {
		return nil, queryError(err)
	}
	return q, nil
}

// figures opens the engine; beside a running server it computes from a copy of its own.
func (c *command) figures(ctx context.Context, app *server.App) (*analytics.Engine, error) {
	engine, err := app.Analytics(ctx)
	if greenroom.ErrorCode(err) == greenroom.CodeUnavailable {
		engine, err = app.AnalyticsApart(ctx)
	}
	if err != nil {
		return nil, err
	}
	return engine, app.Projector.CatchUp(ctx)
}

func (c *command) metric(ctx context.Context, app *server.App, name string, f *metricFlags) error {
	req, err := f.request(name, app.Now(), app.Zone())
	if err != nil {
		return err
	}
	engine, err := c.figures(ctx, app)
	if err != nil {
		return err
	}
	if f.season {
		return c.movement(ctx, app, engine, &req, f)
	}
	res, err := engine.Compute(ctx, req)
	if err != nil {
		return err
	}
	if f.reported {
		points, err := app.Reported(engine).Points(ctx, req, res)
		if err != nil {
			return err
		}
		return printRows(c, points, []string{"from", "to", "reported", "today", "why"}, points, func(p *reported.Point) []string {
			return []string{date(p.From), date(p.To), figure(p.Value), figure(p.Now), p.Says}
		})
	}
	note := asof.Note(req.From, app.Now().In(req.Zone), string(req.Breakdown), req.Query, req.Segment)
	if c.format == "json" {
		return writeJSON(c.io.Out, noted{res, note})
	}
	if note != "" {
		c.say("%s\n", note)
	}
	return printSeries(c.io.Out, c.format, res)
}

// noted is a result with what to mind when reading it as a history.
type noted struct {
	*analytics.Result

	Note string `json:"note,omitempty"`
}

// movement says how a metric moved in its last whole period, beside what the season explains.
func (c *command) movement(ctx context.Context, app *server.App, engine *analytics.Engine, req *analytics.Request, f *metricFlags) error {
	if f.from != "" || f.to != "" || f.breakdown != "" || f.zone != "" || f.staff || f.bots || f.reported {
		return greenroom.Errorf(greenroom.CodeInvalid, "--season looks at the last whole period of all that counts; it goes with --by, --query and --segment only")
	}
	v, err := app.Health(engine).Movement(ctx, health.MovementRequest{Metric: req.Metric, By: req.Granularity, Query: req.Query, Segment: req.Segment})
	if err != nil {
		return err
	}
	return printRows(c, v, []string{"from", "to", "value", "before", "season ago", "before that", "seasons", "verdict", "season"}, []*health.Movement{v}, func(v **health.Movement) []string {
		row := []string{date((*v).From), date((*v).To), figure((*v).Value), figure((*v).Previous), "", "", "0", (*v).Noise.Says, "not known yet"}
		if s := (*v).Seasonal; s != nil {
			row[4], row[5], row[6], row[8] = figure(s.Then), figure(s.Before), strconv.Itoa(s.Seasons), s.Says
		}
		return row
	})
}

func printSeries(w io.Writer, format string, res *analytics.Result) error {
	figure := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'f', -1, 64)
	}
	out, err := newWriter(w, format, table[analytics.Point]{head: []string{"from", "to", "group", "offset", "value", "low", "high", "count", "n"}, row: func(p *analytics.Point) []string {
		offset := ""
		if p.Offset != nil {
			offset = strconv.Itoa(*p.Offset)
		}
		return []string{date(p.From), date(p.To), p.Group, offset, figure(p.Value), figure(p.Low), figure(p.High), number(p.Count), number(p.N)}
	}})
	if err != nil {
		return err
	}
	for i := range res.Series {
		if err := out.item(&res.Series[i]); err != nil {
			return err
		}
	}
	return out.end()
}
