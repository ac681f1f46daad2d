// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The limits of a text. They are far above what people write and keep hostile
// input cheap.
const (
	// MaxLength is the length of a text in bytes.
	MaxLength = 8192
	// MaxDepth is how deep parentheses can be nested.
	MaxDepth = 32
)

// Parse reads a text against the schema of an entity. An empty text is a query
// for everything. The error, if any, is an *Error about the first thing that is
// wrong.
func Parse(s *Schema, text string) (*Query, error) {
	p := &parser{schema: s, text: text}
	if err := p.checkText(); err != nil {
		return nil, err
	}
	q := &Query{Text: text}
	if p.skipSpace(); p.pos == len(text) {
		return q, nil
	}
	root, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.pos < len(text) { // or stops only here and at the end
		return nil, p.fail(p.pos, p.pos+1, "this parenthesis closes nothing")
	}
	q.Root, q.Sort = root, p.sort
	return q, nil
}

// parser is the state of one Parse: pos is the byte offset of what comes next.
type parser struct {
	schema *Schema
	text   string
	pos    int
	depth  int  // of open parentheses
	negate bool // within a negation
	sort   []Order
}

// fail makes the error for text[pos:end].
func (p *parser) fail(pos, end int, format string, args ...any) error {
	return p.suggest("", pos, end, format, args...)
}

// suggest is fail with a text to put in place of text[pos:end].
func (p *parser) suggest(suggestion string, pos, end int, format string, args ...any) error {
	return &Error{Text: p.text, Pos: pos, End: end, Message: fmt.Sprintf(format, args...), Suggestion: suggestion}
}

// checkText refuses what no query holds, before anything else looks at it.
func (p *parser) checkText() error {
	if len(p.text) > MaxLength {
		at := MaxLength
		for !utf8.RuneStart(p.text[at]) {
			at--
		}
		return p.fail(at, at, "a query can have %d bytes at most, this one has %d", MaxLength, len(p.text))
	}
	for i, r := range p.text {
		if r == utf8.RuneError && strings.HasPrefix(p.text[i:], "\uFFFD") {
			continue
		}
		if r == utf8.RuneError {
			return p.fail(i, i+1, "this is not a character (the text is not UTF-8)")
		}
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return p.fail(i, i+utf8.RuneLen(r), "a query cannot hold the control character %U", r)
		}
	}
	return nil
}

// or parses conditions with "or" between them, up to the end or a closing
// parenthesis. The node is nil where there were only directives.
func (p *parser) or() (Node, error) {
	var nodes []Node
	var lastOr int
	for {
		n, err := p.and()
		if err != nil {
			return nil, err
		}
		at, more := p.keyword("or")
		if n == nil && (more || len(nodes) > 0) {
			if !more {
				at = lastOr
			}
			return nil, p.fail(at, at+2, "or needs a condition on both sides; put it in quotes to search for the word")
		}
		if n != nil {
			nodes = append(nodes, n)
		}
		if !more {
			break
		}
		lastOr = at
	}
	if len(nodes) == 0 {
		return nil, nil
	}
	return AnyOf(nodes...), nil
}

// and parses the conditions that stand side by side, up to "or", a closing
// parenthesis or the end. The word "and" may stand between them.
func (p *parser) and() (Node, error) {
	var nodes []Node
	for first := true; ; first = false {
		at, joined := p.keyword("and")
		p.skipSpace()
		if p.atEnd() {
			if joined {
				return nil, p.andNeeds(at)
			}
			break
		}
		if joined && (first || p.isWord("and")) {
			return nil, p.andNeeds(at)
		}
		n, err := p.not()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return AllOf(nodes...), nil
}

func (p *parser) andNeeds(at int) error {
	return p.fail(at, at+3, "and needs a condition on both sides; put it in quotes to search for the word")
}

// atEnd reports whether the conditions that stand side by side end here.
func (p *parser) atEnd() bool {
	return p.pos == len(p.text) || p.text[p.pos] == ')' || p.isWord("or")
}

// not parses one condition and the negations before it.
func (p *parser) not() (Node, error) {
	outer := p.negate
	defer func() { p.negate = outer }()
	negative := false
	for {
		p.skipSpace()
		at := p.pos
		sign := "-"
		if p.peek() == '-' {
			p.pos++
		} else if _, ok := p.keyword("not"); ok {
			sign = "not"
			p.skipSpace()
		} else {
			break
		}
		negative, p.negate = !negative, true
		if p.pos == len(p.text) || p.peek() == ')' || sign == "-" && p.spaceAhead() || p.isWord("or") || p.isWord("and") {
			return nil, p.fail(at, at+len(sign), "%s needs a condition right after it; put it in quotes to search for it", sign)
		}
	}
	n, err := p.primary()
	if err != nil || n == nil {
		return nil, err
	}
	if !negative {
		return n, nil
	}
	return Negate(n), nil
}

// primary parses a group, a phrase, a word, a field with its value, or a
// directive, for which the node is nil.
func (p *parser) primary() (Node, error) {
	start := p.pos
	switch {
	case p.peek() == '(':
		return p.group()
	case quoteOpens(p.rune()):
		words, err := p.quoted()
		if err != nil {
			return nil, err
		}
		prefix := p.peek() == '*'
		if prefix {
			p.pos++
		}
		return &Text{Words: words, Prefix: prefix, Pos: start, End: p.pos}, nil
	}
	if name, ok := p.fieldAhead(); ok {
		return p.condition(name)
	}
	return p.word()
}

// group parses a condition in parentheses.
func (p *parser) group() (Node, error) {
	open := p.pos
	if p.depth++; p.depth > MaxDepth {
		return nil, p.fail(open, open+1, "parentheses are nested too deep; %d levels are possible", MaxDepth)
	}
	defer func() { p.depth-- }()
	p.pos++
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.pos == len(p.text) {
		return nil, p.fail(open, open+1, "this parenthesis is never closed")
	}
	p.pos++
	if n == nil {
		return nil, p.fail(open, p.pos, "there is nothing in these parentheses")
	}
	return n, nil
}

// word parses a bare word of free text.
func (p *parser) word() (Node, error) {
	start := p.pos
	for p.pos < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.text[p.pos:])
		if unicode.IsSpace(r) || r == '(' || r == ')' || quoteOpens(r) {
			break
		}
		p.pos += size
	}
	words, prefix := strings.CutSuffix(p.text[start:p.pos], "*")
	if words == "" {
		return nil, p.fail(start, p.pos, "* stands at the end of a word, or alone after a field; an empty query finds everything")
	}
	if at := strings.IndexByte(words, '*'); at >= 0 {
		return nil, p.starInside(start + at)
	}
	return &Text{Words: words, Prefix: prefix, Pos: start, End: p.pos}, nil
}

func (p *parser) starInside(at int) error {
	return p.fail(at, at+1, "* can only stand at the end; put the value in quotes to mean the character")
}
