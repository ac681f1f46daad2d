// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"greenroom/connector/internal/mailmessage"
)

// message is one message of an mbox file. Its bytes belong to the splitter and are valid until the next message.
type message struct {
	line  int64  // of the From line, from 1
	from  []byte // what follows "From " in the separator
	data  []byte // header and body, quoted From lines restored
	cut   bool   // longer than the limit: data holds the start
	stray bool   // not a message: text in front of the first one
}

// splitter cuts an mbox file into messages.
//
// A message begins with a line "From sender date". Writers are meant to put ">" before such lines in a body, and some do
// not; so a line counts as the beginning of a message only if it has that form and a header follows. A line "From -"
// without a date, as some programs write it, needs a header that is known to stand at the top of a message.
type splitter struct {
	br    *bufio.Reader
	limit int
	line  int64  // number of the line read last
	next  []byte // the separator that was read already
	begun bool
	blank bool // the line before was empty
	buf   []byte
}

// peekBytes is how far the splitter looks ahead at the line after a separator.
const peekBytes = 256

func newSplitter(r io.Reader, limit int) *splitter {
	return &splitter{br: bufio.NewReaderSize(r, 128<<10), limit: limit, blank: true}
}

// read returns the next message, and io.EOF after the last.
func (s *splitter) read() (*message, error) {
	if !s.begun {
		s.begun = true
		if bom, err := s.br.Peek(3); err == nil && string(bom) == "\uFEFF" {
			_, _ = s.br.Discard(3) // it was peeked at, so it is there
		}
		if stray, err := s.find(); err != nil || stray != nil {
			return stray, err
		}
	}
	if s.next == nil {
		return nil, io.EOF
	}
	m := &message{line: s.line, from: s.next}
	s.next = nil
	s.blank = false
	return m, s.fill(m)
}

// find runs to the first separator. Anything but empty lines in front of it is returned as a stray record.
func (s *splitter) find() (*message, error) {
	m := &message{line: 1, stray: true}
	if err := s.fill(m); err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(m.data)) == 0 {
		return nil, nil //nolint:nilnil // nothing stands there, which is as it should be
	}
	return m, nil
}

// fill reads lines into m up to the next separator or the end.
func (s *splitter) fill(m *message) error {
	s.buf = s.buf[:0]
	for {
		part, err := s.br.ReadSlice('\n')
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			m.data = s.buf
			return fmt.Errorf("reading the mail archive: %w", err)
		}
		if len(part) > 0 {
			s.line++
			if s.separates(part) {
				s.next = bytes.Clone(bytes.TrimSpace(part[len("From "):]))
				m.data = s.buf
				return nil
			}
			s.blank = len(bytes.TrimRight(part, "\r\n")) == 0
			s.add(m, unquoteFrom(part))
		}
		for errors.Is(err, bufio.ErrBufferFull) { // the rest of a very long line
			if part, err = s.br.ReadSlice('\n'); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
				m.data = s.buf
				return fmt.Errorf("reading the mail archive: %w", err)
			}
			s.add(m, part)
		}
		if errors.Is(err, io.EOF) {
			m.data = s.buf
			return nil
		}
	}
}

func (s *splitter) add(m *message, part []byte) {
	if room := s.limit - len(s.buf); len(part) > room {
		m.cut = true
		part = part[:room]
	}
	s.buf = append(s.buf, part...)
}

// unquoteFrom takes one ">" from a line such as ">From" or ">>From".
func unquoteFrom(line []byte) []byte {
	if line[0] == '>' && bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
		return line[1:]
	}
	return line
}

// separates reports whether a line begins a message.
func (s *splitter) separates(line []byte) bool {
	if len(line) < 6 || line[0] != 'F' || string(line[:5]) != "From " {
		return false
	}
	rest := strings.TrimSpace(string(line[5:min(len(line), 1000)]))
	t, sure := mailmessage.SeparatorTime(rest)
	dated := sure && !t.IsZero()
	if t.IsZero() && strings.ContainsAny(rest, " \t") {
		return false
	}
	ahead, err := s.br.Peek(peekBytes)
	if err != nil && len(ahead) == 0 {
		return dated
	}
	if i := bytes.IndexByte(ahead, '\n'); i >= 0 {
		ahead = ahead[:i]
	}
	ahead = bytes.TrimRight(ahead, "\r")
	if dated && s.blank {
		return len(ahead) == 0 || mailmessage.HeaderName(ahead) != "" || bytes.HasPrefix(ahead, []byte(">From "))
	}
	return isTopHeader(mailmessage.HeaderName(ahead))
}

// isTopHeader reports whether a field is one that stands at the top of a message.
func isTopHeader(name string) bool {
	switch name {
	case "from", "date", "to", "cc", "subject", "message-id", "received", "return-path", "mime-version", "delivered-to", "content-type",
		"reply-to", "sender", "in-reply-to", "references", "status", "envelope-to", "dkim-signature", "authentication-results", "errors-to",
		"newsgroups", "path", "precedence", "user-agent", "lines", "organization", "apparently-to", "mailing-list", "message-id-hash":
		return true
	}
	return strings.HasPrefix(name, "x-") || strings.HasPrefix(name, "list-") || strings.HasPrefix(name, "arc-") || strings.HasPrefix(name, "resent-")
}

// noted is when the archive noted the message.
func (m *message) noted() time.Time {
	t, _ := mailmessage.SeparatorTime(string(m.from))
	return t
}
