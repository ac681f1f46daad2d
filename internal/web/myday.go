// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"

	crew "greenroom/internal/team"
	"greenroom/internal/web/ui"
)

// dayTitles are the groups of a day.
var dayTitles = map[crew.ItemKind]string{
	crew.DayTask: "Tasks", crew.DayApproval: "Waits for an approval", crew.DayInbox: "Conversations", crew.DayEvent: "Events and content, today and tomorrow", crew.DayPlanTask: "Work on plans", crew.DayCheckpoint: "Checkpoints", crew.DayNotice: "New notices",
}

// myWork leads between the pages about one's own work.
func (s *Site) myWork(active string) ui.Segments {
	v := ui.Segments{Label: "My work"}
	for _, x := range [][2]string{{"My day", myDayPath}, {"Tasks", tasksPath}, {"Plans", "/roadmap/mine"}, {"Notices", noticesPath}} {
		v.Items = append(v.Items, ui.Segment{Label: x[0], Href: x[1], Active: x[1] == active})
	}
	return v
}

func (p *crewPages) showDay(w http.ResponseWriter, r *http.Request) error {
	d, err := p.cfg.Crew.Day(r.Context(), person(r).Seed)
	if err != nil {
		return err
	}
	people, err := p.cfg.Crew.People(r.Context())
	if err != nil {
		return err
	}
	names := crewNames(people)
	body := dayBody{Head: ui.Head{Title: "My day", Subtitle: dayText(d.Date), Find: true, Actions: []ui.Action{{Label: "My hours and role", Href: crewHref(d.Person.Email)}}}, Views: p.myWork(myDayPath), Away: ui.Rows{Label: "Who is away"}}
	if d.Person.Away != "" {
		body.Head.Pills = []ui.Pill{{Text: "you are away until " + dayText(d.Person.Away), Tone: ui.ToneWarn}}
	}
	for i := range d.Items {
		it := &d.Items[i]
		title := dayTitles[it.Kind]
		if n := len(body.Groups); n == 0 || body.Groups[n-1].Head.Title != title {
			body.Groups = append(body.Groups, taskGroup{Head: ui.CardHead{Title: title}, Rows: ui.Rows{Label: title}})
		}
		g := &body.Groups[len(body.Groups)-1]
		g.Rows.Items = append(g.Rows.Items, dayRow(it, names))
	}
	for i := range body.Groups {
		body.Groups[i].Head.Note = countText(int64(len(body.Groups[i].Rows.Items)), "thing", "things")
	}
	for i := range d.Away {
		a := &d.Away[i]
		row := ui.Row{Title: named(names, a.Person), Text: a.Note, Meta: []ui.Meta{{Text: daysOf(a.From, a.To)}}}
		if a.StandIn == d.Person.Email {
			row.Pills = []ui.Pill{{Text: "you stand in", Tone: ui.ToneInfo}}
		} else if a.StandIn != "" {
			row.Meta = append(row.Meta, ui.Meta{Text: named(names, a.StandIn) + " stands in"})
		}
		body.Away.Items = append(body.Away.Items, row)
	}
	if len(d.Items) == 0 {
		body.Empty = &ui.Empty{Title: "Nothing waits for you", Text: "What is due today, conversations that are yours, today's events, your part of plans and new notices stand here, also of those you stand in for.", Actions: []ui.Action{{Label: "See what waits for the team", Href: "/conversations"}}}
	}
	return render(p.Site, w, r, p.day, "My day", body)
}

func dayRow(it *crew.Item, names teamNames) ui.Row {
	row := ui.Row{Title: it.Title, Text: excerpt(it.Note, 200), Strong: it.Late}
	if strings.HasPrefix(it.Link, "/") {
		row.Href = inside(it.Link).String()
	} else if to := outside(it.Link); to != "" {
		row.Href = to
	}
	if it.Late {
		row.Pills = append(row.Pills, ui.Pill{Text: "late", Tone: ui.ToneBad})
	}
	if it.For != "" {
		row.Pills = append(row.Pills, ui.Pill{Text: "for " + named(names, it.For), Tone: ui.ToneInfo})
	}
	if !it.At.IsZero() {
		row.Meta = []ui.Meta{{Time: it.At}}
	}
	return row
}
