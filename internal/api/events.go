// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"greenroom/internal/auth"
	"greenroom/internal/event"
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

// EventWork is what follows an event.
type EventWork interface {
	Figures(ctx context.Context, id int64) (event.Figures, error)
	FollowUp(ctx context.Context, id int64, by string) (added int, err error)
	Write(ctx context.Context, id int64, n event.Note, by string) (event.Sent, error)
}

// Schedule is the content schedule and the calendar.
type Schedule interface {
	Contents(ctx context.Context, f event.ContentFilter) ([]event.Content, error)
	Content(ctx context.Context, id int64) (event.Content, error)
	AddContent(ctx context.Context, p event.Piece, by string) (event.Content, error)
	EditContent(ctx context.Context, id int64, p event.Piece, by string) (event.Content, error)
	MoveContent(ctx context.Context, id int64, to event.Status, by string) (event.Content, error)
	Entries(ctx context.Context, from, to time.Time) ([]event.Entry, error)
}

// EventAttendanceList is a list of who came.
type EventAttendanceList struct {
	File string `json:"file,omitempty" doc:"What the list is called."`
	CSV  string `json:"csv" doc:"The list, as the platform exported it."`
	Keep bool   `json:"keep_registered,omitempty" doc:"Who registered and is not on the list stays registered; otherwise they did not come."`
}

// EventPresenceChange says whether somebody comes.
type EventPresenceChange struct {
	State event.Presence `json:"state" doc:"attended, missed or canceled."`
}

// EventTasks says how many tasks there are now.
type EventTasks struct {
	Added int `json:"added" doc:"How many are new."`
}

// ContentStatus says how far content is.
type ContentStatus struct {
	Status event.Status `json:"status" doc:"One on, or back to where it is worked on."`
}

