// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ical

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// maxComponent bounds one event; what is longer is passed over and rejected.
const maxComponent = 4 << 20

// component is an event or another thing in a calendar, with its lines unfolded.
type component struct {
	name    string // VEVENT, VTODO, ...
	line    int64  // of its BEGIN
	lines   [][]byte
	raw     []byte
	tooLong bool
}

// scanner reads a calendar from a place in it.
type scanner struct {
	r      *bufio.Reader
	offset int64 // of what comes next
	line   int64 // that was read last
	props  func(line string)
}

func newScanner(r io.Reader, offset int64, props func(string)) *scanner {
	return &scanner{r: bufio.NewReaderSize(r, 64<<10), offset: offset, props: props}
}

// physical reads a line with its end. A line of any length is read to its end, and kept up to a bound.
func (s *scanner) physical() ([]byte, error) {
	var line []byte
	for {
		part, err := s.r.ReadSlice('\n')
		s.offset += int64(len(part))
		if len(line) < maxComponent {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if len(line) > 0 {
			s.line++
			return line, nil
		}
		return nil, err //nolint:wrapcheck // io.EOF, or the file's own
	}
}

func trimmed(line []byte) []byte { return bytes.TrimRight(line, "\r\n") }

// next returns the next component of the calendar; io.EOF at its end.
func (s *scanner) next() (*component, error) {
	for {
		line, err := s.physical()
		if err != nil {
			return nil, err
		}
		name, is := begins(string(trimmed(line)))
		switch {
		case !is:
			whole := bytes.Clone(trimmed(line))
			for s.goesOn() {
				more, err := s.physical()
				if err != nil {
					return nil, err
				}
				if len(whole) < maxComponent {
					whole = append(whole, trimmed(more[1:])...)
				}
			}
			s.props(string(whole))
		case name != "VCALENDAR":
			return s.component(name, line)
		}
	}
}

// goesOn reports whether the next line continues the one that was read.
func (s *scanner) goesOn() bool {
	next, err := s.r.Peek(1)
	return err == nil && (next[0] == ' ' || next[0] == '\t')
}

// begins returns what a BEGIN line begins.
func begins(line string) (name string, is bool) {
	const begin = "BEGIN:"
	line = strings.ToUpper(strings.TrimSpace(strings.TrimPrefix(line, "\uFEFF")))
	return strings.TrimPrefix(line, begin), strings.HasPrefix(line, begin)
}

// component reads on to the component's end. Components inside of it, such as alarms, are in its raw text only.
func (s *scanner) component(name string, first []byte) (*component, error) {
	c := &component{name: name, line: s.line, raw: bytes.Clone(first)}
	for depth := 1; depth > 0; {
		line, err := s.physical()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return c, err
		}
		c.tooLong = c.tooLong || len(c.raw)+len(line) > maxComponent
		if !c.tooLong {
			c.raw = append(c.raw, line...)
		}
		upper := strings.ToUpper(string(line[:min(len(line), 64)]))
		switch {
		case line[0] == ' ' || line[0] == '\t': // it continues the line before, whatever it begins with
			if c.tooLong || depth > 1 || len(c.lines) == 0 {
				continue
			}
			last := &c.lines[len(c.lines)-1]
			*last = append(*last, trimmed(line[1:])...)
		case strings.HasPrefix(upper, "BEGIN:"):
			depth++
		case strings.HasPrefix(upper, "END:"):
			depth--
		case c.tooLong || depth > 1:
		default:
			c.lines = append(c.lines, bytes.Clone(trimmed(line)))
		}
	}
	return c, nil
}
