// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"greenroom/internal/list"
	"greenroom/internal/priority"
	"greenroom/internal/query"
)

// answerCache keeps answers for a moment, so that many who open the same pages while facts stream in cost as much as one.
// Whatever a person changes is seen at once, and so is what follows from it: any writing that is not an import's throws
// all answers away. Where derived state changes time and again, as while members are matched, answers get old as they do
// beside an import, and are thrown away when it comes to rest.
type answerCache struct {
	mu        sync.Mutex
	keep      time.Duration // 0 = nothing is kept
	all       map[string]*cachedAnswer
	epoch     uint64            // of the answers that may be given
	changedAt time.Time         // since when there has been that epoch
	runs      int               // imports that this process runs now
	derivedAt time.Time         // when derived state changed last; zero = not since a person changed something
	stale     bool              // derived state has changed since then, and the answers were kept
	gets      uint64            // how often anything was asked for
	later     func(func()) bool // whether it will be done
}

// cachedAnswer is one of them. Who needs it while it is computed waits for it.
type cachedAnswer struct {
	mu sync.Mutex
	answer
	asked uint64 // when it was asked for last, in numbers of questions
	aging bool   // it waits to be computed again
}

type answer struct {
	value any
	at    time.Time
	took  time.Duration
	epoch uint64
	facts uint64 // the version of the figures that it is from; 0 = there were none
	there bool
}

// How many answers are kept at most, and how many of those times as long as the rest: what a query looks up before the
// list is read, and how long the list is. Both cost more than a page, and change slower.
const (
	keptAnswers = 1024
	slower      = 4
	restless    = 10 // for so many times as long derived state may pause before it is taken to have come to rest
	muchSlower  = 20 // of a list that is longer than is counted: it will not get shorter
)

// How long an answer is kept that took long, while there are no new facts, or new ones all the time: so many times as long as it
// took, so that asking for it again and again takes no more than that share of the machine, and no longer than that.
const (
	costly      = 500
	longestKept = 15 * time.Second
)

// CacheAnswers lets lists and counts be given again for a while: a server with many readers wants that, a command does not.
// Answers that will soon be too old are computed again by later, which says whether it will: it may leave them out when it is busy.
func (s *Store) CacheAnswers(keep time.Duration, later func(func()) bool) {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	s.cache.keep = keep
	s.cache.later = later
}

// changed throws the answers away.
func (c *answerCache) changed(now func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renew(now())
	c.derivedAt = time.Time{}
}

// renew is changed for who holds the lock.
func (c *answerCache) renew(at time.Time) {
	c.epoch, c.changedAt, c.stale = c.epoch+1, at, false
}

// derived throws them away when neither an import will write again in a moment, nor whoever derives has just written.
func (c *answerCache) derived(now func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs > 0 {
		return
	}
	at := now()
	often := !c.derivedAt.IsZero() && within(at.Sub(c.derivedAt), restless*c.keep)
	if c.derivedAt = at; often {
		c.stale = true
	} else {
		c.renew(at)
	}
}

// settled throws away what was kept while derived state changed, once it has come to rest. The caller holds the lock.
func (c *answerCache) settled(now func() time.Time) {
	if !c.stale {
		return
	}
	if at := now(); !within(at.Sub(c.derivedAt), restless*c.keep) {
		c.renew(at)
	}
}

// within reports whether an age is less than a limit. One that a clock which was put back makes negative is not.
func within(age, limit time.Duration) bool { return age >= 0 && age < limit }

// running counts imports.
func (c *answerCache) running(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs = max(0, c.runs+n); c.runs == 0 {
		c.derivedAt = time.Time{} // what follows from the last of it is seen at once
	}
}

// place finds where an answer is kept; nil when nothing is.
func (c *answerCache) place(key string, now func() time.Time) (k *cachedAnswer, epoch uint64, keep time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keep == 0 {
		return nil, 0, 0
	}
	c.settled(now)
	k, ok := c.all[key]
	if !ok {
		if len(c.all) >= keptAnswers {
			maps.DeleteFunc(c.all, func(_ string, k *cachedAnswer) bool { return c.gets-k.asked > keptAnswers/2 })
		}
		if c.all == nil || len(c.all) >= keptAnswers {
			c.all = make(map[string]*cachedAnswer)
		}
		k = &cachedAnswer{}
		c.all[key] = k
	}
	c.gets++
	k.asked = c.gets
	return k, c.epoch, c.keep
}

