// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"math"
	"net/http"
	"net/url"
	"strconv"

	"greenroom/internal/analytics"
	"greenroom/internal/health"
	"greenroom/internal/orbit"
	"greenroom/internal/web/ui"
)

// levelQuery lists the members of a level.
func levelQuery(level int) string {
	return openList("members", "level:"+strconv.Itoa(level)+" -is:staff -is:bot sort:-points")
}

func (p *healthPages) orbit(w http.ResponseWriter, r *http.Request) error {
	const about = "How committed members are, and whether the community pulls them inward. The team has levels too, but is in none of these figures."
	return p.page(w, r, "/health/orbit", "Orbit", about, func(body *healthBody) error {
		o, err := p.cfg.Health.Orbit(r.Context(), analytics.Granularity(r.URL.Query().Get("by")))
		if err != nil {
			return err
		}
		by := ui.Segments{Label: "Period"}
		for _, g := range []analytics.Granularity{analytics.Month, analytics.Quarter} {
			by.Items = append(by.Items, ui.Segment{Label: title(string(g)), Href: "/health/orbit?by=" + string(g), Active: g == o.By})
		}
		body.Choices = []ui.Segments{by}
		body.Groups = []healthGroup{{Title: "Levels today", Note: "version 2 of the model", KPIs: levelKPIs(o)}}
		body.Sections = []healthSection{gravitySection(o), flowSection(o), countsSection(o), firstVersion(o)}
		models, err := p.cfg.Health.Models(r.Context())
		if err != nil {
			return err
		}
		body.Sections = append(body.Sections, weightsSection(models))
		return nil
	})
}

func levelKPIs(o *health.Orbit) []ui.KPI {
	names, meaning := o.Model.LevelNames(), [5]string{"", "Trusted leaders and advocates", "Active coordinators and volunteers", "Casually involved regulars", "Newcomers and passive observers"}
	var all []ui.KPI
	for level := 1; level <= 4; level++ {
		k := ui.KPI{Label: strconv.Itoa(level) + " " + names[level], Href: levelQuery(level), Value: ui.Number(int(o.Now[level])), Note: meaning[level] + "."}
		k.Spark = &ui.Spark{Label: ui.Number(len(o.Periods)) + " " + string(o.By) + "s"}
		for i := range o.Periods {
			k.Spark.Values = append(k.Spark.Values, float64(o.Periods[i].Count[level]))
		}
		if o.Team[level] > 0 {
			k.Note += " And " + ui.Number(int(o.Team[level])) + " of the team."
		}
		all = append(all, k)
	}
	return all
}

func gravitySection(o *health.Orbit) healthSection {
	c := ui.Chart{Title: "Gravity", Kind: ui.Lines, Axis: title(string(o.By)), Series: []ui.Series{emptySeries("Gravity", len(o.Periods), false), emptySeries("Of those who stayed", len(o.Periods), false)}}
	for i := range o.Periods {
		p := &o.Periods[i]
		c.Labels = append(c.Labels, periodLabel(p.From, o.By))
		c.Series[0].Values[i], c.Series[1].Values[i] = orNaN(p.Gravity), orNaN(p.Stayed)
		c.Open = p.Partial
	}
	return healthSection{
		Head: ui.CardHead{Title: "Gravity", Pills: []ui.Pill{{Text: "Orbit version 2"}}, Definition: &ui.Definition{
			Term: "Gravity", Text: "The change in weighted commitment over a period for each member that there was at its start. Weighted commitment is, over the levels, the square of " +
				"the level's weight (10, 7, 4 and 1 from level 1 to 4) times its members. Members who came or left in the period change it too, so the figure of those " +
				"who stayed stands beside it.",
			Rows: []ui.Fact{{Label: "Formula", Value: "(commitment at the end − at the start) / members at the start"}, {Label: "Source", Value: "The Orbit Model, Measure gravity", Href: "https://github.com/orbit-love/orbit-model"}},
		}},
		Chart: &c,
	}
}

// flowSection says where the members of each level went in the last whole period.
func flowSection(o *health.Orbit) healthSection {
	p := &o.Periods[len(o.Periods)-1]
	if p.Partial && len(o.Periods) > 1 {
		p = &o.Periods[len(o.Periods)-2]
	}
	t := ui.Table{Caption: "How members moved", Columns: []ui.Column{{Label: "Level at the start"}, {Label: "Members", Number: true}, {Label: "Moved up", Number: true}, {Label: "Held", Number: true}, {Label: "Moved down", Number: true}}}
	share := func(n, of int64) ui.Cell {
		if of == 0 {
			return ui.Cell{Text: ui.None}
		}
		return ui.Cell{Text: ui.Percent(float64(n) / float64(of)), Sub: ui.Number(int(n))}
	}
	names := o.Model.LevelNames()
	for level := 1; level <= 4; level++ {
		n := p.Flow.Start[level]
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{
			{Text: strconv.Itoa(level) + " " + names[level], Href: levelQuery(level)}, {Text: ui.Number(int(n))}, share(p.Flow.Up[level], n), share(p.Flow.Held[level], n), share(p.Flow.Down[level], n),
		}})
	}
	s := healthSection{Head: ui.CardHead{Title: "Who moved", Note: periodText(p.From, o.By)}, Table: &t}
	s.Foot = countText(p.Flow.Joined, "member", "members") + " came onto a level, " + countText(p.Flow.Left, "member", "members") + " fell off all of them and count as moved down. Upgrades hold at once, downgrades at the start of a " + string(o.Model.Interval) + "."
	return s
}

