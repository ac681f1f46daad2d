// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
)

// calibrationFolds is into how many parts the rows are cut to see how probable answers are that nobody trained on.
const calibrationFolds = 4

// Artifact fits all tasks to all rows and returns a model for [Open]. The same rows in the same order give the same
// bytes; the version is a hash of what was learned.
func (t *Trainer) Artifact() ([]byte, error) {
	if len(t.rows) == 0 {
		return nil, errors.New("there are no rows to train on")
	}
	var all [taskEnd]*fitted
	w := &weights{}
	known := map[uint64]bool{}
	for task := range taskEnd {
		m := t.fitTask(task, func(*sample) bool { return true })
		all[task] = m
		w.heat[task] = t.heat(task)
		k := len(taskLabels[task])
		for h, col := range m.columns {
			if strongest(m.weights[int(col)*k:int(col+1)*k]) >= keptWeight {
				known[h] = true
			}
		}
	}
	hashes := make([]uint64, 0, len(known))
	for h := range known {
		hashes = append(hashes, h)
	}
	slices.SortFunc(hashes, cmp.Compare[uint64])
	w.rows = make([]int16, len(hashes)*width)
	for task, m := range all {
		w.fill(Task(task), m, hashes)
	}
	for _, h := range hashes {
		if p := fingerprint(h); len(w.prints) > 0 && w.prints[len(w.prints)-1] == p {
			return nil, errors.New("two features share a fingerprint; more bits are needed")
		}
		w.prints = append(w.prints, fingerprint(h))
	}
	sum := fnv.New32a()
	for _, v := range w.rows {
		_, _ = sum.Write([]byte{byte(v), byte(v >> 8)}) // a hash takes everything
	}
	return encode(&Manifest{Version: fmt.Sprintf("base-%08x", sum.Sum32()), Features: len(hashes), Lexicon: len(t.lexicon.prints), Data: t.sources()}, w, t.lexicon)
}

// keptWeight is what one of a feature's weights has to reach for the feature to be kept.
const keptWeight = 0.03

func strongest(w []float64) float64 {
	var best float64
	for _, v := range w {
		best = max(best, math.Abs(v))
	}
	return best
}

// fill writes the weights of a task into the rows, as steps of a scale.
func (w *weights) fill(task Task, m *fitted, hashes []uint64) {
	k := len(taskLabels[task])
	top := strongest(m.weights)
	w.scale[task] = float32(max(top/math.MaxInt16, 0.002))
	for i, h := range hashes {
		col, ok := m.columns[h]
		if !ok {
			continue
		}
		for c := range k {
			w.rows[i*width+taskColumn[task]+c] = int16(math.Round(m.weights[int(col)*k+c] / float64(w.scale[task])))
		}
	}
	for c := range k {
		w.bias[taskColumn[task]+c] = float32(m.weights[len(m.weights)-k+c])
	}
}

// heat finds the temperature at which probabilities fit rows that were not trained on.
func (t *Trainer) heat(task Task) float32 {
	type answer struct {
		logits []float64
		label  uint8
	}
	var answers []answer
	number := map[*sample]int{}
	for i := range t.rows {
		if t.rows[i].task == task {
			number[&t.rows[i]] = len(number)
		}
	}
	for fold := range calibrationFolds {
		m := t.fitTask(task, func(s *sample) bool { return number[s]%calibrationFolds != fold })
		for i := range t.rows {
			if s := &t.rows[i]; s.task == task && number[s]%calibrationFolds == fold {
				answers = append(answers, answer{m.logits(s.feats), s.label})
			}
		}
	}
	best, least := 1.0, math.Inf(1)
	for heat := 0.5; heat < 4; heat *= 1.05 {
		var loss float64
		for _, a := range answers {
			p := make([]float64, len(a.logits))
			for i, l := range a.logits {
				p[i] = l / heat
			}
			normalize(p)
			loss -= math.Log(max(p[a.label], 1e-12))
		}
		if loss < least {
			best, least = heat, loss
		}
	}
	return float32(best)
}

// sources lists what the rows are from, sorted.
func (t *Trainer) sources() []Source {
	count := map[Source]int{}
	for i := range t.rows {
		s := &t.rows[i]
		count[Source{Task: s.task.String(), Name: s.source, License: s.license}]++
	}
	list := make([]Source, 0, len(count))
	for s, n := range count {
		s.Rows = n
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Source) int {
		return cmp.Or(cmp.Compare(a.Task, b.Task), cmp.Compare(a.Name, b.Name), cmp.Compare(a.License, b.License))
	})
	return list
}
