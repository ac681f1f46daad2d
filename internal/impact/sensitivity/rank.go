// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sensitivity

import (
	"cmp"
	"math"
	"slices"
)

// signedRanks are the ranks of the sizes of what is not 0, with its signs; equals share the mean of their ranks.
func signedRanks(values []float64) []float64 {
	kept := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return v == 0 || math.IsNaN(v) })
	slices.SortFunc(kept, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
	out := make([]float64, len(kept))
	for i := 0; i < len(kept); {
		j := i
		for j < len(kept) && math.Abs(kept[j]) == math.Abs(kept[i]) {
			j++
		}
		for k := i; k < j; k++ {
			out[k] = math.Copysign(float64(i+j+1)/2, kept[k])
		}
		i = j
	}
	return out
}
