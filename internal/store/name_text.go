// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"slices"
)

// nameText holds the names of many in one text, so that a part of a name is looked for once in all of them: that takes a
// tenth of the time that looking into each does. A name that changes is written anew at the end. Of each few names it knows
// which groups of three letters stand in them, so that most of the text is passed by.
type nameText struct {
	text []byte   // of each name: a separator, and the name
	at   []uint32 // by record: where its separator is
	id   []uint32 // by record: whose name it is
	last []uint32 // by id: the record that holds, plus one; 0 = none

	grams []gramSet // by block
}

// blockNames is how many records make a block.
const blockNames = 64

// gramSet is the groups of three letters that stand in the names of a block, each by one of 2048 bits that others may share.
type gramSet [32]uint64

// gram is the bit of a group of three letters.
func gram(text []byte) (word int, bit uint64) {
	const bits = 11
	h := (uint32(text[0])<<16 | uint32(text[1])<<8 | uint32(text[2])) * 2654435761 >> (32 - bits)
	return int(h >> 6), 1 << (h & 63)
}

// put adds the groups of a text.
func (g *gramSet) put(text []byte) {
	for ; len(text) >= 3; text = text[1:] {
		word, bit := gram(text)
		g[word] |= bit
	}
}

// may reports whether all groups of a text, which are those of want, may stand in the names.
func (g *gramSet) may(want *gramSet) bool {
	for w, bits := range want {
		if g[w]&bits != bits {
			return false
		}
	}
	return true
}

// separator stands in no name.
const separator = 0

// set says what somebody is called.
func (t *nameText) set(id int64, name string) {
	t.last = roomFor(t.last, id)
	if r := t.last[id]; r > 0 && string(t.name(int(r-1))) == name {
		return
	}
	if t.last[id] == 0 && name == "" {
		return
	}
	if len(t.id) > 2*len(t.last)+1000 {
		t.tidy()
	}
	t.add(id, []byte(name))
}

func (t *nameText) add(id int64, name []byte) {
	t.at, t.id = append(t.at, uint32(len(t.text))), append(t.id, uint32(id)) //nolint:gosec // ids fit, and so do gigabytes of names
	t.text = append(append(t.text, separator), name...)
	block := (len(t.id) - 1) / blockNames
	if block == len(t.grams) {
		t.grams = append(t.grams, gramSet{})
	}
	t.grams[block].put(t.text[len(t.text)-len(name)-1:])
	t.last[id] = uint32(len(t.id)) //nolint:gosec // as above
}

// name is the name in a record.
func (t *nameText) name(record int) []byte {
	end := len(t.text)
	if record+1 < len(t.at) {
		end = int(t.at[record+1])
	}
	return t.text[t.at[record]+1 : end]
}

// tidy forgets the records that hold no more.
func (t *nameText) tidy() {
	next := nameText{last: make([]uint32, len(t.last))}
	for id, r := range t.last {
		if r > 0 {
			next.add(int64(id), t.name(int(r-1)))
		}
	}
	*t = next
}

// find puts those into a set in whose names the part stands.
func (t *nameText) find(p namePart, into members) {
	part := []byte(p.text)
	if bytes.IndexByte(part, separator) >= 0 {
		return
	}
	if p.begin {
		part = slices.Insert(part, 0, separator)
	}
	if len(part) == 0 {
		for id, r := range t.last {
			if r > 0 {
				into.put(int64(id))
			}
		}
		return
	}
	var want gramSet
	want.put(part)
	for block := range t.grams {
		if t.grams[block].may(&want) {
			t.findIn(block, part, into)
		}
	}
}

// findIn is find in a block.
func (t *nameText) findIn(block int, part []byte, into members) {
	record, end, until := block*blockNames, len(t.at), len(t.text)
	if next := record + blockNames; next < end {
		end, until = next, int(t.at[next])
	}
	for from := int(t.at[record]); ; {
		i := bytes.Index(t.text[from:until], part)
		if i < 0 {
			return
		}
		for record+1 < end && int(t.at[record+1]) <= from+i {
			record++
		}
		if id := t.id[record]; t.last[id] == uint32(record+1) { //nolint:gosec // as above
			into.put(int64(id))
		}
		if record++; record == end {
			return
		}
		from = int(t.at[record])
	}
}
