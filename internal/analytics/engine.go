// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"greenroom"
	"greenroom/internal/impact/noise"
	"greenroom/internal/priority"
	"greenroom/internal/query"
)

// Engine computes metrics over Columns. Its methods may be called by several goroutines.
type Engine struct {
	cols    *Columns
	from    Answers
	now     func() time.Time
	workers int
	schemas map[query.Entity]*query.Schema // of the queries that list records
	sets    setCache
	results resultCache
	left    leftOutCache
	tallies tallies
	crowd   atomic.Pointer[Crowd] // the last that was asked for
}

// Answers are what the engine asks of others. Any of them may be nil as long as no request needs it.
type Answers struct {
	Members Members
	Finder  Finder
	Facts   FactReader
	Names   Names

	Organizations Organizations
}

// NewEngine returns an engine over cols. Now is the clock.
func NewEngine(cols *Columns, from Answers, now func() time.Time) *Engine {
	e := &Engine{cols: cols, from: from, now: now, workers: min(runtime.GOMAXPROCS(0), 8), schemas: make(map[query.Entity]*query.Schema)}
	var kinds []string
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	for _, entity := range query.Entities() {
		e.schemas[entity] = query.NewSchema(entity, kinds)
	}
	return e
}

// calc is the computation of one metric for one group.
type calc struct {
	ctx     context.Context //nolint:containedctx // a calc lives for one request
	e       *Engine
	img     *image
	req     *Request
	f       *filter
	now     time.Time
	periods []Period // those that have begun
}

// Compute answers a request. Errors have a greenroom code: CodeInvalid for a request that makes no sense, CodeNotFound
// for a metric that there is not. The result may be shared with others that asked the same; it is not to be changed.
func (e *Engine) Compute(ctx context.Context, r Request) (*Result, error) {
	m, err := Lookup(r.Metric)
	if err != nil {
		return nil, err
	}
	if err := r.valid(m); err != nil {
		return nil, err
	}
	key, version, now := r.key(), e.cols.current.Load().version, e.now()
	res, soon := e.results.get(key, version, now)
	if soon && e.results.later != nil {
		e.results.later(func() { _, _ = e.fresh(priority.Background(context.WithoutCancel(ctx)), m, r, key) })
	}
	if res != nil {
		return res, nil
	}
	return e.results.together(ctx, key, version, func(ctx context.Context) (*Result, error) { return e.fresh(ctx, m, r, key) })
}

// fresh computes a result and keeps it.
func (e *Engine) fresh(ctx context.Context, m *Metric, r Request, key string) (*Result, error) {
	version, now := e.cols.current.Load().version, e.now()
	res, err := e.compute(ctx, m, r)
	if err == nil {
		e.results.put(key, cachedResult{res: res, at: now, version: version, took: e.now().Sub(now), settled: r.settled()})
	}
	return res, err
}

func (e *Engine) compute(ctx context.Context, m *Metric, r Request) (*Result, error) {
	periods, err := r.Granularity.periods(r.From, r.To, m.whole)
	if err != nil {
		return nil, err
	}
	now := e.now().In(r.Zone)
	periods = slices.DeleteFunc(periods, func(p Period) bool { return p.From.After(now) })
	c := &calc{ctx: ctx, e: e, img: e.cols.current.Load(), req: &r, now: now, periods: periods}
	if c.f, err = c.compile(m); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	res := &Result{Name: m.Name, Version: m.Version, Unit: m.Unit, Series: []Point{}, AsOf: c.img.asOf}
	if len(periods) == 0 {
		return res, nil
	}
	if res.LeftOut, err = c.cachedLeftOut(m); err != nil {
		return nil, err
	}
	if r.Breakdown == "" {
		res.Series, err = m.compute(c)
	} else {
		res.Series, err = c.grouped(m)
	}
	if err != nil {
		return nil, fmt.Errorf("computing %s: %w", m.Name, err)
	}
	return res, nil
}

// compile makes the filter of a request.
func (c *calc) compile(m *Metric) (*filter, error) {
	f := baseFilter(c.img, &c.req.Options)
	var root query.Node
	if c.req.Query != nil {
		root = c.req.Query.Root
	}
	f.setKinds(m.Entity == query.Conversations || asksKind(root))
	f.restrict(m)
	own, rest := split(root)
	cp := &compiler{ctx: c.ctx, img: c.img, members: cachedMembers{c}, now: c.now}
	if own != nil {
		cond, err := cp.node(own)
		if err != nil {
			return nil, err
		}
		f.add(cond)
	}
	if c.req.Segment != nil && c.req.Segment.Root != nil {
		cond, err := cp.people(c.req.Segment.Root)
		if err != nil {
			return nil, err
		}
		f.add(cond)
	}
	if m.about != nil {
		f.add(m.about.condition())
	}
	if rest == nil {
		return f, nil
	}
	f.narrow = true
	if c.e.from.Finder == nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "figures cannot be narrowed by %s", query.Format(rest))
	}
	if m.Entity == query.Conversations {
		return f, c.findConversations(f, rest)
	}
	return f, c.findActivities(f, rest)
}

