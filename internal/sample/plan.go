// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// seed is a conversation before anybody has said a word.
type seed struct {
	at      time.Time
	channel *channel
	source  string // what it comes from: "talk" of the channel, "arrival" of a person, ...
	n       int    // number within channel and source; the stream of the conversation is derived from these three
	author  *person
	intent  intent
	topic   *topic
	lang    string
	silent  bool // nobody has answered yet
}

// plan lists what is talked about on a platform, in order of time.
func (w *world) plan(at platform, c *cast) []seed {
	var list []seed
	weekend := [platforms]float64{slack: 0.28, discourse: 0.45, github: 0.5, stackExchange: 0.5, discord: 0.8, mail: 0.35}[at]
	calendar := w.calendar(weekend)
	for i := range w.channels {
		if ch := &w.channels[i]; ch.platform == at {
			list = w.talk(list, c, ch, calendar)
		}
	}
	list = w.arrivals(list, at)
	list = w.waiting(list, c, at)
	list = w.news(list, c, at)
	slices.SortFunc(list, func(a, b seed) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.channel.key, b.channel.key), cmp.Compare(a.source, b.source), cmp.Compare(a.n, b.n))
	})
	return list
}

// talk adds the conversations that a channel has by itself.
func (w *world) talk(list []seed, c *cast, ch *channel, calendar days) []seed {
	n := int(math.Round(ch.rate * float64(w.opts.Months) * w.opts.Scale))
	for i := range max(1, n) {
		d := w.origin.stream("plan "+ch.platform.String()+" "+ch.key, i)
		date := calendar.draw(d)
		s := seed{channel: ch, source: "talk", n: i, intent: intent(d.index(ch.mix[:]))}
		who := &c.week(date).ask
		switch s.intent {
		case event:
			who = &c.week(date).announce
		case pull:
			who = &c.week(date).answer
		default:
		}
		for range 8 {
			s.author = who.draw(d)
			if s.author == nil || !ch.local || s.author.lang != "en" {
				break
			}
		}
		if s.author == nil {
			continue
		}
		s.at = s.author.clock(d, date)
		if a := s.author.accounts[ch.platform]; s.at.Before(a.since) {
			s.at = a.since.Add(d.span(time.Minute, 8*time.Hour)).Truncate(time.Millisecond)
		}
		list = w.settle(list, d, s)
	}
	return list
}

// settle completes a seed with topic and language, and leaves out what lies outside the period.
func (w *world) settle(list []seed, d dice, s seed) []seed {
	if s.at.Before(w.start) || !s.at.Before(w.end) {
		return list
	}
	s.lang = "en"
	if s.author.lang != "en" && (s.channel.local || s.author.ownLang && s.channel.platform != github && s.channel.platform != stackExchange) {
		switch s.intent {
		case question, introduction:
			s.lang = s.author.lang
		default: // there are no words for the rest in other languages
		}
	}
	s.topic = w.topicAt(d, s.at, s.channel.topic, s.lang != "en")
	return append(list, s)
}

// arrivals adds the first words of everybody who says something, at the time of their account.
func (w *world) arrivals(list []seed, at platform) []seed {
	ways := arrival()[at]
	for _, p := range w.people {
		a := p.accounts[at]
		if a == nil || p.kind != member || p.temper == lurker || a.since.Before(w.start) {
			continue
		}
		d := w.origin.stream("arrival "+at.String(), p.id)
		s := seed{source: "arrival", n: p.id, author: p, intent: intent(d.index(ways[:]))}
		weights := make([]float64, len(w.channels))
		for i, ch := range w.channels {
			if ch.platform == at {
				weights[i] = ch.arrivals[s.intent]
			}
		}
		s.channel = &w.channels[d.index(weights)]
		s.at = a.since.Add(d.around(40*time.Minute, 1.2)).Truncate(time.Millisecond)
		if !s.at.Before(w.end) {
			s.at = a.since.Add(time.Minute)
		}
		list = w.settle(list, d, s)
	}
	return list
}

// waiting adds questions of the last days that nobody has answered, so that there is something to do.
func (w *world) waiting(list []seed, c *cast, at platform) []seed {
	per := [platforms]float64{slack: 5, discourse: 5, github: 3, stackExchange: 1, discord: 3, mail: 2}[at]
	for i := range max(1, int(per*min(w.opts.Scale, 4))) {
		d := w.origin.stream("waiting "+at.String(), i)
		s := seed{source: "waiting", n: i, intent: question, silent: true, author: c.week(w.end).ask.draw(d)}
		weights := make([]float64, len(w.channels))
		for j, ch := range w.channels {
			if ch.platform == at && !ch.local {
				weights[j] = ch.mix[question]
			}
		}
		s.channel = &w.channels[d.index(weights)]
		if s.author == nil {
			continue
		}
		age := min(4*day, w.end.Sub(w.start)/3)
		s.at = w.end.Add(-d.span(age/32, age)).Truncate(time.Millisecond)
		list = w.settle(list, d, s)
	}
	return list
}

// news adds releases, where the staff announces them, and what the bots say.
func (w *world) news(list []seed, c *cast, at platform) []seed {
	for i := range w.channels {
		ch := &w.channels[i]
		if ch.platform != at {
			continue
		}
		for n, r := range w.releases {
			d := w.origin.stream("news "+at.String()+" "+ch.key, n)
			s := seed{channel: ch, source: "news", n: n, intent: announcement, at: r.at.Add(d.span(10*time.Minute, 3*time.Hour)).Truncate(time.Millisecond)}
			if s.author = c.week(s.at).announce.draw(d); s.author == nil {
				continue
			}
			if ch.key == "announcements" || at == mail || at == discord && ch.key == "general" {
				list = w.settle(list, d, s)
			}
		}
		if helper := w.people[firstBot]; helper.accounts[at] != nil && ch.key == "help" && at != discourse {
			for n := range int(2*float64(w.opts.Months)) + 1 {
				d := w.origin.stream("notice "+at.String(), n)
				s := seed{channel: ch, source: "notice", n: n, intent: notice, author: helper}
				s.at = w.start.Add(time.Duration(n)*15*day + d.span(0, day)).Truncate(time.Second)
				list = w.settle(list, d, s)
			}
		}
	}
	return list
}
