// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"

	"greenroom/internal/analytics"
)

// Between is a member over whom the shortest ways between other members lead: who holds parts of the community together,
// and whose leaving would part them.
type Between struct {
	Member int64   `json:"member"`
	Name   string  `json:"name"`
	Staff  bool    `json:"staff"`
	Pairs  float64 `json:"pairs"` // of other members; where several ways are as short, they count in parts
	Share  float64 `json:"share"` // of all pairs of other members
	Degree int     `json:"degree"`
}

const (
	betweenShown = 15
	// betweenSteps bounds how many steps along connections are taken; with more to take, ways are followed from a sample of
	// the members only.
	betweenSteps = 200_000_000
	betweenLeast = 100 // members in the sample
)

// betweenness is each member's betweenness: the number of pairs of others whose shortest way leads over them (Freeman, A Set
// of Measures of Centrality Based on Betweenness, 1977), by Brandes' algorithm (A Faster Algorithm for Betweenness
// Centrality, 2001). Every connection is as long as any other. Where the ways from all members would take more than so many
// steps, they are followed from a sample of them and scaled up (Brandes and Pich, 2007); sampled is of how many, 0 = all.
func (g *graph) betweenness(steps int) (pairs map[int64]float64, sampled int) {
	ids := make([]int64, 0, len(g.links))
	for id := range g.links {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	index := make(map[int64]int32, len(ids))
	for i, id := range ids {
		index[id] = int32(i) //nolint:gosec // members are fewer than 2³¹
	}
	w := newWays(len(ids))
	ends := 0
	for i, id := range ids {
		for other := range g.links[id] {
			w.next[i] = append(w.next[i], index[other])
		}
		slices.Sort(w.next[i])
		ends += len(w.next[i])
	}
	from := len(ids)
	if most := max(betweenLeast, steps/max(1, len(ids)+ends)); most < from {
		from, sampled = most, most
	}
	// The same sample every time, so that the page does not change by itself.
	for _, s := range rand.New(rand.NewPCG(1, uint64(len(ids)))).Perm(len(ids))[:from] { //nolint:gosec // it needs no secrecy
		w.follow(int32(s)) //nolint:gosec // likewise
	}
	pairs = make(map[int64]float64, len(ids))
	for i, id := range ids {
		// Each pair was met from both of its ends.
		pairs[id] = w.sum[i] / 2 * float64(len(ids)) / float64(max(1, from))
	}
	return pairs, sampled
}

// ways is what Brandes' algorithm keeps.
type ways struct {
	next  [][]int32 // whom each is connected to
	sum   []float64 // what has come together of each
	dist  []int32
	count []float64 // shortest ways from the source
	part  []float64 // of the ways behind, those that lead over each
	order []int32   // by distance
}

func newWays(n int) *ways {
	return &ways{next: make([][]int32, n), sum: make([]float64, n), dist: make([]int32, n), count: make([]float64, n), part: make([]float64, n), order: make([]int32, 0, n)}
}

// follow adds what the shortest ways from one member lead over.
func (w *ways) follow(s int32) {
	for i := range w.dist {
		w.dist[i], w.count[i], w.part[i] = -1, 0, 0
	}
	w.dist[s], w.count[s] = 0, 1
	w.order = append(w.order[:0], s)
	for at := 0; at < len(w.order); at++ {
		v := w.order[at]
		for _, u := range w.next[v] {
			if w.dist[u] < 0 {
				w.dist[u] = w.dist[v] + 1
				w.order = append(w.order, u)
			}
			if w.dist[u] == w.dist[v]+1 {
				w.count[u] += w.count[v]
			}
		}
	}
	for at := len(w.order) - 1; at > 0; at-- { // the farthest first; the source itself is on no way
		u := w.order[at]
		for _, v := range w.next[u] {
			if w.dist[v] == w.dist[u]-1 {
				w.part[v] += w.count[v] / w.count[u] * (1 + w.part[u])
			}
		}
		w.sum[u] += w.part[u]
	}
}

// between lists the members over whom most ways lead.
func (s *Service) between(ctx context.Context, g *graph, crowd *analytics.Crowd) (all []Between, sampled int, err error) {
	g.once.Do(func() { g.pairs, g.sampled = g.betweenness(betweenSteps) })
	n := float64(len(g.links))
	all = []Between{}
	for id, pairs := range g.pairs {
		if pairs > 1e-9 {
			all = append(all, Between{Member: id, Staff: crowd.Staff(id), Pairs: pairs, Share: min(1, pairs/((n-1)*(n-2)/2)), Degree: len(g.links[id])})
		}
	}
	slices.SortFunc(all, func(a, b Between) int { return cmp.Or(cmp.Compare(b.Pairs, a.Pairs), cmp.Compare(a.Member, b.Member)) })
	all = all[:min(len(all), betweenShown)]
	ids := make([]int64, len(all))
	for i := range all {
		ids[i] = all[i].Member
	}
	names, err := s.names(ctx, ids)
	for i := range all {
		all[i].Name = names[all[i].Member]
	}
	return all, g.sampled, err
}
