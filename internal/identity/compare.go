// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"math"
	"strings"
)

// trait is one piece of evidence about a pair, in numbers.
type trait struct {
	kind   Kind
	level  uint8
	how    form
	word   bool    // the derived word is the other's written name
	weight float64 // natural log odds
	a, b   uint32  // the words it rests on
}

const maxTraits = 12

// verdict is all evidence about a pair. The zero value knows nothing.
type verdict struct {
	weight   float64 // prior and evidence, natural log odds, not calibrated
	name     nameLevel
	conflict float64 // the part of weight that comes from conflicting names
	address  bool    // an address is shared
	mailbox  bool    // one has only addresses of others, which say nothing
	team     bool    // a domain, machine or employer is shared
	n        int
	traits   [maxTraits]trait
}

func (v *verdict) add(t trait) {
	v.weight += t.weight
	if v.n < maxTraits {
		v.traits[v.n] = t
		v.n++
	}
}

// judge weighs everything known about two profiles.
func (m *model) judge(a, b *profile) verdict {
	v := verdict{weight: math.Log(m.w.duplicates / m.census.people)}
	mailSame := m.judgeAddress(a, b, &v)
	v.address = mailSame
	m.judgeAccounts(a, b, &v)
	nt := m.judgeNames(a, b)
	v.name = nameLevel(nt.level)
	if nt.kind == KindDerived {
		v.name = nameUnknown
	}
	ht := trait{}
	if !mailSame {
		ht = m.judgeHandles(a, b, v.name)
	}
	dt := trait{}
	if v.name == nameUnknown {
		dt = m.judgeDerived(a, b)
	}
	if w := m.judgeReadings(a, b); w < 0 && !mailSame {
		v.add(trait{kind: KindInitial, weight: w})
		if handleLevel(ht.level) != handleEqual {
			ht = trait{}
		}
		dt = trait{}
	}
	if x, y := m.serial(a, b); x != 0 && !mailSame {
		v.add(trait{kind: KindHandle, level: uint8(handleSerial), weight: serialConflict, a: x, b: y})
		ht, dt = trait{}, trait{}
		if nt.kind == KindDerived {
			nt = trait{}
		}
	}
	m.addCorrelated(&v, nt, ht, dt)
	if v.name == nameSpelled && m.ownSpelling(a, b) && m.ownSpelling(b, a) {
		v.add(trait{kind: KindHandle, how: formFull, weight: twoSpellings})
	} else if v.name > nameExact && v.name <= nameMiddle {
		m.judgeNickname(a, b, &v)
	}
	if !mailSame {
		nothing := v.name == nameUnknown && ht.weight <= 0 && dt.weight <= 0 && nt.weight <= 0
		if nothing && a.callable() && b.callable() {
			v.add(trait{kind: KindHandle, level: uint8(handleNone), weight: differentHandles})
		}
		m.judgeDomain(a, b, nothing, &v)
	}
	m.judgeContext(a, b, mailSame, &v)
	return v
}

// addCorrelated adds the evidence of names, handles and handles that follow
// from names. Handle evidence of both kinds is one group; and where a word
// is both name and handle it counts once.
func (m *model) addCorrelated(v *verdict, nt, ht, dt trait) {
	if dt.weight > ht.weight {
		ht = dt
	}
	if v.name.conflicts() && handleLevel(ht.level) != handleEqual {
		ht = trait{} // people of different names may have handles that look alike
	}
	if nt.kind == KindDerived && ht.weight > 0 && nt.weight > 0 && m.overlap(nt.a, ht.a) {
		if nt.weight > ht.weight {
			ht = trait{}
		} else {
			nt = trait{}
		}
	}
	if nt.weight != 0 {
		if nt.kind == KindName && nameLevel(nt.level).conflicts() {
			v.conflict = nt.weight
		}
		v.add(nt)
	}
	if ht.weight != 0 {
		v.add(ht)
	}
}

