// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "strings"

// Least lengths of what is taken for a name in a handle.
const (
	leastGiven   = 3
	leastFamily  = 4
	leastUnknown = 5 // of a family name that nobody's full name holds
)

// wordUse counts in what places of full names the words of a team stand.
type wordUse struct{ given, family []uint16 }

// readHandles takes the handles of those apart who give no full name, by the
// names that others here have: "Maarten", who signs in as "mhazelhorst", is
// called Maarten Hazelhorst, and "gonzalocastaneda" is a name in one word,
// while "nriesebeck" leaves all but the initial to guess. A name that is read
// so can agree and conflict as a written one; an initial can only conflict.
func readHandles(profiles []profile, v *vocab, d *dictionary) *wordUse {
	u := &wordUse{given: make([]uint16, len(v.text)), family: make([]uint16, len(v.text))}
	for i := range profiles {
		for j := range profiles[i].names {
			if n := &profiles[i].names[j]; n.kind == nameFull && !n.native && n.n > 1 {
				f, l := v.skel[n.first()], v.skel[n.last()]
				u.given[f] += min(1, ^u.given[f])
				u.family[l] += min(1, ^u.family[l])
			}
		}
	}
	for i := range profiles {
		profiles[i].readHandles(u, v, d)
	}
	return u
}

// readHandles reads the handles of one profile.
func (p *profile) readHandles(u *wordUse, v *vocab, d *dictionary) {
	if p.bot || p.best() >= nameSplit {
		return
	}
	for i := range p.handles {
		h := &p.handles[i]
		if h.kind == handleNick || h.kind == handleLabel {
			continue
		}
		text := v.text[h.base]
		if given, family := p.readFull(text, u, v, d); given != "" {
			p.nameRead(given, family, v, d)
			return
		}
		h.initial, h.family = u.readInitial(text, v)
		p.reads = p.reads || h.family != 0
	}
}

// readFull reads a given and a family name off a handle, with the help of the
// word that the profile goes by.
func (p *profile) readFull(h string, u *wordUse, v *vocab, d *dictionary) (given, family string) {
	for i := range p.names {
		w := v.text[p.names[i].first()]
		if p.names[i].native || len(w) < leastGiven || w == h {
			continue
		}
		for _, rest := range [2]string{cutPrefix(h, w), cutSuffix(h, w)} {
			if len(rest) >= leastUnknown || (len(rest) >= leastGiven && u.isFamily(rest, v)) {
				return w, rest
			}
		}
		if !u.isGiven(w, v) && d.common[w] == 0 && d.nick[w] == 0 {
			continue // a handle itself, as it may be
		}
		for _, rest := range [2]string{cutPrefix(h, w[:1]), cutSuffix(h, w[:1])} {
			if len(rest) >= leastFamily && u.isFamily(rest, v) && !u.isFamily(h, v) {
				return w, rest
			}
		}
	}
	found := 0
	for k := leastGiven; k <= len(h)-leastGiven; k++ {
		x, y := h[:k], h[k:]
		for range 2 {
			if len(y) >= leastFamily && u.isGiven(x, v) && u.isFamily(y, v) {
				given, family = x, y
				found++
			}
			x, y = y, x
		}
	}
	if found != 1 {
		return "", ""
	}
	return given, family
}

// cutPrefix returns what follows a prefix, nothing where it is none.
func cutPrefix(s, prefix string) string {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return ""
	}
	return rest
}

// cutSuffix returns what precedes a suffix, nothing where it is none.
func cutSuffix(s, suffix string) string {
	rest, ok := strings.CutSuffix(s, suffix)
	if !ok {
		return ""
	}
	return rest
}

// readInitial reads an initial and a family name off a handle.
func (u *wordUse) readInitial(h string, v *vocab) (initial byte, family uint32) {
	if len(h) <= leastFamily || u.isFamily(h, v) || u.isGiven(h, v) {
		return 0, 0
	}
	before, after := u.familyOf(h[1:], v), u.familyOf(h[:len(h)-1], v)
	switch {
	case before != 0 && after == 0:
		return h[0], before
	case after != 0 && before == 0:
		return h[len(h)-1], after
	}
	return 0, 0
}

// isFamily reports whether a word is rather the last than the first of full names here.
func (u *wordUse) isFamily(w string, v *vocab) bool { return u.familyOf(w, v) != 0 }

// familyOf returns the number of a family name's skeleton, 0 when it is none.
func (u *wordUse) familyOf(w string, v *vocab) uint32 {
	id, ok := v.find(w)
	if !ok || len(w) < leastFamily {
		return 0
	}
	if s := v.skel[id]; int(s) < len(u.family) && u.family[s] > 0 && u.family[s] >= u.given[s] {
		return s
	}
	return 0
}

// isGiven reports whether a word is rather the first than the last of full names here.
func (u *wordUse) isGiven(w string, v *vocab) bool {
	id, ok := v.find(w)
	if !ok || len(w) < leastGiven {
		return false
	}
	s := v.skel[id]
	return int(s) < len(u.given) && u.given[s] > 0 && u.given[s] >= u.family[s]
}

// nameRead gives a profile the name that was read off its handle, in place of
// the word that it goes by where that is a part of it.
func (p *profile) nameRead(given, family string, v *vocab, d *dictionary) {
	kept := make([]name, 0, len(p.names)+1)
	for i := range p.names {
		if w := v.text[p.names[i].first()]; p.names[i].n > 1 || (w != given && w != family) {
			kept = append(kept, p.names[i])
		}
	}
	p.names = kept
	p.addName(&parsedName{kind: nameSplit, words: []string{given, family}, fromMail: true}, v, d)
	p.names[len(p.names)-1].read = true
	for i := range p.handles {
		p.handles[i].own = p.ownForm(p.handles[i], v)
	}
}

// judgeReadings weighs initials in handles: "nriesebeck" is not Katrin
// Riesebeck, and not "kriesebeck" either.
func (m *model) judgeReadings(a, b *profile) float64 {
	if (a.reads && otherInitial(a, b, m)) || (b.reads && otherInitial(b, a, m)) {
		return initialConflict
	}
	return 0
}

// otherInitial reports whether a handle of p holds the family name of the
// other with the initial of somebody else, and none with the other's own.
func otherInitial(p, other *profile, m *model) bool {
	against := false
	for i := range p.handles {
		h := &p.handles[i]
		if h.family == 0 {
			continue
		}
		for j := range other.names {
			n := &other.names[j]
			if n.n < 2 || n.native {
				continue
			}
			at := -1
			for k := range n.n {
				if m.vocab.skel[n.words[k]] == h.family {
					at = int(k)
				}
			}
			if at < 0 {
				continue
			}
			if m.bears(n, at, h.initial) {
				return false
			}
			against = true
		}
		for j := range other.handles {
			if o := &other.handles[j]; o.family == h.family {
				if o.initial == h.initial {
					return false
				}
				against = true
			}
		}
	}
	return against
}

// bears reports whether a word of a name but the one given, or a short form of
// it, begins with a letter.
func (m *model) bears(n *name, but int, initial byte) bool {
	for k := range n.n {
		w := n.words[k]
		if int(k) == but {
			continue
		}
		if m.vocab.info[w].first == initial || m.dict.shortInitial(m.vocab.text[w], initial) {
			return true
		}
	}
	return false
}
