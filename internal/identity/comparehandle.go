// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"math"
	"math/bits"
	"strings"
)

// judgeHandles finds the strongest agreement between two sets of handles.
func (m *model) judgeHandles(a, b *profile, names nameLevel) trait {
	var best trait
	for i := range a.handles {
		for j := range b.handles {
			x, y := &a.handles[i], &b.handles[j]
			if x.kind == handleLabel && y.kind == handleLabel {
				continue
			}
			level, id := matchHandles(x, y, m.vocab)
			if level == handleNone {
				continue
			}
			if level == handleSimilar && m.isGiven(id) {
				continue // a given name with something behind it
			}
			u := m.handleShare(id)
			switch level {
			case handleDigits:
				u = u*3 + m.series(id)
			case handleSimilar:
				u *= similarNeighbors(len(m.vocab.text[id]))
			case handleEqual, handleNone, handleLevels, handleSerial:
			}
			u = max(u, floorHandle/m.census.people)
			if names != nameUnknown && names != nameOther {
				// Strangers of one name come to the same handle too.
				u = max(u, m.w.form[max(x.own, y.own)])
			}
			agree := m.w.handle[level]
			if m.knownGiven(id) {
				agree *= givenHandle
			}
			if (x.kind == handleLabel && x.own < formFirstIni) || (y.kind == handleLabel && y.own < formFirstIni) {
				agree *= labelShare
			}
			if x.kind == handleNick && y.kind == handleNick {
				agree *= asideShare
			}
			if w := math.Log(agree / min(1, u)); w > best.weight {
				best = trait{kind: KindHandle, level: uint8(level), weight: w, a: x.id, b: y.id, how: max(x.own, y.own)}
			}
		}
	}
	return best
}

// series is the chance that a stranger's handle is one of a base too, by how many numbers are seen behind it here besides the two
// at hand: few people have as many handles as a school has students.
func (m *model) series(base uint32) float64 {
	return 0.5 * max(0, float64(m.vocab.seriesCount[base])-2) / m.census.people
}

// otherDigits reports whether a handle has digits, and not those of a name.
func (h *handle) otherDigits(n *name, v *vocab) bool {
	return n.digits != 0 && otherDigits(v.text[h.id], v.text[n.digits])
}

// slip reports whether one slip of the pen turns two words into each other.
// In handles the first letter is often a given name's, and so is the last.
func slip(x, y uint32, v *vocab) bool {
	return !otherStart(v.text[x], v.text[y]) && !otherEnd(v.text[x], v.text[y]) && bits.OnesCount32(v.info[x].mask^v.info[y].mask) <= 2 && distance(v.text[x], v.text[y], 1) <= 1
}

// initialed reports whether a text is this handle and an initial with a family name.
func (h *handle) initialed(text string, v *vocab) bool {
	return v.text[h.base] == text && (h.own == formIniLast || h.family != 0)
}

// similarNeighbors is how many handles are similar to one of the given
// length, for each that is equal to it.
func similarNeighbors(length int) float64 {
	if length >= 10 {
		return 20
	}
	return 60
}

// matchHandles compares two handles and returns the word they agree on.
func matchHandles(x, y *handle, v *vocab) (handleLevel, uint32) {
	if x.id == y.id {
		return handleEqual, x.id
	}
	if x.base == y.base && len(v.text[x.base]) >= 4 {
		return handleDigits, x.base
	}
	s, t := v.text[x.base], v.text[y.base]
	id := x.base
	if len(s) > len(t) {
		s, t = t, s
		id = y.base
	}
	if len(s) < 5 {
		return handleNone, 0
	}
	grown := len(t) - len(s)
	if m, ok := strings.CutSuffix(t, s); ok && grown >= 3 && m[0] != s[0] && (x.initialed(s, v) || y.initialed(s, v)) {
		return handleNone, 0 // gonzalo(castaneda), o(castaneda)
	}
	if (grown <= 3 && strings.HasPrefix(t, s)) || (len(s) >= 8 && strings.Contains(t, s)) || (len(s) >= 7 && slip(x.base, y.base, v)) {
		return handleSimilar, id
	}
	return handleNone, 0
}

// judgeDerived looks for a handle of one that follows from the full name of
// the other, where the other's names are not to be had.
func (m *model) judgeDerived(a, b *profile) trait {
	best := m.derivedFrom(a, b)
	if other := m.derivedFrom(b, a); other.weight > best.weight {
		best = other
	}
	return best
}

// judgeNickname looks for a handle of one that is made of the name as the
// other writes it, where the two write it differently: Robert Roe's login
// rob-roe, when the other is called Rob Roe.
func (m *model) judgeNickname(a, b *profile, v *verdict) {
	for _, d := range [2][2]*profile{{a, b}, {b, a}} {
		for i := range d[0].handles {
			h := &d[0].handles[i]
			var buf [maxWords]string
			for j := range d[1].names {
				n := &d[1].names[j]
				if how := derive(m.vocab.text[h.base], n.texts(m.vocab, &buf)); n.kind >= nameInitial && how > h.own && how >= formPart {
					v.add(trait{kind: KindDerived, how: how, weight: nicknameWeight, a: h.id, b: h.id})
					return
				}
			}
		}
	}
}

// ownSpelling reports whether a handle of p follows from p's own name and not
// from the other's. Where names differ by a letter and that holds both ways,
// the letter is no slip.
func (m *model) ownSpelling(p, other *profile) bool {
	var buf [maxWords]string
	for i := range p.handles {
		h := &p.handles[i]
		if h.own < formIniLast {
			continue
		}
		theirs := formNone
		for j := range other.names {
			theirs = max(theirs, derive(m.vocab.text[h.base], other.names[j].texts(m.vocab, &buf)))
		}
		if theirs < h.own {
			return true
		}
	}
	return false
}

func (m *model) derivedFrom(named, other *profile) trait {
	var best trait
	var buf [maxWords]string
	for i := range named.names {
		n := &named.names[i]
		if n.kind < nameSplit || n.native {
			continue
		}
		for j := range other.handles {
			h := &other.handles[j]
			if h.kind == handleWord {
				continue // compared as a name
			}
			how := derive(m.vocab.text[h.base], n.texts(m.vocab, &buf))
			if how == formNone || h.otherDigits(n, m.vocab) || h.own > how || (how < formFull && n.kind == nameSplit && !n.mailed) {
				continue // nothing, better explained by their own name, or a part of what is a handle itself
			}
			u := max(m.formShare(how, n), floorHandle/m.census.people)
			if w := math.Log(m.w.derived[how] / min(1, u)); w > best.weight {
				best = trait{kind: KindDerived, how: how, weight: w, a: h.id, b: h.id}
			}
		}
	}
	return best
}
