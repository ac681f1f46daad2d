// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package orbit

import "math"

// Strengths of an interaction in version 2, as its example has them: talking to each other, and having been in the same
// place.
const (
	Direct   = 10.0
	Indirect = 1.0
	// IdleDecay is what is left of a connection's strength after a month without an interaction.
	IdleDecay = 0.9
)

// Strength is a connection's strength after so many idle months.
func Strength(strength float64, idleMonths int) float64 {
	return strength * math.Pow(IdleDecay, float64(max(idleMonths, 0)))
}

// Reach is a member's reach in version 2: the sum of the strengths of their connections.
func Reach(strengths []float64) float64 {
	sum := 0.0
	for _, s := range strengths {
		sum += s
	}
	return sum
}

// Density is the share of possible connections that there are: edges / (n(n-1)/2); 0 with fewer than two members.
func Density(members, connections int) float64 {
	if members < 2 {
		return 0
	}
	return float64(connections) / (float64(members) * float64(members-1) / 2)
}

// Degrees is, for each member, to how many others they are connected; pairs holds each connection once. A member's
// second degree counts those within two connections, each once.
func Degrees(pairs [][2]int64) (first, second map[int64]int) {
	near := make(map[int64]map[int64]bool)
	link := func(a, b int64) {
		if near[a] == nil {
			near[a] = make(map[int64]bool)
		}
		near[a][b] = true
	}
	for _, p := range pairs {
		if p[0] != p[1] {
			link(p[0], p[1])
			link(p[1], p[0])
		}
	}
	first, second = make(map[int64]int, len(near)), make(map[int64]int, len(near))
	for m, others := range near {
		seen := map[int64]bool{m: true}
		for o := range others {
			seen[o] = true
			for far := range near[o] {
				seen[far] = true
			}
		}
		first[m], second[m] = len(others), len(seen)-1
	}
	return first, second
}
