// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
)

// Store is all that the inbox needs of the store.
type Store interface {
	Board
	Keeper
	Lore
	Outlet
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service is the inbox.
type Service struct {
	store  Store
	audit  Auditor
	log    *slog.Logger
	now    func() time.Time
	zone   func() *time.Location // of the community's days
	schema *query.Schema
	seen   presence

	mu    sync.Mutex
	kept  *board // the last board that was computed
	index *index
}

// New returns the service.
func New(store Store, audit Auditor, log *slog.Logger, now func() time.Time, zone func() *time.Location) *Service {
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	return &Service{store: store, audit: audit, log: log, now: now, zone: zone, schema: query.NewSchema(query.Conversations, kinds)}
}

// Settings are the team's settings, or the usual ones.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	text, err := s.store.InboxSettings(ctx)
	if err != nil || text == "" {
		return Usual(), err
	}
	set := Usual()
	if err := json.Unmarshal([]byte(text), &set); err != nil {
		return set, fmt.Errorf("decoding the settings of the inbox: %w", err)
	}
	return set, nil
}

// SetSettings stores settings. Escalations that are new get their number; what is past their time already is left alone.
func (s *Service) SetSettings(ctx context.Context, set Settings, by string) (Settings, error) {
	old, err := s.Settings(ctx)
	if err != nil {
		return set, err
	}
	if err := set.Validate(s.schema); err != nil {
		return set, err
	}
	team, err := s.store.InboxTeam(ctx)
	if err != nil {
		return set, fmt.Errorf("listing the team: %w", err)
	}
	for _, email := range set.people() {
		if _, ok := find(team, email); !ok {
			return set, greenroom.Errorf(greenroom.CodeInvalid, "nobody of the team has the mail address %s; they sign in under Settings, People", email)
		}
	}
	set.Revision = old.Revision + 1
	for i := range set.Escalations {
		e := &set.Escalations[i]
		if e.DestinationID > 0 {
			if d, err := s.store.Destination(ctx, e.DestinationID); err != nil || !d.RemovedAt.IsZero() {
				return set, greenroom.Errorf(greenroom.CodeInvalid, "escalation %d writes to a destination that is not there", i+1)
			}
		}
		known := slices.IndexFunc(old.Escalations, func(o Escalation) bool { return o.ID == e.ID && e.ID > 0 })
		if known >= 0 {
			e.Since = old.Escalations[known].Since
			continue
		}
		e.ID, e.Since = set.Revision*maxRules+int64(i), s.now().UTC()
	}
	text, err := json.Marshal(set)
	if err != nil {
		return set, fmt.Errorf("encoding the settings of the inbox: %w", err)
	}
	if err := s.store.SetInboxSettings(ctx, string(text)); err != nil {
		return set, fmt.Errorf("storing the settings of the inbox: %w", err)
	}
	return set, s.audit.Audit(ctx, by, "inbox.settings", "inbox", fmt.Sprintf("%d targets, %d escalations", len(set.Rules), len(set.Escalations)))
}

// people are the mail addresses that settings name.
func (s *Settings) people() []string {
	all := slices.Clone(s.Rotation)
	for i := range s.Escalations {
		all = append(all, s.Escalations[i].Notify...)
		if a := s.Escalations[i].Assign; a != "" && a != ByTurn && a != ByExpertise {
			all = append(all, a)
		}
	}
	return all
}

// Team lists who can be assigned to.
func (s *Service) Team(ctx context.Context) ([]Person, error) { return s.store.InboxTeam(ctx) }

// entry is an item as the board has it.
type entry struct {
	id     int64
	state  State
	status Status
	due    time.Time
	target Target
	opened time.Time
	last   time.Time
	twins  []int64 // merged into it
}

// board is the inbox at a moment.
type board struct {
	signal   Signal
	revision int64
	minute   time.Time
	entries  []entry // what is due first; what is done comes last, the latest first
}

// mostWaiting is how many conversations the board has at most: the latest. Who lets more wait needs no order but help.
const mostWaiting = 5000

// board gives the board as it is now.
func (s *Service) board(ctx context.Context) (*board, *Settings, error) {
	set, err := s.Settings(ctx)
	if err != nil {
		return nil, nil, err
	}
	signal, err := s.store.InboxSignal(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("asking how far the store is: %w", err)
	}
	minute := s.now().Truncate(time.Minute)
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.kept; b != nil && b.signal == signal && b.revision == set.Revision && b.minute.Equal(minute) {
		return b, &set, nil
	}
	b := &board{signal: signal, revision: set.Revision, minute: minute}
	if b.entries, err = s.entries(ctx, &set); err != nil {
		return nil, nil, fmt.Errorf("gathering what waits: %w", err)
	}
	s.kept = b
	return b, &set, nil
}

