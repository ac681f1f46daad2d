// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
)

// batch is what some runs see that are taken on together.
type batch struct {
	e        *Engine
	rules    consent.Rules
	people   map[int64]Person
	contacts map[int64]outbox.Contact
	begun    map[int64]Begun
	messages map[string]outbox.Message
	ways     map[outbox.Channel][]string
	team     Team
	ids      map[query.Entity][]int64 // of all runs, so that a query is asked once for all
	fit      map[string]map[int64]bool
}

func (e *Engine) batch(ctx context.Context, runs []Run) (*batch, error) {
	b := &batch{e: e, ids: make(map[query.Entity][]int64), fit: make(map[string]map[int64]bool)}
	members, activities := make(map[int64]bool), make(map[int64]bool)
	var keys []string
	for i := range runs {
		members[runs[i].MemberID] = true
		if runs[i].ActivityID > 0 {
			activities[runs[i].ActivityID] = true
		}
		if runs[i].ConversationID > 0 {
			b.ids[query.Conversations] = append(b.ids[query.Conversations], runs[i].ConversationID)
		}
		if runs[i].Message != "" {
			keys = append(keys, runs[i].Message)
		}
	}
	b.ids[query.Activities] = slices.Sorted(maps.Keys(activities))
	var err error
	if b.people, err = e.store.WorkflowPeople(ctx, slices.Sorted(maps.Keys(members))); err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	now := make(map[int64]bool, len(b.people))
	for _, p := range b.people {
		now[p.ID] = true
	}
	b.ids[query.Members] = slices.Sorted(maps.Keys(now))
	if b.rules, err = e.store.ContactRules(ctx); err != nil {
		return nil, fmt.Errorf("reading the rules on writing to members: %w", err)
	}
	if b.contacts, err = e.store.Contacts(ctx, b.ids[query.Members], e.now().Add(-b.rules.Window())); err != nil {
		return nil, err
	}
	if b.begun, err = e.store.Begun(ctx, b.ids[query.Activities]); err != nil {
		return nil, fmt.Errorf("reading what runs began with: %w", err)
	}
	if b.messages, err = e.store.MessagesByKey(ctx, keys); err != nil {
		return nil, fmt.Errorf("reading what became of messages: %w", err)
	}
	if b.team, err = e.store.Team(ctx); err != nil {
		return nil, fmt.Errorf("reading who is in the team: %w", err)
	}
	if e.parts.Ways != nil {
		if b.ways, err = e.parts.Ways.Ways(ctx); err != nil {
			return nil, fmt.Errorf("asking how members can be reached: %w", err)
		}
	}
	return b, nil
}

func (b *batch) fits(ctx context.Context, entity query.Entity, text string, id int64) (bool, error) {
	key := string(entity) + " " + text
	known, ok := b.fit[key]
	if !ok {
		q, err := b.e.queries.parse(entity, text)
		if err != nil {
			return false, err
		}
		ids := slices.Clone(b.ids[entity])
		slices.Sort(ids)
		fit, err := b.e.store.WhichFit(ctx, entity, q, slices.Compact(ids))
		if err != nil {
			return false, fmt.Errorf("asking whether %q fits: %w", text, err)
		}
		known = make(map[int64]bool, len(fit))
		for _, id := range fit {
			known[id] = true
		}
		b.fit[key] = known
	}
	return known[id], nil
}

func (b *batch) did(ctx context.Context, member int64, text string, after, until time.Time) (time.Time, error) {
	return b.e.did(ctx, member, text, after, until)
}

// did is when a member first did something in a span of time.
func (e *Engine) did(ctx context.Context, member int64, text string, after, until time.Time) (time.Time, error) {
	deeds, err := e.store.DeedsOf(ctx, member, after, until)
	if err != nil || len(deeds) == 0 {
		return time.Time{}, err
	}
	q, err := e.queries.parse(query.Activities, text)
	if err != nil {
		return time.Time{}, err
	}
	ids := make([]int64, len(deeds))
	for i := range deeds {
		ids[i] = deeds[i].ID
	}
	fit, err := e.store.WhichFit(ctx, query.Activities, q, ids)
	if err != nil {
		return time.Time{}, fmt.Errorf("asking whether %q fits: %w", text, err)
	}
	for i := range deeds {
		if _, ok := slices.BinarySearch(fit, deeds[i].ID); ok {
			return deeds[i].At, nil
		}
	}
	return time.Time{}, nil
}

func (b *batch) said(ctx context.Context, conversation, member int64, by bool, after, until time.Time) (time.Time, error) {
	return b.e.said(ctx, conversation, member, by, after, until)
}

func (e *Engine) said(ctx context.Context, conversation, member int64, by bool, after, until time.Time) (time.Time, error) {
	deeds, err := e.store.DeedsIn(ctx, conversation, after, until)
	if err != nil {
		return time.Time{}, err
	}
	for i := range deeds {
		if deeds[i].Said && (deeds[i].Member == member) == by {
			return deeds[i].At, nil
		}
	}
	return time.Time{}, nil
}

func (b *batch) mailed(ctx context.Context, run int64, after, until time.Time) (time.Time, error) {
	return b.e.store.RunAnswered(ctx, run, after, until)
}

func (b *batch) turned(ctx context.Context, member int64, segment string, entered bool, after, until time.Time) (time.Time, error) {
	return b.e.store.Turned(ctx, member, segment, entered, after, until)
}

func (b *batch) became(key string) *outbox.Message {
	if m, ok := b.messages[key]; ok {
		return &m
	}
	return nil
}

// queries keeps queries as they were parsed.
type queries struct {
	schemas map[query.Entity]*query.Schema
	known   map[string]*query.Query
}

func newQueries() queries {
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	q := queries{schemas: make(map[query.Entity]*query.Schema), known: make(map[string]*query.Query)}
	for _, e := range query.Entities() {
		q.schemas[e] = query.NewSchema(e, kinds)
	}
	return q
}

// parse parses a query.
func (q queries) parse(e query.Entity, text string) (*query.Query, error) {
	key := string(e) + " " + text
	if p, ok := q.known[key]; ok {
		return p, nil
	}
	p, err := query.Parse(q.schemas[e], text)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: fmt.Sprintf("the query %q cannot be read: %v", text, err), Err: err}
	}
	q.known[key] = p
	return p, nil
}
