// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"math/bits"
	"slices"
	"strings"
)

// vocab numbers the words and handles of a team and keeps what is known of
// each. Word 0 is the empty word.
type vocab struct {
	table  []uint64 // upper half of the hash and number of each word, by hash
	texts  arena
	text   []string
	skel   []uint32   // the word's skeleton, itself a word
	info   []wordInfo // what most comparisons need, side by side in memory
	groups []uint64   // packed nickname lines

	// Filled by frequency:
	nameCount   []int32   // different names that hold the word (by skeleton)
	givenCount  []int32   // of them, those that hold it in first place
	handleCount []int32   // different full names seen beside the handle
	seriesCount []int32   // by base, different handles that are it with digits at an end
	surprise    []float32 // natural log of the chance of the spelling
}

// wordInfo is enough to tell most pairs of words apart.
type wordInfo struct {
	skel  uint32 // as in skel
	mask  uint32 // the set of its letters
	group uint16 // 1 + place in groups, 0 for words that are no nicknames
	first uint8  // first byte
	size  uint8  // length, at most 255
}

func newVocab(size int) *vocab {
	v := &vocab{table: make([]uint64, 1<<bits.Len(uint(max(size, 64))))}
	v.add("", hashString(""), nil)
	return v
}

// id returns the number of a word, giving it one when it is new.
func (v *vocab) id(w string, d *dictionary) uint32 {
	h := hashString(w)
	mask := uint64(len(v.table) - 1)
	for i := h & mask; v.table[i] != 0; i = (i + 1) & mask {
		if v.table[i]>>32 == h>>32 && v.text[uint32(v.table[i])] == w {
			return uint32(v.table[i])
		}
	}
	return v.add(w, h, d)
}

// find returns the number of a word, and false when it has none.
func (v *vocab) find(w string) (uint32, bool) {
	h := hashString(w)
	mask := uint64(len(v.table) - 1)
	for i := h & mask; v.table[i] != 0; i = (i + 1) & mask {
		if v.table[i]>>32 == h>>32 && v.text[uint32(v.table[i])] == w {
			return uint32(v.table[i]), true
		}
	}
	return 0, false
}

// put enters a word that is not in the table yet.
func (v *vocab) put(h uint64, id uint32) {
	mask := uint64(len(v.table) - 1)
	i := h & mask
	for v.table[i] != 0 {
		i = (i + 1) & mask
	}
	v.table[i] = h&^(1<<32-1) | uint64(id)
}

// grow doubles the table.
func (v *vocab) grow() {
	v.table = make([]uint64, 2*len(v.table))
	for id, w := range v.text {
		v.put(hashString(w), uint32(id))
	}
}

// arena keeps copies of short texts in few pieces of memory, so that they hold
// no input alive.
type arena struct{ piece *strings.Builder }

func (a *arena) keep(s string) string {
	const size = 1 << 16
	if a.piece == nil || a.piece.Cap()-a.piece.Len() < len(s) {
		a.piece = &strings.Builder{}
		a.piece.Grow(max(size, len(s)))
	}
	n := a.piece.Len()
	a.piece.WriteString(s)
	return a.piece.String()[n:]
}

func (v *vocab) add(w string, h uint64, d *dictionary) uint32 {
	id := uint32(len(v.text))
	if 4*len(v.text) > 3*len(v.table) {
		v.grow()
	}
	v.put(h, id)
	w = v.texts.keep(w)
	v.text = append(v.text, w)
	v.skel = append(v.skel, id)
	info := wordInfo{skel: id, mask: letterMask(w), size: uint8(min(len(w), 255))}
	if w != "" {
		info.first = w[0]
	}
	v.info = append(v.info, info)
	if d == nil {
		return id
	}
	if g := d.nick[w]; g != 0 {
		v.groups = append(v.groups, g)
		v.info[id].group = uint16(len(v.groups))
	}
	if s := skeleton(w); s != w {
		v.skel[id] = v.id(s, d)
		v.info[id].skel = v.skel[id]
	}
	return id
}

// letterMask is the set of the letters of a word. One edit changes at most
// two members of it.
func letterMask(w string) uint32 {
	var m uint32
	for i := range len(w) {
		m |= 1 << (letterClass(w[i]) & 31)
	}
	return m
}

// sameNickname reports whether two words may stand for one given name.
func (v *vocab) sameNickname(x, y uint32) bool {
	g, h := v.info[x].group, v.info[y].group
	return g != 0 && h != 0 && sharesGroup(v.groups[g-1], v.groups[h-1])
}

// hashString is FNV-1a with a final mix: stable across runs and machines.
func hashString[T string | []byte](s T) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h ^= uint64(s[i])
		h *= 1099511628211
	}
	return mix(h)
}

// mix spreads the bits of a word (the finalizer of SplitMix64).
func mix(h uint64) uint64 {
	h ^= h >> 30
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 27
	h *= 0x94d049bb133111eb
	return h ^ h>>31
}

// pair hashes two numbers, the order of which matters.
func pair(a, b uint64) uint64 { return mix(a*0x9e3779b97f4a7c15 + mix(b)) }

// countDistinct sorts keyed values and calls each with every key and the
// number of different values it has.
func countDistinct(kv []keyed, each func(key uint64, values int)) {
	slices.SortFunc(kv, func(a, b keyed) int {
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return 0
	})
	for i := 0; i < len(kv); {
		j, n := i+1, 1
		for ; j < len(kv) && kv[j].key == kv[i].key; j++ {
			if kv[j].value != kv[j-1].value {
				n++
			}
		}
		each(kv[i].key, n)
		i = j
	}
}

// keyed is one sighting of a value beside a key.
type keyed struct{ key, value uint64 }
