// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"slices"
	"strings"
)

// edge is a pair of records that may be one person.
type edge struct {
	a, b uint32
	raw  float32 // weight by the pair's own evidence
	// weight is raw with the objections of clusters, once those were heard.
	weight float32
	// conflict is the part of the weight that conflicting names took away.
	conflict float32
	rivals   float32 // the part that other candidates took off
}

func newEdge(a, b uint32, v *verdict) edge {
	return edge{a: a, b: b, raw: float32(v.weight), weight: float32(v.weight), conflict: float32(v.conflict)}
}

// before orders edges strongest first; ties fall to the order of records, so
// that the result does not depend on the order in which edges were found.
func (e edge) before(o edge) int {
	switch {
	case e.weight > o.weight:
		return -1
	case e.weight < o.weight:
		return 1
	case e.a != o.a:
		return int(e.a) - int(o.a)
	}
	return int(e.b) - int(o.b)
}

// forest holds the clusters while they grow: a union-find whose roots know
// their members and, taken together, what those have.
type forest struct {
	profiles []profile
	parent   []uint32
	members  map[uint32][]uint32 // of roots with two members or more
	united   map[uint32]*profile // the same
	apart    map[uint32][]uint32 // decided not to be the same, by record
}

func newForest(profiles []profile) *forest {
	f := &forest{
		profiles: profiles, parent: make([]uint32, len(profiles)),
		members: map[uint32][]uint32{}, united: map[uint32]*profile{}, apart: map[uint32][]uint32{},
	}
	for i := range f.parent {
		f.parent[i] = uint32(i)
	}
	return f
}

func (f *forest) root(x uint32) uint32 {
	for f.parent[x] != x {
		f.parent[x] = f.parent[f.parent[x]]
		x = f.parent[x]
	}
	return x
}

// top is root without shortening paths, for use by several goroutines.
func (f *forest) top(x uint32) uint32 {
	for f.parent[x] != x {
		x = f.parent[x]
	}
	return x
}

// of returns the members of the cluster with the given root, in order of
// joining; the slice must not be changed.
func (f *forest) of(root uint32) []uint32 {
	if m := f.members[root]; m != nil {
		return m
	}
	return []uint32{root}
}

// join unites two clusters under the smaller root.
func (f *forest) join(a, b uint32) {
	if a > b {
		a, b = b, a
	}
	u := uniteProfiles(f.profile(a), f.profile(b))
	large, small := f.of(a), f.of(b)
	if len(large) < len(small) {
		large, small = small, large
	}
	if len(large) == 1 {
		large = []uint32{a} // of may have lent a slice of its own
	}
	f.members[a], f.united[a] = append(large, small...), u
	delete(f.members, b)
	delete(f.united, b)
	f.parent[b] = a
}

// profile returns what is known of a cluster as one profile.
func (f *forest) profile(root uint32) *profile {
	if u := f.united[root]; u != nil {
		return u
	}
	return &f.profiles[root]
}

// separated reports whether a decision keeps two clusters apart.
func (f *forest) separated(a, b uint32) bool {
	if len(f.apart) == 0 {
		return false
	}
	x, y := f.of(a), f.of(b)
	if len(x) > len(y) {
		x, b = y, a
	}
	for _, r := range x {
		for _, other := range f.apart[r] {
			if f.root(other) == b {
				return true
			}
		}
	}
	return false
}

// decide applies decisions, the latest first, skipping those that contradict
// a later one.
func (f *forest) decide(decisions []Decision, find func(id string) (uint32, bool)) {
	for _, d := range sortDecisions(decisions) {
		a, okA := find(d.A)
		b, okB := find(d.B)
		if !okA || !okB || a == b {
			continue
		}
		ra, rb := f.root(a), f.root(b)
		switch {
		case d.Same && ra != rb && !f.separated(ra, rb):
			f.join(ra, rb)
		case !d.Same && ra != rb:
			f.apart[a] = append(f.apart[a], b)
			f.apart[b] = append(f.apart[b], a)
		}
	}
}

// sortDecisions puts the latest first; at equal times those that keep apart.
func sortDecisions(decisions []Decision) []Decision {
	sorted := slices.Clone(decisions)
	slices.SortFunc(sorted, func(x, y Decision) int {
		if c := y.Time.Compare(x.Time); c != 0 {
			return c
		}
		if x.Same != y.Same {
			if y.Same {
				return -1
			}
			return 1
		}
		if c := strings.Compare(min(x.A, x.B), min(y.A, y.B)); c != 0 {
			return c
		}
		return strings.Compare(max(x.A, x.B), max(y.A, y.B))
	})
	return sorted
}

