// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
	"greenroom/internal/web/ui"
)

// planMonth shows the tasks and checkpoints of all plans, or of one, in a month. A task stands on the day on which it begins
// and on the one on which it ends.
func (p *roadmapPages) planMonth(w http.ResponseWriter, r *http.Request, view *ui.View[monthBody]) error {
	q := r.URL.Query()
	only, err := strconv.ParseInt(firstText(q.Get("plan"), "0"), 10, 64)
	if err != nil {
		only = 0
	}
	all, err := p.cfg.Plans.Views(r.Context())
	if err != nil {
		return err
	}
	// Days are told apart as days of the calendar, without hours, so no change of clocks moves one.
	clock := p.cfg.Now().In(p.cfg.Zones.Zone())
	month, err := monthAsked(r, clock)
	if err != nil {
		return err
	}
	now, first := schedule.DateOf(clock), schedule.DateOf(month)
	step := func(n int) schedule.Date { return monthOf(first + schedule.Date(15+30*n)) }
	at := func(d schedule.Date) string {
		v := url.Values{"month": {d.String()[:7]}}
		if only > 0 {
			v.Set("plan", idText(only))
		}
		return "/roadmap/calendar?" + v.Encode()
	}
	name := func(d schedule.Date, layout string) string { return d.Begin(time.UTC).Format(layout) }
	body := monthBody{
		Head: ui.Head{Title: "Calendar of plans", Subtitle: "When tasks begin and end, and when plans are looked at"}, Views: roadmapViews("calendar"),
		Title: name(first, "January 2006"), Weekdays: []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
		Earlier: ui.Action{Label: "‹ " + name(step(-1), "Jan"), Label2: "The month before", Href: at(step(-1)), Small: true}, Later: ui.Action{Label: name(step(1), "Jan") + " ›", Label2: "The next month", Href: at(step(1)), Small: true},
		Today:  ui.Action{Label: "Today", Href: at(now), Small: true},
		Legend: []ui.Pill{{Text: "task", Tone: ui.ToneInfo}, {Text: "late", Tone: ui.ToneBad}, {Text: "done", Tone: ui.ToneGood}, {Text: "checkpoint", Tone: ui.ToneWarn}},
	}
	entries := make(map[schedule.Date][]monthEntry)
	for _, v := range all {
		if only == 0 || v.ID == only {
			planEntries(v, person(r).MayWrite, entries)
		}
		if v.ID == only {
			body.Head.Title, body.Head.Back = "Calendar: "+v.Title, &ui.Action{Label: v.Title, Href: planHref(v.ID)}
		}
	}
	from := first - schedule.Date((int(first.Weekday())+6)%7)
	for d := from; d < step(1) || d.Weekday() != time.Monday; d++ {
		if d.Weekday() == time.Monday {
			body.Weeks = append(body.Weeks, nil)
		}
		day := monthDay{Number: strconv.Itoa(d.Begin(time.UTC).Day()), Label: name(d, "Monday 2 January"), Outside: monthOf(d) != first, Today: d == now, Href: at(first) + "&day=" + d.String(), Entries: entries[d]}
		if room := shownEntries; len(day.Entries) > room && q.Get("day") != d.String() {
			day.Entries, day.More = day.Entries[:room], len(day.Entries)-room
		}
		body.Weeks[len(body.Weeks)-1] = append(body.Weeks[len(body.Weeks)-1], day)
	}
	return render(p.Site, w, r, view, body.Head.Title, body)
}

// monthOf is the first day of a day's month.
func monthOf(d schedule.Date) schedule.Date {
	y, m, _ := d.Begin(time.UTC).Date()
	return schedule.MakeDate(y, m, 1)
}

func planEntries(v *roadmap.View, may bool, entries map[schedule.Date][]monthEntry) {
	add := func(day, when, text, href, kind string) {
		if d, err := schedule.ParseDate(day); err == nil {
			entries[d] = append(entries[d], monthEntry{Title: text, Time: when, Href: href, Kind: kind})
		}
	}
	for _, c := range v.Checkpoints {
		add(c.Day, "", c.Title+" · "+v.Title, planHref(v.ID), "checkpoint")
	}
	for i := range v.Tasks {
		t := &v.Tasks[i]
		kind, href := "task", planHref(v.ID)
		switch {
		case t.Column == roadmap.Ended:
			kind = "done"
		case t.Late:
			kind = "late"
		}
		if may {
			href = taskHref(v.ID, t.ID)
		}
		if t.Start == t.End {
			add(t.Start, "", t.Title, href, kind)
			continue
		}
		add(t.Start, "begins", t.Title, href, kind)
		add(t.End, "ends", t.Title, href, kind)
	}
}

// planTasks shows the tasks of plans that are somebody's, beside what they are to do otherwise.
func (s *Site) planTasks(r *http.Request, owner string) ([]taskGroup, error) {
	if s.cfg.Plans == nil || owner == "" {
		return nil, nil
	}
	mine, err := s.cfg.Plans.Mine(r.Context(), owner)
	if err != nil || len(mine) == 0 {
		return nil, err
	}
	g := taskGroup{Head: ui.CardHead{Title: "From plans", Note: countText(int64(len(mine)), "task", "tasks")}, Rows: ui.Rows{Label: "From plans"}}
	if s.cfg.Events != nil {
		token, err := s.cfg.Events.FeedToken(r.Context(), owner)
		if err != nil {
			return nil, err
		}
		g.Head.Actions = []ui.Action{{Label: "In your calendar", Label2: "Your tasks and checkpoints as a calendar to subscribe to", Href: roadmap.FeedPath + "?t=" + url.QueryEscape(token), Small: true}}
	}
	may := person(r).MayWrite
	for i := range mine {
		m := &mine[i]
		row := ui.Row{ID: "plantask" + idText(m.ID), Title: m.Title, Href: planHref(m.Plan), Strong: true, Text: excerpt(m.Note, 200), Meta: []ui.Meta{{Text: m.PlanTitle, Href: planHref(m.Plan)}}, Pills: []ui.Pill{{Text: "until " + dayText(m.End)}}}
		if m.Late {
			row.Pills[0].Tone = ui.ToneBad
		}
		if m.Critical {
			row.Pills = append(row.Pills, ui.Pill{Text: "critical", Tone: ui.ToneWarn})
		}
		if may {
			row.Href = taskHref(m.Plan, m.ID)
			do := markAction(&roadmap.View{Plan: roadmap.Plan{ID: m.Plan}}, &m.Row, "begin", "Begin")
			if m.Column == roadmap.Doing {
				do = markAction(&roadmap.View{Plan: roadmap.Plan{ID: m.Plan}}, &m.Row, "finish", "Done")
			}
			row.Actions = []ui.Action{*do}
		}
		g.Rows.Items = append(g.Rows.Items, row)
	}
	return []taskGroup{g}, nil
}
