// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/event"
	"greenroom/internal/web/ui"
)

func (p *eventPages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	e, err := p.cfg.Events.Get(r.Context(), id)
	if err != nil {
		return err
	}
	f, err := p.cfg.Events.Figures(r.Context(), id)
	if err != nil {
		return err
	}
	body := boardBody{Head: p.eventHead(r, &e), KPIs: eventKPIs(&e, &f)}
	people, err := p.peopleCard(r, &e, &body)
	if err != nil {
		return err
	}
	lists, err := p.listsCard(r, &e)
	if err != nil {
		return err
	}
	body.Main = []boardCard{people, lists}
	details := boardCard{Head: ui.CardHead{Title: "Details"}, Text: excerpt(e.Text, 2000), Facts: []ui.Fact{{Label: "When", Value: whenText(&e)}}}
	fact := func(label, value, href string) {
		if value != "" {
			details.Facts = append(details.Facts, ui.Fact{Label: label, Value: value, Href: href})
		}
	}
	fact("Where", e.Place, "")
	fact("Link", e.Link, outside(e.Link))
	fact("Owner", e.Owner, "")
	if e.Program != "" {
		fact("Program", e.Program, programHref(e.Program, ""))
	}
	for _, s := range e.Speakers {
		fact("Speaker", strings.TrimSuffix(s.Member+": "+s.Talk, ": "), memberHref(s.MemberID))
	}
	body.Side = []boardCard{details}
	if person(r).MayWrite {
		body.Side = append(body.Side, p.importCard(&e), p.writeCard(&e))
	}
	return p.draw(w, r, body)
}

func (p *eventPages) eventHead(r *http.Request, e *event.Event) ui.Head {
	h := ui.Head{Title: e.Title, Subtitle: whenText(e), Back: &ui.Action{Label: "Events", Href: "/events"}, Pills: []ui.Pill{eventPill(e, p.cfg.Now()), {Text: string(e.Kind)}}}
	if !person(r).MayWrite {
		return h
	}
	turn := func(label string, to event.State, style ui.Style) ui.Action {
		return ui.Action{Label: label, Post: eventHref(e.ID) + "/state", Hidden: []ui.Hidden{{Name: "state", Value: string(to)}}, Style: style}
	}
	switch e.State {
	case event.Planned:
		h.Actions = []ui.Action{turn("Announce", event.Announced, ui.StylePrimary)}
	case event.Announced:
		if p.cfg.Now().Before(e.End) {
			h.Actions = []ui.Action{turn("Cancel the event", event.Canceled, ui.StylePlain)}
		} else {
			h.Actions = []ui.Action{{Label: "Make the tasks that follow", Post: eventHref(e.ID) + "/follow"}}
		}
	case event.Canceled:
		h.Actions = []ui.Action{turn("It takes place after all", event.Announced, ui.StylePlain)}
	}
	h.Actions = append(h.Actions, ui.Action{Label: "Edit", Href: eventHref(e.ID) + "/edit", Key: "e"})
	return h
}

