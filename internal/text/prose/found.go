// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package prose

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Found is what a message names, each once, in the order of the text.
type Found struct {
	Mentions []string // without the @
	Links    []string // whole addresses
	Versions []string // without a v
	Code     []string // inline code, without the backticks
	Products []string // as the caller's list writes them
}

// maxFound is how many of each are kept.
const maxFound = 50

// Find lists what a text names, code blocks left out. Products are found as whole words without regard to case, and
// reported as products writes them.
func Find(s string, products []string) Found {
	var f Found
	s = cut(s)
	var fence bool
	for line := range strings.Lines(s) {
		if strings.HasPrefix(strings.TrimLeft(line, " \t"), "```") {
			fence = !fence && strings.Count(line, "```") == 1
			continue
		}
		if !fence {
			f.line(line)
		}
	}
	low := strings.ToLower(s)
	for _, p := range products {
		if p != "" && hasWord(low, strings.ToLower(p)) {
			keep(&f.Products, p)
		}
	}
	return f
}

// line finds what one line names.
func (f *Found) line(s string) {
	for i := 0; i < len(s); {
		n := 1
		switch c := s[i]; {
		case c == '`':
			n = f.code(s[i:])
		case c == '@' && i+1 < len(s) && isNameByte(s[i+1]) && (i == 0 || !isNameByte(s[i-1]) && s[i-1] != '.'):
			for i+n < len(s) && (isNameByte(s[i+n]) || s[i+n] == '-') {
				n++
			}
			keep(&f.Mentions, s[i+1:i+n])
		case c == '<' && i+2 < len(s) && s[i+1] == '@':
			if end := strings.IndexByte(s[i:], '>'); end > 0 {
				name, _, _ := strings.Cut(s[i+2:i+end], "|")
				keep(&f.Mentions, strings.TrimLeft(name, "!&"))
				n = end + 1
			}
		case isLetter(c) || isDigit(c):
			n = f.word(s[i:])
		case c >= utf8.RuneSelf:
			_, n = utf8.DecodeRuneInString(s[i:])
		}
		i += n
	}
}

// code reads inline code at the start of s.
func (f *Found) code(s string) int {
	if end := strings.IndexByte(s[1:], '`'); end > 0 {
		keep(&f.Code, s[1:1+end])
		return end + 2
	}
	return 1
}

// word reads a link, a version or a plain word at the start of s.
func (f *Found) word(s string) int {
	if n := linkLen(s); n > 0 {
		link, _, _ := strings.Cut(s[:n], "|") // Slack writes <address|label>
		keep(&f.Links, link)
		return n
	}
	n := 1
	for n < len(s) && (isNameByte(s[n]) || (s[n] == '.' || s[n] == '-') && n+1 < len(s) && isNameByte(s[n+1])) {
		n++
	}
	if isVersion(s[:n]) {
		keep(&f.Versions, strings.TrimLeft(s[:n], "vV"))
	}
	return n
}

// keep adds what was not found before.
func keep(list *[]string, s string) {
	if s = strings.ToValidUTF8(strings.TrimSpace(s), ""); s != "" && len(*list) < maxFound && !slices.Contains(*list, s) {
		*list = append(*list, strings.Clone(s))
	}
}

// hasWord reports whether a word stands in a text by itself.
func hasWord(text, word string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		from, to := at+i, at+i+len(word)
		if (from == 0 || !isNameByte(text[from-1])) && (to == len(text) || !isNameByte(text[to])) {
			return true
		}
		at = from + 1
	}
}
