// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/inbox"
	"greenroom/internal/web/ui"
)

// waitsBody is what inboxwaits.html shows.
type waitsBody struct {
	Head  ui.Head
	KPIs  []ui.KPI
	Weeks ui.Segments
	Shows ui.Segments
	Heat  ui.Heat
	Note  string
	Empty *ui.Empty
	Of    *ui.CardHead // the hour that was opened
	Rows  ui.Rows
}

// waitWeeks are the spans to choose from.
var waitWeeks = []int{4, 12, 26, 52}

func (p *inboxPages) showWaits(w http.ResponseWriter, r *http.Request) error {
	weeks, err := strconv.Atoi(r.URL.Query().Get("weeks"))
	if err != nil {
		weeks = 12
	}
	all, err := p.cfg.Inbox.Waits(r.Context(), weeks)
	if err != nil {
		return err
	}
	median := r.URL.Query().Get("show") == "median"
	at := func(q url.Values) string {
		q.Set("weeks", strconv.Itoa(weeks))
		if median {
			q.Set("show", "median")
		}
		return withQuery(inboxPath+"/waits", q)
	}
	body := waitsBody{
		Head:  ui.Head{Title: "Wait times", Subtitle: "How long questions of the last " + countText(int64(weeks), "week", "weeks") + " waited for somebody else's first answer, by the hour in which they were asked (" + all.Zone + ")", Back: &ui.Action{Label: "Inbox", Href: inboxPath}},
		Weeks: ui.Segments{Label: "How far back"}, Shows: ui.Segments{Label: "What is shown"},
	}
	for _, n := range waitWeeks {
		q := url.Values{"weeks": {strconv.Itoa(n)}}
		if median {
			q.Set("show", "median")
		}
		body.Weeks.Items = append(body.Weeks.Items, ui.Segment{Label: countText(int64(n), "week", "weeks"), Href: withQuery(inboxPath+"/waits", q), Active: n == weeks})
	}
	within := waitText(time.Duration(all.Within * float64(time.Hour)))
	for _, s := range []struct {
		label, show string
	}{{"Answered within " + within, ""}, {"Median wait", "median"}} {
		q := url.Values{"weeks": {strconv.Itoa(weeks)}}
		if s.show != "" {
			q.Set("show", s.show)
		}
		body.Shows.Items = append(body.Shows.Items, ui.Segment{Label: s.label, Href: withQuery(inboxPath+"/waits", q), Active: (s.show != "") == median})
	}
	if all.Total == 0 {
		body.Empty = &ui.Empty{Title: "No questions yet", Text: "Nobody asked anything in this time. As soon as a source brings questions, this shows when they wait longest.", Actions: []ui.Action{{Label: "Bring in a source", Href: "/start"}}}
		return render(p.Site, w, r, p.waits, "Wait times", body)
	}
	body.KPIs = waitKPIs(&all, weeks, within)
	body.Heat = waitHeat(&all, median, at)
	body.Note = "Each field opens to its questions. Medians are by the Kaplan-Meier estimate, so that those who still wait count; a dash says that more than half still do. Shares leave out questions that are younger than " + within + " and not answered."
	if err := p.hourOf(r, &body, weeks); err != nil {
		return err
	}
	return render(p.Site, w, r, p.waits, "Wait times", body)
}

