// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reply

import (
	"math"
	"slices"
	"time"
)

// traits are what the net sees of a message and one that it may answer, each about 0 to 1. The first part is the same
// for all candidates of a message.
type traits [inputs]float32

// What a trait says; "c" is the candidate, "m" the message.
const (
	isStart      = iota // there is no candidate: m starts a conversation
	mSigns              // signs of m
	mNames       = mSigns + signs
	mNamesNobody = iota + signs - 1
	mFirst       // m's author has said nothing in the window
	mLastFar     // how far back they did
	mLastLong    // and how long ago
	mSpokenTo    // somebody has addressed them since
	mPause       // how long nobody said anything
	mBot
	mAlone // nobody else is in the window
	mBestAlike
	mBestRare
	mOpenAsked // an open question by somebody else is near
	cSigns
	cNear1 = iota + 2*signs - 2
	cNear2
	cNear3
	cNear5
	cNear10
	cNear20
	cBeyond
	cFar
	cLong
	cLong2
	cLong5
	cLong20
	cLong60
	sameAuthor
	sameRun // and nobody spoke between
	cLatestOfMine
	cByNamed
	cByNamedLatest
	cByNamedToMe
	cToMe
	cToMeSure
	cToMeLatest
	cToMeOpen // and I have said nothing since
	cToNamed
	cToOther
	cToSomebody
	mMentions
	cMentions
	cLatestOfAuthor
	cSince
	cMineSince
	cOpen // a question nobody has taken up
	cBot
	alikeSum
	alikeMost
	alikeMany
	alikeBest
	roomMine
	roomLast
	roomSize
	roomTwo
	roomMany
	roomOfMyLast
	roomOfToMe
	roomNamed
	roomOpener
	cOpens
	ties
	tiesBack
	turnsSince
	cBotCommand
	inputs
)

const (
	sight = 60 // messages back in which what is answered is looked for
	// Reach is how long before a message that is.
	Reach = 24 * time.Hour
)

// scene is a message and what was said before it, with what is the same for all candidates.
type scene struct {
	m      *turn
	before []*turn // newest first
	seen   []seen  // what the message sees in each of them
	people []person
	rooms  []room
	base   traits
	me     int // m's author among the people
	named  int // whom m addresses
	last   int // place of the latest by m's author
	spoken int // place of the latest that addresses them
	best   float32
}

// nobody and nowhere are places that are none.
const nobody, nowhere = -1, -1

// seen is what a message sees in one that was said before.
type seen struct {
	author, room int
	to           int8 // how surely m addresses its author
	toMe         int8 // how surely it addresses m's author
	toNamed      bool // it addresses whom m addresses
	toSomebody   bool // it addresses anybody who is in sight
	open         bool // it asks, and nobody else has said anything in its conversation since
	sum, most    float32
	many         int
	since        int // messages by its author since
	mineSince    int // by m's author
	turnsSince   int // times that the word went to another since
}

// person is an author who is in sight.
type person struct {
	latest *turn
	said   int
	mine   int // messages of m's author that address them
	theirs int // messages of theirs that address m's author
}

// room is a conversation as far as it is in sight.
type room struct {
	id     int64
	size   int
	latest int
	first  int
	people []int
}

func (r *room) has(p int) bool { return slices.Contains(r.people, p) }

// upTo80 and its like are what makes the logarithm of one more than 80 a one.
const (
	upTo5   = 0.5581106265512472
	upTo8   = 0.45511961331341866
	upTo20  = 0.3284587387530511
	upTo40  = 0.269282508064391
	upTo80  = 0.22755980665670933
	upTo240 = 0.18232215561052253
)

// log1 is how much a number is, between 0 and 1: the first steps count most.
func log1(x, scale float64) float32 {
	if x <= 0 {
		return 0
	}
	return float32(min(1, math.Log(1+x)*scale))
}

func minutes(a, b time.Time) float64 {
	if a.IsZero() || b.IsZero() {
		return 0
	}
	return b.Sub(a).Minutes()
}