// eventKPIs are what the event got: reach, conversation, sign-ups.
func eventKPIs(e *event.Event, f *event.Figures) []ui.KPI {
	people := func(state string) string { return eventHref(e.ID) + "?state=" + state + "#people" }
	registered := ui.KPI{Label: "Registered", Value: ui.Number(int(e.Counts.Registered + e.Counts.Attended + e.Counts.Missed)), Href: people(""), Note: countText(e.Counts.Waiting, "waits", "wait") + ", " + ui.Number(int(e.Counts.Canceled)) + " canceled"}
	if e.Capacity > 0 {
		registered.Note = "of " + ui.Number(int(e.Capacity)) + " places; " + registered.Note
	}
	came := ui.KPI{Label: "Came", Value: ui.Number(int(e.Counts.Attended)), Href: people("attended"), Note: countText(e.Counts.Missed, "no-show", "no-shows")}
	if f.Share != nil {
		came.Note = ui.Percent(*f.Share) + " of those who registered or came; " + came.Note
	}
	fresh := ui.KPI{Label: "Came for the first time", Value: ui.Number(int(f.New)), Href: people("new"), Note: "not seen in the community before"}
	kpis := []ui.KPI{registered, came, fresh}
	if f.Talk == nil || f.SignUps == nil {
		return kpis
	}
	within := fmt.Sprintf("in %d days", f.Days)
	if f.StillToRun {
		within += ", so far"
	}
	return append(kpis,
		ui.KPI{Label: "Conversation", Value: ui.Number(int(*f.Talk)), Href: "/activities?q=" + url.QueryEscape(f.TalkQuery), Note: "messages that name it, " + within, Definition: &ui.Definition{Term: "Conversation about an event", Text: "Activities in the two weeks from the event on that hold its title, or the address of its page. What people say without naming it is not found.", Rows: []ui.Fact{{Label: "Query", Value: f.TalkQuery}}}},
		ui.KPI{Label: "New members", Value: ui.Number(int(*f.SignUps)), Href: "/members?q=" + url.QueryEscape(f.SignQuery), Note: "of the whole community, " + within, Definition: &ui.Definition{Term: "New members after an event", Text: "Everybody who was seen for the first time in the two weeks from the event on, for whatever reason: compare it with other weeks before you thank the event.", Rows: []ui.Fact{{Label: "Query", Value: f.SignQuery}}}})
}

// peopleCard lists who registered, came, or did not.
func (p *eventPages) peopleCard(r *http.Request, e *event.Event, body *boardBody) (boardCard, error) {
	state := r.URL.Query().Get("state")
	f := event.PeopleFilter{Event: e.ID}
	switch {
	case state == "new":
		f.New, f.States = true, []event.Presence{event.Attended}
	case slices.Contains(event.Presences(), event.Presence(state)):
		f.States = []event.Presence{event.Presence(state)}
	}
	all, err := p.cfg.Events.People(r.Context(), f)
	card := boardCard{ID: "people", Head: ui.CardHead{Title: "People"}, Rows: ui.Rows{Label: "People"}}
	if err != nil {
		return card, err
	}
	if state != "" {
		card.Head.Pills = []ui.Pill{{Text: state}}
		card.Head.Actions = []ui.Action{{Label: "Show all", Href: eventHref(e.ID) + "#people", Small: true}}
	}
	may := person(r).MayWrite
	if may && e.State != event.Canceled {
		card.Head.Actions = append(card.Head.Actions, ui.Action{Label: "Register somebody", Dialog: "register", Small: true})
		body.Dialogs = append(body.Dialogs, ui.Dialog{ID: "register", Title: "Register somebody", Text: "A member, or anybody by their mail address. Where there is no room, they wait.", Form: ui.Form{Post: eventHref(e.ID) + "/register", Fields: []ui.Field{
			{Name: "member", Label: "Member", Placeholder: "Name, e-mail address, handle or number", Autocomplete: "off", Choose: "/members/choose", OneOf: true, Prefix: "register-"},
			{Name: "address", Label: "Or mail address", Type: "email", OneOf: true, Prefix: "register-"},
			{Name: "name", Label: "Name", Prefix: "register-"},
		}, Actions: []ui.Action{{Label: "Register", Submit: true, Style: ui.StylePrimary}}}})
	}
	for i := range all {
		card.Rows.Items = append(card.Rows.Items, p.personRow(e, &all[i], may))
	}
	if len(all) == 500 {
		card.Note = "The first 500 are shown."
	}
	return card.orEmpty("Nobody yet", "Register people here, or import who came once it is over."), nil
}

