// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/asof"
	"greenroom/internal/health"
	"greenroom/internal/impact/noise"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// insightsBody is what insights.html shows: the catalog, or one metric.
type insightsBody struct {
	Head       ui.Head
	Changes    []changeCard
	Groups     []metricGroup
	Empty      *ui.Empty
	One        *ui.Chart
	Heat       *ui.Heat
	Query      ui.QueryBox
	By         ui.Segments
	Breakdowns ui.Segments
	Facts      []ui.Fact
	Problem    *ui.Empty
	AsOf       string // what of the query is known only as of today
	Note       string
	Moved      *movedCard
	Reported   *ui.Table
	Annotate   *ui.Dialog
}

// movedCard says how a metric moved in its last whole period.
type movedCard struct {
	Head  ui.CardHead
	Facts []ui.Fact
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
	if p.counts.get(r.Context()).Sources == 0 {
		return render(p.Site, w, r, p.view, "Insights", insightsBody{Head: ui.Head{Title: "Insights"}, Empty: &ui.Empty{
			Title: "No figures yet", Text: "Who comes, who stays, what is asked and how soon it is answered: all of it is computed from what you import.",
			Actions: []ui.Action{{Label: "Import your data", Href: "/start", Style: ui.StylePrimary}},
		}})
	}
	now := p.cfg.Now().In(p.cfg.Zones.Zone())
	to := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, p.cfg.Zones.Zone())
	from := to.AddDate(-1, 0, 0)
	body := insightsBody{Head: ui.Head{Title: "Insights", Subtitle: "Twelve whole months · staff and bots are left out · " + p.cfg.Zones.Zone().String(), Find: true}}
	var err error
	if body.Changes, err = p.changes(r); err != nil {
		return err
	}
	index := make(map[string]int)
	for _, m := range analytics.Catalog() {
		title := themeOf(&m)
		i, ok := index[title]
		if !ok {
			i = len(body.Groups)
			index[title] = i
			body.Groups = append(body.Groups, metricGroup{Title: title})
		}
		res, err := p.cfg.Figures.Compute(r.Context(), analytics.Request{Metric: m.Name, From: from, To: to, Granularity: analytics.Month, Zone: p.cfg.Zones.Zone()})
		if err != nil {
			return err
		}
		k := ui.KPI{Label: m.Label, Href: insightHref(m.Name, nil), Value: ui.None, Definition: definition(&m)}
		if !isCohorts(res) {
			k = weekKPI(&m, res)
			k.Label = m.Label
		} else {
			k.Value, k.Note, k.Spark = nextMonth(res), "of newcomers come back in the month after", nil
		}
		body.Groups[i].KPIs = append(body.Groups[i].KPIs, k)
	}
	return render(p.Site, w, r, p.view, "Insights", body)
}

// themeOf is the heading that a metric stands under.
func themeOf(m *analytics.Metric) string {
	switch m.Name {
	case "retention", "stickiness", "daily_active", "weekly_active", "monthly_active":
		return "Rhythm and retention"
	case "activities", "contributor_concentration", "top_share":
		return "Activity"
	case "messages", "bug_reports", "feature_requests", "praise", "net_sentiment", "unsure_share":
		return "What is said"
	case "contributors", "new_contributors", "occasional_contributors", "helpers", "elephant_factor", "member_share":
		return "Contribution"
	}
	switch {
	case m.Entity == query.Conversations:
		return "Conversations and responses"
	case m.Unit == analytics.UnitMembers:
		return "Members"
	default:
		return "Activity"
	}
}

func isCohorts(res *analytics.Result) bool {
	return len(res.Series) > 0 && res.Series[0].Offset != nil
}

// nextMonth is the share of the newest cohort that had a whole month to come back, in that month.
func nextMonth(res *analytics.Result) string {
	text := ui.None
	for i := range res.Series {
		if pt := &res.Series[i]; pt.Offset != nil && *pt.Offset == 1 && pt.Value != nil && !pt.Partial {
			text = ui.Percent(*pt.Value)
		}
	}
	return text
}

