// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// telling returns the words of a text that tell what it is about: long ones, and those with digits or signs in them.
func telling(text string) map[string]bool {
	words := make(map[string]bool)
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-/'", r)
	}) {
		w = strings.Trim(w, "._-/'")
		if utf8.RuneCountInString(w) >= 4 && !common[w] {
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

// common are words of four letters and more that tell nothing.
var common = map[string]bool{
	"about": true, "after": true, "again": true, "also": true, "always": true, "another": true, "anybody": true, "anyone": true,
	"anything": true, "back": true, "because": true, "been": true, "before": true, "being": true, "better": true, "cannot": true,
	"could": true, "didn't": true, "does": true, "doesn't": true, "doing": true, "don't": true, "done": true, "down": true,
	"each": true, "either": true, "else": true, "even": true, "ever": true, "every": true, "everything": true, "find": true,
	"first": true, "from": true, "getting": true, "gets": true, "give": true, "goes": true, "going": true, "good": true,
	"have": true, "haven't": true, "having": true, "help": true, "here": true, "home": true, "into": true, "it's": true,
	"just": true, "keep": true, "kind": true, "know": true, "last": true, "like": true, "little": true, "long": true,
	"look": true, "looks": true, "made": true, "make": true, "makes": true, "many": true, "maybe": true, "mean": true,
	"might": true, "more": true, "most": true, "much": true, "must": true, "need": true, "never": true, "nothing": true,
	"okay": true, "once": true, "only": true, "other": true, "over": true, "part": true, "people": true, "please": true,
	"possible": true, "pretty": true, "probably": true, "problem": true, "question": true, "quite": true, "really": true,
	"right": true, "said": true, "same": true, "says": true, "seems": true, "should": true, "since": true, "some": true,
	"somebody": true, "someone": true, "something": true, "still": true, "such": true, "sure": true, "take": true, "than": true,
	"thank": true, "thanks": true, "that": true, "that's": true, "their": true, "them": true, "then": true, "there": true,
	"there's": true, "these": true, "they": true, "thing": true, "things": true, "think": true, "this": true, "those": true,
	"time": true, "today": true, "trying": true, "under": true, "until": true, "used": true, "using": true, "very": true,
	"want": true, "wants": true, "well": true, "were": true, "what": true, "what's": true, "when": true, "where": true,
	"which": true, "while": true, "will": true, "with": true, "without": true, "work": true, "working": true, "works": true,
	"would": true, "wrong": true, "year": true, "yeah": true, "your": true, "you're": true, "yours": true,
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
