// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gharchive

import "hash/maphash"

// windowLines is how many lines back a second sight of an event is recognized: more than a busy hour holds. It bounds
// memory to about 20 MB.
const windowLines = 1 << 18

// window remembers the ids of the last lines of a file. Its answer depends on nothing but those lines, so that reading
// them again after a restart brings it into the same state.
type window struct {
	lines int64
	seed  maphash.Seed
	last  map[uint64]int64 // hash of an id → the last line it stood on
	ring  [][2]uint64      // the hashes of a line, at line % lines
}

func newWindow(lines int64) *window {
	return &window{lines: lines, seed: maphash.MakeSeed(), last: make(map[uint64]int64), ring: make([][2]uint64, 0, 1024)}
}

// add notes the event and, where it stands for one, the object of a line, and reports whether one of the lines before it
// had the same event, and whether one had the same object. Lines come in ascending order; some may be left out.
func (w *window) add(line int64, event, object string) (sameEvent, sameObject bool) {
	slot := line % w.lines
	for int64(len(w.ring)) <= slot {
		w.ring = append(w.ring, [2]uint64{})
	}
	for _, old := range w.ring[slot] {
		if at, ok := w.last[old]; ok && at <= line-w.lines {
			delete(w.last, old)
		}
	}
	var keys [2]uint64
	keys[0] = maphash.String(w.seed, event)
	sameEvent = w.note(keys[0], line)
	if object != "" {
		keys[1] = maphash.String(w.seed, object)
		sameObject = w.note(keys[1], line)
	}
	w.ring[slot] = keys
	return sameEvent, sameObject
}

func (w *window) note(key uint64, line int64) bool {
	at, ok := w.last[key]
	w.last[key] = line
	return ok && at > line-w.lines
}
