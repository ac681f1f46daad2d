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
var common = wordSet(`about after again also always another anybody anyone anything back because been before being better cannot could
	didn't does doesn't doing don't done down each either else even ever every everything find first from getting gets give goes going good
	have haven't having help here home into it's just keep kind know last like little long look looks made make makes many maybe mean might
	more most much must need never nothing okay once only other over part people please possible pretty probably problem question quite really
	right said same says seems should since some somebody someone something still such sure take than thank thanks that that's their them then
	there there's these they thing things think this those time today trying under until used using very want wants well were what what's when
	where which while will with without work working works would wrong year yeah your you're yours`)

func wordSet(text string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
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
	reactions = wordSet(`ah aha ahh awesome brilliant congrats congratulations cool exactly fantastic great ha haha hah hm hmm hmmm impressive
		indeed interesting lol love lovely me neat nice no nope oh ooh ok okay perfect right same seconded sure sweet true wait welcome well wow
		yay yeah yep yes yup`)
	gratitude = wordSet("cheers danke gracias merci obrigada obrigado thank thanks thx ty")
	news      = wordSet("announcing introducing reminder released update psa fyi heads-up")
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
