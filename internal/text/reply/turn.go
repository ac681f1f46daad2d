// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reply

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// turn is a message with what can be read off it alone, so that it is the same whatever came before.
type turn struct {
	id           int64
	conversation int64
	author       string
	at           time.Time
	names        []string // of the author, in lower case
	bot          bool
	signs        [signs]float32
	calls        []string // how it may address somebody: names at its start or end, and after an @, in lower case
	surely       bool     // it does so by a sign: a colon, a comma, an @
	mentions     []string // authors that the source says it mentions
	words        []word   // ascending, each once
}

// word is a word of a message by its hash: what it tells, and whether it may be a name.
type word struct {
	hash  uint64
	tells float32 // 0 = nothing
}

// The signs of a message.
const (
	asks    = iota
	marks   // it has a question mark
	wonders // it begins as questions do
	greets
	thanks
	reacts
	agrees
	goesOn
	short
	brief
	lengthy
	commands
	links
	firstPerson
	secondPerson
	tells
	trouble
	advises
	signs
)

const readBytes = 600 // of a text: what it answers shows at its start

func look(m *Message) turn {
	t := turn{id: m.ID, conversation: m.Conversation, author: m.Author, at: m.At, mentions: m.Mentions}
	for _, n := range []string{m.Name, m.Author} {
		if n = plainName(n); n != "" && !slices.Contains(t.names, n) {
			t.names = append(t.names, n)
		}
	}
	for _, n := range t.names {
		t.bot = t.bot || strings.HasSuffix(n, "bot") || strings.HasPrefix(n, "ubot") || strings.Contains(n, "bot-")
	}
	text := strings.TrimSpace(m.Text)
	if len(text) > readBytes {
		text = text[:readBytes]
	}
	text = strings.ToLower(text)
	t.address(text)
	t.read(text, m.Question)
	return t
}

// plainName is a name as people write it when they address somebody.
func plainName(s string) string {
	return strings.Trim(strings.ToLower(strings.TrimSpace(s)), "_-`^|[]{}<>@ ")
}

// address finds whom a text may call: by "ana: …", "ana, …", "@ana", "… ana" or "…, ana?".
func (t *turn) address(text string) {
	first, rest, _ := strings.Cut(text, " ")
	name := strings.TrimRight(first, ":,;>!?.-")
	if sure := strings.HasSuffix(first, ":") || strings.HasSuffix(first, ",") || strings.HasPrefix(strings.TrimSpace(rest), ",") || strings.HasPrefix(strings.TrimSpace(rest), ": "); sure {
		t.surely = true
	}
	if n := plainName(name); n != "" {
		t.calls = append(t.calls, n)
	}
	for field := range strings.FieldsSeq(text) {
		if field = strings.TrimLeft(field, "<("); strings.HasPrefix(field, "@") {
			t.surely = true
			if n := plainName(strings.TrimRight(field[1:], ":,;>!?.)")); n != "" && !slices.Contains(t.calls, n) {
				t.calls = append(t.calls, n)
			}
		}
	}
	if i := strings.LastIndexByte(rest, ' '); i >= 0 && strings.HasSuffix(strings.TrimRight(rest[:i], " "), ",") {
		if n := plainName(strings.TrimRight(rest[i+1:], ".!?")); n != "" && !slices.Contains(t.calls, n) {
			t.calls = append(t.calls, n)
		}
	}
	t.surely = t.surely || len(t.mentions) > 0
}

func (t *turn) read(text string, question bool) {
	set := func(sign int, is bool) {
		if is {
			t.signs[sign] = 1
		}
	}
	var all []string
	for _, f := range strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-/'+", r)
	}) {
		if f = strings.Trim(f, "._-/'"); f != "" {
			all = append(all, f)
		}
	}
	start := all
	if len(start) > 1 && t.surely {
		start = start[1:]
	}
	for i, w := range start[:min(len(start), 3)] {
		of := openings[w]
		set(wonders, of == 'w' && i < 2)
		set(greets, of == 'g' && i == 0)
		set(thanks, of == 't')
		set(reacts, of == 'r' && i == 0)
		set(agrees, of == 'y' && i == 0)
		set(goesOn, of == 'c' && i == 0)
		set(tells, of == 'n' && i == 0)
		set(advises, of == 'a' && i < 2)
	}
	set(asks, question)
	set(marks, strings.Contains(text, "? ") || strings.HasSuffix(strings.TrimRight(text, " !.)"), "?"))
	set(short, len(start) <= 2)
	set(brief, len(start) <= 5)
	set(lengthy, len(start) > 15)
	set(commands, strings.HasPrefix(text, "!") && len(text) > 1 && unicode.IsLetter(rune(text[1])))
	set(links, strings.Contains(text, "://") || strings.Contains(text, "www."))
	for _, w := range all {
		switch w {
		case "i", "i'm", "im", "i've", "ive", "my", "me", "we", "our":
			t.signs[firstPerson] = 1
		case "you", "your", "you're", "u", "ur", "yours", "you'll":
			t.signs[secondPerson] = 1
		case "error", "problem", "issue", "fails", "failed", "broken", "crash", "crashes", "can't", "cant", "cannot", "doesn't", "doesnt", "won't", "trouble", "stuck", "wrong", "help":
			t.signs[trouble] = 1
		case "thanks", "thank", "thx", "ty", "cheers":
			t.signs[thanks] = 1
		}
		t.words = append(t.words, word{hash(w), weight(w)})
	}
	slices.SortFunc(t.words, func(a, b word) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return 0
	})
	t.words = slices.CompactFunc(t.words, func(a, b word) bool { return a.hash == b.hash })
}

// weight says how much a word tells of what a message is about.
func weight(w string) float32 {
	n := utf8.RuneCountInString(w)
	if n < 3 || common(w) {
		return 0
	}
	if strings.ContainsAny(w, "._-/0123456789") {
		return 1.5
	}
	return min(1.5, 0.25*float32(n-1))
}

func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// hasAny reports whether one of the names stands anywhere in the message.
func (t *turn) hasAny(names []string) bool { return slices.ContainsFunc(names, t.has) }

// has reports whether a name stands anywhere in the message.
func (t *turn) has(name string) bool {
	if utf8.RuneCountInString(name) < 3 || common(name) {
		return false
	}
	_, found := slices.BinarySearchFunc(t.words, hash(name), func(w word, h uint64) int {
		switch {
		case w.hash < h:
			return -1
		case w.hash > h:
			return 1
		}
		return 0
	})
	return found
}

// addresses reports how surely a message addresses an author: 2 by a mention or a sign beside the name, 1 by a name alone.
func (t *turn) addresses(o *turn) int {
	if slices.Contains(t.mentions, o.author) {
		return 2
	}
	for i, call := range t.calls {
		for _, name := range o.names {
			if call == name && (len(name) > 1) {
				if t.surely || i > 0 || utf8.RuneCountInString(name) > 3 && !common(name) {
					return 2
				}
				return 1
			}
			if t.surely && i == 0 && len(call) >= 4 && strings.HasPrefix(name, call) {
				return 1
			}
		}
	}
	return 0
}

// alike is how much two messages have in common: the sum of what their common words tell, and the most that one does.
func (t *turn) alike(o *turn) (sum, most float32, n int) {
	a, b := t.words, o.words
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].hash < b[0].hash:
			a = a[1:]
		case a[0].hash > b[0].hash:
			b = b[1:]
		default:
			if w := a[0].tells; w > 0 {
				sum, most, n = sum+w, max(most, w), n+1
			}
			a, b = a[1:], b[1:]
		}
	}
	return sum, most, n
}
