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
			r.rivals(rec, list, edges, -1, func(a, b uint32) float64 { return r.linked(a, b, edges, x) }, func(k uint32, w float32) {
				end := 0
				if edges[k].b == rec {
					end = 1
				}
				share[k][end] = w
			})
		}
	})
	for i := range edges {
		if w := max(share[i][0], share[i][1]); w > 0 {
			edges[i].takeOff(w)
			r.outdone[pairKey(edges[i].a, edges[i].b)] = w
		}
	}
}

// rivals sets the candidates of one record against each other; linked says how
// probable it is that two of them are one person. It calls take with what each
// edge loses, or only the one numbered, where that is no less than 0.
func (r *Result) rivals(rec uint32, list []uint32, edges []edge, only int, linked func(a, b uint32) float64, take func(edge uint32, weight float32)) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b uint32) int { return edges[a].before(edges[b]) })
	list = list[:min(len(list), maxRivals)]
	odds := make([]float64, len(list))
	best := map[uint64]float64{} // by whoever the candidates stand for
	for i, k := range list {
		odds[i] = math.Exp(r.model.logOdds(float64(edges[k].raw)))
		who := r.profiles[edges[k].other(rec)].entity()
		best[who] = max(best[who], odds[i])
	}
	for i, k := range list {
		if only >= 0 && k != uint32(only) {
			continue
		}
		one := edges[k].other(rec)
		who, sum := r.profiles[one].entity(), 0.0
		counted := map[uint64]bool{who: true}
		for j, l := range list {
			two := edges[l].other(rec)
			if rival := r.profiles[two].entity(); !counted[rival] && r.conflict(one, two) {
				counted[rival] = true
				sum += odds[j] * (1 - linked(one, two))
			}
		}
		// What another account of the same person wins stands for this one.
		if left := min(odds[i], best[who]/(1+sum)); left < odds[i] {
			take(k, float32(math.Log(odds[i]/left)/r.model.w.slope))
		}
	}
}

// takeOff notes what rivals take off an edge.
func (e *edge) takeOff(w float32) {
	e.rivals = w
	e.raw -= w
	e.weight = e.raw
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
