// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"math/rand/v2"
	"strings"
)

// vocabulary gives texts whose words are as unevenly common as those of a language: the first few make up a third of a
// text, most of the others are rare. Full-text search costs what such texts cost.
type vocabulary struct {
	words []string
	zipf  *rand.Zipf
	sb    strings.Builder
}

// vocabularySize is about what a large community uses: words, names of things, pieces of code.
const vocabularySize = 60_000

// commonWord is in about every second text, rareWord in about one of a few thousand.
const (
	commonWord = "the"
	rareWord   = "kuberotoma"
)

const common = "the to is a in and it i of for this that with on not be when you have as if error are from but version can an issue use at or file get by " +
	"code build we please after my will so set there which run same do test here install no just up problem like works all fails only new would " +
	"log config now still any using server line api out change try path also data see default update has option crash page add windows module " +
	"expected release memory null stack request response thanks pull merge branch documentation missing support type value string connection timeout"

func newVocabulary(r *rand.Rand) *vocabulary {
	v := &vocabulary{words: strings.Fields(common)}
	const first, last = "b c d f g k l m n p r s t v z st tr pl ku", "ba ro ti nu ke lo ma ra si to vi den ger lin mor nat per ron sel ter"
	heads, tails := strings.Fields(first), strings.Fields(last)
	seen := make(map[string]bool, vocabularySize)
	for len(v.words) < vocabularySize {
		var sb strings.Builder
		sb.WriteString(heads[r.IntN(len(heads))])
		for range 1 + r.IntN(4) {
			sb.WriteString(tails[r.IntN(len(tails))])
		}
		if w := sb.String(); !seen[w] && len(w) > 3 {
			seen[w] = true
			v.words = append(v.words, w)
		}
	}
	v.words[4000] = rareWord
	v.zipf = rand.NewZipf(r, 1.15, 3, vocabularySize-1)
	return v
}

func (v *vocabulary) pick(r *rand.Rand) string { return v.words[r.IntN(len(v.words))] }

// line is a text of about n bytes without line ends.
func (v *vocabulary) line(r *rand.Rand, n int) string { return v.write(r, length(r, n, 4*n), false) }

// title is the title of an issue; some ask.
func (v *vocabulary) title(r *rand.Rand) string {
	t := v.line(r, 40)
	switch r.IntN(6) {
	case 0:
		return "How to " + t + "?"
	case 1:
		return "Why is " + t
	}
	return t
}

// body is what somebody writes, of about n bytes: paragraphs, some code, some questions.
func (v *vocabulary) body(r *rand.Rand, n int) string { return v.write(r, length(r, n, 4000), true) }

// write makes a text as it stands in JSON.
func (v *vocabulary) write(r *rand.Rand, n int, lines bool) string {
	v.sb.Reset()
	for {
		v.sb.WriteString(v.words[v.zipf.Uint64()])
		if v.sb.Len() >= n {
			return v.sb.String()
		}
		switch d := r.IntN(40); {
		case !lines || d > 3:
			v.sb.WriteByte(' ')
		case d == 0:
			v.sb.WriteString(`.\r\n\r\n`)
		case d == 1:
			v.sb.WriteString(` \"quoted\" `)
		case d == 2:
			v.sb.WriteString("? ")
		default:
			v.sb.WriteString(`.\r\n`)
		}
	}
}