// overlap reports whether two words say the same, one perhaps with more to it.
func (m *model) overlap(x, y uint32) bool {
	s, t := m.vocab.text[x], m.vocab.text[y]
	return strings.Contains(s, t) || strings.Contains(t, s)
}

// judgeAddress looks for a shared address and reports whether there is one.
func (m *model) judgeAddress(a, b *profile, v *verdict) bool {
	best := 0.0
	var t trait
	same := false
	for i := range a.mails {
		for j := range b.mails {
			x, y := &a.mails[i], &b.mails[j]
			shared := max(x.shared, y.shared)
			if x.addr != y.addr || shared == mailboxShared {
				continue
			}
			strangers := floorAddress
			switch {
			case shared == mailboxContested:
				strangers = floorContested
			case shared == mailboxDisputed:
				strangers = floorDisputed
			case x.role:
				strangers = 0.1
			}
			if x.verified && y.verified {
				strangers /= 10
			}
			if w := math.Log(0.9 * m.census.people / strangers); w > best {
				best, same = w, true
				t = trait{kind: KindAddress, level: uint8(shared), weight: w, a: x.local}
			}
		}
	}
	if same {
		v.add(t)
	}
	return same
}

// judgeAccounts compares account numbers and logins, and weighs two accounts
// on one source and automata.
func (m *model) judgeAccounts(a, b *profile, v *verdict) {
	same := m.judgeNumbers(a, b, v)
	if s := a.known().source; s != 0 && s == b.known().source && !same {
		v.add(trait{kind: KindSource, weight: sameSource})
	}
	if a.bot != b.bot {
		v.add(trait{kind: KindBot, weight: botWeight})
	}
}

// judgeNumbers compares account numbers and logins system by system and
// reports whether a number is shared. One shared number outweighs others
// that differ: people open second accounts.
func (m *model) judgeNumbers(a, b *profile, v *verdict) bool {
	best := 0.0
	var t trait
	for i := range a.accounts {
		for j := range b.accounts {
			x, y := &a.accounts[i], &b.accounts[j]
			if x.system != y.system {
				continue
			}
			w := 0.0
			switch {
			case x.value != 0 && x.value == y.value:
				w = sameNumber + math.Log(m.census.people/100)
			case x.login != 0 && x.login == y.login:
				continue // the handles say so
			case x.value != 0 && y.value != 0:
				w = otherNumber
			case x.login != 0 && y.login != 0:
				w = otherLogin
			}
			if best <= 0 && (w > 0 || w < best) {
				best = w
				t = trait{kind: KindAccount, weight: w, a: x.login, b: y.login}
			}
		}
	}
	if best != 0 {
		v.add(t)
	}
	return best > 0
}

// judgeNames compares the names of two profiles: agreement of any two beats
// conflict of others, because people change names more seldom than they
// write them differently.
func (m *model) judgeNames(a, b *profile) trait {
	var agree, against trait
	for i := range a.names {
		for j := range b.names {
			x, y := &a.names[i], &b.names[j]
			var t trait
			if x.kind <= nameWord || y.kind <= nameWord {
				t = m.judgeWord(x, y)
			} else {
				t = m.judgeFull(x, y)
			}
			if t.weight > 0 && x.otherDigits(y) {
				t = m.numbered(x, y)
			}
			if t.weight > agree.weight {
				agree = t
			}
			if t.weight < against.weight {
				against = t
			}
		}
	}
	if agree.weight > 0 {
		return agree
	}
	return against
}

// otherDigits reports whether both names have digits and not the same: "Student 1" and "Student 2".
func (n *name) otherDigits(other *name) bool {
	return n.digits != 0 && other.digits != 0 && n.digits != other.digits
}

// numbered weighs two names that would be the same without their digits. Whoever writes a full name puts digits behind it to
// tell people apart; in what may be a handle they say nothing.
func (m *model) numbered(x, y *name) trait {
	if x.kind < nameInitial || y.kind < nameInitial {
		return trait{}
	}
	return trait{kind: KindName, level: uint8(nameOther), weight: m.w.name[nameOther]}
}

