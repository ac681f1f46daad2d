// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package topic says what the community talks about, and what rises: it has topics found in the messages
// (internal/text/topic), puts each new message into one as it comes, keeps what people decided of topics, and looks for
// bursts in their daily counts (internal/text/trend).
//
// # What is computed and what is decided
//
// A fit looks at a sample of the messages and gives a model; it runs by itself when there is something to find, each
// night, and when somebody asks for it. Numbers and names stay from fit to fit. Names that people gave, what they hid,
// merged and put under another topic, rules and examples are decisions: no fit touches them. A topic that the last fit did
// not find again stays with its name, marked as gone, as long as messages are in it.
//
// A message is in at most one topic by the model, and in every topic whose rule it fits or that somebody put it into.
//
// # Following
//
// Messages are put into topics in windows by their ids, each in one transaction with the position, so that a process that
// dies loses nothing. After a fit the position goes back to the start; until a window is read again, its messages keep the
// topics they had.
package topic

import (
	"context"
	"strings"
	"time"

	"greenroom"
)

// Origin says why something is in a topic, and where a topic comes from.
type Origin string

// The origins.
const (
	Found  Origin = "found" // a topic that a fit found
	Hand   Origin = "hand"  // made by a person
	Model  Origin = "model" // a message that the model put into a topic
	ByRule Origin = "rule"  // a message that fits a topic's rule
)

// Topic is something that messages are about.
type Topic struct {
	ID         int64     `json:"id"`
	Name       string    `json:"name"`                  // as people see it
	FoundName  string    `json:"found_name,omitempty"`  // as the fit calls it, where people call it otherwise
	Origin     Origin    `json:"origin"`                // found or hand
	Terms      []string  `json:"terms"`                 // the words that tell it from others, the most telling first
	Rule       string    `json:"rule,omitempty"`        // a query over activities that puts messages into it
	Parent     int64     `json:"parent,omitempty"`      // the topic that it is a part of; 0 = none
	Hidden     bool      `json:"hidden,omitempty"`      // left out of lists
	MergedInto int64     `json:"merged_into,omitempty"` // the topic that it is now; 0 = itself
	Gone       bool      `json:"gone,omitempty"`        // the last fit found it no more
	CreatedAt  time.Time `json:"created_at"`
}

// Fit is one search for topics.
type Fit struct {
	At       time.Time `json:"at"`
	Messages int64     `json:"messages"` // that were there
	Position int64     `json:"-"`        // the last activity then
	Sampled  int64     `json:"sampled"`  // that were looked at
	Topics   int64     `json:"topics"`
	Quality  float64   `json:"quality"` // how well groups stand apart, -1 to 1
	By       string    `json:"by"`      // who asked for it; "greenroom" = it ran by itself
}

// Said is a message as topics see it.
type Said struct {
	ID      int64
	At      time.Time
	Text    string
	Deleted bool
}

// Placed puts a message into a topic.
type Placed struct {
	Activity int64
	Topic    int64
	Weight   float64 // how near it is, 0 to 1
	At       time.Time
}

// Moment is a message of a topic, by its time.
type Moment struct {
	Topic int64
	At    time.Time
}

// Store is what the package needs of the record store.
type Store interface {
	Topics(ctx context.Context) ([]Topic, error)
	// SaveTopic stores a topic's decisions; one without id is new.
	SaveTopic(ctx context.Context, t Topic) (Topic, error)
	Fits
	Placements
	Readings
	Annotations
}

// Fits holds the searches for topics.
type Fits interface {
	// LastFit returns the last fit with its model; the zero Fit where there was none.
	LastFit(ctx context.Context) (Fit, []byte, error)
	// SaveFit stores a fit with its model and the topics it found, by their ids, and has all messages placed again.
	SaveFit(ctx context.Context, f Fit, model []byte, found []Topic) error
	// SampleTexts returns how many messages there are, and at most so many of them, evenly picked, in order.
	SampleTexts(ctx context.Context, most int) (total int64, texts []string, err error)
	// Examples are the messages that people put into topics.
	Examples(ctx context.Context) (map[int64][]string, error)
}

