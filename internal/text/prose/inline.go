// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// inline reads a stretch of prose and reports whether it opens an HTML comment that it does not close.
func (r *Reader) inline(s string) (comment bool) {
	for i := 0; i < len(s); {
		c := s[i]
		n := 1
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if c == '\n' {
				r.end()
			}
		case isLetter(c) || isDigit(c) || c >= utf8.RuneSelf || c == '_' || c == '/' && (i == 0 || !isNameByte(s[i-1])):
			n = r.word(s, i)
		case c == '<':
			var open bool
			if n, open = r.angle(s[i:]); open {
				return true
			}
		case c == '`':
			n = r.tick(s[i:])
		case c == '@' && i+1 < len(s) && isNameByte(s[i+1]):
			end := i + 1
			for end < len(s) && (isNameByte(s[end]) || s[end] == '-') {
				end++
			}
			r.add(Mention, s[i+1:end])
			n = end - i
		case c == '!' && strings.HasPrefix(s[i:], "!["):
			n = r.image(s[i:])
		default:
			n = r.mark(s, i)
		}
		i += n
	}
	return false
}

// word reads a word, an identifier, a number, a version, a link or an emoji that starts at i; it returns its length.
func (r *Reader) word(s string, i int) int {
	if n := linkLen(s[i:]); n > 0 {
		r.add(Link, host(s[i:i+n]))
		return n
	}
	if c := s[i]; c >= utf8.RuneSelf {
		v, n := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(v) && !unicode.IsMark(v) && !unicode.IsDigit(v) {
			return n + r.symbol(v, s[i:i+n], s[i+n:])
		}
	}
	if e, n := letterEmoticon(s, i); n > 0 {
		r.add(Emoticon, e)
		return n
	}
	sh := measure(s, i)
	text := s[i : i+sh.n]
	switch {
	case sh.letters == 0 && sh.digits > 0:
		if sh.dots >= 2 {
			r.add(Version, text)
		} else {
			r.add(Number, text)
		}
	case isVersion(text):
		r.add(Version, strings.TrimLeft(text, "vV"))
	case sh.letters == 0:
		return sh.n // a stroke or an underscore alone
	case sh.named():
		r.add(Name, text)
	default:
		r.add(Word, text)
		r.tokens[len(r.tokens)-1].Caps = sh.letters > 1 && sh.capitals == sh.letters
	}
	return sh.n
}

// shape is what a word is made of.
type shape struct {
	n                                      int // length in bytes
	letters, capitals, inner, digits, dots int // inner: capitals after a small letter
	underscores, strokes                   int
}

// named reports whether a word is a name of something in code rather than of a language.
func (s *shape) named() bool {
	return s.underscores > 0 || s.strokes > 0 || s.dots > 0 || s.digits > 0 || s.inner > 1 || s.inner == 1 && s.letters > 5
}

// measure reads letters, digits and what joins them from i on.
func measure(s string, i int) shape {
	var sh shape
	small := false
	j := i
	for j < len(s) {
		c := s[j]
		if c >= utf8.RuneSelf {
			v, n := utf8.DecodeRuneInString(s[j:])
			if v == '’' && sh.letters > 0 && j+n < len(s) && isLetter(s[j+n]) {
				j += n
				continue
			}
			if !unicode.IsLetter(v) && !unicode.IsMark(v) && !unicode.IsDigit(v) {
				break
			}
			sh.letters++
			if unicode.IsUpper(v) {
				sh.capitals++
			}
			j += n
			continue
		}
		switch {
		case isLetter(c):
			sh.letters++
			if c <= 'Z' {
				sh.capitals++
				if small {
					sh.inner++
				}
			}
			small = c >= 'a'
		case isDigit(c):
			sh.digits++
		case c == '_':
			sh.underscores++
		case c == '\'' && sh.letters > 0 && j+1 < len(s) && isLetter(s[j+1]):
		case (c == '.' || c == ':' && j+2 < len(s) && s[j+1] == ':') && j > i && j+1 < len(s) && (isLetter(s[j+1]) || isDigit(s[j+1]) || c == ':'):
			if c == '.' && sh.letters > 0 && sh.digits == 0 && s[j+1] >= 'A' && s[j+1] <= 'Z' {
				sh.n = j - i // a sentence that ends without a space
				return sh
			}
			sh.dots++
		case c == '/' && j+1 < len(s) && (isLetter(s[j+1]) || isDigit(s[j+1]) || s[j+1] == '_'):
			if j == i || sh.dots > 0 || strings.IndexByte(s[j+1:min(len(s), j+40)], '/') >= 0 || sh.strokes > 0 {
				sh.strokes++
			} else {
				sh.n = j - i // either/or
				return sh
			}
		default:
			sh.n = max(j-i, 1)
			return sh
		}
		j++
	}
	sh.n = max(j-i, 1)
	return sh
}

