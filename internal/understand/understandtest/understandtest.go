// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package understandtest has a judge for tests that reads by a few rules and learns words by heart, so that what a test
// expects can be worked out by hand.
package understandtest

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"

	"greenroom/internal/text"
	"greenroom/internal/understand"
)

// School makes rule-based judges. Its version is part of theirs.
type School struct{ Version string }

// rules are what the base judge goes by: the first word that is found decides.
var rules = []struct {
	word      string
	category  text.Category
	sentiment text.Sentiment
}{
	{"broken", text.CategoryBug, text.SentimentNegative},
	{"crash", text.CategoryBug, text.SentimentNegative},
	{"please add", text.CategoryFeature, text.SentimentNeutral},
	{"love", text.CategoryPraise, text.SentimentPositive},
	{"thank", text.CategoryPraise, text.SentimentPositive},
	{"released", text.CategoryAnnouncement, text.SentimentNeutral},
	{"?", text.CategoryQuestion, text.SentimentNeutral},
}

// judge reads by the rules, but for words that it has learned.
type judge struct {
	version string
	learned map[string]text.Correction // by word
}

func (j *judge) Version() string { return j.version }

// Read implements understand.Judge. Texts of less than three words are unsure.
func (j *judge) Read(m text.Message) text.Reading {
	words := strings.ToLower(m.Title + " " + m.Body)
	r := text.Reading{Language: "en", Category: text.CategoryOther, CategoryP: .6, Sentiment: text.SentimentNeutral, SentimentP: .6}
	if strings.Contains(words, "straße") || strings.Contains(words, "danke") {
		r.Language = "de"
	}
	r.Question = strings.Contains(words, "?")
	for _, rule := range rules {
		if strings.Contains(words, rule.word) {
			r.Category, r.CategoryP, r.Sentiment, r.SentimentP = rule.category, .9, rule.sentiment, .9
			break
		}
	}
	switch r.Sentiment {
	case text.SentimentNegative:
		r.Strength = -.5
	case text.SentimentPositive:
		r.Strength = .5
	case text.SentimentUnsure, text.SentimentNeutral:
	}
	if strings.Contains(words, "outage") {
		r.Urgency = text.UrgencyNow
	}
	if len(strings.Fields(words)) < 3 {
		r.Category, r.CategoryP = text.CategoryUnsure, .2
	}
	for _, word := range strings.Fields(words) {
		if c, ok := j.learned[word]; ok && len(word) > 5 {
			if c.Category != 0 {
				r.Category, r.CategoryP = c.Category, .95
			}
			if c.Sentiment != 0 {
				r.Sentiment, r.SentimentP = c.Sentiment, .95
			}
		}
	}
	return r
}

// Base implements understand.School.
func (s School) Base() (understand.Judge, error) { return &judge{version: "rules-" + s.Version}, nil }

// Learn implements understand.School: it remembers the longer words of each correction. What it says of its gain is
// measured on what it has learned by heart.
func (s School) Learn(all []text.Correction) (understand.Judge, []byte, understand.Gain, error) {
	learned := make(map[string]text.Correction)
	for _, c := range all {
		for _, word := range strings.Fields(strings.ToLower(c.Message.Title + " " + c.Message.Body)) {
			learned[word] = text.Correction{Category: c.Category, Sentiment: c.Sentiment}
		}
	}
	data, err := json.Marshal(learned)
	if err != nil {
		return nil, nil, understand.Gain{}, fmt.Errorf("encoding what was learned: %w", err)
	}
	own, err := s.Load(data)
	if err != nil {
		return nil, nil, understand.Gain{}, err
	}
	base, err := s.Base()
	if err != nil {
		return nil, nil, understand.Gain{}, err
	}
	measure := func(j understand.Judge) (category, sentiment understand.Figures) {
		var categories, sentiments []understand.Judged
		for _, c := range all {
			r := j.Read(c.Message)
			categories = append(categories, understand.Judged{Right: int(c.Category) - 1, Read: int(r.Category) - 1})
			sentiments = append(sentiments, understand.Judged{Right: int(c.Sentiment) - 1, Read: int(r.Sentiment) - 1})
		}
		return understand.Measure(understand.CategoryLabels(), categories), understand.Measure(understand.SentimentLabels(), sentiments)
	}
	g := understand.Gain{N: len(all)}
	g.Category.Before, g.Sentiment.Before = measure(base)
	g.Category.After, g.Sentiment.After = measure(own)
	g.Category.Used, g.Sentiment.Used = true, true
	return own, data, g, nil
}

// Load implements understand.School.
func (s School) Load(data []byte) (understand.Judge, error) {
	j := &judge{}
	if err := json.Unmarshal(data, &j.learned); err != nil {
		return nil, fmt.Errorf("decoding what was learned: %w", err)
	}
	h := fnv.New32a()
	_, _ = h.Write(data) // a hash takes everything
	j.version = fmt.Sprintf("rules-%s+team-%08x", s.Version, h.Sum32())
	return j, nil
}