// spanOf is what each granularity shows by default: whole periods up to the present one, few enough to be read. A table
// of cohorts shows fewer, so that it fits.
func spanOf(g analytics.Granularity, now time.Time, cohorts bool) (from, to time.Time) {
	date := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, now.Location()) }
	day := date(now.Year(), now.Month(), now.Day())
	periods := map[analytics.Granularity]int{analytics.Day: 60, analytics.Week: 52, analytics.Month: 24, analytics.Quarter: 12}[g]
	if cohorts {
		periods = map[analytics.Granularity]int{analytics.Day: 14, analytics.Week: 13, analytics.Month: 12, analytics.Quarter: 8}[g]
	}
	back := periods - 1 // the present one counts
	switch to = day.AddDate(0, 0, 1); g {
	case analytics.Day:
		return day.AddDate(0, 0, -back), to
	case analytics.Month:
		return date(now.Year(), now.Month()-time.Month(back), 1), to
	case analytics.Quarter:
		return date(now.Year(), (now.Month()-1)/3*3+1-time.Month(3*back), 1), to
	default:
		return day.AddDate(0, 0, -(int(now.Weekday())+6)%7-7*back), to
	}
}

// granularityOf reads ?by=. Cohorts are looked at by month unless asked for otherwise, all else by week.
func granularityOf(text string, cohorts bool) analytics.Granularity {
	for _, g := range []analytics.Granularity{analytics.Day, analytics.Week, analytics.Month, analytics.Quarter} {
		if string(g) == text {
			return g
		}
	}
	if cohorts {
		return analytics.Month
	}
	return analytics.Week
}

// byCohort says whether a metric is a table instead of a line.
func byCohort(m *analytics.Metric) bool { return m.Name == "retention" }

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
	g := granularityOf(params.Get("by"), byCohort(m))
	if by := params.Get("by"); by != "" && by != string(g) {
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is no period; expected day, week, month or quarter", by)
	}
	breakdown := analytics.Dimension(params.Get("breakdown"))
	v := p.listView(r, m.Entity, "Narrow what counts", "channel:#help org.lifecycle:trial,customer")
	v.box.Hidden = []ui.Hidden{{Name: "by", Value: string(g)}, {Name: "breakdown", Value: string(breakdown)}}
	who := strings.TrimSpace(params.Get("segment"))
	if who != "" {
		v.box.Hidden = append(v.box.Hidden, ui.Hidden{Name: "segment", Value: who})
	}
	body := insightsBody{
		Head:  ui.Head{Title: m.Label, Subtitle: m.Definition, Back: &ui.Action{Label: "Insights", Href: "/insights"}, Pills: []ui.Pill{{Text: "version " + ui.Number(m.Version)}}},
		Query: v.box,
		Facts: definition(m).Rows,
	}
	with := func(key, value string) string {
		q := url.Values{"q": {v.text}, "by": {string(g)}, "breakdown": {string(breakdown)}}
		if who != "" {
			q.Set("segment", who)
		}
		q.Set(key, value)
		return insightHref(m.Name, q)
	}
	if who != "" {
		body.Head.Pills = append(body.Head.Pills, ui.Pill{Text: "only " + who, Tone: ui.ToneInfo, Href: "/members?q=" + url.QueryEscape(who), Title: "Whose activities count: members of this query"})
		body.Head.Actions = []ui.Action{{Label: "Of everybody", Href: with("segment", ""), Small: true}}
	}
	body.By.Label, body.Breakdowns.Label = "Period", "Broken down by"
	for _, each := range []analytics.Granularity{analytics.Day, analytics.Week, analytics.Month, analytics.Quarter} {
		body.By.Items = append(body.By.Items, ui.Segment{Label: title(string(each)), Href: with("by", string(each)), Active: g == each})
	}
	body.Breakdowns.Items = []ui.Segment{{Label: "In all", Href: with("breakdown", ""), Active: breakdown == ""}}
	for _, d := range m.Breakdowns {
		body.Breakdowns.Items = append(body.Breakdowns.Items, ui.Segment{Label: title(string(d)), Href: with("breakdown", string(d)), Active: breakdown == d})
	}
	if p.cfg.Reported != nil && v.text == "" && who == "" && breakdown == "" && !byCohort(m) && (g == analytics.Week || g == analytics.Month) {
		toggle := ui.Action{Label: "As it was reported", Href: with("reported", "1")}
		if params.Get("reported") != "" {
			toggle = ui.Action{Label: "As known today", Href: with("reported", "")}
		}
		body.Head.Actions = append(body.Head.Actions, toggle)
	}
	if p.cfg.Annotations != nil {
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Annotations", Href: "/annotations"})
		if person(r).MayWrite {
			a, d := p.annotate(r)
			a.Small = false
			body.Annotate = &d
			body.Head.Actions = append(body.Head.Actions, a)
		}
	}
	if v.parsed != nil {
		if err := p.compute(r, m, g, breakdown, v, &body); err != nil {
			return err
		}
	}
	return render(p.Site, w, r, p.view, m.Label, body)
}

