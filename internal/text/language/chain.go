// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package language

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"unicode/utf8"
)

// chain writes words as a language does, from how often letters follow each other in it.
//
// What is known are the frequencies of n-grams of one to five letters that stand anywhere inside words, each as a share
// of the n-grams that it goes on from. Where words begin and end follows from them: what of "ab" is not gone on with is
// at the end of a word, and what of "ab" has no letter before it is at the start of one.
type chain struct {
	start map[string][]choice // what a word begins with, up to four letters, and how it goes on
	next  map[string][]choice // four letters in a word, and how it goes on
}

// choice is a next letter, 0 for the end of the word, and the sum of the chances up to and with it.
type choice struct {
	letter rune
	sum    float64
}

const order = 5

// newChain takes the models of one language: shares[n-1] has for n-grams of n letters their share of the n-1 first.
func newChain(shares [order]map[string]float64) *chain {
	freq := make(map[string]float64)
	for n := range shares {
		for gram, p := range shares[n] {
			if n > 0 {
				p *= freq[gram[:len(gram)-lastLen(gram)]]
			}
			freq[gram] = p
		}
	}
	started := make(map[string]float64) // how often words begin with a gram of up to four letters
	for n := range order - 1 {
		for gram := range shares[n] {
			started[gram] = freq[gram]
		}
	}
	for _, gram := range sorted(freq) {
		_, size := utf8.DecodeRuneInString(gram)
		if rest := gram[size:]; rest != "" && utf8.RuneCountInString(rest) < order {
			started[rest] -= freq[gram]
		}
	}
	c := &chain{start: make(map[string][]choice), next: make(map[string][]choice)}
	begins := 0.0
	for _, gram := range sorted(started) {
		p := started[gram]
		if p < freq[gram]*1e-4 || p < 1e-9 {
			continue // what rounding left
		}
		head := gram[:len(gram)-lastLen(gram)]
		if head == "" {
			begins += p
		}
		add(c.start, head, gram, p)
	}
	for _, gram := range sorted(shares[order-1]) {
		add(c.next, gram[:len(gram)-lastLen(gram)], gram, shares[order-1][gram])
	}
	for head, choices := range c.start {
		total := begins
		if head != "" {
			total = started[head]
		}
		c.start[head] = ended(choices, total)
	}
	for head, choices := range c.next {
		c.next[head] = ended(choices, 1)
	}
	return c
}

func sorted(m map[string]float64) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func lastLen(s string) int {
	_, size := utf8.DecodeLastRuneInString(s)
	return size
}

func add(to map[string][]choice, head, gram string, p float64) {
	r, _ := utf8.DecodeLastRuneInString(gram)
	sum := p
	if all := to[head]; len(all) > 0 {
		sum += all[len(all)-1].sum
	}
	to[head] = append(to[head], choice{r, sum})
}

// ended closes a list of choices by the end of the word, which has what is left of the total.
func ended(choices []choice, total float64) []choice {
	return append(choices, choice{0, max(total, choices[len(choices)-1].sum)})
}

func pick(choices []choice, r *rand.Rand) rune {
	if len(choices) == 0 {
		return 0
	}
	x := r.Float64() * choices[len(choices)-1].sum
	i, _ := slices.BinarySearchFunc(choices, x, func(c choice, x float64) int {
		if c.sum <= x {
			return -1
		}
		return 1
	})
	return choices[min(i, len(choices)-1)].letter
}

// word writes a word into to and returns it.
func (c *chain) word(to []rune, r *rand.Rand) []rune {
	to = to[:0]
	for len(to) < maxWord {
		var letter rune
		if len(to) < order-1 {
			letter = pick(c.start[string(to)], r)
		} else {
			letter = pick(c.next[string(to[len(to)-order+1:])], r)
		}
		if letter == 0 {
			break
		}
		to = append(to, letter)
	}
	return to
}

var errModel = errors.New("it is not a model of n-grams as lingua-go keeps them")

// parseShares reads a model of n-grams as lingua-go keeps it, in the encoding of protocol buffers: field 4 is a set of
// n-grams, and in it field 1 the share that all of field 2 have.
func parseShares(data []byte) (map[string]float64, error) {
	shares := make(map[string]float64)
	err := fields(data, func(number, _ uint64, set []byte) error {
		if number != 4 || set == nil {
			return nil
		}
		share := 0.0
		var names []string
		err := fields(set, func(number, value uint64, text []byte) error {
			if number == 1 && text == nil {
				share = math.Float64frombits(value)
			}
			if number == 2 && text != nil {
				names = append(names, string(text))
			}
			return nil
		})
		for _, name := range names {
			if utf8.ValidString(name) && name != "" {
				shares[name] = share
			}
		}
		return err
	})
	if err == nil && len(shares) == 0 {
		err = errModel
	}
	return shares, err
}

// fields walks over the fields of a message: a number, or bytes.
func fields(data []byte, each func(number, value uint64, bytes []byte) error) error {
	for len(data) > 0 {
		tag, n := binary.Uvarint(data)
		if n <= 0 {
			return errModel
		}
		data = data[n:]
		var value uint64
		var text []byte
		switch tag & 7 {
		case 0:
			if value, n = binary.Uvarint(data); n <= 0 {
				return errModel
			}
			data = data[n:]
		case 1:
			if len(data) < 8 {
				return errModel
			}
			value, data = binary.LittleEndian.Uint64(data), data[8:]
		case 2:
			size, n := binary.Uvarint(data)
			if n <= 0 || size > uint64(len(data)-n) {
				return errModel
			}
			text, data = data[n:n+int(size):n+int(size)], data[n+int(size):] //nolint:gosec // not greater than the data
			if text == nil {
				text = []byte{}
			}
		default:
			return fmt.Errorf("%w: wire type %d", errModel, tag&7)
		}
		if err := each(tag>>3, value, text); err != nil {
			return err
		}
	}
	return nil
}
