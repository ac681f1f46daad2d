// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mailmessage

import (
	"hash/maphash"
	"time"
)

// maxMessages is how many messages the threads are worked out over. It bounds the memory of a read to some 250 MB. In an archive
// beyond it the messages that come later go by their own References alone, and doubles among them are not noticed here
// but where facts are stored.
const maxMessages = 1_000_000

// subjectWindow is how long after a message a "Re:" to its subject, without any header that says more, belongs to it.
const subjectWindow = 30 * 24 * 3600 // seconds

// threads knows which message answers which, over the whole archive: a reply may stand before what it answers, in
// another file, or name a message that is not there. Messages are nodes; a node that is only referred to may get a
// parent from the order of References, until the message itself comes and says better.
type threads struct {
	seed     maphash.Seed
	limit    int
	node     map[uint64]int32 // by hash of the message id
	id       []string         // of nodes without a parent
	parent   []int32          // -1 = none
	declared []bool           // the parent is what the message itself says
	first    []int32          // ordinal of the first message with the id, -1 = not there
	subjects map[uint64]subject
	root     []int32
}

// subject is the last message under a subject.
type subject struct {
	node int32
	at   int64 // seconds since 1970
}

func newThreads() *threads {
	return &threads{seed: maphash.MakeSeed(), limit: maxMessages, node: make(map[uint64]int32), subjects: make(map[uint64]subject)}
}

func (t *threads) find(id string) (int32, bool) {
	n, ok := t.node[maphash.String(t.seed, id)]
	return n, ok
}

// add returns the node of an id, a new one where there is room.
func (t *threads) add(id string) (int32, bool) {
	key := maphash.String(t.seed, id)
	if n, ok := t.node[key]; ok {
		return n, true
	}
	if len(t.parent) >= t.limit {
		return 0, false
	}
	n := int32(len(t.parent)) //nolint:gosec // bounded by the limit
	t.node[key] = n
	t.id, t.parent = append(t.id, id), append(t.parent, -1)
	t.declared, t.first = append(t.declared, false), append(t.first, -1)
	return n, true
}

// see takes in one message. refs are the ids that it refers to, the direct answer last.
func (t *threads) see(ordinal int32, id string, refs []string, re string, isReply bool, at time.Time) {
	n, ok := t.add(id)
	if !ok || t.first[n] >= 0 {
		return
	}
	t.first[n], t.declared[n] = ordinal, true
	up := int32(-1)
	for _, ref := range refs {
		r, ok := t.add(ref)
		if !ok {
			continue
		}
		if up >= 0 && !t.declared[r] && t.parent[r] < 0 {
			t.link(r, up)
		}
		up = r
	}
	if up < 0 && isReply && re != "" {
		if s, ok := t.subjects[maphash.String(t.seed, re)]; ok && at.Unix() >= s.at && at.Unix()-s.at <= subjectWindow {
			up = s.node
		}
	}
	if t.parent[n] >= 0 { // what others made of it counts no more
		t.parent[n], t.id[n] = -1, id
	}
	if up >= 0 {
		t.link(n, up)
	}
	if re != "" && !at.IsZero() && (len(t.subjects) < t.limit) {
		t.subjects[maphash.String(t.seed, re)] = subject{node: n, at: at.Unix()}
	}
}

// link makes up the parent of n unless that closed a circle.
func (t *threads) link(n, up int32) {
	for a := up; a >= 0; a = t.parent[a] {
		if a == n {
			return
		}
	}
	t.parent[n], t.id[n] = up, ""
}

// settle finds the root of every node.
func (t *threads) settle() {
	t.subjects = nil
	t.root = make([]int32, len(t.parent))
	for i := range t.root {
		t.root[i] = -1
	}
	var path []int32
	for i := range t.parent {
		path = path[:0]
		n := int32(i) //nolint:gosec // bounded by the limit
		for t.root[n] < 0 && t.parent[n] >= 0 {
			path = append(path, n)
			n = t.parent[n]
		}
		root := n
		if t.root[n] >= 0 {
			root = t.root[n]
		}
		t.root[n] = root
		for _, p := range path {
			t.root[p] = root
		}
	}
}

// of says which thread a message is in, and whether an earlier one had its id.
func (t *threads) of(ordinal int32, id string, refs []string) (thread string, double bool) {
	n, ok := t.find(id)
	if ok && t.first[n] >= 0 {
		return t.id[t.root[n]], t.first[n] != ordinal
	}
	for _, ref := range refs {
		if n, ok := t.find(ref); ok {
			return t.id[t.root[n]], false
		}
	}
	if len(refs) > 0 {
		return refs[0], false
	}
	return id, false
}
