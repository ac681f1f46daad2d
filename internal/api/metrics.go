// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/asof"
	"greenroom/internal/auth"
	"greenroom/internal/query"
	"greenroom/internal/reported"
)

// MetricInfo describes a metric.
type MetricInfo struct {
	Name       string                `json:"name" doc:"How it is called, here and in queries."`
	Label      string                `json:"label" doc:"Its name for people."`
	Version    int                   `json:"version" doc:"Grows when the definition changes; figures of different versions do not compare."`
	Unit       analytics.Unit        `json:"unit" doc:"The unit of its values. Shares are from 0 to 1."`
	Definition string                `json:"definition" doc:"What it measures, in words."`
	Formula    string                `json:"formula" doc:"The same, written shortly."`
	Source     string                `json:"source" doc:"Where the definition comes from."`
	SourceURL  string                `json:"source_url" doc:"The address of that; empty where there is none."`
	Entity     query.Entity          `json:"entity" doc:"What its query q is about."`
	Breakdowns []analytics.Dimension `json:"breakdowns" doc:"By what it can be broken down."`
	Lower      bool                  `json:"lower_is_better" doc:"A lower value is the better one."`
	Total      bool                  `json:"total" doc:"It can be asked for with by=total: one figure for the whole range."`
}

// Overview is the whole in numbers.
type Overview struct {
	greenroom.Overview

	Ledger greenroom.Ledger `json:"ledger" doc:"Why the number of accounts differs from the number of members, over all sources."`
}

// Figures is what a metric answers.
type Figures struct {
	Name    string            `json:"name" doc:"The metric's name."`
	Version int               `json:"version" doc:"The version of its definition."`
	Unit    analytics.Unit    `json:"unit" doc:"The unit of the values. Shares are from 0 to 1."`
	Series  []Figure          `json:"series" doc:"The figures, in order of time."`
	LeftOut analytics.LeftOut `json:"left_out" doc:"How many members would have counted, but for what they are."`
	AsOf    time.Time         `json:"as_of" doc:"What has happened later, or was imported later, is not in it."`
	Note    string            `json:"note,omitempty" doc:"Where the queries or the breakdown name what is known only as of today, such as org.lifecycle, and the range looks at the past: what to mind when reading it as a history."`
}

// Figure is one point of a series.
type Figure struct {
	analytics.Point

	Reported *reported.Point `json:"reported,omitempty" doc:"With as_reported=true: the figure as it was when its period was first complete. Left out where none was kept."`

	Records string `json:"records,omitempty" doc:"With records=true: the list of what was counted. Left out where no query says it."`
}

