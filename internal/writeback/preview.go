// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package writeback

import (
	"context"
	"encoding/json"
	"fmt"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/query"
)

// How much a preview looks at.
const (
	previewContacts = 1000 // that are compared with what the platform has
	previewRows     = 50   // that are shown
)

// Preview says what a request would change, without changing anything.
type Preview struct {
	Members   int64     `json:"members"`    // that the query gives
	NoContact int64     `json:"no_contact"` // those of them who have no contact in the source
	Contacts  int64     `json:"contacts"`   // that were compared
	More      bool      `json:"more"`       // there are more contacts than were compared
	Change    int64     `json:"change"`     // that would get another value
	Unchanged int64     `json:"unchanged"`  // that have all values already
	Gone      int64     `json:"gone"`       // that the platform has no more
	Mapping   []Mapping `json:"mapping"`
	Rows      []Row     `json:"rows"` // the first that would change
}

// Row is a contact that would change.
type Row struct {
	Contact  string            `json:"contact"`
	MemberID int64             `json:"member_id"`
	Name     string            `json:"name"`
	Before   map[string]string `json:"before"`
	After    map[string]string `json:"after"` // what differs only
	Note     string            `json:"note,omitempty"`
}

// Preview compares what a request would write with what is there.
func (s *Service) Preview(ctx context.Context, r *Request) (*Preview, error) {
	plan, w, all, joined, err := s.check(ctx, r)
	if err != nil {
		return nil, err
	}
	p := &Preview{Mapping: plan.Set, Rows: []Row{}}
	if p.Members, err = s.store.CountAll(ctx, query.Members, all); err != nil {
		return nil, fmt.Errorf("counting the members of the query: %w", err)
	}
	on, err := s.store.CountAll(ctx, query.Members, joined)
	if err != nil {
		return nil, fmt.Errorf("counting the members with a contact: %w", err)
	}
	p.NoContact = p.Members - on
	err = s.each(ctx, plan, w, joined, func(some []entry) (bool, error) {
		if room := previewContacts - p.Contacts; int64(len(some)) > room {
			some, p.More = some[:room], true
		}
		return !p.More, p.compare(ctx, plan, w, some)
	})
	return p, err
}

// compare adds contacts to a preview.
func (p *Preview) compare(ctx context.Context, plan *Plan, w connector.Writer, some []entry) error {
	return compare(ctx, w, plan.properties(), some, func(e *entry, there bool, before, differ map[string]string) {
		p.Contacts++
		switch {
		case !there:
			p.Gone++
		case len(differ) == 0:
			p.Unchanged++
		default:
			p.Change++
			if len(p.Rows) < previewRows {
				p.Rows = append(p.Rows, Row{Contact: e.contact, MemberID: e.member, Name: e.name, Before: before, After: differ, Note: e.note})
			}
		}
	})
}

// compare reads what contacts or companies have, and tells of each whether it is there and what differs.
func compare(ctx context.Context, w connector.Fields, properties []connector.Property, some []entry, tell func(e *entry, there bool, before, differ map[string]string)) error {
	if len(some) == 0 {
		return nil
	}
	contacts := make([]string, len(some))
	for i := range some {
		contacts[i] = some[i].contact
	}
	present, err := w.Present(ctx, contacts, properties)
	if err != nil {
		return fmt.Errorf("reading what is there: %w", err)
	}
	for i := range some {
		e := &some[i]
		have, ok := present[e.contact]
		change := connector.ContactChange{Contact: e.contact, Set: e.set}
		differ := change.Differing(have, properties)
		before := make(map[string]string, len(differ))
		for name := range differ {
			before[name] = have[name]
		}
		tell(e, ok, before, differ)
	}
	return nil
}

// Perform writes items of an action; it is what action.Runner calls.
func (s *Service) Perform(ctx context.Context, a *action.Action, items []action.Item) error {
	var plan Plan
	if err := json.Unmarshal(a.Plan, &plan); err != nil {
		return fmt.Errorf("decoding the plan of action %d: %w", a.ID, err)
	}
	_, w, err := s.writer(ctx, plan.Source)
	if err != nil {
		return err
	}
	changes := make([]connector.ContactChange, len(items))
	for i := range items {
		it := &items[i]
		changes[i] = connector.ContactChange{Contact: it.Target, Set: it.After, Again: it.Again}
		if it.Note != "" {
			changes[i].Note = &connector.ContactNote{Key: noteKey(a.ID, it.Seq), Text: it.Note, Link: it.Link, At: a.CreatedAt}
		}
	}
	written, err := w.Write(ctx, changes, plan.properties())
	if err != nil {
		return fmt.Errorf("writing to %s: %w", plan.Source, err)
	}
	return noteOutcomes(plan.Source, items, written)
}

// noteOutcomes notes what became of items.
func noteOutcomes(source string, items []action.Item, written []connector.Written) error {
	if len(written) != len(items) {
		return greenroom.Errorf(greenroom.CodeInternal, "%s told of %d items, not of %d", source, len(written), len(items))
	}
	outcomes := map[connector.Outcome]action.ItemState{connector.OutcomeDone: action.ItemDone, connector.OutcomeUnchanged: action.ItemUnchanged, connector.OutcomeFailed: action.ItemFailed}
	for i := range items {
		items[i].State, items[i].Before, items[i].Reason, items[i].Result = outcomes[written[i].Outcome], written[i].Before, written[i].Reason, written[i].Link
	}
	return nil
}

// noteKey stands in a note, so that it is found again. The square brackets keep one from being the start of another.
func noteKey(id, seq int64) string { return fmt.Sprintf("[Greenroom action %d, item %d]", id, seq) }