func (a *api) eventOps() []op {
	if a.Events == nil {
		return nil
	}
	x := exampleEvent()
	draft := event.Draft{Title: x.Title, Kind: x.Kind, State: x.State, Start: x.Start, End: x.End, Zone: x.Zone, Link: x.Link}
	person := event.Registration{ID: 7, EventID: 3, MemberID: 42, Member: "Ana Torres", Address: "ana@acme.example", State: event.Attended, Origin: "team", At: exampleTime(2), Came: x.Start}
	list := event.Import{ID: 1, EventID: 3, File: "attendance.csv", At: exampleTime(21), By: "ben@acme.example", Lines: 31, People: 30, Came: 24, Fresh: 5, Bad: []event.BadLine{{Line: 12, Reason: `"n/a" is no mail address`, Text: "Kim,n/a,Yes"}}, BadAll: 1}
	share, talk, fresh := 0.8, int64(12), int64(5)
	figures := event.Figures{Counts: x.Counts, Share: &share, New: 3, Talk: &talk, TalkQuery: `"Office hours"`, SignUps: &fresh, SignQuery: "first_active:2026-11-20..2026-12-04", Days: 14}
	at := func(path, id, summary, text string) op {
		return op{path: "/events/{id}" + path, id: id, tag: "Events", params: []param{idParam("The event's id.")}, summary: summary, text: text}
	}
	edit := posted(at("", "changeEvent", "Change an event", "To what the body says. Calendars that follow hear of it."), draft, "What the event is.", x, func(c *call, d event.Draft) (event.Event, error) { return a.Events.Edit(c.ctx(), c.id(), d, c.by()) })
	edit.method = http.MethodPut
	follow := single(at("/follow-up", "followUpEvent", "Make the tasks that follow", "For the owner; making them again changes nothing."), EventTasks{Added: 6}, func(c *call) (EventTasks, error) {
		n, err := a.Events.FollowUp(c.ctx(), c.id(), c.by())
		return EventTasks{Added: n}, err
	})
	follow.method, follow.need = http.MethodPost, auth.Write
	attendance := posted(at("/attendance", "importAttendance", "Import who came", "A CSV text as platforms export it: the columns are found by their names, lines that cannot be read are counted and given back, and who came counts as activity of the source Events."), EventAttendanceList{File: "attendance.csv", CSV: "Name,Email,Join time\nAna,ana@acme.example,2026-11-20 17:01\n"}, "The list.", list,
		func(c *call, in EventAttendanceList) (event.Import, error) {
			return a.Events.Import(c.ctx(), c.id(), in.File, strings.NewReader(in.CSV), !in.Keep, c.by())
		})
	attendance.timeout = actionTimeout
	days := []param{{name: "from", form: formText, text: "A day: nothing that is over before.", example: "2026-11-01"}, {name: "to", form: formText, text: "A day: nothing that begins then or later.", example: "2026-12-01"}}
	return append([]op{
		listed(op{path: "/events", id: "listEvents", tag: "Events", summary: "List events", text: "By when they begin.", params: days}, x, func(c *call) ([]event.Event, error) {
			from, to, err := a.days(c)
			if err != nil {
				return nil, err
			}
			return a.Events.List(c.ctx(), event.Filter{From: from, To: to, Limit: 1000})
		}),
		posted(op{path: "/events", id: "createEvent", tag: "Events", summary: "Plan an event", text: "It is planned until its state says that it is announced.", status: http.StatusCreated, repeatable: true}, draft, "What the event is.", x, func(c *call, d event.Draft) (event.Event, error) { return a.Events.Add(c.ctx(), d, c.by()) }),
		single(at("", "getEvent", "An event", "With how many people register and come."), x, func(c *call) (event.Event, error) { return a.Events.Get(c.ctx(), c.id()) }),
		edit,
		single(at("/figures", "getEventFigures", "What an event got", "Reach, conversation and new members, each with the query that lists what was counted."), figures, func(c *call) (event.Figures, error) { return a.Events.Figures(c.ctx(), c.id()) }),
		listed(at("/registrations", "listRegistrations", "Who registers and comes", "In the order in which they registered, at most 10,000."), person, func(c *call) ([]event.Registration, error) {
			return a.Events.People(c.ctx(), event.PeopleFilter{Event: c.id(), Limit: 10_000})
		}),
		posted(at("/registrations", "registerForEvent", "Register somebody", "A member, or somebody by their address; where there is no room, they wait. Who is registered stays so."), event.Person{MemberID: 42}, "Who.", person, func(c *call, in event.Person) (event.Registration, error) {
			return a.Events.Register(c.ctx(), c.id(), in)
		}),
		posted(op{path: "/registrations/{id}", id: "changeRegistration", tag: "Events", params: []param{idParam("The registration's id.")}, summary: "Say whether somebody comes", text: "A place that becomes free goes to who waits longest."}, EventPresenceChange{State: event.Attended}, "Whether they come.", person, func(c *call, in EventPresenceChange) (event.Registration, error) {
			switch in.State {
			case event.Gone:
				return a.Events.Cancel(c.ctx(), c.id(), c.by())
			case event.Attended, event.Missed:
				return a.Events.Attend(c.ctx(), c.id(), in.State == event.Attended, c.by())
			case event.Registered, event.Waiting:
			}
			return event.Registration{}, wrong("state", "%q cannot be said; expected attended, missed or canceled", in.State)
		}),
		attendance,
		listed(at("/attendance", "listAttendanceLists", "Attendance lists", "That were read for the event, the newest first, with the lines that could not be read."), list, func(c *call) ([]event.Import, error) { return a.Events.Imports(c.ctx(), c.id()) }),
		follow,
		posted(at("/messages", "writeToEvent", "Write to people of an event", "A mail to each member, through the outbox: as drafts that wait for approval unless `now` is set. {name} becomes their first name."), event.Note{To: []event.Presence{event.Missed}, Subject: "We missed you", Text: "Hi {name}, here is the recording."}, "To whom, and what.", event.Sent{Queued: 6, Drafts: true}, func(c *call, in event.Note) (event.Sent, error) {
			return a.Events.Write(c.ctx(), c.id(), in, c.by())
		}),
		listed(op{path: "/calendar", id: "listCalendar", tag: "Events", summary: "The calendar", text: "Events, content, dates of programs, and what calendars of others hold, in order.", params: days}, event.Entry{UID: "event-3@greenroom", Kind: "event", Title: x.Title, From: x.Start, To: x.End, Path: "/events/3", State: "announced"}, func(c *call) ([]event.Entry, error) {
			from, to, err := a.days(c)
			if err != nil {
				return nil, err
			}
			if from.IsZero() {
				from = a.Now()
			}
			if to.IsZero() {
				to = from.AddDate(0, 1, 0)
			}
			return a.Events.Entries(c.ctx(), from, to)
		}),
	}, a.contentOps()...)
}

