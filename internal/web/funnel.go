// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom/internal/analytics"
	"greenroom/internal/health"
	"greenroom/internal/impact/noise"
	"greenroom/internal/web/ui"
)

// funnel shows how far members come, by steps that can be changed.
func (p *healthPages) funnel(w http.ResponseWriter, r *http.Request) error {
	const about = "How far members come who took the first step in the last twelve months. A step counts at or after the one before it; the team is left out."
	return p.page(w, r, "/health/funnel", "Funnel", about, func(body *healthBody) error {
		v := r.URL.Query()
		req := health.FunnelRequest{By: v.Get("by")}
		for _, line := range strings.Split(v.Get("steps"), "\n") {
			if line = strings.TrimSpace(line); line != "" {
				req.Steps = append(req.Steps, line)
			}
		}
		req.Within, _ = strconv.Atoi(v.Get("within")) // what is no number is no limit
		req.At, _ = strconv.Atoi(v.Get("at"))
		f, err := p.cfg.Health.Funnel(r.Context(), req)
		if err != nil {
			return err
		}
		steps := make([]string, len(f.Steps))
		for i := range f.Steps {
			steps[i] = f.Steps[i].Step
		}
		text := strings.Join(steps, "\n")
		with := func(key, value string) string {
			q := url.Values{"steps": {text}}
			for _, k := range []string{"by", "within"} {
				if x := v.Get(k); x != "" {
					q.Set(k, x)
				}
			}
			if q.Set(key, value); value == "" {
				q.Del(key)
			}
			return "/health/funnel?" + q.Encode()
		}
		by := ui.Segments{Label: "Cut by"}
		for _, c := range [][2]string{{"", "All together"}, {"month", "Month"}, {"source", "Source"}, {"channel", "Channel"}, {"country", "Country"}, {"organization", "Organization"}} {
			by.Items = append(by.Items, ui.Segment{Label: c[1], Href: with("by", c[0]), Active: c[0] == req.By})
		}
		body.Choices = []ui.Segments{by}
		body.Sections = append(body.Sections, healthSection{
			Head: ui.CardHead{Title: "Steps"}, Table: funnelTable(f, with),
			Foot: "Shares with their Wilson 95 % interval. Days are of those who took the step; those who came of late have had less time.",
		})
		if req.At > 0 {
			body.Sections = append(body.Sections, stuckSection(f))
		}
		if len(f.Groups) > 0 {
			body.Sections = append(body.Sections, funnelGroups(f, by))
		}
		body.Sections = append(body.Sections, funnelForm(text, v))
		return p.paths(r, body)
	})
}

func funnelForm(text string, v url.Values) healthSection {
	form := &ui.Form{Get: "/health/funnel", Fields: []ui.Field{
		{Name: "steps", Label: "Steps, a line each", Type: "textarea", Value: text, Rows: 6, Required: true, Help: "joined; a query about activities such as is:question or kind:issue channel:#help; " +
			"did: with a count, such as did:reply count:>=5; or any query about members, such as tag:champion or level:1..2, which is a state of today."},
		{Name: "within", Label: "Within so many days of the first step", Type: "number", Value: v.Get("within"), Help: "Empty = any time. Members who have not had that many days yet are left out."},
	}, Actions: []ui.Action{{Label: "Compute", Submit: true, Style: ui.StylePrimary}}}
	if by := v.Get("by"); by != "" {
		form.Hidden = []ui.Hidden{{Name: "by", Value: by}}
	}
	return healthSection{Head: ui.CardHead{Title: "Change the steps"}, Form: form}
}

func funnelTable(f *health.Funnel, with func(key, value string) string) *ui.Table {
	t := &ui.Table{Caption: "Steps of the funnel", Columns: []ui.Column{{Label: "Step"}, {Label: "Members", Number: true}, {Label: "Of the step before", Number: true}, {Label: "Of the first", Number: true}, {Label: "Median days", Number: true}, {Label: "No further", Number: true}}}
	for i := range f.Steps {
		s := &f.Steps[i]
		row := []ui.Cell{{Text: stepLabel(s.Step)}, {Text: ui.Number(int(s.Members))}, {Text: ui.None}, {Text: ui.None}, {Text: ui.None}, {Text: ui.Number(int(s.Here)), Href: with("at", strconv.Itoa(i+1))}}
		if row[0].Text != s.Step {
			row[0].Sub = s.Step
		}
		if s.State {
			row[0].Sub = s.Step + ", as it is today"
		}
		if s.Share != nil {
			row[2].Text, row[2].Sub = ui.Percent(*s.Share), ui.Percent(*s.Low)+" to "+ui.Percent(*s.High)
		}
		if s.OfFirst != nil {
			row[3].Text = ui.Percent(*s.OfFirst)
		}
		if s.Median != nil {
			row[4].Text = ui.Decimal(*s.Median, 1)
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: row})
	}
	return t
}

