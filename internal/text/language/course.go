// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package language

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// Row is a text of which the language is known.
type Row struct {
	Text     string
	Language string // ISO 639-1
	Chat     bool   // it is whole messages, to be cut into pieces as short as chat is
}

// Source gives the model of n-grams of n letters (1 to 5) of a language as lingua-go keeps it, unzipped; nil where there
// is none.
type Source func(code string, n int) ([]byte, error)

// How much is learned. More does not help: the figures are in docs/text-models.md.
const (
	made      = 20000 // documents made up for each language
	rowWeight = 3     // of a row that is no chat
	taught    = 30    // times that each word of chatEnglish is a document
	least     = 12    // times that an n-gram has to be there
	rounds    = 2
	rate      = 0.1
	decay     = 1e-6
	levels    = 20
)

// sizes are the greatest numbers of n-grams by script.
var sizes = [modeled]int{latin: 36000, cyrillic: 9000, arabic: 7000, devanagari: 4000, han: 4000}

// Train makes the artifact of a model. It is the same for the same source and rows. Each finished script is said.
func Train(source Source, rows []Row, say func(string)) ([]byte, error) {
	var tables [modeled]packed
	for s := latin; s < modeled; s++ {
		l := &lesson{script: s}
		r := rand.New(rand.NewPCG(1, uint64(s))) //nolint:gosec // the same numbers each time are wanted
		for column, code := range members[s] {
			if err := l.makeUp(source, column, code, r); err != nil {
				return nil, err
			}
			l.take(rows, column, code, r)
		}
		l.choose(least, sizes[s])
		l.learn(r)
		tables[s] = l.pack()
		say(fmt.Sprintf("%s: %d texts, %d n-grams", strings.Join(members[s], " "), len(l.documents), len(l.names)))
	}
	return encode(tables)
}

// makeUp adds documents of words as the language makes them: pairs mostly, and mostly without the shortest words, which
// are the same in many languages.
func (l *lesson) makeUp(source Source, column int, code string, r *rand.Rand) error {
	var shares [order]map[string]float64
	for n := range shares {
		data, err := source(code, n+1)
		if err == nil && data != nil {
			shares[n], err = parseShares(data)
		}
		if err != nil {
			return fmt.Errorf("n-grams of %d letters of %s: %w", n+1, code, err)
		}
	}
	c := newChain(shares)
	var word []rune
	for range made {
		n := 2
		switch x := r.Float64(); {
		case x < 0.1:
			n = 1
		case x > 0.95:
			n = 6
		case x > 0.8:
			n = 3
		}
		d := document{column: column, weight: 1}
		long := l.script != han && r.Float64() < 0.6
		for tries := 0; len(d.words) < n && tries < 100; tries++ {
			if word = c.word(word, r); len(word) > 0 && (!long || len(word) >= 4) {
				d.words = append(d.words, string(edge)+string(word)+string(edge))
			}
		}
		l.documents = append(l.documents, d)
	}
	return nil
}

// take adds the rows of a language, and for English the words of chat.
func (l *lesson) take(rows []Row, column int, code string, r *rand.Rand) {
	for i := range rows {
		if rows[i].Language != code {
			continue
		}
		d := document{column: column, weight: rowWeight}
		words(rows[i].Text, func(word []rune, s script) bool {
			if s == l.script {
				d.words = append(d.words, string(word))
			}
			return true
		})
		if n := len(d.words); rows[i].Chat && n > 0 {
			d.weight = 1
			size := 1 + r.IntN(min(6, n))
			from := r.IntN(n - size + 1)
			d.words = d.words[from : from+size]
		}
		if len(d.words) > 0 {
			l.documents = append(l.documents, d)
		}
	}
	if code != "en" {
		return
	}
	for word := range strings.FieldsSeq(chatEnglish) {
		d := document{words: []string{string(edge) + word + string(edge)}, column: column, weight: 1}
		for range taught {
			if utf8.RuneCountInString(word) > 1 {
				l.documents = append(l.documents, d)
			}
		}
	}
}
