// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reply

import (
	"math"
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
	peopleSince
	cBotCommand
	inputs
)

const (
	sight = 80 // messages back in which what is answered is looked for
	// Reach is how long before a message that is.
	Reach = 24 * time.Hour
)

// scene is a message and what was said before it, with what is the same for all candidates.
type scene struct {
	m       *turn
	before  []*turn // newest first
	to      []int8  // how surely m addresses the author of each
	toMe    []int8  // how surely each addresses m's author
	some    []bool  // each addresses somebody who is in sight
	sum     []float32
	most    []float32
	many    []int
	rooms   map[int64]*room
	base    traits
	named   string // author whom m addresses
	last    int    // place of the latest by m's author, -1 for none
	spoken  int    // place of the latest that addresses m's author, -1 for none
	bestSum float32
}

// room is a conversation as far as it is in sight.
type room struct {
	size   int
	latest int
	first  int
	people map[string]bool
}

func log1(x, top float64) float32 { return float32(min(1, math.Log1p(max(0, x))/math.Log1p(top))) }

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
	n := len(before)
	s := &scene{m: m, before: before, last: -1, spoken: -1, to: make([]int8, n), toMe: make([]int8, n), some: make([]bool, n),
		sum: make([]float32, n), most: make([]float32, n), many: make([]int, n), rooms: make(map[int64]*room)}
	var mostRare float32
	sure := int8(0)
	people := make(map[string]*turn, 16)
	for i, c := range before {
		if people[c.author] == nil {
			people[c.author] = c
		}
		if c.author == m.author {
			if s.last < 0 {
				s.last = i
			}
		} else {
			s.to[i], s.toMe[i] = int8(m.addresses(c)), int8(c.addresses(m)) //nolint:gosec // at most 2
			if s.to[i] > sure {
				sure, s.named = s.to[i], c.author
			}
			if s.toMe[i] > 0 && s.spoken < 0 {
				s.spoken = i
			}
		}
		s.sum[i], s.most[i], s.many[i] = m.alike(c)
		s.bestSum, mostRare = max(s.bestSum, s.sum[i]), max(mostRare, s.most[i])
		r := s.rooms[c.conversation]
		if r == nil {
			r = &room{latest: i, people: make(map[string]bool, 4)}
			s.rooms[c.conversation] = r
		}
		r.size++
		r.first = i
		r.people[c.author] = true
	}
	for i, c := range before {
		for _, p := range people {
			if p.author != c.author && c.addresses(p) > 0 {
				s.some[i] = true
				break
			}
		}
	}
	b := &s.base
	copy(b[mSigns:], m.signs[:])
	b[mNames] = float32(sure) / 2
	b[mNamesNobody] = truth(sure == 0 && m.surely)
	b[mFirst] = truth(s.last < 0)
	if s.last >= 0 {
		b[mLastFar], b[mLastLong] = log1(float64(s.last), 80), log1(minutes(before[s.last].at, m.at), 240)
	}
	b[mSpokenTo] = truth(s.spoken >= 0 && (s.last < 0 || s.spoken < s.last))
	if n > 0 {
		b[mPause] = log1(minutes(before[0].at, m.at), 240)
	}
	b[mBot], b[mAlone] = truth(m.bot), truth(n == 0 || len(people) == 1 && s.last >= 0)
	b[mBestAlike], b[mBestRare] = log1(float64(s.bestSum), 8), mostRare/1.5
	for i := range min(n, 12) {
		if s.open(i) && before[i].author != m.author {
			b[mOpenAsked] = 1
		}
	}
	return s
}

// open reports whether a message asks something and nobody else has spoken in its conversation since.
func (s *scene) open(i int) bool {
	c := s.before[i]
	if c.signs[asks] == 0 && c.signs[marks] == 0 {
		return false
	}
	for j := i - 1; j >= 0; j-- {
		if o := s.before[j]; o.conversation == c.conversation && o.author != c.author {
			return false
		}
	}
	return true
}

// start fills the traits of starting a conversation.
func (s *scene) start(t *traits) {
	*t = s.base
	t[isStart] = 1
}

