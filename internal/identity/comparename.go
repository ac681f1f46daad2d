// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"math/bits"
	"strings"
)

// nameLevel says how two names relate.
type nameLevel uint8

const (
	nameUnknown  nameLevel = iota // nothing to compare
	nameExact                     // the same words, in any order
	nameSubset                    // one has further names between
	nameSpelled                   // a word is spelled differently
	nameNickname                  // a given name and its short form
	nameInitials                  // an initial in place of a given or family name
	nameMiddle                    // different middle names or initials
	nameGiven                     // conflict: only the given name is shared
	nameFamily                    // conflict: only the family name is shared
	nameOther                     // conflict: nothing is shared
	nameLevels
)

// conflicts reports whether the names speak of two people.
func (l nameLevel) conflicts() bool { return l >= nameGiven }

// nameMatch is the outcome of a comparison: the level and the words on which
// the names agree, with how loosely.
type nameMatch struct {
	level nameLevel
	n     uint8
	words [maxWords]uint32
	how   [maxWords]wordMatch
}

// wordMatch says how two words of names agree.
type wordMatch uint8

const (
	wordNone wordMatch = iota
	wordInitial
	wordNickname
	wordTypo
	wordSpelling
	wordEqual
)

// compareNames compares two names of any kind that has words. Names in
// different scripts cannot be compared.
func compareNames(a, b *name, v *vocab) nameMatch {
	var m nameMatch
	if a.native != b.native {
		return m
	}
	if a.joined == b.joined || a.joined == b.rotated || a.rotated == b.joined {
		m.level = nameExact
		short := a
		if b.n > a.n {
			short = b
		}
		for i := range short.n {
			how := wordEqual
			if len(v.text[short.words[i]]) == 1 && short.n > 1 {
				how = wordInitial
			}
			m.add(short.words[i], how)
		}
		return m
	}
	if a.native {
		m.level = nameOther
		return m
	}
	if a.n > b.n {
		a, b = b, a
	}
	return alignNames(a, b, v)
}

func (m *nameMatch) add(w uint32, how wordMatch) {
	m.words[m.n], m.how[m.n] = w, how
	m.n++
}

// alignNames pairs the words of the shorter name a with those of b.
func alignNames(a, b *name, v *vocab) nameMatch {
	var m nameMatch
	var usedB [maxWords]bool
	var gotA [maxWords]wordMatch
	var atB [maxWords]uint8
	for want := wordEqual; want >= wordInitial; want-- {
		for i := range a.n {
			if gotA[i] != wordNone {
				continue
			}
			for j := range b.n {
				if !usedB[j] && matchWords(a.words[i], b.words[j], v) == want {
					gotA[i], usedB[j], atB[i] = want, true, j
					m.add(rarer(a.words[i], b.words[j], want, v), want)
					break
				}
			}
		}
	}
	m.level = levelOf(a, b, &gotA, &usedB, v)
	if m.level <= nameMiddle && crossed(a, b, &gotA, &atB) {
		m.level = nameMiddle
	}
	return m
}

// crossed reports whether an initial was matched across positions, as in
// "Jane Roe" and "Roe J" (fine) against "Jane M. Roe" and "Mary J. Roe".
func crossed(a, b *name, got *[maxWords]wordMatch, at *[maxWords]uint8) bool {
	if a.n < 3 || b.n < 3 {
		return false
	}
	swaps := 0
	for i := range a.n {
		if got[i] == wordInitial && at[i] != i {
			swaps++
		}
	}
	return swaps >= 2
}

// rarer returns the word by which the agreement is judged.
func rarer(x, y uint32, how wordMatch, v *vocab) uint32 {
	if how == wordInitial && len(v.text[x]) < len(v.text[y]) {
		return y
	}
	if how == wordInitial {
		return x
	}
	if v.nameCount != nil && v.nameCount[v.skel[y]] > v.nameCount[v.skel[x]] {
		return y
	}
	return x
}

// levelOf reads the relation off an alignment.
func levelOf(a, b *name, got *[maxWords]wordMatch, usedB *[maxWords]bool, v *vocab) nameLevel {
	whole, loose, missed := 0, wordEqual, 0
	for i := range a.n {
		switch got[i] {
		case wordEqual, wordSpelling, wordTypo, wordNickname:
			whole++
			loose = min(loose, got[i])
		case wordInitial:
			loose = min(loose, wordInitial)
		case wordNone:
			missed++
		}
	}
	if missed > 0 {
		return missedLevel(a, b, got, usedB, whole)
	}
	solid := false
	for i := range a.n {
		solid = solid || (got[i] >= wordTypo && len(v.text[a.words[i]]) >= 2)
	}
	if !solid || whole+initialsIn(got, a.n) < 2 {
		return nameOther
	}
	switch {
	case loose == wordInitial:
		return nameInitials
	case loose == wordNickname:
		return nameNickname
	case loose == wordTypo:
		return nameSpelled
	case b.n > a.n:
		return nameSubset
	}
	return nameExact
}

