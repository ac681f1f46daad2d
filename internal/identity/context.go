// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"math"
	"math/bits"
	"slices"
)

// nearPictures is by how many bits the hashes of one picture differ at most, in the sizes and formats of several platforms.
const nearPictures = 4

// judgeContext adds what profiles and habits say. That they have an address in common is known where sameAddress is set.
func (m *model) judgeContext(a, b *profile, sameAddress bool, v *verdict) {
	if a.about != nil && b.about != nil {
		m.judgeAbout(a.about, b.about, v)
		m.judgePictures(a.about, b.about, sameAddress, v)
	}
	if a.hasZone && b.hasZone {
		d := int(a.offset) - int(b.offset)
		near := max(m.census.near(a.offset), m.census.near(b.offset))
		v.add(trait{kind: KindZone, weight: zoneWeight(max(d, -d), near)})
	}
	if a.dated() && b.dated() {
		t := m.census.calendar.judge(a, b)
		if v.team {
			t.weight = min(t.weight, teamTime) // colleagues come when their team does
		}
		if t.weight != 0 {
			v.add(t)
		}
	}
}

// judgeAbout compares what two fuller profiles say.
func (m *model) judgeAbout(a, b *about, v *verdict) {
	m.judgeLinks(a, b, v)
	if a.location != 0 && a.location == b.location {
		if w := math.Log(0.4 * m.census.people / times(m.census.locations, a.location)); w > 0 {
			v.add(trait{kind: KindLocation, weight: min(w, maxPlaceWeight)})
		}
	}
}

// judgePictures looks for pictures that look the same, or are named after one mail address. An address that three people
// have is a mailbox and says nothing; what two names have in common may still be one.
func (m *model) judgePictures(a, b *about, sameAddress bool, v *verdict) {
	best := 0.0
	for _, h := range a.hashes {
		if n := times(m.census.hashes, h); n < 3 && slices.Contains(b.hashes, h) {
			strangers := floorContested
			if n > 1 {
				strangers = floorPictured
			}
			best = max(best, math.Log(0.9*m.census.people/strangers))
		}
	}
	if best > 0 {
		if !sameAddress {
			v.add(trait{kind: KindAvatar, level: 1, weight: best})
		}
		return // the picture follows from the address
	}
	if a.avatar != 0 && b.avatar != 0 && bits.OnesCount64(a.avatar^b.avatar) <= nearPictures {
		n := max(times(m.census.avatars, a.avatar), times(m.census.avatars, b.avatar))
		if w := math.Log(0.3 * m.census.people / (n - 0.95)); w > 0 {
			v.add(trait{kind: KindAvatar, weight: min(w, 7)})
		}
	}
}

// judgeLinks looks for profiles that point at each other or at one page.
func (m *model) judgeLinks(a, b *about, v *verdict) {
	ways := 0
	for _, l := range a.links {
		if l == b.url && l != 0 {
			ways++
			break
		}
	}
	for _, l := range b.links {
		if l == a.url && l != 0 {
			ways++
			break
		}
	}
	switch ways {
	case 1:
		v.add(trait{kind: KindLink, level: 1, weight: linkOneWay})
		return
	case 2:
		v.add(trait{kind: KindLink, level: 2, weight: linkBothWays})
		return
	}
	best := 0.0
	for _, l := range a.links {
		for _, k := range b.links {
			if l == k {
				best = max(best, math.Log(0.3*m.census.people/(times(m.census.links, l)-0.9)))
			}
		}
	}
	if best > 0 {
		v.add(trait{kind: KindLink, weight: min(best, 8)})
	}
}
