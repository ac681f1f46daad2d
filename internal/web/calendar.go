// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/event"
	"greenroom/internal/roadmap"
	"greenroom/internal/web/ui"
)

// Schedule is the content schedule and the calendar.
type Schedule interface {
	Contents(ctx context.Context, f event.ContentFilter) ([]event.Content, error)
	Content(ctx context.Context, id int64) (event.Content, error)
	AddContent(ctx context.Context, p event.Piece, by string) (event.Content, error)
	EditContent(ctx context.Context, id int64, p event.Piece, by string) (event.Content, error)
	MoveContent(ctx context.Context, id int64, to event.Status, by string) (event.Content, error)
	ContentMoves(ctx context.Context, id int64) ([]event.Move, error)
	Calendars
}

// Calendars read everything together, and let others read it.
type Calendars interface {
	Entries(ctx context.Context, from, to time.Time) ([]event.Entry, error)
	FeedToken(ctx context.Context, who string) (string, error)
	RenewFeeds(ctx context.Context, by string) error
	Outsides(ctx context.Context) ([]event.Outside, error)
	AddOutside(ctx context.Context, name, address, by string) (event.Outside, error)
	RemoveOutside(ctx context.Context, id int64, by string) error
}

// monthBody is what month.html shows.
type monthBody struct {
	Head     ui.Head
	Tabs     ui.Segments
	Views    ui.Segments // instead of tabs: the calendar is a view of something else
	Title    string
	Earlier  ui.Action
	Later    ui.Action
	Today    ui.Action
	Weekdays []string
	Weeks    [][]monthDay
	Legend   []ui.Pill
}

// monthDay is a day of the month's table.
type monthDay struct {
	Number  string
	Label   string // for screen readers
	Outside bool   // of the month before or after
	Today   bool
	Entries []monthEntry
	More    int    // entries that are not shown
	Href    string // of the list of this day
}

type monthEntry struct {
	Title, Time, Href, Kind string
	Off                     bool // canceled
}

func calendarTabs(active string) ui.Segments {
	t := ui.Segments{Label: "Views of the calendar"}
	for _, x := range []struct{ label, href string }{{"Month", "/calendar"}, {"List", "/calendar/list"}, {"Content", "/calendar/content"}, {"Share", "/calendar/share"}} {
		t.Items = append(t.Items, ui.Segment{Label: x.label, Href: x.href, Active: x.label == active})
	}
	return t
}

func (p *eventPages) calendarHead(r *http.Request) ui.Head {
	h := ui.Head{Title: "Calendar", Subtitle: "Events, content, the dates of programs, and what others plan", Find: true}
	if person(r).MayWrite {
		h.Actions = []ui.Action{{Label: "New event", Href: "/events/new"}, {Label: "New content", Href: "/calendar/content/new", Style: ui.StylePrimary}}
	}
	return h
}

// shownEntries is how many entries a day of the month shows.
const shownEntries = 4

// monthAsked is the first day of the month that the address names, or of the present one.
func monthAsked(r *http.Request, now time.Time) (time.Time, error) {
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	text := r.URL.Query().Get("month")
	if text == "" {
		return first, nil
	}
	m, err := time.ParseInLocation("2006-01", text, now.Location())
	if err != nil || m.Year() < 1990 || m.Year() > 2200 {
		return m, greenroom.Errorf(greenroom.CodeInvalid, "%q is no month; expected one such as %s", text, first.Format("2006-01"))
	}
	return m, nil
}