// judgeFull compares two names of several words.
func (m *model) judgeFull(x, y *name) trait {
	match := compareNames(x, y, m.vocab)
	t := trait{kind: KindName, level: uint8(match.level)}
	if match.n > 0 {
		t.a = match.words[0]
	}
	if match.n > 1 {
		t.b = match.words[1]
	}
	switch {
	case match.level == nameUnknown:
		return trait{}
	case match.level.conflicts():
		t.weight = m.w.name[match.level]
		if x.kind == nameSplit || y.kind == nameSplit {
			// A handle in several words need not be a name.
			if match.level != nameOther && x.mailed == y.mailed && !x.mailed {
				return trait{}
			}
			if x.kind == nameSplit && !x.read || y.kind == nameSplit && !y.read {
				t.weight *= 0.4
			} else {
				t.weight *= readShare
			}
		}
		if x.kind == nameInitial || y.kind == nameInitial {
			t.weight *= 0.6
		}
		return t
	}
	t.weight = math.Log(m.w.name[match.level] / m.nameShare(&match))
	return t
}

// nameShare is the chance that a stranger's name agrees as a match does.
func (m *model) nameShare(match *nameMatch) float64 {
	share := float64(nameKinship)
	common := match.n > 1
	for i := range match.n {
		w := match.words[i]
		p := m.share(w)
		common = common && m.dict.common[m.vocab.text[w]] > 0
		switch match.how[i] {
		case wordEqual:
		case wordSpelling:
			p *= 1.5
		case wordTypo:
			p *= typoNeighbors(len(m.vocab.text[w]))
		case wordNickname:
			p *= 4
		case wordInitial:
			p = 0.09
		case wordNone:
			continue
		}
		share *= min(1, p)
	}
	if common {
		share *= commonKinship
	}
	if match.n == 1 { // a name in a script without spaces
		share /= 3
	}
	return min(1, max(share, floorName/m.census.people))
}

// typoNeighbors is how many words lie within a slip of one of the given
// length, for each that has exactly its spelling.
func typoNeighbors(length int) float64 {
	switch {
	case length <= 4:
		return 40
	case length == 5:
		return 25
	case length == 6:
		return 12
	case length <= 8:
		return 6
	}
	return 3
}

// judgeWord compares a name of one word with another name.
func (m *model) judgeWord(x, y *name) trait {
	if x.kind > y.kind {
		x, y = y, x
	}
	w := x.first()
	if y.kind == nameWord {
		if w != y.first() {
			return trait{}
		}
		u := max(m.share(w), m.handleShare(w), floorHandle/m.census.people)
		return trait{kind: KindDerived, word: true, level: 1, weight: math.Log(0.4 / u), a: w, b: w}
	}
	var buf [maxWords]string
	how := derive(m.vocab.text[w], y.texts(m.vocab, &buf))
	if how == formNone {
		for i := range y.n {
			if match := matchWords(w, y.words[i], m.vocab); match >= wordNickname && i == 0 {
				u := min(1, m.share(y.words[i])*5)
				return trait{kind: KindDerived, word: true, how: formFirst, weight: math.Log(0.1 / u), a: w, b: y.words[i]}
			}
		}
		if m.isGiven(w) && y.kind == nameFull {
			return trait{kind: KindName, weight: wordConflict, a: w}
		}
		return trait{}
	}
	u := max(m.formShare(how, y), floorHandle/m.census.people)
	return trait{kind: KindDerived, word: true, how: how, weight: math.Log(m.w.word[how] / u), a: w, b: w}
}

// isGiven reports whether a word is a known given name.
func (m *model) isGiven(w uint32) bool {
	s := m.vocab.skel[w]
	return m.vocab.info[w].group != 0 || m.dict.common[m.vocab.text[w]] > 0 ||
		(m.vocab.givenCount[s] >= 3 && 2*m.vocab.givenCount[s] >= m.vocab.nameCount[s])
}

