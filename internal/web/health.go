// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/health"
	"greenroom/internal/impact/noise"
	"greenroom/internal/orbit"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// Health says how the community is; health.Service does.
type Health interface {
	Board(ctx context.Context, by analytics.Granularity) (*health.Board, error)
	Orbit(ctx context.Context, by analytics.Granularity) (*health.Orbit, error)
	Quiet(ctx context.Context, limit int) (all []health.Silent, total int, err error)
	// Changes says what changed in the last whole week or month, why, and what to do.
	// RecentChanges does not wait: it is nil while what changed is being worked out for the first time.
	RecentChanges(ctx context.Context, by analytics.Granularity) (*health.Changes, error)
	// Movement says how a metric moved in its last whole period, beside what the season explains.
	Movement(ctx context.Context, r health.MovementRequest) (*health.Movement, error)
	HealthGroups
	HealthScores
}

// HealthGroups are the figures about members together.
type HealthGroups interface {
	Network(ctx context.Context) (*health.Network, error)
	Introduce(ctx context.Context, from, to int64) ([]health.Step, error)
	Funnel(ctx context.Context, r health.FunnelRequest) (*health.Funnel, error)
	Paths(ctx context.Context, by string) (paths []health.Path, members int64, err error)
	Compare(ctx context.Context, r health.CompareRequest) (*health.Comparison, error)
}

// HealthScores are the scores of members.
type HealthScores interface {
	Models(ctx context.Context) ([]orbit.Model, error)
	Model(ctx context.Context, name string, version int) (orbit.Model, error)
	History(ctx context.Context, name string) ([]greenroom.ScoreVersion, error)
	// Preview says who would move if a model held, and changes nothing.
	Preview(ctx context.Context, m orbit.Model) (*health.Preview, error)
	Save(ctx context.Context, m orbit.Model, note, by string) (orbit.Model, error)
	Undo(ctx context.Context, name, by string) (orbit.Model, error)
	HealthMember
}

// HealthMember explains one member.
type HealthMember interface {
	Explain(ctx context.Context, member int64) ([]health.Why, error)
	Silence(ctx context.Context, member int64) (*health.Silent, error)
}

// healthBody is what health.html shows: the board, or one of the pages beside it.
type healthBody struct {
	Head     ui.Head
	Tabs     ui.Segments
	Choices  []ui.Segments
	Empty    *ui.Empty
	Groups   []healthGroup
	Sections []healthSection
}

type healthGroup struct {
	Title, Note string
	KPIs        []ui.KPI
}

type healthSection struct {
	Head  ui.CardHead
	Text  string
	Form  *ui.Form
	Facts []ui.Fact
	Chart *ui.Chart
	Heat  *ui.Heat
	Table *ui.Table
	Empty *ui.Empty
	Foot  string
}

type healthPages struct {
	*Site
	view *ui.View[healthBody]
}

func (s *Site) addHealth() error {
	if s.cfg.Health == nil {
		return nil
	}
	view, err := ui.Parse[healthBody](s.kit, templates, "templates/health.html")
	if err != nil {
		return err
	}
	p := &healthPages{Site: s, view: view}
	s.handle("GET /health", p.board)
	s.handle("GET /health/orbit", p.orbit)
	s.handle("GET /health/quiet", p.quiet)
	s.handle("GET /health/network", p.network)
	s.handle("GET /health/funnel", p.funnel)
	s.handle("GET /health/compare", p.compare)
	s.handle("GET /health/scores/{name}", p.score)
	s.change("POST /health/scores/{name}", mayWrite, p.saveScore)
	s.change("POST /health/scores/{name}/undo", mayWrite, p.undoScore)
	return nil
}

// healthTabs leads from one page to the next.
func healthTabs(active string) ui.Segments {
	tabs := ui.Segments{Label: "Health"}
	for _, t := range [][2]string{{"Board", "/health"}, {"Orbit", "/health/orbit"}, {"Gone quiet", "/health/quiet"}, {"Network", "/health/network"}, {"Funnel", "/health/funnel"}, {"Compare", "/health/compare"}} {
		tabs.Items = append(tabs.Items, ui.Segment{Label: t[0], Href: t[1], Active: t[1] == active})
	}
	return tabs
}

// page begins a page; show fills it, unless there is nothing to compute figures from.
func (p *healthPages) page(w http.ResponseWriter, r *http.Request, path, title, subtitle string, show func(body *healthBody) error) error {
	body := healthBody{Head: ui.Head{Title: title, Subtitle: subtitle, Find: true}, Tabs: healthTabs(path)}
	if p.counts.get(r.Context()).Sources == 0 {
		body.Empty = &ui.Empty{
			Title: "Nothing to look at yet", Text: "How the community is, who carries it and who drifts away: all of it is computed from what you import.",
			Actions: []ui.Action{{Label: "Import your data", Href: "/start", Style: ui.StylePrimary}},
		}
		return render(p.Site, w, r, p.view, title, body)
	}
	err := show(&body)
	if text, ok := invalid(err); ok {
		body.Groups, body.Sections = nil, nil
		body.Empty = &ui.Empty{Title: "This cannot be computed", Text: text, Actions: []ui.Action{{Label: "Start over", Href: path}}}
		err = nil
	}
	if err != nil {
		return err
	}
	return render(p.Site, w, r, p.view, title, body)
}

