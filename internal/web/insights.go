// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// insightsBody is what insights.html shows: the catalogue, or one metric.
type insightsBody struct {
	Head       ui.Head
	Groups     []metricGroup
	Empty      *ui.Empty
	One        *ui.Chart
	Heat       *ui.Heat
	Query      ui.QueryBox
	By         ui.Segments
	Breakdowns ui.Segments
	Facts      []ui.Fact
	Note       string
}

type metricGroup struct {
	Title string
	KPIs  []ui.KPI
}

type insightsPage struct {
	*Site
	view *ui.View[insightsBody]
}

func (s *Site) addInsights() error {
	view, err := ui.Parse[insightsBody](s.kit, templates, "templates/insights.html")
	if err != nil {
		return err
	}
	p := &insightsPage{Site: s, view: view}
	s.handle("GET /insights", p.all)
	s.handle("GET /insights/{metric}", p.one)
	return nil
}

func insightHref(metric string, v url.Values) string {
	if len(v) == 0 {
		return "/insights/" + metric
	}
	return "/insights/" + metric + "?" + v.Encode()
}

// definition says what a metric is, in a popover.
func definition(m *analytics.Metric) *ui.Definition {
	d := &ui.Definition{Term: m.Label, Text: m.Definition, Rows: []ui.Fact{
		{Label: "Formula", Value: m.Formula}, {Label: "Unit", Value: string(m.Unit)}, {Label: "Version", Value: ui.Number(m.Version)}, {Label: "Source", Value: m.Source, Href: m.SourceURL},
	}}
	return d
}

func (p *insightsPage) unavailable(w http.ResponseWriter, r *http.Request) error {
	return render(p.Site, w, r, p.view, "Insights", insightsBody{Head: ui.Head{Title: "Insights"}, Empty: &ui.Empty{
		Title: "Figures are not available", Text: "Another process holds the analytics file. Stop it, or look again in a moment; nothing is lost.",
	}})
}

// all shows every metric's last twelve months.
func (p *insightsPage) all(w http.ResponseWriter, r *http.Request) error {
	if p.cfg.Figures == nil {
		return p.unavailable(w, r)
	}
	now := p.cfg.Now().In(p.cfg.Zone)
	to := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, p.cfg.Zone)
	from := to.AddDate(-1, 0, 0)
	body := insightsBody{Head: ui.Head{Title: "Insights", Subtitle: "Twelve whole months · staff and bots are left out · " + p.cfg.Zone.String(), Find: true}}
	groups := map[analytics.Unit]string{analytics.UnitMembers: "Members", analytics.UnitActivities: "Activity", analytics.UnitConversations: "Conversations", analytics.UnitSeconds: "Response", analytics.UnitShare: "Shares"}
	index := make(map[string]int)
	for _, m := range analytics.Catalog() {
		title := groups[m.Unit]
		i, ok := index[title]
		if !ok {
			i = len(body.Groups)
			index[title] = i
			body.Groups = append(body.Groups, metricGroup{Title: title})
		}
		res, err := p.cfg.Figures.Compute(r.Context(), analytics.Request{Metric: m.Name, From: from, To: to, Granularity: analytics.Month, Zone: p.cfg.Zone})
		if err != nil {
			return err
		}
		k := ui.KPI{Label: m.Label, Href: insightHref(m.Name, nil), Value: ui.None, Definition: definition(&m)}
		if !isCohorts(res) {
			k = weekKPI(&m, res)
			k.Label = m.Label
		} else {
			k.Value, k.Note = "by cohort", "opens as a table"
		}
		body.Groups[i].KPIs = append(body.Groups[i].KPIs, k)
	}
	return render(p.Site, w, r, p.view, "Insights", body)
}

func isCohorts(res *analytics.Result) bool {
	return len(res.Series) > 0 && res.Series[0].Offset != nil
}

// spanOf is how far back each granularity looks by default.
func spanOf(g analytics.Granularity, now time.Time) (from, to time.Time) {
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch g {
	case analytics.Day:
		return day.AddDate(0, 0, -60), day.AddDate(0, 0, 1)
	case analytics.Month:
		return time.Date(now.Year()-2, now.Month()+1, 1, 0, 0, 0, 0, now.Location()), day.AddDate(0, 0, 1)
	case analytics.Quarter:
		return time.Date(now.Year()-3, now.Month()+1, 1, 0, 0, 0, 0, now.Location()), day.AddDate(0, 0, 1)
	default:
		return day.AddDate(-1, 0, 0), day.AddDate(0, 0, 1)
	}
}

