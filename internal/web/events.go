// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/event"
	"greenroom/internal/web/ui"
)

// Events are events, who comes to them, and the content schedule; event.Service keeps them.
type Events interface {
	List(ctx context.Context, f event.Filter) ([]event.Event, error)
	Get(ctx context.Context, id int64) (event.Event, error)
	Add(ctx context.Context, d event.Draft, by string) (event.Event, error)
	Edit(ctx context.Context, id int64, d event.Draft, by string) (event.Event, error)
	EventPeople
	EventWork
	Schedule
}

// EventPeople are those who come to events.
type EventPeople interface {
	People(ctx context.Context, f event.PeopleFilter) ([]event.Registration, error)
	Register(ctx context.Context, id int64, p event.Person) (event.Registration, error)
	Cancel(ctx context.Context, registration int64, by string) (event.Registration, error)
	Attend(ctx context.Context, registration int64, came bool, by string) (event.Registration, error)
	Import(ctx context.Context, id int64, file string, list io.Reader, rest bool, by string) (event.Import, error)
	Imports(ctx context.Context, id int64) ([]event.Import, error)
}

// EventWork is what is done with an event before and after it, and what others held.
type EventWork interface {
	SetState(ctx context.Context, id int64, state event.State, by string) (event.Event, error)
	FromSources(ctx context.Context, limit int) ([]event.Imported, error)
	Figures(ctx context.Context, id int64) (event.Figures, error)
	FollowUp(ctx context.Context, id int64, by string) (added int, err error)
	Write(ctx context.Context, id int64, n event.Note, by string) (event.Sent, error)
}

type eventPages struct {
	boardPages
	members *memberPage
	month   *ui.View[monthBody]
}

func (s *Site) addEvents() error {
	if s.cfg.Events == nil {
		return nil
	}
	boards, err := s.boards()
	if err != nil {
		return err
	}
	month, err := ui.Parse[monthBody](s.kit, templates, "templates/month.html")
	if err != nil {
		return err
	}
	p := &eventPages{boardPages: boards, members: &memberPage{Site: s}, month: month}
	s.handle("GET /events", p.list)
	s.change("GET /events/new", mayWrite, p.edit)
	s.change("POST /events/new", mayWrite, p.save)
	s.handle("GET /events/{id}", p.show)
	s.change("GET /events/{id}/edit", mayWrite, p.edit)
	s.change("POST /events/{id}/edit", mayWrite, p.save)
	for what, do := range map[string]func(http.ResponseWriter, *http.Request) error{"state": p.state, "register": p.register, "attend": p.attend, "import": p.importList, "follow": p.follow, "write": p.write} {
		s.change("POST /events/{id}/"+what, mayWrite, do)
	}
	s.handle("GET /calendar", p.calendar)
	s.handle("GET /calendar/list", p.agenda)
	s.handle("GET /calendar/content", p.schedule)
	s.change("GET /calendar/content/new", mayWrite, p.editContent)
	s.change("POST /calendar/content/new", mayWrite, p.saveContent)
	s.handle("GET /calendar/content/{id}", p.content)
	s.change("GET /calendar/content/{id}/edit", mayWrite, p.editContent)
	s.change("POST /calendar/content/{id}/edit", mayWrite, p.saveContent)
	s.change("POST /calendar/content/{id}/move", mayWrite, p.moveContent)
	s.handle("GET /calendar/share", p.share)
	s.change("POST /calendar/share/renew", mayAdminister, p.renew)
	s.change("POST /calendar/share/add", mayWrite, p.addOutside)
	s.change("POST /calendar/share/{id}/remove", mayWrite, p.removeOutside)
	return nil
}

func eventHref(id int64) string { return "/events/" + idText(id) }

func eventPill(e *event.Event, now time.Time) ui.Pill {
	switch {
	case e.State == event.Canceled:
		return ui.Pill{Text: "canceled", Tone: ui.ToneBad}
	case e.State == event.Planned:
		return ui.Pill{Text: "planned", Tone: ui.ToneWarn}
	case now.After(e.End):
		return ui.Pill{Text: "over"}
	}
	return ui.Pill{Text: "announced", Tone: ui.ToneGood}
}

