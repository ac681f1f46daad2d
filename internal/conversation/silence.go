// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package conversation

import "time"

// What a message answers in a quiet channel is found by rules, the surest first:
//
//  1. whom it names: by a mention, or by writing their name first ("ana: try 3.2");
//  2. going on: its author said something shortly before, or was spoken to since;
//  3. who waits: somebody else asked something not long ago, nobody has answered, and this is not a question or news of
//     its own. What has words in common with the question goes before what is merely near;
//  4. nearness: what was said last, within Pause, unless this asks or tells something new.
//
// The chat on which internal/text/reply was trained knows no silence: there, a question shortly after a question is a new
// one, and what was said an hour ago is forgotten. In a quiet channel neither is so.

// find returns the place of the message that m answers, -1 for none.
func (c *Cutter) find(m *said) int {
	for _, rule := range []func(*said) (int, bool){c.named, c.goingOn, c.waiting, c.nearest} {
		if i, decided := rule(m); decided {
			return i
		}
	}
	return -1
}

// named follows a name to what its bearer said last, or before, if that was said to the author.
func (c *Cutter) named(m *said) (int, bool) {
	if m.to == "" {
		return 0, false
	}
	latest := -1
	for i := len(c.recent) - 1; i >= c.start(); i-- {
		r := &c.recent[i]
		if r.Author != m.to || !c.near(i, m, Reach) {
			continue
		}
		if latest < 0 {
			latest = i
		}
		if r.to == m.Author && c.near(i, m, spokenTo) {
			return i, true
		}
	}
	return latest, latest >= 0
}

// goingOn ties a message to what its author said shortly before, or to what somebody has said to them since.
func (c *Cutter) goingOn(m *said) (int, bool) {
	for i := len(c.recent) - 1; i >= c.start(); i-- {
		r := &c.recent[i]
		switch {
		case r.to == m.Author && r.Author != m.Author && c.near(i, m, spokenTo):
			return i, true
		case r.Author == m.Author:
			return i, c.near(i, m, followUp)
		}
	}
	return 0, false
}

// waiting finds the question that a message without any other sign answers.
func (c *Cutter) waiting(m *said) (int, bool) {
	if m.Question && !asksBack(m.Text) || tells(m.Text) {
		return 0, false
	}
	words := telling(m.Text)
	best, most := -1, -1
	for i := len(c.recent) - 1; i >= c.start(); i-- {
		r := &c.recent[i]
		if !r.Question || r.Author == m.Author || !c.near(i, m, Reach) || r.Conversation != r.ID && asksBack(r.Text) || c.responded(i) {
			continue
		}
		common := inCommon(words, telling(r.Text))
		if common == 0 && (len(c.recent)-i > crowd || !c.near(i, m, answering)) {
			continue
		}
		if common > most {
			best, most = i, common
		}
	}
	return best, best >= 0
}

// nearest ties a message to what was said last.
func (c *Cutter) nearest(m *said) (int, bool) {
	for i := len(c.recent) - 1; i >= c.start(); i-- {
		reach := Pause
		if asksBack(m.Text) || thanks(m.Text) {
			reach = answering
		}
		if !c.near(i, m, reach) {
			continue
		}
		latest := &c.recent[i]
		if m.Question && !asksBack(m.Text) && !c.tookPart(m, latest.Conversation) && c.answered(m, latest.Conversation) || tells(m.Text) {
			return 0, false
		}
		return i, true
	}
	return 0, false
}

// responded reports whether somebody else has said something in the conversation after a message.
func (c *Cutter) responded(i int) bool {
	for j := i + 1; j < len(c.recent); j++ {
		if c.recent[j].Conversation == c.recent[i].Conversation && c.recent[j].Author != c.recent[i].Author {
			return true
		}
	}
	return false
}

// near reports whether message i came before m and not longer than d before it.
func (c *Cutter) near(i int, m *said, d time.Duration) bool {
	gap := m.At.Sub(c.recent[i].At)
	return gap >= 0 && gap <= d
}

func (c *Cutter) tookPart(m *said, conversation int64) bool {
	for i := c.start(); i < len(c.recent); i++ {
		if c.recent[i].Conversation == conversation && c.recent[i].Author == m.Author && c.near(i, m, Reach) {
			return true
		}
	}
	return false
}

// answered reports whether more than one person took part in a conversation. Until then a question by somebody else is
// likelier to ask back than to ask something new.
func (c *Cutter) answered(m *said, conversation int64) bool {
	first := ""
	for i := c.start(); i < len(c.recent); i++ {
		r := &c.recent[i]
		if r.Conversation != conversation || !c.near(i, m, Reach) {
			continue
		}
		if first != "" && r.Author != first {
			return true
		}
		first = r.Author
	}
	return false
}

// start is the place of the oldest message that is looked at.
func (c *Cutter) start() int { return max(0, len(c.recent)-sight) }

// forget drops what is out of sight, once there is enough of it to be worth the copy.
func (c *Cutter) forget() {
	if len(c.recent) >= 4*sight {
		c.recent = append(c.recent[:0], c.recent[len(c.recent)-sight:]...)
	}
}
