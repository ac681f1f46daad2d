// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/query"
)

// Lists are counted from the columns, too, where these know what is asked: going through a million activities in memory
// takes a few milliseconds, and through an index of them a hundred. What counts differs from what figures count: of a
// list staff, bots and contacts are a part, and all kinds.

// AsOf is when the record store was last read to its end; zero before the first time.
func (e *Engine) AsOf() time.Time { return e.cols.AsOf() }

// Version tells what is known at one time from what is known at another; it is never 0.
func (e *Engine) Version() uint64 { return e.cols.current.Load().version + 1 }

// CountActivities counts the activities of a list, deleted ones and those of hidden members and in hidden channels left
// out. It stops at some number above most. Ok is false where the columns cannot say.
func (e *Engine) CountActivities(ctx context.Context, root query.Node, now time.Time, most int64) (n int64, ok bool, err error) {
	f, ok, err := e.listed(ctx, root, now)
	if !ok || err != nil {
		return 0, false, err
	}
	for _, p := range e.cols.current.Load().pieces(f, span{0, endOfTime}) {
		if n += f.count(p); n > most || ctx.Err() != nil {
			break
		}
	}
	return n, true, ctx.Err()
}

// CountConversations counts the conversations of a list in the same way.
func (e *Engine) CountConversations(ctx context.Context, root query.Node, now time.Time, most int64) (n int64, ok bool, err error) {
	f, ok, err := e.listed(ctx, root, now)
	if !ok || err != nil {
		return 0, false, err
	}
	for _, chunk := range e.cols.current.Load().convs.chunks {
		for i := range chunk {
			if v := &chunk[i]; v.opened > 0 && f.keeps(v, seconds(v.opened)) {
				n++
			}
		}
		if n > most {
			break
		}
	}
	return n, true, nil
}

// listed makes the filter of a list.
func (e *Engine) listed(ctx context.Context, root query.Node, now time.Time) (*filter, bool, error) {
	img := e.cols.current.Load()
	if img.far != nil || root != nil && (!known(root) || !plain(root) || asksTime(root) && img.undated()) {
		return nil, false, nil
	}
	f := &filter{times: complement(nil), states: [4]bool{true, true, true, true}}
	f.setKinds(true)
	f.who = newBitset(img.who.len())
	f.who.fill()
	f.who.andNot(img.who.hidden)
	if h := img.places.hidden; h != nil {
		f.places = h.clone().grown(img.places.len())
		f.places.not()
	}
	if root == nil {
		return f, true, nil
	}
	c := &calc{ctx: ctx, e: e, img: img, now: now}
	cond, err := (&compiler{ctx: ctx, img: img, members: cachedMembers{c}, now: now}).node(root)
	if err != nil {
		return nil, false, err
	}
	f.add(cond)
	return f, true, nil
}

// plain reports whether names of channels and sources are asked for in plain letters: others the record store may compare
// in another way.
func plain(n query.Node) bool {
	all := true
	query.Walk(n, func(n query.Node) bool {
		switch n := n.(type) {
		case *query.Term:
			all = all && (n.Field.Attr != "channel" && n.Field.Attr != "source" || plainValues(n.Values))
		case *query.Did:
			all = all && plainValues(n.In) && plainValues(n.Source)
		}
		return all
	})
	return all
}

func plainValues(values []query.Value) bool {
	return !slices.ContainsFunc(values, func(v query.Value) bool {
		return slices.ContainsFunc([]byte(v.Text), func(b byte) bool { return b > '~' })
	})
}

// asksTime reports whether a query asks when something happened.
func asksTime(n query.Node) bool {
	asks := false
	query.Walk(n, func(n query.Node) bool {
		if t, ok := n.(*query.Term); ok && (t.Field.Attr == "occurred" || t.Field.Attr == "opened") {
			asks = true
		}
		return !asks
	})
	return asks
}

// undated reports whether there are activities of which it is not known when they happened: those lie in no stretch of
// time.
func (img *image) undated() bool {
	return slices.ContainsFunc(img.runs, func(r *run) bool { return r.len() > 0 && r.at[0] == 0 })
}

