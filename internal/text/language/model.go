// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package language

import "math"

// Model tells languages apart. It does not change once it is made.
type Model struct {
	tables [modeled]table
}

// table has the weights of the n-grams of one script: what each says for and against every language.
type table struct {
	keys   []uint64 // open addressing; 0 = free
	rows   []uint32 // the row of the key at the same place
	stride int      // numbers of eight bytes in a row
	// weights are bytes, a column for each language, of which half is 128; eight of them are added at once.
	weights []uint64
	scale   float64 // of a step of a weight
	bias    []float64
}

// votes sums rows: even and odd columns apart, sixteen bits each.
type votes struct {
	lanes [2 * maxStride]uint64
	total [8 * maxStride]int32
	open  int // rows in lanes
	n     int // rows in all
}

const (
	maxStride = 4
	lanesFull = 256  // so many bytes can be added in sixteen bits
	enough    = 1200 // n-grams after which a text is decided
	evens     = 0x00ff00ff00ff00ff
)

func (t *table) find(key uint64) int {
	mask := uint64(len(t.keys) - 1)
	for i := key & mask; ; i = (i + 1) & mask {
		switch t.keys[i] {
		case key:
			return int(t.rows[i])
		case 0:
			return -1
		}
	}
}

func (t *table) insert(key uint64, row int) {
	mask := uint64(len(t.keys) - 1)
	i := key & mask
	for t.keys[i] != 0 {
		i = (i + 1) & mask
	}
	t.keys[i], t.rows[i] = key, uint32(row) //nolint:gosec // far fewer rows than that
}

// vote adds what the n-grams of a word say: those that grams walks over, written out here because calls would take as long
// as the work.
func (t *table) vote(word []rune, v *votes) {
	last := len(word)
	for i := range word {
		h := uint64(hashStart)
		for j := i; j < last && j < i+longest; j++ {
			h = (h ^ uint64(word[j])) * hashPrime
			if j > 0 && i < last-1 {
				t.add(mix(h), v)
			}
		}
	}
	if last > longest && last <= wholeTop {
		h := uint64(hashStart)
		for _, r := range word {
			h = (h ^ uint64(r)) * hashPrime
		}
		t.add(mix(h), v)
	}
}

func (t *table) add(key uint64, v *votes) {
	row := t.find(key)
	if row < 0 {
		return
	}
	if v.open == lanesFull {
		v.flush()
	}
	v.open++
	v.n++
	for i, w := range t.weights[row*t.stride : (row+1)*t.stride] {
		v.lanes[2*i] += w & evens
		v.lanes[2*i+1] += w >> 8 & evens
	}
}

// flush moves the sums of the lanes to the totals.
func (v *votes) flush() {
	for i := range v.lanes {
		for k := range 4 {
			v.total[i/2*8+2*k+i%2] += int32(v.lanes[i]>>(16*k)&0xffff) - int32(128*v.open) //nolint:gosec // sixteen bits
		}
		v.lanes[i] = 0
	}
	v.open = 0
}

// best is the column with the most votes and how probable it is.
func (t *table) best(v *votes) (column int, p float64) {
	v.flush()
	most := math.Inf(-1)
	var z [8 * maxStride]float64
	for i, b := range t.bias {
		z[i] = b + t.scale*float64(v.total[i])
		if z[i] > most {
			column, most = i, z[i]
		}
	}
	sum := 0.0
	for i := range t.bias {
		sum += math.Exp(z[i] - most)
	}
	return column, 1 / sum
}

// Detect tells in which language a text is: its ISO 639-1 code, and how probable that is, from 0 to 1. The code is ""
// where it cannot be told.
func (m *Model) Detect(text string) (code string, p float64) {
	var v [modeled]votes
	var letters [scripts]int
	kanas := 0
	words(text, func(word []rune, s script) bool {
		n := len(word) - 2
		letters[s] += n
		if s >= modeled {
			return true
		}
		if s == han {
			letters[s] += 2 * n // a sign says as much as a few letters
			for _, r := range word {
				if kana(r) {
					kanas++
				}
			}
		}
		m.tables[s].vote(word, &v[s])
		return v[s].n < enough
	})
	most := none
	for s := latin; s < scripts; s++ {
		if letters[s] > letters[most] {
			most = s
		}
	}
	switch {
	case most == none:
		return "", 0
	case most >= modeled:
		return alone[most], 0.99
	case most == han && kanas > 0:
		return "ja", 0.99
	case most == han && v[most].n == 0:
		return "zh", 0.6 // signs that are rare in both
	case v[most].n == 0:
		return "", 0
	}
	column, p := m.tables[most].best(&v[most])
	return members[most][column], p
}
