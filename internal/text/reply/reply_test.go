// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reply

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func at(minutes int) time.Time {
	return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
}

func standardModel(tb testing.TB) *Model {
	tb.Helper()
	m, err := Default()
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// talk is a conversation in which two questions are dealt with at once.
var talk = []Message{
	{ID: 1, Author: "ana", Text: "How do I rotate the signing key without downtime?", At: at(0), Question: true},
	{ID: 2, Author: "bob", Text: "Why does the importer drop decimals?", At: at(1), Question: true},
	{ID: 3, Author: "cem", Text: "ana: put both keys into the list for a day", At: at(2)},
	{ID: 4, Author: "bob", Text: "it is version 3 of the importer", At: at(2)},
	{ID: 5, Author: "dora", Text: "bob: the decimals are cut by the schema", At: at(3)},
	{ID: 6, Author: "ana", Text: "cem: thanks, that did it", At: at(4)},
	{ID: 7, Author: "eve", Text: "Where does a worker keep its logs?", At: at(5), Question: true},
}

func TestLinker(t *testing.T) {
	l := NewLinker(standardModel(t))
	var got []int64
	for _, m := range talk {
		candidates := l.Next(m)
		got = append(got, candidates[0].Conversation)
		sum := 0.0
		for _, c := range candidates {
			sum += c.P
		}
		if sum < 0.999 || sum > 1.001 {
			t.Errorf("what message %d may answer adds up to %v", m.ID, sum)
		}
	}
	if diff := cmp.Diff([]int64{1, 2, 1, 2, 2, 1, 7}, got); diff != "" {
		t.Errorf("conversations (-want +got)\n%s", diff)
	}
}

func TestAnswers(t *testing.T) {
	got := Answers(standardModel(t), talk, map[int64]bool{1: true, 2: true, 7: true})
	for id, want := range map[int64]int64{1: 3, 2: 5, 7: 0} {
		if got[id].ID != want {
			t.Errorf("message %d is answered by %d (%.2f), want %d", id, got[id].ID, got[id].Answered, want)
		}
	}
}

// TestPortions links chat in one go, and with a linker made anew from what was decided after any message.
func TestPortions(t *testing.T) {
	model := standardModel(t)
	rapid.Check(t, func(t *rapid.T) {
		authors := rapid.SampledFrom([]string{"ana", "bob", "cem", "dora-b", "ubotu"})
		texts := rapid.SampledFrom([]string{"how do I rotate keys?", "ana: try 3.2", "@bob see the docs", "thanks", "it fails with error 12", "!faq", "", "cem, it works"})
		n := rapid.IntRange(1, 40).Draw(t, "messages")
		messages := make([]Message, n)
		minutes := 0
		for i := range messages {
			minutes += rapid.IntRange(-5, 90).Draw(t, "pause")
			messages[i] = Message{ID: int64(i + 1), Author: authors.Draw(t, "author"), Text: texts.Draw(t, "text"), At: at(minutes)}
		}
		whole := NewLinker(model)
		cut := rapid.IntRange(0, n).Draw(t, "cut")
		var again *Linker
		for i := range messages {
			if i == cut {
				again = NewLinker(model)
				for _, m := range messages[:i] {
					again.Add(m)
				}
			}
			want := whole.Next(messages[i])
			if again != nil {
				if diff := cmp.Diff(want, again.Next(messages[i])); diff != "" {
					t.Fatalf("message %d, cut at %d (-whole +cut)\n%s", i, cut, diff)
				}
			}
			messages[i].Conversation = want[0].Conversation
		}
	})
}

func TestAddresses(t *testing.T) {
	ana := look(&Message{Author: "_Ana-", Name: "Ana"})
	for text, want := range map[string]int{
		"ana: try it":             2,
		"Ana, try it":             2,
		"@ana try it":             2,
		"<@ana> try it":           2,
		"have you tried it, ana?": 2,
		"ana try it":              1,
		"try it with ana":         0,
		"analysis: it fails":      0,
	} {
		m := look(&Message{Author: "bob", Text: text})
		if got := m.addresses(&ana); got != want {
			t.Errorf("%q addresses ana by %d, want %d", text, got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	said := func(author, text string) Said { return Said{Message: Message{Author: author, Text: text}} }
	question := said("ana", "How do I rotate the signing key?")
	accepted := said("cem", "Ask the vendor.")
	accepted.Accepted = true
	liked := said("cem", "Rotate the signing key by putting both into the list.")
	liked.Thumbs = 3
	bot := said("helper", "I am a bot.")
	bot.Bot = true
	for name, c := range map[string]struct {
		said   []Said
		want   int
		reason string
	}{
		"nothing":          {nil, -1, "nobody else has answered yet"},
		"nobody":           {[]Said{question, said("ana", "anyone?"), bot}, -1, "nobody else has answered yet"},
		"accepted":         {[]Said{question, said("bob", "put both into the list"), said("ana", "thanks!"), accepted}, 3, "it was accepted as the answer"},
		"thanked":          {[]Said{question, said("bob", "which version is it?"), said("ana", "3.2 it is"), said("cem", "then put both into the list"), said("ana", "thanks, works")}, 3, "it is a reply by somebody else; the asker said thanks after it"},
		"reactions, words": {[]Said{question, said("bob", "hm"), liked}, 2, "it is a reply by somebody else; 3 reactions; it speaks of the same things"},
	} {
		got := Explain(c.said)
		if got.Index != c.want || got.Reason != c.reason {
			t.Errorf("%s: %+v, want %d, %q", name, got, c.want, c.reason)
		}
	}
}

// TestTrain fits nets on a few streams in which everybody answers whom they address, and packs them.
func TestTrain(t *testing.T) {
	var streams []Stream
	for k := range 4 {
		s := Stream{Links: make(map[int64][]int64)}
		for i := range int64(30) {
			m := Message{ID: i + 1, Author: fmt.Sprint("user", i%5), Text: "it is so", At: at(int(i))}
			s.Links[m.ID] = []int64{m.ID}
			if i >= 5 {
				s.Links[m.ID] = []int64{m.ID - 1 - (i+int64(k))%4}
				m.Text = s.Messages[s.Links[m.ID][0]-1].Author + ": it is so"
			}
			s.Messages = append(s.Messages, m)
		}
		streams = append(streams, s)
	}
	quiet := func(string) {}
	data, err := Train(streams, quiet)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Train(streams, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(data) {
		t.Error("the same streams made another model")
	}
	m, err := Load(data)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	l := NewLinker(m)
	for _, msg := range streams[0].Messages {
		if l.Next(msg)[0].ID == streams[0].Links[msg.ID][0] {
			right++
		}
	}
	if right < 24 {
		t.Errorf("%d of 30 links are right", right)
	}
	for _, bad := range [][]byte{nil, data[:len(header)+2], data[:len(data)-1], append(data[:len(data):len(data)], 0)} {
		if _, err := Load(bad); err == nil {
			t.Errorf("%d bytes of %d were taken for a model", len(bad), len(data))
		}
	}
	if _, err := Train(nil, quiet); err == nil {
		t.Error("a model was trained on nothing")
	}
}

func FuzzLinker(f *testing.F) {
	f.Add("ana: try 3.2", "bob", "@ana <@bob> ,,: ?!", int64(3))
	f.Add("\xff @", "", " : ", int64(-90))
	model := standardModel(f)
	f.Fuzz(func(t *testing.T, text, author, other string, minutes int64) {
		l := NewLinker(model)
		for i, m := range []Message{{ID: 1, Author: "ana", Text: other}, {ID: 2, Author: author, Text: text, At: at(int(minutes % 1e6))}, {ID: 3, Author: "bob", Text: text + other, At: at(1)}} {
			for _, c := range l.Next(m) {
				if c.P != c.P || c.P < 0 || c.P > 1.0001 || c.ID < 1 || c.ID > int64(i+1) {
					t.Fatalf("%+v: %+v", m, c)
				}
			}
		}
	})
}

func BenchmarkLinker(b *testing.B) {
	model := standardModel(b)
	l := NewLinker(model)
	for i := range 400 {
		m := talk[i%len(talk)]
		m.ID, m.At = int64(i+1), at(i/2)
		l.Next(m)
	}
	b.ReportAllocs()
	i := 400
	for b.Loop() {
		m := talk[i%len(talk)]
		m.ID, m.At = int64(i+1), at(i/2)
		l.Next(m)
		i++
	}
}
