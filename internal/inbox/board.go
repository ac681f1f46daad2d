// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"greenroom/internal/query"
)

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
	began    time.Time     // when it was gathered
	took     time.Duration // gathering it
	entries  []entry       // what is due first; what is done comes last, the latest first
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
	s.gathering.Lock() // once for all who look meanwhile
	defer s.gathering.Unlock()
	began := s.now()
	minute := began.Truncate(time.Minute)
	b := s.current()
	if b != nil && b.revision == set.Revision && (b.signal.Decided == signal.Decided && b.spares(began) || b.minute.Equal(minute) && b.signal.same(signal)) {
		b.signal.Decided = signal.Decided // what people have changed since is not on the board, or is on it
		return b, &set, nil
	}
	b = &board{signal: signal, revision: set.Revision, minute: minute, began: began}
	if b.entries, err = s.entries(ctx, &set); err != nil {
		return nil, nil, fmt.Errorf("gathering what waits: %w", err)
	}
	b.took = s.now().Sub(began)
	s.mu.Lock()
	s.kept = b
	s.mu.Unlock()
	return b, &set, nil
}

// current is the board as it was computed last; nil where there is none yet.
func (s *Service) current() *board {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept
}

// A board that took long to gather is kept for so many times as long, and no longer than that, although facts come in; what
// people change is on it at once. Gathering it again and again takes no more than that share of the machine.
const (
	longToGather = 50 * time.Millisecond
	costly       = 20
	longestKept  = 15 * time.Second
)

// spares reports whether the board may be shown although facts or the minute have changed.
func (b *board) spares(now time.Time) bool {
	age := now.Sub(b.began)
	return b.took >= longToGather && age >= 0 && age < min(costly*b.took, longestKept)
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
	views := [...]struct {
		view View
		to   *int
	}{{ViewWaiting, &c.Waiting}, {ViewMine, &c.Mine}, {ViewUnassigned, &c.Unassigned}, {ViewOverdue, &c.Overdue}, {ViewSnoozed, &c.Snoozed}, {ViewDone, &c.Done}}
	for i := range b.entries {
		e := &b.entries[i]
		for _, v := range views {
			if e.in(v.view, person, now) {
				*v.to++
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
	kept := s.current()
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