// whenText tells when an event is, in the zone that it names.
func whenText(e *event.Event) string {
	zone, err := time.LoadLocation(e.Zone)
	if err != nil {
		zone = time.UTC
	}
	from, to := e.Start.In(zone), e.End.In(zone)
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		return from.Format("Mon 2 January 2006, 15:04") + "–" + to.Format("15:04") + " " + from.Format("MST")
	}
	return from.Format("Mon 2 January 2006, 15:04") + " to " + to.Format("Mon 2 January, 15:04") + " " + from.Format("MST")
}

func (p *eventPages) list(w http.ResponseWriter, r *http.Request) error {
	now := p.cfg.Now()
	ahead, err := p.cfg.Events.List(r.Context(), event.Filter{From: now})
	if err != nil {
		return err
	}
	past, err := p.cfg.Events.List(r.Context(), event.Filter{To: now, Newest: true, Limit: shownPeople})
	if err != nil {
		return err
	}
	past = slices.DeleteFunc(past, func(e event.Event) bool { return e.End.After(now) })
	body := boardBody{Head: ui.Head{Title: "Events", Subtitle: "What takes place, who comes, and what it brings", Find: true}}
	add := ui.Action{Label: "New event", Href: "/events/new", Style: ui.StylePrimary}
	if person(r).MayWrite {
		body.Head.Actions = []ui.Action{add}
	}
	if len(ahead)+len(past) == 0 {
		body.Empty = &ui.Empty{Title: "No events yet", Text: "Plan a webinar, a meetup or a call: people register, you import who came, and it counts like everything else that members do. Events of Luma, Meetup and calendars come in as sources."}
		if person(r).MayWrite {
			body.Empty.Actions = []ui.Action{add, {Label: "Connect a source", Href: "/start?q=event"}}
		}
	}
	if len(ahead) > 0 {
		body.Main = append(body.Main, boardCard{Head: ui.CardHead{Title: "To come"}, Table: p.table(ahead, "Events to come", false)})
	}
	if len(past) > 0 {
		body.Main = append(body.Main, boardCard{Head: ui.CardHead{Title: "Over"}, Table: p.table(past, "Events that are over", true)})
	}
	told, err := p.cfg.Events.FromSources(r.Context(), 50)
	if err != nil {
		return err
	}
	if len(told) > 0 {
		body.Main = append(body.Main, importedCard(told))
	}
	return p.draw(w, r, body)
}

func (p *eventPages) table(all []event.Event, caption string, over bool) *ui.Table {
	t := &ui.Table{Caption: caption, Columns: []ui.Column{{Label: "Event"}, {Label: "When"}, {Label: "Where"}, {Label: "Registered", Number: true}, {Label: "Owner"}}}
	if over {
		t.Columns[3] = ui.Column{Label: "Came", Number: true}
	}
	for i := range all {
		e := &all[i]
		people := ui.Cell{Text: ui.Number(int(e.Counts.Registered)), Href: eventHref(e.ID) + "?state=registered#people"}
		if e.Capacity > 0 {
			people.Sub = "of " + ui.Number(int(e.Capacity))
		}
		if over {
			people = ui.Cell{Text: ui.Number(int(e.Counts.Attended)), Href: eventHref(e.ID) + "?state=attended#people", Sub: countText(e.Counts.Missed, "no-show", "no-shows")}
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(e.ID), Cells: []ui.Cell{
			{Text: e.Title, Href: eventHref(e.ID), Pills: []ui.Pill{eventPill(e, p.cfg.Now()), {Text: string(e.Kind)}}}, {Text: whenText(e)}, {Text: excerpt(e.Location(), 60)}, people, {Text: e.Owner},
		}})
	}
	return t
}