// days reads the days from and to; the zero time where they are left out.
func (a *api) days(c *call) (from, to time.Time, err error) {
	for name, at := range map[string]*time.Time{"from": &from, "to": &to} {
		if text := c.text(name); text != "" {
			if *at, err = time.ParseInLocation(time.DateOnly, text, a.Now().Location()); err != nil {
				return from, to, wrong(name, "%s is a day such as 2026-11-01, not %q", name, text)
			}
		}
	}
	return from, to, nil
}

func (a *api) contentOps() []op {
	x := event.Content{ID: 5, Title: "How keys rotate", Channel: "Blog", Status: event.Drafted, Owner: "ben@acme.example", At: exampleTime(24), CreatedBy: "ben@acme.example", CreatedAt: exampleTime(2), ChangedAt: exampleTime(3)}
	piece := event.Piece{Title: x.Title, Channel: x.Channel, Owner: x.Owner, At: x.At}
	at := func(path, id, summary, text string) op {
		return op{path: "/content/{id}" + path, id: id, tag: "Events", params: []param{idParam("The content's id.")}, summary: summary, text: text}
	}
	edit := posted(at("", "changeContent", "Change content", "To what the body says; its status stays."), piece, "What it is.", x, func(c *call, p event.Piece) (event.Content, error) {
		return a.Events.EditContent(c.ctx(), c.id(), p, c.by())
	})
	edit.method = http.MethodPut
	return []op{
		listed(op{path: "/content", id: "listContent", tag: "Events", summary: "List content", text: "By when it is to be published; what has no time last.", params: []param{{name: "status", form: formText, choices: words(event.Statuses()), text: "Only of one status."}, {name: "owner", form: formText, text: "Only of one person, by mail address.", example: "ben@acme.example"}, {name: "channel", form: formText, text: "Only for one channel.", example: "Blog"}}}, x, func(c *call) ([]event.Content, error) {
			f := event.ContentFilter{Owner: c.text("owner"), Channel: c.text("channel")}
			if s := c.text("status"); s != "" {
				f.Statuses = []event.Status{event.Status(s)}
			}
			return a.Events.Contents(c.ctx(), f)
		}),
		posted(op{path: "/content", id: "createContent", tag: "Events", summary: "Note an idea", text: "Content begins as an idea.", status: http.StatusCreated, repeatable: true}, piece, "What it is.", x, func(c *call, p event.Piece) (event.Content, error) {
			return a.Events.AddContent(c.ctx(), p, c.by())
		}),
		single(at("", "getContent", "A piece of content", "What it is, and how far."), x, func(c *call) (event.Content, error) { return a.Events.Content(c.ctx(), c.id()) }),
		edit,
		posted(at("/move", "moveContent", "Say how far content is", "idea, draft, review, scheduled, published: one on, or back. What is scheduled needs a time; what was published stays so."), ContentStatus{Status: event.InReview}, "The status.", x, func(c *call, in ContentStatus) (event.Content, error) {
			return a.Events.MoveContent(c.ctx(), c.id(), in.Status, c.by())
		}),
	}
}

func exampleEvent() event.Event {
	return event.Event{ID: 3, Title: "Office hours", Kind: event.Call, State: event.Announced, Start: exampleTime(20), End: exampleTime(20).Add(time.Hour), Zone: "Europe/Berlin", Link: "https://acme.example/hours", Owner: "ben@acme.example", CreatedBy: "ben@acme.example", CreatedAt: exampleTime(1), ChangedAt: exampleTime(1), Counts: event.Counts{Attended: 24, Missed: 6, Members: 22}}
}

// eventTypeName names the components that are made of types of package event.
func eventTypeName(t reflect.Type) (string, bool) {
	const path = "internal/event"
	named := func(name string) string {
		if strings.HasPrefix(name, "Event") || strings.HasPrefix(name, "Content") {
			return name
		}
		return "Event" + name
	}
	if strings.HasSuffix(t.PkgPath(), path) {
		return named(t.Name()), true
	}
	if outer, inner, ok := strings.Cut(t.Name(), "["); ok && strings.Contains(inner, path+".") {
		inner = strings.TrimSuffix(inner, "]")
		if inner = named(inner[strings.LastIndexByte(inner, '.')+1:]); inner == "Event" {
			inner = "PlannedEvent" // segments have events too
		}
		return inner + outer, true
	}
	return "", false
}

