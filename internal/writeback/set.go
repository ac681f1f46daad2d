// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package writeback

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
)

// One is a value for a property of one member's contact.
type One struct {
	Source   string // a CRM that is connected
	Property string // its name there
	Value    string
	MemberID int64
}

// SetOne makes an action that writes one value to a member's contact. Written is false where they have none in the source:
// then nothing is made. Key, by and approved are as for Send.
func (s *Service) SetOne(ctx context.Context, one *One, key, by string, approved bool) (written bool, err error) {
	src, w, err := s.writer(ctx, one.Source)
	if err != nil {
		return false, err
	}
	all, err := s.known.of(ctx, src.Name, s.now(), w)
	if err != nil {
		return false, fmt.Errorf("asking %s what can be written: %w", src.Name, err)
	}
	i := slices.IndexFunc(all, func(p connector.Property) bool { return p.Name == one.Property })
	if i < 0 {
		return false, greenroom.Errorf(greenroom.CodeInvalid, "%s has no property %q of contacts that can be written", src.Name, one.Property)
	}
	m, err := s.store.Member(ctx, one.MemberID)
	if err != nil {
		return false, fmt.Errorf("looking for member %d: %w", one.MemberID, err)
	}
	ids, err := s.store.MemberIdentities(ctx, m.ID)
	if err != nil {
		return false, fmt.Errorf("looking for the accounts of member %d: %w", m.ID, err)
	}
	var items []action.Item
	for n := range ids {
		if id := &ids[n]; id.Source == src.Name && w.Writes(id.ExternalID) {
			items = append(items, action.Item{Target: id.ExternalID, MemberID: m.ID, Name: m.Name, After: map[string]string{one.Property: cut(one.Value, all[i].Max)}})
		}
	}
	if len(items) == 0 {
		return false, nil
	}
	plan := &Plan{Request: Request{Source: src.Name}, Platform: src.Platform, Set: []Mapping{{Property: all[i]}}}
	text, err := json.Marshal(plan)
	if err != nil {
		return false, fmt.Errorf("encoding a plan: %w", err)
	}
	a := action.Action{
		Key: key, Kind: Kind, Source: src.Name, Plan: text, State: action.Proposed, CreatedBy: by,
		Title: fmt.Sprintf("Set %s of %s in %s", all[i].Label, plural(len(items), "contact", "contacts"), src.Name), // no name: members can be erased
	}
	if approved {
		a.State, a.ApprovedBy, a.ApprovedAt = action.Approved, by, s.now()
	}
	_, added, err := s.store.AddAction(ctx, a, items)
	if err != nil {
		return false, err //nolint:wrapcheck // the store says what it did
	}
	if added && approved {
		s.wake()
	}
	return true, nil
}

// properties remembers what can be written to sources: who sets one value a hundred times asks once.
type properties struct {
	mu  sync.Mutex
	all map[string]asked
}

type asked struct {
	at   time.Time
	have []connector.Property
}

// propertiesFor is how long it is remembered.
const propertiesFor = 10 * time.Minute

func (p *properties) of(ctx context.Context, source string, now time.Time, w connector.Writer) ([]connector.Property, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a, ok := p.all[source]; ok && now.Sub(a.at) < propertiesFor {
		return a.have, nil
	}
	have, err := w.Properties(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what was asked
	}
	if p.all == nil {
		p.all = make(map[string]asked)
	}
	p.all[source] = asked{now, have}
	return have, nil
}
