// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package prose says what of a message is prose, and cuts that into tokens in one pass.
//
// People write with code, quotes, stack traces, addresses and templates around what they say. A judge that reads those
// as words finds "error" in every log and a question mark in every address. So code blocks and traces become one token
// that says that they are there, inline code and identifiers become a token each without their letters mattering, quotes
// and HTML comments are left out, and what is left are words, marks, emoji and emoticons in the order written.
//
// A [Reader] keeps its buffers from message to message, since reading a whole history is what it is for. [Find] is the
// other reading of a message: what is named in it, for people who look for it.
package prose

// Kind says what a token is.
type Kind uint8

// The kinds of tokens.
const (
	Word     Kind = iota // letters, with apostrophes inside; Lower is the word in lower case with a plain apostrophe
	Name                 // an identifier, a path, a file: something that has a name in code; Lower is as a word's
	Number               // digits with separators
	Version              // a version such as v1.2.3; Lower has no v
	Link                 // an address of the web; Lower is its host
	Mention              // @somebody; Lower is the name without the @
	Channel              // #somewhere, as chat platforms write it
	Code                 // inline code; Lower is empty
	Block                // a code block, a stack trace, lines of a log; Lower is empty
	Quote                // quoted lines; Lower is empty
	Image                // an embedded picture
	Emoji                // an emoji or a :shortcode:; Lower is the rune or the code without colons
	Emoticon             // :-) and its kin; Lower is its normal form
	Mark                 // ? ! … : ; Lower is one of those
	Break                // a sentence or line ends here; Lower is empty
)

// Token is one piece of a message.
type Token struct {
	Kind  Kind
	Lower string // see Kind; valid UTF-8
	Title bool   // it stands in the title, or in a heading
	Caps  bool   // a word of at least two letters, all of them capitals
	Run   uint8  // how often a mark is repeated, at most 255
}
