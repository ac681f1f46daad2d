// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"context"
	"fmt"
	"net/http"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/event"
	"greenroom/internal/outbox"
)

// Where events are.
const (
	EventsPath = "/c/events"
	EventPath  = "/c/event/"
)

// KindRegistration is the link of a registration.
const KindRegistration Kind = "registration"

// registrationLife is how long the link of a registration opens.
const registrationLife = 365 * 24 * time.Hour

// Events keeps events; event.Service does.
type Events interface {
	List(ctx context.Context, f event.Filter) ([]event.Event, error)
	Get(ctx context.Context, id int64) (event.Event, error)
	Register(ctx context.Context, id int64, p event.Person) (event.Registration, error)
	Cancel(ctx context.Context, registration int64, by string) (event.Registration, error)
	People(ctx context.Context, f event.PeopleFilter) ([]event.Registration, error)
}

// Event is the link by which a member registers for an event, or takes that back.
func (l *Links) Event(ctx context.Context, id, member int64) (string, error) {
	return l.Make(ctx, KindEvent, EventPath+strconv.FormatInt(id, 10), Claim{Member: member, Ref: id}, registrationLife)
}

// eventsBody is what events.html shows.
type eventsBody struct{ Events []eventView }

type eventView struct {
	Href, Title, When, Where, Link string
	Text                           []string // paragraphs
	Speakers                       []string
	Full                           bool
}

// eventBody is what event.html shows.
type eventBody struct {
	eventView

	ID            int64
	Token         string
	Person        string // who looks; "" = nobody is known to
	Canceled      bool
	Over          bool
	Registered    bool // who looks is
	Waiting       bool // they would come if there were room
	Named         bool // who registers says who they are
	ByMember      bool // the link is a member's, and not a registration's
	Name, Address string
	Said, Problem string
}

type eventPages struct {
	*Site
	list *view[eventsBody]
	one  *view[eventBody]
}

func (s *Site) addEvents() error {
	if s.cfg.Events == nil {
		return nil
	}
	list, err := parse[eventsBody]("events")
	if err != nil {
		return err
	}
	one, err := parse[eventBody]("event")
	if err != nil {
		return err
	}
	p := &eventPages{s, list, one}
	s.handle("GET "+EventsPath, p.upcoming)
	s.handle("GET "+EventPath+"{id}", p.show)
	s.handle("POST "+EventPath+"{id}/register", p.register)
	s.handle("POST "+EventPath+"{id}/cancel", p.cancel)
	return nil
}

// mostEvents is how many events are listed.
const mostEvents = 50

func (p *eventPages) upcoming(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Events.List(r.Context(), event.Filter{From: p.cfg.Now(), Limit: mostEvents})
	if err != nil {
		return err
	}
	var body eventsBody
	for i := range all {
		if all[i].State == event.Announced {
			body.Events = append(body.Events, viewOf(&all[i]))
		}
	}
	return render(p.Site, w, r, p.list, http.StatusOK, english, "Events", body)
}

func viewOf(e *event.Event) eventView {
	v := eventView{Href: EventPath + strconv.FormatInt(e.ID, 10), Title: e.Title, When: whenOf(e), Where: e.Place, Link: webLink(e.Link), Full: e.Capacity > 0 && e.Counts.Registered >= e.Capacity}
	for part := range strings.SplitSeq(e.Text, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			v.Text = append(v.Text, part)
		}
	}
	for _, s := range e.Speakers {
		name := s.Member
		if s.Talk != "" {
			name += ": " + s.Talk
		}
		v.Speakers = append(v.Speakers, name)
	}
	return v
}

// whenOf tells an event's times in its own zone.
func whenOf(e *event.Event) string {
	zone, err := time.LoadLocation(e.Zone)
	if err != nil {
		zone = time.UTC
	}
	from, to := e.Start.In(zone), e.End.In(zone)
	text := from.Format("Monday, 2 January 2006, 15:04")
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		return text + to.Format("–15:04 MST")
	}
	return text + " to " + to.Format("Monday, 2 January, 15:04 MST")
}

// visit is an event with who looks at it.
type visit struct {
	event.Event
	member greenroom.Member
	mine   *event.Registration // nil = who looks has none, or is not known
	known  bool                // they came by a link of their own
}

// read finds the event of the address and, where the request came by a link, who it is for.
func (p *eventPages) read(w http.ResponseWriter, r *http.Request) (*visit, error) {
	hidden := greenroom.Errorf(greenroom.CodeNotFound, "there is no such event")
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, hidden
	}
	v := &visit{}
	if v.Event, err = p.cfg.Events.Get(r.Context(), id); greenroom.ErrorCode(err) == greenroom.CodeNotFound || err == nil && v.State == event.Planned {
		return nil, hidden
	} else if err != nil {
		return nil, err
	}
	switch {
	case r.FormValue("t") != "":
		c, err := p.open(w, r, KindEvent)
		if err != nil {
			return nil, err
		}
		if c.Ref != id {
			return nil, hidden
		}
		if v.member, err = p.whom(r, c.Member); err != nil {
			return nil, err
		}
		v.known = true
		return v, p.registered(r.Context(), v, func(x *event.Registration) bool { return x.MemberID == v.member.ID })
	case r.FormValue("r") != "":
		c, err := p.cfg.Links.Open(KindRegistration, r.FormValue("r"))
		if err != nil {
			if limited := p.spend(w, r, costGuess); limited != nil {
				return nil, limited
			}
			return nil, err
		}
		v.known = true
		return v, p.registered(r.Context(), v, func(x *event.Registration) bool { return x.ID == c.Ref })
	}
	return v, nil
}