// importedCard lists events that sources told.
func importedCard(told []event.Imported) boardCard {
	t := &ui.Table{Caption: "Events from sources", Columns: []ui.Column{{Label: "Event"}, {Label: "Source"}, {Label: "Told"}, {Label: "Came", Number: true}}}
	for i := range told {
		x := &told[i]
		title := ui.Cell{Text: excerpt(firstText(x.Title, "Event"), 120), Href: "/activities/" + idText(x.ActivityID)}
		if x.Conversation > 0 {
			title.Href = "/conversations/" + idText(x.Conversation)
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{title, {Text: x.Source, Href: "/sources/" + x.Source}, {Time: x.At}, {Text: ui.Number(int(x.Attended)), Href: title.Href}}})
	}
	return boardCard{Head: ui.CardHead{Title: "From sources"}, Table: t, Note: "As Luma, Meetup and calendars tell them. They are changed there."}
}

func (p *eventPages) state(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	e, err := p.cfg.Events.SetState(r.Context(), id, event.State(r.FormValue("state")), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, eventHref(id), e.Title+" is "+string(e.State)+".", "")
}

func (p *eventPages) register(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	who := event.Person{Name: r.FormValue("name"), Address: r.FormValue("address")}
	if text := strings.TrimSpace(r.FormValue("member")); text != "" {
		if who.MemberID, err = strconv.ParseInt(text, 10, 64); err != nil {
			m, err := p.members.findOne(r, text, 0)
			if err != nil {
				return err
			}
			who.MemberID = m.ID
		}
		who.Address, who.Name = "", ""
	}
	reg, err := p.cfg.Events.Register(r.Context(), id, who)
	if err != nil {
		return err
	}
	return p.back(w, r, eventHref(id)+"#people", reg.Called()+": "+string(reg.State)+".", "")
}

func (p *eventPages) attend(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	reg, err := strconv.ParseInt(r.FormValue("registration"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "say whose registration it is")
	}
	var done event.Registration
	switch r.FormValue("to") {
	case string(event.Gone):
		done, err = p.cfg.Events.Cancel(r.Context(), reg, person(r).Actor)
	default:
		done, err = p.cfg.Events.Attend(r.Context(), reg, r.FormValue("to") == string(event.Attended), person(r).Actor)
	}
	if err != nil {
		return err
	}
	return p.back(w, r, eventHref(id)+"#people", done.Called()+": "+string(done.State)+".", "")
}

// maxAttendance is the largest attendance list that a browser may send.
const maxAttendance = 50 << 20

func (p *eventPages) importList(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxAttendance+maxWaste)
	file, head, err := r.FormFile("list")
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "choose the list that your event platform exported, of at most 50 MB", Err: err}
	}
	defer file.Close() //nolint:errcheck // it was read only
	im, err := p.cfg.Events.Import(r.Context(), id, head.Filename, file, r.FormValue("rest") != "", person(r).Actor)
	if err != nil {
		return err
	}
	text := countText(im.Came, "person", "people") + " came, " + ui.Number(int(im.Fresh)) + " of them without registering."
	if im.BadAll > 0 {
		text += " " + countText(im.BadAll, "line", "lines") + " could not be read; they are shown below."
	}
	return p.back(w, r, eventHref(id)+"#lists", text, "")
}

func (p *eventPages) follow(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	n, err := p.cfg.Events.FollowUp(r.Context(), id, person(r).Actor)
	if err != nil {
		return err
	}
	if n == 0 {
		return p.back(w, r, eventHref(id), "The tasks were made already.", "")
	}
	return p.back(w, r, eventHref(id), countText(int64(n), "task was", "tasks were")+" made.", "")
}

func (p *eventPages) write(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	sent, err := p.cfg.Events.Write(r.Context(), id, event.Note{To: []event.Presence{event.Presence(r.FormValue("to"))}, Subject: r.FormValue("subject"), Text: r.FormValue("text"), Now: r.FormValue("now") != ""}, person(r).Actor)
	if err != nil {
		return err
	}
	what := countText(int64(sent.Queued), "message goes", "messages go") + " out"
	if sent.Drafts {
		what = countText(int64(sent.Queued), "draft waits", "drafts wait") + " in the outbox"
	}
	if sent.Unknown > 0 {
		what += "; " + countText(int64(sent.Unknown), "person is", "people are") + " no known member, or without an address"
	}
	return p.back(w, r, eventHref(id), what+".", "")
}
