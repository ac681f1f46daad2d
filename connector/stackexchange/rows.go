// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stackexchange

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// rows walks over the <row …/> elements of a file. It knows of XML what a data dump has of it: elements, attributes in
// either sort of quotes, entities and comments. A less-than sign inside a value, which XML forbids, ends a broken row,
// so that a missing quote costs one row and not the rest of the file.
type rows struct {
	in     io.Reader
	buf    []byte
	pos    int   // of what is next in buf
	base   int64 // where buf begins in the file
	line   int64 // of pos, from 1
	eof    bool
	err    error // why reading ended early
	attrs  []attr
	bad    string // what is wrong with the row that was read last; "" = nothing
	row    []byte // it, whole, until the next call
	rowAt  int64  // the line on which it begins
	budget int    // the most bytes a row may have
}

// attr is an attribute, its value as it stands in the file.
type attr struct {
	name, value []byte
}

const maxRow = 32 << 20

var errTooLong = errors.New("an element is longer than 32 MB")

func newRows(in io.Reader, offset, line int64) *rows {
	return &rows{in: in, buf: make([]byte, 0, 256<<10), base: offset, line: line, budget: maxRow}
}

// offset is where what is next begins in the file.
func (s *rows) offset() int64 { return s.base + int64(s.pos) }

// next goes to the next row and reports whether there is one. The row may be bad.
func (s *rows) next() bool {
	for {
		at := s.find('<')
		if at < 0 {
			s.advance(len(s.buf))
			return false
		}
		s.advance(at)
		switch {
		case s.has("<!--"):
			s.skipPast("-->")
		case s.has("<?"):
			s.skipPast("?>")
		case s.has("<row") && s.ahead(5) && isBreak(s.buf[s.pos+4]):
			return s.element()
		default:
			s.skipPast(">")
		}
		if s.err != nil {
			return false
		}
	}
}

// fill reads more; what lies before pos is dropped. It reports whether there is more.
func (s *rows) fill() bool {
	if s.eof {
		return false
	}
	if s.pos > 0 {
		n := copy(s.buf, s.buf[s.pos:])
		s.buf, s.base, s.pos = s.buf[:n], s.base+int64(s.pos), 0
	}
	if len(s.buf) >= s.budget {
		s.err, s.eof = errTooLong, true
		return false
	}
	if cap(s.buf)-len(s.buf) < 32<<10 {
		s.buf = append(make([]byte, 0, 2*cap(s.buf)), s.buf...)
	}
	n, err := s.in.Read(s.buf[len(s.buf):cap(s.buf)])
	s.buf = s.buf[:len(s.buf)+n]
	if err != nil {
		s.eof = true
		if !errors.Is(err, io.EOF) {
			s.err = fmt.Errorf("reading: %w", err)
		}
	}
	return n > 0 || !s.eof
}

// find returns where c is next in buf, reading on as long as needed; -1 = nowhere.
func (s *rows) find(c byte) int {
	for from := s.pos; ; {
		if i := bytes.IndexByte(s.buf[from:], c); i >= 0 {
			return from + i
		}
		if c == '<' { // nothing before it is wanted
			s.advance(len(s.buf))
		}
		from = len(s.buf) - s.pos
		if !s.fill() {
			return -1
		}
		from += s.pos
	}
}

// ahead makes sure that n bytes follow pos, and reports whether they do.
func (s *rows) ahead(n int) bool {
	for len(s.buf)-s.pos < n {
		if !s.fill() {
			return len(s.buf)-s.pos >= n
		}
	}
	return true
}

func (s *rows) has(prefix string) bool {
	return s.ahead(len(prefix)) && string(s.buf[s.pos:s.pos+len(prefix)]) == prefix
}

func (s *rows) advance(to int) {
	s.line += int64(bytes.Count(s.buf[s.pos:to], []byte{'\n'}))
	s.pos = to
}

func (s *rows) skipPast(mark string) {
	for {
		if i := bytes.Index(s.buf[s.pos:], []byte(mark)); i >= 0 {
			s.advance(s.pos + i + len(mark))
			return
		}
		keep := max(s.pos, len(s.buf)-len(mark)+1)
		s.advance(keep)
		if !s.fill() {
			s.advance(len(s.buf))
			return
		}
	}
}

