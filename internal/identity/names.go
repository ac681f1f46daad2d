// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"strings"
	"unicode"
)

// nameKind says how much a written name can prove.
type nameKind uint8

const (
	// nameNone is empty, a role, an address or punctuation.
	nameNone nameKind = iota
	// nameWord is one word: a handle, or a given or family name alone.
	nameWord
	// nameSplit is one written word that falls into several ("jane-roe",
	// "JaneRoe"); it can agree with a full name but never conflict.
	nameSplit
	// nameInitial has one whole word and initials ("E. Roe").
	nameInitial
	// nameFull has two whole words or more, or is a name in a script that
	// writes no spaces.
	nameFull
)

// parsedName is what parseName found in one display name.
type parsedName struct {
	kind   nameKind
	words  []string // folded, given name first where the writing tells
	nicks  []string // folded handles found in quotes or brackets
	local  string   // an address that was written in place of a name
	native bool     // in a script without spaces
	// fromMail says that the words come from the local part of an address.
	fromMail bool
	via      bool // a gateway wrote it for somebody: the address is not theirs
	// digits are those of the name, which no word has where they stand alone or were cut off; whole is the name with them.
	digits, whole string
}

// parseName takes a display name apart. It drops what mail gateways add
// ("(via Tracker)"), turns "Roe, Jane" round, and sets nicknames aside.
func (d *dictionary) parseName(raw string) parsedName {
	var p parsedName
	s := strings.TrimSpace(repair(decodeWords(raw)))
	s = strings.ReplaceAll(s, `\"`, `"`)
	whole := s
	s = cutVia(s)
	p.via = len(s) < len(strings.TrimRight(whole, "( \"\\"))
	if at := strings.IndexByte(s, '@'); at >= 0 {
		s = p.cutAddress(s)
	}
	s = p.cutAsides(s)
	s = turnComma(s, d)
	if p.digits = digitsOf(s); p.digits != "" {
		p.whole = squash(fold(s))
	}
	if !strings.ContainsAny(strings.TrimSpace(s), " \t,") && strings.ContainsAny(s, "-_.") {
		if cut := d.cutPurpose(s); len(cut) < len(s) && strings.ContainsAny(cut, "-_.") {
			s = s[:len(cut)]
		}
	}
	p.words = d.nameWords(s)
	p.classify(d, s)
	return p
}

// cutVia removes a gateway's mark at the end of a name.
func cutVia(s string) string {
	for _, mark := range []string{"(via ", " via ", "(by way of ", " on behalf of "} {
		if i := strings.Index(s, mark); i > 0 {
			s = s[:i]
		}
	}
	return strings.TrimSpace(strings.TrimRight(s, "( \"\\"))
}

// cutAddress takes words that hold an @ out of a name.
func (p *parsedName) cutAddress(s string) string {
	var rest []string
	for _, w := range strings.Fields(s) {
		if i := strings.IndexByte(w, '@'); i >= 0 && (i == 0 || i == len(w)-1 || strings.IndexByte(w[i:], '.') > 0 || len(w) > 3) {
			if p.local == "" && i > 0 {
				p.local = strings.Trim(w, "<>()[]\"',;")
			}
			continue
		}
		rest = append(rest, w)
	}
	return strings.Join(rest, " ")
}

// cutAsides takes text in quotes and brackets out of a name and keeps it as
// nicknames, unless nothing else would be left.
func (p *parsedName) cutAsides(s string) string {
	if !strings.ContainsAny(s, "\"([{<'*“„") {
		return s
	}
	var outside, inside strings.Builder
	var end rune
	prev := ' '
	for _, r := range s {
		switch {
		case end != 0 && (r == end || (end == '”' && r == '“')):
			p.addNick(inside.String())
			inside.Reset()
			end = 0
		case end != 0:
			inside.WriteRune(r)
		case closing(r, prev) != 0:
			end = closing(r, prev)
			outside.WriteByte(' ')
		default:
			outside.WriteRune(r)
		}
		prev = r
	}
	if end != 0 {
		p.addNick(inside.String())
	}
	rest := strings.TrimSpace(strings.ReplaceAll(outside.String(), "*", " "))
	if strings.IndexFunc(rest, unicode.IsLetter) < 0 {
		rest = strings.Trim(s, "\"()[]{}<>'* ")
		p.nicks = nil
	}
	return rest
}

func closing(r, prev rune) rune {
	switch r {
	case '"':
		return '"'
	case '“', '„':
		return '”'
	case '(':
		return ')'
	case '[':
		return ']'
	case '{':
		return '}'
	case '<':
		return '>'
	case '\'':
		if unicode.IsSpace(prev) {
			return '\''
		}
	}
	return 0
}

