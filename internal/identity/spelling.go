// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"math"
	"slices"
)

// spelling is a model of how likely a string of letters is, learned from the
// handles and words of the team itself: trigrams backed by bigrams and single
// letters (Witten-Bell). It tells how many strangers may be expected to hit on
// one handle. It is not for use by several goroutines.
type spelling struct {
	tri      [1 << 18]float32 // how often a letter follows two others
	log      [1 << 18]float32 // natural log of the chance of that, 0 where not computed yet
	triTotal [1 << 12]float32 // how often two letters are followed, and by how many kinds
	triKinds [1 << 12]float32
	bi       [1 << 12]float32
	biTotal  [1 << 6]float32
	biKinds  [1 << 6]float32
	uni      [1 << 6]float32
	total    float32
}

// letterClass maps a byte to one of 40 classes: end, letters, digits, other.
func letterClass(c byte) uint32 {
	switch {
	case c >= 'a' && c <= 'z':
		return uint32(c-'a') + 1
	case c >= '0' && c <= '9':
		return uint32(c-'0') + 27
	}
	return 37
}

const spellingSample = 60_000

// learnSpelling trains on shipped words, so that a small team knows what is
// common, and on the team's words, each once. Large vocabularies
// are sampled by hash, so that the sample depends on the words alone.
func learnSpelling(shipped, words []string) *spelling {
	keep := uint64(math.MaxUint64)
	if len(words) > spellingSample {
		keep = uint64(float64(math.MaxUint64) * (spellingSample / float64(len(words))))
	}
	s := &spelling{}
	for i, w := range slices.Concat(shipped, words) {
		if w == "" || (i >= len(shipped) && hashString(w) > keep) {
			continue
		}
		trigrams(w, s.learn)
	}
	return s
}

// trigrams calls f with every letter of a word behind the two before it, and
// with its end.
func trigrams(w string, f func(k uint32)) {
	a, b := uint32(0), uint32(0)
	for i := 0; i <= len(w); i++ {
		c := uint32(0)
		if i < len(w) {
			c = letterClass(w[i])
		}
		f(a<<12 | b<<6 | c)
		a, b = b, c
	}
}

func (s *spelling) learn(k uint32) {
	two, one := k>>6, k&(1<<12-1)
	if s.tri[k] == 0 {
		s.triKinds[two]++
	}
	if s.bi[one] == 0 {
		s.biKinds[one>>6]++
	}
	s.tri[k]++
	s.triTotal[two]++
	s.bi[one]++
	s.biTotal[one>>6]++
	s.uni[k&63]++
	s.total++
}

// logChance returns the natural logarithm of the chance of a word.
func (s *spelling) logChance(w string) float64 {
	sum := float32(0)
	trigrams(w, func(k uint32) {
		if s.log[k] == 0 {
			s.log[k] = float32(math.Log(s.chance(k)))
		}
		sum += s.log[k]
	})
	return float64(sum)
}

// chance interpolates the counts of a trigram.
func (s *spelling) chance(k uint32) float64 {
	two, one, last := k>>6, k&(1<<12-1), k&63
	p := float64(s.uni[last]+0.5) / float64(s.total+20)
	p = (float64(s.bi[one]) + float64(s.biKinds[one>>6]+1)*p) / float64(s.biTotal[one>>6]+s.biKinds[one>>6]+1)
	// Each word's own letters are left out of what it is judged by.
	return (float64(max(s.tri[k]-1, 0)) + float64(s.triKinds[two]+1)*p) / float64(s.triTotal[two]+s.triKinds[two]+1)
}
