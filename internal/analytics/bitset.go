// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import "math/bits"

// bitset is a set of small numbers. Its length is fixed; what lies beyond it is not in the set.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) has(i uint32) bool {
	w := int(i >> 6)
	return w < len(b) && b[w]>>(i&63)&1 != 0
}

func (b bitset) set(i uint32) { b[i>>6] |= 1 << (i & 63) }

func (b bitset) unset(i uint32) { b[i>>6] &^= 1 << (i & 63) }

func (b bitset) clone() bitset { return append(bitset(nil), b...) }

// grown returns b if it has room for n numbers, else a longer copy.
func (b bitset) grown(n int) bitset {
	if len(b)*64 >= n {
		return b
	}
	longer := newBitset(n)
	copy(longer, b)
	return longer
}

func (b bitset) fill() {
	for i := range b {
		b[i] = ^uint64(0)
	}
}

func (b bitset) count() int64 {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return int64(n)
}

// or adds o, which is not longer than b.
func (b bitset) or(o bitset) {
	b = b[:len(o)]
	for i, w := range o {
		b[i] |= w
	}
}

// and keeps what is in o too, andNot what is not; o has b's length.
func (b bitset) and(o bitset) {
	o = o[:len(b)]
	for i := range b {
		b[i] &= o[i]
	}
}

func (b bitset) andNot(o bitset) {
	o = o[:len(b)]
	for i := range b {
		b[i] &^= o[i]
	}
}

func (b bitset) not() {
	for i := range b {
		b[i] = ^b[i]
	}
}

// countBoth counts what is in both, countOnly what is in a and not in b.
func countBoth(a, b bitset) int64 {
	b = b[:len(a)]
	n := 0
	for i, w := range a {
		n += bits.OnesCount64(w & b[i])
	}
	return int64(n)
}

func countOnly(a, b bitset) int64 {
	b = b[:len(a)]
	n := 0
	for i, w := range a {
		n += bits.OnesCount64(w &^ b[i])
	}
	return int64(n)
}

// countEither counts what is in one of them.
func countEither(a, b bitset) int64 {
	b = b[:len(a)]
	n := 0
	for i, w := range a {
		n += bits.OnesCount64(w | b[i])
	}
	return int64(n)
}

// each calls f for the numbers in the set, ascending.
func (b bitset) each(f func(i uint32)) {
	for w, x := range b {
		for x != 0 {
			f(uint32(w)<<6 | uint32(bits.TrailingZeros64(x)))
			x &= x - 1
		}
	}
}
