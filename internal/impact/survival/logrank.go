// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survival

import (
	"fmt"

	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/linear"
)

// Difference is what the log-rank test says.
type Difference struct {
	ChiSquare float64   `json:"chi_square"`
	Freedom   int       `json:"freedom"`
	P         float64   `json:"p"`
	Observed  []int     `json:"observed"` // events, by group
	Expected  []float64 `json:"expected"` // if the groups did not differ
}

// LogRank tests whether the curves of groups differ. It has most power where one hazard is a constant multiple of the
// other, and little where curves cross. It takes two groups at least, and fails with [ErrCases] or [linear.ErrSingular].
func LogRank(groups ...[]Case) (Difference, error) {
	k := len(groups)
	d := Difference{Freedom: k - 1, Observed: make([]int, k), Expected: make([]float64, k)}
	for _, g := range groups {
		if err := check(g); err != nil {
			return d, fmt.Errorf("compare survival curves: %w", err)
		}
	}
	v := make([][]float64, k)
	for i := range v {
		v[i] = make([]float64, k)
	}
	for _, m := range table(groups) {
		n, e := 0, 0
		for g := range groups {
			n += m.waiting[g]
			e += m.events[g]
		}
		if e == 0 {
			continue
		}
		for a := range groups {
			share := float64(m.waiting[a]) / float64(n)
			d.Observed[a] += m.events[a]
			d.Expected[a] += share * float64(e)
			if n == 1 {
				continue
			}
			scale := float64(e) * float64(n-e) / float64(n-1) * share
			v[a][a] += scale
			for b := range groups {
				v[a][b] -= scale * float64(m.waiting[b]) / float64(n)
			}
		}
	}
	for i := range v[:k-1] {
		v[i] = v[i][:k-1]
	}
	inverse, err := linear.Inverse(v[:k-1])
	if err != nil {
		return d, fmt.Errorf("compare survival curves: %w", err)
	}
	for a := range k - 1 {
		for b := range k - 1 {
			d.ChiSquare += (float64(d.Observed[a]) - d.Expected[a]) * inverse[a][b] * (float64(d.Observed[b]) - d.Expected[b])
		}
	}
	d.P = chance.ChiSquareAbove(d.ChiSquare, float64(d.Freedom))
	return d, nil
}