func (p *eventPages) calendar(w http.ResponseWriter, r *http.Request) error {
	zone := p.cfg.Zones.Zone()
	now := p.cfg.Now().In(zone)
	first, err := monthAsked(r, now)
	if err != nil {
		return err
	}
	from := first.AddDate(0, 0, -(int(first.Weekday())+6)%7)
	to := first.AddDate(0, 1, 0)
	to = to.AddDate(0, 0, (8-int(to.Weekday()))%7)
	all, err := p.cfg.Events.Entries(r.Context(), from, to)
	if err != nil {
		return err
	}
	at := func(t time.Time) string { return "/calendar?month=" + t.Format("2006-01") }
	body := monthBody{
		Head: p.calendarHead(r), Tabs: calendarTabs("Month"), Title: first.Format("January 2006"), Weekdays: []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
		Earlier: ui.Action{Label: "‹ " + first.AddDate(0, -1, 0).Format("Jan"), Label2: "The month before", Href: at(first.AddDate(0, -1, 0)), Small: true}, Later: ui.Action{Label: first.AddDate(0, 1, 0).Format("Jan") + " ›", Label2: "The next month", Href: at(first.AddDate(0, 1, 0)), Small: true},
		Today: ui.Action{Label: "Today", Href: "/calendar", Small: true}, Legend: []ui.Pill{entryPill("event"), entryPill("content"), entryPill("program"), entryPill("outside")},
	}
	for d := from; d.Before(to); d = d.AddDate(0, 0, 1) {
		if d.Weekday() == time.Monday {
			body.Weeks = append(body.Weeks, nil)
		}
		day := monthDay{Number: strconv.Itoa(d.Day()), Label: d.Format("Monday 2 January"), Outside: d.Month() != first.Month(), Today: d.Format(time.DateOnly) == now.Format(time.DateOnly), Href: "/calendar/list?from=" + d.Format(time.DateOnly)}
		for i := range all {
			if e := &all[i]; e.From.Before(d.AddDate(0, 0, 1)) && e.To.After(d) {
				if len(day.Entries) == shownEntries {
					day.More++
					continue
				}
				x := monthEntry{Title: e.Title, Href: firstText(e.Path, outside(e.Link)), Kind: e.Kind, Off: e.State == string(event.Canceled)}
				if !e.AllDay && !e.From.Before(d) {
					x.Time = e.From.In(zone).Format("15:04")
				}
				day.Entries = append(day.Entries, x)
			}
		}
		body.Weeks[len(body.Weeks)-1] = append(body.Weeks[len(body.Weeks)-1], day)
	}
	return render(p.Site, w, r, p.month, "Calendar", body)
}

func entryPill(kind string) ui.Pill {
	switch kind {
	case "event":
		return ui.Pill{Text: "event", Tone: ui.ToneGood}
	case "content":
		return ui.Pill{Text: "content", Tone: ui.ToneInfo}
	case "program":
		return ui.Pill{Text: "program", Tone: ui.ToneWarn}
	}
	return ui.Pill{Text: "of others"}
}

// agendaDays is how many days the list shows.
const agendaDays = 60

func (p *eventPages) agenda(w http.ResponseWriter, r *http.Request) error {
	zone := p.cfg.Zones.Zone()
	now := p.cfg.Now().In(zone)
	from := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	if d, err := time.ParseInLocation(time.DateOnly, r.URL.Query().Get("from"), zone); err == nil && d.Year() > 1990 && d.Year() < 2200 {
		from = d
	}
	all, err := p.cfg.Events.Entries(r.Context(), from, from.AddDate(0, 0, agendaDays))
	if err != nil {
		return err
	}
	body := boardBody{Head: p.calendarHead(r), Tabs: calendarTabs("List")}
	link := func(d time.Time) string { return "/calendar/list?from=" + d.Format(time.DateOnly) }
	var card *boardCard
	day := ""
	for i := range all {
		e := &all[i]
		at := e.From.In(zone)
		if at.Before(from) {
			at = from
		}
		if label := at.Format("Monday 2 January 2006"); label != day {
			day = label
			body.Main = append(body.Main, boardCard{Head: ui.CardHead{Title: label}, Rows: ui.Rows{Label: label}})
			card = &body.Main[len(body.Main)-1]
		}
		kind := entryPill(e.Kind)
		row := ui.Row{Lead: &kind, Title: e.Title, Href: firstText(e.Path, outside(e.Link))}
		when := "all day"
		if !e.AllDay {
			when = e.From.In(zone).Format("15:04") + "–" + e.To.In(zone).Format("15:04")
		}
		for _, t := range []string{when, e.Place, e.Owner, e.Calendar} {
			if t != "" {
				row.Meta = append(row.Meta, ui.Meta{Text: t})
			}
		}
		if e.State != "" {
			row.Badge = &ui.Pill{Text: e.State}
		}
		card.Rows.Items = append(card.Rows.Items, row)
	}
	if len(all) == 0 {
		body.Empty = &ui.Empty{Title: "Nothing in these two months", Text: "Plan an event, schedule a text, or show the calendar of somebody else beside yours.", Actions: []ui.Action{{Label: "Earlier", Href: link(from.AddDate(0, 0, -agendaDays))}, {Label: "Share and subscribe", Href: "/calendar/share"}}}
	} else {
		body.Head.Actions = append([]ui.Action{{Label: "Earlier", Href: link(from.AddDate(0, 0, -agendaDays))}, {Label: "Later", Href: link(from.AddDate(0, 0, agendaDays))}}, body.Head.Actions...)
	}
	return p.draw(w, r, body)
}

