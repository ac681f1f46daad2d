// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
	"greenroom/internal/task"
)

// Store keeps events, people and content.
type Store interface {
	Keeper
	People
	ContentKeeper
	CalendarKeeper
}

// Keeper keeps events.
type Keeper interface {
	EventList(ctx context.Context, f Filter) ([]Event, error)
	EventByID(ctx context.Context, id int64) (Event, error)
	AddEvent(ctx context.Context, e Event) (Event, error)
	// ChangeEvent stores all but the id and who made it, and raises the sequence.
	ChangeEvent(ctx context.Context, e Event) error
	// ImportedEvents lists events that sources told, the newest first.
	ImportedEvents(ctx context.Context, limit int) ([]Imported, error)
	// CountAll counts exactly what a list holds.
	CountAll(ctx context.Context, e query.Entity, q *query.Query) (int64, error)
	AddTasks(ctx context.Context, all ...task.Task) (added int, err error)
}

// People keeps who comes to events.
type People interface {
	EventPeople(ctx context.Context, f PeopleFilter) ([]Registration, error)
	EventPerson(ctx context.Context, id int64) (Registration, error)
	// RegisterForEvent registers somebody, or lets them wait where there is no room. Who is registered stays so.
	RegisterForEvent(ctx context.Context, r Registration, capacity int64) (Registration, error)
	// MoveRegistration sets a presence that may follow the one that there is; a place that becomes free goes to who waits
	// longest. CodeConflict where it may not follow.
	MoveRegistration(ctx context.Context, id int64, to Presence, came time.Time) (Registration, error)
	// ImportAttendance stores who came. With rest, those who registered and are not on the list did not come.
	ImportAttendance(ctx context.Context, im Import, people []Came, rest bool) (Import, error)
	EventImports(ctx context.Context, event int64) ([]Import, error)
}

// ContentKeeper keeps content.
type ContentKeeper interface {
	ContentList(ctx context.Context, f ContentFilter) ([]Content, error)
	ContentByID(ctx context.Context, id int64) (Content, error)
	AddContent(ctx context.Context, c Content) (Content, error)
	ChangeContent(ctx context.Context, c Content) error
	// MoveContent sets a status that may follow the one that there is. CodeConflict where it may not.
	MoveContent(ctx context.Context, id int64, to Status, by string) error
	ContentMoves(ctx context.Context, id int64) ([]Move, error)
}

// CalendarKeeper keeps calendars of others, and which addresses of ours still hold.
type CalendarKeeper interface {
	OutsideCalendars(ctx context.Context) ([]Outside, error)
	AddOutsideCalendar(ctx context.Context, o Outside) (Outside, error)
	RemoveOutsideCalendar(ctx context.Context, id int64) error
	// SaveOutside stores what was read of a calendar, or why it could not be: then its entries stay.
	SaveOutside(ctx context.Context, id int64, entries []Entry, problem string) error
	OutsideEntries(ctx context.Context, from, to time.Time) ([]Entry, error)
	// CalendarEpoch is the number of the addresses that hold now; RenewCalendars makes the next one hold.
	CalendarEpoch(ctx context.Context) (int64, error)
	RenewCalendars(ctx context.Context) error
}

