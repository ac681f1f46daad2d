// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"context"
	"slices"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/priority"
)

// Crowd is who did what, as it was known at one moment. What is asked of one crowd fits together. It is for figures that
// go by single members over time, such as levels, rhythms and funnels, which no series of counts can say.
type Crowd struct {
	img   *image
	facts func() *crowdFacts

	mu    sync.Mutex
	begun *uint32 // see First; nil = not asked yet
}

// crowdFacts are what is true of members, by member id.
type crowdFacts struct {
	org     []uint32
	country []uint16
	joined  []uint32
}

// Act is one activity of a member.
type Act struct {
	Member int64
	At     int64 // seconds since 1970
	Kind   greenroom.Kind
	Place  uint32 // see Crowd.Place
	// Question tells that it reads as a question, or that the platform says that it is one.
	Question bool
}

// Crowd is everybody as they are known by now. It is the same one until more is known, so what is true of members is
// gathered once.
func (e *Engine) Crowd() *Crowd {
	img := e.cols.current.Load()
	if c := e.crowd.Load(); c != nil && c.img == img {
		return c
	}
	c := &Crowd{img: img}
	c.facts = sync.OnceValue(c.gather)
	e.crowd.Store(c)
	return c
}

func (c *Crowd) gather() *crowdFacts {
	who := c.img.who
	f := &crowdFacts{org: make([]uint32, who.members), country: make([]uint16, who.members), joined: make([]uint32, who.members)}
	for i, m := range who.member {
		if f.org[m] == 0 {
			f.org[m] = who.org[i]
		}
		if f.country[m] == 0 {
			f.country[m] = who.country[i]
		}
		if at := who.joined[i]; at != 0 && (f.joined[m] == 0 || at < f.joined[m]) && c.img.known(uint32(i)) {
			f.joined[m] = at
		}
	}
	return f
}

// known reports whether an identity is somebody who counts: neither a bot nor hidden nor a contact.
func (img *image) known(identity uint32) bool {
	who := img.who
	return !who.bot.has(identity) && !who.hidden.has(identity) && !who.contact.has(identity)
}

// AsOf is when the record store was last read to its end; zero before the first time.
func (c *Crowd) AsOf() time.Time { return c.img.asOf }

// Version tells crowds apart: it grows with each change of what is known.
func (c *Crowd) Version() uint64 { return c.img.version }

// Staff reports whether a member is of the team.
func (c *Crowd) Staff(member int64) bool {
	return slices.ContainsFunc(c.img.who.accounts(member), c.img.who.staff.has)
}

// Organization is the id of a member's organization, 0 for none; Country their two-letter code, "" for none.
func (c *Crowd) Organization(member int64) int64 {
	if member <= 0 || member >= int64(c.img.who.members) {
		return 0
	}
	return int64(c.facts().org[member])
}

// Country is a member's two-letter code; "" for none.
func (c *Crowd) Country(member int64) string {
	if member <= 0 || member >= int64(c.img.who.members) || c.facts().country[member] == 0 {
		return ""
	}
	return unpackCountry(c.facts().country[member])
}

// Joined calls yield for every member with the time, seconds since 1970, at which their first account was made, as far
// as that is known.
func (c *Crowd) Joined(yield func(member, at int64)) {
	for m, at := range c.facts().joined {
		if at != 0 && m > 0 {
			yield(int64(m), int64(at))
		}
	}
}

// Place gives the name of a channel and of the source that it is in; the channel is "" where something has none.
func (c *Crowd) Place(p uint32) (source, channel string) {
	if int(p) >= c.img.places.len() {
		return "", ""
	}
	return c.img.places.sources[c.img.places.source[p]].Name, c.img.places.label[p]
}

// First is when the first activity happened; false where there is none. Of activities in another engine it is the hour in which
// it happened.
func (c *Crowd) First(ctx context.Context) (time.Time, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.begun == nil {
		at, err := c.beginning(ctx)
		if err != nil {
			return time.Time{}, false, err
		}
		c.begun = &at
	}
	return time.Unix(int64(*c.begun), 0).UTC(), *c.begun != endOfTime, nil
}

func (c *Crowd) beginning(ctx context.Context) (uint32, error) {
	if c.img.far != nil {
		return c.img.far.first(ctx)
	}
	first := endOfTime
	for _, r := range c.img.runs {
		for i, at := range r.at {
			if at > 0 && r.kind[i]&kindMask != kindDead {
				first = min(first, at)
				break
			}
		}
	}
	return first, nil
}

// Each calls yield for the activities from from up to but not including to. They come in stretches that are each in order
// of time, but not as a whole. Bots, hidden members, contacts, hidden channels and deleted activities are left out; the
// team is not. All takes in kinds that do not make a member active. It fails when ctx ends, and where activities in another
// engine cannot be asked for.
func (c *Crowd) Each(ctx context.Context, from, to time.Time, all bool, yield func(a Act)) error {
	return c.walk(ctx, nil, span{max(boundary(from), 1), boundary(to)}, all, yield)
}

// Of calls yield for the activities of one member from from on, as Each does.
func (c *Crowd) Of(ctx context.Context, member int64, from time.Time, yield func(a Act)) error {
	own := c.img.who.accounts(member)
	if len(own) == 0 {
		return nil
	}
	return c.walk(ctx, own, span{max(boundary(from), 1), endOfTime}, false, yield)
}

// walk goes through the activities of a span: those of own, or of everybody where it is nil.
func (c *Crowd) walk(ctx context.Context, own []uint32, s span, all bool, yield func(a Act)) error {
	f := baseFilter(c.img, &Options{Staff: true})
	f.setKinds(all)
	member := c.img.who.member
	give := func(who, at uint32, kind uint8, place uint32) {
		if m := member[who]; m != 0 {
			yield(Act{Member: int64(m), At: int64(at), Kind: greenroom.Kind(kind & kindMask), Place: place, Question: kind&kindQuestion != 0})
		}
	}
	if c.img.far != nil {
		return c.img.far.each(ctx, c.img, f, own, s, func(r *TallyRow, place uint32) { give(r.Who, r.At, r.Kind, place) })
	}
	each := func(r *run, i int) { give(r.who[i], r.at[i], r.kind[i], r.place[i]) }
	if own != nil {
		c.img.eachOf(f, own, s, each)
		return nil
	}
	for _, p := range c.img.pieces(f, s) {
		if err := ctx.Err(); err != nil {
			return err
		}
		priority.Breathe(ctx)
		f.each(p, each)
	}
	return nil
}