// title begins a text with a capital.
func title(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

func (p *insightsPage) compute(r *http.Request, m *analytics.Metric, g analytics.Granularity, d analytics.Dimension, v *listView, body *insightsBody) error {
	from, to := spanOf(g, p.cfg.Now().In(p.cfg.Zones.Zone()), byCohort(m))
	req := analytics.Request{Metric: m.Name, From: from, To: to, Granularity: g, Zone: p.cfg.Zones.Zone(), Query: v.parsed, Breakdown: d}
	var res *analytics.Result
	var err error
	if req.Segment, err = p.segmentOf(r); err == nil {
		res, err = p.cfg.Figures.Compute(r.Context(), req)
	}
	if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
		body.Problem = &ui.Empty{Title: "This cannot be computed", Text: sentence(greenroom.ErrorMessage(err)), Actions: []ui.Action{{Label: "Start over", Href: insightHref(m.Name, nil)}}}
		return nil
	}
	if err != nil {
		return err
	}
	l := res.LeftOut
	body.AsOf = asof.Note(from, p.cfg.Now().In(p.cfg.Zones.Zone()), string(d), req.Query, req.Segment)
	body.Note = leftOutText(&l) + " Days begin in " + p.cfg.Zones.Zone().String() + "."
	open := &opener{figures: p.cfg.Figures, req: req}
	if isCohorts(res) {
		h := cohorts(m, res, g, open)
		body.Heat = &h
		body.Note += open.note("Every figure opens the members that it counts.")
		return nil
	}
	c := chart(m, res, g, func(point int) string { return open.open(res, point) })
	c.Size = "lg"
	marks, err := p.marks(r.Context(), from, to)
	if err != nil {
		return err
	}
	if err := p.reported(r, req, res, &c, body); err != nil {
		return err
	}
	if p.cfg.Health != nil {
		v, err := p.cfg.Health.Movement(r.Context(), health.MovementRequest{Metric: m.Name, By: g, Query: req.Query, Segment: req.Segment})
		if err != nil {
			return err
		}
		body.Moved = movement(v)
	}
	c.Marks = marks.on(periodOf(res, g), c.Labels)
	body.Note += open.note("A point opens the records behind it.")
	body.One = &c
	return nil
}

// movement shows the last whole period against the one before, and what the season explains of that.
func movement(v *health.Movement) *movedCard {
	by := string(v.By)
	card := &movedCard{Head: ui.CardHead{Title: "The last whole " + by, Note: title(periodText(v.From, v.By)), Pills: []ui.Pill{noisePill(v.Noise)}}}
	card.Facts = []ui.Fact{
		{Label: "Against the " + by + " before", Value: v.Says, Href: openList(v.Entity, v.Records)},
		{Label: "Is that news?", Value: v.Noise.Says},
	}
	season := ui.Fact{Label: "The season", Value: "Not known yet: it takes more than a year of whole " + by + "s to see one, and two for the verdict to go by it."}
	if v.By == analytics.Day {
		season.Value = "Not known yet: it takes more than a week of days to see one, and four weeks for the verdict to go by it."
	}
	if then := v.Seasonal; then != nil {
		season.Value, season.Href = then.Says, openList(then.Entity, then.Records)
		if !noise.Seasonal(v.Noise.Test) {
			season.Value += " That is too little history for the verdict above to go by it."
		}
	}
	card.Facts = append(card.Facts, season)
	return card
}