func waitKPIs(all *inbox.Waits, weeks int, within string) []ui.KPI {
	hours := func(h *float64) string {
		if h == nil {
			return ui.None
		}
		return waitText(time.Duration(*h * float64(time.Hour)))
	}
	now := ui.None
	if all.Open > 0 {
		now = hours(&all.Now)
	}
	share := ui.None
	if all.Share != nil {
		share = fmt.Sprintf("%.0f %%", 100**all.Share)
	}
	since := "since:" + strconv.Itoa(7*weeks) + "d"
	list := func(q string) string { return "/conversations?q=" + url.QueryEscape(q) }
	return []ui.KPI{
		{Label: "Wait now, median", Value: now, Note: "of " + countText(int64(all.Open), "question that waits", "questions that wait"), Href: list("is:waiting -is:staff -is:bot " + since)},
		{Label: "Until the first answer, median", Value: hours(all.Median), Note: countText(int64(all.Total), "question", "questions"), Href: list("is:question -is:ignored -is:staff -is:bot " + since)},
		{Label: "Answered within " + within, Value: share, Note: "of those for which that is known", Href: list("is:question -is:ignored -is:staff -is:bot first_response:<=" + strconv.FormatFloat(all.Within, 'f', -1, 64) + "h " + since)},
	}
}

// waitHeat is a week of hours.
func waitHeat(all *inbox.Waits, median bool, at func(url.Values) string) ui.Heat {
	heat := ui.Heat{Caption: "Waits by hour of the week", Corner: "Hour"}
	for _, d := range weekdays {
		heat.Columns = append(heat.Columns, d.String()[:3])
	}
	for h := range 24 {
		row := ui.HeatRow{Label: fmt.Sprintf("%02d:00", h)}
		for d := range 7 {
			c := &all.Cells[d][h]
			cell := ui.HeatCell{Plain: true}
			if c.Questions > 0 {
				cell = waitCell(c, median)
				cell.Href = at(url.Values{"day": {strconv.Itoa(d)}, "hour": {strconv.Itoa(h)}}) + "#hour"
				cell.Title = weekdays[d].String() + fmt.Sprintf(" %02d:00: ", h) + countText(int64(c.Questions), "question", "questions")
			}
			row.Cells = append(row.Cells, cell)
		}
		heat.Rows = append(heat.Rows, row)
	}
	return heat
}

// waitCell is an hour; the darker, the better for those who ask.
func waitCell(c *inbox.Cell, median bool) ui.HeatCell {
	if median {
		if c.Median == nil {
			return ui.HeatCell{Text: "–", Open: true}
		}
		return ui.HeatCell{Text: roughly(*c.Median), Share: 1 / (1 + *c.Median/6)}
	}
	if c.Share == nil {
		return ui.HeatCell{Text: "–", Open: true}
	}
	return ui.HeatCell{Text: fmt.Sprintf("%.0f %%", 100**c.Share), Share: *c.Share}
}

// roughly is a span of hours in one figure, for a small field.
func roughly(hours float64) string {
	switch {
	case hours < 1:
		return fmt.Sprintf("%.0f m", 60*hours)
	case hours < 48:
		return fmt.Sprintf("%.0f h", hours)
	}
	return fmt.Sprintf("%.0f d", hours/24)
}

// inRange reads a number from 0 to most out of the address; -1 = it has none.
func inRange(r *http.Request, name string, most int) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil || n < 0 || n > most {
		return -1
	}
	return n
}

// hourOf lists the questions of the hour that was opened.
func (p *inboxPages) hourOf(r *http.Request, body *waitsBody, weeks int) error {
	day, hour := inRange(r, "day", 6), inRange(r, "hour", 23)
	if day < 0 || hour < 0 {
		return nil
	}
	all, err := p.cfg.Inbox.WaitsOf(r.Context(), weeks, day, hour)
	if err != nil {
		return err
	}
	body.Of = &ui.CardHead{Title: fmt.Sprintf("Asked on %ss from %02d:00 to %02d:59", weekdays[day], hour, hour), Note: countText(int64(len(all)), "question", "questions")}
	body.Rows = ui.Rows{Label: body.Of.Title}
	for i := range all {
		if i == 100 {
			body.Of.Note += ", the latest 100 shown"
			break
		}
		row := conversationRow(&all[i], p.cfg.Now())
		if all[i].State == greenroom.StateOpen {
			row.Href = inboxHref(all[i].ID)
		}
		body.Rows.Items = append(body.Rows.Items, row)
	}
	return nil
}
