// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"slices"
	"strings"
	"time"

	"greenroom/internal/text/reply"
)

// How chat without threads is cut. Each message is tied to the one that it most likely answers, and belongs to that
// one's conversation; a message that answers none opens a conversation.
//
//   - A reply link decides, however old what it answers is.
//   - While several people talk, internal/text/reply sets the message beside those before it (who is addressed, who spoke since,
//     what waits for an answer, what words they have in common, how near they are) and says how probable each is. What
//     speaks for messages of one conversation is added up.
//   - In a quiet channel, rules decide (silence.go).
//
// recorded_test.go measures it on chat in which people marked what answers what.
const (
	// Pause is the silence after which a message without any other sign opens a new conversation.
	Pause = 20 * time.Minute
	// Reach is how far back links, names and open questions are followed.
	Reach = reply.Reach

	silence   = 15 * time.Minute // with fewer than several messages in it, rules decide
	several   = 4
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
type Cutter struct {
	recent []said
	linker *reply.Linker
}

// said is a message with what the rules look at.
type said struct {
	ChatMessage
	to string // author who is addressed; "" = nobody by name
}

// NewCutter starts from the messages of the channel that were decided before, newest last.
func NewCutter(decided []ChatMessage) (*Cutter, error) {
	model, err := reply.Default()
	if err != nil {
		return nil, err
	}
	c := &Cutter{linker: reply.NewLinker(model)}
	for i := range decided {
		s := c.look(decided[i])
		if i >= len(decided)-sight {
			c.linker.Add(s.said())
		}
		c.add(s)
	}
	return c, nil
}

func (s *said) said() reply.Message {
	return reply.Message{ID: s.ID, Author: s.Author, Name: s.Handle, Mentions: s.Mentions, Text: s.Text, At: s.At, Question: s.Question, Conversation: s.Conversation}
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
	} else if i, ok := c.linked(&s); ok {
		s.Conversation, answers = c.recent[i].Conversation, c.recent[i].ID
	} else if c.talking(&s) {
		s.Conversation, answers = likeliest(c.linker.Weigh(s.said()), m.ID)
	} else if i := c.find(&s); i >= 0 {
		s.Conversation, answers = c.recent[i].Conversation, c.recent[i].ID
	}
	c.linker.Add(s.said())
	c.add(s)
	return s.Conversation, answers
}

// talking reports whether several messages came shortly before one.
func (c *Cutter) talking(m *said) bool {
	n := 0
	for i := len(c.recent) - 1; i >= c.start() && n < several; i-- {
		if c.near(i, m, silence) {
			n++
		}
	}
	return n >= several
}

// likeliest is the conversation for which most speaks, and the message of it for which most does.
func likeliest(candidates []reply.Candidate, own int64) (conversation, answers int64) {
	sums := make(map[int64]float64)
	for _, o := range candidates {
		sums[o.Conversation] += o.P
	}
	conversation = own
	for _, o := range candidates { // in their order, because that of a map is not the same twice
		if sums[o.Conversation] > sums[conversation] {
			conversation = o.Conversation
		}
	}
	best := 0.0
	for _, o := range candidates {
		if o.Conversation == conversation && o.ID != own && o.P > best {
			best, answers = o.P, o.ID
		}
	}
	return conversation, answers
}

func (c *Cutter) add(s said) {
	c.forget()
	c.recent = append(c.recent, s)
}

func (c *Cutter) look(m ChatMessage) said {
	s := said{ChatMessage: m}
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

// linked follows a reply link.
func (c *Cutter) linked(m *said) (int, bool) {
	for i := len(c.recent) - 1; i >= 0 && m.ReplyTo != ""; i-- {
		if c.recent[i].ExternalID == m.ReplyTo && c.near(i, m, Reach) {
			return i, true
		}
	}
	return 0, false
}