func (a *api) metricOps() []op {
	catalog := analytics.Catalog()
	return []op{
		{
			method: http.MethodGet, path: "/metrics", id: "listMetrics", tag: "Metrics", need: auth.Read,
			summary: "What can be measured",
			text:    "The catalog: every metric with its definition, its source, and by what it can be broken down.",
			reply:   content{of: Items[MetricInfo]{}, example: Items[MetricInfo]{Items: []MetricInfo{exampleMetric()}}},
			do: func(*call) (answer, error) {
				all := make([]MetricInfo, len(catalog))
				for i := range catalog {
					all[i] = metricInfo(&catalog[i])
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/metrics/{name}", id: "getMetric", tag: "Metrics", need: auth.Read,
			summary: "Figures of a metric",
			text: "A series of figures over time. Members of the team, bots, hidden members and contacts are left out unless asked for; `left_out` says how many these were. " +
				"A point whose `value` is null has no figure, for want of cases; `partial` marks a period that is not over.",
			params: metricParams(),
			reply:  content{of: Figures{}, example: exampleFigures()},
			do:     a.metric,
		},
		{
			method: http.MethodGet, path: "/overview", id: "getOverview", tag: "Metrics", need: auth.Read,
			summary: "The whole in numbers",
			text:    "How much there is of everything, and how many questions wait for an answer.",
			reply:   content{of: Overview{}, example: exampleOverview()},
			do: func(c *call) (answer, error) {
				o, err := a.Counts.Overview(c.ctx())
				if err != nil {
					return answer{}, err
				}
				l, err := a.Counts.Ledger(c.ctx(), 0)
				if err != nil {
					return answer{}, err
				}
				return ok(Overview{Overview: o, Ledger: l})
			},
		},
	}
}

func metricParams() []param {
	return []param{
		nameParam("name", "The metric's name, as GET /metrics lists it.", "active_members"),
		{name: "from", form: formText, example: "2026-08-01", text: "Where the range begins: a date (its first moment in `zone`) or a time such as 2026-08-01T12:00:00Z. Without it, the last 30 days, 12 weeks, 12 months or 8 quarters."},
		{name: "to", form: formText, example: "2026-11-01", text: "The first moment that is no longer in the range: a date or a time, like `from`. Without it, the end of today."},
		{name: "by", form: formText, choices: words(analytics.Granularities()), initial: string(analytics.Week), text: "How long the periods are. Weeks begin on Monday.", example: "month"},
		{name: "zone", form: formText, example: "Europe/Lisbon", text: "The time zone in which days begin, by its name in the tz database. Without it, the one of the settings, else UTC."},
		{name: "q", form: formText, example: "channel:#help", text: "What counts, in the query language. It is about the metric's entity: activities or conversations."},
		{name: "segment", form: formText, example: "org.lifecycle:trial", text: "Whose activities count: a query about members."},
		{name: "breakdown", form: formText, choices: words(analytics.Dimensions()), text: "A series for each value of this, as `group`.", example: "source"},
		{name: "groups", form: formInteger, min: 1, max: 100, initial: "8", text: "With a breakdown: how many groups at most; what is in none of them is the group `other`."},
		{name: "staff", form: formFlag, initial: "false", text: "Count the team too."},
		{name: "bots", form: formFlag, initial: "false", text: "Count bots too."},
		{name: "responder", form: formText, choices: []string{string(analytics.ByStaff), string(analytics.ByMember)}, text: "For metrics about responses: whose first response counts. Without it, anybody's."},
		{name: "target", form: formText, initial: "24h", example: "4h", text: "For response_within_target: the time within which a response is in time, such as 4h or 90m."},
		{name: "as_reported", form: formFlag, initial: "false", text: "Give beside each week or month the figure as it was when the period was first complete, and why it differs. For everything only: without query, segment and breakdown."},
		{name: "records", form: formFlag, initial: "false", text: "Give for each figure the address of the list of what was counted. Only with the zone in which lists count days: the one of the settings, else UTC."},
	}
}

func metricInfo(m *analytics.Metric) MetricInfo {
	info := MetricInfo{
		Name: m.Name, Label: m.Label, Version: m.Version, Unit: m.Unit, Definition: m.Definition, Formula: m.Formula,
		Source: m.Source, SourceURL: m.SourceURL, Entity: m.Entity, Breakdowns: m.Breakdowns, Lower: m.Lower, Total: m.Total,
	}
	if info.Breakdowns == nil {
		info.Breakdowns = []analytics.Dimension{}
	}
	return info
}

func (a *api) metric(c *call) (answer, error) {
	m, err := analytics.Lookup(c.text("name"))
	if err != nil {
		return answer{}, err
	}
	r := analytics.Request{
		Metric: m.Name, Granularity: analytics.Granularity(c.text("by")), Breakdown: analytics.Dimension(c.text("breakdown")),
		Options: analytics.Options{
			Staff: c.flag("staff"), Bots: c.flag("bots"), By: analytics.Responder(c.text("responder")), Groups: int(c.integer("groups")),
		},
	}
	if r.Options.Target, err = time.ParseDuration(c.text("target")); err != nil || r.Options.Target <= 0 {
		return answer{}, wrong("target", "the target is a length of time such as 4h or 90m, not %q", c.text("target"))
	}
	if err := a.rangeOf(c, &r); err != nil {
		return answer{}, err
	}
	if days := a.Now().Location().String(); c.flag("records") && r.Zone.String() != days {
		return answer{}, wrong("records", "lists count days in %s, so records can be asked for with zone=%s only", days, days)
	}
	if c.text("q") != "" {
		if r.Query, err = a.parse(c, "q", m.Entity); err != nil {
			return answer{}, err
		}
	}
	if c.text("segment") != "" {
		if r.Segment, err = a.parse(c, "segment", query.Members); err != nil {
			return answer{}, err
		}
	}
	res, err := a.Metrics.Compute(c.ctx(), r)
	if err != nil {
		return answer{}, err
	}
	return a.figures(c, r, res)
}

// figures answers with a result, and with the way to what was counted where that was asked for.
func (a *api) figures(c *call, r analytics.Request, res *analytics.Result) (answer, error) {
	kept := make(map[int64]*reported.Point)
	if c.flag("as_reported") {
		if a.Reported == nil {
			return answer{}, wrong("as_reported", "no figures are kept as reported here")
		}
		points, err := a.Reported.Points(c.ctx(), r, res)
		if err != nil {
			return answer{}, err
		}
		for i := range points {
			kept[points[i].From.Unix()] = &points[i]
		}
	}
	f := Figures{Name: res.Name, Version: res.Version, Unit: res.Unit, LeftOut: res.LeftOut, AsOf: res.AsOf, Note: asof.Note(r.From, a.Now().In(r.Zone), string(r.Breakdown), r.Query, r.Segment), Series: make([]Figure, len(res.Series))}
	for i := range res.Series {
		f.Series[i].Point, f.Series[i].Reported = res.Series[i], kept[res.Series[i].From.Unix()]
		if !c.flag("records") {
			continue
		}
		entity, text, err := a.Metrics.Records(r, res, i)
		switch {
		case greenroom.ErrorCode(err) == greenroom.CodeInvalid:
			continue
		case err != nil:
			return answer{}, err
		}
		f.Series[i].Records = address(string(entity)) + "?q=" + url.QueryEscape(text)
	}
	return ok(f)
}

// rangeOf reads the range, in the caller's time zone.
func (a *api) rangeOf(c *call, r *analytics.Request) error {
	var err error
	if r.Zone = a.Now().Location(); c.given("zone") {
		name := c.text("zone")
		if r.Zone, err = time.LoadLocation(name); err != nil || name == "" || strings.EqualFold(name, "local") {
			return wrong("zone", "there is no time zone %q; they are called like Europe/Lisbon or UTC", name)
		}
	}
	now := a.Now().In(r.Zone)
	y, mo, d := now.Date()
	r.To = time.Date(y, mo, d+1, 0, 0, 0, 0, r.Zone)
	if r.To, err = c.moment("to", r.Zone, r.To); err != nil {
		return err
	}
	r.From, err = c.moment("from", r.Zone, usualStart(r.Granularity, r.To))
	return err
}

// usualStart is where the range begins when nobody says.
func usualStart(g analytics.Granularity, to time.Time) time.Time {
	switch g {
	case analytics.Week:
		return to.AddDate(0, 0, -12*7)
	case analytics.Month:
		return to.AddDate(0, -12, 0)
	case analytics.Quarter:
		return to.AddDate(0, -24, 0)
	default:
		return to.AddDate(0, 0, -30)
	}
}

// moment reads a date or a time.
func (c *call) moment(name string, zone *time.Location, otherwise time.Time) (time.Time, error) {
	text := c.text(name)
	if text == "" {
		return otherwise, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, wrong(name, "%s is a date such as 2026-08-01 or a time such as 2026-08-01T12:00:00Z, not %q", name, text)
	}
	return t, nil
}
