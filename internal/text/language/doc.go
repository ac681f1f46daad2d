// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package language tells in which language a message is, from a word or two on: 54 languages, and eight more that are
// told by their script alone.
//
// # How
//
// The script comes first: Greek, Hebrew, Thai and others are one language each (script.go). Where several share a script,
// each word's n-grams of one to five letters, its edges counted as letters, and the word itself are looked up in a table
// of weights, one for each language; what they add up to, through a softmax, is how probable each language is. Weights
// are bytes in a fixed order, so that eight languages are added at once, and a text is decided after some 1,200 n-grams.
// Code, addresses, names with digits or signs in them and whoever is addressed are left out (words.go).
//
// # Why so
//
// Messages are short and full of names. Tables of trigrams out of encyclopedias (whatlanggo) get one of eight English
// messages wrong, and what gets them right (lingua) takes a gigabyte. A softmax that was taught on pairs of words, the
// shortest thing that chat has, and on English chat, needs 40,000 n-grams in less than a megabyte.
//
// # What it learned from
//
// Train learns from words that are made up: lingua-go (Apache-2.0) publishes how often one to five letters follow each
// other in a million sentences of each language, from which new words come that look like real ones (chain.go); beside
// them rows of real text, and a list of the words of chat. The command is `greenroom text train-language`; figures,
// sources and licenses are in docs/text-models.md.
package language
