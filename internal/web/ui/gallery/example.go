// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"math"
	"strconv"
	"time"

	"greenroom/internal/web/ui"
)

// Body is the gallery's content: one field a component.
type Body struct {
	Head       ui.Head
	MemberHead ui.Head
	KPIs       []ui.KPI
	Waiting    ui.Rows
	Changed    ui.Rows
	Due        ui.Rows
	Active     ui.Chart
	Response   ui.Chart
	Topics     ui.Chart
	Hours      ui.Chart
	Year       ui.Year
	Cohorts    ui.Heat
	Effect     ui.Interval
	Facts      []ui.Fact
	Members    ui.Table
	Nobody     ui.Table
	Query      ui.QueryBox
	Wrong      ui.QueryBox
	Period     ui.Segments
	Tabs       ui.Segments
	Chips      ui.Segments
	Form       ui.Form
	Dialog     ui.Dialog
	Import     ui.Progress
	Broken     ui.Progress
	Steps      []ui.Step
	Copy       ui.Copy
	Pills      []ui.Pill
	Avatars    []ui.Avatar
	Buttons    []ui.Action
	Flashes    []ui.Flash
	Definition ui.Definition
}

// Shell is the frame around the gallery.
func (g *Gallery) Shell() ui.Shell {
	item := func(label, count string, hot bool) ui.NavItem {
		return ui.NavItem{Label: label, Href: "/?" + label, Count: count, Hot: hot}
	}
	return ui.Shell{
		Title: "Good morning", Community: "Northwind developers", Search: "/search",
		Nav: []ui.NavSection{
			{Items: []ui.NavItem{{Label: "Today", Href: "/", Active: true}}},
			{Title: "Front of house", Items: []ui.NavItem{
				{Label: "Inbox", Href: "/?inbox", Count: "12", Hot: true, Note: "past target"},
				item("Members", "8,214", false), item("Organizations", "", false),
				item("Segments", "", false), item("Programs", "4", false), item("Surveys", "", false),
			}},
			{Title: "Back of house", Items: []ui.NavItem{
				item("Goals", "", false), item("Insights", "", false), item("Reports", "", false), item("Knowledge", "3", true), item("Stack", "9/10", false),
			}},
		},
		Settings: []ui.NavItem{item("Settings", "", false)},
		User:     ui.User{Name: "Sam Okafor", Role: "manager", Href: "/?account", SignOut: "/done"},
		Banner:   &ui.Banner{Text: "This is a sample community; its people and numbers are made up.", Action: &ui.Action{Label: "Start with your own data", Href: "/?start"}},
		Flashes:  []ui.Flash{{Level: ui.LevelDone, Text: "Mina Kovač and mkovac are one member now.", Undo: &ui.Action{Label: "Undo", Post: "/done", Small: true}}},
	}
}

// weeks is how many points the example series have.
const weeks = 26

// wave makes a believable series: a trend, a rhythm, and some noise that is the same every time.
func wave(from, slope, swing float64) []float64 {
	out := make([]float64, weeks)
	for i := range out {
		out[i] = from + slope*float64(i) + swing*math.Sin(float64(i)*1.1) + swing*.6*math.Sin(float64(i)*2.7)
	}
	return out
}

func whole(values []float64) []float64 {
	for i, v := range values {
		values[i] = math.Round(v)
	}
	return values
}