// invalid is what is wrong with what was asked, as a sentence; false for other errors.
func invalid(err error) (text string, ok bool) {
	if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		return "", false
	}
	return sentence(greenroom.ErrorMessage(err)), true
}

// openList is the address of a list; "" where there is no query.
func openList(entity query.Entity, text string) string {
	if text == "" {
		return ""
	}
	return "/" + string(entity) + "?q=" + url.QueryEscape(text)
}

// periods offers weeks, months and quarters.
func periodChoice(path string, by analytics.Granularity) ui.Segments {
	c := ui.Segments{Label: "Period"}
	for _, g := range []analytics.Granularity{analytics.Week, analytics.Month, analytics.Quarter} {
		c.Items = append(c.Items, ui.Segment{Label: title(string(g)), Href: path + "?by=" + string(g), Active: g == by})
	}
	return c
}

// periodText names a whole period.
func periodText(from time.Time, by analytics.Granularity) string {
	switch by {
	case analytics.Month:
		return from.Format("January 2006")
	case analytics.Quarter:
		return "quarter " + periodLabel(from, by)
	case analytics.Day:
		return from.Format("Monday, 2 January 2006")
	default:
		return "week from " + from.Format("2 January 2006")
	}
}

func (p *healthPages) board(w http.ResponseWriter, r *http.Request) error {
	const about = "The last whole period against the one before, by the purposes of SPACES. Staff and bots are left out."
	return p.page(w, r, "/health", "Health", about, func(body *healthBody) error {
		b, err := p.cfg.Health.Board(r.Context(), analytics.Granularity(r.URL.Query().Get("by")))
		if err != nil {
			return err
		}
		body.Head.Pills = []ui.Pill{{Text: title(periodText(b.From, b.By))}}
		body.Choices = []ui.Segments{periodChoice("/health", b.By)}
		for i := range b.Purposes {
			g := healthGroup{Title: b.Purposes[i].Name, Note: b.Purposes[i].Asks}
			for j := range b.Purposes[i].Items {
				k, err := boardKPI(&b.Purposes[i].Items[j], b.By)
				if err != nil {
					return err
				}
				g.KPIs = append(g.KPIs, k)
			}
			body.Groups = append(body.Groups, g)
		}
		return nil
	})
}

// boardKPI draws a figure of the board: its number opens to the chart, and from there to the records.
func boardKPI(item *health.Item, by analytics.Granularity) (ui.KPI, error) {
	m, err := analytics.Lookup(item.Metric)
	if err != nil {
		return ui.KPI{}, err
	}
	v := url.Values{"by": {string(by)}}
	if item.Query != "" {
		v.Set("q", item.Query)
	}
	k := ui.KPI{Label: item.Label, Href: insightHref(item.Metric, v), Value: ui.None, Definition: definition(m)}
	if href := openList(item.Entity, item.Records); href != "" {
		k.Definition.Rows = append(k.Definition.Rows, ui.Fact{Label: "Counted", Value: "Open the list", Href: href})
	}
	if item.Query != "" {
		k.Definition.Rows = append(k.Definition.Rows, ui.Fact{Label: "Narrowed by", Value: item.Query})
	}
	if item.Low != nil && item.High != nil {
		k.Definition.Rows = append(k.Definition.Rows, ui.Fact{Label: "95 % interval", Value: chartUnit(m.Unit).Format(*item.Low) + " to " + chartUnit(m.Unit).Format(*item.High)})
	}
	if then := item.Seasonal; then != nil {
		k.Definition.Rows = append(k.Definition.Rows, ui.Fact{Label: "Season", Value: then.Says, Href: openList(then.Entity, then.Records)})
	}
	k.Spark = &ui.Spark{Label: ui.Number(len(item.Series)) + " " + string(by) + "s"}
	for _, x := range item.Series {
		k.Spark.Values = append(k.Spark.Values, orNaN(x))
	}
	k.Definition.Rows = append(k.Definition.Rows, ui.Fact{Label: "Is it news?", Value: item.Noise.Says})
	if k.Note = item.Noise.Says; !item.Noise.Real { // news is told in full, the rest where one asks
		k.Note = title(noisePill(item.Noise).Text) + "."
	}
	if item.Value == nil {
		k.Note = "No figure for this period."
		return k, nil
	}
	k.Value = chartUnit(m.Unit).Format(*item.Value)
	if k.Delta = change(m, *item.Value, orNaN(item.Previous), "than the "+string(by)+" before"); k.Delta != nil && !item.Noise.Real {
		k.Delta.Tone = ui.ToneNone // what is noise is neither good nor bad
	}
	return k, nil
}

// noisePill says in a word what a verdict says in a sentence.
func noisePill(v noise.Verdict) ui.Pill {
	switch {
	case v.Test == noise.TestNone:
		return ui.Pill{Text: "too little to tell", Title: v.Says}
	case v.Real && noise.Seasonal(v.Test):
		return ui.Pill{Text: "more than noise and season", Tone: ui.ToneInfo, Title: v.Says}
	case noise.Seasonal(v.Test):
		return ui.Pill{Text: "within noise and season", Title: v.Says}
	case v.Real:
		return ui.Pill{Text: "more than noise", Tone: ui.ToneInfo, Title: v.Says}
	default:
		return ui.Pill{Text: "within noise", Title: v.Says}
	}
}
