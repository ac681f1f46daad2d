// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// tie connects pairs of members.
func tie(pairs ...[2]int64) *graph {
	g := &graph{links: make(map[int64]map[int64]link)}
	for _, p := range pairs {
		for _, ab := range [][2]int64{p, {p[1], p[0]}} {
			if g.links[ab[0]] == nil {
				g.links[ab[0]] = make(map[int64]link)
			}
			g.links[ab[0]][ab[1]] = link{out: 1}
		}
	}
	return g
}

// TestBetweennessByHand has networks whose betweenness can be counted on paper.
func TestBetweennessByHand(t *testing.T) {
	for name, tt := range map[string]struct {
		g    *graph
		want map[int64]float64
	}{
		// Over 2 lead 1-3, 1-4, 1-5; over 3 lead 1-4, 1-5, 2-4, 2-5; over 4 lead 1-5, 2-5, 3-5.
		"a line":            {tie([2]int64{1, 2}, [2]int64{2, 3}, [2]int64{3, 4}, [2]int64{4, 5}), map[int64]float64{1: 0, 2: 3, 3: 4, 4: 3, 5: 0}},
		"a star":            {tie([2]int64{1, 2}, [2]int64{1, 3}, [2]int64{1, 4}), map[int64]float64{1: 3, 2: 0, 3: 0, 4: 0}},
		"a square":          {tie([2]int64{1, 2}, [2]int64{2, 3}, [2]int64{3, 4}, [2]int64{4, 1}), map[int64]float64{1: 0.5, 2: 0.5, 3: 0.5, 4: 0.5}},
		"two without a way": {tie([2]int64{1, 2}, [2]int64{3, 4}, [2]int64{4, 5}), map[int64]float64{1: 0, 2: 0, 3: 0, 4: 1, 5: 0}},
		"nobody":            {tie(), map[int64]float64{}},
	} {
		got, sampled := tt.g.betweenness(betweenSteps)
		if sampled != 0 || len(got) != len(tt.want) {
			t.Errorf("%s: %v, sampled %d", name, got, sampled)
		}
		for id, want := range tt.want {
			if math.Abs(got[id]-want) > 1e-9 {
				t.Errorf("%s: %v for %d, want %v", name, got[id], id, want)
			}
		}
	}
}

// TestBetweennessBrute compares with counting all shortest ways of small networks one by one.
func TestBetweennessBrute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(2, 7).Draw(t, "members")
		var pairs [][2]int64
		for a := int64(1); a <= n; a++ {
			for b := a + 1; b <= n; b++ {
				if rapid.Bool().Draw(t, "tied") {
					pairs = append(pairs, [2]int64{a, b})
				}
			}
		}
		g := tie(pairs...)
		got, _ := g.betweenness(betweenSteps)
		var walks func(a, b int64, steps int) float64 // ways of so many steps
		walks = func(a, b int64, steps int) float64 {
			if steps == 0 {
				if a == b {
					return 1
				}
				return 0
			}
			sum := 0.0
			for c := range g.links[a] {
				sum += walks(c, b, steps-1)
			}
			return sum
		}
		shortest := func(a, b int64) (int, float64) {
			for steps := range int(n) {
				if w := walks(a, b, steps); w > 0 {
					return steps, w
				}
			}
			return -1, 0
		}
		for v := range g.links {
			want := 0.0
			for a := range g.links {
				for b := range g.links {
					d, all := shortest(a, b)
					d1, w1 := shortest(a, v)
					d2, w2 := shortest(v, b)
					if a < b && a != v && b != v && d > 0 && d1 > 0 && d2 > 0 && d1+d2 == d {
						want += w1 * w2 / all
					}
				}
			}
			if math.Abs(got[v]-want) > 1e-9 {
				t.Fatalf("%v: %v for %d, want %v", pairs, got[v], v, want)
			}
		}
	})
}

// TestBetweennessSampled estimates a large star from a hundred of its members: over its center lead all 299 · 298 / 2 pairs.
func TestBetweennessSampled(t *testing.T) {
	var pairs [][2]int64
	for id := int64(2); id <= 300; id++ {
		pairs = append(pairs, [2]int64{1, id})
	}
	got, sampled := tie(pairs...).betweenness(1)
	if want := 299.0 * 298 / 2; sampled != betweenLeast || math.Abs(got[1]/want-1) > 0.02 || got[2] != 0 {
		t.Errorf("%v and %v from %d, want %v", got[1], got[2], sampled, want)
	}
}
