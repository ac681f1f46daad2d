// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"slices"
	"sort"

	"greenroom"
)

// conversation is a Conversation as it is held: 64 bytes.
type conversation struct {
	id       int64
	opened   int64
	first    int64
	staff    int64
	member   int64
	resolved int64
	author   uint32
	place    uint32
	kind     uint8 // kindByte: kind and whether it is a question
	state    uint8 // see stateOf
	said     uint8 // Said
}

// The states of a conversation as they are held.
const (
	stateOpen uint8 = iota
	stateAnswered
	stateResolved
	stateIgnored
)

func stateOf(s greenroom.State) uint8 {
	switch s {
	case greenroom.StateAnswered:
		return stateAnswered
	case greenroom.StateResolved:
		return stateResolved
	case greenroom.StateIgnored:
		return stateIgnored
	default:
		return stateOpen
	}
}

// conversations holds conversations in chunks sorted by id, each with ids below those of the next. Changing one copies
// its chunk and the list of chunks, and nothing else.
type conversations struct {
	chunks [][]conversation
	total  int
}

// chunkSize is how many conversations a chunk holds; one that grows to twice as many is cut in two.
const chunkSize = 2048

// put returns the conversations with changed ones put in place of, or beside, those that are held.
func (c conversations) put(changed []Conversation, place func(source, channel uint32) uint32) conversations {
	rows := make([]conversation, len(changed))
	for i := range changed {
		rows[i] = held(&changed[i], place)
	}
	// Where one conversation comes twice, the later one is as it is now.
	slices.SortStableFunc(rows, func(a, b conversation) int { return compareIDs(a.id, b.id) })
	last := 0
	for i := range rows {
		if i > 0 && rows[i].id != rows[last].id {
			last++
		}
		rows[last] = rows[i]
	}
	rows = rows[:min(last+1, len(rows))]
	next := conversations{chunks: make([][]conversation, 0, len(c.chunks)+len(rows)/chunkSize+1), total: c.total}
	for i, chunk := range c.chunks {
		n := len(rows)
		if i+1 < len(c.chunks) {
			limit := c.chunks[i+1][0].id
			n = sort.Search(len(rows), func(j int) bool { return rows[j].id >= limit })
		}
		if n == 0 {
			next.chunks = append(next.chunks, chunk)
			continue
		}
		merged := mergeConversations(chunk, rows[:n])
		next.total += len(merged) - len(chunk)
		next.chunks = appendCut(next.chunks, merged)
		rows = rows[n:]
	}
	if len(c.chunks) == 0 {
		next.chunks, next.total = appendCut(next.chunks, rows), len(rows)
	}
	return next
}

func compareIDs(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func held(c *Conversation, place func(source, channel uint32) uint32) conversation {
	var flags uint8
	if c.Question {
		flags = FactQuestion
	}
	return conversation{
		id: c.ID, opened: c.OpenedAt, first: c.FirstResponse, staff: c.FirstStaff, member: c.FirstMember, resolved: c.ResolvedAt,
		author: uint32(c.Author), place: place(uint32(c.Source), uint32(c.Channel)), kind: kindByte(uint8(c.Kind), flags), state: stateOf(c.State), said: uint8(c.Said),
	}
}

// mergeConversations merges two lists sorted by id; of equals the one in changed stays.
func mergeConversations(old, changed []conversation) []conversation {
	all := make([]conversation, 0, len(old)+len(changed))
	for len(old) > 0 && len(changed) > 0 {
		switch {
		case old[0].id < changed[0].id:
			all, old = append(all, old[0]), old[1:]
		case old[0].id > changed[0].id:
			all, changed = append(all, changed[0]), changed[1:]
		default:
			all, old, changed = append(all, changed[0]), old[1:], changed[1:]
		}
	}
	return append(append(all, old...), changed...)
}

func appendCut(chunks [][]conversation, rows []conversation) [][]conversation {
	for len(rows) >= 2*chunkSize {
		chunks = append(chunks, rows[:chunkSize:chunkSize])
		rows = rows[chunkSize:]
	}
	if len(rows) > 0 {
		chunks = append(chunks, rows)
	}
	return chunks
}
