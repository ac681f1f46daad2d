// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rise finds what rose in a stream of dated messages when nothing is known of it beforehand: bursts of topics and
// of single phrases ([trend]), those that are in the same messages taken together. Topics see that something with many
// names rises; phrases see what is too new or too small to be a topic.
//
// Phrases are many, and each may raise a false alarm, so that they have to be far surer than topics.
package rise

import (
	"maps"
	"slices"

	"greenroom/internal/text/topic"
	"greenroom/internal/text/trend"
)

// Message is one of the stream.
type Message struct {
	Text string
	Day  int // any count of days
}

// Options say how sure to be. The zero value is what suits most.
type Options struct {
	TopicAlarms  float64 // false alarms of a topic in a quarter; 0 = 0.07
	PhraseAlarms float64 // of a phrase; 0 = 0.002
}

const (
	leastMessages = 5 // with a phrase
	phraseShare   = 0.15
)

// Find gives what rose, the surest first. Start and End are days as the messages have them, and Messages indexes of
// messages. The model was fitted to these messages, or to them among others; nil = there are no topics.
func Find(m *topic.Model, messages []Message, o Options) []trend.Event {
	if len(messages) == 0 {
		return nil
	}
	if o.TopicAlarms <= 0 {
		o.TopicAlarms = 0.07
	}
	if o.PhraseAlarms <= 0 {
		o.PhraseAlarms = 0.002
	}
	f := &finder{messages: messages, first: messages[0].Day, last: messages[0].Day}
	for i := range messages {
		f.first, f.last = min(f.first, messages[i].Day), max(f.last, messages[i].Day)
	}
	if m != nil {
		f.topics(m, o.TopicAlarms)
	}
	f.phrases(o.PhraseAlarms)
	events := trend.Merge(f.events)
	for i := range events {
		e := &events[i]
		e.Start, e.End, e.Alarm = e.Start+f.first, e.End+f.first, e.Alarm+f.first
	}
	return events
}

type finder struct {
	messages    []Message
	first, last int
	events      []trend.Event
}

// add looks for bursts of the messages with these indexes.
func (f *finder) add(name string, with []int, alarms float64) {
	counts := make([]float64, f.last-f.first+1)
	for _, i := range with {
		counts[f.messages[i].Day-f.first]++
	}
	if slices.Max(counts) < 2 {
		return
	}
	s := trend.Analyze(counts, trend.Options{PerQuarter: alarms})
	for _, b := range s.Bursts {
		e := trend.Event{Burst: b, Name: name}
		for _, i := range with {
			if d := f.messages[i].Day - f.first; b.Start <= d && d <= b.End {
				e.Messages = append(e.Messages, i)
			}
		}
		f.events = append(f.events, e)
	}
}

func (f *finder) topics(m *topic.Model, alarms float64) {
	of := make([][]int, len(m.Topics))
	r := m.Reader()
	for i := range f.messages {
		if g, _ := r.Read(f.messages[i].Text); g >= 0 {
			of[g] = append(of[g], i)
		}
	}
	for g, with := range of {
		if len(with) >= leastMessages {
			f.add(m.Topics[g].Name, with, alarms)
		}
	}
}

func (f *finder) phrases(alarms float64) {
	type found struct {
		shown string
		with  []int
	}
	all := make(map[string]*found)
	var buf []topic.Phrase
	for i := range f.messages {
		buf = topic.Phrases(buf[:0], f.messages[i].Text)
		for _, p := range buf {
			e := all[p.Folded]
			if e == nil {
				e = &found{shown: p.Shown}
				all[p.Folded] = e
			}
			if n := len(e.with); n == 0 || e.with[n-1] != i {
				e.with = append(e.with, i)
			}
		}
	}
	for _, folded := range slices.Sorted(maps.Keys(all)) {
		e := all[folded]
		if len(e.with) >= leastMessages && float64(len(e.with)) <= phraseShare*float64(len(f.messages))+leastMessages {
			f.add(e.shown, e.with, alarms)
		}
	}
}