// stepLabel names the steps that funnels begin with; others are called by what they ask for.
func stepLabel(step string) string {
	switch step {
	case "joined":
		return "Joined"
	case "did:*":
		return "First activity"
	case "is:question":
		return "Asked a question"
	case "is:reply":
		return "Answered somebody"
	case "level:1..2":
		return "Contributing or leading"
	default:
		return step
	}
}

func stuckSection(f *health.Funnel) healthSection {
	t := &ui.Table{Caption: "Who got no further", Columns: []ui.Column{{Label: "Member"}, {Label: "Since"}}}
	for i := range f.Stuck {
		m := &f.Stuck[i]
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(m.Member), Cells: []ui.Cell{{Text: firstText(m.Name, "member "+idText(m.Member)), Href: memberHref(m.Member)}, {Time: m.Since}}})
	}
	if len(t.Rows) == 0 {
		t.Empty = &ui.Empty{Title: "Nobody", Text: "Everybody who got to this step went on."}
	}
	return healthSection{Head: ui.CardHead{Title: "Got to “" + stepLabel(f.Steps[f.At-1].Step) + "” and no further", Note: "the latest first"}, Table: t}
}

func funnelGroups(f *health.Funnel, by ui.Segments) healthSection {
	t := &ui.Table{Caption: "The funnel, group by group", Columns: []ui.Column{{Label: "Group"}}}
	for i := range f.Steps {
		t.Columns = append(t.Columns, ui.Column{Label: stepLabel(f.Steps[i].Step), Number: true})
	}
	for i := range f.Groups {
		row := []ui.Cell{{Text: f.Groups[i].Name}}
		for j := range f.Groups[i].Steps {
			s := &f.Groups[i].Steps[j]
			c := ui.Cell{Text: ui.Number(int(s.Members))}
			if s.OfFirst != nil {
				c.Sub = ui.Percent(*s.OfFirst)
			}
			row = append(row, c)
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: row})
	}
	name := "group"
	for _, item := range by.Items {
		if item.Active {
			name = strings.ToLower(item.Label)
		}
	}
	return healthSection{Head: ui.CardHead{Title: "By " + name, Note: "members, and their share of the first step"}, Table: t}
}

// paths shows how members begin.
func (p *healthPages) paths(r *http.Request, body *healthBody) error {
	for _, by := range []string{"kind", "channel"} {
		paths, n, err := p.cfg.Health.Paths(r.Context(), by)
		if err != nil {
			return err
		}
		t := &ui.Table{Caption: "Paths by " + by, Columns: []ui.Column{{Label: "First steps"}, {Label: "Members", Number: true}, {Label: "Share", Number: true}}}
		for i := range paths {
			t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: strings.Join(paths[i].Steps, " → ")}, {Text: ui.Number(int(paths[i].Members))}, {Text: ui.Percent(paths[i].Share)}}})
		}
		if len(paths) == 0 {
			t.Empty = &ui.Empty{Title: "Nobody began", Text: "No member was first active in the last year."}
		}
		body.Sections = append(body.Sections, healthSection{Head: ui.CardHead{Title: "How members begin, by " + by, Note: countText(n, "newcomer", "newcomers") + " of the last year, first five"}, Table: t})
	}
	return nil
}

// compare sets groups side by side on any metric.
func (p *healthPages) compare(w http.ResponseWriter, r *http.Request) error {
	const about = "The last whole period of each group against the one before, and whether that is more than noise."
	return p.page(w, r, "/health/compare", "Compare", about, func(body *healthBody) error {
		v := r.URL.Query()
		req := health.CompareRequest{
			Metric: firstText(v.Get("metric"), "active_members"), By: analytics.Granularity(firstText(v.Get("by"), string(analytics.Month))),
			Across: firstText(v.Get("across"), "source"), Query: v.Get("q"), Segments: strings.Split(v.Get("segments"), "\n"),
		}
		form := compareForm(&req, v.Get("segments"))
		c, err := p.cfg.Health.Compare(r.Context(), req)
		if text, ok := invalid(err); ok {
			form.Error = text
			body.Choices = compareChoices(&req)
			body.Sections = []healthSection{{Head: ui.CardHead{Title: "Compare"}, Form: form}}
			return nil
		}
		if err != nil {
			return err
		}
		body.Head.Pills = []ui.Pill{{Text: title(periodText(c.From, c.By))}}
		body.Choices = compareChoices(&req)
		body.Sections = []healthSection{{Head: ui.CardHead{Title: c.Label + " by " + c.Across}, Table: compareTable(c), Foot: compareFoot(c)}, {Head: ui.CardHead{Title: "What is compared"}, Form: form}}
		return nil
	})
}

// compareDimensions are what groups of a metric can be, the usual ones first.
func compareDimensions(metric string) []string {
	m, err := analytics.Lookup(metric)
	if err != nil {
		m = &analytics.Metric{Breakdowns: analytics.Dimensions()} // the refusal stands beside the form
	}
	return health.Across(m)
}