// asksKind reports whether a query names kinds.
func asksKind(n query.Node) bool {
	asks := false
	query.Walk(n, func(n query.Node) bool {
		if t, ok := n.(*query.Term); ok && t.Field.Owner == query.Activities && t.Field.Attr == "kind" {
			asks = true
		}
		return !asks
	})
	return asks
}

func (c *calc) findConversations(f *filter, rest query.Node) error {
	f.convs = make(map[int64]bool)
	for id, err := range c.e.from.Finder.ConversationIDs(c.ctx, rest) {
		if err != nil {
			return fmt.Errorf("finding conversations: %w", err)
		}
		f.convs[id] = true
	}
	return nil
}

// findActivities lets the record store find activities, and the projection tell their facts: the metric is then
// computed over these alone.
func (c *calc) findActivities(f *filter, rest query.Node) error {
	var ids []int64
	for id, err := range c.e.from.Finder.ActivityIDs(c.ctx, rest) {
		if err != nil {
			return fmt.Errorf("finding activities: %w", err)
		}
		ids = append(ids, id)
	}
	f.look = &near{}
	if len(ids) == 0 {
		return nil
	}
	if c.e.from.Facts == nil {
		return errors.New("there is no projection to read facts from")
	}
	facts, err := c.e.from.Facts.FactsByID(c.ctx, ids)
	if err != nil {
		return fmt.Errorf("reading %d activities: %w", len(ids), err)
	}
	f.look = &near{runs: []*run{c.img.foreign(facts)}}
	return nil
}

// foreign makes a run of facts that were read elsewhere; those that point at what the image does not know yet are left
// out.
func (img *image) foreign(facts *Facts) *run {
	index := img.places.index()
	keep := &Facts{}
	for i := range facts.Len() {
		_, ok := index[placeKey(facts.Source[i], facts.Channel[i])]
		if !ok || int(facts.Identity[i]) >= img.who.len() {
			continue
		}
		keep.At, keep.Identity = append(keep.At, facts.At[i]), append(keep.Identity, facts.Identity[i])
		keep.Source, keep.Channel = append(keep.Source, facts.Source[i]), append(keep.Channel, facts.Channel[i])
		keep.Kind, keep.Flags, keep.Said = append(keep.Kind, facts.Kind[i]), append(keep.Flags, facts.Flags[i]), append(keep.Said, facts.Said[i])
	}
	return sortedRun(keep, func(source, channel uint32) uint32 { return index[placeKey(source, channel)] })
}

// span is a period in the columns' time.
func (p Period) span() span { return span{boundary(p.From), boundary(p.To)} }

func (c *calc) spans() []span {
	all := make([]span, len(c.periods))
	for i, p := range c.periods {
		all[i] = p.span()
	}
	return all
}

// point begins the point of a period.
func (c *calc) point(i int) Point {
	p := c.periods[i]
	return Point{From: p.From, To: p.To, Partial: p.cut || p.To.After(c.now)}
}

// counted is a point whose value is a number of things.
func (c *calc) counted(i int, n int64) Point {
	p := c.point(i)
	v := float64(n)
	p.Value, p.Count, p.N = &v, n, n
	return p
}

// share is a point whose value is hits of n, with its interval; no value where n is 0.
func (p Point) share(hits, n int64) Point {
	p.Count, p.N = hits, n
	if n > 0 {
		v := float64(hits) / float64(n)
		low, high := noise.Wilson(hits, n)
		p.Value, p.Low, p.High = &v, &low, &high
	}
	return p
}

// leftOut counts the members that would have counted in the range, but for what they are.
func (c *calc) leftOut(m *Metric) (LeftOut, error) {
	who := c.img.who
	r := span{c.periods[0].span().from, c.periods[len(c.periods)-1].span().to}
	if m.Name == nameMembers {
		r.from = 0
	}
	out := c.f.who.clone() // within the query, and left out
	out.not()
	if c.f.asked != nil {
		out.and(c.f.asked)
	}
	var ids bitset
	var err error
	if m.Entity == query.Conversations {
		ids, err = c.authors(r, out)
	} else {
		ids, err = c.doers(r, out)
	}
	if err != nil {
		return LeftOut{}, err
	}
	ids.and(out)
	distinct := func(of bitset) int64 {
		left, seen := ids.clone(), newBitset(who.members)
		left.and(of)
		left.each(func(i uint32) { seen.set(who.member[i]) })
		seen.unset(0)
		return seen.count()
	}
	return LeftOut{Staff: distinct(who.staff), Bots: distinct(who.bot), Hidden: distinct(who.hidden), Contacts: distinct(who.contact)}, nil
}

// doers is the set of those identities in among that have activities in a range.
func (c *calc) doers(s span, among bitset) (bitset, error) {
	set := newBitset(c.img.who.len())
	err := c.f.look.active(c, []span{s}, among, func(_ int, ids bitset) { set.or(ids) })
	return set, err
}

func contains[T comparable](all []T, v T) bool { return slices.Contains(all, v) }

func listed[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, v := range all {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}
