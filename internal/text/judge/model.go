// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	_ "embed" // the artifact
	"math"
	"sync"

	"greenroom/internal/text"
	"greenroom/internal/text/language"
	"greenroom/internal/text/prose"
	"greenroom/internal/text/question"
)

// artifact is the model that ships. `greenroom text train` writes it; see docs/text-models.md.
//
//go:embed base.bin
var artifact []byte

// Model reads messages. It is safe for concurrent use.
type Model struct {
	base     *weights
	manifest *Manifest
	team     *team // nil where nobody corrected anything
	lexicon  *lexicon
	words    *words
	cues     *cues
	forms    *forms
	readers  sync.Pool
}

// Default unpacks the model that ships, which takes some tens of milliseconds and some ten megabytes: once is enough.
func Default() (*Model, error) { return Open(artifact) }

// Open unpacks a model that training wrote.
func Open(data []byte) (*Model, error) {
	manifest, base, lexicon, err := decode(data)
	if err != nil {
		return nil, err
	}
	return &Model{base: base, manifest: manifest, lexicon: lexicon, words: newWords(), cues: newCues(phrases[:]), forms: newForms()}, nil
}

// Shipped is the artifact that Default unpacks.
func Shipped() []byte { return artifact }

// Version changes whenever answers can change: "base-1", or "base-1+team-0f3a9c21" with a team's corrections.
func (m *Model) Version() string {
	if m.team == nil {
		return m.base.version
	}
	return m.base.version + "+" + m.team.version
}

// Manifest says what the base was trained on.
func (m *Model) Manifest() Manifest { return *m.manifest }

// Bytes is about how much memory the model takes.
func (m *Model) Bytes() int {
	n := 2*len(m.base.rows) + 8*len(m.base.prints) + 12*len(m.base.table.keys) + 12*len(m.lexicon.table.keys) + len(m.lexicon.valences)
	if m.team != nil {
		n += 4*len(m.team.rows) + 8*len(m.team.prints) + 12*len(m.team.table.keys)
	}
	return n
}

func (m *Model) borrow() *reader {
	if r, ok := m.readers.Get().(*reader); ok {
		return r
	}
	return &reader{words: m.words, cues: m.cues, forms: m.forms, moods: m.lexicon}
}

// Classify answers a task, whatever the language and however unsure: the label, and how probable it is.
func (m *Model) Classify(task Task, msg text.Message) (label string, p float64) {
	r := m.borrow()
	defer m.readers.Put(r)
	r.readFor(task, msg)
	l := m.logits(r.feats)
	answers := l.of(task)
	normalize(answers)
	best, _ := top(answers)
	return taskLabels[task][best], float64(answers[best])
}

// logits of a message's features, with what the team taught.
func (m *Model) logits(feats []feature) logits {
	l := m.base.sum(feats)
	if m.team != nil {
		m.team.add(feats, &l)
	}
	return l
}

// top returns the greatest and the second of some probabilities.
func top[F float32 | float64](p []F) (best, second int) {
	second = -1
	for i := 1; i < len(p); i++ {
		switch {
		case p[i] > p[best]:
			best, second = i, best
		case second < 0 || p[i] > p[second]:
			second = i
		}
	}
	return best, second
}

// When an answer is unsure. The figures were chosen where, on sources left out, an answer below them is wrong about as
// often as it is right.
const (
	surelyCategory  = 0.38
	surelySentiment = 0.44
	surelyAhead     = 0.07 // how far ahead of the second answer
	surelyShort     = 0.6  // of a message of one word
	surelyForeign   = 0.75 // how probable another language has to be for models of English to be silent
)

// Read judges a message.
func (m *Model) Read(msg text.Message) text.Reading {
	r := m.borrow()
	defer m.readers.Put(r)
	r.read(msg)
	l := m.logits(r.feats)
	var got text.Reading
	category, sentiment, asks := l.of(TaskCategory), l.of(TaskSentiment), l.of(TaskQuestion)
	normalize(category)
	normalize(sentiment)
	normalize(asks)
	code, p := language.Detect(whole(msg))
	got.Language = code
	foreign := code != "" && code != english && p >= surelyForeign
	silent := r.content == 0 || foreign
	c, second := top(category)
	got.CategoryP = category[c]
	if !silent && sure(category[c], category[second], surelyCategory, r.content) {
		got.Category = text.Category(c + 1)
	}
	s, second := top(sentiment)
	got.SentimentP = sentiment[s]
	if !silent && sure(sentiment[s], sentiment[second], surelySentiment, r.content) {
		got.Sentiment = text.Sentiment(s + 1)
	}
	got.Strength = float32(math.Max(-1, math.Min(1, (float64(sentiment[2]-sentiment[0])+r.mood.compound)/2)))
	if got.Question = asks[1] >= 0.5; foreign {
		got.Question = question.Is(msg.Title, msg.Body)
	}
	got.Urgency = r.urgency(text.Category(c+1), got.Question)
	return got
}

// english is the language that the models know.
const english = "en"

// whole is a message as one text.
func whole(msg text.Message) string {
	if msg.Title == "" {
		return msg.Body
	}
	return msg.Title + "\n" + msg.Body
}

// sure reports whether an answer can be given.
func sure(p, second float32, least float32, content int) bool {
	if content == 1 {
		least = max(least, surelyShort)
	}
	return p >= least && p-second >= surelyAhead
}

// hasContent reports whether a token says something by themselves.
func hasContent(k prose.Kind) bool {
	return k == prose.Word || k == prose.Emoji || k == prose.Emoticon
}
