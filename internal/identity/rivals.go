// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"math"
	"slices"
)

// maxRivals is how many candidates of one record are set against each other,
// the strongest first.
const maxRivals = 32

// incidence lists, record by record, the edges it is part of.
type incidence struct {
	starts []uint32
	edges  []uint32
}

func (x *incidence) of(rec uint32) []uint32 { return x.edges[x.starts[rec]:x.starts[rec+1]] }

func newIncidence(edges []edge, records int) *incidence {
	x := &incidence{starts: make([]uint32, records+2), edges: make([]uint32, 2*len(edges))}
	for i := range edges {
		x.starts[edges[i].a+2]++
		x.starts[edges[i].b+2]++
	}
	for i := 1; i < len(x.starts); i++ {
		x.starts[i] += x.starts[i-1]
	}
	for i := range edges {
		for _, rec := range [2]uint32{edges[i].a, edges[i].b} {
			x.edges[x.starts[rec+1]] = uint32(i)
			x.starts[rec+1]++
		}
	}
	return x
}

// weighRivals takes off each edge what other candidates of its two records
// take: a login "jane" goes with every Jane here, but belongs to one of them.
// Candidates of a record without a full name are rivals when theirs conflict;
// where it has one, the conflict is weighed already. The odds of one, when at
// most one can be right, are its own divided by one and those of its rivals.
func (r *Result) weighRivals(edges []edge) {
	x := newIncidence(edges, len(r.profiles))
	share := make([][2]float32, len(edges)) // what each end takes off
	parallel(len(r.profiles), r.engine.cfg.Workers, func(_, i int) {
		rec := uint32(i)
		if list := x.of(rec); len(list) > 1 && r.profiles[i].best() < nameInitial {
			r.rivals(rec, list, edges, x, share)
		}
	})
	for i := range edges {
		edges[i].rivals = max(share[i][0], share[i][1])
		edges[i].raw -= edges[i].rivals
		edges[i].weight = edges[i].raw
	}
}

// rivals sets the candidates of one record against each other.
func (r *Result) rivals(rec uint32, list []uint32, edges []edge, x *incidence, share [][2]float32) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b uint32) int { return edges[a].before(edges[b]) })
	list = list[:min(len(list), maxRivals)]
	for _, k := range list {
		one, sum := edges[k].other(rec), 0.0
		counted := map[uint64]bool{}
		for _, l := range list {
			two := edges[l].other(rec)
			who := r.profiles[two].entity()
			if l == k || counted[who] || !r.conflict(one, two) {
				continue
			}
			counted[who] = true
			sum += math.Exp(r.model.logOdds(float64(edges[l].raw))) * (1 - r.linked(one, two, edges, x))
		}
		if sum > 0 {
			end := 0
			if edges[k].b == rec {
				end = 1
			}
			share[k][end] = float32(math.Log1p(sum) / r.model.w.slope)
		}
	}
}

func (e *edge) other(rec uint32) uint32 {
	if e.a == rec {
		return e.b
	}
	return e.a
}

// conflict reports whether two records bear full names of two people.
func (r *Result) conflict(a, b uint32) bool {
	met := false
	for i := range r.profiles[a].names {
		for j := range r.profiles[b].names {
			x, y := &r.profiles[a].names[i], &r.profiles[b].names[j]
			if x.kind < nameInitial || y.kind < nameInitial {
				continue
			}
			if !compareNames(x, y, r.model.vocab).level.conflicts() {
				return false
			}
			met = true
		}
	}
	return met
}

// linked is the probability that two records are one person by their edge.
func (r *Result) linked(a, b uint32, edges []edge, x *incidence) float64 {
	for _, k := range x.of(a) {
		if edges[k].other(a) == b {
			return r.model.probability(float64(edges[k].raw))
		}
	}
	return 0
}
