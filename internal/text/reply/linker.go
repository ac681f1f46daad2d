// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reply

import "time"

// Message is a message of a channel without threads.
type Message struct {
	ID           int64
	Author       string // who wrote it, by what tells people apart
	Name         string // by which others address the author; "" = Author
	Mentions     []string
	Text         string
	At           time.Time // zero = not known
	Question     bool
	Conversation int64 // id of the message that started its conversation; 0 = not decided yet
}

// Candidate is a message that another may answer.
type Candidate struct {
	ID           int64 // the message's own: it starts a conversation
	Conversation int64
	P            float64
}

// Model scores candidates. It does not change.
type Model struct{ nets []*net }

// Linker links messages of one channel.
type Linker struct {
	model  *Model
	recent []*turn
}

// NewLinker begins with nothing said.
func NewLinker(m *Model) *Linker { return &Linker{model: m} }

// Add takes a message in that was decided before.
func (l *Linker) Add(m Message) {
	t := look(&m)
	l.push(&t)
}

func (l *Linker) push(t *turn) {
	if len(l.recent) >= 8*sight {
		l.recent = append(l.recent[:0], l.recent[len(l.recent)-2*sight:]...)
	}
	l.recent = append(l.recent, t)
}

// sightOf are the messages in sight of another, newest first.
func (l *Linker) sightOf(t *turn) []*turn {
	before := make([]*turn, 0, sight)
	for i := len(l.recent) - 1; i >= 0 && len(before) < sight; i-- {
		if gap := t.at.Sub(l.recent[i].at); gap >= 0 && gap <= Reach {
			before = append(before, l.recent[i])
		}
	}
	return before
}

// Next takes a message in and returns what it may answer, the most probable first.
func (l *Linker) Next(m Message) []Candidate {
	t := look(&m)
	candidates := l.weigh(&t)
	if t.conversation == 0 {
		t.conversation = candidates[0].Conversation
	}
	l.push(&t)
	return candidates
}

// Weigh returns what a message may answer, the most probable first, without taking it in.
func (l *Linker) Weigh(m Message) []Candidate {
	t := look(&m)
	return l.weigh(&t)
}

func (l *Linker) weigh(t *turn) []Candidate {
	s := newScene(t, l.sightOf(t))
	z := l.model.scores(s)
	out := make([]Candidate, len(z))
	best := 0
	for i, p := range z {
		out[i] = Candidate{ID: t.id, Conversation: t.id, P: float64(p)}
		if i > 0 {
			out[i].ID, out[i].Conversation = s.before[i-1].id, s.before[i-1].conversation
		}
		if p > z[best] {
			best = i
		}
	}
	out[0], out[best] = out[best], out[0]
	return out
}

// widest is the most that a hidden layer has.
const widest = 64

// scores are the probabilities of starting, and of answering each message in sight.
func (m *Model) scores(s *scene) []float32 {
	total := make([]float32, len(s.before)+1)
	var ground, h [widest]float32
	own := make([]traits, len(total))
	own[0][isStart] = 1
	for i := range s.before {
		s.pair(i, &own[i+1])
	}
	for _, n := range m.nets {
		n.ground(&s.base, ground[:n.hidden])
		for i := range own {
			total[i] += n.score(ground[:n.hidden], &own[i], h[:n.hidden]) / float32(len(m.nets))
		}
	}
	softmax(total)
	return total
}