func eventEnums(all map[reflect.Type][]string) {
	enum(all, event.Kinds()...)
	enum(all, event.States()...)
	enum(all, event.Presences()...)
	enum(all, event.Statuses()...)
}

// eventDocs says what the components of events are.
func eventDocs() map[string]string {
	return map[string]string{
		"Event": "Something that takes place, and that people come to.", "EventDraft": "An event that is to be made, or to be changed to this.", "EventSpeaker": "A member who speaks.", "EventCounts": "How many people an event has in each state.", "EventRegistration": "Somebody means to come, came, or did not.",
		"EventPerson": "Somebody who registers.", "EventImport": "An attendance list that was read.", "EventBadLine": "A line that cannot be read.", "EventFigures": "What an event got.", "EventNote": "A message to people of an event.", "EventSent": "What became of a message to many.", "EventEntry": "One thing in the calendar.",
		"EventAttendanceList": "A list of who came.", "EventPresenceChange": "Whether somebody comes.", "EventTasks": "Tasks that follow an event.", "Content": "Something that is to be published.", "EventPiece": "What people say about content.", "ContentStatus": "How far content is.",
	}
}

// describeEvent says what a field of a component of events is; "" for others.
func describeEvent(owner, name string) string {
	if !strings.HasPrefix(owner, "Event") && !strings.HasPrefix(owner, "Content") {
		return ""
	}
	special := map[string]string{"Content.at": "When it is to be published.", "EventPiece.at": "When it is to be published.", "EventFigures.new": "Who came and had not been seen before.", "EventRegistration.new": "Had not been seen in the community before.", "EventNote.to": "Whom it is for, by their states.", "EventEntry.to": "The first moment after it.", "EventEntry.kind": "event, content, program or outside."}
	if doc, ok := special[owner+"."+name]; ok {
		return doc
	}
	return map[string]string{
		"id": "Its number.", "title": "What it is called.", "text": "A text, in Markdown.", "kind": "What sort of event it is.", "state": "How far it is, or whether somebody comes.", "start": "When it begins.", "end": "When it ends; an hour later where it is left out.", "zone": "The time zone in which its times are told; the team's where it is left out.",
		"place": "Where it takes place.", "link": "Where it is online, or its page.", "capacity": "How many can come; left out for any number.", "owner": "The mail address of who looks after it.", "program": "The key of the program that it belongs to.", "speakers": "Who speaks.", "sequence": "Grows with each change that calendars hear of.",
		"created_by": "Who made it.", "created_at": "When it was made.", "changed_at": "When it was changed last.", "counts": "How many people it has.", "member_id": "The member; left out where it is not known who this is.", "member": "The member's name.", "talk": "What they speak about; of figures, activities that name the event.",
		"registered": "Who mean to come.", "waiting": "Who would, if there were room.", "attended": "Who came.", "missed": "Who registered and did not come.", "canceled": "Who canceled.", "members": "Of those who came, known members.", "event_id": "The event.", "name": "The name, as it was told.", "address": "The mail address.",
		"origin": "page, team or import.", "at": "When.", "came": "When they came; of a list, how many did.", "went": "When they left.", "file": "What the list is called.", "by": "Who did it.", "lines": "Below the header.", "people": "On the list, each once.", "fresh": "Who had not registered.", "bad": "The first lines that cannot be read.",
		"bad_all": "How many there are.", "line": "Its number.", "reason": "What is wrong.", "share": "Of those who registered or came: who came; null where nobody did, or it is to come.", "talk_query": "Over activities: what was counted as conversation.", "sign_ups": "Members first seen in the days after it; null while it is to come.",
		"sign_up_query": "Over members: who was counted.", "days": "How many days after the event are looked at.", "still_to_run": "These days are not over.", "subject": "The subject.", "now": "Sent without approval.", "queued": "How many messages there are.", "drafts": "They wait for approval.", "unknown": "Who is no member, or without an address.",
		"uid": "Stable, and unique over all calendars.", "from": "When it begins.", "to": "When it ends.", "all_day": "It is a day, not a time.", "path": "Where it is in Greenroom.", "calendar": "Of an entry of others: which calendar.", "channel": "Where it is to appear.", "status": "How far it is.", "published_at": "When it was published.",
	}[name]
}
