// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"math"
	"slices"
	"strings"
)

// census holds how often things occur among the people of the team, as far
// as that can be told before anybody knows who is who: different full names
// are counted in place of people, so that one person with twenty accounts
// counts once.
type census struct {
	people    float64 // rough number of people
	names     float64 // different full names
	unseen    float64 // of a given name that one full name here has: how many more people of it are to be expected
	domains   map[uint64]int32
	machines  map[uint64]int32
	avatars   map[uint64]int32
	hashes    map[uint64]int32 // of mail addresses, by full names
	links     map[uint64]int32
	companies map[uint64]int32
	locations map[uint64]int32
	spelling  *spelling         // how likely a handle's letters are
	zones     map[int16]float64 // share of records by offset
	nearby    map[int16]float64 // share of records within an hour of it
	calendar  calendar
}

// commonSample is how many people the shipped name shares are worth beside
// those counted.
const commonSample = 300

// givenSample is the same where shares of given names are counted.
const givenSample = 100

// leastPeople is the size of the smallest community: however few are known
// yet, more are to come, and the chance of two strangers stays low.
const leastPeople = 200

// entity is a cheap stand-in for the person behind a profile.
func (p *profile) entity() uint64 {
	for i := range p.names {
		if p.names[i].kind >= nameSplit {
			return p.names[i].pair
		}
	}
	if len(p.handles) > 0 {
		return pair(1, uint64(p.handles[0].id))
	}
	if len(p.mails) > 0 {
		return p.mails[0].addr
	}
	return 0
}

// takeCensus counts over all profiles and fills the vocabulary's counts.
func takeCensus(profiles []profile, v *vocab) *census {
	c := &census{zones: map[int16]float64{}, calendar: newCalendar(profiles)}
	c.countNames(profiles, v)
	c.domains = c.countOf(profiles, func(p *profile, add func(uint64)) {
		for i := range p.mails {
			add(p.mails[i].domain)
		}
	})
	c.machines = c.countOf(profiles, func(p *profile, add func(uint64)) {
		for i := range p.mails {
			add(p.mails[i].machine)
		}
	})
	for i := range profiles {
		profiles[i].addLabels(c, v)
	}
	c.countHandles(profiles, v)
	c.avatars = c.countOf(profiles, func(p *profile, add func(uint64)) { add(p.known().avatar) })
	c.hashes = c.countOf(profiles, func(p *profile, add func(uint64)) {
		if p.best() < nameSplit {
			return // it is full names that disagree
		}
		for _, h := range p.known().hashes {
			add(h)
		}
	})
	c.links = c.countOf(profiles, func(p *profile, add func(uint64)) {
		for _, l := range p.known().links {
			add(l)
		}
	})
	c.companies = c.countOf(profiles, func(p *profile, add func(uint64)) { add(p.known().company) })
	c.locations = c.countOf(profiles, func(p *profile, add func(uint64)) { add(p.known().location) })
	zoned := 0.0
	for i := range profiles {
		if profiles[i].hasZone {
			c.zones[profiles[i].offset]++
			zoned++
		}
	}
	for k := range c.zones {
		c.zones[k] /= zoned
	}
	c.nearby = map[int16]float64{}
	for k := range c.zones {
		for _, d := range []int16{-60, -30, 0, 30, 60} {
			c.nearby[k] += c.zones[k+d]
		}
	}
	return c
}

// near is the share of identities within an hour of an offset.
func (c *census) near(offset int16) float64 { return max(1e-3, c.nearby[offset]) }

func (c *census) countNames(profiles []profile, v *vocab) {
	v.nameCount = make([]int32, len(v.text))
	v.givenCount = make([]int32, len(v.text))
	words := make([]keyed, 0, len(profiles)*2)
	whole := make([]keyed, 0, len(profiles))
	given := make([]keyed, 0, len(profiles))
	for i := range profiles {
		p := &profiles[i]
		whole = append(whole, keyed{0, p.entity()})
		for j := range p.names {
			n := &p.names[j]
			if n.kind < nameSplit {
				continue
			}
			whole = append(whole, keyed{1, n.pair})
			f, l := v.skel[n.first()], v.skel[n.last()]
			for k := range n.n {
				w, partner := v.skel[n.words[k]], l
				if w == l {
					partner = f
				}
				words = append(words, keyed{uint64(w), uint64(partner)})
			}
			if n.kind == nameFull {
				given = append(given, keyed{uint64(f), uint64(l)})
			}
		}
	}
	countDistinct(whole, func(k uint64, n int) {
		if k == 0 {
			c.people = max(leastPeople, float64(n))
		} else {
			c.names = float64(n)
		}
	})
	countDistinct(words, func(w uint64, n int) { v.nameCount[w] = int32(n) })
	once, twice := float64(givenOnce), float64(givenTwice)
	countDistinct(given, func(w uint64, n int) {
		v.givenCount[w] = int32(n)
		switch n {
		case 1:
			once++
		case 2:
			twice++
		}
	})
	c.unseen = 1 - once/(once+2*twice)
}