func countsSection(o *health.Orbit) healthSection {
	names := o.Model.LevelNames()
	t := ui.Table{Caption: "Members by level", Columns: []ui.Column{{Label: title(string(o.By))}}}
	for level := 1; level <= 4; level++ {
		t.Columns = append(t.Columns, ui.Column{Label: strconv.Itoa(level) + " " + names[level], Number: true})
	}
	t.Columns = append(t.Columns, ui.Column{Label: "Weighted commitment", Number: true}, ui.Column{Label: "Gravity", Number: true}, ui.Column{Label: "Joined", Number: true}, ui.Column{Label: "Left", Number: true})
	for i := len(o.Periods) - 1; i >= 0; i-- {
		p := &o.Periods[i]
		row := ui.TableRow{Cells: []ui.Cell{{Text: periodLabel(p.From, o.By)}}}
		if p.Partial {
			row.Cells[0].Sub = "not ended"
		}
		for level := 1; level <= 4; level++ {
			row.Cells = append(row.Cells, ui.Cell{Text: ui.Number(int(p.Count[level]))})
		}
		row.Cells = append(row.Cells, ui.Cell{Text: ui.Decimal(p.Count.Commitment(), 0)}, ui.Cell{Text: pull(orNaN(p.Gravity))}, ui.Cell{Text: ui.Number(int(p.Flow.Joined))}, ui.Cell{Text: ui.Number(int(p.Flow.Left))})
		t.Rows = append(t.Rows, row)
	}
	return healthSection{Head: ui.CardHead{Title: "Level by level", Note: "at the end of each " + string(o.By)}, Table: &t}
}

func pull(v float64) string {
	switch {
	case math.IsNaN(v):
		return ui.None
	case v > 0:
		return "+" + ui.Decimal(v, 1)
	default:
		return ui.Decimal(v, 1)
	}
}

func firstVersion(o *health.Orbit) healthSection {
	names := o.V1.Model.LevelNames()
	facts := []ui.Fact{
		{Label: "Gravity", Value: ui.Decimal(o.V1.Gravity, 1)},
		{Label: "Love of all members", Value: ui.Decimal(o.V1.Love, 1), Href: openList("members", "love:* -is:staff sort:-love")},
	}
	for level := 1; level <= 4; level++ {
		low := "love:>=" + strconv.FormatFloat(o.V1.Model.Thresholds[min(level, 3)-1], 'f', -1, 64)
		if level == 4 {
			low = "love:<" + strconv.FormatFloat(o.V1.Model.Thresholds[2], 'f', -1, 64)
		} else if level > 1 {
			low += " love:<" + strconv.FormatFloat(o.V1.Model.Thresholds[level-2], 'f', -1, 64)
		}
		facts = append(facts, ui.Fact{Label: names[level], Value: ui.Number(int(o.V1.Now[level])), Href: openList("members", low+" -is:staff sort:-love")})
	}
	return healthSection{
		Head: ui.CardHead{Title: "As version 1 has it", Pills: []ui.Pill{{Text: "Orbit version 1"}}, Definition: &ui.Definition{
			Term: "Love and gravity, version 1", Text: "Love adds up what a member did, each activity by its weight and less by a tenth for each calendar month since. Gravity adds up love × reach over all members. " +
				"Reach is the member field \"reach\" where your team has set it, and 1 elsewhere.",
			Rows: []ui.Fact{{Label: "Formula", Value: "love = sum of weight × 0.9^months, gravity = sum of love × reach"}, {Label: "Reach is set for", Value: countText(int64(o.V1.Reached), "member", "members")}},
		}},
		Facts: facts, Foot: "Figures of the two versions do not compare.",
	}
}

// scoreTitles say what the models are called.
func scoreTitle(name string) string {
	switch name {
	case orbit.Levels:
		return "Orbit levels"
	case orbit.Love:
		return "Love"
	default:
		return "Activity points"
	}
}

func weightsSection(models []orbit.Model) healthSection {
	t := ui.Table{Caption: "Scores", Columns: []ui.Column{{Label: "Score"}, {Label: "Rule"}, {Label: "Version", Number: true}, {Label: "In queries"}}}
	for i := range models {
		m := &models[i]
		version := "as it comes"
		if m.Version > 0 {
			version = ui.Number(m.Version)
		}
		field := map[string]string{orbit.Levels: "level:1..2", orbit.Love: "love:>=20", orbit.Points: "points:>=100"}[m.Name]
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{
			{Text: scoreTitle(m.Name), Href: "/health/scores/" + m.Name}, {Text: ruleText(m.Rule)}, {Text: version}, {Text: field, Href: "/members?q=" + url.QueryEscape(field)},
		}})
	}
	return healthSection{Head: ui.CardHead{Title: "Weights of your own", Note: "see who would move before you save"}, Table: &t}
}

func ruleText(r orbit.Rule) string {
	switch r {
	case orbit.RuleV2:
		return "by the weightiest activity, or by presence (Orbit version 2)"
	case orbit.RuleV1:
		return "activities that fade by a tenth a month (Orbit version 1)"
	default:
		return "a sum of points with a half-life"
	}
}