// pair fills the traits of answering the message at a place.
func (s *scene) pair(i int, t *traits) { //nolint:revive // a list
	m, c := s.m, s.before[i]
	*t = s.base
	copy(t[cSigns:], c.signs[:])
	near := cBeyond
	switch {
	case i < 3:
		near = cNear1 + i
	case i < 5:
		near = cNear5
	case i < 10:
		near = cNear10
	case i < 20:
		near = cNear20
	}
	t[near] = 1
	t[cFar] = log1(float64(i), 80)
	gap := minutes(c.at, m.at)
	t[cLong], t[cLong2], t[cLong5], t[cLong20], t[cLong60] = log1(gap, 240), truth(gap > 2), truth(gap > 5), truth(gap > 20), truth(gap > 60)
	mine := c.author == m.author
	t[sameAuthor], t[sameRun], t[cLatestOfMine] = truth(mine), truth(mine && i == 0), truth(mine && i == s.last)
	byNamed := s.named != "" && c.author == s.named
	t[cByNamed], t[cByNamedToMe] = truth(byNamed), truth(byNamed && s.toMe[i] > 0)
	t[cToMe], t[cToMeSure], t[cToMeLatest] = truth(s.toMe[i] > 0), truth(s.toMe[i] > 1), truth(i == s.spoken)
	t[cToMeOpen] = truth(s.toMe[i] > 0 && (s.last < 0 || i < s.last))
	t[cToSomebody] = truth(s.some[i] || s.toMe[i] > 0)
	t[cToOther] = truth(s.some[i] && s.toMe[i] == 0)
	latest, since, mineSince := true, 0, 0
	people := 0
	for j := i - 1; j >= 0; j-- {
		o := s.before[j]
		if o.author == c.author {
			latest, since = false, since+1
		}
		if o.author == m.author {
			mineSince++
		}
		if j == i-1 || o.author != s.before[j+1].author {
			people++
		}
	}
	t[cLatestOfAuthor], t[cSince], t[cMineSince], t[peopleSince] = truth(latest), log1(float64(since), 20), log1(float64(mineSince), 20), log1(float64(people), 40)
	t[cByNamedLatest] = truth(byNamed && latest)
	if s.named != "" {
		for j, o := range s.before {
			if o.author == s.named {
				t[cToNamed] = truth(!mine && c.addresses(o) > 0 || mine && c.addresses(o) > 0)
				_ = j
				break
			}
		}
	}
	if !mine {
		for _, n := range c.names {
			if m.has(n) {
				t[mMentions] = 1
			}
		}
		for _, n := range m.names {
			if c.has(n) {
				t[cMentions] = 1
			}
		}
	}
	t[cOpen], t[cBot] = truth(s.open(i)), truth(c.bot)
	t[cBotCommand] = truth(m.bot && c.signs[commands] > 0)
	t[alikeSum], t[alikeMost], t[alikeMany] = log1(float64(s.sum[i]), 8), s.most[i]/1.5, log1(float64(s.many[i]), 8)
	t[alikeBest] = truth(s.sum[i] > 0 && s.sum[i] == s.bestSum)
	s.inRoom(i, t)
	tie, back := 0, 0
	for j, o := range s.before {
		if o.author == c.author && s.toMe[j] > 0 {
			back++
		}
		if o.author == m.author && o.addresses(c) > 0 {
			tie++
		}
	}
	if !mine {
		t[ties], t[tiesBack] = log1(float64(tie), 5), log1(float64(back), 5)
	}
}

// inRoom fills what the conversation of a candidate says.
func (s *scene) inRoom(i int, t *traits) {
	c := s.before[i]
	r := s.rooms[c.conversation]
	t[roomMine], t[roomLast], t[roomSize] = truth(r.people[s.m.author]), truth(r.latest == i), log1(float64(r.size), 40)
	t[roomTwo], t[roomMany] = truth(len(r.people) == 2), truth(len(r.people) > 2)
	t[roomOfMyLast] = truth(s.last >= 0 && s.before[s.last].conversation == c.conversation)
	t[roomOfToMe] = truth(s.spoken >= 0 && s.before[s.spoken].conversation == c.conversation)
	t[roomNamed] = truth(s.named != "" && r.people[s.named])
	t[roomOpener], t[cOpens] = truth(s.before[r.first].author == c.author), truth(c.id == c.conversation)
}
