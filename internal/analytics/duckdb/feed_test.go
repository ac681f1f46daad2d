// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package duckdb_test

import (
	"context"
	"slices"

	"greenroom/internal/analytics"
)

// feed is a record store in memory, as far as the projection asks one.
type feed struct {
	facts         []analytics.Fact // by id; one without a source is deleted
	changes       []int64          // ids
	readings      map[int64]int64  // when each was read for the last time
	identities    map[int64]identity
	conversations map[int64]conversation
	sources       []analytics.Source
	channels      []analytics.Channel
	version       int64
	reads         int64
	erased        []int64
	// fail is returned by the next so many calls.
	fail error
}

type identity struct {
	analytics.Identity
	version int64
}

type conversation struct {
	analytics.Conversation
	version int64
}

func newFeed() *feed {
	return &feed{readings: make(map[int64]int64), identities: make(map[int64]identity), conversations: make(map[int64]conversation)}
}

func (f *feed) addFact(a analytics.Fact) {
	a.ID = int64(len(f.facts) + 1)
	f.facts = append(f.facts, a)
}

// changeFact edits an activity, or deletes it where a is zero.
func (f *feed) changeFact(id int64, a analytics.Fact) {
	a.ID = id
	f.facts[id-1] = a
	f.changes = append(f.changes, id)
}

// readFact reads what an activity says.
func (f *feed) readFact(id int64, said analytics.Said) {
	f.facts[id-1].Said = said
	f.reads++
	f.readings[id] = f.reads
}

func (f *feed) ReadingsAfter(_ context.Context, after analytics.Mark, limit int) ([]analytics.Reading, analytics.Mark, error) {
	type read struct {
		analytics.Reading
		version int64
	}
	all := make(map[int64]read)
	last := after
	for id, version := range f.readings {
		all[id] = read{analytics.Reading{ID: id, Said: f.facts[id-1].Said}, version}
		if version > last.Version || version == last.Version && id > last.ID {
			last = analytics.Mark{Version: version, ID: id}
		}
	}
	if limit == 0 {
		return nil, last, nil
	}
	list, mark := later(all, after, limit, func(r read) analytics.Mark { return analytics.Mark{Version: r.version, ID: r.ID} })
	out := make([]analytics.Reading, len(list))
	for i := range list {
		out[i] = list[i].Reading
	}
	return out, mark, nil
}

// put stores identities and conversations in one transaction.
func (f *feed) put(ids []analytics.Identity, convs ...analytics.Conversation) {
	f.version++
	for _, i := range ids {
		f.identities[i.ID] = identity{i, f.version}
	}
	for _, c := range convs {
		f.conversations[c.ID] = conversation{c, f.version}
	}
}

func (f *feed) End(context.Context) (activity, version int64, err error) {
	return int64(len(f.facts)), f.version, f.fail
}

func (f *feed) FactsAfter(_ context.Context, after int64, limit int, into *analytics.Facts) (int64, error) {
	last := after
	for _, a := range f.facts[after:min(len(f.facts), int(after)+limit)] {
		last = a.ID
		if a.Source == 0 {
			continue
		}
		if err := into.Add(a); err != nil {
			return after, err
		}
	}
	return last, nil
}

func (f *feed) ChangesAfter(_ context.Context, after int64, limit int) (ids []int64, now *analytics.Facts, last int64, err error) {
	now = &analytics.Facts{}
	part := f.changes[after:min(len(f.changes), int(after)+limit)]
	for _, id := range part {
		if slices.Contains(ids, id) {
			continue
		}
		ids = append(ids, id)
		if a := f.facts[id-1]; a.Source != 0 {
			if err := now.Add(a); err != nil {
				return nil, nil, after, err
			}
		}
	}
	return ids, now, after + int64(len(part)), nil
}

// later lists what stands after a mark, in order.
func later[T any](all map[int64]T, after analytics.Mark, limit int, mark func(T) analytics.Mark) ([]T, analytics.Mark) {
	var list []T
	for _, v := range all {
		if m := mark(v); m.Version > after.Version || m.Version == after.Version && m.ID > after.ID {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b T) int {
		x, y := mark(a), mark(b)
		if x.Version != y.Version {
			return int(x.Version - y.Version)
		}
		return int(x.ID - y.ID)
	})
	list = list[:min(len(list), limit)]
	if len(list) == 0 {
		return nil, after
	}
	return list, mark(list[len(list)-1])
}

func (f *feed) IdentitiesAfter(_ context.Context, after analytics.Mark, limit int) ([]analytics.Identity, analytics.Mark, error) {
	list, last := later(f.identities, after, limit, func(i identity) analytics.Mark { return analytics.Mark{Version: i.version, ID: i.ID} })
	var all []analytics.Identity
	for _, i := range list {
		all = append(all, i.Identity)
	}
	return all, last, nil
}

func (f *feed) ConversationsAfter(_ context.Context, after analytics.Mark, limit int) ([]analytics.Conversation, analytics.Mark, error) {
	list, last := later(f.conversations, after, limit, func(c conversation) analytics.Mark { return analytics.Mark{Version: c.version, ID: c.ID} })
	var all []analytics.Conversation
	for _, c := range list {
		all = append(all, c.Conversation)
	}
	return all, last, nil
}

func (f *feed) Erased(_ context.Context, known int64) (int64, []int64, error) {
	if int64(len(f.erased)) == known {
		return known, nil, nil
	}
	return int64(len(f.erased)), slices.Clone(f.erased), nil
}

func (f *feed) Places(_ context.Context, afterChannel int64) ([]analytics.Source, []analytics.Channel, error) {
	var channels []analytics.Channel
	for _, c := range f.channels {
		if c.ID > afterChannel {
			channels = append(channels, c)
		}
	}
	return slices.Clone(f.sources), channels, nil
}
