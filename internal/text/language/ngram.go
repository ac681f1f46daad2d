// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package language

const (
	edge     = '_' // stands before and after a word
	longest  = 5   // of an n-gram, edges counted
	maxWord  = 40  // runes of a word that are looked at
	wholeTop = 14  // runes of a word that is looked up whole, edges counted
)

const (
	hashStart = 14695981039346656037
	hashPrime = 1099511628211
)

// mix makes a key of a running hash: each bit of the key depends on each bit of the hash.
func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0x9e3779b97f4a7c15
	return h ^ h>>29
}

// keyOf is the key of a whole n-gram, edges written as underscores.
func keyOf(gram string) uint64 {
	h := uint64(hashStart)
	for _, r := range gram {
		h = (h ^ uint64(r)) * hashPrime
	}
	return mix(h)
}

// grams calls each with the key of every n-gram of a word that stands between edges: those of up to five runes, and the
// whole word. word has the edges and is in lower case; each also gets where the n-gram is in it.
func grams(word []rune, each func(key uint64, from, to int)) {
	last := len(word)
	for i := range word {
		h := uint64(hashStart)
		for j := i; j < last && j < i+longest; j++ {
			h = (h ^ uint64(word[j])) * hashPrime
			if j == 0 || i == last-1 {
				continue // an edge alone
			}
			each(mix(h), i, j+1)
		}
	}
	if last > longest && last <= wholeTop {
		h := uint64(hashStart)
		for _, r := range word {
			h = (h ^ uint64(r)) * hashPrime
		}
		each(mix(h), 0, last)
	}
}
