// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// The bounds of what a topic is described by.
const (
	describedBy = 12
	matchedBy   = 60 // terms by which topics are matched; more than are kept would not change who fits whom
	pairShare   = 0.4
)

// described is a term while topics are described.
type described struct {
	Term
	words int
	in    float64 // messages of the topic
}

// describe gives each topic its terms and its name: what stands in its messages more often than in others.
func (m *Model) describe(docs []string, groups []int32) {
	all := make(counted)
	of := make([]map[string]float64, len(m.Topics))
	for g := range of {
		of[g] = make(map[string]float64)
	}
	total := make([]float64, len(m.Topics))
	var buf []word
	seen := make(map[string]bool)
	for i, g := range groups {
		if g < 0 {
			continue
		}
		clear(seen)
		buf = words(buf[:0], docs[i])
		for j := range buf {
			m.phrases(buf, j, func(folded, shown string) {
				all.see(folded, shown, int32(i))
				if !seen[folded] {
					seen[folded] = true
					of[g][folded]++
					total[g]++
				}
			})
		}
	}
	mean := 0.0
	for _, t := range total {
		mean += t / float64(len(total))
	}
	for g := range m.Topics {
		m.Topics[g].Terms = telling(of[g], all, total[g], mean)
	}
	m.name(of)
}

// phrases are the word at j, where the model knows it, and the pair that it ends.
func (m *Model) phrases(buf []word, j int, give func(folded, shown string)) {
	w := &buf[j]
	if w.stop {
		return
	}
	if _, ok := m.v.id[w.folded]; !ok {
		return
	}
	give(w.folded, w.shown)
	if j == 0 || !w.joined || buf[j-1].stop || buf[j-1].folded == w.folded {
		return
	}
	if _, ok := m.v.id[buf[j-1].folded]; ok {
		give(buf[j-1].folded+" "+w.folded, buf[j-1].shown+" "+w.shown)
	}
}

// telling ranks the terms of a topic by class-based TF-IDF.
func telling(of map[string]float64, all counted, total, mean float64) []Term {
	terms := make([]described, 0, len(of))
	for folded, n := range of {
		c := all[folded]
		if c == nil || n < 2 {
			continue
		}
		words := 1 + strings.Count(folded, " ")
		if words > 1 && n < 3 {
			continue
		}
		terms = append(terms, described{Term: Term{Text: c.shownMost(), Folded: folded, Weight: n / max(total, 1) * math.Log(1+mean/float64(c.df))}, words: words, in: n})
	}
	slices.SortFunc(terms, func(a, b described) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Folded, b.Folded))
	})
	out := make([]Term, 0, matchedBy)
	for i := range terms {
		if len(out) == matchedBy {
			break
		}
		if t := &terms[i]; t.words > 1 || !swallowed(terms, t) {
			out = append(out, t.Term)
		}
	}
	return out
}

// swallowed reports whether a word stands mostly in one pair, which then says more.
func swallowed(terms []described, w *described) bool {
	for i := range terms {
		p := &terms[i]
		if p.words == 2 && p.in >= pairShare*w.in && p.in >= 3 && (strings.HasPrefix(p.Folded, w.Folded+" ") || strings.HasSuffix(p.Folded, " "+w.Folded)) {
			return true
		}
	}
	return false
}

// name calls each topic by its most telling phrase, and by a second where the first is not enough to stand for it or is
// another topic's name already.
func (m *Model) name(of []map[string]float64) {
	order := make([]int, len(m.Topics))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.Topics[b].Size, m.Topics[a].Size) })
	taken := make(map[string]bool)
	for _, g := range order {
		t := &m.Topics[g]
		t.Name = called(t, of[g], taken)
		taken[strings.ToLower(t.Name)] = true
	}
}

// standsFor is the share of a topic's messages that a name by itself has to stand in.
const standsFor = 0.35

func called(t *Topic, of map[string]float64, taken map[string]bool) string {
	if len(t.Terms) == 0 {
		return "Other"
	}
	name := t.Terms[0].Text
	if of[t.Terms[0].Folded] >= standsFor*float64(t.Size) && !taken[strings.ToLower(name)] {
		return upperFirst(name)
	}
	used := strings.Fields(t.Terms[0].Folded)
	for _, more := range t.Terms[1:] {
		again := slices.ContainsFunc(strings.Fields(more.Folded), func(w string) bool { return slices.Contains(used, w) })
		if both := name + ", " + more.Text; !again && !taken[strings.ToLower(both)] {
			return upperFirst(both)
		}
	}
	return upperFirst(name)
}

// upperFirst begins a name with a capital, unless its writing is its own (iOS, npm stays as nothing tells it apart).
func upperFirst(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if first != strings.ToLower(first) {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[0])) + string(r[1:])
}