// Placements holds which message is in which topic.
type Placements interface {
	// TopicPosition is how far messages are placed, and how far there are any.
	TopicPosition(ctx context.Context) (done, end int64, err error)
	// TopicTextsAfter returns messages with greater ids, and the last id that was looked at.
	TopicTextsAfter(ctx context.Context, after int64, limit int) ([]Said, int64, error)
	// TextChanges returns messages that were edited or deleted and wait to be placed again, and the last change looked at.
	TextChanges(ctx context.Context, limit int) (all []Said, last int64, err error)
	// Place replaces what the model said of messages with ids above from up to to.
	Place(ctx context.Context, from, to int64, all []Placed) error
	// PlaceAgain replaces what the model and the rules said of some messages.
	PlaceAgain(ctx context.Context, ids []int64, all []Placed, change int64) error
	// PlaceByRule replaces what the rule of a topic says.
	PlaceByRule(ctx context.Context, topic int64, ids []int64) error
	// PlaceByHand puts a message into a topic, or takes it out.
	PlaceByHand(ctx context.Context, topic, activity int64, in bool) error
}

// Readings says what was said of topics.
type Readings interface {
	// Moments yields when there was something in any topic; merged topics under what they are now.
	Moments(ctx context.Context, from, to time.Time) ([]Moment, error)
	// Those are the people and organizations behind a topic, the most active first.
	Those(ctx context.Context, topics []int64, from, to time.Time, limit int) (people, organizations []Doer, err error)
	// Mix is what the messages of topics were read as.
	Mix(ctx context.Context, topics []int64, from, to time.Time) (Mix, error)
}

// Mix is what messages were read as: by category and by sentiment, the most frequent first.
type Mix struct {
	Read       int64     `json:"read"` // messages that were read
	Categories []MixPart `json:"categories"`
	Sentiments []MixPart `json:"sentiments"`
}

// MixPart is how many messages were read as one thing.
type MixPart struct {
	Label string `json:"label"` // as queries write it; unsure where it was left open
	Count int64  `json:"messages"`
}

// Doer is a member or an organization with how much it said of a topic.
type Doer struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Count int64  `json:"messages"`
}

// Annotations holds what happened outside.
type Annotations interface {
	// Annotations returns those that touch a time, the oldest first, with releases and announcements that are activities.
	Annotations(ctx context.Context, from, to time.Time) ([]Annotation, error)
	// SaveAnnotation stores one; one without id is new.
	SaveAnnotation(ctx context.Context, a Annotation) (Annotation, error)
	// RemoveAnnotation takes one off, or puts it back.
	RemoveAnnotation(ctx context.Context, id int64, removed bool) error
}

// Annotation is something that happened and explains a chart.
type Annotation struct {
	ID    int64     `json:"id"` // below 0: it is the activity of that number, and cannot be changed
	At    time.Time `json:"at"`
	Until time.Time `json:"until,omitzero"` // left out = it happened on one day
	Title string    `json:"title"`
	Kind  string    `json:"kind"` // release, outage, event, announcement or other
	URL   string    `json:"url,omitempty"`
	By    string    `json:"by"` // who noted it; the source's name where it is an activity
}

// AnnotationKinds lists what an annotation can be.
func AnnotationKinds() []string {
	return []string{"release", "outage", "event", "announcement", "other"}
}

// Validate says what is wrong with an annotation that somebody wants to add.
func (a *Annotation) Validate() error {
	a.Title, a.Kind, a.URL = strings.TrimSpace(a.Title), strings.TrimSpace(a.Kind), strings.TrimSpace(a.URL)
	if a.Kind == "" {
		a.Kind = "other"
	}
	switch {
	case a.Title == "":
		return greenroom.Errorf(greenroom.CodeInvalid, "say what happened, such as \"Release 2.4\"")
	case len(a.Title) > 200:
		return greenroom.Errorf(greenroom.CodeInvalid, "the title has more than 200 letters")
	case a.At.IsZero():
		return greenroom.Errorf(greenroom.CodeInvalid, "say when it happened")
	case !a.Until.IsZero() && a.Until.Before(a.At):
		return greenroom.Errorf(greenroom.CodeInvalid, "it ends before it begins")
	case a.URL != "" && !strings.HasPrefix(a.URL, "https://") && !strings.HasPrefix(a.URL, "http://"):
		return greenroom.Errorf(greenroom.CodeInvalid, "a link begins with https://")
	}
	for _, k := range AnnotationKinds() {
		if a.Kind == k {
			return nil
		}
	}
	return greenroom.Errorf(greenroom.CodeInvalid, "there is no kind %q; there are %s", a.Kind, strings.Join(AnnotationKinds(), ", "))
}
