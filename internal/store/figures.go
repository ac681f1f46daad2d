// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// Figures counts in memory what would take the record store long. What it does not know it says so of.
type Figures interface {
	// AsOf is when it last read the record store to its end.
	AsOf() time.Time
	// Version grows with each change of what it knows, and is never 0.
	Version() uint64
	// CountActivities and CountConversations count a list, up to some number above most.
	CountActivities(ctx context.Context, root query.Node, now time.Time, most int64) (n int64, ok bool, err error)
	CountConversations(ctx context.Context, root query.Node, now time.Time, most int64) (n int64, ok bool, err error)
	// Doers gives the members who did something as often as is asked; of those who did not, the ones who did more.
	Doers(d *query.Did, now time.Time) (ids []int64, ok bool)
	// SourceTally counts the activities of a source by kind and channel, deleted ones left out.
	SourceTally(source int64) (kinds map[greenroom.Kind]int64, channels map[int64]int64)
	// MemberTimes yields when a member was active since a time, in no order.
	MemberTimes(member int64, since time.Time, yield func(time.Time))
}

// CountWith has a server's lists counted by f where that is as new as answers that are given again. It is called before
// the first question.
func (s *Store) CountWith(f Figures) { s.figures = f }

// counting is the figures where they can be asked: they have read what people changed, and are no older than answers that
// are given again. It is nil elsewhere.
func (s *Store) counting() Figures {
	if s.figures == nil {
		return nil
	}
	s.cache.mu.Lock()
	keep, changed := s.cache.keep, s.cache.changedAt
	s.cache.mu.Unlock()
	as := s.figures.AsOf()
	if keep == 0 || !as.After(changed) || s.now().Sub(as) > slower*keep {
		return nil
	}
	return s.figures
}

// factsVersion tells what is known at one time from what is known at another, as far as facts, members and readings go; 0
// where that is not known.
func (s *Store) factsVersion() uint64 {
	if f := s.counting(); f != nil {
		return f.Version()
	}
	return 0
}

// countFigures counts a list of activities or conversations by the figures; false where they cannot.
func (s *Store) countFigures(ctx context.Context, f *filter) (n int64, ok bool, err error) {
	figures := s.counting()
	if figures == nil || f.author != "" && f.many == "" || f.flags["deleted"] {
		return 0, false, nil
	}
	count := figures.CountActivities
	if f.listing.entity == query.Conversations {
		count = figures.CountConversations
	} else if f.listing.entity != query.Activities {
		return 0, false, nil
	}
	n, ok, err = count(ctx, f.root, f.now, list.CountLimit)
	return min(n, list.CountLimit+1), ok, err
}

// busiestChannels lists the channels of a source with most activities; false where that takes to look at all of them.
func (s *Store) busiestChannels(ctx context.Context, source int64, counts map[int64]int64, limit int) (all []counted, ok bool, err error) {
	if len(counts) < limit {
		return nil, false, nil
	}
	delete(counts, 0) // what is in no channel
	sorted := make([]int64, 0, len(counts))
	for _, n := range counts {
		sorted = append(sorted, n)
	}
	slices.Sort(sorted)
	slices.Reverse(sorted)
	least := sorted[min(limit, len(sorted))-1]
	var ids []any
	for id, n := range counts {
		if n >= least {
			ids = append(ids, id)
		}
	}
	err = s.eachOf(ctx, "SELECT c.id, c.external_id, c.name, c.url, c.threadless, c.hidden, 0 FROM channel c WHERE c.id IN (%s)", ids, func(rows rowScanner) error {
		c, err := scanCounted(rows, source)
		c.n = counts[c.ID]
		all = append(all, c)
		return err
	})
	slices.SortFunc(all, func(a, b counted) int {
		return cmp.Or(cmp.Compare(b.n, a.n), strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all[:min(limit, len(all))], true, err
}

// counted is a channel with the number of its activities.
type counted struct {
	greenroom.Channel
	n int64
}

func scanCounted(rows rowScanner, source int64) (counted, error) {
	c := counted{Channel: greenroom.Channel{SourceID: source}}
	var threadless, hidden int64
	err := rows.Scan(&c.ID, &c.ExternalID, &c.Name, &c.URL, &threadless, &hidden, &c.n)
	c.Threadless, c.Hidden = threadless != 0, hidden != 0
	return c, err
}
