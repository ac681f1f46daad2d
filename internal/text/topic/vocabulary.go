// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import (
	"math"
	"slices"
	"strings"
)

// vocabulary has the terms of a model: words, each with a number of its own.
type vocabulary struct {
	id   map[string]int32 // by the folded word
	name []string         // the way it is written most often
	idf  []float32
}

// candidate is a term that may get into the vocabulary.
type candidate struct {
	df    int32
	last  int32 // the last message it was seen in, so that each counts once
	shown map[string]int32
}

// The bounds of what is held while terms are counted.
const (
	mostCandidates = 400_000
	mostTerms      = 30_000
	shownForms     = 6
)

// counted is what counting gives: candidates by their folded text.
type counted map[string]*candidate

func (c counted) see(folded, shown string, doc int32) {
	e := c[folded]
	if e == nil {
		if len(c) >= mostCandidates {
			for k, v := range c { // what was seen once in so many messages names nothing
				if v.df == 1 {
					delete(c, k)
				}
			}
		}
		c[strings.Clone(folded)] = &candidate{df: 1, last: doc, shown: map[string]int32{strings.Clone(shown): 1}}
		return
	}
	if e.last != doc {
		e.df++
		e.last = doc
	}
	if n, ok := e.shown[shown]; ok || len(e.shown) < shownForms {
		if !ok {
			shown = strings.Clone(shown)
		}
		e.shown[shown] = n + 1
	}
}

// shownMost is the way of writing that is most frequent; of equal ones the first in order.
func (c *candidate) shownMost() string {
	best, n := "", int32(0)
	for form, k := range c.shown {
		if k > n || k == n && form < best {
			best, n = form, k
		}
	}
	return best
}

// learn counts the words of the messages and keeps those that are neither rare nor everywhere.
func learn(docs []string) *vocabulary {
	one := make(counted)
	var buf []word
	for i, d := range docs {
		buf = words(buf[:0], d)
		for _, w := range buf {
			if !w.stop {
				one.see(w.folded, w.shown, int32(i))
			}
		}
	}
	least := int32(2)
	if len(docs) > 10_000 {
		least = 4
	}
	most := max(least, int32(float64(len(docs))*maxShare)+1)
	for k, c := range one {
		if c.df < least || c.df > most {
			delete(one, k)
		}
	}
	return newVocabulary(one, len(docs))
}

func newVocabulary(c counted, docs int) *vocabulary {
	type entry struct {
		folded string
		df     int32
	}
	all := make([]entry, 0, len(c))
	for k, e := range c {
		all = append(all, entry{k, e.df})
	}
	slices.SortFunc(all, func(a, b entry) int {
		if a.df != b.df {
			return int(b.df - a.df)
		}
		return strings.Compare(a.folded, b.folded)
	})
	all = all[:min(len(all), mostTerms)]
	v := &vocabulary{id: make(map[string]int32, len(all))}
	for i, e := range all {
		v.id[e.folded] = int32(i)
		v.name = append(v.name, c[e.folded].shownMost())
		v.idf = append(v.idf, float32(math.Log(float64(1+docs)/float64(1+e.df))+1))
	}
	return v
}

// counter turns messages into rows. It is for one goroutine at a time.
type counter struct {
	v     *vocabulary
	words []word
	n     map[int32]float32
	terms []int32
}

func (v *vocabulary) counter() *counter { return &counter{v: v, n: make(map[int32]float32)} }

// count gives the terms of a message in order, and how often each stands in it. The slice is valid until the next call.
func (c *counter) count(text string) []int32 {
	clear(c.n)
	c.terms = c.terms[:0]
	c.words = words(c.words[:0], text)
	for j := range c.words {
		if w := &c.words[j]; !w.stop {
			if id, ok := c.v.id[w.folded]; ok {
				c.add(id)
			}
		}
	}
	slices.Sort(c.terms)
	return c.terms
}

func (c *counter) add(id int32) {
	if c.n[id] == 0 {
		c.terms = append(c.terms, id)
	}
	c.n[id]++
}

// weigh gives the weights of the terms that count found: TF-IDF with the logarithm of the frequency, of length 1.
func (c *counter) weigh(dst []float32) []float32 {
	at := len(dst)
	for _, t := range c.terms {
		dst = append(dst, float32(1+math.Log(float64(c.n[t])))*c.v.idf[t])
	}
	unit(dst[at:])
	return dst
}
