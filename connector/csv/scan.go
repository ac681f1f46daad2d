// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package csv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// maxRow is how long a row may be, in bytes. It bounds memory, and how far a quotation mark without a partner reaches.
const maxRow = 1 << 20

// row is one row of a file.
type row struct {
	line   int64 // of its first line, from 1
	fields []string
	raw    []byte // valid until the next row
	bad    string // what is wrong with it; fields are not set then
}

// scanner cuts a file into rows. It is not encoding/csv, because that takes a quotation mark without a partner for the
// beginning of a text that may reach to the end of the file. Here such a mark costs its own line only.
type scanner struct {
	r     io.Reader
	buf   []byte
	start int // of what is not yet read in buf
	eof   bool
	line  int64
	delim byte
	want  int // fields in a row, 0 = any
}

func newScanner(r io.Reader, delim byte) *scanner {
	return &scanner{r: r, delim: delim, line: 1, buf: make([]byte, 0, 256<<10)}
}

// next returns the next row, and io.EOF after the last. Empty lines between rows are rows without text.
func (s *scanner) next() (*row, error) {
	for {
		rest := s.buf[s.start:]
		if len(rest) > 0 {
			fields, n, state := splitRow(rest, s.delim, s.eof)
			switch {
			case state == whole && s.runsOver(rest[:n], fields):
				return s.giveUp("a quotation mark opens a text that does not end in its row"), nil
			case state == whole:
				return s.take(n, fields), nil
			case s.eof:
				return s.giveUp("a quotation mark opens a text that does not end"), nil
			case len(rest) >= maxRow:
				return s.giveUp("the row is longer than 1 MB, or a quotation mark opens a text that does not end"), nil
			}
		} else if s.eof {
			return nil, io.EOF
		}
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
}

// runsOver reports whether a row of several lines is more likely one whose quotation mark lacks its partner.
func (s *scanner) runsOver(raw []byte, fields [][]byte) bool {
	n := len(fields)
	for n > s.want && len(fields[n-1]) == 0 { // a delimiter at the end of every line
		n--
	}
	return s.want > 0 && n != s.want && bytes.IndexByte(bytes.TrimRight(raw, "\r\n"), '\n') >= 0
}

func (s *scanner) take(n int, fields [][]byte) *row {
	raw := s.buf[s.start : s.start+n]
	r := &row{line: s.line, raw: bytes.TrimRight(raw, "\r\n"), fields: make([]string, len(fields))}
	for i, f := range fields {
		r.fields[i] = decode(f)
	}
	s.line += int64(bytes.Count(raw, []byte{'\n'}))
	s.start += n
	return r
}

// giveUp passes over one line.
func (s *scanner) giveUp(reason string) *row {
	rest := s.buf[s.start:]
	n := len(rest)
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		n = i + 1
	}
	r := &row{line: s.line, raw: bytes.TrimRight(rest[:n], "\r\n"), bad: reason}
	s.line += int64(bytes.Count(rest[:n], []byte{'\n'}))
	s.start += n
	return r
}

// fill reads more into the buffer, which grows up to what a row may hold.
func (s *scanner) fill() error {
	if s.start > 0 {
		s.buf = s.buf[:copy(s.buf, s.buf[s.start:])]
		s.start = 0
	}
	if len(s.buf) == cap(s.buf) {
		s.buf = append(make([]byte, 0, 2*cap(s.buf)), s.buf...)
	}
	for range 100 {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if errors.Is(err, io.EOF) {
			s.eof = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the file: %w", err)
		}
		if n > 0 {
			return nil
		}
	}
	return fmt.Errorf("reading the file: %w", io.ErrNoProgress)
}

// The states of a row that is cut out of the text read so far.
type state int

const (
	whole   state = iota
	partial       // the row goes on behind what was read
)

// splitRow cuts the first row off b and returns its fields and length. A quotation mark inside of a text counts as one
// of its end only if a delimiter or the end of the line follows, as spreadsheets read it.
func splitRow(b []byte, delim byte, eof bool) (fields [][]byte, n int, st state) {
	i := 0
	for {
		field, next, st := splitField(b, i, delim, eof)
		if st == partial {
			return nil, 0, partial
		}
		fields = append(fields, field)
		if next < len(b) && b[next] == delim {
			i = next + 1
			continue
		}
		if next < len(b) && b[next] == '\r' {
			next++
			if next == len(b) && !eof {
				return nil, 0, partial
			}
		}
		if next < len(b) && b[next] == '\n' {
			next++
		} else if next == len(b) && !eof {
			return nil, 0, partial
		}
		return fields, next, whole
	}
}

// splitField reads the field at i and returns where it ends.
func splitField(b []byte, i int, delim byte, eof bool) (field []byte, next int, st state) {
	if i < len(b) && b[i] == '"' {
		return splitQuoted(b, i+1, delim, eof)
	}
	for j := i; j < len(b); j++ {
		if c := b[j]; c == delim || c == '\n' || c == '\r' && (j+1 == len(b) || b[j+1] == '\n') {
			return b[i:j], j, whole
		}
	}
	if !eof {
		return nil, 0, partial
	}
	return b[i:], len(b), whole
}

func splitQuoted(b []byte, i int, delim byte, eof bool) (field []byte, next int, st state) {
	doubled := false
	for j := i; j < len(b); j++ {
		if b[j] != '"' {
			continue
		}
		if j+1 == len(b) && !eof {
			return nil, 0, partial
		}
		if j+1 < len(b) && b[j+1] == '"' {
			doubled = true
			j++
			continue
		}
		if j+1 == len(b) || b[j+1] == delim || b[j+1] == '\n' || b[j+1] == '\r' {
			field = b[i:j]
			if doubled {
				field = bytes.ReplaceAll(field, []byte(`""`), []byte{'"'})
			}
			return field, j + 1, whole
		}
	}
	return nil, 0, partial
}

// decode makes clean text of a field: UTF-8, else Windows-1252, which spreadsheets write and which can read every byte.
func decode(b []byte) string {
	if !utf8.Valid(b) {
		if out, err := charmap.Windows1252.NewDecoder().Bytes(b); err == nil {
			b = out
		}
	}
	if bytes.ContainsAny(b, "\x00\r") {
		b = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte{0}, nil), []byte("\r\n"), []byte("\n"))
	}
	return string(bytes.TrimSpace(b))
}
