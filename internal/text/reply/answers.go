// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reply

// Answer is what a question got.
type Answer struct {
	ID       int64   // the message that answers; 0 = none does
	Answered float64 // how probable it is that somebody else has said something to it, 0 to 1
}

// answered is the least Answered with which a question counts as answered; chosen by cross-validation.
const answered = 0.45

// Answers finds for some of a channel's messages, given in order, which later message by somebody else answers them: the
// first that most probably does so directly, else the one that most probably belongs to what followed.
func Answers(m *Model, messages []Message, asked map[int64]bool) map[int64]Answer {
	l := NewLinker(m)
	open := make(map[int64]*thread)
	for i := range messages {
		candidates := l.Next(messages[i])
		for _, t := range open {
			t.see(&messages[i], candidates)
		}
		if id := messages[i].ID; asked[id] {
			open[id] = &thread{asker: messages[i].Author, belongs: map[int64]float64{id: 1}}
		}
	}
	found := make(map[int64]Answer, len(open))
	for id, t := range open {
		found[id] = t.answer()
	}
	return found
}

// thread is what may belong to a question.
type thread struct {
	asker        string
	belongs      map[int64]float64 // how probably a message does
	first        int64             // message that more probably than not answers the question directly
	direct, any  float64           // of the most probable
	directID, id int64
}

// certain is how probable a direct link is that is taken without looking further.
const certain = 0.5

func (t *thread) see(m *Message, candidates []Candidate) {
	sum, direct := 0.0, 0.0
	for _, c := range candidates {
		if c.ID == m.ID {
			continue
		}
		p := c.P * t.belongs[c.ID]
		sum += p
		if t.belongs[c.ID] == 1 {
			direct = c.P // the question itself: nothing else surely belongs
		}
	}
	if sum < 0.001 {
		return
	}
	t.belongs[m.ID] = min(sum, 0.9999)
	if m.Author == t.asker {
		return
	}
	if t.first == 0 && direct >= certain {
		t.first = m.ID
	}
	if direct > t.direct {
		t.direct, t.directID = direct, m.ID
	}
	if sum > t.any {
		t.any, t.id = sum, m.ID
	}
}

func (t *thread) answer() Answer {
	a := Answer{Answered: t.any}
	switch {
	case t.any < answered:
	case t.first != 0:
		a.ID = t.first
	case t.directID != 0:
		a.ID = t.directID
	default:
		a.ID = t.id
	}
	return a
}