func (p *eventPages) personRow(e *event.Event, x *event.Registration, may bool) ui.Row {
	row := ui.Row{Title: x.Called(), Meta: []ui.Meta{{Text: "by " + x.Origin, Time: x.At}}}
	if x.MemberID > 0 {
		row.Href, row.Avatar = memberHref(x.MemberID), memberAvatar(x.MemberID, x.Member)
	} else {
		row.Pills = []ui.Pill{{Text: "no known member"}}
	}
	tones := map[event.Presence]ui.Tone{event.Attended: ui.ToneGood, event.Missed: ui.ToneWarn}
	row.Badge = &ui.Pill{Text: string(x.State), Tone: tones[x.State]}
	if x.New && x.State == event.Attended {
		row.Pills = append(row.Pills, ui.Pill{Text: "new", Tone: ui.ToneInfo})
	}
	if !x.Came.IsZero() && x.State == event.Attended {
		length := ""
		if x.Went.After(x.Came) {
			length = ", stayed " + ui.Duration(x.Went.Sub(x.Came))
		}
		row.Meta = append(row.Meta, ui.Meta{Text: "came" + length})
	}
	if !may {
		return row
	}
	over := !p.cfg.Now().Before(e.Start)
	for _, to := range []struct {
		state event.Presence
		label string
		show  bool
	}{{event.Attended, "Came", over}, {event.Missed, "Did not come", over}, {event.Gone, "Cancel", !over}} {
		if to.show && x.State.May(to.state) {
			row.Actions = append(row.Actions, ui.Action{Label: to.label, Label2: x.Called() + ": " + to.label, Post: eventHref(e.ID) + "/attend", Hidden: []ui.Hidden{{Name: "registration", Value: idText(x.ID)}, {Name: "to", Value: string(to.state)}}, Small: true, Style: ui.StyleQuiet})
		}
	}
	return row
}

// listsCard shows the attendance lists that were read, with the lines that could not be.
func (p *eventPages) listsCard(r *http.Request, e *event.Event) (boardCard, error) {
	card := boardCard{ID: "lists", Head: ui.CardHead{Title: "Attendance lists"}, Rows: ui.Rows{Label: "Attendance lists"}}
	all, err := p.cfg.Events.Imports(r.Context(), e.ID)
	if err != nil {
		return card, err
	}
	for i := range all {
		im := &all[i]
		row := ui.Row{Title: firstText(im.File, "List"), Meta: []ui.Meta{{Text: countText(im.Lines, "line", "lines") + ", " + countText(im.People, "person", "people") + ", " + ui.Number(int(im.Came)) + " came, " + ui.Number(int(im.Fresh)) + " without registering"}, {Text: "by " + im.By, Time: im.At}}}
		if im.BadAll > 0 {
			row.Badge = &ui.Pill{Text: countText(im.BadAll, "bad line", "bad lines"), Tone: ui.ToneWarn}
			var lines []string
			for j, b := range im.Bad {
				if j == 10 {
					lines = append(lines, "…")
					break
				}
				lines = append(lines, fmt.Sprintf("Line %d: %s. %s", b.Line, b.Reason, b.Text))
			}
			row.Text = strings.Join(lines, "\n")
		}
		card.Rows.Items = append(card.Rows.Items, row)
	}
	return card.orEmpty("No list yet", "Export who came from the platform that the event took place on, and import the file."), nil
}

func (p *eventPages) importCard(e *event.Event) boardCard {
	return boardCard{Head: ui.CardHead{Title: "Import who came"}, Form: &ui.Form{Post: eventHref(e.ID) + "/import", Upload: true, Fields: []ui.Field{
		{Name: "list", Label: "Attendance list", Type: "file", Required: true, Help: "A CSV file as Zoom, Teams, Meet, Luma and others export it. The columns are found by their names: an e-mail address, and if there are any, name, times, and whether they came.", MaxBytes: maxAttendance, TooLarge: "The list has more than 50 MB.", Prefix: "import-"},
		{Name: "rest", Label: "Who registered and is not on it did not come", Type: "checkbox", Checked: true, Prefix: "import-"},
	}, Actions: []ui.Action{{Label: "Import", Submit: true}}}}
}

