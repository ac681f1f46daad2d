// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package githubevent

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// scanner walks over one JSON text in a single pass. It exists because event lines are most of what Greenroom ever reads
// and nine tenths of each line are names and values that nobody wants: passing over them is what has to be fast.
//
// It checks the whole grammar. Whatever is not as the caller expects, broken JSON included, only sets odd: the text is
// then read again by the general decoder, which knows how to say what is wrong. So the scanner has no errors of its own.
type scanner struct {
	data  []byte
	pos   int
	depth int
	odd   bool
}

// maxDepth is how deep values may be nested before the general decoder takes over.
const maxDepth = 200

// peek skips white space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) take(c byte) bool {
	if s.odd || s.peek() != c {
		s.odd = true
		return false
	}
	s.pos++
	return true
}

// word takes null, true or false if it stands here.
func (s *scanner) word(w string) bool {
	if s.peek() == w[0] && len(s.data)-s.pos >= len(w) && string(s.data[s.pos:s.pos+len(w)]) == w {
		s.pos += len(w)
		return true
	}
	return false
}

// object calls field for each member; field has to take the value.
func (s *scanner) object(field func(name []byte)) {
	if !s.take('{') {
		return
	}
	if s.depth++; s.depth > maxDepth {
		s.odd = true
	}
	if s.peek() == '}' {
		s.pos++
		s.depth--
		return
	}
	for !s.odd {
		name := s.text()
		if !s.take(':') {
			return
		}
		field(name)
		if s.peek() == '}' {
			s.pos++
			s.depth--
			return
		}
		s.take(',')
	}
}

// array calls element for each element; element has to take the value.
func (s *scanner) array(element func()) {
	if !s.take('[') {
		return
	}
	if s.depth++; s.depth > maxDepth {
		s.odd = true
	}
	if s.peek() == ']' {
		s.pos++
		s.depth--
		return
	}
	for !s.odd {
		element()
		if s.peek() == ']' {
			s.pos++
			s.depth--
			return
		}
		s.take(',')
	}
}

// skip passes over a value of any sort.
func (s *scanner) skip() {
	switch c := s.peek(); {
	case c == '"':
		s.quoted()
	case c == '{':
		s.object(func([]byte) { s.skip() })
	case c == '[':
		s.array(s.skip)
	case c == '-' || (c >= '0' && c <= '9'):
		s.number()
	default:
		if !s.word("null") && !s.word("true") && !s.word("false") {
			s.odd = true
		}
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// quoted passes over a string and returns where its text starts and ends, and whether it is plain: ASCII without escapes.
func (s *scanner) quoted() (from, to int, plain bool) {
	if !s.take('"') {
		return 0, 0, true
	}
	from, plain = s.pos, true
	i := s.pos
	for {
		for i+8 <= len(s.data) { // eight bytes at once, as long as none of them is special
			w := binary.LittleEndian.Uint64(s.data[i:])
			quote, slash := w^(ones*'"'), w^(ones*'\\')
			if ((quote-ones)&^quote|(slash-ones)&^slash|(w-ones*0x20)|w)&highs != 0 {
				break
			}
			i += 8
		}
		if i >= len(s.data) {
			s.odd = true
			return 0, 0, true
		}
		switch c := s.data[i]; {
		case c == '"':
			s.pos = i + 1
			return from, i, plain
		case c == '\\':
			plain = false
			if i = s.escape(i); s.odd {
				return 0, 0, true
			}
		case c < 0x20:
			s.odd = true
			return 0, 0, true
		default:
			plain = plain && c < utf8.RuneSelf
			i++
		}
	}
}

// escape returns where the escape at i ends.
func (s *scanner) escape(i int) int {
	if i+1 >= len(s.data) {
		s.odd = true
		return i
	}
	switch s.data[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		if i+6 <= len(s.data) && isHexDigits(s.data[i+2:i+6]) {
			return i + 6
		}
	}
	s.odd = true
	return i
}

func isHexDigits(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// text takes a string and returns its text, which may lie in the data.
func (s *scanner) text() []byte {
	from, to, plain := s.quoted()
	if s.odd {
		return nil
	}
	if plain || (utf8.Valid(s.data[from:to]) && noEscape(s.data[from:to])) {
		return s.data[from:to]
	}
	out, err := jsontext.AppendUnquote(make([]byte, 0, to-from), s.data[from-1:to+1])
	if err != nil { // an invalid sequence: the general decoder knows how to mend it
		s.odd = true
	}
	return out
}

func noEscape(b []byte) bool {
	for _, c := range b {
		if c == '\\' {
			return false
		}
	}
	return true
}

// number passes over a number and returns where it starts and whether it is whole.
func (s *scanner) number() (from int, whole bool) {
	s.peek()
	from = s.pos
	if s.pos < len(s.data) && s.data[s.pos] == '-' {
		s.pos++
	}
	start := s.pos
	if s.run() == 0 || (s.data[start] == '0' && s.pos > start+1) {
		s.odd = true
		return from, false
	}
	whole = true
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		whole = false
		s.odd = s.odd || s.run() == 0
	}
	if s.pos < len(s.data) && s.data[s.pos]|0x20 == 'e' {
		s.pos++
		whole = false
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		s.odd = s.odd || s.run() == 0
	}
	return from, whole
}

func (s *scanner) run() int {
	n := 0
	for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
		s.pos++
		n++
	}
	return n
}

// str, num and flag take a value of their sort, or null, into dst.
func (s *scanner) str(dst *string) {
	switch s.peek() {
	case '"':
		*dst = string(s.text())
	case 'n':
		*dst = ""
		s.skip()
	default:
		s.odd = true
	}
}

func (s *scanner) num(dst *int64) {
	if s.word("null") {
		*dst = 0
		return
	}
	from, whole := s.number()
	digits := s.data[from:s.pos]
	if s.odd || !whole || len(digits) > 18 || len(digits) == 0 || digits[0] == '-' {
		s.odd = true
		return
	}
	var n int64
	for _, c := range digits {
		n = n*10 + int64(c-'0')
	}
	*dst = n
}

func (s *scanner) flag(dst *bool) {
	switch {
	case s.word("true"):
		*dst = true
	case s.word("false"), s.word("null"):
		*dst = false
	default:
		s.odd = true
	}
}

// pointer takes an object, or null, into what dst points to.
func pointer[T any](s *scanner, dst **T, read func(*scanner, *T)) {
	if s.word("null") {
		*dst = nil
		return
	}
	if *dst == nil {
		*dst = new(T)
	}
	read(s, *dst)
}
