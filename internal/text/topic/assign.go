// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import "slices"

// Reader says what messages are about. It is for one goroutine at a time.
type Reader struct {
	m     *Model
	count *counter
	value []float32
	at    []float32
}

// Reader returns a new reader of the model.
func (m *Model) Reader() *Reader {
	return &Reader{m: m, count: m.v.counter(), at: make([]float32, m.turn.w)}
}

// Read says which of the model's topics a message is nearest to, as an index into Topics, and how near: 1 is as near as can
// be. A message that shares no word with the model gives -1.
func (r *Reader) Read(text string) (index int, near float64) {
	terms := r.count.count(text)
	r.value = r.count.weigh(r.value[:0])
	clear(r.at)
	for k, t := range terms {
		axpy(r.at, r.value[k], r.m.turn.row(int(t)))
	}
	unit(r.at)
	index, best := -1, float32(0)
	for j := range r.m.centers.rows() {
		if v := dot(r.at, r.m.centers.row(j)); v > best {
			index, best = j, v
		}
	}
	return index, float64(best)
}

// groups is the topic of each message, as an index; -1 = none.
func (m *Model) groups(docs []string) []int32 {
	out := make([]int32, len(docs))
	r := m.Reader()
	for i, d := range docs {
		g, _ := r.Read(d)
		out[i] = int32(g)
	}
	return out
}

// Reserve gives a model of which new topics get numbers from next on, where it had lower ones; of nothing, an empty one.
func (m *Model) Reserve(next int64) *Model {
	if m == nil {
		return &Model{NextID: next, v: newVocabulary(nil, 0), turn: newDense(0, 1), centers: newDense(0, 1)}
	}
	more := *m
	more.NextID = max(m.NextID, next)
	return &more
}

// Teach gives a model that also puts messages like the examples into a topic, one of its own or a new one. Examples that
// share no word with the model teach nothing.
func (m *Model) Teach(id int64, examples []string) *Model {
	center := make([]float32, m.turn.w)
	r := m.Reader()
	for _, text := range examples {
		r.Read(text)
		axpy(center, 1, r.at)
	}
	if unit(center); dot(center, center) < 0.5 {
		return m
	}
	more := *m
	more.Topics = append(slices.Clone(m.Topics), Topic{ID: id})
	more.centers = &dense{w: m.centers.w, data: append(slices.Clone(m.centers.data), center...)}
	return &more
}
