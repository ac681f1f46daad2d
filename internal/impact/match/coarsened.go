// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Bins is how a covariate is coarsened where nobody says how.
type Bins int

// The automatic bins.
const (
	Sturges Bins = iota // log2(n) + 1 bins of equal width
	Scott               // bins of 3.5 standard deviations by the cube root of n
)

// Cuts gives the points at which each covariate is cut, by themselves. Somebody who knows the covariate cuts better: 0, 1 to
// 2, 3 and more activities, say. A covariate with at most distinct values keeps them all.
func Cuts(units []Unit, bins Bins, distinct int) [][]float64 {
	if len(units) == 0 {
		return nil
	}
	out := make([][]float64, len(units[0].Before))
	for j := range out {
		values := make([]float64, len(units))
		for i, u := range units {
			values[i] = u.Before[j]
		}
		slices.Sort(values)
		low, high := values[0], values[len(values)-1]
		_, variance := spread(len(units), func(i int) (float64, float64) { return values[i], 1 })
		if all := slices.Compact(slices.Clone(values)); len(all) <= distinct {
			out[j] = all[1:]
			continue
		}
		n := math.Ceil(math.Log2(float64(len(units))) + 1)
		if bins == Scott {
			n = 1
			if h := 3.5 * math.Sqrt(variance) * math.Pow(float64(len(units)), -1.0/3); h > 0 {
				n = max(1, math.Ceil((high-low)/h))
			}
		}
		for b := 1; b < int(n); b++ {
			out[j] = append(out[j], low+(high-low)*float64(b)/n)
		}
	}
	return out
}

// cell names the cell that a unit lies in. A value at a cut belongs to what is above.
func cell(u Unit, cuts [][]float64) string {
	var b strings.Builder
	for j, v := range u.Before {
		at := 0
		if j < len(cuts) {
			at, _ = slices.BinarySearch(cuts[j], v)
			if at < len(cuts[j]) && cuts[j][at] == v {
				at++
			}
		}
		b.WriteString(strconv.Itoa(at))
		b.WriteByte(' ')
	}
	return b.String()
}

// Coarsened compares within cells. cuts has, for each covariate, the points at which it is cut, ascending; one without cuts
// is not matched on. The others of a cell count together as much as the exposed in it; all weights of others add up to how
// many they are, as Iacus, King and Porro have it.
func Coarsened(units []Unit, cuts [][]float64) (*Matching, error) {
	exposed, err := count(units)
	if err != nil {
		return nil, fmt.Errorf("match on coarsened covariates: %w", err)
	}
	m := &Matching{Method: "coarsened exact matching", Weights: make([]float64, len(units)), Sets: make([]int, len(units)), Exposed: exposed}
	type tally struct{ set, exposed, others int }
	cells := make(map[string]*tally)
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = cell(u, cuts)
		t := cells[names[i]]
		if t == nil {
			t = &tally{}
			cells[names[i]] = t
		}
		if u.Exposed {
			t.exposed++
		} else {
			t.others++
		}
	}
	sets := 0
	for i := range units {
		t := cells[names[i]]
		if t.exposed == 0 || t.others == 0 {
			continue
		}
		if t.set == 0 {
			sets++
			t.set = sets
			m.Kept += t.exposed
			m.Others += t.others
		}
		m.Sets[i] = t.set
	}
	if m.Kept == 0 {
		return nil, fmt.Errorf("match on coarsened covariates: %w", ErrNoLikes)
	}
	for i, u := range units {
		t := cells[names[i]]
		switch {
		case m.Sets[i] == 0:
		case u.Exposed:
			m.Weights[i] = 1
		default:
			m.Weights[i] = float64(t.exposed) / float64(t.others) * float64(m.Others) / float64(m.Kept)
		}
	}
	return m, nil
}

// Imbalance is L1: half the sum, over all cells, of by how much the share of the exposed in it differs from that of the
// others. 0 = the two lie alike, 1 = they share no cell. matching is nil for the units as they are. The cells have to be the
// same for what is compared.
func Imbalance(units []Unit, cuts [][]float64, matching *Matching) float64 {
	cells := make(map[string][2]float64)
	var sum [2]float64
	for i, u := range units {
		w, side := 1.0, 0
		if matching != nil {
			w = matching.Weights[i]
		}
		if u.Exposed {
			side = 1
		}
		name := cell(u, cuts)
		c := cells[name]
		c[side] += w
		sum[side] += w
		cells[name] = c
	}
	names := make([]string, 0, len(cells))
	for name := range cells {
		names = append(names, name)
	}
	slices.Sort(names)
	l1 := 0.0
	for _, name := range names {
		l1 += math.Abs(cells[name][0]/sum[0]-cells[name][1]/sum[1]) / 2
	}
	return l1
}
