// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"greenroom/internal/roadmap"
	"greenroom/internal/web/ui"
)

// What of plans stands on the first page: that is late, or ends within days.
const (
	dueWithin = 7 // days
	dueShown  = 6
)

// due shows what active plans ask for soon: what is one's own first, and then by its day.
func (p *todayPage) due(r *http.Request, now time.Time, body *todayBody) error {
	if p.cfg.Plans == nil {
		return nil
	}
	plans, err := p.cfg.Plans.Views(r.Context())
	if err != nil {
		return err
	}
	type task struct {
		*roadmap.Row
		plan *roadmap.View
	}
	var all []task
	until := now.AddDate(0, 0, dueWithin).Format(time.DateOnly)
	for _, v := range plans {
		if v.State != roadmap.Active {
			continue
		}
		for i := range v.Tasks {
			if t := &v.Tasks[i]; t.Column != roadmap.Ended && (t.Late || t.End != "" && t.End <= until) {
				all = append(all, task{t, v})
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	me := person(r).Seed
	slices.SortStableFunc(all, func(a, b task) int {
		if (a.Owner == me) != (b.Owner == me) {
			if a.Owner == me {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.End, b.End)
	})
	names, err := p.teamNames(r)
	if err != nil {
		return err
	}
	c := &peopleCard{Head: ui.CardHead{Title: "Due in your plans", Note: countText(int64(len(all)), "task", "tasks") + " late, or due within a week", Actions: []ui.Action{{Label: "All", Label2: "All tasks of plans", Href: "/roadmap?view=list", Small: true, Style: ui.StyleQuiet}}}, Rows: ui.Rows{Label: "Due in your plans"}}
	today := now.Format(time.DateOnly)
	for _, t := range all[:min(dueShown, len(all))] {
		row := ui.Row{ID: "t" + idText(t.ID), Title: t.Title, Href: taskHref(t.Plan, t.ID), Strong: t.Owner == me, Meta: []ui.Meta{{Text: t.plan.Title, Href: planHref(t.Plan)}}}
		switch {
		case t.Owner == me:
			row.Meta = append(row.Meta, ui.Meta{Text: "you"})
		case t.Owner != "":
			row.Meta = append(row.Meta, ui.Meta{Text: named(names, t.Owner)})
		default:
			row.Meta = append(row.Meta, ui.Meta{Text: "nobody's"})
		}
		switch {
		case t.Late || t.End < today:
			row.Badge = &ui.Pill{Text: "late", Tone: ui.ToneBad}
		case t.End == today:
			row.Badge = &ui.Pill{Text: "today", Tone: ui.ToneWarn}
		default:
			row.Badge = &ui.Pill{Text: dayText(t.End)}
		}
		c.Rows.Items = append(c.Rows.Items, row)
	}
	body.Due = c
	return nil
}

// stands shows what stands out this week.
func (p *todayPage) stands(body *todayBody) {
	rows, ready := p.news.get()
	c := &newsCard{Head: ui.CardHead{Title: "What changed this week", Actions: []ui.Action{{Label: "Insights", Label2: "Insights: all that changed", Href: "/insights", Small: true, Style: ui.StyleQuiet}}}, Rows: ui.Rows{Label: "What changed this week", Items: rows}}
	switch {
	case !ready:
		c.Nothing = "This is being worked out. Look again in a moment."
	case len(rows) == 0:
		c.Nothing = "Nothing stands out: no topic has a spike, no figure moved by more than noise, and no account is at risk."
	}
	body.News = c
}

// newsCard is what stands out, or why nothing does.
type newsCard struct {
	Head    ui.CardHead
	Rows    ui.Rows
	Nothing string
}
