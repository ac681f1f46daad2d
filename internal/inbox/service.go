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
	"greenroom/internal/query"
	"greenroom/internal/task"
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

	gathering sync.Mutex // who gathers the board; held for long
	mu        sync.Mutex
	kept      *board // the last board that was computed
	index     *index
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
		if _, ok := task.Find(team, email); !ok {
			return set, task.Nobody(team, "", email)
		}
	}
	set.Revision = old.Revision + 1
	if set.AssignSince = old.AssignSince; set.Assign != old.Assign {
		set.AssignSince = s.now().UTC()
	}
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

// usualPage is how many items a page has where nothing else is said.
const usualPage = 30

// Queue lists a view, what is due first first.
func (s *Service) Queue(ctx context.Context, f Filter) (Page, error) {
	if f.View != "" && !slices.Contains(Views(), f.View) {
		return Page{}, greenroom.Errorf(greenroom.CodeInvalid, "there is no view %q; choose %s", f.View, greenroom.AnyOf(Views()))
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
	if p, ok := task.Find(team, e.state.Owner); ok {
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
