// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"strings"

	"greenroom/internal/text/prose"
)

// Forms and templates of issue trackers ask what kind of ticket it is: "Issue type: Bug", "Do you want to request a
// feature or report a bug?", "[Question] ...". What stands in the answer is told apart from the same word in a sentence.
const (
	declareNone = iota
	declareBug
	declareFeature
	declareQuestion
	declareOther
	declareAsks // the words that ask for it
)

// declarations are the words of such answers, and of what asks for them.
func declarations() map[uint64]int {
	list := map[uint64]int{}
	for kind, words := range map[int][]string{
		declareBug:      {"bug", "defect", "regression", "crash", "incident"},
		declareFeature:  {"feature", "enhancement", "improvement", "proposal", "idea", "request", "suggestion", "rfc", "feat"},
		declareQuestion: {"question", "support", "help", "discussion", "howto"},
		declareOther:    {"other", "others", "documentation", "docs", "performance", "build", "install", "task", "chore"},
		declareAsks:     {"type", "kind", "category", "label"},
	} {
		for _, w := range words {
			list[hashText(prose.Word, w)] = kind
		}
	}
	return list
}

// declaration follows the tokens of a message to where a ticket says what it is.
type declaration struct {
	words  *words
	tokens int
	waits  int               // for how many more words an answer can come
	before int               // kind of the word before
	choice [declareAsks]bool // kinds named in this sentence: where two are, a question mark asks for one of them
}

// next takes the next token and returns what was declared with it, if anything was.
func (d *declaration) next(t *prose.Token, h uint64) int {
	d.tokens++
	kind := declareNone
	if t.Kind == prose.Word {
		kind = d.words.declares[h]
	}
	defer func() { d.before = kind }()
	switch {
	case t.Kind == prose.Mark && t.Lower == "?":
		if d.choice[declareBug] && d.choice[declareFeature] {
			d.waits = 2
		}
		d.choice = [declareAsks]bool{}
		return declareNone
	case t.Kind == prose.Mark && t.Lower == ":":
		if d.tokens == 2 && d.before > declareNone && d.before < declareAsks {
			return d.before // "Bug: ..."
		}
		return declareNone
	case kind == declareAsks:
		d.waits = 2
		return declareNone
	case d.waits > 0:
		d.waits--
		if kind > declareNone && kind < declareAsks {
			d.waits = 0
			return kind
		}
	}
	if kind > declareNone && kind < declareAsks {
		d.choice[kind] = true
		if t.Title && d.tokens == 1 {
			return kind
		}
	}
	return declareNone
}

// maxTag is how long a tag in brackets at the beginning of a ticket is, in bytes.
const maxTag = 40

// tagged returns what a tag such as [Bug] or [Feature request] at the beginning of a text declares.
func (w *words) tagged(text string) int {
	if len(text) == 0 || text[0] != '[' {
		return declareNone
	}
	end := strings.IndexByte(text[:min(len(text), maxTag)], ']')
	if end < 0 {
		return declareNone
	}
	for word := range strings.FieldsSeq(text[1:end]) {
		if kind := w.declares[hashText(prose.Word, strings.ToLower(word))]; kind > declareNone && kind < declareAsks {
			return kind
		}
	}
	return declareNone
}