// share shows the addresses of the calendar, and the calendars of others.
func (p *eventPages) share(w http.ResponseWriter, r *http.Request) error {
	body := boardBody{Head: p.calendarHead(r), Tabs: calendarTabs("Share")}
	base := "http://" + r.Host
	if u := p.cfg.PublicURL; u != nil {
		base = strings.TrimSuffix(u.String(), "/")
	} else if r.TLS != nil {
		base = "https://" + r.Host
	}
	card := boardCard{Head: ui.CardHead{Title: "Read it in your calendar"}, Text: "Subscribe to one of these addresses in Google Calendar, Outlook, Apple Calendar or any other. Whoever has the address can read the calendar: treat it like a password."}
	me := person(r).Seed
	for _, x := range []struct{ label, who, plans string }{{"The team's: events, content and programs", "", "Plans: all tasks and checkpoints"}, {"Yours: events, and what you own", me, "Plans: your tasks and checkpoints"}} {
		token, err := p.cfg.Events.FeedToken(r.Context(), x.who)
		if err != nil {
			return err
		}
		address := base + event.FeedPath + "?t=" + url.QueryEscape(token)
		card.Facts = append(card.Facts, ui.Fact{Label: x.label, Value: address, Href: address})
		if p.cfg.Plans != nil {
			address = base + roadmap.FeedPath + "?t=" + url.QueryEscape(token)
			card.Facts = append(card.Facts, ui.Fact{Label: x.plans, Value: address, Href: address})
		}
	}
	if person(r).MayAdminister {
		card.Head.Actions = []ui.Action{{Label: "Renew the addresses", Label2: "Renew the addresses: those that were given out stop working", Post: "/calendar/share/renew", Small: true}}
	}
	others := boardCard{Head: ui.CardHead{Title: "Calendars of others"}, Rows: ui.Rows{Label: "Calendars of others"}}
	all, err := p.cfg.Events.Outsides(r.Context())
	if err != nil {
		return err
	}
	for i := range all {
		o := &all[i]
		row := ui.Row{Title: o.Name, Meta: []ui.Meta{{Text: o.Shown}, {Text: countText(o.Entries, "entry", "entries")}, {Text: "read", Time: o.FetchedAt}}}
		if o.Problem != "" {
			row.Badge = &ui.Pill{Text: "cannot be read", Tone: ui.ToneBad}
			row.Text = o.Problem
		}
		if person(r).MayWrite {
			row.Actions = []ui.Action{{Label: "Remove", Label2: "Remove " + o.Name, Post: "/calendar/share/" + idText(o.ID) + "/remove", Small: true, Style: ui.StyleQuiet}}
		}
		others.Rows.Items = append(others.Rows.Items, row)
	}
	body.Main = []boardCard{card, others.orEmpty("No calendar of others", "Conferences, the product's releases, school holidays: whatever has an iCal address is shown beside your own dates. It is read every few hours.")}
	if person(r).MayWrite {
		body.Main = append(body.Main, boardCard{Head: ui.CardHead{Title: "Show a calendar of others"}, Form: &ui.Form{Post: "/calendar/share/add", Fields: []ui.Field{
			{Name: "name", Label: "Name", Required: true, Placeholder: "Conferences"}, {Name: "address", Label: "Address", Required: true, Placeholder: "https://… or webcal://…", Help: "It is sealed and not shown again."},
		}, Actions: []ui.Action{{Label: "Show it", Submit: true}}}})
	}
	return p.draw(w, r, body)
}

func (p *eventPages) renew(w http.ResponseWriter, r *http.Request) error {
	if err := p.cfg.Events.RenewFeeds(r.Context(), person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, "/calendar/share", "The addresses that were given out work no longer. Here are the new ones.", "")
}

func (p *eventPages) addOutside(w http.ResponseWriter, r *http.Request) error {
	o, err := p.cfg.Events.AddOutside(r.Context(), r.FormValue("name"), r.FormValue("address"), person(r).Actor)
	if err != nil {
		return err
	}
	text := countText(o.Entries, "entry of", "entries of") + " " + o.Name + " are shown."
	if o.Problem != "" {
		text = o.Name + " is kept, but could not be read: " + o.Problem + "."
	}
	return p.back(w, r, "/calendar/share", text, "")
}

func (p *eventPages) removeOutside(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.cfg.Events.RemoveOutside(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, "/calendar/share", "Removed.", "")
}

func contentHref(id int64) string { return "/calendar/content/" + idText(id) }