// compareChoices lead to other groups and other periods. Segments have to be named in the form.
func compareChoices(req *health.CompareRequest) []ui.Segments {
	with := func(key, value string) string {
		v := url.Values{"metric": {req.Metric}, "across": {req.Across}, "by": {string(req.By)}}
		if req.Query != "" {
			v.Set("q", req.Query)
		}
		if req.Across == "segment" {
			v.Set("segments", strings.Join(req.Segments, "\n"))
		}
		v.Set(key, value)
		return "/health/compare?" + v.Encode()
	}
	by, across := ui.Segments{Label: "Period"}, ui.Segments{Label: "Groups"}
	for _, g := range []analytics.Granularity{analytics.Week, analytics.Month, analytics.Quarter} {
		by.Items = append(by.Items, ui.Segment{Label: title(string(g)), Href: with("by", string(g)), Active: g == req.By})
	}
	for _, d := range compareDimensions(req.Metric) {
		if d != "segment" || req.Across == d {
			across.Items = append(across.Items, ui.Segment{Label: title(d), Href: with("across", d), Active: d == req.Across})
		}
	}
	return []ui.Segments{by, across}
}

func compareForm(req *health.CompareRequest, segments string) *ui.Form {
	metrics := ui.Field{Name: "metric", Label: "Metric", Type: "select", Value: req.Metric}
	for _, m := range analytics.Catalog() {
		if !byCohort(&m) {
			metrics.Options = append(metrics.Options, ui.Option{Value: m.Name, Label: m.Label})
		}
	}
	across := ui.Field{Name: "across", Label: "Across", Type: "select", Value: req.Across}
	for _, d := range compareDimensions(req.Metric) {
		across.Options = append(across.Options, ui.Option{Value: d, Label: d})
	}
	by := ui.Field{Name: "by", Label: "Period", Type: "select", Value: string(req.By), Options: []ui.Option{{Value: "week", Label: "week"}, {Value: "month", Label: "month"}, {Value: "quarter", Label: "quarter"}}}
	return &ui.Form{Get: "/health/compare", Fields: []ui.Field{
		metrics, across, by,
		{Name: "segments", Label: "Segments, a line each", Type: "textarea", Value: segments, Rows: 3, Help: "Only across segments: queries about members, such as org.lifecycle:trial."},
		{Name: "q", Label: "What counts", Value: req.Query, Help: "A query that narrows the metric, such as channel:#help. Empty = all."},
	}, Actions: []ui.Action{{Label: "Compare", Submit: true, Style: ui.StylePrimary}}}
}

func compareTable(c *health.Comparison) *ui.Table {
	t := &ui.Table{Caption: c.Label + " by " + c.Across, Columns: []ui.Column{{Label: title(c.Across)}, {Label: "Last " + string(c.By), Number: true}, {Label: "95 % interval", Number: true}, {Label: "Before", Number: true}, {Label: "Change", Number: true}, {Label: "Than before"}, {Label: "Than the others"}}}
	if c.Across == "program" {
		t.Columns[len(t.Columns)-1].Label = "Than who is in none"
	}
	unit := chartUnit(c.Unit)
	for i := range c.Groups {
		g := &c.Groups[i]
		row := []ui.Cell{{Text: g.Name}, {Text: unit.Format(orNaN(g.Value)), Href: openList(g.Entity, g.Records)}, {Text: ui.None}, {Text: unit.Format(orNaN(g.Previous))}, {Text: ui.None}, noiseCell(g.Noise), {Text: ui.None}}
		if g.Low != nil && g.High != nil {
			low, high := *g.Low, *g.High
			if unit == ui.UnitCount {
				low, high = math.Floor(low), math.Ceil(high)
			}
			row[2].Text = unit.Format(low) + " to " + unit.Format(high)
		}
		if g.Change != nil {
			if c.Unit == analytics.UnitShare {
				row[4].Text = pull(*g.Change*100) + " pt"
			} else {
				row[4].Text = pull(*g.Change*100) + " %"
			}
		}
		if g.Rest.Test != "" {
			row[6] = noiseCell(g.Rest)
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: row})
	}
	if !slices.ContainsFunc(c.Groups, func(g health.Group) bool { return g.Rest.Test != "" }) { // of counts it says nothing
		t.Columns = t.Columns[:len(t.Columns)-1]
		for i := range t.Rows {
			t.Rows[i].Cells = t.Rows[i].Cells[:len(t.Columns)]
		}
	}
	if len(c.Groups) == 0 {
		t.Empty = &ui.Empty{Title: "Nothing to compare", Text: "Nothing that counts has a " + c.Across + " in the last thirteen periods."}
	}
	return t
}

// noiseCell says a verdict in a word, and what is news in a sentence, too.
func noiseCell(v noise.Verdict) ui.Cell {
	c := ui.Cell{Pills: []ui.Pill{noisePill(v)}}
	if v.Real {
		c.Sub = v.Says
	}
	return c
}

func compareFoot(c *health.Comparison) string {
	text := strings.TrimSpace(c.Note + " Verdicts of a column are corrected for how many there are (Holm), and know no season: a metric’s own page does.")
	if c.Between != nil && c.Between.Test != "" {
		text += " " + c.Groups[0].Name + " against " + c.Groups[1].Name + " over all periods: " + c.Between.Says
	}
	return text
}
