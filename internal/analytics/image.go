// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// image is everything that figures are computed from, as it was at one moment. It does not change once published.
type image struct {
	near         // the facts, where this process holds them
	far     *far // asks for them where another one does; nil = near
	who     *people
	places  *places
	asOf    time.Time // when the record store was last read to its end
	version uint64    // grows with each image
}

// look is what is asked for facts.
func (img *image) look() scanner {
	if img.far != nil {
		return img.far
	}
	return &img.near
}

// people says, for each identity, who that is. The index is the identity's id; ids are given from 1 on without gaps.
type people struct {
	member  []uint32 // 0 = not matched
	org     []uint32
	country []uint16 // two letters, packed
	joined  []uint32 // seconds; 0 = unknown
	staff   bitset
	bot     bitset
	hidden  bitset
	contact bitset
	where   *positions // of members
	members int        // the greatest member id, plus one
	moves   map[uint32][]stay
	listed  func() []uint32 // employers
	shared  func() bitset
}

// sharing is the set of identities whose member has others too.
func (p *people) sharing() bitset {
	first := make([]uint32, p.members) // identity of each member
	set := newBitset(p.len())
	for i, m := range p.member {
		if first[m] == 0 {
			first[m] = uint32(i)
			continue
		}
		set.set(first[m])
		set.set(uint32(i))
	}
	return set
}

func (p *people) len() int { return len(p.member) }

// accounts are the identities of a member, ascending; the caller does not change them.
func (p *people) accounts(member int64) []uint32 {
	if member == 0 { // nobody
		return nil
	}
	return p.where.of(p.member, member)
}

// grown returns a copy of p with room for identities up to, but not including, n.
func (p *people) grown(n int) *people {
	n = max(n, p.len(), 1)
	next := &people{
		member: enlarge(p.member, n), org: enlarge(p.org, n), country: enlarge(p.country, n), joined: enlarge(p.joined, n),
		staff: p.staff.clone().grown(n), bot: p.bot.clone().grown(n), hidden: p.hidden.clone().grown(n), contact: p.contact.clone().grown(n),
		members: max(p.members, 1), moves: p.moves, where: &positions{},
	}
	next.listed = sync.OnceValue(func() []uint32 { return next.employers() })
	next.shared = sync.OnceValue(next.sharing)
	return next
}

// enlarge copies s to a length of n, with some room beyond it.
func enlarge[T any](s []T, n int) []T {
	longer := make([]T, n, n+n/8)
	copy(longer, s)
	return longer
}

func (p *people) put(i *Identity) {
	id := uint32(i.ID)
	p.member[id], p.org[id], p.country[id], p.joined[id] = uint32(i.Member), uint32(i.Organization), packCountry(i.Country), seconds(i.JoinedAt)
	for _, f := range []struct {
		set bitset
		on  bool
	}{{p.staff, i.Staff}, {p.bot, i.Bot}, {p.hidden, i.Hidden}, {p.contact, i.Contact}} {
		if f.on {
			f.set.set(id)
		} else {
			f.set.unset(id)
		}
	}
	p.putMoves(id, i.Moves)
	p.members = max(p.members, int(i.Member)+1)
}

// packCountry puts a two-letter code into 16 bits; anything else is no country.
func packCountry(code string) uint16 {
	if len(code) != 2 {
		return 0
	}
	upper := func(c byte) byte {
		if c >= 'a' && c <= 'z' {
			return c - 'a' + 'A'
		}
		return c
	}
	return uint16(upper(code[0]))<<8 | uint16(upper(code[1]))
}

func unpackCountry(c uint16) string { return string([]byte{byte(c >> 8), byte(c)}) }

// Delta is a change of what the engine knows. Within one delta activities are taken out before others are put in.
type Delta struct {
	Removed       *Facts // taken out; they must be as they were put in, ids aside
	Added         *Facts
	Reread        *Reread // after Removed and Added; nil = nothing
	Identities    []Identity
	Conversations []Conversation
	Channels      []Channel
	Sources       []Source
	AsOf          time.Time // zero leaves it as it is

	// Of columns over a warehouse: facts and conversations are there, and a delta says by a number which state of them is
	// to be asked from now on (0 leaves it as it is), the greatest identity that they speak of, and their places.
	Snapshot uint64
	Reach    uint32
	Places   []Place
}

// Columns holds the facts in memory. One goroutine at a time applies changes; any number reads.
type Columns struct {
	mu      sync.Mutex
	current atomic.Pointer[image]
	index   map[uint64]uint32 // place by source and channel
	infos   []Channel         // by place; without a name where the channel is not known yet, or none
	store   Warehouse         // holds the facts; nil = they are held here
}

// NewColumns returns empty columns.
func NewColumns() *Columns {
	c := &Columns{index: make(map[uint64]uint32)}
	c.current.Store(c.empty(0))
	return c
}

// NewColumnsOver returns columns that know who is who and where, and have w go through the facts.
func NewColumnsOver(w Warehouse) *Columns {
	c := NewColumns()
	c.store = w
	c.current.Store(c.empty(0))
	return c
}

// empty is an image of nothing.
func (c *Columns) empty(version uint64) *image {
	img := &image{who: (&people{}).grown(1), places: &places{}, version: version}
	if c.store != nil {
		img.far = &far{w: c.store}
	}
	return img
}

// AsOf is when the record store was last read to its end; zero before the first time.
func (c *Columns) AsOf() time.Time { return c.current.Load().asOf }

// Facts is the number of activities held.
func (c *Columns) Facts() int {
	n := 0
	for _, r := range c.current.Load().runs {
		n += r.len()
	}
	return n
}

