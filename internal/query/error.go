// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error says what is wrong with a text and where. It is the only error that
// Parse returns, always as *Error.
type Error struct {
	// Text is the whole text that was parsed.
	Text string
	// Pos and End are the byte offsets of the characters that are wrong; they
	// are equal where something is missing.
	Pos, End int
	// Message is one clause in plain words, without position.
	Message string
	// Suggestion, where there is one, is what to put in place of Text[Pos:End].
	Suggestion string
}

// Column is the number of the first wrong character, counted from 1.
func (e *Error) Column() int { return utf8.RuneCountInString(e.Text[:e.Pos]) + 1 }

// Error gives position, message and suggestion in one line.
func (e *Error) Error() string {
	msg := fmt.Sprintf("column %d: %s", e.Column(), e.Message)
	if e.Suggestion != "" {
		msg += "; did you mean " + e.Suggestion + "?"
	}
	return msg
}

// Caret gives two lines for a terminal: the text, and below it a ^ under every
// wrong character.
func (e *Error) Caret() string {
	line := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return ' '
		}
		return r
	}, e.Text)
	marks := max(1, utf8.RuneCountInString(e.Text[e.Pos:e.End]))
	return line + "\n" + strings.Repeat(" ", e.Column()-1) + strings.Repeat("^", marks)
}

// Fix gives the text with the suggestion put in place, or "" where there is
// none. The result may hold a further error.
func (e *Error) Fix() string {
	if e.Suggestion == "" {
		return ""
	}
	return e.Text[:e.Pos] + e.Suggestion + e.Text[e.End:]
}

// nearest returns the word among words that was most likely meant by got, or ""
// where none is near: the same letters but for case and punctuation, a slip of
// the finger for every four letters, or a word that goes on where got ends.
func nearest(got string, words []string) string {
	got = letters(got)
	if n := utf8.RuneCountInString(got); n < 3 || n > 40 {
		return ""
	}
	best, least := "", max(1, (utf8.RuneCountInString(got)+1)/4)+1
	for _, w := range words {
		if d := distance(got, letters(w)); d < least {
			best, least = w, d
		}
	}
	if best != "" {
		return best
	}
	for _, w := range words {
		if strings.HasPrefix(letters(w), got) {
			return w
		}
	}
	return ""
}

// letters folds a name to what people remember of it.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbors that turn a into b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	var before []int
	last := make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(y)]
}