// knownGiven reports whether a word is a given name in full names here.
func (m *model) knownGiven(w uint32) bool {
	s := m.vocab.skel[w]
	return m.vocab.givenCount[s] > 0 && 2*m.vocab.givenCount[s] >= m.vocab.nameCount[s]
}

// formShare is the chance that a stranger's handle follows from a name in a
// given way.
func (m *model) formShare(how form, n *name) float64 {
	f, l := m.share(n.first()), m.share(n.last())
	switch how {
	case formFull:
		return nameKinship * f * l
	case formIniLast:
		return l / 10
	case formFirstIni:
		return f / 10
	case formLast:
		return l / 2
	case formPart:
		return l
	case formFirst:
		return m.census.givenShare(n.first(), m.vocab, m.dict)
	case formInitials:
		if n.n >= 3 {
			return 5e-4
		}
		return 5e-3
	case formNone, formCount:
	}
	return 1
}

// callable reports whether a profile says what its person is called, by a name
// or a handle of their choice.
func (p *profile) callable() bool {
	for i := range p.handles {
		if p.handles[i].kind <= handleWord {
			return true
		}
	}
	return p.best() >= nameSplit
}

// serial finds handles that differ in their numbers alone, as student12 and student13 do, of two accounts with addresses on one
// domain: who gives out addresses numbers them to tell people apart, also namesakes. It returns 0 where there are none, or the
// two have one handle in common.
func (m *model) serial(a, b *profile) (x, y uint32) {
	if !a.colleague(b) {
		return 0, 0
	}
	for i := range a.handles {
		for j := range b.handles {
			s, t := &a.handles[i], &b.handles[j]
			switch {
			case s.kind == handleLabel || t.kind == handleLabel: // the domain's
			case s.id == t.id:
				return 0, 0
			case s.base == t.base && s.numbered(m.vocab) && t.numbered(m.vocab):
				x, y = s.id, t.id
			}
		}
	}
	return x, y
}

// colleague reports whether two profiles have addresses on one domain, or machine, that is not everybody's.
func (p *profile) colleague(other *profile) bool {
	for i := range p.mails {
		for j := range other.mails {
			x, y := &p.mails[i], &other.mails[j]
			if !x.free && (x.domain != 0 && x.domain == y.domain || x.machine != 0 && x.machine == y.machine) {
				return true
			}
		}
	}
	return false
}

// judgeDomain weighs a shared domain by how many people have it. Two personal
// addresses on one domain that have nothing in common are colleagues as a
// rule, the likelier the more people have addresses there.
func (m *model) judgeDomain(a, b *profile, nothing bool, v *verdict) {
	best := 0.0
	kind := KindDomain
	for i := range a.mails {
		for j := range b.mails {
			x, y := &a.mails[i], &b.mails[j]
			if x.domain != 0 && x.domain == y.domain && !x.free {
				w := math.Log(m.w.domain * m.census.people / times(m.census.domains, x.domain))
				if v.conflict < 0 || (nothing && x.local != 0 && y.local != 0) {
					w -= math.Log(2 * times(m.census.domains, x.domain))
				}
				if w > best {
					best, kind = w, KindDomain
				}
			}
			if x.machine != 0 && x.machine == y.machine {
				if w := math.Log(m.w.domain * m.census.people / times(m.census.machines, x.machine)); w > best {
					best, kind = w, KindMachine
				}
			}
		}
	}
	if c := a.known().company; c != 0 && c == b.known().company {
		if w := math.Log(m.w.domain * m.census.people / times(m.census.companies, c)); w > best {
			best, kind = w, KindCompany
		}
	}
	if best > 0 {
		v.add(trait{kind: kind, weight: min(best, maxDomainWeight)})
		v.team = true
	}
}