// Knows reports whether the sources and channels are known as they are given.
func (c *Columns) Knows(sources []Source, channels []Channel) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	have := c.current.Load().places.sources
	for _, s := range sources {
		if known, ok := have[uint32(s.ID)]; !ok || known != s {
			return false
		}
	}
	for _, ch := range channels {
		if at, ok := c.index[placeKey(uint32(ch.Source), uint32(ch.ID))]; !ok || c.infos[at] != ch {
			return false
		}
	}
	return true
}

// Reset empties the columns; readers keep what they had.
func (c *Columns) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.index)
	c.infos = nil
	c.current.Store(c.empty(c.current.Load().version + 1))
}

// Apply makes a change visible to every later request. It fails, and changes nothing, where an id does not fit or an
// activity to be taken out is not there: then the columns have to be filled again.
func (c *Columns) Apply(d *Delta) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := d.check(); err != nil {
		return err
	}
	old := c.current.Load()
	next := *old
	if d.tells() { // where only time has passed, answers stay what they are
		next.version++
	}
	if !d.AsOf.IsZero() {
		next.asOf = d.AsOf
	}
	if d.Snapshot != 0 {
		next.far = &far{w: c.store, snapshot: d.Snapshot}
	}
	told := c.applyPlaces(&next, d)
	if err := c.applyFacts(&next, d); err != nil {
		return err
	}
	if n := d.identities(); n > old.who.len() || len(d.Identities) > 0 {
		next.who = old.who.grown(n)
		for i := range d.Identities {
			next.who.put(&d.Identities[i])
		}
	}
	if len(d.Conversations) > 0 {
		next.convs = old.convs.put(d.Conversations, c.place)
	}
	if told {
		next.places = next.places.emptied()
	}
	if len(c.infos) > next.places.len() {
		next.places = c.extended(next.places)
	}
	c.current.Store(&next)
	return nil
}

// tells reports whether the delta changes anything that figures are computed from.
func (d *Delta) tells() bool {
	return d.Snapshot != 0 || d.Reread != nil || d.Added.Len() > 0 || d.Removed.Len() > 0 || len(d.Identities) > 0 || len(d.Conversations) > 0 || len(d.Sources) > 0 || len(d.Channels) > 0
}

// identities is the number of identities that the delta speaks of: its greatest id, plus one.
func (d *Delta) identities() int {
	top := d.Reach
	if d.Added.Len() > 0 {
		top = slices.Max(d.Added.Identity)
	}
	for i := range d.Identities {
		top = max(top, uint32(d.Identities[i].ID))
	}
	for i := range d.Conversations {
		top = max(top, uint32(d.Conversations[i].Author))
	}
	return int(top) + 1
}

func (d *Delta) check() error {
	fits := func(what string, ids ...int64) error {
		for _, id := range ids {
			if id < 0 || id >= math.MaxUint32 {
				return fmt.Errorf("the id %d of %s does not fit 32 bits", id, what)
			}
		}
		return nil
	}
	for i := range d.Identities {
		if err := fits("an identity or its member", d.Identities[i].ID, d.Identities[i].Member, d.Identities[i].Organization); err != nil {
			return err
		}
		for _, m := range d.Identities[i].Moves {
			if err := fits("an organization", m.Organization); err != nil {
				return err
			}
		}
	}
	for i := range d.Conversations {
		c := &d.Conversations[i]
		if err := fits("a conversation's author or place", c.Author, c.Source, c.Channel); err != nil {
			return err
		}
	}
	if (d.Snapshot != 0) && (d.Added.Len() > 0 || d.Removed.Len() > 0 || len(d.Conversations) > 0) {
		return errors.New("a delta has facts of its own and speaks of those in a warehouse")
	}
	for i := range d.Channels {
		if err := fits("a channel", d.Channels[i].ID, d.Channels[i].Source); err != nil {
			return err
		}
	}
	return nil
}

func (c *Columns) applyFacts(next *image, d *Delta) error {
	if n := d.Removed.Len(); n > 0 {
		m := &remover{runs: slices.Clone(next.runs), copied: make(map[int]bool)}
		f := d.Removed
		for i := range n {
			if !m.remove(seconds(f.At[i]), f.Identity[i], c.place(f.Source[i], f.Channel[i]), kindByte(f.Kind[i], f.Flags[i]), f.Said[i]) {
				return fmt.Errorf("activity %d is to be taken out, but is not held", f.ID[i])
			}
		}
		next.runs = m.runs
	}
	if d.Added.Len() > 0 {
		next.runs = addRun(next.runs, sortedRun(d.Added, c.place))
	}
	if d.Reread != nil {
		runs, ok := reread(next.runs, d.Reread, c.place)
		if !ok {
			return errors.New("an activity that was read is not held")
		}
		next.runs = runs
	}
	return nil
}

// applyPlaces takes in sources and channels; told reports that a place that the image knows is told of anew.
func (c *Columns) applyPlaces(next *image, d *Delta) (told bool) {
	if len(d.Sources) > 0 {
		p := *next.places
		p.sources = maps.Clone(p.sources)
		if p.sources == nil {
			p.sources = make(map[uint32]Source)
		}
		for _, s := range d.Sources {
			p.sources[uint32(s.ID)] = s
		}
		next.places = &p
	}
	for _, p := range d.Places {
		c.place(p.Source, p.Channel)
	}
	for _, ch := range d.Channels {
		at := c.place(uint32(ch.Source), uint32(ch.ID))
		told = told || int(at) < next.places.len() && c.infos[at] != ch
		c.infos[at] = ch
	}
	return told
}
