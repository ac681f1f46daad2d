// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package text has the words for what a message says: its language, its category, how it feels, how urgent it is, and
// whether it asks something. It holds types only; who judges, and how, stands in the packages below it:
//
//   - question: the rule that decides whether a text asks something, used while facts are stored
//   - prose: what of a message is prose (code, quotes and addresses are left out), and its tokens
//   - language: which language it is in
//   - judge: category, sentiment, kind of issue and urgency, by models that are trained by one command and embedded
//   - reply: which earlier message a message answers, in chat that has no threads
//   - topic: what messages are about, found without a list
//   - trend: what rises, against what is usual for the season
//
// All of them are pure: no I/O, no clock, the same answer for the same input.
package text

import (
	"fmt"
	"strings"
)

// Message is what is judged.
type Message struct {
	Title string
	Body  string // plain text or Markdown
	Reply bool   // it answers or continues a conversation
}

// Category says what a message is for. The numbers are stored; never renumber one, add at the end.
type Category uint8

// The categories. CategoryUnsure is the answer where the judge knows too little: a text that is too short, a language
// that its model does not know, or two categories that are too close.
const (
	CategoryUnsure       Category = 0
	CategoryQuestion     Category = 1 // asks for help or to know something
	CategoryBug          Category = 2 // reports that something does not work
	CategoryFeature      Category = 3 // wishes for something new or different
	CategoryPraise       Category = 4 // thanks or appreciates
	CategoryAnnouncement Category = 5 // tells everybody of something: a release, an event, an article
	CategoryIntroduction Category = 6 // somebody introduces themselves
	CategoryJob          Category = 7 // offers or seeks work, advertises, spam
	CategoryOther        Category = 8 // anything else: answers, talk
	categoryEnd          Category = 9
)

var categories = [categoryEnd]string{"unsure", "question", "bug", "feature", "praise", "announcement", "introduction", "job", "other"}

// Categories lists the categories that a message can be given, CategoryUnsure left out, in stored order.
func Categories() []Category {
	all := make([]Category, 0, categoryEnd-1)
	for c := CategoryQuestion; c < categoryEnd; c++ {
		all = append(all, c)
	}
	return all
}

// String is the category as queries, the API and exports write it.
func (c Category) String() string {
	if c >= categoryEnd {
		return categories[CategoryUnsure]
	}
	return categories[c]
}

// ParseCategory reads what String writes, without regard to case.
func ParseCategory(s string) (Category, error) {
	for c, name := range categories {
		if strings.EqualFold(name, strings.TrimSpace(s)) {
			return Category(c), nil
		}
	}
	return CategoryUnsure, fmt.Errorf("there is no category %q; there are %s", s, strings.Join(categories[1:], ", "))
}

// Sentiment says how a message feels. The numbers are stored.
type Sentiment uint8

// The sentiments.
const (
	SentimentUnsure   Sentiment = 0
	SentimentNegative Sentiment = 1
	SentimentNeutral  Sentiment = 2
	SentimentPositive Sentiment = 3
	sentimentEnd      Sentiment = 4
)

var sentiments = [sentimentEnd]string{"unsure", "negative", "neutral", "positive"}

// Sentiments lists the sentiments that a message can be given, in stored order.
func Sentiments() []Sentiment {
	return []Sentiment{SentimentNegative, SentimentNeutral, SentimentPositive}
}

// String is the sentiment as queries, the API and exports write it.
func (s Sentiment) String() string {
	if s >= sentimentEnd {
		return sentiments[SentimentUnsure]
	}
	return sentiments[s]
}

// ParseSentiment reads what String writes, without regard to case.
func ParseSentiment(s string) (Sentiment, error) {
	for v, name := range sentiments {
		if strings.EqualFold(name, strings.TrimSpace(s)) {
			return Sentiment(v), nil
		}
	}
	return SentimentUnsure, fmt.Errorf("there is no sentiment %q; there are %s", s, strings.Join(sentiments[1:], ", "))
}

// Urgency says how soon somebody should look. The numbers are stored.
type Urgency uint8

// The urgencies.
const (
	UrgencyNone Urgency = 0 // nothing says that it is urgent
	UrgencySoon Urgency = 1 // somebody is blocked, or asks again
	UrgencyNow  Urgency = 2 // an outage, loss of data, a hole in security, a deadline today
	urgencyEnd  Urgency = 3
)

var urgencies = [urgencyEnd]string{"none", "soon", "now"}

// String is the urgency as queries, the API and exports write it.
func (u Urgency) String() string {
	if u >= urgencyEnd {
		return urgencies[UrgencyNone]
	}
	return urgencies[u]
}

// ParseUrgency reads what String writes, without regard to case.
func ParseUrgency(s string) (Urgency, error) {
	for u, name := range urgencies {
		if strings.EqualFold(name, strings.TrimSpace(s)) {
			return Urgency(u), nil
		}
	}
	return UrgencyNone, fmt.Errorf("there is no urgency %q; there are %s", s, strings.Join(urgencies[:], ", "))
}

// Reading is what a judge makes of one message.
type Reading struct {
	Language   string // ISO 639-1; "" = cannot be told
	Category   Category
	CategoryP  float32 // how probable the category is, 0 to 1, also where it is unsure
	Sentiment  Sentiment
	SentimentP float32
	Strength   float32 // of the sentiment: -1 is as negative as can be, 1 as positive
	Urgency    Urgency
	Question   bool // it asks something, whatever its category
}

// Correction is what a person said of a message. A field that is unsure was not corrected.
type Correction struct {
	Message   Message
	Category  Category
	Sentiment Sentiment
}
