// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "strings"

// form says how a handle follows from a full name, strongest last.
type form uint8

const (
	formNone     form = iota
	formInitials      // jr, jqr
	formFirst         // jane
	formLast          // roe
	formPart          // holds the family name: drroe, roe-work
	formFirstIni      // janer
	formIniLast       // jroe, roej, jqroe
	formFull          // janeroe, roejane, janeqroe
	formCount
)

// derive returns the strongest way in which handle h (squashed, without
// digits at the ends) follows from the words of a name. The order of the
// words is not trusted: family names come first in half of the world.
func derive(h string, words []string) form {
	if len(words) == 0 || len(h) < 2 {
		return formNone
	}
	if len(words) == 1 {
		return deriveWord(h, words[0])
	}
	f, l := words[0], words[len(words)-1]
	mid := words[1 : len(words)-1]
	best := max(deriveOrdered(h, f, l, mid), deriveSwapped(h, f, l, mid))
	if best >= formPart {
		return best
	}
	for _, m := range mid {
		if len(m) >= 3 {
			best = max(best, deriveOrdered(h, f, m, nil))
		}
	}
	if best == formNone && len(h) <= 5 && h == initials(words) {
		best = formInitials
	}
	return best
}

// deriveSwapped tries the family name first.
func deriveSwapped(h, f, l string, mid []string) form {
	switch got := deriveOrdered(h, l, f, mid); got {
	case formFirst:
		return formLast
	case formLast:
		return formFirst
	case formFirstIni:
		return formIniLast // roej
	case formIniLast:
		return formFirstIni // rjane
	case formPart:
		return formNone // holding a given name says little
	default:
		return got
	}
}

func deriveWord(h, w string) form {
	switch {
	case len(w) < 2:
		return formNone
	case h == w:
		return formLast
	case len(w) >= 5 && strings.Contains(h, w):
		return formPart
	}
	return formNone
}

// deriveOrdered tries the name in the order given.
func deriveOrdered(h, f, l string, mid []string) form {
	switch h { // which has two letters at least
	case f:
		return formFirst
	case l:
		return formLast
	}
	if rest, ok := strings.CutPrefix(h, f); ok && len(f) >= 2 {
		if got := afterFirst(rest, l, mid); got != formNone {
			return got
		}
	}
	if rest, ok := strings.CutSuffix(h, l); ok && len(l) >= 2 {
		if got := beforeLast(rest, f, mid); got != formNone {
			return got
		}
	}
	if h[0] == f[0] && len(h) >= 6 && len(l) > len(h) && strings.HasPrefix(l, h[1:]) {
		return formIniLast // jsonderg(aard)
	}
	if len(h) >= 6 && len(l)-len(h) <= 4 && strings.HasPrefix(l, h) {
		return formLast // sonderg(aard)
	}
	if len(h) >= 7 && h[0] == f[0] && distance(h[1:], l, 1) <= 1 {
		return formPart
	}
	if rest, after, ok := strings.Cut(h, l); ok && len(l) >= 5 && len(rest)+len(after) > 1 && (len(rest)+len(after) <= 4 || (rest + after)[0] == f[0]) {
		return formPart // drroe; a letter is another's initial, what is much longer a given name
	}
	if k := commonPrefix(h, f); k >= 3 && len(h)-k >= 3 && len(h) >= 7 && strings.HasPrefix(l, h[k:]) {
		return formIniLast // ali(ce)sonder(gaard)
	}
	return formNone
}

func commonPrefix(s, t string) int {
	n := 0
	for n < len(s) && n < len(t) && s[n] == t[n] {
		n++
	}
	return n
}

// afterFirst judges what follows the given name in a handle.
func afterFirst(rest, l string, mid []string) form {
	if rest == l {
		return formFull
	}
	for _, m := range mid {
		if len(m) > 0 && (rest == m+l || rest == m[:1]+l) {
			return formFull
		}
	}
	if len(rest) >= 3 && len(rest) < len(l) && strings.HasPrefix(l, rest) {
		return formFull // janeroebu(ck)
	}
	if len(rest) <= 2 && len(rest) > 0 && rest[len(rest)-1] == l[0] {
		if len(rest) == 1 || (len(mid) > 0 && mid[0][0] == rest[0]) || rest == l[:min(2, len(l))] {
			return formFirstIni
		}
	}
	if len(rest) == 2 && strings.HasPrefix(l, rest) {
		return formFirstIni
	}
	return formNone
}

// beforeLast judges what precedes the family name in a handle.
func beforeLast(rest, f string, mid []string) form {
	if len(rest) == 0 {
		return formNone
	}
	if rest[0] != f[0] || len(rest) > 4 {
		if len(rest) >= 3 && len(f) > len(rest) && strings.HasPrefix(f, rest) {
			return formFull
		}
		return formNone
	}
	if len(rest) == 1 || (len(mid) > 0 && rest[1:] == initials(mid)) {
		return formIniLast
	}
	if strings.HasPrefix(f, rest) {
		if len(rest) >= 3 {
			return formFull // danroe of Daniel Roe
		}
		return formIniLast
	}
	if len(rest) == 2 {
		return formIniLast // an unwritten middle initial
	}
	return formNone
}

func initials(words []string) string {
	var b [8]byte
	n := 0
	for _, w := range words {
		if n < len(b) && len(w) > 0 {
			b[n] = w[0]
			n++
		}
	}
	return string(b[:n])
}

// texts returns the words of a name as text, in buf.
func (n *name) texts(v *vocab, buf *[maxWords]string) []string {
	for i := range n.n {
		buf[i] = v.text[n.words[i]]
	}
	return buf[:n.n]
}

// ownForm returns how a handle follows from the profile's own names, of which
// one that is a handle itself explains nothing.
func (p *profile) ownForm(h handle, v *vocab) form {
	best := formNone
	var buf [maxWords]string
	for i := range p.names {
		if n := &p.names[i]; n.kind > nameSplit || (n.kind == nameSplit && n.mailed) {
			best = max(best, derive(v.text[h.base], p.names[i].texts(v, &buf)))
		}
	}
	return best
}