// symbol reads a rune that is no letter; it returns how much of rest belongs to it.
func (r *Reader) symbol(v rune, text, rest string) int {
	switch v {
	case '？', '؟':
		r.addMark("?", 1)
		return 0
	case '！':
		r.addMark("!", 1)
		return 0
	case '…':
		r.addMark("…", 1)
		return 0
	case '。':
		r.end()
		return 0
	}
	if !isEmoji(v) {
		return 0
	}
	r.add(Emoji, text)
	n := 0
	for n < len(rest) { // skin tones, joiners and what they join are one emoji
		v, size := utf8.DecodeRuneInString(rest[n:])
		if v != 0xFE0F && v != 0x200D && (v < 0x1F3FB || v > 0x1F3FF) {
			break
		}
		n += size
		if v == 0x200D && n < len(rest) {
			_, size = utf8.DecodeRuneInString(rest[n:])
			n += size
		}
	}
	return n
}

func isEmoji(v rune) bool {
	return v >= 0x1F000 && v <= 0x1FAFF || v >= 0x2600 && v <= 0x27BF || v == 0x2B50 || v == 0x2B55 || v == 0x203C || v == 0x2049
}

// mark reads punctuation: marks that matter, emoticons and :shortcodes:.
func (r *Reader) mark(s string, i int) int {
	if e, n := emoticonAt(s, i); n > 0 {
		r.add(Emoticon, e)
		return n
	}
	c := s[i]
	run := 1
	for i+run < len(s) && s[i+run] == c && run < 255 {
		run++
	}
	switch c {
	case '?':
		mixed := run
		for i+mixed < len(s) && (s[i+mixed] == '?' || s[i+mixed] == '!') && mixed < 255 {
			mixed++
		}
		r.addMark("?", mixed)
		return mixed
	case '!':
		r.addMark("!", run)
	case '.':
		if run > 1 {
			r.addMark("…", run)
		} else if i+1 >= len(s) || s[i+1] == ' ' || s[i+1] == '\n' || s[i+1] >= 'A' && s[i+1] <= 'Z' || s[i+1] == '"' || s[i+1] == ')' {
			r.end()
		}
	case ':':
		if n := shortcodeLen(s[i:]); n > 0 {
			r.add(Emoji, s[i+1:i+n-1])
			return n
		}
		r.addMark(":", 1)
	case '#':
		if i+1 < len(s) && isDigit(s[i+1]) {
			r.add(Number, "#")
			for i+run < len(s) && isDigit(s[i+run]) {
				run++
			}
		} else if i+1 < len(s) && isLetter(s[i+1]) {
			for i+run < len(s) && (isNameByte(s[i+run]) || s[i+run] == '-') {
				run++
			}
			r.add(Channel, s[i+1:i+run])
		}
	case '-', '*', '=', '_':
		return run
	}
	return run
}

func (r *Reader) addMark(m string, run int) {
	r.add(Mark, m)
	r.tokens[len(r.tokens)-1].Run = uint8(min(run, 255))
	if m != ":" {
		r.end()
	}
}

func isLetter(c byte) bool   { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isNameByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c >= utf8.RuneSelf }