// Imported is an event that a source told.
type Imported struct {
	ActivityID   int64     `json:"activity_id"`
	Conversation int64     `json:"conversation_id,omitempty"`
	Source       string    `json:"source"`
	Title        string    `json:"title"`
	URL          string    `json:"url,omitempty"`
	At           time.Time `json:"at"` // when it was announced, or began, as the source says
	Attended     int64     `json:"attended"`
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Sender queues messages; outbox.Service does.
type Sender interface {
	Queue(ctx context.Context, all ...outbox.Message) (added int, err error)
}

// Sealer keeps secrets.
type Sealer interface {
	Seal(secret []byte, place string) (string, error)
	Open(sealed, place string) ([]byte, error)
}

// Config is what the service stands on.
type Config struct {
	Store  Store
	Audit  Auditor
	Seal   Sealer
	Log    *slog.Logger
	Now    func() time.Time
	Zone   func() *time.Location // in which the community's days begin
	Sender func() Sender
	Sync   func(ctx context.Context) error            // reads the source of events; nil = nothing does
	Dates  func(ctx context.Context) ([]Entry, error) // of programs; nil = there are none
	Team   func(ctx context.Context) ([]string, error)
	// Fetch reads a calendar of others: its entries between two times. Nil = they cannot be read here.
	Fetch func(ctx context.Context, address string, from, to time.Time) ([]Entry, error)
}

// Service is what people do with events and content.
type Service struct {
	Config

	schemas map[query.Entity]*query.Schema
}

// New returns the service.
func New(c Config) *Service {
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	s := &Service{Config: c, schemas: make(map[query.Entity]*query.Schema)}
	for _, e := range query.Entities() {
		s.schemas[e] = query.NewSchema(e, kinds)
	}
	return s
}

// List lists events.
func (s *Service) List(ctx context.Context, f Filter) ([]Event, error) {
	return s.Store.EventList(ctx, f)
}

// Get finds an event.
func (s *Service) Get(ctx context.Context, id int64) (Event, error) {
	return s.Store.EventByID(ctx, id)
}

// FromSources lists events that sources such as Luma, Meetup and calendars told, the newest first.
func (s *Service) FromSources(ctx context.Context, limit int) ([]Imported, error) {
	return s.Store.ImportedEvents(ctx, limit)
}

// Add makes an event.
func (s *Service) Add(ctx context.Context, d Draft, by string) (Event, error) {
	if err := d.check(s.Zone()); err != nil {
		return Event{}, err
	}
	e := Event{Owner: ownerOf(by), State: Planned, CreatedBy: by}
	d.fill(&e)
	e, err := s.Store.AddEvent(ctx, e)
	if err != nil {
		return e, fmt.Errorf("making an event: %w", err)
	}
	return s.changed(ctx, e.ID, by, "event.make", e.State != Planned)
}

// ownerOf is who made something, where that is a person and not a token or a command.
func ownerOf(by string) string {
	if isAddress(by) {
		return by
	}
	return ""
}

func (d *Draft) fill(e *Event) {
	e.Title, e.Text, e.Kind, e.Start, e.End, e.Zone = d.Title, d.Text, d.Kind, d.Start.UTC(), d.End.UTC(), d.Zone
	e.Place, e.Link, e.Capacity, e.Program, e.Speakers = d.Place, d.Link, d.Capacity, d.Program, d.Speakers
	if d.Owner != "" {
		e.Owner = d.Owner
	}
	if d.State != "" {
		e.State = d.State
	}
}

// Edit changes an event to what a draft says.
func (s *Service) Edit(ctx context.Context, id int64, d Draft, by string) (Event, error) {
	if err := d.check(s.Zone()); err != nil {
		return Event{}, err
	}
	e, err := s.Store.EventByID(ctx, id)
	if err != nil {
		return e, err
	}
	d.fill(&e)
	if err := s.Store.ChangeEvent(ctx, e); err != nil {
		return e, fmt.Errorf("changing event %d: %w", id, err)
	}
	return s.changed(ctx, id, by, "event.edit", true)
}

// SetState announces an event, cancels it, or takes that back.
func (s *Service) SetState(ctx context.Context, id int64, state State, by string) (Event, error) {
	e, err := s.Store.EventByID(ctx, id)
	if err != nil {
		return e, err
	}
	d := Draft{Title: e.Title, Text: e.Text, Kind: e.Kind, State: state, Start: e.Start, End: e.End, Zone: e.Zone, Place: e.Place, Link: e.Link, Capacity: e.Capacity, Owner: e.Owner, Program: e.Program, Speakers: e.Speakers}
	return s.Edit(ctx, id, d, by)
}

func (s *Service) changed(ctx context.Context, id int64, by, what string, told bool) (Event, error) {
	if told {
		s.sync(ctx)
	}
	e, err := s.Store.EventByID(ctx, id)
	if err != nil {
		return e, err
	}
	if err := s.Audit.Audit(ctx, by, what, fmt.Sprintf("event %d", id), e.Title); err != nil {
		return e, fmt.Errorf("writing the audit log: %w", err)
	}
	return e, nil
}

// sync reads the events as a source. That it fails is no reason to fail what was done: the next change tells it again.
func (s *Service) sync(ctx context.Context) {
	if s.Sync == nil {
		return
	}
	if err := s.Sync(ctx); err != nil && ctx.Err() == nil {
		s.Log.Warn("events could not be told as activities; the next change tells them again", "error", err)
	}
}

// Person is somebody who registers: a member, or a mail address.
type Person struct {
	MemberID int64  `json:"member_id,omitempty"`
	Name     string `json:"name,omitempty"`
	Address  string `json:"address,omitempty"`
	Origin   string `json:"origin,omitempty"` // "page", "team"; "" = team
}

// Register registers somebody for an event, or lets them wait where there is no room. Who is registered stays so.
func (s *Service) Register(ctx context.Context, id int64, p Person) (Registration, error) {
	e, err := s.Store.EventByID(ctx, id)
	if err != nil {
		return Registration{}, err
	}
	p.Address, p.Name = strings.ToLower(strings.TrimSpace(p.Address)), strings.TrimSpace(p.Name)
	if p.Origin == "" {
		p.Origin = "team"
	}
	switch {
	case e.State == Canceled:
		return Registration{}, greenroom.Errorf(greenroom.CodeConflict, "%s was canceled", e.Title)
	case p.Origin == "page" && (e.State != Announced || !s.Now().Before(e.End)):
		return Registration{}, greenroom.Errorf(greenroom.CodeConflict, "nobody can register for %s", e.Title)
	case p.MemberID == 0 && !isAddress(p.Address):
		return Registration{}, invalid("%q is no mail address", p.Address)
	}
	r, err := s.Store.RegisterForEvent(ctx, Registration{EventID: id, MemberID: p.MemberID, Name: clip(p.Name), Address: p.Address, State: Registered, Origin: p.Origin}, e.Capacity)
	if err != nil {
		return r, fmt.Errorf("registering for event %d: %w", id, err)
	}
	return r, nil
}

func isAddress(text string) bool {
	at := strings.LastIndexByte(text, '@')
	return at > 0 && at < len(text)-1 && len(text) <= 254 && !strings.ContainsAny(text, " \t\r\n\"<>,;")
}

// Cancel takes a registration back; a place that becomes free goes to who waits longest.
func (s *Service) Cancel(ctx context.Context, registration int64, by string) (Registration, error) {
	return s.move(ctx, registration, Gone, by)
}

// Attend says that somebody came, or that they did not.
func (s *Service) Attend(ctx context.Context, registration int64, came bool, by string) (Registration, error) {
	if !came {
		return s.move(ctx, registration, Missed, by)
	}
	return s.move(ctx, registration, Attended, by)
}

func (s *Service) move(ctx context.Context, id int64, to Presence, by string) (Registration, error) {
	r, err := s.Store.EventPerson(ctx, id)
	if err != nil {
		return r, err
	}
	e, err := s.Store.EventByID(ctx, r.EventID)
	if err != nil {
		return r, err
	}
	came := e.Start
	if now := s.Now(); now.Before(came) {
		came = now
	}
	was := r.State
	if r, err = s.Store.MoveRegistration(ctx, id, to, came); err != nil {
		return r, err
	}
	if to == Attended || was == Attended {
		s.sync(ctx)
	}
	return r, s.Audit.Audit(ctx, by, "event."+string(to), fmt.Sprintf("event %d", r.EventID), fmt.Sprintf("registration %d", id))
}

// People lists registrations.
func (s *Service) People(ctx context.Context, f PeopleFilter) ([]Registration, error) {
	return s.Store.EventPeople(ctx, f)
}

// Import reads an attendance list. With rest, those who registered and are not on it did not come.
func (s *Service) Import(ctx context.Context, id int64, file string, list io.Reader, rest bool, by string) (Import, error) {
	e, err := s.Store.EventByID(ctx, id)
	if err != nil {
		return Import{}, err
	}
	zone, err := time.LoadLocation(e.Zone)
	if err != nil {
		zone = s.Zone()
	}
	a, err := ReadAttendance(list, zone, e.Start)
	if err != nil {
		return Import{}, err
	}
	for i := range a.People { // nobody came before it was announced, or after today
		if c := &a.People[i]; c.Came.IsZero() || c.Came.After(s.Now()) {
			c.Came = e.Start
		}
	}
	im, err := s.Store.ImportAttendance(ctx, Import{EventID: id, File: clip(file), At: s.Now(), By: by, Lines: a.Lines, Bad: a.Bad, BadAll: a.BadAll}, a.People, rest)
	if err != nil {
		return im, fmt.Errorf("storing who came to event %d: %w", id, err)
	}
	s.sync(ctx)
	return im, s.Audit.Audit(ctx, by, "event.attendance", fmt.Sprintf("event %d", id), fmt.Sprintf("%d came", im.Came))
}

// Imports lists the attendance lists that were read for an event, the newest first.
func (s *Service) Imports(ctx context.Context, id int64) ([]Import, error) {
	return s.Store.EventImports(ctx, id)
}