func (p *eventPages) writeCard(e *event.Event) boardCard {
	to := []ui.Option{{Value: string(event.Registered), Label: "Who registered"}, {Value: string(event.Attended), Label: "Who came"}, {Value: string(event.Missed), Label: "Who registered and did not come"}}
	value := string(event.Registered)
	if p.cfg.Now().After(e.End) {
		value = string(event.Attended)
	}
	return boardCard{Head: ui.CardHead{Title: "Write to them"}, Text: "Members only, and only those who want it: the outbox decides.", Form: &ui.Form{Post: eventHref(e.ID) + "/write", Fields: []ui.Field{
		{Name: "to", Label: "To", Type: "select", Options: to, Value: value, Prefix: "write-"},
		{Name: "subject", Label: "Subject", Required: true, Prefix: "write-"},
		{Name: "text", Label: "Text", Type: "textarea", Required: true, Help: "{name} becomes their first name.", Prefix: "write-"},
		{Name: "now", Label: "Send without a second look", Type: "checkbox", Help: "Otherwise drafts wait in the outbox.", Prefix: "write-"},
	}, Actions: []ui.Action{{Label: "Write", Submit: true}}}}
}

// localForm is how a browser's field for a time writes it.
const localForm = "2006-01-02T15:04"

func (p *eventPages) edit(w http.ResponseWriter, r *http.Request) error {
	if r.PathValue("id") == "" {
		start := p.cfg.Now().In(p.cfg.Zones.Zone()).AddDate(0, 0, 14).Truncate(24 * time.Hour)
		start = time.Date(start.Year(), start.Month(), start.Day(), 17, 0, 0, 0, p.cfg.Zones.Zone())
		return p.form(w, r, nil, &event.Draft{Kind: event.Webinar, Start: start, End: start.Add(time.Hour), Zone: p.cfg.Zones.Zone().String(), Owner: person(r).Seed}, "")
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	e, err := p.cfg.Events.Get(r.Context(), id)
	if err != nil {
		return err
	}
	d := event.Draft{Title: e.Title, Text: e.Text, Kind: e.Kind, Start: e.Start, End: e.End, Zone: e.Zone, Place: e.Place, Link: e.Link, Capacity: e.Capacity, Owner: e.Owner, Program: e.Program, Speakers: e.Speakers}
	return p.form(w, r, &e, &d, "")
}

func (p *eventPages) form(w http.ResponseWriter, r *http.Request, e *event.Event, d *event.Draft, problem string) error {
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		zone = time.UTC
	}
	local := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format(localForm)
	}
	var kinds []ui.Option
	for _, k := range event.Kinds() {
		kinds = append(kinds, ui.Option{Value: string(k), Label: title(string(k))})
	}
	post, cancel, name := "/events/new", "/events", "New event"
	back := &ui.Action{Label: "Events", Href: cancel}
	if e != nil {
		post, cancel, name = eventHref(e.ID)+"/edit", eventHref(e.ID), "Edit "+e.Title
		back = &ui.Action{Label: e.Title, Href: cancel}
	}
	var speakers []string
	for _, s := range d.Speakers {
		speakers = append(speakers, strings.TrimSuffix(idText(s.MemberID)+" "+s.Member+" | "+s.Talk, " | "))
	}
	capacity := ""
	if d.Capacity > 0 {
		capacity = idText(d.Capacity)
	}
	body := boardBody{Head: ui.Head{Title: name, Subtitle: "It is planned until you announce it", Back: back}}
	programs := []ui.Option{{Label: "None"}}
	if p.cfg.Programs != nil {
		all, err := p.cfg.Programs.List(r.Context(), false)
		if err != nil {
			return err
		}
		for i := range all {
			programs = append(programs, ui.Option{Value: all[i].Key, Label: all[i].Name})
		}
	}
	body.Main = []boardCard{{Head: ui.CardHead{Title: "The event"}, Form: &ui.Form{Post: post, Error: problem, Fields: []ui.Field{
		{Name: "title", Label: "Title", Value: d.Title, Required: true},
		{Name: "kind", Label: "Kind", Type: "select", Options: kinds, Value: string(d.Kind)},
		{Name: "start", Label: "Begins", Type: "datetime-local", Value: local(d.Start), Required: true},
		{Name: "end", Label: "Ends", Type: "datetime-local", Value: local(d.End), Required: true},
		{Name: "zone", Label: "Time zone", Value: d.Zone, Required: true, Zones: true, Help: "In which these times are meant, such as Europe/Berlin."},
		{Name: "place", Label: "Place", Value: d.Place},
		{Name: "link", Label: "Link", Type: "url", Value: d.Link, Placeholder: "https://"},
		{Name: "text", Label: "Text", Type: "textarea", Value: d.Text},
		{Name: "speakers", Label: "Speakers", Type: "textarea", Value: strings.Join(speakers, "\n"), Help: "A line each: a member's number, and behind a bar their talk, such as 42 | Locks."},
	}, More: []ui.Field{
		{Name: "capacity", Label: "Places", Type: "number", Value: capacity, Help: "Empty for any number."}, {Name: "owner", Label: "Owner", Value: d.Owner}, {Name: "program", Label: "Program", Type: "select", Options: programs, Value: d.Program},
	}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}, {Label: "Cancel", Href: cancel}}}}}
	return p.draw(w, r, body)
}

