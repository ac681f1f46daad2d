// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"slices"
	"strings"

	"greenroom/internal/query"
	"greenroom/internal/text"
)

// Said is what a message says, in one byte: four bits of category plus one, two of sentiment, two of urgency. Zero is an
// activity that was not read: it has no text, or reading has not got there yet.
type Said uint8

// SaidOf packs what was read, or corrected.
func SaidOf(c text.Category, s text.Sentiment, u text.Urgency) Said {
	return Said(c+1)&0xf | Said(s&3)<<4 | Said(u&3)<<6
}

// allSaid is how many Saids there are.
const allSaid = 256

func (s Said) read() bool                { return s&0xf != 0 }
func (s Said) category() text.Category   { return text.Category(s&0xf - 1) } // of one that was read
func (s Said) sentiment() text.Sentiment { return text.Sentiment(s >> 4 & 3) }
func (s Said) urgency() text.Urgency     { return text.Urgency(s >> 6 & 3) }

// value is what a field of the query language is in s; "" where it was not read.
func (s Said) value(attr string) string {
	switch {
	case !s.read():
		return ""
	case attr == "category":
		return s.category().String()
	case attr == "sentiment":
		return s.sentiment().String()
	default:
		return s.urgency().String()
	}
}

// saidTerm compiles a term on what was said.
func saidTerm(t *query.Term) *condition {
	if t.Op == query.Has {
		return saidCondition(func(s Said) bool {
			v := s.value(t.Field.Attr)
			return v != "" && v != text.CategoryUnsure.String() && v != text.UrgencyNone.String()
		})
	}
	return saidCondition(func(s Said) bool {
		v := s.value(t.Field.Attr)
		return v != "" && slices.ContainsFunc(t.Values, func(want query.Value) bool { return want.Text == v })
	})
}

func saidCondition(keep func(s Said) bool) *condition {
	c := &condition{about: aboutSaid}
	for b := range c.said {
		c.said[b] = keep(Said(b))
	}
	return c
}

// about narrows a metric to messages that say something: a field of the query language with values.
type about struct {
	field  string
	values []string
}

func (a *about) condition() *condition {
	return saidCondition(func(s Said) bool { return slices.Contains(a.values, s.value(a.field)) })
}

// Reread is what activities say now, beside how they are held.
type Reread struct {
	Held *Facts // as they are held, what they said among it
	Now  []Said // by position in Held
}

// reread changes what activities say. Activities that look the same are the same to every metric, so it does not matter
// which of them is changed.
func reread(runs []*run, r *Reread, place func(source, channel uint32) uint32) ([]*run, bool) {
	runs = slices.Clone(runs)
	own := make(map[int]bool) // runs whose column is ours
	f := r.Held
	for i := range f.Len() {
		n, at := find(runs, seconds(f.At[i]), f.Identity[i], place(f.Source[i], f.Channel[i]), kindByte(f.Kind[i], f.Flags[i]), f.Said[i])
		if n < 0 {
			return nil, false
		}
		if !own[n] {
			own[n] = true
			next := *runs[n]
			next.said = slices.Clone(next.said)
			runs[n] = &next
		}
		runs[n].said[at] = uint8(r.Now[i])
	}
	return runs, true
}

// find looks for an activity; run -1 where it is not there.
func find(runs []*run, at, who, place uint32, kind, said uint8) (n, i int) {
	for n, r := range runs {
		lo, hi := r.span(at, at+1)
		for i := lo; i < hi; i++ {
			if r.who[i] == who && r.place[i] == place && r.kind[i] == kind && r.said[i] == said {
				return n, i
			}
		}
	}
	return -1, 0
}

// saidGroups groups by a part of what was said. What was not read is in no group.
func (c *calc) saidGroups(m *Metric) ([]*group, error) {
	sizes, err := c.histogram(m, bySaid, allSaid)
	all := make(map[string]*group)
	var groups []*group
	for b, n := range sizes {
		name := Said(b).value(string(c.req.Breakdown))
		if name == "" {
			continue
		}
		g := all[name]
		if g == nil {
			g = &group{groupKey: groupKey{name: name}, cond: &condition{about: aboutSaid}}
			all[name], groups = g, append(groups, g)
		}
		g.size += n
		g.cond.said[b] = true
	}
	return largest(groups), err
}

// spoken counts what the messages of each period say, by Said.
func (c *calc) spoken() ([][]int64, error) {
	counts, err := c.f.look.histogram(c, c.spans(), bySaid, allSaid)
	return slices.Collect(slices.Chunk(counts, allSaid)), err
}

