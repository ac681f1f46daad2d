// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file reads single characters and words. There is no separate lexer:
// what a character means depends on whether a word, a name or a value is read.

func (p *parser) skipSpace() {
	p.pos = len(p.text) - len(strings.TrimLeftFunc(p.text[p.pos:], unicode.IsSpace))
}

// spaceAhead reports whether the next character is space.
func (p *parser) spaceAhead() bool { return unicode.IsSpace(p.rune()) }

// peek is the next byte, 0 at the end.
func (p *parser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

// rune is the next character, 0 at the end.
func (p *parser) rune() rune {
	if p.pos == len(p.text) {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.pos:])
	return r
}

// isWord reports whether the next word is the keyword.
func (p *parser) isWord(keyword string) bool {
	rest := p.text[p.pos:]
	if len(rest) < len(keyword) || !strings.EqualFold(rest[:len(keyword)], keyword) {
		return false
	}
	r, size := utf8.DecodeRuneInString(rest[len(keyword):])
	return size == 0 || unicode.IsSpace(r) || r == '(' || r == ')' || quoteOpens(r)
}

// keyword skips space and then the keyword, and says where it stood; it moves
// only where the keyword is there.
func (p *parser) keyword(keyword string) (int, bool) {
	before := p.pos
	if p.skipSpace(); !p.isWord(keyword) {
		p.pos = before
		return 0, false
	}
	at := p.pos
	p.pos += len(keyword)
	return at, true
}

// fieldAhead reports whether a field with a value comes next, and its name as
// it is written. A name before a colon is one, known or not; before another
// operator it has to be known, so that "a>b" can be searched for. An address
// with "://" is a word.
func (p *parser) fieldAhead() (string, bool) {
	rest := p.text[p.pos:]
	name := rest[:len(rest)-len(strings.TrimLeftFunc(rest, nameRune))]
	after := rest[len(name):]
	if first, _ := utf8.DecodeRuneInString(name); name == "" || after == "" || !unicode.IsLetter(first) {
		return "", false
	}
	switch r, _ := utf8.DecodeRuneInString(after); r {
	case ':':
		return name, !strings.HasPrefix(after, "://")
	case '<', '>', '=', '!', '≤', '≥':
		return name, (r != '!' || strings.HasPrefix(after, "!=")) && p.known(name)
	}
	return "", false
}

// known reports whether name is a field, a modifier of did: or a directive, or
// would be but for punctuation ("lastactive"), which is then an error.
func (p *parser) known(name string) bool {
	if _, field := p.schema.Field(name); field || modifier(name) != "" || strings.EqualFold(name, "sort") {
		return true
	}
	return p.schema.folded[letters(name)]
}

// People copy queries from documents whose quotation marks were made pretty.
func quoteOpens(r rune) bool  { return r == '"' || r == '“' || r == '”' || r == '„' }
func quoteCloses(r rune) bool { return r == '“' || r == '”' }

// quoted reads a text in quotes; \" and \\ stand for the character.
func (p *parser) quoted() (string, error) {
	start := p.pos
	open, size := utf8.DecodeRuneInString(p.text[p.pos:])
	p.pos += size
	var b strings.Builder
	for p.pos < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.text[p.pos:])
		p.pos += size
		switch {
		case r == open && open == '"', open != '"' && quoteCloses(r):
			if strings.TrimSpace(b.String()) == "" {
				return "", p.fail(start, p.pos, "there is nothing in these quotes")
			}
			return b.String(), nil
		case r == '\\' && (p.peek() == '"' || p.peek() == '\\'):
			b.WriteByte(p.peek())
			p.pos++
		default:
			b.WriteRune(r)
		}
	}
	return "", p.fail(start, start+size, "this quote is never closed")
}

// item is one value as it is written.
type item struct {
	text     string // without quotes and without the star
	quoted   bool
	star     bool // a * follows the text
	pos, end int
}

// items reads the values after a field, with commas between them.
func (p *parser) items(name string) ([]item, error) {
	var items []item
	for {
		it, err := p.item(name)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
		if p.peek() != ',' {
			break
		}
		p.pos++
	}
	if r := p.rune(); r != 0 && r != ')' && !unicode.IsSpace(r) {
		return nil, p.fail(p.pos, p.pos+utf8.RuneLen(r), "put the whole value in quotes, or a space before what follows")
	}
	return items, nil
}

// item reads one value: in quotes, or up to a space, a comma or a parenthesis.
func (p *parser) item(name string) (item, error) {
	it := item{pos: p.pos}
	if quoteOpens(p.rune()) {
		var err error
		if it.text, err = p.quoted(); err != nil {
			return item{}, err
		}
		if it.quoted, it.star = true, p.peek() == '*'; it.star {
			p.pos++
		}
		it.end = p.pos
		return it, nil
	}
	for p.pos < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.text[p.pos:])
		if unicode.IsSpace(r) || strings.ContainsRune(`,()`, r) || quoteOpens(r) {
			break
		}
		p.pos += size
	}
	it.text, it.star = strings.CutSuffix(p.text[it.pos:p.pos], "*")
	it.end = p.pos
	if at := strings.IndexByte(it.text, '*'); at >= 0 {
		return item{}, p.starInside(it.pos + at)
	}
	if it.text == "" && !it.star {
		return item{}, p.noValue(name)
	}
	return it, nil
}

// noValue is the error for a field without a value, most often because of a
// space after the colon.
func (p *parser) noValue(name string) error {
	if next, _, _ := strings.Cut(strings.TrimLeftFunc(p.text[p.pos:], unicode.IsSpace), " "); next != "" && p.spaceAhead() {
		return p.fail(p.pos, p.pos, "%s needs its value right after it, without a space", name)
	}
	return p.fail(p.pos, p.pos, "%s needs a value, or * for any", name)
}