// one shows one metric as a chart that opens to the records.
func (p *insightsPage) one(w http.ResponseWriter, r *http.Request) error {
	if p.cfg.Figures == nil {
		return p.unavailable(w, r)
	}
	m, err := analytics.Lookup(r.PathValue("metric"))
	if err != nil {
		return err
	}
	params := r.URL.Query()
	g := analytics.Granularity(firstText(params.Get("by"), string(analytics.Week)))
	breakdown := analytics.Dimension(params.Get("breakdown"))
	v := p.listView(r, m.Entity, "Narrow what counts", "channel:#help org.lifecycle:trial,customer")
	v.box.Hidden = []ui.Hidden{{Name: "by", Value: string(g)}, {Name: "breakdown", Value: string(breakdown)}}
	body := insightsBody{
		Head:  ui.Head{Title: m.Label, Subtitle: m.Definition, Back: &ui.Action{Label: "Insights", Href: "/insights"}, Pills: []ui.Pill{{Text: "version " + ui.Number(m.Version)}}},
		Query: v.box,
		Facts: definition(m).Rows,
	}
	with := func(key, value string) string {
		q := url.Values{"q": {v.text}, "by": {string(g)}, "breakdown": {string(breakdown)}}
		q.Set(key, value)
		return insightHref(m.Name, q)
	}
	body.By.Label, body.Breakdowns.Label = "Period", "Broken down by"
	for _, each := range []analytics.Granularity{analytics.Day, analytics.Week, analytics.Month, analytics.Quarter} {
		body.By.Items = append(body.By.Items, ui.Segment{Label: title(string(each)), Href: with("by", string(each)), Active: g == each})
	}
	body.Breakdowns.Items = []ui.Segment{{Label: "In all", Href: with("breakdown", ""), Active: breakdown == ""}}
	for _, d := range m.Breakdowns {
		body.Breakdowns.Items = append(body.Breakdowns.Items, ui.Segment{Label: title(string(d)), Href: with("breakdown", string(d)), Active: breakdown == d})
	}
	if v.parsed != nil {
		if err := p.compute(r, m, g, breakdown, v, &body); err != nil {
			return err
		}
	}
	return render(p.Site, w, r, p.view, m.Label, body)
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func (p *insightsPage) compute(r *http.Request, m *analytics.Metric, g analytics.Granularity, d analytics.Dimension, v *listView, body *insightsBody) error {
	from, to := spanOf(g, p.cfg.Now().In(p.cfg.Zone))
	req := analytics.Request{Metric: m.Name, From: from, To: to, Granularity: g, Zone: p.cfg.Zone, Query: v.parsed, Breakdown: d}
	res, err := p.cfg.Figures.Compute(r.Context(), req)
	if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
		body.Note = sentence(greenroom.ErrorMessage(err))
		return nil
	}
	if err != nil {
		return err
	}
	l := res.LeftOut
	body.Note = "Left out: " + ui.Number(int(l.Staff)) + " staff, " + ui.Number(int(l.Bots)) + " bots, " + ui.Number(int(l.Hidden)) + " hidden, " + ui.Number(int(l.Contacts)) + " contacts. Days begin in " + p.cfg.Zone.String() + "."
	if isCohorts(res) {
		h := cohorts(m, res, g)
		body.Heat = &h
		return nil
	}
	c := chart(m, res, g, func(pt analytics.Point) string { return p.records(m, &pt, d, v) })
	c.Size = "lg"
	body.One = &c
	return nil
}

// records is the list of what a point counts.
func (p *insightsPage) records(m *analytics.Metric, pt *analytics.Point, d analytics.Dimension, v *listView) string {
	return recordsHref(m, pt, d, v.text)
}

// recordsHref opens the records of a period: conversations for metrics about them, else activities.
func recordsHref(m *analytics.Metric, pt *analytics.Point, d analytics.Dimension, text string) string {
	path, field := "/activities", "occurred"
	if m.Entity == query.Conversations {
		path, field = "/conversations", "opened"
	}
	last := pt.To.Add(-time.Second)
	terms := []string{field + ":" + pt.From.Format(time.DateOnly) + ".." + last.Format(time.DateOnly)}
	if m.Entity == query.Conversations && m.Name != "conversations" {
		terms = append(terms, "is:question")
	}
	if d != "" && pt.Group != "" && pt.Group != analytics.OtherGroup {
		terms = append(terms, string(d)+":"+quoted(pt.Group))
	}
	terms = append(terms, "-is:staff", "-is:bot")
	if text != "" {
		terms = append(terms, "("+text+")")
	}
	return path + "?q=" + url.QueryEscape(strings.Join(terms, " "))
}

// cohorts is a retention table.
func cohorts(m *analytics.Metric, res *analytics.Result, g analytics.Granularity) ui.Heat {
	h := ui.Heat{Caption: m.Label, Corner: "First active"}
	row := make(map[int64]int)
	for i := range res.Series {
		pt := &res.Series[i]
		at, ok := row[pt.From.Unix()]
		if !ok {
			at = len(h.Rows)
			row[pt.From.Unix()] = at
			h.Rows = append(h.Rows, ui.HeatRow{Label: periodLabel(pt.From, g)})
		}
		if pt.Offset == nil {
			continue
		}
		for len(h.Columns) <= *pt.Offset {
			h.Columns = append(h.Columns, "+"+ui.Number(len(h.Columns)))
		}
		cell := ui.HeatCell{Open: pt.Partial, Text: ui.None}
		if pt.Value != nil {
			cell.Share, cell.Text = *pt.Value, ui.Percent(*pt.Value)
			cell.Title = ui.Number(int(pt.Count)) + " of " + ui.Number(int(pt.N)) + " members"
		}
		for len(h.Rows[at].Cells) < *pt.Offset {
			h.Rows[at].Cells = append(h.Rows[at].Cells, ui.HeatCell{})
		}
		h.Rows[at].Cells = append(h.Rows[at].Cells, cell)
	}
	return h
}
