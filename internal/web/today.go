// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"math"
	"net/http"
	"net/url"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// todayBody is what today.html shows.
type todayBody struct {
	Head    ui.Head
	Steps   []ui.Step // of the first run; empty once there are data
	Alerts  *noticeCard
	KPIs    []ui.KPI
	Waiting ui.CardHead
	Rows    ui.Rows
	Empty   *ui.Empty
	Active  *ui.Chart
	Quiet   *peopleCard
	New     *peopleCard
	Due     *peopleCard
	News    *newsCard
}

type peopleCard struct {
	Head ui.CardHead
	Rows ui.Rows
}

type todayPage struct {
	*Site
	view *ui.View[todayBody]
}

func (s *Site) addToday() error {
	view, err := ui.Parse[todayBody](s.kit, templates, "templates/today.html", "templates/notice.html")
	if err != nil {
		return err
	}
	p := &todayPage{Site: s, view: view}
	s.handle("GET /{$}", p.show)
	return nil
}

func (p *todayPage) show(w http.ResponseWriter, r *http.Request) error {
	now := p.cfg.Now().In(p.cfg.Zones.Zone())
	o := p.counts.get(r.Context())
	body := todayBody{Head: ui.Head{Title: greeting(now), Subtitle: now.Format("Monday 2 January") + " · " + countText(o.Members, "member", "members") + " on " + countText(o.Sources, "source", "sources"), Find: true}}
	if o.Sources == 0 {
		body.Head.Subtitle = "Three steps, and you see who is here and what waits for an answer"
		body.Steps = []ui.Step{
			{Title: "Bring in what you have", Text: "A Slack export, a forum's address, a mailing list, a spreadsheet: no account or key is needed.", Now: true, Action: &ui.Action{Label: "Choose an import", Href: "/start", Style: ui.StylePrimary}},
			{Title: "Look at your members", Text: "One person on several channels becomes one member. What is certain is joined; the rest you decide."},
			{Title: "Answer what waits", Text: "Conversations shows the questions that nobody has responded to, the oldest first."},
		}
		return render(p.Site, w, r, p.view, "Today", body)
	}
	if p.cfg.Stack != nil {
		reports, err := p.cfg.Stack.Reports(r.Context())
		if err != nil {
			return err
		}
		body.Alerts = alertCard(reports)
	}
	for _, part := range []func(*http.Request, time.Time, *todayBody) error{p.waiting, p.figures, p.people, p.due} {
		if err := part(r, now, &body); err != nil {
			return err
		}
	}
	p.stands(&body)
	return render(p.Site, w, r, p.view, "Today", body)
}

func greeting(now time.Time) string {
	switch h := now.Hour(); {
	case h < 5:
		return "Good evening" // of those who are still up
	case h < 12:
		return "Good morning"
	case h < 18:
		return "Good afternoon"
	default:
		return "Good evening"
	}
}

const shownWaiting = 7

// waiting shows what waits now: the newest weeks first matter, so questions of the last 30 days, the oldest of them on
// top; older ones are a click away.
func (p *todayPage) waiting(r *http.Request, now time.Time, body *todayBody) error {
	if p.cfg.Inbox != nil {
		return p.inbox(r, body)
	}
	const recent = "is:waiting opened:<30d sort:opened"
	q, err := query.Parse(p.schemas[query.Conversations], recent)
	if err != nil {
		return err
	}
	page, err := p.cfg.Lists.ListConversations(r.Context(), list.Request{Query: q, Limit: shownWaiting, Count: true})
	if err != nil {
		return err
	}
	body.Waiting = ui.CardHead{Title: "Needs an answer", Note: countText(page.Total, "question", "questions") + " of the last 30 days, oldest first", Actions: []ui.Action{
		{Label: "All that wait", Label2: "All conversations that wait", Href: "/conversations?q=" + url.QueryEscape(waitingQuery), Small: true, Style: ui.StyleQuiet},
	}}
	body.Rows = ui.Rows{Label: "Questions that wait"}
	for i := range page.Items {
		c := &page.Items[i]
		row := conversationRow(c, now)
		row.Avatar = memberAvatar(c.AuthorMemberID, firstText(c.Author, "?"))
		row.Pills, row.Foot = row.Foot, nil
		body.Rows.Items = append(body.Rows.Items, row)
	}
	if len(page.Items) == 0 {
		body.Empty = &ui.Empty{Title: "Nobody is waiting", Text: "Every question of the last 30 days has had a response by somebody else."}
	}
	return nil
}

