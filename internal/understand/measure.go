// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package understand

// Judged is one message whose right label is known: what it is and what it was read as, as positions in a list of labels.
// Read below 0 is unsure.
type Judged struct{ Right, Read int }

// Measure says how well messages were read. Being unsure is wrong.
func Measure(labels []string, all []Judged) Figures {
	f := Figures{N: len(all), Labels: labels, Confusion: make([][]int, len(labels)), Classes: make([]Class, len(labels))}
	read := make([]int, len(labels)) // how many were read as each label
	for i := range f.Confusion {
		f.Confusion[i] = make([]int, len(labels))
	}
	right := 0
	for _, j := range all {
		if j.Right < 0 || j.Right >= len(labels) {
			f.N--
			continue
		}
		f.Classes[j.Right].N++
		if j.Read < 0 || j.Read >= len(labels) {
			f.Unsure++
			continue
		}
		f.Confusion[j.Right][j.Read]++
		read[j.Read]++
		if j.Right == j.Read {
			right++
		}
	}
	if f.N > 0 {
		f.Accuracy = float64(right) / float64(f.N)
	}
	occur := 0
	for i := range f.Classes {
		c := &f.Classes[i]
		c.Label = labels[i]
		hits := float64(f.Confusion[i][i])
		if read[i] > 0 {
			c.Precision = hits / float64(read[i])
		}
		if c.N > 0 {
			c.Recall = hits / float64(c.N)
			occur++
		}
		if c.Precision+c.Recall > 0 {
			c.F1 = 2 * c.Precision * c.Recall / (c.Precision + c.Recall)
		}
		if c.N > 0 {
			f.MacroF1 += c.F1
		}
	}
	if occur > 0 {
		f.MacroF1 /= float64(occur)
	}
	return f
}