func statusTone(s event.Status) ui.Tone {
	switch s {
	case event.Published:
		return ui.ToneGood
	case event.Scheduled:
		return ui.ToneInfo
	case event.InReview:
		return ui.ToneWarn
	case event.Idea, event.Drafted:
	}
	return ui.ToneNone
}

// schedule lists content by status.
func (p *eventPages) schedule(w http.ResponseWriter, r *http.Request) error {
	body := boardBody{Head: p.calendarHead(r), Tabs: calendarTabs("Content")}
	all, err := p.cfg.Events.Contents(r.Context(), event.ContentFilter{Owner: r.URL.Query().Get("owner"), Channel: r.URL.Query().Get("channel")})
	if err != nil {
		return err
	}
	if len(all) == 0 {
		body.Empty = &ui.Empty{Title: "No content planned", Text: "Blog posts, newsletters, videos, announcements: from the idea to the day on which they are out, with who does what."}
		if person(r).MayWrite {
			body.Empty.Actions = []ui.Action{{Label: "New content", Href: "/calendar/content/new", Style: ui.StylePrimary}}
		}
		return p.draw(w, r, body)
	}
	for _, s := range event.Statuses() {
		t := &ui.Table{Caption: title(string(s)), Columns: []ui.Column{{Label: "Content"}, {Label: "Channel"}, {Label: "When"}, {Label: "Owner"}, {Label: "Link"}}}
		for i := range all {
			c := &all[i]
			if c.Status != s {
				continue
			}
			when := ui.Cell{}
			if at := c.At; !at.IsZero() {
				when.Text = ui.DateTime(at.In(p.cfg.Zones.Zone()))
				if at.Before(p.cfg.Now()) && s != event.Published {
					when.Pills = []ui.Pill{{Text: "late", Tone: ui.ToneWarn}}
				}
			}
			link := ui.Cell{}
			if to := outside(c.Link); to != "" {
				link = ui.Cell{Text: "open", Href: to}
			}
			t.Rows = append(t.Rows, ui.TableRow{ID: idText(c.ID), Cells: []ui.Cell{
				{Text: c.Title, Href: contentHref(c.ID)}, {Text: c.Channel, Href: "/calendar/content?channel=" + url.QueryEscape(c.Channel)}, when, {Text: c.Owner}, link,
			}})
			if c.Channel == "" {
				t.Rows[len(t.Rows)-1].Cells[1] = ui.Cell{}
			}
		}
		if len(t.Rows) > 0 {
			body.Main = append(body.Main, boardCard{Head: ui.CardHead{Title: title(string(s)), Pills: []ui.Pill{{Text: ui.Number(len(t.Rows)), Tone: statusTone(s)}}}, Table: t})
		}
	}
	return p.draw(w, r, body)
}

func (p *eventPages) content(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	c, err := p.cfg.Events.Content(r.Context(), id)
	if err != nil {
		return err
	}
	moves, err := p.cfg.Events.ContentMoves(r.Context(), id)
	if err != nil {
		return err
	}
	body := boardBody{Head: ui.Head{Title: c.Title, Subtitle: c.Channel, Back: &ui.Action{Label: "Content", Href: "/calendar/content"}, Pills: []ui.Pill{{Text: string(c.Status), Tone: statusTone(c.Status)}}}}
	if person(r).MayWrite {
		body.Head.Actions = []ui.Action{{Label: "Edit", Href: contentHref(id) + "/edit", Key: "e"}}
		for i, to := range c.Status.Next() {
			a := ui.Action{Label: "To " + string(to), Post: contentHref(id) + "/move", Hidden: []ui.Hidden{{Name: "status", Value: string(to)}}}
			if i == 0 {
				a.Style = ui.StylePrimary
			}
			if to == event.Scheduled && c.At.IsZero() {
				a.Disabled = "say when it is to be published first"
			}
			body.Head.Actions = append(body.Head.Actions, a)
		}
	}
	about := boardCard{Head: ui.CardHead{Title: "About"}, Text: c.Text, Facts: []ui.Fact{{Label: "Channel", Value: firstText(c.Channel, "not known yet")}, {Label: "Owner", Value: c.Owner}}}
	when := "not known yet"
	if !c.At.IsZero() {
		when = ui.DateTime(c.At.In(p.cfg.Zones.Zone()))
	}
	about.Facts = append(about.Facts, ui.Fact{Label: "To be published", Value: when})
	if c.Link != "" {
		about.Facts = append(about.Facts, ui.Fact{Label: "Link", Value: c.Link, Href: outside(c.Link)})
	}
	if c.EventID > 0 {
		about.Facts = append(about.Facts, ui.Fact{Label: "Event", Value: "No. " + idText(c.EventID), Href: eventHref(c.EventID)})
	}
	history := boardCard{Head: ui.CardHead{Title: "How it came here"}, Rows: ui.Rows{Label: "How it came here"}}
	for _, m := range moves {
		history.Rows.Items = append(history.Rows.Items, ui.Row{Title: title(string(m.To)), Meta: []ui.Meta{{Text: "by " + m.By, Time: m.At}}})
	}
	body.Main, body.Side = []boardCard{about}, []boardCard{history}
	return p.draw(w, r, body)
}

