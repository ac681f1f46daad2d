// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package telegramexport

import (
	"bytes"
	"io"
)

// repaired gives a file of Telegram Desktop as JSON: it writes control characters as \x1F, which JSON does not know. They
// become a tab and spaces, so that every byte stays where it stands and lines can be counted.
type repaired struct {
	file io.ReadCloser
	at   inEscape
}

// inEscape is where in an escape sequence a read ended.
type inEscape uint8

const (
	outside   inEscape = iota
	backslash          // behind the backslash
	hex                // behind its x
	lastHex            // behind its first digit
)

// Close closes the file.
func (r *repaired) Close() error { return r.file.Close() } //nolint:wrapcheck // callers wrap

// Read gives the next bytes.
func (r *repaired) Read(p []byte) (int, error) {
	n, err := r.file.Read(p)
	for i := 0; i < n; i++ {
		c := p[i]
		switch {
		case r.at == outside:
			skip := bytes.IndexByte(p[i:n], '\\')
			if skip < 0 {
				return n, err //nolint:wrapcheck // io.EOF has to stay what it is
			}
			i += skip
			r.at = backslash
		case r.at == backslash && c == 'x':
			p[i], r.at = 't', hex
		case r.at >= hex && isHex(c):
			p[i] = ' '
			r.at = (r.at + 1) % (lastHex + 1)
		default: // another escape, or no digits: what follows is not ours to change
			r.at = outside
		}
	}
	return n, err //nolint:wrapcheck // io.EOF has to stay what it is
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
