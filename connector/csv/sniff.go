// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package csv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// sampleBytes is how much of a file is looked at to find out how it is written.
const sampleBytes = 1 << 20

// The names of the encodings.
const (
	encUTF8    = "utf-8"
	encUTF16LE = "utf-16le"
	encUTF16BE = "utf-16be"
	encWindows = "windows-1252"
)

// open looks at the start of a file and returns its text in bytes of UTF-8 or, in places that are not, Windows-1252,
// and a sample of it.
func open(r io.Reader) (text *bufio.Reader, sample []byte, encoding string, err error) {
	br := bufio.NewReaderSize(r, 4096)
	head, err := br.Peek(1024)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, "", fmt.Errorf("reading the file: %w", err)
	}
	encoding = encUTF8
	var src io.Reader = br
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		_, _ = br.Discard(3) // it was peeked at, so it is there
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), looksUTF16(head, 1):
		encoding = encUTF16LE
		src = transform.NewReader(br, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case bytes.HasPrefix(head, []byte("\xFE\xFF")), looksUTF16(head, 0):
		encoding = encUTF16BE
		src = transform.NewReader(br, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	}
	text = bufio.NewReaderSize(src, sampleBytes)
	sample, err = text.Peek(sampleBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, "", fmt.Errorf("reading the file: %w", err)
	}
	if encoding == encUTF8 && !validButForEnd(sample) {
		encoding = encWindows
	}
	return text, sample, encoding, nil
}

// looksUTF16 reports whether every other byte of a text is zero, as in UTF-16 without a mark. at is where the zero is.
func looksUTF16(b []byte, at int) bool {
	if len(b) < 4 {
		return false
	}
	zeros := 0
	for i := at; i < len(b); i += 2 {
		if b[i] == 0 {
			zeros++
		}
	}
	return zeros*10 >= len(b)/2*7
}

// validButForEnd reports whether b is UTF-8, apart from a character that the end of the sample has cut.
func validButForEnd(b []byte) bool {
	for cut := range min(utf8.UTFMax, len(b)+1) {
		if utf8.Valid(b[:len(b)-cut]) {
			return true
		}
	}
	return false
}

// delimiters are those that a file may have, by the names of the option's values.
func delimiters() []struct {
	name string
	char byte
} {
	return []struct {
		name string
		char byte
	}{{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"pipe", '|'}}
}

// sepLine reads the line "sep=;" that spreadsheets put in front of a file, and returns how long it is.
func sepLine(sample []byte) (delim byte, n int) {
	line, _, found := bytes.Cut(sample, []byte("\n"))
	trimmed := bytes.Trim(line, "\r\"")
	if !found || len(trimmed) != 5 || !bytes.EqualFold(trimmed[:4], []byte("sep=")) {
		return 0, 0
	}
	return trimmed[4], len(line) + 1
}

// guessDelimiter takes the delimiter that cuts most rows of the sample into as many fields as the first one has.
func guessDelimiter(sample []byte) byte {
	best, bestScore := byte(','), 0
	for _, d := range delimiters() {
		s := newScanner(bytes.NewReader(sample[:min(len(sample), 64<<10)]), d.char)
		head, same, n := 0, 0, 0
		for n < 100 {
			r, err := s.next()
			if err != nil {
				break
			}
			if r.bad != "" || len(r.fields) == 1 && r.fields[0] == "" {
				continue
			}
			if n++; head == 0 {
				head = len(r.fields)
			}
			if len(r.fields) == head {
				same++
			}
		}
		if head < 2 {
			continue
		}
		if score := same*1000/n*100 + min(head, 99); score > bestScore {
			best, bestScore = d.char, score
		}
	}
	return best
}
