// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"cmp"
	"maps"
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

// Folds cuts the rows of each source into n parts, answers each part by a model that was trained on the other parts of all
// sources, and returns the scores by source; the last is over all. What may not be trained on is only answered, and what
// we wrote ourselves only trained on.
func (t *Trainer) Folds(task Task, n int, trained func(source, license string) bool) []Score {
	type pair struct{ right, given []uint8 }
	bySource, fold := map[string]*pair{}, map[*sample]int{}
	for i := range t.rows {
		if s := &t.rows[i]; s.task == task && !strings.HasPrefix(s.source, seedPrefix) {
			fold[s] = len(fold) % n
			bySource[s.source] = &pair{}
		}
	}
	use := map[string]bool{}
	for k := range n {
		m := t.fitTask(task, func(s *sample) bool {
			of, ok := fold[s]
			return trained(s.source, s.license) && (!ok || of != k)
		})
		for i := range t.rows {
			s := &t.rows[i]
			if of, ok := fold[s]; ok && of == k {
				best, _ := top(m.logits(s.feats))
				p := bySource[s.source]
				p.right, p.given = append(p.right, s.label), append(p.given, uint8(best))
				use[s.source] = trained(s.source, s.license)
			}
		}
	}
	var scores []Score
	var all pair
	for _, name := range slices.Sorted(maps.Keys(bySource)) {
		p := bySource[name]
		scores = append(scores, Score{Task: task, Source: name, Trained: use[name], Figures: figures(taskLabels[task], p.right, p.given)})
		all.right, all.given = append(all.right, p.right...), append(all.given, p.given...)
	}
	return append(scores, Score{Task: task, Source: "all", Figures: figures(taskLabels[task], all.right, all.given)})
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
