// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analyticstest

import (
	"pgregory.net/rapid"

	"greenroom/internal/analytics"
	"greenroom/internal/text"
)

// reading is what a message of a world says.
type reading struct {
	category  text.Category
	sentiment text.Sentiment
	urgency   text.Urgency
}

// The readings of worlds.
func saidCategories() []text.Category {
	return []text.Category{text.CategoryUnsure, text.CategoryBug, text.CategoryFeature, text.CategoryPraise, text.CategoryOther}
}

func saidSentiments() []text.Sentiment {
	return []text.Sentiment{text.SentimentUnsure, text.SentimentNegative, text.SentimentNeutral, text.SentimentPositive}
}

func saidUrgencies() []text.Urgency {
	return []text.Urgency{text.UrgencyNone, text.UrgencySoon, text.UrgencyNow}
}

// readings tells readings from how they are packed. What was not read is not among them.
func readings() map[analytics.Said]reading {
	all := make(map[analytics.Said]reading)
	for _, c := range saidCategories() {
		for _, s := range saidSentiments() {
			for _, u := range saidUrgencies() {
				all[analytics.SaidOf(c, s, u)] = reading{c, s, u}
			}
		}
	}
	return all
}

func drawSaid(t *rapid.T) analytics.Said {
	if rapid.IntRange(0, 3).Draw(t, "unread") == 0 {
		return 0
	}
	return analytics.SaidOf(rapid.SampledFrom(saidCategories()).Draw(t, "category"), rapid.SampledFrom(saidSentiments()).Draw(t, "sentiment"),
		rapid.SampledFrom(saidUrgencies()).Draw(t, "urgency"))
}

// says reports whether something was read, and what was read is so.
func (w *world) says(s analytics.Said, so func(r reading) bool) bool {
	r, read := w.meant[s]
	return read && so(r)
}

// category reports whether something was read as one of some categories.
func (w *world) category(s analytics.Said, of ...text.Category) bool {
	return w.says(s, func(r reading) bool {
		for _, c := range of {
			if r.category == c {
				return true
			}
		}
		return false
	})
}

func (w *world) urgent(s analytics.Said) bool {
	return w.says(s, func(r reading) bool { return r.urgency == text.UrgencyNow })
}