// objection is what two clusters say against being joined that the pair at
// hand does not: the worst conflict of names, and different account numbers.
func (m *model) objection(x, y *profile, e edge) float64 {
	worst := 0.0
	for i := range x.names {
		for j := range y.names {
			a, b := &x.names[i], &y.names[j]
			if a.kind < nameSplit || b.kind < nameSplit {
				continue
			}
			if t := m.judgeFull(a, b); nameLevel(t.level).conflicts() {
				worst = min(worst, t.weight)
			}
		}
	}
	worst = min(0, worst-float64(e.conflict))
	var v verdict
	m.judgeNumbers(x, y, &v)
	return worst + min(0, v.weight)
}

// grow joins clusters along edges, the strongest first, wherever the weight
// stays at or above the threshold after objections. It calls merged for each
// join, and returns the edges that were not taken, with objections in them.
func (f *forest) grow(m *model, edges []edge, threshold float64, merged func(edge)) []edge {
	for i := range edges {
		edges[i].weight = edges[i].raw
	}
	slices.SortFunc(edges, edge.before)
	var left []edge
	for _, e := range edges {
		a, b := f.root(e.a), f.root(e.b)
		if a == b || f.separated(a, b) {
			continue
		}
		if len(f.of(a)) > 1 || len(f.of(b)) > 1 {
			e.weight += float32(m.objection(f.profile(a), f.profile(b), e))
		}
		if float64(e.weight) < threshold {
			left = append(left, e)
			continue
		}
		merged(e)
		f.join(a, b)
	}
	return left
}

// placeOne joins one record to at most one cluster: a newcomer must not glue
// two clusters together that stood apart, before all is judged again.
func (f *forest) placeOne(m *model, self uint32, edges []edge, threshold float64, joined func(edge)) []edge {
	slices.SortFunc(edges, edge.before)
	var left []edge
	done := false
	for _, e := range edges {
		a := f.root(e.a)
		if a == f.root(self) {
			continue
		}
		if len(f.of(a)) > 1 {
			e.weight += float32(m.objection(f.profile(a), &f.profiles[self], e))
		}
		if done || float64(e.weight) < threshold {
			left = append(left, e)
			continue
		}
		joined(e)
		f.join(a, self)
		done = true
	}
	return left
}

// Bounds on what is gathered of a cluster.
const (
	maxUnitedNames   = 8
	maxUnitedHandles = 16
	maxUnitedMails   = 24
)

// uniteProfiles gathers what two profiles have, the first one's things first.
// Where the second adds nothing, the first one's lists are shared.
func uniteProfiles(a, b *profile) *profile {
	u := *a
	u.names = slices.Clip(a.names)
	for i := range b.names {
		if n := &b.names[i]; len(u.names) < maxUnitedNames && !slices.ContainsFunc(u.names, func(o name) bool {
			return o.joined == n.joined && o.kind >= n.kind
		}) {
			u.names = append(u.names, *n)
		}
	}
	u.handles = slices.Clip(a.handles)
	for _, h := range b.handles {
		if len(u.handles) < maxUnitedHandles && !slices.ContainsFunc(u.handles, func(o handle) bool { return o.id == h.id }) {
			u.handles = append(u.handles, h)
		}
	}
	u.mails = slices.Clip(a.mails)
	for _, m := range b.mails {
		if len(u.mails) < maxUnitedMails && !slices.ContainsFunc(u.mails, func(o mail) bool { return o.addr == m.addr }) {
			u.mails = append(u.mails, m)
		}
	}
	u.accounts = slices.Clip(a.accounts)
	for _, x := range b.accounts {
		if len(u.accounts) < maxUnitedMails && !slices.Contains(u.accounts, x) {
			u.accounts = append(u.accounts, x)
		}
	}
	if u.about == nil {
		u.about = b.about
	}
	u.bot, u.reads = a.bot || b.bot, a.reads || b.reads
	if !u.hasZone {
		u.offset, u.hasZone = b.offset, b.hasZone
	}
	if u.from == 0 || (b.from != 0 && b.from < u.from) {
		u.from = b.from
	}
	u.to = max(u.to, b.to)
	return &u
}
