// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"

	"greenroom/internal/analytics"
	"greenroom/internal/health"
	"greenroom/internal/web/ui"
)

// changeCard is what changed in a week or a month, as insights.html shows it.
type changeCard struct {
	Head    ui.CardHead
	Nothing string
	Moved   []ui.Row
	Circles []circleCard
	Next    []ui.Row
}

// circleCard is some members that there is the same reason to talk to.
type circleCard struct {
	Head ui.Row
	Rows []ui.Row
}

// circleShown is how many of a circle are named; the others are a click away.
const circleShown = 3

// changes puts what changed in front of the catalog of figures.
func (p *insightsPage) changes(r *http.Request) ([]changeCard, error) {
	if p.cfg.Health == nil {
		return nil, nil
	}
	var all []changeCard
	for _, by := range []analytics.Granularity{analytics.Week, analytics.Month} {
		c, err := p.cfg.Health.RecentChanges(r.Context(), by)
		if err != nil {
			return nil, err
		}
		if c == nil {
			all = append(all, changeCard{Head: ui.CardHead{Title: "What changed in the last " + string(by)}, Nothing: "This is being worked out. Look again in a moment."})
			continue
		}
		all = append(all, changesOf(c))
	}
	return all, nil
}

func changesOf(c *health.Changes) changeCard {
	v := changeCard{Head: ui.CardHead{Title: "What changed: " + periodText(c.From, c.By), Note: "against the " + string(c.By) + " before"}}
	if len(c.Moved) == 0 {
		v.Nothing = c.Nothing()
	}
	d := &ui.Definition{Term: "What was looked at", Label: "What was looked at", Text: "Each figure is tested against the period before or its own past; of all together, one is called changed by chance one time in twenty at most (Holm)."}
	for i := range c.Looked {
		d.Rows = append(d.Rows, ui.Fact{Label: c.Looked[i].Label, Value: c.Looked[i].Says + " " + c.Looked[i].Noise.Says, Href: insightHref(c.Looked[i].Metric, url.Values{"by": {string(c.By)}})})
	}
	v.Head.Definition = d
	for i := range c.Moved {
		v.Moved = append(v.Moved, movedRows(&c.Moved[i], c.By)...)
	}
	for i := range c.People {
		g := &c.People[i]
		circle := circleCard{Head: ui.Row{Title: g.Title, Strong: true, Href: openList(g.Entity, g.Query), Value: ui.Number(g.Total)}}
		for j := range g.People[:min(circleShown, len(g.People))] {
			m := &g.People[j]
			href := "/members/" + idText(m.Member)
			if m.Conversation != 0 {
				href = "/conversations/" + idText(m.Conversation)
			}
			circle.Rows = append(circle.Rows, ui.Row{Avatar: &ui.Avatar{Name: m.Name, Seed: idText(m.Member), Size: "sm"}, Title: m.Name, Href: href, Meta: []ui.Meta{{Text: m.Says}}})
		}
		v.Circles = append(v.Circles, circle)
	}
	for i := range c.Next {
		v.Next = append(v.Next, ui.Row{Title: c.Next[i].Says, Href: openList(c.Next[i].Entity, c.Next[i].Query)})
	}
	return v
}

// movedRows are a change, with the evidence, and below it what moved it.
func movedRows(v *health.Moved, by analytics.Granularity) []ui.Row {
	row := ui.Row{Title: v.Says, Strong: true, Href: insightHref(v.Metric, url.Values{"by": {string(by)}}), Meta: []ui.Meta{{Text: v.Noise.Says}}}
	if v.Small {
		row.Pills = append(row.Pills, ui.Pill{Text: "small numbers", Tone: ui.ToneWarn, Title: "It rests on fewer than ten cases."})
	}
	if v.Season != "" {
		row.Meta = append(row.Meta, ui.Meta{Text: v.Season})
	}
	if v.Spread != "" {
		row.Meta = append(row.Meta, ui.Meta{Text: v.Spread})
	}
	if href := openList(v.Entity, v.Records); href != "" {
		row.Meta = append(row.Meta, ui.Meta{Text: "What was counted", Href: href})
	}
	rows := []ui.Row{row}
	for i := range v.Parts {
		rows = append(rows, ui.Row{Lead: &ui.Pill{Text: v.Parts[i].Dimension}, Title: v.Parts[i].Says, Href: openList(v.Parts[i].Entity, v.Parts[i].Records)})
	}
	return rows
}
