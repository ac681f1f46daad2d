// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
)

func at(minutes int) time.Time {
	return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
}

func message(id int64, kind greenroom.Kind, minutes int, member int64) Message {
	return Message{ID: id, ExternalID: string(rune('a' + id)), Kind: kind, At: at(minutes), Identity: member * 10, Member: member}
}

func TestSummarize(t *testing.T) {
	question := message(1, greenroom.KindMessage, 0, 1)
	question.Question, question.Body = true, "Hi all,\n> quoted\nHow do I rotate the key?"
	bot := message(2, greenroom.KindReply, 1, 9)
	bot.Bot = true
	staff := message(5, greenroom.KindReply, 90, 3)
	staff.Staff = true
	for name, c := range map[string]struct {
		told     Told
		messages []Message
		want     Summary
	}{
		"nobody but bot, author and a reaction": {
			messages: []Message{question, bot, message(3, greenroom.KindReply, 5, 1), message(4, greenroom.KindReaction, 6, 2)},
			want:     Summary{State: greenroom.StateOpen, Replies: 2, Participants: 1, LastActivityAt: at(5)},
		},
		"a member, then the team": {
			messages: []Message{question, message(3, greenroom.KindReply, 30, 2), staff},
			want: Summary{
				State: greenroom.StateAnswered, Replies: 2, Participants: 3, LastActivityAt: at(90), FirstResponseAt: at(30), FirstMemberAt: at(30), FirstStaffAt: at(90), ResponderID: 20,
			},
		},
		"an accepted answer resolves": {
			messages: []Message{question, message(3, greenroom.KindAcceptedAnswer, 30, 2)},
			want: Summary{
				State: greenroom.StateResolved, Replies: 1, Participants: 2, LastActivityAt: at(30), FirstResponseAt: at(30), FirstMemberAt: at(30), ResponderID: 20, ResolvedAt: at(30),
			},
		},
		"the team's word wins": {
			told:     Told{State: greenroom.StateResolved, ResolvedAt: at(7), Ignored: true},
			messages: []Message{question},
			want:     Summary{State: greenroom.StateIgnored, Participants: 1, LastActivityAt: at(0), ResolvedAt: at(7)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.Kind, c.want.Question, c.want.Title, c.want.OpenedAt = greenroom.KindMessage, true, "How do I rotate the key?", at(0)
			c.want.AuthorIdentity, c.want.HasOpeningRecord = 10, true
			if diff := cmp.Diff(c.want, Summarize(c.told, c.messages)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	if got := Summarize(Told{Thread: "gone"}, []Message{message(3, greenroom.KindReply, 1, 2)}); got.HasOpeningRecord || got.Question || got.State != greenroom.StateOpen {
		t.Errorf("without the opening message nobody can be said to have asked: %+v", got)
	}
}

func TestCutter(t *testing.T) {
	type line struct {
		minutes  int
		author   string
		replyTo  string
		mentions string
		text     string
		want     int64 // conversation, as the number of its first line
	}
	for name, lines := range map[string][]line{
		"asking back is no new question": {
			{0, "ana", "", "", "How do I rotate the key?", 1}, {3, "bob", "", "", "which version is it?", 1}, {5, "ana", "", "", "3.2", 1},
		},
		"a second question after an answer opens a conversation": {
			{0, "ana", "", "", "How do I rotate the signing key?", 1},
			{3, "bob", "", "", "you put both into the list", 1},
			{6, "cem", "", "", "Where does a worker keep its logs?", 3},
			{9, "bob", "", "ana", "for a day or so", 1},
			{10, "dora", "", "", "the logs of a worker are in its own folder", 3},
		},
		"silence ends a conversation, a reply link reaches back": {
			{0, "ana", "", "", "Good morning.", 1}, {40, "bob", "", "", "I am back.", 2}, {50, "cem", "1", "", "Good morning!", 1}, {500, "dora", "1", "", "Good night.", 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for portion := 1; portion <= len(lines); portion++ { // the same in portions of any size
				var decided []ChatMessage
				cutter := newTestCutter(t, nil)
				for i, l := range lines {
					if i%portion == 0 {
						cutter = newTestCutter(t, append([]ChatMessage(nil), decided...))
					}
					m := ChatMessage{ID: int64(i + 1), ExternalID: string(rune('1' + i)), ReplyTo: l.replyTo, Author: l.author, At: at(l.minutes), Text: l.text, Question: strings.HasSuffix(l.text, "?")}
					if l.mentions != "" {
						m.Mentions = []string{l.mentions}
					}
					m.Conversation = cutter.Next(m)
					if m.Conversation != l.want {
						t.Errorf("portions of %d: line %d is in conversation %d, want %d", portion, i+1, m.Conversation, l.want)
					}
					decided = append(decided, m)
				}
			}
		})
	}
}

func TestWhatWaits(t *testing.T) {
	for _, c := range []struct {
		thread, body string
		kind         greenroom.Kind
		want         bool
	}{
		{"", "How do I rotate the keys without downtime?", greenroom.KindMessage, true},
		{"", "Wait, what?", greenroom.KindMessage, false},
		{"", "Nice, what changed?", greenroom.KindMessage, false},
		{"", "Thanks, could it be in the docs?", greenroom.KindMessage, false},
		{"", "Going to the meetup on Friday, who else?", greenroom.KindMessage, false},
		{"1", "Wait, what is the port of the worker?", greenroom.KindMessage, true},
		{"topic:7", "How do I rotate the keys?", greenroom.KindQuestion, true}, // the source's key is not the message's
		{"topic:7", "How do I rotate the keys?", greenroom.KindReply, false},
		{"1", "Version 3 is out. Will you try it?", greenroom.KindAnnouncement, false},
	} {
		m := message(1, c.kind, 1, 0)
		m.ExternalID, m.Body, m.Question = "1", c.body, true
		if got := Summarize(Told{Thread: c.thread}, []Message{m}).Question; got != c.want {
			t.Errorf("%s in thread %q, %q: asks %v, want %v", c.kind, c.thread, c.body, got, c.want)
		}
	}
}

func TestCutterTellsInterleavedChatApart(t *testing.T) {
	cutter := newTestCutter(t, nil)
	for i, l := range []struct {
		minutes      int
		author, text string
		question     bool
		want         int64
	}{
		{0, "ana", "How do I rotate the signing key?", true, 1},
		{30, "bob", "Why does the importer drop decimals?", true, 2},
		{31, "bob", "It is version 3.", false, 2},
		{70, "cem", "The decimals are cut by the importer's schema.", false, 2},
		{71, "dora", "ana: put both into the list for a day", false, 1},
		{73, "ana", "that did it", false, 1},
		{200, "eve", "Where are the logs of a worker kept?", true, 7},
		{260, "bob", "In its own folder.", false, 7},
		{900, "eve", "Released 3.1 today.", false, 9},
	} {
		m := ChatMessage{ID: int64(i + 1), Author: l.author, Handle: l.author, Text: l.text, At: at(l.minutes), Question: l.question}
		if got := cutter.Next(m); got != l.want {
			t.Errorf("%q is in conversation %d, want %d", l.text, got, l.want)
		}
	}
}

func newTestCutter(t *testing.T, decided []ChatMessage) *Cutter {
	t.Helper()
	c, err := NewCutter(decided)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPortions cuts chat in one go, and by a cutter made anew from what was decided before any message.
func TestPortions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var decided []ChatMessage
		whole := newTestCutter(t, nil)
		minutes := 0
		for i := range rapid.IntRange(1, 40).Draw(rt, "messages") {
			minutes += rapid.IntRange(-3, 30).Draw(rt, "pause")
			author := rapid.SampledFrom([]string{"ana", "bob", "cem", "dora"}).Draw(rt, "author")
			text := rapid.SampledFrom([]string{"how do I rotate keys?", "ana: try 3.2", "@bob see the docs", "thanks", "released 3.2", "", "cem, it works"}).Draw(rt, "text")
			m := ChatMessage{ID: int64(i + 1), ExternalID: strconv.Itoa(i), Author: author, Handle: author, Text: text, At: at(minutes), Question: strings.HasSuffix(text, "?")}
			if i > 0 && rapid.IntRange(0, 9).Draw(rt, "links") == 0 {
				m.ReplyTo = strconv.Itoa(rapid.IntRange(0, i-1).Draw(rt, "to"))
			}
			again := newTestCutter(t, slices.Clone(decided)).Next(m)
			m.Conversation = whole.Next(m)
			if again != m.Conversation {
				rt.Fatalf("message %d is in conversation %d, and in %d when cut by itself", m.ID, m.Conversation, again)
			}
			decided = append(decided, m)
		}
	})
}

func BenchmarkCutter(b *testing.B) {
	c, err := NewCutter(nil)
	if err != nil {
		b.Fatal(err)
	}
	texts := []string{"How do I rotate the signing key?", "bob: put both into the list for a day", "thanks, that did it", "It is version 3 of the importer."}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		author := strconv.Itoa(i % 7)
		c.Next(ChatMessage{ID: int64(i + 1), Author: author, Handle: author, Text: texts[i%4], At: at(i / 2), Question: i%4 == 0})
		i++
	}
}
