// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package conversation knows what a conversation is: who opened it, what counts as a response, when it was answered, and
// how chat without threads is cut into conversations. It is pure; the store calls it while it computes derived state.
//
// # Response
//
// The first response is the first message by somebody else than the author of the opening message: another member, not
// only another account. Reactions, messages by bots and what was deleted do not count. This is CHAOSS's "Time to First
// Response" (https://chaoss.community/kb/metric-time-to-first-response/) with bots left out, as that definition advises.
package conversation

import (
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// Message is an activity as far as the state of its conversation needs it.
type Message struct {
	ID         int64
	ExternalID string
	Kind       greenroom.Kind
	At         time.Time
	Identity   int64
	Member     int64 // 0 = the source does not say who
	Staff, Bot bool
	Question   bool
	Title      string
	Body       string // its start is enough
	URL        string
	Channel    int64
}

// Told is what the source itself says of the conversation.
type Told struct {
	Thread     string // external id of the opening message; "" = cut from chat
	State      greenroom.State
	Title, URL string
	ResolvedAt time.Time
	Ignored    bool // by the team
}

// Summary is the derived state of a conversation.
type Summary struct {
	Opening          int64 // the activity that opened it; 0 = it was not imported
	Kind             greenroom.Kind
	State            greenroom.State
	Question         bool
	Title, URL       string
	Channel          int64
	OpenedAt         time.Time
	LastActivityAt   time.Time
	FirstResponseAt  time.Time
	FirstStaffAt     time.Time // first response by the team
	FirstMemberAt    time.Time // first response by somebody who is not of the team
	ResolvedAt       time.Time
	AuthorIdentity   int64
	ResponderID      int64 // identity of the first response
	Replies          int64
	Participants     int64
	OpenedByBot      bool
	HasOpeningRecord bool // the opening message itself was imported
}

const titleRunes = 120

// Summarize computes the state of a conversation from its messages, which are in order of time and id. Without any
// message the summary is zero.
func Summarize(told Told, messages []Message) Summary {
	var s Summary
	open := opening(told, messages)
	if open < 0 {
		return s
	}
	root := &messages[open]
	// A source's key of the conversation need not be the opening message's (a forum's topic has a number of its own); what
	// is of a kind that only answers is not what opened it, though.
	s.HasOpeningRecord = told.Thread == "" || root.ExternalID == told.Thread || root.Kind.Info().Opens
	if s.HasOpeningRecord {
		s.Opening = root.ID
	}
	s.Kind, s.OpenedAt, s.AuthorIdentity, s.Channel, s.OpenedByBot = root.Kind, root.At, root.Identity, root.Channel, root.Bot
	s.Question = root.Question && s.HasOpeningRecord && !root.Bot // a bot's question waits for nobody
	if root.Kind == greenroom.KindAnnouncement {
		s.Question = false
	}
	if told.Thread == "" && (asksBack(root.Body) || smallTalk(root.Body)) {
		s.Question = false // it takes up what was said before the cut, or is for whoever likes to talk
	}
	s.Title, s.URL = first(told.Title, root.Title, firstLine(root.Body)), first(told.URL, root.URL)
	people := make(map[int64]bool)
	for i := range messages {
		m := &messages[i]
		info := m.Kind.Info()
		if !info.Opens && !info.Answers {
			if m.Kind == greenroom.KindReopen && told.State == "" {
				s.ResolvedAt = time.Time{}
			}
			continue
		}
		if m.At.After(s.LastActivityAt) {
			s.LastActivityAt = m.At
		}
		if m.Member != 0 && !m.Bot {
			people[m.Member] = true
		}
		if i != open {
			s.respond(root, m)
		}
	}
	s.Participants = int64(len(people))
	s.settle(told, messages)
	return s
}

// opening finds the message that opens the conversation: the one that the source names, else the first that can.
func opening(told Told, messages []Message) int {
	firstOpens := -1
	for i := range messages {
		info := messages[i].Kind.Info()
		if told.Thread != "" && messages[i].ExternalID == told.Thread {
			return i
		}
		if firstOpens < 0 && (info.Opens || info.Answers) {
			firstOpens = i
		}
	}
	return firstOpens
}

func (s *Summary) respond(root, m *Message) {
	s.Replies++
	if m.Bot || m.Member == 0 && m.Identity == 0 || m.Member == root.Member && root.Member != 0 || m.At.Before(root.At) {
		return
	}
	if s.FirstResponseAt.IsZero() {
		s.FirstResponseAt, s.ResponderID = m.At, m.Identity
	}
	if m.Staff && s.FirstStaffAt.IsZero() {
		s.FirstStaffAt = m.At
	}
	if !m.Staff && s.FirstMemberAt.IsZero() {
		s.FirstMemberAt = m.At
	}
}

// settle decides the state: the team's word first, then the source's, then what the messages show.
func (s *Summary) settle(told Told, messages []Message) {
	s.State = greenroom.StateOpen
	if !s.FirstResponseAt.IsZero() {
		s.State = greenroom.StateAnswered
	}
	if told.State == greenroom.StateResolved {
		s.State, s.ResolvedAt = greenroom.StateResolved, told.ResolvedAt
	}
	for i := range messages {
		if messages[i].Kind == greenroom.KindAcceptedAnswer {
			s.State = greenroom.StateResolved
			if s.ResolvedAt.IsZero() {
				s.ResolvedAt = messages[i].At
			}
		}
	}
	if s.State == greenroom.StateResolved && s.ResolvedAt.IsZero() {
		s.ResolvedAt = s.LastActivityAt
	}
	if told.Ignored {
		s.State = greenroom.StateIgnored
	}
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// firstLine is the first line of a text that says something, shortened to a title. A line that only greets says nothing
// unless there is no other.
func firstLine(body string) string {
	greeting := ""
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '>' || strings.HasPrefix(line, "```") {
			continue
		}
		if greets(line) {
			greeting = first(greeting, line)
			continue
		}
		if utf8.RuneCountInString(line) <= titleRunes {
			return line
		}
		runes := []rune(line)[:titleRunes]
		short := string(runes)
		if i := strings.LastIndexByte(short, ' '); i > titleRunes/2 {
			short = short[:i]
		}
		return short + "…"
	}
	return greeting
}

const greetingRunes = 28

// greets reports whether a line is no more than "Hi everyone,".
func greets(line string) bool {
	if utf8.RuneCountInString(line) > greetingRunes || strings.HasSuffix(line, "?") {
		return false
	}
	word, _, _ := strings.Cut(strings.ToLower(line), " ")
	switch strings.Trim(word, ",!.:👋") {
	case "hi", "hello", "hey", "hallo", "hola", "dear", "good", "greetings", "bonjour", "olá", "ola":
		return true
	}
	return false
}