func (p *eventPages) editContent(w http.ResponseWriter, r *http.Request) error {
	x := event.Piece{Owner: person(r).Seed}
	if r.PathValue("id") != "" {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		c, err := p.cfg.Events.Content(r.Context(), id)
		if err != nil {
			return err
		}
		x = event.Piece{Title: c.Title, Text: c.Text, Channel: c.Channel, Owner: c.Owner, At: c.At, Link: c.Link, EventID: c.EventID, Program: c.Program}
	}
	return p.contentForm(w, r, &x, "")
}

func (p *eventPages) contentForm(w http.ResponseWriter, r *http.Request, x *event.Piece, problem string) error {
	post, cancel, name := "/calendar/content/new", "/calendar/content", "New content"
	if id := r.PathValue("id"); id != "" {
		post, cancel, name = "/calendar/content/"+id+"/edit", "/calendar/content/"+id, "Edit "+x.Title
	}
	at := ""
	if !x.At.IsZero() {
		at = x.At.In(p.cfg.Zones.Zone()).Format(localForm)
	}
	body := boardBody{Head: ui.Head{Title: name, Subtitle: "It begins as an idea", Back: &ui.Action{Label: "Content", Href: "/calendar/content"}}}
	body.Main = []boardCard{{Head: ui.CardHead{Title: "Content"}, Form: &ui.Form{Post: post, Error: problem, Hidden: []ui.Hidden{{Name: "event", Value: idText(x.EventID)}, {Name: "program", Value: x.Program}}, Fields: []ui.Field{
		{Name: "title", Label: "Title", Value: x.Title, Required: true},
		{Name: "channel", Label: "Channel", Value: x.Channel, Placeholder: "Blog", Help: "Where it is to appear."},
		{Name: "at", Label: "To be published", Type: "datetime-local", Value: at, Help: "In " + p.cfg.Zones.Zone().String() + "."},
		{Name: "owner", Label: "Owner", Value: x.Owner},
		{Name: "link", Label: "Link", Type: "url", Value: x.Link, Placeholder: "https://"},
		{Name: "text", Label: "Notes", Type: "textarea", Value: x.Text},
	}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}, {Label: "Cancel", Href: cancel}}}}}
	return p.draw(w, r, body)
}

func (p *eventPages) saveContent(w http.ResponseWriter, r *http.Request) error {
	x := event.Piece{Title: r.FormValue("title"), Text: r.FormValue("text"), Channel: r.FormValue("channel"), Owner: r.FormValue("owner"), Link: r.FormValue("link"), Program: r.FormValue("program")}
	x.EventID, _ = strconv.ParseInt(r.FormValue("event"), 10, 64) // 0 is none
	var err error
	if text := r.FormValue("at"); text != "" {
		if x.At, err = time.ParseInLocation(localForm, text, p.cfg.Zones.Zone()); err != nil {
			err = greenroom.Errorf(greenroom.CodeInvalid, "%q is no time; write it as 2026-01-31T17:00", text)
		}
	}
	var c event.Content
	switch {
	case err != nil:
	case r.PathValue("id") == "":
		c, err = p.cfg.Events.AddContent(r.Context(), x, person(r).Actor)
	default:
		id, perr := pathID(r)
		if perr != nil {
			return perr
		}
		c, err = p.cfg.Events.EditContent(r.Context(), id, x, person(r).Actor)
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.contentForm(w, r, &x, sentence(greenroom.ErrorMessage(err)))
	}
	return p.back(w, r, contentHref(c.ID), "Saved.", "")
}

func (p *eventPages) moveContent(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	c, err := p.cfg.Events.MoveContent(r.Context(), id, event.Status(r.FormValue("status")), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, contentHref(id), "It is "+string(c.Status)+" now.", "")
}
