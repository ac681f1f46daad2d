// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analyticstest

import (
	"context"
	"slices"

	"greenroom/internal/analytics"
)

// Feed is a record store in memory, as far as a projection asks one. What is in it may be changed between its calls, by the
// methods or, of what has no history, in place.
type Feed struct {
	Facts         []analytics.Fact // by id; one without a source is deleted
	Changes       []int64          // ids
	Readings      map[int64]int64  // when each activity was read for the last time
	Identities    map[int64]identity
	Conversations map[int64]conversation
	Sources       []analytics.Source
	Channels      []analytics.Channel
	Version       int64
	Reads         int64
	Gone          []int64 // identities that were erased
	Fail          error   // is returned by End
}

type identity struct {
	analytics.Identity
	version int64
}

type conversation struct {
	analytics.Conversation
	version int64
}

// NewFeed returns an empty record store.
func NewFeed() *Feed {
	return &Feed{Readings: make(map[int64]int64), Identities: make(map[int64]identity), Conversations: make(map[int64]conversation)}
}

// AddFact stores an activity under the next id.
func (f *Feed) AddFact(a analytics.Fact) {
	a.ID = int64(len(f.Facts) + 1)
	f.Facts = append(f.Facts, a)
}

// ChangeFact edits an activity, or deletes it where a is zero.
func (f *Feed) ChangeFact(id int64, a analytics.Fact) {
	a.ID = id
	f.Facts[id-1] = a
	f.Changes = append(f.Changes, id)
}

// ReadFact reads, or corrects, what an activity says.
func (f *Feed) ReadFact(id int64, said analytics.Said) {
	f.Facts[id-1].Said = said
	f.Reads++
	f.Readings[id] = f.Reads
}

// Put stores identities and conversations in one transaction.
func (f *Feed) Put(ids []analytics.Identity, convs ...analytics.Conversation) {
	f.Version++
	for _, i := range ids {
		f.Identities[i.ID] = identity{i, f.Version}
	}
	for _, c := range convs {
		f.Conversations[c.ID] = conversation{c, f.Version}
	}
}

// End implements the feed of a projection, as do the others.
func (f *Feed) End(context.Context) (activity, version int64, err error) {
	return int64(len(f.Facts)), f.Version, f.Fail
}

// FactsAfter lists activities.
func (f *Feed) FactsAfter(_ context.Context, after int64, limit int, into *analytics.Facts) (int64, error) {
	last := after
	for _, a := range f.Facts[after:min(len(f.Facts), int(after)+limit)] {
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

// ChangesAfter lists changes of activities.
func (f *Feed) ChangesAfter(_ context.Context, after int64, limit int) (ids []int64, now *analytics.Facts, last int64, err error) {
	now = &analytics.Facts{}
	part := f.Changes[after:min(len(f.Changes), int(after)+limit)]
	for _, id := range part {
		if slices.Contains(ids, id) {
			continue
		}
		ids = append(ids, id)
		if a := f.Facts[id-1]; a.Source != 0 {
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

// IdentitiesAfter lists identities.
func (f *Feed) IdentitiesAfter(_ context.Context, after analytics.Mark, limit int) ([]analytics.Identity, analytics.Mark, error) {
	list, last := later(f.Identities, after, limit, func(i identity) analytics.Mark { return analytics.Mark{Version: i.version, ID: i.ID} })
	var all []analytics.Identity
	for _, i := range list {
		all = append(all, i.Identity)
	}
	return all, last, nil
}

// ConversationsAfter lists conversations.
func (f *Feed) ConversationsAfter(_ context.Context, after analytics.Mark, limit int) ([]analytics.Conversation, analytics.Mark, error) {
	list, last := later(f.Conversations, after, limit, func(c conversation) analytics.Mark { return analytics.Mark{Version: c.version, ID: c.ID} })
	var all []analytics.Conversation
	for _, c := range list {
		all = append(all, c.Conversation)
	}
	return all, last, nil
}

// ReadingsAfter lists what was read.
func (f *Feed) ReadingsAfter(_ context.Context, after analytics.Mark, limit int) ([]analytics.Reading, analytics.Mark, error) {
	marks := make(map[int64]analytics.Mark, len(f.Readings))
	for id, version := range f.Readings {
		marks[id] = analytics.Mark{Version: version, ID: id}
	}
	mark := func(m analytics.Mark) analytics.Mark { return m }
	if limit == 0 {
		_, last := later(marks, after, len(marks), mark)
		return nil, last, nil
	}
	list, last := later(marks, after, limit, mark)
	var all []analytics.Reading
	for _, m := range list {
		all = append(all, analytics.Reading{ID: m.ID, Said: f.Facts[m.ID-1].Said})
	}
	return all, last, nil
}

// Erased lists identities that are no more.
func (f *Feed) Erased(_ context.Context, known int64) (int64, []int64, error) {
	if int64(len(f.Gone)) == known {
		return known, nil, nil
	}
	return int64(len(f.Gone)), slices.Clone(f.Gone), nil
}

// Places lists sources and channels.
func (f *Feed) Places(_ context.Context, afterChannel int64) ([]analytics.Source, []analytics.Channel, error) {
	var channels []analytics.Channel
	for _, c := range f.Channels {
		if c.ID > afterChannel {
			channels = append(channels, c)
		}
	}
	return slices.Clone(f.Sources), channels, nil
}
