// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/list"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
)

// Store keeps alerts, and tells what they look at.
type Store interface {
	Keeper
	Firings
	Facts
}

// Keeper keeps alerts.
type Keeper interface {
	// Alerts lists those that are not removed, by name.
	Alerts(ctx context.Context) ([]Alert, error)
	Alert(ctx context.Context, id int64) (Alert, error)
	// AddAlert gives it an id, and notes where activities are now. CodeConflict where the name is taken.
	AddAlert(ctx context.Context, a Alert) (Alert, error)
	// ChangeAlert stores what people say of it. afresh = it watches something else now: what fitted is forgotten.
	ChangeAlert(ctx context.Context, a Alert, afresh bool) error
	MuteAlert(ctx context.Context, id int64, until time.Time) error
	RemoveAlert(ctx context.Context, id int64) error
}

// Firings keeps what fired.
type Firings interface {
	// AlertPast tells what deciding about objects and groups of an alert needs.
	AlertPast(ctx context.Context, a *Alert, objects []Object, groups []string, now time.Time) (Past, error)
	// CommitAlerts stores what follows from a look in one transaction. ErrMoved where somebody else was faster.
	CommitAlerts(ctx context.Context, c *Commit) error
	// HeldFirings are those whose time has come, by alert and id.
	HeldFirings(ctx context.Context, due time.Time) ([]Firing, error)
	AlertFirings(ctx context.Context, f Filter) ([]Firing, error)
	JudgeFiring(ctx context.Context, id int64, useful *bool, by string) (Firing, error)
	// AlertTallies count by alert.
	AlertTallies(ctx context.Context) (map[int64]Tally, error)
}

// Facts tells what alerts look at.
type Facts interface {
	AlertPositions(ctx context.Context) (Positions, error)
	// RecentActivities gives activities after one id up to another that happened since a time, limit at most, and up to where
	// it looked.
	RecentActivities(ctx context.Context, after, upTo int64, since time.Time, limit int) (ids []int64, last int64, err error)
	WhichFit(ctx context.Context, e query.Entity, q *query.Query, ids []int64) ([]int64, error)
	// Fitting gives those that a query fits now, limit at most.
	Fitting(ctx context.Context, e query.Entity, q *query.Query, limit int) ([]int64, error)
	// Fitted gives those that fitted an alert when it was looked at last.
	Fitted(ctx context.Context, alert int64) ([]int64, error)
	// AlertSubjects tells of objects of a kind, in the order of their ids; those that are gone are left out.
	AlertSubjects(ctx context.Context, kind string, ids []int64) ([]Match, error)
	// Importing reports whether facts come in all along.
	Importing() bool
}

// Positions are how far activities go for alerts of each lane, and how far each lane has come.
type Positions struct {
	Until map[string]int64
	At    map[string]int64
	Next  int64 // the id of the next firing
}

// ErrMoved says that somebody else went on meanwhile.
var ErrMoved = errors.New("alerts have moved on meanwhile")

// Filter says which firings are listed, the newest first.
type Filter struct {
	Alert  int64 // 0 = of all
	Judged bool  // only those that somebody judged
	Below  int64 // only those with a lower id
	Limit  int   // 0 = 100
}

// Destinations are where messages can go.
type Destinations interface {
	Destinations(ctx context.Context) ([]outbox.Destination, error)
}

// Figures computes metrics.
type Figures interface {
	Compute(ctx context.Context, r analytics.Request) (*analytics.Result, error)
}

// Lists reads what an alert would have fired on.
type Lists interface {
	ListActivities(ctx context.Context, req list.Request) (list.Page[greenroom.Activity], error)
	ListConversations(ctx context.Context, req list.Request) (list.Page[greenroom.Conversation], error)
}

