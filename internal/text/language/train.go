// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package language

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// document is a text to learn from: its words, each between edges.
type document struct {
	words  []string
	column int
	weight float32
}

// lesson has the documents in one script and what is learned from them.
type lesson struct {
	script     script
	documents  []document
	vocabulary map[uint64]int32 // row of an n-gram
	names      []string         // n-gram of a row
	weights    []float32        // a row for each n-gram, a column for each language
	bias       []float32
}

func (l *lesson) columns() int { return len(members[l.script]) }

func each(d *document, f func(key uint64, word []rune, from, to int)) {
	var buffer [maxWord + 2]rune
	for _, w := range d.words {
		word := append(buffer[:0], []rune(w)...)
		grams(word, func(key uint64, from, to int) { f(key, word, from, to) })
	}
}

// choose makes the vocabulary of the n-grams that say most about the language: those that are frequent and unevenly so.
func (l *lesson) choose(least uint32, size int) {
	totals := make(map[uint64]uint32)
	for i := range l.documents {
		each(&l.documents[i], func(key uint64, _ []rune, _, _ int) { totals[key]++ })
	}
	l.vocabulary = make(map[uint64]int32)
	for key, n := range totals {
		if n >= least {
			l.vocabulary[key] = -1
		}
	}
	l.names = l.names[:0]
	var counts []float32
	k := l.columns()
	all := make([]float64, k)
	for i := range l.documents {
		d := &l.documents[i]
		each(d, func(key uint64, word []rune, from, to int) {
			row, ok := l.vocabulary[key]
			if !ok {
				return
			}
			if row < 0 {
				row = int32(len(l.names)) //nolint:gosec // as many as there are n-grams
				l.vocabulary[key] = row
				l.names = append(l.names, string(word[from:to]))
				counts = append(counts, make([]float32, k)...)
			}
			counts[int(row)*k+d.column] += d.weight
			all[d.column] += float64(d.weight)
		})
	}
	said := make([]float64, len(l.names))
	rows := make([]int, len(l.names))
	total := 0.0
	for _, a := range all {
		total += a
	}
	for row := range rows {
		rows[row] = row
		c := counts[row*k : (row+1)*k]
		sum := 0.0
		for _, n := range c {
			sum += float64(n)
		}
		for column, n := range c {
			if n > 0 {
				said[row] += float64(n) * math.Log(float64(n)/sum/(all[column]/total))
			}
		}
	}
	slices.SortFunc(rows, func(a, b int) int { return cmp.Or(cmp.Compare(said[b], said[a]), cmp.Compare(l.names[a], l.names[b])) })
	if len(rows) > size {
		rows = rows[:size]
	}
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = l.names[row]
	}
	l.setNames(names)
}

func (l *lesson) setNames(names []string) {
	slices.Sort(names)
	l.names = names
	l.vocabulary = make(map[uint64]int32, len(names))
	for i, name := range names {
		l.vocabulary[keyOf(name)] = int32(i) //nolint:gosec // as many as there are n-grams
	}
}

// learn fits the weights by softmax regression: steps down the gradient, each weight's own getting smaller the more it
// was moved (AdaGrad).
func (l *lesson) learn(r *rand.Rand) {
	k := l.columns()
	l.weights, l.bias = make([]float32, len(l.names)*k), make([]float32, k)
	moved := make([]float32, len(l.weights))
	biasMoved := make([]float32, k)
	order := make([]int, len(l.documents))
	for i := range order {
		order[i] = i
	}
	var rows []int32
	z := make([]float32, k)
	for round := range rounds {
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		step := float32(rate / float64(1+round))
		for _, i := range order {
			d := &l.documents[i]
			rows = rows[:0]
			each(d, func(key uint64, _ []rune, _, _ int) {
				if row, ok := l.vocabulary[key]; ok {
					rows = append(rows, row)
				}
			})
			l.score(rows, z)
			softmax(z)
			z[d.column]--
			for c := range z {
				z[c] *= d.weight
			}
			for _, row := range rows {
				w, m := l.weights[int(row)*k:int(row+1)*k], moved[int(row)*k:int(row+1)*k]
				for c, g := range z {
					if g < 1e-4 && g > -1e-4 {
						continue
					}
					g += decay * w[c]
					m[c] += g * g
					w[c] -= step * g / sqrt32(m[c]+1e-6)
				}
			}
			for c, g := range z {
				biasMoved[c] += g * g
				l.bias[c] -= 0.1 * step * g / sqrt32(biasMoved[c]+1e-6)
			}
		}
	}
}

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

func (l *lesson) score(rows []int32, z []float32) {
	copy(z, l.bias)
	k := len(z)
	for _, row := range rows {
		for c, w := range l.weights[int(row)*k : int(row+1)*k] {
			z[c] += w
		}
	}
}

func softmax(z []float32) {
	most := slices.Max(z)
	sum := float32(0)
	for i := range z {
		z[i] = float32(math.Exp(float64(z[i] - most)))
		sum += z[i]
	}
	for i := range z {
		z[i] /= sum
	}
}

// pack rounds what was learned to steps. What is beyond the steps is cut off; it is rare.
func (l *lesson) pack() packed {
	k := l.columns()
	sizes := make([]float32, len(l.weights))
	for i, w := range l.weights {
		sizes[i] = max(w, -w)
	}
	slices.Sort(sizes)
	p := packed{names: l.names, scale: float64(sizes[len(sizes)-1-len(sizes)/5000]) / float64(levels), steps: make([][]int8, k)}
	for c := range k {
		p.bias = append(p.bias, float64(l.bias[c]))
		column := make([]int8, len(l.names))
		for row := range column {
			step := math.Round(float64(l.weights[row*k+c]) / p.scale)
			column[row] = int8(max(-127, min(127, step)))
		}
		p.steps[c] = column
	}
	return p
}
