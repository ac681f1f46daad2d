// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package understand

import (
	"time"

	"greenroom"
	"greenroom/internal/text"
)

// Judge reads messages. It is safe for concurrent use and gives the same reading for the same message.
type Judge interface {
	Read(msg text.Message) text.Reading
	// Version changes when answers can change.
	Version() string
}

// School makes judges.
type School interface {
	// Base is the judge that every Greenroom begins with.
	Base() (Judge, error)
	// Learn trains a judge on corrections, and says how much it gains. Data is what Load makes it of again.
	Learn(corrections []text.Correction) (judge Judge, data []byte, gain Gain, err error)
	// Load makes a judge of what Learn gave; it fails where the base is not the one that it was trained on.
	Load(data []byte) (Judge, error)
}

// Gain says how well two judges read the same corrected messages: the base one, and one that was trained on them, each
// message being judged by one that had not seen it.
type Gain struct {
	N         int    `json:"n"` // corrections
	Category  Change `json:"category"`
	Sentiment Change `json:"sentiment"`
}

// Change is one task before and after training.
type Change struct {
	Before Figures `json:"before"`
	After  Figures `json:"after"`
	// Used tells that what was learned is in the model; it is not where the corrections are too few, or the model would not
	// have been better with it.
	Used bool `json:"used"`
}

// Figures say how well one task was done over messages whose right label is known.
type Figures struct {
	N         int      `json:"n"`        // messages with a known label
	Accuracy  float64  `json:"accuracy"` // the share that was right, 0 to 1
	MacroF1   float64  `json:"macro_f1"` // the mean of F1 over the labels that occur
	Unsure    int      `json:"unsure"`   // of N: the judge left them open, which counts as wrong
	Labels    []string `json:"labels"`   // of Confusion, and of Classes
	Classes   []Class  `json:"classes"`
	Confusion [][]int  `json:"confusion"` // by right label, then by label read; both in the order of Labels
}

// Class is how well one label was read.
type Class struct {
	Label     string  `json:"label"`
	N         int     `json:"n"`         // messages that have it
	Precision float64 `json:"precision"` // of those read as it, the share that has it; 0 where none was
	Recall    float64 `json:"recall"`    // of those that have it, the share read as it
	F1        float64 `json:"f1"`
}

// Text is a message as it is stored, to be read.
type Text struct {
	ID      int64 // of the activity
	Kind    greenroom.Kind
	ReplyTo string
	Title   string
	Body    string
	Deleted bool
}

// Reading is what holds of a message, and what was read.
type Reading struct {
	ActivityID int64          `json:"activity_id"`
	Category   text.Category  `json:"category"`  // what holds: a correction before what was read
	Sentiment  text.Sentiment `json:"sentiment"` // likewise
	Urgency    text.Urgency   `json:"urgency"`
	Question   bool           `json:"question"` // it asks something, whatever its category
	Language   string         `json:"language"` // ISO 639-1; "" = cannot be told
	Strength   float64        `json:"strength"` // of the sentiment: -1 to 1
	Read       Read           `json:"read"`
	Correction *Correction    `json:"correction,omitempty"` // the one that holds
}

// Read is what a judge made of a message.
type Read struct {
	Category   text.Category  `json:"category"`
	CategoryP  float64        `json:"category_p"` // how probable, 0 to 1
	Sentiment  text.Sentiment `json:"sentiment"`
	SentimentP float64        `json:"sentiment_p"`
	Judge      string         `json:"judge"` // its version
}

// Correction is what a person said of a message. What is unsure was left as it was read.
type Correction struct {
	ID         int64          `json:"id"`
	ActivityID int64          `json:"activity_id"`
	Category   text.Category  `json:"category"`
	Sentiment  text.Sentiment `json:"sentiment"`
	By         string         `json:"by"`
	At         time.Time      `json:"at"`
	UndoneAt   time.Time      `json:"undone_at,omitzero"`
}

// Corrected is a message with what holds of it, for training and for the report.
type Corrected struct {
	Text
	Category  text.Category
	Sentiment text.Sentiment
	Read      Read // "" as Judge where it was not read yet
}

// Model is a model that was trained on the team's corrections.
type Model struct {
	ID          int64     `json:"id"`
	Version     string    `json:"version"`
	Base        string    `json:"base"` // the version of the base model that it was trained on
	TrainedAt   time.Time `json:"trained_at"`
	By          string    `json:"by"`
	Corrections int       `json:"corrections"` // that it was trained on
	Gain        Gain      `json:"gain"`
	Active      bool      `json:"active"`
	Size        int       `json:"size"` // bytes
}

// Position says how far reading has come.
type Position struct {
	Last   int64  // all activities up to this one were read
	Change int64  // all changes up to this one were looked at
	Again  int64  // activities up to this one are still to be read by Judge; 0 = none
	Judge  string // the version of who reads; "" = nobody has read yet
	Until  int64  // up to here derived state goes, and reading can
}

// Left is how many activities are still to be looked at, those without a text among them.
func (p *Position) Left() int64 { return max(0, p.Until-p.Last) + p.Again }

// Batch is what is written in one transaction: readings, the messages that have none any more, and the positions.
type Batch struct {
	From, To Position // From has to hold when it is written
	Readings []Reading
	Gone     []int64 // activities without a text now
}

// Coverage counts readings.
type Coverage struct {
	Messages   int64            `json:"messages"` // that were looked at: the newest ones
	Unsure     int64            `json:"unsure"`   // whose category is left open
	Corrected  int64            `json:"corrected"`
	Categories map[string]int64 `json:"categories"`
	Sentiments map[string]int64 `json:"sentiments"`
	Languages  []Language       `json:"languages"` // the most frequent first
}

// Language counts the readings of one language.
type Language struct {
	Code     string `json:"code"` // ISO 639-1; "" = cannot be told
	Messages int64  `json:"messages"`
	Unsure   int64  `json:"unsure"`
}
