// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"slices"
	"strings"
	"time"
)

// How chat without threads is cut. Each message is tied to the one that it most likely answers, and belongs to that
// one's conversation; a message that answers none opens a conversation. The signs, the surest first:
//
//  1. a reply link, however old what it answers is;
//  2. whom it names: by a mention, or by writing their name first ("ana: try 3.2");
//  3. going on: its author said something shortly before, or was spoken to since;
//  4. who waits: somebody else asked something not long ago, nobody has answered, and this is not a question or news of
//     its own. What has words in common with the question goes before what is merely near;
//  5. nearness: what was said last, within Pause, unless this asks or tells something new.
//
// These are rules. They need no training and say what they did; recorded_test.go measures them on chat in which people
// marked what answers what.
const (
	// Pause is the silence after which a message without any other sign opens a new conversation.
	Pause = 20 * time.Minute
	// Reach is how far back links, names and open questions are followed.
	Reach = 24 * time.Hour

	followUp  = 8 * time.Minute  // within it, an author goes on with what they said
	spokenTo  = 15 * time.Minute // within it, a name is about what was said to its bearer
	answering = 12 * time.Hour   // within it, an open question is what a loose message answers
	crowd     = 5                // with so many messages since, only words tell what a message answers
	sight     = 200              // how many messages back anything is looked for
)

// ChatMessage is a message of a channel without threads.
type ChatMessage struct {
	ID           int64
	ExternalID   string
	ReplyTo      string
	Author       string // external id of the identity
	Handle       string // the name by which others address the author
	Mentions     []string
	Text         string // its start is enough
	At           time.Time
	Question     bool
	RepliesTo    int64 // conversation of what it answers by a reply link, where that is known; 0 = look for it
	Conversation int64 // 0 = not decided yet
}

// Cutter decides for each message of one channel, in the order they were stored, which conversation it belongs to. A
// decision depends only on messages stored before, so that it does not matter in how many portions they come.
type Cutter struct{ recent []said }

// said is a message with what the rules look at.
type said struct {
	ChatMessage
	words map[string]bool
	to    string // author who is addressed; "" = nobody by name
}

// NewCutter starts from the messages of the channel that were decided before, newest last.
func NewCutter(decided []ChatMessage) *Cutter {
	c := &Cutter{}
	for i := range decided {
		c.add(c.look(decided[i]))
	}
	return c
}

// Next decides about a message and returns the id of its conversation: its own id when it opens one.
func (c *Cutter) Next(m ChatMessage) int64 {
	id, _ := c.decide(m)
	return id
}

// decide also returns the message that it answers, 0 for none.
func (c *Cutter) decide(m ChatMessage) (conversation, answers int64) {
	s := c.look(m)
	s.Conversation = m.ID
	if m.RepliesTo != 0 {
		s.Conversation = m.RepliesTo
	} else if i := c.find(&s); i >= 0 {
		s.Conversation, answers = c.recent[i].Conversation, c.recent[i].ID
	}
	c.add(s)
	return s.Conversation, answers
}

func (c *Cutter) add(s said) {
	c.forget()
	c.recent = append(c.recent, s)
}

func (c *Cutter) look(m ChatMessage) said {
	s := said{ChatMessage: m, words: telling(m.Text)}
	s.to = c.addressed(&s)
	return s
}

// addressed is the author whom a message names, of those who spoke within Reach, the latest first.
func (c *Cutter) addressed(m *said) string {
	name := vocative(m.Text)
	for i := len(c.recent) - 1; i >= c.start(); i-- {
		r := &c.recent[i]
		if r.Author == m.Author || !c.near(i, m, Reach) {
			continue
		}
		if slices.Contains(m.Mentions, r.Author) || name != "" && r.Handle != "" && strings.EqualFold(name, r.Handle) {
			return r.Author
		}
	}
	return ""
}

// find returns the place of the message that m answers, -1 for none.
func (c *Cutter) find(m *said) int {
	for _, rule := range []func(*said) (int, bool){c.linked, c.named, c.goingOn, c.waiting, c.nearest} {
		if i, decided := rule(m); decided {
			return i
		}
	}
	return -1
}

func (c *Cutter) linked(m *said) (int, bool) {
	for i := len(c.recent) - 1; i >= 0 && m.ReplyTo != ""; i-- {
		if c.recent[i].ExternalID == m.ReplyTo && c.near(i, m, Reach) {
			return i, true
		}
	}
	return 0, false
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
	best, most := -1, -1
	for i := len(c.recent) - 1; i >= c.start(); i-- {
		r := &c.recent[i]
		if !r.Question || r.Author == m.Author || !c.near(i, m, Reach) || r.Conversation != r.ID && asksBack(r.Text) || c.responded(i) {
			continue
		}
		common := inCommon(m.words, r.words)
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