func (s *Service) entries(ctx context.Context, set *Settings) ([]entry, error) {
	now := s.now()
	since := now.AddDate(0, 0, -set.Days)
	queries := make([]*query.Query, 0, len(set.Waits))
	for _, text := range set.Waits {
		q, err := query.Parse(s.schema, text)
		if err != nil { // what it names is gone
			s.log.Warn("a query of the inbox cannot be used", "query", text, "error", err)
			continue
		}
		queries = append(queries, q)
	}
	waiting, err := s.store.InboxWaiting(ctx, queries, since, mostWaiting)
	if err != nil {
		return nil, err
	}
	states, err := s.store.InboxStates(ctx, since)
	if err != nil {
		return nil, err
	}
	waits := make(map[int64]bool, len(waiting))
	ids := slices.Clone(waiting)
	for _, id := range waiting {
		waits[id] = true
	}
	for id := range states {
		if !waits[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	facts, err := s.store.InboxFacts(ctx, ids)
	if err != nil {
		return nil, err
	}
	targets, err := s.targets(ctx, set, ids)
	if err != nil {
		return nil, err
	}
	all := make([]entry, 0, len(facts))
	for _, f := range facts {
		st := states[f.ID]
		e := entry{id: f.ID, state: st, status: st.status(waits[f.ID], f.Last, now), target: targets[f.ID], opened: f.Opened, last: f.Last}
		if e.target.Hours == 0 {
			e.target = set.target(-1)
		}
		from := f.Opened
		if st.ReopenedAt.After(from) {
			from = st.ReopenedAt
		}
		e.due = set.Due(e.target, from, s.zone())
		all = append(all, e)
	}
	order(all)
	return gather(all), nil
}

// targets finds for conversations the first rule that fits.
func (s *Service) targets(ctx context.Context, set *Settings, ids []int64) (map[int64]Target, error) {
	found := make(map[int64]Target, len(ids))
	left := ids
	for i := range set.Rules {
		if len(left) == 0 {
			break
		}
		q, err := query.Parse(s.schema, set.Rules[i].Query)
		if err != nil {
			s.log.Warn("a target of the inbox cannot be used", "query", set.Rules[i].Query, "error", err)
			continue
		}
		fit, err := s.store.WhichFit(ctx, query.Conversations, q, left)
		if err != nil {
			return nil, err
		}
		for _, id := range fit {
			found[id] = set.target(i)
		}
		left = slices.DeleteFunc(slices.Clone(left), func(id int64) bool { _, ok := found[id]; return ok })
	}
	return found, nil
}

// order puts what is to be answered first by when it is due, and after it what is done, the latest first. Equals are in the
// order in which they were stored.
func order(all []entry) {
	slices.SortFunc(all, func(a, b entry) int {
		if a.status == Done && b.status == Done {
			return cmp.Or(b.state.DoneAt.Compare(a.state.DoneAt), cmp.Compare(a.id, b.id))
		}
		if (a.status == Done) != (b.status == Done) {
			if a.status == Done {
				return 1
			}
			return -1
		}
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.id, b.id))
	})
}

// gather gives each item what was merged into it, over any number of steps.
func gather(all []entry) []entry {
	at := make(map[int64]int, len(all))
	for i := range all {
		at[all[i].id] = i
	}
	for i := range all {
		if all[i].status != Merged {
			continue
		}
		into := all[i].state.MergedInto
		for range all { // a ring is refused when it is made; here it only must not hold us
			j, ok := at[into]
			if !ok || all[j].status != Merged {
				break
			}
			into = all[j].state.MergedInto
		}
		if j, ok := at[into]; ok {
			all[j].twins = append(all[j].twins, all[i].id)
		}
	}
	return all
}

// in reports whether an entry is in a view.
func (e *entry) in(v View, person string, now time.Time) bool {
	switch v {
	case ViewMine:
		return e.status == Waiting && person != "" && e.state.Owner == person
	case ViewUnassigned:
		return e.status == Waiting && e.state.Owner == ""
	case ViewOverdue:
		return e.status == Waiting && e.due.Before(now)
	case ViewSnoozed:
		return e.status == Snoozed
	case ViewDone:
		return e.status == Done
	case ViewWaiting, "":
	}
	return e.status == Waiting
}

