// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The limits of what is looked at: a message of any length costs no more than this many words.
const (
	maxWords  = 400
	maxLetter = 32 // longer ones are hashes, keys and paths
)

// word is a word of a message: as it is written, and folded so that "Webhooks" and "webhook" are one.
type word struct {
	shown, folded string
	stop          bool // says nothing of what the message is about
	joined        bool // nothing but blanks stands between it and the word before
}

// words cuts the prose of a message into words. Blocks of code, quoted lines, addresses and mentions are left out.
func words(dst []word, text string) []word {
	fenced := false
	for line := range strings.Lines(text) {
		trimmed := strings.TrimLeft(line, " \t")
		if strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~") {
			fenced = !fenced
			continue
		}
		if fenced || strings.HasPrefix(trimmed, ">") || strings.HasPrefix(trimmed, "|") || strings.HasSuffix(strings.TrimRight(trimmed, " \r\n"), "wrote:") {
			continue
		}
		if dst = lineWords(dst, line); len(dst) >= maxWords {
			return dst[:maxWords]
		}
	}
	return dst
}

func lineWords(dst []word, line string) []word {
	joined := false
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		if !starts(r) {
			if n := skipped(line[i:]); n > 0 {
				i, joined = i+n, false
				continue
			}
			joined = joined && (r == ' ' || r == '-')
			i += size
			continue
		}
		if n := address(line[i:]); n > 0 {
			i, joined = i+n, false
			continue
		}
		n := wordLength(line[i:])
		if w, ok := makeWord(line[i:i+n], i > 0 && line[i-1] == '.'); ok {
			w.joined = joined
			dst = append(dst, w)
			joined = true
		} else {
			joined = false
		}
		i += n
	}
	return dst
}

func starts(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// skipped is the length of a mention, an emoji's name or a link in angle brackets that s begins with; 0 = none.
func skipped(s string) int {
	switch s[0] {
	case '<':
		if end := strings.IndexAny(s, "> "); end > 0 && s[end] == '>' {
			return end + 1
		}
	case '@':
		n := 1
		for n < len(s) && s[n] != ' ' && s[n] != '\n' && s[n] != ',' && s[n] != ':' {
			n++
		}
		return n
	case ':':
		n := 1
		for n < len(s) && (s[n] == '_' || s[n] == '-' || s[n] == '+' || 'a' <= s[n] && s[n] <= 'z' || '0' <= s[n] && s[n] <= '9') {
			n++
		}
		if n > 2 && n < len(s) && s[n] == ':' {
			return n + 1
		}
	}
	return 0
}

// address is the length of the web or mail address that s begins with; 0 = none.
func address(s string) int {
	end := strings.IndexAny(s, " \t\n<>()[]\"'")
	if end < 0 {
		end = len(s)
	}
	if i := strings.Index(s[:end], "://"); i > 0 && i < 10 {
		return end
	}
	if strings.HasPrefix(s, "www.") || strings.IndexByte(s[:end], '@') > 0 {
		return end
	}
	return 0
}

// wordLength is how long the word that s begins with is, with what belongs to it: c++, c#, don't.
func wordLength(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if starts(r) || unicode.IsMark(r) {
			n += size
			continue
		}
		next, _ := utf8.DecodeRuneInString(s[n+size:])
		if (r == '\'' || r == '’') && unicode.IsLetter(next) {
			n += size
			continue
		}
		if (r == '#' || r == '+') && n <= 3 && !starts(next) { // c#, f#, c++, g++
			n += size
			if r == '+' && next == '+' {
				n++
			}
		}
		break
	}
	return n
}

// makeWord folds a word; one that cannot name anything is not ok.
func makeWord(s string, dotted bool) (word, bool) {
	letters, digits := 0, 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			digits++
		} else {
			letters++
		}
	}
	if letters == 0 || letters+digits > maxLetter || digits > letters+1 {
		return word{}, false
	}
	low := strings.ToLower(s)
	if i := strings.IndexAny(low, "'’"); i > 0 { // what's, don't
		return word{shown: s, folded: low[:i], stop: isStop(low[:i]) || strings.HasSuffix(low, "n't") || strings.HasSuffix(low, "n’t")}, true
	}
	if dotted && low == "net" {
		return word{shown: "." + s, folded: ".net"}, true
	}
	w := word{shown: s, folded: singular(low), stop: isStop(low)}
	if letters == 1 && digits == 0 && len(s) < 2 {
		w.stop = w.stop || (low != "r" && low != "c")
	}
	return w, true
}

// singular takes the s of a plural from a word: enough for names, where a real stemmer would maim them.
func singular(w string) string {
	n := len(w)
	if n <= 3 || w[n-1] != 's' {
		return w
	}
	switch w[n-2] {
	case 's', 'u', 'i', 'o', '\'':
		return w
	}
	switch {
	case strings.HasSuffix(w, "ies") && n > 4:
		return w[:n-3] + "y"
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"):
		return w[:n-2]
	}
	return w[:n-1]
}

// Phrase is a word that may be what a message is about, or two that stand together.
type Phrase struct {
	Folded string // in lower case, without a plural's s; what to compare by
	Shown  string // as it is written
	Pair   bool
}

// Phrases appends the phrases of a message's prose to dst, in order; words that are about nothing are left out.
func Phrases(dst []Phrase, text string) []Phrase {
	all := words(nil, text)
	for i := range all {
		w := &all[i]
		if w.stop {
			continue
		}
		dst = append(dst, Phrase{Folded: w.folded, Shown: w.shown})
		if i > 0 && w.joined && !all[i-1].stop && all[i-1].folded != w.folded {
			dst = append(dst, Phrase{Folded: all[i-1].folded + " " + w.folded, Shown: all[i-1].shown + " " + w.shown, Pair: true})
		}
	}
	return dst
}