// Sealer seals the tokens of links.
type Sealer interface {
	Seal(secret []byte, place string) (string, error)
	Open(sealed, place string) ([]byte, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Config is what the service needs.
type Config struct {
	Store        Store
	Lists        Lists
	Destinations Destinations
	Figures      Figures                                        // nil = metrics are not looked at here
	Comings      Comings                                        // nil = who came to fit a query is not kept here
	Troubles     func(ctx context.Context) ([]Trouble, error)   // of sources; nil = they are not looked at here
	Team         func(ctx context.Context) ([]string, error)    // mail addresses of users
	Queue        func(context.Context, ...outbox.Message) error // queues messages of tests
	Wake         func()                                         // tells the outbox that there is something to send
	Seal         Sealer
	Audit        Auditor
	Base         string // address that people reach Greenroom at; "" = messages have no links to it
	Log          *slog.Logger
	Now          func() time.Time
	Zone         func() *time.Location
}

// Service keeps alerts and has them fire.
type Service struct {
	store    Store
	lists    Lists
	dests    Destinations
	figures  Figures
	comings  Comings
	troubles func(ctx context.Context) ([]Trouble, error)
	team     func(ctx context.Context) ([]string, error)
	queue    func(context.Context, ...outbox.Message) error
	wake     func()
	seal     Sealer
	audit    Auditor
	base     string
	log      *slog.Logger
	now      func() time.Time
	zone     func() *time.Location
	schemas  map[query.Entity]*query.Schema

	looking sync.Mutex
	seen    map[string]int64 // by lane: up to where nothing fired, further than what is stored
	kept    time.Time        // when a position was stored last
	sets    map[int64]time.Time
	sources time.Time // when they were looked at last
}

// New returns the service.
func New(c Config) *Service {
	s := &Service{
		store: c.Store, lists: c.Lists, dests: c.Destinations, figures: c.Figures, comings: c.Comings, troubles: c.Troubles, team: c.Team, queue: c.Queue, wake: c.Wake, seal: c.Seal, audit: c.Audit,
		base: strings.TrimSuffix(c.Base, "/"), log: c.Log, now: c.Now, zone: c.Zone, schemas: make(map[query.Entity]*query.Schema), seen: make(map[string]int64), sets: make(map[int64]time.Time),
	}
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	for _, e := range query.Entities() {
		s.schemas[e] = query.NewSchema(e, kinds)
	}
	return s
}

// List lists alerts by name.
func (s *Service) List(ctx context.Context) ([]Alert, error) { return s.store.Alerts(ctx) }

// Get finds one.
func (s *Service) Get(ctx context.Context, id int64) (Alert, error) { return s.store.Alert(ctx, id) }

// Find finds one by its id or its name.
func (s *Service) Find(ctx context.Context, ref string) (Alert, error) {
	all, err := s.store.Alerts(ctx)
	if err != nil {
		return Alert{}, err
	}
	for i := range all {
		if strconv.FormatInt(all[i].ID, 10) == ref || strings.EqualFold(all[i].Name, strings.TrimSpace(ref)) {
			return all[i], nil
		}
	}
	return Alert{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no alert %q", ref)
}

// check validates a draft with its query and where it goes.
func (s *Service) check(ctx context.Context, d *Draft) error {
	if err := d.Validate(); err != nil {
		return err
	}
	if _, err := s.parse(d); err != nil {
		return err
	}
	all, err := s.dests.Destinations(ctx)
	if err != nil {
		return fmt.Errorf("listing destinations: %w", err)
	}
	for _, id := range d.Destinations {
		if !slices.ContainsFunc(all, func(o outbox.Destination) bool { return o.ID == id }) {
			return greenroom.Errorf(greenroom.CodeInvalid, "there is no destination %d; make one in Settings under Sending", id)
		}
	}
	return nil
}

// Add makes an alert. It fires from now on.
func (s *Service) Add(ctx context.Context, d Draft, by string) (Alert, error) {
	if d.Owner == "" {
		d.Owner = by
	}
	if err := s.check(ctx, &d); err != nil {
		return Alert{}, err
	}
	a, err := s.store.AddAlert(ctx, Alert{Draft: d, CreatedAt: s.now(), ChangedAt: s.now()})
	if err != nil {
		return a, fmt.Errorf("making an alert: %w", err)
	}
	return a, s.audit.Audit(ctx, by, "alert.add", a.Name, a.Query)
}

// Edit replaces what people say of an alert. With another query it begins anew: what fits already is no news.
func (s *Service) Edit(ctx context.Context, id int64, d Draft, by string) (Alert, error) {
	a, err := s.store.Alert(ctx, id)
	if err != nil {
		return a, err
	}
	if d.Owner == "" {
		d.Owner = a.Owner
	}
	if err := s.check(ctx, &d); err != nil {
		return a, err
	}
	afresh := d.Watch != a.Watch || d.Query != a.Query || d.Source != a.Source || (d.Condition == nil) != (a.Condition == nil) || d.Condition != nil && *d.Condition != *a.Condition
	a.Draft = d
	if err := s.store.ChangeAlert(ctx, a, afresh); err != nil {
		return a, fmt.Errorf("changing alert %d: %w", id, err)
	}
	if err := s.audit.Audit(ctx, by, "alert.edit", a.Name, a.Query); err != nil {
		return a, err //nolint:wrapcheck // its own words
	}
	return s.store.Alert(ctx, id)
}

// Mute has an alert fire nothing for a while; 0 ends that.
func (s *Service) Mute(ctx context.Context, id int64, d time.Duration, by string) (Alert, error) {
	a, err := s.store.Alert(ctx, id)
	if err != nil {
		return a, err
	}
	if d < 0 || d > 366*24*time.Hour {
		return a, greenroom.Errorf(greenroom.CodeInvalid, "an alert is muted for a year at most")
	}
	until := time.Time{}
	what := "alert.unmute"
	if d > 0 {
		until, what = s.now().Add(d), "alert.mute"
	}
	if err := s.store.MuteAlert(ctx, id, until); err != nil {
		return a, fmt.Errorf("muting alert %d: %w", id, err)
	}
	a.MutedUntil = until
	return a, s.audit.Audit(ctx, by, what, a.Name, "")
}

// Remove takes an alert away. What it fired stays in the outbox.
func (s *Service) Remove(ctx context.Context, id int64, by string) error {
	a, err := s.store.Alert(ctx, id)
	if err != nil {
		return err
	}
	if err := s.store.RemoveAlert(ctx, id); err != nil {
		return fmt.Errorf("removing alert %d: %w", id, err)
	}
	return s.audit.Audit(ctx, by, "alert.remove", a.Name, a.Query)
}

// Firings lists what fired.
func (s *Service) Firings(ctx context.Context, f Filter) ([]Firing, error) {
	return s.store.AlertFirings(ctx, f)
}

// Tallies count what alerts did, by their ids.
func (s *Service) Tallies(ctx context.Context) (map[int64]Tally, error) {
	return s.store.AlertTallies(ctx)
}

// Judge notes whether a firing was useful; nil takes that back.
func (s *Service) Judge(ctx context.Context, id int64, useful *bool, by string) (Firing, error) {
	f, err := s.store.JudgeFiring(ctx, id, useful, by)
	if err != nil {
		return f, fmt.Errorf("noting whether firing %d was useful: %w", id, err)
	}
	return f, nil
}

// Asked reads the token of a link: which firing it asks about, and what it would say.
func (s *Service) Asked(token string) (firing int64, useful bool, err error) {
	text, err := s.seal.Open(token, placeAnswer)
	if err != nil {
		return 0, false, greenroom.Errorf(greenroom.CodeNotFound, "this link does not open")
	}
	id, answer, _ := strings.Cut(string(text), " ")
	if firing, err = strconv.ParseInt(id, 10, 64); err != nil {
		return 0, false, greenroom.Errorf(greenroom.CodeNotFound, "this link does not open")
	}
	return firing, answer == "useful", nil
}

// Answer counts the answer of a link. The newest one of a firing holds.
func (s *Service) Answer(ctx context.Context, token string) (Firing, error) {
	id, useful, err := s.Asked(token)
	if err != nil {
		return Firing{}, err
	}
	return s.Judge(ctx, id, &useful, "link in a message")
}

// Test sends what the alert would say of something that fits now, or of nothing, to where it goes.
func (s *Service) Test(ctx context.Context, id int64, by string) (sent int, err error) {
	a, err := s.store.Alert(ctx, id)
	if err != nil {
		return 0, err
	}
	to, err := s.where(ctx)
	if err != nil {
		return 0, err
	}
	sub := s.example(ctx, &a)
	now := s.now()
	f := &Firing{AlertID: id, Object: sub.Object, At: now, Count: 1, Title: "Test: " + sub.title(), Key: fmt.Sprintf("alert %d test %d", id, now.UnixMicro())}
	t, err := s.one(&a, f, sub)
	if err != nil {
		return 0, err
	}
	t.step, t.event.Test = "test", true
	t.card.Foot = "A test by " + by + ". " + t.card.Foot
	messages, _, err := s.letters(&a, t, to, now)
	if err != nil {
		return 0, err
	}
	if len(messages) == 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "the alert goes to no destination; choose one first")
	}
	if err := s.queue(ctx, messages...); err != nil {
		return 0, fmt.Errorf("queueing a test: %w", err)
	}
	return len(messages), s.audit.Audit(ctx, by, "alert.test", a.Name, "")
}

// example is something that an alert could fire on.
func (s *Service) example(ctx context.Context, a *Alert) *Subject {
	if e := a.Watch.Entity(); e != "" {
		if q, err := s.parse(&a.Draft); err == nil {
			if ids, err := s.store.Fitting(ctx, e, q, 1); err == nil && len(ids) > 0 {
				if found, err := s.store.AlertSubjects(ctx, kindOf(e), ids); err == nil && len(found) > 0 {
					return &found[0].Subject
				}
			}
		}
	}
	return &Subject{Object: Object{Kind: "activity"}, Member: &Person{Name: "Ana Torres"}, Organization: &Company{Name: "Blue Harbor", Lifecycle: "trial"}, Category: "question", Channel: "help", Text: "This is what a message of this alert looks like."}
}

// kindOf is what an object of a list is called.
func kindOf(e query.Entity) string {
	switch e {
	case query.Activities:
		return "activity"
	case query.Conversations:
		return "conversation"
	case query.Members:
		return "member"
	case query.Organizations:
		return "organization"
	}
	return ""
}

// places are where messages can go, read once for a look.
type places struct {
	at   map[int64]outbox.Destination
	team func() []string
}

func (s *Service) where(ctx context.Context) (*places, error) {
	all, err := s.dests.Destinations(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing destinations: %w", err)
	}
	p := &places{at: make(map[int64]outbox.Destination, len(all))}
	for i := range all {
		p.at[all[i].ID] = all[i]
	}
	p.team = sync.OnceValue(func() []string {
		team, err := s.team(ctx)
		if err != nil {
			s.log.Error("listing the team for an alert", "error", err)
		}
		return team
	})
	return p, nil
}

// people are the users that a list of addresses means.
func (p *places) people(all []string) []string {
	if !slices.Contains(all, "*") {
		return all
	}
	return p.team()
}
