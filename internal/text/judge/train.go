// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
)

// Row is a message with the right answer to a task, to train on or to measure with.
type Row struct {
	Task    Task
	Text    string
	Label   string
	Source  string // where it is from; a source is left out as a whole when a model is measured
	License string // SPDX identifier
}

// Trainer trains models on rows. It reads each row once, however many models are fitted.
type Trainer struct {
	rows    []sample
	lexicon *lexiconData
	reader  reader
	names   map[uint64][3]uint64 // what each feature is, to find two that share a hash
	clash   error
}

// sample is a row that was read.
type sample struct {
	task            Task
	label           uint8
	source, license string
	feats           []feature
}

// NewTrainer starts training with the valences of words, emoji and emoticons, from -4 to 4.
func NewTrainer(valences map[string]float64) *Trainer {
	t := &Trainer{names: map[uint64][3]uint64{}}
	byHash := map[uint64]float64{}
	words := make([]string, 0, len(valences))
	for w := range valences {
		words = append(words, w)
	}
	sort.Strings(words)
	for _, w := range words {
		if h := tokenHash(&t.reader.prose, w); h != 0 {
			if _, ok := byHash[h]; !ok {
				byHash[h] = valences[w]
			}
		}
	}
	t.lexicon = lexiconOf(byHash)
	t.reader.words, t.reader.cues, t.reader.forms, t.reader.moods = newWords(), newCues(phrases[:]), newForms(), t.lexicon.lexicon()
	t.reader.note = t.remember
	return t
}

// remember keeps what a feature is, and finds hashes that two features share.
func (t *Trainer) remember(h uint64, is [3]uint64) {
	before, ok := t.names[h]
	if !ok {
		t.names[h] = is
	} else if before != is && t.clash == nil {
		t.clash = fmt.Errorf("the features %x and %x share the hash %x", before, is, h)
	}
}

// Add reads rows. A label that the task does not have is an error.
func (t *Trainer) Add(rows []Row) error {
	for i := range rows {
		r := &rows[i]
		label := slices.Index(taskLabels[r.Task], r.Label)
		if label < 0 {
			return fmt.Errorf("row %d of %s: %s has no label %q, only %s", i+1, r.Source, r.Task, r.Label, strings.Join(taskLabels[r.Task], ", "))
		}
		t.reader.readFor(r.Task, message(r.Text))
		t.rows = append(t.rows, sample{
			task: r.Task, label: uint8(label), source: r.Source, license: r.License, feats: slices.Clone(t.reader.feats),
		})
	}
	return t.clash
}

// fitting is how the rows of a task are fitted.
type fitting struct {
	lambda float64 // how strongly weights are held to zero
	steps  int
	least  int     // in how many rows a feature has to be
	rare   float64 // how much more a rare feature counts than a common one: the power of its inverse document frequency
	power  float64 // see rowWeights
}

// fittings by task, found by leaving out one source after another.
var fittings = [taskEnd]fitting{
	TaskCategory:  {lambda: 5e-4, steps: 60, least: 2, rare: 0.5, power: 0.5},
	TaskSentiment: {lambda: 2e-4, steps: 60, least: 2, power: 0.5},
	TaskIssue:     {lambda: 1e-3, steps: 60, least: 2, rare: 1, power: 0.5},
	TaskQuestion:  {lambda: 1e-4, steps: 60, least: 2, power: 0.5},
}

// rarityUnit is the logarithm of the rarity at which a feature counts as it stands: one row in twenty has it.
const rarityUnit = 3

// fitted is a model of one task, before it is made small.
type fitted struct {
	task    Task
	columns map[uint64]uint32
	weights []float64
}

// fitTask fits a model of one task to the rows that keep takes.
func (t *Trainer) fitTask(task Task, keep func(*sample) bool) *fitted {
	set := fittings[task]
	in := map[uint64]int32{}
	var rows []*sample
	for i := range t.rows {
		if s := &t.rows[i]; s.task == task && keep(s) {
			rows = append(rows, s)
			for _, f := range s.feats {
				in[f.hash]++
			}
		}
	}
	hashes := make([]uint64, 0, len(in))
	for h, n := range in {
		if int(n) >= set.least {
			hashes = append(hashes, h)
		}
	}
	slices.Sort(hashes)
	m := &fitted{task: task, columns: make(map[uint64]uint32, len(hashes))}
	for i, h := range hashes {
		m.columns[h] = uint32(i)
	}
	rarity := make([]float32, len(hashes))
	for i, h := range hashes {
		rarity[i] = float32(math.Pow(math.Log(float64(len(rows)+1)/float64(in[h]))/rarityUnit, set.rare))
	}
	ex := &examples{classes: len(taskLabels[task]), features: len(hashes)}
	weigh := rowWeights(rows, ex.classes, set.power)
	var cols []uint32
	var vals []float32
	for i, s := range rows {
		cols, vals = cols[:0], vals[:0]
		for _, f := range s.feats {
			if c, ok := m.columns[f.hash]; ok {
				cols, vals = append(cols, c), append(vals, f.value*rarity[c])
			}
		}
		ex.add(cols, vals, s.label, weigh[i], nil)
	}
	m.weights = fit(ex, set.lambda, set.steps)
	for c, v := range rarity { // so that whoever reads a message need not know how rare its features are
		for i := range ex.classes {
			m.weights[c*ex.classes+i] *= float64(v)
		}
	}
	return m
}

// rowWeights lets small sources and small classes count: a cell (source and class) of n rows weighs as n^power does, and
// then all classes weigh the same.
func rowWeights(rows []*sample, classes int, power float64) []float32 {
	type cell struct {
		source string
		label  uint8
	}
	count := map[cell]int{}
	for _, s := range rows {
		count[cell{s.source, s.label}]++
	}
	w := make([]float32, len(rows))
	sums := make([]float64, classes)
	for i, s := range rows {
		v := math.Pow(float64(count[cell{s.source, s.label}]), power-1) * trust(s.task, s.source)
		w[i] = float32(v)
		sums[s.label] += v
	}
	for i, s := range rows {
		w[i] *= float32(float64(len(rows)) / float64(classes) / sums[s.label])
	}
	return w
}

// seedPrefix begins the names of the sources that we wrote.
const seedPrefix = "seed_"

// trust is how much a row of a source counts: what we wrote is what communities write, each message for itself, while
// public sets have labels by rule or by people who knew the thread.
func trust(task Task, source string) float64 {
	switch {
	case !strings.HasPrefix(source, seedPrefix):
		return 1
	case task == TaskIssue:
		return 1 // tickets are labeled by those who keep the project
	case task == TaskSentiment:
		return 2
	default:
		return 4
	}
}

// logits of a sample.
func (m *fitted) logits(feats []feature) []float64 {
	k := len(taskLabels[m.task])
	out := slices.Clone(m.weights[len(m.weights)-k:])
	for _, f := range feats {
		if c, ok := m.columns[f.hash]; ok {
			for i := range out {
				out[i] += m.weights[int(c)*k+i] * float64(f.value)
			}
		}
	}
	return out
}
