// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"greenroom/internal/text/filler"
)

// telling returns the words of a text that tell what it is about: long ones, and those with digits or signs in them.
func telling(text string) map[string]bool {
	words := make(map[string]bool)
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-/'", r)
	}) {
		w = strings.Trim(w, "._-/'")
		if utf8.RuneCountInString(w) >= 4 && !filler.Is(w) {
			words[w] = true
		}
	}
	return words
}

func inCommon(a, b map[string]bool) int {
	n := 0
	for w := range a {
		if b[w] {
			n++
		}
	}
	return n
}

// vocative returns the name with which a message addresses somebody, as "ana: try 3.2" or "@ana try 3.2" do, in the
// writer's spelling; "" for none. Whether anybody is called so, the caller knows.
func vocative(text string) string {
	first, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	if name, ok := strings.CutPrefix(first, "@"); ok {
		return strings.TrimRight(name, ":,;>")
	}
	if name := strings.TrimRight(first, ":,;>"); name != first || strings.HasPrefix(strings.TrimSpace(rest), ",") {
		return name
	}
	if i := strings.LastIndexByte(rest, ' '); i >= 0 && strings.HasSuffix(strings.TrimRight(rest[:i], " "), ",") {
		return strings.TrimRight(rest[i+1:], ".!?")
	}
	return first
}

// How the first word of a message sorts it.
var (
	reactions = map[string]bool{
		"ah": true, "aha": true, "ahh": true, "awesome": true, "brilliant": true, "congrats": true, "congratulations": true,
		"cool": true, "exactly": true, "fantastic": true, "great": true, "ha": true, "haha": true, "hah": true, "hm": true,
		"hmm": true, "hmmm": true, "impressive": true, "indeed": true, "interesting": true, "lol": true, "love": true, "lovely": true,
		"me": true, "neat": true, "nice": true, "no": true, "nope": true, "oh": true, "ooh": true, "ok": true, "okay": true,
		"perfect": true, "right": true, "same": true, "seconded": true, "sure": true, "sweet": true, "true": true, "wait": true,
		"welcome": true, "well": true, "wow": true, "yay": true, "yeah": true, "yep": true, "yes": true, "yup": true,
	}
	gratitude = map[string]bool{
		"cheers": true, "danke": true, "gracias": true, "merci": true, "obrigada": true, "obrigado": true, "thank": true,
		"thanks": true, "thx": true, "ty": true,
	}
	news = map[string]bool{
		"announcing": true, "introducing": true, "reminder": true, "released": true, "update": true, "psa": true, "fyi": true,
		"heads-up": true,
	}
)

func firstWord(text string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return strings.Trim(strings.ToLower(word), ",.!?:;—…")
}

// asksBack reports whether a text takes up what somebody said: it opens with a reaction, or is too short to stand alone.
func asksBack(text string) bool {
	words := len(strings.Fields(text))
	return words > 0 && words <= 2 || reactions[firstWord(text)] || gratitude[firstWord(text)]
}

// thanks reports whether a text opens with thanks.
func thanks(text string) bool { return gratitude[firstWord(text)] }

// tells reports whether a text is news for everybody, which answers nobody.
func tells(text string) bool { return news[firstWord(text)] }

// idle are words of questions that go to everybody and wait for nobody.
var idle = []string{
	"who else", "anyone up for", "anybody up for", "what do you all ", "what are you all ", "how are you all", "how is everyone", "how's everyone",
	"what is everyone", "what's everyone", "how are you?", "how's it going", "what's up?", "asking for a friend",
}

// smallTalk reports whether a text asks to talk rather than to know.
func smallTalk(text string) bool {
	text = strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	for _, i := range idle {
		if strings.Contains(text, i) {
			return true
		}
	}
	return false
}
