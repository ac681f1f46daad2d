// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"slices"

	"greenroom/internal/text/prose"
)

// Task is one of the questions that a model answers of a message.
type Task uint8

// The tasks.
const (
	TaskCategory Task = iota
	TaskSentiment
	TaskIssue // bug, feature or question, for the tickets of an issue tracker
	TaskQuestion
	taskEnd
)

var taskNames = [taskEnd]string{"category", "sentiment", "issue_type", "question"}

// labels of each task, in the order of their columns.
var taskLabels = [taskEnd][]string{
	{"question", "bug", "feature", "praise", "announcement", "introduction", "job", "other"},
	{"negative", "neutral", "positive"},
	{"bug", "feature", "question"},
	{"0", "1"},
}

// first column of each task in a row of weights, and the width of a row.
var taskColumn = [...]int{0, 8, 11, 14, 16}

const width = 16

// Tasks lists the tasks.
func Tasks() []Task { return []Task{TaskCategory, TaskSentiment, TaskIssue, TaskQuestion} }

// String is the task as the command line writes it.
func (t Task) String() string { return taskNames[t] }

// Labels are the answers that a task has.
func (t Task) Labels() []string { return slices.Clone(taskLabels[t]) }

// ParseTask reads what String writes.
func ParseTask(s string) (Task, bool) {
	i := slices.Index(taskNames[:], s)
	return Task(max(i, 0)), i >= 0
}

// lexicon has the valences of words, emoji and emoticons, in tenths from -39 to 39.
type lexicon struct {
	table    table
	valences []int8
}

func (l *lexicon) valence(h uint64) float64 {
	if l == nil || len(l.valences) == 0 {
		return 0
	}
	row, ok := l.table.find(fingerprint(h))
	if !ok {
		return 0
	}
	return float64(l.valences[row]) / 10
}

// tokenHash is the hash by which a word of the lexicon is found, 0 if the text is not one token that can have a valence.
func tokenHash(r *prose.Reader, s string) uint64 {
	tokens := r.Read("", s)
	if len(tokens) == 2 && tokens[1].Kind == prose.Break {
		tokens = tokens[:1]
	}
	if len(tokens) != 1 {
		return 0
	}
	switch t := tokens[0]; t.Kind {
	case prose.Word, prose.Emoji, prose.Emoticon:
		return hashText(t.Kind, t.Lower)
	default:
		return 0
	}
}

// weights are what was learned: for each feature a row, for each label of each task a column.
type weights struct {
	table   table
	prints  []uint64 // in rising order, by row
	rows    []int16  // width for each feature
	scale   [taskEnd]float32
	bias    [width]float32
	heat    [taskEnd]float32 // temperature: logits are divided by it before they become probabilities
	version string
}

// logits are what a model says of a message, before they are made probabilities.
type logits [width]float32

func (l *logits) of(t Task) []float32 { return l[taskColumn[t]:taskColumn[t+1]] }

// sum adds up the weights of features.
func (w *weights) sum(feats []feature) (l logits) {
	var acc [width]float32
	for _, f := range feats {
		row, ok := w.table.find(fingerprint(f.hash))
		if !ok {
			continue
		}
		at := (*[width]int16)(w.rows[int(row)*width:])
		for c, v := range at {
			acc[c] += float32(v) * f.value
		}
	}
	for t := range taskEnd {
		for c := taskColumn[t]; c < taskColumn[t+1]; c++ {
			l[c] = (acc[c]*w.scale[t] + w.bias[c]) / w.heat[t]
		}
	}
	return l
}