// Doers gives the members who did something as often as is asked, without regard to what they are; of one that asks for
// those who did not, it gives who did more. Ok is false where the columns cannot say.
func (e *Engine) Doers(d *query.Did, now time.Time) (ids []int64, ok bool) {
	img := e.cols.current.Load()
	s := spanOf(d.Interval(now))
	if img.far != nil || !plain(d) || img.undated() {
		return nil, false
	}
	f := &filter{times: []span{s}}
	f.setKinds(true)
	f.who = newBitset(img.who.len())
	f.who.fill()
	if len(d.Kinds) > 0 {
		f.add(kindCondition(func(k greenroom.Kind, _ uint8) bool { return slices.Contains(d.Kinds, k.String()) }))
	}
	if len(d.In) > 0 {
		f.add(&condition{about: aboutPlace, set: img.places.ofChannel(&query.Term{Op: query.Equal, Values: d.In})})
	}
	if len(d.Source) > 0 {
		f.add(&condition{about: aboutPlace, set: img.places.ofSource(&query.Term{Op: query.Equal, Values: d.Source})})
	}
	for _, t := range d.Said() {
		f.add(saidTerm(t))
	}
	times := make([]uint32, img.who.members)
	for _, p := range img.pieces(f, s) {
		f.each(p, func(r *run, i int) { times[img.who.member[r.who[i]]]++ })
	}
	least, most := d.Min, d.Max
	if least <= 0 {
		least, most = d.Max+1, query.Unlimited
	}
	for m, n := range times {
		if m > 0 && int(n) >= least && (most == query.Unlimited || int(n) <= most) {
			ids = append(ids, int64(m))
		}
	}
	return ids, true
}

// SourceTally counts the activities of a source by kind and by channel (0 = none), deleted ones left out.
func (e *Engine) SourceTally(source int64) (kinds map[greenroom.Kind]int64, channels map[int64]int64) {
	img := e.cols.current.Load()
	t := e.tallies.of(img)
	kinds, channels = make(map[greenroom.Kind]int64), make(map[int64]int64)
	if source < 0 || source > math.MaxUint32 {
		return kinds, channels
	}
	if of := t.kinds[uint32(source)]; of != nil {
		for k, n := range of {
			if n > 0 {
				kinds[greenroom.Kind(k)] = n //nolint:gosec // six bits
			}
		}
	}
	for p, n := range t.places {
		if n > 0 && int64(img.places.source[p]) == source {
			channels[int64(img.places.channel[p])] += n
		}
	}
	return kinds, channels
}

// tallies keeps the numbers of activities of all sources: they are the same while the image is, and one pass counts them.
type tallies struct {
	mu      sync.Mutex
	version uint64 // of the image
	last    *tally // nil = none yet
}

// tally is how many activities there are, deleted ones left out.
type tally struct {
	kinds  map[uint32]*[kindMask + 1]int64 // by source and kind
	places []int64                         // by place
}

// of counts an image, once for all who ask.
func (t *tallies) of(img *image) *tally {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil || t.version != img.version {
		t.last, t.version = img.tally(), img.version
	}
	return t.last
}

func (img *image) tally() *tally {
	t := &tally{kinds: make(map[uint32]*[kindMask + 1]int64), places: make([]int64, img.places.len())}
	of := make([]*[kindMask + 1]int64, img.places.len()) // by place: its source's
	for p, s := range img.places.source {
		if t.kinds[s] == nil {
			t.kinds[s] = new([kindMask + 1]int64)
		}
		of[p] = t.kinds[s]
	}
	for _, r := range img.runs {
		for i, p := range r.place {
			of[p][r.kind[i]&kindMask]++
			if r.kind[i]&kindMask != kindDead {
				t.places[p]++
			}
		}
	}
	for _, kinds := range t.kinds {
		kinds[kindDead] = 0
	}
	return t
}

// MemberTimes calls yield with the times, whole seconds, at which a member was active since a time, in no order.
func (e *Engine) MemberTimes(member int64, since time.Time, yield func(time.Time)) {
	img := e.cols.current.Load()
	f := &filter{times: complement(nil)}
	f.setKinds(false)
	f.who = newBitset(img.who.len())
	own := img.who.accounts(member)
	for _, i := range own {
		f.who.set(i)
	}
	img.eachOf(f, own, span{boundary(since), endOfTime}, func(r *run, i int) { yield(time.Unix(int64(r.at[i]), 0)) })
}
