// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package alike finds texts that say much the same as another, by their words: questions like a question, documents for a
// question, questions about a document. It is arithmetic on counts, so what it finds can be explained by the words that two
// texts share.
package alike

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"greenroom/internal/text/prose"
)

// Doc is a text that others are compared with, as far as likeness needs it.
type Doc struct {
	ID    int64
	Title string
	Body  string // its start is enough
}

// Alike is a text of the index, and how much it is like another.
type Alike struct {
	ID    int64
	Share float64 // cosine of their words, 0 to 1
}

// Index finds texts with the same telling words. A word counts by how often it stands there (dampened) and how rare it
// is among all texts; what is in the title counts twice.
type Index struct {
	ids   []int64
	words map[string][]posting
	idf   map[string]float64
}

type posting struct {
	doc    int32
	weight float32 // of the word in the text, all of them together of length 1
}

// titleWeight is how much more a word in a title says.
const titleWeight = 2

// NewIndex makes the index of some texts.
func NewIndex(docs []Doc) *Index {
	x := &Index{words: make(map[string][]posting), idf: make(map[string]float64)}
	counts := make([]map[string]float64, len(docs))
	seen := make(map[string]int)
	var r prose.Reader
	for i := range docs {
		x.ids = append(x.ids, docs[i].ID)
		counts[i] = count(&r, docs[i].Title, docs[i].Body)
		for w := range counts[i] {
			seen[w]++
		}
	}
	for w, n := range seen {
		x.idf[w] = math.Log((1+float64(len(docs)))/(1+float64(n))) + 1
	}
	for i, c := range counts {
		words, length := x.weigh(c)
		for w, v := range words {
			x.words[w] = append(x.words[w], posting{doc: int32(i), weight: float32(v / length)}) //nolint:gosec // there are fewer
		}
	}
	return x
}

// count is how often each word stands in a text.
func count(r *prose.Reader, title, body string) map[string]float64 {
	c := make(map[string]float64)
	for _, t := range r.Read(title, body) {
		if t.Kind != prose.Word && t.Kind != prose.Name && t.Kind != prose.Version || len(t.Lower) < 2 {
			continue
		}
		if t.Title {
			c[stem(t.Lower)] += titleWeight
		} else {
			c[stem(t.Lower)]++
		}
	}
	return c
}

// stemRunes is how much of a word is left at least when its ending is cut off.
const stemRunes = 3

// stem cuts the commonest English endings off, so that rotate, rotates and rotating are one word. It need not be right,
// only the same for words that belong together.
func stem(w string) string {
	for _, ending := range []string{"ations", "ation", "ings", "ing", "ions", "ion", "ers", "er", "ed", "es", "s", "e"} {
		if short, ok := strings.CutSuffix(w, ending); ok && len(short) >= stemRunes {
			return short
		}
	}
	return w
}

// weigh gives the words' weights and their length. A word that no text has says nothing.
func (x *Index) weigh(counts map[string]float64) (map[string]float64, float64) {
	words := make(map[string]float64, len(counts))
	var squares []float64
	for w, n := range counts {
		idf := x.idf[w]
		if idf == 0 {
			idf = math.Log(1+float64(len(x.ids))) + 1 // it makes the other words less of the whole
		}
		words[w] = (1 + math.Log(n)) * idf
		squares = append(squares, words[w]*words[w])
	}
	slices.Sort(squares) // the order of a map must not show in the last digit
	sum := 0.0
	for _, s := range squares {
		sum += s
	}
	return words, math.Sqrt(max(sum, 1e-12))
}

// Find gives the texts most like another, the most alike first, those below a share left out.
func (x *Index) Find(title, body string, but int64, least float64, limit int) []Alike {
	var r prose.Reader
	words, length := x.weigh(count(&r, title, body))
	order := make([]string, 0, len(words))
	for w := range words {
		order = append(order, w)
	}
	slices.Sort(order)
	sums := make(map[int32]float64)
	for _, w := range order {
		for _, p := range x.words[w] {
			sums[p.doc] += words[w] / length * float64(p.weight)
		}
	}
	var all []Alike
	for doc, share := range sums {
		if id := x.ids[doc]; share >= least && id != but {
			all = append(all, Alike{ID: id, Share: min(share, 1)})
		}
	}
	slices.SortFunc(all, func(a, b Alike) int { return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(b.ID, a.ID)) })
	return all[:min(limit, len(all))]
}
