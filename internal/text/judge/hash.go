// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import "greenroom/internal/text/prose"

// A feature is named by 64 bits of a hash of what it is. Training keeps the names as well and fails if two features share
// a hash, so that what is looked up is the real vocabulary; see Recorder.

// Salts say what kind of feature a hash names.
const (
	saltWord uint64 = iota + 1
	saltPair
	saltNegated
	saltStem
	saltFirst
	saltFirstPair
	saltLast
	saltLead
	saltLeadPair
	saltCue
	saltCueFirst
	saltCueLead
	saltShape
	saltNumber
	saltSkip
	saltForm
	saltBody
	saltBodyPair
	saltPiece
)

// hashText hashes the text of a token, FNV-1a with the kind as its beginning.
func hashText(k prose.Kind, s string) uint64 {
	h := 14695981039346656037 ^ uint64(k)<<56
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h)
}

// join makes one hash of a salt and two others.
func join(salt, a, b uint64) uint64 {
	return mix(a*0x9E3779B97F4A7C15 + (b^salt<<48)*0xC2B2AE3D27D4EB4F + salt)
}

// mix spreads the bits of a hash over the whole word.
func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	return h ^ h>>32
}

// fingerprintBits is how much of a hash is kept in a model. A hundred thousand features among 2^48 leave one unknown
// feature in three billion to be taken for a known one.
const fingerprintBits = 48

func fingerprint(h uint64) uint64 { return h >> (64 - fingerprintBits) }

// table finds the number of a fingerprint by open addressing at a load of at most one half.
type table struct {
	keys []uint64 // fingerprint + 1; 0 = empty
	rows []uint32
	mask uint64
}

func newTable(prints []uint64) table {
	size := 16
	for size < 2*len(prints) {
		size *= 2
	}
	t := table{keys: make([]uint64, size), rows: make([]uint32, size), mask: uint64(size - 1)}
	for row, p := range prints {
		i := p & t.mask
		for t.keys[i] != 0 {
			i = (i + 1) & t.mask
		}
		t.keys[i], t.rows[i] = p+1, uint32(row)
	}
	return t
}

// find returns the row of a fingerprint.
func (t *table) find(p uint64) (row uint32, ok bool) {
	for i := p & t.mask; t.keys[i] != 0; i = (i + 1) & t.mask {
		if t.keys[i] == p+1 {
			return t.rows[i], true
		}
	}
	return 0, false
}