// countHandles counts the different names beside each handle and learns how
// surprising each handle's spelling is.
func (c *census) countHandles(profiles []profile, v *vocab) {
	v.handleCount = make([]int32, len(v.text))
	v.seriesCount = make([]int32, len(v.text))
	counted := make([]bool, len(v.text))
	v.surprise = make([]float32, len(v.text))
	named := make([]keyed, 0, len(profiles)*2)
	var nameless []keyed
	for i := range profiles {
		p := &profiles[i]
		e, list := p.entity(), &named
		if p.best() < nameInitial {
			list = &nameless
			if e = 0; len(p.mails) > 0 {
				e = p.mails[0].domain
			}
		}
		for k, h := range p.handles {
			if !counted[h.id] && h.numbered(v) {
				v.seriesCount[h.base]++
			}
			counted[h.id] = true
			if list == &nameless && h.kind == handleWord && len(p.handles) > 1 {
				// A word that people of many logins go by.
				*list = append(*list, keyed{uint64(h.id), pair(uint64(p.handles[1-min(k, 1)].id), 0)})
				continue
			}
			*list = append(*list, keyed{uint64(h.id), e})
		}
	}
	countDistinct(named, func(h uint64, n int) { v.handleCount[h] = int32(n) })
	countDistinct(nameless, func(h uint64, n int) {
		// One person has a handle at a few providers; at many it is a word.
		v.handleCount[h] += int32(max(0, n-6))
	})
	c.spelling = learnSpelling(slices.Concat(strings.Fields(commonGivenText), strings.Fields(commonFamilyText), strings.Fields(roleText)), v.text)
	for i, w := range v.text {
		v.surprise[i] = float32(c.spelling.logChance(w))
	}
}

// addLabels makes handles of the domains that one person seems to own: people
// who have a domain often name it after themselves or their login.
func (p *profile) addLabels(c *census, v *vocab) {
	for i := range p.mails {
		m := &p.mails[i]
		if m.label == 0 || m.free || c.domains[m.domain] > 2 || len(p.handles) >= maxHandles {
			continue
		}
		known := false
		for _, h := range p.handles {
			known = known || h.id == m.label
		}
		if !known {
			h := handle{id: m.label, base: m.label, kind: handleLabel}
			h.own = p.ownForm(h, v)
			p.handles = append(p.handles, h)
		}
	}
}

// countOf counts the different entities beside each non-zero value.
func (c *census) countOf(profiles []profile, values func(p *profile, add func(uint64))) map[uint64]int32 {
	var kv []keyed
	for i := range profiles {
		e := profiles[i].entity()
		values(&profiles[i], func(k uint64) {
			if k != 0 {
				kv = append(kv, keyed{k, e})
			}
		})
	}
	counts := map[uint64]int32{}
	countDistinct(kv, func(k uint64, n int) {
		if n > 1 {
			counts[k] = int32(n)
		}
	})
	return counts
}

// times returns how many people a counted value is seen with, at least 1.
func times(counts map[uint64]int32, k uint64) float64 {
	return max(1, float64(counts[k]))
}

// wordShare is the chance that a stranger's name holds a word: how many
// others here do, the shipped share of common names, and for words seen once
// the chance that the next person brings it too, larger for short ones.
func (c *census) wordShare(w uint32, v *vocab, d *dictionary) float64 {
	text := v.text[w]
	others := max(0, float64(v.nameCount[v.skel[w]])-1)
	unseen := 0.25
	switch {
	case len(text) <= 2:
		unseen = 2
	case len(text) == 3:
		unseen = 1
	case len(text) == 4:
		unseen = 0.5
	}
	return (others + unseen + commonSample*d.common[text]) / (c.names + commonSample)
}

// Given names that one and two full names have in a community of which nothing
// is known yet.
const (
	givenOnce  = 30
	givenTwice = 5
)

// givenShare is the chance that a stranger has a given name, which is far
// greater than for a word that any place of a name may hold: communities draw
// their given names from a small stock. How small, how many of them two people
// have already tells (the discount of Kneser and Ney).
func (c *census) givenShare(w uint32, v *vocab, d *dictionary) float64 {
	seen := float64(v.givenCount[v.skel[w]])
	return max(c.wordShare(w, v, d), (max(0, seen-1)+c.unseen)/(c.names+givenSample))
}

// handleShare is the chance that a stranger bears a handle.
func (c *census) handleShare(h uint32, v *vocab, d *dictionary) float64 {
	strangers := 0.4*math.Exp(float64(v.surprise[h]))*c.people + 0.5*max(0, float64(v.handleCount[h])-1)
	if n := v.nameCount[v.skel[h]]; n > 1 {
		strangers += 0.5 * float64(n)
	}
	share := strangers / c.people
	if s := v.skel[h]; v.givenCount[s] > 0 && 2*v.givenCount[s] >= v.nameCount[s] {
		share = max(share, c.givenShare(h, v, d)) // people go by their given names
	}
	if common := d.common[v.text[h]]; common > 0 {
		share = max(share, 0.3*common)
	}
	return share
}