// netSentiment is the share of positive messages less that of negative ones.
func netSentiment(c *calc) ([]Point, error) {
	sums, err := c.spoken()
	points := make([]Point, len(sums))
	for i := range sums {
		points[i] = c.point(i)
		var positive, negative, n int64
		for b, k := range sums[i] {
			n += k
			switch Said(b).sentiment() {
			case text.SentimentPositive:
				positive += k
			case text.SentimentNegative:
				negative += k
			case text.SentimentUnsure, text.SentimentNeutral:
			}
		}
		points[i].Count, points[i].N = positive+negative, n
		if n > 0 {
			v := float64(positive-negative) / float64(n)
			low, high := PairedDifference(positive, negative, n)
			points[i].Value, points[i].Low, points[i].High = &v, &low, &high
		}
	}
	return points, err
}

// leftOpen is the share of messages whose category is left open.
func leftOpen(c *calc) ([]Point, error) {
	sums, err := c.spoken()
	points := make([]Point, len(sums))
	for i := range sums {
		var open, n int64
		for b, k := range sums[i] {
			n += k
			if Said(b).category() == text.CategoryUnsure {
				open += k
			}
		}
		points[i] = c.point(i).share(open, n)
	}
	return points, err
}

func saidCatalog() []Metric {
	read := &about{"urgency", []string{text.UrgencyNone.String(), text.UrgencySoon.String(), text.UrgencyNow.String()}}
	const reading = "What a message is stands in its reading: what the team said of it, else what was read. "
	opened := func(name, label, category, words string) Metric {
		return Metric{
			Name: name, Label: label, Unit: UnitConversations, Total: true, sums: true, Entity: query.Conversations, about: &about{"category", []string{category}},
			compute:    number(func(*conversation) bool { return true }),
			Definition: "Conversations opened in the period whose opening message " + words + ". " + reading + "Conversations whose opening was not read yet are left out.",
			Formula:    "count of conversations with category:" + category,
			Source:     readingSource, SourceURL: readingURL,
		}
	}
	return []Metric{
		{
			Name: "messages", Label: "Messages", Unit: UnitActivities, Total: true, sums: true, compute: activities, about: read,
			Definition: "Messages of the period that were read: posts, replies, issues and the like with a text. Broken down by category it says how much is asked, reported, wished and praised.",
			Formula:    "count of activities that have a reading",
			Source:     readingSource, SourceURL: readingURL,
		},
		opened("bug_reports", "Bug reports", "bug", "reports that something does not work"),
		opened("feature_requests", "Feature requests", "feature", "wishes for something new or different"),
		{
			Name: "praise", Label: "Praise", Unit: UnitActivities, Total: true, sums: true, compute: activities, about: &about{"category", []string{"praise"}},
			Definition: "Messages of the period that thank or appreciate. " + strings.TrimSpace(reading),
			Formula:    "count of activities with category:praise",
			Source:     readingSource, SourceURL: readingURL,
		},
		{
			Name: "net_sentiment", Label: "Net sentiment", Unit: UnitShare, Total: true, compute: netSentiment,
			about: &about{"sentiment", []string{"negative", "neutral", "positive"}}, upper: &about{"sentiment", []string{"negative", "positive"}},
			Definition: "The share of messages that feel positive less the share that feel negative, from -100 % to 100 %. Neutral messages count in the whole, those whose sentiment is left open do not. " + reading +
				"The interval is that of Bonett and Price for the difference of two shares of the same messages, 95 %. Count is how many are not neutral.",
			Formula: "(positive - negative) / (positive + neutral + negative)",
			Source:  "Net sentiment as social listening tools have it; Bonett and Price 2012 for the interval", SourceURL: "https://doi.org/10.3102/1076998611411915",
		},
		{
			Name: "unsure_share", Label: "Left open", Unit: UnitShare, Total: true, Lower: true, compute: leftOpen, about: read, upper: &about{"category", []string{"unsure"}},
			Definition: "Of the messages that were read, the share whose category is left open: too short, in a language that the model does not know, or two answers too close. " +
				"The interval is Wilson's, 95 %.",
			Formula: "messages with category:unsure / messages that have a reading",
			Source:  readingSource, SourceURL: readingURL,
		},
	}
}

// Where the classes are from.
const (
	readingSource = "Greenroom's readings; the classes as in Maalej and Nabil 2015, Bug report, feature request, or simply praise?"
	readingURL    = "https://doi.org/10.1109/RE.2015.7320414"
)
