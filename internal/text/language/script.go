// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package language

import "unicode"

// script is a way of writing. A text is read in the script that most of its letters are of.
type script uint8

const (
	none script = iota
	latin
	cyrillic
	arabic
	devanagari
	han // Chinese characters and the Japanese syllables
	modeled

	// From here on one language writes so, or one so much more than others that no model is asked.
	hangul script = iota - 1
	greek
	hebrew
	armenian
	georgian
	thai
	lao
	khmer
	burmese
	bengali
	gurmukhi
	gujarati
	oriya
	tamil
	telugu
	kannada
	malayalam
	sinhala
	ethiopic
	scripts
)

// alone is the language of a script that needs no model.
var alone = [scripts]string{
	hangul: "ko", greek: "el", hebrew: "he", armenian: "hy", georgian: "ka", thai: "th", lao: "lo", khmer: "km", burmese: "my",
	bengali: "bn", gurmukhi: "pa", gujarati: "gu", oriya: "or", tamil: "ta", telugu: "te", kannada: "kn", malayalam: "ml",
	sinhala: "si", ethiopic: "am",
}

// members are the languages of a script whose languages a model tells apart, in the order of its columns.
var members = [modeled][]string{
	latin: {
		"az", "ca", "cs", "da", "de", "en", "es", "et", "eu", "fi", "fr", "hr", "hu", "is", "it", "lt", "lv", "ms", "nl", "no", "pl",
		"pt", "ro", "sk", "sl", "sq", "sv", "tl", "tr", "vi", "yo",
	},
	cyrillic:   {"be", "bg", "ru", "sr", "uk"},
	arabic:     {"ar", "fa", "ur"},
	devanagari: {"hi", "mr"},
	han:        {"ja", "zh"},
}

// block is a range of runes of one script.
type block struct {
	low, high rune
	script    script
}

// blocks are in order. What stands in none of them is of no script.
var blocks = []block{
	{'a', 'z', latin},
	{0xaa, 0xaa, latin},
	{0xba, 0xba, latin},
	{0xc0, 0xd6, latin},
	{0xd8, 0xf6, latin},
	{0xf8, 0x24f, latin},
	{0x250, 0x2af, latin},
	{0x300, 0x36f, latin},
	{0x370, 0x3ff, greek},
	{0x400, 0x52f, cyrillic},
	{0x530, 0x58f, armenian},
	{0x590, 0x5ff, hebrew},
	{0x600, 0x6ff, arabic},
	{0x750, 0x77f, arabic},
	{0x8a0, 0x8ff, arabic},
	{0x900, 0x97f, devanagari},
	{0x980, 0x9ff, bengali},
	{0xa00, 0xa7f, gurmukhi},
	{0xa80, 0xaff, gujarati},
	{0xb00, 0xb7f, oriya},
	{0xb80, 0xbff, tamil},
	{0xc00, 0xc7f, telugu},
	{0xc80, 0xcff, kannada},
	{0xd00, 0xd7f, malayalam},
	{0xd80, 0xdff, sinhala},
	{0xe00, 0xe7f, thai},
	{0xe80, 0xeff, lao},
	{0x1000, 0x109f, burmese},
	{0x10a0, 0x10ff, georgian},
	{0x1100, 0x11ff, hangul},
	{0x1200, 0x139f, ethiopic},
	{0x1780, 0x17ff, khmer},
	{0x1c90, 0x1cbf, georgian},
	{0x1e00, 0x1eff, latin},
	{0x1f00, 0x1fff, greek},
	{0x2de0, 0x2dff, cyrillic},
	{0x3005, 0x3007, han},
	{0x3040, 0x30ff, han},
	{0x3130, 0x318f, hangul},
	{0x31f0, 0x31ff, han},
	{0x3400, 0x4dbf, han},
	{0x4e00, 0x9fff, han},
	{0xac00, 0xd7af, hangul},
	{0xf900, 0xfaff, han},
	{0xfb1d, 0xfb4f, hebrew},
	{0xfb50, 0xfdff, arabic},
	{0xfe70, 0xfeff, arabic},
	{0xff66, 0xff9f, han},
	{0x20000, 0x323af, han},
}

// scriptOf is the script of a letter in lower case.
func scriptOf(r rune) script {
	if r < 0x80 {
		if 'a' <= r && r <= 'z' {
			return latin
		}
		return none
	}
	low, high := 0, len(blocks)
	for low < high {
		mid := (low + high) / 2
		if blocks[mid].high < r {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(blocks) && blocks[low].low <= r {
		return blocks[low].script
	}
	return none
}

// kana reports whether a rune is one that only Japanese writes.
func kana(r rune) bool {
	return 0x3040 <= r && r <= 0x30ff && r != 0x30fb || 0x31f0 <= r && r <= 0x31ff || 0xff66 <= r && r <= 0xff9f
}

// lower is the rune in lower case.
func lower(r rune) rune {
	if r < 0x80 {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(r)
}