func truth(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

func newScene(m *turn, before []*turn) *scene {
	s := &scene{m: m, before: before, seen: make([]seen, len(before)), me: nobody, named: nobody, last: nowhere, spoken: nowhere}
	s.gather()
	s.address()
	s.describe()
	return s
}

// gather finds the people and conversations that are in sight.
func (s *scene) gather() {
	rooms := make(map[int64]int, 16)
	people := make(map[string]int, 16)
	turns := 0
	for i, c := range s.before {
		o := &s.seen[i]
		p, ok := people[c.author]
		if !ok {
			p = len(s.people)
			people[c.author] = p
			s.people = append(s.people, person{latest: c})
			if c.author == s.m.author {
				s.me, s.last = p, i
			}
		}
		if i > 1 && s.seen[i-1].author != s.seen[i-2].author || i == 1 {
			turns++
		}
		o.author, o.since, o.turnsSince = p, s.people[p].said, turns
		if s.me != nobody {
			o.mineSince = s.people[s.me].said
		}
		s.people[p].said++
		k, ok := rooms[c.conversation]
		if !ok {
			k = len(s.rooms)
			rooms[c.conversation] = k
			s.rooms = append(s.rooms, room{id: c.conversation, latest: i})
		}
		r := &s.rooms[k]
		o.room = k
		o.open = (c.signs[asks] > 0 || c.signs[marks] > 0) && (len(r.people) == 0 || len(r.people) == 1 && r.people[0] == p)
		r.size, r.first = r.size+1, i
		if !r.has(p) {
			r.people = append(r.people, p)
		}
	}
}

// address finds who addresses whom.
func (s *scene) address() {
	sure := int8(0)
	to := make([]int8, len(s.people))
	for p := range s.people {
		if p != s.me {
			to[p] = int8(s.m.addresses(s.people[p].latest)) //nolint:gosec // at most 2
		}
	}
	for i, c := range s.before {
		o := &s.seen[i]
		if o.to = to[o.author]; o.to > sure {
			sure, s.named = o.to, o.author
		}
		if o.author != s.me {
			o.toMe = int8(c.addresses(s.m)) //nolint:gosec // at most 2
		}
		if o.toMe > 0 {
			s.people[o.author].theirs++
			if s.spoken == nowhere {
				s.spoken = i
			}
		}
		o.sum, o.most, o.many = s.m.alike(c)
		s.best = max(s.best, o.sum)
	}
	for i, c := range s.before {
		o := &s.seen[i]
		o.toSomebody = o.toMe > 0
		if len(c.calls) == 0 && len(c.mentions) == 0 {
			continue
		}
		for p := range s.people {
			if p == o.author || c.addresses(s.people[p].latest) == 0 {
				continue
			}
			o.toSomebody = true
			o.toNamed = o.toNamed || p == s.named
			if o.author == s.me {
				s.people[p].mine++
			}
		}
	}
}

// describe fills the traits that are the same for all candidates.
func (s *scene) describe() {
	b, m := &s.base, s.m
	copy(b[mSigns:], m.signs[:])
	if s.named != nobody {
		b[mNames] = float32(m.addresses(s.people[s.named].latest)) / 2
	}
	b[mNamesNobody] = truth(s.named == nobody && m.surely)
	b[mFirst] = truth(s.last == nowhere)
	if s.last != nowhere {
		b[mLastFar], b[mLastLong] = log1(float64(s.last), upTo80), log1(minutes(s.before[s.last].at, m.at), upTo240)
	}
	b[mSpokenTo] = truth(s.spoken != nowhere && (s.last == nowhere || s.spoken < s.last))
	if len(s.before) > 0 {
		b[mPause] = log1(minutes(s.before[0].at, m.at), upTo240)
	}
	b[mBot], b[mAlone] = truth(m.bot), truth(len(s.people) == 0 || len(s.people) == 1 && s.me != nobody)
	b[mBestAlike] = log1(float64(s.best), upTo8)
	for i := range s.seen {
		o := &s.seen[i]
		b[mBestRare] = max(b[mBestRare], o.most/1.5)
		if i < 12 && o.open && o.author != s.me {
			b[mOpenAsked] = 1
		}
	}
}

// pair fills the traits of answering the message at a place, those apart that are the same for all.
func (s *scene) pair(i int, t *traits) {
	c, o := s.before[i], &s.seen[i]
	*t = traits{}
	copy(t[cSigns:], c.signs[:])
	t[nearness(i)] = 1
	t[cFar] = log1(float64(i), upTo80)
	gap := minutes(c.at, s.m.at)
	t[cLong], t[cLong2], t[cLong5], t[cLong20], t[cLong60] = log1(gap, upTo240), truth(gap > 2), truth(gap > 5), truth(gap > 20), truth(gap > 60)
	mine := o.author == s.me
	t[sameAuthor], t[sameRun], t[cLatestOfMine] = truth(mine), truth(mine && i == 0), truth(mine && i == s.last)
	t[cLatestOfAuthor], t[cSince], t[cMineSince] = truth(o.since == 0), log1(float64(o.since), upTo20), log1(float64(o.mineSince), upTo20)
	t[turnsSince] = log1(float64(o.turnsSince), upTo40)
	t[cOpen], t[cBot], t[cBotCommand] = truth(o.open), truth(c.bot), truth(s.m.bot && c.signs[commands] > 0)
	t[alikeSum], t[alikeMost], t[alikeMany] = log1(float64(o.sum), upTo8), o.most/1.5, log1(float64(o.many), upTo8)
	t[alikeBest] = truth(o.sum > 0 && o.sum == s.best)
	s.naming(i, t)
	r := &s.rooms[o.room]
	t[roomMine], t[roomLast], t[roomSize] = truth(r.has(s.me)), truth(r.latest == i), log1(float64(r.size), upTo40)
	t[roomTwo], t[roomMany] = truth(len(r.people) == 2), truth(len(r.people) > 2)
	t[roomOfMyLast] = truth(s.last != nowhere && s.seen[s.last].room == o.room)
	t[roomOfToMe] = truth(s.spoken != nowhere && s.seen[s.spoken].room == o.room)
	t[roomNamed] = truth(s.named != nobody && r.has(s.named))
	t[roomOpener], t[cOpens] = truth(s.seen[r.first].author == o.author), truth(c.id == c.conversation)
}

// nearness is the trait that says how many messages are between.
func nearness(i int) int {
	switch {
	case i < 3:
		return cNear1 + i
	case i < 5:
		return cNear5
	case i < 10:
		return cNear10
	case i < 20:
		return cNear20
	}
	return cBeyond
}

// naming fills who addresses whom.
func (s *scene) naming(i int, t *traits) {
	m, c, o := s.m, s.before[i], &s.seen[i]
	byNamed := s.named != nobody && o.author == s.named
	t[cByNamed], t[cByNamedToMe], t[cByNamedLatest] = truth(byNamed), truth(byNamed && o.toMe > 0), truth(byNamed && o.since == 0)
	t[cToMe], t[cToMeSure], t[cToMeLatest] = truth(o.toMe > 0), truth(o.toMe > 1), truth(i == s.spoken)
	t[cToMeOpen] = truth(o.toMe > 0 && (s.last == nowhere || i < s.last))
	t[cToSomebody], t[cToOther], t[cToNamed] = truth(o.toSomebody), truth(o.toSomebody && o.toMe == 0), truth(o.toNamed)
	if o.author == s.me {
		return
	}
	t[mMentions], t[cMentions] = truth(m.hasAny(c.names)), truth(c.hasAny(m.names))
	p := &s.people[o.author]
	t[ties], t[tiesBack] = log1(float64(p.mine), upTo5), log1(float64(p.theirs), upTo5)
}
