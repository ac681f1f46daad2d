// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"greenroom/internal/list"
	"greenroom/internal/query"
)

// reuse keeps answers for a moment, so that many who open the same pages while facts stream in cost as much as one.
// Whatever a person changes is seen at once: any writing that is not an import's throws all answers away.
type reuse struct {
	mu    sync.Mutex
	keep  time.Duration // 0 = nothing is kept
	all   map[string]*kept
	epoch uint64 // of the answers that may be given
	runs  int    // imports that this process runs now
}

// kept is one answer. Who needs it while it is computed waits for it.
type kept struct {
	mu    sync.Mutex
	value any
	at    time.Time
	epoch uint64
	there bool
}

// How many answers are kept at most, and how many of those times as long as the rest: what a query looks up before the
// list is read, and how long the list is. Both cost more than a page, and change slower.
const (
	keptAnswers = 256
	slower      = 4
	muchSlower  = 20 // of a list that is longer than is counted: it will not get shorter
)

// Reuse lets lists and counts be given again for a while: a server with many readers wants that, a command does not.
func (s *Store) Reuse(keep time.Duration) {
	s.reuse.mu.Lock()
	defer s.reuse.mu.Unlock()
	s.reuse.keep = keep
}

// changed throws the answers away.
func (r *reuse) changed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
}

// derived throws them away when no import will write again in a moment.
func (r *reuse) derived() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.runs == 0 {
		r.epoch++
	}
}

// running counts imports.
func (r *reuse) running(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs = max(0, r.runs+n)
}

// place finds where an answer is kept; nil when nothing is.
func (r *reuse) place(key string) (k *kept, epoch uint64, keep time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keep == 0 {
		return nil, 0, 0
	}
	k, ok := r.all[key]
	if !ok {
		if r.all == nil || len(r.all) >= keptAnswers {
			r.all = make(map[string]*kept)
		}
		k = &kept{}
		r.all[key] = k
	}
	return k, r.epoch, r.keep
}

// again gives the answer that is kept under a key, or computes it.
func again[T any](s *Store, key string, compute func() (T, error)) (T, error) {
	return againFor(s, key, func(T) int { return 1 }, compute)
}

// againFor is again for answers that are kept longer, so many times as they say.
func againFor[T any](s *Store, key string, times func(T) int, compute func() (T, error)) (T, error) {
	k, epoch, keep := s.reuse.place(key)
	if k == nil {
		return compute()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if v, ok := k.value.(T); ok && k.there && k.epoch == epoch {
		if age := s.now().Sub(k.at); age >= 0 && age < keep*time.Duration(times(v)) {
			return v, nil
		}
	}
	v, err := compute()
	k.value, k.at, k.epoch, k.there = v, s.now(), epoch, err == nil
	return v, err
}

// pageAgain is again for a page of a list. Callers may change the items' order, not the items.
func pageAgain[T any](ctx context.Context, s *Store, e query.Entity, req list.Request, compute func(context.Context) (list.Page[T], error)) (list.Page[T], error) {
	text := ""
	if req.Query != nil {
		text = req.Query.String()
	}
	p, err := again(s, fmt.Sprintf("list %s %q %q %d %t", e, text, req.Cursor, req.Size(), req.Count), func() (list.Page[T], error) { return compute(ctx) })
	p.Items = slices.Clone(p.Items)
	return p, err
}

// asOf is the time that a query's conditions are resolved against: that of a moment ago where answers are given again,
// so that the same words ask for the same.
func (s *Store) asOf() time.Time {
	s.reuse.mu.Lock()
	defer s.reuse.mu.Unlock()
	if s.reuse.keep == 0 {
		return s.now()
	}
	return s.now().Truncate(slower * s.reuse.keep)
}