// segmentOf reads ?segment=, a query over members: whose activities count. Nil = everybody's.
func (p *insightsPage) segmentOf(r *http.Request) (*query.Query, error) {
	text := strings.TrimSpace(r.URL.Query().Get("segment"))
	if text == "" {
		return nil, nil //nolint:nilnil // no query is everybody
	}
	q, err := query.Parse(p.schemas[query.Members], text)
	if err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "whose activities count cannot be read: %s", err)
	}
	return q, nil
}

// leftOutText says who is not counted; nobody is not worth a word.
func leftOutText(l *analytics.LeftOut) string {
	var parts []string
	for _, p := range []struct {
		n         int64
		one, many string
	}{{l.Staff, "member of staff", "staff"}, {l.Bots, "bot", "bots"}, {l.Hidden, "hidden member", "hidden members"}, {l.Contacts, "contact", "contacts"}} {
		if p.n > 0 {
			parts = append(parts, countText(p.n, p.one, p.many))
		}
	}
	if len(parts) == 0 {
		return "Nobody is left out."
	}
	return "Left out: " + strings.Join(parts, ", ") + "."
}

// opener finds the lists of what points counted, and remembers why one cannot be opened.
type opener struct {
	figures Figures
	req     analytics.Request
	closed  string // why; "" while all open
}

// open is the address of the list of what a point counted; "" where no list can say it.
func (o *opener) open(res *analytics.Result, point int) string {
	entity, text, err := o.figures.Records(o.req, res, point)
	if err != nil {
		o.closed = greenroom.ErrorMessage(err)
		return ""
	}
	return "/" + string(entity) + "?q=" + url.QueryEscape(text)
}

// note says what a point opens, or why some do not.
func (o *opener) note(what string) string {
	if o.closed == "" {
		return " " + what
	}
	return " Some do not open: " + sentence(o.closed)
}

// cohortSize says how many began together, and opens them.
func (o *opener) cohortSize(res *analytics.Result, point int) ui.HeatCell {
	whole := *res
	whole.Series = slices.Clone(res.Series)
	pt := &whole.Series[point]
	pt.Offset = nil
	return ui.HeatCell{Text: ui.Number(int(pt.N)), Plain: true, Href: o.open(&whole, point), Title: countText(pt.N, "member", "members") + " were first active then"}
}

// cohorts is a retention table.
func cohorts(m *analytics.Metric, res *analytics.Result, g analytics.Granularity, o *opener) ui.Heat {
	h := ui.Heat{Caption: m.Label + ": a line is who was first active in a " + string(g) + ", a column how many " + string(g) + "s later", Corner: "First active", Columns: []string{"Members"}}
	row := make(map[int64]int)
	for i := range res.Series {
		pt := &res.Series[i]
		if pt.N == 0 && len(h.Rows) == 0 {
			continue // before the community began
		}
		at, ok := row[pt.From.Unix()]
		if !ok {
			at = len(h.Rows)
			row[pt.From.Unix()] = at
			h.Rows = append(h.Rows, ui.HeatRow{Label: periodLabel(pt.From, g), Cells: []ui.HeatCell{o.cohortSize(res, i)}})
		}
		if pt.Offset == nil {
			continue
		}
		column := *pt.Offset + 1 // the first says how many there are
		for len(h.Columns) <= column {
			h.Columns = append(h.Columns, "+"+ui.Number(len(h.Columns)-1))
		}
		cell := ui.HeatCell{Open: pt.Partial, Text: ui.None}
		if pt.Value != nil {
			cell.Share, cell.Text = *pt.Value, ui.Decimal(*pt.Value*100, 0)+"\u202f%"
			cell.Title = ui.Number(int(pt.Count)) + " of " + ui.Number(int(pt.N)) + " members"
			if pt.Count > 0 {
				cell.Href = o.open(res, i)
			}
		}
		for len(h.Rows[at].Cells) < column {
			h.Rows[at].Cells = append(h.Rows[at].Cells, ui.HeatCell{Plain: true})
		}
		h.Rows[at].Cells = append(h.Rows[at].Cells, cell)
	}
	return h
}

// periodOf gives the label of the period that a moment is in.
func periodOf(res *analytics.Result, g analytics.Granularity) func(time.Time) string {
	return func(at time.Time) string {
		label := ""
		for i := range res.Series {
			if from := res.Series[i].From; !from.After(at) {
				label = periodLabel(from, g)
			}
		}
		return label
	}
}
