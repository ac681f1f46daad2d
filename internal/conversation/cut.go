// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package conversation

import "time"

// How chat without threads is cut. A message goes on with a conversation when it answers one of its messages by a reply
// link, when it mentions somebody who took part in one within Reach, or when it follows the channel's latest
// conversation within Pause, unless somebody new asks something after others have talked. Otherwise it opens one.
const (
	// Pause is the silence after which a message without a link opens a new conversation.
	Pause = 20 * time.Minute
	// Reach is how far back links and mentions are followed.
	Reach = 6 * time.Hour
)

// ChatMessage is a message of a channel without threads.
type ChatMessage struct {
	ID           int64
	ExternalID   string
	ReplyTo      string
	Author       string // external id of the identity
	Mentions     []string
	At           time.Time
	Question     bool
	Conversation int64 // 0 = not decided yet
}

// Cutter decides for each message of one channel, in the order they were stored, which conversation it belongs to. A
// decision depends only on messages stored before, so that it does not matter in how many portions they come.
type Cutter struct{ recent []ChatMessage }

// NewCutter starts from the messages of the channel that were decided before, newest last.
func NewCutter(decided []ChatMessage) *Cutter { return &Cutter{recent: decided} }

// Next decides about a message and returns the id of its conversation: its own id when it opens one.
func (c *Cutter) Next(m ChatMessage) int64 {
	m.Conversation = c.find(&m)
	if m.Conversation == 0 {
		m.Conversation = m.ID
	}
	c.forget(m.At)
	c.recent = append(c.recent, m)
	return m.Conversation
}

func (c *Cutter) find(m *ChatMessage) int64 {
	if m.ReplyTo != "" {
		for i := len(c.recent) - 1; i >= 0; i-- {
			if c.recent[i].ExternalID == m.ReplyTo && c.near(i, m, Reach) {
				return c.recent[i].Conversation
			}
		}
	}
	for i := len(c.recent) - 1; i >= 0 && len(m.Mentions) > 0; i-- {
		r := &c.recent[i]
		if r.Author != m.Author && c.near(i, m, Reach) && contains(m.Mentions, r.Author) {
			return r.Conversation
		}
	}
	for i := len(c.recent) - 1; i >= 0; i-- {
		if !c.near(i, m, Pause) {
			continue
		}
		latest := c.recent[i].Conversation
		if m.Question && !c.tookPart(m.Author, latest) && c.answered(latest) {
			return 0
		}
		return latest
	}
	return 0
}

// near reports whether message i came before m and not longer than d before it.
func (c *Cutter) near(i int, m *ChatMessage, d time.Duration) bool {
	gap := m.At.Sub(c.recent[i].At)
	return gap >= 0 && gap <= d
}

func (c *Cutter) tookPart(author string, conversation int64) bool {
	for i := range c.recent {
		if c.recent[i].Conversation == conversation && c.recent[i].Author == author {
			return true
		}
	}
	return false
}

// answered reports whether more than one person took part in a conversation. Until then a question by somebody else is
// likelier to ask back than to ask something new.
func (c *Cutter) answered(conversation int64) bool {
	first := ""
	for i := range c.recent {
		r := &c.recent[i]
		if r.Conversation != conversation {
			continue
		}
		if first != "" && r.Author != first {
			return true
		}
		first = r.Author
	}
	return false
}

// forget drops what is out of reach, once there is enough of it to be worth the copy.
func (c *Cutter) forget(now time.Time) {
	if len(c.recent) < 256 {
		return
	}
	kept := c.recent[:0]
	for _, r := range c.recent {
		if gap := now.Sub(r.At); gap <= Reach {
			kept = append(kept, r)
		}
	}
	c.recent = kept
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}
