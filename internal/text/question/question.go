// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package question judges whether a text asks something. It is a rule, not a model: a sentence that ends in a question
// mark, or an opening phrase that people ask with. Code, quotes and addresses are left out of judgement, because a
// question mark in them asks nobody.
package question

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxJudged is how much of a long text is looked at, in bytes: what somebody asks stands at the start or not at all.
const maxJudged = 6000

// cues are openings that ask without a question mark, in lower case.
var cues = []string{
	"how do i ", "how do you ", "how can i ", "how can we ", "how to ", "how would ", "how should ",
	"is there a way", "is there any way", "is it possible", "is anyone ", "is anybody ", "does anyone", "does anybody", "has anyone", "has anybody",
	"can anyone", "can anybody", "can someone", "could anyone", "could someone", "would anyone",
	"what is the best way", "what's the best way", "what am i doing wrong", "why does ", "why is ", "why do ", "where can i ", "where do i ",
	"any idea", "any ideas", "any advice", "any help", "any suggestions", "i was wondering", "i'm wondering", "i am wondering",
	"i can't figure out", "i cannot figure out", "i don't know how", "i do not know how", "need help with", "please help", "looking for help",
	"cómo puedo", "como puedo", "alguien sabe", "alguém sabe", "wie kann ich", "weiß jemand", "kann mir jemand", "hat jemand",
	"comment puis-je", "comment faire", "quelqu'un sait", "est-ce que",
}

// Is reports whether a title or body asks something.
func Is(title, body string) bool {
	return asks(title) || asks(body)
}

func asks(text string) bool {
	if text == "" {
		return false
	}
	if len(text) > maxJudged {
		text = text[:maxJudged]
	}
	hasMark := strings.ContainsAny(text, "?？؟")
	if !hasMark && len(text) > 2000 {
		text = text[:2000] // a cue further down is a story, not a request
	}
	inCode := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			inCode = !inCode && strings.Count(line, "```") == 1
			continue
		}
		if inCode || line == "" || line[0] == '>' {
			continue
		}
		if hasMark && markedQuestion(line) || cued(line) {
			return true
		}
	}
	return false
}

// markedQuestion reports whether a word of the line ends in a question mark that is not part of code or an address.
func markedQuestion(line string) bool {
	words := 0
	code := false
	for word := range strings.FieldsSeq(line) {
		ticks := strings.Count(word, "`")
		wasCode := code
		if ticks%2 == 1 {
			code = !code
		}
		if strings.Contains(word, "://") || strings.HasPrefix(word, "www.") {
			continue
		}
		words++
		if wasCode || ticks > 0 {
			if after := word[strings.LastIndexByte(word, '`')+1:]; ticks == 0 || code || after == "" || after[0] != '?' {
				continue
			}
		}
		if endsInMark(word) && (words > 1 || hasWideMark(word)) {
			return true
		}
	}
	return false
}

func endsInMark(word string) bool {
	word = strings.TrimRightFunc(word, func(r rune) bool {
		return strings.ContainsRune("!.\"'”’»)]*_~:;…", r) || unicode.Is(unicode.So, r)
	})
	r, _ := utf8.DecodeLastRuneInString(word)
	if r == '？' || r == '؟' {
		return true
	}
	return r == '?' && strings.Trim(word, "?") != ""
}

func hasWideMark(word string) bool { return strings.ContainsAny(word, "？؟") }

// cued reports whether a sentence of the line starts with a cue.
func cued(line string) bool {
	if len(line) > 600 {
		line = line[:600]
	}
	line = strings.ToLower(line)
	line = strings.ReplaceAll(line, "’", "'")
	for {
		line = strings.TrimLeft(line, " \t-*#(\"'")
		for _, greeting := range []string{"hi all", "hi everyone", "hello everyone", "hi there", "hello", "hey", "hi", "so", "also", "but", "and"} {
			if rest, ok := strings.CutPrefix(line, greeting); ok && rest != "" && strings.ContainsAny(rest[:1], " ,!") {
				line = strings.TrimLeft(rest, " ,!")
				break
			}
		}
		for _, c := range cues {
			if strings.HasPrefix(line, c) {
				return true
			}
		}
		i := strings.IndexAny(line, ".!;:,")
		if i < 0 || i+1 >= len(line) {
			return false
		}
		line = line[i+1:]
	}
}
