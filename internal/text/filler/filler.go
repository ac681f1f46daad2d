// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package filler knows the English words that tell nothing of what a message is about.
package filler

// Is says whether a word of four letters and more, in lower case, tells nothing. Shorter ones it does not know.
func Is(word string) bool { return words[word] }

var words = map[string]bool{
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