// cached gives the answer that is kept under a key, or computes it.
func cached[T any](ctx context.Context, s *Store, key string, compute func(context.Context) (T, error)) (T, error) {
	return cachedFor(ctx, s, key, func(T) int { return 1 }, compute)
}

// cachedFor is cached for answers that are kept longer, so many times as they say. One that is asked for when most of
// its time is over is given, and computed again beside: so nobody waits for what is asked for often.
func cachedFor[T any](ctx context.Context, s *Store, key string, times func(T) int, compute func(context.Context) (T, error)) (T, error) {
	k, epoch, keep := s.cache.place(key, s.now)
	if k == nil {
		return compute(ctx)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if v, ok := k.value.(T); ok && k.there && k.epoch == epoch {
		keep *= time.Duration(times(v))
		if k.facts != 0 && (k.facts == s.factsVersion() || s.Changing()) {
			keep = max(keep, min(costly*k.took, longestKept))
		}
		switch age := s.now().Sub(k.at); {
		case !within(age, keep):
		case age >= keep/2:
			if !k.aging {
				at := k.at
				k.aging = s.cache.later(func() {
					k.again(at, func() (answer, error) {
						next, _, err := computed(priority.Background(context.WithoutCancel(ctx)), s, epoch, compute)
						return next, err
					})
				})
			}
			return v, nil
		default:
			return v, nil
		}
	}
	next, v, err := computed(ctx, s, epoch, compute)
	k.answer = next
	return v, err
}

// again computes an answer anew that is from some time, unless somebody did meanwhile, and nobody waits for it. One that was thrown
// away before it is there is not given, because of its epoch.
func (k *cachedAnswer) again(at time.Time, compute func() (answer, error)) {
	k.mu.Lock()
	if !k.at.Equal(at) {
		k.aging = false
		k.mu.Unlock()
		return
	}
	k.mu.Unlock()
	next, err := compute()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.aging = false; err == nil {
		k.answer = next
	}
}

// computed computes an answer that may be given in an epoch.
func computed[T any](ctx context.Context, s *Store, epoch uint64, compute func(context.Context) (T, error)) (answer, T, error) {
	next := answer{at: s.now(), epoch: epoch, facts: s.factsVersion()}
	v, err := compute(ctx)
	next.value, next.took, next.there = v, s.now().Sub(next.at), err == nil
	return next, v, err
}

// cachedPage is cached for a page of a list. Callers may change the items' order, not the items.
func cachedPage[T any](ctx context.Context, s *Store, e query.Entity, req list.Request, compute func(context.Context) (list.Page[T], error)) (list.Page[T], error) {
	text := ""
	if req.Query != nil {
		text = req.Query.String()
	}
	p, err := cached(ctx, s, fmt.Sprintf("list %s %q %q %d %t", e, text, req.Cursor, req.Size(), req.Count), compute)
	p.Items = slices.Clone(p.Items)
	return p, err
}

// state is for how long answers are kept, and the epoch of those that may be given.
func (c *answerCache) state() (keep time.Duration, epoch uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.keep, c.epoch
}

// Importing reports whether this process runs an import.
func (s *Store) Importing() bool {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	return s.cache.runs > 0
}

// Changing reports whether what answers are made of changes time and again at present, by an import or because much is
// derived. The projector then sees to what is held in memory, and answers may be some seconds old.
func (s *Store) Changing() bool {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	s.cache.settled(s.now)
	return s.cache.runs > 0 || s.cache.stale
}

// asOf is the time that a query's conditions are resolved against: that of a moment ago where answers are given again,
// so that the same words ask for the same.
func (s *Store) asOf() time.Time {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	if s.cache.keep == 0 {
		return s.now()
	}
	return s.now().Truncate(slower * s.cache.keep)
}
