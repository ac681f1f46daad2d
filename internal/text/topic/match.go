// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import (
	"math"
	"strings"
)

// alike is how near two topics have to be to be one: the cosine of their terms.
const alike = 0.3

// number gives topics the numbers and names of those before that they are, and new ones to others.
func (m *Model) number(before *Model) {
	var old []Topic
	if before != nil {
		old = before.Topics
	}
	was := make([]int, len(m.Topics))
	for i := range was {
		was[i] = -1
	}
	if len(old) > 0 && len(m.Topics) > 0 {
		cost := make([][]float64, len(m.Topics))
		for i := range m.Topics {
			cost[i] = make([]float64, max(len(old), len(m.Topics)))
			for j := range old {
				cost[i][j] = -near(&m.Topics[i], &old[j])
			}
		}
		for i, j := range assignment(cost) {
			if j < len(old) && -cost[i][j] >= alike {
				was[i] = j
			}
		}
	}
	taken := make(map[string]bool)
	for i, j := range was {
		if j >= 0 {
			m.Topics[i].ID, m.Topics[i].Name = old[j].ID, old[j].Name
			taken[strings.ToLower(old[j].Name)] = true
		}
	}
	for i, j := range was {
		t := &m.Topics[i]
		if j < 0 {
			t.ID = m.NextID
			m.NextID++
			for k := 1; taken[strings.ToLower(t.Name)] && k < len(t.Terms); k++ {
				t.Name = upperFirst(t.Terms[0].Text + ", " + t.Terms[k].Text)
			}
			taken[strings.ToLower(t.Name)] = true
		}
		t.Terms = t.Terms[:min(len(t.Terms), matchedBy)]
	}
}

// near is the cosine of two topics' terms.
func near(a, b *Topic) float64 {
	weight := make(map[string]float64, len(a.Terms))
	var aa, bb, ab float64
	for _, t := range a.Terms {
		weight[t.Folded] = t.Weight
		aa += t.Weight * t.Weight
	}
	for _, t := range b.Terms {
		bb += t.Weight * t.Weight
		ab += t.Weight * weight[t.Folded]
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// assignment gives each row a column of its own so that the costs are least in all (the Hungarian method, after
// Jonker and Volgenant). There are at least as many columns as rows.
func assignment(cost [][]float64) []int {
	n, w := len(cost), len(cost[0])
	u, v := make([]float64, n+1), make([]float64, w+1)
	row, way := make([]int, w+1), make([]int, w+1)
	for i := 1; i <= n; i++ {
		row[0] = i
		at := 0
		least := make([]float64, w+1)
		for j := range least {
			least[j] = math.Inf(1)
		}
		used := make([]bool, w+1)
		for row[at] != 0 {
			used[at] = true
			i0, delta, next := row[at], math.Inf(1), 0
			for j := 1; j <= w; j++ {
				if used[j] {
					continue
				}
				if cur := cost[i0-1][j-1] - u[i0] - v[j]; cur < least[j] {
					least[j], way[j] = cur, at
				}
				if least[j] < delta {
					delta, next = least[j], j
				}
			}
			for j := range used {
				if used[j] {
					u[row[j]] += delta
					v[j] -= delta
				} else {
					least[j] -= delta
				}
			}
			at = next
		}
		for at != 0 {
			row[at] = row[way[at]]
			at = way[at]
		}
	}
	out := make([]int, n)
	for j := 1; j <= w; j++ {
		if row[j] > 0 {
			out[row[j]-1] = j - 1
		}
	}
	return out
}
