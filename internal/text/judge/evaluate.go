// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"cmp"
	"slices"
	"strings"
)

// Score is how well rows of one source are answered.
type Score struct {
	Task    Task
	Source  string
	Trained bool // other rows of the source were trained on, of which none where it is left out
	Figures Figures
}

// Leave trains a task once for each source, without the rows of that source, and answers those. Sources that trained
// names are all that models are trained on: what measures only is never among them. What we wrote ourselves is trained on
// and not measured. The last score is over all.
func (t *Trainer) Leave(task Task, trained func(source, license string) bool) []Score {
	names := map[string]bool{}
	for i := range t.rows {
		if s := &t.rows[i]; s.task == task && !strings.HasPrefix(s.source, seedPrefix) {
			names[s.source] = names[s.source] || trained(s.source, s.license)
		}
	}
	sorted := make([]string, 0, len(names))
	for n := range names {
		sorted = append(sorted, n)
	}
	slices.SortFunc(sorted, cmp.Compare[string])
	var whole *fitted
	var scores []Score
	var right, given []uint8
	for _, name := range sorted {
		m := whole
		if names[name] || whole == nil {
			m = t.fitTask(task, func(s *sample) bool { return trained(s.source, s.license) && s.source != name })
			if !names[name] {
				whole = m
			}
		}
		var r, g []uint8
		for i := range t.rows {
			if s := &t.rows[i]; s.task == task && s.source == name {
				best, _ := top(m.logits(s.feats))
				r, g = append(r, s.label), append(g, uint8(best))
			}
		}
		scores = append(scores, Score{Task: task, Source: name, Trained: names[name], Figures: figures(taskLabels[task], r, g)})
		right, given = append(right, r...), append(given, g...)
	}
	return append(scores, Score{Task: task, Source: "all", Figures: figures(taskLabels[task], right, given)})
}

// Measure answers rows with a model as it ships, by source; the last score is over all.
func (m *Model) Measure(task Task, rows []Row) []Score {
	bySource := map[string][2][]uint8{}
	var names []string
	for i := range rows {
		r := &rows[i]
		label := slices.Index(taskLabels[task], r.Label)
		if r.Task != task || label < 0 {
			continue
		}
		got, _ := m.Classify(task, message(r.Text))
		pair, ok := bySource[r.Source]
		if !ok {
			names = append(names, r.Source)
		}
		pair[0] = append(pair[0], uint8(label))
		pair[1] = append(pair[1], uint8(slices.Index(taskLabels[task], got)))
		bySource[r.Source] = pair
	}
	slices.Sort(names)
	var scores []Score
	var right, given []uint8
	for _, n := range names {
		pair := bySource[n]
		scores = append(scores, Score{Task: task, Source: n, Figures: figures(taskLabels[task], pair[0], pair[1])})
		right, given = append(right, pair[0]...), append(given, pair[1]...)
	}
	return append(scores, Score{Task: task, Source: "all", Figures: figures(taskLabels[task], right, given)})
}
