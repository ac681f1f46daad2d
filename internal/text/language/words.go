// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package language

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// words calls each with every word of a text that tells of its language, between edges and in lower case, until each
// returns false. Left out is what is the same in any language: code, addresses, names with signs or digits in them.
func words(text string, each func(word []rune, s script) bool) {
	var buffer [maxWord + 2]rune
	first := true
	for text != "" {
		start := strings.IndexFunc(text, notSpace)
		if start < 0 {
			return
		}
		text = text[start:]
		if text[0] == '`' {
			text = afterCode(text)
			continue
		}
		end := strings.IndexFunc(text, unicode.IsSpace)
		if end < 0 {
			end = len(text)
		}
		token := text[:end]
		text = text[end:]
		if first && strings.HasSuffix(token, ":") && text != "" {
			first = false
			continue // whom it addresses
		}
		first = false
		if foreign(token) {
			continue
		}
		if !split(token, buffer[:], each) {
			return
		}
	}
}

func notSpace(r rune) bool { return !unicode.IsSpace(r) }

// afterCode is what follows code that a text begins with, or the text without its first tick where it does not end.
func afterCode(text string) string {
	ticks := len(text) - len(strings.TrimLeft(text, "`"))
	if i := strings.Index(text[ticks:], text[:ticks]); i >= 0 {
		return text[ticks+i+ticks:]
	}
	return text[ticks:]
}

// foreign reports whether a token is no word of any language: an address, a path, a name out of code.
func foreign(token string) bool {
	var inner, digit, hump bool
	before := rune(0)
	for i, r := range token {
		switch {
		case r == '@' || r == '_' || r == '\\' || r == '=' || r == '{' || r == '<' || r == '$' || r == '#':
			return true
		case '0' <= r && r <= '9':
			digit = true
		case 'A' <= r && r <= 'Z' && 'a' <= before && before <= 'z':
			hump = true
		case (r == '.' || r == '/' || r == ':' || r == '(') && i > 0 && i+1 < len(token) && letter(before):
			next, _ := utf8.DecodeRuneInString(token[i+1:])
			inner = inner || letter(next) && next < 0x80 && before < 0x80 || next == '/'
		}
		before = r
	}
	return inner || digit || hump || len(token) > 2 && token[0] == ':' && token[len(token)-1] == ':'
}

func letter(r rune) bool { return scriptOf(lower(r)) != none }

// split cuts a token where anything but letters of one script stands.
func split(token string, buffer []rune, each func([]rune, script) bool) bool {
	n, of := 1, none
	buffer[0] = edge
	flush := func() bool {
		if n == 1 {
			return true
		}
		buffer[n] = edge
		word := buffer[:n+1]
		n = 1
		return each(word, of)
	}
	for _, r := range token {
		r = lower(r)
		s := scriptOf(r)
		if s != of || n > maxWord {
			if !flush() {
				return false
			}
			of = s
		}
		if s != none {
			buffer[n] = r
			n++
		}
	}
	return flush()
}
