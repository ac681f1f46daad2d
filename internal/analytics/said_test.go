// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"greenroom/internal/analytics"
	"greenroom/internal/text"
)

// said is what a message of the naive world says.
type said struct {
	category  text.Category
	sentiment text.Sentiment
	urgency   text.Urgency
}

// say draws what an activity says, if it was read.
func (w *world) say(t *rapid.T, id int64) analytics.Said {
	if rapid.IntRange(0, 3).Draw(t, "unread") == 0 {
		delete(w.said, id)
		return 0
	}
	s := said{
		rapid.SampledFrom([]text.Category{text.CategoryUnsure, text.CategoryBug, text.CategoryPraise, text.CategoryOther}).Draw(t, "category"),
		rapid.SampledFrom([]text.Sentiment{text.SentimentUnsure, text.SentimentNegative, text.SentimentNeutral, text.SentimentPositive}).Draw(t, "sentiment"),
		rapid.SampledFrom([]text.Urgency{text.UrgencyNone, text.UrgencyNow}).Draw(t, "urgency"),
	}
	w.said[id] = s
	return analytics.SaidOf(s.category, s.sentiment, s.urgency)
}

// reread draws activities that say something else now.
func (w *world) reread(t *rapid.T) *analytics.Reread {
	r := &analytics.Reread{Held: &analytics.Facts{}}
	for range rapid.IntRange(0, 4).Draw(t, "reread") {
		ids := sorted(w.facts)
		if len(ids) == 0 {
			break
		}
		f := w.facts[rapid.SampledFrom(ids).Draw(t, "read again")]
		if err := r.Held.Add(f); err != nil {
			t.Fatal(err)
		}
		f.Said = w.say(t, f.ID)
		w.facts[f.ID] = f
		r.Now = append(r.Now, f.Said)
	}
	return r
}

// spoken is the naive value of a metric over what messages say.
func (w *world) spoken(metric string, filter int, from time.Time) float64 {
	to := w.day(from, 7)
	var read, praise, unsure, positive, negative, felt float64
	for _, f := range w.facts {
		at := time.UnixMicro(f.At)
		s, ok := w.said[f.ID]
		if !ok || at.Before(from) || !at.Before(to) || !w.counted(f.Identity) || f.Channel == 3 || !filters[filter].fits(w, f) || !f.Kind.Info().Active && !filters[filter].kinds {
			continue
		}
		read++
		praise += bit(s.category == text.CategoryPraise)
		unsure += bit(s.category == text.CategoryUnsure)
		positive += bit(s.sentiment == text.SentimentPositive)
		negative += bit(s.sentiment == text.SentimentNegative)
		felt += bit(s.sentiment != text.SentimentUnsure)
	}
	switch metric {
	case "messages":
		return read
	case "praise":
		return praise
	case "unsure_share":
		return unsure / read
	default:
		return (positive - negative) / felt
	}
}

// Worked by hand: of 20 messages 9 are positive and 4 negative. With one added to each of 22, that is 10/22 - 5/22 = 5/22,
// and half the interval is 1.959964 * sqrt((15/22 - (5/22)^2) / 22) = 0.3317.
func TestPairedDifference(t *testing.T) {
	low, high := analytics.PairedDifference(9, 4, 20)
	if math.Abs(low-(5.0/22-0.33171)) > 1e-4 || math.Abs(high-(5.0/22+0.33171)) > 1e-4 {
		t.Errorf("the interval is %.5f to %.5f", low, high)
	}
	if low, high = analytics.PairedDifference(3, 0, 3); high != 1 || low > 0.9 {
		t.Errorf("the interval of all of three is %.5f to %.5f", low, high)
	}
	if low, high = analytics.PairedDifference(0, 0, 0); low != -1 || high != 1 {
		t.Errorf("the interval of nothing is %.5f to %.5f", low, high)
	}
}