func (b *board) counts(person string, now time.Time) Counts {
	var c Counts
	for i := range b.entries {
		e := &b.entries[i]
		for v, to := range map[View]*int{ViewWaiting: &c.Waiting, ViewMine: &c.Mine, ViewUnassigned: &c.Unassigned, ViewOverdue: &c.Overdue, ViewSnoozed: &c.Snoozed, ViewDone: &c.Done} {
			if e.in(v, person, now) {
				*to++
			}
		}
		if e.in(ViewMine, person, now) || e.state.Owner == "" && e.in(ViewOverdue, person, now) {
			c.OnMe++
		}
	}
	return c
}

// wait is the median wait of what waits now, in hours.
func (b *board) wait(now time.Time) float64 {
	var all []float64
	for i := range b.entries {
		if e := &b.entries[i]; e.status == Waiting {
			all = append(all, now.Sub(e.opened).Hours())
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// Badge counts for the navigation, from the board as it was computed last; nothing is waited for unless there is none yet.
func (s *Service) Badge(ctx context.Context, person string) (Counts, error) {
	s.mu.Lock()
	kept := s.kept
	s.mu.Unlock()
	if kept == nil {
		return s.Counts(ctx, person)
	}
	return kept.counts(person, s.now()), nil
}

// Counts counts what is in each view, for a person.
func (s *Service) Counts(ctx context.Context, person string) (Counts, error) {
	b, _, err := s.board(ctx)
	if err != nil {
		return Counts{}, err
	}
	return b.counts(person, s.now()), nil
}

// usualPage is how many items a page has where nothing else is said.
const usualPage = 30

// Queue lists a view, what is due first first.
func (s *Service) Queue(ctx context.Context, f Filter) (Page, error) {
	if f.View != "" && !slices.Contains(Views(), f.View) {
		return Page{}, greenroom.Errorf(greenroom.CodeInvalid, "there is no view %q; there are %v", f.View, Views())
	}
	b, _, err := s.board(ctx)
	if err != nil {
		return Page{}, err
	}
	now := s.now()
	p := Page{Items: []Item{}, Counts: b.counts(f.Person, now), WaitHours: b.wait(now)}
	var ids []int64
	for i := range b.entries {
		if b.entries[i].in(f.View, f.Person, now) {
			ids = append(ids, b.entries[i].id)
		}
	}
	if f.Query != "" {
		q, err := query.Parse(s.schema, f.Query)
		if err != nil {
			return p, greenroom.Errorf(greenroom.CodeInvalid, "the query cannot be used: %s", err)
		}
		fit, err := s.store.WhichFit(ctx, query.Conversations, q, ids)
		if err != nil {
			return p, err
		}
		ids = slices.DeleteFunc(ids, func(id int64) bool { _, ok := slices.BinarySearch(fit, id); return !ok })
	}
	p.Total = len(ids)
	from := min(max(f.Offset, 0), len(ids))
	to := min(from+cmp.Or(max(f.Limit, 0), usualPage), len(ids))
	if to < len(ids) {
		p.Next = to
	}
	p.Items, err = s.items(ctx, b, ids[from:to])
	return p, err
}

// items reads items of the board with their conversations, in the order given.
func (s *Service) items(ctx context.Context, b *board, ids []int64) ([]Item, error) {
	all, err := s.store.ConversationsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	team, err := s.store.InboxTeam(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the team: %w", err)
	}
	at := make(map[int64]*entry, len(b.entries))
	for i := range b.entries {
		at[b.entries[i].id] = &b.entries[i]
	}
	items := []Item{}
	for _, id := range ids {
		c, ok := all[id]
		if !ok {
			continue // it went away meanwhile
		}
		items = append(items, s.item(&c, at[id], team))
	}
	return items, nil
}

func (s *Service) item(c *greenroom.Conversation, e *entry, team []Person) Item {
	it := Item{Conversation: *c, State: e.state, Status: e.status, Target: e.target, DueAt: e.due, Duplicates: e.twins}
	it.LateHours = s.now().Sub(e.due).Hours()
	if p, ok := find(team, e.state.Owner); ok {
		it.OwnerName = p.Label()
	}
	return it
}

// Detail is an item with what happened to it.
type Detail struct {
	Item
	Events []Event `json:"events"` // the latest first
	Topics []Topic `json:"-"`
}

// Item reads one item, also of a conversation that does not wait.
func (s *Service) Item(ctx context.Context, id int64) (Detail, error) {
	var d Detail
	b, set, err := s.board(ctx)
	if err != nil {
		return d, err
	}
	if d.Events, err = s.store.InboxEvents(ctx, id); err != nil {
		return d, err
	}
	if d.Topics, err = s.store.InboxTopics(ctx, id); err != nil {
		return d, err
	}
	i := slices.IndexFunc(b.entries, func(e entry) bool { return e.id == id })
	if i >= 0 {
		items, err := s.items(ctx, b, []int64{id})
		if err == nil && len(items) == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no conversation %d", id)
		}
		if err != nil {
			return d, err
		}
		d.Item = items[0]
		return d, nil
	}
	e := entry{id: id}
	if e.state, err = s.store.InboxState(ctx, id); err != nil {
		return d, err
	}
	all, err := s.store.ConversationsByID(ctx, []int64{id})
	if err != nil {
		return d, err
	}
	c, ok := all[id]
	if !ok {
		return d, greenroom.Errorf(greenroom.CodeNotFound, "there is no conversation %d", id)
	}
	targets, err := s.targets(ctx, set, []int64{id})
	if err != nil {
		return d, err
	}
	team, err := s.store.InboxTeam(ctx)
	if err != nil {
		return d, fmt.Errorf("listing the team: %w", err)
	}
	e.status = e.state.status(false, c.LastActivityAt, s.now())
	if e.target = targets[id]; e.target.Hours == 0 {
		e.target = set.target(-1)
	}
	e.due = set.Due(e.target, c.OpenedAt, s.zone())
	d.Item = s.item(&c, &e, team)
	return d, nil
}

// Waits says how long questions of the last weeks waited, by hour of the week, and within the usual target.
func (s *Service) Waits(ctx context.Context, weeks int) (Waits, error) {
	w, _, err := s.waits(ctx, weeks)
	return w, err
}

// WaitsOf lists the questions behind an hour of the week; the day counts from Monday = 0.
func (s *Service) WaitsOf(ctx context.Context, weeks, day, hour int) ([]greenroom.Conversation, error) {
	_, all, err := s.waits(ctx, weeks)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, q := range all {
		if at := q.Opened.In(s.zone()); (int(at.Weekday())+6)%7 == day && at.Hour() == hour {
			ids = append(ids, q.ID)
		}
	}
	found, err := s.store.ConversationsByID(ctx, ids)
	list := []greenroom.Conversation{}
	for _, c := range found {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b greenroom.Conversation) int {
		return cmp.Or(b.OpenedAt.Compare(a.OpenedAt), cmp.Compare(b.ID, a.ID))
	})
	return list, err
}

func (s *Service) waits(ctx context.Context, weeks int) (Waits, []Wait, error) {
	if weeks < 1 || weeks > 104 {
		return Waits{}, nil, greenroom.Errorf(greenroom.CodeInvalid, "waits are known of 1 to 104 weeks")
	}
	set, err := s.Settings(ctx)
	if err != nil {
		return Waits{}, nil, err
	}
	now := s.now()
	since := now.AddDate(0, 0, -7*weeks)
	all, err := s.store.InboxWaits(ctx, since)
	if err != nil {
		return Waits{}, nil, fmt.Errorf("reading how long questions waited: %w", err)
	}
	return Summarize(all, since, now, time.Duration(set.Usual*float64(time.Hour)), s.zone()), all, nil
}

// lateEvery is how often a page that stays open learns what has become late.
const lateEvery = 5 * time.Minute

// Version names the state of the inbox: while it is the same, nothing has changed that a page shows.
func (s *Service) Version(ctx context.Context) (string, error) {
	g, err := s.store.InboxSignal(ctx)
	if err != nil {
		return "", fmt.Errorf("asking how far the store is: %w", err)
	}
	return fmt.Sprintf("%d.%d.%d.%d.%d", g.Activity, g.Version, g.Reading, g.Event, s.now().Unix()/int64(lateEvery.Seconds())), nil
}

// Look notes that somebody looks at an item and lists who else does, by mail address.
func (s *Service) Look(id int64, person string) []string { return s.seen.look(id, person, s.now()) }

// Leave notes that somebody looks at an item no more.
func (s *Service) Leave(id int64, person string) { s.seen.leave(id, person) }

// Destinations lists where escalations can write to.
func (s *Service) Destinations(ctx context.Context) ([]outbox.Destination, error) {
	return s.store.Destinations(ctx)
}

// Sent lists what was written in a conversation, or to helpers, from the inbox, the latest first.
func (s *Service) Sent(ctx context.Context, id int64) ([]outbox.Message, error) {
	return s.store.MessageList(ctx, outbox.Filter{Origin: "inbox", ID: id})
}
