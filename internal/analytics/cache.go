// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"greenroom"
	"greenroom/internal/priority"
	"greenroom/internal/query"
)

// setTTL is how long the answer to a condition on members is used again: a page asks for many figures at once with one
// segment, and finding it can take longer than the figures.
const setTTL = 5 * time.Second

// setCacheSize is how many answers are kept.
const setCacheSize = 64

type setCache struct {
	mu  sync.Mutex
	all map[string]cachedSet
}

type cachedSet struct {
	ids     []int64
	at      time.Time
	version uint64 // of the image
}

// cachedMembers asks the engine's Members, or the cache.
type cachedMembers struct{ c *calc }

// IdentitySet implements Members.
func (m cachedMembers) IdentitySet(ctx context.Context, node query.Node) ([]int64, error) {
	e := m.c.e
	if e.from.Members == nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "figures cannot be narrowed by %s", query.Format(node))
	}
	key := query.Format(node) + "\x00" + m.c.now.Location().String()
	cache := &e.sets
	cache.mu.Lock()
	have, ok := cache.all[key]
	cache.mu.Unlock()
	if ok && (have.version == m.c.img.version || e.results.lag() > 0) && m.c.now.Sub(have.at) < setTTL && !m.c.now.Before(have.at) {
		return have.ids, nil
	}
	ids, err := e.from.Members.IdentitySet(ctx, node)
	if err != nil {
		return nil, err
	}
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if len(cache.all) >= setCacheSize || cache.all == nil {
		cache.all = make(map[string]cachedSet)
	}
	cache.all[key] = cachedSet{ids: ids, at: m.c.now, version: m.c.img.version}
	return ids, nil
}

// OrganizationSet implements Organizations.
func (m cachedMembers) OrganizationSet(ctx context.Context, node query.Node) ([]int64, error) {
	if m.c.e.from.Organizations == nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "figures cannot be narrowed by %s where members have changed jobs", query.Format(node))
	}
	return m.c.e.from.Organizations.OrganizationSet(ctx, node) //nolint:wrapcheck // as IdentitySet
}

// resultCacheSize is how many results are kept.
const resultCacheSize = 256

// resultCache keeps results for those that ask the same over the same image, as the pages that everybody opens do. A
// result also depends on the time, so it is kept for no longer than an answer on members, or than a minute.
type resultCache struct {
	mu     sync.Mutex
	all    map[string]cachedResult
	behind func() time.Duration // how old a result may be whose image is no longer the current one; nil = 0
	later  func(func())         // computes results again that will soon be too old; nil = nothing does
	once   singleflight.Group
}

// How long a result is kept that took long: so many times as long as it took, so that asking for it again and again takes
// no more than that share of the machine, and no longer than that.
const (
	costly      = 100
	longestKept = 15 * time.Second
)

// CacheResults lets results be given again although more is known by now, for as long as behind says, and has those that
// will soon be too old computed again by later, which may leave them out when it is busy. It is called before the first
// request.
func (e *Engine) CacheResults(behind func() time.Duration, later func(func())) {
	e.results.behind, e.results.later = behind, later
}

// settledKept is how long a server gives a result again that nothing but the image and the time is behind, while the image
// stays the same: by then it differs by what a minute does to a week.
const settledKept = time.Minute

type cachedResult struct {
	res     *Result
	at      time.Time
	version uint64 // of the image
	took    time.Duration
	settled bool // nothing but the image and the time is behind it
}

// settled reports whether an answer follows from the image and the time alone: neither from conditions that the record
// store is asked for nor from names and tags, which people change without changing the image.
func (r *Request) settled() bool {
	asks := func(q *query.Query) bool { return q != nil && q.Root != nil }
	return !asks(r.Query) && !asks(r.Segment) && r.Breakdown != ByTag && r.Breakdown != ByOrganization
}

// get gives the result that is kept under a key, nil where there is none, and whether most of its time is over.
func (c *resultCache) get(key string, version uint64, now time.Time) (res *Result, soon bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	have, ok := c.all[key]
	keep := setTTL
	switch {
	case have.version != version:
		keep = min(setTTL, c.lag())
	case have.settled && c.behind != nil:
		keep = settledKept
	}
	if keep > 0 {
		keep = max(keep, min(costly*have.took, longestKept))
	}
	age := now.Sub(have.at)
	if !ok || age >= keep || age < 0 {
		return nil, false
	}
	return have.res, age >= keep/2
}

// lag is how old a result may be whose image is no longer the current one.
func (c *resultCache) lag() time.Duration {
	if c.behind == nil {
		return 0
	}
	return c.behind()
}

// together computes a result once for all who ask for it meanwhile: without that, a server that falls behind computes the
// same figures for each of those who wait for them. It goes on when who asked first has left.
func (c *resultCache) together(ctx context.Context, key string, version uint64, compute func(context.Context) (*Result, error)) (*Result, error) {
	if c.behind == nil || priority.InBackground(ctx) { // a request does not wait for what background work computes
		return compute(ctx)
	}
	if c.lag() == 0 { // what has just changed has to be in it
		key += "\x00" + strconv.FormatUint(version, 10)
	}
	done := c.once.DoChan(key, func() (any, error) { return compute(context.WithoutCancel(ctx)) })
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for a figure: %w", ctx.Err())
	case r := <-done:
		res, _ := r.Val.(*Result)
		return res, r.Err //nolint:wrapcheck // it is compute's
	}
}

func (c *resultCache) put(key string, r cachedResult) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.all) >= resultCacheSize || c.all == nil {
		c.all = make(map[string]cachedResult)
	}
	c.all[key] = r
}

// key tells requests apart.
func (r *Request) key() string {
	text := func(q *query.Query) string {
		if q == nil || q.Root == nil {
			return ""
		}
		return query.Format(q.Root)
	}
	return fmt.Sprintf("%s\x00%d\x00%d\x00%s\x00%s\x00%s\x00%+v\x00%q\x00%q", r.Metric, r.From.UnixMicro(), r.To.UnixMicro(), r.Granularity, r.Zone, r.Breakdown, r.Options, text(r.Query), text(r.Segment))
}

// leftOutCache keeps who was left out of figures without a query: that is the same for all metrics of a page.
type leftOutCache struct {
	mu      sync.Mutex
	version uint64 // of the image
	at      time.Time
	all     map[leftOutKey]LeftOut
}

type leftOutKey struct {
	entity  query.Entity
	stretch span
	options Options
}

// cachedLeftOut is leftOut, or what is kept of it.
func (c *calc) cachedLeftOut(m *Metric) (LeftOut, error) {
	if c.req.Query != nil || c.req.Segment != nil {
		return c.leftOut(m)
	}
	key := leftOutKey{entity: m.Entity, stretch: span{c.periods[0].span().from, c.periods[len(c.periods)-1].span().to}, options: c.req.Options}
	if m.Name == nameMembers {
		key.stretch.from = 0
	}
	cache := &c.e.left
	cache.mu.Lock()
	have, ok := cache.all[key]
	ok = ok && (cache.version == c.img.version || c.e.results.lag() > 0 && c.now.Sub(cache.at) < longestKept && !c.now.Before(cache.at))
	cache.mu.Unlock()
	if ok {
		return have, nil
	}
	l, err := c.leftOut(m)
	if err != nil {
		return l, err
	}
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if cache.version != c.img.version || len(cache.all) >= setCacheSize || cache.all == nil {
		cache.version, cache.at, cache.all = c.img.version, c.now, make(map[leftOutKey]LeftOut)
	}
	cache.all[key] = l
	return l, nil
}