// figures shows the week against the one before.
func (p *todayPage) figures(r *http.Request, now time.Time, body *todayBody) error {
	if p.cfg.Figures == nil {
		return nil
	}
	const weeks = 26
	monday := now.AddDate(0, 0, -(int(now.Weekday())+6)%7)
	to := time.Date(monday.Year(), monday.Month(), monday.Day(), 0, 0, 0, 0, p.cfg.Zones.Zone())
	from := to.AddDate(0, 0, -7*weeks)
	for _, name := range []string{"active_members", "new_members", "time_to_first_response", "answered_share"} {
		m, err := analytics.Lookup(name)
		if err != nil {
			return err
		}
		res, err := p.cfg.Figures.Compute(r.Context(), analytics.Request{Metric: name, From: from, To: to, Granularity: analytics.Week, Zone: p.cfg.Zones.Zone()})
		if greenroom.ErrorCode(err) == greenroom.CodeUnavailable {
			return nil // an alert says what figures wait for; all else of the page is there
		}
		if err != nil {
			return err
		}
		k := weekKPI(m, res)
		if k.Note == "" {
			k.Note = "last week"
		}
		body.KPIs = append(body.KPIs, k)
	}
	active, err := p.cfg.Figures.Compute(r.Context(), analytics.Request{Metric: "active_members", From: from, To: to, Granularity: analytics.Week, Zone: p.cfg.Zones.Zone(), Breakdown: analytics.BySource})
	if err != nil {
		return err
	}
	m, err := analytics.Lookup("active_members")
	if err != nil {
		return err
	}
	c := chart(m, active, analytics.Week, func(int) string { return insightHref(m.Name, nil) })
	c.Title = "Active members by source"
	body.Active = &c
	return nil
}

// weekKPI shows a metric's last whole week.
func weekKPI(m *analytics.Metric, res *analytics.Result) ui.KPI {
	k := ui.KPI{Label: m.Label, Href: insightHref(m.Name, nil), Value: ui.None, Definition: definition(m)}
	values := make([]float64, len(res.Series))
	for i := range res.Series {
		values[i] = orNaN(res.Series[i].Value)
	}
	k.Spark = &ui.Spark{Values: values, Label: ui.Number(len(values)) + " weeks"}
	if n := len(values); n > 0 && math.IsNaN(values[n-1]) {
		k.Note = "no figure for the last period"
		if m.Unit == analytics.UnitSeconds {
			k.Note = "not known yet: too many still wait"
		}
	} else if n > 0 {
		k.Value = chartUnit(m.Unit).Format(values[n-1])
		if n > 1 {
			k.Delta = change(m, values[n-1], values[n-2], "than the week before")
		}
	}
	return k
}

// people shows who is new and who of the active has gone quiet.
func (p *todayPage) people(r *http.Request, _ time.Time, body *todayBody) error {
	card := func(title, note, text string) (*peopleCard, error) {
		q, err := query.Parse(p.schemas[query.Members], text)
		if err != nil {
			return nil, err
		}
		page, err := p.cfg.Lists.ListMembers(r.Context(), list.Request{Query: q, Limit: 5})
		if err != nil || len(page.Items) == 0 {
			return nil, err
		}
		c := &peopleCard{Head: ui.CardHead{Title: title, Note: note, Actions: []ui.Action{{Label: "All", Label2: "All: " + title, Href: "/members?q=" + url.QueryEscape(text), Small: true, Style: ui.StyleQuiet}}}, Rows: ui.Rows{Label: title}}
		for i := range page.Items {
			c.Rows.Items = append(c.Rows.Items, personRow(&page.Items[i]))
		}
		return c, nil
	}
	var err error
	if body.New, err = card("New here", "in the last 30 days", "is:new -is:staff -is:bot sort:-first_active"); err != nil {
		return err
	}
	body.Quiet, err = card("Gone quiet", "busy members, silent for a month", "is:quiet activities:>=20 -is:staff -is:bot sort:-activities")
	return err
}

func personRow(m *greenroom.Member) ui.Row {
	row := ui.Row{ID: "m" + idText(m.ID), Avatar: memberAvatar(m.ID, m.Name), Title: m.Name, Href: memberHref(m.ID)}
	if m.Organization != "" {
		row.Meta = append(row.Meta, ui.Meta{Text: m.Organization})
	}
	row.Meta = append(row.Meta, ui.Meta{Text: countText(m.Activities, "activity", "activities")}, ui.Meta{Time: m.LastActive})
	return row
}