func initialsIn(got *[maxWords]wordMatch, n uint8) int {
	c := 0
	for i := range n {
		if got[i] == wordInitial {
			c++
		}
	}
	return c
}

// missedLevel judges names of which the shorter has a word the other lacks.
func missedLevel(a, b *name, got *[maxWords]wordMatch, usedB *[maxWords]bool, whole int) nameLevel {
	if whole >= 2 && a.n >= 3 {
		switch {
		case got[a.n-1] == wordNone && !usedB[b.n-1]:
			return nameGiven // Juan Carlos Roe and Juan Carlos Poe
		case got[0] == wordNone && !usedB[0]:
			return nameFamily
		}
		return nameMiddle
	}
	if whole == 0 {
		return nameOther
	}
	// One whole word is shared. Where in the names does it stand?
	for i := range a.n {
		if got[i] < wordNickname {
			continue
		}
		if i == 0 && usedB[0] {
			return nameGiven
		}
		if i == a.n-1 && usedB[b.n-1] {
			return nameFamily
		}
	}
	return nameOther
}

// matchWords compares two words of names.
func matchWords(x, y uint32, v *vocab) wordMatch {
	i, j := &v.info[x], &v.info[y]
	switch {
	case x == y && i.size == 1:
		return wordInitial
	case x == y:
		return wordEqual
	case i.size == 1 || j.size == 1:
		if i.first == j.first {
			return wordInitial
		}
		return wordNone
	case otherDigits(v.text[x], v.text[y]):
		return wordNone
	case i.skel == j.skel:
		return wordSpelling
	case v.sameNickname(x, y):
		return wordNickname
	}
	apart := bits.OnesCount32(i.mask ^ j.mask)
	if apart > 4 && (i.first != j.first || i.mask&j.mask != min(i.mask, j.mask)) {
		return wordNone
	}
	s, t := v.text[x], v.text[y]
	if i.first == j.first && isShortForm(s, t) {
		return wordNickname
	}
	if apart > 4 {
		return wordNone
	}
	return typo(s, t, apart)
}

// otherDigits reports whether two words both have digits, and not the same.
func otherDigits(s, t string) bool {
	const digits = "0123456789"
	return strings.ContainsAny(s, digits) && strings.ContainsAny(t, digits) && digitsOf(s) != digitsOf(t)
}

// isShortForm reports whether one word starts the other and is long enough
// for that to mean something.
func isShortForm(s, t string) bool {
	if len(s) > len(t) {
		s, t = t, s
	}
	return len(s) >= 4 && len(t) > len(s) && len(t) <= len(s)+5 && t[:len(s)] == s
}

// typo reports words that one slip of the pen turns into each other, or two
// in a long word; apart is in how many letters their letter sets differ. People
// seldom get the first letter wrong, while names that differ in it are many.
func typo(s, t string, apart int) wordMatch {
	n := min(len(s), len(t))
	if n < 4 || otherStart(s, t) || max(len(s), len(t))-n > 2 {
		return wordNone
	}
	limit := 1
	if n >= 8 || (n == 7 && s[:4] == t[:4]) {
		limit = 2
	}
	if apart <= 2*limit && distance(s, t, limit) <= limit {
		return wordTypo
	}
	return wordNone
}

// otherStart reports whether two words of one length have another first
// letter and the same second one.
func otherStart(s, t string) bool {
	return len(s) == len(t) && len(s) > 1 && s[0] != t[0] && s[1] == t[1]
}

// otherEnd reports whether two words of one length differ in the last letter alone.
func otherEnd(s, t string) bool {
	n := len(s) - 1
	return len(t)-1 == n && n > 0 && s[n] != t[n] && s[:n] == t[:n]
}

// distance is the optimal string alignment distance of two short strings, or
// limit+1 when it is larger.
func distance(s, t string, limit int) int {
	const most = 40
	if len(s) > most || len(t) > most {
		return limit + 1
	}
	var r0, r1, r2 [most + 1]int
	prev2, prev, cur := r0[:], r1[:], r2[:]
	for j := range len(t) + 1 {
		prev[j] = j
	}
	for i := 1; i <= len(s); i++ {
		cur[0] = i
		best := cur[0]
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
			best = min(best, cur[j])
		}
		if best > limit {
			return limit + 1
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(t)]
}