func (p *parsedName) addNick(s string) {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsAny(s, " \t") {
		return
	}
	if h := squash(fold(s)); len(h) >= 3 {
		p.nicks = append(p.nicks, h)
	}
}

// turnComma turns "Roe, Jane" into "Jane Roe"; a title after the comma is
// dropped later.
func turnComma(s string, d *dictionary) string {
	i := strings.IndexByte(s, ',')
	if i <= 0 || strings.IndexByte(s[i+1:], ',') >= 0 {
		return strings.ReplaceAll(s, ",", " ")
	}
	after := strings.TrimSpace(s[i+1:])
	if after == "" || has(d.title, strings.Trim(fold(after), ". ")) {
		return s[:i]
	}
	return after + " " + s[:i]
}

// nameWords splits a name into folded words without titles and digits.
func (d *dictionary) nameWords(s string) []string {
	var words []string
	for _, w := range strings.FieldsFunc(fold(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '’' && r != '`'
	}) {
		w = squash(w)
		if strings.IndexFunc(w, unicode.IsLetter) < 0 || (has(d.title, w) && len(words) > 0) {
			continue
		}
		words = append(words, w)
	}
	if len(words) > 1 && has(d.title, words[0]) && words[0] != "md" {
		words = words[1:]
	}
	return words
}

// classify decides the kind of the name from its words and its writing s.
func (p *parsedName) classify(d *dictionary, s string) {
	p.splitScripts()
	long, role := 0, 0
	for _, w := range p.words {
		if len(w) >= 2 {
			long++
		}
		if has(d.role, w) {
			role++
		}
	}
	spaced := strings.ContainsAny(strings.TrimSpace(s), " \t,") || (strings.Contains(s, ".") && long < len(p.words))
	switch {
	case nobody(p.words):
		p.kind = nameNone
	case long == 0 || role >= long:
		p.kind = nameNone
		if long == 0 && len(p.words) == 1 && p.native {
			p.kind = nameFull
		}
	case p.native:
		p.kind = nameFull
	case len(p.words) == 1:
		p.kind = nameWord
		if parts := camelParts(s); len(parts) >= 2 {
			p.words, p.kind = parts, nameSplit
		}
	case !spaced:
		p.kind = nameSplit
	case long >= 2:
		p.kind = nameFull
	default:
		p.kind = nameInitial
	}
}

// digitsOf is the digits in a text, in order, parted by "." where something stands between them; leading noughts count.
func digitsOf(s string) string {
	var b strings.Builder
	apart := false
	for _, r := range s {
		if !unicode.IsDigit(r) {
			apart = true
			continue
		}
		if apart && b.Len() > 0 {
			b.WriteByte('.')
		}
		apart = false
		b.WriteRune(r)
	}
	return b.String()
}

// nobody reports whether a name says that it is not one.
func nobody(words []string) bool {
	for _, w := range words {
		switch w {
		case "unknown", "anonymous", "nobody", "noreply":
			return true
		}
	}
	return false
}

// splitScripts keeps the Latin words of a name that is written twice, in two
// scripts, and marks a name that is in a script without spaces only.
func (p *parsedName) splitScripts() {
	var plain, native []string
	for _, w := range p.words {
		han := false
		for _, r := range w {
			han = han || isHan(r)
		}
		if han {
			native = append(native, w)
		} else {
			plain = append(plain, w)
		}
	}
	switch {
	case len(native) == 0:
	case len(plain) == 0:
		whole := strings.Join(native, "")
		p.words, p.native = []string{whole}, len([]rune(whole)) >= 2
	default:
		p.words = plain
		p.nicks = append(p.nicks, strings.Join(native, ""))
	}
}

// camelParts splits "JaneRoe" into its two or three capitalized words.
func camelParts(s string) []string {
	s = strings.Trim(s, "0123456789_-. ")
	var parts []string
	start := 0
	var prev rune
	for i, r := range s {
		if !unicode.IsLetter(r) {
			return nil
		}
		if i > 0 && unicode.IsUpper(r) && unicode.IsLower(prev) {
			parts = append(parts, s[start:i])
			start = i
		}
		prev = r
	}
	parts = append(parts, s[start:])
	if len(parts) < 2 || len(parts) > 3 {
		return nil
	}
	for i, w := range parts {
		parts[i] = fold(w)
		if len(w) < 3 {
			return nil
		}
	}
	return parts
}