// registered finds the registration of who looks.
func (p *eventPages) registered(ctx context.Context, v *visit, is func(*event.Registration) bool) error {
	all, err := p.cfg.Events.People(ctx, event.PeopleFilter{Event: v.ID, Limit: mostPeople})
	if err != nil {
		return err
	}
	for i := range all {
		if is(&all[i]) {
			v.mine = &all[i]
		}
	}
	return nil
}

// mostPeople is among how many registrations one is looked for.
const mostPeople = 100_000

func (p *eventPages) show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.read(w, r)
	if err != nil {
		return err
	}
	var body eventBody
	switch r.FormValue("said") {
	case "registered":
		body.Said = "You are registered. See you there."
	case "waiting":
		body.Said = "There is no room at present. You are on the list of those who wait, and hear from us when a place is free."
	case "sent":
		body.Said = "Thank you. A mail with your link is on its way; with it you can take your registration back."
	case "canceled":
		body.Said = "Your registration is taken back."
	}
	return p.draw(w, r, v, http.StatusOK, body)
}

func (p *eventPages) draw(w http.ResponseWriter, r *http.Request, v *visit, status int, body eventBody) error {
	body.eventView, body.ID, body.Token = viewOf(&v.Event), v.ID, r.FormValue("t")
	if body.ByMember = body.Token != ""; !body.ByMember {
		body.Token = r.FormValue("r")
	}
	body.Canceled, body.Over = v.State == event.Canceled, !p.cfg.Now().Before(v.End)
	body.Person, body.Named = v.member.Name, !v.known
	if v.mine != nil {
		body.Registered, body.Waiting = v.mine.State == event.Registered, v.mine.State == event.Waiting
		if body.Person == "" {
			body.Person = v.mine.Called()
		}
	}
	body.Name, body.Address = r.FormValue("name"), r.FormValue("email")
	return render(p.Site, w, r, p.one, status, english, v.Title, body)
}

func (p *eventPages) said(w http.ResponseWriter, r *http.Request, what string) error {
	q := values("said", what)
	for _, name := range []string{"t", "r"} {
		if t := r.FormValue(name); t != "" {
			q = values(name, t, "said", what)
		}
	}
	http.Redirect(w, r, EventPath+r.PathValue("id")+"?"+q, http.StatusSeeOther)
	return nil
}

func (p *eventPages) register(w http.ResponseWriter, r *http.Request) error {
	v, err := p.read(w, r)
	if err != nil {
		return err
	}
	who := event.Person{MemberID: v.member.ID, Origin: "page"}
	switch {
	case v.mine != nil && v.member.ID == 0:
		who.MemberID, who.Name, who.Address = v.mine.MemberID, v.mine.Name, v.mine.Address
	case !v.known:
		a, err := mail.ParseAddress(strings.TrimSpace(r.FormValue("email")))
		if err != nil || strings.TrimSpace(r.FormValue("name")) == "" {
			return p.draw(w, r, v, http.StatusUnprocessableEntity, eventBody{Problem: "Please write your name, and a mail address such as ana@example.com."})
		}
		who.Name, who.Address = strings.TrimSpace(r.FormValue("name")), strings.ToLower(a.Address)
	}
	reg, err := p.cfg.Events.Register(r.Context(), v.ID, who)
	if err != nil {
		return err
	}
	if !v.known {
		// Whether an address was registered before, the page does not tell.
		if err := p.confirm(r.Context(), v, &reg); err != nil {
			return err
		}
		return p.said(w, r, "sent")
	}
	if reg.State == event.Waiting {
		return p.said(w, r, "waiting")
	}
	return p.said(w, r, "registered")
}

// confirm sends somebody the link of their registration, once.
func (p *eventPages) confirm(ctx context.Context, v *visit, reg *event.Registration) error {
	if p.cfg.Mailbox == nil {
		return nil
	}
	link, err := p.cfg.Links.Make(ctx, KindRegistration, EventPath+strconv.FormatInt(v.ID, 10), Claim{Ref: reg.ID}, registrationLife)
	if err != nil {
		return err
	}
	link = strings.Replace(link, "?t=", "?r=", 1)
	says := "You are registered for " + v.Title + "."
	if reg.State == event.Waiting {
		says = "There is no room at " + v.Title + " at present. You are on the list of those who wait."
	}
	text := says + "\n\n" + whenOf(&v.Event) + "\n\n"
	if where := v.Location(); where != "" && reg.State == event.Registered {
		text += where + "\n\n"
	}
	m := outbox.Message{
		Key: fmt.Sprintf("event %d registration %d", v.ID, reg.ID), Channel: outbox.Email, Origin: outbox.Origin{Kind: "event", ID: v.ID, Run: reg.ID, Step: "registered"},
		To: reg.Address, Subject: v.Title, Text: text + "If you cannot come, or did not register yourself, take it back here:\n\n" + link + "\n", State: outbox.Queued, CreatedAt: p.cfg.Now(), NotAfter: v.End,
	}
	if reg.MemberID > 0 {
		m.MemberID, m.Purpose = reg.MemberID, consent.Answer
	}
	_, err = p.cfg.Mailbox.Queue(ctx, m)
	return err
}

func (p *eventPages) cancel(w http.ResponseWriter, r *http.Request) error {
	v, err := p.read(w, r)
	if err != nil {
		return err
	}
	if v.mine == nil {
		return greenroom.Errorf(greenroom.CodeNotFound, "this needs the link of your registration")
	}
	if v.mine.State == event.Registered || v.mine.State == event.Waiting {
		if _, err := p.cfg.Events.Cancel(r.Context(), v.mine.ID, byLink); err != nil {
			return err
		}
	}
	return p.said(w, r, "canceled")
}
