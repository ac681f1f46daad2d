// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"slices"
)

// Figures say how well answers agree with the right ones.
type Figures struct {
	Accuracy  float64
	MacroF1   float64 // mean of the F1 of the classes that there are
	Classes   []Class // that are among the right answers
	Confusion [][]int // by right answer and by given answer, in the order of Labels
	Labels    []string
}

// Class is how well one label is found.
type Class struct {
	Label                 string
	Precision, Recall, F1 float64
	N                     int // how often it is the right answer
}

// figures counts answers; right and given are numbers of labels.
func figures(labels []string, right, given []uint8) Figures {
	f := Figures{Labels: slices.Clone(labels), Confusion: make([][]int, len(labels))}
	for i := range f.Confusion {
		f.Confusion[i] = make([]int, len(labels))
	}
	hits := 0
	for i := range right {
		f.Confusion[right[i]][given[i]]++
		if right[i] == given[i] {
			hits++
		}
	}
	if len(right) > 0 {
		f.Accuracy = float64(hits) / float64(len(right))
	}
	for l, label := range labels {
		c := Class{Label: label}
		said := 0
		for o := range labels {
			c.N += f.Confusion[l][o]
			said += f.Confusion[o][l]
		}
		if c.N == 0 {
			continue
		}
		hit := float64(f.Confusion[l][l])
		c.Recall = hit / float64(c.N)
		if said > 0 {
			c.Precision = hit / float64(said)
		}
		c.F1 = 2 * hit / float64(c.N+said)
		f.MacroF1 += c.F1
		f.Classes = append(f.Classes, c)
	}
	if len(f.Classes) > 0 {
		f.MacroF1 /= float64(len(f.Classes))
	}
	return f
}