// Body makes the example data.
func (g *Gallery) Body() Body {
	b := Body{
		Head:       ui.Head{Title: "Good morning", Subtitle: "Saturday 21 November · 9 of 10 sources in sync, 4 minutes ago", Find: true},
		MemberHead: memberHead(),
		KPIs:       kpis(),
		Effect: ui.Interval{
			Low: 1.1, Value: 9.4, High: 17.7, From: -10, To: 25, Ticks: []float64{-10, 0, 10, 20}, Tone: ui.ToneGood,
			Label: "9.4 points more come back within 30 days, 95 % interval 1.1 to 17.7",
		},
		Facts: []ui.Fact{
			{Label: "Customer since", Value: "Jun 2023"}, {Label: "Renewal", Value: "24 days"}, {Label: "Open deals", Value: "1 · €48k", Href: "/?deals"}, {Label: "People here", Value: "9", Href: "/?people"},
		},
		Import: progress(1),
		Broken: ui.Progress{ID: "broken", Label: "Discourse, forum.example.org", Done: 1210, Total: 4800, Unit: "topics", Failed: true, Note: "The forum asked to slow down; nothing was lost. Going on at 14:05.", Actions: []ui.Action{{Label: "Try now", Post: "/done", Small: true}}},
		Copy:   ui.Copy{Label: "sign-in link", Value: "http://localhost:8080/welcome/4f9c2d7be1"},
		Definition: ui.Definition{
			Term: "Time to first response", Label: "definition, formula, worked example", Text: "How long a question waits for a reply by somebody else than its author. All questions count, also those that still wait.",
			Rows: []ui.Fact{{Label: "Unit", Value: "hours, median by Kaplan-Meier"}, {Label: "Version", Value: "2"}, {Label: "Source", Value: "questions", Href: "/?q=is:question"}}, MoreURL: "/?definition",
		},
	}
	g.lists(&b)
	g.figures(&b)
	controls(&b)
	return b
}

func memberHead() ui.Head {
	return ui.Head{
		Title: "Mina Kovač", Subtitle: "Platform engineer at Northwind · Zagreb, UTC+1 · member since March 2024", Back: &ui.Action{Label: "Members", Href: "/?members"},
		Avatar: &ui.Avatar{Name: "Mina Kovač", Seed: "mina", Size: "lg"}, Pills: []ui.Pill{{Text: "Champion", Tone: ui.ToneGood}, {Text: "Orbit 1"}},
		Actions: []ui.Action{{Label: "Note", Href: "/?note", Key: "n"}, {Label: "Merge…", Dialog: "merge", Key: "m"}, {Label: "Write to Mina", Href: "/?write", Style: ui.StylePrimary}},
	}
}

func kpis() []ui.KPI {
	spark := func(color int, from, slope, swing float64) *ui.Spark {
		return &ui.Spark{Values: wave(from, slope, swing), Label: "The last 26 weeks", Color: color}
	}
	return []ui.KPI{
		{Label: "Weekly active members", Href: "/?wam", Value: "1,842", Delta: &ui.Delta{Text: "6.1 %", Up: true, Tone: ui.ToneGood, Than: "than the week before"}, Spark: spark(1, 1500, 14, 40), Definition: &ui.Definition{Term: "Weekly active members", Text: "Members with at least one activity in the last seven days, staff and bots left out."}},
		{Label: "Median first response", Href: "/?ttfr", Value: ui.Duration(3*time.Hour + 12*time.Minute), Delta: &ui.Delta{Text: "18 m", Tone: ui.ToneGood, Than: "than the week before"}, Spark: spark(2, 5, -.07, .3)},
		{Label: "Questions answered in 24 h", Href: "/?answered", Value: ui.Percent(.814), Delta: &ui.Delta{Text: "2.3 pt", Tone: ui.ToneBad, Than: "than the week before"}, Spark: spark(3, .8, .001, .06)},
		{Label: "Support cases deflected, month", Href: "/?deflected", Value: "214", Delta: &ui.Delta{Text: "± 31", Flat: true}, Spark: spark(1, 150, 2, 9), Note: "estimate; survey of 84 people"},
	}
}

func progress(step int) ui.Progress {
	p := ui.Progress{
		ID: "import", Label: "Slack export, 2026-11.zip", Done: min(step*41200, 123600), Total: 123600, Unit: "records", Note: "12,400 a second · about 7 s left", Live: "/progress",
		Next: "You can leave this page. What is stored stays, also when you stop.", Actions: []ui.Action{{Label: "Stop", Post: "/done", Small: true}},
	}
	if p.Done == p.Total {
		p.Note = "118,211 stored, 5,380 unchanged, 9 rejected"
	}
	return p
}