// element reads the row that begins at pos. Where it does not end in buf, more is read and it is begun again.
func (s *rows) element() bool {
	s.rowAt = s.line
	for {
		length, whole := s.parse(s.buf[s.pos:])
		if whole || !s.fill() {
			if s.err != nil {
				return false
			}
			s.row = s.buf[s.pos : s.pos+length]
			s.advance(s.pos + length)
			return true
		}
	}
}

// parse reads a row from the start of b and returns its length. It returns false where b ends before the row does.
func (s *rows) parse(b []byte) (length int, whole bool) {
	s.attrs, s.bad = s.attrs[:0], ""
	i := len("<row")
	for {
		for i < len(b) && isBreak(b[i]) {
			i++
		}
		if i >= len(b) {
			break
		}
		switch b[i] {
		case '>':
			return i + 1, true
		case '/':
			if i+1 < len(b) && b[i+1] == '>' {
				return i + 2, true
			}
			i++
			continue
		case '<':
			s.bad = "the row does not end"
			return i, true
		}
		name := i
		for i < len(b) && b[i] != '=' && b[i] != '>' && b[i] != '<' && !isBreak(b[i]) {
			i++
		}
		end := i
		for i < len(b) && isBreak(b[i]) {
			i++
		}
		if i+1 >= len(b) {
			break
		}
		if b[i] != '=' || end == name {
			return s.broken(b, i, "an attribute has no value")
		}
		i++
		for i < len(b) && isBreak(b[i]) {
			i++
		}
		if i >= len(b) {
			break
		}
		quote := b[i]
		if quote != '"' && quote != '\'' {
			return s.broken(b, i, "a value is not in quotes")
		}
		i++
		n := bytes.IndexByte(b[i:], quote)
		less := bytes.IndexByte(b[i:i+max(n, 0)], '<')
		if n < 0 {
			less = bytes.IndexByte(b[i:], '<')
		}
		if less >= 0 {
			s.bad = "a value has no closing quote, or holds a bare <"
			return i + less, true
		}
		if n < 0 {
			break
		}
		s.attrs = append(s.attrs, attr{name: b[name:end], value: b[i : i+n]})
		i += n + 1
	}
	s.bad = "the file ends in the middle of the row"
	return len(b), false
}

// broken ends a row at the next sign that may begin or end an element.
func (s *rows) broken(b []byte, i int, why string) (int, bool) {
	s.bad = why
	for ; i < len(b); i++ {
		switch b[i] {
		case '>':
			return i + 1, true
		case '<':
			return i, true
		}
	}
	return len(b), false
}

func isBreak(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// raw returns an attribute's value as it stands, nil where there is none.
func (s *rows) raw(name string) []byte {
	for i := range s.attrs {
		if string(s.attrs[i].name) == name {
			return s.attrs[i].value
		}
	}
	return nil
}

// text returns an attribute's value: entities replaced, NUL dropped, invalid UTF-8 replaced.
func (s *rows) text(name string) string { return unescape(s.raw(name)) }

// num returns an attribute that is a number, 0 where it is none.
func (s *rows) num(name string) int64 {
	n, err := strconv.ParseInt(string(s.raw(name)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func unescape(v []byte) string {
	amp := bytes.IndexByte(v, '&')
	if amp < 0 && utf8.Valid(v) && bytes.IndexByte(v, 0) < 0 {
		return string(v)
	}
	var out strings.Builder
	out.Grow(len(v))
	for amp >= 0 {
		out.Write(v[:amp])
		v = v[amp:]
		n := bytes.IndexByte(v[:min(len(v), 12)], ';')
		if r, ok := entity(v[1:max(n, 1)]); ok {
			out.WriteString(r)
			v = v[n+1:]
		} else {
			out.WriteByte('&')
			v = v[1:]
		}
		amp = bytes.IndexByte(v, '&')
	}
	out.Write(v)
	text := out.String()
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "")
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	return text
}

// entity returns what stands for the name between & and ;.
func entity(name []byte) (string, bool) {
	switch string(name) {
	case "lt":
		return "<", true
	case "gt":
		return ">", true
	case "amp":
		return "&", true
	case "quot":
		return `"`, true
	case "apos":
		return "'", true
	case "#xA", "#10":
		return "\n", true
	case "#xD", "#13":
		return "\r", true
	}
	if len(name) < 2 || name[0] != '#' {
		return "", false
	}
	digits, radix := string(name[1:]), 10
	if digits[0] == 'x' {
		digits, radix = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, radix, 32)
	if err != nil {
		return "", false
	}
	if n > utf8.MaxRune {
		return "\uFFFD", true
	}
	return string(rune(n)), true
}