func (p *eventPages) save(w http.ResponseWriter, r *http.Request) error {
	d, err := eventDraft(r)
	var e event.Event
	var have *event.Event
	if r.PathValue("id") != "" {
		id, perr := pathID(r)
		if perr != nil {
			return perr
		}
		if e, perr = p.cfg.Events.Get(r.Context(), id); perr != nil {
			return perr
		}
		have = &e
	}
	switch {
	case err != nil:
	case have == nil:
		e, err = p.cfg.Events.Add(r.Context(), d, person(r).Actor)
	default:
		e, err = p.cfg.Events.Edit(r.Context(), e.ID, d, person(r).Actor)
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.form(w, r, have, &d, sentence(greenroom.ErrorMessage(err)))
	}
	return p.back(w, r, eventHref(e.ID), "Saved.", "")
}

// eventDraft reads the form of an event.
func eventDraft(r *http.Request) (event.Draft, error) {
	d := event.Draft{Title: r.FormValue("title"), Text: r.FormValue("text"), Kind: event.Kind(r.FormValue("kind")), Zone: strings.TrimSpace(r.FormValue("zone")), Place: r.FormValue("place"), Link: r.FormValue("link"), Owner: r.FormValue("owner"), Program: r.FormValue("program")}
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		return d, greenroom.Errorf(greenroom.CodeInvalid, "%q is no time zone; expected a name such as Europe/Berlin", d.Zone)
	}
	for _, x := range []struct {
		name, label string
		into        *time.Time
	}{{"start", "begins", &d.Start}, {"end", "ends", &d.End}} {
		if *x.into, err = time.ParseInLocation(localForm, r.FormValue(x.name), zone); err != nil {
			return d, greenroom.FieldErrorf(x.name, "say when the event %s, as 2026-01-31T17:00, not %q", x.label, r.FormValue(x.name))
		}
	}
	places, err := wholeNumber(r.FormValue("capacity"), "capacity", "Places")
	if err != nil {
		return d, err
	}
	d.Capacity = int64(places)
	for line := range strings.Lines(r.FormValue("speakers")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		who, talk, _ := strings.Cut(line, "|")
		number, _, _ := strings.Cut(strings.TrimSpace(who), " ")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return d, greenroom.Errorf(greenroom.CodeInvalid, "speakers: %q does not begin with a member's number; expected a line such as 42 | Locks", line)
		}
		d.Speakers = append(d.Speakers, event.Speaker{MemberID: id, Talk: strings.TrimSpace(talk)})
	}
	return d, nil
}