func (g *Gallery) figures(b *Body) {
	labels, months := []string{}, []string{"Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"}
	hrefs := []string{}
	for i := range weeks {
		labels = append(labels, "w"+strconv.Itoa(i+1))
		hrefs = append(hrefs, "/?week="+strconv.Itoa(i+1))
	}
	b.Active = ui.Chart{Title: "Active members by channel", Kind: ui.Areas, Axis: "Week", Labels: labels, Series: []ui.Series{
		{Name: "Slack", Values: whole(wave(640, 5, 20)), Hrefs: hrefs},
		{Name: "Discourse", Values: whole(wave(440, 4, 20)), Hrefs: hrefs},
		{Name: "GitHub", Values: whole(wave(320, 3, 24)), Hrefs: hrefs},
		{Name: "Discord", Values: whole(wave(180, 2, 10)), Hrefs: hrefs},
		{Name: "Stack Overflow", Values: whole(wave(100, .4, 12)), Hrefs: hrefs},
	}}
	hours := func(h ...float64) []float64 {
		for i := range h {
			h[i] *= 3600
		}
		return h
	}
	b.Response = ui.Chart{
		Title: "Time to first response", Kind: ui.Lines, Unit: ui.UnitSpan, Axis: "Month", Labels: months, Open: true, Target: &ui.Target{Value: 4 * 3600, Text: "target 4 h"}, Marks: []ui.Mark{{At: "Sep", Text: "v3.2 released"}},
		Series: []ui.Series{{
			Name: "Median", Values: hours(5.1, 5.3, 4.9, 4.6, 5, 4.5, 4.3, 4.1, 4, 3.8, 3.5, 3.2), Low: hours(4.6, 4.8, 4.4, 4.2, 4.5, 4.1, 3.9, 3.7, 3.6, 3.4, 3.1, 2.85), High: hours(5.7, 5.8, 5.4, 5.1, 5.5, 5, 4.8, 4.5, 4.4, 4.2, 4, 3.67),
			Hrefs: hrefs[:12],
		}},
	}
	b.Topics = ui.Chart{Title: "Topics this month", Kind: ui.BarsAcross, Axis: "Topic", Labels: []string{"webhook retries", "import limits", "key rotation", "scheduled export", "SSO with Entra", "CLI", "dark mode"}, Series: []ui.Series{
		{Name: "Bugs", Values: []float64{29, 18, 4, 7, 11, 2, 1}, Color: 4}, {Name: "Questions", Values: []float64{10, 14, 22, 15, 9, 6, 2}, Color: 2}, {Name: "Praise", Values: []float64{2, 1, 0, 6, 0, 14, 9}, Color: 1},
	}}
	b.Hours = ui.Chart{Title: "When questions are asked", Kind: ui.HeatGrid, Axis: "Hour", Size: "sm"}
	for h := range 24 {
		b.Hours.Labels = append(b.Hours.Labels, strconv.Itoa(h))
	}
	for d, name := range []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"} {
		s := ui.Series{Name: name}
		for h := range 24 {
			s.Values = append(s.Values, math.Round(max(0, 14*math.Exp(-math.Pow(float64(h)-14, 2)/18)-float64(d)*.8)))
		}
		b.Hours.Series = append(b.Hours.Series, s)
	}
	b.Year = g.year()
	b.Cohorts = cohorts(months)
}

func (g *Gallery) year() ui.Year {
	y := ui.Year{Label: "312 activities on 71 days in the last year", From: g.now.AddDate(-1, 0, 1), To: g.now, Unit: "activities", MonthOf: func(m time.Time) string { return "/?month=" + m.Format("2006-01") }}
	for i, day := 0, y.From; !day.After(y.To); i, day = i+1, day.AddDate(0, 0, 1) {
		n := (i*i*7+i*13)%17 - 10
		if n > 0 && day.Weekday() != time.Sunday {
			y.Days = append(y.Days, ui.Day{Date: day, Count: n, Href: "/?day=" + day.Format("2006-01-02")})
		}
	}
	return y
}

func cohorts(months []string) ui.Heat {
	h := ui.Heat{Caption: "Members by month of first activity, share active again in later months", Corner: "First active"}
	for i := range 11 {
		h.Columns = append(h.Columns, "+"+strconv.Itoa(i))
	}
	for i := range 11 {
		row := ui.HeatRow{Label: months[i]}
		for j := range 11 - i {
			share := 1.0
			if j > 0 {
				share = (.54 + .01*float64(i)) * math.Pow(.82, float64(j-1))
			}
			row.Cells = append(row.Cells, ui.HeatCell{Share: share, Text: ui.Decimal(share*100, 0) + "%", Href: "/?cohort=" + strconv.Itoa(i), Open: j == 10-i})
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}
